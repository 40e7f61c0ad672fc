/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Pages.  The allocator is under core, owner and sharers under s2page, and what changes a
 * mapping holds s2page and pt(vmid): then owner, count and table agree.  The state of a page:
 *
 *   free (no owner, clean) -> owned -> shared -> owned -> dirty (no owner) -> free
 *
 * A page is scrubbed while it is dirty: it has no owner and is in no table, so nobody else
 * touches it.  What must hold of a page is checked whenever it changes hands.
 */
#include "el2.h"

uint8_t pages[PAGES][PAGE] __attribute__((aligned(PAGE)));

/* ---- The allocator: under core */

uint32_t take_page(void)
{
	uint32_t page = NO_PAGE;
	uint64_t returned, fresh;

	enter_core();
	returned = get_core(CORE_RETURNED);
	fresh = get_core(CORE_FRESH);
	if (returned > 0) {
		page = (uint32_t)get_core(CORE_PAGE + (uint32_t)returned - 1);
		put_core(CORE_RETURNED, returned - 1);
	} else if (fresh < PAGES) {
		page = (uint32_t)fresh;
		put_core(CORE_FRESH, fresh + 1);
	}
	leave_core();
	return page;
}

void give_page_back(uint32_t page)
{
	uint64_t returned;

	enter_core();
	returned = get_core(CORE_RETURNED);
	put_core(CORE_PAGE + (uint32_t)returned, page);
	put_core(CORE_RETURNED, returned + 1);
	leave_core();
}

/* ---- What must hold: under s2page, and pt(vmid) if there is one */

static bool may_map(uint32_t vmid, uint32_t page)
{
	return get_page(page, PAGE_OWNER) == vmid || get_page(page, PAGE_SHARERS) >> vmid & 1;
}

static void check_mapping(uint32_t vmid, uint64_t ipa)
{
	uint32_t page = page_at(vmid, ipa);

	if (page == NO_PAGE)
		return;
	if (!may_map(vmid, page))
		corrupt("page %u is mapped in VM %u, which neither owns nor shares it", page, vmid);
	if (get_page(page, PAGE_MAPS) == 0)
		corrupt("page %u is mapped in VM %u, and counted in none", page, vmid);
}

static void check_free(uint32_t page)
{
	const uint64_t *words = (const uint64_t *)pages[page];

	for (uint32_t part = 0; part < PAGE_PARTS; part++)
		if (get_page(page, part) != 0)
			corrupt("page %u is taken, but it is not free: part %u", page, part);
	for (uint32_t i = 0; i < PAGE / sizeof *words; i++)
		if (words[i] != 0)
			corrupt("page %u is taken, but it was not scrubbed: word %u", page, i);
}

void count_map(uint32_t page, int change)
{
	put_page(page, PAGE_MAPS, get_page(page, PAGE_MAPS) + (uint64_t)(int64_t)change);
}

/* ---- Transitions */

static void assign(uint32_t vmid, uint32_t page)
{
	check_free(page);
	put_page(page, PAGE_DIRTY, 1);
	put_page(page, PAGE_OWNER, vmid);
}

/* The page is free, and ours alone.  Two vcpus may fault at one place: the second finds
 * it mapped. */
enum fault map_new_page(uint32_t vmid, uint64_t ipa, uint32_t page)
{
	enter_s2page();
	enter_pt(vmid);
	if (page_at(vmid, ipa) != NO_PAGE) {
		leave_pt(vmid);
		leave_s2page();
		return WAS_MAPPED;
	}
	assign(vmid, page);
	map(vmid, ipa, page);
	count_map(page, 1);
	check_mapping(vmid, ipa);
	leave_pt(vmid);
	leave_s2page();
	return MAPPED;
}

/* The page was offered; whether it still is, is known only here. */
enum fault map_shared_page(uint32_t vmid, uint64_t ipa, uint32_t page)
{
	enum fault fault = WAS_MAPPED;

	enter_s2page();
	enter_pt(vmid);
	if (page_at(vmid, ipa) != NO_PAGE) {
		/* retry */
	} else if (!(get_page(page, PAGE_SHARERS) >> vmid & 1)) {
		fault = NOT_SHARED;
	} else {
		map(vmid, ipa, page);
		count_map(page, 1);
		fault = MAPPED;
	}
	check_mapping(vmid, ipa);
	leave_pt(vmid);
	leave_s2page();
	return fault;
}

