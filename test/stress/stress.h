/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The workload: threads, each standing for a CPU, contend for all locks of the
 * library.  Each lock protects an object whose corruption is seen, and each
 * step is recorded with a stamp, so that a judge can replay the whole run.
 *
 *   stress.c   options
 *   verdict.c  the verdict, and the counts of each family
 *   phases.c   the threads and what they do
 *   meet.c     meetings, in which contention is certain
 *   section.c  the critical section; test/wrong has faulty ones
 *   enter.c    acquire and release, with their records
 *   interrupt.c  interrupts of those who wait in a meeting
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
#include <time.h>

#include "../../layers/L4_locks/locks.h"

enum { MAX_CPUS = 64, MAX_CHAIN = 4 };

enum exit_status { FINE = 0, USAGE = 2, HANG = 3, CORRUPT = 4, IDLE = 5 };

enum verb { CALLED, ENTERED, READ, WROTE, LEFT };

struct event {
	uint64_t stamp, value;
	uint32_t cpu, lock, part; /* part: the word of the object, of READ and WROTE */
	enum verb verb;
};

struct cpu {
	alignas(128) uint32_t id;
	pthread_t thread;
	clockid_t clock; /* its CPU time; valid once it is running */
	bool pinned;
	uint64_t random;
	uint32_t starts;
	char corrupt[200]; /* what this CPU saw first; empty: nothing */

	/* its events, in its own order; nobody else writes them */
	struct event *events;
	size_t count, room;

	/* its part in a meeting (meet.c) */
	struct cpu *partner; /* NULL: it is in none */
	uint32_t meets_at;   /* the lock */
	uint32_t points;     /* meeting points to pass before it may stay at one */

	/* for its partner and for the watchdog */
	_Atomic uint64_t steps; /* events, and moves in meetings */
	_Atomic uint64_t naps;	/* after looking in vain for what another CPU has to do */
	_Atomic(const char *) looks_for; /* or NULL */
	_Atomic uint32_t meetings; /* its meetings below this number are over */
	_Atomic bool running, finished;
	_Atomic int64_t waiting_for; /* a lock, or -1 */
	_Atomic bool inside[HLOCK_LOCKS];
	_Atomic bool frozen; /* it takes no step any more */
};

/* A counter that one thread writes. */
static inline void add_one(_Atomic uint64_t *counter)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

extern struct cpu cpus[MAX_CPUS];
extern uint32_t cpu_count;
extern _Atomic bool give_up; /* somebody saw a corrupt object */

extern const char *const object_code; /* the library that is linked */

extern struct options {
	unsigned rounds, chains, contended, watchdog;
	const char *trace, *summary;
} options;

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

/* phases.c */
void run_all(void);

/* meet.c */
extern uint64_t first_free_stamp; /* events of the meetings have lower stamps */
void hold_meetings(struct cpu *cpu);
uint32_t meetings_at_a_lock(const struct family *family);
/* A place in a section at which a meeting may have it stay. */
void meet(struct cpu *cpu);
/* Until the word is `least` at least, or somebody gives up; what: for the watchdog's report */
void await(struct cpu *cpu, const _Atomic uint32_t *word, uint32_t least, const char *what);

/* section.c: takes the locks of the chain, uses each object, gives them back */
void section(struct cpu *cpu, const uint32_t *chain, uint32_t length);

/* enter.c */
void enter(struct cpu *cpu, uint32_t lock);
void leave(struct cpu *cpu, uint32_t lock);
uint32_t tickets_out(uint32_t lock); /* of the holder and of those who wait */

/* interrupt.c: of the thread that calls, while it waits in a meeting */
void prepare_interrupts(void);
void start_interrupts(void);
void stop_interrupts(void);

/* object.c */
enum { VERSION, WRITER, PAYLOAD, WORDS = 4 };
struct object {
	alignas(64) uint64_t word[WORDS];
};
extern struct object objects[HLOCK_LOCKS];
struct object read_object(struct cpu *cpu, uint32_t lock);
/* The same, from another place than where the object is; section.c does not use the rest. */
struct object read_object_at(struct cpu *cpu, uint32_t lock, const struct object *from);
struct object next_object(struct cpu *cpu, uint32_t lock, const struct object *seen);
void write_word(struct cpu *cpu, uint32_t lock, uint32_t i, const struct object *next);
/* The one after that which was seen. */
void write_object(struct cpu *cpu, uint32_t lock, const struct object *seen);

/* record.c */
uint64_t record(struct cpu *cpu, enum verb verb, uint32_t lock, uint32_t part, uint64_t value);
uint64_t stamps(void);
struct event *merge(size_t *count);
FILE *open_file(const char *path);
void close_file(FILE *out, const char *path);
void write_trace(const char *path, const struct event *events, size_t count);
struct counts {
	uint64_t acquisitions, met, free, hand_overs, events, writes; /* met, free: contended in that phase */
};
void count_events(struct counts *by_lock, const struct event *events, size_t count);

/* watch.c: a thread; its argument points to the limit in seconds of CPU time */
void *watch(void *limit);
uint64_t cpu_time(const struct cpu *cpu); /* nanoseconds */

/* verdict.c */
bool report_corrupt(void); /* prints what the first CPU saw, if any did */
enum exit_status judge(const struct event *events, size_t count);

#endif
