/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What the parts of hlock share: one family of the lock table, the reader, the
 * checks, and the emitters, each of which writes one file from the whole table.
 * Read next: read.c, the grammar; check.c, what else is asked of a table.
 */
#ifndef HLOCK_TABLE_H
#define HLOCK_TABLE_H

#include <stdbool.h>
#include <stdio.h>

struct family {
	char *name;
	char *index; /* the name of the argument; NULL: a single lock without one */
	unsigned long long first, count, rank; /* NUMBER_MAX stands for all beyond it */
	char *object;
	char *text; /* more about it, for people: lines, each ends in a newline; NULL: none */
	int line; /* it and columns count from 1; a column is a byte */
	struct {
		int name, index, first, count, rank, object;
	} column; /* where each is */
};

#define NUMBER_MAX (1ULL << 33)

struct fault {
	int line, column;
	char *what;
};

/* How the C of a table is wanted. */
struct style {
	const char *prefix; /* before the names of functions, types and macros (there in capitals); "": none */
	const char *made_by; /* the command that makes it, for a comment; NULL: hlock's own build */
	const char *room;    /* where Coq finds what is made of the table */
	bool each;           /* the theorems of each function are wanted, too */
	bool inlined;       /* the functions are static inline, in the header */
	int distance;       /* between two locks, in bytes */
};

struct part;

struct table {
	const char *path;
	struct style style;
	struct family *families;
	int count;
	const struct part *report; /* what a report says of it (report.c) */
	struct fault *faults;
	int fault_count;
};

enum operation { ACQUIRE, RELEASE };

static inline const char *verb(enum operation operation)
{
	return operation == ACQUIRE ? "acquire" : "release";
}

/* Adds a fault to those of the table. */
void fault(struct table *table, int line, int column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Prints faults, in the order of their lines, as `path:line:column: what`: all of them, or the
 * first so many and a line that says how many there are. */
void sort_faults(struct table *table);
#define ALL_FAULTS (-1)
#define SOME_FAULTS 20
void print_faults(struct table *table, int most);

/* Memory that lasts as long as the program; there is some, or the program ends with status 2. */
void *memory(void *old, size_t size);

/* Reads all families; faults are added.  False: the file cannot be read. */
bool read_table(struct table *table);

/* Adds what the families, each alone and each two, may not say. */
void check_table(struct table *table);

/* How many locks the table's numbers span: one past the last. */
unsigned long long numbers_of(const struct table *table);

/* Why a family, or an index, cannot have this name; NULL: it can. */
const char *bad_family_name(const char *name);
const char *bad_index_name(const char *name);

/* Writes these files, at most MADE_MOST, all of them whole or none.  False: they cannot be
 * written. */
struct made {
	const char *path;
	void (*emit)(FILE *, const struct table *);
};
#define MADE_MOST 8
bool write_files(const struct table *table, size_t count, const struct made *files);

/* Before the names that are hlock's own, after the table's prefix, if functions are inline. */
#define INNER "hlock_in_"

void emit_header(FILE *out, const struct table *table);
void emit_source(FILE *out, const struct table *table);
void emit_functions(FILE *out, const struct table *table);
/* The first words of a Coq file: its comment, left open. */
void emit_made_by(FILE *out, const struct table *table, const char *verb, const char *file);
void emit_coq(FILE *out, const struct table *table);
void emit_theorems(FILE *out, const struct table *table);
void emit_exported(FILE *out, const struct table *table);
/* That the floors below are those of hlock; the guarantees of main/, of this table and its C as
 * it is exported; and what Coq is asked about, a NULL name at its end. */
void emit_guarantees(FILE *out, const struct table *table);
void emit_floors_exported(FILE *out, const struct table *table);
struct guarantee {
	const char *name, *says; /* says NULL: nothing to a user */
};
extern const struct guarantee guarantees[];
extern const char *const check_functions[]; /* of checks.h; NULL at its end */
void emit_tsv(FILE *out, const struct table *table);

#endif
