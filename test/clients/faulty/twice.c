/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * One lock, twice.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	if (cpu != 0)
		return;
	acquire_lock_core();
	acquire_lock_core(); /* clang: lock 'hlock_lock_core' that is already held; stops: acquire_lock_core */
	release_lock_core();
	release_lock_core(); /* clang: that was not held */
}
