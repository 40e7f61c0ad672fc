/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * model TRACE OWNERS: who owns which page, computed again from what was written.
 *
 * Of the core it knows only the trace's format (el2/format.h), and the table of locks.  It reads the events that
 * write s2page, pt, smmu and spt, in their order, and keeps for each page owner, sharers, dirty, and in
 * which VMs it is mapped.  It asks of each write:
 *   - a page that gets an owner had none, is clean or just declared dirty by that section,
 *     and is in no table; one that loses it is in no table and has no sharers;
 *   - a page is mapped only where its owner is, or a sharer; a sharer that is removed has it
 *     in no table; an entry that is valid is not replaced by another;
 *   - a page is in a table of the SMMU only where the VM that has the device is its owner; a
 *     device changes hands, and a table of the SMMU the bank, only if no page is in its table,
 *     and its entry in the stream table is not valid;
 *   - a page is declared clean only while it has no owner;
 * and of each section of s2page, at its end: the count of maps is the number of entries.
 * Then it compares with OWNERS, what the core says at the end.  Status: 0 equal; 1 not; 2 no
 * such files.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hlock/hlock.h>

#include "../../el2/format.h"

enum {
#define HLOCK_ONE(name, first, rank, object) FIRST_##name = first,
#define HLOCK_ARRAY(name, index, first, count, rank, object) FIRST_##name = first,
#include "../../layers/L4_locks/lock_table.def"
};

typedef unsigned long long number;

static number base;
static number line;
static struct page {
	number word[PAGE_PARTS];
	uint32_t maps[VMIDS], entries; /* entries: in all tables, those of the SMMU, too */
	bool was_clean; /* before the section of s2page that made it dirty */
	bool changed;
} pages[PAGES];
static number tables[VMIDS][PT_PARTS];
static number banks[BANKS * BANK_PARTS], dma[SPT_PARTS];
static number reached[BANKS]; /* how many pages the device can reach */
static number transitions, sections;

static _Noreturn void wrong(const char *what, number page, number vmid)
{
	fprintf(stderr, "model: line %llu: page %llu, VM %llu: %s\n", line, page, vmid, what);
	exit(1);
}

static _Noreturn void no_files(const char *what)
{
	fprintf(stderr, "model: %s\n", what);
	exit(2);
}

static bool in_no_table(const struct page *page)
{
	return page->entries == 0;
}

static bool may_map(const struct page *page, uint32_t vmid)
{
	return page->word[PAGE_OWNER] == vmid || page->word[PAGE_SHARERS] >> vmid & 1;
}

static void set_owner(struct page *page, number id, number owner)
{
	number before = page->word[PAGE_OWNER];

	if (owner >= VMIDS || (before != 0 && owner != 0 && before != owner))
		wrong("goes from one owner to another", id, owner);
	if (!in_no_table(page) || page->word[PAGE_SHARERS] != 0)
		wrong("its owner changes, but it is mapped or shared", id, owner);
	if (owner != 0 && !page->was_clean)
		wrong("gets an owner, but was not scrubbed", id, owner);
	if (owner != 0 && page->word[PAGE_DIRTY] == 0)
		wrong("has an owner, but is not marked as dirty", id, owner);
	page->was_clean = false;
	transitions++;
}

static void set_sharers(const struct page *page, number id, number sharers)
{
	number gone = page->word[PAGE_SHARERS] & ~sharers;

	if (page->word[PAGE_OWNER] == 0 && sharers != 0)
		wrong("is shared, but has no owner", id, 0);
	for (uint32_t vmid = 0; vmid < VMIDS; vmid++)
		if (gone >> vmid & 1 && page->maps[vmid] != 0)
			wrong("is taken back, but still mapped", id, vmid);
	transitions++;
}

static void wrote_page(number part, number value)
{
	number id = part / PAGE_PARTS;
	struct page *page = &pages[id % PAGES];

	if (id >= PAGES)
		wrong("no such page", id, 0);
	switch (part % PAGE_PARTS) {
	case PAGE_OWNER: set_owner(page, id, value); break;
	case PAGE_SHARERS: set_sharers(page, id, value); break;
	case PAGE_DIRTY:
		if (value == 0 && page->word[PAGE_OWNER] != 0)
			wrong("is declared clean, but has an owner", id, page->word[PAGE_OWNER]);
		page->was_clean = value != 0 && page->word[PAGE_DIRTY] == 0;
		break;
	}
	page->word[part % PAGE_PARTS] = value;
	page->changed = true;
}

static void wrote_entry(uint32_t vmid, number part, number value)
{
	number before;

	if (part >= PT_PARTS)
		wrong("no such entry", part, vmid);
	before = tables[vmid][part];
	tables[vmid][part] = value;
	if (part == PT_USED)
		return;
	if (before != 0 && value != 0 && before != value)
		wrong("an entry is replaced and was not broken before", part, vmid);
	if ((before | value) & LEAF) {
		number id = (((before | value) & ADDRESS) - base) / 4096;
		struct page *page = &pages[id % PAGES];

		if (id >= PAGES)
			wrong("an entry maps what is no page", id, vmid);
		if (value != 0 && !may_map(page, vmid))
			wrong("is mapped in a VM that neither owns nor shares it", id, vmid);
		page->maps[vmid] += value != 0 ? 1U : -1U;
		page->entries += value != 0 ? 1U : -1U;
		page->changed = true;
		transitions++;
	}
}

