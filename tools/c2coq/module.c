/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Which functions a module has.  Those that are defined in the room, at the
 * place where a macro that makes them is used, are exported; those that they
 * call and that the room does not define are external, known by their type only.
 * Objects that the room defines are left out: no exported function reads them.
 * Read next: print.c.
 */
#define _XOPEN_SOURCE 700

#include "module.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------- the room */

/* The file as a path below the room, or NULL if it is elsewhere.  However the
 * include path led to the file, the answer is the same. */
static const char *path_in_room(const struct module *module, const char *file)
{
	const size_t length = strlen(module->real_room);
	const char *path = NULL;
	char *real = file ? realpath(file, NULL) : NULL;

	if (real && strncmp(real, module->real_room, length) == 0)
		path = strcmp(module->room, ".") == 0
			       ? term_text("%s", real + length)
			       : term_text("%s/%s", module->room, real + length);
	free(real);
	return path;
}

static const struct node *body_of(const struct node *declaration)
{
	for (size_t i = 0; i < declaration->count; i++) {
		if (node_is(child(declaration, i), "CompoundStmt"))
			return child(declaration, i);
	}
	return NULL;
}

/* ------------------------------------------------------------ signatures */

/* The type that a typedef at file scope stands for, or the name itself. */
static const char *resolve_typedef(const struct module *module, const char *name)
{
	const struct node *node = names_find(&module->typedefs, name);

	if (!node)
		return name;
	return node->text[DESUGARED_TYPE] ? node->text[DESUGARED_TYPE] : node_text(node, TYPE);
}

/* clang writes the type of a function as "result (parameters)", and a pointer or
 * function in place of the result in other ways. */
static enum ctype result_type(const struct module *module, const struct node *node)
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
	type = type_of_name(resolve_typedef(module, result));
	if (type == TYPE_BOOL)
		refuse(node, "result of type '%s': only void, int and unsigned int are in the "
			     "subset", result);
	return type;
}

static void check_name(const struct node *node)
{
	const char *name = node_text(node, NAME);

	for (const char *c = name; *c; c++) {
		if (!isalnum((unsigned char)*c) && *c != '_')
			refuse(node, "'%s': names are letters, digits and underscores", name);
	}
}

/* An attribute of one declaration is an attribute of the function. */
static struct signature signature_of(const struct module *module, const struct node *node)
{
	struct signature signature = { .name = node_text(node, NAME) };
	const struct declaration *declaration =
		names_find(&module->declarations_by_name, signature.name);

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
	signature.result = result_type(module, node);
	return signature;
}

/* -------------------------------------------------------------- callees */

static struct signature *add_external(struct module *module, const struct node *node)
{
	struct signature *external = term_memory(sizeof *external);

	*external = signature_of(module, node);
	module->externals = with_room(module->externals, module->external_count,
				      &module->external_room, sizeof external);
	module->externals[module->external_count++] = external;
	names_add(&module->callees, external->name, external);
	return external;
}

const struct signature *module_callee(struct module *module, const struct node *reference)
{
	const char *name = node_text(reference, REFERENCE_NAME);
	const struct signature *known = names_find(&module->callees, name);
	const struct declaration *declaration;

	if (known)
		return known;
	declaration = names_find(&module->declarations_by_id, node_text(reference, REFERENCE_ID));
	if (!declaration)
		refuse(reference, "'%s' is not a function declared in a file", name);
	return add_external(module, declaration->node);
}

/* ------------------------------------------------------------ functions */

static void add_declaration(struct module *module, const struct node *node)
{
	struct declaration *added = &module->declarations[module->declaration_count++];

	added->node = node;
	added->name = node_text(node, NAME);
	added->previous = names_find(&module->declarations_by_name, added->name);
	names_add(&module->declarations_by_name, added->name, added);
	names_add(&module->declarations_by_id, node_text(node, ID), added);
}

static void find_declarations(struct module *module)
{
	const size_t count = module->tree->count;

	module->declarations = term_memory((count + 1) * sizeof *module->declarations);
	for (size_t i = 0; i < count; i++) {
		const struct node *node = child(module->tree, i);

		if (node_is(node, "FunctionDecl"))
			add_declaration(module, node);
		else if (node_is(node, "TypedefDecl"))
			names_add(&module->typedefs, node_text(node, NAME), (void *)node);
	}
}

/* C11 lets another file replace an inline function that is not static. */
static void add_function(struct module *module, const struct node *node, const char *path)
{
	struct function *function = &module->functions[module->function_count];

	if (node->text[INLINE] &&
	    strcmp(node_text(node, STORAGE_CLASS), "static") != 0)
		refuse(node, "inline without static: another file may define '%s' too",
		       node_text(node, NAME));
	if (!is_comment_text(path))
		refuse(node, "the file name cannot stand in a comment of Coq");
	function->module = module;
	function->place = node->use;
	function->place.file = path;
	function->signature = signature_of(module, node);
	function->signature.definition = function;
	names_add(&module->callees, function->signature.name, &function->signature);
	module->function_count++;
}

/* Returns the definitions, in the order of module->functions. */
static const struct node **find_functions(struct module *module)
{
	const struct node **definitions =
		term_memory((module->declaration_count + 1) * sizeof *definitions);

	module->functions =
		term_memory((module->declaration_count + 1) * sizeof *module->functions);
	for (size_t i = 0; i < module->declaration_count; i++) {
		const struct node *node = module->declarations[i].node;
		const char *path = body_of(node)
					   ? path_in_room(module, node->use.file)
					   : NULL;

		if (!path)
			continue;
		definitions[module->function_count] = node;
		add_function(module, node, path);
	}
	return definitions;
}

/* --------------------------------------------------------------- checks */

/* Assembly outside functions could define or change any of them. */
static void check_file_scope(const struct module *module)
{
	for (size_t i = 0; i < module->tree->count; i++) {
		const struct node *node = child(module->tree, i);

		if (node_is(node, "FileScopeAsmDecl") &&
		    path_in_room(module, node->use.file))
			refuse(node, "assembly outside functions: it has no meaning in the C subset");
	}
}

static void check_variable_names(const struct module *module)
{
	for (size_t i = 0; i < module->function_count; i++) {
		const struct function *function = &module->functions[i];

		for (size_t k = 0; k < function->variable_count; k++) {
			const struct variable *variable = function->variables[k];

			check_name(variable->node);
			if (names_find(&module->callees, variable->name))
				refuse(variable->node, "'%s' is also a function: use another name",
				       variable->name);
		}
	}
}

struct module *module_translate(const struct node *tree, const char *room)
{
	struct module *module = term_memory(sizeof *module);
	char *real = realpath(room, NULL);
	const struct node **definitions;

	if (!real)
		tool_failure("no such directory: %s", room);
	module->tree = tree;
	module->room = room;
	module->real_room = term_text("%s/", strcmp(real, "/") == 0 ? "" : real);
	free(real);
	check_file_scope(module);
	find_declarations(module);
	definitions = find_functions(module);
	if (module->function_count == 0)
		refuse(NULL, "no function is defined under %s: nothing to export", room);
	for (size_t i = 0; i < module->function_count; i++)
		translate_function(&module->functions[i], definitions[i]);
	check_variable_names(module);
	check_loops(module->functions, module->function_count);
	return module;
}
