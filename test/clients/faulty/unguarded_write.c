/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * An object is written with another lock than its own.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static int owner HLOCK_GUARDED_BY(s2page, 0);

void client(unsigned cpu)
{
	if (cpu != 0)
		return;
	acquire_lock_core();
	owner = 1; /* clang: writing variable 'owner' requires holding lock 'hlock_lock_s2page' */
	release_lock_core();
}
