/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Hand over hand, from the last to the first.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	if (cpu != 0)
		return;
	acquire_lock_pt(16);
	for (uint32_t vm = 16; vm > 0; vm--) {
		acquire_lock_pt(vm - 1U); /* stops: acquire_lock_pt(15): against the order */
		release_lock_pt(vm);
	}
	release_lock_pt(0);
}
