/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Output files that appear whole or not at all: each is made in memory, written
 * beside its place, then all are renamed.
 * Read next: output.c.
 */
#ifndef C2COQ_OUTPUT_H
#define C2COQ_OUTPUT_H

#include <stddef.h>
#include <stdio.h>

struct output {
	const char *path; /* NULL: standard output */
	char *text;
	size_t length;
};

/* From now on a signal that ends the program removes what is half-written. */
void output_catch_signals(void);
/* A stream into memory; close it before output_write. */
FILE *output_open(struct output *output, const char *path);
/* Writes all of them, or none and ends the program. */
void output_write(struct output *outputs, size_t count);
/* An export that fails leaves no older one, which could still be proved. */
void output_remove_old(const char *path);

#endif
