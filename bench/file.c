/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Writes beside a file and then puts it in place.
 */
#include "file.h"

#include <errno.h>
#include <limits.h>
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

void write_whole(const char *directory, const char *name, void (*print)(FILE *out, const void *what), const void *what)
{
	char path[PATH_MAX], part[PATH_MAX + 4];
	FILE *out;
	bool bad;

	path_of(path, directory, name);
	snprintf(part, sizeof part, "%s.new", path);
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
}
