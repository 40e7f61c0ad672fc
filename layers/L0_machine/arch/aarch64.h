/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The primitives of floor 0 in A64 instructions.
 *
 * What it gains over c11.h: a waiting CPU sleeps (WFE) until the line of its lock
 * is written, and no compiler option is needed to avoid outline atomics.  Armv8.0
 * takes a ticket by an exclusive pair; a compiler that may use LSE
 * (-march=armv8.1-a, which defines __ARM_FEATURE_ATOMICS) gets one instruction.
 *
 * The orders are those of c11.h: A of LDAXR and LDADDAL is acquire, L of STLXR,
 * STLR and LDADDAL is release.  "memory" keeps the compiler from moving accesses.
 * The lemmas that an order is needed by are in machine/relaxed/lock_words.v, the wrong
 * locks without it in machine/cases/armv8_cases.v, the theorem in main/hardware.v.
 * Read next: ../../../doc/wfe.md, why no wake-up is lost.
 */
#ifndef HLOCK_MACHINE_H
#error "include layers/L0_machine/machine.h, which chooses the architecture"
#endif
#ifndef HLOCK_ARCH_H
#define HLOCK_ARCH_H

static inline uint32_t incr_ticket(uint32_t lk)
{
	uint32_t ticket;

	/* acquire: the load before all that follows, my polls above all; release: what
	 * this CPU did, its last incr_now above all, before the store of the new next
	 * needed by: took_sound; that it is one step: one_takes
	 * wrong: ticket_by_LDXR_STXR, ticket_by_LDADD, ticket_by_LDAR_STLR; without one of
	 * the orders, with another poll or store: ticket_by_LDXR, ticket_by_LDADDL,
	 * ticket_by_STXR; with these the other orders make up for it: lent_by_L_po_A */
#ifdef __ARM_FEATURE_ATOMICS
	__asm__ volatile("ldaddal %w2, %w0, %1"
			 : "=r"(ticket), "+Q"(hlock_words[lk].next)
			 : "r"(1U)
			 : "memory");
#else
	uint32_t after, failed;

	__asm__ volatile("1:	ldaxr	%w0, %3\n"
			 "	add	%w1, %w0, #1\n"
			 "	stlxr	%w2, %w1, %3\n"
			 "	cbnz	%w2, 1b"
			 : "=&r"(ticket), "=&r"(after), "=&r"(failed), "+Q"(hlock_words[lk].next)
			 : : "memory");
#endif
	return ticket;
}

static inline uint32_t get_now(uint32_t lk)
{
	uint32_t now;

	/* acquire: the poll that sees my turn before my critical section.  Exclusive,
	 * because only that arms the monitor which ends the WFE of cpu_relax.
	 * needed by: poll_after_all
	 * wrong: poll_by_LDR, poll_by_LDR_LSE, poll_before_DMB_ISHST */
	__asm__ volatile("ldaxr %w0, %1" : "=r"(now) : "Q"(hlock_words[lk].now) : "memory");
	return now;
}

static inline void incr_now(uint32_t lk)
{
	uint32_t now;

	/* The load is relaxed, and not exclusive: only the holder writes `now`, so nobody
	 * comes between load and store.  release: my critical section before the poll that
	 * sees the new value.  The store clears the monitors of those who wait, which
	 * wakes them.
	 * needed by: poll_after_all; that the load needs no order: holder_sound, reads_newest
	 * wrong: store_by_STR, store_by_STR_early, store_after_DMB_ISHLD,
	 * store_after_DMB_ISHST */
	__asm__ volatile("ldr	%w0, %1\n\t"
			 "add	%w0, %w0, #1\n\t"
			 "stlr	%w0, %1"
			 : "=&r"(now), "+Q"(hlock_words[lk].now)
			 : : "memory");
}

/* Cold: then gcc puts the wait out of the way of an acquire that need not wait. */
__attribute__((cold)) static inline void cpu_relax(void)
{
	/* Called only after a poll that failed: sleeps until the line that it read is
	 * written, or for less long */
	__asm__ volatile("wfe" : : : "memory");
}

#endif
