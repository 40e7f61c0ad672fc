/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * VMs.  State machine: free -> created -> running -> stopping -> dying -> free, under
 * vm(vmid).  A vcpu that is ready is claimed by a CPU under that lock; its registers are
 * then that CPU's until it puts the vcpu back.  A VM stops when its vcpus are done or CPU 0
 * says so, and dies when no vcpu is on a CPU: so who runs a vcpu knows that the VM lives.
 */
#include "el2.h"

#define HCR_RUN 0x80081009ULL /* RW, TSC, DC, FMO, VM */

enum hypercall { YIELD, DONE, SHARE, REVOKE, GIVE, WRONG, MESSAGE, STAY,
		 DMA_MAP, DMA_UNMAP, DMA_READ, DMA_WRITE, DMA_STEAL, DMA_END }; /* guest.c */

static struct context contexts[VMIDS][VCPUS];

/* ---- Life */

uint32_t vm_of_slot(uint32_t slot)
{
	uint32_t vmid;

	enter_core();
	vmid = (uint32_t)get_core(CORE_SLOT + slot);
	leave_core();
	return vmid;
}

static void set_vm_of_slot(uint32_t slot, uint32_t vmid)
{
	enter_core();
	put_core(CORE_SLOT + slot, vmid);
	leave_core();
}

static uint32_t new_vmid(void)
{
	uint32_t vmid;

	enter_core();
	vmid = (uint32_t)get_core(CORE_LAST_VMID) % (VMIDS - 1) + 1;
	put_core(CORE_LAST_VMID, vmid);
	leave_core();
	return vmid;
}

static uint64_t hash_of(const uint8_t *bytes)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (uint32_t i = 0; i < PAGE; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ULL;
	return hash;
}

static enum fault fault_in(uint32_t vmid, uint64_t ipa, uint32_t *page)
{
	enum fault fault;

	enter_pt(vmid);
	prepare_tables(vmid, ipa);
	fault = page_at(vmid, ipa) == NO_PAGE ? MAPPED : WAS_MAPPED;
	leave_pt(vmid);
	if (fault == WAS_MAPPED)
		return fault;
	*page = take_page();
	if (*page == NO_PAGE)
		return NO_MEMORY;
	fault = map_new_page(vmid, ipa, *page);
	if (fault != MAPPED)
		give_page_back(*page);
	return fault;
}

static void load_image(uint32_t vmid)
{
	uint32_t page = NO_PAGE;

	if (fault_in(vmid, IMAGE_PAGE, &page) != MAPPED)
		corrupt("VM %u gets no page for its image: %u", vmid, page);
	for (uint32_t i = 0; i < PAGE; i++)
		pages[page][i] = guest_image[i];
	for (uint32_t i = 0; i < PAGE; i += 16) /* the least line that there is */
		__asm__ volatile("dc cvau, %0" : : "r"(&pages[page][i]) : "memory");
	__asm__ volatile("dsb ish\n\tic ialluis\n\tdsb ish\n\tisb" : : : "memory");
	put_vm(vmid, VM_HASH, hash_of(pages[page]));
}

static void prepare_vcpu(uint32_t slot, uint32_t vmid, uint32_t i)
{
	struct context *context = &contexts[vmid][i];

	*context = (struct context){ .pstate = 0x3c5 }; /* EL1h, all masked */
	context->x[0] = i;
	context->x[1] = slot;
	context->x[2] = (uint64_t)vmid << 32;
	context->sp = (STACK_PAGE + i + 1) * PAGE;
	put_vm(vmid, VM_PC + i, 0);
	put_vm(vmid, VM_VCPU + i, VCPU_READY);
}

/* Unless there is one of that vmid. */
static bool build_vm(uint32_t slot, uint32_t vmid)
{
	enter_vm(vmid);
	if (get_vm(vmid, VM_STATE) != VM_FREE) {
		leave_vm(vmid);
		return false;
	}
	put_vm(vmid, VM_STATE, VM_CREATED);
	load_image(vmid);
	for (uint32_t i = 0; i < VCPUS; i++)
		prepare_vcpu(slot, vmid, i);
	if (get_vm(vmid, VM_HASH) != hash_of(guest_image))
		corrupt("the image of VM %u is not the one that was loaded: %x", vmid, get_vm(vmid, VM_HASH));
	put_vm(vmid, VM_STATE, VM_RUNNING);
	leave_vm(vmid);
	return true;
}

/* The second attempt is to be refused, and to leave the VM as it is. */
void create_vm(uint32_t slot)
{
	uint32_t vmid = new_vmid();

	if (!build_vm(slot, vmid))
		return;
	set_vm_of_slot(slot, vmid);
	if (build_vm(slot, vmid))
		corrupt("VM %u is created a second time, in slot %u", vmid, slot);
}

