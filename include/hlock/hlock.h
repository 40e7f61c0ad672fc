/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * hlock: named ticket spinlocks, first come first served, for code that runs
 * below an operating system.  This is the only header that users include.
 *
 * Made from a lock table by `hlock generate`.  Never edited: to add a lock family, add a
 * line to the table and make it again.
 *
 * Setup: none.  The locks are zero-initialised memory of the library (.bss), and
 * zero is unlocked.  Clear .bss before the first call, and never again.
 *
 * Every call requires:
 *  - Memory: the locks lie in Normal, write-back, shareable memory, and the MMU
 *    and caches of each calling CPU are on.  Until then only the boot CPU runs,
 *    and it takes no lock: atomic instructions may fail on uncached memory.
 *  - Interrupts that may take a lock are masked from before acquire until after
 *    release.  A handler that takes a lock which its own CPU holds waits forever.
 *  - One caller a CPU: the code that calls acquire is not pre-empted or moved to
 *    another CPU before its release.  So a CPU has at most one acquire pending,
 *    and fewer than 2^32 CPUs wait for one lock.
 *  - No recursion: a CPU that acquires a lock it holds waits forever.
 *  - Order: a CPU acquires locks in strictly increasing rank, and those of one
 *    family in strictly increasing index: of two VMs the lower first.  It never
 *    holds locks of two families of equal rank.  It may release in any order.
 *  - Only the CPU that acquired a lock releases it, once.
 *
 * What the locks order: all that a CPU did before it released a lock happens
 * before all that a later holder of the same lock does (relaxed_exclusion in
 * main/relaxed.v; by the models of Armv8, RISC-V, x86 and C11 hlock_armv8,
 * hlock_riscv, hlock_x86 and hlock_c11 in main/hardware.v).  Nothing more: acquire
 * lets earlier accesses sink into the critical section, release lets later ones
 * rise into it.  In particular an acquire and its release are not a full barrier
 * (store_buffering, independent_reads), nor is a release followed by an acquire
 * (stale_polls), and they do not order device (MMIO) accesses.
 *
 * Waiting is a spin loop, and there is no timeout: acquire returns when all
 * CPUs that came earlier have released.  A CPU that halts, is reset or panics
 * while it holds a lock holds it for good.  No function fails or reports an
 * error, and there is no try_acquire and no is_locked.
 *
 * A call that is not within this contract:
 *  - The debug build (-DHLOCK_DEBUG; libhlock_debug.a) has for each CPU a record of the locks that it
 *    holds.  At the first wrong call it stops, and calls hlock_panic (below).
 *  - The release build checks nothing.  With an index out of range it works on whatever lies
 *    at that place: a lock of another family (it may be let free under its holder),
 *    or memory past the end of the locks.
 *
 * A name after "proved by" is a theorem about the exported C text of that function, of
 * the shipped table in generated/L4_theorems.v, of another what `hlock prove --each` proves;
 * README.md says in words what it states, and TRUST.md what it rests on.
 */
#ifndef HLOCK_HLOCK_H
#define HLOCK_HLOCK_H

/* uint32_t, the only type of the header that is not C's own.  With -DHLOCK_NO_STDINT
 * <stdint.h> is not included: for builds without it (-nostdinc) that define uint32_t, as
 * a type or a macro, before they include this header: the unsigned integer of 4 bytes
 * that the library was compiled with. */
#ifndef HLOCK_NO_STDINT
#include <stdint.h>
#else
typedef char hlock_uint32_t_has_4_bytes[sizeof(uint32_t) == 4 ? 1 : -1];
#endif

/* The version: HLOCK_VERSION is 10000 * major + 100 * minor + patch, to compare with in
 * #if.  Major 0: what the header declares may change with the minor number. */
#define HLOCK_VERSION 100
#define HLOCK_VERSION_STRING "0.1.0"

/* The families, in the order of the table:
 *
 *   name        locks     rank  protects
 *   core        0         3     next vmid and remap pointer
 *   s2page      1         4     owner and map count of each physical page
 *   spt         2         5     stage-2 page tables of the SMMU and their pool
 *   smmu        3         1     SMMU context banks and their owners
 *   pt          4-20      5     stage-2 page table of the VM and its pool
 *   vm          21-37     2     state, vcpus and boot images of the VM
 */

