/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Four locks, given back in each of the 24 orders.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void release(unsigned which, uint32_t vm)
{
	switch (which) {
	case 0: release_lock_smmu(); break;
	case 1: release_lock_vm(vm); break;
	case 2: release_lock_core(); break;
	default: release_lock_pt(vm);
	}
}

void client(unsigned cpu)
{
	for (unsigned order = 0; order < 24; order++) {
		unsigned left = 15, rest = order;

		acquire_lock_smmu();
		acquire_lock_vm(cpu % 17);
		acquire_lock_core();
		acquire_lock_pt(cpu % 17);
		for (unsigned choices = 4; choices > 0; choices--) {
			unsigned skip = rest % choices, k = 0;

			for (; !(left >> k & 1) || skip-- > 0; k++)
				;
			release(k, cpu % 17);
			left &= ~(1u << k);
			rest /= choices;
		}
		assert_none_held();
	}
}
