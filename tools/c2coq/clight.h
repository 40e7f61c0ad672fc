/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Clight as terms: the constructors that c2coq uses, in the order of arguments
 * that CompCert 3.13 has, and the three ways in which its front end joins
 * statements.  Layers that compare with clightgen's output need the same shape,
 * down to the empty statements that it leaves.
 * Read next: clight.c, then translate.h.
 */
#ifndef C2COQ_CLIGHT_H
#define C2COQ_CLIGHT_H

#include "term.h"

enum ctype { TYPE_VOID, TYPE_INT, TYPE_UINT, TYPE_BOOL };

/* Types, and the name of a type in the signature of an external function. */
const struct term *type_term(enum ctype type);
const struct term *register_type_term(enum ctype type);
const struct term *function_type(const enum ctype *parameters, size_t count, enum ctype result);
const struct term *type_list(const enum ctype *types, size_t count);

/* Expressions. */
const struct term *constant(uint32_t value, enum ctype type);
const struct term *temporary(const char *ident, enum ctype type);
const struct term *cast(const struct term *value, enum ctype type);

/* Statements. */
const struct term *skip(void);
const struct term *set(const char *ident, const struct term *value);
const struct term *sequence(const struct term *first, const struct term *second);
const struct term *if_then_else(const struct term *condition, const struct term *yes,
				const struct term *no);
bool is_skip(const struct term *statement);

/* Statements before a last one, joined to the right. */
const struct term *nest(const struct term *firsts, const struct term *last);
/* The steps of one expression, joined to the left after an empty statement. */
const struct term *make_sequence(const struct term *steps);
/* An if whose condition is a constant is the branch that it takes. */
const struct term *make_if(const struct term *condition, const struct term *yes,
			   const struct term *no);
/* The statement as clightgen prints it: empty statements in a sequence are left
 * out, and a loop that tests first is an Swhile. */
const struct term *tidy(const struct term *statement);

#endif
