/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * From the events of a JSON parser to nodes.  See tree.h.
 *
 * clang indents each line by the depth of its node, so that the text grows with
 * the square of the depth (3 GB for 3000 `else if`).  Only white space does: it
 * is taken out before the parser sees it.  The parser keeps its state in memory
 * of its own and calls nothing recursively.
 * Read next: front.h.
 */
#include "tree.h"

#include "keys.h"
#include "term.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

/* One that is not closed yet. */
struct frame {
	enum role role;
	const struct key *key; /* the last one; NULL if it means nothing */
	struct node *node;     /* itself, or that to which it belongs */
	struct place place, expansion, spelling;
};

struct reader {
	yajl_handle parser;
	bool is_wrong;       /* what came is no JSON */
	bool is_indentation; /* the next bytes may be the rest of it */
	struct frame *frames;
	size_t depth, room, node_depth;
	struct place last; /* the last file and line that clang printed */
	struct node *root;
};

/* ---------------------------------------------------------------- nodes */

const char *node_text(const struct node *node, enum member member)
{
	return node && node->text[member] ? node->text[member] : "";
}

const char *node_kind(const struct node *node)
{
	return node_text(node, KIND);
}

bool node_is(const struct node *node, const char *kind)
{
	return strcmp(node_kind(node), kind) == 0;
}

const struct node *child(const struct node *node, size_t index)
{
	return node && index < node->count ? node->children[index] : NULL;
}

bool is_absent(const struct node *node)
{
	return !node || !node->text[KIND];
}

/* --------------------------------------------------------------- frames */

static struct frame *top(const struct reader *reader)
{
	return reader->depth > 0 ? &reader->frames[reader->depth - 1] : NULL;
}

/* The innermost open node that has a place, or NULL. */
static const struct node *placed_node(const struct reader *reader)
{
	for (size_t i = reader->depth; i > 0; i--) {
		if (reader->frames[i - 1].node->use.file)
			return reader->frames[i - 1].node;
	}
	return NULL;
}

static struct node *add_node(struct reader *reader, struct node *parent)
{
	struct node *node = term_memory(sizeof *node);

	if (parent) {
		parent->children = with_room(parent->children, parent->count, &parent->room,
					     sizeof *parent->children);
		parent->children[parent->count++] = node;
	} else {
		reader->root = node;
	}
	reader->node_depth++;
	if (reader->node_depth > DEEPEST_NODE)
		refuse(placed_node(reader), "nested too deeply: more than %d levels of clang's tree",
		       DEEPEST_NODE);
	return node;
}

static int open_frame(struct reader *reader, bool is_object)
{
	const struct frame *open = top(reader);
	struct frame frame = { .role = NODE };

	if (open) {
		frame.role = open->role == INNER && is_object ? NODE : role_under(open->role, open->key);
		frame.node = open->node;
	}
	if (frame.role == NODE)
		frame.node = add_node(reader, frame.node);
	reader->frames = with_room(reader->frames, reader->depth, &reader->room, sizeof frame);
	reader->frames[reader->depth++] = frame;
	return 1;
}

/* A location has a column. */
static void complete_place(struct reader *reader, struct place *place)
{
	if (place->file)
		reader->last.file = place->file;
	if (place->line)
		reader->last.line = place->line;
	place->file = reader->last.file;
	place->line = reader->last.line;
}

/* "loc", where a declaration has its name, comes before "range". */
static void give_place(const struct frame *location)
{
	const struct place *use =
		location->expansion.column ? &location->expansion : &location->place;
	struct node *node = location->node;

	if (use->column == 0 || node->use.column != 0)
		return;
	node->use = *use;
	node->spelling = location->spelling;
}

static void close_node(const struct frame *parent, struct node *node)
{
	if (node_is(node, "CallExpr"))
		node->first_call = node;
	if (parent && !parent->node->first_call)
		parent->node->first_call = node->first_call;
}

