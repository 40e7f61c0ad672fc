/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Floor 3: the lock as one atomic step, under the names by which floor 4 calls
 * it.  The functions forward and cost no instruction: what this floor adds is a
 * specification, in which a whole wait is one event.
 * (Floor 2, tickets are a queue of CPUs, has no C of its own.)
 *
 * wait_hlock  requires: this CPU does not hold lk.    ensures: it holds lk.
 * pass_hlock  requires: this CPU holds lk.            ensures: it does not.
 * Read next: ../L4_locks/lock_table.def.
 */
#ifndef HLOCK_ATOMIC_H
#define HLOCK_ATOMIC_H

#include "../L1_ticket/ticket.h"

static inline void wait_hlock(uint32_t lk)
{
	wait_lock(lk);
}

static inline void pass_hlock(uint32_t lk)
{
	pass_lock(lk);
}

#endif
