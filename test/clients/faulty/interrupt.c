/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * An interrupt, for which a signal stands, takes the lock that its own CPU holds.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

#include <signal.h>

static void handler(int number)
{
	(void)number;
	acquire_lock_core(); /* stops: acquire_lock_core */
	release_lock_core();
}

void client(unsigned cpu)
{
	if (cpu != 0)
		return;
	signal(SIGUSR1, handler);
	acquire_lock_core();
	raise(SIGUSR1);
	release_lock_core();
}
