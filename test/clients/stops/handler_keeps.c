/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A handler returns with a lock; what it interrupted held none, and enters a guest.
 */
#include <hlock/hlock.h>

#include <signal.h>

void client(unsigned cpu);

static void handler(int number)
{
	(void)number;
	acquire_lock_s2page();
}

void client(unsigned cpu)
{
	if (cpu != 0)
		return;
	signal(SIGUSR1, handler);
	acquire_lock_core();
	release_lock_core();
	raise(SIGUSR1);
	assert_none_held(); /* stops: assert_none_held: a lock is held */
}
