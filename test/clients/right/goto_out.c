/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * One way out, by goto.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static int map(uint32_t vm, int pages, int tables)
{
	int result = -1;

	acquire_lock_vm(vm);
	if (pages == 0)
		goto out;
	acquire_lock_pt(vm);
	if (tables == 0)
		goto out_of_pt;
	result = 0;
out_of_pt:
	release_lock_pt(vm);
out:
	release_lock_vm(vm);
	return result;
}

void client(unsigned cpu)
{
	map(cpu % 17, 0, 1);
	map(cpu % 17, 1, 0);
	map(cpu % 17, 1, 1);
}
