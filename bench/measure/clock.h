/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Time, and a way to spend it.
 */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdint.h>

double now_ns(void); /* since some moment */

/* Turns of an empty loop.  One copy for all, so that its speed does not depend on where it lies. */
void spin(uint32_t turns);

#endif
