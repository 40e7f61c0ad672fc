/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Judges record.h, which is trusted, in place of a proof: each of its functions does to all records
 * what its specification says (layers/L4_locks/record.v), and nothing else.  No thread waits for
 * another, and nothing here depends on time.  Status: 0 right, 1 wrong.
 *
 * -DHLOCK_HOSTED, -DHLOCK_STUCK_POLLS=3: as in the library; -DDEFAULTS: with its depth and number of CPUs.
 * RECORD_H: the file.
 */
#define HLOCK_DEBUG
#include <hlock/hlock.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HLOCK_LINE 64
#ifndef DEFAULTS
#define HLOCK_DEPTH 3
#define HLOCK_CPUS 3
#endif

static unsigned relaxed;
static inline void cpu_relax(void)
{
	relaxed++;
}

#include RECORD_H

#ifdef DEFAULTS
_Static_assert(HLOCK_DEPTH == 8 && HLOCK_CPUS == 64, "as doc/checks.md says");
#endif
_Static_assert(_Alignof(struct hlock_record) == HLOCK_LINE, "no two CPUs share a line");

#define CHECK(condition) ((condition) ? (void)0 : wrong_at(__LINE__))
#define OUT __attribute__((noinline))

static _Noreturn void wrong_at(int line)
{
	fprintf(stderr, "record.c:%d\n", line);
	_Exit(1);
}

/* What hlock_wrong was told; it does not return. */
static struct told {
	uint32_t fault, operation, first, index, number;
	const struct hlock_record *record;
	const void *caller;
} told;
static jmp_buf stopped;
static const void *site; /* where the last function was called */

_Noreturn void hlock_wrong(uint32_t fault, uint32_t operation, uint32_t first, uint32_t index, uint32_t number,
			   const struct hlock_record *record, const void *caller)
{
	told = (struct told){ fault, operation, first, index, number, record, caller };
	longjmp(stopped, 1);
}

static void was_told(uint32_t fault, uint32_t operation, uint32_t first, uint32_t index, uint32_t number,
		     const struct hlock_record *record)
{
	CHECK(told.fault == fault);
	CHECK(told.operation == operation);
	CHECK(told.first == first);
	CHECK(told.index == index);
	CHECK(told.number == number);
	CHECK(told.record == record);
	CHECK(told.caller == site);
	memset(&told, 0xff, sizeof told);
}

static uint32_t answer; /* of hlock_this_cpu */
uint32_t hlock_this_cpu(void)
{
	return answer;
}

/* ---- As lock functions, each of which is called, and has a site. */
#define SITE (site = __builtin_return_address(0))
static OUT void put(uint32_t cpu, uint32_t place, uint32_t lock, uint32_t rank)
{
	SITE;
	record_put(cpu, place, lock, rank);
}

static OUT void wait_begins(uint32_t cpu, uint32_t first, uint32_t lock)
{
	SITE;
	record_wait(cpu, first, lock);
}

static OUT void stop_index(uint32_t operation, uint32_t first, uint32_t argument, uint32_t count)
{
	SITE;
	hlock_stop(operation, first, argument, count);
}

static OUT void stop_lock(uint32_t fault, uint32_t operation, uint32_t first, uint32_t lock, uint32_t cpu)
{
	SITE;
	hlock_stops(fault, operation, first, lock, cpu);
}

static OUT uint32_t number(uint32_t operation, uint32_t first)
{
	SITE;
	return this_cpu(operation, first);
}

#define STOPS(call, ...)                     \
	do {                                 \
		if (setjmp(stopped) == 0) {  \
			call;                \
			wrong_at(__LINE__);  \
		}                            \
		was_told(__VA_ARGS__);       \
	} while (0)

/* ---- The records as they should be, and as they are. */
#ifdef HLOCK_HOSTED
enum { RECORDS = 1 };
_Thread_local struct hlock_record hlock_own_record;
_Atomic uint32_t hlock_threads;
#define RECORD(cpu) (&hlock_own_record)
#else
enum { RECORDS = HLOCK_CPUS };
struct hlock_record hlock_records[HLOCK_CPUS];
#define RECORD(cpu) (&hlock_records[cpu])
#endif
static struct hlock_record should[RECORDS];

static void as_they_should_be(void)
{
	for (uint32_t cpu = 0; cpu < RECORDS; cpu++) {
		const struct hlock_record *is = RECORD(cpu), *to_be = &should[cpu];

		CHECK(record_of(cpu) == is);
		CHECK(record_count(cpu) == to_be->count);
		CHECK(is->count == to_be->count);
		CHECK(is->first == to_be->first && is->wanted == to_be->wanted && is->polls == to_be->polls);
		CHECK(is->site == to_be->site);
		CHECK(is->cpu == to_be->cpu);
		for (uint32_t place = 0; place < HLOCK_DEPTH; place++) {
			CHECK(is->places[place].site == to_be->places[place].site);
			CHECK(record_lock(cpu, place) == to_be->places[place].lock);
			CHECK(record_rank(cpu, place) == to_be->places[place].rank);
			CHECK(is->places[place].lock == to_be->places[place].lock);
			CHECK(is->places[place].rank == to_be->places[place].rank);
		}
	}
}

