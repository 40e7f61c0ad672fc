/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The three primitives as functions of their own, to look at their object code.
 * around_*: each between two accesses to another word, of which the compiler drops
 * one if it may move an access across the primitive.
 * -I chooses which machine.h: the shipped one, or a copy with a weaker order.
 * Read next: orders.c.
 */
#include <machine.h>

struct hlock_words hlock_words[2];
uint32_t other;

uint32_t call_incr_ticket(uint32_t lk);
uint32_t call_get_now(uint32_t lk);
void call_incr_now(uint32_t lk);
uint32_t around_incr_ticket(uint32_t lk);
uint32_t around_get_now(uint32_t lk, uint32_t *sum);
void around_incr_now(uint32_t lk);

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

uint32_t around_incr_ticket(uint32_t lk)
{
	uint32_t ticket;

	other = 1;
	ticket = incr_ticket(lk);
	other = 2;
	return ticket;
}

uint32_t around_get_now(uint32_t lk, uint32_t *sum)
{
	uint32_t before = other, now = get_now(lk);

	*sum = before + other;
	return now;
}

void around_incr_now(uint32_t lk)
{
	other = 1;
	incr_now(lk);
	other = 2;
}
