/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Declarations, signatures, callees.  See callees.h.
 * Read next: expr.c.
 */
#include "callees.h"

#include <ctype.h>
#include <string.h>

/* --------------------------------------------------------- declarations */

static void add_declaration(struct callees *callees, const struct node *node)
{
	struct declaration *added = &callees->declarations[callees->declaration_count++];

	added->node = node;
	added->name = node_text(node, NAME);
	added->previous = names_find(&callees->declarations_by_name, added->name);
	names_add(&callees->declarations_by_name, added->name, added);
	names_add(&callees->declarations_by_id, node_text(node, ID), added);
}

const char *name_in_coq(const struct callees *callees, const char *name)
{
	const size_t length = callees->unprefix ? strlen(callees->unprefix) : 0;

	return length > 0 && strncmp(name, callees->unprefix, length) == 0 && name[length] != '\0'
		       ? name + length : name;
}

void find_declarations(struct callees *callees, const struct node *tree)
{
	const size_t count = tree->count;

	callees->declarations = term_memory((count + 1) * sizeof *callees->declarations);
	for (size_t i = 0; i < count; i++) {
		const struct node *node = child(tree, i);

		if (node_is(node, "FunctionDecl"))
			add_declaration(callees, node);
		else if (node_is(node, "TypedefDecl"))
			names_add(&callees->typedefs, node_text(node, NAME), (void *)node);
	}
}

/* ------------------------------------------------------------ signatures */

/* The type that a typedef at file scope stands for, or the name itself. */
static const char *resolve_typedef(const struct callees *callees, const char *name)
{
	const struct node *node = names_find(&callees->typedefs, name);

	if (!node)
		return name;
	return node->text[DESUGARED_TYPE] ? node->text[DESUGARED_TYPE] : node_text(node, TYPE);
}

/* clang writes the type of a function as "result (parameters)", and a pointer or
 * function in place of the result in other ways. */
static enum ctype result_type(const struct callees *callees, const struct node *node)
{
	const char *text = node_text(node, TYPE);
	const char *open = strstr(text, " ("), *result;
	enum ctype type;

	if (!open || open[2] == '*')
		refuse(node, "function of type '%s': its result is no integer, or a typedef hides it",
		       text);
	if (strncmp(open, " ()", 3) == 0)
		refuse(node, "'%s' is declared without a prototype: write (void)",
		       node_text(node, NAME));
	result = term_text("%.*s", (int)(open - text), text);
	type = type_of_name(resolve_typedef(callees, result));
	if (type == TYPE_BOOL)
		refuse(node, "result of type '%s': only void, int and unsigned int are in the "
			     "subset", result);
	return type;
}

void check_name(const struct node *node)
{
	const char *name = node_text(node, NAME);

	for (const char *c = name; *c; c++) {
		if (!isalnum((unsigned char)*c) && *c != '_')
			refuse(node, "'%s': names are letters, digits and underscores", name);
	}
}

struct signature signature_of(const struct callees *callees, const struct node *node)
{
	const char *name = node_text(node, NAME);
	struct signature signature = { .name = name_in_coq(callees, name), .c_name = name };
	const struct declaration *declaration = names_find(&callees->declarations_by_name, name);

	check_name(node);
	for (; declaration; declaration = declaration->previous)
		check_attributes(declaration->node);
	if (node->text[VARIADIC])
		refuse(node, "'%s' has a variable number of parameters", signature.name);
	signature.parameters = term_memory((node->count + 1) * sizeof *signature.parameters);
	for (size_t i = 0; i < node->count; i++) {
		if (node_is(child(node, i), "ParmVarDecl"))
			signature.parameters[signature.count++] = node_type(child(node, i));
	}
	signature.result = result_type(callees, node);
	return signature;
}

/* -------------------------------------------------------------- callees */

void add_known(struct callees *callees, struct signature *signature, const struct node *node)
{
	const struct signature *other = names_find(&callees->known, signature->name);

	if (other && strcmp(other->c_name, signature->c_name) != 0)
		refuse(node, "'%s' and '%s' are one name without their prefix", other->c_name,
		       signature->c_name);
	names_add(&callees->known, signature->name, signature);
}

static struct signature *add_external(struct callees *callees, const struct node *node)
{
	struct signature *external = term_memory(sizeof *external);

	*external = signature_of(callees, node);
	callees->externals = with_room(callees->externals, callees->external_count,
				       &callees->external_room, sizeof external);
	callees->externals[callees->external_count++] = external;
	add_known(callees, external, node);
	return external;
}

const struct signature *find_callee(struct callees *callees, const struct node *reference)
{
	const char *name = node_text(reference, REFERENCE_NAME);
	const struct signature *known = names_find(&callees->known, name_in_coq(callees, name));
	const struct declaration *declaration;

	if (known && strcmp(known->c_name, name) == 0)
		return known;
	declaration = names_find(&callees->declarations_by_id, node_text(reference, REFERENCE_ID));
	if (!declaration)
		refuse(reference, "'%s' is not a function declared in a file", name);
	return add_external(callees, declaration->node);
}
