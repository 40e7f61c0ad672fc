/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What the tests need, so that a run says something: CPUs meet at the locks, yield at each
 * access, and look at everything again and again.  No part of the core rests on it.
 */
#include "el2.h"

#include "../layers/L0_machine/machine.h"

/* Another CPU comes between an access and the next; with a seed, three times in four. */
void come_between(void)
{
	struct cpu *cpu = this_cpu();

	cpu->dice = cpu->dice * 6364136223846793005ULL + 1442695040888963407ULL;
	if (options.yield && (options.seed == 0 || cpu->dice >> 62 != 0))
		yield();
}

/* In a meeting the first of the two stays, a bounded while, until another CPU has its
 * ticket; the second finds the place taken. */
void stay(struct cpu *cpu, uint32_t lock)
{
	const struct hlock_words *words = &hlock_words[lock];
	uint32_t taken = __atomic_fetch_add(cpu->stays, 1, __ATOMIC_RELAXED);

	cpu->stays = NULL;
	if (taken % 2 != 0)
		return;
	for (uint32_t i = 0; i < PATIENCE; i++) {
		if (atomic_load_explicit(&words->next, memory_order_relaxed)
		    - atomic_load_explicit(&words->now, memory_order_relaxed) > 1)
			return;
		yield();
	}
}

/* Meetings, as in test/stress: CPUs come in pairs, so that they want the same lock at the
 * same time, and the first of them that is inside stays until the other has its ticket
 * (stay).  So each pair is one contended acquisition and one hand-over, by construction.
 * Who waits in vain for a second one goes on alone, as if it had not come. */
enum place { AT_CORE, AT_PAGES, AT_SMMU, AT_SPT, AT_VM, AT_PT = AT_VM + SLOTS, PLACES = AT_PT + SLOTS };

static uint32_t meet(struct cpu *cpu, uint32_t place)
{
	enum { LONG = 10 * PATIENCE }; /* the other may be the host meanwhile, or run a vcpu */
	static uint32_t arrived[PLACES], taken[PLACES];
	uint32_t mine, next;

	if (EL2_COST || !options.yield || cpu_count == 1)
		return 0;
	mine = __atomic_fetch_add(&arrived[place], 1, __ATOMIC_RELAXED);
	for (uint32_t i = 0; i < LONG && __atomic_load_n(&arrived[place], __ATOMIC_RELAXED) <= (mine | 1); i++)
		yield();
	next = mine + 1;
	if (mine % 2 == 1
	    || !__atomic_compare_exchange_n(&arrived[place], &next, mine, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		cpu->stays = &taken[place];
	return mine / 2;
}

/* What anybody may look at, under its lock.  So often: a fifth of all acquisitions of each
 * family shall be contended, with two CPUs too. */
void audit(struct cpu *cpu)
{
	uint32_t slot = 0, vmid = 0;

	cpu->doing = "audits";
	for (uint32_t i = 0; i < 3; i++) {
		slot = meet(cpu, AT_CORE) % SLOTS;
		vmid = vm_of_slot(slot);
	}
	for (uint32_t i = 0; i < 2; i++)
		audit_page(meet(cpu, AT_PAGES) % PAGES);
	for (uint32_t i = 0; i < 2; i++)
		audit_smmu(meet(cpu, AT_SMMU) % BANKS);
	for (uint32_t i = 0; i < 2; i++)
		audit_spt(slot, meet(cpu, AT_SPT) % OWN_PAGES * PAGE);
	if (vmid == 0)
		return;
	for (uint32_t i = 0; i < 6; i++) {
		meet(cpu, AT_VM + slot);
		stop_vm(vmid, false);
	}
	for (uint32_t i = 0; i < 3; i++) {
		meet(cpu, AT_PT + slot);
		enter_pt(vmid);
		audit_tables(vmid);
		leave_pt(vmid);
	}
}
