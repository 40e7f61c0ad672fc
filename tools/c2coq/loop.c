/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Loops that C lets a compiler drop.
 *
 * C11 6.8.5p6: a compiler may assume that a loop ends if its condition is no
 * constant and it does no input or output and accesses nothing volatile or atomic.
 * Nothing in the subset does these itself; a function that the room does not define
 * may.  In Coq such a loop does not end.  It is refused where that is plain: where
 * it calls nothing outside, also not through functions of the room, and writes no
 * variable that a condition in it reads.  Then each round is as the first one.
 * TRUST.md says what that leaves: loops that count.
 * Read next: module.c.
 */
#include "translate.h"

struct loop {
	const struct node *node;
	size_t calls_begin, calls_end; /* in its function's calls */
};

void trail_add(struct trail *trail, const void *item)
{
	trail->items = with_room(trail->items, trail->count, &trail->room, sizeof *trail->items);
	trail->items[trail->count++] = (void *)item;
}

/* C11 6.6: a constant expression reads nothing and calls nothing. */
static bool is_constant_expression(const struct node *expression)
{
	if (node_is(expression, "DeclRefExpr"))
		return false;
	for (size_t i = 0; i < expression->count; i++) {
		if (!is_constant_expression(child(expression, i)))
			return false;
	}
	return true;
}

struct loop_start loop_begin(struct function *function)
{
	const struct loop_start start = { function->calls.count, function->writes.count,
					  function->reads.count, ++function->loop_count };

	return start;
}

/* Whether a condition in the loop reads a variable that the loop writes. */
static bool may_change(struct function *function, const struct loop_start *start)
{
	for (size_t i = start->writes; i < function->writes.count; i++)
		((struct variable *)function->writes.items[i])->written_in = start->number;
	for (size_t i = start->reads; i < function->reads.count; i++) {
		if (((const struct variable *)function->reads.items[i])->written_in == start->number)
			return true;
	}
	return false;
}

void loop_end(struct function *function, struct loop_start start, const struct node *node,
	      const struct node *condition)
{
	struct loop *loop;

	/* The condition of a `for` may be left out, which is a constant. */
	if (is_absent(condition) || is_constant_expression(condition) ||
	    may_change(function, &start))
		return;
	loop = term_memory(sizeof *loop);
	loop->node = node;
	loop->calls_begin = start.calls;
	loop->calls_end = function->calls.count;
	trail_add(&function->loops, loop);
}

/* ------------------------------------------------- what calls go outside */

/* Functions of which it has just been found, whose callers are still to be told. */
struct found {
	struct function **functions;
	size_t count;
};

static void mark(struct found *found, struct function *function)
{
	if (function->calls_outside)
		return;
	function->calls_outside = true;
	found->functions[found->count++] = function;
}

/* Those that call outside themselves; of the others, who calls them. */
static void mark_first(struct function *function, struct found *found)
{
	for (size_t i = 0; i < function->calls.count; i++) {
		const struct signature *callee = function->calls.items[i];

		if (callee->definition)
			trail_add(&callee->definition->callers, function);
		else
			mark(found, function);
	}
}

static void mark_all(struct function *functions, size_t count)
{
	struct found found = { term_memory((count + 1) * sizeof *found.functions), 0 };

	for (size_t i = 0; i < count; i++)
		mark_first(&functions[i], &found);
	for (size_t i = 0; i < found.count; i++) {
		const struct trail *callers = &found.functions[i]->callers;

		for (size_t k = 0; k < callers->count; k++)
			mark(&found, callers->items[k]);
	}
}

static bool calls_outside(const struct function *function, const struct loop *loop)
{
	for (size_t i = loop->calls_begin; i < loop->calls_end; i++) {
		const struct signature *callee = function->calls.items[i];

		if (!callee->definition || callee->definition->calls_outside)
			return true;
	}
	return false;
}

void check_loops(struct function *functions, size_t count)
{
	mark_all(functions, count);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < functions[i].loops.count; k++) {
			const struct loop *loop = functions[i].loops.items[k];

			if (!calls_outside(&functions[i], loop))
				refuse(loop->node,
				       "loop that changes nothing that its conditions read and calls "
				       "nothing outside: C11 6.8.5p6 lets a compiler drop it");
		}
	}
}
