/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A whole program without a C library: takes and gives back every kind of lock,
 * from zeroed memory, and ends.  Shows that the library needs nothing, and that
 * a zeroed lock is free (otherwise the program hangs).
 */
#include <hlock/hlock.h>

void _start(void);

/* For the debug library. */
uint32_t hlock_this_cpu(void)
{
	return 0;
}

static void take_all(void)
{
#define HLOCK_ONE(name, first, rank, object) \
	acquire_lock_##name();               \
	release_lock_##name();
#define HLOCK_ARRAY(name, index, first, count, rank, object) \
	for (uint32_t i = 0; i < count##U; i++) {            \
		acquire_lock_##name(i);                      \
		release_lock_##name(i);                      \
	}
#include "../../layers/L4_locks/lock_table.def"
}

/* exit(0), by Linux's call numbers */
static void leave(void)
{
#if defined(__x86_64__)
	__asm__ volatile("syscall" : : "a"(60), "D"(0));
#elif defined(__aarch64__)
	__asm__ volatile("mov x0, #0\n\tmov x8, #93\n\tsvc #0");
#elif defined(__riscv)
	__asm__ volatile("li a0, 0\n\tli a7, 93\n\tecall");
#else
#error "how does a program end here?"
#endif
}

void _start(void)
{
	take_all();
	take_all();
	leave();
	__builtin_unreachable();
}
