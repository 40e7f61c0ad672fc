/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A helper takes the lock that its caller holds.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void set_pending(uint32_t vm) HLOCK_MAY_TAKE(vm);

static void set_pending(uint32_t vm)
{
	acquire_lock_vm(vm); /* stops: acquire_lock_vm(2) */
	release_lock_vm(vm);
}

void client(unsigned cpu)
{
	if (cpu != 0)
		return;
	acquire_lock_vm(2);
	set_pending(2); /* clang: cannot call function 'set_pending' while rank 'hlock_rank_2_vm' is held */
	release_lock_vm(2);
}
