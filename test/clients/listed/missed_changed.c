/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Missed: an index that changes while its lock is held.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	uint32_t vm = 3;

	if (cpu != 0)
		return;
	acquire_lock_vm(vm);
	vm = vm + 1;
	release_lock_vm(vm); /* stops: release_lock_vm(4) */
}
