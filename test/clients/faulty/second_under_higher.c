/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A second of one family, below a lock of higher rank.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void both(uint32_t one, uint32_t two)
{
	acquire_lock_vm(one);
	acquire_lock_core();
	acquire_lock_vm_second(two); /* clang: while rank 'hlock_rank_3_core' is held; stops: acquire_lock_vm(2) */
	release_lock_vm_second(two);
	release_lock_core();
	release_lock_vm(one);
}

void client(unsigned cpu)
{
	if (cpu == 0)
		both(1, 2);
}
