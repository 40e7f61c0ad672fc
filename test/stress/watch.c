/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The watchdog: a hang is a verdict too.  If a CPU that has not finished takes
 * no step for the given time, it prints where each CPU stands and the words of
 * each lock that somebody holds or waits for, writes the trace up to there, and
 * ends the run.
 */
#include "stress.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../../layers/L0_machine/machine.h"

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
	fprintf(stderr, "%s, after %llu events\n", outside ? " outside" : "",
		(unsigned long long)atomic_load(&cpu->steps));
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
	fprintf(stderr, "stress: hang: CPU %u took no step for %u s\n", stuck->id, seconds);
	for (uint32_t i = 0; i < cpu_count; i++)
		report_cpu(&cpus[i]);
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

static const struct timespec tenth = { .tv_nsec = 100000000 };

void *watch(void *limit)
{
	const unsigned seconds = *(unsigned *)limit;
	uint64_t seen[MAX_CPUS] = { 0 };
	unsigned still[MAX_CPUS] = { 0 };

	for (;;) {
		nanosleep(&tenth, NULL);
		for (uint32_t i = 0; i < cpu_count; i++) {
			uint64_t steps = atomic_load(&cpus[i].steps);

			still[i] = steps == seen[i] && !atomic_load(&cpus[i].finished) ? still[i] + 1 : 0;
			seen[i] = steps;
			if (still[i] >= 10 * seconds) {
				report(&cpus[i], seconds);
				end_hung_run();
			}
		}
	}
}
