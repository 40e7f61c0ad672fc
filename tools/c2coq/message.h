/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * How the program ends, and what it says then.  Messages show the user's bytes,
 * names of files and types; those that are no printable UTF-8 appear as \xNN, so
 * that no terminal acts on them.
 * Read next: message.c.
 */
#ifndef C2COQ_MESSAGE_H
#define C2COQ_MESSAGE_H

struct node;

/* Exit statuses of the program. */
enum { EXPORTED = 0, REFUSED = 1, TOOL_FAILURE = 2 };

struct place {
	const char *file; /* NULL: clang knows no place for this node */
	long line, column;
};

/* The file that is named where clang knows no place. */
void set_source_name(const char *name);

/* "file:line:column: what and why" on stderr, then exit(REFUSED).  The place is
 * that of the node; that of the source's first line for NULL. */
_Noreturn void refuse(const struct node *node, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
_Noreturn void tool_failure(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
