/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The table of locks.  Each has an acquire and a release with one signature; the
 * loops take them as constants.  `which` says which of SPOTS pairs of
 * neighbours, and which of the two; they lie as in an array of the type that users declare, so that the
 * distance between two is what users get.
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

#define PAIRS(type)                      \
	struct {                         \
		alignas(LINE) type of[2]; \
	}
#define OWN(member) (&own.member[which / 2].of[which % 2])

static struct {
	PAIRS(struct { alignas(LINE) struct tkt words; }) raw[SPOTS];
	PAIRS(struct tkt) tkt[SPOTS];
	PAIRS(pthread_spinlock_t) spin[SPOTS];
	PAIRS(pthread_mutex_t) mutex[SPOTS];
	PAIRS(ck_spinlock_fas_t) fas[SPOTS];
	PAIRS(ck_spinlock_ticket_t) ticket[SPOTS];
	PAIRS(ck_spinlock_mcs_t) mcs[SPOTS];
	PAIRS(ck_spinlock_clh_t *) clh[SPOTS];
	PAIRS(struct { alignas(LINE) ck_spinlock_clh_t node; }) unowned[SPOTS];
} own;

/* name, kind, acquire, release (of lock `which`, with `seat`), what it is; in the order of enum lock_id */
#define ALL_LOCKS(X)                                                                            \
	X(raw, LIMIT, raw_acquire(&OWN(raw)->words), raw_release(&OWN(raw)->words),   \
	  "no lock: one locked add and one store")                                              \
	X(tkt, FIFO, tkt_acquire(OWN(tkt)), tkt_release(OWN(tkt)),                \
	  "minimal C11 ticket lock, inline")                                                    \
	X(hlock, FIFO, wait_hlock(which), pass_hlock(which), "hlock, inline")                   \
	X(hlock_lib, FIFO, acquire_lock_pt(which), release_lock_pt(which), "libhlock.a")        \
	X(hlock_hosted, FIFO, hosted_acquire_lock_pt(which), hosted_release_lock_pt(which),     \
	  "libhlock_hosted.a: yields")                                                          \
	X(pthread_spin, UNFAIR, pthread_spin_lock(OWN(spin)),                            \
	  pthread_spin_unlock(OWN(spin)), "pthread_spinlock_t")                          \
	X(pthread_mutex, UNFAIR, pthread_mutex_lock(OWN(mutex)),                         \
	  pthread_mutex_unlock(OWN(mutex)), "pthread_mutex_t: sleeps")                   \
	X(ck_fas, UNFAIR, ck_spinlock_fas_lock(OWN(fas)),                                \
	  ck_spinlock_fas_unlock(OWN(fas)), "Concurrency Kit, exchange")                 \
	X(ck_ticket, FIFO, ck_spinlock_ticket_lock(OWN(ticket)),                         \
	  ck_spinlock_ticket_unlock(OWN(ticket)), "Concurrency Kit, ticket in one word") \
	X(ck_mcs, FIFO, ck_spinlock_mcs_lock(OWN(mcs), &seat->mcs),                      \
	  ck_spinlock_mcs_unlock(OWN(mcs), &seat->mcs), "Concurrency Kit, MCS queue")    \
	X(ck_clh, FIFO, ck_spinlock_clh_lock(OWN(clh), seat->clh),                       \
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
	for (unsigned which = 0; which < 2 * SPOTS; which++) {
		pthread_spin_init(OWN(spin), PTHREAD_PROCESS_PRIVATE);
		pthread_mutex_init(OWN(mutex), NULL);
		ck_spinlock_fas_init(OWN(fas));
		ck_spinlock_ticket_init(OWN(ticket));
		ck_spinlock_mcs_init(OWN(mcs));
		ck_spinlock_clh_init(OWN(clh), &OWN(unowned)->node);
	}
	for (unsigned i = 0; i < MAX_THREADS; i++)
		workers[i].seat.clh = &workers[i].seat.clh_node;
}
