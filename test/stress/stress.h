/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The workload: threads, each standing for a CPU, contend for all locks of the
 * library.  Each lock protects an object whose corruption is seen, and each
 * step is recorded with a stamp, so that a judge can replay the whole run.
 *
 *   stress.c   options and verdict
 *   phases.c   the threads and what they do
 *   section.c  the critical section; test/wrong has faulty ones
 *   enter.c    acquire and release, with their records
 *   object.c   the objects
 *   record.c   stamps, trace file, counts for each family
 *   watch.c    the watchdog
 *   locks.c    lock numbers to the functions of the library
 * Read next: section.c.
 */
#ifndef STRESS_H
#define STRESS_H

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../../layers/L4_locks/locks.h"

enum { MAX_CPUS = 64, MAX_CHAIN = 4 };

enum exit_status { FINE = 0, USAGE = 2, HANG = 3, CORRUPT = 4, IDLE = 5 };

enum verb { CALLED, ENTERED, READ, WROTE, LEFT };

struct event {
	uint64_t stamp, value;
	uint32_t cpu, lock;
	enum verb verb;
};

struct cpu {
	alignas(128) uint32_t id;
	pthread_t thread;
	bool pinned;
	bool linger; /* let others run at each place where they might come between */
	uint64_t random;
	char corrupt[200]; /* what this CPU saw first; empty: nothing */

	/* its events, in its own order; nobody else writes them */
	struct event *events;
	size_t count, room;

	/* for the watchdog */
	_Atomic uint64_t steps;
	_Atomic bool finished;
	_Atomic int64_t waiting_for; /* a lock, or -1 */
	_Atomic bool inside[HLOCK_LOCKS];
	_Atomic bool frozen; /* it takes no step any more */
};

extern struct cpu cpus[MAX_CPUS];
extern uint32_t cpu_count;
extern _Atomic bool give_up; /* somebody saw a corrupt object */

extern struct options {
	unsigned rounds, chains, contended, watchdog;
	bool linger;
	const char *trace, *summary;
} options;

/* phases.c */
void run_all(void);
double now(void); /* seconds */

/* locks.c: the families of the table, and calls by lock number */
struct family {
	const char *name;
	uint32_t first, count, rank;
};
extern const struct family families[];
extern const uint32_t family_count;
const struct family *family_of(uint32_t lock);
void acquire(uint32_t lock);
void release(uint32_t lock);

/* section.c: takes the locks of the chain, uses each object, gives them back */
void section(struct cpu *cpu, const uint32_t *chain, uint32_t length);

/* enter.c */
void linger(const struct cpu *cpu);
void enter(struct cpu *cpu, uint32_t lock);
void leave(struct cpu *cpu, uint32_t lock);
uint64_t acquisitions(uint32_t lock);
uint64_t contended(uint32_t lock);

/* object.c */
struct object {
	alignas(64) uint64_t version, writer, payload[5], digest;
};
extern struct object objects[HLOCK_LOCKS];
void note_read(struct cpu *cpu, uint32_t lock, const struct object *seen);
struct object read_object(struct cpu *cpu, uint32_t lock);
void write_object(struct cpu *cpu, uint32_t lock, uint64_t version);

/* record.c */
uint64_t record(struct cpu *cpu, enum verb verb, uint32_t lock, uint64_t value);
uint64_t stamps(void);
struct event *merge(size_t *count);
FILE *open_file(const char *path);
void close_file(FILE *out, const char *path);
void write_trace(const char *path, const struct event *events, size_t count);
struct counts {
	uint64_t acquisitions, contended, hand_overs, events, writes;
};
void count_events(struct counts *by_lock, const struct event *events, size_t count);

/* watch.c: a thread; its argument points to the limit in seconds */
void *watch(void *limit);

#endif
