/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The table: what the file of samples notes, the mode, a line a lock, the goals.
 * Each figure is followed by how many samples it rests on; "-" rests on none.
 * Read next: goals.c.
 */
#include "table.h"

#include <math.h>
#include <string.h>

#include "figures.h"
#include "goals.h"

enum shown { VALUE, RATIO, OF_LIMIT };

struct column {
	const char *title, *unit;
	enum metric_id metric;
	enum shown shown;
	enum lock_id against; /* of a RATIO */
	int digits;
};

static void cell(FILE *out, const struct results *results, const struct column *column, enum lock_id lock)
{
	struct figure figure;
	char text[40] = "-";

	switch (column->shown) {
	case VALUE: figure = median_of(results, column->metric, lock); break;
	case RATIO: figure = ratio_of(results, column->metric, lock, column->against); break;
	default: figure = share_of_limit(results, column->metric, lock);
	}
	if (figure.samples > 0)
		snprintf(text, sizeof text, "%.*f (%u)%s", column->digits, figure.value, figure.samples,
			 column->shown == OF_LIMIT && figure.value > MOST_OF_LIMIT ? "!" : "");
	fprintf(out, " %12s", text);
}

static void print_columns(FILE *out, const struct results *results, const char *title, const struct column *columns,
			  size_t count)
{
	fprintf(out, "\n%s\n%-13s", title, "");
	for (size_t c = 0; c < count; c++)
		fprintf(out, " %12s", columns[c].title);
	fprintf(out, "\n%-13s", "lock");
	for (size_t c = 0; c < count; c++)
		fprintf(out, " %12s", columns[c].unit);
	fprintf(out, "\n");
	for (enum lock_id i = 0; i < LOCKS; i++) {
		fprintf(out, "%-13s", locks[i].name);
		for (size_t c = 0; c < count; c++)
			cell(out, results, &columns[c], i);
		fprintf(out, "\n");
	}
}

#define PRINT_COLUMNS(out, results, title, columns) \
	print_columns(out, results, title, columns, sizeof columns / sizeof *columns)

static void print_notes(FILE *out, const char *notes)
{
	while (notes && *notes) {
		size_t length = strcspn(notes, "\n");

		fprintf(out, "%.*s\n", (int)(length > 2 ? length - 2 : 0), length > 2 ? notes + 2 : "");
		notes += length + (notes[length] == '\n');
	}
}

/* The shortest and the longest hand-over of the recording: how far apart its modes are. */
static void print_mode(FILE *out, const struct results *results)
{
	const struct recording *recording = results->recording;
	double least = INFINITY, most = 0;

	for (size_t i = 0; i < recording->count; i++) {
		least = fmin(least, recording->samples[i].before.line);
		most = fmax(most, recording->samples[i].before.line);
	}
	if (isnan(results->reference.line))
		fprintf(out, "mode: no hand-over was measured between two CPUs");
	else
		fprintf(out, "mode: a cache line takes %.1f ns from one CPU to the other (in all samples %.1f to %.1f)",
			results->reference.line, least, most);
	fprintf(out, "; a turn of the empty loop %.3f ns\n", results->reference.turn[0]);
	fprintf(out, "%u of %zu samples are of this mode, just before and just after (hand-over within %.0f %%, loop "
		     "%.0f %%), and count;\n%u are of another mode, %u of none: the machine changed meanwhile\n",
		results->standings[COUNTS], recording->count, 100 * LINE_TOLERANCE, 100 * TURN_TOLERANCE,
		results->standings[OTHER_MODE], results->standings[BETWEEN]);
}

static void print_locks(FILE *out)
{
	static const char *const kinds[] = { [LIMIT] = "limit", [FIFO] = "FIFO", [UNFAIR] = "unfair" };

	fprintf(out, "\n");
	for (enum lock_id i = 0; i < LOCKS; i++)
		fprintf(out, "%-14s %-7s %s\n", locks[i].name, kinds[locks[i].kind], locks[i].what);
}

