/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A client that is not wrong, only late: the third section begins after two seconds in
 * which its thread does not run.  That is no hang, however short the watchdog's limit.
 */
#include <unistd.h>

#include "../stress/stress.h"

void right_section(struct cpu *cpu, const uint32_t *chain, uint32_t length);

#define section right_section
#include "../stress/section.c"
#undef section

void section(struct cpu *cpu, const uint32_t *chain, uint32_t length)
{
	static _Atomic unsigned sections;

	if (atomic_fetch_add(&sections, 1) == 2)
		sleep(2);
	right_section(cpu, chain, length);
}
