/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * An error path that gives the lock back.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static int map(uint32_t vm, int pages)
{
	acquire_lock_vm(vm);
	if (pages == 0) {
		release_lock_vm(vm);
		return -1;
	}
	release_lock_vm(vm);
	return 0;
}

void client(unsigned cpu)
{
	map(cpu % 17, 0);
	map(cpu % 17, 1);
}
