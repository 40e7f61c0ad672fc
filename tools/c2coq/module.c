/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Which functions a module has.  Those that are defined in the room, at the
 * place where a macro that makes them is used, are exported; those that they
 * call and that the room does not define are external, known by their type only.
 * Objects that the room defines are left out: no exported function reads them.  If
 * functions were chosen, the others of the room are as if it did not define them.
 * Read next: print.c.
 */
#define _XOPEN_SOURCE 700

#include "module.h"

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

/* Whether the list of names between commas has it. */
static bool has_name(const char *list, const char *name)
{
	const size_t length = strlen(name);

	for (; list; list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL)
		if (strncmp(list, name, length) == 0 && (list[length] == ',' || list[length] == '\0'))
			return true;
	return false;
}

static bool is_chosen(const struct choice *choice, const char *name)
{
	return (!choice->only || has_name(choice->only, name)) &&
	       !(choice->except && has_name(choice->except, name));
}

static const struct node *body_of(const struct node *declaration)
{
	for (size_t i = 0; i < declaration->count; i++) {
		if (node_is(child(declaration, i), "CompoundStmt"))
			return child(declaration, i);
	}
	return NULL;
}

/* ------------------------------------------------------------ functions */

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
	function->callees = &module->callees;
	function->place = node->use;
	function->place.file = path;
	function->signature = signature_of(&module->callees, node);
	function->signature.definition = function;
	add_known(&module->callees, &function->signature, node);
	module->function_count++;
}

/* Returns the definitions, in the order of module->functions. */
static const struct node **find_functions(struct module *module)
{
	const size_t count = module->callees.declaration_count;
	const struct node **definitions = term_memory((count + 1) * sizeof *definitions);

	module->functions = term_memory((count + 1) * sizeof *module->functions);
	for (size_t i = 0; i < count; i++) {
		const struct node *node = module->callees.declarations[i].node;
		const char *path = body_of(node) && is_chosen(module->choice, node_text(node, NAME))
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
			if (names_find(&module->callees.known, variable->name))
				refuse(variable->node, "'%s' is also a function: use another name",
				       variable->name);
		}
	}
}

/* Each name of --only is that of a function that is exported. */
static void check_choice(const struct module *module)
{
	size_t wanted = module->choice->only ? 1 : 0;

	for (const char *c = module->choice->only; c && *c; c++)
		wanted += *c == ',';
	if (module->choice->only && wanted != module->function_count)
		refuse(NULL, "%zu functions of '%s' are defined under %s, not %zu", module->function_count,
		       module->choice->only, module->room, wanted);
}

struct module *module_translate(const struct node *tree, const char *room, const struct choice *choice)
{
	struct module *module = term_memory(sizeof *module);
	char *real = realpath(room, NULL);
	const struct node **definitions;

	if (!real)
		tool_failure("no such directory: %s", room);
	module->tree = tree;
	module->room = room;
	module->choice = choice;
	module->callees.unprefix = choice->unprefix;
	module->real_room = term_text("%s/", strcmp(real, "/") == 0 ? "" : real);
	free(real);
	check_file_scope(module);
	find_declarations(&module->callees, tree);
	definitions = find_functions(module);
	if (module->function_count == 0)
		refuse(NULL, "no function is defined under %s: nothing to export", room);
	check_choice(module);
	for (size_t i = 0; i < module->function_count; i++)
		translate_function(&module->functions[i], definitions[i]);
	check_variable_names(module);
	check_loops(module->functions, module->function_count);
	return module;
}
