/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A function is declared to give the lock back, and on one path does not.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void leave(uint32_t vm, int busy) HLOCK_GIVES(vm, vm);

static void leave(uint32_t vm, int busy)
{
	if (busy)
		return;
	release_lock_vm(vm);
} /* clang: 'hlock_lock_vm[vm]' is not held on every path */

void client(unsigned cpu)
{
	uint32_t vm = 8;

	if (cpu != 0)
		return;
	acquire_lock_vm(vm);
	leave(vm, 1);
	acquire_lock_vm(vm); /* stops: acquire_lock_vm(8) */
	leave(vm, 0);
}
