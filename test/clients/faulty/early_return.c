/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * An error path returns without giving the lock back; the next call waits for ever.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static int map(uint32_t vm, int pages)
{
	acquire_lock_vm(vm); /* stops: acquire_lock_vm(3) */
	if (pages == 0)
		return -1;
	acquire_lock_pt(vm);
	release_lock_pt(vm);
	release_lock_vm(vm);
	return 0;
} /* clang: 'hlock_lock_vm[vm]' is not held on every path */

void client(unsigned cpu)
{
	if (cpu == 0 && map(3, 0) != 0)
		map(3, 1);
}
