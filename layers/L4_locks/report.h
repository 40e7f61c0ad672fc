/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The end of a debug build: from the numbers that a check passes, and the record of this CPU,
 * to a report; and the report as text.  It takes no lock and prints nothing itself: a report
 * must work from inside any critical section.
 * The file that includes it defines hlock_table, of which one line is a family, the last
 * one without a name.
 * Read next: ../../tools/hlock/source.c, which writes it.
 */
#ifndef HLOCK_REPORT_H
#define HLOCK_REPORT_H

struct hlock_family {
	const char *name, *functions[4]; /* by operation */
	uint32_t first, count, rank, has_index;
};
static const struct hlock_family *hlock_table(void);

#ifdef HLOCK_HOSTED
HLOCK_DEFINED _Thread_local struct hlock_record hlock_own_record;
HLOCK_DEFINED _Atomic uint32_t hlock_threads;
#else
HLOCK_DEFINED struct hlock_record hlock_records[HLOCK_CPUS];
#endif

__attribute__((weak)) void hlock_panic(const struct hlock_report *report)
{
	(void)report;
	__builtin_trap();
}

__attribute__((weak)) void hlock_stuck(const struct hlock_report *report)
{
	(void)report;
}

static const char *const hlock_messages[] = {
	"index out of range",
	"this CPU holds the lock already",
	"against the order of locks",
	"too many locks held",
	"this CPU does not hold the lock",
	"not held",
	"held",
	"a lock is held",
	"hlock_this_cpu is out of range",
	"long wait",
};

static const struct hlock_family *hlock_family_of(uint32_t lock)
{
	const struct hlock_family *family = hlock_table();

	while (family->name && lock - family->first >= family->count)
		family++;
	return family;
}

/* Which lock of the record is in the way. */
static uint32_t hlock_against(const struct hlock_report *report, uint32_t lock)
{
	uint32_t place = 0U, found = report->held_count;

	for (; place < report->held_count; place++) {
		const struct hlock_held *held = &report->held[place];

		if (report->fault == HLOCK_ASSERT_NONE_HELD || held->lock == lock ||
		    (report->fault == HLOCK_WRONG_ORDER && held->rank >= report->rank &&
		     !(held->family == report->family && held->lock < lock)))
			found = place;
		if (found == place)
			return found;
	}
	return found;
}

static void hlock_fill(struct hlock_report *report, struct hlock_held *held, uint32_t fault, uint32_t operation,
		       const struct hlock_family *family, uint32_t index, const struct hlock_record *record)
{
	report->message = hlock_messages[fault];
	report->function = operation < 4U && family->name ? family->functions[operation] : "assert_none_held";
	report->family = operation < 4U ? family->name : 0;
	report->held = held;
	report->fault = fault;
	report->has_index = operation < 4U ? family->has_index : 0U;
	report->index = index;
	report->limit = operation < 4U ? family->count : 0U;
	report->rank = operation < 4U ? family->rank : 0U;
	report->held_count = record ? record->count : 0U;
	for (uint32_t place = 0U; place < report->held_count; place++) {
		const struct hlock_place *from = &record->places[place];
		const struct hlock_family *of = hlock_family_of(from->lock);

		held[place].family = of->name;
		held[place].site = from->site;
		held[place].has_index = of->has_index;
		held[place].index = from->lock - of->first;
		held[place].rank = from->rank;
		held[place].lock = from->lock;
	}
	report->against = hlock_against(report, family->first + index);
}

/* number: the CPU; of an index out of range, of which no record is looked at, its limit. */
HLOCK_DEFINED _Noreturn void hlock_wrong(uint32_t fault, uint32_t operation, uint32_t first, uint32_t index,
					 uint32_t number, const struct hlock_record *record, const void *caller)
{
	struct hlock_held held[HLOCK_DEPTH];
	struct hlock_report report;

	hlock_fill(&report, held, fault, operation, hlock_family_of(first), index, record);
	report.caller = caller;
	report.cpu = number;
	if (fault == HLOCK_WRONG_INDEX) {
#ifdef HLOCK_HOSTED
		report.cpu = this_cpu(operation, first);
#else
		report.cpu = hlock_this_cpu();
#endif
	}
	hlock_panic(&report);
	__builtin_trap();
}

