/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Expressions: variables, constants, casts, operators.
 *
 * A cast that is written is kept, Ecast e t.  Those that C makes are left out.
 * Between int and unsigned they keep the 32 bits, and Clight makes them again:
 * an operator converts its operands, a call its arguments, a return its value;
 * for an assignment CompCert drops the cast too.
 * Read next: call.c.
 */
#include "expr.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------- operands */

const json_t *peel(const json_t *expression)
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

const struct variable *find_variable(const struct function *function, const json_t *reference)
{
	const json_t *declaration = json_object_get(reference, "referencedDecl");
	size_t i;

	for (i = 0; i < function->variable_count; i++) {
		if (strcmp(function->variables[i].id, node_string(declaration, "id")) == 0)
			return &function->variables[i];
	}
	if (node_is(declaration, "EnumConstantDecl"))
		refuse(reference, "enumeration constant '%s': write the number",
		       node_string(declaration, "name"));
	if (node_is(declaration, "FunctionDecl"))
		refuse(reference, "function '%s' as a value: the subset has no pointers",
		       node_string(declaration, "name"));
	refuse(reference, "global variable '%s': the subset has no memory",
	       node_string(declaration, "name"));
}

static const struct term *translate_variable(struct function *function, const json_t *load)
{
	const json_t *reference = peel(child(load, 0));
	const struct variable *variable;

	if (node_is(reference, "UnaryOperator"))
		refuse_operator(reference);
	if (!node_is(reference, "DeclRefExpr"))
		refuse_kind(reference);
	variable = find_variable(function, reference);
	return temporary(variable->ident, variable->type);
}

static const struct term *translate_literal(const json_t *literal)
{
	const unsigned long long value = strtoull(node_string(literal, "value"), NULL, 10);

	return constant((uint32_t)value, node_type(literal));
}

/* ---------------------------------------------------------------- casts */

/* What C converts by itself: see the head of the file. */
static const struct term *translate_conversion(struct function *function,
					       const json_t *conversion, struct term *steps)
{
	const char *kind = node_string(conversion, "castKind");

	node_type(conversion);
	if (strcmp(kind, "LValueToRValue") == 0)
		return translate_variable(function, conversion);
	if (strcmp(kind, "IntegralCast") != 0 && strcmp(kind, "NoOp") != 0)
		refuse(conversion, "conversion %s: only int and unsigned int convert", kind);
	return translate(function, child(conversion, 0), NULL, steps);
}

static const struct term *translate_cast(struct function *function, const json_t *expression,
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
				 const json_t *expression)
{
	const char *opcode = node_string(expression, "opcode");
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(operators[i].c, opcode) == 0)
			return operators[i].clight;
	}
	return NULL;
}

void refuse_operator(const json_t *expression)
{
	const char *opcode = node_string(expression, "opcode");

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

static const struct term *translate_unary(struct function *function, const json_t *expression,
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

static const struct term *translate_arithmetic(struct function *function, const json_t *expression,
					       struct term *steps)
{
	const char *name = find_operator(
		binary_operators, sizeof binary_operators / sizeof *binary_operators, expression);
	const struct term *left, *right, *type;
	const json_t *call = NULL;

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

static int is_logical(const json_t *expression)
{
	const char *opcode = node_string(expression, "opcode");

	return strcmp(opcode, "&&") == 0 || strcmp(opcode, "||") == 0;
}

/* An expression that is evaluated as a whole. */
static const struct term *translate_whole(struct function *function, const json_t *expression,
					  struct term *steps)
{
	if (node_is(expression, "IntegerLiteral"))
		return translate_literal(expression);
	if (node_is(expression, "ImplicitCastExpr"))
		return translate_conversion(function, expression, steps);
	if (node_is(expression, "CStyleCastExpr"))
		return translate_cast(function, expression, steps);
	if (node_is(expression, "UnaryOperator"))
		return translate_unary(function, expression, steps);
	if (node_is(expression, "BinaryOperator"))
		return translate_arithmetic(function, expression, steps);
	if (node_is(expression, "CallExpr"))
		return translate_call(function, expression, 1, steps);
	if (node_is(expression, "DeclRefExpr"))
		find_variable(function, expression);
	refuse_kind(expression);
}

const struct term *translate(struct function *function, const json_t *expression,
			     const struct destination *destination, struct term *steps)
{
	const struct term *value;

	expression = peel(expression);
	if (node_is(expression, "BinaryOperator") && is_logical(expression))
		return translate_logical(function, expression, destination, steps);
	if (node_is(expression, "ConditionalOperator"))
		return translate_choice(function, expression, destination, steps);
	value = translate_whole(function, expression, steps);
	set_destination(destination, value, steps);
	return value;
}

const struct term *translate_value(struct function *function, const json_t *expression,
				   struct term *steps)
{
	return translate(function, expression, NULL, steps);
}
