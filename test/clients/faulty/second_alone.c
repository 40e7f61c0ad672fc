/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A second of one family where there is no first: no fault when it runs.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void one(uint32_t vm)
{
	acquire_lock_vm_second(vm); /* clang: requires holding rank 'hlock_rank_2_vm' */
	release_lock_vm_second(vm);
}

void client(unsigned cpu)
{
	if (cpu == 0)
		one(1);
}
