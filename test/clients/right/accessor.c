/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A helper whose caller holds the lock of that very VM.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static volatile int state[17];
static void set_state(uint32_t vm, int to) HLOCK_REQUIRES(vm, vm);

static void set_state(uint32_t vm, int to)
{
	assert_held_vm(vm);
	state[vm] = to;
}

void client(unsigned cpu)
{
	uint32_t vm = cpu % 17;

	acquire_lock_vm(vm);
	set_state(vm, 1);
	release_lock_vm(vm);
}
