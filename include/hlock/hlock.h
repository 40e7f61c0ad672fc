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
 * An index out of range is a breach of contract:
 *  - The debug build (-DHLOCK_DEBUG; libhlock_debug.a) stops: it calls hlock_panic (below).
 *  - The release build does not check the index.  The call then works on whatever lies
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

#ifdef __cplusplus
extern "C" {
#endif

/* Takes the lock of: next vmid and remap pointer (lock 0, rank 3).
 * requires:  this CPU holds no lock of rank 3 or above.
 * ensures:   this CPU holds the lock; no other CPU does.
 * orders:    the last holder's accesses before all accesses after this call.
 * proved by: acquire_lock_core_body_correct, acquire_lock_core_code_correct */
void acquire_lock_core(void);

/* Gives back the lock of: next vmid and remap pointer (lock 0, rank 3).
 * requires:  this CPU holds the lock.
 * ensures:   this CPU does not hold it; the CPU that waits longest may go on.
 * orders:    all accesses before this call before the next holder's accesses.
 * proved by: release_lock_core_body_correct, release_lock_core_code_correct */
void release_lock_core(void);

/* Takes the lock of: owner and map count of each physical page (lock 1, rank 4).
 * requires:  this CPU holds no lock of rank 4 or above.
 * ensures:   this CPU holds the lock; no other CPU does.
 * orders:    the last holder's accesses before all accesses after this call.
 * proved by: acquire_lock_s2page_body_correct, acquire_lock_s2page_code_correct */
void acquire_lock_s2page(void);

/* Gives back the lock of: owner and map count of each physical page (lock 1, rank 4).
 * requires:  this CPU holds the lock.
 * ensures:   this CPU does not hold it; the CPU that waits longest may go on.
 * orders:    all accesses before this call before the next holder's accesses.
 * proved by: release_lock_s2page_body_correct, release_lock_s2page_code_correct */
void release_lock_s2page(void);

/* Takes the lock of: stage-2 page tables of the SMMU and their pool (lock 2, rank 5).
 * requires:  this CPU holds no lock of rank 5 or above.
 * ensures:   this CPU holds the lock; no other CPU does.
 * orders:    the last holder's accesses before all accesses after this call.
 * proved by: acquire_lock_spt_body_correct, acquire_lock_spt_code_correct */
void acquire_lock_spt(void);

/* Gives back the lock of: stage-2 page tables of the SMMU and their pool (lock 2, rank 5).
 * requires:  this CPU holds the lock.
 * ensures:   this CPU does not hold it; the CPU that waits longest may go on.
 * orders:    all accesses before this call before the next holder's accesses.
 * proved by: release_lock_spt_body_correct, release_lock_spt_code_correct */
void release_lock_spt(void);

/* Takes the lock of: SMMU context banks and their owners (lock 3, rank 1).
 * requires:  this CPU holds no lock of rank 1 or above.
 * ensures:   this CPU holds the lock; no other CPU does.
 * orders:    the last holder's accesses before all accesses after this call.
 * proved by: acquire_lock_smmu_body_correct, acquire_lock_smmu_code_correct */
void acquire_lock_smmu(void);

/* Gives back the lock of: SMMU context banks and their owners (lock 3, rank 1).
 * requires:  this CPU holds the lock.
 * ensures:   this CPU does not hold it; the CPU that waits longest may go on.
 * orders:    all accesses before this call before the next holder's accesses.
 * proved by: release_lock_smmu_body_correct, release_lock_smmu_code_correct */
void release_lock_smmu(void);

/* Takes the lock of: stage-2 page table of the VM and its pool (lock 4 + vmid, rank 5).
 * requires:  vmid < 17; this CPU holds no lock of rank 5 or above.
 * ensures:   this CPU holds the lock; no other CPU does.
 * orders:    the last holder's accesses before all accesses after this call.
 * proved by: acquire_lock_pt_body_correct, acquire_lock_pt_code_correct */
void acquire_lock_pt(uint32_t vmid);

/* Gives back the lock of: stage-2 page table of the VM and its pool (lock 4 + vmid, rank 5).
 * requires:  vmid < 17; this CPU holds the lock.
 * ensures:   this CPU does not hold it; the CPU that waits longest may go on.
 * orders:    all accesses before this call before the next holder's accesses.
 * proved by: release_lock_pt_body_correct, release_lock_pt_code_correct */
void release_lock_pt(uint32_t vmid);

/* Takes the lock of: state, vcpus and boot images of the VM (lock 21 + vmid, rank 2).
 * requires:  vmid < 17; this CPU holds no lock of rank 2 or above.
 * ensures:   this CPU holds the lock; no other CPU does.
 * orders:    the last holder's accesses before all accesses after this call.
 * proved by: acquire_lock_vm_body_correct, acquire_lock_vm_code_correct */
void acquire_lock_vm(uint32_t vmid);

/* Gives back the lock of: state, vcpus and boot images of the VM (lock 21 + vmid, rank 2).
 * requires:  vmid < 17; this CPU holds the lock.
 * ensures:   this CPU does not hold it; the CPU that waits longest may go on.
 * orders:    all accesses before this call before the next holder's accesses.
 * proved by: release_lock_vm_body_correct, release_lock_vm_code_correct */
void release_lock_vm(uint32_t vmid);

/* Called by the debug build when an index is out of range: the name of the lock
 * function, its argument, and the limit that the argument must be below.
 * May be defined by the user; the library's own version (weak) executes a trap
 * instruction.  It must not take a lock, since any may be held; if it returns,
 * the library traps.  The release build never calls it. */
void hlock_panic(const char *function, uint32_t argument, uint32_t limit);

#ifdef __cplusplus
}
#endif

#endif
