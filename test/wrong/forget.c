/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A wrong client: the sixteenth section never releases.  The run hangs, and the
 * watchdog ends it.
 */
#include "../stress/stress.h"

void section(struct cpu *cpu, const uint32_t *chain, uint32_t length)
{
	static _Atomic unsigned sections;

	for (uint32_t i = 0; i < length; i++)
		enter(cpu, chain[i]);
	if (atomic_fetch_add(&sections, 1) == 15)
		return;
	for (uint32_t i = length; i-- > 0;)
		leave(cpu, chain[i]);
}
