/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The record of the debug build: which locks this CPU holds, with their ranks and where
 * they were taken; and the stop.  Only this CPU reads or writes its record.
 *
 * What stands here is outside of the C that is exported, as floor 0 is: the primitives by
 * which checks.h reads and writes the record.  All of it is inline, so that the address to
 * which the lock function returns is known: that of the call.
 * Read next: ../L4_locks/checks.h.
 */
#ifndef HLOCK_RECORD_H
#define HLOCK_RECORD_H

/* So many locks may one CPU hold at once. */
#ifndef HLOCK_DEPTH
#define HLOCK_DEPTH 8
#endif
/* hlock_this_cpu() is below this. */
#ifndef HLOCK_CPUS
#define HLOCK_CPUS 64
#endif

#define HLOCK_CHECKS __attribute__((always_inline, unused)) static inline

/* A drop-in that is one file has its own. */
#if defined(HLOCK_ONE_FILE) && !defined(HLOCK_CHECK_INDEX_ONLY)
#define HLOCK_DECLARED static
#define HLOCK_DEFINED static
#else
#define HLOCK_DECLARED extern
#define HLOCK_DEFINED
#endif

struct hlock_place {
	const void *site;
	uint32_t lock, rank;
};

struct hlock_record {
	_Alignas(HLOCK_LINE) uint32_t count; /* of places */
	uint32_t cpu, first, wanted, polls;  /* of the wait: family and number of the lock, polls so far */
	const void *site;
	struct hlock_place places[HLOCK_DEPTH];
};

/* In the order of enum hlock_fault, which the user sees. */
HLOCK_DECLARED _Noreturn void hlock_wrong(uint32_t fault, uint32_t operation, uint32_t first, uint32_t index,
					  uint32_t number, const struct hlock_record *record, const void *caller);
#ifdef HLOCK_STUCK_POLLS
HLOCK_DECLARED void hlock_waits(const struct hlock_record *record);
#endif

#ifdef HLOCK_HOSTED
/* A thread is a CPU, and has its record: no number of it is needed but for reports. */
HLOCK_DECLARED _Thread_local struct hlock_record hlock_own_record;
HLOCK_DECLARED _Atomic uint32_t hlock_threads;

HLOCK_CHECKS struct hlock_record *record_of(uint32_t cpu)
{
	(void)cpu;
	return &hlock_own_record;
}

HLOCK_CHECKS uint32_t this_cpu(uint32_t operation, uint32_t first)
{
	(void)operation;
	(void)first;
	if (hlock_own_record.cpu == 0U)
		hlock_own_record.cpu = atomic_fetch_add_explicit(&hlock_threads, 1U, memory_order_relaxed) + 1U;
	return hlock_own_record.cpu - 1U;
}
#else
HLOCK_DECLARED struct hlock_record hlock_records[HLOCK_CPUS];

HLOCK_CHECKS struct hlock_record *record_of(uint32_t cpu)
{
	return &hlock_records[cpu];
}

HLOCK_CHECKS uint32_t this_cpu(uint32_t operation, uint32_t first)
{
	uint32_t cpu = hlock_this_cpu();

	if (cpu >= HLOCK_CPUS)
		hlock_wrong(HLOCK_WRONG_CPU, operation, first, 0U, cpu, 0, __builtin_return_address(0));
	return cpu;
}
#endif

HLOCK_CHECKS uint32_t record_room(void)
{
	return HLOCK_DEPTH;
}

HLOCK_CHECKS uint32_t record_count(uint32_t cpu)
{
	return record_of(cpu)->count;
}

HLOCK_CHECKS uint32_t record_lock(uint32_t cpu, uint32_t place)
{
	return record_of(cpu)->places[place].lock;
}

HLOCK_CHECKS uint32_t record_rank(uint32_t cpu, uint32_t place)
{
	return record_of(cpu)->places[place].rank;
}

HLOCK_CHECKS void record_put(uint32_t cpu, uint32_t place, uint32_t lock, uint32_t rank)
{
	struct hlock_place *put = &record_of(cpu)->places[place];

	put->site = __builtin_return_address(0);
	put->lock = lock;
	put->rank = rank;
}

/* Mostly a place is moved to itself.  Then a copy would wait for the stores that made it, for longer than
 * all else takes (doc/cost.md). */
HLOCK_CHECKS void record_move(uint32_t cpu, uint32_t from, uint32_t to)
{
	if (from != to)
		record_of(cpu)->places[to] = record_of(cpu)->places[from];
}

HLOCK_CHECKS void record_size(uint32_t cpu, uint32_t count)
{
	record_of(cpu)->count = count;
}

/* For the report of a long wait; nothing reads it but that. */
HLOCK_CHECKS void record_wait(uint32_t cpu, uint32_t first, uint32_t lock)
{
#ifdef HLOCK_STUCK_POLLS
	struct hlock_record *record = record_of(cpu);

	record->first = first;
	record->wanted = lock;
	record->polls = 0U;
	record->site = __builtin_return_address(0);
#else
	(void)cpu;
	(void)first;
	(void)lock;
#endif
}

/* The index is out of range: no record is looked at. */
HLOCK_CHECKS _Noreturn void hlock_stop(uint32_t operation, uint32_t first, uint32_t argument, uint32_t count)
{
	hlock_wrong(HLOCK_WRONG_INDEX, operation, first, argument, count, 0, __builtin_return_address(0));
}

/* The other stops: of lock number `lock` of the family that begins with `first`. */
HLOCK_CHECKS _Noreturn void hlock_stops(uint32_t fault, uint32_t operation, uint32_t first, uint32_t lock, uint32_t cpu)
{
	hlock_wrong(fault, operation, first, lock - first, cpu, record_of(cpu), __builtin_return_address(0));
}

#ifdef HLOCK_STUCK_POLLS
/* A poll that failed is counted; at the last one that is allowed the wait is reported, and goes on. */
HLOCK_CHECKS void cpu_relax_counted(void)
{
	struct hlock_record *record = record_of(this_cpu(0U, 0U));

	cpu_relax();
	if (record->polls < (HLOCK_STUCK_POLLS)) {
		record->polls++;
		if (record->polls == (HLOCK_STUCK_POLLS))
			hlock_waits(record);
	}
}
#define cpu_relax cpu_relax_counted
#endif

#endif
