/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Mutants of arguments (swapped, replaced by 0), conditions (negated, always,
 * never), loops (asked once) and statements (deleted, doubled, swapped with the next one).
 *
 * A macro whose text is statements without a function around them, as a check
 * that functions start with, is a list of statements too; and so is a macro's
 * name with arguments and no semicolon one statement.
 * Read next: mutate.c.
 */
#include "mutants.h"

#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------- arguments */

struct arguments {
	size_t start[16], end[16]; /* offsets into the text */
	size_t count;
};

static struct arguments arguments_of(const struct source *source, const struct region *region,
				     size_t open)
{
	const size_t close = closing(source, region, open);
	struct arguments arguments = { .count = 0 };
	size_t i = open + 1;

	while (i < close && close < region->count && arguments.count < 16) {
		const size_t first = i;

		while (i < close && !token_is(source, &region->tokens[i], ",")) {
			if (token_is(source, &region->tokens[i], "("))
				i = closing(source, region, i);
			i++;
		}
		arguments.start[arguments.count] = region->tokens[first].start;
		arguments.end[arguments.count++] = region->tokens[i - 1].end;
		i++;
	}
	return arguments;
}

/* Exchanges two pieces of text and keeps what is between them. */
static void add_swap(struct mutants *mutants, size_t start, size_t end, size_t start2, size_t end2)
{
	const char *text = mutants->source->text;

	add_mutant(mutants, start, end2, "becomes", "%.*s%.*s%.*s", (int)(end2 - start2),
		   text + start2, (int)(start2 - end), text + end, (int)(end - start),
		   text + start);
}

/* 0 and 1: their mutants as constants are enough. */
static bool is_small_number(const struct source *source, size_t start)
{
	return strchr("01", source->text[start]) && strchr("uU,)", source->text[start + 1]);
}

static void add_arguments(struct mutants *mutants, const struct region *region, size_t index)
{
	const struct source *source = mutants->source;
	const struct arguments arguments = arguments_of(source, region, index + 1);
	/* An argument of a macro may be pasted to U. */
	const char *zero = is_macro_name(source, &region->tokens[index]) ? "0" : "0U";

	for (size_t i = 0; i < arguments.count; i++) {
		if (!is_small_number(source, arguments.start[i]))
			add_mutant(mutants, arguments.start[i], arguments.end[i], "becomes", "%s",
				   zero);
		for (size_t k = i + 1; k < arguments.count; k++)
			add_swap(mutants, arguments.start[i], arguments.end[i], arguments.start[k],
				 arguments.end[k]);
	}
}

/* ------------------------------------------------------------ conditions */

static void add_conditions(struct mutants *mutants, const struct region *region, size_t index)
{
	const struct source *source = mutants->source;
	const size_t close = closing(source, region, index + 1);
	size_t start, end;

	if (close == region->count || close == index + 2)
		return;
	start = region->tokens[index + 2].start;
	end = region->tokens[close - 1].end;
	add_mutant(mutants, start, end, "becomes", "!(%.*s)", (int)(end - start),
		   source->text + start);
	add_mutant(mutants, start, end, "becomes", "1");
	add_mutant(mutants, start, end, "becomes", "0");
	if (token_is(source, &region->tokens[index], "while"))
		add_mutant(mutants, region->tokens[index].start, region->tokens[index].end,
			   "becomes", "if");
}

/* ------------------------------------------------------------ statements */

static void add_list(struct mutants *mutants, const struct region *region, size_t first,
		     size_t end);

static bool is_word(const struct source *source, const struct region *region, size_t index,
		   const char *word)
{
	return index < region->count && token_is(source, &region->tokens[index], word);
}

static bool is_conditional(const struct source *source, const struct region *region, size_t index)
{
	return (is_word(source, region, index, "if") || is_word(source, region, index, "while")) &&
	       is_word(source, region, index + 1, "(");
}

/* CHECK(a, b) with another statement, or the end, right after it. */
static bool is_macro_statement(const struct source *source, const struct region *region,
			      size_t index, size_t end)
{
	size_t after;

	if (!is_macro_name(source, &region->tokens[index]) ||
	    !is_word(source, region, index + 1, "("))
		return false;
	after = closing(source, region, index + 1) + 1;
	return after >= end || region->tokens[after].kind == IDENTIFIER;
}

