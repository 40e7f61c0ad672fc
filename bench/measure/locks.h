/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The locks that are measured, each with its loops.
 */
#ifndef BENCH_LOCKS_H
#define BENCH_LOCKS_H

#include "threads.h"

struct lock_loops {
	loop *batch, *chain, *contend, *wait; /* loops.h */
};
extern const struct lock_loops lock_loops[LOCKS];

/* Where the locks lie that are not the library's own: what a job of these loops shares. */
struct arena;
struct arena *make_arena(void);

#endif
