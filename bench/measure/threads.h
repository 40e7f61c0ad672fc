/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Threads that run a loop for a while, on one or two CPUs, and take samples.
 * Read next: loops.h.
 */
#ifndef BENCH_THREADS_H
#define BENCH_THREADS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "../sample.h"
#include "seat.h"

/* A place is a pair of neighbouring locks; what it costs to move a line depends on
 * where it lies, so there are several. */
enum { MAX_THREADS = 16, SAMPLES = 1 << 18, SPOTS = 8 };

struct crew;
struct worker;
typedef void loop(struct worker *worker);

struct job {
	loop *loop;
	void *shared; /* what the loop of this job works on */
	unsigned threads;
	unsigned cpu;      /* of the first thread */
	bool pinned;       /* one thread a CPU; else all on all CPUs */
	bool side_by_side; /* the threads use the two locks of the pair; else all the first */
	unsigned spot;     /* the pair, modulo SPOTS */
	uint32_t section, gap;
	unsigned millis; /* until the threads are told to stop; 0: they end by themselves */
};

struct worker {
	alignas(LINE) struct crew *crew;
	void *shared;
	unsigned index;        /* 0 is the first thread */
	unsigned which;        /* lock */
	uint32_t section, gap; /* turns of spin(), inside and outside */
	uint64_t count;        /* samples so far */
	double longest;        /* of all samples */
	double *samples;       /* the last SAMPLES of them, in a ring */
	double window;         /* when the sample of a rate began */
	uint64_t done_before;  /* and what all had done then */
	struct seat seats[HELD];
	alignas(LINE) _Atomic uint64_t done; /* acquisitions, for others to read */
};

struct crew {
	alignas(LINE) _Atomic bool stop;
	alignas(LINE) _Atomic unsigned arrived;
	pthread_barrier_t gate;
	const struct job *job;
	unsigned cpus; /* 1 or 2: as many as this process may use */
	int cpu[CPUS]; /* their numbers */
	double *all;   /* room for the samples of two threads */
	struct worker workers[MAX_THREADS];
};

struct crew *make_crew(void);
void free_crew(struct crew *crew);

double run(struct crew *crew, const struct job *job); /* gives the seconds it took */

/* Of the first threads; valid until the next call. */
double *all_samples(struct crew *crew, unsigned threads, size_t *count);
double median_sample(struct crew *crew, unsigned threads);

/* A sample of the first worker: millions a second, of all workers. */
void sample_rate(struct worker *worker);

static inline void add_sample(struct worker *worker, double value)
{
	worker->samples[worker->count++ % SAMPLES] = value;
	if (value > worker->longest)
		worker->longest = value;
}

static inline bool stopped(const struct crew *crew)
{
	return atomic_load_explicit(&crew->stop, memory_order_relaxed);
}

#endif
