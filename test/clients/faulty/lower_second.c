/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Two of one family, the higher index first: clang does not know which is lower.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void both(uint32_t one, uint32_t two)
{
	acquire_lock_vm(one);
	acquire_lock_vm_second(two); /* stops: acquire_lock_vm(8) */
	release_lock_vm_second(two);
	release_lock_vm(one);
}

void client(unsigned cpu)
{
	if (cpu == 0)
		both(9, 8);
}