/* Locks are numbered below this: one past the last lock of the table. */
#define HLOCK_LOCKS 38U

/* What clang checks: with -Wthread-safety a function that takes or gives back a lock wrongly is
 * named at its line.  For other compilers, and with -DHLOCK_NO_ANNOTATIONS, all of this is nothing,
 * and the object code is the same with and without.  On functions and objects of yours (the index
 * of a family of one lock is 0, and not looked at):
 *
 *   HLOCK_REQUIRES(family, index)    the caller holds the lock:
 *       void map(uint32_t vm, uint64_t page) HLOCK_REQUIRES(vm, vm);
 *   HLOCK_TAKES(family, index)       the function takes the lock, and returns with it:
 *       void enter(uint32_t vm) HLOCK_TAKES(vm, vm);
 *   HLOCK_GIVES(family, index)       it is called with the lock, and gives it back:
 *       void leave(uint32_t vm) HLOCK_GIVES(vm, vm);
 *   HLOCK_MAY_TAKE(family)           it takes locks of this family, or later in the order, inside;
 *                                    the caller holds none of those:
 *       void notify(uint32_t vm) HLOCK_MAY_TAKE(vm);
 *   HLOCK_GUARDED_BY(family, index)  the variable is read and written with the lock held:
 *       static int owner HLOCK_GUARDED_BY(vm, 0);
 *   HLOCK_NONE_HELD                  the caller holds no lock at all:
 *       void run_guest(struct vcpu *vcpu) HLOCK_NONE_HELD;
 *   HLOCK_UNCHECKED                  clang does not look into the function (hlock(5) says when).
 *
 * An attribute stands on a declaration; clang looks into each function alone. */
