/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Floor 0: the shared words of every lock, three primitives on them, and cpu_relax.
 *
 * Each lock is two 32-bit words on a cache line of its own: `next` is the
 * ticket that the next CPU takes, `now` is the ticket whose turn it is.
 * Zeroed memory is an unlocked lock.  Both words are only ever accessed whole:
 * two separate words need no mixed-size access, which no memory model defines.
 *
 * This floor does not know how many locks there are: floor 4 defines the array.
 * The primitives live in arch/: c11.h is the reference, in portable C11; an
 * architecture has a file of its own only where that gains something.  All others, 32-bit
 * ones among them, get c11.h, if their 32-bit atomics need no lock.  Byte order is no matter.
 * The machine that spec.v describes and these headers are read side by side.
 * Read next: arch/c11.h.
 */
#ifndef HLOCK_MACHINE_H
#define HLOCK_MACHINE_H

#include "builtins.h"
#include "size.h"

/* A function of the library starts a line of instructions, so that it needs one
 * line only if it fits in 64 bytes: a release that straddled two cost 10 cycles a
 * pair, not 9.  In the text, not in the flags of make, so that every build has it. */
#define HLOCK_FUNCTION __attribute__((aligned(64)))

struct hlock_words {
	_Alignas(HLOCK_LINE) _Atomic uint32_t next;
	_Atomic uint32_t now;
};

_Static_assert((HLOCK_LINE & (HLOCK_LINE - 1)) == 0, "HLOCK_LINE is a power of two");
_Static_assert(sizeof(struct hlock_words) == HLOCK_LINE, "one lock fills one line");
_Static_assert(_Alignof(struct hlock_words) == HLOCK_LINE, "a lock starts a line");
_Static_assert(sizeof(_Atomic uint32_t) == 4, "an atomic word holds nothing but its value");
_Static_assert(__builtin_offsetof(struct hlock_words, now) == 4, "the two words do not overlap");
_Static_assert(__GCC_ATOMIC_INT_LOCK_FREE == 2, "32-bit atomics need no lock of their own");

extern struct hlock_words hlock_words[];

/* What the arch header gives, for every lock number lk below the table's size:
 *   uint32_t incr_ticket(uint32_t lk)  take a ticket: next = next + 1, return the old next
 *   uint32_t get_now(uint32_t lk)      whose turn it is
 *   void     incr_now(uint32_t lk)     the next one's turn; only the holder may call it
 *   void     cpu_relax(void)           wait a little; only right after a get_now that was not my turn
 * A hosted build wraps cpu_relax, to yield now and then.
 *
 * ThreadSanitizer and the kernel's KCSAN follow C's atomics but not assembly, in
 * which they see no lock and so report races that are none: they get c11.h.
 */
#if defined(__SANITIZE_THREAD__)
#define HLOCK_ARCH_SANITIZED
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HLOCK_ARCH_SANITIZED
#endif
#endif
#ifdef HLOCK_HOSTED
#define cpu_relax cpu_pause /* relax_hosted.h has a cpu_relax that calls it */
#endif
#if defined(HLOCK_ARCH_PROTOTYPES)
#include "arch/prototypes.h"
#elif defined(HLOCK_ARCH_C11) || defined(HLOCK_ARCH_SANITIZED) || \
	!(defined(__x86_64__) || defined(__aarch64__) || (defined(__riscv) && __riscv_xlen == 64))
#include "arch/c11.h"
#elif defined(__x86_64__)
#include "arch/x86_64.h"
#elif defined(__aarch64__)
#include "arch/aarch64.h"
#else
#include "arch/riscv64.h"
#endif
#if defined(HLOCK_RISCV_FENCE_AFTER_RELEASE) && (defined(HLOCK_ARCH_C11) || !defined(__riscv) || __riscv_xlen != 64)
#error "HLOCK_RISCV_FENCE_AFTER_RELEASE: only arch/riscv64.h has it"
#endif
#ifdef HLOCK_HOSTED
#undef cpu_relax
#include "relax_hosted.h"
#endif

#endif
