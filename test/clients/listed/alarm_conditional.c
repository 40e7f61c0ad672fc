/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * False alarm: a lock that is taken under a condition and given back under the same.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	uint32_t vm = cpu % 17;

	if (cpu > 1)
		acquire_lock_vm(vm);
	if (cpu > 1) /* clang: is not held on every path */
		release_lock_vm(vm); /* clang: that was not held */
}
