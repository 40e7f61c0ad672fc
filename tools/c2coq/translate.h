/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * From clang's tree to Clight, the way CompCert's SimplExpr goes: expressions
 * become pure, calls inside them become statements before them, each into a
 * temporary _t'k of its own, numbered in the order in which CompCert meets them.
 * That is the order of the text, but for two: the arms of an `if` come before
 * its condition, and the step of a `for` comes before its body.
 *
 * expr.c: expressions.  stmt.c: statements and one function.  subset.c: what is
 * in the subset, and the words for what is not.  module.c: which functions are
 * exported.  print.c: the file that they make.
 */
#ifndef C2COQ_TRANSLATE_H
#define C2COQ_TRANSLATE_H

#include "clight.h"
#include "front.h"

struct signature {
	const char *name;
	enum ctype result;
	enum ctype *parameters;
	size_t count;
};

/* A parameter or local; id is clang's. */
struct variable {
	const json_t *node;
	const char *id, *name, *ident;
	enum ctype type;
};

struct module;

struct function {
	struct module *module;
	struct signature signature;
	struct place place;
	struct variable *variables; /* the parameters, then the locals as declared */
	size_t variable_count, variable_room;
	enum ctype *temporaries; /* the type of _t'1, _t'2, ... */
	size_t temporary_count, temporary_room;
	const struct term *body;
};

/* ------------------------------------------------------------- subset.c */

/* The type of a declaration or expression, refused if not in the subset. */
enum ctype node_type(const json_t *node);
/* The type that is written so; TYPE_BOOL if it is not in the subset. */
enum ctype type_of_name(const char *name);
/* Refuses a statement or expression that the subset does not have. */
_Noreturn void refuse_kind(const json_t *node);
/* Refuses attributes that may change what a declaration means. */
void check_attributes(const json_t *declaration);
int is_attribute(const json_t *node);
int is_comment(const json_t *node);

/* --------------------------------------------------------------- expr.c */

/* An expression without its parentheses. */
const json_t *peel(const json_t *expression);
/* A pure expression with the value; the statements that come before it are
 * added to steps, a LIST. */
const struct term *translate_value(struct function *function, const json_t *expression,
				   struct term *steps);
/* A call whose result, if any, is dropped. */
void translate_call_statement(struct function *function, const json_t *call, struct term *steps);
/* A variable of the function, or a refusal. */
const struct variable *find_variable(const struct function *function, const json_t *reference);

/* --------------------------------------------------------------- stmt.c */

/* Fills function->body from a definition whose signature is known. */
void translate_function(struct function *function, const json_t *definition);

/* -------------------------------------------------- module.c and print.c */

/* The functions that are defined under the directory room. */
struct module *module_translate(const json_t *tree, const char *room);
void module_print(const struct module *module, FILE *out, const char *command);
void module_print_locations(const struct module *module, FILE *out);
/* What a call needs to know; the callee becomes part of the module. */
const struct signature *module_callee(struct module *module, const json_t *reference);

#endif
