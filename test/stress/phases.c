/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The threads, one a CPU, each pinned to a core of its own if there are enough.
 *
 * Phase 1 hammers one lock after the other with all threads, until it has been
 * contended often enough; phase 2 takes chains of locks in increasing rank.
 * Where the threads seldom meet (one core, or a busy machine), they linger in
 * their sections.  Both phases are bounded in time: a machine that contends too
 * little ends with a verdict and not with a hang.
 */
#include "stress.h"

#include <sched.h>
#include <stdlib.h>
#include <time.h>

/* Phase 1 aims for MARGIN times the contention that the verdict asks for; after
 * `enough_seconds` it is content with what is asked for.  In any case it ends
 * after MOST times the rounds or `family_seconds`. */
enum { MARGIN = 5, MOST = 8 };
static const double enough_seconds = 0.5, family_seconds = 4.0, chain_seconds = 1.0;

static pthread_barrier_t barrier;

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static uint32_t random_below(struct cpu *cpu, uint32_t limit)
{
	cpu->random = cpu->random * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)((cpu->random >> 32) % limit);
}

static uint64_t rounds(const struct family *family)
{
	return options.rounds / family->count + 1;
}

static bool had_enough(const struct family *family, uint32_t lock, double seconds)
{
	uint64_t margin = seconds * family->count < enough_seconds ? MARGIN : 1;
	uint64_t wanted = margin * options.contended / family->count + 1;

	return acquisitions(lock) >= MOST * rounds(family)
	       || seconds * family->count > family_seconds
	       || (acquisitions(lock) >= rounds(family) && contended(lock) >= wanted);
}

static void hammer(struct cpu *cpu, const struct family *family, uint32_t lock)
{
	double start;

	pthread_barrier_wait(&barrier);
	start = now();
	while (!atomic_load(&give_up) && !had_enough(family, lock, now() - start)) {
		cpu->linger = options.linger || acquisitions(lock) >= rounds(family);
		section(cpu, &lock, 1);
	}
	cpu->linger = options.linger;
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
	section(cpu, chain, length);
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

static void *run_cpu(void *argument)
{
	struct cpu *cpu = argument;
	double end;

	pin(cpu);
	for (uint32_t i = 0; i < family_count; i++)
		for (uint32_t j = 0; j < families[i].count; j++)
			hammer(cpu, &families[i], families[i].first + j);
	pthread_barrier_wait(&barrier);
	end = now() + chain_seconds;
	for (unsigned i = 0; i < options.chains && !atomic_load(&give_up) && now() < end; i++)
		take_chain(cpu);
	atomic_store(&cpu->finished, true);
	return NULL;
}

static void prepare_cpu(struct cpu *cpu, uint32_t id)
{
	cpu->id = id;
	cpu->random = id + 1;
	atomic_store(&cpu->waiting_for, -1);
	/* five events a section, each lock MOST times its rounds at most, and chains */
	cpu->room = 5 * (MOST * ((size_t)options.rounds + HLOCK_LOCKS) * family_count
			 + (size_t)options.chains * MAX_CHAIN) + 1000;
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
	pthread_barrier_init(&barrier, NULL, cpu_count);
	if (pthread_create(&watchdog, NULL, watch, &options.watchdog) != 0)
		exit(USAGE);
	for (uint32_t i = 0; i < cpu_count; i++)
		if (pthread_create(&cpus[i].thread, NULL, run_cpu, &cpus[i]) != 0)
			exit(USAGE);
	for (uint32_t i = 0; i < cpu_count; i++)
		pthread_join(cpus[i].thread, NULL);
}