#if defined(__clang__) && !defined(HLOCK_NO_ANNOTATIONS)
struct __attribute__((capability("lock"))) hlock_lock {
	char none;
};
struct __attribute__((capability("rank"))) hlock_rank {
	char none;
};
#define HLOCK_REQUIRES(family, index) \
	__attribute__((requires_capability(HLOCK_LOCK_##family(index), HLOCK_RANK_##family)))
#define HLOCK_TAKES(family, index)                                                    \
	__attribute__((acquire_capability(HLOCK_LOCK_##family(index), HLOCK_RANK_##family), \
		       locks_excluded(HLOCK_FROM_##family)))
#define HLOCK_GIVES(family, index) \
	__attribute__((release_capability(HLOCK_LOCK_##family(index), HLOCK_RANK_##family)))
#define HLOCK_MAY_TAKE(family) __attribute__((locks_excluded(HLOCK_FROM_##family)))
#define HLOCK_GUARDED_BY(family, index) __attribute__((guarded_by(HLOCK_LOCK_##family(index))))
#define HLOCK_UNCHECKED __attribute__((no_thread_safety_analysis))
/* Of the functions below. */
#define HLOCK_ACQUIRES(family, index)                                                 \
	__attribute__((acquire_capability(HLOCK_LOCK_##family(index), HLOCK_RANK_##family), \
		       locks_excluded(HLOCK_FROM_##family), no_thread_safety_analysis))
#define HLOCK_RELEASES(family, index)                                                 \
	__attribute__((release_capability(HLOCK_LOCK_##family(index), HLOCK_RANK_##family), \
		       no_thread_safety_analysis))
#define HLOCK_ACQUIRES_SECOND(family, index)                                                   \
	__attribute__((acquire_capability(HLOCK_LOCK_##family(index), HLOCK_SECOND_##family),       \
		       requires_capability(HLOCK_RANK_##family), locks_excluded(HLOCK_ABOVE_##family), \
		       no_thread_safety_analysis))
#define HLOCK_RELEASES_SECOND(family, index)                                            \
	__attribute__((release_capability(HLOCK_LOCK_##family(index), HLOCK_SECOND_##family), \
		       no_thread_safety_analysis))
#define HLOCK_ASSERTS(family, index)                                                 \
	__attribute__((assert_capability(HLOCK_LOCK_##family(index), HLOCK_RANK_##family), \
		       no_thread_safety_analysis))
#define HLOCK_ASSERTS_NOT(family, index) __attribute__((locks_excluded(HLOCK_LOCK_##family(index))))
/* The locks, and that a lock of a family is held, by its rank; declared, never defined. */
#ifdef __cplusplus
extern "C" {
#endif
extern struct hlock_lock hlock_lock_core;
extern struct hlock_rank hlock_rank_3_core;
#define HLOCK_LOCK_core(index) hlock_lock_core
#define HLOCK_RANK_core hlock_rank_3_core
extern struct hlock_lock hlock_lock_s2page;
extern struct hlock_rank hlock_rank_4_s2page;
#define HLOCK_LOCK_s2page(index) hlock_lock_s2page
#define HLOCK_RANK_s2page hlock_rank_4_s2page
extern struct hlock_lock hlock_lock_spt;
extern struct hlock_rank hlock_rank_5_spt;
#define HLOCK_LOCK_spt(index) hlock_lock_spt
#define HLOCK_RANK_spt hlock_rank_5_spt
extern struct hlock_lock hlock_lock_smmu;
extern struct hlock_rank hlock_rank_1_smmu;
#define HLOCK_LOCK_smmu(index) hlock_lock_smmu
#define HLOCK_RANK_smmu hlock_rank_1_smmu
extern struct hlock_lock hlock_lock_pt[17];
extern struct hlock_rank hlock_rank_5_pt, hlock_second_pt;
#define HLOCK_LOCK_pt(index) hlock_lock_pt[index]
#define HLOCK_RANK_pt hlock_rank_5_pt
#define HLOCK_SECOND_pt hlock_second_pt
extern struct hlock_lock hlock_lock_vm[17];
extern struct hlock_rank hlock_rank_2_vm, hlock_second_vm;
#define HLOCK_LOCK_vm(index) hlock_lock_vm[index]
#define HLOCK_RANK_vm hlock_rank_2_vm
#define HLOCK_SECOND_vm hlock_second_vm
extern struct hlock_rank hlock_rank_none;
#define HLOCK_FROM_RANK_5 hlock_rank_5_spt, hlock_rank_5_pt, hlock_second_pt, hlock_rank_none
#define HLOCK_FROM_spt HLOCK_FROM_RANK_5
#define HLOCK_ABOVE_spt hlock_rank_none
#define HLOCK_FROM_pt HLOCK_FROM_RANK_5
#define HLOCK_ABOVE_pt hlock_rank_none
#define HLOCK_FROM_RANK_4 hlock_rank_4_s2page, HLOCK_FROM_RANK_5
#define HLOCK_FROM_s2page HLOCK_FROM_RANK_4
#define HLOCK_ABOVE_s2page HLOCK_FROM_RANK_5
#define HLOCK_FROM_RANK_3 hlock_rank_3_core, HLOCK_FROM_RANK_4
#define HLOCK_FROM_core HLOCK_FROM_RANK_3
#define HLOCK_ABOVE_core HLOCK_FROM_RANK_4
#define HLOCK_FROM_RANK_2 hlock_rank_2_vm, hlock_second_vm, HLOCK_FROM_RANK_3
#define HLOCK_FROM_vm HLOCK_FROM_RANK_2
#define HLOCK_ABOVE_vm HLOCK_FROM_RANK_3
#define HLOCK_FROM_RANK_1 hlock_rank_1_smmu, HLOCK_FROM_RANK_2
#define HLOCK_FROM_smmu HLOCK_FROM_RANK_1
#define HLOCK_ABOVE_smmu HLOCK_FROM_RANK_2
#define HLOCK_NONE_HELD __attribute__((locks_excluded(HLOCK_FROM_RANK_1)))
#ifdef __cplusplus
}
#endif
#else
#define HLOCK_REQUIRES(family, index)
#define HLOCK_TAKES(family, index)
#define HLOCK_GIVES(family, index)
#define HLOCK_MAY_TAKE(family)
#define HLOCK_GUARDED_BY(family, index)
#define HLOCK_NONE_HELD
#define HLOCK_UNCHECKED
#define HLOCK_ACQUIRES(family, index)
#define HLOCK_RELEASES(family, index)
#define HLOCK_ACQUIRES_SECOND(family, index)
#define HLOCK_RELEASES_SECOND(family, index)
#define HLOCK_ASSERTS(family, index)
#define HLOCK_ASSERTS_NOT(family, index)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Takes the lock of: next vmid and remap pointer (lock 0, rank 3).
 * requires:  this CPU holds no lock of rank 3 or above.
 * ensures:   this CPU holds the lock; no other CPU does.
 * orders:    the last holder's accesses before all accesses after this call.
 * proved by: acquire_lock_core_body_correct, acquire_lock_core_code_correct */
void acquire_lock_core(void)
	HLOCK_ACQUIRES(core, 0);

/* Gives back the lock of: next vmid and remap pointer (lock 0, rank 3).
 * requires:  this CPU holds the lock.
 * ensures:   this CPU does not hold it; the CPU that waits longest may go on.
 * orders:    all accesses before this call before the next holder's accesses.
 * proved by: release_lock_core_body_correct, release_lock_core_code_correct */
void release_lock_core(void)
	HLOCK_RELEASES(core, 0);

/* Takes the lock of: owner and map count of each physical page (lock 1, rank 4).
 * requires:  this CPU holds no lock of rank 4 or above.
 * ensures:   this CPU holds the lock; no other CPU does.
 * orders:    the last holder's accesses before all accesses after this call.
 * proved by: acquire_lock_s2page_body_correct, acquire_lock_s2page_code_correct */
void acquire_lock_s2page(void)
	HLOCK_ACQUIRES(s2page, 0);

/* Gives back the lock of: owner and map count of each physical page (lock 1, rank 4).
 * requires:  this CPU holds the lock.
 * ensures:   this CPU does not hold it; the CPU that waits longest may go on.
 * orders:    all accesses before this call before the next holder's accesses.
 * proved by: release_lock_s2page_body_correct, release_lock_s2page_code_correct */
void release_lock_s2page(void)
	HLOCK_RELEASES(s2page, 0);

/* Takes the lock of: stage-2 page tables of the SMMU and their pool (lock 2, rank 5).
 * requires:  this CPU holds no lock of rank 5 or above.
 * ensures:   this CPU holds the lock; no other CPU does.
 * orders:    the last holder's accesses before all accesses after this call.
 * proved by: acquire_lock_spt_body_correct, acquire_lock_spt_code_correct */
void acquire_lock_spt(void)
	HLOCK_ACQUIRES(spt, 0);

/* Gives back the lock of: stage-2 page tables of the SMMU and their pool (lock 2, rank 5).
 * requires:  this CPU holds the lock.
 * ensures:   this CPU does not hold it; the CPU that waits longest may go on.
 * orders:    all accesses before this call before the next holder's accesses.
 * proved by: release_lock_spt_body_correct, release_lock_spt_code_correct */
void release_lock_spt(void)
	HLOCK_RELEASES(spt, 0);

/* Takes the lock of: SMMU context banks and their owners (lock 3, rank 1).
 * requires:  this CPU holds no lock of rank 1 or above.
 * ensures:   this CPU holds the lock; no other CPU does.
 * orders:    the last holder's accesses before all accesses after this call.
 * proved by: acquire_lock_smmu_body_correct, acquire_lock_smmu_code_correct */
void acquire_lock_smmu(void)
	HLOCK_ACQUIRES(smmu, 0);

/* Gives back the lock of: SMMU context banks and their owners (lock 3, rank 1).
 * requires:  this CPU holds the lock.
 * ensures:   this CPU does not hold it; the CPU that waits longest may go on.
 * orders:    all accesses before this call before the next holder's accesses.
 * proved by: release_lock_smmu_body_correct, release_lock_smmu_code_correct */
void release_lock_smmu(void)
	HLOCK_RELEASES(smmu, 0);

/* Takes the lock of: stage-2 page table of the VM and its pool (lock 4 + vmid, rank 5).
 * requires:  vmid < 17; this CPU holds no lock of rank 5 or above.
 * ensures:   this CPU holds the lock; no other CPU does.
 * orders:    the last holder's accesses before all accesses after this call.
 * proved by: acquire_lock_pt_body_correct, acquire_lock_pt_code_correct */
void acquire_lock_pt(uint32_t vmid)
	HLOCK_ACQUIRES(pt, vmid);

/* Gives back the lock of: stage-2 page table of the VM and its pool (lock 4 + vmid, rank 5).
 * requires:  vmid < 17; this CPU holds the lock.
 * ensures:   this CPU does not hold it; the CPU that waits longest may go on.
 * orders:    all accesses before this call before the next holder's accesses.
 * proved by: release_lock_pt_body_correct, release_lock_pt_code_correct */
void release_lock_pt(uint32_t vmid)
	HLOCK_RELEASES(pt, vmid);

/* Takes the lock of: state, vcpus and boot images of the VM (lock 21 + vmid, rank 2).
 * requires:  vmid < 17; this CPU holds no lock of rank 2 or above.
 * ensures:   this CPU holds the lock; no other CPU does.
 * orders:    the last holder's accesses before all accesses after this call.
 * proved by: acquire_lock_vm_body_correct, acquire_lock_vm_code_correct */
void acquire_lock_vm(uint32_t vmid)
	HLOCK_ACQUIRES(vm, vmid);

/* Gives back the lock of: state, vcpus and boot images of the VM (lock 21 + vmid, rank 2).
 * requires:  vmid < 17; this CPU holds the lock.
 * ensures:   this CPU does not hold it; the CPU that waits longest may go on.
 * orders:    all accesses before this call before the next holder's accesses.
 * proved by: release_lock_vm_body_correct, release_lock_vm_code_correct */
void release_lock_vm(uint32_t vmid)
	HLOCK_RELEASES(vm, vmid);

/* What the debug build says of a wrong call, in the order in which it looks. */
enum hlock_fault {
	HLOCK_WRONG_INDEX,      /* the index is not below the limit */
	HLOCK_ALREADY_HELD,     /* acquire: this CPU holds the lock */
	HLOCK_WRONG_ORDER,      /* acquire: this CPU holds a lock that comes later, or of the same rank */
	HLOCK_TOO_MANY,         /* acquire: this CPU holds HLOCK_DEPTH locks */
	HLOCK_NOT_HELD,         /* release: this CPU does not hold the lock */
	HLOCK_ASSERT_HELD,      /* an assertion is false */
	HLOCK_ASSERT_NOT_HELD,
	HLOCK_ASSERT_NONE_HELD,
	HLOCK_WRONG_CPU,        /* hlock_this_cpu() gave a number that is not below HLOCK_CPUS */
	HLOCK_STUCK             /* a wait of more than HLOCK_STUCK_POLLS polls; it goes on */
};
struct hlock_held {
	const char *family;
	const void *site; /* where acquire returned to */
	uint32_t has_index, index, rank, lock;
};
struct hlock_report {
	const char *message, *function;
	const char *family; /* 0: the function is that of no lock */
	const void *caller; /* where the function returns to */
	const struct hlock_held *held; /* what this CPU holds; gone when hlock_panic returns */
	uint32_t fault, has_index, index, limit, rank, cpu, held_count;
	uint32_t against; /* which of these is in the way; held_count: none */
};

/* Called by the debug build at a wrong call, before it has done anything to a lock.
 * May be defined by the user; the library's own version (weak) executes a trap
 * instruction.  It must not take a lock, since any may be held; if it returns,
 * the library traps.  The release build never calls it. */
void hlock_panic(const struct hlock_report *report);

/* The same of a wait that is long, once a wait, which goes on; if hlock is compiled with
 * -DHLOCK_STUCK_POLLS=N.  The library's own version (weak) does nothing. */
void hlock_stuck(const struct hlock_report *report);

/* Writes a report as lines of text, a character at a time.  Of the debug build. */
void hlock_report_print(const struct hlock_report *report, void (*put)(char character, void *to), void *to);

/* The user's, for the debug build: the number of the CPU that calls, below HLOCK_CPUS (64, or what
 * hlock is compiled with); the same in each call of one CPU, another on each other CPU.
 * With -DHLOCK_HOSTED each thread has a record of its own, and this is not called. */
uint32_t hlock_this_cpu(void);

#ifdef __cplusplus
}
#endif

/* Two of one family, the lower index first: with `acquire` alone clang reports the second.
 * The same calls, but clang is told that one of the family is held already; which index is lower
 * is seen at run time only.  While both are held either is given back by release_..._second, and
 * then the other by release.  For clang alone: to hlock they are acquire and release. */
static inline void acquire_lock_pt_second(uint32_t vmid)
	HLOCK_ACQUIRES_SECOND(pt, vmid);
static inline void acquire_lock_pt_second(uint32_t vmid)
{
	acquire_lock_pt(vmid);
}
static inline void release_lock_pt_second(uint32_t vmid)
	HLOCK_RELEASES_SECOND(pt, vmid);
static inline void release_lock_pt_second(uint32_t vmid)
{
	release_lock_pt(vmid);
}
static inline void acquire_lock_vm_second(uint32_t vmid)
	HLOCK_ACQUIRES_SECOND(vm, vmid);
static inline void acquire_lock_vm_second(uint32_t vmid)
{
	acquire_lock_vm(vmid);
}
static inline void release_lock_vm_second(uint32_t vmid)
	HLOCK_RELEASES_SECOND(vm, vmid);
static inline void release_lock_vm_second(uint32_t vmid)
{
	release_lock_vm(vmid);
}

/* Assertions: that this CPU holds a lock, that it does not, that it holds none at all (before every
 * return to a guest).  In the release build there is no code for them; a client's assertions are
 * checked if it is compiled with -DHLOCK_DEBUG, as the library is. */
#ifdef HLOCK_DEBUG
#ifdef __cplusplus
extern "C" {
#endif
void assert_held_core(void)
	HLOCK_ASSERTS(core, 0);
void assert_not_held_core(void)
	HLOCK_ASSERTS_NOT(core, 0);
void assert_held_s2page(void)
	HLOCK_ASSERTS(s2page, 0);
void assert_not_held_s2page(void)
	HLOCK_ASSERTS_NOT(s2page, 0);
void assert_held_spt(void)
	HLOCK_ASSERTS(spt, 0);
void assert_not_held_spt(void)
	HLOCK_ASSERTS_NOT(spt, 0);
void assert_held_smmu(void)
	HLOCK_ASSERTS(smmu, 0);
void assert_not_held_smmu(void)
	HLOCK_ASSERTS_NOT(smmu, 0);
void assert_held_pt(uint32_t vmid)
	HLOCK_ASSERTS(pt, vmid);
void assert_not_held_pt(uint32_t vmid)
	HLOCK_ASSERTS_NOT(pt, vmid);
void assert_held_vm(uint32_t vmid)
	HLOCK_ASSERTS(vm, vmid);
void assert_not_held_vm(uint32_t vmid)
	HLOCK_ASSERTS_NOT(vm, vmid);
void assert_none_held(void)
	HLOCK_NONE_HELD;
#ifdef __cplusplus
}
#endif
#else
static inline void assert_held_core(void)
	HLOCK_ASSERTS(core, 0);
static inline void assert_not_held_core(void)
	HLOCK_ASSERTS_NOT(core, 0);
static inline void assert_held_core(void)
{
}
static inline void assert_not_held_core(void)
{
}
static inline void assert_held_s2page(void)
	HLOCK_ASSERTS(s2page, 0);
static inline void assert_not_held_s2page(void)
	HLOCK_ASSERTS_NOT(s2page, 0);
static inline void assert_held_s2page(void)
{
}
static inline void assert_not_held_s2page(void)
{
}
static inline void assert_held_spt(void)
	HLOCK_ASSERTS(spt, 0);
static inline void assert_not_held_spt(void)
	HLOCK_ASSERTS_NOT(spt, 0);
static inline void assert_held_spt(void)
{
}
static inline void assert_not_held_spt(void)
{
}
static inline void assert_held_smmu(void)
	HLOCK_ASSERTS(smmu, 0);
static inline void assert_not_held_smmu(void)
	HLOCK_ASSERTS_NOT(smmu, 0);
static inline void assert_held_smmu(void)
{
}
static inline void assert_not_held_smmu(void)
{
}
static inline void assert_held_pt(uint32_t vmid)
	HLOCK_ASSERTS(pt, vmid);
static inline void assert_not_held_pt(uint32_t vmid)
	HLOCK_ASSERTS_NOT(pt, vmid);
static inline void assert_held_pt(uint32_t vmid)
{
	(void)vmid;
}
static inline void assert_not_held_pt(uint32_t vmid)
{
	(void)vmid;
}
static inline void assert_held_vm(uint32_t vmid)
	HLOCK_ASSERTS(vm, vmid);
static inline void assert_not_held_vm(uint32_t vmid)
	HLOCK_ASSERTS_NOT(vm, vmid);
static inline void assert_held_vm(uint32_t vmid)
{
	(void)vmid;
}
static inline void assert_not_held_vm(uint32_t vmid)
{
	(void)vmid;
}
static inline void assert_none_held(void)
	HLOCK_NONE_HELD;
static inline void assert_none_held(void)
{
}
#endif

#endif
