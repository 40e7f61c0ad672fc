/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A loop takes a lock in each round and gives none back.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	if (cpu != 0)
		return;
	for (uint32_t vm = 0; vm < 17; vm++) /* clang: 'hlock_lock_vm[vm]' to be held at start of each loop */
		acquire_lock_vm(vm); /* stops: too many */
}
