/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The watchdog: a hang is a verdict too.  It prints where each CPU stands and the words
 * of each lock that somebody holds or waits for, writes the trace up to there, and ends
 * the run.
 *
 * A run hangs if nobody takes a step although everybody could: since the last step of
 * any CPU each one that has not finished has used the given time of its own CPU time,
 * or has looked NAPS times in vain for what another has to do, and slept in between.  The
 * clock on the wall says nothing: on a busy machine, under an emulator, or in a stopped
 * process a thread may not run for long, and then there is no verdict before it has run.
 */
#include "stress.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../../layers/L0_machine/machine.h"

enum { NAPS = 100 };

uint64_t cpu_time(const struct cpu *cpu)
{
	struct timespec t;

	if (!atomic_load(&cpu->running) || clock_gettime(cpu->clock, &t) != 0)
		return 0;
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

static void name_lock(uint32_t lock)
{
	const struct family *f = family_of(lock);

	if (f->count == 1)
		fprintf(stderr, " lock %u (%s)", lock, f->name);
	else
		fprintf(stderr, " lock %u (%s %u)", lock, f->name, lock - f->first);
}

static void report_cpu(const struct cpu *cpu)
{
	int64_t lock = atomic_load(&cpu->waiting_for);
	const char *looks_for = atomic_load(&cpu->looks_for);
	bool outside = lock < 0;

	fprintf(stderr, "  CPU %u:", cpu->id);
	for (uint32_t i = 0; i < HLOCK_LOCKS; i++)
		if (atomic_load(&cpu->inside[i])) {
			fprintf(stderr, " inside");
			name_lock(i);
			outside = false;
		}
	if (lock >= 0) {
		fprintf(stderr, " waiting for");
		name_lock((uint32_t)lock);
	}
	fprintf(stderr, "%s", outside ? " outside" : "");
	if (looks_for)
		fprintf(stderr, ", looks for %s", looks_for);
	fprintf(stderr, ", after %llu steps\n", (unsigned long long)atomic_load(&cpu->steps));
}

static bool in_use(uint32_t lock)
{
	for (uint32_t i = 0; i < cpu_count; i++)
		if (atomic_load(&cpus[i].inside[lock]) || atomic_load(&cpus[i].waiting_for) == lock)
			return true;
	return false;
}

static void report(const struct cpu *stuck, unsigned seconds)
{
	if (stuck)
		fprintf(stderr, "stress: hang: CPU %u took no step in %u s of its CPU time, nor did another\n",
			stuck->id, seconds);
	else
		fprintf(stderr, "stress: hang: each CPU looks in vain for what another has to do\n");
	for (uint32_t i = 0; i < cpu_count; i++)
		report_cpu(&cpus[i]);
	report_corrupt();
	for (uint32_t i = 0; i < HLOCK_LOCKS; i++) {
		if (!in_use(i))
			continue;
		fprintf(stderr, " ");
		name_lock(i);
		fprintf(stderr, ": next %u, now %u\n",
			(unsigned)atomic_load_explicit(&hlock_words[i].next, memory_order_relaxed),
			(unsigned)atomic_load_explicit(&hlock_words[i].now, memory_order_relaxed));
	}
}

static void freeze(int number, siginfo_t *info, void *context)
{
	struct cpu *cpu = info->si_value.sival_ptr;

	(void)number;
	(void)context;
	atomic_store(&cpu->frozen, true);
	for (;;)
		pause();
}

/* Stops each CPU where it is, in acquire or between two events of its own: then
 * its events may be read. */
static void freeze_all(void)
{
	const struct sigaction action = { .sa_sigaction = freeze, .sa_flags = SA_SIGINFO };
	const struct timespec moment = { .tv_nsec = 1000000 };

	sigaction(SIGUSR1, &action, NULL);
	for (uint32_t i = 0; i < cpu_count; i++)
		if (!atomic_load(&cpus[i].finished))
			pthread_sigqueue(cpus[i].thread, SIGUSR1, (union sigval){ .sival_ptr = &cpus[i] });
	for (uint32_t i = 0; i < cpu_count; i++)
		while (!atomic_load(&cpus[i].frozen) && !atomic_load(&cpus[i].finished))
			nanosleep(&moment, NULL);
}

static void end_hung_run(void)
{
	struct event *events;
	size_t count;

	if (options.trace) {
		freeze_all();
		events = merge(&count);
		write_trace(options.trace, events, count);
		free(events);
	}
	_exit(HANG);
}

/* What a CPU had done at a time. */
struct mark {
	uint64_t time, naps;
};

static void mark_all(struct mark *marks)
{
	for (uint32_t i = 0; i < cpu_count; i++) {
		marks[i].time = cpu_time(&cpus[i]);
		marks[i].naps = atomic_load(&cpus[i].naps);
	}
}

static uint64_t all_steps(void)
{
	uint64_t steps = 0;

	for (uint32_t i = 0; i < cpu_count; i++)
		steps += atomic_load(&cpus[i].steps);
	return steps;
}

/* Whether no CPU can step; and one that has used its time, if any has. */
static bool all_stuck(const struct mark *then, const struct mark *now, unsigned seconds, const struct cpu **spins)
{
	bool all_finished = true;

	*spins = NULL;
	for (uint32_t i = 0; i < cpu_count; i++) {
		if (atomic_load(&cpus[i].finished))
			continue;
		all_finished = false;
		if (now[i].time - then[i].time >= seconds * UINT64_C(1000000000) && now[i].time > then[i].time)
			*spins = &cpus[i];
		else if (now[i].naps - then[i].naps < NAPS)
			return false;
	}
	return !all_finished;
}

void *watch(void *limit)
{
	static const struct timespec tenth = { .tv_nsec = 100000000 };
	static struct mark then[MAX_CPUS], now[MAX_CPUS];
	const unsigned seconds = *(unsigned *)limit;
	uint64_t seen = 0;
	const struct cpu *spins;

	/* The first marks are younger than the steps that they go with, the second older:
	 * if the steps are the same, none was taken between the marks. */
	for (;;) {
		nanosleep(&tenth, NULL);
		mark_all(now);
		if (all_steps() != seen) {
			seen = all_steps();
			mark_all(then);
		} else if (all_stuck(then, now, seconds, &spins)) {
			report(spins, seconds);
			end_hung_run();
		}
	}
}
