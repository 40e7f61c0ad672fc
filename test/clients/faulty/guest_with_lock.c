/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A guest is entered with a lock held.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void run_guest(void) HLOCK_NONE_HELD;

static void run_guest(void)
{
	assert_none_held(); /* stops: assert_none_held */
}

void client(unsigned cpu)
{
	if (cpu != 0)
		return;
	acquire_lock_core();
	run_guest(); /* clang: cannot call function 'run_guest' while rank 'hlock_rank_3_core' is held */
	release_lock_core();
}
