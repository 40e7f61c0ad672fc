/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Floor 4: the named locks.  Two functions a family, acquire and release, for
 * each line of lock_table.def; this file says once what they are.
 *
 * tools/c2coq exports this text, after the preprocessor, to Coq: each function
 * then stands at its line of the table.  Compiled with HLOCK_DEBUG, functions
 * with an index check it first, and all look at the record of this CPU (checks.h).
 * HLOCK_FUNCTION: each starts a line of code.
 * Read next: code.v, which proves them.
 */
#include <hlock/hlock.h>

#include "locks.h"

#include "../L3_atomic/atomic.h"

_Static_assert(HLOCK_LOCKS <= HLOCK_BYTES / HLOCK_LINE, "the locks fit the memory that size.h allows them");

struct hlock_words hlock_words[HLOCK_LOCKS];

#define HLOCK_ONE(name, first, rank, object)                   \
	HLOCK_FUNCTION void acquire_lock_##name(void)          \
	{                                                      \
		HLOCK_ENTER(first, first##U, rank, wait_hlock) \
	}                                                      \
	HLOCK_FUNCTION void release_lock_##name(void)          \
	{                                                      \
		HLOCK_LEAVE(first, first##U, pass_hlock)       \
	}

#define HLOCK_ARRAY(name, index, first, count, rank, object)                     \
	HLOCK_FUNCTION void acquire_lock_##name(uint32_t index)                  \
	{                                                                        \
		HLOCK_CHECK(0U, first, index, count)                             \
		HLOCK_ENTER(first, HLOCK_NUMBER(first, index), rank, wait_hlock) \
	}                                                                        \
	HLOCK_FUNCTION void release_lock_##name(uint32_t index)                  \
	{                                                                        \
		HLOCK_CHECK(1U, first, index, count)                             \
		HLOCK_LEAVE(first, HLOCK_NUMBER(first, index), pass_hlock)       \
	}

#include "lock_table.def"

#ifdef HLOCK_RECORD
/* The assertions.  In the release build there is none: the header has nothing in their place. */
#undef HLOCK_ONE
#undef HLOCK_ARRAY
#define HLOCK_ONE(name, first, rank, object)                      \
	void assert_held_##name(void)                             \
	{                                                         \
		uint32_t hlock_cpu = this_cpu(2U, first##U);      \
		must_hold(hlock_cpu, 5U, 2U, first##U, first##U); \
	}                                                         \
	void assert_not_held_##name(void)                         \
	{                                                         \
		uint32_t hlock_cpu = this_cpu(3U, first##U);      \
		must_lack(hlock_cpu, first##U, first##U);         \
	}
#define HLOCK_ARRAY(name, index, first, count, rank, object)                        \
	void assert_held_##name(uint32_t index)                                     \
	{                                                                           \
		HLOCK_CHECK(2U, first, index, count)                                \
		uint32_t hlock_cpu = this_cpu(2U, first##U);                        \
		must_hold(hlock_cpu, 5U, 2U, first##U, HLOCK_NUMBER(first, index)); \
	}                                                                           \
	void assert_not_held_##name(uint32_t index)                                 \
	{                                                                           \
		HLOCK_CHECK(3U, first, index, count)                                \
		uint32_t hlock_cpu = this_cpu(3U, first##U);                        \
		must_lack(hlock_cpu, first##U, HLOCK_NUMBER(first, index));         \
	}
#include "lock_table.def"

void assert_none_held(void)
{
	uint32_t hlock_cpu = this_cpu(4U, 0U);

	must_be_free(hlock_cpu);
}
#endif
