/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The table that people read and the CSV that programs read: a line a lock; a
 * line a metric and lock, with every round.  What was not measured is "-" in the
 * table and empty in the CSV.
 * Read next: goals.c.
 */
#include <math.h>

#include "bench.h"

struct column {
	const char *title, *unit;
	enum metric_id metric;
	enum lock_id against; /* LOCKS: the value, else the ratio */
	int digits;
};

static void cell(FILE *out, double value, int digits)
{
	if (isnan(value))
		fprintf(out, " %11s", "-");
	else
		fprintf(out, " %11.*f", digits, value);
}

static void print_columns(FILE *out, const char *title, const struct column *columns, size_t count)
{
	fprintf(out, "\n%s\n%-14s", title, "");
	for (size_t c = 0; c < count; c++)
		fprintf(out, " %11s", columns[c].title);
	fprintf(out, "\n%-14s", "lock");
	for (size_t c = 0; c < count; c++)
		fprintf(out, " %11s", columns[c].unit);
	fprintf(out, "\n");
	for (unsigned i = 0; i < LOCKS; i++) {
		fprintf(out, "%-14s", locks[i].name);
		for (size_t c = 0; c < count; c++)
			cell(out, ratio_of(columns[c].metric, i, columns[c].against), columns[c].digits);
		fprintf(out, "\n");
	}
}

#define PRINT_COLUMNS(out, title, columns) print_columns(out, title, columns, sizeof columns / sizeof *columns)

static void print_locks(FILE *out)
{
	static const char *const kinds[] = { [LIMIT] = "limit", [FIFO] = "FIFO", [UNFAIR] = "unfair" };

	fprintf(out, "\n");
	for (unsigned i = 0; i < LOCKS; i++)
		fprintf(out, "%-14s %-7s %s\n", locks[i].name, kinds[locks[i].kind], locks[i].what);
}

void print_table(FILE *out)
{
	static const struct column cost[] = {
		{ "uncontended", "ns", UNCONTENDED, LOCKS, 2 }, { "", "x raw", UNCONTENDED, RAW, 2 },
		{ "empty", "Mops/s", EMPTY, LOCKS, 2 },         { "", "of limit", EMPTY, RAW, 2 },
		{ "", "x tkt", EMPTY, TKT, 2 },                 { "100 ns", "Mops/s", SECTION, LOCKS, 2 },
		{ "", "of limit", SECTION, RAW, 2 },            { "section", "x tkt", SECTION, TKT, 2 },
	};
	static const struct column waits[] = {
		{ "share", "min/max", SHARE, LOCKS, 3 }, { "wait p50", "ns", P50, LOCKS, 0 },
		{ "p99", "ns", P99, LOCKS, 0 },          { "", "p99/p50", P99_P50, LOCKS, 2 },
		{ "longest", "us", LONGEST, LOCKS, 0 },  { "neighbours", "x one", NEIGHBOURS, LOCKS, 2 },
	};
	static const struct column crowds[] = {
		{ "4 threads", "kops/s", RATE_4, LOCKS, 0 },   { "longest", "ms", WAIT_4, LOCKS, 1 },
		{ "8 threads", "kops/s", RATE_8, LOCKS, 0 },   { "longest", "ms", WAIT_8, LOCKS, 1 },
		{ "16 threads", "kops/s", RATE_16, LOCKS, 0 }, { "longest", "ms", WAIT_16, LOCKS, 1 },
	};

	print_machine(out);
	print_locks(out);
	PRINT_COLUMNS(out, "One thread; two threads on two CPUs, with an empty and with a 100 ns section. "
			   "raw: 1 / hand-over, 1 / (hand-over + section).", cost);
	PRINT_COLUMNS(out, "Two threads, 100 ns section: shares and waits. Two threads, a lock each, side by side, "
			   "against one thread.", waits);
	PRINT_COLUMNS(out, "More threads than CPUs: on two CPUs, 100 ns section, 100 ns gap.", crowds);
	print_goals(out);
}

static void csv_number(FILE *out, double value)
{
	if (isnan(value))
		fprintf(out, ",");
	else
		fprintf(out, ",%.6g", value);
}

void print_csv(FILE *out)
{
	fprintf(out, "metric,unit,lock,median,min,max,against,ratio");
	for (unsigned round = 1; round <= rounds; round++)
		fprintf(out, ",round_%u", round);
	fprintf(out, "\n");
	for (unsigned m = 0; m < METRICS; m++)
		for (unsigned i = 0; i < LOCKS; i++) {
			enum lock_id against = metrics[m].against;

			fprintf(out, "%s,%s,%s", metrics[m].name, metrics[m].unit, locks[i].name);
			csv_number(out, median_of(m, i));
			csv_number(out, least_of(m, i));
			csv_number(out, most_of(m, i));
			fprintf(out, ",%s", against == LOCKS ? "" : locks[against].name);
			csv_number(out, against == LOCKS ? NAN : ratio_of(m, i, against));
			for (unsigned round = 0; round < rounds; round++)
				csv_number(out, value_of(m, i, round));
			fprintf(out, "\n");
		}
}
