/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Expressions: variables, constants, casts, operators.
 *
 * A cast that is written is kept, Ecast e t.  Those that C makes are left out where
 * Clight makes them again: an operator converts its operands, a call its arguments,
 * a return its value.  An assignment does not convert: see assigned() in stmt.c.
 * Read next: call.c.
 */
#include "expr.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------- operands */

const struct node *peel(const struct node *expression)
{
	while (node_is(expression, "ParenExpr"))
		expression = child(expression, 0);
	return expression;
}

void set_destination(const struct destination *destination, const struct term *value,
		     struct term *steps)
{
	for (; destination; destination = destination->next) {
		term_add(steps, set(destination->ident, cast(value, destination->cast)));
		value = temporary(destination->ident, destination->type);
	}
}

struct variable *find_variable(const struct function *function, const struct node *reference)
{
	const char *kind = node_text(reference, REFERENCE_KIND);
	const char *name = node_text(reference, REFERENCE_NAME);
	struct variable *found =
		names_find(&function->by_id, node_text(reference, REFERENCE_ID));

	if (found)
		return found;
	if (strcmp(kind, "EnumConstantDecl") == 0)
		refuse(reference, "enumeration constant '%s': write the number", name);
	if (strcmp(kind, "FunctionDecl") == 0)
		refuse(reference, "function '%s' as a value: the subset has no pointers", name);
	refuse(reference, "global variable '%s': the subset has no memory", name);
}

static const struct term *translate_variable(struct function *function, const struct node *load)
{
	const struct node *reference = peel(child(load, 0));
	const struct variable *variable;

	if (node_is(reference, "UnaryOperator"))
		refuse_operator(reference);
	if (!node_is(reference, "DeclRefExpr"))
		refuse_kind(reference);
	variable = find_variable(function, reference);
	if (function->is_in_condition)
		trail_add(&function->reads, variable);
	return temporary(variable->ident, variable->type);
}

static const struct term *translate_literal(const struct node *literal)
{
	const unsigned long long value = strtoull(node_text(literal, VALUE), NULL, 10);

	return constant((uint32_t)value, node_type(literal));
}

/* ---------------------------------------------------------------- casts */

/* The value of an expression before C converts it by itself: see the head of the
 * file.  The one conversion that stays is the reading of a variable. */
static const struct node *before_conversion(const struct node *expression)
{
	expression = peel(expression);
	while (node_is(expression, "ImplicitCastExpr")) {
		const char *kind = node_text(expression, CAST_KIND);

		node_type(expression);
		if (strcmp(kind, "LValueToRValue") == 0)
			break;
		if (strcmp(kind, "IntegralCast") != 0 && strcmp(kind, "NoOp") != 0)
			refuse(expression, "conversion %s: only int and unsigned int convert", kind);
		expression = peel(child(expression, 0));
	}
	return expression;
}

enum ctype converted_type(const struct node *expression)
{
	return node_type(before_conversion(expression));
}

static const struct term *translate_cast(struct function *function, const struct node *expression,
					 struct term *steps)
{
	const enum ctype type = node_type(expression);

	return cast(translate(function, child(expression, 0), NULL, steps), type);
}

/* ------------------------------------------------------------ operators */

struct operator {
	const char *c, *clight;
};

static const struct operator binary_operators[] = {
	{ "+", "Oadd" }, { "-", "Osub" }, { "*", "Omul" }, { "/", "Odiv" },
	{ "%", "Omod" }, { "&", "Oand" }, { "|", "Oor" },  { "^", "Oxor" },
	{ "<<", "Oshl" }, { ">>", "Oshr" }, { "==", "Oeq" }, { "!=", "One" },
	{ "<", "Olt" },  { ">", "Ogt" },  { "<=", "Ole" }, { ">=", "Oge" },
};

static const struct operator unary_operators[] = {
	{ "!", "Onotbool" },
	{ "~", "Onotint" },
	{ "-", "Oneg" },
};

