/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * When something is wrong: a hang, an exception at EL2, a property that does not hold.  Each
 * prints where the CPUs stand, writes the trace up to there, and ends the run.  No lock.
 *
 * The watchdog is a timer of CPU 0, which comes as FIQ: the only interrupt that is not
 * masked, and its handler takes no lock.  It fires each millisecond; el2/run has QEMU count
 * instructions as time, so a millisecond is a million of them, however busy the host is.  A
 * run hangs if in `patience` ticks a CPU waits in one call of acquire, or nothing is recorded.
 */
#include "el2.h"

#include "../layers/L0_machine/machine.h"

#define GICD 0x08000000UL
#define GICR 0x080a0000UL
enum { TIMER = 26 };

static volatile uint32_t *device(uint64_t address)
{
	return (volatile uint32_t *)address;
}

static void start_timer(void)
{
	WRITE_REGISTER("cnthp_tval_el2", READ_REGISTER("cntfrq_el0") / 1000 * 128);
	WRITE_REGISTER("cnthp_ctl_el2", 1);
	__asm__ volatile("isb" : : : "memory");
}

/* Group 0 of a GICv3 without secure state: FIQ. */
void start_watchdog(void)
{
	*device(GICD) = 1 | 1 << 4;
	*device(GICR + 0x14) &= ~2U;
	while (*device(GICR + 0x14) & 4)
		continue;
	*device(GICR + 0x10080) &= ~(1U << TIMER);
	*device(GICR + 0x10100) = 1U << TIMER;
	WRITE_REGISTER("s3_4_c12_c9_5", 0xf); /* ICC_SRE_EL2 */
	__asm__ volatile("isb" : : : "memory");
	WRITE_REGISTER("s3_0_c4_c6_0", 0xff); /* ICC_PMR_EL1 */
	WRITE_REGISTER("s3_0_c12_c12_6", 1);  /* ICC_IGRPEN0_EL1 */
	start_timer();
}

static void print_lock(uint32_t lock)
{
	uint32_t index;
	const char *name = name_of_lock(lock, &index);

	if (index == HLOCK_LOCKS)
		print(" lock %u (%s)", (uint64_t)lock, name);
	else
		print(" lock %u (%s %u)", (uint64_t)lock, name, (uint64_t)index);
}

static void report_lock(uint32_t lock)
{
	bool held = false, used = false;

	for (uint32_t i = 0; i < cpu_count; i++)
		used = used || holds(&cpus[i], lock) || cpus[i].waiting_for == lock;
	if (!used)
		return;
	print(" ");
	print_lock(lock);
	print(": next %u, now %u, holder",
	      (uint64_t)atomic_load_explicit(&hlock_words[lock].next, memory_order_relaxed),
	      (uint64_t)atomic_load_explicit(&hlock_words[lock].now, memory_order_relaxed));
	for (uint32_t i = 0; i < cpu_count; i++)
		if (holds(&cpus[i], lock)) {
			print(" CPU %u", (uint64_t)i);
			held = true;
		}
	print(held ? "\n" : " none\n");
}

static void report_cpus(uint32_t most)
{
	for (uint32_t i = 0; i < cpu_count && i < most; i++) {
		print("  CPU %u: %s, after %u acquires;", (uint64_t)i, cpus[i].doing, cpus[i].calls);
		for (uint32_t lock = 0; lock < HLOCK_LOCKS; lock++)
			if (holds(&cpus[i], lock)) {
				print(" holds");
				print_lock(lock);
			}
		if (cpus[i].waiting_for >= 0) {
			print(" waits for");
			print_lock((uint32_t)cpus[i].waiting_for);
		}
		print("\n");
	}
	for (uint32_t lock = 0; lock < HLOCK_LOCKS; lock++)
		report_lock(lock);
}

