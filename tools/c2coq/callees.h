/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The functions that a source declares, and their signatures: whom a call may call.
 * Read next: callees.c.
 */
#ifndef C2COQ_CALLEES_H
#define C2COQ_CALLEES_H

#include "translate.h"

/* One function declaration of clang's, of which a function may have several. */
struct declaration {
	const struct node *node;
	const char *name;
	struct declaration *previous; /* of the same name */
};

/* All zero is empty. */
struct callees {
	struct declaration *declarations; /* in text order */
	size_t declaration_count;
	struct names declarations_by_id, declarations_by_name;
	struct names typedefs; /* at file scope: nodes */
	const char *unprefix;  /* of names in Coq; NULL: none */
	struct names known;    /* signatures of the room's functions and of the externals */
	struct signature **externals; /* in the order of their first call */
	size_t external_count, external_room;
};

/* The name in Coq: without the prefix, if there is one and the name begins so. */
const char *name_in_coq(const struct callees *callees, const char *name);
void find_declarations(struct callees *callees, const struct node *tree);
/* Refuses a name that is no name of C11, as those with a $. */
void check_name(const struct node *declaration);
/* An attribute of one declaration is an attribute of the function. */
struct signature signature_of(const struct callees *callees, const struct node *declaration);
/* Two functions of one name in Coq are refused. */
void add_known(struct callees *callees, struct signature *signature, const struct node *declaration);
/* What a call needs to know; one that the room does not define becomes an external. */
const struct signature *find_callee(struct callees *callees, const struct node *reference);

#endif
