/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The table of locks.  Each has an acquire and a release with one signature; the
 * loops take them as constants.  `which` says which of SPOTS pairs of neighbours,
 * and which of the two; they lie as in an array of the type that users declare, so
 * that the distance between two is what users get.
 * Read next: threads.c.
 */
#define HLOCK_DEBUG /* the functions of checks.h; what is inline without them is so as ever */
#include "locks.h"

#include <stdlib.h>
#include <string.h>

#include <hlock/hlock.h>

#include "cpu.h"

/* The checks ask for it inline, as code would that has it in a register. */
#define hlock_this_cpu() own_cpu
#include "../../layers/L4_locks/locks.h"
#include "../../layers/L3_atomic/atomic.h"
#include "../file.h"
#include "calls.h"
#include "loops.h"

/* The functions of the table's largest array: build.mk says which it is, and how many locks it has. */
#define PASTED(verb, family) verb##family
#define OF_FAMILY(verb, family) PASTED(verb, family)
#define LIBRARY(verb) OF_FAMILY(verb, BENCH_FAMILY)
_Static_assert(2 * SPOTS <= BENCH_FAMILY_LOCKS, "an array of the table has a lock for each spot of the benchmark");

/* The shipped object code of libhlock_hosted.a and libhlock_debug.a; the names are changed by build.mk. */
void LIBRARY(hosted_acquire_lock_)(uint32_t index);
void LIBRARY(hosted_release_lock_)(uint32_t index);
void LIBRARY(debug_acquire_lock_)(uint32_t index);
void LIBRARY(debug_release_lock_)(uint32_t index);

/* The lock functions of a debug build, inline, as of one family of rank 1: locks.h. */
static void checked_acquire(uint32_t number)
{
	HLOCK_ENTER(0, number, 1, wait_hlock)
}

static void checked_release(uint32_t number)
{
	HLOCK_LEAVE(0, number, pass_hlock)
}

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

/* Nothing that excludes by an atomic instruction and frees by a store is below this.
 * It looks at what the add gives, as each lock must. */
static void raw_acquire(struct tkt *lock)
{
	uint32_t ticket = atomic_fetch_add_explicit(&lock->next, 1U, memory_order_acq_rel);

	__asm__ volatile("" : : "r"(ticket));
}

static void raw_release(struct tkt *lock)
{
	atomic_store_explicit(&lock->now, 0U, memory_order_release);
}

#define PAIRS(type)                       \
	struct {                          \
		alignas(LINE) type of[2]; \
	}
#define OWN(member) (&arena->member[which / 2].of[which % 2])

struct arena {
	PAIRS(struct { alignas(LINE) struct tkt words; }) raw[SPOTS];
	PAIRS(struct tkt) tkt[SPOTS];
	PAIRS(pthread_spinlock_t) spin[SPOTS];
	PAIRS(pthread_mutex_t) mutex[SPOTS];
	PAIRS(pthread_mutex_t) checking[SPOTS];
	PAIRS(ck_spinlock_fas_t) fas[SPOTS];
	PAIRS(ck_spinlock_ticket_t) ticket[SPOTS];
	PAIRS(ck_spinlock_mcs_t) mcs[SPOTS];
	PAIRS(ck_spinlock_clh_t *) clh[SPOTS];
	PAIRS(struct { alignas(LINE) ck_spinlock_clh_t node; }) unowned[SPOTS];
};

