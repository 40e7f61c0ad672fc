/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Two of one family, which clang is not told of; and the higher one first.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void both(uint32_t one, uint32_t two)
{
	acquire_lock_vm(one);
	acquire_lock_vm(two); /* clang: while rank 'hlock_rank_2_vm' is held; stops: acquire_lock_vm(1) */
	release_lock_vm(two);
	release_lock_vm(one); /* clang: 'hlock_rank_2_vm' that was not held */
}

void client(unsigned cpu)
{
	if (cpu == 0)
		both(2, 1);
}
