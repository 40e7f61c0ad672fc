/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Floor 1: the ticket lock, a loop on counters that wrap.
 *
 * A CPU takes a ticket and polls until `now` shows it; the holder releases by
 * passing `now` on.  Tickets are 32 bits wide and wrap; comparing them for
 * equality stays exact as long as fewer than 2^32 CPUs wait.  Nothing here is
 * atomic or ordered by itself: all of that is in the primitives of floor 0.
 *
 * wait_lock  requires: this CPU does not hold lk.     ensures: it holds lk.
 * pass_lock  requires: this CPU holds lk.             ensures: it does not.
 * Read next: ../L3_atomic/atomic.h.
 */
#ifndef HLOCK_TICKET_H
#define HLOCK_TICKET_H

#include "../L0_machine/machine.h"

static inline void wait_lock(uint32_t lk)
{
	uint32_t my_ticket = incr_ticket(lk);

	while (get_now(lk) != my_ticket)
		cpu_relax();
}

static inline void pass_lock(uint32_t lk)
{
	incr_now(lk);
}

#endif
