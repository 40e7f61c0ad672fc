/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A wrong client: it reads the objects before it acquires their locks.
 */
#include "../stress/stress.h"

void section(struct cpu *cpu, const uint32_t *chain, uint32_t length)
{
	struct object seen[MAX_CHAIN];

	for (uint32_t i = 0; i < length; i++)
		seen[i] = read_object(cpu, chain[i]);
	meet(cpu);
	for (uint32_t i = 0; i < length; i++) {
		enter(cpu, chain[i]);
		write_object(cpu, chain[i], &seen[i]);
	}
	for (uint32_t i = length; i-- > 0;)
		leave(cpu, chain[i]);
}
