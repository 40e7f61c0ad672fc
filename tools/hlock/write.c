/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Writes files, each whole or not at all: beside its place, then, when all of them are
 * written, renamed.  What stands beside it is removed when a signal ends the program, and
 * when it cannot be written.
 */
#include "table.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static char parts[MADE_MOST][4096]; /* "": none */

static void remove_parts(void)
{
	for (size_t i = 0; i < MADE_MOST; i++)
		if (parts[i][0])
			unlink(parts[i]);
}

static void remove_and_end(int signal)
{
	remove_parts();
	raise(signal); /* the handler is gone: this ends the program */
}

static void on_signals(void (*handler)(int))
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM };
	struct sigaction action = { .sa_handler = handler, .sa_flags = (int)SA_RESETHAND }, before;

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
}

static bool complain(const char *path)
{
	perror(path);
	return false;
}

static bool write_part(const char *part, const struct table *table, const struct made *file)
{
	FILE *out = fopen(part, "w");
	bool written;

	if (!out)
		return complain(part);
	file->emit(out, table);
	written = !ferror(out);
	return (fclose(out) == 0 && written) || complain(file->path);
}

static bool write_all(const struct table *table, size_t count, const struct made *files)
{
	for (size_t i = 0; i < count; i++) {
		if (snprintf(parts[i], sizeof parts[i], "%s.part", files[i].path) >= (int)sizeof parts[i]) {
			parts[i][0] = '\0';
			fprintf(stderr, "hlock: path too long: %s\n", files[i].path);
			return false;
		}
		if (!write_part(parts[i], table, &files[i]))
			return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (rename(parts[i], files[i].path) != 0)
			return complain(files[i].path);
		parts[i][0] = '\0';
	}
	return true;
}

bool write_files(const struct table *table, size_t count, const struct made *files)
{
	bool written;

	on_signals(remove_and_end);
	signal(SIGXFSZ, SIG_IGN); /* a file that grows too large is an error of the write */
	written = write_all(table, count, files);
	if (!written)
		remove_parts();
	memset(parts, 0, sizeof parts);
	on_signals(SIG_DFL);
	return written;
}
