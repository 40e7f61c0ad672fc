/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Statements, and the function that they make up.
 *
 * A block nests to the right, without its empty statements.  A declaration with
 * an initialiser is an assignment.  The loop `while (c) s` is
 * Sloop (Ssequence (if (c) ; else break;) s) Sskip, with the calls of c before
 * the if: so they are made each time round.
 * Read next: module.c.
 */
#include "expr.h"

#include <string.h>

static const struct term *translate_statement(struct function *function, const json_t *node);

/* ---------------------------------------------------- simple statements */

/* Steps of the value, then the assignment, as one statement. */
static const struct term *assign(struct function *function, const char *ident,
				 const json_t *value)
{
	struct term *steps = term_new(LIST, NULL);
	const struct term *result = translate_value(function, value, steps);

	term_add(steps, set(ident, result));
	return make_sequence(steps);
}

static const struct term *translate_assignment(struct function *function, const json_t *node)
{
	const json_t *target = peel(child(node, 0));

	if (node_is(target, "UnaryOperator"))
		refuse_operator(target);
	if (!node_is(target, "DeclRefExpr"))
		refuse_kind(target);
	return assign(function, find_variable(function, target)->ident, child(node, 1));
}

static int is_assignment(const json_t *node)
{
	return node_is(node, "BinaryOperator") && strcmp(node_string(node, "opcode"), "=") == 0;
}

static const struct term *translate_expression_statement(struct function *function,
							 const json_t *node)
{
	struct term *steps = term_new(LIST, NULL);

	node = peel(node);
	if (is_assignment(node))
		return translate_assignment(function, node);
	if (node_is(node, "UnaryOperator") || node_is(node, "BinaryOperator"))
		refuse_operator(node);
	if (node_is(node, "CStyleCastExpr") || node_is(node, "ImplicitCastExpr"))
		refuse(node, "expression whose value is not used: only assignments and calls are "
			     "statements");
	if (!node_is(node, "CallExpr"))
		refuse_kind(node);
	translate_call_statement(function, node, steps);
	return make_sequence(steps);
}

static const struct term *translate_return(struct function *function, const json_t *node)
{
	struct term *steps = term_new(LIST, NULL);
	const struct term *value;

	if (child_count(node) == 0)
		return apply(APPLICATION, "Sreturn", atom("None"), NULL);
	value = translate_value(function, child(node, 0), steps);
	value = apply(APPLICATION, "Some", value, NULL);
	return sequence(make_sequence(steps), apply(APPLICATION, "Sreturn", value, NULL));
}

/* --------------------------------------------------------------- locals */

static void add_variable(struct function *function, const json_t *node)
{
	const char *name = node_string(node, "name");
	struct variable *added;
	size_t i;

	for (i = 0; i < function->variable_count; i++) {
		if (strcmp(function->variables[i].name, name) == 0)
			refuse(node, "'%s' is declared twice in this function: use another name",
			       name);
	}
	if (name[0] == '\0')
		refuse(node, "a parameter without a name");
	check_attributes(node);
	function->variables = with_room(function->variables, function->variable_count,
					&function->variable_room, sizeof *added);
	added = &function->variables[function->variable_count++];
	added->node = node;
	added->id = node_string(node, "id");
	added->name = name;
	added->ident = term_text("_%s", name);
	added->type = node_type(node);
}

/* A local; returns its initialiser or NULL. */
static const json_t *declare_local(struct function *function, const json_t *node)
{
	const char *storage = node_string(node, "storageClass");
	size_t i;

	if (!node_is(node, "VarDecl"))
		refuse(node, "%s inside a function: only locals are declared there",
		       node_kind(node));
	if (storage[0] != '\0')
		refuse(node, "%s local: locals are automatic", storage);
	add_variable(function, node);
	for (i = 0; i < child_count(node); i++) {
		if (!is_attribute(child(node, i)) && !is_comment(child(node, i)))
			return child(node, i);
	}
	return NULL;
}

static void add_declarations(struct function *function, const json_t *node, struct term *block)
{
	size_t i;

	for (i = 0; i < child_count(node); i++) {
		const json_t *value = declare_local(function, child(node, i));
		const size_t last = function->variable_count - 1;

		if (value)
			term_add(block, assign(function, function->variables[last].ident, value));
	}
}

/* ---------------------------------------------------------------- blocks */

