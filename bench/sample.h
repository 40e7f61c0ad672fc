/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Samples, and the file of them that one program writes and the other reads.
 *
 * The file is lines of notes, which begin with "# ", a line of column names, and a
 * line a sample: round, metric, lock, value, limit, then the calibration before it
 * and that after it (hand-over, empty loop on the first CPU, on the second; ns).
 * What was not measured is empty.
 * Read next: modes.h.
 */
#ifndef BENCH_SAMPLE_H
#define BENCH_SAMPLE_H

#include <stddef.h>
#include <stdio.h>

#include "catalog.h"

enum { MAX_ROUNDS = 99, CPUS = 2 };

/* How fast the machine was at a moment.  NAN: not measured, for there is one CPU. */
struct calibration {
	double line;       /* ns that a cache line takes from one CPU to the other */
	double turn[CPUS]; /* ns of a turn of the empty loop, on each CPU */
};

struct sample {
	unsigned round; /* from 1 */
	enum metric_id metric;
	enum lock_id lock;
	double value; /* in the metric's unit */
	double limit; /* that the machine allows beside this sample, in that unit; NAN: none is known */
	struct calibration before, after;
};

struct recording {
	char *notes; /* lines, each with its newline; NULL: none */
	struct sample *samples;
	size_t count, capacity;
};

/* Adds one at the end.  Ends the program, status 2, if there is no memory. */
void add_to(struct recording *recording, const struct sample *sample);

/* What `print` of write_whole() calls on a struct recording. */
void write_samples(FILE *out, const void *recording);

/* Reads the file at this path.  Ends the program, status 2, with path and line where
 * it is not such a file: an unknown name, a number out of range, a sample twice. */
void read_samples(struct recording *recording, const char *path);

#endif
