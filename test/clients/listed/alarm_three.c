/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * False alarm: three of one family; a function that clang does not look into is silent.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

static void three(uint32_t one, uint32_t two, uint32_t last)
{
	acquire_lock_vm(one);
	acquire_lock_vm_second(two);
	acquire_lock_vm_second(last); /* clang: acquiring */
	release_lock_vm_second(last);
	release_lock_vm_second(two); /* clang: that was not held */
	release_lock_vm(one);
}

static void unchecked(uint32_t one, uint32_t two, uint32_t last) HLOCK_UNCHECKED;

static void unchecked(uint32_t one, uint32_t two, uint32_t last)
{
	acquire_lock_vm(one);
	acquire_lock_vm(two);
	acquire_lock_vm(last);
	release_lock_vm(last);
	release_lock_vm(two);
	release_lock_vm(one);
}

void client(unsigned cpu)
{
	three(cpu % 15, 15, 16);
	unchecked(cpu % 15, 15, 16);
}
