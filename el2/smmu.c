/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The SMMUv3 of QEMU's machine virt, and a device behind it for the VM of each slot: `edu`,
 * which copies between memory and a buffer of its own.  Stage 1 only, as QEMU 7.2 has no
 * more: a table of the bank takes the addresses that the device uses, which are those of the
 * VM's own pages, to the pages.
 *
 * Under smmu: who has a device, its stream table entry and context descriptor, its registers,
 * the event queue.  Under spt: the tables and their pool, and the command queue, for an entry
 * that goes is invalidated where it goes.  A mapping changes under s2page and spt: then owner,
 * count and table agree.  A device is given away only while it is idle; one that is taken
 * away in the middle of a transfer comes to a stream table entry that is not valid.
 */
#include "el2.h"

#define SMMU 0x09050000UL
#define ECAM 0x4010000000UL
#define BARS 0x10000000UL
enum { IDR0 = 0x0, CR0 = 0x20, CR0ACK = 0x24, CR1 = 0x28, GERROR = 0x60, STRTAB_BASE = 0x80, STRTAB_BASE_CFG = 0x88,
       CMDQ_BASE = 0x90, CMDQ_PROD = 0x98, CMDQ_CONS = 0x9c, EVENTQ_BASE = 0xa0, EVENTQ_PROD = 0x100a8,
       EVENTQ_CONS = 0x100ac };
enum { CFGI_STE = 0x03, CFGI_ALL = 0x04, TLBI_NH_ASID = 0x11, TLBI_NH_VA = 0x12, TLBI_NSNH_ALL = 0x30,
       CMD_SYNC = 0x46 };
enum { C_BAD_STE = 0x04, F_TRANSLATION = 0x10 };
enum { EDU_FROM = 0x80, EDU_TO = 0x88, EDU_COUNT = 0x90, EDU_COMMAND = 0x98, EDU_BUFFER = 0x40000, EDU_RUN = 1 };
enum { LENGTH = 16 }; /* of a transfer: four words, each of which can be refused */

#define STE_S1 0xbULL /* valid, stage 1 */
/* 39 bits, 4 KiB, write-back, inner shareable, one half; valid, 44 bits out, AArch64, faults recorded */
#define CD_BITS (25ULL | 1ULL << 8 | 1ULL << 10 | 3ULL << 12 | 1ULL << 30 | 1ULL << 31 | 4ULL << 32 | 1ULL << 41 \
		 | 3ULL << 45)
#define DMA_BITS (LEAF | 3ULL << 8 | 1ULL << 6 | 3ULL)

static uint64_t events[4 * QUEUE] __attribute__((aligned(32 * QUEUE))); /* the SMMU writes it */

static volatile uint32_t *smmu(uint32_t offset)
{
	return (volatile uint32_t *)(SMMU + offset);
}

/* Device 1 + bank of bus 0 */
static uint32_t stream(uint32_t bank)
{
	return (bank + 1) * 8;
}

static volatile uint64_t *device(uint32_t bank, uint32_t offset)
{
	return (volatile uint64_t *)(BARS + bank * 0x100000UL + offset);
}

/* ---- Commands: under spt */

static void command(uint64_t first, uint64_t second)
{
	uint64_t produced = get_spt(SPT_PROD);
	uint32_t part = SPT_QUEUE + 2 * ((uint32_t)produced % QUEUE);

	put_spt(part, first);
	put_spt(part + 1, second);
	put_spt(SPT_PROD, produced = (produced + 1) % (2 * QUEUE));
	barrier();
	*smmu(CMDQ_PROD) = (uint32_t)produced;
}

/* All commands before it are done when it returns. */
static void synchronise(void)
{
	command(CMD_SYNC, 0);
	while (*smmu(CMDQ_CONS) != *smmu(CMDQ_PROD))
		if (*smmu(GERROR) != 0)
			corrupt("the SMMU refuses a command: GERROR %x, CONS %x", *smmu(GERROR), *smmu(CMDQ_CONS));
}

