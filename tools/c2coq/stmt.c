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

static const struct term *translate_statement(struct function *function, const struct node *node);

/* ---------------------------------------------------- simple statements */

/* Sset does not convert.  To unsigned a value keeps its bits, and no cast is needed.
 * To int it may not fit, which has no meaning, as where C has a cast: so there is
 * one.  clightgen, for which it has a meaning, leaves it out. */
static const struct term *assigned(enum ctype type, const struct node *value,
				   const struct term *result)
{
	return type == TYPE_INT && converted_type(value) == TYPE_UINT ? cast(result, type) : result;
}

/* Steps of the value, then the assignment, as one statement. */
static const struct term *assign(struct function *function, struct variable *variable,
				 const struct node *value)
{
	struct term *steps = term_new(LIST, NULL);
	const struct term *result = translate_value(function, value, steps);

	trail_add(&function->writes, variable);
	term_add(steps, set(variable->ident, assigned(variable->type, value, result)));
	return make_sequence(steps);
}

static const struct term *translate_assignment(struct function *function, const struct node *node)
{
	const struct node *target = peel(child(node, 0));

	if (node_is(target, "UnaryOperator"))
		refuse_operator(target);
	if (!node_is(target, "DeclRefExpr"))
		refuse_kind(target);
	return assign(function, find_variable(function, target), child(node, 1));
}

static bool is_assignment(const struct node *node)
{
	return node_is(node, "BinaryOperator") && strcmp(node_text(node, OPCODE), "=") == 0;
}

static const struct term *translate_expression_statement(struct function *function,
							 const struct node *node)
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

static const struct term *translate_return(struct function *function, const struct node *node)
{
	struct term *steps = term_new(LIST, NULL);
	const struct term *value;

	if (node->count == 0)
		return apply(APPLICATION, "Sreturn", atom("None"), NULL);
	value = translate_value(function, child(node, 0), steps);
	value = apply(APPLICATION, "Some", value, NULL);
	return sequence(make_sequence(steps), apply(APPLICATION, "Sreturn", value, NULL));
}

/* --------------------------------------------------------------- locals */

static void add_variable(struct function *function, const struct node *node)
{
	const char *name = node_text(node, NAME);
	struct variable *added;

	if (names_find(&function->by_name, name))
		refuse(node, "'%s' is declared twice in this function: use another name", name);
	if (name[0] == '\0')
		refuse(node, "a parameter without a name");
	check_attributes(node);
	function->variables = with_room(function->variables, function->variable_count,
					&function->variable_room, sizeof added);
	added = term_memory(sizeof *added);
	added->node = node;
	added->name = name;
	added->ident = term_text("_%s", name);
	added->type = node_type(node);
	function->variables[function->variable_count++] = added;
	names_add(&function->by_name, name, added);
	names_add(&function->by_id, node_text(node, ID), added);
}

/* A local; returns its initialiser or NULL. */
static const struct node *declare_local(struct function *function, const struct node *node)
{
	const char *storage = node_text(node, STORAGE_CLASS);

	if (!node_is(node, "VarDecl"))
		refuse(node, "%s inside a function: only locals are declared there",
		       node_kind(node));
	if (storage[0] != '\0')
		refuse(node, "%s local: locals are automatic", storage);
	add_variable(function, node);
	for (size_t i = 0; i < node->count; i++) {
		if (!is_attribute(child(node, i)) && !is_comment(child(node, i)))
			return child(node, i);
	}
	return NULL;
}

static void add_declarations(struct function *function, const struct node *node, struct term *block)
{
	for (size_t i = 0; i < node->count; i++) {
		const struct node *value = declare_local(function, child(node, i));
		const size_t last = function->variable_count - 1;

		if (value)
			term_add(block, assign(function, function->variables[last], value));
	}
}

/* ---------------------------------------------------------------- blocks */

static void add_statement(struct function *function, const struct node *node, struct term *block)
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

/* The statements of a block, which is emptied. */
static const struct term *nest_all(struct term *block)
{
	return block->count == 0 ? skip() : nest(block, block->items[--block->count]);
}

