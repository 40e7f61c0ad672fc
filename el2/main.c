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
volatile struct slot_seen slots_seen[SLOTS];

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
	volatile struct slot_seen *seen = &slots_seen[slot];
	uint32_t vmid = vm_of_slot(slot);

	this_cpu()->doing = "is the host";
	seen->vmid = vmid;
	if (vmid == 0) {
		seen->looks = 0;
		create_vm(slot);
	} else if (stop_vm(vmid, ++seen->looks > LONG_LIFE && vmid % 2 == 1)) {
		detach_device(slot, vmid);
		destroy_vm(slot, vmid);
	} else if (!EL2_COST && seen->looks > TOO_LONG) {
		corrupt("VM %u does not come to its end, and CPU 0 has looked %u times", vmid, seen->looks);
	} else {
		attach_device(slot, vmid);
	}
	if (this_cpu()->count[LIVES] >= options.lives && (options.seconds == 0 || seconds() >= options.seconds))
		enough = true;
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

uint64_t total(enum counter counter)
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
	print("el2: %u CPUs, %u VMs destroyed, %u times into a guest, ", (uint64_t)cpu_count, total(LIVES),
	      total(ENTRIES_TO_GUESTS));
	print("%u faults (%u of pages that another vcpu had just mapped),\n", total(FAULTS), total(FAULT_RACES));
	print("     %u shares, %u revoked, %u accesses denied, ", total(SHARES), total(REVOKES), total(DENIALS));
	print("%u pages given back, %u messages,\n", total(GIFTS), total(MESSAGES));
	print("     %u DMA transfers, %u that the SMMU refused; %u events\n", total(TRANSFERS), total(DMA_FAULTS),
	      events_recorded());
	for (uint32_t what = 0; EL2_COST && what < COSTS; what++) {
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
