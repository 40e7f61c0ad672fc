/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Of three locks of a family two were taken, and all three are given back.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	if (cpu != 0)
		return;
	acquire_lock_vm(3);
	acquire_lock_vm(5);
	for (uint32_t vm = 3; vm < 6; vm++)
		release_lock_vm(vm); /* stops: release_lock_vm(4): this CPU does not hold the lock */
}
