/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The operators that evaluate only some of their operands: && || and ?:.
 * Each becomes an `if` that sets a temporary.  One that is an arm of ?:, or stands
 * to the right of && or ||, sets the temporary of the outer one if that has its
 * type; else one of its own, and that of the outer one after it, in each branch.
 * Read next: stmt.c.
 */
#include "expr.h"

#include <string.h>

/* An operand as one statement that sets the destination. */
static const struct term *branch(struct function *function, const struct node *operand,
				 const struct destination *destination)
{
	struct term *steps = term_new(LIST, NULL);

	translate(function, operand, destination, steps);
	return make_sequence(steps);
}

/* The left operand decides: the result is false for &&, true for ||. */
static const struct term *decided(const struct destination *destination, const char *ident,
				  bool result, enum ctype type)
{
	struct term *steps = term_new(LIST, NULL);

	if (!destination)
		return set(ident, constant((uint32_t)result, type));
	set_destination(destination, constant((uint32_t)result, type), steps);
	return make_sequence(steps);
}

const struct term *translate_logical(struct function *function, const struct node *expression,
				     const struct destination *destination, struct term *steps)
{
	const bool is_and = strcmp(node_text(expression, OPCODE), "&&") == 0;
	const enum ctype type = node_type(expression);
	const struct term *left, *right, *known;
	struct destination truth = { TYPE_BOOL, type, NULL, destination };

	check_no_call(child(expression, 1), is_and ? "to the right of &&" : "to the right of ||");
	left = translate(function, child(expression, 0), NULL, steps);
	truth.ident = temporary_for(function, destination, type);
	right = branch(function, child(expression, 1), &truth);
	known = decided(destination, truth.ident, !is_and, type);
	term_add(steps, is_and ? make_if(left, right, known) : make_if(left, known, right));
	return temporary(truth.ident, type);
}

const struct term *translate_choice(struct function *function, const struct node *expression,
				    const struct destination *destination, struct term *steps)
{
	const enum ctype type = node_type(expression);
	const struct term *condition, *yes, *no;
	struct destination chosen = { type, type, NULL, destination };

	check_no_call(child(expression, 1), "in an arm of ?:");
	check_no_call(child(expression, 2), "in an arm of ?:");
	condition = translate(function, child(expression, 0), NULL, steps);
	chosen.ident = temporary_for(function, destination, type);
	yes = branch(function, child(expression, 1), &chosen);
	no = branch(function, child(expression, 2), &chosen);
	term_add(steps, make_if(condition, yes, no));
	return temporary(chosen.ident, type);
}