static void put_each(void)
{
	static uint32_t next = 100;

	for (uint32_t cpu = 0; cpu < RECORDS; cpu++)
		for (uint32_t place = 0; place < HLOCK_DEPTH; place++) {
			uint32_t lock = next++, rank = next++;

			put(cpu, place, lock, rank);
			should[cpu].places[place] = (struct hlock_place){ site, lock, rank };
			as_they_should_be();
		}
}

static void records(void)
{
	as_they_should_be(); /* zeroed memory: nobody holds a lock */
	CHECK(record_room() == HLOCK_DEPTH);
	put_each();
	for (uint32_t cpu = 0; cpu < RECORDS; cpu++)
		for (uint32_t count = HLOCK_DEPTH + 1; count-- > 0;) {
			record_size(cpu, count);
			should[cpu].count = count;
			as_they_should_be();
		}
	for (uint32_t cpu = 0; cpu < RECORDS; cpu++)
		for (uint32_t from = 0; from < HLOCK_DEPTH; from++)
			for (uint32_t to = 0; to < HLOCK_DEPTH; to++) {
				put_each();
				record_move(cpu, from, to);
				should[cpu].places[to] = should[cpu].places[from];
				as_they_should_be();
			}
}

static void waits(void)
{
	for (uint32_t cpu = 0; cpu < RECORDS; cpu++) {
		RECORD(cpu)->polls = should[cpu].polls = 7;
		wait_begins(cpu, 40 + cpu, 50 + cpu);
#ifdef HLOCK_STUCK_POLLS
		should[cpu].first = 40 + cpu;
		should[cpu].wanted = 50 + cpu;
		should[cpu].polls = 0;
		should[cpu].site = site;
#endif
		as_they_should_be();
	}
}

#ifdef HLOCK_STUCK_POLLS
static unsigned reports;
static const struct hlock_record *reported;

void hlock_waits(const struct hlock_record *record)
{
	CHECK(relaxed == 3);
	reports++;
	reported = record;
}

#ifndef HLOCK_HOSTED
static OUT void relax(void)
{
	SITE;
	cpu_relax();
}
#endif

static OUT void polls(void)
{
	for (uint32_t cpu = RECORDS; cpu-- > 0;) {
		answer = cpu;
		reports = relaxed = 0;
		for (unsigned poll = 1; poll < 6; poll++) {
			cpu_relax();
			CHECK(relaxed == poll);
			should[cpu].polls = poll < 3 ? poll : 3;
			as_they_should_be();
			CHECK(reports == (poll < 3 ? 0 : 1));
		}
		CHECK(reported == RECORD(cpu));
		RECORD(cpu)->polls = should[cpu].polls = 9; /* nothing is counted beyond */
		cpu_relax();
		as_they_should_be();
		CHECK(reports == 1);
	}
#ifndef HLOCK_HOSTED
	answer = HLOCK_CPUS;
	relaxed = 0;
	STOPS(relax(), HLOCK_WRONG_CPU, 0, 0, 0, HLOCK_CPUS, NULL);
	CHECK(relaxed == 0);
#endif
}
#endif

static void stops(void)
{
	STOPS(stop_index(1, 21, 17, 15), HLOCK_WRONG_INDEX, 1, 21, 17, 15, NULL);
	STOPS(stop_index(3, 7, 5, 4), HLOCK_WRONG_INDEX, 3, 7, 5, 4, NULL);
	STOPS(stop_index(2, 0, 4294967295U, 1), HLOCK_WRONG_INDEX, 2, 0, 4294967295U, 1, NULL);
	for (volatile uint32_t cpu = 0; cpu < RECORDS; cpu++)
		for (volatile uint32_t fault = 1; fault < 8; fault++)
			STOPS(stop_lock(fault, 11 + fault, 21, 21 + 3 * fault, cpu), /* is told: */
			      fault, 11 + fault, 21, 3 * fault, cpu, RECORD(cpu));
	as_they_should_be();
}

#ifdef HLOCK_HOSTED
/* A thread has the next number, and the same one in all calls; its record is its own. */
static void *thread(void *wanted)
{
	CHECK(record_of(0) == &hlock_own_record);
	for (uint32_t call = 0; call < 5; call++)
		CHECK(number(call, 9 * call) == *(uint32_t *)wanted);
	CHECK(hlock_own_record.cpu == *(uint32_t *)wanted + 1);
	CHECK(record_count(0) == 0);
	return NULL;
}

static void numbers(void)
{
	for (uint32_t wanted = 0; wanted < 4; wanted++) {
		pthread_t other;

		CHECK(pthread_create(&other, NULL, thread, &wanted) == 0 && pthread_join(other, NULL) == 0);
	}
	CHECK(number(0, 0) == 4);
	CHECK(hlock_threads == 5);
	should[0].cpu = 5;
}
#else
static void numbers(void)
{
	for (answer = 0; answer < HLOCK_CPUS; answer++)
		CHECK(number(3, 30) == answer);
	for (answer = HLOCK_CPUS; answer < HLOCK_CPUS + 3; answer++)
		STOPS(number(3, 30), HLOCK_WRONG_CPU, 3, 30, 0, answer, NULL);
	answer = 4294967295U;
	STOPS(number(4, 0), HLOCK_WRONG_CPU, 4, 0, 0, answer, NULL);
}
#endif

int main(void)
{
	numbers();
	records();
	waits();
#ifdef HLOCK_STUCK_POLLS
	polls();
#endif
	stops();
	return 0;
}
