/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Two of one family, and then one of higher rank.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void both(uint32_t one, uint32_t two)
{
	acquire_lock_vm(one);
	acquire_lock_vm_second(two);
	acquire_lock_core();
	release_lock_core();
	release_lock_vm_second(two);
	release_lock_vm(one);
}

void client(unsigned cpu)
{
	both(cpu % 16, 16);
}
