/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * locktable: checks the lock table and writes what is made from it.
 *
 *   locktable header|coq|theorems|exported|tsv TABLE FILE
 *
 * A bad table gives one line `table:line:column: what` for each fault, exit status 1
 * and no file.  Exit status 2: wrong usage, or a file cannot be read or written.
 * Read next: read.c, the grammar; check.c, what else is asked of a table; header.c, the
 * public header; coq.c, the rest.
 */
#include "locktable.h"

#include <string.h>

/* The path stands in comments of C and Coq. */
static bool is_plain_path(const char *path)
{
	for (const char *at = path; *at; at++)
		if (*at < ' ' || *at > '~' || *at == '"' || *at == '\\')
			return false;
	return !strstr(path, "(*") && !strstr(path, "*)");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*emit)(FILE *, const struct table *);
	} verbs[] = { { "header", emit_header }, { "coq", emit_coq },
		      { "theorems", emit_theorems }, { "exported", emit_exported },
		      { "tsv", emit_tsv } };

	for (size_t i = 0; argc == 4 && i < sizeof verbs / sizeof *verbs; i++) {
		struct table table = { .path = argv[2] };

		if (strcmp(argv[1], verbs[i].name) != 0)
			continue;
		if (!is_plain_path(table.path)) {
			fprintf(stderr, "locktable: the path of the table is not plain text (printable ASCII "
					"without quotes, backslashes and comment marks of Coq)\n");
			return 2;
		}
		if (!read_table(&table))
			return 2;
		check_table(&table);
		if (table.faults > 0)
			return 1;
		return write_file(argv[3], &table, verbs[i].emit) ? 0 : 2;
	}
	fprintf(stderr, "usage: locktable header|coq|theorems|exported|tsv TABLE FILE\n");
	return 2;
}
