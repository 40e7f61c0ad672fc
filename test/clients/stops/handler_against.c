/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * An interrupt comes in a section, and its handler takes a lock of a lower rank.
 */
#include <hlock/hlock.h>

#include <signal.h>

void client(unsigned cpu);

static void handler(int number)
{
	(void)number;
	acquire_lock_vm(4); /* stops: acquire_lock_vm(4): against the order */
	release_lock_vm(4);
}

void client(unsigned cpu)
{
	if (cpu != 0)
		return;
	signal(SIGUSR1, handler);
	acquire_lock_pt(4);
	raise(SIGUSR1);
	release_lock_pt(4);
}
