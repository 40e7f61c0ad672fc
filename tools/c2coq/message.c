/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Messages on stderr.  See message.h.
 * Read next: tree.h.
 */
#define _XOPEN_SOURCE 700

#include "message.h"

#include "tree.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Global, for every file may refuse, and few know the source. */
static const char *source_name = "";

void set_source_name(const char *name)
{
	source_name = name;
}

/* A character of several bytes of UTF-8; 0 if there is none in its shortest form. */
static uint32_t decode(const unsigned char *text, size_t *length)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t character;

	*length = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
	if (text[0] < 0xc0 || text[0] > 0xf4)
		return 0;
	character = text[0] & (0x7fU >> *length);
	for (size_t i = 1; i < *length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (text[i] & 0x3fU);
	}
	return character >= smallest[*length] ? character : 0;
}

/* How many bytes of the text are one character that only shows; 0: none.  Those
 * that steer a terminal or the direction of writing do more. */
static size_t printable(const unsigned char *text)
{
	static const struct {
		uint32_t first, last;
	} steering[] = { { 0, 0x9f }, { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
			 { 0xd800, 0xdfff }, { 0xfeff, 0xfeff }, { 0xfff9, 0xffff },
			 { 0xe0000, UINT32_MAX } };
	uint32_t character;
	size_t length;

	if (text[0] < 0x80)
		return text[0] >= ' ' && text[0] < 0x7f;
	character = decode(text, &length);
	for (size_t i = 0; i < sizeof steering / sizeof *steering; i++) {
		if (character >= steering[i].first && character <= steering[i].last)
			return 0;
	}
	return length;
}

static void print_escaped(const char *text)
{
	while (*text) {
		const size_t length = printable((const unsigned char *)text);

		if (length > 0)
			fwrite(text, 1, length, stderr);
		else
			fprintf(stderr, "\\x%02x", (unsigned char)*text);
		text += length > 0 ? length : 1;
	}
}

/* Not through term_text: there may be no memory left. */
__attribute__((format(printf, 1, 0))) static void print_message(const char *format, va_list arguments)
{
	char *text = NULL;
	size_t length = 0;
	FILE *memory = open_memstream(&text, &length);

	if (!memory)
		return;
	vfprintf(memory, format, arguments);
	if (fclose(memory) == 0)
		print_escaped(text);
	free(text);
}

static void print_place(const char *file, long line, long column)
{
	print_escaped(file);
	fprintf(stderr, ":%ld:%ld", line, column);
}

/* Text that is pasted together by ## has no line that a user could look at. */
static bool is_written_by_user(struct place place)
{
	return place.file && place.file[0] != '<';
}

void refuse(const struct node *node, const char *format, ...)
{
	static const struct place nowhere;
	const struct place use = node ? node->use : nowhere;
	const struct place text = node ? node->spelling : nowhere;
	va_list arguments;

	if (use.file)
		print_place(use.file, use.line, use.column);
	else
		print_place(source_name, 1, 1);
	fputs(": ", stderr);
	va_start(arguments, format);
	print_message(format, arguments);
	va_end(arguments);
	if (is_written_by_user(text) &&
	    (!use.file || strcmp(text.file, use.file) != 0 || text.line != use.line)) {
		fputs(" (in a macro, written at ", stderr);
		print_place(text.file, text.line, text.column);
		fputc(')', stderr);
	}
	fputc('\n', stderr);
	exit(REFUSED);
}

void tool_failure(const char *format, ...)
{
	va_list arguments;

	fputs("c2coq: ", stderr);
	va_start(arguments, format);
	print_message(format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(TOOL_FAILURE);
}
