/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The loops that each lock is measured in.  They are inlined with the lock's own
 * acquire and release as constants, so a lock that can be inlined is, and nothing
 * but the lock differs between two loops.  What the threads share is the arena
 * that the locks lie in.
 * Read next: locks.c.
 */
#ifndef BENCH_LOOPS_H
#define BENCH_LOOPS_H

#include "clock.h"
#include "threads.h"

#define INLINED __attribute__((always_inline)) static inline

enum { BATCH = 1024 };

struct arena;
typedef void act(struct arena *arena, unsigned which, struct seat *seat);

INLINED void idle(uint32_t turns)
{
	if (turns > 0)
		spin(turns);
}

/* Samples: ns of one acquire and release, the mean of a batch. */
INLINED void batch_loop(struct worker *worker, act *acquire, act *release)
{
	const struct crew *const crew = worker->crew;
	struct arena *const arena = worker->shared;
	const unsigned which = worker->which;

	do {
		double start = now_ns();

		for (unsigned i = 0; i < BATCH; i++) {
			acquire(arena, which, worker->seats);
			release(arena, which, worker->seats);
		}
		add_sample(worker, (now_ns() - start) / BATCH);
	} while (!stopped(crew));
}

/* Samples: ns of three locks, acquired in the order of their numbers and released backwards. */
INLINED void chain_loop(struct worker *worker, act *acquire, act *release)
{
	const struct crew *const crew = worker->crew;
	struct arena *const arena = worker->shared;
	const unsigned which = worker->which < 2 * SPOTS - HELD ? worker->which : 0;
	struct seat *const seats = worker->seats;

	do {
		double start = now_ns();

		for (unsigned i = 0; i < BATCH; i++) {
			acquire(arena, which, &seats[0]);
			acquire(arena, which + 1, &seats[1]);
			acquire(arena, which + 2, &seats[2]);
			release(arena, which + 2, &seats[2]);
			release(arena, which + 1, &seats[1]);
			release(arena, which, &seats[0]);
		}
		add_sample(worker, (now_ns() - start) / BATCH);
	} while (!stopped(crew));
}

/* Samples, of the first worker only: the rate of all workers while it did a
 * batch.  Their median is not moved by the moments in which one of them is away,
 * when the other has the lock for itself and is many times faster. */
INLINED void contend_loop(struct worker *worker, act *acquire, act *release)
{
	const struct crew *const crew = worker->crew;
	struct arena *const arena = worker->shared;
	const unsigned which = worker->which;
	const bool first = worker->index == 0;
	uint64_t done = 0;

	worker->window = now_ns();
	do {
		acquire(arena, which, worker->seats);
		idle(worker->section);
		release(arena, which, worker->seats);
		atomic_store_explicit(&worker->done, ++done, memory_order_relaxed);
		if (done % BATCH == 0 && first)
			sample_rate(worker);
	} while (!stopped(crew));
	if (first)
		sample_rate(worker);
}

/* Samples: ns from the call of acquire to its return. */
INLINED void wait_loop(struct worker *worker, act *acquire, act *release)
{
	const struct crew *const crew = worker->crew;
	struct arena *const arena = worker->shared;
	const unsigned which = worker->which;

	do {
		double called = now_ns(), entered;

		acquire(arena, which, worker->seats);
		entered = now_ns();
		idle(worker->section);
		release(arena, which, worker->seats);
		idle(worker->gap);
		add_sample(worker, entered - called);
	} while (!stopped(crew));
}

#endif
