/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The list of mutants, and what both kinds ask about tokens.  See mutants.h.
 * Read next: token_mutants.c.
 */
#define _XOPEN_SOURCE 700

#include "mutants.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The longest piece of code that is quoted in a description. */
#define QUOTED 60

/* ---------------------------------------------------------------- list */

static bool is_known(const struct mutants *mutants, const struct mutant *mutant)
{
	const struct source *source = mutants->source;
	const size_t length = mutant->end - mutant->start;

	if (strlen(mutant->text) == length &&
	    strncmp(source->text + mutant->start, mutant->text, length) == 0)
		return true;
	for (size_t i = 0; i < mutants->count; i++) {
		const struct mutant *other = &mutants->list[i];

		if (other->start == mutant->start && other->end == mutant->end &&
		    strcmp(other->text, mutant->text) == 0)
			return true;
	}
	return false;
}

/* Code on one line: spaces, line ends and continuations are one space. */
static void quote(FILE *out, const char *text, size_t length)
{
	size_t i, written = 0;
	bool is_space = false;

	fputc('`', out);
	for (i = 0; i < length && written < QUOTED; i++) {
		const bool continues = text[i] == '\\' && i + 1 < length && text[i + 1] == '\n';

		if (continues || isspace((unsigned char)text[i])) {
			is_space = true;
			continue;
		}
		if (is_space && written > 0)
			written += (size_t)fprintf(out, " ");
		is_space = false;
		fputc(text[i], out);
		written++;
	}
	fputs(i < length ? "...`" : "`", out);
}

static char *describe(const struct source *source, const struct mutant *mutant, const char *verb)
{
	char *what;
	size_t length;
	FILE *out = open_memstream(&what, &length);

	if (!out)
		fail("out of memory");
	quote(out, source->text + mutant->start, mutant->end - mutant->start);
	fprintf(out, " %s", verb);
	if (strcmp(verb, "becomes") == 0) {
		fputc(' ', out);
		quote(out, mutant->text, strlen(mutant->text));
	}
	fclose(out);
	return what;
}

void add_mutant(struct mutants *mutants, size_t start, size_t end, const char *verb,
		const char *format, ...)
{
	struct mutant mutant = { .start = start, .end = end };
	va_list arguments;
	size_t length;
	FILE *out = open_memstream(&mutant.text, &length);

	if (!out)
		fail("out of memory");
	va_start(arguments, format);
	vfprintf(out, format, arguments);
	va_end(arguments);
	fclose(out);
	if (is_known(mutants, &mutant)) {
		free(mutant.text);
		return;
	}
	mutant.what = describe(mutants->source, &mutant, verb);
	mutants->list = grown(mutants->list, mutants->count, &mutants->room, sizeof mutant);
	mutants->list[mutants->count++] = mutant;
}

void free_mutants(struct mutants *mutants)
{
	for (size_t i = 0; i < mutants->count; i++) {
		free(mutants->list[i].text);
		free(mutants->list[i].what);
	}
	free(mutants->list);
}

/* --------------------------------------------------------------- tokens */

bool is_keyword(const struct source *source, const struct token *token)
{
	static const char *const words[] = {
		"if",     "else",	 "while",    "do",     "for",	    "return", "break",
		"continue", "sizeof", "_Alignof", "struct", "union",    "enum",   "void",
		"char",   "int",	 "unsigned", "const",  "static",   "inline", "extern",
		"typedef", "uint32_t", "_Noreturn", "_Static_assert", "_Atomic", "switch",
		"case",   "default",	 "goto",     "signed", "volatile", "long",   "short",
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (token_is(source, token, words[i]))
			return true;
	}
	return false;
}

bool is_call(const struct source *source, const struct region *region, size_t index)
{
	const struct token *tokens = region->tokens;
	const struct token *before = index > 0 ? &tokens[index - 1] : NULL;

	if (tokens[index].kind != IDENTIFIER || is_keyword(source, &tokens[index]) ||
	    is_pasted_before(source, region, index) || index + 1 == region->count ||
	    !token_is(source, &tokens[index + 1], "("))
		return false;
	return !before || before->kind != IDENTIFIER || token_is(source, before, "return") ||
	       token_is(source, before, "else") || token_is(source, before, "do");
}

bool is_macro_name(const struct source *source, const struct token *token)
{
	for (size_t i = token->start; i < token->end; i++) {
		if (islower((unsigned char)source->text[i]))
			return false;
	}
	return token->kind == IDENTIFIER;
}

bool is_pasted_before(const struct source *source, const struct region *region, size_t index)
{
	return index > 0 && token_is(source, &region->tokens[index - 1], "##");
}

bool is_pasted_after(const struct source *source, const struct region *region, size_t index)
{
	return index + 1 < region->count && token_is(source, &region->tokens[index + 1], "##");
}

size_t closing(const struct source *source, const struct region *region, size_t index)
{
	size_t depth = 0;

	for (size_t i = index; i < region->count; i++) {
		const char c = source->text[region->tokens[i].start];

		if (region->tokens[i].kind != PUNCTUATOR)
			continue;
		if (strchr("([{", c))
			depth++;
		if (strchr(")]}", c) && --depth == 0)
			return i;
	}
	return region->count;
}
