/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The primitives of floor 0 in x86-64 instructions.
 *
 * What it gains over c11.h: PAUSE in the spin loop (20 to 30 per cent more
 * hand-overs under contention) and a release of one instruction.  The other two
 * are what compilers make of c11.h, written out so that the whole contract with
 * the CPU stands here.
 *
 * x86 keeps every order that c11.h asks for (a load is an acquire, a store is a
 * release, a locked instruction is both), so what is left is to keep the
 * compiler from moving accesses: hence "memory" in each clobber list.  The lemmas that
 * an order is needed by are in machine/relaxed/lock_words.v, the one wrong lock in
 * machine/cases/x86_cases.v, the theorem in main/hardware.v.
 * Read next: ../../L1_ticket/ticket.h.
 */
#ifndef HLOCK_MACHINE_H
#error "include layers/L0_machine/machine.h, which chooses the architecture"
#endif
#ifndef HLOCK_ARCH_H
#define HLOCK_ARCH_H

static inline uint32_t incr_ticket(uint32_t lk)
{
	uint32_t ticket = 1U;

	/* acquire and release: a locked instruction is ordered with all accesses around it
	 * needed by: took_sound; that it is one step: one_takes
	 * wrong: without the prefix, ticket_without_lock */
	__asm__ volatile("lock xaddl %0, %1"
			 : "+r"(ticket), "+m"(hlock_words[lk].next)
			 : : "memory", "cc");
	return ticket;
}

static inline uint32_t get_now(uint32_t lk)
{
	uint32_t now;

	/* acquire: no later access passes a load, so none is wrong
	 * needed by: poll_after_all */
	__asm__ volatile("movl %1, %0" : "=r"(now) : "m"(hlock_words[lk].now) : "memory");
	return now;
}

static inline void incr_now(uint32_t lk)
{
	/* release: a store passes no earlier access.  The instruction has no lock
	 * prefix: it is a load and then a store, which is enough, because only the
	 * holder writes `now`; the prefix would double the cost of an uncontended
	 * acquire and release.  No store is wrong here, either.
	 * needed by: poll_after_all; that the load needs no order: holder_sound, reads_newest */
	__asm__ volatile("incl %0" : "+m"(hlock_words[lk].now) : : "memory", "cc");
}

/* Cold: then gcc puts the wait out of the way of an acquire that need not wait. */
__attribute__((cold)) static inline void cpu_relax(void)
{
	/* "memory" asks for nothing here: the poll is volatile already */
	__asm__ volatile("pause");
}

#endif
