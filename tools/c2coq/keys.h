/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The keys in clang's JSON, and what stands under them.
 * Read next: tree.c.
 */
#ifndef C2COQ_KEYS_H
#define C2COQ_KEYS_H

#include "tree.h"

/* What an object or array of the JSON is.  A location is LOC, BEGIN, EXPANSION,
 * SPELLING or OTHER; "includedFrom" has a file too, but it is no location. */
enum role {
	NODE,
	INNER,
	LOC,
	RANGE,
	BEGIN,
	EXPANSION,
	SPELLING,
	NODE_TYPE,
	REFERENCE,
	OTHER,
	IGNORED
};

/* What a key means: the member that a text is, of a node, its type, or what it
 * refers to (MEMBER_COUNT: none); the role of an object or array, and that of the
 * object that has it. */
struct key {
	const char *name;
	enum member member, of_type, of_reference;
	enum role role, parent;
};

/* NULL if it means nothing. */
const struct key *find_key(const char *name, size_t length);
bool key_is(const struct key *key, const char *name);
/* What is under that key in an object or array of that role: the role of an object
 * or array, the member that a text is. */
enum role role_under(enum role open, const struct key *key);
enum member member_under(enum role open, const struct key *key);

#endif
