/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What a file of samples says.
 *
 *   report [--out DIRECTORY] SAMPLES
 *
 * Writes table.txt and bench.csv there, and the table to stdout.  Exit status: 0
 * reported, whether goals are met, missed or without a verdict; 2 wrong usage, no
 * file of samples (with its line), no memory, or no file written.
 * Read next: figures.h.
 */
#include <getopt.h>
#include <stdlib.h>

#include "../file.h"
#include "figures.h"
#include "table.h"

static _Noreturn void usage(void)
{
	fprintf(stderr, "usage: report [--out DIRECTORY] SAMPLES\n");
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option names[] = { { "out", required_argument, NULL, 'o' }, { 0 } };
	const char *directory = "build/bench";
	struct recording recording;
	struct results *results = malloc(sizeof *results);

	for (int name; (name = getopt_long(argc, argv, "", names, NULL)) != -1;) {
		if (name != 'o')
			usage();
		directory = optarg;
	}
	if (optind + 1 != argc)
		usage();
	if (!results)
		fail("memory");
	check_directory(directory);
	read_samples(&recording, argv[optind]);
	make_results(results, &recording);
	write_whole(directory, "bench.csv", print_csv, results);
	write_whole(directory, "table.txt", print_table, results);
	print_table(stdout, results);
	free(recording.notes);
	free(recording.samples);
	free(results);
	return fflush(stdout) ? 2 : 0;
}
