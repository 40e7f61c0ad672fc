/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What a table that can be read may not say: names that clash, families that overlap,
 * numbers out of range, more locks than memory.  The numbers are those of table_ok
 * (layers/table/table.v) and narrower: what passes here is accepted there.
 * Read next: names.c.
 */
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "layers/L0_machine/size.h"

static void check_name(struct table *table, const struct family *f)
{
	const char *why = bad_family_name(f->name);

	if (why)
		fault(table, f->line, f->column.name, "family %s: the name %s", f->name, why);
	else if (strlen(table->style.prefix) + strlen(f->name) > 50)
		fault(table, f->line, f->column.name,
		      "family %s: the name is too long with the prefix %s (50 characters)", f->name,
		      table->style.prefix);
	why = f->index ? bad_index_name(f->index) : NULL;
	if (why)
		fault(table, f->line, f->column.index, "family %s: the index name %s %s", f->name, f->index, why);
}

/* Lock numbers are below this. */
static unsigned long long most_locks(const struct table *table)
{
	return (unsigned long long)HLOCK_BYTES / (unsigned long long)table->style.distance;
}

static void check_alone(struct table *table, const struct family *f)
{
	check_name(table, f);
	if (f->count == 0)
		fault(table, f->line, f->column.count, "family %s: it has no lock (count is 0)", f->name);
	if (f->first + f->count > most_locks(table))
		fault(table, f->line, f->column.first,
		      "family %s: its lock numbers go beyond %llu: a lock takes %d bytes, all may take %d (size.h)",
		      f->name, most_locks(table) - 1, table->style.distance, HLOCK_BYTES);
	if (f->rank >= 1ULL << 32)
		fault(table, f->line, f->column.rank, "family %s: the rank is not below 2^32", f->name);
}

/* ---- Each two families: neighbours of a sorted list are compared, so that the cost
 * is n log n for n families. */

static int by_line(const struct family *f, const struct family *g)
{
	return (f->line > g->line) - (f->line < g->line);
}

static int by_name(const void *left, const void *right)
{
	const struct family *const *f = left, *const *g = right;
	const int order = strcmp((*f)->name, (*g)->name);

	return order ? order : by_line(*f, *g);
}

static int by_first(const void *left, const void *right)
{
	const struct family *const *f = left, *const *g = right;
	const int order = ((*f)->first > (*g)->first) - ((*f)->first < (*g)->first);

	return order ? order : by_line(*f, *g);
}

static void check_names(struct table *table, const struct family **sorted, size_t count)
{
	qsort(sorted, count, sizeof *sorted, by_name);
	for (size_t i = 1; i < count; i++) {
		const struct family *f = sorted[i], *earlier = sorted[i - 1];

		if (strcmp(f->name, earlier->name) == 0)
			fault(table, f->line, f->column.name, "family %s: the name is taken by line %d", f->name,
			      earlier->line);
	}
}

static void report_overlap(struct table *table, const struct family *f, const struct family *g)
{
	const struct family *later = by_line(f, g) > 0 ? f : g, *earlier = later == f ? g : f;

	fault(table, later->line, later->column.first,
	      "family %s: locks %llu to %llu overlap %s, locks %llu to %llu, of line %d", later->name, later->first,
	      later->first + later->count - 1, earlier->name, earlier->first, earlier->first + earlier->count - 1,
	      earlier->line);
}

/* Each family is compared with the one before it that reaches farthest: if it overlaps any, it overlaps that. */
static void check_numbers(struct table *table, const struct family **sorted, size_t count)
{
	const struct family *farthest = NULL;

	qsort(sorted, count, sizeof *sorted, by_first);
	for (size_t i = 0; i < count; i++) {
		const struct family *f = sorted[i];

		if (f->count == 0 || f->first + f->count > most_locks(table)) /* reported already */
			continue;
		if (farthest && f->first < farthest->first + farthest->count)
			report_overlap(table, f, farthest);
		if (!farthest || f->first + f->count > farthest->first + farthest->count)
			farthest = f;
	}
}

static void check_each_two(struct table *table)
{
	const size_t count = (size_t)table->count;
	const struct family **sorted = memory(NULL, (count + 1) * sizeof *sorted);

	for (size_t i = 0; i < count; i++)
		sorted[i] = &table->families[i];
	check_names(table, sorted, count);
	check_numbers(table, sorted, count);
	free(sorted);
}

unsigned long long numbers_of(const struct table *table)
{
	unsigned long long end = 0;

	for (int i = 0; i < table->count; i++)
		if (table->families[i].first + table->families[i].count > end)
			end = table->families[i].first + table->families[i].count;
	return end;
}

void check_table(struct table *table)
{
	for (int i = 0; i < table->count; i++)
		check_alone(table, &table->families[i]);
	check_each_two(table);
	if (table->count == 0 && table->fault_count == 0)
		fault(table, 1, 1, "the table has no family");
}
