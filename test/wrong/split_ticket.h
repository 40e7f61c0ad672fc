/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A wrong lock: it takes its ticket by a load and a store, so two CPUs can get
 * one number; both enter and both release, `now` skips a number, and the CPU
 * with that number waits forever.  So that it does happen, the first load of a run
 * waits for the second: in the first meeting both CPUs call at once.
 * Compiled with -include.
 */
#include <sched.h>

#define incr_ticket right_incr_ticket
#include "../../layers/L0_machine/machine.h"
#undef incr_ticket

static inline uint32_t incr_ticket(uint32_t lk)
{
	static _Atomic uint32_t loads;
	uint32_t ticket = atomic_load(&hlock_words[lk].next);

	if (atomic_fetch_add(&loads, 1U) == 0U)
		while (atomic_load(&loads) == 1U)
			sched_yield();
	atomic_store(&hlock_words[lk].next, ticket + 1U);
	return ticket;
}
