/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * How fast the machine is just now.
 */
#ifndef BENCH_CALIBRATE_H
#define BENCH_CALIBRATE_H

#include "threads.h"

/* Takes about a millisecond. */
struct calibration calibrate(struct crew *crew);

#endif
