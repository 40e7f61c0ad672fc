/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What the parts of locktable share: one family of the lock table, and the
 * emitters, each of which writes one file from the whole table.
 */
#ifndef LOCKTABLE_H
#define LOCKTABLE_H

#include <stdbool.h>
#include <stdio.h>

struct family {
	const char *name;
	const char *index; /* the name of the argument; NULL: a single lock without one */
	unsigned long long first, count, rank;
	const char *object;
	int line;
};

struct table {
	const struct family *families;
	int count;
	const char *path;
};

enum operation { ACQUIRE, RELEASE };

static inline const char *verb(enum operation operation)
{
	return operation == ACQUIRE ? "acquire" : "release";
}

void emit_header(FILE *out, const struct table *table);
void emit_coq(FILE *out, const struct table *table);
void emit_theorems(FILE *out, const struct table *table);
void emit_tsv(FILE *out, const struct table *table);

#endif
