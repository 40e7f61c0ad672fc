/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The lock of the neighbour is held.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	if (cpu != 0)
		return;
	acquire_lock_pt(11);
	acquire_lock_pt(13);
	assert_held_pt(11);
	assert_held_pt(13);
	assert_held_pt(12); /* stops: assert_held_pt(12): not held */
}
