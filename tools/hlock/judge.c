/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * hlock judge, check-object and explore: programs of their own, of functions that Coq extracts.
 */
#include "commands.h"
#include "run.h"

#include <stdlib.h>
#include <unistd.h>

/* A tool of one file, with the table as it reads it, in a file that is removed after it. */
static int with_table(const struct home *home, const char *tool, const struct options *options)
{
	struct table table = { .path = options->table };
	const char *folder = getenv("TMPDIR");
	char *path = text("%s/hlock.XXXXXX", folder && *folder ? folder : "/tmp");
	struct words command = { 0 };
	int status = table_of(&table, options), file;

	print_faults(&table, SOME_FAULTS);
	if (status != FINE)
		return status;
	file = mkstemp(path);
	if (file < 0) {
		perror(path);
		return FAILED;
	}
	close(file);
	add_word(&command, text("%s/%s", home->tools, tool));
	add_word(&command, "--table");
	add_word(&command, path);
	if (*options->style.prefix) {
		add_word(&command, "--prefix");
		add_word(&command, options->style.prefix);
	}
	add_word(&command, options->words[0]);
	status = write_files(&table, 1, &(struct made){ path, emit_tsv }) ? run_program(&command, NULL, NULL) : FAILED;
	unlink(path);
	return status == CANNOT_RUN ? FAILED : status;
}

static int run_tool(const struct home *home, const char *name, const char *argument)
{
	struct words command = { 0 };
	int status;

	add_word(&command, text("%s/%s", home->tools, name));
	if (argument)
		add_word(&command, argument);
	status = run_program(&command, NULL, NULL);
	return status == CANNOT_RUN ? FAILED : status;
}

int command_judge(const struct options *options)
{
	struct home home = { 0 };

	if (!find_home(&home))
		return FAILED;
	return options->table ? with_table(&home, "judge", options) : run_tool(&home, "judge", options->words[0]);
}

int command_check_object(const struct options *options)
{
	struct home home = { 0 };

	if (!find_home(&home))
		return FAILED;
	if (!options->table && *options->style.prefix) {
		fputs("hlock: --prefix is of a --table\n", stderr);
		return FAILED;
	}
	return options->table ? with_table(&home, "check-object", options)
			      : run_tool(&home, "check-object", options->words[0]);
}

int command_explore(const struct options *options)
{
	struct home home = { 0 };

	(void)options;
	return find_home(&home) ? run_tool(&home, "explore", NULL) : FAILED;
}
