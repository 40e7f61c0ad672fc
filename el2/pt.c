/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Stage-2 tables: 4 KiB pages, three levels, a pool of PT_TABLES tables for each VM.  All of
 * it under pt(vmid).  An entry that is valid is never changed into another valid one: it is
 * broken first, and the TLBs of all CPUs forget what they have of the VM.
 */
#include "el2.h"

#define TABLE 0x3ULL
/* Access flag, inner shareable, read and write, Normal write-back, page */
#define PAGE_BITS (LEAF | 3ULL << 8 | 3ULL << 6 | 0xfULL << 2 | 3ULL)

static uint32_t index_at(uint64_t ipa, int level)
{
	return (uint32_t)(ipa >> (39 - 9 * level)) % ENTRIES;
}

uint32_t part_of(uint32_t table, uint64_t ipa, int level)
{
	return table * ENTRIES + index_at(ipa, level);
}

/* Of the pool: its number. */
static uint32_t table_in(uint32_t vmid, uint64_t entry)
{
	return (uint32_t)(((entry & ADDRESS) - table_address(vmid, 0)) / PAGE);
}

uint64_t vttbr(uint32_t vmid)
{
	return (uint64_t)vmid << 48 | table_address(vmid, 0);
}

void barrier(void)
{
	__asm__ volatile("dsb ish" : : : "memory");
}

/* Tables are found by the VMID in VTTBR_EL2: no guest runs here, so it may be changed. */
static void forget_translations(uint32_t vmid)
{
	uint64_t before = READ_REGISTER("vttbr_el2");

	barrier();
	WRITE_REGISTER("vttbr_el2", vttbr(vmid));
	__asm__ volatile("isb\n\ttlbi vmalls12e1is\n\tdsb ish\n\tisb" : : : "memory");
	WRITE_REGISTER("vttbr_el2", before);
	__asm__ volatile("isb" : : : "memory");
}

/* The part of the last level's entry, or PT_USED if there is no such table. */
static uint32_t find(uint32_t vmid, uint64_t ipa)
{
	uint32_t table = 0;

	for (int level = 1; level < 3; level++) {
		uint64_t entry = get_pt(vmid, part_of(table, ipa, level));

		if (entry == 0)
			return PT_USED;
		table = table_in(vmid, entry);
	}
	return part_of(table, ipa, 3);
}

static uint32_t next_table(uint32_t vmid, uint32_t part)
{
	uint64_t entry = get_pt(vmid, part), used;

	if (entry != 0)
		return table_in(vmid, entry);
	used = get_pt(vmid, PT_USED) + 1;
	if (used == PT_TABLES)
		corrupt("VM %u needs more than %u tables", vmid, PT_TABLES);
	put_pt(vmid, PT_USED, used);
	put_pt(vmid, part, table_address(vmid, (uint32_t)used) | TABLE);
	return (uint32_t)used;
}

/* So that map finds the tables that it needs. */
void prepare_tables(uint32_t vmid, uint64_t ipa)
{
	uint32_t table = 0;

	for (int level = 1; level < 3; level++)
		table = next_table(vmid, part_of(table, ipa, level));
	barrier();
}

uint32_t page_of(uint64_t entry)
{
	uint64_t page = ((entry & ADDRESS) - (uint64_t)pages) / PAGE;

	if (page >= PAGES)
		corrupt("an entry %x maps no page: %u", entry, page);
	return (uint32_t)page;
}

uint32_t page_at(uint32_t vmid, uint64_t ipa)
{
	uint32_t part = find(vmid, ipa);
	uint64_t entry = part == PT_USED ? 0 : get_pt(vmid, part);

	return entry == 0 ? NO_PAGE : page_of(entry);
}

void map(uint32_t vmid, uint64_t ipa, uint32_t page)
{
	uint32_t part = find(vmid, ipa);

	if (part == PT_USED || get_pt(vmid, part) != 0)
		corrupt("VM %u: make before break, or no table, at %x", vmid, ipa);
	put_pt(vmid, part, (uint64_t)pages[page] | PAGE_BITS);
	barrier();
}

void unmap(uint32_t vmid, uint64_t ipa)
{
	put_pt(vmid, find(vmid, ipa), 0);
	forget_translations(vmid);
}

/* When nothing is mapped any more: the pool is as at first. */
void forget_tables(uint32_t vmid)
{
	for (uint64_t table = get_pt(vmid, PT_USED); table > 0; table--)
		if (get_pt(vmid, ENTRIES * (uint32_t)table) & LEAF)
			corrupt("VM %u: table %u still maps a page", vmid, table);
	for (uint64_t ipa = 0; ipa <= WINDOW; ipa += WINDOW) {
		uint64_t root = get_pt(vmid, part_of(0, ipa, 1));

		if (root != 0)
			put_pt(vmid, part_of(table_in(vmid, root), ipa, 2), 0);
	}
	put_pt(vmid, part_of(0, 0, 1), 0);
	put_pt(vmid, PT_USED, 0);
	forget_translations(vmid);
}

/* No page twice; each entry is 0 or maps a page of ours.  Other CPUs fault meanwhile. */
void audit_tables(uint32_t vmid)
{
	uint64_t seen = 0;

	_Static_assert(PAGES <= 64, "pages are the bits of a word");
	for (uint32_t i = 0; i < OWN_PAGES; i++) {
		uint32_t page = page_at(vmid, (uint64_t)i * PAGE);

		if (page != NO_PAGE && seen >> page & 1)
			corrupt("VM %u has page %u at two places", vmid, page);
		seen |= page == NO_PAGE ? 0 : UINT64_C(1) << page;
	}
}
