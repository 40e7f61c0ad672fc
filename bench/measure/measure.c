/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What is measured, and how.  A round does each measure for all locks before it
 * goes on to the next; the first lock differs from round to round.  What needs two
 * CPUs is left out where there is one.
 * Read next: calibrate.c.
 */
#include "measure.h"

#include <math.h>

#include "../stats.h"
#include "calibrate.h"
#include "clock.h"

enum { SECTION_NS = 100 };

/* The least of several is the one that nothing disturbed. */
void prepare_measures(struct bench *bench)
{
	enum { TURNS = 1000000 };
	double turn = INFINITY;

	for (unsigned i = 0; i < 10; i++) {
		double start = now_ns();

		spin(TURNS);
		turn = fmin(turn, (now_ns() - start) / TURNS);
	}
	bench->section = (uint32_t)(SECTION_NS / turn + 0.5);
	bench->section_ns = bench->section * turn;
}

/* Its calibrations come later. */
static void put(struct bench *bench, enum metric_id metric, enum lock_id lock, double value)
{
	add_to(&bench->recording,
	       &(struct sample){ .round = bench->round, .metric = metric, .lock = lock, .value = value, .limit = NAN });
}

/* ns of an acquire and release of each of so many threads, which have a lock each */
static double pair_ns(struct bench *bench, enum lock_id lock, unsigned threads)
{
	run(bench->crew, &(struct job){ .loop = lock_loops[lock].batch, .shared = bench->arena, .threads = threads,
					.pinned = true, .side_by_side = true, .spot = bench->round,
					.millis = bench->millis });
	return median_sample(bench->crew, threads);
}

static void uncontended(struct bench *bench, enum lock_id lock)
{
	put(bench, UNCONTENDED, lock, pair_ns(bench, lock, 1));
}

static void chain(struct bench *bench, enum lock_id lock)
{
	run(bench->crew, &(struct job){ .loop = lock_loops[lock].chain, .shared = bench->arena, .threads = 1,
					.pinned = true, .spot = bench->round, .millis = bench->millis });
	put(bench, CHAIN, lock, median_sample(bench->crew, 1));
}

/* What one thread alone costs is measured again: only neighbours in time compare. */
static void neighbours(struct bench *bench, enum lock_id lock)
{
	double alone = pair_ns(bench, lock, 1);

	put(bench, NEIGHBOURS, lock, pair_ns(bench, lock, 2) / alone);
}

/* Millions of acquisitions a second.  In half of the spots, for one spot can be 10
 * per cent faster than another, for any lock. */
static double mega(struct bench *bench, enum lock_id lock, uint32_t section)
{
	enum { PARTS = SPOTS / 2 };
	double parts[PARTS];
	struct job job = { .loop = lock_loops[lock].contend, .shared = bench->arena, .threads = 2, .pinned = true,
			   .section = section, .millis = (bench->millis + PARTS - 1) / PARTS };

	for (unsigned i = 0; i < PARTS; i++) {
		job.spot = bench->round * PARTS + i;
		run(bench->crew, &job);
		parts[i] = median_sample(bench->crew, 1);
	}
	return median(parts, PARTS);
}

/* That of RAW is its limit, which the calibrations say. */
static void contended(struct bench *bench, enum metric_id metric, enum lock_id lock, uint32_t section)
{
	if (lock == RAW)
		put(bench, metric, lock, NAN);
	else if (locks[lock].kind != LIMIT)
		put(bench, metric, lock, mega(bench, lock, section));
}

static void empty(struct bench *bench, enum lock_id lock)
{
	contended(bench, EMPTY, lock, 0);
}

static void with_section(struct bench *bench, enum lock_id lock)
{
	contended(bench, SECTION, lock, bench->section);
}

