/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * All that may be held at once of four ranks, and of one family the first and the last.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	uint32_t first = 0, last = 16;

	(void)cpu;
	acquire_lock_smmu();
	acquire_lock_vm(first);
	acquire_lock_vm(last);
	acquire_lock_s2page();
	for (uint32_t vm = 1; vm < 16; vm++)
		assert_not_held_vm(vm);
	for (uint32_t vm = 0; vm < 17; vm++)
		assert_not_held_pt(vm);
	assert_not_held_core();
	assert_not_held_spt();
	assert_held_smmu();
	assert_held_vm(first);
	assert_held_vm(last);
	assert_held_s2page();
	release_lock_vm(first);
	assert_not_held_vm(first);
	assert_held_vm(last);
	release_lock_s2page();
	release_lock_smmu();
	release_lock_vm(last);
	assert_none_held();
}
