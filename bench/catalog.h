/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What is measured, by name: the locks and the metrics.  Both programs of the
 * benchmark know these, and so does the file between them.
 * Read next: sample.h.
 */
#ifndef BENCH_CATALOG_H
#define BENCH_CATALOG_H

enum kind {
	LIMIT, /* no lock: what the machine allows */
	FIFO,
	UNFAIR
};

enum lock_id {
	RAW, RAW_CALL, TKT, HLOCK, HLOCK_LIB, HLOCK_HOSTED_LIB, CHECKED, CHECKED_LIB, PTHREAD_SPIN, PTHREAD_MUTEX,
	PTHREAD_CHECK, CK_FAS, CK_TICKET, CK_MCS, CK_CLH, LOCKS
};

struct lock {
	const char *name, *what;
	enum kind kind;
	enum lock_id floor; /* one thread: nothing called as this lock is can cost less */
};
extern const struct lock locks[LOCKS];

enum metric_id {
	UNCONTENDED, CHAIN, EMPTY, SECTION, SHARE, P50, P99, P99_P50, LONGEST, NEIGHBOURS,
	RATE_4, WAIT_4, RATE_8, WAIT_8, RATE_16, WAIT_16, METRICS
};

struct metric {
	const char *name, *unit, *what;
	enum lock_id against; /* ratios are to this lock; LOCKS: none */
	unsigned cpus;        /* that a sample runs on: 1 or 2 */
};
extern const struct metric metrics[METRICS];

/* By name; LOCKS and METRICS: there is none. */
enum lock_id lock_named(const char *name);
enum metric_id metric_named(const char *name);

#endif
