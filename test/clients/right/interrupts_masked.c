/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Interrupts, for which a signal stands, are masked while a lock is held that they take.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

#include <pthread.h>
#include <signal.h>

static void handler(int number)
{
	(void)number;
	acquire_lock_core();
	release_lock_core();
}

void client(unsigned cpu)
{
	sigset_t masked, before;

	(void)cpu;
	signal(SIGUSR1, handler);
	sigemptyset(&masked);
	sigaddset(&masked, SIGUSR1);
	for (int i = 0; i < 20; i++) {
		pthread_sigmask(SIG_BLOCK, &masked, &before);
		acquire_lock_core();
		raise(SIGUSR1);
		release_lock_core();
		pthread_sigmask(SIG_SETMASK, &before, 0);
	}
}
