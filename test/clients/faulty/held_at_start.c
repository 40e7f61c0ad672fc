/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A function that must be called without the lock is called with it.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void start(uint32_t vm)
{
	assert_not_held_vm(vm); /* stops: assert_not_held_vm(3) */
}

void client(unsigned cpu)
{
	uint32_t vm = 3;

	if (cpu != 0)
		return;
	acquire_lock_vm(vm);
	start(vm);
	release_lock_vm(vm);
}
