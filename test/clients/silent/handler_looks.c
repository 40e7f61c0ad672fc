/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * An interrupt in a section, whose handler takes no lock, but asserts what is held.
 */
#include <hlock/hlock.h>

#include <pthread.h>
#include <signal.h>

void client(unsigned cpu);

static void handler(int number)
{
	(void)number;
	assert_held_core();
	assert_not_held_smmu();
}

void client(unsigned cpu)
{
	signal(SIGUSR1, handler);
	acquire_lock_core();
	acquire_lock_pt(cpu % 17);
	pthread_kill(pthread_self(), SIGUSR1);
	release_lock_core();
	release_lock_pt(cpu % 17);
}
