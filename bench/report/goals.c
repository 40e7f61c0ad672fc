/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The goals.  They are reported and are no gate: a machine that is busy or of
 * another kind may miss them, and the numbers are to be honest, not to pass.
 * Where they say nothing, that is the verdict.
 */
#include "goals.h"

#include <math.h>

static const struct goal {
	const char *text;
	enum metric_id metric;
	enum lock_id lock, against; /* LOCKS: the value, else the ratio */
	const char *sense;          /* "<=" or ">=" */
	double bound;
} goals[] = {
	{ "uncontended, inline, x raw limit", UNCONTENDED, HLOCK, RAW, "<=", 1.05 },
	{ "uncontended, library, x two bare calls", UNCONTENDED, HLOCK_LIB, RAW_CALL, "<=", 1.05 },
	{ "two threads, empty section, x tkt", EMPTY, HLOCK, TKT, ">=", 0.97 },
	{ "two threads, 100 ns section, x tkt", SECTION, HLOCK, TKT, ">=", 0.97 },
	{ "two threads, min/max share", SHARE, HLOCK, LOCKS, ">=", 0.98 },
	{ "two threads, p99 / p50 of the wait", P99_P50, HLOCK, LOCKS, "<=", 1.25 },
	{ "neighbouring locks, x one thread", NEIGHBOURS, HLOCK, LOCKS, "<=", 1.02 },
	{ "hosted, 16 threads, kops/s", RATE_16, HLOCK_HOSTED_LIB, LOCKS, ">=", 100 },
	{ "hosted, 16 threads, longest wait, ms", WAIT_16, HLOCK_HOSTED_LIB, LOCKS, "<=", 20 },
	{ "checks, inline, x hlock", UNCONTENDED, CHECKED, HLOCK, "<=", 1.10 },
	{ "checks, library, x library", UNCONTENDED, CHECKED_LIB, HLOCK_LIB, "<=", 1.5 },
	{ "checks, library, chain of three, x lib", CHAIN, CHECKED_LIB, HLOCK_LIB, "<=", 1.75 },
	{ "checks, library, 100 ns section, x lib", SECTION, CHECKED_LIB, HLOCK_LIB, ">=", 0.95 },
	{ "hosted, uncontended, x library", UNCONTENDED, HLOCK_HOSTED_LIB, HLOCK_LIB, "<=", 1.02 },
};

static bool beyond(const struct results *results, const struct goal *goal)
{
	return beyond_limit(results, goal->metric, goal->lock) ||
	       (goal->against != LOCKS && beyond_limit(results, goal->metric, goal->against));
}

static const char *verdict(const struct results *results, const struct goal *goal, struct figure figure)
{
	if (figure.samples < ENOUGH)
		return "no verdict: too few samples of the mode";
	if (beyond(results, goal))
		return "no verdict: measured beyond the limit";
	return (goal->sense[0] == '<' ? figure.value <= goal->bound : figure.value >= goal->bound) ? "met" : "MISSED";
}

static void print_goal(FILE *out, const struct results *results, const struct goal *goal)
{
	struct figure figure = ratio_of(results, goal->metric, goal->lock, goal->against);
	char value[32] = "-";

	if (figure.samples > 0)
		snprintf(value, sizeof value, "%.*f", goal->bound < 10 ? 3 : 1, figure.value);
	fprintf(out, "%-40s %4s %5.*f %12s %8u  %s\n", goal->text, goal->sense, goal->bound < 10 ? 2 : 0, goal->bound,
		value, figure.samples, verdict(results, goal, figure));
}

static bool ours(enum lock_id lock)
{
	return lock == HLOCK || lock == HLOCK_LIB || lock == HLOCK_HOSTED_LIB || lock == CHECKED || lock == CHECKED_LIB;
}

/* The distance that is to be closed next: to the best FIFO lock that is not ours. */
static void print_best(FILE *out, const struct results *results, enum metric_id metric, const char *what)
{
	enum lock_id best = TKT;
	struct figure figure = median_of(results, metric, best), distance;

	for (enum lock_id i = 0; i < LOCKS; i++) {
		struct figure other = median_of(results, metric, i);

		if (locks[i].kind == FIFO && !ours(i) &&
		    other.samples >= ENOUGH && !beyond_limit(results, metric, i) &&
		    (other.value > figure.value || beyond_limit(results, metric, best))) {
			best = i;
			figure = other;
		}
	}
	distance = ratio_of(results, metric, HLOCK, best);
	if (distance.samples < ENOUGH || beyond_limit(results, metric, HLOCK) || beyond_limit(results, metric, best))
		fprintf(out, "best FIFO lock of this run, %s: no verdict\n", what);
	else
		fprintf(out, "best FIFO lock of this run, %s: %s, %.2f %s (%u); hlock is at %.2f (%u) of it\n", what,
			locks[best].name, figure.value, metrics[metric].unit, figure.samples, distance.value,
			distance.samples);
}

static void print_defects(FILE *out, const struct results *results)
{
	unsigned found = 0;

	for (enum metric_id m = 0; m < METRICS; m++)
		for (enum lock_id i = 0; i < LOCKS; i++) {
			if (!beyond_limit(results, m, i))
				continue;
			found++;
			fprintf(out, "DEFECT of the measurement: %s, %s: %.2f of its limit, which nothing can pass\n",
				metrics[m].name, locks[i].name, share_of_limit(results, m, i).value);
		}
	if (found == 0)
		fprintf(out, "no figure is above %.2f of its limit\n", MOST_OF_LIMIT);
}

void print_goals(FILE *out, const struct results *results)
{
	fprintf(out, "\nGoals (reported, not gates)\n%-40s %10s %12s %8s  verdict\n",
		"", "goal", "measured", "samples");
	for (size_t i = 0; i < sizeof goals / sizeof *goals; i++)
		print_goal(out, results, &goals[i]);
	print_defects(out, results);
	print_best(out, results, EMPTY, "empty section");
	print_best(out, results, SECTION, "100 ns section");
}
