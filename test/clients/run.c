/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Runs a client on threads, each of which is a CPU.
 *   run CPUS ROUNDS
 * A report goes to standard output, and ends the program with status 42; one of a long wait
 * does not end it.  With -DGOES_ON a report ends the thread alone: that CPU makes no step more.
 * With -DCPUS_FROM=N the number of a CPU is N more than it should be.
 */
#include <hlock/hlock.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef CPUS_FROM
#define CPUS_FROM 0
#endif

void client(unsigned cpu);
void wait_for(unsigned phase);
void reach(unsigned phase);

static _Thread_local unsigned own_cpu;
static _Atomic unsigned phase;
static unsigned rounds;

uint32_t hlock_this_cpu(void)
{
	return own_cpu + CPUS_FROM;
}

static void put(char character, void *to)
{
	(void)to;
	if (write(1, &character, 1) != 1)
		_Exit(3);
}

void hlock_panic(const struct hlock_report *report)
{
	hlock_report_print(report, put, NULL);
#ifdef GOES_ON
	pthread_exit(NULL);
#endif
	_Exit(42);
}

void hlock_stuck(const struct hlock_report *report)
{
	hlock_report_print(report, put, NULL);
}

void wait_for(unsigned wanted)
{
	while (phase < wanted)
		;
}

void reach(unsigned reached)
{
	phase = reached;
}

static void *run(void *cpu)
{
	own_cpu = *(unsigned *)cpu;
	for (unsigned i = 0; i < rounds; i++)
		client(own_cpu);
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned cpus = argc == 3 ? (unsigned)atoi(argv[1]) : 0, numbers[64];
	pthread_t threads[64];

	if (cpus == 0 || cpus > 64)
		return 2;
	rounds = (unsigned)atoi(argv[2]);
	for (unsigned i = 0; i < cpus; i++) {
		numbers[i] = i;
		if (pthread_create(&threads[i], NULL, run, &numbers[i]) != 0)
			return 2;
	}
	for (unsigned i = 0; i < cpus; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
