/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Order statistics.  Both sort the values in place; `count` is at least 1.
 */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stddef.h>

/* The middle value; of an even count the mean of the two in the middle. */
double median(double *values, size_t count);

/* The smallest value that at least p per cent of all do not exceed (nearest rank); 0 < p <= 100. */
double percentile(double *values, size_t count, double p);

#endif
