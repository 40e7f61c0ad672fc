/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The primitives of floor 0 in RISC-V instructions (RV64 with the A extension).
 *
 * What it gains over c11.h: the pause hint in the wait, and with gcc 12, which makes a
 * full fence of an acquire load and an atomic exchange of a release store, the
 * instructions that the RISC-V manual names.  clang makes these of C11 by itself, and
 * then knows that their results are sign-extended, which saves instructions.
 *
 * The base instruction set has no load-acquire and no store-release: a fence
 * stands after the load, or before the store.  "memory" keeps the compiler from
 * moving accesses.  The lemmas that an order is needed by are in
 * machine/relaxed/lock_words.v, the wrong locks without it in
 * machine/cases/riscv_cases.v, the theorem in main/hardware.v.
 *
 * -DHLOCK_RISCV_FENCE_AFTER_RELEASE, off by default: a fence after the store of a release,
 * for cores on which a lone store may stay in the store buffer for long while no other
 * store follows, so that those who wait do not see it.  Reported of XuanTie C910 and C920
 * (SG2042, TH1520: Guo Ren, "riscv: errata: Add ERRATA_THEAD_WRITE_ONCE fixup",
 * linux-kernel, 2025-07-13; sophgo/linux-riscv issue 61) and of XiangShan
 * (OpenXiangShan/XiangShan issue 5600: up to 10^6 cycles).  No order of memory needs it.
 * Nothing of it is measured here.
 * Read next: ../../L1_ticket/ticket.h.
 */
#ifndef HLOCK_MACHINE_H
#error "include layers/L0_machine/machine.h, which chooses the architecture"
#endif
#ifndef HLOCK_ARCH_H
#define HLOCK_ARCH_H

static inline uint32_t incr_ticket(uint32_t lk)
{
	/* aq, acquire: the load before all that follows, my polls above all; rl, release:
	 * what this CPU did, its last incr_now above all, before the new next is stored
	 * needed by: took_sound; that it is one step: one_takes
	 * wrong: ticket_rl, ticket_aq, ticket_plain; ticket_by_LW_SW */
#ifdef __clang__
	return atomic_fetch_add_explicit(&hlock_words[lk].next, 1U, memory_order_acq_rel);
#else
	uint32_t ticket;

	__asm__ volatile("amoadd.w.aqrl %0, %2, %1"
			 : "=r"(ticket), "+A"(hlock_words[lk].next)
			 : "r"(1U)
			 : "memory");
	return ticket;
#endif
}

static inline uint32_t get_now(uint32_t lk)
{
	uint32_t now = atomic_load_explicit(&hlock_words[lk].now, memory_order_relaxed);

	/* acquire: the poll that sees my turn before my critical section
	 * needed by: poll_after_all
	 * wrong: poll_without_fence, poll_before_FENCE_R_W */
	__asm__ volatile("fence r, rw" : : : "memory");
	return now;
}

static inline void incr_now(uint32_t lk)
{
	uint32_t now;

	/* The load is relaxed: only the holder writes `now`, so nobody comes between load and
	 * store.  release: my critical section before the poll that sees the new value
	 * needed by: poll_after_all; that the load needs no order: holder_sound, reads_newest
	 * wrong: store_without_fence, store_without_fence_early, store_after_FENCE_R_W,
	 * store_after_FENCE_W_W, store_before_fence */
#ifdef __clang__
	now = atomic_load_explicit(&hlock_words[lk].now, memory_order_relaxed);
	atomic_store_explicit(&hlock_words[lk].now, now + 1U, memory_order_release);
#else
	__asm__ volatile("lw %0, %1\n\t"
			 "addiw %0, %0, 1\n\t"
			 "fence rw, w\n\t"
			 "sw %0, %1"
			 : "=&r"(now), "+m"(hlock_words[lk].now)
			 : : "memory");
#endif
#ifdef HLOCK_RISCV_FENCE_AFTER_RELEASE
	/* The fence that is reported to empty the buffer on C910 at once; on XiangShan each
	 * fence does.  It asks for the least: no later access to memory waits for the store. */
	__asm__ volatile("fence w, o" : : : "memory");
#endif
}

/* Cold: then gcc puts the wait out of the way of an acquire that need not wait. */
__attribute__((cold)) static inline void cpu_relax(void)
{
	/* pause, by its fields: assemblers know the name only with the Zihintpause extension.
	 * A CPU that does not know it takes it for a fence that orders nothing. */
	__asm__ volatile(".insn i 0x0f, 0, x0, x0, 0x010");
}

#endif