static int close_frame(void *context)
{
	struct reader *reader = context;
	struct frame *closed = top(reader), *parent;

	reader->depth--;
	parent = top(reader);
	if (closed->role != IGNORED && closed->place.column)
		complete_place(reader, &closed->place);
	if (closed->role == EXPANSION)
		parent->expansion = closed->place;
	else if (closed->role == SPELLING)
		parent->spelling = closed->place;
	else if (closed->role == LOC || closed->role == BEGIN)
		give_place(closed);
	else if (closed->role == NODE) {
		reader->node_depth--;
		close_node(parent, closed->node);
	}
	return 1;
}

/* --------------------------------------------------------------- events */

static const char *copy(const char *text, size_t length)
{
	return term_text("%.*s", (int)length, text);
}

static int on_key(void *context, const unsigned char *text, size_t length)
{
	struct reader *reader = context;

	top(reader)->key = find_key((const char *)text, length);
	return 1;
}

static int on_scalar(void *context, const char *text, size_t length)
{
	struct reader *reader = context;
	struct frame *open = top(reader);
	enum member member;

	if (!open)
		return 1;
	member = member_under(open->role, open->key);
	if (member != MEMBER_COUNT)
		open->node->text[member] = copy(text, length);
	else if (key_is(open->key, "file"))
		open->place.file = copy(text, length);
	else if (key_is(open->key, "line"))
		open->place.line = strtol(copy(text, length), NULL, 10);
	else if (key_is(open->key, "col"))
		open->place.column = strtol(copy(text, length), NULL, 10);
	return 1;
}

static int on_string(void *context, const unsigned char *text, size_t length)
{
	return on_scalar(context, (const char *)text, length);
}

static int on_boolean(void *context, int value)
{
	return value ? on_scalar(context, "true", strlen("true")) : 1;
}

static int on_object(void *context)
{
	return open_frame(context, true);
}

static int on_array(void *context)
{
	return open_frame(context, false);
}

/* --------------------------------------------------------------- reader */

/* The end of a line is never inside a string, where it is \n.  Returns how many
 * bytes are left. */
static size_t without_indentation(struct reader *reader, char *bytes, size_t length)
{
	char *from = bytes, *to = bytes, *const end = bytes + length;

	while (from < end) {
		char *line_end;
		size_t kept;

		if (reader->is_indentation)
			from += strspn(from, " ");
		line_end = memchr(from, '\n', (size_t)(end - from));
		kept = (size_t)((line_end ? line_end : end) - from);
		memmove(to, from, kept);
		to += kept;
		from += kept + (line_end != NULL);
		reader->is_indentation = line_end || (reader->is_indentation && kept == 0);
	}
	return (size_t)(to - bytes);
}

struct reader *tree_start(void)
{
	static const yajl_callbacks events = {
		.yajl_boolean = on_boolean,
		.yajl_number = on_scalar,
		.yajl_string = on_string,
		.yajl_start_map = on_object,
		.yajl_map_key = on_key,
		.yajl_end_map = close_frame,
		.yajl_start_array = on_array,
		.yajl_end_array = close_frame,
	};
	struct reader *reader = calloc(1, sizeof *reader);

	if (!reader)
		tool_failure("out of memory");
	reader->parser = yajl_alloc(&events, NULL, reader);
	if (!reader->parser)
		tool_failure("out of memory");
	return reader;
}

struct place tree_place(const struct reader *reader)
{
	const struct node *node = placed_node(reader);
	const struct place nowhere = { NULL, 0, 0 };

	return node ? node->use : nowhere;
}

void tree_feed(struct reader *reader, char *bytes, size_t length)
{
	length = without_indentation(reader, bytes, length);
	if (!reader->is_wrong)
		reader->is_wrong = yajl_parse(reader->parser, (unsigned char *)bytes, length) != yajl_status_ok;
}

const struct node *tree_end(struct reader *reader)
{
	const bool is_whole = !reader->is_wrong && yajl_complete_parse(reader->parser) == yajl_status_ok &&
			      reader->depth == 0;
	const struct node *root = is_whole ? reader->root : NULL;

	yajl_free(reader->parser);
	free(reader);
	return root;
}
