/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The index is computed, the same way each time, or cast.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void shifted(uint32_t vm)
{
	acquire_lock_vm(vm + 1U);
	release_lock_vm(vm + 1U);
}

static void of_int(int vm)
{
	acquire_lock_vm((uint32_t)vm);
	release_lock_vm((uint32_t)vm);
}

void client(unsigned cpu)
{
	shifted(cpu % 16);
	of_int((int)(cpu % 16));
}
