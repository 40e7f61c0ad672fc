/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Floor 4, the debug build: what a call is checked for, by this CPU's own record of the locks
 * that it holds.  Each function has one place; none touches the lock.
 *
 * may_acquire  before the ticket   now_held   after the wait
 * must_hold    before the store    drop_held  after must_hold, before the store
 * A stop never returns.  Faults and operations have the numbers of hlock.h.
 * Read next: ../../doc/checks.md.
 */
#ifndef HLOCK_L4_CHECKS_H
#define HLOCK_L4_CHECKS_H

#include "../L0_machine/record.h"

/* The place of the lock in the record; the number of places if it is at none. */
HLOCK_CHECKS uint32_t place_of(uint32_t cpu, uint32_t lk)
{
	uint32_t count = record_count(cpu);
	uint32_t place = 0U;

	while (place < count) {
		if (record_lock(cpu, place) == lk)
			return place;
		place = place + 1U;
	}
	return place;
}

/* Lock `held` is of a lower rank than the one that is acquired, or of the same family with a
 * lower number: two families of one rank never. */
HLOCK_CHECKS void comes_after(uint32_t cpu, uint32_t first, uint32_t lk, uint32_t rank, uint32_t held,
			      uint32_t held_rank)
{
	if (held == lk)
		hlock_stops(1U, 0U, first, lk, cpu);
	if (held_rank >= rank) {
		if (held < first)
			hlock_stops(2U, 0U, first, lk, cpu);
		if (held > lk)
			hlock_stops(2U, 0U, first, lk, cpu);
	}
}

HLOCK_CHECKS void may_acquire(uint32_t cpu, uint32_t first, uint32_t lk, uint32_t rank)
{
	uint32_t count = record_count(cpu);
	uint32_t place = 0U;

	while (place < count) {
		uint32_t held = record_lock(cpu, place);
		uint32_t held_rank = record_rank(cpu, place);

		comes_after(cpu, first, lk, rank, held, held_rank);
		place = place + 1U;
	}
	if (count >= record_room())
		hlock_stops(3U, 0U, first, lk, cpu);
	record_wait(cpu, first, lk);
}

HLOCK_CHECKS void now_held(uint32_t cpu, uint32_t lk, uint32_t rank)
{
	uint32_t count = record_count(cpu);

	record_put(cpu, count, lk, rank);
	record_size(cpu, count + 1U);
}

HLOCK_CHECKS void must_hold(uint32_t cpu, uint32_t fault, uint32_t operation, uint32_t first, uint32_t lk)
{
	uint32_t place = place_of(cpu, lk);

	if (place == record_count(cpu))
		hlock_stops(fault, operation, first, lk, cpu);
}

HLOCK_CHECKS void drop_held(uint32_t cpu, uint32_t lk)
{
	uint32_t place = place_of(cpu, lk);
	uint32_t last = record_count(cpu) - 1U;

	record_move(cpu, last, place);
	record_size(cpu, last);
}

HLOCK_CHECKS void must_lack(uint32_t cpu, uint32_t first, uint32_t lk)
{
	uint32_t place = place_of(cpu, lk);

	if (place != record_count(cpu))
		hlock_stops(6U, 3U, first, lk, cpu);
}

HLOCK_CHECKS void must_be_free(uint32_t cpu)
{
	if (record_count(cpu) != 0U)
		hlock_stops(7U, 4U, 0U, 0U, cpu);
}

#endif
