/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The locks of the table with their records, and the words that they guard.  The stamp of
 * `called` is taken before acquire is called, that of `entered` after it has returned, that
 * of `left` before release begins; the ticket is `now`, which only the holder changes.
 * Nothing else in el2/ touches these words, but the hardware that walks the tables.
 */
#include "el2.h"

#include "../layers/L0_machine/machine.h"

static uint64_t core_words[CORE_PARTS];
uint64_t page_words[PAGES * PAGE_PARTS];
static uint64_t vm_words[VMIDS][VM_PARTS];
static uint64_t pt_words[VMIDS][PT_TABLES * ENTRIES] __attribute__((aligned(PAGE)));
static uint64_t pt_used[VMIDS];
static uint64_t smmu_words[BANKS][BANK_STE];
static uint64_t streams[1 << STREAMS_LOG2][8] __attribute__((aligned(64 << STREAMS_LOG2)));
static uint64_t descriptors[BANKS][8] __attribute__((aligned(64)));
static uint64_t spt_words[SPT_PARTS] __attribute__((aligned(PAGE)));
static uint64_t commands[2 * QUEUE] __attribute__((aligned(16 * QUEUE)));

static void before(uint32_t lock)
{
	enum { IRQ_MASKED = 1 << 7 };
	struct cpu *cpu = this_cpu();

	if (EL2_COST)
		return;
	if (!(READ_REGISTER("daif") & IRQ_MASKED))
		corrupt("interrupts are not masked where CPU %u acquires lock %u", cpu->id, lock);
	record(CALLED, lock, 0, 0);
	cpu->calls++;
	cpu->acquired[lock]++;
	cpu->waited[lock] += atomic_load_explicit(&hlock_words[lock].next, memory_order_relaxed)
			     != atomic_load_explicit(&hlock_words[lock].now, memory_order_relaxed);
	cpu->waiting_for = lock;
}

static void after(uint32_t lock)
{
	struct cpu *cpu = this_cpu();

	if (EL2_COST)
		return;
	record(ENTERED, lock, 0, atomic_load_explicit(&hlock_words[lock].now, memory_order_relaxed));
	if (cpu->holding == DEPTH)
		corrupt("CPU %u holds more than %u locks", cpu->id, DEPTH);
	cpu->held[cpu->holding++] = lock;
	cpu->waiting_for = -1;
}

bool holds(const struct cpu *cpu, uint32_t lock)
{
	for (uint32_t i = 0; i < cpu->holding; i++)
		if (cpu->held[i] == lock)
			return true;
	return false;
}

/* Locks may be released in any order. */
static void forget(struct cpu *cpu, uint32_t lock)
{
	for (uint32_t i = 0; i < cpu->holding; i++)
		if (cpu->held[i] == lock) {
			cpu->held[i] = cpu->held[cpu->holding - 1];
			cpu->holding--;
			return;
		}
}

static void leaving(uint32_t lock)
{
	struct cpu *cpu = this_cpu();

	if (EL2_COST)
		return;
	if (cpu->stays)
		stay(cpu, lock);
	forget(cpu, lock);
	record(LEFT, lock, 0, 0);
}

