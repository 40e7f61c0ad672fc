/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The tables of locks and metrics.  How a lock is taken: measure/locks.c.
 */
#include "catalog.h"

#include <string.h>

const struct lock locks[LOCKS] = {
	[RAW] = { "raw", "no lock: one locked add that gives the old value, one store", LIMIT, RAW },
	[RAW_CALL] = { "raw_call", "no lock: the same in two bare calls", LIMIT, RAW_CALL },
	[TKT] = { "tkt", "minimal C11 ticket lock, inline", FIFO, RAW },
	[HLOCK] = { "hlock", "hlock, inline", FIFO, RAW },
	[HLOCK_LIB] = { "hlock_lib", "libhlock.a", FIFO, RAW_CALL },
	[HLOCK_HOSTED_LIB] = { "hlock_hosted", "libhlock_hosted.a: yields", FIFO, RAW_CALL },
	[CHECKED] = { "hlock_debug", "hlock with the checks of the debug build, inline", FIFO, RAW },
	[CHECKED_LIB] = { "hlock_dbg_lib", "libhlock_debug.a", FIFO, RAW_CALL },
	[PTHREAD_SPIN] = { "pthread_spin", "pthread_spinlock_t", UNFAIR, RAW_CALL },
	[PTHREAD_MUTEX] = { "pthread_mutex", "pthread_mutex_t: sleeps", UNFAIR, RAW_CALL },
	[PTHREAD_CHECK] = { "pthread_check", "the same, PTHREAD_MUTEX_ERRORCHECK", UNFAIR, RAW_CALL },
	[CK_FAS] = { "ck_fas", "Concurrency Kit, exchange", UNFAIR, RAW },
	[CK_TICKET] = { "ck_ticket", "Concurrency Kit, ticket in one word", FIFO, RAW },
	[CK_MCS] = { "ck_mcs", "Concurrency Kit, MCS queue", FIFO, RAW },
	[CK_CLH] = { "ck_clh", "Concurrency Kit, CLH queue", FIFO, RAW },
};

#define CROWD(n) #n " threads on 2 CPUs, 100 ns section, 100 ns gap"

const struct metric metrics[METRICS] = {
	[UNCONTENDED] = { "uncontended", "ns", "one thread, acquire and release", RAW, 1 },
	[CHAIN] = { "chain", "ns", "one thread, three locks acquired in order, released backwards", RAW, 1 },
	[EMPTY] = { "empty", "Mops/s", "two threads, empty section; raw is 1 / hand-over", TKT, 2 },
	[SECTION] = { "section", "Mops/s", "two threads, 100 ns section; raw is 1 / (hand-over + section)", TKT, 2 },
	[SHARE] = { "share", "min/max", "acquisitions of the two threads", LOCKS, 2 },
	[P50] = { "wait_p50", "ns", "two threads, 100 ns section", TKT, 2 },
	[P99] = { "wait_p99", "ns", "two threads, 100 ns section", TKT, 2 },
	[P99_P50] = { "wait_p99_p50", "p99/p50", "the last two", LOCKS, 2 },
	[LONGEST] = { "wait_longest", "us", "two threads, 100 ns section", TKT, 2 },
	[NEIGHBOURS] = { "neighbours", "x one", "two threads on two neighbouring locks, against one thread", LOCKS, 2 },
	[RATE_4] = { "rate_4", "kops/s", CROWD(4), TKT, 2 },
	[WAIT_4] = { "longest_4", "ms", CROWD(4), TKT, 2 },
	[RATE_8] = { "rate_8", "kops/s", CROWD(8), TKT, 2 },
	[WAIT_8] = { "longest_8", "ms", CROWD(8), TKT, 2 },
	[RATE_16] = { "rate_16", "kops/s", CROWD(16), TKT, 2 },
	[WAIT_16] = { "longest_16", "ms", CROWD(16), TKT, 2 },
};

enum lock_id lock_named(const char *name)
{
	enum lock_id lock = 0;

	while (lock < LOCKS && strcmp(locks[lock].name, name) != 0)
		lock++;
	return lock;
}

enum metric_id metric_named(const char *name)
{
	enum metric_id metric = 0;

	while (metric < METRICS && strcmp(metrics[metric].name, name) != 0)
		metric++;
	return metric;
}
