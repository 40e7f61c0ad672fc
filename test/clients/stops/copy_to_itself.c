/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Two VMs are locked in the order of their numbers, and are the same.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void copy(uint32_t from, uint32_t to)
{
	acquire_lock_vm(from < to ? from : to);
	acquire_lock_vm(from < to ? to : from); /* stops: acquire_lock_vm(9): this CPU holds the lock already */
	release_lock_vm(from);
	release_lock_vm(to);
}

void client(unsigned cpu)
{
	if (cpu == 0)
		copy(9, 9);
}
