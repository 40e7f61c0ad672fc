/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The faults of a table: collected while it is read and checked, printed in the order of
 * its lines.  And memory, which is never given back: a table is all that the program has.
 */
#include "table.h"

#include <stdarg.h>
#include <stdlib.h>

void *memory(void *old, size_t size)
{
	void *new = realloc(old, size);

	if (!new) {
		fprintf(stderr, "hlock: out of memory\n");
		exit(2);
	}
	return new;
}

void fault(struct table *table, int line, int column, const char *format, ...)
{
	struct fault *new;
	va_list arguments;
	int length;

	/* twice as much each time that a power of two is full */
	if ((table->fault_count & (table->fault_count - 1)) == 0)
		table->faults = memory(table->faults,
				       (size_t)(table->fault_count ? 2 * table->fault_count : 1) * sizeof *new);
	new = &table->faults[table->fault_count++];
	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	*new = (struct fault){ .line = line, .column = column, .what = memory(NULL, (size_t)length + 1) };
	va_start(arguments, format);
	vsnprintf(new->what, (size_t)length + 1, format, arguments);
	va_end(arguments);
}

static int by_place(const void *left, const void *right)
{
	const struct fault *f = left, *g = right;

	if (f->line != g->line)
		return f->line < g->line ? -1 : 1;
	return (f->column > g->column) - (f->column < g->column);
}

void sort_faults(struct table *table)
{
	if (table->fault_count > 0)
		qsort(table->faults, (size_t)table->fault_count, sizeof *table->faults, by_place);
}

void print_faults(struct table *table, int most)
{
	sort_faults(table);
	for (int i = 0; i < table->fault_count && i != most; i++)
		fprintf(stderr, "%s:%d:%d: %s\n", table->path, table->faults[i].line, table->faults[i].column,
			table->faults[i].what);
	if (most != ALL_FAULTS && table->fault_count > most)
		fprintf(stderr, "%s: %d faults, of which these are the first %d (`hlock check` prints all)\n",
			table->path, table->fault_count, most);
}
