/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What the two halves of a module share: module.c finds the functions and their
 * callees, print.c writes the Coq file.
 * Read next: module.c.
 */
#ifndef C2COQ_MODULE_H
#define C2COQ_MODULE_H

#include "translate.h"

/* One function declaration of clang's, of which a function may have several. */
struct declaration {
	const struct node *node;
	const char *name;
	struct declaration *previous; /* of the same name */
};

struct module {
	const struct node *tree;
	const char *room;      /* as the user wrote it */
	const char *real_room; /* absolute, without links, ends in a slash */
	struct declaration *declarations; /* in text order */
	size_t declaration_count;
	struct names declarations_by_id, declarations_by_name;
	struct names typedefs; /* at file scope: nodes */
	struct names callees;  /* signatures of the room's functions and of the externals */
	struct function *functions; /* defined in the room, in text order */
	size_t function_count;
	struct signature **externals; /* in the order of their first call */
	size_t external_count, external_room;
};

/* Whether a text may stand in a comment of Coq, which reads strings there. */
bool is_comment_text(const char *text);

#endif
