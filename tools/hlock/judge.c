/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * hlock judge, check-object and explore: programs of their own, of functions that Coq extracts.
 * Read next: object.c, for check-object --prove.
 */
#include "proof.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The table as these programs read it, in a file, which its caller removes; NULL: it cannot be written, which was
 * said. */
static char *file_of(const struct table *table)
{
	const char *folder = getenv("TMPDIR");
	char *path = text("%s/hlock.XXXXXX", folder && *folder ? folder : "/tmp");
	const int file = mkstemp(path);

	if (file < 0) {
		perror(path);
		return NULL;
	}
	close(file);
	if (write_files(table, 1, &(struct made){ path, emit_tsv }))
		return path;
	unlink(path);
	return NULL;
}

/* With no path of a table it is that of hlock's own library. */
static int run_tool(const struct home *home, const char *tool, const struct table *table, const struct options *options)
{
	char *path = table->path ? file_of(table) : NULL;
	struct words command = { 0 };
	int status;

	if (table->path && !path)
		return FAILED;
	add_word(&command, text("%s/%s", home->tools, tool));
	if (path) {
		add_word(&command, "--table");
		add_word(&command, path);
	}
	if (*options->style.prefix) {
		add_word(&command, "--prefix");
		add_word(&command, options->style.prefix);
	}
	if (options->target) {
		add_word(&command, "--target");
		add_word(&command, options->target);
	}
	if (options->debug)
		add_word(&command, "--debug");
	if (options->word_count > 0)
		add_word(&command, options->words[0]);
	status = run_program(&command, NULL, NULL);
	if (path)
		unlink(path);
	return status == CANNOT_RUN ? FAILED : status;
}

/* The table of --table, if there is one, and home. */
static int prepare(struct home *home, struct table *table, const struct options *options)
{
	int status = FINE;

	table->path = options->table;
	if (table->path) {
		status = table_of(table, options);
		print_faults(table, SOME_FAULTS);
	}
	return status == FINE && !find_home(home) ? FAILED : status;
}

int command_judge(const struct options *options)
{
	struct home home = { 0 };
	struct table table = { 0 };
	const int status = prepare(&home, &table, options);

	return status == FINE ? run_tool(&home, "judge", &table, options) : status;
}

int command_check_object(const struct options *options)
{
	struct home home = { 0 };
	struct table table = { 0 };
	int status;

	if (options->work && !options->proof) {
		fputs("hlock: --work is where --prove writes, which is not given\n", stderr);
		return FAILED;
	}
	status = prepare(&home, &table, options);
	if (status == FINE)
		status = run_tool(&home, "check-object", &table, options);
	if (status == FINE && options->proof)
		status = prove_object(&home, &table, options);
	return status > FAILED ? FAILED : status;
}

int command_explore(const struct options *options)
{
	struct home home = { 0 };

	return find_home(&home) ? run_tool(&home, "explore", &(struct table){ 0 }, options) : FAILED;
}
