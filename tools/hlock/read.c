/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Reads the lock table, as text.  The shipped library includes the same file through the
 * preprocessor, so the grammar has only what the two cannot read differently: names,
 * decimal literals and strings, no expression, no directive, nothing that phases 1
 * and 2 of translation change (C11 5.1.1.2: trigraphs, lines that are continued).
 *
 *   table   = { blank | newline | comment | [ text ] family }   at most one family a line
 *   family  = "HLOCK_ONE" "(" name "," number "," number "," object ")"
 *           | "HLOCK_ARRAY" "(" name "," name "," number "," number "," number "," object ")"
 *   name    = letter or "_", then letters, digits and "_"
 *   number  = "0" | digit from 1 to 9, then digits
 *   object  = quote, printable ASCII without quote and backslash, quote
 *   comment = as in C: to the end of the line, or to the first closing mark
 *   text    = a comment that begins with two stars, not three: more about the family that
 *             comes next
 *   blank   = space or tab; a family may have them between its parts, and no comment
 *             or newline
 * Read next: check.c, what a table that is read may not say.
 */
#include "refused.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

static const char digits[] = "0123456789";
static const char name_characters[] =
	"0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

struct reader {
	struct table *table;
	const char *at;    /* what is read next; a zero byte ends the text */
	const char *start; /* of this line */
	int line;
	int last_family; /* the line of it */
	struct {
		char *lines; /* NULL: none */
		int line, column;
	} text; /* that waits for its family */
};

static int column(const struct reader *r)
{
	return (int)(r->at - r->start) + 1;
}

static void next_line(struct reader *r)
{
	r->at++;
	r->start = r->at;
	r->line++;
}

/* ---------------------------------------- what a compiler might read otherwise */

static void check_character(struct reader *r)
{
	const char *at = r->at;
	unsigned char c = (unsigned char)*at;

	if ((c < ' ' && c != '\t') || c == 0x7f)
		fault(r->table, r->line, column(r), "a control character (0x%02x)%s", c,
		      c == '\r' ? ": lines end in a newline alone" : "");
	if (at[0] == '?' && at[1] == '?' && at[2] && strchr("=/'()!<>-", at[2]))
		fault(r->table, r->line, column(r), "a trigraph (C reads another character for it)");
	if (at[0] == '\\') {
		at += 1 + strspn(at + 1, " \t");
		if (*at == '\n' || *at == '\0')
			fault(r->table, r->line, column(r), "a line cannot be continued (a backslash ends it)");
	}
}

static void check_characters(struct reader r, const char *end)
{
	for (; r.at < end; r.at++) {
		if (*r.at == '\n') {
			next_line(&r);
			r.at--;
		} else {
			check_character(&r);
		}
	}
}

/* ------------------------------------------------------------- words and marks */

/* What stands here, for a message; at most `size` bytes with the zero. */
static const char *found(const struct reader *r, char *buffer, size_t size)
{
	unsigned char c = (unsigned char)*r->at;
	size_t length = strspn(r->at, name_characters);

	if (c == '\0')
		return "the end of the table";
	if (c == '\n')
		return "the end of the line";
	if (strncmp(r->at, "/*", 2) == 0 || strncmp(r->at, "//", 2) == 0)
		return "a comment";
	if (c > '~')
		snprintf(buffer, size, "the byte 0x%02x", c);
	else
		snprintf(buffer, size, "'%.*s'", length ? (int)(length < 40 ? length : 40) : 1, r->at);
	return buffer;
}

/* why: the end of the message */
static bool expected_because(struct reader *r, const char *what, const char *why)
{
	char buffer[80];

	fault(r->table, r->line, column(r), "expected %s, found %s%s", what, found(r, buffer, sizeof buffer), why);
	return false;
}

static bool expected(struct reader *r, const char *what)
{
	return expected_because(r, what, "");
}

/* What begins here, or after a comma, may be a word of other tables. */
static const char *why_word_refused(const struct reader *r)
{
	const char *at = r->at + strspn(r->at, ", \t");

	return why_refused(at, strspn(at, name_characters));
}

static bool begins_name(const struct reader *r)
{
	return *r->at && strchr(name_characters, *r->at) && !strchr(digits, *r->at);
}

