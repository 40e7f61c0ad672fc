/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Output files that appear whole or not at all.  See output.h.
 */
#define _XOPEN_SOURCE 700

#include "output.h"

#include "front.h"
#include "term.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

FILE *output_open(struct output *output, const char *path)
{
	FILE *file = open_memstream(&output->text, &output->length);

	if (!file)
		tool_failure("out of memory");
	output->path = path;
	return file;
}

void output_remove_old(const char *path)
{
	if (path && remove(path) != 0 && errno != ENOENT)
		tool_failure("cannot replace %s: %s", path, strerror(errno));
}

static const char *temporary_path(const struct output *output)
{
	return term_text("%s.tmp", output->path);
}

/* Returns 0 if all of the text is written. */
static int write_to(const struct output *output, FILE *file)
{
	return fwrite(output->text, 1, output->length, file) != output->length ||
	       fflush(file) != 0;
}

static int write_temporary(const struct output *output)
{
	FILE *file = fopen(temporary_path(output), "w");
	int failed = !file;

	if (file) {
		failed = write_to(output, file);
		failed |= fclose(file) != 0;
	}
	return failed;
}

/* Standard output comes last: what it gets cannot be taken back. */
static int write_all(const struct output *outputs, size_t count)
{
	int failed = 0;
	size_t i;

	for (i = 0; i < count && !failed; i++)
		failed = outputs[i].path && write_temporary(&outputs[i]);
	for (i = 0; i < count && !failed; i++)
		failed = outputs[i].path &&
			 rename(temporary_path(&outputs[i]), outputs[i].path) != 0;
	for (i = 0; i < count && !failed; i++)
		failed = !outputs[i].path && write_to(&outputs[i], stdout);
	return failed;
}

void output_write(struct output *outputs, size_t count)
{
	const int failed = write_all(outputs, count), error = errno;
	size_t i;

	for (i = 0; i < count; i++) {
		if (failed && outputs[i].path) {
			remove(temporary_path(&outputs[i]));
			remove(outputs[i].path);
		}
		free(outputs[i].text);
	}
	if (failed)
		tool_failure("cannot write the output: %s", strerror(error));
}