static const struct term *translate_block(struct function *function, const struct node *node)
{
	struct term *block = term_new(LIST, NULL);

	for (size_t i = 0; i < node->count; i++)
		add_statement(function, child(node, i), block);
	return nest_all(block);
}

/* ------------------------------------------------------------- branches */

static const struct term *translate_condition(struct function *function, const struct node *node,
					      struct term *steps)
{
	const struct term *value;

	function->is_in_condition = true;
	value = translate_value(function, node, steps);
	function->is_in_condition = false;
	return value;
}

static const struct term *translate_if(struct function *function, const struct node *node)
{
	struct term *steps = term_new(LIST, NULL);
	const struct term *yes = translate_statement(function, child(node, 1));
	const struct term *no = node->count > 2
					? translate_statement(function, child(node, 2))
					: skip();
	const struct term *condition = translate_condition(function, child(node, 0), steps);

	if (is_skip(yes) && is_skip(no))
		return sequence(make_sequence(steps), skip());
	return sequence(make_sequence(steps), if_then_else(condition, yes, no));
}

/* `if (condition) ; else break;`; no condition is 1, as in `for (;;)`. */
static const struct term *translate_test(struct function *function, const struct node *condition)
{
	struct term *steps = term_new(LIST, NULL);
	const struct term *value = is_absent(condition)
					   ? constant(1, TYPE_INT)
					   : translate_condition(function, condition, steps);

	term_add(steps, make_if(value, skip(), atom("Sbreak")));
	return make_sequence(steps);
}

static const struct term *loop(const struct term *body, const struct term *step)
{
	return apply(BLOCK, "Sloop", body, step, NULL);
}

static const struct term *translate_while(struct function *function, const struct node *node)
{
	const struct loop_start start = loop_begin(function);
	const struct term *test = translate_test(function, child(node, 0));
	const struct term *body = translate_statement(function, child(node, 1));

	loop_end(function, start, node, child(node, 0));
	return loop(sequence(test, body), skip());
}

/* clang lists the body of a do loop first; CompCert numbers the test first. */
static const struct term *translate_do(struct function *function, const struct node *node)
{
	const struct loop_start start = loop_begin(function);
	const struct term *test = translate_test(function, child(node, 1));
	const struct term *body = translate_statement(function, child(node, 0));

	loop_end(function, start, node, child(node, 1));
	return loop(body, test);
}

/* Children: start, (a C++ declaration), condition, step, body; {} if absent. */
static const struct term *translate_for(struct function *function, const struct node *node)
{
	struct term *block = term_new(LIST, NULL);
	const struct node *first = child(node, 0), *step_node = child(node, 3);
	const struct term *test, *body, *step = skip();
	struct loop_start start;

	if (!is_absent(first))
		add_statement(function, first, block);
	start = loop_begin(function);
	test = translate_test(function, child(node, 2));
	if (!is_absent(step_node))
		step = translate_statement(function, step_node);
	body = translate_statement(function, child(node, 4));
	loop_end(function, start, node, child(node, 2));
	term_add(block, loop(sequence(test, body), step));
	return nest_all(block);
}

/* ------------------------------------------------------------------ all */

static const struct term *translate_statement(struct function *function, const struct node *node)
{
	static const struct {
		const char *kind;
		const struct term *(*translate)(struct function *, const struct node *);
	} kinds[] = {
		{ "CompoundStmt", translate_block }, { "IfStmt", translate_if },
		{ "WhileStmt", translate_while },    { "DoStmt", translate_do },
		{ "ForStmt", translate_for },        { "ReturnStmt", translate_return },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
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

void translate_function(struct function *function, const struct node *definition)
{
	for (size_t i = 0; i < definition->count; i++) {
		const struct node *part = child(definition, i);

		if (node_is(part, "ParmVarDecl"))
			add_variable(function, part);
		else if (node_is(part, "CompoundStmt"))
			function->body = tidy(translate_block(function, part));
		else if (!is_attribute(part) && !is_comment(part))
			refuse_kind(part);
	}
}
