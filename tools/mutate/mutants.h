/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The mutants of a source: each replaces one piece of its text by another.
 *
 * token_mutants.c: operators, constants, names, callees.
 * statement_mutants.c: arguments, conditions, statements.
 * Read next: token_mutants.c.
 */
#ifndef MUTATE_MUTANTS_H
#define MUTATE_MUTANTS_H

#include "source.h"

struct mutant {
	size_t start, end; /* of the text that it replaces */
	char *text;        /* what stands there instead */
	char *what;        /* one line that says so */
};

struct mutants {
	const struct source *source;
	struct mutant *list;
	size_t count, room;
	const char *callees; /* names that a call may go to, between commas */
};

/* Adds a mutant, unless it changes nothing or is there already.  The text is
 * made from the format; verb says what is done: "becomes", "deleted", ... */
void add_mutant(struct mutants *mutants, size_t start, size_t end, const char *verb,
		const char *format, ...) __attribute__((format(printf, 5, 6)));
void free_mutants(struct mutants *mutants);

void add_token_mutants(struct mutants *mutants, const struct region *region);
void add_statement_mutants(struct mutants *mutants, const struct region *region);

/* Shared by the two: what the token at an index of a region is. */
bool is_keyword(const struct source *source, const struct token *token);
/* A name before a parenthesis that is not a keyword, nor declared there. */
bool is_call(const struct source *source, const struct region *region, size_t index);
/* The names of macros are written in capitals. */
bool is_macro_name(const struct source *source, const struct token *token);
bool is_pasted_before(const struct source *source, const struct region *region, size_t index);
bool is_pasted_after(const struct source *source, const struct region *region, size_t index);
/* The index of the closing bracket for the opening one at index, or count. */
size_t closing(const struct source *source, const struct region *region, size_t index);

#endif
