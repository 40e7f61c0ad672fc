/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * hlock generate: the drop-in, hlock.h and hlock.c, both of them or none.
 * Read next: header.c, source.c.
 */
#include "commands.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "layers/L0_machine/size.h"

/* The command, for a comment: without the folders of the table, so that the same table gives
 * the same files wherever it lies. */
static const char *command_text(const struct options *options)
{
	const char *slash = strrchr(options->words[0], '/'), *name = slash ? slash + 1 : options->words[0];
	const struct style *style = &options->style;
	char line[30] = "", *text = memory(NULL, strlen(name) + strlen(style->prefix) + 100);

	if (style->distance != HLOCK_LINE)
		snprintf(line, sizeof line, " --line=%d", style->distance);
	sprintf(text, "hlock generate%s%s%s%s %s%s%s", *style->prefix ? " --prefix=" : "", style->prefix,
		style->inlined ? " --inline" : "", line, strchr(name, ' ') ? "'" : "", name,
		strchr(name, ' ') ? "'" : "");
	return text;
}

static char *path_in(const char *folder, const char *name)
{
	char *path = memory(NULL, strlen(folder) + strlen(name) + 2);

	sprintf(path, "%s/%s", folder, name);
	return path;
}

int command_generate(const struct options *options)
{
	struct table table = { .path = options->words[0] };
	const int status = table_of(&table, options);
	const struct made files[] = { { path_in(options->output, "hlock.h"), emit_header },
				      { path_in(options->output, "hlock.c"), emit_source } };

	print_faults(&table, SOME_FAULTS);
	if (status != FINE)
		return status;
	table.style.made_by = command_text(options);
	if (mkdir(options->output, 0777) != 0 && errno != EEXIST) {
		perror(options->output);
		return FAILED;
	}
	return write_files(&table, 2, files) ? FINE : FAILED;
}
