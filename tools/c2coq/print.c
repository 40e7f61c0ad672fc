/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The Coq file of a module, and the list of where its functions stand.
 * The order of everything follows the C text, names are sorted: the same tree
 * gives the same bytes.
 * Read next: c2coq.c.
 */
#include "module.h"

#include <stdlib.h>
#include <string.h>

/* CompCert keeps 128 to 4095 for _t'1, _t'2, ... */
#define FIRST_TEMPORARY 128

static const char prologue[] =
	"From Coq Require Import String List ZArith.\n"
	"From hlock.clight Require Import clightdefs.\n"
	"Import ListNotations.\n"
	"Local Open Scope Z_scope.\n"
	"Local Open Scope string_scope.\n"
	"Local Open Scope clight_scope.\n\n";

bool is_comment_text(const char *text)
{
	size_t quotes = 0;

	if (strstr(text, "(*") || strstr(text, "*)"))
		return false;
	for (; *text; text++) {
		if ((unsigned char)*text < ' ')
			return false;
		quotes += *text == '"';
	}
	return quotes % 2 == 0;
}

/* ---------------------------------------------------------------- names */

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static size_t count_names(const struct module *module)
{
	size_t count = module->function_count + module->callees.external_count;

	for (size_t i = 0; i < module->function_count; i++)
		count += module->functions[i].variable_count;
	return count;
}

static void collect_names(const struct module *module, const char **names)
{
	for (size_t i = 0; i < module->callees.external_count; i++)
		*names++ = module->callees.externals[i]->name;
	for (size_t i = 0; i < module->function_count; i++) {
		*names++ = module->functions[i].signature.name;
		for (size_t k = 0; k < module->functions[i].variable_count; k++)
			*names++ = module->functions[i].variables[k]->name;
	}
}

static void print_names(const struct module *module, FILE *out)
{
	const size_t count = count_names(module);
	const char **names = term_memory(count * sizeof *names);
	size_t temporaries = 0;

	collect_names(module, names);
	qsort(names, count, sizeof *names, compare_names);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || strcmp(names[i - 1], names[i]) != 0)
			fprintf(out, "Definition _%s : ident := $\"%s\".\n", names[i], names[i]);
	}
	for (size_t i = 0; i < module->function_count; i++) {
		if (module->functions[i].temporary_count > temporaries)
			temporaries = module->functions[i].temporary_count;
	}
	for (size_t i = 0; i < temporaries; i++)
		fprintf(out, "Definition _t'%zu : ident := %zu%%positive.\n", i + 1,
			FIRST_TEMPORARY + i);
	fputc('\n', out);
}

/* ------------------------------------------------------------ functions */

static const struct term *pair(const char *ident, enum ctype type)
{
	return atom(term_text("(%s, %s)", ident, type_term(type)->head));
}

/* Locals as declared, then temporaries from the last to the first. */
static const struct term *temporaries_of(const struct function *function)
{
	struct term *list = term_new(LIST, NULL);

	for (size_t i = function->signature.count; i < function->variable_count; i++)
		term_add(list, pair(function->variables[i]->ident, function->variables[i]->type));
	for (size_t i = function->temporary_count; i > 0; i--)
		term_add(list, pair(term_text("_t'%zu", i), function->temporaries[i - 1]));
	return list;
}

static const struct term *parameters_of(const struct function *function)
{
	struct term *list = term_new(LIST, NULL);

	for (size_t i = 0; i < function->signature.count; i++)
		term_add(list, pair(function->variables[i]->ident, function->variables[i]->type));
	return list;
}

static void print_field(FILE *out, const char *name, const struct term *value)
{
	const int column = fprintf(out, "  %s := ", name);

	term_print(out, value, (size_t)column, (size_t)column, strlen(";"));
	fputs(";\n", out);
}

static void print_function(const struct function *function, FILE *out)
{
	fprintf(out, "(* %s:%ld:%ld *)\n", function->place.file, function->place.line,
		function->place.column);
	fprintf(out, "Definition f_%s : function := {|\n", function->signature.name);
	print_field(out, "fn_return", type_term(function->signature.result));
	print_field(out, "fn_callconv", atom("cc_default"));
	print_field(out, "fn_params", parameters_of(function));
	print_field(out, "fn_vars", atom("nil"));
	print_field(out, "fn_temps", temporaries_of(function));
	fputs("  fn_body :=\n", out);
	term_print(out, function->body, 0, 0, 0);
	fputs("\n|}.\n\n", out);
}

/* --------------------------------------------------------------- module */

/* EF_external "name" (mksignature registers result cc_default) */
static const struct term *external_function(const struct signature *signature)
{
	struct term *registers = term_new(LIST, NULL);
	const struct term *machine;

	for (size_t i = 0; i < signature->count; i++)
		term_add(registers, register_type_term(signature->parameters[i]));
	machine = apply(APPLICATION, "mksignature", registers,
			register_type_term(signature->result), atom("cc_default"), NULL);
	return apply(APPLICATION, "EF_external", atom(term_text("\"%s\"", signature->name)),
		     machine, NULL);
}

static void print_external(const struct signature *signature, FILE *out)
{
	const struct term *external =
		apply(APPLICATION, "External", external_function(signature),
		      type_list(signature->parameters, signature->count),
		      type_term(signature->result), atom("cc_default"), NULL);

	fprintf(out, "(_%s,\n   Gfun", signature->name);
	term_print(out, external, strlen("   Gfun"), strlen("   "), strlen(") ::"));
	fputs(") ::\n", out);
}

static void print_definitions(const struct module *module, FILE *out)
{
	fputs("Definition global_definitions : list (ident * globdef fundef type) :=\n", out);
	for (size_t i = 0; i < module->callees.external_count; i++) {
		fputc(i == 0 ? '(' : ' ', out);
		print_external(module->callees.externals[i], out);
	}
	for (size_t i = 0; i < module->function_count; i++) {
		const char *name = module->functions[i].signature.name;

		fputc(i + module->callees.external_count == 0 ? '(' : ' ', out);
		fprintf(out, "(_%s, Gfun(Internal f_%s)) ::", name, name);
		fputs(i + 1 == module->function_count ? " nil).\n\n" : "\n", out);
	}
}

static void print_public(const struct module *module, FILE *out)
{
	static const char start[] = "Definition public_idents : list ident :=";
	struct term *list = term_new(LIST, NULL);

	for (size_t i = 0; i < module->callees.external_count; i++)
		term_add(list, atom(term_text("_%s", module->callees.externals[i]->name)));
	for (size_t i = 0; i < module->function_count; i++)
		term_add(list, atom(term_text("_%s", module->functions[i].signature.name)));
	fputs(start, out);
	fputc(strlen(start) + list->width + strlen(" .") <= PAGE_WIDTH ? ' ' : '\n', out);
	term_print(out, list, 0, 0, strlen("."));
	fputs(".\n", out);
}

void module_print(const struct module *module, FILE *out, const char *command)
{
	fprintf(out, "(* %s. Never edited. *)\n%s", command, prologue);
	print_names(module, out);
	for (size_t i = 0; i < module->function_count; i++)
		print_function(&module->functions[i], out);
	print_definitions(module, out);
	print_public(module, out);
}

void module_print_locations(const struct module *module, FILE *out)
{
	for (size_t i = 0; i < module->function_count; i++)
		fprintf(out, "%s\t%s\t%ld\n", module->functions[i].signature.name,
			module->functions[i].place.file, module->functions[i].place.line);
}
