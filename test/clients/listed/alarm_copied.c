/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * False alarm: two variables that are the same index.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	uint32_t vm = cpu % 17, copy = vm;

	acquire_lock_vm(vm);
	release_lock_vm(copy); /* clang: that was not held */
} /* clang: is still held */
