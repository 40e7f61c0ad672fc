/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The keys in clang's JSON.  See keys.h.
 */
#include "keys.h"

#include <string.h>

#define NONE MEMBER_COUNT

static const struct key keys[] = {
	{ "id", ID, NONE, REFERENCE_ID, OTHER, NODE },
	{ "kind", KIND, NONE, REFERENCE_KIND, OTHER, NODE },
	{ "name", NAME, NONE, REFERENCE_NAME, OTHER, NODE },
	{ "value", VALUE, NONE, NONE, OTHER, NODE },
	{ "opcode", OPCODE, NONE, NONE, OTHER, NODE },
	{ "castKind", CAST_KIND, NONE, NONE, OTHER, NODE },
	{ "storageClass", STORAGE_CLASS, NONE, NONE, OTHER, NODE },
	{ "inline", INLINE, NONE, NONE, OTHER, NODE },
	{ "variadic", VARIADIC, NONE, NONE, OTHER, NODE },
	{ "qualType", NONE, TYPE, NONE, OTHER, NODE },
	{ "desugaredQualType", NONE, DESUGARED_TYPE, NONE, OTHER, NODE },
	{ "inner", NONE, NONE, NONE, INNER, NODE },
	{ "loc", NONE, NONE, NONE, LOC, NODE },
	{ "range", NONE, NONE, NONE, RANGE, NODE },
	{ "type", NONE, NONE, NONE, NODE_TYPE, NODE },
	{ "referencedDecl", NONE, NONE, NONE, REFERENCE, NODE },
	{ "begin", NONE, NONE, NONE, BEGIN, RANGE },
	{ "expansionLoc", NONE, NONE, NONE, EXPANSION, LOC },
	{ "spellingLoc", NONE, NONE, NONE, SPELLING, LOC },
	{ "includedFrom", NONE, NONE, NONE, IGNORED, LOC },
	{ "file", NONE, NONE, NONE, OTHER, LOC },
	{ "line", NONE, NONE, NONE, OTHER, LOC },
	{ "col", NONE, NONE, NONE, OTHER, LOC },
};

const struct key *find_key(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (strlen(keys[i].name) == length && memcmp(keys[i].name, name, length) == 0)
			return &keys[i];
	}
	return NULL;
}

bool key_is(const struct key *key, const char *name)
{
	return key && strcmp(key->name, name) == 0;
}

enum role role_under(enum role open, const struct key *key)
{
	if (open == IGNORED || key_is(key, "includedFrom"))
		return IGNORED;
	if (key && key->parent == (open == BEGIN ? LOC : open))
		return key->role;
	return OTHER;
}

enum member member_under(enum role open, const struct key *key)
{
	switch (key ? open : OTHER) {
	case NODE:
		return key->member;
	case NODE_TYPE:
		return key->of_type;
	case REFERENCE:
		return key->of_reference;
	default:
		return NONE;
	}
}
