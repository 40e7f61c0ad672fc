/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What a thread owns for locks that queue nodes: a seat for each lock that it holds.
 */
#ifndef BENCH_SEAT_H
#define BENCH_SEAT_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>

#include <ck_spinlock.h>

enum { LINE = 128, HELD = 3 }; /* bytes that no two threads share, whatever the processor; locks of a chain */

struct seat {
	alignas(LINE) ck_spinlock_mcs_context_t mcs;
	ck_spinlock_clh_t *clh;
	alignas(LINE) ck_spinlock_clh_t clh_node;
};

#endif
