/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Threads that run a loop for a while, on two CPUs, and the loop of two threads
 * that measures how long a cache line takes from one CPU to the other.
 * Read next: measure.c.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "loops.h"

struct worker workers[MAX_THREADS];
_Atomic bool stop;
int cpu_of[2];
static pthread_barrier_t gate;
static _Atomic unsigned arrived;
static const struct job *current;

double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* One copy for all loops, so that its speed does not depend on where it lies. */
__attribute__((noinline)) void spin(uint32_t times)
{
	for (; times > 0; times--)
		__asm__ volatile("");
}

static _Noreturn void fail(const char *what, int error)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(error));
	exit(2);
}

static void check(int error, const char *what)
{
	if (error)
		fail(what, error);
}

void prepare_threads(void)
{
	cpu_set_t allowed;
	unsigned found = 0;

	if (sched_getaffinity(0, sizeof allowed, &allowed))
		fail("sched_getaffinity", errno);
	for (int cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++)
		if (CPU_ISSET(cpu, &allowed))
			cpu_of[found++] = cpu;
	if (found < 2) {
		fprintf(stderr, "bench: it needs two CPUs\n");
		exit(2);
	}
	for (unsigned i = 0; i < MAX_THREADS; i++) {
		workers[i].samples = malloc(SAMPLES * sizeof(double));
		if (!workers[i].samples)
			fail("memory", errno);
		memset(workers[i].samples, 0, SAMPLES * sizeof(double)); /* no page fault later */
	}
}

static void place(unsigned index)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	for (unsigned i = 0; i < 2; i++)
		if (!current->pinned || i == index % 2)
			CPU_SET(cpu_of[i], &cpus);
	check(pthread_setaffinity_np(pthread_self(), sizeof cpus, &cpus), "pthread_setaffinity_np");
}

/* Threads with a CPU each begin at once: while one is alone it is many times faster. */
static void *start(void *argument)
{
	struct worker *worker = argument;

	place((unsigned)(worker - workers));
	pthread_barrier_wait(&gate);
	atomic_fetch_add(&arrived, 1U);
	while (current->pinned && atomic_load(&arrived) < current->threads)
		ck_pr_stall();
	current->loop(worker);
	return NULL;
}

static void set_up(unsigned index)
{
	struct worker *worker = &workers[index];

	worker->which = current->spot % SPOTS * 2 + (current->side_by_side ? index : 0);
	worker->section = current->section;
	worker->gap = current->gap;
	worker->count = 0;
	worker->longest = 0;
	worker->done_before = 0;
	atomic_store(&worker->done, 0);
}

double run(const struct job *job)
{
	struct timespec pause = { job->millis / 1000, job->millis % 1000 * 1000000L };
	pthread_t threads[MAX_THREADS];
	double begin, end;

	current = job;
	atomic_store(&stop, false);
	atomic_store(&arrived, 0U);
	check(pthread_barrier_init(&gate, NULL, job->threads + 1), "pthread_barrier_init");
	for (unsigned i = 0; i < job->threads; i++) {
		set_up(i);
		check(pthread_create(&threads[i], NULL, start, &workers[i]), "pthread_create");
	}
	pthread_barrier_wait(&gate);
	begin = now_ns();
	while (nanosleep(&pause, &pause) && errno == EINTR)
		;
	atomic_store(&stop, true);
	end = now_ns();
	for (unsigned i = 0; i < job->threads; i++)
		check(pthread_join(threads[i], NULL), "pthread_join");
	check(pthread_barrier_destroy(&gate), "pthread_barrier_destroy");
	return (end - begin) / 1e9;
}

double *all_samples(unsigned threads, size_t *count)
{
	static double all[2 * SAMPLES];

	*count = 0;
	for (unsigned i = 0; i < threads; i++) {
		size_t kept = workers[i].count < SAMPLES ? workers[i].count : SAMPLES;

		memcpy(all + *count, workers[i].samples, kept * sizeof *all);
		*count += kept;
	}
	return all;
}

void sample_rate(void)
{
	struct worker *worker = &workers[0];
	double now = now_ns();
	uint64_t all = 0;

	for (unsigned i = 0; i < current->threads; i++)
		all += atomic_load_explicit(&workers[i].done, memory_order_relaxed);
	add_sample(worker, (double)(all - worker->done_before) * 1e3 / (now - worker->window));
	worker->done_before = all;
	worker->window = now;
}

enum turn { MINE, OTHERS, END };

struct line {
	alignas(LINE) _Atomic uint32_t turn;
};

static void wait_and_write(struct line *line, enum turn mine, enum turn next)
{
	while (atomic_load_explicit(&line->turn, memory_order_acquire) != mine)
		;
	atomic_store_explicit(&line->turn, next, memory_order_release);
}

static void answer(struct line *line)
{
	uint32_t turn;

	while ((turn = atomic_load_explicit(&line->turn, memory_order_acquire)) != END)
		if (turn == OTHERS)
			atomic_store_explicit(&line->turn, MINE, memory_order_release);
	atomic_store(&line->turn, MINE);
}

/* The first thread samples: ns of one hand-over, the mean of a batch. */
void hand_over_loop(struct worker *worker)
{
	static struct line lines[SPOTS];
	struct line *line = &lines[current->spot % SPOTS];

	if (worker != workers) {
		answer(line);
		return;
	}
	do {
		double start = now_ns();

		for (unsigned i = 0; i < BATCH; i++)
			wait_and_write(line, MINE, OTHERS);
		add_sample(worker, (now_ns() - start) / (2 * BATCH));
	} while (!stopped());
	wait_and_write(line, MINE, END);
}
