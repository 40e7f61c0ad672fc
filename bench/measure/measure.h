/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What is measured of each lock, and how.
 * Read next: calibrate.h.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "locks.h"

struct bench {
	struct crew *crew;
	struct arena *arena;
	struct recording recording;
	unsigned rounds, millis;
	unsigned round;              /* from 1 */
	uint32_t section;            /* turns of spin(): SECTION_NS long when the benchmark began */
	double section_ns;           /* what they took then */
	struct calibration now;      /* the last one: before the next sample */
};

/* The crew and the arena are there; finds the section. */
void prepare_measures(struct bench *bench);

/* A round: each measure for all locks, a calibration before and after each. */
void measure_round(struct bench *bench);

#endif
