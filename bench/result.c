/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The values: one a metric, lock and round.  A ratio of two locks is taken inside
 * each round, and then the median of these is; what changes from round to round
 * in the machine cancels.
 * Read next: report.c.
 */
#include <math.h>

#include "bench.h"
#include "stats.h"

const struct metric metrics[METRICS] = {
	[UNCONTENDED] = { "uncontended", "ns", "one thread, acquire and release", RAW },
	[EMPTY] = { "empty", "Mops/s", "two threads, empty section; raw is 1 / hand-over", TKT },
	[SECTION] = { "section", "Mops/s", "two threads, 100 ns section; raw is 1 / (hand-over + section)", TKT },
	[SHARE] = { "share", "min/max", "acquisitions of the two threads", LOCKS },
	[P50] = { "wait_p50", "ns", "two threads, 100 ns section", TKT },
	[P99] = { "wait_p99", "ns", "two threads, 100 ns section", TKT },
	[P99_P50] = { "wait_p99_p50", "p99/p50", "the last two", LOCKS },
	[LONGEST] = { "wait_longest", "us", "two threads, 100 ns section", TKT },
	[NEIGHBOURS] = { "neighbours", "x one", "two threads on two neighbouring locks, against one thread", LOCKS },
	[RATE_4] = { "rate_4", "kops/s", "4 threads on 2 CPUs, 100 ns section, 100 ns gap", TKT },
	[WAIT_4] = { "longest_4", "ms", "4 threads on 2 CPUs, 100 ns section, 100 ns gap", TKT },
	[RATE_8] = { "rate_8", "kops/s", "8 threads on 2 CPUs, 100 ns section, 100 ns gap", TKT },
	[WAIT_8] = { "longest_8", "ms", "8 threads on 2 CPUs, 100 ns section, 100 ns gap", TKT },
	[RATE_16] = { "rate_16", "kops/s", "16 threads on 2 CPUs, 100 ns section, 100 ns gap", TKT },
	[WAIT_16] = { "longest_16", "ms", "16 threads on 2 CPUs, 100 ns section, 100 ns gap", TKT },
};

unsigned rounds = 5;
static struct {
	bool known;
	double value;
} values[METRICS][LOCKS][MAX_ROUNDS];

void put(enum metric_id metric, enum lock_id lock, unsigned round, double value)
{
	values[metric][lock][round].known = true;
	values[metric][lock][round].value = value;
}

double value_of(enum metric_id metric, enum lock_id lock, unsigned round)
{
	return values[metric][lock][round].known ? values[metric][lock][round].value : NAN;
}

/* Over all rounds, of the value or of its ratio to that of `against`.  0: some round has none. */
static unsigned collect(double *list, enum metric_id metric, enum lock_id lock, enum lock_id against)
{
	for (unsigned round = 0; round < rounds; round++) {
		list[round] = value_of(metric, lock, round);
		if (against != LOCKS)
			list[round] /= value_of(metric, against, round);
		if (isnan(list[round]))
			return 0;
	}
	return rounds;
}

double ratio_of(enum metric_id metric, enum lock_id lock, enum lock_id against)
{
	double list[MAX_ROUNDS];

	return collect(list, metric, lock, against) ? median(list, rounds) : NAN;
}

double median_of(enum metric_id metric, enum lock_id lock)
{
	return ratio_of(metric, lock, LOCKS);
}

/* The value at this per cent of the rounds. */
static double rank_of(enum metric_id metric, enum lock_id lock, double p)
{
	double list[MAX_ROUNDS];

	return collect(list, metric, lock, LOCKS) ? percentile(list, rounds, p) : NAN;
}

double least_of(enum metric_id metric, enum lock_id lock)
{
	return rank_of(metric, lock, 100.0 / MAX_ROUNDS);
}

double most_of(enum metric_id metric, enum lock_id lock)
{
	return rank_of(metric, lock, 100);
}
