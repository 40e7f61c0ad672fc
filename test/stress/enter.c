/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Acquire and release with their records around them.  The stamp of `called` is
 * taken before acquire is called, that of `entered` after it returned, that of
 * `left` before release begins: so if the lock is right, no stamp of a section
 * can lie in another section of the same lock.
 *
 * With `entered` goes the ticket.  The caller of acquire is not told it, but `now`
 * shows it while the caller is inside: only the holder changes that word.
 */
#include "stress.h"

#include "../../layers/L0_machine/machine.h"

/* Relaxed, both: the recorder must not order what the lock fails to order. */
static uint32_t ticket_in_service(uint32_t lock)
{
	return atomic_load_explicit(&hlock_words[lock].now, memory_order_relaxed);
}

uint32_t tickets_out(uint32_t lock)
{
	return atomic_load_explicit(&hlock_words[lock].next, memory_order_relaxed) - ticket_in_service(lock);
}

/* Release: who sees that this CPU waits takes a later stamp than that of `called`.
 * It orders nothing of a section before this one that the lock has to order. */
void enter(struct cpu *cpu, uint32_t lock)
{
	record(cpu, CALLED, lock, 0, 0);
	atomic_store_explicit(&cpu->waiting_for, lock, memory_order_release);
	if (cpu->partner)
		start_interrupts();
	acquire(lock);
	if (cpu->partner)
		stop_interrupts();
	record(cpu, ENTERED, lock, 0, ticket_in_service(lock));
	atomic_store_explicit(&cpu->inside[lock], true, memory_order_relaxed);
	atomic_store_explicit(&cpu->waiting_for, -1, memory_order_relaxed);
}

void leave(struct cpu *cpu, uint32_t lock)
{
	atomic_store_explicit(&cpu->inside[lock], false, memory_order_relaxed);
	record(cpu, LEFT, lock, 0, 0);
	release(lock);
}
