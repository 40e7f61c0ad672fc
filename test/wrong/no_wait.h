/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A wrong lock: it takes a ticket and does not wait for its turn, so two CPUs
 * are inside at once.  Compiled with -include, in place of ticket.h.
 */
#define HLOCK_TICKET_H

#include "../../layers/L0_machine/machine.h"

static inline void wait_lock(uint32_t lk)
{
	(void)incr_ticket(lk);
}

static inline void pass_lock(uint32_t lk)
{
	incr_now(lk);
}
