/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Terms of Coq: memory, construction, layout.  See term.h.
 * Read next: translate.h.
 */
#include "term.h"

#include "message.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* --------------------------------------------------------------- memory */

struct cell {
	struct cell *previous;
	max_align_t content[];
};

/* Global, for all memory is freed when the program ends, wherever it does. */
static struct cell *last_cell;

void *term_memory(size_t size)
{
	struct cell *cell = calloc(1, sizeof *cell + size);

	if (!cell)
		tool_failure("out of memory");
	cell->previous = last_cell;
	last_cell = cell;
	return cell->content;
}

void *with_room(void *items, size_t count, size_t *room, size_t item_size)
{
	void *more;

	if (count < *room)
		return items;
	*room = *room ? 2 * *room : 4;
	more = term_memory(*room * item_size);
	if (count > 0)
		memcpy(more, items, count * item_size);
	return more;
}

void terms_free(void)
{
	while (last_cell) {
		struct cell *cell = last_cell;

		last_cell = cell->previous;
		free(cell);
	}
}

const char *term_text(const char *format, ...)
{
	va_list arguments, again;
	char *text;
	int length;

	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	text = term_memory((size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	va_end(arguments);
	return text;
}

/* --------------------------------------------------------- construction */

/* The width of a term before it has items. */
static size_t initial_width(enum shape shape, const char *head)
{
	switch (shape) {
	case ATOM:
		return strlen(head);
	case LIST:
		return strlen("nil");
	default:
		return strlen("()") + strlen(head);
	}
}

/* What one more item adds: a list gets its parentheses with the first. */
static size_t added_width(const struct term *term, const struct term *item)
{
	if (term->shape != LIST)
		return strlen(" ") + item->width;
	return item->width + strlen(" :: ") + (term->count == 0 ? strlen("()") : 0);
}

struct term *term_new(enum shape shape, const char *head)
{
	struct term *term = term_memory(sizeof *term);

	term->shape = shape;
	term->head = head;
	term->width = initial_width(shape, head);
	return term;
}

void term_add(struct term *term, const struct term *item)
{
	term->items = with_room(term->items, term->count, &term->room, sizeof *term->items);
	term->width += added_width(term, item);
	term->items[term->count++] = item;
}

const struct term *atom(const char *text)
{
	return term_new(ATOM, text);
}

const struct term *apply(enum shape shape, const char *head, ...)
{
	struct term *term = term_new(shape, head);
	const struct term *item;
	va_list items;

	va_start(items, head);
	while ((item = va_arg(items, const struct term *)) != NULL)
		term_add(term, item);
	va_end(items);
	return term;
}

bool head_is(const struct term *term, const char *head)
{
	return term->head && strcmp(term->head, head) == 0;
}

/* --------------------------------------------------------------- layout */

/* What stands deeper is not indented further: else the page would grow with the
 * square of the depth, and a list of statements is as deep as it is long. */
#define DEEPEST_INDENT 64

/* A term that is being printed; the cursor is at column. */
struct position {
	const struct term *term;
	size_t column, indent, tail;
};

static size_t new_line(FILE *out, size_t indent)
{
	const size_t width = indent < DEEPEST_INDENT ? indent : DEEPEST_INDENT;

	fprintf(out, "\n%*s", (int)width, "");
	return width;
}

/* Where the cursor is after a term printed at column: only used for terms that
 * fit; after a broken term the next item starts a line. */
static size_t print_item(FILE *out, const struct term *item, size_t column, size_t tail)
{
	term_print(out, item, column, column, tail);
	if (column + item->width + tail <= PAGE_WIDTH)
		return column + item->width;
	return PAGE_WIDTH;
}

/* (a :: b :: nil).  The column is after the opening parenthesis. */
static void print_list(FILE *out, const struct term *list, size_t column, size_t tail)
{
	const size_t start = column;

	for (size_t i = 0; i < list->count; i++) {
		const struct term *item = list->items[i];

		if (i > 0 && column + 1 + item->width + strlen(" ::") > PAGE_WIDTH)
			column = new_line(out, start);
		else if (i > 0)
			column += (size_t)fprintf(out, " ");
		column = print_item(out, item, column, strlen(" ::"));
		column += (size_t)fprintf(out, " ::");
	}
	if (column + strlen(" nil)") + tail > PAGE_WIDTH)
		new_line(out, start);
	else
		fputc(' ', out);
	fputs("nil)", out);
}

/* The items but the last, which remains to be printed at the new position. */
static void print_items(FILE *out, struct position *at)
{
	const struct term *term = at->term;
	size_t column = at->column;
	const bool one_line = column + term->width - strlen("(") - strlen(term->head) + at->tail <=
			     PAGE_WIDTH;

	for (size_t i = 0; i < term->count; i++) {
		const struct term *item = term->items[i];
		const size_t after = i + 1 == term->count ? strlen(")") + at->tail : 0;
		const bool beside = i == 0 && term->shape == CONDITIONAL;
		const bool fits = term->shape == APPLICATION &&
				 column + 1 + item->width + after <= PAGE_WIDTH;

		if (one_line || beside || fits)
			column += (size_t)fprintf(out, " ");
		else
			column = new_line(out, at->indent + 2);
		if (i + 1 < term->count)
			column = print_item(out, item, column, after);
		else
			*at = (struct position){ item, column, column, after };
	}
}

static bool has_items(const struct term *term)
{
	return term->shape != ATOM && term->shape != LIST && term->count > 0;
}

/* Goes down the last items in a loop: a list of statements nests there. */
void term_print(FILE *out, const struct term *term, size_t column, size_t indent, size_t tail)
{
	struct position at = { term, column, indent, tail };
	size_t open = 0;

	for (; has_items(at.term); open++) {
		fprintf(out, "(%s", at.term->head);
		at.column += 1 + strlen(at.term->head);
		print_items(out, &at);
	}
	if (at.term->shape == ATOM) {
		fputs(at.term->head, out);
	} else if (at.term->count == 0) {
		fputs("nil", out);
	} else {
		fputc('(', out);
		print_list(out, at.term, at.column + 1, at.tail);
	}
	for (; open > 0; open--)
		fputc(')', out);
}
