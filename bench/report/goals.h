/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The goals, and what the samples say of them.
 */
#ifndef BENCH_GOALS_H
#define BENCH_GOALS_H

#include "figures.h"

/* Each goal with its figure and its verdict, each figure that is a defect of the
 * measurement, and how far the best FIFO lock is. */
void print_goals(FILE *out, const struct results *results);

#endif
