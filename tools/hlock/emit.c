/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * hlock emit WHAT TABLE FILE: one file of what is made of a table, as hlock's own build
 * wants it.  And how a command comes by its table.
 * Read next: coq.c.
 */
#include "commands.h"

#include <string.h>

/* The path stands in comments of C and Coq. */
static bool is_plain_path(const char *path)
{
	for (const char *at = path; *at; at++)
		if (*at < ' ' || *at > '~' || *at == '"' || *at == '\\')
			return false;
	return !strstr(path, "(*") && !strstr(path, "*)") && !strstr(path, "/*") && !strstr(path, "*/");
}

int table_of(struct table *table, const struct options *options)
{
	table->style = options->style;
	if (!is_plain_path(table->path)) {
		fprintf(stderr, "hlock: the path of the table is not plain text (printable ASCII without quotes, "
				"backslashes and comment marks)\n");
		return FAILED;
	}
	if (!read_table(table))
		return FAILED;
	check_table(table);
	return table->fault_count > 0 ? REFUSED : FINE;
}

int command_emit(const struct options *options)
{
	static const struct {
		const char *name;
		void (*emit)(FILE *, const struct table *);
	} verbs[] = { { "coq", emit_coq }, { "theorems", emit_theorems }, { "exported", emit_exported },
		      { "tsv", emit_tsv } };

	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		struct table table = { .path = options->words[1] };
		int status;

		if (strcmp(options->words[0], verbs[i].name) != 0)
			continue;
		status = table_of(&table, options);
		print_faults(&table, SOME_FAULTS);
		if (status != FINE)
			return status;
		return write_files(&table, 1, &(struct made){ options->words[2], verbs[i].emit }) ? FINE : FAILED;
	}
	fprintf(stderr, "hlock emit: WHAT is coq, theorems, exported or tsv, not '%s'\n", options->words[0]);
	return FAILED;
}
