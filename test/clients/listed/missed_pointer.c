/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Missed: a call through a pointer.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	void (*acquire)(void) = acquire_lock_core;

	if (cpu != 0)
		return;
	acquire();
	acquire(); /* stops: acquire_lock_core */
}
