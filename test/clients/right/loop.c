/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * All of a family, one after the other.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	(void)cpu;
	for (uint32_t vm = 0; vm < 17; vm++) {
		acquire_lock_vm(vm);
		release_lock_vm(vm);
	}
}
