/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A wrong client: only CPU 0 takes locks, so no lock is ever contended, and the run
 * says too little.
 */
#include "../stress/stress.h"

void section(struct cpu *cpu, const uint32_t *chain, uint32_t length)
{
	if (cpu->id != 0)
		return;
	for (uint32_t i = 0; i < length; i++)
		enter(cpu, chain[i]);
	meet(cpu);
	for (uint32_t i = length; i-- > 0;)
		leave(cpu, chain[i]);
}