/* The index after the statement at index. */
static size_t after_statement(const struct source *source, const struct region *region,
			      size_t index, size_t end)
{
	if (is_word(source, region, index, "{"))
		return closing(source, region, index) + 1;
	if (is_conditional(source, region, index)) {
		index = after_statement(source, region,
					closing(source, region, index + 1) + 1, end);
		if (is_word(source, region, index, "else"))
			index = after_statement(source, region, index + 1, end);
		return index;
	}
	if (index < end && is_macro_statement(source, region, index, end))
		return closing(source, region, index + 1) + 1;
	while (index < end && !is_word(source, region, index, ";"))
		index = is_word(source, region, index, "(") ? closing(source, region, index) + 1
							    : index + 1;
	return index + 1;
}

/* The statement that an if or while or else governs. */
static void add_governed(struct mutants *mutants, const struct region *region, size_t first,
			 size_t end)
{
	const size_t after = after_statement(mutants->source, region, first, end);
	size_t start, stop;

	if (after > end)
		return;
	if (is_word(mutants->source, region, first, "{")) {
		add_list(mutants, region, first + 1, after - 1);
		return;
	}
	start = region->tokens[first].start;
	stop = region->tokens[after - 1].end;
	add_mutant(mutants, start, stop, "deleted", "{ }");
	add_mutant(mutants, start, stop, "doubled", "{ %.*s %.*s }", (int)(stop - start),
		   mutants->source->text + start, (int)(stop - start),
		   mutants->source->text + start);
}

static void add_inside(struct mutants *mutants, const struct region *region, size_t first,
		       size_t end)
{
	const struct source *source = mutants->source;
	size_t body, rest;

	if (is_word(source, region, first, "{"))
		add_list(mutants, region, first + 1, end - 1);
	if (!is_conditional(source, region, first))
		return;
	body = closing(source, region, first + 1) + 1;
	rest = after_statement(source, region, body, end);
	add_governed(mutants, region, body, end);
	if (is_word(source, region, rest, "else") && rest < end)
		add_governed(mutants, region, rest + 1, end);
}

static void add_list(struct mutants *mutants, const struct region *region, size_t first,
		     size_t end)
{
	const struct source *source = mutants->source;

	while (first < end) {
		const size_t after = after_statement(source, region, first, end);
		size_t start, stop, next;

		if (after > end)
			return;
		start = region->tokens[first].start;
		stop = region->tokens[after - 1].end;
		add_mutant(mutants, start, stop, "deleted", "%s", "");
		add_mutant(mutants, start, stop, "doubled", "%.*s %.*s", (int)(stop - start),
			   source->text + start, (int)(stop - start), source->text + start);
		next = after_statement(source, region, after, end);
		if (after < end && next <= end)
			add_swap(mutants, start, stop, region->tokens[after].start,
				 region->tokens[next - 1].end);
		add_inside(mutants, region, first, after);
		first = after;
	}
}

/* A macro that is a list of statements: no function, and no declaration. */
static bool is_statement_macro(const struct source *source, const struct region *region)
{
	return region->is_macro && region->count > 0 &&
	       (is_conditional(source, region, 0) || is_call(source, region, 0)) &&
	       is_word(source, region, region->count - 1, ";");
}

void add_statement_mutants(struct mutants *mutants, const struct region *region)
{
	const struct source *source = mutants->source;

	for (size_t i = 0; i < region->count; i++) {
		if (is_call(source, region, i))
			add_arguments(mutants, region, i);
		if (is_conditional(source, region, i))
			add_conditions(mutants, region, i);
	}
	if (is_statement_macro(source, region))
		add_list(mutants, region, 0, region->count);
	for (size_t i = 1; i < region->count; i++) {
		if (!is_word(source, region, i, "{") || !is_word(source, region, i - 1, ")"))
			continue;
		add_list(mutants, region, i + 1, closing(source, region, i));
		i = closing(source, region, i);
	}
}
