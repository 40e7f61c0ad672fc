/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * An index from outside, to take.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	uint32_t vm = 4294967295U;

	if (cpu != 0)
		return;
	acquire_lock_vm(vm); /* stops: acquire_lock_vm(4294967295) */
	release_lock_vm(vm);
}