#define HLOCK_ONE(name, first, rank, object) \
	void enter_##name(void)              \
	{                                    \
		before(first##U);            \
		acquire_lock_##name();       \
		after(first##U);             \
	}                                    \
	void leave_##name(void)              \
	{                                    \
		leaving(first##U);           \
		release_lock_##name();       \
	}
#define HLOCK_ARRAY(name, index, first, count, rank, object) \
	void enter_##name(uint32_t index)                    \
	{                                                    \
		before(first##U + index);                    \
		acquire_lock_##name(index);                  \
		after(first##U + index);                     \
	}                                                    \
	void leave_##name(uint32_t index)                    \
	{                                                    \
		leaving(first##U + index);                   \
		release_lock_##name(index);                  \
	}
#include "../layers/L4_locks/lock_table.def"
#undef HLOCK_ONE
#undef HLOCK_ARRAY

/* The number of the family's first lock, and how many it has */
enum {
#define HLOCK_ONE(name, first, rank, object) FIRST_##name = first, COUNT_##name = 1,
#define HLOCK_ARRAY(name, index, first, count, rank, object) FIRST_##name = first, COUNT_##name = count,
#include "../layers/L4_locks/lock_table.def"
#undef HLOCK_ONE
#undef HLOCK_ARRAY
};

_Static_assert((int)COUNT_pt >= VMIDS && (int)COUNT_vm >= VMIDS, "each VM has its locks");

const char *name_of_lock(uint32_t lock, uint32_t *index)
{
	*index = HLOCK_LOCKS;
#define HLOCK_ONE(name, first, rank, object) \
	if (lock == first##U)                \
		return #name;
#define HLOCK_ARRAY(name, index_, first, count, rank, object) \
	if (lock - first##U < count##U) {                     \
		*index = lock - first##U;                     \
		return #name;                                 \
	}
#include "../layers/L4_locks/lock_table.def"
	return "?";
}

/* An access, with its record. */
static uint64_t get(uint32_t lock, uint32_t part, const uint64_t *word)
{
	uint64_t value = *(const volatile uint64_t *)word;

	if (EL2_COST)
		return value;
	record(READ, lock, part, value);
	come_between();
	return value;
}

static void put(uint32_t lock, uint32_t part, uint64_t *word, uint64_t value)
{
	if (!EL2_COST)
		come_between();
	*(volatile uint64_t *)word = value;
	if (!EL2_COST)
		record(WROTE, lock, part, value);
}

static uint64_t *pt_word(uint32_t vmid, uint32_t part)
{
	return part == PT_USED ? &pt_used[vmid] : &pt_words[vmid][part];
}

static uint64_t *smmu_word(uint32_t bank, uint32_t part)
{
	return part < BANK_STE  ? &smmu_words[bank][part]
	       : part < BANK_CD ? &streams[8 * (bank + 1)][part - BANK_STE]
				: &descriptors[bank][part - BANK_CD];
}

static uint64_t *spt_word(uint32_t part)
{
	return part < SPT_QUEUE ? &spt_words[part] : &commands[part - SPT_QUEUE];
}

/* get_name(...) and put_name(..., value): the word, which is this part of what the lock guards */
#define WORDS(name, assert_held, lock, part_, word, ...)    \
	uint64_t get_##name(__VA_ARGS__)                    \
	{                                                   \
		assert_held;                                \
		return get(lock, part_, word);              \
	}                                                   \
	void put_##name(__VA_ARGS__, uint64_t value)        \
	{                                                   \
		assert_held;                                \
		put(lock, part_, word, value);              \
	}
WORDS(core, assert_held_core(), FIRST_core, part, &core_words[part], uint32_t part)
WORDS(page, assert_held_s2page(), FIRST_s2page, page * PAGE_PARTS + part, &page_words[page * PAGE_PARTS + part],
      uint32_t page, uint32_t part)
WORDS(vm, assert_held_vm(vmid), FIRST_vm + vmid, part, &vm_words[vmid][part], uint32_t vmid, uint32_t part)
WORDS(pt, assert_held_pt(vmid), FIRST_pt + vmid, part, pt_word(vmid, part), uint32_t vmid, uint32_t part)
WORDS(smmu, assert_held_smmu(), FIRST_smmu, bank * BANK_PARTS + part, smmu_word(bank, part), uint32_t bank,
      uint32_t part)
WORDS(spt, assert_held_spt(), FIRST_spt, part, spt_word(part), uint32_t part)

/* Where the hardware finds them */
uint64_t table_address(uint32_t vmid, uint32_t table)
{
	return (uint64_t)&pt_words[vmid][ENTRIES * table];
}

uint64_t smmu_address(uint32_t bank, uint32_t part)
{
	return (uint64_t)smmu_word(bank, part);
}

uint64_t spt_address(uint32_t part)
{
	return (uint64_t)spt_word(part);
}
