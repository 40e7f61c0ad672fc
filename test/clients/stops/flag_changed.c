/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A lock is taken if a flag is set, and given back if it is set later.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void step(int before, int after)
{
	if (before)
		acquire_lock_smmu();
	if (after)
		release_lock_smmu(); /* stops: release_lock_smmu: this CPU does not hold the lock */
}

void client(unsigned cpu)
{
	if (cpu != 0)
		return;
	step(1, 0);
	step(0, 1); /* the lock of the first step */
	step(0, 1);
}
