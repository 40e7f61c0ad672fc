/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * hlock check: what a table says, or what is wrong with it, as text or as JSON.
 *
 * The JSON is one object: table, accepted, faults (line, column, what); and of an accepted
 * table families (name, index or null, first, count, rank, protects, text or null, line),
 * locks, numbers, line_bytes, memory_bytes, and order, a list of lists of names, those of
 * one rank together, in the order in which a CPU may acquire them.
 */
#include "commands.h"

#include <stdlib.h>

static unsigned long long locks_of(const struct table *table)
{
	unsigned long long locks = 0;

	for (int i = 0; i < table->count; i++)
		locks += table->families[i].count;
	return locks;
}

static int by_rank(const void *left, const void *right)
{
	const struct family *const *f = left, *const *g = right;

	if ((*f)->rank != (*g)->rank)
		return (*f)->rank < (*g)->rank ? -1 : 1;
	return ((*f)->line > (*g)->line) - ((*f)->line < (*g)->line);
}

static const struct family **in_order(const struct table *table)
{
	const struct family **sorted = memory(NULL, (size_t)(table->count + 1) * sizeof *sorted);

	for (int i = 0; i < table->count; i++)
		sorted[i] = &table->families[i];
	qsort(sorted, (size_t)table->count, sizeof *sorted, by_rank);
	return sorted;
}

/* ------------------------------------------------------------------------- text */

static void print_family(const struct family *f)
{
	char locks[50];

	snprintf(locks, sizeof locks, f->count == 1 ? "%llu" : "%llu-%llu", f->first, f->first + f->count - 1);
	printf("  %-16s %-10s %-16s %-6llu %s\n", f->name, f->index ? f->index : "-", locks, f->rank, f->object);
	for (const char *at = f->text; at && *at; at++)
		printf("%s%c", at == f->text || at[-1] == '\n' ? "      " : "", *at);
}

static void print_text(const struct table *table)
{
	const unsigned long long locks = locks_of(table), numbers = numbers_of(table);
	const struct family **sorted = in_order(table);

	printf("%s: accepted: %d famil%s, %llu lock%s\n\n", table->path, table->count,
	       table->count == 1 ? "y" : "ies", locks, locks == 1 ? "" : "s");
	printf("  %-16s %-10s %-16s %-6s %s\n", "family", "index", "lock numbers", "rank", "protects");
	for (int i = 0; i < table->count; i++)
		print_family(&table->families[i]);
	printf("\norder: a CPU acquires from left to right, one family of those in brackets, and of one family by "
	       "index\n ");
	for (int i = 0; i < table->count; i++) {
		const bool with_last = i > 0 && sorted[i - 1]->rank == sorted[i]->rank;
		const bool with_next = i + 1 < table->count && sorted[i + 1]->rank == sorted[i]->rank;

		printf("%s%s%s%s", with_last ? " | " : i > 0 ? " < " : " ", with_next && !with_last ? "[" : "",
		       sorted[i]->name, with_last && !with_next ? "]" : "");
	}
	printf("\nmemory: %llu numbers of %d bytes are %llu bytes", numbers, table->style.distance,
	       numbers * (unsigned long long)table->style.distance);
	if (numbers > locks)
		printf(", of which %llu numbers have no lock", numbers - locks);
	printf("\n");
	free(sorted);
}

/* ------------------------------------------------------------------------- JSON */

static void print_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		const unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < ' ' || c == 0x7f)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void print_key(const char *key, const char *text)
{
	printf(", \"%s\": ", key);
	if (text)
		print_string(text);
	else
		printf("null");
}

static void print_family_json(const struct family *f)
{
	printf("{\"name\": ");
	print_string(f->name);
	print_key("index", f->index);
	printf(", \"first\": %llu, \"count\": %llu, \"rank\": %llu", f->first, f->count, f->rank);
	print_key("protects", f->object);
	print_key("text", f->text);
	printf(", \"line\": %d}", f->line);
}

static void print_order_json(const struct table *table)
{
	const struct family **sorted = in_order(table);

	for (int i = 0; i < table->count; i++) {
		if (i == 0 || sorted[i - 1]->rank != sorted[i]->rank)
			printf("%s[", i > 0 ? "], " : "");
		else
			printf(", ");
		print_string(sorted[i]->name);
	}
	printf("]");
	free(sorted);
}

static void print_json(const struct table *table, bool accepted)
{
	printf("{\"table\": ");
	print_string(table->path);
	printf(", \"accepted\": %s, \"faults\": [", accepted ? "true" : "false");
	for (int i = 0; i < table->fault_count; i++) {
		printf("%s{\"line\": %d, \"column\": %d, \"what\": ", i > 0 ? ", " : "", table->faults[i].line,
		       table->faults[i].column);
		print_string(table->faults[i].what);
		printf("}");
	}
	printf("]");
	if (accepted) {
		printf(", \"families\": [");
		for (int i = 0; i < table->count; i++) {
			printf("%s", i > 0 ? ", " : "");
			print_family_json(&table->families[i]);
		}
		printf("], \"locks\": %llu, \"numbers\": %llu, \"line_bytes\": %d, \"memory_bytes\": %llu, "
		       "\"order\": [", locks_of(table), numbers_of(table), table->style.distance,
		       numbers_of(table) * (unsigned long long)table->style.distance);
		print_order_json(table);
		printf("]");
	}
	printf("}\n");
}

int command_check(const struct options *options)
{
	struct table table = { .path = options->words[0] };
	const int status = table_of(&table, options);

	if (status == FAILED)
		return FAILED;
	if (options->json) {
		sort_faults(&table);
		print_json(&table, status == FINE);
	} else {
		print_faults(&table, ALL_FAULTS);
		if (status == FINE && !options->quiet)
			print_text(&table);
	}
	return fflush(stdout) == 0 && !ferror(stdout) ? status : FAILED;
}
