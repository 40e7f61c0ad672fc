/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * An index from outside is not looked at: it is that of a lock of another family.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void wait_for(unsigned phase);
void reach(unsigned phase);

static uint32_t from_guest(void)
{
	return 17;
}

void client(unsigned cpu)
{
	if (cpu == 0) {
		acquire_lock_vm(0);
		reach(1);
		wait_for(2);
		release_lock_vm(0);
	} else if (cpu == 1) {
		wait_for(1);
		release_lock_pt(from_guest()); /* clang: was not held; stops: release_lock_pt(17) */
	}
}
