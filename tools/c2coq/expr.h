/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What the files on expressions share: expr.c (variables, constants, casts,
 * operators), call.c (calls), shortcut.c (&&, ||, ?:).
 * Read next: expr.c.
 */
#ifndef C2COQ_EXPR_H
#define C2COQ_EXPR_H

#include "translate.h"

/* Temporaries to set to a value, each after a cast, the first one first.
 * CompCert's name is set_destination.  NULL: the value is wanted as a term. */
struct destination {
	enum ctype cast, type;
	const char *ident;
	const struct destination *next;
};

/* Adds the steps of an expression.  Without a destination, returns its value;
 * with one, adds the steps that set it too. */
const struct term *translate(struct function *function, const struct node *expression,
			     const struct destination *destination, struct term *steps);

/* Refuses an operator that the subset does not have, or not as an operand. */
_Noreturn void refuse_operator(const struct node *expression);

void set_destination(const struct destination *destination, const struct term *value,
		     struct term *steps);

/* The next _t'k of the function. */
const char *fresh_temporary(struct function *function, enum ctype type);
/* The one that the destination sets first, if it has that type: each temporary
 * has one type.  Else the next. */
const char *temporary_for(struct function *function, const struct destination *destination,
			  enum ctype type);

/* Refuses a second operand that calls; *call is the call of an earlier one. */
void check_one_call(const struct node *operand, const struct node **call);
/* Refuses a call in what C evaluates only sometimes. */
void check_no_call(const struct node *operand, const char *where);

const struct term *translate_call(struct function *function, const struct node *call,
				  bool is_result_used, struct term *steps);
const struct term *translate_logical(struct function *function, const struct node *expression,
				     const struct destination *destination, struct term *steps);
const struct term *translate_choice(struct function *function, const struct node *expression,
				    const struct destination *destination, struct term *steps);

#endif
