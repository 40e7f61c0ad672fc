/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A CPU gives back a lock that another one holds, and takes it.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void wait_for(unsigned phase);
void reach(unsigned phase);

static void other(void)
{
	wait_for(1);
	release_lock_core(); /* clang: releasing lock 'hlock_lock_core' that was not held; stops: release_lock_core */
	acquire_lock_core();
	release_lock_core();
}

void client(unsigned cpu)
{
	if (cpu == 1) {
		other();
		return;
	}
	if (cpu != 0)
		return;
	acquire_lock_core();
	reach(1);
	wait_for(2);
	release_lock_core();
}
