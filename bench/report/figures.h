/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What is made of the samples: medians of rounds, and of ratios inside a round, so
 * that what changes from round to round cancels.  Only samples of the reference
 * mode count.
 * Read next: goals.c.
 */
#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

#include <stdbool.h>

#include "../modes.h"

/* A figure that rests on fewer samples has no verdict. */
enum { ENOUGH = 3 };

/* Nothing is faster than the limit; what comes out faster by more was measured wrongly. */
#define MOST_OF_LIMIT 1.05

struct figure {
	double value;     /* NAN: rests on nothing */
	unsigned samples; /* that it rests on; of a ratio: pairs of samples */
};

struct results {
	const struct recording *recording;
	struct calibration reference;
	unsigned standings[BETWEEN + 1];                            /* how many samples have each */
	const struct sample *of[METRICS][LOCKS][MAX_ROUNDS]; /* those that count; NULL: none */
};

void make_results(struct results *results, const struct recording *recording);

struct figure median_of(const struct results *results, enum metric_id metric, enum lock_id lock);
struct figure least_of(const struct results *results, enum metric_id metric, enum lock_id lock);
struct figure most_of(const struct results *results, enum metric_id metric, enum lock_id lock);

/* To the value of `against` in the same round; `against` LOCKS: the value itself. */
struct figure ratio_of(const struct results *results, enum metric_id metric, enum lock_id lock, enum lock_id against);

/* What part of the speed that the machine allows: of one thread, that of the same
 * operations without a lock, called as it is called; of two, what the hand-over
 * beside the sample allows.  NAN where there is no limit. */
struct figure share_of_limit(const struct results *results, enum metric_id metric, enum lock_id lock);

/* Whether that share is above MOST_OF_LIMIT. */
bool beyond_limit(const struct results *results, enum metric_id metric, enum lock_id lock);

#endif
