/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * It takes the lock of its own VM and changes another.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static volatile int state[17];

static void set_state(uint32_t vm, int to) HLOCK_REQUIRES(vm, vm);

static void set_state(uint32_t vm, int to)
{
	assert_held_vm(vm); /* stops: assert_held_vm(5) */
	state[vm] = to;
}

void client(unsigned cpu)
{
	uint32_t mine = cpu, target = 5;

	if (cpu != 0)
		return;
	acquire_lock_vm(mine);
	set_state(target, 1); /* clang: calling function 'set_state' requires holding */
	release_lock_vm(mine);
}
