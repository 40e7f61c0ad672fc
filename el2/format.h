/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What the parts of each object are, in the trace: all that the model (test/el2/model.c)
 * knows of the core.  A part is a word that is read and written by itself; all are 0 at
 * first, and 0 is a state that makes sense: no VM, no page, no owner, no table.
 */
#ifndef EL2_FORMAT_H
#define EL2_FORMAT_H

enum {
	VMIDS = 17,	/* 0 stands for nobody, VMs have 1 to 16 */
	SLOTS = 2,	/* VMs that are there at a time */
	VCPUS = 2,	/* of each */
	PAGES = 48,	/* that VMs can own */
	WINDOWS = 2,	/* places in a VM at which a page of the other can be seen */
	PT_TABLES = 4,	/* in the pool of each VM */
	ENTRIES = 512,	/* of a table */
	BANKS = SLOTS,	/* of the SMMU: a device for the VM of each slot */
	SPT_TABLES = 6,	/* in the pool of the SMMU */
	QUEUE_LOG2 = 4,
	QUEUE = 1 << QUEUE_LOG2, /* commands, or events, that the SMMU's queues hold */
};

/* core: 0 or the VM of each slot; pages that were never taken start at CORE_FRESH (the
 * remap pointer), and CORE_RETURNED pages were given back, listed from CORE_PAGE on. */
enum { CORE_LAST_VMID, CORE_FRESH, CORE_RETURNED, CORE_SLOT, CORE_PAGE = CORE_SLOT + SLOTS,
       CORE_PARTS = CORE_PAGE + PAGES };

/* s2page: page p has the parts PAGE_PARTS * p and on.  Owner: a vmid, or 0.  Sharers: bit v
 * for VM v.  Maps: in how many tables it is.  Dirty: it may hold what an owner wrote. */
enum { PAGE_OWNER, PAGE_SHARERS, PAGE_MAPS, PAGE_DIRTY, PAGE_PARTS };

/* pt: entry e of table t is part ENTRIES * t + e, as the hardware reads it; table 0 is the
 * root.  An entry with LEAF maps a page.  PT_USED: tables of the pool in use but the root. */
enum { PT_USED = PT_TABLES * ENTRIES, PT_PARTS };
#define LEAF 0x400ULL
#define ADDRESS 0xfffffff000ULL

/* smmu: bank b has the parts BANK_PARTS * b and on.  Owner: a vmid, or 0.  IOVA: of the last
 * transfer; fault, and where: what the SMMU said of it.  STE, CD: as the hardware reads them. */
enum { BANK_OWNER, BANK_IOVA, BANK_FAULT, BANK_FAULT_AT, BANK_STE, BANK_CD = BANK_STE + 8,
       BANK_PARTS = BANK_CD + 8 };

/* spt: entry e of table t is part ENTRIES * t + e.  Pool: 0, or 1 + the bank that has the table.
 * Root: of each bank, 0 or 1 + its first table.  Commands, and how many were given. */
enum { SPT_POOL = SPT_TABLES * ENTRIES, SPT_ROOT = SPT_POOL + SPT_TABLES, SPT_PROD = SPT_ROOT + BANKS,
       SPT_QUEUE, SPT_PARTS = SPT_QUEUE + 2 * QUEUE };

/* vm: the state; the hash of its boot image; how many vcpus are on a CPU; for each window
 * 1 + the page that was offered, or 0; the state and the pc of each vcpu. */
enum { VM_STATE, VM_HASH, VM_ON, VM_INBOX, VM_VCPU = VM_INBOX + WINDOWS, VM_PC = VM_VCPU + VCPUS,
       VM_PARTS = VM_PC + VCPUS };
enum vm_state { VM_FREE, VM_CREATED, VM_RUNNING, VM_STOPPING, VM_DYING };
enum vcpu_state { VCPU_NONE, VCPU_READY, VCPU_ON, VCPU_DONE };

#endif
