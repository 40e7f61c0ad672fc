/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The CSV: a line a metric and lock.  What rests on nothing is empty; the rounds
 * are in the file of samples.
 */
#include "figures.h"
#include "table.h"

static void number(FILE *out, struct figure figure)
{
	if (figure.samples > 0)
		fprintf(out, ",%.6g", figure.value);
	else
		fprintf(out, ",");
}

static void print_row(FILE *out, const struct results *results, enum metric_id metric, enum lock_id lock)
{
	enum lock_id against = metrics[metric].against;
	struct figure median = median_of(results, metric, lock), ratio = { 0 };
	struct figure share = share_of_limit(results, metric, lock);

	if (against != LOCKS)
		ratio = ratio_of(results, metric, lock, against);
	fprintf(out, "%s,%s,%s", metrics[metric].name, metrics[metric].unit, locks[lock].name);
	number(out, median);
	number(out, least_of(results, metric, lock));
	number(out, most_of(results, metric, lock));
	fprintf(out, ",%u,%s", median.samples, against == LOCKS ? "" : locks[against].name);
	number(out, ratio);
	fprintf(out, ",%u", ratio.samples);
	number(out, share);
	fprintf(out, ",%u\n", share.samples);
}

void print_csv(FILE *out, const void *what)
{
	fprintf(out, "metric,unit,lock,median,min,max,samples,against,ratio,ratio_samples,of_limit,of_limit_samples\n");
	for (enum metric_id m = 0; m < METRICS; m++)
		for (enum lock_id i = 0; i < LOCKS; i++)
			print_row(out, what, m, i);
}
