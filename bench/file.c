/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Writes beside a file and then puts it in place.
 */
#include "file.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Noreturn void fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	exit(2);
}

static void path_of(char path[PATH_MAX], const char *directory, const char *name)
{
	if (snprintf(path, PATH_MAX, "%s/%s", directory, name) < PATH_MAX)
		return;
	errno = ENAMETOOLONG;
	fail(directory);
}

void check_directory(const char *directory)
{
	char path[PATH_MAX];

	path_of(path, directory, ".");
	if (access(path, W_OK | X_OK))
		fail(directory);
}

/* A signal waits until the file is in place. */
static void hold_signals(sigset_t *before)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM };
	sigset_t held;

	sigemptyset(&held);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaddset(&held, signals[i]);
	sigprocmask(SIG_BLOCK, &held, before);
	signal(SIGXFSZ, SIG_IGN); /* a file that grows too large is an error of the write */
}

void write_whole(const char *directory, const char *name, void (*print)(FILE *out, const void *what), const void *what)
{
	char path[PATH_MAX], part[PATH_MAX + 4];
	sigset_t before;
	FILE *out;
	bool bad;

	path_of(path, directory, name);
	snprintf(part, sizeof part, "%s.new", path);
	hold_signals(&before);
	out = fopen(part, "w");
	if (!out)
		fail(part);
	print(out, what);
	bad = ferror(out);
	if (fclose(out) || bad || rename(part, path)) {
		int error = errno;

		remove(part);
		errno = error;
		fail(path);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
}