/* X(ID, name, acquire, release), of lock `which` of the arena, with `seat` */
#define ALL_LOCKS(X)                                                                                                \
	X(RAW, raw, raw_acquire(&OWN(raw)->words), raw_release(&OWN(raw)->words))                                   \
	X(RAW_CALL, raw_call, bare_acquire(&OWN(raw)->words.next), bare_release(&OWN(raw)->words.now))              \
	X(TKT, tkt, tkt_acquire(OWN(tkt)), tkt_release(OWN(tkt)))                                                   \
	X(HLOCK, hlock, wait_hlock(which), pass_hlock(which))                                                       \
	X(HLOCK_LIB, hlock_lib, LIBRARY(acquire_lock_)(which), LIBRARY(release_lock_)(which))                       \
	X(HLOCK_HOSTED_LIB, hlock_hosted, LIBRARY(hosted_acquire_lock_)(which),                                     \
	  LIBRARY(hosted_release_lock_)(which))                                                                     \
	X(CHECKED, hlock_debug, checked_acquire(which), checked_release(which))                                     \
	X(CHECKED_LIB, hlock_dbg_lib, LIBRARY(debug_acquire_lock_)(which), LIBRARY(debug_release_lock_)(which))     \
	X(PTHREAD_SPIN, pthread_spin, pthread_spin_lock(OWN(spin)), pthread_spin_unlock(OWN(spin)))                 \
	X(PTHREAD_MUTEX, pthread_mutex, pthread_mutex_lock(OWN(mutex)), pthread_mutex_unlock(OWN(mutex)))           \
	X(PTHREAD_CHECK, pthread_check, pthread_mutex_lock(OWN(checking)), pthread_mutex_unlock(OWN(checking)))     \
	X(CK_FAS, ck_fas, ck_spinlock_fas_lock(OWN(fas)), ck_spinlock_fas_unlock(OWN(fas)))                         \
	X(CK_TICKET, ck_ticket, ck_spinlock_ticket_lock(OWN(ticket)), ck_spinlock_ticket_unlock(OWN(ticket)))       \
	X(CK_MCS, ck_mcs, ck_spinlock_mcs_lock(OWN(mcs), &seat->mcs), ck_spinlock_mcs_unlock(OWN(mcs), &seat->mcs)) \
	X(CK_CLH, ck_clh, ck_spinlock_clh_lock(OWN(clh), seat->clh), ck_spinlock_clh_unlock(&seat->clh))

#define LOOPS(ID, name, acquire, release)                                                     \
	INLINED void name##_enter(struct arena *arena, unsigned which, struct seat *seat)     \
	{                                                                                     \
		(void)arena, (void)which, (void)seat;                                         \
		acquire;                                                                      \
	}                                                                                     \
	INLINED void name##_leave(struct arena *arena, unsigned which, struct seat *seat)     \
	{                                                                                     \
		(void)arena, (void)which, (void)seat;                                         \
		release;                                                                      \
	}                                                                                     \
	static void name##_batch(struct worker *worker)                                       \
	{                                                                                     \
		batch_loop(worker, name##_enter, name##_leave);                               \
	}                                                                                     \
	static void name##_chain(struct worker *worker)                                       \
	{                                                                                     \
		chain_loop(worker, name##_enter, name##_leave);                               \
	}                                                                                     \
	static void name##_contend(struct worker *worker)                                     \
	{                                                                                     \
		contend_loop(worker, name##_enter, name##_leave);                             \
	}                                                                                     \
	static void name##_wait(struct worker *worker)                                        \
	{                                                                                     \
		wait_loop(worker, name##_enter, name##_leave);                                \
	}

ALL_LOCKS(LOOPS)

#define ROW(ID, name, acquire, release) [ID] = { name##_batch, name##_chain, name##_contend, name##_wait },

const struct lock_loops lock_loops[LOCKS] = { ALL_LOCKS(ROW) };

struct arena *make_arena(void)
{
	struct arena *arena = aligned_alloc(alignof(struct arena), sizeof *arena);
	pthread_mutexattr_t checking;

	if (!arena)
		fail("memory");
	memset(arena, 0, sizeof *arena);
	pthread_mutexattr_init(&checking);
	pthread_mutexattr_settype(&checking, PTHREAD_MUTEX_ERRORCHECK);
	for (unsigned which = 0; which < 2 * SPOTS; which++) {
		pthread_spin_init(OWN(spin), PTHREAD_PROCESS_PRIVATE);
		pthread_mutex_init(OWN(mutex), NULL);
		pthread_mutex_init(OWN(checking), &checking);
		ck_spinlock_fas_init(OWN(fas));
		ck_spinlock_ticket_init(OWN(ticket));
		ck_spinlock_mcs_init(OWN(mcs));
		ck_spinlock_clh_init(OWN(clh), &OWN(unowned)->node);
	}
	pthread_mutexattr_destroy(&checking);
	return arena;
}
