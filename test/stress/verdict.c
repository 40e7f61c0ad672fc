/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What the workload says of a run that has ended: whether an object is corrupt, whether
 * each family was contended as often in its meetings as was asked for, and the counts.
 */
#include "stress.h"

static void corrupt(const char *what)
{
	fprintf(stderr, "stress: corrupt: %s\n", what);
}

bool report_corrupt(void)
{
	for (uint32_t i = 0; i < cpu_count; i++)
		if (cpus[i].corrupt[0]) {
			corrupt(cpus[i].corrupt);
			return true;
		}
	return false;
}

/* Each write adds one to the version: if one is missing, an update was lost. */
static bool objects_are_bad(const struct counts *by_lock)
{
	char what[200];

	if (report_corrupt())
		return true;
	for (uint32_t i = 0; i < HLOCK_LOCKS; i++)
		if (objects[i].word[VERSION] != by_lock[i].writes) {
			snprintf(what, sizeof what,
				 "the object of lock %u has version %llu after %llu writes", i,
				 (unsigned long long)objects[i].word[VERSION],
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
		all.met += by_lock[i].met;
		all.free += by_lock[i].free;
		all.hand_overs += by_lock[i].hand_overs;
		all.events += by_lock[i].events;
	}
	return all;
}

typedef unsigned long long number_to_print;

static void write_summary(FILE *out, const struct counts *by_lock)
{
	for (uint32_t i = 0; i < family_count; i++) {
		struct counts all = sum(&families[i], by_lock);

		fprintf(out, "%s\t%llu\t%llu\t%llu\t%llu\t%llu\n", families[i].name,
			(number_to_print)all.acquisitions, (number_to_print)(all.met + all.free),
			(number_to_print)all.hand_overs, (number_to_print)all.events, (number_to_print)all.met);
	}
}

/* Too little contention is no evidence.  Printed first, so that it is not missed. */
static bool too_idle(const struct counts *by_lock)
{
	bool idle = false;

	for (uint32_t i = 0; i < family_count; i++) {
		uint64_t met = sum(&families[i], by_lock).met;

		if (met >= options.contended)
			continue;
		fprintf(stderr,
			"stress: too little contention: family %s was contended %llu times in its meetings, not %u\n",
			families[i].name, (number_to_print)met, options.contended);
		idle = true;
	}
	return idle;
}

static void print_run(const struct counts *by_lock, size_t events)
{
	bool pinned = true;
	uint64_t met = 0, free = 0;

	for (uint32_t i = 0; i < cpu_count; i++)
		pinned = pinned && cpus[i].pinned;
	for (uint32_t i = 0; i < HLOCK_LOCKS; i++) {
		met += by_lock[i].met;
		free += by_lock[i].free;
	}
	printf("object code: %s; %u threads, %s; %zu events; contended %llu times in meetings, %llu times when free\n",
	       object_code, cpu_count, pinned ? "pinned to cores" : "not pinned", events,
	       (number_to_print)met, (number_to_print)free);
	printf("%-10s %12s %12s %10s %10s %10s\n", "family", "acquisitions", "in meetings", "when free",
	       "hand-overs", "events");
	for (uint32_t i = 0; i < family_count; i++) {
		struct counts all = sum(&families[i], by_lock);

		printf("%-10s %12llu %12llu %10llu %10llu %10llu\n", families[i].name,
		       (number_to_print)all.acquisitions, (number_to_print)all.met,
		       (number_to_print)all.free, (number_to_print)all.hand_overs,
		       (number_to_print)all.events);
	}
}

enum exit_status judge(const struct event *events, size_t count)
{
	static struct counts by_lock[HLOCK_LOCKS];
	enum exit_status status = FINE;

	count_events(by_lock, events, count);
	if (objects_are_bad(by_lock))
		status = CORRUPT;
	else if (too_idle(by_lock))
		status = IDLE;
	print_run(by_lock, count);
	if (options.summary) {
		FILE *out = open_file(options.summary);

		write_summary(out, by_lock);
		close_file(out, options.summary);
	}
	return status;
}
