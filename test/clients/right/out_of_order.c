/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Four deep, and given back in another order.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	uint32_t vm = cpu % 17;

	acquire_lock_smmu();
	acquire_lock_vm(vm);
	acquire_lock_core();
	acquire_lock_pt(vm);
	release_lock_vm(vm);
	release_lock_smmu();
	release_lock_pt(vm);
	release_lock_core();
}
