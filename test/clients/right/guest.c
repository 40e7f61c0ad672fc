/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A guest is entered with nothing held; what must not be held is not.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void run_guest(void) HLOCK_NONE_HELD;
static void notify(uint32_t vm) HLOCK_MAY_TAKE(vm);

static void run_guest(void)
{
	assert_none_held();
}

static void notify(uint32_t vm)
{
	assert_not_held_vm(vm);
	acquire_lock_vm(vm);
	release_lock_vm(vm);
}

void client(unsigned cpu)
{
	acquire_lock_smmu();
	notify(cpu % 17);
	release_lock_smmu();
	run_guest();
}
