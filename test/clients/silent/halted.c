/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A CPU halts in a section, and keeps its lock; the others go on without that lock.
 */
#include <hlock/hlock.h>

#include <pthread.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	if (cpu == 0) {
		acquire_lock_spt();
		pthread_exit(NULL);
	}
	for (uint32_t vm = 0; vm < 17; vm++) {
		acquire_lock_vm(vm);
		acquire_lock_pt(vm);
		assert_not_held_spt();
		release_lock_vm(vm);
		release_lock_pt(vm);
		assert_none_held();
	}
}
