/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Where the benchmark ran and how busy that was.
 */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include <stdbool.h>
#include <time.h>

#include "threads.h"

struct cpu_time {
	double busy, stolen, own, clock; /* seconds; of all CPUs the first three */
};

struct notes {
	double load[3]; /* when it began; -1: unknown */
	struct cpu_time start, end;
	bool known; /* whether the system says both */
	time_t date;
};

void note_start(struct notes *notes);
void note_end(struct notes *notes);

/* The notes of the file of samples; the caller frees them. */
char *text_of(const struct notes *notes, const struct crew *crew, unsigned rounds, double section_ns);

#endif
