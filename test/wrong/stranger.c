/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A wrong client: on arrival it releases the lock if somebody holds it, and
 * then takes it.  The robbed holder notices at its end that its lock is gone and
 * does not release again, so the words of the lock stay consistent and the run
 * does not hang: only the exclusion is lost.
 */
#include "../stress/stress.h"

static _Atomic bool held[HLOCK_LOCKS];

static void leave_if_held(struct cpu *cpu, uint32_t lock)
{
	if (atomic_exchange(&held[lock], false))
		leave(cpu, lock);
}

void section(struct cpu *cpu, const uint32_t *chain, uint32_t length)
{
	for (uint32_t i = 0; i < length; i++) {
		struct object seen;

		leave_if_held(cpu, chain[i]);
		enter(cpu, chain[i]);
		atomic_store(&held[chain[i]], true);
		seen = read_object(cpu, chain[i]);
		meet(cpu);
		write_object(cpu, chain[i], &seen);
	}
	for (uint32_t i = length; i-- > 0;)
		leave_if_held(cpu, chain[i]);
}
