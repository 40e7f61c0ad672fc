/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The workload's options.
 *
 *   stress [--threads N] [--contended N] [--rounds N] [--chains N] [--watchdog S]
 *          [--trace FILE] [--summary FILE]
 *
 * --contended: contended acquisitions of each family in the first phase, where threads
 * meet at the locks; 0: no meetings.  One thread meets nobody: then it must be 0.
 * --rounds: acquisitions of each family, at least, in the first part of the free phase;
 * --chains: of each thread in the second.  All that is done, but not its order, follows
 * from these options and the lock table.
 * --watchdog: a run in which no CPU takes a step hangs after so many seconds of CPU time;
 * --trace: every event, in order, also of a run that hangs; --summary: a line a
 * family: name, acquisitions, contended, hand-overs, events, contended in meetings,
 * separated by tabs.
 *
 * Exit status: 0 fine; 2 wrong usage, or no memory or file; 3 hang (watch.c);
 * 4 an object was corrupt; 5 a family was contended less than --contended times in
 * its meetings, so that the run says too little.  A failure prints its reason on stderr.
 * Read next: phases.c, verdict.c.
 */
#include "stress.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

struct cpu cpus[MAX_CPUS];
uint32_t cpu_count = 2;
_Atomic bool give_up;

const char *const object_code = STRESS_OBJECT_CODE;

struct options options = { .rounds = 2000, .chains = 1500, .contended = 100, .watchdog = 10 };

static _Noreturn void usage(void)
{
	fprintf(stderr, "usage: stress [--threads 1..%d] [--contended N] [--rounds N] [--chains N]\n"
			"              [--watchdog SECONDS] [--trace FILE] [--summary FILE]\n",
		MAX_CPUS);
	exit(USAGE);
}

static unsigned number(const char *text, unsigned least, unsigned most)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || end == text || *text == '-' || value < least || value > most)
		usage();
	return (unsigned)value;
}

static void read_options(int argc, char **argv)
{
	static const struct option names[] = {
		{ "threads", required_argument, NULL, 't' }, { "rounds", required_argument, NULL, 'r' },
		{ "chains", required_argument, NULL, 'c' },  { "contended", required_argument, NULL, 'n' },
		{ "watchdog", required_argument, NULL, 'w' }, { "trace", required_argument, NULL, 'o' },
		{ "summary", required_argument, NULL, 's' }, { 0 }
	};
	int name;

	while ((name = getopt_long(argc, argv, "", names, NULL)) != -1)
		switch (name) {
		case 't': cpu_count = number(optarg, 1, MAX_CPUS); break;
		case 'r': options.rounds = number(optarg, 0, 100000); break;
		case 'c': options.chains = number(optarg, 0, 100000); break;
		case 'n': options.contended = number(optarg, 0, 100000); break;
		case 'w': options.watchdog = number(optarg, 1, 3600); break;
		case 'o': options.trace = optarg; break;
		case 's': options.summary = optarg; break;
		default: usage();
		}
	if (optind != argc)
		usage();
	if (cpu_count == 1 && options.contended > 0) {
		fprintf(stderr, "stress: one thread cannot contend for a lock: --threads 1 needs --contended 0\n");
		exit(USAGE);
	}
}

int main(int argc, char **argv)
{
	struct event *events;
	enum exit_status status;
	size_t count;

	read_options(argc, argv);
	run_all();
	events = merge(&count);
	status = judge(events, count);
	if (options.trace)
		write_trace(options.trace, events, count);
	free(events);
	return status;
}