uint32_t look_up(uint32_t vmid, uint64_t ipa)
{
	uint32_t page;

	enter_pt(vmid);
	page = page_at(vmid, ipa);
	leave_pt(vmid);
	return page;
}

/* Under vm(with), which runs. */
bool share_page(uint32_t owner, uint64_t ipa, uint32_t with, uint32_t *page)
{
	bool shared = false;

	enter_s2page();
	*page = look_up(owner, ipa);
	if (*page != NO_PAGE && get_page(*page, PAGE_OWNER) == owner) {
		put_page(*page, PAGE_SHARERS, get_page(*page, PAGE_SHARERS) | UINT64_C(1) << with);
		shared = true;
	}
	leave_s2page();
	return shared;
}

/* Under s2page: out of the windows of that VM, then out of the sharers. */
static void end_share(uint32_t page, uint32_t with)
{
	enter_pt(with);
	for (uint32_t i = 0; i < WINDOWS; i++)
		if (page_at(with, WINDOW + i * PAGE) == page) {
			unmap(with, WINDOW + i * PAGE);
			count_map(page, -1);
		}
	put_page(page, PAGE_SHARERS, get_page(page, PAGE_SHARERS) & ~(UINT64_C(1) << with));
	leave_pt(with);
}

static void end_shares(uint32_t page)
{
	uint64_t sharers = get_page(page, PAGE_SHARERS);

	for (uint32_t vmid = 1; vmid < VMIDS; vmid++)
		if (sharers >> vmid & 1)
			end_share(page, vmid);
}

bool revoke_page(uint32_t owner, uint64_t ipa)
{
	uint32_t page;

	enter_s2page();
	page = look_up(owner, ipa);
	if (page != NO_PAGE)
		end_shares(page);
	leave_s2page();
	return page != NO_PAGE;
}

static void surrender(uint32_t owner, uint64_t ipa, uint32_t page)
{
	end_shares(page);
	end_dma_to(page, ipa);
	enter_pt(owner);
	unmap(owner, ipa);
	count_map(page, -1);
	if (get_page(page, PAGE_MAPS) != 0)
		corrupt("page %u loses its owner, but %u tables have it", page, get_page(page, PAGE_MAPS));
	put_page(page, PAGE_OWNER, 0);
	leave_pt(owner);
}

static void scrub(uint32_t page)
{
	uint64_t *words = (uint64_t *)pages[page];

	for (uint32_t i = 0; i < PAGE / sizeof *words; i++)
		words[i] = 0;
}

/* Only for a page of the VM's own, not for a window. */
bool drop_page(uint32_t owner, uint64_t ipa)
{
	uint32_t page;

	enter_s2page();
	page = look_up(owner, ipa);
	if (page == NO_PAGE) {
		leave_s2page();
		return false;
	}
	surrender(owner, ipa, page);
	leave_s2page();
	scrub(page);
	enter_s2page();
	put_page(page, PAGE_DIRTY, 0);
	leave_s2page();
	give_page_back(page);
	return true;
}

/* Whatever was shared with a VM that goes: nothing of it is left for the next of that vmid. */
void drop_windows(uint32_t vmid)
{
	enter_s2page();
	for (uint32_t page = 0; page < PAGES; page++)
		if (get_page(page, PAGE_SHARERS) >> vmid & 1)
			end_share(page, vmid);
	leave_s2page();
}

/* Nobody owns a page that is clean; one that has no owner has no sharers and is in no table. */
void audit_page(uint32_t page)
{
	enter_s2page();
	if (get_page(page, PAGE_OWNER) == 0) {
		if (get_page(page, PAGE_SHARERS) != 0 || get_page(page, PAGE_MAPS) != 0)
			corrupt("page %u has no owner, but %u tables or sharers", page, get_page(page, PAGE_MAPS));
	} else if (get_page(page, PAGE_DIRTY) == 0) {
		corrupt("page %u of VM %u is clean", page, get_page(page, PAGE_OWNER));
	}
	leave_s2page();
}
