/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A handler gives back the lock of what it interrupted, which gives it back again.
 */
#include <hlock/hlock.h>

#include <signal.h>

void client(unsigned cpu);

static void handler(int number)
{
	(void)number;
	release_lock_s2page();
}

void client(unsigned cpu)
{
	if (cpu != 0)
		return;
	signal(SIGUSR1, handler);
	acquire_lock_s2page();
	raise(SIGUSR1);
	release_lock_s2page(); /* stops: release_lock_s2page: this CPU does not hold the lock */
}
