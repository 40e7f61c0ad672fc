/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Terms of Coq, and how they are laid out on the page.
 *
 * A term is an atom, an application `(head a b)` or a list `(a :: b :: nil)`.
 * Clight syntax needs nothing else.  Terms live until terms_free().
 * Read next: term.c.
 */
#ifndef C2COQ_TERM_H
#define C2COQ_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PAGE_WIDTH 100

enum shape {
	ATOM,
	APPLICATION, /* items fill the lines */
	BLOCK,       /* an application on one line, or else one line for each item */
	CONDITIONAL, /* a block whose first item stays beside the head */
	LIST
};

struct term {
	enum shape shape;
	const char *head; /* the text of an atom, the function of an application */
	const struct term **items;
	size_t count, room;
	size_t width; /* on one line */
	bool is_constant; /* an integer constant, under casts or not: see make_if in clight.c */
	uint32_t constant;
};

/* Memory for terms, and for anything that lives as long as they do. */
void *term_memory(size_t size);
/* The items of an array with room for one more; *room grows if it must. */
void *with_room(void *items, size_t count, size_t *room, size_t item_size);
const char *term_text(const char *format, ...) __attribute__((format(printf, 1, 2), nonnull(1)));
void terms_free(void);

struct term *term_new(enum shape shape, const char *head);
void term_add(struct term *term, const struct term *item);
const struct term *atom(const char *text);
/* The items end with a null pointer. */
const struct term *apply(enum shape shape, const char *head, ...);

/* Equality of atoms and of heads. */
bool head_is(const struct term *term, const char *head);

/* Prints from column up to PAGE_WIDTH if it can; further lines are indented by
 * indent + 2; tail more characters will follow on the last line. */
void term_print(FILE *out, const struct term *term, size_t column, size_t indent, size_t tail);

#endif