static const char *find_operator(const struct operator *operators, size_t count,
				 const struct node *expression)
{
	const char *opcode = node_text(expression, OPCODE);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(operators[i].c, opcode) == 0)
			return operators[i].clight;
	}
	return NULL;
}

void refuse_operator(const struct node *expression)
{
	const char *opcode = node_text(expression, OPCODE);

	if (strcmp(opcode, "&") == 0)
		refuse(expression, "address-of: the subset has no memory");
	if (strcmp(opcode, "*") == 0)
		refuse(expression, "pointer access: the subset has no memory");
	if (strcmp(opcode, "=") == 0)
		refuse(expression, "assignment inside an expression: make it a statement");
	if (strcmp(opcode, ",") == 0)
		refuse(expression, "comma operator: make two statements");
	if (strcmp(opcode, "++") == 0 || strcmp(opcode, "--") == 0)
		refuse(expression, "%s: write x = x %c 1U", opcode, opcode[0]);
	refuse(expression, "operator %s: not in the subset", opcode);
}

static const struct term *translate_unary(struct function *function, const struct node *expression,
					  struct term *steps)
{
	const char *name = find_operator(
		unary_operators, sizeof unary_operators / sizeof *unary_operators, expression);
	const struct term *operand, *type;

	if (!name)
		refuse_operator(expression);
	type = type_term(node_type(expression));
	operand = translate(function, child(expression, 0), NULL, steps);
	return apply(APPLICATION, term_text("Eunop %s", name), operand, type, NULL);
}

static const struct term *translate_arithmetic(struct function *function, const struct node *expression,
					       struct term *steps)
{
	const char *name = find_operator(
		binary_operators, sizeof binary_operators / sizeof *binary_operators, expression);
	const struct term *left, *right, *type;
	const struct node *call = NULL;

	if (!name)
		refuse_operator(expression);
	type = type_term(node_type(expression));
	check_one_call(child(expression, 0), &call);
	check_one_call(child(expression, 1), &call);
	left = translate(function, child(expression, 0), NULL, steps);
	right = translate(function, child(expression, 1), NULL, steps);
	return apply(APPLICATION, term_text("Ebinop %s", name), left, right, type, NULL);
}

/* ----------------------------------------------------------------- all */

static bool is_logical(const struct node *expression)
{
	const char *opcode = node_text(expression, OPCODE);

	return strcmp(opcode, "&&") == 0 || strcmp(opcode, "||") == 0;
}

/* An expression that is evaluated as a whole. */
static const struct term *translate_whole(struct function *function, const struct node *expression,
					  struct term *steps)
{
	if (node_is(expression, "IntegerLiteral"))
		return translate_literal(expression);
	if (node_is(expression, "ImplicitCastExpr"))
		return translate_variable(function, expression);
	if (node_is(expression, "CStyleCastExpr"))
		return translate_cast(function, expression, steps);
	if (node_is(expression, "UnaryOperator"))
		return translate_unary(function, expression, steps);
	if (node_is(expression, "BinaryOperator"))
		return translate_arithmetic(function, expression, steps);
	if (node_is(expression, "CallExpr"))
		return translate_call(function, expression, true, steps);
	if (node_is(expression, "DeclRefExpr"))
		find_variable(function, expression);
	refuse_kind(expression);
}

const struct term *translate(struct function *function, const struct node *expression,
			     const struct destination *destination, struct term *steps)
{
	const struct term *value;

	expression = before_conversion(expression);
	if (node_is(expression, "BinaryOperator") && is_logical(expression))
		return translate_logical(function, expression, destination, steps);
	if (node_is(expression, "ConditionalOperator"))
		return translate_choice(function, expression, destination, steps);
	value = translate_whole(function, expression, steps);
	set_destination(destination, value, steps);
	return value;
}

const struct term *translate_value(struct function *function, const struct node *expression,
				   struct term *steps)
{
	return translate(function, expression, NULL, steps);
}
