/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The twelve functions as other locks, for el2/cost: LOCK_tas, a test-and-set lock; LOCK_none,
 * nothing at all, which is right on one CPU alone.
 */
#include <hlock/hlock.h>

#include "../../layers/L0_machine/machine.h"

struct hlock_words hlock_words[HLOCK_LOCKS]; /* tas: `now` is 1 if it is held */

static inline void acquire(uint32_t lock)
{
	(void)lock;
#ifdef LOCK_tas
	while (atomic_exchange_explicit(&hlock_words[lock].now, 1, memory_order_acquire))
		while (atomic_load_explicit(&hlock_words[lock].now, memory_order_relaxed))
			__asm__ volatile("yield" : : : "memory");
#endif
}

static inline void release(uint32_t lock)
{
	(void)lock;
#ifdef LOCK_tas
	atomic_store_explicit(&hlock_words[lock].now, 0, memory_order_release);
#endif
}

#define HLOCK_ONE(name, first, rank, object)          \
	void acquire_lock_##name(void)                \
	{                                             \
		acquire(first##U);                    \
	}                                             \
	void release_lock_##name(void)                \
	{                                             \
		release(first##U);                    \
	}
#define HLOCK_ARRAY(name, index, first, count, rank, object) \
	void acquire_lock_##name(uint32_t index)      \
	{                                             \
		acquire(first##U + index);            \
	}                                             \
	void release_lock_##name(uint32_t index)      \
	{                                             \
		release(first##U + index);            \
	}
#include "../../layers/L4_locks/lock_table.def"
