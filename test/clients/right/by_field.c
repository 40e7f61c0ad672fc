/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The index is a field of a struct.
 */
#include <hlock/hlock.h>

void client(unsigned cpu);

struct vcpu {
	uint32_t vm;
};

static void run(const struct vcpu *vcpu)
{
	acquire_lock_vm(vcpu->vm);
	acquire_lock_pt(vcpu->vm);
	release_lock_pt(vcpu->vm);
	release_lock_vm(vcpu->vm);
}

void client(unsigned cpu)
{
	struct vcpu vcpu = { cpu % 17 };

	run(&vcpu);
}
