/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * One of several locks, each in its branch.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	switch (cpu % 3) {
	case 0:
		acquire_lock_core();
		release_lock_core();
		break;
	case 1:
		acquire_lock_pt(1);
		release_lock_pt(1);
		break;
	default:
		acquire_lock_spt();
		release_lock_spt();
	}
}