#ifdef HLOCK_STUCK_POLLS
HLOCK_DEFINED void hlock_waits(const struct hlock_record *record)
{
	struct hlock_held held[HLOCK_DEPTH];
	struct hlock_report report;

	hlock_fill(&report, held, HLOCK_STUCK, 0U, hlock_family_of(record->first), record->wanted - record->first,
		   record);
	report.caller = record->site;
	report.cpu = this_cpu(0U, record->first);
	hlock_stuck(&report);
}
#endif

/* ------------------------------------------------------------------- text */

struct hlock_sink {
	void (*put)(char character, void *to);
	void *to;
};

static void hlock_put(const struct hlock_sink *sink, const char *text)
{
	while (*text)
		sink->put(*text++, sink->to);
}

static const uint32_t hlock_powers[] = { 1U, 10U, 100U, 1000U, 10000U, 100000U, 1000000U,
					 10000000U, 100000000U, 1000000000U };

/* Without a division, which some machines have in a library. */
static void hlock_put_number(const struct hlock_sink *sink, uint32_t number)
{
	uint32_t power = 1000000000U, scale = 9U, digit;

	for (; scale > 0U && number < power; scale--)
		power = hlock_powers[scale - 1U];
	for (;; power = hlock_powers[--scale]) {
		for (digit = 0U; number >= power; digit++)
			number -= power;
		sink->put((char)('0' + (int)digit), sink->to);
		if (scale == 0U)
			return;
	}
}

static void hlock_put_address(const struct hlock_sink *sink, const void *address)
{
	const __UINTPTR_TYPE__ number = (__UINTPTR_TYPE__)address;
	unsigned shift = 8U * sizeof number - 4U;

	while (shift > 0U && number >> shift == 0U)
		shift -= 4U;
	hlock_put(sink, "0x");
	for (;; shift -= 4U) {
		sink->put("0123456789abcdef"[(number >> shift) & 15U], sink->to);
		if (shift == 0U)
			return;
	}
}

static void hlock_put_lock(const struct hlock_sink *sink, const char *name, uint32_t has_index, uint32_t index)
{
	hlock_put(sink, name);
	if (has_index) {
		hlock_put(sink, "(");
		hlock_put_number(sink, index);
		hlock_put(sink, ")");
	}
}

static void hlock_put_held(const struct hlock_sink *sink, const struct hlock_held *held)
{
	hlock_put_lock(sink, held->family, held->has_index, held->index);
	hlock_put(sink, ", rank ");
	hlock_put_number(sink, held->rank);
	hlock_put(sink, ", taken at ");
	hlock_put_address(sink, held->site);
}

void hlock_report_print(const struct hlock_report *report, void (*put)(char character, void *to), void *to)
{
	const struct hlock_sink sink = { put, to };

	hlock_put(&sink, "hlock: ");
	hlock_put_lock(&sink, report->function, report->has_index, report->index);
	hlock_put(&sink, ": ");
	hlock_put(&sink, report->message);
	if (report->fault == HLOCK_WRONG_INDEX) {
		hlock_put(&sink, ": not below ");
		hlock_put_number(&sink, report->limit);
	}
	if (report->family) {
		hlock_put(&sink, "; rank ");
		hlock_put_number(&sink, report->rank);
	}
	hlock_put(&sink, "; called at ");
	hlock_put_address(&sink, report->caller);
	hlock_put(&sink, " on CPU ");
	hlock_put_number(&sink, report->cpu);
	hlock_put(&sink, "\n");
	for (uint32_t place = 0U; place < report->held_count; place++) {
		hlock_put(&sink, place == report->against ? "  in the way: " : "  holds: ");
		hlock_put_held(&sink, &report->held[place]);
		hlock_put(&sink, "\n");
	}
}

#endif
