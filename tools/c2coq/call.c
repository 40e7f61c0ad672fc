/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Calls, which become statements before the one that they stand in.
 *
 * C leaves the order of operands open, so two operands of one operator, or two
 * arguments, may not both call.  Nor may what C evaluates only sometimes, right
 * of && and ||, and the arms of ?:, since the statement is always executed.
 * A call cannot change a local: moving it before a reading of one is sound.
 * Read next: shortcut.c.
 */
#include "callees.h"
#include "expr.h"

#include <string.h>

const char *fresh_temporary(struct function *function, enum ctype type)
{
	function->temporaries = with_room(function->temporaries, function->temporary_count,
					  &function->temporary_room, sizeof type);
	function->temporaries[function->temporary_count++] = type;
	return term_text("_t'%zu", function->temporary_count);
}

const char *temporary_for(struct function *function, const struct destination *destination,
			  enum ctype type)
{
	if (destination && destination->type == type)
		return destination->ident;
	return fresh_temporary(function, type);
}

void check_one_call(const struct node *operand, const struct node **call)
{
	const struct node *found = operand->first_call;

	if (found && *call)
		refuse(found, "second call in one expression: C does not say which comes first; "
			      "use a local");
	if (found)
		*call = found;
}

void check_no_call(const struct node *operand, const char *where)
{
	const struct node *call = operand->first_call;

	if (call)
		refuse(call, "call %s, where C does not always make it: use an if statement", where);
}

static const struct signature *callee_of(struct function *function, const struct node *call)
{
	const struct node *decay = peel(child(call, 0)), *reference = peel(child(decay, 0));

	if (!node_is(decay, "ImplicitCastExpr") ||
	    strcmp(node_text(decay, CAST_KIND), "FunctionToPointerDecay") != 0 ||
	    !node_is(reference, "DeclRefExpr"))
		refuse(call, "call through a pointer or of a compiler builtin: "
			     "calls go to named functions");
	return find_callee(function->callees, reference);
}

static const struct term *scall(const char *result, const struct signature *callee,
				const struct term *arguments)
{
	const char *head = result ? term_text("Scall (Some %s)", result) : "Scall None";
	const struct term *type = function_type(callee->parameters, callee->count, callee->result);
	const struct term *function =
		apply(APPLICATION, "Evar", atom(term_text("_%s", callee->name)), type, NULL);

	return apply(APPLICATION, head, function, arguments, NULL);
}

/* The temporary of the result is numbered after those of the arguments. */
const struct term *translate_call(struct function *function, const struct node *call,
				  bool is_result_used, struct term *steps)
{
	const struct signature *callee = callee_of(function, call);
	struct term *arguments = term_new(LIST, NULL);
	const struct node *inner_call = NULL;
	const char *result = NULL;

	for (size_t i = 1; i < call->count; i++)
		check_one_call(child(call, i), &inner_call);
	for (size_t i = 1; i < call->count; i++)
		term_add(arguments, translate(function, child(call, i), NULL, steps));
	if (is_result_used && callee->result == TYPE_VOID)
		refuse(call, "the value of '%s', which returns void", callee->name);
	if (is_result_used)
		result = fresh_temporary(function, callee->result);
	trail_add(&function->calls, callee);
	term_add(steps, scall(result, callee, arguments));
	return result ? temporary(result, callee->result) : NULL;
}

void translate_call_statement(struct function *function, const struct node *call, struct term *steps)
{
	translate_call(function, call, false, steps);
}
