/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Two of one family, one after the other, the higher index first.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	uint32_t one = 16, two = cpu % 16;

	acquire_lock_vm(one);
	release_lock_vm(one);
	acquire_lock_vm(two);
	release_lock_vm(two);
}
