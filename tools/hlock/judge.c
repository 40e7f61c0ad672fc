/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * hlock judge and hlock explore: programs of their own, of functions that Coq extracts.
 */
#include "commands.h"
#include "run.h"

#include <stdlib.h>
#include <unistd.h>

/* The table as the judge reads it, in a file that is removed after it. */
static int judge_with(const struct home *home, const struct options *options)
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
	add_word(&command, text("%s/judge", home->tools));
	add_word(&command, "--table");
	add_word(&command, path);
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
	return options->table ? judge_with(&home, options) : run_tool(&home, "judge", options->words[0]);
}

int command_explore(const struct options *options)
{
	struct home home = { 0 };

	(void)options;
	return find_home(&home) ? run_tool(&home, "explore", NULL) : FAILED;
}
