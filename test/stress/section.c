/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The critical section: what a client of the locks does.  A wrong client is
 * another `section` on the same `enter` and `leave` (enter.c).
 */
#include "stress.h"

void section(struct cpu *cpu, const uint32_t *chain, uint32_t length)
{
	for (uint32_t i = 0; i < length; i++)
		enter(cpu, chain[i]);
	for (uint32_t i = 0; i < length; i++) {
		struct object seen = read_object(cpu, chain[i]);

		meet(cpu);
		write_object(cpu, chain[i], &seen);
	}
	for (uint32_t i = length; i-- > 0;)
		leave(cpu, chain[i]);
}
