/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A C file as tokens: enough to change the code and leave the rest.
 *
 * Comments and preprocessor lines have no tokens, but for the text of a #define,
 * which is code: each is a region of its own, with its parameters.  What stands
 * outside preprocessor lines is one region too.
 * Read next: mutants.h.
 */
#ifndef MUTATE_SOURCE_H
#define MUTATE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

enum kind { IDENTIFIER, NUMBER, STRING, PUNCTUATOR };

struct token {
	enum kind kind;
	size_t start, end; /* offsets into the text */
};

struct region {
	struct token *tokens;
	size_t count, room;
	struct token *parameters; /* of a #define that has some */
	size_t parameter_count, parameter_room;
	bool is_macro;
};

struct source {
	const char *path;
	char *text;
	size_t length;
	struct region *regions; /* the first is what stands outside #define */
	size_t region_count, region_room;
};

/* "mutate: ..." on stderr, then exit(2). */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
void *grown(void *items, size_t count, size_t *room, size_t item_size);

void source_read(struct source *source, const char *path);
void source_free(struct source *source);

/* Whether the token's text is this word. */
bool token_is(const struct source *source, const struct token *token, const char *word);
bool same_text(const struct source *source, const struct token *left, const struct token *right);
/* Line and column, from 1. */
void source_place(const struct source *source, size_t offset, size_t *line, size_t *column);

#endif
