/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The right index, of the wrong family.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	if (cpu != 0)
		return;
	acquire_lock_vm(3);
	release_lock_pt(3); /* stops: release_lock_pt(3): this CPU does not hold the lock */
}
