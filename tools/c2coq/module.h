/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A module: module.c finds its functions, print.c writes the Coq file.
 * Read next: module.c.
 */
#ifndef C2COQ_MODULE_H
#define C2COQ_MODULE_H

#include "callees.h"
#include "translate.h"

/* Which functions of the room are exported, lists of names between commas, and what their
 * names are called in Coq. */
struct choice {
	const char *only;     /* these; NULL: all */
	const char *except;   /* not these; NULL: none is left out */
	const char *unprefix; /* a name that begins so is without it; NULL: as it is */
};

struct module {
	const struct node *tree;
	const char *room;      /* as the user wrote it */
	const struct choice *choice;
	const char *real_room; /* absolute, without links, ends in a slash */
	struct callees callees;
	struct function *functions; /* defined in the room, in text order */
	size_t function_count;
};

/* The functions that are defined under the directory room and chosen. */
struct module *module_translate(const struct node *tree, const char *room, const struct choice *choice);
void module_print(const struct module *module, FILE *out, const char *command);
void module_print_locations(const struct module *module, FILE *out);

/* Whether a text may stand in a comment of Coq, which reads strings there. */
bool is_comment_text(const char *text);

#endif
