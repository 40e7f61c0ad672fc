/* SPDX-License-Identifier: MIT OR Apache-2.0
 * Accepted: a header as the source; its functions need no caller. */
#ifndef HEADER_H
#define HEADER_H

unsigned int incr_ticket(unsigned int lk);
unsigned int get_now(unsigned int lk);
void cpu_relax(void);

static inline void wait_lock(unsigned int lk)
{
	unsigned int my_ticket = incr_ticket(lk);

	while (get_now(lk) != my_ticket)
		cpu_relax();
}

#endif