static void add_statement(struct function *function, const json_t *node, struct term *block)
{
	const struct term *statement;

	if (node_is(node, "DeclStmt")) {
		add_declarations(function, node, block);
		return;
	}
	statement = translate_statement(function, node);
	if (!is_skip(statement))
		term_add(block, statement);
}

static const struct term *nest(const struct term *block)
{
	const struct term *nested;
	size_t i = block->count;

	if (i == 0)
		return skip();
	nested = block->items[--i];
	while (i > 0)
		nested = sequence(block->items[--i], nested);
	return nested;
}

static const struct term *translate_block(struct function *function, const json_t *node)
{
	struct term *block = term_new(LIST, NULL);
	size_t i;

	for (i = 0; i < child_count(node); i++)
		add_statement(function, child(node, i), block);
	return nest(block);
}

/* ------------------------------------------------------------- branches */

static const struct term *translate_if(struct function *function, const json_t *node)
{
	struct term *steps = term_new(LIST, NULL);
	const struct term *yes = translate_statement(function, child(node, 1));
	const struct term *no = child_count(node) > 2
					? translate_statement(function, child(node, 2))
					: skip();
	const struct term *condition = translate_value(function, child(node, 0), steps);

	if (is_skip(yes) && is_skip(no))
		return sequence(make_sequence(steps), skip());
	return sequence(make_sequence(steps), if_then_else(condition, yes, no));
}

/* `if (condition) ; else break;`; no condition is 1, as in `for (;;)`. */
static const struct term *translate_test(struct function *function, const json_t *condition)
{
	struct term *steps = term_new(LIST, NULL);
	const struct term *value = json_object_size(condition) == 0
					   ? constant(1, TYPE_INT)
					   : translate_value(function, condition, steps);

	term_add(steps, make_if(value, skip(), atom("Sbreak")));
	return make_sequence(steps);
}

static const struct term *loop(const struct term *body, const struct term *step)
{
	return apply(BLOCK, "Sloop", body, step, NULL);
}

static const struct term *translate_while(struct function *function, const json_t *node)
{
	const struct term *test = translate_test(function, child(node, 0));
	const struct term *body = translate_statement(function, child(node, 1));

	return loop(sequence(test, body), skip());
}

/* clang lists the body of a do loop first; CompCert numbers the test first. */
static const struct term *translate_do(struct function *function, const json_t *node)
{
	const struct term *test = translate_test(function, child(node, 1));

	return loop(translate_statement(function, child(node, 0)), test);
}

/* Children: start, (a C++ declaration), condition, step, body; {} if absent. */
static const struct term *translate_for(struct function *function, const json_t *node)
{
	struct term *block = term_new(LIST, NULL);
	const json_t *start = child(node, 0), *step_node = child(node, 3);
	const struct term *test, *body, *step = skip();

	if (json_object_size(start) > 0)
		add_statement(function, start, block);
	test = translate_test(function, child(node, 2));
	if (json_object_size(step_node) > 0)
		step = translate_statement(function, step_node);
	body = translate_statement(function, child(node, 4));
	term_add(block, loop(sequence(test, body), step));
	return nest(block);
}

/* ------------------------------------------------------------------ all */

static const struct term *translate_statement(struct function *function, const json_t *node)
{
	static const struct {
		const char *kind;
		const struct term *(*translate)(struct function *, const json_t *);
	} kinds[] = {
		{ "CompoundStmt", translate_block }, { "IfStmt", translate_if },
		{ "WhileStmt", translate_while },    { "DoStmt", translate_do },
		{ "ForStmt", translate_for },        { "ReturnStmt", translate_return },
	};
	size_t i;

	for (i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (node_is(node, kinds[i].kind))
			return kinds[i].translate(function, node);
	}
	if (node_is(node, "NullStmt"))
		return skip();
	if (node_is(node, "BreakStmt"))
		return atom("Sbreak");
	if (node_is(node, "ContinueStmt"))
		return atom("Scontinue");
	return translate_expression_statement(function, node);
}

void translate_function(struct function *function, const json_t *definition)
{
	size_t i;

	for (i = 0; i < child_count(definition); i++) {
		const json_t *part = child(definition, i);

		if (node_is(part, "ParmVarDecl"))
			add_variable(function, part);
		else if (node_is(part, "CompoundStmt"))
			function->body = tidy(translate_block(function, part));
		else if (!is_attribute(part) && !is_comment(part))
			refuse_kind(part);
	}
}
