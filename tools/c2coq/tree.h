/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * clang's syntax tree of one translation unit: what the exporter needs of it.
 *
 * The tree is built while clang prints it.  A node keeps the members that are
 * listed here; everything else is read and dropped.  clang prints a file or
 * line only when it differs from that of the location printed before; the
 * nodes have them all.
 * Read next: tree.c, then translate.h.
 */
#ifndef C2COQ_TREE_H
#define C2COQ_TREE_H

#include "message.h"

#include <stdbool.h>
#include <stddef.h>

/* A node further down is refused.  Every function here that calls itself on
 * the parts of a node is bounded by it: see STACK_SIZE in c2coq.c. */
#define DEEPEST_NODE 4096

/* The members of a node that are texts; those after VARIADIC are of its "type"
 * and of the declaration that it refers to. */
enum member {
	ID,
	KIND,
	NAME,
	VALUE,
	OPCODE,
	CAST_KIND,
	STORAGE_CLASS,
	INLINE,
	VARIADIC,
	TYPE,
	DESUGARED_TYPE,
	REFERENCE_ID,
	REFERENCE_KIND,
	REFERENCE_NAME,
	MEMBER_COUNT
};

struct node {
	const char *text[MEMBER_COUNT]; /* NULL: absent */
	/* Where it begins: in the text that the user wrote, at the use of a macro
	 * (clang's expansionLoc); and where the macro has it, if it is in one. */
	struct place use, spelling;
	const struct node **children;
	size_t count, room;
	const struct node *first_call; /* in it, itself included; or NULL */
};

struct reader;

struct reader *tree_start(void);
/* The next bytes of clang's JSON, which are overwritten and end in a null byte
 * that is not counted. */
void tree_feed(struct reader *reader, char *bytes, size_t length);
/* Of the node that was read last and has a place; without a file if none was. */
struct place tree_place(const struct reader *reader);
/* The tree, or NULL if the bytes were no JSON.  The reader is gone. */
const struct node *tree_end(struct reader *reader);

/* A missing text is "", a missing child is NULL. */
const char *node_text(const struct node *node, enum member member);
const char *node_kind(const struct node *node);
bool node_is(const struct node *node, const char *kind);
const struct node *child(const struct node *node, size_t index);
/* Stands for a part that C lets one leave out, such as the step of a `for`. */
bool is_absent(const struct node *node);

#endif
