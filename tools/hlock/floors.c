/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The C of the floors below a table's functions.  See floors.h.
 *
 * What is changed of it: the distance, which --line says; names, for a prefix.
 * Read next: source.c.
 */
#include "floors.h"

#include <ctype.h>
#include <string.h>

static const char letters[] = "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/* What users see. */
static const char *const seen[] = {
	"HLOCK_HLOCK_H", "HLOCK_LOCKS", "HLOCK_VERSION", "HLOCK_VERSION_STRING", "hlock_panic",
	"hlock_stuck", "hlock_report", "hlock_report_print", "hlock_held", "hlock_fault", "hlock_this_cpu",
	"hlock_uint32_t_has_4_bytes", "hlock_words", "hlock_lock", "hlock_rank", "HLOCK_REQUIRES", "HLOCK_TAKES",
	"HLOCK_GIVES", "HLOCK_MAY_TAKE", "HLOCK_GUARDED_BY", "HLOCK_NONE_HELD", "HLOCK_UNCHECKED",
	"HLOCK_ACQUIRES", "HLOCK_RELEASES", "HLOCK_ACQUIRES_SECOND", "HLOCK_RELEASES_SECOND",
	"HLOCK_ASSERTS", "HLOCK_ASSERTS_NOT", "HLOCK_LOCK_", "HLOCK_RANK_", "HLOCK_SECOND_", "HLOCK_FROM_",
	"HLOCK_ABOVE_", "HLOCK_WRONG_INDEX", "HLOCK_ALREADY_HELD", "HLOCK_WRONG_ORDER", "HLOCK_TOO_MANY",
	"HLOCK_NOT_HELD", "HLOCK_ASSERT_HELD", "HLOCK_ASSERT_NOT_HELD", "HLOCK_ASSERT_NONE_HELD",
	"HLOCK_WRONG_CPU", "HLOCK_STUCK", NULL
};

/* What is hlock's own. */
static const char *const functions[] = {
	"comes_after", "cpu_pause", "cpu_relax", "cpu_relax_counted", "drop_held", "get_now",
	"hlock_own_record", "hlock_place", "hlock_polls", "hlock_record", "hlock_records", "hlock_stop",
	"hlock_stops", "hlock_threads", "hlock_waits", "hlock_wrong", "hlock_yield",
	"incr_now", "incr_ticket", "may_acquire", "must_be_free", "must_hold", "must_lack", "now_held",
	"pass_hlock", "pass_lock", "place_of", "record_count", "record_lock", "record_move", "record_of",
	"record_put", "record_rank", "record_room", "record_size", "record_wait", "this_cpu", "wait_hlock",
	"wait_lock", NULL
};
static const char *const macros[] = {
	"HLOCK_ARCH_SANITIZED", "HLOCK_BYTES", "HLOCK_CHECK", "HLOCK_CHECKS", "HLOCK_DECLARED",
	"HLOCK_DEFINE", "HLOCK_DEFINED", "HLOCK_ENTER", "HLOCK_FUNCTION", "HLOCK_INLINE", "HLOCK_LEAVE",
	"HLOCK_LINE", NULL
};

static bool is_one_of(const char *const *names, const char *word, size_t length)
{
	for (; *names; names++)
		if (strlen(*names) == length && strncmp(*names, word, length) == 0)
			return true;
	return false;
}

static void emit_capitals(FILE *out, const char *prefix)
{
	for (; *prefix; prefix++)
		fputc(toupper((unsigned char)*prefix), out);
}

void emit_macro(FILE *out, const struct table *table, const char *name)
{
	emit_capitals(out, table->style.prefix);
	fputs(name, out);
}

static void emit_word(FILE *out, const struct style *style, const char *word, size_t length)
{
	const bool mine = is_one_of(functions, word, length), macro = is_one_of(macros, word, length);

	if (isupper((unsigned char)*word) && (is_one_of(seen, word, length) || (macro && style->inlined)))
		emit_capitals(out, style->prefix);
	else if (is_one_of(seen, word, length))
		fputs(style->prefix, out);
	else if (mine && style->inlined)
		fprintf(out, "%s" INNER, style->prefix);
	fwrite(word, 1, length, out);
}

void emit_renamed(FILE *out, const struct table *table, const char *text)
{
	while (*text) {
		const size_t other = strcspn(text, letters);
		const size_t word = strspn(text + other, letters);

		fwrite(text, 1, other, out);
		emit_word(out, &table->style, text + other, word);
		text += other + word;
	}
}

/* ---------------------------------------------------------------- the floors */

static const char *const *lines_of(const char *name, size_t length)
{
	for (const struct floor_text *text = floor_texts; text->name; text++)
		if (strlen(text->name) == length && strncmp(text->name, name, length) == 0)
			return text->lines;
	return NULL;
}

/* Of #include "FOLDERS/NAME": the NAME; NULL: the line is none. */
static const char *included(const char *line, size_t *length)
{
	static const char include[] = "#include \"";
	const char *name, *end;

	if (strncmp(line, include, strlen(include)) != 0)
		return NULL;
	line += strlen(include);
	end = strchr(line, '"');
	name = end;
	while (name > line && name[-1] != '/')
		name--;
	*length = (size_t)(end - name);
	return name;
}

static void emit_file(FILE *out, const struct table *table, const char *name, size_t length);

static void emit_line(FILE *out, const struct table *table, const char *line)
{
	size_t length;
	const char *file = included(line, &length);

	if (file) {
		/* One of several; the others stand before. */
		if (strstr(line, "\"arch/") || strncmp(file, "relax_hosted.h", length) == 0)
			emit_file(out, table, file, length);
	} else if (strncmp(line, "#define HLOCK_LINE ", strlen("#define HLOCK_LINE ")) == 0) {
		emit_renamed(out, table, "#define HLOCK_LINE ");
		fprintf(out, "%d\n", table->style.distance);
	} else {
		emit_renamed(out, table, line);
		fputc('\n', out);
	}
}

static void emit_file(FILE *out, const struct table *table, const char *name, size_t length)
{
	for (const char *const *line = lines_of(name, length); *line; line++)
		emit_line(out, table, *line);
}

static void emit_titled(FILE *out, const struct table *table, const char *name)
{
	fprintf(out, "/* ---------------------------------------- %s */\n\n", name);
	emit_file(out, table, name, strlen(name));
}

void emit_floors(FILE *out, const struct table *table)
{
	static const char *const files[] = { "builtins.h", "size.h", "machine.h" };

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		emit_titled(out, table, files[i]);
	fprintf(out, "#ifdef HLOCK_DEBUG\n");
	emit_titled(out, table, "record.h");
	fprintf(out, "#ifndef HLOCK_CHECK_INDEX_ONLY\n");
	emit_titled(out, table, "checks.h");
	fprintf(out, "#endif\n#endif\n\n");
	emit_titled(out, table, "ticket.h");
	emit_titled(out, table, "atomic.h");
}

void emit_report(FILE *out, const struct table *table)
{
	emit_file(out, table, "report.h", strlen("report.h"));
}
