/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Floor 4, inside: what locks.c says of all functions, and what the debug build checks.
 * Users include hlock/hlock.h.
 */
#ifndef HLOCK_L4_LOCKS_H
#define HLOCK_L4_LOCKS_H

#include <hlock/hlock.h>

#include "../L0_machine/machine.h"
#ifdef HLOCK_CHECK_INDEX_ONLY
#include "../L0_machine/record.h"
#elif defined(HLOCK_DEBUG)
#include "checks.h"
#endif

/* The number of a lock: the one place where a family's index becomes a lock. */
#define HLOCK_NUMBER(first, index) (first##U + (index))

/* An index out of range breaks the contract.  The debug build stops there; the
 * release build does not look (what it then does: hlock/hlock.h).
 * operation: 0 acquire, 1 release, 2 assert_held, 3 assert_not_held. */
#ifdef HLOCK_DEBUG
#define HLOCK_CHECK(operation, first, index, count) \
	if ((index) >= count##U)                    \
		hlock_stop(operation, first##U, index, count##U);
#else
#define HLOCK_CHECK(operation, first, index, count)
#endif

/* Around the calls of floor 3: the record of this CPU (checks.h).  With HLOCK_CHECK_INDEX_ONLY
 * a debug build has none: the text of which floor 4's theorems speak. */
#if defined(HLOCK_DEBUG) && !defined(HLOCK_CHECK_INDEX_ONLY)
#define HLOCK_RECORD
#define HLOCK_ENTER(first, number, rank, enter)            \
	uint32_t hlock_cpu = this_cpu(0U, first##U);       \
	may_acquire(hlock_cpu, first##U, number, rank##U); \
	enter(number);                                     \
	now_held(hlock_cpu, number, rank##U);
#define HLOCK_LEAVE(first, number, leave)               \
	uint32_t hlock_cpu = this_cpu(1U, first##U);    \
	must_hold(hlock_cpu, 4U, 1U, first##U, number); \
	drop_held(hlock_cpu, number);                   \
	leave(number);
#else
#define HLOCK_ENTER(first, number, rank, enter) enter(number);
#define HLOCK_LEAVE(first, number, leave) leave(number);
#endif

#endif
