/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A wrong client: it writes the last word of an object after it has given back the
 * lock.  Who comes next finds the object torn.
 */
#include "../stress/stress.h"

void section(struct cpu *cpu, const uint32_t *chain, uint32_t length)
{
	for (uint32_t i = 0; i < length; i++)
		enter(cpu, chain[i]);
	for (uint32_t i = length; i-- > 0;) {
		struct object seen = read_object(cpu, chain[i]);
		struct object next = next_object(cpu, chain[i], &seen);

		for (uint32_t j = 0; j < WORDS - 1; j++)
			write_word(cpu, chain[i], j, &next);
		leave(cpu, chain[i]);
		meet(cpu);
		write_word(cpu, chain[i], WORDS - 1, &next);
	}
}
