/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Mutants of one token: another operator of the same class, a constant one more
 * or one less, another name in scope, another callee.
 * Read next: statement_mutants.c.
 */
#include "mutants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------ operators */

static const char *const arithmetic[] = { "+", "-", "*", "^", "|", "&", "<<", ">>", "%", NULL };
static const char *const comparison[] = { "<", "<=", ">", ">=", "==", "!=", NULL };

static bool ends_operand(const struct source *source, const struct token *token)
{
	if (token->kind == PUNCTUATOR)
		return token_is(source, token, ")") || token_is(source, token, "]");
	return !is_keyword(source, token);
}

static bool starts_operand(const struct source *source, const struct token *token)
{
	if (token->kind == PUNCTUATOR)
		return strchr("(-!~", source->text[token->start]) != NULL;
	return !is_keyword(source, token) || token_is(source, token, "sizeof");
}

static void add_operators(struct mutants *mutants, const struct region *region, size_t index,
			  const char *const *operators)
{
	const struct source *source = mutants->source;
	const struct token *token = &region->tokens[index];
	const char *const *here = operators;

	while (*here && !token_is(source, token, *here))
		here++;
	if (!*here || index == 0 || index + 1 == region->count ||
	    !ends_operand(source, token - 1) || !starts_operand(source, token + 1))
		return;
	for (size_t i = 0; operators[i]; i++)
		add_mutant(mutants, token->start, token->end, "becomes", "%s", operators[i]);
}

/* ------------------------------------------------------------- constants */

static void add_numbers(struct mutants *mutants, const struct region *region, size_t index)
{
	const struct source *source = mutants->source;
	const struct token *token = &region->tokens[index];
	const char *text = source->text + token->start;
	char *suffix;
	unsigned long long value = strtoull(text, &suffix, 0);
	const int length = (int)(source->text + token->end - suffix);

	if (is_pasted_before(source, region, index) || is_pasted_after(source, region, index))
		return;
	add_mutant(mutants, token->start, token->end, "becomes", "%llu%.*s", value + 1, length,
		   suffix);
	if (value > 0)
		add_mutant(mutants, token->start, token->end, "becomes", "%llu%.*s", value - 1,
			   length, suffix);
	else
		add_mutant(mutants, token->start, token->end, "becomes", "(0%.*s - 1%.*s)", length,
			   suffix, length, suffix);
}

/* name##U: a macro's parameter that is a constant. */
static void add_pasted_constant(struct mutants *mutants, const struct region *region, size_t index)
{
	const struct source *source = mutants->source;
	const struct token *token = &region->tokens[index];
	const struct token *suffix = token + 2;
	const char *text = source->text + token->start;
	int length;

	if (!is_pasted_after(source, region, index) || is_pasted_before(source, region, index) ||
	    index + 2 >= region->count || !token_is(source, suffix, "U"))
		return;
	length = (int)(suffix->end - token->start);
	add_mutant(mutants, token->start, suffix->end, "becomes", "(%.*s + 1U)", length, text);
	add_mutant(mutants, token->start, suffix->end, "becomes", "(%.*s - 1U)", length, text);
}

/* ----------------------------------------------------------------- names */

/* `uint32_t name`: a local or parameter; the region is its scope. */
static bool is_declared(const struct source *source, const struct region *region, size_t index)
{
	const struct token *token = &region->tokens[index];

	return index > 0 && token->kind == IDENTIFIER && !is_keyword(source, token) &&
	       (token_is(source, token - 1, "uint32_t") || token_is(source, token - 1, "int") ||
		token_is(source, token - 1, "unsigned")) &&
	       (index + 1 == region->count || !token_is(source, token + 1, "(")) &&
	       !is_pasted_after(source, region, index);
}

static bool is_in_scope(const struct source *source, const struct region *region,
		       const struct token *token)
{
	for (size_t i = 0; i < region->parameter_count; i++) {
		if (same_text(source, &region->parameters[i], token))
			return true;
	}
	for (size_t i = 0; i < region->count; i++) {
		if (is_declared(source, region, i) && same_text(source, &region->tokens[i], token))
			return true;
	}
	return false;
}

/* A name that is read or assigned, not declared nor part of another name. */
static bool is_use(const struct source *source, const struct region *region, size_t index)
{
	const struct token *token = &region->tokens[index];

	if (is_pasted_before(source, region, index) || is_call(source, region, index))
		return false;
	if (index > 0 && token[-1].kind == IDENTIFIER && !token_is(source, token - 1, "return") &&
	    !token_is(source, token - 1, "else"))
		return false;
	return is_in_scope(source, region, token);
}

static void add_name(struct mutants *mutants, const struct token *token, const struct source *source,
		     const struct token *other)
{
	add_mutant(mutants, token->start, token->end, "becomes", "%.*s",
		   (int)(other->end - other->start), source->text + other->start);
}

static void add_names(struct mutants *mutants, const struct region *region, size_t index)
{
	const struct source *source = mutants->source;

	if (!is_use(source, region, index))
		return;
	for (size_t i = 0; i < region->parameter_count; i++)
		add_name(mutants, &region->tokens[index], source, &region->parameters[i]);
	for (size_t i = 0; i < region->count; i++) {
		if (is_declared(source, region, i))
			add_name(mutants, &region->tokens[index], source, &region->tokens[i]);
	}
}

/* --------------------------------------------------------------- callees */

static void add_callees(struct mutants *mutants, const struct region *region, size_t index)
{
	const struct token *token = &region->tokens[index];
	const char *name = mutants->callees;

	if (!is_call(mutants->source, region, index) ||
	    is_macro_name(mutants->source, token))
		return;
	while (*name) {
		const size_t length = strcspn(name, ",");

		add_mutant(mutants, token->start, token->end, "becomes", "%.*s", (int)length, name);
		name += length + (name[length] == ',');
	}
}

void add_token_mutants(struct mutants *mutants, const struct region *region)
{
	for (size_t i = 0; i < region->count; i++) {
		if (region->tokens[i].kind == PUNCTUATOR) {
			add_operators(mutants, region, i, arithmetic);
			add_operators(mutants, region, i, comparison);
		} else if (region->tokens[i].kind == NUMBER) {
			add_numbers(mutants, region, i);
		} else if (region->tokens[i].kind == IDENTIFIER) {
			add_pasted_constant(mutants, region, i);
			add_names(mutants, region, i);
			add_callees(mutants, region, i);
		}
	}
}
