/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A whole program without a C library: takes and gives back every kind of lock,
 * from zeroed memory, and ends.  Shows that the library needs nothing, and that
 * a zeroed lock is free (otherwise the program hangs).
 */
#include <hlock/hlock.h>

void _start(void);

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

void _start(void)
{
	take_all();
	take_all();
	__asm__ volatile("syscall" : : "a"(60), "D"(0)); /* exit(0) */
	__builtin_unreachable();
}