/* now: whether or not its vcpus are done */
bool stop_vm(uint32_t vmid, bool now)
{
	uint64_t state;
	bool stopped;

	enter_vm(vmid);
	state = get_vm(vmid, VM_STATE);
	if (state == VM_RUNNING && now)
		put_vm(vmid, VM_STATE, state = VM_STOPPING);
	stopped = state == VM_STOPPING && get_vm(vmid, VM_ON) == 0;
	leave_vm(vmid);
	return stopped;
}

void destroy_vm(uint32_t slot, uint32_t vmid)
{
	set_vm_of_slot(slot, 0);
	enter_vm(vmid);
	put_vm(vmid, VM_STATE, VM_DYING);
	drop_windows(vmid);
	for (uint32_t i = 0; i < OWN_PAGES; i++)
		drop_page(vmid, (uint64_t)i * PAGE);
	enter_pt(vmid);
	forget_tables(vmid);
	leave_pt(vmid);
	for (uint32_t i = 0; i < WINDOWS; i++)
		put_vm(vmid, VM_INBOX + i, 0);
	for (uint32_t i = 0; i < VCPUS; i++)
		put_vm(vmid, VM_VCPU + i, VCPU_NONE);
	put_vm(vmid, VM_HASH, 0);
	put_vm(vmid, VM_STATE, VM_FREE);
	leave_vm(vmid);
	this_cpu()->count[LIVES]++;
}

/* ---- Vcpus */

static uint32_t claim_vcpu(uint32_t vmid)
{
	uint32_t i = 0;

	enter_vm(vmid);
	if (get_vm(vmid, VM_STATE) != VM_RUNNING) {
		leave_vm(vmid);
		return VCPUS;
	}
	/* CPUs with odd numbers look from the other end */
	for (; i < VCPUS; i++)
		if (get_vm(vmid, VM_VCPU + (i ^ (this_cpu()->id & 1))) == VCPU_READY)
			break;
	if (i < VCPUS) {
		i ^= this_cpu()->id & 1;
		put_vm(vmid, VM_VCPU + i, VCPU_ON);
		put_vm(vmid, VM_ON, get_vm(vmid, VM_ON) + 1);
		if (get_vm(vmid, VM_PC + i) != contexts[vmid][i].pc)
			corrupt("VM %u: vcpu %u is not as it was left", vmid, i);
	}
	leave_vm(vmid);
	return i;
}

static void put_vcpu_back(uint32_t vmid, uint32_t i, bool done)
{
	bool all_done = true;

	enter_vm(vmid);
	put_vm(vmid, VM_PC + i, contexts[vmid][i].pc);
	put_vm(vmid, VM_VCPU + i, done ? VCPU_DONE : VCPU_READY);
	put_vm(vmid, VM_ON, get_vm(vmid, VM_ON) - 1);
	for (uint32_t j = 0; j < VCPUS; j++)
		all_done = all_done && get_vm(vmid, VM_VCPU + j) == VCPU_DONE;
	if (all_done && get_vm(vmid, VM_STATE) == VM_RUNNING)
		put_vm(vmid, VM_STATE, VM_STOPPING);
	leave_vm(vmid);
}

/* ---- What a guest's exit asks for.  The result is whether the guest goes on at once. */

static bool is_own(uint64_t index)
{
	return index > IMAGE_PAGE && index < OWN_PAGES;
}

static bool share(uint32_t slot, uint32_t vmid, uint64_t index)
{
	uint32_t with = vm_of_slot(1 - slot), page;
	bool shared = false;

	if (with == 0 || !is_own(index))
		return false;
	enter_vm(with);
	if (get_vm(with, VM_STATE) == VM_RUNNING && share_page(vmid, index * PAGE, with, &page)) {
		put_vm(with, VM_INBOX, page + 1);
		shared = true;
	}
	leave_vm(with);
	this_cpu()->count[SHARES] += shared;
	return shared;
}

static uint64_t window_fault(uint32_t vmid, uint64_t ipa)
{
	uint32_t window = (uint32_t)((ipa - WINDOW) / PAGE);
	uint64_t offered;

	enter_vm(vmid);
	offered = get_vm(vmid, VM_INBOX + window);
	leave_vm(vmid);
	if (offered == 0)
		return NOT_SHARED;
	enter_pt(vmid);
	prepare_tables(vmid, ipa);
	leave_pt(vmid);
	return map_shared_page(vmid, ipa, (uint32_t)offered - 1);
}

/* A window that shows nothing: the access is skipped, and its register is all ones. */
static void deny(struct context *context)
{
	context->pc += 4;
	context->x[0] = ~UINT64_C(0);
	this_cpu()->count[DENIALS]++;
}

