/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Two families of one rank.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	uint32_t vm = 4;

	if (cpu != 0)
		return;
	acquire_lock_pt(vm);
	acquire_lock_spt(); /* clang: while rank 'hlock_rank_5_pt' is held; stops: acquire_lock_spt */
	release_lock_spt();
	release_lock_pt(vm);
}
