/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A wrong client: it acquires a lock that it holds.  It waits for itself, and
 * the watchdog ends the run.
 */
#include "../stress/stress.h"

void section(struct cpu *cpu, const uint32_t *chain, uint32_t length)
{
	for (uint32_t i = 0; i < length; i++) {
		enter(cpu, chain[i]);
		enter(cpu, chain[i]);
	}
	for (uint32_t i = length; i-- > 0;)
		leave(cpu, chain[i]);
}
