/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Interrupts, masked from before each acquire until after its release, whose handler takes locks; they
 * come at any moment, and one comes in each section.
 */
#include <hlock/hlock.h>

#include <pthread.h>
#include <signal.h>

void client(unsigned cpu);

static int state[17];

static void handler(int number)
{
	(void)number;
	assert_none_held();
	acquire_lock_smmu();
	acquire_lock_vm(3);
	state[3]++;
	release_lock_smmu();
	release_lock_vm(3);
}

void client(unsigned cpu)
{
	sigset_t all, before;

	(void)cpu;
	signal(SIGUSR1, handler);
	sigfillset(&all);
	for (uint32_t vm = 0; vm < 17; vm++) {
		pthread_sigmask(SIG_SETMASK, &all, &before);
		acquire_lock_vm(vm);
		pthread_kill(pthread_self(), SIGUSR1);
		state[vm]++;
		release_lock_vm(vm);
		pthread_sigmask(SIG_SETMASK, &before, NULL);
		assert_none_held();
	}
}
