/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The index before the first.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	uint32_t vms = 0;

	if (cpu == 0)
		acquire_lock_pt(vms - 1U); /* stops: acquire_lock_pt(4294967295): index out of range: not below 17 */
}
