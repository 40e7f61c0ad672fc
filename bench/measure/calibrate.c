/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Measures the empty loop on each CPU, and how long a cache line takes from one
 * CPU to the other.  The latter in two ways, of which the faster counts: where a
 * waiting CPU polls without a pause it can take the line away from the other too
 * early, and where it pauses it can see the answer late.  So what hands a line
 * over each time is not faster than this.
 * Read next: measure.c.
 */
#include "calibrate.h"

#include <math.h>
#include <stdlib.h>

#include "../stats.h"
#include "clock.h"

enum { TURNS = 50000, TIMES = 9, EXCHANGES = 256, LAPS = 2 };

/* Samples: ns of a turn.  The median of the batches is not moved by an interrupt. */
static void empty_loop(struct worker *worker)
{
	for (unsigned i = 0; i < TIMES; i++) {
		double start = now_ns();

		spin(TURNS);
		add_sample(worker, (now_ns() - start) / TURNS);
	}
}

struct line {
	alignas(LINE) _Atomic uint32_t turn; /* whose: 0 or 1 */
};

static inline void exchange(struct line *line, uint32_t me, bool pause)
{
	for (unsigned i = 0; i < EXCHANGES; i++) {
		while (atomic_load_explicit(&line->turn, memory_order_acquire) != me)
			if (pause)
				ck_pr_stall();
		atomic_store_explicit(&line->turn, 1U - me, memory_order_release);
	}
}

/* Samples: ns of a hand-over, without a pause and with one in turn. */
static void hand_over_loop(struct worker *worker)
{
	struct line *lines = worker->shared;

	for (unsigned i = 0; i < LAPS * SPOTS; i++) {
		struct line *line = &lines[i % SPOTS];
		double start = now_ns(), middle;

		exchange(line, worker->index, false);
		middle = now_ns();
		exchange(line, worker->index, true);
		add_sample(worker, (middle - start) / (2 * EXCHANGES));
		add_sample(worker, (now_ns() - middle) / (2 * EXCHANGES));
	}
}

static double turn_ns(struct crew *crew, unsigned cpu)
{
	run(crew, &(struct job){ .loop = empty_loop, .threads = 1, .cpu = cpu, .pinned = true });
	return median_sample(crew, 1);
}

static double line_ns(struct crew *crew)
{
	struct line lines[SPOTS] = { 0 };
	double ways[2][LAPS * SPOTS];

	run(crew, &(struct job){ .loop = hand_over_loop, .shared = lines, .threads = 2, .pinned = true });
	for (unsigned i = 0; i < 2 * LAPS * SPOTS; i++)
		ways[i % 2][i / 2] = crew->workers[0].samples[i];
	return fmin(median(ways[0], LAPS * SPOTS), median(ways[1], LAPS * SPOTS));
}

struct calibration calibrate(struct crew *crew)
{
	struct calibration calibration = { .line = crew->cpus == CPUS ? line_ns(crew) : NAN };

	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		calibration.turn[cpu] = cpu < crew->cpus ? turn_ns(crew, cpu) : NAN;
	return calibration;
}
