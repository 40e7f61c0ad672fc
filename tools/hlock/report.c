/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * hlock report: what check, prove and test find of a table and its drop-in, one after the other,
 * in one file, as text or as JSON.  Each is this program once more, so that the report says what
 * the command says.
 * Read next: listing.c, prove.c, workload.c.
 */
#include "commands.h"
#include "run.h"
#include "version.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct part {
	const char *command, *title;
	int status;
	const char *said;
};

/* The command with the options of ours that it knows. */
static struct words command_of(const struct part *part, const struct options *options)
{
	struct words command = { 0 };
	const bool check = strcmp(part->command, "check") == 0, test = strcmp(part->command, "test") == 0;

	add_word(&command, "/proc/self/exe");
	add_word(&command, part->command);
	if (options->json)
		add_word(&command, "--json");
	if (check)
		add_word(&command, text("--line=%d", options->style.distance));
	else
		add_word(&command, text("--output=%s", options->folder));
	if (strcmp(part->command, "prove") == 0 && options->style.each)
		add_word(&command, "--each");
	if (test && options->cc)
		add_word(&command, text("--cc=%s", options->cc));
	if (test && options->target)
		add_word(&command, text("--target=%s", options->target));
	if (test && *options->flags)
		add_word(&command, text("--flags=%s", options->flags));
	add_word(&command, "--");
	add_word(&command, options->words[0]);
	return command;
}

/* What it prints, by a file that is removed. */
static bool run_part(struct part *part, const struct options *options)
{
	const char *folder = getenv("TMPDIR");
	char *path = text("%s/hlock.XXXXXX", folder && *folder ? folder : "/tmp");
	const struct words command = command_of(part, options);
	const int file = mkstemp(path);

	if (file < 0) {
		perror(path);
		return false;
	}
	close(file);
	part->status = run_program(&command, NULL, path);
	part->said = text_of_file(path);
	unlink(path);
	return part->said != NULL;
}

/* -------------------------------------------------------------------- the file */

#define PARTS 3

static const char *found(int status)
{
	return status == FINE ? "as it should be" : status == REFUSED ? "REFUSED" : "NOT KNOWN";
}

static void emit_report(FILE *out, const struct table *table)
{
	const struct part *parts = table->report;
	const time_t now = time(NULL);
	char day[20];

	strftime(day, sizeof day, "%Y-%m-%d", gmtime(&now));
	fprintf(out, "Report of hlock %d.%d.%d on %s, %s\n\n", MAJOR, MINOR, PATCH, table->path, day);
	for (size_t i = 0; i < PARTS; i++)
		fprintf(out, "  %zu. %-26s hlock %-8s %s\n", i + 1, parts[i].title, parts[i].command,
			found(parts[i].status));
	for (size_t i = 0; i < PARTS; i++)
		fprintf(out, "\n%zu. %s\n\n%s", i + 1, parts[i].title, parts[i].said);
}

/* The last line of what a command said is its object, if it came so far. */
static void emit_json(FILE *out, const struct table *table)
{
	const struct part *parts = table->report;

	fprintf(out, "{\"hlock\": \"%d.%d.%d\"", MAJOR, MINOR, PATCH);
	for (size_t i = 0; i < PARTS; i++) {
		const char *object = strstr(parts[i].said, "\n{");

		object = *parts[i].said == '{' ? parts[i].said : object ? object + 1 : "null";
		fprintf(out, ", \"%s\": {\"status\": %d, \"found\": %.*s}", parts[i].command, parts[i].status,
			(int)strcspn(object, "\n"), object);
	}
	fprintf(out, "}\n");
}

int command_report(const struct options *options)
{
	struct part parts[PARTS] = { { "check", "The table", FINE, "" },
				     { "prove", "What is proved of its C", FINE, "" },
				     { "test", "A run of all its locks", FINE, "" } };
	const struct table table = { .path = options->words[0], .report = parts };
	const char *path = strcmp(options->output, ".") == 0 ? "report.txt" : options->output;
	const struct made file = { path, options->json ? emit_json : emit_report };
	int status = FINE;

	for (size_t i = 0; i < PARTS; i++) {
		if (!run_part(&parts[i], options))
			return FAILED;
		if (parts[i].status > status)
			status = parts[i].status == REFUSED ? REFUSED : FAILED;
	}
	return write_files(&table, 1, &file) ? status : FAILED;
}
