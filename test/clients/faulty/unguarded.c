/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * An object is read without its lock.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static int owner HLOCK_GUARDED_BY(s2page, 0);

static int owner_of_page(void)
{
	return owner; /* clang: reading variable 'owner' requires holding lock 'hlock_lock_s2page' */
}

void client(unsigned cpu)
{
	if (cpu == 0 && owner_of_page() != 0)
		return;
}
