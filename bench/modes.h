/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Which samples compare.  The host of a virtual machine moves its CPUs, so that a
 * hand-over takes 30 ns or 200, and lets others run beside them, so that the empty
 * loop slows down.  Each is a mode of the machine; samples of two do not compare.
 *
 * The reference mode is the one that most samples of the recording are of.  A
 * sample counts if what it depends on was within the tolerance of the reference
 * mode just before it and just after it.
 * Read next: report/figures.h.
 */
#ifndef BENCH_MODES_H
#define BENCH_MODES_H

#include "sample.h"

/* Two times agree if the longer is at most this much longer.  Modes differ by more
 * (hand-over 5 times, the empty loop 1.8 times), noise inside a mode by less. */
#define LINE_TOLERANCE 0.20
#define TURN_TOLERANCE 0.10

enum standing {
	COUNTS,
	OTHER_MODE, /* before and after agree with each other, not with the reference */
	BETWEEN     /* they do not agree: the machine changed while it was taken */
};

/* NAN in it: no sample tells. */
struct calibration reference_mode(const struct recording *recording);

enum standing standing_of(const struct sample *sample, const struct calibration *reference);

#endif
