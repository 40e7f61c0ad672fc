/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Floor 4: the named locks.  Two functions a family, acquire and release, for
 * each line of lock_table.def; this file says once what they are.
 *
 * tools/c2coq exports this text, after the preprocessor, to Coq: each function
 * then stands at its line of the table.  Compiled with HLOCK_DEBUG, functions
 * with an index check it first.  HLOCK_FUNCTION: each starts a line of code.
 * Read next: code.v, which proves them.
 */
#include <hlock/hlock.h>

#include "../L3_atomic/atomic.h"
#include "locks.h"

_Static_assert(HLOCK_LOCKS <= HLOCK_BYTES / HLOCK_LINE, "the locks fit the memory that size.h allows them");

struct hlock_words hlock_words[HLOCK_LOCKS];

#define HLOCK_ONE(name, first, rank, object)          \
	HLOCK_FUNCTION void acquire_lock_##name(void) \
	{                                             \
		wait_hlock(first##U);                 \
	}                                             \
	HLOCK_FUNCTION void release_lock_##name(void) \
	{                                             \
		pass_hlock(first##U);                 \
	}

#define HLOCK_ARRAY(name, index, first, count, rank, object)    \
	HLOCK_FUNCTION void acquire_lock_##name(uint32_t index) \
	{                                                       \
		HLOCK_CHECK(0U, first, index, count)            \
		wait_hlock(HLOCK_NUMBER(first, index));         \
	}                                                       \
	HLOCK_FUNCTION void release_lock_##name(uint32_t index) \
	{                                                       \
		HLOCK_CHECK(1U, first, index, count)            \
		pass_hlock(HLOCK_NUMBER(first, index));         \
	}

#include "lock_table.def"
