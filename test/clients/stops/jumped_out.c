/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * An error leaves a section by longjmp, and the next call takes the lock again.
 */
#include <hlock/hlock.h>

#include <setjmp.h>

void client(unsigned cpu);

static jmp_buf out;

static void map(uint32_t vm, int pages)
{
	acquire_lock_vm(vm); /* stops: acquire_lock_vm(7): this CPU holds the lock already */
	if (pages == 0)
		longjmp(out, 1);
	release_lock_vm(vm);
}

void client(unsigned cpu)
{
	if (cpu != 0)
		return;
	if (setjmp(out) == 0)
		map(7, 0);
	map(7, 1);
}