/* For a person, over and over (live=1).  What is read here is of this moment, or nearly. */
static void show(void)
{
	enum { ROWS = 16 };

	print("\033[H\033[J" "%u CPUs, %u events, ", (uint64_t)cpu_count, events_recorded());
	print("%u VMs destroyed, %u times into a guest\n", total(LIVES), total(ENTRIES_TO_GUESTS));
	print("%u faults, %u shares, %u revoked, ", total(FAULTS), total(SHARES), total(REVOKES));
	print("%u messages, %u DMA transfers, %u refused\n", total(MESSAGES), total(TRANSFERS), total(DMA_FAULTS));
	for (uint32_t slot = 0; slot < SLOTS; slot++) {
		uint64_t vmid = slots_seen[slot].vmid;

		print(vmid ? "  slot %u: VM %u, seen %u times, on CPUs" : "  slot %u: no VM", (uint64_t)slot, vmid,
		      (uint64_t)slots_seen[slot].looks);
		for (uint32_t i = 0; vmid && i < cpu_count; i++)
			if (cpus[i].vmid == vmid)
				print(" %u", (uint64_t)i);
		print("\n");
	}
	print("contended:");
	for (uint32_t lock = 0; lock < HLOCK_LOCKS;) {
		uint64_t acquired = 1, waited = 0;
		uint32_t index;
		const char *name = name_of_lock(lock, &index);

		for (; lock < HLOCK_LOCKS && name_of_lock(lock, &index) == name; lock++)
			for (uint32_t i = 0; i < cpu_count; i++) {
				acquired += cpus[i].acquired[lock];
				waited += cpus[i].waited[lock];
			}
		print("  %s %u of %u", name, waited, acquired - 1);
	}
	print("\n");
	report_cpus(ROWS);
}

/* The first one that comes here speaks. */
static _Noreturn void give_up(enum exit_status status)
{
	report_cpus(MAX_CPUS);
	if (options.trace[0])
		write_trace(options.trace);
	if (options.owners[0])
		write_owners(options.owners);
	end_run(status);
}

static void be_first(void)
{
	static uint32_t taken;

	if (__atomic_exchange_n(&taken, 1, __ATOMIC_RELAXED))
		for (;;)
			yield();
	__asm__ volatile("msr daifset, #0xf" : : : "memory");
}

void corrupt(const char *what, uint64_t a, uint64_t b)
{
	be_first();
	print("el2: corrupt: CPU %u: ", (uint64_t)this_cpu()->id);
	print(what, a, b);
	print("\n");
	give_up(CORRUPT);
}

/* What is missing in a record cannot be judged. */
void record_is_full(void)
{
	be_first();
	print("el2: the record is full: %u events are not judged; ask for fewer lives, or for=SECONDS\n",
	      (uint64_t)ROOM);
	end_run(USAGE);
}

/* What the library's debug build asks for, and calls. */
#ifdef HLOCK_DEBUG
uint32_t hlock_this_cpu(void)
{
	return this_cpu()->id;
}

static void print_character(char character, void *to)
{
	const char text[] = { character, 0 };

	(void)to;
	print("%s", text);
}

void hlock_panic(const struct hlock_report *report)
{
	be_first();
	print("el2: corrupt: ");
	hlock_report_print(report, print_character, NULL);
	give_up(CORRUPT);
}
#endif

void exception(const uint64_t *x, uint64_t kind)
{
	be_first();
	print("el2: exception %u at EL2 on CPU %u: ESR %x", kind, (uint64_t)this_cpu()->id, READ_REGISTER("esr_el2"));
	print(" ELR %x FAR %x SPSR %x\n", READ_REGISTER("elr_el2"), READ_REGISTER("far_el2"),
	      READ_REGISTER("spsr_el2"));
	for (uint64_t i = 0; i < 31; i++)
		print(i % 4 == 3 || i == 30 ? " x%u %x\n" : " x%u %x", i, x[i]);
	give_up(EXCEPTION);
}

static _Noreturn void hang(const char *what, uint64_t a)
{
	be_first();
	print(what, a);
	give_up(HANG);
}

void tick(void)
{
	static uint64_t calls[MAX_CPUS], ticks[MAX_CPUS], events, still, shown;
	uint64_t interrupt = READ_REGISTER("s3_0_c12_c8_0"); /* ICC_IAR0_EL1 */

	for (uint32_t i = 0; i < cpu_count; i++) {
		ticks[i] = cpus[i].waiting_for >= 0 && cpus[i].calls == calls[i] ? ticks[i] + 1 : 0;
		calls[i] = cpus[i].calls;
		if (ticks[i] >= options.patience)
			hang("el2: hang: CPU %u waits, and nobody lets it go on\n", i);
	}
	if (options.live && ++shown % 8 == 0)
		show();
	still = events == events_recorded() && options.seconds == 0 ? still + 1 : 0;
	events = events_recorded();
	if (still >= options.patience)
		hang("el2: hang: nothing happens after %u events\n", events);
	start_timer();
	WRITE_REGISTER("s3_0_c12_c8_1", interrupt); /* ICC_EOIR0_EL1 */
}
