/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Missed: another number as index.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	if (cpu != 0)
		return;
	acquire_lock_vm(3);
	release_lock_vm(4); /* stops: release_lock_vm(4) */
}
