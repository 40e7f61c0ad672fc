/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * An object, read and written with its lock held, here and in a helper.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static int owner HLOCK_GUARDED_BY(s2page, 0);
static void count(void) HLOCK_REQUIRES(s2page, 0);

static void count(void)
{
	assert_held_s2page();
	owner++;
}

void client(unsigned cpu)
{
	acquire_lock_s2page();
	owner = (int)cpu;
	count();
	release_lock_s2page();
}
