/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Stamps, the trace, and the counts.
 *
 * A stamp is the old value of one counter that all CPUs increment, so the
 * stamps of a run are 0, 1, 2, ... without a gap, and merging the CPUs' records
 * is putting each event at the place of its stamp.
 *
 * The counter is relaxed on purpose: the recorder must not order what the lock
 * fails to order.  It is still right: if a lock orders one CPU's `left` before
 * another's `entered`, the counter, being one word, is read in that order.
 */
#include "stress.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
	alignas(128) _Atomic uint64_t next;
} clock_word;

uint64_t record(struct cpu *cpu, enum verb verb, uint32_t lock, uint32_t part, uint64_t value)
{
	struct event *event = &cpu->events[cpu->count];

	if (cpu->count == cpu->room) {
		fprintf(stderr, "stress: CPU %u has no room for another event\n", cpu->id);
		exit(USAGE);
	}
	event->stamp = atomic_fetch_add_explicit(&clock_word.next, 1, memory_order_relaxed);
	event->value = value;
	event->cpu = cpu->id;
	event->lock = lock;
	event->part = part;
	event->verb = verb;
	cpu->count++;
	add_one(&cpu->steps);
	return event->stamp;
}

uint64_t stamps(void)
{
	return atomic_load_explicit(&clock_word.next, memory_order_relaxed);
}

/* A CPU that was frozen between taking a stamp and writing the event has no event
 * at that stamp, and none later: it is left out. */
struct event *merge(size_t *count)
{
	const uint64_t taken = stamps();
	struct event *events = malloc((taken + 1) * sizeof *events);

	if (!events) {
		perror("stress");
		exit(USAGE);
	}
	for (uint64_t i = 0; i < taken; i++)
		events[i].stamp = taken;
	for (uint32_t i = 0; i < cpu_count; i++)
		for (size_t j = 0; j < cpus[i].count; j++)
			events[cpus[i].events[j].stamp] = cpus[i].events[j];
	*count = 0;
	for (uint64_t i = 0; i < taken; i++)
		if (events[i].stamp == i)
			events[(*count)++] = events[i];
	return events;
}

/* ---- Files: whole, or as they were.  What is written stands beside its place until it
 * is whole, and goes when a signal ends the program.  What is no plain file, as
 * /dev/stdout, is not replaced: `part` is empty then. */
static char part[4096];

static void remove_part(int signal)
{
	unlink(part);
	raise(signal); /* the handler is gone: this ends the program */
}

static void remove_on_signals(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM };
	const struct sigaction action = { .sa_handler = remove_part, .sa_flags = (int)SA_RESETHAND };
	struct sigaction before;

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	signal(SIGXFSZ, SIG_IGN); /* a file that grows too large is an error of the write */
}

static _Noreturn void no_file(const char *path)
{
	fprintf(stderr, "stress: %s: %s\n", path, strerror(errno));
	unlink(part);
	exit(USAGE);
}

FILE *open_file(const char *path)
{
	struct stat there;
	FILE *out;

	part[0] = '\0';
	if ((lstat(path, &there) != 0 || S_ISREG(there.st_mode))
	    && snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part) {
		part[0] = '\0';
		errno = ENAMETOOLONG;
		no_file(path);
	}
	remove_on_signals();
	out = fopen(part[0] ? part : path, "w");
	if (!out)
		no_file(path);
	return out;
}

void close_file(FILE *out, const char *path)
{
	if (ferror(out) || fclose(out) != 0 || (part[0] && rename(part, path) != 0))
		no_file(path);
}

void write_trace(const char *path, const struct event *events, size_t count)
{
	static const char *const verbs[] = { "called", "entered", "read", "wrote", "left" };
	FILE *out = open_file(path);

	fprintf(out, "hlock-trace 3\ncpus %u\nlocks %u\n", cpu_count, HLOCK_LOCKS);
	for (size_t i = 0; i < count; i++) {
		const struct event *e = &events[i];

		fprintf(out, "%u %s %u", e->cpu, verbs[e->verb], e->lock);
		if (e->verb == READ || e->verb == WROTE)
			fprintf(out, " %u", e->part);
		if (e->verb != CALLED && e->verb != LEFT)
			fprintf(out, " %llu", (unsigned long long)e->value);
		fputc('\n', out);
	}
	fprintf(out, "end %zu\n", count);
	close_file(out, path);
}

/* An acquisition is contended when, on arrival, the lock was not free: the last
 * holder's `left` comes after my `called`.  A hand-over is an acquisition by
 * another CPU than the last one. */
void count_events(struct counts *by_lock, const struct event *events, size_t count)
{
	static uint64_t called[MAX_CPUS][HLOCK_LOCKS], left[HLOCK_LOCKS];
	static uint32_t holder[HLOCK_LOCKS];

	for (size_t i = 0; i < count; i++) {
		const struct event *e = &events[i];
		struct counts *c = &by_lock[e->lock];

		c->events++;
		if (e->verb == CALLED)
			called[e->cpu][e->lock] = e->stamp;
		if (e->verb == LEFT)
			left[e->lock] = e->stamp;
		if (e->verb == WROTE && e->part == VERSION)
			c->writes++;
		if (e->verb != ENTERED)
			continue;
		if (left[e->lock] > called[e->cpu][e->lock])
			(*(e->stamp < first_free_stamp ? &c->met : &c->free))++;
		c->hand_overs += c->acquisitions > 0 && holder[e->lock] != e->cpu;
		c->acquisitions++;
		holder[e->lock] = e->cpu;
	}
}
