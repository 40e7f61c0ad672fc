/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Clight as terms.  See clight.h.
 * Read next: translate.h.
 */
#include "clight.h"

/* ---------------------------------------------------------------- types */

const struct term *type_term(enum ctype type)
{
	static const char *const names[] = { "tvoid", "tint", "tuint", "tbool" };

	return atom(names[type]);
}

const struct term *register_type_term(enum ctype type)
{
	return atom(type == TYPE_VOID ? "AST.Tvoid" : "AST.Tint");
}

const struct term *type_list(const enum ctype *types, size_t count)
{
	const struct term *list = atom("Tnil");

	while (count > 0) {
		count--;
		list = apply(APPLICATION, "Tcons", type_term(types[count]), list, NULL);
	}
	return list;
}

const struct term *function_type(const enum ctype *parameters, size_t count, enum ctype result)
{
	return apply(APPLICATION, "Tfunction", type_list(parameters, count), type_term(result),
		     atom("cc_default"), NULL);
}

/* ---------------------------------------------------------- expressions */

/* Coq's Int.repr takes the number modulo 2^32; clightgen prints it signed. */
const struct term *constant(uint32_t value, enum ctype type)
{
	const bool is_negative = value > INT32_MAX;
	const char *number = is_negative ? term_text("(-%llu)", (1ULL << 32) - value)
					 : term_text("%lu", (unsigned long)value);
	struct term *term = term_new(APPLICATION, "Econst_int");

	term_add(term, apply(APPLICATION, "Int.repr", atom(number), NULL));
	term_add(term, type_term(type));
	term->is_constant = true;
	term->constant = value;
	return term;
}

const struct term *temporary(const char *ident, enum ctype type)
{
	return apply(APPLICATION, "Etempvar", atom(ident), type_term(type), NULL);
}

/* Between int and unsigned a cast keeps the bits; to _Bool it does not, and no
 * condition is cast to _Bool. */
const struct term *cast(const struct term *value, enum ctype type)
{
	struct term *term = term_new(APPLICATION, "Ecast");

	term_add(term, value);
	term_add(term, type_term(type));
	term->is_constant = value->is_constant && type != TYPE_BOOL;
	term->constant = value->constant;
	return term;
}

/* ----------------------------------------------------------- statements */

const struct term *skip(void)
{
	return atom("Sskip");
}

bool is_skip(const struct term *statement)
{
	return head_is(statement, "Sskip");
}

const struct term *set(const char *ident, const struct term *value)
{
	return apply(APPLICATION, "Sset", atom(ident), value, NULL);
}

const struct term *sequence(const struct term *first, const struct term *second)
{
	return apply(BLOCK, "Ssequence", first, second, NULL);
}

const struct term *if_then_else(const struct term *condition, const struct term *yes,
				const struct term *no)
{
	return apply(CONDITIONAL, "Sifthenelse", condition, yes, no, NULL);
}

const struct term *make_sequence(const struct term *steps)
{
	const struct term *joined = skip();

	for (size_t i = 0; i < steps->count; i++)
		joined = sequence(joined, steps->items[i]);
	return joined;
}

const struct term *nest(const struct term *firsts, const struct term *last)
{
	for (size_t i = firsts->count; i > 0; i--)
		last = sequence(firsts->items[i - 1], last);
	return last;
}

const struct term *make_if(const struct term *condition, const struct term *yes,
			   const struct term *no)
{
	if (condition->is_constant)
		return condition->constant != 0 ? yes : no;
	return if_then_else(condition, yes, no);
}

/* ----------------------------------------------------------------- tidy */

/* The condition of a loop `if (e) ; else break;`, or NULL. */
static const struct term *loop_condition(const struct term *first)
{
	if (head_is(first, "Ssequence") && is_skip(first->items[0]))
		first = first->items[1];
	if (head_is(first, "Sifthenelse") && is_skip(first->items[1]) &&
	    head_is(first->items[2], "Sbreak"))
		return first->items[0];
	return NULL;
}

static const struct term *tidy_loop(const struct term *loop)
{
	const struct term *body = loop->items[0], *step = loop->items[1], *condition = NULL;

	if (is_skip(step) && head_is(body, "Ssequence"))
		condition = loop_condition(body->items[0]);
	if (condition)
		return apply(CONDITIONAL, "Swhile", condition, tidy(body->items[1]), NULL);
	return apply(BLOCK, "Sloop", tidy(body), tidy(step), NULL);
}

static const struct term *tidy_other(const struct term *statement)
{
	const struct term *const *items = statement->items;

	if (head_is(statement, "Sifthenelse"))
		return if_then_else(items[0], tidy(items[1]), tidy(items[2]));
	if (head_is(statement, "Sloop"))
		return tidy_loop(statement);
	return statement;
}

/* A list of statements nests to the right as deep as it is long: a loop goes down
 * there, and what comes first in each sequence waits in a list. */
const struct term *tidy(const struct term *statement)
{
	struct term *firsts = term_new(LIST, NULL);

	while (head_is(statement, "Ssequence")) {
		const struct term *const *items = statement->items;

		if (is_skip(items[1])) {
			statement = items[0];
			continue;
		}
		if (!is_skip(items[0]))
			term_add(firsts, tidy(items[0]));
		statement = items[1];
	}
	return nest(firsts, tidy_other(statement));
}
