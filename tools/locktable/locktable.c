/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * locktable: checks the lock table and writes what is made from it.
 *
 *   locktable header|coq|theorems|tsv FILE
 *
 * The table is compiled in: -DHLOCK_TABLE='"path/lock_table.def"'.  So the C
 * preprocessor reads the table here exactly as it does in locks.c.  A bad table
 * gives one line `file:line: what` for each fault, exit status 1 and no file.
 * Exit status 2: wrong usage, or the file cannot be written.
 * Read next: header.c, the public header; coq.c, the rest.
 */
#include "locktable.h"

#include <stdlib.h>
#include <string.h>

static const struct family families[] = {
#define HLOCK_ONE(name, first, rank, object) \
	{ #name, NULL, first##ULL, 1, rank##ULL, object, __LINE__ },
#define HLOCK_ARRAY(name, index, first, count, rank, object) \
	{ #name, #index, first##ULL, count##ULL, rank##ULL, object, __LINE__ },
#include HLOCK_TABLE
	{ 0 }
};

static const struct table table = {
	families, (int)(sizeof families / sizeof *families) - 1, HLOCK_TABLE
};

static const unsigned long long numbers = 1ULL << 32; /* lock numbers are uint32_t */

static bool bad(const struct family *f, const char *what)
{
	fprintf(stderr, "%s:%d: family %s: %s\n", HLOCK_TABLE, f->line, f->name, what);
	return true;
}

static bool is_identifier(const char *s)
{
	static const char digits_and_letters[] =
		"0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const char *letters = digits_and_letters + 10;

	return *s && strchr(letters, *s) && s[strspn(s, digits_and_letters)] == '\0';
}

static bool overlap(const struct family *f, const struct family *g)
{
	return f->count && g->count
	       && (f->first - g->first < g->count || g->first - f->first < f->count);
}

/* The object's name goes into a C comment and a Coq string. */
static bool is_plain_text(const char *s)
{
	if (!*s || strstr(s, "*/") || strstr(s, "/*"))
		return false;
	for (; *s; s++)
		if (*s < ' ' || *s > '~' || *s == '"' || *s == '\\')
			return false;
	return true;
}

static bool bad_alone(const struct family *f)
{
	bool found = false;

	if (!is_identifier(f->name))
		found = bad(f, "the name is not a C identifier");
	if (f->index && !is_identifier(f->index))
		found = bad(f, "the index name is not a C identifier");
	if (f->count == 0)
		found = bad(f, "it has no lock (count is 0)");
	if (f->first >= numbers || f->count > numbers - f->first)
		found = bad(f, "its lock numbers go beyond 2^32 - 1 (first + count > 2^32)");
	if (f->rank >= numbers)
		found = bad(f, "the rank is not below 2^32");
	if (!is_plain_text(f->object))
		found = bad(f, "the object is not plain text (printable ASCII without quotes, "
			       "backslashes and comment marks)");
	return found;
}

static bool bad_beside(const struct family *f, const struct family *earlier)
{
	char what[200];
	bool found = false;

	if (strcmp(f->name, earlier->name) == 0) {
		snprintf(what, sizeof what, "the name is taken by line %d", earlier->line);
		found = bad(f, what);
	}
	if (overlap(f, earlier)) {
		snprintf(what, sizeof what, "locks %llu to %llu overlap %s, locks %llu to %llu, of line %d",
			 f->first, f->first + f->count - 1, earlier->name, earlier->first,
			 earlier->first + earlier->count - 1, earlier->line);
		found = bad(f, what);
	}
	return found;
}

static bool table_is_bad(void)
{
	bool found = false;

	for (int i = 0; i < table.count; i++)
		if (bad_alone(&families[i]))
			found = true;
	for (int i = 0; i < table.count; i++)
		for (int j = 0; j < i; j++)
			if (bad_beside(&families[i], &families[j]))
				found = true;
	if (table.count == 0) {
		fprintf(stderr, "%s:1: the table has no family\n", table.path);
		found = true;
	}
	return found;
}

/* Writes beside the file and renames, so that there is never half a file. */
static int write_file(const char *path, void (*emit)(FILE *, const struct table *))
{
	char part[4096];
	FILE *out;
	bool written;

	if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part) {
		fprintf(stderr, "locktable: path too long: %s\n", path);
		return 2;
	}
	out = fopen(part, "w");
	if (!out) {
		perror(part);
		return 2;
	}
	emit(out, &table);
	written = !ferror(out);
	if (fclose(out) != 0 || !written || rename(part, path) != 0) {
		perror(path);
		remove(part);
		return 2;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*emit)(FILE *, const struct table *);
	} verbs[] = { { "header", emit_header }, { "coq", emit_coq },
		      { "theorems", emit_theorems }, { "tsv", emit_tsv } };

	for (size_t i = 0; argc == 3 && i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			return table_is_bad() ? 1 : write_file(argv[2], verbs[i].emit);
	fprintf(stderr, "usage: locktable header|coq|theorems|tsv FILE\n");
	return 2;
}
