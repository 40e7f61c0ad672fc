/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The table of locks.  Each has an acquire and a release with one signature; the
 * loops take them as constants.  Each is an array of two of the type that its
 * users declare, so the distance between two locks is what users get.
 * Read next: loops.h.
 */
#include <pthread.h>

#include <hlock/hlock.h>

#include "../layers/L3_atomic/atomic.h"
#include "loops.h"

/* The shipped object code of libhlock_hosted.a; the names are changed by the Makefile. */
void hosted_acquire_lock_pt(uint32_t vmid);
void hosted_release_lock_pt(uint32_t vmid);

/* The ticket lock that anybody would write in C11.  It is also the line of RAW. */
struct tkt {
	_Atomic uint32_t next, now;
};

static void tkt_acquire(struct tkt *lock)
{
	uint32_t mine = atomic_fetch_add_explicit(&lock->next, 1U, memory_order_relaxed);

	while (atomic_load_explicit(&lock->now, memory_order_acquire) != mine)
		ck_pr_stall();
}

static void tkt_release(struct tkt *lock)
{
	uint32_t now = atomic_load_explicit(&lock->now, memory_order_relaxed);

	atomic_store_explicit(&lock->now, now + 1U, memory_order_release);
}

/* Nothing that excludes by an atomic instruction and frees by a store is below this. */
static void raw_acquire(struct tkt *lock)
{
	atomic_fetch_add_explicit(&lock->next, 1U, memory_order_acq_rel);
}

static void raw_release(struct tkt *lock)
{
	atomic_store_explicit(&lock->now, 0U, memory_order_release);
}

static struct {
	alignas(LINE) struct { alignas(LINE) struct tkt words; } raw[2];
	alignas(LINE) struct tkt tkt[2];
	alignas(LINE) pthread_spinlock_t spin[2];
	alignas(LINE) pthread_mutex_t mutex[2];
	alignas(LINE) ck_spinlock_fas_t fas[2];
	alignas(LINE) ck_spinlock_ticket_t ticket[2];
	alignas(LINE) ck_spinlock_mcs_t mcs[2];
	alignas(LINE) ck_spinlock_clh_t *clh[2];
	struct { alignas(LINE) ck_spinlock_clh_t node; } unowned[2];
} own;

/* name, kind, acquire, release (of lock `which`, with `seat`), what it is; in the order of enum lock_id */
#define ALL_LOCKS(X)                                                                            \
	X(raw, LIMIT, raw_acquire(&own.raw[which].words), raw_release(&own.raw[which].words),   \
	  "no lock: one locked add and one store")                                              \
	X(tkt, FIFO, tkt_acquire(&own.tkt[which]), tkt_release(&own.tkt[which]),                \
	  "minimal C11 ticket lock, inline")                                                    \
	X(hlock, FIFO, wait_hlock(which), pass_hlock(which), "hlock, inline")                   \
	X(hlock_lib, FIFO, acquire_lock_pt(which), release_lock_pt(which), "libhlock.a")        \
	X(hlock_hosted, FIFO, hosted_acquire_lock_pt(which), hosted_release_lock_pt(which),     \
	  "libhlock_hosted.a: yields")                                                          \
	X(pthread_spin, UNFAIR, pthread_spin_lock(&own.spin[which]),                            \
	  pthread_spin_unlock(&own.spin[which]), "pthread_spinlock_t")                          \
	X(pthread_mutex, UNFAIR, pthread_mutex_lock(&own.mutex[which]),                         \
	  pthread_mutex_unlock(&own.mutex[which]), "pthread_mutex_t: sleeps")                   \
	X(ck_fas, UNFAIR, ck_spinlock_fas_lock(&own.fas[which]),                                \
	  ck_spinlock_fas_unlock(&own.fas[which]), "Concurrency Kit, exchange")                 \
	X(ck_ticket, FIFO, ck_spinlock_ticket_lock(&own.ticket[which]),                         \
	  ck_spinlock_ticket_unlock(&own.ticket[which]), "Concurrency Kit, ticket in one word") \
	X(ck_mcs, FIFO, ck_spinlock_mcs_lock(&own.mcs[which], &seat->mcs),                      \
	  ck_spinlock_mcs_unlock(&own.mcs[which], &seat->mcs), "Concurrency Kit, MCS queue")    \
	X(ck_clh, FIFO, ck_spinlock_clh_lock(&own.clh[which], seat->clh),                       \
	  ck_spinlock_clh_unlock(&seat->clh), "Concurrency Kit, CLH queue")

#define LOOPS(name, kind, acquire, release, what)                          \
	INLINED void name##_enter(unsigned which, struct seat *seat)       \
	{                                                                  \
		(void)seat;                                                \
		acquire;                                                   \
	}                                                                  \
	INLINED void name##_leave(unsigned which, struct seat *seat)       \
	{                                                                  \
		(void)which, (void)seat;                                   \
		release;                                                   \
	}                                                                  \
	static void name##_batch(struct worker *worker)                    \
	{                                                                  \
		batch_loop(worker, name##_enter, name##_leave);            \
	}                                                                  \
	static void name##_contend(struct worker *worker)                  \
	{                                                                  \
		contend_loop(worker, name##_enter, name##_leave);          \
	}                                                                  \
	static void name##_wait(struct worker *worker)                     \
	{                                                                  \
		wait_loop(worker, name##_enter, name##_leave);             \
	}

ALL_LOCKS(LOOPS)

#define ROW(name, kind, acquire, release, what) { #name, what, kind, name##_batch, name##_contend, name##_wait },

const struct lock locks[LOCKS] = { ALL_LOCKS(ROW) };

void prepare_locks(void)
{
	for (unsigned i = 0; i < 2; i++) {
		pthread_spin_init(&own.spin[i], PTHREAD_PROCESS_PRIVATE);
		pthread_mutex_init(&own.mutex[i], NULL);
		ck_spinlock_fas_init(&own.fas[i]);
		ck_spinlock_ticket_init(&own.ticket[i]);
		ck_spinlock_mcs_init(&own.mcs[i]);
		ck_spinlock_clh_init(&own.clh[i], &own.unowned[i].node);
	}
	for (unsigned i = 0; i < MAX_THREADS; i++)
		workers[i].seat.clh = &workers[i].seat.clh_node;
}
