/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Floor 4, inside: what locks.c says of all functions.  Users include hlock/hlock.h.
 */
#ifndef HLOCK_L4_LOCKS_H
#define HLOCK_L4_LOCKS_H

#include <hlock/hlock.h>
#include <stdint.h>

/* The number of a lock: the one place where a family's index becomes a lock. */
#define HLOCK_NUMBER(first, index) (first##U + (index))

/* An index out of range breaks the contract.  The debug build stops there; the
 * release build does not look (what it then does: hlock/hlock.h). */
#ifdef HLOCK_DEBUG
#define HLOCK_CHECK(operation, first, index, count) \
	if ((index) >= count##U)                    \
		hlock_stop(operation, first##U, index, count##U);
#else
#define HLOCK_CHECK(operation, first, index, count)
#endif

/* Reports the function that was called with an argument out of range, and never
 * returns.  What `hlock generate` writes has it (tools/hlock/source.c), with the names of
 * the functions.  It gets numbers only: strings are outside the C that is exported to
 * Coq.  operation: 0 acquire, 1 release; first: the family's column `first`. */
_Noreturn void hlock_stop(uint32_t operation, uint32_t first, uint32_t argument, uint32_t count);

#endif
