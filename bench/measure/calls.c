/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Two bare calls.  They start lines of code, as the functions of the library do.
 */
#include "calls.h"

__attribute__((aligned(64))) uint32_t bare_acquire(_Atomic uint32_t *next)
{
	return atomic_fetch_add_explicit(next, 1U, memory_order_acq_rel);
}

__attribute__((aligned(64))) void bare_release(_Atomic uint32_t *now)
{
	atomic_store_explicit(now, 0U, memory_order_release);
}
