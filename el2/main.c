/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The CPUs.  Each looks for a vcpu that is ready, in one slot after the other, runs it until
 * it leaves, and looks through the tables of the VMs.  CPU 0 is the host too: it creates the
 * VMs, stops every other one in the middle of its life, and destroys them; meanwhile the
 * other VM goes on.
 */
#include "el2.h"

struct cpu cpus[MAX_CPUS];
volatile uint32_t cpu_count = 1;

static uint32_t finished; /* CPUs */
static volatile bool enough;

static uint64_t psci(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
	register uint64_t x0 __asm__("x0") = function;
	register uint64_t x1 __asm__("x1") = a;
	register uint64_t x2 __asm__("x2") = b;
	register uint64_t x3 __asm__("x3") = c;

	__asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "memory");
	return x0;
}

static uint64_t affinity(uint32_t id)
{
	return id % 16 | id / 16 << 8;
}

/* Until there is none that can be started. */
static void start_others(void)
{
	enum { CPU_ON = 0xc4000003 };
	uint32_t id = 1;

	while (id < MAX_CPUS && psci(CPU_ON, affinity(id), (uint64_t)start_other_cpu, id) == 0)
		id++;
	cpu_count = id;
}

static uint64_t start; /* on the host's clock */

static uint64_t seconds(void)
{
	return time_of_host() - start;
}

/* A run that is to last for seconds stops and waits, between its rounds, where it would record
 * more than can be kept, or be judged in a few times that.  The rest of the room is for what
 * each CPU records in the round after it has looked. */
static void keep_pace(struct cpu *cpu)
{
	enum { EACH_SECOND = 100000 };
	uint64_t each = (ROOM - ROOM / 8) / (options.seconds + 1);

	each = each < EACH_SECOND ? each : EACH_SECOND;
	cpu->doing = "keeps pace";
	while (options.seconds > 0 && events_recorded() > (seconds() + 1) * each && seconds() < options.seconds)
		yield();
}

/* A VM that CPU 0 has looked at so often is stopped in the middle, if its vmid is odd; one that
 * is still there after so many looks will not go. */
enum { LONG_LIFE = 40, TOO_LONG = 1000 };

static void be_host(uint32_t slot)
{
	static uint32_t age[SLOTS];
	uint32_t vmid = vm_of_slot(slot);

	this_cpu()->doing = "is the host";
	if (vmid == 0) {
		age[slot] = 0;
		create_vm(slot);
	} else if (stop_vm(vmid, ++age[slot] > LONG_LIFE && vmid % 2 == 1)) {
		detach_device(slot, vmid);
		destroy_vm(slot, vmid);
	} else if (age[slot] > TOO_LONG) {
		corrupt("VM %u does not come to its end, and CPU 0 has looked %u times", vmid, age[slot]);
	} else {
		attach_device(slot, vmid);
	}
	if (this_cpu()->count[LIVES] >= options.lives && (options.seconds == 0 || seconds() >= options.seconds))
		enough = true;
}

/* Meetings, as in test/stress: CPUs come in pairs, so that they want the same lock at the
 * same time, and the first of them that is inside stays until the other has its ticket
 * (enter.c).  So each pair is one contended acquisition and one hand-over, by construction.
 * Who waits in vain for a second one goes on alone. */
enum place { AT_CORE, AT_PAGES, AT_SMMU, AT_SPT, AT_VM, AT_PT = AT_VM + SLOTS, PLACES = AT_PT + SLOTS };

static uint32_t meet(struct cpu *cpu, uint32_t place)
{
	static uint32_t arrived[PLACES], taken[PLACES];
	uint32_t mine;

	if (FOR_COST || !options.yield || cpu_count == 1)
		return 0;
	mine = __atomic_fetch_add(&arrived[place], 1, __ATOMIC_RELAXED);
	for (uint32_t i = 0; i < PATIENCE && __atomic_load_n(&arrived[place], __ATOMIC_RELAXED) <= (mine | 1); i++)
		yield();
	if (__atomic_load_n(&arrived[place], __ATOMIC_RELAXED) > (mine | 1))
		cpu->stays = &taken[place];
	return mine / 2;
}

/* What anybody may look at, under its lock.  So often: a fifth of all acquisitions of each
 * family shall be contended, with two CPUs too. */
static void audit(struct cpu *cpu)
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

static void work(struct cpu *cpu)
{
	cpu->dice = options.seed * MAX_CPUS + cpu->id;
	for (uint32_t round = cpu->id; !enough; round++) {
		uint32_t slot = round % SLOTS;

		keep_pace(cpu);
		if (cpu->id == 0)
			be_host(slot);
		cpu->doing = "looks for a vcpu";
		if (!run_some_vcpu(slot))
			yield(); /* who has one may be waiting for a turn */
		audit(cpu);
	}
	cpu->doing = "has finished";
	__atomic_fetch_add(&finished, 1, __ATOMIC_ACQ_REL);
}

static uint64_t sum(enum counter counter)
{
	uint64_t all = 0;

	for (uint32_t i = 0; i < cpu_count; i++)
		all += cpus[i].count[counter];
	return all;
}

static _Noreturn void end_well(void)
{
	while (__atomic_load_n(&finished, __ATOMIC_ACQUIRE) < cpu_count)
		yield();
	__asm__ volatile("msr daifset, #1" : : : "memory"); /* the watchdog has nothing to watch */
	print("el2: %u CPUs, %u VMs destroyed, %u times into a guest, ", (uint64_t)cpu_count, sum(LIVES),
	      sum(ENTRIES_TO_GUESTS));
	print("%u faults (%u of pages that another vcpu had just mapped),\n", sum(FAULTS), sum(FAULT_RACES));
	print("     %u shares, %u revoked, %u accesses denied, ", sum(SHARES), sum(REVOKES), sum(DENIALS));
	print("%u pages given back, %u messages,\n", sum(GIFTS), sum(MESSAGES));
	print("     %u DMA transfers, %u that the SMMU refused; %u events\n", sum(TRANSFERS), sum(DMA_FAULTS),
	      events_recorded());
	for (uint32_t what = 0; FOR_COST && what < COSTS; what++) {
		uint64_t all = 0, times = 0;

		for (uint32_t i = 0; i < cpu_count; i++) {
			all += cpus[i].spent[what];
			times += cpus[i].times[what];
		}
		print("cost %u %u\n", all, times);
	}
	if (options.trace[0])
		write_trace(options.trace);
	if (options.owners[0])
		write_owners(options.owners);
	end_run(FINE);
}

void run_cpu(uint32_t id);
void run_cpu(uint32_t id)
{
	struct cpu *cpu = &cpus[id];

	cpu->id = id;
	cpu->waiting_for = -1;
	cpu->doing = "starts";
	WRITE_REGISTER("tpidr_el2", cpu);
	WRITE_REGISTER("vtcr_el2", 0x80023559); /* 39 bits from level 1, 4 KiB, inner shareable */
	WRITE_REGISTER("hcr_el2", 0x80000008);  /* FIQ comes here */
	WRITE_REGISTER("sctlr_el1", 0x30d00800);
	__asm__ volatile("isb" : : : "memory");
	if (id == 0) {
		read_options();
		start = time_of_host();
		start_smmu();
		start_others();
		start_watchdog();
		__asm__ volatile("msr daifclr, #1" : : : "memory");
	}
	work(cpu);
	if (id == 0)
		end_well();
}
