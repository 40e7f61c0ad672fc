/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What a lock costs at least that is called and not inlined: the same operations
 * as those of the raw limit, and two calls.  hlock_lib is measured against it.
 */
#ifndef BENCH_CALLS_H
#define BENCH_CALLS_H

#include <stdatomic.h>
#include <stdint.h>

uint32_t bare_acquire(_Atomic uint32_t *next);
void bare_release(_Atomic uint32_t *now);

#endif
