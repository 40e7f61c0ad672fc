/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * From clang's tree to Clight, the way CompCert's SimplExpr goes: expressions
 * become pure, calls inside them become statements before them, each into a
 * temporary _t'k of its own, numbered in the order in which CompCert meets them.
 * That is the order of the text, but for two: the arms of an `if` come before
 * its condition, and the step of a `for` comes before its body.
 *
 * expr.c: expressions.  stmt.c: statements and one function.  loop.c: loops that
 * C lets a compiler drop.  subset.c: what is in the subset, and the words for what
 * is not.  Beside this, callees.h: what may be called.  module.h: which functions are
 * exported, and the file that they make.
 */
#ifndef C2COQ_TRANSLATE_H
#define C2COQ_TRANSLATE_H

#include "clight.h"
#include "names.h"
#include "tree.h"

struct function;

struct signature {
	const char *name;   /* in Coq */
	const char *c_name; /* in C: the same, or with a prefix before it */
	enum ctype result;
	enum ctype *parameters;
	size_t count;
	struct function *definition; /* NULL: the room does not define it */
};

/* A parameter or local. */
struct variable {
	const struct node *node;
	const char *name, *ident;
	enum ctype type;
	size_t written_in; /* for loop.c: the number of a loop of its function; 0: none */
};

/* A list of calls or variables, as the text has them; see loop.c. */
struct trail {
	void **items;
	size_t count, room;
};

struct callees;

struct function {
	struct callees *callees;
	struct signature signature;
	struct place place;
	struct variable **variables; /* the parameters, then the locals as declared */
	size_t variable_count, variable_room;
	struct names by_name, by_id; /* of the variables; the id is clang's */
	enum ctype *temporaries;     /* the type of _t'1, _t'2, ... */
	size_t temporary_count, temporary_room;
	const struct term *body;
	/* For loop.c: signatures of what it calls; variables that it writes, and
	 * that its conditions read; loops that must call outside; who calls it. */
	struct trail calls, writes, reads, loops, callers;
	size_t loop_count; /* loops that have begun: the number of the last one */
	bool is_in_condition;
	bool calls_outside; /* a function that the room does not define */
};

/* ------------------------------------------------------------- subset.c */

/* The type of a declaration or expression, refused if not in the subset. */
enum ctype node_type(const struct node *node);
/* The type that is written so; TYPE_BOOL if it is not in the subset. */
enum ctype type_of_name(const char *name);
/* Refuses a statement or expression that the subset does not have. */
_Noreturn void refuse_kind(const struct node *node);
/* Refuses attributes that may change what a declaration means. */
void check_attributes(const struct node *declaration);
bool is_attribute(const struct node *node);
bool is_comment(const struct node *node);

/* --------------------------------------------------------------- expr.c */

/* An expression without its parentheses. */
const struct node *peel(const struct node *expression);
/* A pure expression with the value; the statements that come before it are
 * added to steps, a LIST. */
const struct term *translate_value(struct function *function, const struct node *expression,
				   struct term *steps);
/* A call whose result, if any, is dropped. */
void translate_call_statement(struct function *function, const struct node *call, struct term *steps);
/* The type of an expression before C converts it to what it is assigned to. */
enum ctype converted_type(const struct node *expression);
/* A variable of the function, or a refusal. */
struct variable *find_variable(const struct function *function, const struct node *reference);

/* --------------------------------------------------------------- stmt.c */

/* Fills function->body from a definition whose signature is known. */
void translate_function(struct function *function, const struct node *definition);

/* --------------------------------------------------------------- loop.c */

struct loop_start {
	size_t calls, writes, reads, number;
};

void trail_add(struct trail *trail, const void *item);
/* Where a loop starts and ends in the text of its function. */
struct loop_start loop_begin(struct function *function);
void loop_end(struct function *function, struct loop_start start, const struct node *loop,
	      const struct node *condition);
/* Refuses the loops of all functions that C lets a compiler drop. */
void check_loops(struct function *functions, size_t count);

#endif
