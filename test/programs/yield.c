/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Two threads on one core hand a lock to each other 10000 times.  The holder lets
 * the other thread run, which then waits for the lock; so a wait that only spins
 * uses up its time slice each time, and a wait that yields does not.
 */
#include <hlock/hlock.h>

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

static void *hand_over(void *unused)
{
	for (int i = 0; i < 10000; i++) {
		acquire_lock_core();
		sched_yield();
		release_lock_core();
	}
	return unused;
}

int main(void)
{
	pthread_t other;
	cpu_set_t core;

	CPU_ZERO(&core);
	CPU_SET((size_t)sched_getcpu(), &core);
	if (sched_setaffinity(0, sizeof core, &core) || pthread_create(&other, NULL, hand_over, NULL))
		abort();
	hand_over(NULL);
	return pthread_join(other, NULL);
}
