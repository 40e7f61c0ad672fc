/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What the parts of locktable share: one family of the lock table, the reader, the
 * checks, and the emitters, each of which writes one file from the whole table.
 */
#ifndef LOCKTABLE_H
#define LOCKTABLE_H

#include <stdbool.h>
#include <stdio.h>

struct family {
	char *name;
	char *index; /* the name of the argument; NULL: a single lock without one */
	unsigned long long first, count, rank; /* NUMBER_MAX stands for all beyond it */
	char *object;
	int line; /* it and columns count from 1; a column is a byte */
	struct {
		int name, index, first, count, rank, object;
	} column; /* where each is */
};

#define NUMBER_MAX (1ULL << 33)

struct table {
	const char *path;
	struct family *families;
	int count;
	int faults; /* how many were reported */
};

enum operation { ACQUIRE, RELEASE };

static inline const char *verb(enum operation operation)
{
	return operation == ACQUIRE ? "acquire" : "release";
}

/* Reports a fault of the table, `path:line:column: what`.  Ends the program, with exit
 * status 1, when there are too many. */
void fault(struct table *table, int line, int column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Reads all families; faults are reported.  False: the file cannot be read. */
bool read_table(struct table *table);

/* Reports what the families, each alone and each two, may not say. */
void check_table(struct table *table);

/* Why a family, or an index, cannot have this name; NULL: it can. */
const char *bad_family_name(const char *name);
const char *bad_index_name(const char *name);

/* Writes the file, whole or not at all.  False: it cannot be written. */
bool write_file(const char *path, const struct table *table, void (*emit)(FILE *, const struct table *));

void emit_header(FILE *out, const struct table *table);
void emit_coq(FILE *out, const struct table *table);
void emit_theorems(FILE *out, const struct table *table);
void emit_exported(FILE *out, const struct table *table);
void emit_tsv(FILE *out, const struct table *table);

#endif