static void skip_blanks(struct reader *r)
{
	r->at += strspn(r->at, " \t");
}

static bool mark(struct reader *r, char c, const char *what)
{
	skip_blanks(r);
	if (*r->at != c)
		return expected(r, what);
	r->at++;
	return true;
}

static char *copy(struct reader *r, size_t length)
{
	char *text = memory(NULL, length + 1);

	memcpy(text, r->at, length);
	text[length] = '\0';
	r->at += length;
	return text;
}

static bool name(struct reader *r, const char *what, char **word, int *at)
{
	size_t length;

	skip_blanks(r);
	*at = column(r);
	length = strspn(r->at, name_characters);
	if (length == 0 || strchr(digits, *r->at))
		return expected(r, what);
	*word = copy(r, length);
	return mark(r, ',', "',' after a name (letters, digits and underscores)");
}

/* why_name: why a name is refused here, or what is computed of names */
static bool number(struct reader *r, const char *what, const char *why_name, unsigned long long *value, int *at)
{
	size_t length, literal;

	skip_blanks(r);
	*at = column(r);
	length = strspn(r->at, digits);
	literal = strspn(r->at, name_characters);
	if (length == 0)
		return expected_because(r, what, begins_name(r) || *r->at == '(' ? why_name : "");
	if (literal != length || (length > 1 && *r->at == '0')) {
		fault(r->table, r->line, column(r),
		      "a number is decimal digits without a leading zero, not '%.*s'",
		      literal > 40 ? 40 : (int)literal, r->at);
		return false;
	}
	for (*value = 0; length > 0; length--, r->at++)
		if (*value < NUMBER_MAX)
			*value = *value * 10 + (unsigned long long)(*r->at - '0');
	if (*value > NUMBER_MAX)
		*value = NUMBER_MAX;
	skip_blanks(r);
	if (*r->at != ',')
		return expected_because(r, "',' after a number (it is written out, not an expression)",
					strcspn(r->at, ",\n") > strcspn(r->at, name_characters + 10) ? why_name : "");
	r->at++;
	return true;
}

/* The object goes into a comment of C and a string of Coq. */
static bool object(struct reader *r, char **text, int *at)
{
	static const char printable[] =
		" !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~";
	size_t length;

	skip_blanks(r);
	if (*r->at != '"')
		return expected_because(r, "the object, a string",
					*r->at && strchr(digits, *r->at) ? SECOND_INDEX : why_word_refused(r));
	r->at++;
	*at = column(r);
	length = strspn(r->at, printable);
	*text = copy(r, length);
	if (length == 0 || *r->at != '"' || strstr(*text, "*/") || strstr(*text, "/*")) {
		fault(r->table, r->line, *at, "the object is not plain text (printable ASCII "
		      "without quotes, backslashes and comment marks)");
		return false;
	}
	r->at++;
	skip_blanks(r);
	if (*r->at != ')')
		return expected_because(r, "')' after the object", why_word_refused(r));
	r->at++;
	return true;
}

/* -------------------------------------------------------- families and comments */

static bool family(struct reader *r, struct family *f)
{
	bool array = strncmp(r->at, "HLOCK_ARRAY", strlen("HLOCK_ARRAY")) == 0;

	f->line = r->line;
	r->at += strspn(r->at, name_characters);
	if (!mark(r, '(', "'('") || !name(r, "the family's name, a C identifier", &f->name, &f->column.name))
		return false;
	if (array && !name(r, "the index name, a C identifier", &f->index, &f->column.index))
		return false;
	if (!number(r, "the number of the first lock, in decimal digits", array ? SECOND_INDEX : "", &f->first,
		    &f->column.first))
		return false;
	f->count = 1;
	if (array && !number(r, "the count of locks, in decimal digits", "", &f->count, &f->column.count))
		return false;
	return number(r, "the rank, in decimal digits", RANK_OF_DATA, &f->rank, &f->column.rank)
	       && object(r, &f->object, &f->column.object);
}

static void skip_line(struct reader *r)
{
	r->at += strcspn(r->at, "\n");
}

