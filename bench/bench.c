/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The benchmark's options, rounds and files.
 *
 *   bench [--rounds N] [--millis N] [--out DIRECTORY]
 *
 * --rounds: of which medians are taken; --millis: for how long each lock is
 * measured at a time (ten times that with more threads than CPUs); --out: where
 * table.txt and bench.csv go.  The table is printed as well; progress goes to
 * stderr.  Exit status: 0 measured, whether goals are met or not; 2 wrong usage,
 * fewer than two CPUs, no memory, no thread or no file.
 * Read next: measure.c.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

static unsigned millis = 30;
static const char *out_directory = "build/bench";

static _Noreturn void usage(void)
{
	fprintf(stderr, "usage: bench [--rounds 1..%d] [--millis 1..10000] [--out DIRECTORY]\n", MAX_ROUNDS);
	exit(2);
}

static unsigned number(const char *text, unsigned most)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || end == text || *text == '-' || value < 1 || value > most)
		usage();
	return (unsigned)value;
}

static void read_options(int argc, char **argv)
{
	static const struct option names[] = { { "rounds", required_argument, NULL, 'r' },
					       { "millis", required_argument, NULL, 'm' },
					       { "out", required_argument, NULL, 'o' },
					       { 0 } };
	int name;

	while ((name = getopt_long(argc, argv, "", names, NULL)) != -1)
		switch (name) {
		case 'r': rounds = number(optarg, MAX_ROUNDS); break;
		case 'm': millis = number(optarg, 10000); break;
		case 'o': out_directory = optarg; break;
		default: usage();
		}
	if (optind != argc)
		usage();
}

static _Noreturn void fail(const char *path)
{
	fprintf(stderr, "bench: %s: %s\n", path, strerror(errno));
	exit(2);
}

static void path_of(char path[PATH_MAX], const char *name)
{
	if (snprintf(path, PATH_MAX, "%s/%s", out_directory, name) < PATH_MAX)
		return;
	errno = ENAMETOOLONG;
	fail(out_directory);
}

/* So that it is known before the minutes of measuring. */
static void check_directory(void)
{
	char path[PATH_MAX];

	path_of(path, ".");
	if (access(path, W_OK | X_OK))
		fail(out_directory);
}

/* Writes beside the file and then puts it in place, so a file is whole or not there. */
static void write_file(const char *name, void (*print)(FILE *out))
{
	char path[PATH_MAX], part[PATH_MAX + 4];
	FILE *out;
	bool bad;

	path_of(path, name);
	snprintf(part, sizeof part, "%s.new", path);
	out = fopen(part, "w");
	if (!out)
		fail(part);
	print(out);
	bad = ferror(out);
	if (fclose(out) || bad || rename(part, path)) {
		int error = errno;

		remove(part);
		errno = error;
		fail(path);
	}
}

int main(int argc, char **argv)
{
	read_options(argc, argv);
	check_directory();
	prepare_threads();
	prepare_locks();
	prepare_measures();
	note_start();
	for (unsigned round = 0; round < rounds; round++)
		measure_all(round, millis);
	note_end();
	write_file("bench.csv", print_csv);
	write_file("table.txt", print_table);
	print_table(stdout);
	return fflush(stdout) ? 2 : 0;
}
