/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The three primitives as functions of their own, to look at their object code.
 * -I chooses which machine.h: the shipped one, or a copy with a weaker order.
 * Read next: orders.c.
 */
#include <machine.h>

struct hlock_words hlock_words[2];

uint32_t call_incr_ticket(uint32_t lk);
uint32_t call_get_now(uint32_t lk);
void call_incr_now(uint32_t lk);

uint32_t call_incr_ticket(uint32_t lk)
{
	return incr_ticket(lk);
}

uint32_t call_get_now(uint32_t lk)
{
	return get_now(lk);
}

void call_incr_now(uint32_t lk)
{
	incr_now(lk);
}