static void fairness(struct bench *bench, enum lock_id lock)
{
	const struct worker *workers = bench->crew->workers;
	double *samples, p50, p99, a, b;
	size_t count;

	if (locks[lock].kind == LIMIT)
		return;
	run(bench->crew, &(struct job){ .loop = lock_loops[lock].wait, .shared = bench->arena, .threads = 2,
					.pinned = true, .section = bench->section, .spot = bench->round,
					.millis = bench->millis });
	a = (double)workers[0].count;
	b = (double)workers[1].count;
	samples = all_samples(bench->crew, 2, &count);
	p50 = percentile(samples, count, 50);
	p99 = percentile(samples, count, 99);
	put(bench, SHARE, lock, fmin(a, b) / fmax(a, b));
	put(bench, P50, lock, p50);
	put(bench, P99, lock, p99);
	put(bench, P99_P50, lock, p99 / p50);
	put(bench, LONGEST, lock, fmax(workers[0].longest, workers[1].longest) / 1e3);
}

/* More threads than CPUs, with as much time outside the lock as inside. */
static void crowd(struct bench *bench, enum lock_id lock, unsigned threads, enum metric_id rate, enum metric_id wait)
{
	const struct worker *workers = bench->crew->workers;
	double seconds, sum = 0, longest = 0;

	if (locks[lock].kind == LIMIT)
		return;
	seconds = run(bench->crew, &(struct job){ .loop = lock_loops[lock].wait, .shared = bench->arena,
						  .threads = threads, .section = bench->section,
						  .gap = bench->section, .spot = bench->round,
						  .millis = 10 * bench->millis });
	for (unsigned i = 0; i < threads; i++) {
		sum += (double)workers[i].count;
		longest = fmax(longest, workers[i].longest);
	}
	put(bench, rate, lock, sum / seconds / 1e3);
	put(bench, wait, lock, longest / 1e6);
}

static void crowd_4(struct bench *bench, enum lock_id lock)
{
	crowd(bench, lock, 4, RATE_4, WAIT_4);
}

static void crowd_8(struct bench *bench, enum lock_id lock)
{
	crowd(bench, lock, 8, RATE_8, WAIT_8);
}

static void crowd_16(struct bench *bench, enum lock_id lock)
{
	crowd(bench, lock, 16, RATE_16, WAIT_16);
}

/* Acquisitions of a lock that is handed over each time, in millions a second. */
static double limit_of(const struct bench *bench, const struct sample *sample)
{
	double line = (sample->before.line + sample->after.line) / 2, turns = 0;

	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		turns += (sample->before.turn[cpu] + sample->after.turn[cpu]) / (2 * CPUS);
	return 1e3 / (line + (sample->metric == SECTION ? bench->section * turns : 0));
}

/* Of the samples from this one on: the machine as it was before them and as it is now. */
static void put_calibrations(struct bench *bench, size_t from)
{
	struct calibration before = bench->now;

	bench->now = calibrate(bench->crew);
	for (size_t i = from; i < bench->recording.count; i++) {
		struct sample *sample = &bench->recording.samples[i];

		sample->before = before;
		sample->after = bench->now;
		if ((sample->metric == EMPTY || sample->metric == SECTION) && locks[sample->lock].kind != UNFAIR)
			sample->limit = limit_of(bench, sample);
		if (isnan(sample->value))
			sample->value = sample->limit;
	}
}

void measure_round(struct bench *bench)
{
	static const struct {
		const char *name;
		unsigned cpus;
		void (*measure)(struct bench *bench, enum lock_id lock);
	} measures[] = {
		{ "uncontended", 1, uncontended }, { "chain of three", 1, chain },
		{ "two threads, empty section", 2, empty },
		{ "two threads, 100 ns section", 2, with_section }, { "fairness", 2, fairness },
		{ "neighbours", 2, neighbours }, { "4 threads", 2, crowd_4 }, { "8 threads", 2, crowd_8 },
		{ "16 threads", 2, crowd_16 },
	};

	bench->now = calibrate(bench->crew);
	for (size_t m = 0; m < sizeof measures / sizeof *measures; m++) {
		if (measures[m].cpus > bench->crew->cpus)
			continue;
		fprintf(stderr, "round %u of %u: %s\n", bench->round, bench->rounds, measures[m].name);
		for (unsigned i = 0; i < LOCKS; i++) {
			size_t from = bench->recording.count;

			measures[m].measure(bench, (bench->round + i) % LOCKS);
			if (bench->recording.count > from)
				put_calibrations(bench, from);
		}
	}
}
