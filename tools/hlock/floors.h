/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The C of floors 0 to 3, as it stands in layers/, inside of this program; and how text
 * of it is written for a table with a prefix.
 * Read next: embed.awk, which makes the texts; floors.c.
 */
#ifndef HLOCK_FLOORS_H
#define HLOCK_FLOORS_H

#include "table.h"

struct floor_text {
	const char *name; /* of the file, without its folders; NULL ends the list */
	const char *const *lines;
};

extern const struct floor_text floor_texts[];

/* Writes text of C or of a comment: names that users see get the table's prefix, and, if
 * functions are inline, so do those that only hlock uses, which are in the header then. */
void emit_renamed(FILE *out, const struct table *table, const char *text);

/* Writes floors 0, 1 and 3, from the bottom, each file in place of its #include. */
void emit_floors(FILE *out, const struct table *table);
/* And the end of a debug build, before the names of the table. */
void emit_report(FILE *out, const struct table *table);

/* A macro's prefix is that of functions in capitals. */
void emit_macro(FILE *out, const struct table *table, const char *name);

#endif
