/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * It takes the lock of one VM and gives back that of another.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void copy(uint32_t from, uint32_t to)
{
	acquire_lock_vm(from);
	release_lock_vm(to); /* clang: 'hlock_lock_vm[to]' that was not held; stops: release_lock_vm(6) */
} /* clang: 'hlock_lock_vm[from]' is still held */

void client(unsigned cpu)
{
	if (cpu == 0)
		copy(5, 6);
}
