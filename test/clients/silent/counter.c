/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What a lock protects is counted by all, and nothing is lost.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static long counter, counters[17];

void client(unsigned cpu)
{
	acquire_lock_s2page();
	counter++;
	acquire_lock_pt(cpu % 17);
	counters[cpu % 17]++;
	release_lock_s2page();
	release_lock_pt(cpu % 17);
	if (cpu == 0) {
		for (uint32_t vm = 0; vm < 17; vm++) {
			acquire_lock_pt(vm);
			if (counters[vm] < 0)
				acquire_lock_pt(vm); /* never */
			release_lock_pt(vm);
		}
	}
}
