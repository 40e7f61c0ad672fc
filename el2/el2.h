/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A small hypervisor core at EL2: what the locks of hlock are for.  Two VMs with two vcpus
 * each run over stage 2; any CPU runs any vcpu; CPU 0 creates and destroys the VMs.
 *
 *   boot.S    entry, vectors, into a guest and out of it
 *   main.c    the CPUs, what each does, the end
 *   vm.c      VMs: state machine, life, vcpus, what guests ask for
 *   page.c    pages: allocator, owner, sharers, scrubbing
 *   pt.c      stage-2 tables
 *   smmu.c    the SMMU: its tables, and a device for each VM
 *   enter.c   locks with their records, and access to what they guard
 *   contend.c for tests: CPUs that meet at the locks
 *   record.c  for tests: stamps, the trace, the final owners
 *   watch.c   watchdog and exceptions
 *   io.c      semihosting
 *   guest.c   the guests
 * Locks are taken in the order smmu, vm, core, s2page, pt or spt.  Read next: vm.c, page.c.
 */
#ifndef EL2_H
#define EL2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hlock/hlock.h>

#include "format.h"

enum { MAX_CPUS = 64, PAGE = 4096, DEPTH = 8 }; /* of locks that a CPU holds */
enum { NO_PAGE = 0xffffffff };
enum { PATIENCE = 400 }; /* looks for another CPU, in meetings */

enum exit_status { FINE = 0, USAGE = 2, HANG = 3, CORRUPT = 4, EXCEPTION = 5 };

/* boot.S knows where its members are. */
struct context {
	uint64_t x[31];
	uint64_t pc, pstate, sp;
	uint64_t syndrome, fault_page; /* ESR_EL2 and HPFAR_EL2 of the last exit */
};

/* In the build for el2/cost: nothing is recorded, and no CPU stays or yields for others. */
#ifndef EL2_COST
#define EL2_COST 0
#endif
enum cost { COST_FAULT, COST_CALL, COST_SWITCH, COSTS };

enum counter { LIVES, ENTRIES_TO_GUESTS, FAULTS, FAULT_RACES, SHARES, REVOKES, DENIALS, GIFTS, MESSAGES,
	       TRANSFERS, DMA_FAULTS, COUNTERS };

struct cpu {
	struct context *context; /* first: of the guest that runs; boot.S */
	uint32_t id;
	volatile int64_t waiting_for; /* a lock, or -1 */
	volatile uint32_t holding, held[DEPTH];
	volatile uint64_t calls;      /* of acquire */
	const char *volatile doing;
	uint32_t *stays; /* in its next section, or NULL; contend.c */
	uint64_t dice;
	uint64_t count[COUNTERS];
	uint64_t spent[COSTS], times[COSTS];
	uint64_t acquired[HLOCK_LOCKS], waited[HLOCK_LOCKS]; /* waited: somebody was before it */
	volatile uint32_t vmid; /* that it runs, or 0 */
} __attribute__((aligned(128)));

extern struct cpu cpus[MAX_CPUS];
extern volatile uint32_t cpu_count;
extern volatile struct slot_seen {
	uint32_t vmid, looks; /* as CPU 0 saw it last, so often */
} slots_seen[SLOTS];
uint64_t total(enum counter counter);
extern struct options {
	uint32_t lives, yield, seed, seconds, live, patience; /* patience: ticks of the watchdog */
	char trace[256], owners[256];
} options;

static inline struct cpu *this_cpu(void)
{
	struct cpu *cpu;

	__asm__("mrs %0, tpidr_el2" : "=r"(cpu));
	return cpu;
}

#define READ_REGISTER(name)                                              \
	({                                                               \
		uint64_t value_;                                         \
		__asm__ volatile("mrs %0, " name : "=r"(value_));        \
		value_;                                                  \
	})
#define WRITE_REGISTER(name, value) __asm__ volatile("msr " name ", %0" : : "r"((uint64_t)(value)) : "memory")

/* What was done took so long, and was one of so many; with el2/cost a tick is an instruction. */
static inline uint64_t clock(void)
{
	return EL2_COST ? READ_REGISTER("cntpct_el0") : 0;
}

static inline void spent(enum cost what, uint64_t since, uint32_t times)
{
	if (EL2_COST) {
		this_cpu()->spent[what] += clock() - since;
		this_cpu()->times[what] += times;
	}
}

/* Another CPU may run now; an emulator lets it. */
static inline void yield(void)
{
	__asm__ volatile("yield" : : : "memory");
}

/* boot.S */
enum exit_reason { TRAP, TICK };
enum exit_reason enter_guest(struct context *context);
void start_other_cpu(void);
extern uint64_t vectors[];
extern uint8_t guest_image[];

/* enter.c: enter_NAME and leave_NAME for each family of the table, and the words that its
 * lock guards: each access is recorded, and yields if the run is to be contended. */
#define HLOCK_ONE(name, first, rank, object) void enter_##name(void); void leave_##name(void);
#define HLOCK_ARRAY(name, index, first, count, rank, object) \
	void enter_##name(uint32_t index); void leave_##name(uint32_t index);
