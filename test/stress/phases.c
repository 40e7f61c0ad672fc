/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The threads, one a CPU, each pinned to a core of its own if there are enough, and
 * their two phases.
 *
 * In the first they meet (meet.c): each family is contended --contended times, with
 * certainty.  The second is free: nobody waits for anything but locks.  All threads
 * use one lock after the other, --rounds times a family, from a common start; then each
 * takes --chains chains of locks in increasing rank.  What is contended there is up
 * to the scheduler; it is shown, and not asked for.
 *
 * How much is done follows from the options alone: no clock is read.
 */
#include "stress.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint32_t random_below(struct cpu *cpu, uint32_t limit)
{
	cpu->random = cpu->random * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)((cpu->random >> 32) % limit);
}

/* Waiting threads need the core: where there are more threads than cores, two that
 * use one lock without a pause would wait for each other a whole time slice each time. */
static void free_section(struct cpu *cpu, const uint32_t *chain, uint32_t length)
{
	section(cpu, chain, length);
	for (uint32_t i = 0; i < length; i++)
		if (tickets_out(chain[i]) > 0) {
			sched_yield();
			return;
		}
}

/* Of each thread, at each lock of the family. */
static uint32_t sections_at_a_lock(const struct family *family)
{
	uint64_t sharers = (uint64_t)family->count * cpu_count;

	return (uint32_t)((options.rounds + sharers - 1) / sharers);
}

static void start_together(struct cpu *cpu)
{
	static _Atomic uint32_t started;

	cpu->starts++;
	atomic_fetch_add_explicit(&started, 1, memory_order_acq_rel);
	await(cpu, &started, cpu->starts * cpu_count, "the others to start with");
}

static void hammer(struct cpu *cpu, const struct family *family, uint32_t lock)
{
	start_together(cpu);
	for (uint32_t i = sections_at_a_lock(family); i > 0 && !atomic_load(&give_up); i--)
		free_section(cpu, &lock, 1);
}

/* The family of the next link: above the rank, near it, and now and then skipped. */
static const struct family *lowest_above(int64_t rank, struct cpu *cpu)
{
	const struct family *best = NULL;

	for (uint32_t i = 0; i < family_count; i++)
		if (families[i].rank > rank && random_below(cpu, 4) != 0
		    && (!best || families[i].rank < best->rank))
			best = &families[i];
	return best;
}

static void take_chain(struct cpu *cpu)
{
	uint32_t chain[MAX_CHAIN], length = 0;
	int64_t rank = -1;
	const struct family *family;

	while (length < MAX_CHAIN && (family = lowest_above(rank, cpu))) {
		chain[length++] = family->first + random_below(cpu, family->count);
		rank = family->rank;
	}
	free_section(cpu, chain, length);
}

static void be_free(struct cpu *cpu)
{
	for (uint32_t i = 0; i < family_count; i++)
		for (uint32_t j = 0; j < families[i].count; j++)
			hammer(cpu, &families[i], families[i].first + j);
	start_together(cpu);
	for (unsigned i = 0; i < options.chains && !atomic_load(&give_up); i++)
		take_chain(cpu);
}

static void pin(struct cpu *cpu)
{
	cpu_set_t allowed, one;
	int skip;

	if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
		return;
	skip = (int)cpu->id % CPU_COUNT(&allowed);
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &allowed) || skip-- > 0)
			continue;
		CPU_ZERO(&one);
		CPU_SET(i, &one);
		cpu->pinned = sched_setaffinity(0, sizeof one, &one) == 0;
		return;
	}
}

/* Short time slices: those who sleep and wake come soon among others that keep the
 * cores busy.  Where this cannot be asked for, the run takes longer. */
static void ask_for_short_slices(void)
{
	/* struct sched_attr of linux/sched/types.h, which does not go with sched.h */
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t slice, deadline, period; /* nanoseconds */
	} attributes = { .size = sizeof attributes, .policy = SCHED_OTHER, .slice = 100000 };

	syscall(SYS_sched_setattr, 0, &attributes, 0U);
}

static void *run_cpu(void *argument)
{
	struct cpu *cpu = argument;

	pthread_getcpuclockid(pthread_self(), &cpu->clock);
	atomic_store(&cpu->running, true);
	pin(cpu);
	ask_for_short_slices();
	prepare_interrupts();
	hold_meetings(cpu);
	be_free(cpu);
	atomic_store(&cpu->finished, true);
	return NULL;
}

static size_t most_sections(void)
{
	size_t sections = 0;

	for (uint32_t i = 0; i < family_count; i++)
		sections += (size_t)families[i].count
			    * (meetings_at_a_lock(&families[i]) + sections_at_a_lock(&families[i]));
	return sections + (size_t)options.chains * MAX_CHAIN;
}

static void prepare_cpu(struct cpu *cpu, uint32_t id)
{
	cpu->id = id;
	cpu->random = id + 1;
	atomic_store(&cpu->waiting_for, -1);
	/* three events a lock that is taken, and two a word; wrong clients (test/wrong) have one more */
	cpu->room = (4 + 2 * WORDS) * most_sections() + 100;
	cpu->events = malloc(cpu->room * sizeof *cpu->events);
	if (!cpu->events) {
		perror("stress");
		exit(USAGE);
	}
}

void run_all(void)
{
	pthread_t watchdog;

	for (uint32_t i = 0; i < cpu_count; i++)
		prepare_cpu(&cpus[i], i);
	for (uint32_t i = 0; i < cpu_count; i++)
		if (pthread_create(&cpus[i].thread, NULL, run_cpu, &cpus[i]) != 0)
			exit(USAGE);
	if (pthread_create(&watchdog, NULL, watch, &options.watchdog) != 0)
		exit(USAGE);
	for (uint32_t i = 0; i < cpu_count; i++)
		pthread_join(cpus[i].thread, NULL);
}