static void forget_bank(uint32_t bank)
{
	barrier();
	command(CFGI_STE | (uint64_t)stream(bank) << 32, 1);
	command(TLBI_NH_ASID | (uint64_t)(bank + 1) << 48, 0);
	synchronise();
}

/* ---- Tables: under spt */

static uint32_t table_in(uint64_t entry)
{
	return (uint32_t)(((entry & ADDRESS) - spt_address(0)) / PAGE);
}

/* The part of the last level's entry, or SPT_POOL if the bank has no tables. */
static uint32_t find(uint32_t bank, uint64_t iova)
{
	uint32_t table = (uint32_t)get_spt(SPT_ROOT + bank) - 1;

	if (table >= SPT_TABLES)
		return SPT_POOL;
	for (int level = 1; level < 3; level++)
		table = table_in(get_spt(part_of(table, iova, level)));
	return part_of(table, iova, 3);
}

/* From another place each time: what the SMMU still knew of an old one would be wrong. */
static uint32_t take_table(uint32_t bank, uint32_t from)
{
	for (uint32_t table = from; table < from + SPT_TABLES; table++)
		if (get_spt(SPT_POOL + table % SPT_TABLES) == 0) {
			put_spt(SPT_POOL + table % SPT_TABLES, bank + 1);
			return table % SPT_TABLES;
		}
	corrupt("bank %u: no table is left in the pool of %u", bank, SPT_TABLES);
}

static uint64_t make_tables(uint32_t bank, uint32_t from)
{
	uint32_t root = take_table(bank, from), table = root;

	for (int level = 1; level < 3; level++) {
		uint32_t next = take_table(bank, from);

		put_spt(part_of(table, 0, level), spt_address(next * ENTRIES) | 3);
		table = next;
	}
	put_spt(SPT_ROOT + bank, root + 1);
	return spt_address(root * ENTRIES);
}

static void give_tables_back(uint32_t bank)
{
	put_spt(SPT_ROOT + bank, 0);
	for (uint32_t table = 0; table < SPT_TABLES; table++)
		if (get_spt(SPT_POOL + table) == bank + 1) {
			put_spt(part_of(table, 0, 3), 0);
			put_spt(SPT_POOL + table, 0);
		}
}

/* And under s2page.  NO_PAGE: any. */
static void take_out(uint32_t bank, uint64_t iova, uint32_t page)
{
	uint32_t part = find(bank, iova);
	uint64_t entry = part == SPT_POOL ? 0 : get_spt(part);

	if (entry == 0 || (page != NO_PAGE && page_of(entry) != page))
		return;
	put_spt(part, 0);
	barrier();
	command(TLBI_NH_VA | (uint64_t)(bank + 1) << 48, iova | 1);
	synchronise();
	count_map(page_of(entry), -1);
}

/* Under s2page: the page leaves its owner, who had it here. */
void end_dma_to(uint32_t page, uint64_t ipa)
{
	enter_spt();
	for (uint32_t bank = 0; bank < BANKS; bank++)
		take_out(bank, ipa, page);
	leave_spt();
}

/* What must hold of a page that a device reaches: under smmu, s2page and spt */
static void check_dma(uint32_t bank, uint64_t iova)
{
	uint32_t part = find(bank, iova);
	uint64_t entry = part == SPT_POOL ? 0 : get_spt(part), owner = get_smmu(bank, BANK_OWNER);

	if (entry != 0 && (owner == 0 || get_page(page_of(entry), PAGE_OWNER) != owner))
		corrupt("page %u is mapped in the device of VM %u, which does not own it", page_of(entry), owner);
}

bool map_for_dma(uint32_t bank, uint32_t vmid, uint64_t iova)
{
	bool mapped = false;
	uint32_t page, part;

	enter_smmu();
	if (get_smmu(bank, BANK_OWNER) == vmid) {
		enter_s2page();
		page = look_up(vmid, iova);
		enter_spt();
		part = find(bank, iova);
		mapped = page != NO_PAGE && get_page(page, PAGE_OWNER) == vmid;
		if (mapped && get_spt(part) == 0) {
			put_spt(part, (uint64_t)pages[page] | DMA_BITS);
			barrier();
			count_map(page, 1);
		}
		check_dma(bank, iova);
		leave_spt();
		leave_s2page();
	}
	leave_smmu();
	return mapped;
}

