/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The primitives of floor 0 in portable C11, without assembly: the reference
 * that a proof engineer reads.  Any target can choose it with -DHLOCK_ARCH_C11.
 *
 * Each memory order says which event it keeps before which, which lemma of
 * machine/relaxed/lock_words.v it is needed by, and which wrong locks of
 * machine/cases/c11_cases.v are without it.  The theorem: main/hardware.v.  The
 * instructions that gcc and clang make of these orders are compared with a fixed
 * table in test/orders.
 *
 * Trap: gcc and clang for aarch64-linux turn the fetch-and-add into a call of a
 * libgcc function, unless they get -mno-outline-atomics or -march=armv8.1-a.
 * Read next: ../../L1_ticket/ticket.h.
 */
#ifndef HLOCK_MACHINE_H
#error "include layers/L0_machine/machine.h, which chooses the architecture"
#endif
#ifndef HLOCK_ARCH_H
#define HLOCK_ARCH_H

static inline uint32_t incr_ticket(uint32_t lk)
{
	/* acquire: the taker of the ticket before it sees what it polls afterwards;
	 * release: what a CPU did before it took a ticket, its last incr_now above
	 * all, before the taker of each later ticket polls.  Both together keep a
	 * poll from reading a `now` that is 2^32 releases old.
	 * needed by: took_sound; that it is one step: one_takes
	 * wrong: ticket_release_only, ticket_acquire_only, ticket_relaxed; ticket_load_store */
	return atomic_fetch_add_explicit(&hlock_words[lk].next, 1U, memory_order_acq_rel);
}

static inline uint32_t get_now(uint32_t lk)
{
	/* acquire: the poll that sees my turn before my critical section
	 * needed by: poll_after_all
	 * wrong: poll_relaxed; the C has a data race then: relaxed_poll_races */
	return atomic_load_explicit(&hlock_words[lk].now, memory_order_acquire);
}

static inline void incr_now(uint32_t lk)
{
	/* relaxed: only the holder writes `now`, so nobody comes between load and store.
	 * needed by: no lemma; that it reads the last store: holder_sound, reads_newest */
	uint32_t now = atomic_load_explicit(&hlock_words[lk].now, memory_order_relaxed);

	/* release: my critical section before the poll that sees the new value
	 * needed by: poll_after_all
	 * wrong: store_relaxed; the C has a data race then: relaxed_store_races */
	atomic_store_explicit(&hlock_words[lk].now, now + 1U, memory_order_release);
}

static inline void cpu_relax(void)
{
	/* C11 has no name for "I am spinning": the loop is correct without it */
}

#endif
