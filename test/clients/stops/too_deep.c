/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A recursion that holds one lock a level, once too deep.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void descend(uint32_t vm)
{
	acquire_lock_vm(vm); /* stops: acquire_lock_vm(8): too many locks held */
	if (vm < 16)
		descend(vm + 1U);
	release_lock_vm(vm);
}

void client(unsigned cpu)
{
	if (cpu == 0)
		descend(0);
}