bool unmap_for_dma(uint32_t bank, uint32_t vmid, uint64_t iova)
{
	bool owned;

	enter_smmu();
	owned = get_smmu(bank, BANK_OWNER) == vmid;
	if (owned) {
		enter_s2page();
		enter_spt();
		check_dma(bank, iova);
		take_out(bank, iova, NO_PAGE);
		leave_spt();
		leave_s2page();
	}
	leave_smmu();
	return owned;
}

/* ---- Who has a device */

static bool is_idle(uint32_t bank)
{
	return !(*device(bank, EDU_COMMAND) & EDU_RUN);
}

/* To a VM that runs, if nobody has the device, and it is idle. */
void attach_device(uint32_t bank, uint32_t vmid)
{
	bool runs;

	enter_smmu();
	enter_vm(vmid);
	runs = get_vm(vmid, VM_STATE) == VM_RUNNING;
	leave_vm(vmid);
	if (runs && get_smmu(bank, BANK_OWNER) == 0 && is_idle(bank)) {
		put_smmu(bank, BANK_OWNER, vmid);
		enter_spt();
		put_smmu(bank, BANK_CD + 1, make_tables(bank, vmid));
		put_smmu(bank, BANK_CD, CD_BITS | (uint64_t)(bank + 1) << 48);
		put_smmu(bank, BANK_CD + 3, 0xff);
		put_smmu(bank, BANK_STE + 1, 1 << 2 | 1 << 4 | 3 << 6); /* its descriptor: write-back, inner */
		barrier();
		put_smmu(bank, BANK_STE, STE_S1 | smmu_address(bank, BANK_CD));
		forget_bank(bank);
		leave_spt();
	}
	leave_smmu();
}

void detach_device(uint32_t bank, uint32_t vmid)
{
	enter_smmu();
	if (get_smmu(bank, BANK_OWNER) == vmid) {
		put_smmu(bank, BANK_STE, 0);
		enter_s2page();
		enter_spt();
		forget_bank(bank);
		for (uint32_t i = 0; i < OWN_PAGES; i++)
			take_out(bank, (uint64_t)i * PAGE, NO_PAGE);
		give_tables_back(bank);
		leave_spt();
		leave_s2page();
		put_smmu(bank, BANK_OWNER, 0);
	}
	leave_smmu();
}

/* ---- Transfers: under smmu */

/* What the SMMU has refused since the last look is noted in the bank that it is of. */
static void read_events(void)
{
	uint32_t consumed = *smmu(EVENTQ_CONS) % (2 * QUEUE);

	for (; consumed != *smmu(EVENTQ_PROD) % (2 * QUEUE); consumed = (consumed + 1) % (2 * QUEUE)) {
		const volatile uint64_t *event = &events[4 * (consumed % QUEUE)];
		uint32_t bank = (uint32_t)(event[0] >> 32) / 8 - 1;

		if (bank >= BANKS || ((event[0] & 0xff) != C_BAD_STE && (event[0] & 0xff) != F_TRANSLATION))
			corrupt("the SMMU reports event %x of stream %u", event[0] & 0xff, event[0] >> 32);
		put_smmu(bank, BANK_FAULT, event[0] & 0xff);
		put_smmu(bank, BANK_FAULT_AT, event[2]);
		this_cpu()->count[DMA_FAULTS]++;
	}
	*smmu(EVENTQ_CONS) = consumed;
}

/* Whether it is on its way */
bool start_dma(uint32_t bank, uint32_t vmid, uint64_t iova, bool into_memory)
{
	bool starts;

	enter_smmu();
	starts = get_smmu(bank, BANK_OWNER) == vmid && is_idle(bank);
	if (starts) {
		read_events();
		put_smmu(bank, BANK_FAULT, 0);
		put_smmu(bank, BANK_IOVA, iova);
		*device(bank, EDU_FROM) = into_memory ? EDU_BUFFER : iova;
		*device(bank, EDU_TO) = into_memory ? iova : EDU_BUFFER;
		*device(bank, EDU_COUNT) = LENGTH;
		barrier();
		*device(bank, EDU_COMMAND) = EDU_RUN | (into_memory ? 2 : 0);
	}
	leave_smmu();
	return starts;
}

