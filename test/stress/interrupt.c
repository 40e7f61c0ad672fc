/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Interrupts of a CPU that waits in a meeting, whose handler sleeps for a moment.
 *
 * A thread that spins gives up its core only when the kernel's tick finds its time
 * slice used up.  Where many share a core, each such slice is paid for with a round of
 * theirs, and a run of 600 meetings takes a minute.  This decides how long a run
 * takes and nothing else: without timers it takes longer.
 */
#include "stress.h"

#include <signal.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id /* glibc 2.36 has the field and not its name */
#define sigev_notify_thread_id _sigev_un._tid
#endif

static const struct timespec moment = { .tv_nsec = 300000 };

/* The thread's own. */
static _Thread_local struct {
	timer_t timer;
	bool works;
	volatile sig_atomic_t waiting;
	unsigned interrupts; /* of the wait that it is in */
} own;

/* The next comes after twice the time, so that none can follow another for ever without
 * a step of the thread in between. */
static void set_timer(void)
{
	unsigned long after = 100000UL << (own.interrupts < 20 ? own.interrupts : 20); /* nanoseconds */
	const struct itimerspec times = {
		.it_value = { .tv_sec = (time_t)(after / 1000000000), .tv_nsec = (long)(after % 1000000000) }
	};

	timer_settime(own.timer, 0, &times, NULL);
}

static void handle(int number)
{
	(void)number;
	nanosleep(&moment, NULL);
	own.interrupts++;
	if (own.waiting)
		set_timer();
}

void prepare_interrupts(void)
{
	const struct sigaction action = { .sa_handler = handle, .sa_flags = SA_RESTART };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2 };

	event.sigev_notify_thread_id = gettid();
	own.works = sigaction(SIGUSR2, &action, NULL) == 0 && timer_create(CLOCK_MONOTONIC, &event, &own.timer) == 0;
}

void start_interrupts(void)
{
	own.interrupts = 0;
	own.waiting = 1;
	if (own.works)
		set_timer();
}

void stop_interrupts(void)
{
	const struct itimerspec never = { 0 };

	own.waiting = 0;
	if (own.works)
		timer_settime(own.timer, 0, &never, NULL);
}
