/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Missed: a helper that says nothing of the locks that it takes.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

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
	set_pending(2);
	release_lock_vm(2);
}
