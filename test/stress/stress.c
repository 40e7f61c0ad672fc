/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The workload's options and verdict.
 *
 *   stress [--threads N] [--rounds N] [--chains N] [--contended N] [--watchdog S]
 *          [--linger] [--trace FILE] [--summary FILE]
 *
 * --rounds: acquisitions of each family in phase 1; --chains: of each thread in
 * phase 2; --linger: always let others come in the middle of a section;
 * --trace: every event, in order, also of a run that hangs; --summary: a line a
 * family: name, acquisitions, contended, hand-overs, events, separated by tabs.
 *
 * Exit status: 0 fine; 2 wrong usage, or no memory or file; 3 hang (watch.c);
 * 4 an object was corrupt; 5 a family was contended less than --contended times,
 * so that the run says too little.  A failure prints its reason on stderr.
 * Read next: phases.c.
 */
#include "stress.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

struct cpu cpus[MAX_CPUS];
uint32_t cpu_count = 2;
_Atomic bool give_up;

struct options options = { .rounds = 2000, .chains = 1500, .contended = 100, .watchdog = 10 };

static void corrupt(const char *what)
{
	fprintf(stderr, "stress: corrupt: %s\n", what);
}

/* Each write adds one to the version: if one is missing, an update was lost. */
static bool objects_are_bad(const struct counts *by_lock)
{
	char what[200];

	for (uint32_t i = 0; i < cpu_count; i++)
		if (cpus[i].corrupt[0]) {
			corrupt(cpus[i].corrupt);
			return true;
		}
	for (uint32_t i = 0; i < HLOCK_LOCKS; i++)
		if (objects[i].version != by_lock[i].writes) {
			snprintf(what, sizeof what,
				 "the object of lock %u has version %llu after %llu writes", i,
				 (unsigned long long)objects[i].version,
				 (unsigned long long)by_lock[i].writes);
			corrupt(what);
			return true;
		}
	return false;
}

static struct counts sum(const struct family *family, const struct counts *by_lock)
{
	struct counts all = { 0 };

	for (uint32_t i = family->first; i < family->first + family->count; i++) {
		all.acquisitions += by_lock[i].acquisitions;
		all.contended += by_lock[i].contended;
		all.hand_overs += by_lock[i].hand_overs;
		all.events += by_lock[i].events;
	}
	return all;
}

static void write_summary(FILE *out, const char *format, const struct counts *by_lock)
{
	for (uint32_t i = 0; i < family_count; i++) {
		struct counts all = sum(&families[i], by_lock);

		fprintf(out, format, families[i].name, (unsigned long long)all.acquisitions,
			(unsigned long long)all.contended, (unsigned long long)all.hand_overs,
			(unsigned long long)all.events);
	}
}

/* Too little contention is no evidence.  Printed first, so that it is not missed. */
static bool too_idle(const struct counts *by_lock)
{
	bool idle = false;

	for (uint32_t i = 0; i < family_count; i++) {
		uint64_t contended = sum(&families[i], by_lock).contended;

		if (contended >= options.contended)
			continue;
		fprintf(stderr, "stress: too little contention: family %s was contended %llu times, not %u\n",
			families[i].name, (unsigned long long)contended, options.contended);
		idle = true;
	}
	return idle;
}

static void print_run(size_t events)
{
	bool pinned = true;

	for (uint32_t i = 0; i < cpu_count; i++)
		pinned = pinned && cpus[i].pinned;
	printf("object code: %s; %u threads, %s; %zu events\n", STRESS_OBJECT_CODE, cpu_count,
	       pinned ? "pinned to cores" : "not pinned", events);
}

static enum exit_status judge(const struct event *events, size_t count)
{
	static struct counts by_lock[HLOCK_LOCKS];
	enum exit_status status = FINE;

	count_events(by_lock, events, count);
	if (objects_are_bad(by_lock))
		status = CORRUPT;
	else if (too_idle(by_lock))
		status = IDLE;
	print_run(count);
	printf("%-10s %12s %10s %10s %10s\n", "family", "acquisitions", "contended", "hand-overs", "events");
	write_summary(stdout, "%-10s %12llu %10llu %10llu %10llu\n", by_lock);
	if (options.summary) {
		FILE *out = open_file(options.summary);

		write_summary(out, "%s\t%llu\t%llu\t%llu\t%llu\n", by_lock);
		close_file(out, options.summary);
	}
	return status;
}

static _Noreturn void usage(void)
{
	fprintf(stderr, "usage: stress [--threads 1..%d] [--rounds N] [--chains N] [--contended N]\n"
			"              [--watchdog SECONDS] [--linger] [--trace FILE] [--summary FILE]\n",
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
		{ "linger", no_argument, NULL, 'l' },
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
		case 'l': options.linger = true; break;
		case 'o': options.trace = optarg; break;
		case 's': options.summary = optarg; break;
		default: usage();
		}
	if (optind != argc)
		usage();
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
