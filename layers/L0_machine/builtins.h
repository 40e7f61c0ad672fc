/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What floor 0 takes from the compiler: uint32_t, and the atomic operations of C11.
 *
 * With -DHLOCK_NO_STDINT no header is included, for builds that have none (-nostdinc):
 * uint32_t comes from what stands before, as hlock.h says, and the operations are the
 * builtins of which gcc and clang make their <stdatomic.h>.
 * Read next: machine.h.
 */
#ifndef HLOCK_BUILTINS_H
#define HLOCK_BUILTINS_H

#ifndef HLOCK_NO_STDINT
#include <stdatomic.h>
#include <stdint.h>
#else
#define memory_order_relaxed __ATOMIC_RELAXED
#define memory_order_acquire __ATOMIC_ACQUIRE
#define memory_order_release __ATOMIC_RELEASE
#define memory_order_acq_rel __ATOMIC_ACQ_REL
#ifdef __clang__
#define atomic_load_explicit(object, order) __c11_atomic_load(object, order)
#define atomic_store_explicit(object, value, order) __c11_atomic_store(object, value, order)
#define atomic_fetch_add_explicit(object, value, order) __c11_atomic_fetch_add(object, value, order)
#else
#define atomic_load_explicit(object, order) __atomic_load_n(object, order)
#define atomic_store_explicit(object, value, order) __atomic_store_n(object, value, order)
#define atomic_fetch_add_explicit(object, value, order) __atomic_fetch_add(object, value, order)
#endif
#endif

#endif
