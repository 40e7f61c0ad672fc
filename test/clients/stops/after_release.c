/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The first of two locks is given back, and one of its family taken under the second.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	if (cpu != 0)
		return;
	acquire_lock_vm(5);
	acquire_lock_pt(2);
	release_lock_vm(5);
	acquire_lock_vm(6); /* stops: acquire_lock_vm(6): against the order */
	release_lock_vm(6);
	release_lock_pt(2);
}
