/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What a table that can be read may not say: names that clash, families that overlap,
 * numbers out of range, more locks than memory.  The numbers are those of table_ok
 * (layers/table/table.v) and narrower: what passes here is accepted there.
 * Read next: names.c.
 */
#include "locktable.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "layers/L0_machine/size.h"

#define LOCKS (HLOCK_BYTES / HLOCK_LINE) /* lock numbers are below this */

void fault(struct table *table, int line, int column, const char *format, ...)
{
	static const int most = 20;
	va_list arguments;

	fprintf(stderr, "%s:%d:%d: ", table->path, line, column);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	if (++table->faults == most) {
		fprintf(stderr, "%s: %d faults; the rest is not read\n", table->path, most);
		exit(1);
	}
}

static void check_name(struct table *table, const struct family *f)
{
	const char *why = bad_family_name(f->name);

	if (why)
		fault(table, f->line, f->column.name, "family %s: the name %s", f->name, why);
	why = f->index ? bad_index_name(f->index) : NULL;
	if (why)
		fault(table, f->line, f->column.index, "family %s: the index name %s %s", f->name, f->index, why);
}

static void check_alone(struct table *table, const struct family *f)
{
	check_name(table, f);
	if (f->count == 0)
		fault(table, f->line, f->column.count, "family %s: it has no lock (count is 0)", f->name);
	if (f->first + f->count > LOCKS)
		fault(table, f->line, f->column.first,
		      "family %s: its lock numbers go beyond %d: a lock takes %d bytes, all may take %d (size.h)",
		      f->name, LOCKS - 1, HLOCK_LINE, HLOCK_BYTES);
	if (f->rank >= 1ULL << 32)
		fault(table, f->line, f->column.rank, "family %s: the rank is not below 2^32", f->name);
}

static bool has_locks(const struct family *f)
{
	return f->count > 0 && f->first + f->count <= LOCKS;
}

static bool overlap(const struct family *f, const struct family *g)
{
	return has_locks(f) && has_locks(g) && f->first < g->first + g->count
	       && g->first < f->first + f->count;
}

static void check_pair(struct table *table, const struct family *f, const struct family *earlier)
{
	if (strcmp(f->name, earlier->name) == 0)
		fault(table, f->line, f->column.name, "family %s: the name is taken by line %d", f->name,
		      earlier->line);
	if (overlap(f, earlier))
		fault(table, f->line, f->column.first,
		      "family %s: locks %llu to %llu overlap %s, locks %llu to %llu, of line %d", f->name, f->first,
		      f->first + f->count - 1, earlier->name, earlier->first, earlier->first + earlier->count - 1,
		      earlier->line);
}

void check_table(struct table *table)
{
	for (int i = 0; i < table->count; i++)
		check_alone(table, &table->families[i]);
	for (int i = 0; i < table->count; i++)
		for (int j = 0; j < i; j++)
			check_pair(table, &table->families[i], &table->families[j]);
	if (table->count == 0 && table->faults == 0)
		fault(table, 1, 1, "the table has no family");
}
