/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A wrong lock: it takes its ticket by a load and a store, so two CPUs can get
 * one number; both enter and both release, `now` skips a number, and the CPU
 * with that number waits forever.  Compiled with -include.
 */
#include <sched.h>

#define incr_ticket right_incr_ticket
#include "../../layers/L0_machine/machine.h"
#undef incr_ticket

static inline uint32_t incr_ticket(uint32_t lk)
{
	uint32_t ticket = atomic_load(&hlock_words[lk].next);

	sched_yield(); /* the other CPU comes between */
	atomic_store(&hlock_words[lk].next, ticket + 1U);
	return ticket;
}
