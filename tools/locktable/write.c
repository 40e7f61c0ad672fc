/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Writes a file, whole or not at all: beside its place, then renamed.  What stands
 * beside it is removed when a signal ends the program, and when it cannot be written.
 */
#include "locktable.h"

#include <signal.h>
#include <unistd.h>

static char part[4096];

static void remove_part(int signal)
{
	unlink(part);
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

bool write_file(const char *path, const struct table *table, void (*emit)(FILE *, const struct table *))
{
	FILE *out;
	bool written;

	if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part) {
		fprintf(stderr, "locktable: path too long: %s\n", path);
		return false;
	}
	on_signals(remove_part);
	signal(SIGXFSZ, SIG_IGN); /* a file that grows too large is an error of the write */
	out = fopen(part, "w");
	if (!out)
		return complain(part);
	emit(out, table);
	written = !ferror(out);
	if (fclose(out) == 0 && written && rename(part, path) == 0) {
		on_signals(SIG_DFL);
		return true;
	}
	complain(path);
	unlink(part);
	return false;
}
