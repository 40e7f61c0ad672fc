/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The lock is taken in one function and given back in another.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void enter(uint32_t vm) HLOCK_TAKES(vm, vm);
static void leave(uint32_t vm) HLOCK_GIVES(vm, vm);

static void enter(uint32_t vm)
{
	acquire_lock_vm(vm);
}

static void leave(uint32_t vm)
{
	release_lock_vm(vm);
}

void client(unsigned cpu)
{
	uint32_t vm = cpu % 17;

	enter(vm);
	acquire_lock_core();
	release_lock_core();
	leave(vm);
}
