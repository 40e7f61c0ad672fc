/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The front end: clang's syntax tree of one translation unit, as JSON.
 *
 * clang prints a file or line only when it differs from that of the location
 * printed before.  front_parse() writes them back into every location, so that
 * the rest of the exporter may look at nodes in any order.
 * Read next: front.c, then translate.h.
 */
#ifndef C2COQ_FRONT_H
#define C2COQ_FRONT_H

#include <jansson.h>
#include <stddef.h>

struct place {
	const char *file; /* NULL: clang knows no place for this node */
	long line, column;
};

/* Exit statuses of the program. */
enum { EXPORTED = 0, REFUSED = 1, TOOL_FAILURE = 2 };

/* Runs clang on SOURCE with the user's arguments and returns the syntax tree.
 * What clang rejects or warns about ends the program with REFUSED. */
json_t *front_parse(const char *source, char *const clang_args[], size_t clang_arg_count);

/* Where a node begins: in the text that the user wrote, a macro's use and not
 * its definition (clang's expansionLoc). */
struct place node_place(const json_t *node);

/* "file:line:column: what and why" on stderr, then exit(REFUSED). */
_Noreturn void refuse(const json_t *node, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
_Noreturn void tool_failure(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Members of a node.  A missing string is "", a missing child is NULL. */
const char *node_kind(const json_t *node);
const char *node_string(const json_t *node, const char *key);
int node_is(const json_t *node, const char *kind);
size_t child_count(const json_t *node);
const json_t *child(const json_t *node, size_t index);

#endif
