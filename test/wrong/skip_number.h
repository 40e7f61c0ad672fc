/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A wrong lock: each ticket and each release goes on by two, so every other
 * number is skipped.  It excludes, in order, and no object is corrupt; but half
 * the numbers are gone, and with them half the CPUs that may wait at once.
 * Compiled with -include.
 */
#define incr_ticket right_incr_ticket
#define incr_now right_incr_now
#include "../../layers/L0_machine/machine.h"
#undef incr_ticket
#undef incr_now

static inline uint32_t incr_ticket(uint32_t lk)
{
	return atomic_fetch_add(&hlock_words[lk].next, 2U);
}

static inline void incr_now(uint32_t lk)
{
	atomic_store(&hlock_words[lk].now, atomic_load(&hlock_words[lk].now) + 2U);
}
