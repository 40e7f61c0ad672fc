/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Page table, then its VM.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void unmap(uint32_t vm)
{
	acquire_lock_pt(vm);
	acquire_lock_vm(vm); /* clang: while rank 'hlock_rank_5_pt' is held; stops: acquire_lock_vm(7) */
	release_lock_vm(vm);
	release_lock_pt(vm);
}

void client(unsigned cpu)
{
	if (cpu == 0)
		unmap(7);
}
