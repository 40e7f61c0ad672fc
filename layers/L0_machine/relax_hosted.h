/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * cpu_relax of a hosted build (-DHLOCK_HOSTED), for more threads than cores: spin,
 * and every HLOCK_SPINS polls give the core to another thread, which may be the
 * holder.  machine.h has renamed the architecture's cpu_relax to cpu_pause.
 *
 * The count lives in this path only, which no uncontended acquire takes, and is
 * the thread's own: it adds no shared word and no store to the uncontended path.
 * It is never set back, since nothing here knows where a wait begins; so a wait
 * yields after at most HLOCK_SPINS polls, and then every HLOCK_SPINS.
 * A program under ThreadSanitizer does not link libhlock_hosted.a, in whose object
 * code the sanitizer sees no lock, but compiles locks.c (or hlock.c of `hlock generate`)
 * with its own flags:
 *   gcc -std=c11 -O2 -g -fsanitize=thread -DHLOCK_HOSTED -Iinclude -c layers/L4_locks/locks.c
 * Why it changes no behaviour: TRUST.md.  How HLOCK_SPINS was chosen: doc/cost.md.
 * Read next: machine.h.
 */
#ifndef HLOCK_MACHINE_H
#error "include layers/L0_machine/machine.h, which chooses the waiting policy"
#endif
#ifndef HLOCK_RELAX_HOSTED_H
#define HLOCK_RELAX_HOSTED_H

#include <sched.h>
#include <sys/syscall.h>

/* A power of two, so that the count may wrap. */
#ifndef HLOCK_SPINS
#define HLOCK_SPINS 64U
#endif
_Static_assert(HLOCK_SPINS > 0U && (HLOCK_SPINS & (HLOCK_SPINS - 1U)) == 0U, "HLOCK_SPINS is a power of two");

static _Thread_local uint32_t hlock_polls;

static inline void hlock_yield(void)
{
#if defined(__x86_64__) && defined(__linux__)
	/* sched_yield without a call: around a call gcc saves three registers at the
	 * start of acquire, which costs every uncontended acquire 4 per cent.  The
	 * kernel writes these three registers and no memory of ours; its answer says
	 * nothing. */
	long number = SYS_sched_yield;

	__asm__ volatile("syscall" : "+a"(number) : : "rcx", "r11", "cc");
#else
	sched_yield();
#endif
}

__attribute__((cold, always_inline)) static inline void cpu_relax(void)
{
	cpu_pause();
	hlock_polls++;
	if (hlock_polls % HLOCK_SPINS == 0U)
		hlock_yield();
}

#endif
