/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Order statistics, by sorting.  test/programs/stats.c lets a test call them.
 */
#include "stats.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

double median(double *values, size_t count)
{
	qsort(values, count, sizeof *values, compare);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

double percentile(double *values, size_t count, double p)
{
	size_t rank = (size_t)ceil(p / 100 * (double)count);

	qsort(values, count, sizeof *values, compare);
	return values[rank - 1];
}
