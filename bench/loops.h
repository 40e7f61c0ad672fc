/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The loops that each lock is measured in.  They are inlined with the lock's own
 * acquire and release as constants, so a lock that can be inlined is, and nothing
 * but the lock differs between two loops.
 * Read next: threads.c.
 */
#ifndef BENCH_LOOPS_H
#define BENCH_LOOPS_H

#include "bench.h"

#define INLINED __attribute__((always_inline)) static inline

enum { BATCH = 1024 };

typedef void act(unsigned which, struct seat *seat);

INLINED bool stopped(void)
{
	return atomic_load_explicit(&stop, memory_order_relaxed);
}

INLINED void idle(uint32_t times)
{
	if (times > 0)
		spin(times);
}

/* Samples: ns of one acquire and release, the mean of a batch. */
INLINED void batch_loop(struct worker *worker, act *acquire, act *release)
{
	const unsigned which = worker->which;

	do {
		double start = now_ns();

		for (unsigned i = 0; i < BATCH; i++) {
			acquire(which, &worker->seat);
			release(which, &worker->seat);
		}
		add_sample(worker, (now_ns() - start) / BATCH);
	} while (!stopped());
}

/* Samples, of the first worker only: the rate of all workers while it did a
 * batch.  Their median is not moved by the moments in which one of them is away,
 * when the other has the lock for itself and is many times faster. */
INLINED void contend_loop(struct worker *worker, act *acquire, act *release)
{
	const unsigned which = worker->which;
	uint64_t done = 0;

	worker->window = now_ns();
	do {
		acquire(which, &worker->seat);
		idle(worker->section);
		release(which, &worker->seat);
		atomic_store_explicit(&worker->done, ++done, memory_order_relaxed);
		if (done % BATCH == 0 && worker == workers)
			sample_rate();
	} while (!stopped());
	if (worker == workers)
		sample_rate();
}

/* Samples: ns from the call of acquire to its return. */
INLINED void wait_loop(struct worker *worker, act *acquire, act *release)
{
	const unsigned which = worker->which;

	do {
		double called = now_ns(), entered;

		acquire(which, &worker->seat);
		entered = now_ns();
		idle(worker->section);
		release(which, &worker->seat);
		idle(worker->gap);
		add_sample(worker, entered - called);
	} while (!stopped());
}

#endif
