/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The lexer.  See source.h.
 * Read next: mutants.h.
 */

#include "source.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fail(const char *format, ...)
{
	va_list arguments;

	fputs("mutate: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(2);
}

void *grown(void *items, size_t count, size_t *room, size_t item_size)
{
	if (count < *room)
		return items;
	*room = *room ? 2 * *room : 16;
	items = realloc(items, *room * item_size);
	if (!items)
		fail("out of memory");
	return items;
}

/* ----------------------------------------------------------- characters */

/* The end of white space, comments and continued lines; stops at a line's end. */
static size_t skip_blank(const struct source *source, size_t at)
{
	const char *text = source->text;

	for (;;) {
		if (text[at] == '\\' && text[at + 1] == '\n') {
			at += 2;
		} else if (text[at] == '/' && text[at + 1] == '*') {
			const char *end = strstr(text + at + 2, "*/");

			at = end ? (size_t)(end + 2 - text) : source->length;
		} else if (text[at] == '/' && text[at + 1] == '/') {
			at += strcspn(text + at, "\n");
		} else if (text[at] && text[at] != '\n' && isspace((unsigned char)text[at])) {
			at++;
		} else {
			return at;
		}
	}
}

static size_t end_of_quoted(const struct source *source, size_t at)
{
	const char quote = source->text[at];

	for (at++; source->text[at] && source->text[at] != quote; at++) {
		if (source->text[at] == '\\' && source->text[at + 1])
			at++;
	}
	return source->text[at] ? at + 1 : at;
}

static size_t end_of_word(const struct source *source, size_t at)
{
	while (isalnum((unsigned char)source->text[at]) || source->text[at] == '_')
		at++;
	return at;
}

static size_t end_of_punctuator(const struct source *source, size_t at)
{
	static const char *const longest_first[] = { "<<=", ">>=", "...", "->", "++", "--", "<<",
						     ">>",  "<=",  ">=",  "==", "!=", "&&", "||",
						     "+=",  "-=",  "*=",  "/=", "%=", "&=", "|=",
						     "^=",  "##" };

	for (size_t i = 0; i < sizeof longest_first / sizeof *longest_first; i++) {
		const size_t length = strlen(longest_first[i]);

		if (strncmp(source->text + at, longest_first[i], length) == 0)
			return at + length;
	}
	return at + 1;
}

static struct token read_token(const struct source *source, size_t at)
{
	const unsigned char first = (unsigned char)source->text[at];
	struct token token = { PUNCTUATOR, at, at };

	if (isalpha(first) || first == '_')
		token.kind = IDENTIFIER;
	else if (isdigit(first))
		token.kind = NUMBER;
	else if (first == '"' || first == '\'')
		token.kind = STRING;
	if (token.kind == STRING)
		token.end = end_of_quoted(source, at);
	else if (token.kind == PUNCTUATOR)
		token.end = end_of_punctuator(source, at);
	else
		token.end = end_of_word(source, at);
	return token;
}

/* ------------------------------------------------------------ directives */

static size_t end_of_directive(const struct source *source, size_t at)
{
	while (source->text[at] && source->text[at] != '\n')
		at = skip_blank(source, at + 1);
	return at;
}

static struct region *add_region(struct source *source, bool is_macro)
{
	struct region *region;

	source->regions = grown(source->regions, source->region_count, &source->region_room,
				sizeof *region);
	region = &source->regions[source->region_count++];
	*region = (struct region){ .is_macro = is_macro };
	return region;
}

static void add_token(struct region *region, struct token token)
{
	region->tokens = grown(region->tokens, region->count, &region->room, sizeof token);
	region->tokens[region->count++] = token;
}

/* The names between the parentheses; returns what follows them. */
static size_t read_parameters(struct source *source, struct region *macro, size_t at)
{
	while (source->text[at] && source->text[at] != '\n' && source->text[at] != ')') {
		const struct token token = read_token(source, at);

		if (token.kind == IDENTIFIER) {
			macro->parameters = grown(macro->parameters, macro->parameter_count,
						  &macro->parameter_room, sizeof token);
			macro->parameters[macro->parameter_count++] = token;
		}
		at = skip_blank(source, token.end);
	}
	return source->text[at] == ')' ? at + 1 : at;
}

/* A #define: its text is a region.  Returns the end of its line. */
static size_t read_define(struct source *source, size_t at)
{
	struct region *macro = add_region(source, true);

	at = end_of_word(source, skip_blank(source, at));
	if (source->text[at] == '(')
		at = read_parameters(source, macro, at + 1);
	at = skip_blank(source, at);
	while (source->text[at] && source->text[at] != '\n') {
		add_token(macro, read_token(source, at));
		at = skip_blank(source, macro->tokens[macro->count - 1].end);
	}
	return at;
}

static size_t read_directive(struct source *source, size_t at)
{
	const size_t word = skip_blank(source, at + 1), end = end_of_word(source, word);

	if (end - word == strlen("define") && strncmp(source->text + word, "define", 6) == 0)
		return read_define(source, end);
	return end_of_directive(source, at);
}

static void read_tokens(struct source *source)
{
	bool is_line_start = true;
	size_t at = 0;

	add_region(source, false);
	for (;;) {
		at = skip_blank(source, at);
		if (!source->text[at])
			return;
		if (source->text[at] == '\n') {
			is_line_start = true;
			at++;
		} else if (source->text[at] == '#' && is_line_start) {
			at = read_directive(source, at);
		} else {
			const struct token token = read_token(source, at);

			is_line_start = false;
			add_token(&source->regions[0], token);
			at = token.end;
		}
	}
}

/* ------------------------------------------------------------------ file */

void source_read(struct source *source, const char *path)
{
	FILE *file = fopen(path, "r");
	size_t room = 0, got;

	*source = (struct source){ .path = path };
	if (!file)
		fail("cannot read %s: %s", path, strerror(errno));
	do {
		source->text = grown(source->text, source->length + 1, &room, 1);
		got = fread(source->text + source->length, 1, room - source->length - 1, file);
		source->length += got;
	} while (got > 0);
	if (ferror(file))
		fail("cannot read %s: %s", path, strerror(errno));
	fclose(file);
	source->text[source->length] = '\0';
	if (strlen(source->text) != source->length)
		fail("%s is not text", path);
	read_tokens(source);
}

void source_free(struct source *source)
{
	for (size_t i = 0; i < source->region_count; i++) {
		free(source->regions[i].tokens);
		free(source->regions[i].parameters);
	}
	free(source->regions);
	free(source->text);
}

bool token_is(const struct source *source, const struct token *token, const char *word)
{
	const size_t length = token->end - token->start;

	return strlen(word) == length && strncmp(source->text + token->start, word, length) == 0;
}

bool same_text(const struct source *source, const struct token *left, const struct token *right)
{
	const size_t length = left->end - left->start;

	return right->end - right->start == length &&
	       strncmp(source->text + left->start, source->text + right->start, length) == 0;
}

void source_place(const struct source *source, size_t offset, size_t *line, size_t *column)
{
	*line = *column = 1;
	for (size_t i = 0; i < offset; i++) {
		if (source->text[i] == '\n') {
			++*line;
			*column = 1;
		} else {
			++*column;
		}
	}
}
