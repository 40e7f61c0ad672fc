/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Threads that run a loop for a while.
 * Read next: calibrate.c.
 */
#include "threads.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../file.h"
#include "../stats.h"
#include "clock.h"
#include "cpu.h"

static void check(int error, const char *what)
{
	errno = error;
	if (error)
		fail(what);
}

static void find_cpus(struct crew *crew)
{
	cpu_set_t allowed;

	if (sched_getaffinity(0, sizeof allowed, &allowed))
		fail("sched_getaffinity");
	for (int cpu = 0; cpu < CPU_SETSIZE && crew->cpus < CPUS; cpu++)
		if (CPU_ISSET(cpu, &allowed))
			crew->cpu[crew->cpus++] = cpu;
}

/* The samples' pages are written once, so that there is no page fault later. */
static double *make_room(size_t count)
{
	double *room = malloc(count * sizeof *room);

	if (!room)
		fail("memory");
	return memset(room, 0, count * sizeof *room);
}

struct crew *make_crew(void)
{
	struct crew *crew = aligned_alloc(alignof(struct crew), sizeof *crew);

	if (!crew)
		fail("memory");
	memset(crew, 0, sizeof *crew);
	find_cpus(crew);
	crew->all = make_room(2 * SAMPLES);
	for (unsigned i = 0; i < MAX_THREADS; i++) {
		crew->workers[i].crew = crew;
		crew->workers[i].index = i;
		crew->workers[i].samples = make_room(SAMPLES);
		for (unsigned k = 0; k < HELD; k++)
			crew->workers[i].seats[k].clh = &crew->workers[i].seats[k].clh_node;
	}
	return crew;
}

void free_crew(struct crew *crew)
{
	for (unsigned i = 0; i < MAX_THREADS; i++)
		free(crew->workers[i].samples);
	free(crew->all);
	free(crew);
}

static void place(const struct crew *crew, unsigned index)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	for (unsigned i = 0; i < crew->cpus; i++)
		if (!crew->job->pinned || i == (crew->job->cpu + index) % crew->cpus)
			CPU_SET(crew->cpu[i], &cpus);
	check(pthread_setaffinity_np(pthread_self(), sizeof cpus, &cpus), "pthread_setaffinity_np");
}

/* Threads with a CPU each begin at once: while one is alone it is many times faster. */
static void *start(void *argument)
{
	struct worker *worker = argument;
	struct crew *crew = worker->crew;

	place(crew, worker->index);
	set_own_cpu(worker->index);
	pthread_barrier_wait(&crew->gate);
	atomic_fetch_add(&crew->arrived, 1U);
	while (crew->job->pinned && atomic_load(&crew->arrived) < crew->job->threads)
		ck_pr_stall();
	crew->job->loop(worker);
	return NULL;
}

static void set_up(struct worker *worker, const struct job *job)
{
	worker->shared = job->shared;
	worker->which = job->spot % SPOTS * 2 + (job->side_by_side ? worker->index : 0);
	worker->section = job->section;
	worker->gap = job->gap;
	worker->count = 0;
	worker->longest = 0;
	worker->done_before = 0;
	atomic_store(&worker->done, 0);
}

double run(struct crew *crew, const struct job *job)
{
	struct timespec pause = { job->millis / 1000, job->millis % 1000 * 1000000L };
	pthread_t threads[MAX_THREADS];
	double begin, end;

	crew->job = job;
	atomic_store(&crew->stop, false);
	atomic_store(&crew->arrived, 0U);
	check(pthread_barrier_init(&crew->gate, NULL, job->threads + 1), "pthread_barrier_init");
	for (unsigned i = 0; i < job->threads; i++) {
		set_up(&crew->workers[i], job);
		check(pthread_create(&threads[i], NULL, start, &crew->workers[i]), "pthread_create");
	}
	pthread_barrier_wait(&crew->gate);
	begin = now_ns();
	while (nanosleep(&pause, &pause) && errno == EINTR)
		;
	atomic_store(&crew->stop, true);
	end = now_ns();
	for (unsigned i = 0; i < job->threads; i++)
		check(pthread_join(threads[i], NULL), "pthread_join");
	check(pthread_barrier_destroy(&crew->gate), "pthread_barrier_destroy");
	return (end - begin) / 1e9;
}

double *all_samples(struct crew *crew, unsigned threads, size_t *count)
{
	*count = 0;
	for (unsigned i = 0; i < threads; i++) {
		const struct worker *worker = &crew->workers[i];
		size_t kept = worker->count < SAMPLES ? worker->count : SAMPLES;

		memcpy(crew->all + *count, worker->samples, kept * sizeof *crew->all);
		*count += kept;
	}
	return crew->all;
}

double median_sample(struct crew *crew, unsigned threads)
{
	size_t count;
	double *samples = all_samples(crew, threads, &count);

	return median(samples, count);
}

void sample_rate(struct worker *worker)
{
	const struct crew *crew = worker->crew;
	double now = now_ns();
	uint64_t all = 0;

	for (unsigned i = 0; i < crew->job->threads; i++)
		all += atomic_load_explicit(&crew->workers[i].done, memory_order_relaxed);
	add_sample(worker, (double)(all - worker->done_before) * 1e3 / (now - worker->window));
	worker->done_before = all;
	worker->window = now;
}
