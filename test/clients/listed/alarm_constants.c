/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * False alarm: two numbers as indices are one to clang; two names of an enumeration are two.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

enum { HOST = 2, GUEST = 3, OTHER = 4 };

static void by_name(void)
{
	acquire_lock_vm(HOST);
	acquire_lock_vm_second(GUEST);
	release_lock_vm_second(GUEST);
	release_lock_vm(HOST);
}

void client(unsigned cpu)
{
	(void)cpu;
	by_name();
	acquire_lock_vm(2);
	acquire_lock_vm_second(3); /* clang: that is already held */
	release_lock_vm_second(3);
	release_lock_vm(2); /* clang: that was not held */
}
