/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Two of one family, the lower index first; given back in either order.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void both(uint32_t one, uint32_t two)
{
	acquire_lock_vm(one);
	acquire_lock_vm_second(two);
	release_lock_vm_second(two);
	release_lock_vm(one);
	acquire_lock_vm(one);
	acquire_lock_vm_second(two);
	release_lock_vm_second(one);
	release_lock_vm(two);
}

void client(unsigned cpu)
{
	both(cpu % 16, 16);
}