/* With the checks over without them, in one round. */
static void print_checks(FILE *out, const struct results *results)
{
	static const struct {
		const char *text;
		enum lock_id with, without;
	} rows[] = {
		{ "inline", CHECKED, HLOCK },
		{ "library", CHECKED_LIB, HLOCK_LIB },
		{ "glibc mutex", PTHREAD_CHECK, PTHREAD_MUTEX },
	};
	static const struct {
		const char *title;
		enum metric_id metric;
	} columns[] = {
		{ "uncontended", UNCONTENDED }, { "chain", CHAIN }, { "100 ns, rate", SECTION },
		{ "wait p50", P50 }, { "wait p99", P99 },
	};

	fprintf(out, "\nThe debug build: with its checks, x without them, in one round. Of glibc: error-checking, "
		     "x normal.\n%-13s", "");
	for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
		fprintf(out, " %12s", columns[c].title);
	fprintf(out, "\n");
	for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
		fprintf(out, "%-13s", rows[r].text);
		for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
			const struct column ratio = { "", "", columns[c].metric, RATIO, rows[r].without, 2 };

			cell(out, results, &ratio, rows[r].with);
		}
		fprintf(out, "\n");
	}
}

void print_table(FILE *out, const void *what)
{
	static const struct column cost[] = {
		{ "uncontended", "ns", UNCONTENDED, VALUE, LOCKS, 2 }, { "", "x raw", UNCONTENDED, RATIO, RAW, 2 },
		{ "", "x raw_call", UNCONTENDED, RATIO, RAW_CALL, 2 },
		{ "", "of limit", UNCONTENDED, OF_LIMIT, LOCKS, 2 },
	};
	static const struct column chain[] = {
		{ "chain", "ns", CHAIN, VALUE, LOCKS, 2 }, { "of three", "x raw", CHAIN, RATIO, RAW, 2 },
	};
	static const struct column pairs[] = {
		{ "empty", "Mops/s", EMPTY, VALUE, LOCKS, 2 },    { "", "of limit", EMPTY, OF_LIMIT, LOCKS, 2 },
		{ "", "x tkt", EMPTY, RATIO, TKT, 2 },            { "100 ns", "Mops/s", SECTION, VALUE, LOCKS, 2 },
		{ "", "of limit", SECTION, OF_LIMIT, LOCKS, 2 }, { "section", "x tkt", SECTION, RATIO, TKT, 2 },
	};
	static const struct column waits[] = {
		{ "share", "min/max", SHARE, VALUE, LOCKS, 3 }, { "wait p50", "ns", P50, VALUE, LOCKS, 0 },
		{ "p99", "ns", P99, VALUE, LOCKS, 0 },          { "", "p99/p50", P99_P50, VALUE, LOCKS, 2 },
		{ "longest", "us", LONGEST, VALUE, LOCKS, 0 },  { "neighbours", "x one", NEIGHBOURS, VALUE, LOCKS, 2 },
	};
	static const struct column crowds[] = {
		{ "4 threads", "kops/s", RATE_4, VALUE, LOCKS, 0 },   { "longest", "ms", WAIT_4, VALUE, LOCKS, 1 },
		{ "8 threads", "kops/s", RATE_8, VALUE, LOCKS, 0 },   { "longest", "ms", WAIT_8, VALUE, LOCKS, 1 },
		{ "16 threads", "kops/s", RATE_16, VALUE, LOCKS, 0 }, { "longest", "ms", WAIT_16, VALUE, LOCKS, 1 },
	};
	const struct results *results = what;

	print_notes(out, results->recording->notes);
	print_mode(out, results);
	print_locks(out);
	fprintf(out, "\nBehind each figure: how many samples it rests on. !: beyond the limit, so measured wrongly.\n");
	PRINT_COLUMNS(out, results, "One thread. The limit is raw, of what is called raw_call.", cost);
	PRINT_COLUMNS(out, results, "One thread, three locks, acquired in order and released backwards.", chain);
	PRINT_COLUMNS(out, results,
		      "Two threads on two CPUs, with an empty and with a 100 ns section. The limit of what "
		      "hands over each time:\n1 / hand-over, 1 / (hand-over + section).", pairs);
	PRINT_COLUMNS(out, results,
		      "Two threads, 100 ns section: shares and waits. Two threads, a lock each, side by "
		      "side, against one thread.", waits);
	PRINT_COLUMNS(out, results, "More threads than CPUs: on two CPUs, 100 ns section, 100 ns gap.", crowds);
	print_checks(out, results);
	print_goals(out, results);
}
