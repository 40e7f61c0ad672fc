/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * One CPU acquires, and another releases for it.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);
void wait_for(unsigned phase);
void reach(unsigned phase);

void client(unsigned cpu)
{
	if (cpu == 0) {
		acquire_lock_core();
		reach(1);
	} else {
		wait_for(1);
		release_lock_core(); /* stops: release_lock_core: this CPU does not hold the lock */
	}
}
