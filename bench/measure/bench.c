/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Measures what locks cost, and records the samples.
 *
 *   bench [--rounds N] [--millis N] [--out DIRECTORY]
 *
 * --rounds: of which medians are taken; --millis: for how long each lock is
 * measured at a time (ten times that with more threads than CPUs); --out: where
 * samples.csv goes.  Progress goes to stderr.  Exit status: 0 measured (on one CPU
 * only what needs one); 2 wrong usage, no memory, no thread or no file.
 * Read next: measure.c; what is made of the samples: ../report/report.c.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

#include "../file.h"
#include "machine.h"
#include "measure.h"

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
	if (errno || *end || *text < '0' || *text > '9' || value < 1 || value > most)
		usage();
	return (unsigned)value;
}

/* Gives the directory. */
static const char *read_options(struct bench *bench, int argc, char **argv)
{
	static const struct option names[] = { { "rounds", required_argument, NULL, 'r' },
					       { "millis", required_argument, NULL, 'm' },
					       { "out", required_argument, NULL, 'o' },
					       { 0 } };
	const char *directory = "build/bench";

	for (int name; (name = getopt_long(argc, argv, "", names, NULL)) != -1;)
		switch (name) {
		case 'r': bench->rounds = number(optarg, MAX_ROUNDS); break;
		case 'm': bench->millis = number(optarg, 10000); break;
		case 'o': directory = optarg; break;
		default: usage();
		}
	if (optind != argc)
		usage();
	return directory;
}

int main(int argc, char **argv)
{
	struct bench bench = { .rounds = 7, .millis = 30 };
	const char *directory = read_options(&bench, argc, argv);
	struct notes notes;

	check_directory(directory); /* before the minutes of measuring */
	bench.crew = make_crew();
	bench.arena = make_arena();
	note_start(&notes);
	prepare_measures(&bench);
	for (bench.round = 1; bench.round <= bench.rounds; bench.round++)
		measure_round(&bench);
	note_end(&notes);
	bench.recording.notes = text_of(&notes, bench.crew, bench.rounds, bench.section_ns);
	write_whole(directory, "samples.csv", write_samples, &bench.recording);
	free(bench.recording.notes);
	free(bench.recording.samples);
	free(bench.arena);
	free_crew(bench.crew);
	return 0;
}
