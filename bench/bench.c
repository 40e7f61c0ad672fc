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
#include <stdlib.h>
#include <string.h>

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

struct file {
	char path[4096], part[4100];
	FILE *stream;
};

/* Writes beside the file; close_file puts it in place, so a file is whole or absent. */
static void open_file(struct file *file, const char *name)
{
	if (snprintf(file->path, sizeof file->path, "%s/%s", out_directory, name) >= (int)sizeof file->path) {
		errno = ENAMETOOLONG;
		fail(out_directory);
	}
	snprintf(file->part, sizeof file->part, "%s.new", file->path);
	file->stream = fopen(file->part, "w");
	if (!file->stream)
		fail(file->part);
}

static void close_file(struct file *file)
{
	bool bad = ferror(file->stream);

	if (fclose(file->stream) || bad) {
		remove(file->part);
		fail(file->part);
	}
	if (rename(file->part, file->path))
		fail(file->path);
}

int main(int argc, char **argv)
{
	struct file table, csv;

	read_options(argc, argv);
	open_file(&table, "table.txt"); /* before the minutes of measuring */
	open_file(&csv, "bench.csv");
	prepare_threads();
	prepare_locks();
	prepare_measures();
	note_start();
	for (unsigned round = 0; round < rounds; round++)
		measure_all(round, millis);
	print_csv(csv.stream);
	print_table(table.stream);
	print_table(stdout);
	close_file(&csv);
	close_file(&table);
	return 0;
}