enum dma dma_ended(uint32_t bank, uint32_t vmid)
{
	enum dma how = DMA_BUSY;
	uint64_t fault;

	enter_smmu();
	if (get_smmu(bank, BANK_OWNER) == vmid && is_idle(bank)) {
		read_events();
		fault = get_smmu(bank, BANK_FAULT);
		how = fault == 0 ? DMA_ARRIVED : DMA_REFUSED;
		if (fault != 0 && fault != F_TRANSLATION)
			corrupt("a transfer of VM %u ends with event %x", vmid, fault);
		if (fault != 0 && get_smmu(bank, BANK_FAULT_AT) - get_smmu(bank, BANK_IOVA) >= LENGTH)
			corrupt("a transfer of VM %u is refused at %x", vmid, get_smmu(bank, BANK_FAULT_AT));
	}
	leave_smmu();
	this_cpu()->count[TRANSFERS] += how == DMA_ARRIVED;
	return how;
}

/* Where there is a page of another VM; 0: there is none. */
uint64_t address_of_another(uint32_t vmid)
{
	uint64_t address = 0;

	enter_s2page();
	for (uint32_t page = 0; page < PAGES && address == 0; page++)
		if (get_page(page, PAGE_OWNER) != 0 && get_page(page, PAGE_OWNER) != vmid)
			address = (uint64_t)pages[page];
	leave_s2page();
	return address;
}

/* Who has a device has a valid entry in the stream table, and nobody else. */
void audit_smmu(uint32_t bank)
{
	enter_smmu();
	if ((get_smmu(bank, BANK_OWNER) != 0) != (get_smmu(bank, BANK_STE) != 0))
		corrupt("bank %u: owner %u, and the stream table says something else", bank,
			get_smmu(bank, BANK_OWNER));
	leave_smmu();
}

void audit_spt(uint32_t bank, uint64_t iova)
{
	uint32_t part;

	enter_spt();
	part = find(bank, iova);
	if (part != SPT_POOL && get_spt(part) != 0)
		page_of(get_spt(part));
	leave_spt();
}

/* ---- Start: one CPU runs */

void start_smmu(void)
{
	enter_smmu();
	enter_spt();
	for (uint32_t bank = 0; bank < BANKS; bank++) {
		volatile uint32_t *function = (volatile uint32_t *)(ECAM + ((uint64_t)stream(bank) << 12));

		if (!(*smmu(IDR0) & 2) || function[0] != 0x11e81234) {
			print("el2: no SMMU with stage 1, or no edu in slot %u: el2/run has the options\n", bank + 1UL);
			end_run(USAGE);
		}
		put_smmu(bank, BANK_OWNER, 0); /* not yet */
		function[4] = (uint32_t)(BARS + bank * 0x100000UL);
		function[1] = 6; /* memory space, bus master */
	}
	*(volatile uint64_t *)smmu(STRTAB_BASE) = 1ULL << 62 | (smmu_address(0, BANK_STE) - stream(0) * 64);
	*smmu(STRTAB_BASE_CFG) = STREAMS_LOG2;
	*(volatile uint64_t *)smmu(CMDQ_BASE) = 1ULL << 62 | spt_address(SPT_QUEUE) | QUEUE_LOG2;
	*(volatile uint64_t *)smmu(EVENTQ_BASE) = 1ULL << 62 | (uint64_t)events | QUEUE_LOG2;
	*smmu(CR1) = 0xd75; /* tables and queues: inner shareable, write-back */
	*smmu(CR0) = 8;     /* commands */
	while (*smmu(CR0ACK) != 8)
		continue;
	command(CFGI_ALL, 31);
	command(TLBI_NSNH_ALL, 0);
	synchronise();
	*smmu(CR0) = 13; /* and events, and translation */
	while (*smmu(CR0ACK) != 13)
		continue;
	leave_spt();
	leave_smmu();
}
