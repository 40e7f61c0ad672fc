/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * From lock numbers to the functions of the library.  The workload and its
 * trace speak of lock numbers; the library is called by its public names.
 */
#include "stress.h"

#include <stdlib.h>

#include <hlock/hlock.h>

const struct family families[] = {
#define HLOCK_ONE(name, first, rank, object) { #name, first##U, 1U, rank##U },
#define HLOCK_ARRAY(name, index, first, count, rank, object) { #name, first##U, count##U, rank##U },
#include "../../layers/L4_locks/lock_table.def"
#undef HLOCK_ONE
#undef HLOCK_ARRAY
};

const uint32_t family_count = sizeof families / sizeof *families;

const struct family *family_of(uint32_t lock)
{
	for (uint32_t i = 0; i < family_count; i++)
		if (lock - families[i].first < families[i].count)
			return &families[i];
	abort();
}

void acquire(uint32_t lock)
{
#define HLOCK_ONE(name, first, rank, object) \
	if (lock == first##U) {              \
		acquire_lock_##name();       \
		return;                      \
	}
#define HLOCK_ARRAY(name, index, first, count, rank, object) \
	if (lock - first##U < count##U) {                    \
		acquire_lock_##name(lock - first##U);        \
		return;                                      \
	}
#include "../../layers/L4_locks/lock_table.def"
#undef HLOCK_ONE
#undef HLOCK_ARRAY
	abort();
}

void release(uint32_t lock)
{
#define HLOCK_ONE(name, first, rank, object) \
	if (lock == first##U) {              \
		release_lock_##name();       \
		return;                      \
	}
#define HLOCK_ARRAY(name, index, first, count, rank, object) \
	if (lock - first##U < count##U) {                    \
		release_lock_##name(lock - first##U);        \
		return;                                      \
	}
#include "../../layers/L4_locks/lock_table.def"
	abort();
}