static bool page_fault(uint32_t vmid, struct context *context)
{
	uint64_t ipa = (context->fault_page & ~UINT64_C(0xf)) << 8, index = ipa / PAGE;
	uint32_t page;

	this_cpu()->count[FAULTS]++;
	if (index < OWN_PAGES) {
		enum fault fault = fault_in(vmid, ipa, &page);

		this_cpu()->count[FAULT_RACES] += fault == WAS_MAPPED;
		return fault != NO_MEMORY;
	}
	if (ipa < WINDOW || ipa >= WINDOW + WINDOWS * PAGE)
		corrupt("VM %u touches %x, where nothing is", vmid, ipa);
	if (window_fault(vmid, ipa) == NOT_SHARED)
		deny(context);
	return true;
}

static bool hypercall(uint32_t slot, uint32_t vmid, struct context *context, bool *done)
{
	struct cpu *cpu = this_cpu();
	uint64_t index = context->x[1];

	switch (context->x[0]) {
	case YIELD: return false;
	case DONE: *done = true; return false;
	case SHARE: context->x[0] = share(slot, vmid, index); return true;
	case REVOKE:
		context->x[0] = is_own(index) && revoke_page(vmid, index * PAGE);
		cpu->count[REVOKES]++;
		return true;
	case GIVE:
		context->x[0] = is_own(index) && drop_page(vmid, index * PAGE);
		cpu->count[GIFTS]++;
		return true;
	case STAY: /* on this CPU, as it is, while others go on */
		for (uint32_t i = 0; i < PATIENCE; i++)
			yield();
		return true;
	case DMA_MAP: context->x[0] = is_own(index) && map_for_dma(slot, vmid, index * PAGE); return true;
	case DMA_UNMAP: context->x[0] = unmap_for_dma(slot, vmid, index * PAGE); return true;
	case DMA_READ: context->x[0] = start_dma(slot, vmid, index, false); return true;
	case DMA_WRITE: context->x[0] = start_dma(slot, vmid, index, true); return true;
	case DMA_STEAL: /* the device asks for a page of the other VM by its physical address */
		index = address_of_another(vmid);
		context->x[0] = index != 0 && start_dma(slot, vmid, index, true);
		return true;
	case DMA_END: context->x[0] = dma_ended(slot, vmid); return true;
	case MESSAGE: cpu->count[MESSAGES]++; return true;
	default: corrupt("VM %u saw what it should not: %x", vmid, index);
	}
}

static bool handle(uint32_t slot, uint32_t vmid, struct context *context, bool *done)
{
	switch (context->syndrome >> 26) {
	case 0x16: return hypercall(slot, vmid, context, done);
	case 0x20:
	case 0x24: return page_fault(vmid, context);
	default: corrupt("VM %u: an exit with the syndrome %x", vmid, context->syndrome);
	}
}

static bool handle_timed(uint32_t slot, uint32_t vmid, struct context *context, bool *done)
{
	bool call = context->syndrome >> 26 == 0x16, locks = context->x[0] == SHARE || context->x[0] == REVOKE;
	uint64_t since = clock();
	bool goes_on = handle(slot, vmid, context, done);

	if (!call || locks)
		spent(call ? COST_CALL : COST_FAULT, since, 1);
	return goes_on;
}

static bool run_vcpu(uint32_t slot, uint32_t vmid, struct context *context)
{
	bool done = false;

	for (;;) {
		enum exit_reason reason;

		assert_none_held();
		if (this_cpu()->holding != 0)
			corrupt("CPU %u enters a guest and holds lock %u", this_cpu()->id, this_cpu()->held[0]);
		WRITE_REGISTER("vttbr_el2", vttbr(vmid));
		WRITE_REGISTER("hcr_el2", HCR_RUN);
		__asm__ volatile("isb" : : : "memory");
		this_cpu()->count[ENTRIES_TO_GUESTS]++;
		reason = enter_guest(context);
		if (reason == TICK)
			tick();
		__asm__ volatile("msr daifclr, #1" : : : "memory");
		if (reason == TRAP && !handle_timed(slot, vmid, context, &done))
			return done;
	}
}

/* Whether one was run. */
bool run_some_vcpu(uint32_t slot)
{
	uint64_t since = clock();
	uint32_t vmid = vm_of_slot(slot), i;
	bool done;

	if (vmid == 0)
		return false;
	i = claim_vcpu(vmid);
	if (i == VCPUS)
		return false;
	this_cpu()->doing = "runs a vcpu";
	this_cpu()->vmid = vmid;
	spent(COST_SWITCH, since, 1);
	done = run_vcpu(slot, vmid, &contexts[vmid][i]);
	since = clock();
	this_cpu()->vmid = 0;
	put_vcpu_back(vmid, i, done);
	spent(COST_SWITCH, since, 0);
	this_cpu()->doing = "looks for a vcpu";
	return true;
}
