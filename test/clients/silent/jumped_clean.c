/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * An error leaves a section by longjmp, after the lock was given back.
 */
#include <hlock/hlock.h>

#include <setjmp.h>

void client(unsigned cpu);

static void fail(jmp_buf *out, uint32_t vm)
{
	acquire_lock_vm(vm);
	release_lock_vm(vm);
	longjmp(*out, 1);
}

void client(unsigned cpu)
{
	jmp_buf out;

	if (setjmp(out) == 0)
		fail(&out, cpu % 17);
	assert_none_held();
	acquire_lock_vm(cpu % 17);
	release_lock_vm(cpu % 17);
}