#include "../layers/L4_locks/lock_table.def"
#undef HLOCK_ONE
#undef HLOCK_ARRAY
bool holds(const struct cpu *cpu, uint32_t lock);
uint64_t get_core(uint32_t part);
void put_core(uint32_t part, uint64_t value);
uint64_t get_page(uint32_t page, uint32_t part);
void put_page(uint32_t page, uint32_t part, uint64_t value);
uint64_t get_vm(uint32_t vmid, uint32_t part);
void put_vm(uint32_t vmid, uint32_t part, uint64_t value);
uint64_t get_pt(uint32_t vmid, uint32_t part);
void put_pt(uint32_t vmid, uint32_t part, uint64_t value);
uint64_t table_address(uint32_t vmid, uint32_t table);
uint64_t get_smmu(uint32_t bank, uint32_t part);
void put_smmu(uint32_t bank, uint32_t part, uint64_t value);
uint64_t get_spt(uint32_t part);
void put_spt(uint32_t part, uint64_t value);
enum { STREAMS_LOG2 = 5 };
uint64_t smmu_address(uint32_t bank, uint32_t part);
uint64_t spt_address(uint32_t part);
const char *name_of_lock(uint32_t lock, uint32_t *index); /* index: or HLOCK_LOCKS, if it has none */

/* pt.c: all under pt(vmid) */
void barrier(void);
uint32_t part_of(uint32_t table, uint64_t ipa, int level);
uint32_t page_of(uint64_t entry);
void prepare_tables(uint32_t vmid, uint64_t ipa);
uint32_t page_at(uint32_t vmid, uint64_t ipa);
void map(uint32_t vmid, uint64_t ipa, uint32_t page);
void unmap(uint32_t vmid, uint64_t ipa);
void forget_tables(uint32_t vmid);
void audit_tables(uint32_t vmid);
uint64_t vttbr(uint32_t vmid);

/* page.c */
extern uint8_t pages[PAGES][PAGE];
uint32_t take_page(void); /* NO_PAGE: there is none */
void give_page_back(uint32_t page);
enum fault { MAPPED, WAS_MAPPED, NO_MEMORY, NOT_SHARED };
enum fault map_new_page(uint32_t vmid, uint64_t ipa, uint32_t page);
enum fault map_shared_page(uint32_t vmid, uint64_t ipa, uint32_t page);
bool share_page(uint32_t owner, uint64_t ipa, uint32_t with, uint32_t *page);
bool revoke_page(uint32_t owner, uint64_t ipa);
bool drop_page(uint32_t owner, uint64_t ipa);
void drop_windows(uint32_t vmid);
void audit_page(uint32_t page);
uint32_t look_up(uint32_t vmid, uint64_t ipa);
void count_map(uint32_t page, int change);

/* smmu.c */
enum dma { DMA_BUSY, DMA_ARRIVED, DMA_REFUSED };
void start_smmu(void);
void attach_device(uint32_t bank, uint32_t vmid);
void detach_device(uint32_t bank, uint32_t vmid);
bool map_for_dma(uint32_t bank, uint32_t vmid, uint64_t iova);
bool unmap_for_dma(uint32_t bank, uint32_t vmid, uint64_t iova);
void end_dma_to(uint32_t page, uint64_t ipa);
bool start_dma(uint32_t bank, uint32_t vmid, uint64_t iova, bool into_memory);
enum dma dma_ended(uint32_t bank, uint32_t vmid);
uint64_t address_of_another(uint32_t vmid);
void audit_smmu(uint32_t bank);
void audit_spt(uint32_t bank, uint64_t iova);

/* vm.c */
enum { IMAGE_PAGE, STACK_PAGE, MAIL_PAGE = STACK_PAGE + VCPUS, DATA_PAGE, DATA_PAGES = 12,
       OUT_PAGE = DATA_PAGE + DATA_PAGES, IN_PAGE, OWN_PAGES };
#define WINDOW 0x200000ULL
uint32_t vm_of_slot(uint32_t slot);
void create_vm(uint32_t slot);
bool run_some_vcpu(uint32_t slot);
bool stop_vm(uint32_t vmid, bool now); /* it has stopped, and may be destroyed */
void destroy_vm(uint32_t slot, uint32_t vmid);

/* contend.c */
void come_between(void);
void stay(struct cpu *cpu, uint32_t lock);
void audit(struct cpu *cpu);

/* record.c */
enum { ROOM = 8000000 }; /* events */
enum verb { CALLED, ENTERED, READ, WROTE, LEFT };
void record(enum verb verb, uint32_t lock, uint32_t part, uint64_t value);
uint64_t events_recorded(void);
void write_trace(const char *path);
void write_owners(const char *path);

/* watch.c */
void start_watchdog(void);
void tick(void);
_Noreturn void record_is_full(void);
void exception(const uint64_t *x, uint64_t kind);
_Noreturn void corrupt(const char *what, uint64_t a, uint64_t b);

/* io.c: %u a number, %x the same in hexadecimal, both of 64 bits; %s */
void print(const char *format, ...);
int open_file(const char *path);
void write_file(int file, const void *bytes, size_t length);
void close_file(int file);
_Noreturn void end_run(enum exit_status status);
void read_options(void);
uint64_t time_of_host(void); /* seconds */
char *decimal(char *to, uint64_t number); /* its end */

#endif
