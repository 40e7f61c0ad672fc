/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The lowest rank under the highest, with another between them given back.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	if (cpu != 0)
		return;
	acquire_lock_core();
	acquire_lock_spt();
	release_lock_core();
	acquire_lock_smmu(); /* clang: while rank 'hlock_rank_5_spt' is held; stops: acquire_lock_smmu */
	release_lock_smmu();
	release_lock_spt();
}
