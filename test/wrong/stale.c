/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A wrong client: inside the section it does not look at the object but uses
 * what it knew before it had the lock, the object as it left it the last time.
 * Updates of other CPUs are lost.
 */
#include "../stress/stress.h"

void section(struct cpu *cpu, const uint32_t *chain, uint32_t length)
{
	static struct object known[MAX_CPUS][HLOCK_LOCKS];

	for (uint32_t i = 0; i < length; i++)
		enter(cpu, chain[i]);
	for (uint32_t i = 0; i < length; i++) {
		struct object *object = &known[cpu->id][chain[i]];

		read_object_at(cpu, chain[i], object);
		meet(cpu);
		write_object(cpu, chain[i], object);
		*object = objects[chain[i]];
	}
	for (uint32_t i = length; i-- > 0;)
		leave(cpu, chain[i]);
}
