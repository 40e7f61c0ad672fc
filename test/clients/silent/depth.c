/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Four locks of one family, again and again, the oldest given back first, then the newest.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

void client(unsigned cpu)
{
	for (uint32_t from = 0; from < 13; from++) {
		for (uint32_t k = 0; k < 4; k++)
			acquire_lock_vm(from + k);
		release_lock_vm(from + cpu % 4);
		for (uint32_t k = 4; k-- > 0;)
			if (k != cpu % 4)
				release_lock_vm(from + k);
		assert_none_held();
	}
}
