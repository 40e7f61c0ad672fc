/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The table that people read and the CSV that programs read.
 */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include <stdio.h>

/* Both print a struct results (figures.h). */
void print_table(FILE *out, const void *results);
void print_csv(FILE *out, const void *results);

#endif
