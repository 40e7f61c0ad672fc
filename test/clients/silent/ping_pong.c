/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Two CPUs take turns, each in its section, and each takes the same lock again and again.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static unsigned turns[17];

void client(unsigned cpu)
{
	for (unsigned turn = 0; turn < 40; turn++) {
		acquire_lock_smmu();
		turns[cpu % 17]++;
		release_lock_smmu();
		acquire_lock_smmu();
		acquire_lock_core();
		release_lock_smmu();
		release_lock_core();
	}
}