static void add_family(struct reader *r)
{
	struct table *table = r->table;
	struct family f = { 0 };

	if (r->last_family == r->line)
		fault(table, r->line, column(r), "a second family on one line");
	r->last_family = r->line;
	f.text = r->text.lines;
	r->text.lines = NULL;
	if (!family(r, &f)) {
		skip_line(r);
		return;
	}
	table->families = memory(table->families, (size_t)(table->count + 1) * sizeof f);
	table->families[table->count++] = f;
}

/* ---- The text of a family: the lines between its marks, each without blanks and a star at
 * its start and blanks at its end; empty lines at its ends are left out. */

static const char *trim(const char *at, const char *end)
{
	while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return end;
}

static char *text_lines(const char *at, const char *end)
{
	char *lines = memory(NULL, (size_t)(end - at) + 2), *to = lines;
	size_t empty = 0;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = trim(at, newline ? newline : end);

		at += strspn(at, " \t");
		if (at < stop && *at == '*')
			at += 1 + (at + 1 < stop && at[1] == ' ');
		if (at >= stop) {
			empty++;
		} else {
			for (; empty > 0; empty--)
				if (to > lines)
					*to++ = '\n';
			memcpy(to, at, (size_t)(stop - at));
			to += stop - at;
			*to++ = '\n';
		}
		at = newline ? newline + 1 : end;
	}
	*to = '\0';
	return lines;
}

static void no_family(struct reader *r)
{
	if (r->text.lines)
		fault(r->table, r->text.line, r->text.column, "this text belongs to no family (a comment that "
		      "begins with two stars stands before one)");
	r->text.lines = NULL;
}

static void skip_comment(struct reader *r)
{
	const char *begin = r->at;
	int line = r->line, start = column(r);

	for (r->at += 2; strncmp(r->at, "*/", 2) != 0; r->at++) {
		if (*r->at == '\0') {
			fault(r->table, line, start, "the comment does not end");
			return;
		}
		if (strncmp(r->at, "/*", 2) == 0)
			fault(r->table, r->line, column(r), "a comment begins inside a comment");
		if (*r->at == '\n') {
			next_line(r);
			r->at--;
		}
	}
	r->at += 2;
	if (begin[2] != '*' || begin[3] == '*' || begin[3] == '/') /* no text */
		return;
	no_family(r);
	r->text.lines = text_lines(begin + 3, r->at - 2);
	r->text.line = line;
	r->text.column = start;
}

static bool is_word(const struct reader *r, const char *word)
{
	return strspn(r->at, name_characters) == strlen(word) && strncmp(r->at, word, strlen(word)) == 0;
}

static void read_families(struct reader *r)
{
	while (skip_blanks(r), *r->at) {
		if (*r->at == '\n') {
			next_line(r);
		} else if (strncmp(r->at, "/*", 2) == 0) {
			skip_comment(r);
		} else if (strncmp(r->at, "//", 2) == 0) {
			skip_line(r);
		} else if (is_word(r, "HLOCK_ONE") || is_word(r, "HLOCK_ARRAY")) {
			add_family(r);
		} else {
			expected_because(r, "HLOCK_ONE, HLOCK_ARRAY or a comment (a table has nothing else)",
					 why_word_refused(r));
			skip_line(r);
		}
	}
	no_family(r);
}

/* The file up to its end or its first zero byte, with a zero byte behind it; its length
 * has the zero byte of the file.  NULL: it cannot be read. */
static char *text_of(const char *path, size_t *length)
{
	FILE *in = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;
	ssize_t got;

	if (!in) {
		perror(path);
		return NULL;
	}
	got = getdelim(&text, &size, '\0', in);
	if (got < 0) {
		free(text);
		text = ferror(in) ? NULL : calloc(1, 1);
		got = 0;
		if (!text)
			perror(path);
	}
	fclose(in);
	*length = (size_t)got;
	return text;
}

bool read_table(struct table *table)
{
	size_t length;
	char *text = text_of(table->path, &length);
	struct reader r = { .table = table, .at = text, .start = text, .line = 1 };

	if (!text)
		return false;
	check_characters(r, text + length);
	if (table->fault_count == 0)
		read_families(&r);
	free(text);
	return true;
}
