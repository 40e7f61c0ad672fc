/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Writes a legal trace of any length for the judge (tools/judge/trace.ml has its form).
 *   long_trace EVENTS CPUS THREADS
 * The THREADS highest of CPUS CPUs take three locks of family vm, and three of family
 * pt, some of these inside a lock of vm; a lock that is free goes to any of those that
 * wait for it.  CPUs are picked at random, always the same way.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { LOCKS = 38, VM = 21, PT = 4, PARTS = 4, MAX_THREADS = 1000000 };

struct lock {
	int held;
	uint32_t tickets;
	uint64_t value[PARTS];
};

/* A CPU holds at most two locks, the outer one first; if it waits, for the one after them. */
struct thread {
	int depth;
	int waits;
	int lock[2];
};

static struct lock locks[LOCKS];
static struct thread threads[MAX_THREADS];

static uint64_t random_below(uint64_t n)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % n;
}

static void call(unsigned long cpu, struct thread *t, int first)
{
	int lock = first + (int)random_below(3);

	t->lock[t->depth] = lock;
	t->waits = 1;
	printf("%lu called %d\n", cpu, lock);
}

/* One event of a CPU; 0 if it waits for a lock that another one holds. */
static int event(unsigned long cpu, struct thread *t)
{
	if (t->waits) {
		struct lock *lock = &locks[t->lock[t->depth]];

		if (lock->held)
			return 0;
		lock->held = 1;
		t->waits = 0;
		printf("%lu entered %d %u\n", cpu, t->lock[t->depth++], lock->tickets++);
		return 1;
	}
	if (t->depth == 0) {
		call(cpu, t, random_below(2) ? VM : PT);
		return 1;
	}

	int inner = t->lock[t->depth - 1];
	struct lock *lock = &locks[inner];
	unsigned part = (unsigned)random_below(PARTS);

	switch (random_below(4)) {
	case 0:
		printf("%lu read %d %u %llu\n", cpu, inner, part, (unsigned long long)lock->value[part]);
		break;
	case 1:
		lock->value[part] = lock->value[part] * 6364136223846793005u + cpu + 1;
		printf("%lu wrote %d %u %llu\n", cpu, inner, part, (unsigned long long)lock->value[part]);
		break;
	case 2:
		if (t->depth == 1 && inner >= VM) {
			call(cpu, t, PT);
			break;
		}
		/* fall through */
	default:
		lock->held = 0;
		t->depth--;
		printf("%lu left %d\n", cpu, inner);
	}
	return 1;
}

int main(int argc, char **argv)
{
	unsigned long events = argc == 4 ? strtoul(argv[1], NULL, 10) : 0;
	unsigned long cpus = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
	unsigned long count = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;

	if (events == 0 || count == 0 || count > cpus || count > MAX_THREADS) {
		fputs("usage: long_trace EVENTS CPUS THREADS\n", stderr);
		return 2;
	}
	printf("hlock-trace 3\ncpus %lu\nlocks %d\n", cpus, LOCKS);
	for (unsigned long done = 0; done < events;) {
		unsigned long i = random_below(count);

		done += (unsigned long)event(cpus - 1 - i, &threads[i]);
	}
	printf("end %lu\n", events);
	return fflush(stdout) || ferror(stdout);
}
