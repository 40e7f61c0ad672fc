/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Acquire and release with their records around them.  The stamp of `called` is
 * taken before acquire is called, that of `entered` after it returned, that of
 * `left` before release begins: so if the lock is right, no stamp of a section
 * can lie in another section of the same lock.
 *
 * With `entered` goes the ticket.  The caller of acquire is not told it, but `now`
 * shows it while the caller is inside: only the holder changes that word.
 *
 * The tally of a lock is written by its holder only; it tells the phases when a
 * lock has been contended often enough.  The counts of the verdict are made
 * from the trace (record.c), not from the tally.
 */
#include "stress.h"

#include <sched.h>

#include "../../layers/L0_machine/machine.h"

static const double patience = 50e-6; /* seconds */

/* Waits a little for another CPU to take a step, as a holder does that is
 * interrupted; if the others wait for us, they take none. */
void linger(const struct cpu *cpu)
{
	uint64_t steps = stamps();
	double start;

	if (!cpu->linger)
		return;
	start = now();
	do
		sched_yield();
	while (stamps() == steps && now() - start < patience);
}

static struct {
	alignas(64) uint64_t left; /* stamp: when the last holder left */
	_Atomic uint64_t acquisitions, contended;
} tally[HLOCK_LOCKS];

static void add_one(_Atomic uint64_t *counter)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

/* Relaxed: the recorder must not order what the lock fails to order. */
static uint32_t ticket_in_service(uint32_t lock)
{
	return atomic_load_explicit(&hlock_words[lock].now, memory_order_relaxed);
}

void enter(struct cpu *cpu, uint32_t lock)
{
	uint64_t called;

	atomic_store_explicit(&cpu->waiting_for, lock, memory_order_relaxed);
	called = record(cpu, CALLED, lock, 0);
	acquire(lock);
	record(cpu, ENTERED, lock, ticket_in_service(lock));
	atomic_store_explicit(&cpu->inside[lock], true, memory_order_relaxed);
	atomic_store_explicit(&cpu->waiting_for, -1, memory_order_relaxed);
	add_one(&tally[lock].acquisitions);
	if (tally[lock].left > called)
		add_one(&tally[lock].contended);
}

void leave(struct cpu *cpu, uint32_t lock)
{
	atomic_store_explicit(&cpu->inside[lock], false, memory_order_relaxed);
	tally[lock].left = record(cpu, LEFT, lock, 0);
	release(lock);
}

uint64_t acquisitions(uint32_t lock)
{
	return atomic_load_explicit(&tally[lock].acquisitions, memory_order_relaxed);
}

uint64_t contended(uint32_t lock)
{
	return atomic_load_explicit(&tally[lock].contended, memory_order_relaxed);
}
