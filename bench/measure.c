/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What is measured, and how.  A round does each measure for all locks before it
 * goes on to the next; the first lock differs from round to round.
 * Read next: result.c.
 */
#include <math.h>

#include "bench.h"
#include "stats.h"

enum { SECTION_NS = 100 };

static uint32_t section; /* for spin(): SECTION_NS long */
static double ns_of_a_spin;
static double lines[MAX_ROUNDS];

/* The least of several is the one that nothing disturbed. */
void prepare_measures(void)
{
	enum { TIMES = 1000000 };

	ns_of_a_spin = INFINITY;
	for (unsigned i = 0; i < 10; i++) {
		double start = now_ns();

		spin(TIMES);
		ns_of_a_spin = fmin(ns_of_a_spin, (now_ns() - start) / TIMES);
	}
	section = (uint32_t)(SECTION_NS / ns_of_a_spin + 0.5);
}

double section_ns(void)
{
	return section * ns_of_a_spin;
}

double median_line_ns(void)
{
	return median(lines, rounds);
}

static double median_sample(unsigned threads)
{
	size_t count;
	double *samples = all_samples(threads, &count);

	return median(samples, count);
}

/* ns of an acquire and release of each of so many threads, which have a lock each */
static double pair_ns(enum lock_id lock, unsigned threads, unsigned round, unsigned millis)
{
	run(&(struct job){ .loop = locks[lock].batch, .threads = threads, .pinned = true,
			   .side_by_side = true, .spot = round, .millis = millis });
	return median_sample(threads);
}

static void uncontended(enum lock_id lock, unsigned round, unsigned millis)
{
	put(UNCONTENDED, lock, round, pair_ns(lock, 1, round, millis));
}

/* What one thread alone costs is measured again: only neighbours in time compare. */
static void neighbours(enum lock_id lock, unsigned round, unsigned millis)
{
	double alone = pair_ns(lock, 1, round, millis);

	put(NEIGHBOURS, lock, round, pair_ns(lock, 2, round, millis) / alone);
}

/* The median of the first thread's samples, of a job for two.  In half of the
 * spots, for one spot can be 10 per cent faster than another, for any lock. */
static double in_spots(struct job job, unsigned round, unsigned millis)
{
	enum { PARTS = SPOTS / 2 };
	double parts[PARTS];

	job.threads = 2;
	job.pinned = true;
	job.millis = (millis + PARTS - 1) / PARTS;
	for (unsigned i = 0; i < PARTS; i++) {
		job.spot = round * PARTS + i;
		run(&job);
		parts[i] = median_sample(1);
	}
	return median(parts, PARTS);
}

/* millions of acquisitions a second */
static double mega(enum lock_id lock, uint32_t times, unsigned round, unsigned millis)
{
	return in_spots((struct job){ .loop = locks[lock].contend, .section = times }, round, millis);
}

static void empty(enum lock_id lock, unsigned round, unsigned millis)
{
	put(EMPTY, lock, round, lock == RAW ? 1e3 / lines[round] : mega(lock, 0, round, millis));
}

static void with_section(enum lock_id lock, unsigned round, unsigned millis)
{
	put(SECTION, lock, round,
	    lock == RAW ? 1e3 / (lines[round] + section_ns()) : mega(lock, section, round, millis));
}

static void fairness(enum lock_id lock, unsigned round, unsigned millis)
{
	double *samples, p50, p99, a, b;
	size_t count;

	if (lock == RAW)
		return;
	run(&(struct job){ .loop = locks[lock].wait, .threads = 2, .pinned = true, .section = section,
			   .spot = round, .millis = millis });
	a = (double)workers[0].count;
	b = (double)workers[1].count;
	samples = all_samples(2, &count);
	p50 = percentile(samples, count, 50);
	p99 = percentile(samples, count, 99);
	put(SHARE, lock, round, fmin(a, b) / fmax(a, b));
	put(P50, lock, round, p50);
	put(P99, lock, round, p99);
	put(P99_P50, lock, round, p99 / p50);
	put(LONGEST, lock, round, fmax(workers[0].longest, workers[1].longest) / 1e3);
}

/* More threads than CPUs, with as much time outside the lock as inside. */
static void crowd(enum lock_id lock, unsigned round, unsigned millis, unsigned threads,
		  enum metric_id rate, enum metric_id wait)
{
	double seconds, sum = 0, longest = 0;

	if (lock == RAW)
		return;
	seconds = run(&(struct job){ .loop = locks[lock].wait, .threads = threads, .section = section,
				     .gap = section, .spot = round, .millis = 10 * millis });
	for (unsigned i = 0; i < threads; i++) {
		sum += (double)workers[i].count;
		longest = fmax(longest, workers[i].longest);
	}
	put(rate, lock, round, sum / seconds / 1e3);
	put(wait, lock, round, longest / 1e6);
}

static void crowd_4(enum lock_id lock, unsigned round, unsigned millis)
{
	crowd(lock, round, millis, 4, RATE_4, WAIT_4);
}

static void crowd_8(enum lock_id lock, unsigned round, unsigned millis)
{
	crowd(lock, round, millis, 8, RATE_8, WAIT_8);
}

static void crowd_16(enum lock_id lock, unsigned round, unsigned millis)
{
	crowd(lock, round, millis, 16, RATE_16, WAIT_16);
}

void measure_all(unsigned round, unsigned millis)
{
	static const struct {
		const char *name;
		void (*measure)(enum lock_id lock, unsigned round, unsigned millis);
	} measures[] = {
		{ "uncontended", uncontended }, { "two threads, empty section", empty },
		{ "two threads, 100 ns section", with_section }, { "fairness", fairness },
		{ "neighbours", neighbours }, { "4 threads", crowd_4 }, { "8 threads", crowd_8 },
		{ "16 threads", crowd_16 },
	};

	lines[round] = in_spots((struct job){ .loop = hand_over_loop }, round, millis);
	for (size_t m = 0; m < sizeof measures / sizeof *measures; m++) {
		fprintf(stderr, "round %u of %u: %s\n", round + 1, rounds, measures[m].name);
		for (unsigned i = 0; i < LOCKS; i++)
			measures[m].measure((round + i) % LOCKS, round, millis);
	}
}
