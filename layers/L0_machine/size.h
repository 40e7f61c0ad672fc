/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * How much memory the locks take: the distance between two, and the most that all of
 * them may take together.  tools/hlock has both from here, as the C has.
 *
 * The limit is half of the smallest space in which a program of some target finds its
 * data: 2 GiB, of the small code model of x86-64, of riscv64's medlow and medany, and
 * of PTRDIFF_MAX on 32-bit machines.  Beyond it a library builds and no program links.
 * Read next: machine.h.
 */
#ifndef HLOCK_SIZE_H
#define HLOCK_SIZE_H

/* The distance between two locks, in bytes.  Some Arm servers gain from 128. */
#ifndef HLOCK_LINE
#define HLOCK_LINE 64
#endif

/* The most that the array of all locks may take, in bytes: 1 GiB, 2^24 locks of 64. */
#define HLOCK_BYTES 1073741824

#endif
