/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The benchmark: what a lock costs, beside other locks, in one process.  Each
 * round measures all locks one after the other, so that what disturbs the machine
 * disturbs all; what is reported are medians of rounds, and ratios inside a round.
 *
 *   bench.c    options; the rounds
 *   locks.c    the table of locks
 *   loops.h    the loops that each lock is measured in
 *   threads.c  threads that run a loop for a while
 *   measure.c  what is measured, and how
 *   result.c   the values; medians and ratios
 *   report.c   the table and the CSV
 *   goals.c    the goals, and whether they are met
 *   machine.c  where it ran, and how busy that was
 *   stats.c    order statistics
 * Read next: locks.c.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <ck_spinlock.h>

enum { MAX_THREADS = 16, MAX_ROUNDS = 99, SAMPLES = 1 << 18, LINE = 128, SPOTS = 8 };

/* ---- locks.c: each lock exists in SPOTS pairs, because what it costs to move a
 * line depends on where the line lies */
enum kind { LIMIT, FIFO, UNFAIR }; /* LIMIT: no lock, what the machine allows */

enum lock_id {
	RAW, TKT, HLOCK, HLOCK_LIB, HLOCK_HOSTED_LIB, PTHREAD_SPIN, PTHREAD_MUTEX,
	CK_FAS, CK_TICKET, CK_MCS, CK_CLH, LOCKS
};

struct worker;
typedef void loop(struct worker *worker);

struct lock {
	const char *name, *what;
	enum kind kind;
	loop *batch, *contend, *wait; /* loops.h */
};
extern const struct lock locks[LOCKS];

/* What a thread owns for locks that queue nodes. */
struct seat {
	alignas(LINE) ck_spinlock_mcs_context_t mcs;
	ck_spinlock_clh_t *clh;
	alignas(LINE) ck_spinlock_clh_t clh_node;
};
void prepare_locks(void);

/* ---- threads.c */
struct worker {
	alignas(LINE) unsigned which; /* lock */
	uint32_t section, gap;        /* times for spin(), inside and outside */
	uint64_t count;               /* samples so far */
	double longest;               /* of all samples */
	double *samples;              /* the last SAMPLES of them, in a ring */
	double window;                /* when the sample of a rate began */
	uint64_t done_before;         /* and what all had done then */
	struct seat seat;
	alignas(LINE) _Atomic uint64_t done; /* acquisitions, for others to read */
};
extern struct worker workers[MAX_THREADS];
extern _Atomic bool stop;

struct job {
	loop *loop;
	unsigned threads;
	bool pinned;       /* one thread a CPU; else all on both CPUs */
	bool side_by_side; /* the threads use the two locks of the pair; else all the first */
	unsigned spot;     /* the pair, modulo SPOTS */
	uint32_t section, gap;
	unsigned millis;
};
void prepare_threads(void);
double run(const struct job *job); /* gives the seconds it took */
double *all_samples(unsigned threads, size_t *count); /* of the first threads; valid until the next call */
extern int cpu_of[2];

double now_ns(void);
void spin(uint32_t times);
void sample_rate(void);                     /* millions a second */
void hand_over_loop(struct worker *worker); /* two threads, one line to and fro */

static inline void add_sample(struct worker *worker, double value)
{
	worker->samples[worker->count++ % SAMPLES] = value;
	if (value > worker->longest)
		worker->longest = value;
}

/* ---- result.c: one value a metric, lock and round */
enum metric_id {
	UNCONTENDED, EMPTY, SECTION, SHARE, P50, P99, P99_P50, LONGEST, NEIGHBOURS,
	RATE_4, WAIT_4, RATE_8, WAIT_8, RATE_16, WAIT_16, METRICS
};

struct metric {
	const char *name, *unit, *what;
	enum lock_id against; /* ratios are to this lock; LOCKS: none */
};
extern const struct metric metrics[METRICS];

extern unsigned rounds;
void put(enum metric_id metric, enum lock_id lock, unsigned round, double value);
double value_of(enum metric_id metric, enum lock_id lock, unsigned round); /* NAN: not measured */
double median_of(enum metric_id metric, enum lock_id lock);
double least_of(enum metric_id metric, enum lock_id lock);
double most_of(enum metric_id metric, enum lock_id lock);
double ratio_of(enum metric_id metric, enum lock_id lock, enum lock_id against); /* median of ratios */

/* ---- measure.c */
void prepare_measures(void);
void measure_all(unsigned round, unsigned millis);
double section_ns(void);
double median_line_ns(void);

/* ---- machine.c */
void note_start(void);
void note_end(void);
void print_machine(FILE *out);

/* ---- report.c, goals.c */
void print_table(FILE *out);
void print_csv(FILE *out);
void print_goals(FILE *out);

#endif
