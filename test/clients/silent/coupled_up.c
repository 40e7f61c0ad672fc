/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Hand over hand, from the first to the last.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static int state[17];

void client(unsigned cpu)
{
	acquire_lock_vm(0);
	for (uint32_t vm = 1; vm < 17; vm++) {
		acquire_lock_vm(vm);
		state[vm] += (int)cpu;
		release_lock_vm(vm - 1U);
	}
	release_lock_vm(16);
	assert_none_held();
}
