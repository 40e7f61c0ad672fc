/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The goals.  They are reported and are no gate: a machine that is busy or of
 * another kind may miss them, and the numbers are to be honest, not to pass.
 */
#include "bench.h"

static const struct goal {
	const char *text;
	enum metric_id metric;
	enum lock_id lock, against; /* LOCKS: the value, else the ratio */
	const char *sense;          /* "<=" or ">=" */
	double bound;
} goals[] = {
	{ "uncontended, inline, x raw limit", UNCONTENDED, HLOCK, RAW, "<=", 1.05 },
	{ "uncontended, library, x raw limit", UNCONTENDED, HLOCK_LIB, RAW, "<=", 1.40 },
	{ "two threads, empty section, x tkt", EMPTY, HLOCK, TKT, ">=", 0.97 },
	{ "two threads, 100 ns section, x tkt", SECTION, HLOCK, TKT, ">=", 0.97 },
	{ "two threads, min/max share", SHARE, HLOCK, LOCKS, ">=", 0.98 },
	{ "two threads, p99 / p50 of the wait", P99_P50, HLOCK, LOCKS, "<=", 1.25 },
	{ "neighbouring locks, x one thread", NEIGHBOURS, HLOCK, LOCKS, "<=", 1.02 },
	{ "hosted, 16 threads, kops/s", RATE_16, HLOCK_HOSTED_LIB, LOCKS, ">=", 100 },
	{ "hosted, 16 threads, longest wait, ms", WAIT_16, HLOCK_HOSTED_LIB, LOCKS, "<=", 20 },
	{ "hosted, uncontended, x library", UNCONTENDED, HLOCK_HOSTED_LIB, HLOCK_LIB, "<=", 1.02 },
};

static bool met(const struct goal *goal, double value)
{
	return goal->sense[0] == '<' ? value <= goal->bound : value >= goal->bound;
}

/* The distance that is to be closed next: to the best FIFO lock that is not ours. */
static void print_best(FILE *out, enum metric_id metric, const char *what)
{
	enum lock_id best = TKT;

	for (unsigned i = 0; i < LOCKS; i++)
		if (locks[i].kind == FIFO && i != HLOCK && i != HLOCK_LIB && i != HLOCK_HOSTED_LIB &&
		    median_of(metric, i) > median_of(metric, best))
			best = i;
	fprintf(out, "best FIFO lock of this run, %s: %s, %.2f %s; hlock is at %.2f of it\n", what, locks[best].name,
		median_of(metric, best), metrics[metric].unit, ratio_of(metric, HLOCK, best));
}

void print_goals(FILE *out)
{
	fprintf(out, "\nGoals (reported, not gates)\n%-40s %10s %12s  met\n", "", "goal", "measured");
	for (size_t i = 0; i < sizeof goals / sizeof *goals; i++) {
		const struct goal *goal = &goals[i];
		double value = ratio_of(goal->metric, goal->lock, goal->against);

		fprintf(out, "%-40s %4s %5.*f %12.*f  %s\n", goal->text, goal->sense, goal->bound < 10 ? 2 : 0,
			goal->bound, goal->bound < 10 ? 3 : 1, value, met(goal, value) ? "yes" : "NO");
	}
	print_best(out, EMPTY, "empty section");
	print_best(out, SECTION, "100 ns section");
}