static void wrote_bank(number part, number value)
{
	number bank = part / BANK_PARTS;

	if (bank >= BANKS)
		wrong("no such bank", bank, 0);
	if (part % BANK_PARTS == BANK_OWNER) {
		if (value >= VMIDS || (value != 0 && banks[part] != 0))
			wrong("a device goes from one VM to another", bank, value);
		if (reached[bank] != 0 || banks[bank * BANK_PARTS + BANK_STE] & 1)
			wrong("a device changes hands, but it can reach memory", bank, value);
		transitions++;
	}
	banks[part] = value;
	if (part % BANK_PARTS == BANK_STE && value & 1 && banks[bank * BANK_PARTS + BANK_OWNER] == 0)
		wrong("an entry of the stream table is valid, but nobody has the device", bank, 0);
}

static void wrote_dma(number part, number value)
{
	number before, bank, owner;

	if (part >= SPT_PARTS)
		wrong("no such entry", part, 0);
	before = dma[part];
	dma[part] = value;
	if (part >= SPT_POOL || !((before | value) & LEAF)) {
		for (number e = 0; part >= SPT_POOL && part < SPT_ROOT && e < ENTRIES; e++)
			if (dma[ENTRIES * (part - SPT_POOL) + e] & LEAF)
				wrong("a table of the SMMU changes hands, but it maps a page", part - SPT_POOL, value);
		return;
	}
	if (before != 0 && value != 0 && before != value)
		wrong("an entry of the SMMU is replaced and was not broken before", part, 0);
	bank = dma[SPT_POOL + part / ENTRIES] - 1;
	if (bank >= BANKS)
		wrong("an entry of a table that no bank has", part, 0);
	owner = banks[bank * BANK_PARTS + BANK_OWNER];
	number id = (((before | value) & ADDRESS) - base) / 4096;
	if (id >= PAGES)
		wrong("an entry of the SMMU maps what is no page", id, owner);
	if (value != 0 && (owner == 0 || pages[id].word[PAGE_OWNER] != owner))
		wrong("is mapped in the device of a VM that does not own it", id, owner);
	reached[bank] += value != 0 ? 1U : -1ULL;
	pages[id].entries += value != 0 ? 1U : -1U;
	pages[id].changed = true;
	transitions++;
}

static void end_section(void)
{
	for (number id = 0; id < PAGES; id++)
		if (pages[id].changed) {
			if (pages[id].word[PAGE_MAPS] != pages[id].entries)
				wrong("the count of its maps is not the number of its entries", id, 0);
			pages[id].changed = false;
		}
	sections++;
}

static void read_trace(FILE *in)
{
	char text[200], verb[16];
	number cpus, locks, cpu, lock, part, value;

	if (fscanf(in, "hlock-trace 3 cpus %llu locks %llu ", &cpus, &locks) != 2 || locks != HLOCK_LOCKS)
		no_files("no trace, or of another table");
	for (line = 4; fgets(text, sizeof text, in) && strncmp(text, "end", 3) != 0; line++) {
		if (sscanf(text, "%llu %15s %llu", &cpu, verb, &lock) != 3)
			no_files("no event");
		if (lock == FIRST_s2page && strcmp(verb, "left") == 0)
			end_section();
		if (strcmp(verb, "wrote") != 0)
			continue;
		if (sscanf(text, "%*u %*s %*u %llu %llu", &part, &value) != 2)
			no_files("no event");
		if (lock == FIRST_s2page)
			wrote_page(part, value);
		else if (lock == FIRST_smmu)
			wrote_bank(part, value);
		else if (lock == FIRST_spt)
			wrote_dma(part, value);
		else if (lock >= FIRST_pt && lock < FIRST_pt + VMIDS)
			wrote_entry((uint32_t)lock - FIRST_pt, part, value);
	}
}

static void compare(FILE *in)
{
	number id, word[PAGE_PARTS], owned = 0, read = 0;

	line = 0;
	while (fscanf(in, "page %llu %llu %llu %llu %llu ", &id, &word[0], &word[1], &word[2], &word[3]) == 5) {
		if (id != read++ || id >= PAGES)
			no_files("the owners are of other pages");
		for (uint32_t part = 0; part < PAGE_PARTS; part++)
			if (word[part] != pages[id].word[part])
				wrong("the core says something else of it at the end", id, part);
		owned += word[PAGE_OWNER] != 0;
	}
	if (read != PAGES)
		no_files("the owners are not of all pages");
	printf("model: %llu changes of owners, sharers and entries in %llu sections are right; "
	       "at the end %llu of %u pages have an owner\n",
	       transitions, sections, owned, PAGES);
}

int main(int argc, char **argv)
{
	FILE *trace = argc == 3 ? fopen(argv[1], "r") : NULL;
	FILE *owners = argc == 3 ? fopen(argv[2], "r") : NULL;

	if (!trace || !owners || fscanf(owners, "base %llu ", &base) != 1)
		no_files("usage: model TRACE OWNERS");
	read_trace(trace);
	compare(owners);
	return 0;
}
