/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Against the ranks.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	if (cpu != 0)
		return;
	acquire_lock_s2page();
	acquire_lock_core(); /* clang: while rank 'hlock_rank_4_s2page' is held; stops: acquire_lock_core */
	release_lock_core();
	release_lock_s2page();
}
