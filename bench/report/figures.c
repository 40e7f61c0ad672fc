/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Medians and ratios of the samples that count.
 */
#include "figures.h"

#include <math.h>

#include "../stats.h"

void make_results(struct results *results, const struct recording *recording)
{
	*results = (struct results){ .recording = recording, .reference = reference_mode(recording) };
	for (size_t i = 0; i < recording->count; i++) {
		const struct sample *sample = &recording->samples[i];
		enum standing standing = standing_of(sample, &results->reference);

		results->standings[standing]++;
		if (standing == COUNTS)
			results->of[sample->metric][sample->lock][sample->round - 1] = sample;
	}
}

/* A number of a round; NAN: that round has none. */
typedef double number(const struct results *results, enum metric_id metric, enum lock_id lock, enum lock_id against,
		      unsigned round);

static unsigned collect(double list[MAX_ROUNDS], number *of_round, const struct results *results,
			enum metric_id metric, enum lock_id lock, enum lock_id against)
{
	unsigned count = 0;

	for (unsigned round = 0; round < MAX_ROUNDS; round++) {
		double value = of_round(results, metric, lock, against, round);

		if (!isnan(value))
			list[count++] = value;
	}
	return count;
}

static struct figure median_figure(number *of_round, const struct results *results, enum metric_id metric,
				   enum lock_id lock, enum lock_id against)
{
	double list[MAX_ROUNDS];
	unsigned count = collect(list, of_round, results, metric, lock, against);

	return (struct figure){ count > 0 ? median(list, count) : NAN, count };
}

static double value(const struct results *results, enum metric_id metric, enum lock_id lock, enum lock_id against,
		    unsigned round)
{
	const struct sample *sample = results->of[metric][lock][round];

	(void)against;
	return sample ? sample->value : NAN;
}

static double quotient(double over, double under)
{
	return under > 0 ? over / under : NAN;
}

static double ratio(const struct results *results, enum metric_id metric, enum lock_id lock, enum lock_id against,
		    unsigned round)
{
	return quotient(value(results, metric, lock, lock, round), value(results, metric, against, lock, round));
}

/* Of a time the limit is the smaller, of a rate the larger. */
static double time_share(const struct results *results, enum metric_id metric, enum lock_id lock, enum lock_id floor,
			 unsigned round)
{
	return ratio(results, metric, floor, lock, round);
}

static double rate_share(const struct results *results, enum metric_id metric, enum lock_id lock, enum lock_id against,
			 unsigned round)
{
	const struct sample *sample = results->of[metric][lock][round];

	(void)against;
	return sample ? quotient(sample->value, sample->limit) : NAN;
}

struct figure median_of(const struct results *results, enum metric_id metric, enum lock_id lock)
{
	return median_figure(value, results, metric, lock, LOCKS);
}

struct figure ratio_of(const struct results *results, enum metric_id metric, enum lock_id lock, enum lock_id against)
{
	return against == LOCKS ? median_of(results, metric, lock) :
				  median_figure(ratio, results, metric, lock, against);
}

struct figure share_of_limit(const struct results *results, enum metric_id metric, enum lock_id lock)
{
	return metric == UNCONTENDED ? median_figure(time_share, results, metric, lock, locks[lock].floor) :
				       median_figure(rate_share, results, metric, lock, LOCKS);
}

bool beyond_limit(const struct results *results, enum metric_id metric, enum lock_id lock)
{
	struct figure share = share_of_limit(results, metric, lock);

	return share.samples > 0 && share.value > MOST_OF_LIMIT;
}

/* The value at this per cent of the rounds. */
static struct figure rank_of(const struct results *results, enum metric_id metric, enum lock_id lock, double p)
{
	double list[MAX_ROUNDS];
	unsigned count = collect(list, value, results, metric, lock, LOCKS);

	return (struct figure){ count > 0 ? percentile(list, count, p) : NAN, count };
}

struct figure least_of(const struct results *results, enum metric_id metric, enum lock_id lock)
{
	return rank_of(results, metric, lock, 100.0 / MAX_ROUNDS);
}

struct figure most_of(const struct results *results, enum metric_id metric, enum lock_id lock)
{
	return rank_of(results, metric, lock, 100);
}
