/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The parts of the header that are for clang's -Wthread-safety, and the assertions.
 * A lock and the rank of its family are two capabilities; a family has one more, for a second lock.
 * Read next: header.c.
 */
#include "annotate.h"

#include "floors.h"

#include <stdlib.h>
#include <string.h>

static const char annotations[] =
"\n/* What clang checks: with -Wthread-safety a function that takes or gives back a lock wrongly is\n"
" * named at its line.  For other compilers, and with -DHLOCK_NO_ANNOTATIONS, all of this is nothing,\n"
" * and the object code is the same with and without.  On functions and objects of yours (the index\n"
" * of a family of one lock is 0, and not looked at):\n"
" *\n"
" *   HLOCK_REQUIRES(family, index)    the caller holds the lock:\n"
" *       void map(uint32_t vm, uint64_t page) HLOCK_REQUIRES(FAMILY, INDEX);\n"
" *   HLOCK_TAKES(family, index)       the function takes the lock, and returns with it:\n"
" *       void enter(uint32_t vm) HLOCK_TAKES(FAMILY, INDEX);\n"
" *   HLOCK_GIVES(family, index)       it is called with the lock, and gives it back:\n"
" *       void leave(uint32_t vm) HLOCK_GIVES(FAMILY, INDEX);\n"
" *   HLOCK_MAY_TAKE(family)           it takes locks of this family, or later in the order, inside;\n"
" *                                    the caller holds none of those:\n"
" *       void notify(uint32_t vm) HLOCK_MAY_TAKE(FAMILY);\n"
" *   HLOCK_GUARDED_BY(family, index)  the variable is read and written with the lock held:\n"
" *       static int owner HLOCK_GUARDED_BY(FAMILY, 0);\n"
" *   HLOCK_NONE_HELD                  the caller holds no lock at all:\n"
" *       void run_guest(struct vcpu *vcpu) HLOCK_NONE_HELD;\n"
" *   HLOCK_UNCHECKED                  clang does not look into the function (hlock(5) says when).\n"
" *\n"
" * An attribute stands on a declaration; clang looks into each function alone. */\n"
"#if defined(__clang__) && !defined(HLOCK_NO_ANNOTATIONS)\n"
"struct __attribute__((capability(\"lock\"))) hlock_lock {\n"
"	char none;\n"
"};\n"
"struct __attribute__((capability(\"rank\"))) hlock_rank {\n"
"	char none;\n"
"};\n"
"#define HLOCK_REQUIRES(family, index) \\\n"
"	__attribute__((requires_capability(HLOCK_LOCK_##family(index), HLOCK_RANK_##family)))\n"
"#define HLOCK_TAKES(family, index)                                                    \\\n"
"	__attribute__((acquire_capability(HLOCK_LOCK_##family(index), HLOCK_RANK_##family), \\\n"
"		       locks_excluded(HLOCK_FROM_##family)))\n"
"#define HLOCK_GIVES(family, index) \\\n"
"	__attribute__((release_capability(HLOCK_LOCK_##family(index), HLOCK_RANK_##family)))\n"
"#define HLOCK_MAY_TAKE(family) __attribute__((locks_excluded(HLOCK_FROM_##family)))\n"
"#define HLOCK_GUARDED_BY(family, index) __attribute__((guarded_by(HLOCK_LOCK_##family(index))))\n"
"#define HLOCK_UNCHECKED __attribute__((no_thread_safety_analysis))\n"
"/* Of the functions below. */\n"
"#define HLOCK_ACQUIRES(family, index)                                                 \\\n"
"	__attribute__((acquire_capability(HLOCK_LOCK_##family(index), HLOCK_RANK_##family), \\\n"
"		       locks_excluded(HLOCK_FROM_##family), no_thread_safety_analysis))\n"
"#define HLOCK_RELEASES(family, index)                                                 \\\n"
"	__attribute__((release_capability(HLOCK_LOCK_##family(index), HLOCK_RANK_##family), \\\n"
"		       no_thread_safety_analysis))\n"
"#define HLOCK_ACQUIRES_SECOND(family, index)                                                   \\\n"
"	__attribute__((acquire_capability(HLOCK_LOCK_##family(index), HLOCK_SECOND_##family),       \\\n"
"		       requires_capability(HLOCK_RANK_##family), locks_excluded(HLOCK_ABOVE_##family), \\\n"
"		       no_thread_safety_analysis))\n"
"#define HLOCK_RELEASES_SECOND(family, index)                                            \\\n"
"	__attribute__((release_capability(HLOCK_LOCK_##family(index), HLOCK_SECOND_##family), \\\n"
"		       no_thread_safety_analysis))\n"
"#define HLOCK_ASSERTS(family, index)                                                 \\\n"
"	__attribute__((assert_capability(HLOCK_LOCK_##family(index), HLOCK_RANK_##family), \\\n"
"		       no_thread_safety_analysis))\n"
"#define HLOCK_ASSERTS_NOT(family, index) __attribute__((locks_excluded(HLOCK_LOCK_##family(index))))\n"
"/* The locks, and that a lock of a family is held, by its rank; declared, never defined. */\n"
"#ifdef __cplusplus\nextern \"C\" {\n#endif\n";

static const char no_annotations[] =
"#ifdef __cplusplus\n}\n#endif\n"
"#else\n"
"#define HLOCK_REQUIRES(family, index)\n"
"#define HLOCK_TAKES(family, index)\n"
"#define HLOCK_GIVES(family, index)\n"
"#define HLOCK_MAY_TAKE(family)\n"
"#define HLOCK_GUARDED_BY(family, index)\n"
"#define HLOCK_NONE_HELD\n"
"#define HLOCK_UNCHECKED\n"
"#define HLOCK_ACQUIRES(family, index)\n"
"#define HLOCK_RELEASES(family, index)\n"
"#define HLOCK_ACQUIRES_SECOND(family, index)\n"
"#define HLOCK_RELEASES_SECOND(family, index)\n"
"#define HLOCK_ASSERTS(family, index)\n"
"#define HLOCK_ASSERTS_NOT(family, index)\n"
"#endif\n";

static const char second[] =
"\n/* Two of one family, the lower index first: with `acquire` alone clang reports the second.\n"
" * The same calls, but clang is told that one of the family is held already; which index is lower\n"
" * is seen at run time only.  While both are held either is given back by release_..._second, and\n"
" * then the other by release.  For clang alone: to hlock they are acquire and release. */\n";

static bool is_array(const struct family *f)
{
	return f->index != NULL;
}

static int by_rank(const void *left, const void *right)
{
	const struct family *const *f = left, *const *g = right;

	if ((*f)->rank != (*g)->rank)
		return (*f)->rank < (*g)->rank ? 1 : -1;
	return ((*f)->line > (*g)->line) - ((*f)->line < (*g)->line);
}

/* The macro that lists the families from that rank up; above the highest there is a rank that
 * nobody takes. */
static void emit_from(FILE *out, const struct table *table, const struct family *f)
{
	if (f) {
		emit_macro(out, table, "HLOCK_FROM_RANK_");
		fprintf(out, "%llu", f->rank);
	} else {
		fprintf(out, "%shlock_rank_none", table->style.prefix);
	}
}

static void emit_define(FILE *out, const struct table *table, const char *macro, const char *rest)
{
	fprintf(out, "#define ");
	emit_macro(out, table, macro);
	fprintf(out, "%s", rest);
}

static void emit_ghosts(FILE *out, const struct table *table, const struct family *f)
{
	const char *prefix = table->style.prefix;

	fprintf(out, "extern struct %shlock_lock %shlock_lock_%s", prefix, prefix, f->name);
	if (is_array(f))
		fprintf(out, "[%llu]", f->count);
	fprintf(out, ";\nextern struct %shlock_rank %shlock_rank_%llu_%s", prefix, prefix, f->rank, f->name);
	if (is_array(f))
		fprintf(out, ", %shlock_second_%s", prefix, f->name);
	fprintf(out, ";\n");
	emit_define(out, table, "HLOCK_LOCK_", f->name);
	fprintf(out, "(index) %shlock_lock_%s%s\n", prefix, f->name, is_array(f) ? "[index]" : "");
	emit_define(out, table, "HLOCK_RANK_", f->name);
	fprintf(out, " %shlock_rank_%llu_%s\n", prefix, f->rank, f->name);
	if (is_array(f)) {
		emit_define(out, table, "HLOCK_SECOND_", f->name);
		fprintf(out, " %shlock_second_%s\n", prefix, f->name);
	}
}

/* Families from the highest rank down, so that each list names the one before. */
static void emit_order(FILE *out, const struct table *table, const struct family **sorted)
{
	const char *prefix = table->style.prefix;

	fprintf(out, "extern struct %shlock_rank %shlock_rank_none;\n", prefix, prefix);
	for (int i = 0, next; i < table->count; i = next) {
		emit_define(out, table, "HLOCK_FROM_RANK_", "");
		fprintf(out, "%llu ", sorted[i]->rank);
		for (next = i; next < table->count && sorted[next]->rank == sorted[i]->rank; next++) {
			fprintf(out, "%shlock_rank_%llu_%s, ", prefix, sorted[next]->rank, sorted[next]->name);
			if (is_array(sorted[next]))
				fprintf(out, "%shlock_second_%s, ", prefix, sorted[next]->name);
		}
		emit_from(out, table, i > 0 ? sorted[i - 1] : NULL);
		fprintf(out, "\n");
		for (int k = i; k < next; k++) {
			emit_define(out, table, "HLOCK_FROM_", sorted[k]->name);
			fprintf(out, " ");
			emit_from(out, table, sorted[k]);
			fprintf(out, "\n");
			emit_define(out, table, "HLOCK_ABOVE_", sorted[k]->name);
			fprintf(out, " ");
			emit_from(out, table, i > 0 ? sorted[i - 1] : NULL);
			fprintf(out, "\n");
		}
	}
}

/* The examples are of the table's last array, or of its last family. */
static void emit_example(FILE *out, const struct table *table, const char *text)
{
	const struct family *f = &table->families[table->count - 1];
	char *example, *to;

	for (int i = 0; i < table->count; i++)
		if (is_array(&table->families[i]))
			f = &table->families[i];
	example = memory(NULL, strlen(text) + 10 * strlen(f->name)); /* it has fewer than ten examples */
	to = example;
	while (*text) {
		const char *word = strncmp(text, "FAMILY", 6) == 0 ? f->name
				   : strncmp(text, "INDEX", 5) == 0 ? is_array(f) ? "vm" : "0" : NULL;

		if (word) {
			to += sprintf(to, "%s", word);
			text += *text == 'F' ? 6 : 5;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
	emit_renamed(out, table, example);
}

void emit_annotations(FILE *out, const struct table *table)
{
	const struct family **sorted = memory(NULL, (size_t)(table->count + 1) * sizeof *sorted);
	const struct family *last;

	for (int i = 0; i < table->count; i++)
		sorted[i] = &table->families[i];
	qsort(sorted, (size_t)table->count, sizeof *sorted, by_rank);
	last = sorted[table->count - 1];
	emit_example(out, table, annotations);
	for (int i = 0; i < table->count; i++)
		emit_ghosts(out, table, &table->families[i]);
	emit_order(out, table, sorted);
	emit_define(out, table, "HLOCK_NONE_HELD", " __attribute__((locks_excluded(");
	emit_from(out, table, last);
	fprintf(out, ")))\n");
	emit_renamed(out, table, no_annotations);
	free(sorted);
}

static void emit_annotation(FILE *out, const struct table *table, const struct family *f, enum operation operation,
			    const char *which)
{
	emit_macro(out, table, operation == ACQUIRE ? "HLOCK_ACQUIRES" : "HLOCK_RELEASES");
	fprintf(out, "%s(%s, %s)", which, f->name, is_array(f) ? f->index : "0");
}

void emit_declaration(FILE *out, const struct table *table, const struct family *f, enum operation operation)
{
	fprintf(out, "void %s%s_lock_%s(%s%s)\n\t", table->style.prefix, verb(operation), f->name,
		is_array(f) ? "uint32_t " : "void", is_array(f) ? f->index : "");
	emit_annotation(out, table, f, operation, "");
	fprintf(out, ";\n");
}

/* Inline functions have their attributes on declarations before them. */
void emit_inline_declarations(FILE *out, const struct table *table)
{
	emit_renamed(out, table, "#ifndef HLOCK_DEFINE\n");
	for (int i = 0; i < table->count; i++) {
		for (enum operation o = ACQUIRE; o <= RELEASE; o++) {
			fprintf(out, "static inline ");
			emit_declaration(out, table, &table->families[i], o);
		}
	}
	fprintf(out, "#endif\n\n");
}

static void emit_second(FILE *out, const struct table *table, const struct family *f, enum operation operation)
{
	const char *prefix = table->style.prefix, *op = verb(operation);

	fprintf(out, "static inline void %s%s_lock_%s_second(uint32_t %s)\n\t", prefix, op, f->name, f->index);
	emit_annotation(out, table, f, operation, "_SECOND");
	fprintf(out, ";\nstatic inline void %s%s_lock_%s_second(uint32_t %s)\n{\n\t%s%s_lock_%s(%s);\n}\n", prefix, op,
		f->name, f->index, prefix, op, f->name, f->index);
}

void emit_seconds(FILE *out, const struct table *table)
{
	bool is_first = true;

	for (int i = 0; i < table->count; i++) {
		const struct family *f = &table->families[i];

		if (!is_array(f))
			continue;
		if (is_first)
			emit_renamed(out, table, second);
		is_first = false;
		emit_second(out, table, f, ACQUIRE);
		emit_second(out, table, f, RELEASE);
	}
	fprintf(out, "\n");
}

/* ------------------------------------------------------------- assertions */

static const char assertions[] =
"/* Assertions: that this CPU holds a lock, that it does not, that it holds none at all (before every\n"
" * return to a guest).  In the release build there is no code for them; a client's assertions are\n"
" * checked if it is compiled with -DHLOCK_DEBUG, as the library is. */\n";

static void emit_assertion(FILE *out, const struct table *table, const struct family *f, const char *what)
{
	const char *index = f && is_array(f) ? f->index : NULL;

	fprintf(out, "%sassert_%s%s%s(%s%s)", table->style.prefix, what, f ? "_" : "", f ? f->name : "",
		index ? "uint32_t " : "void", index ? index : "");
}

static void emit_checked(FILE *out, const struct table *table, const struct family *f, const char *what,
			 const char *attribute)
{
	fprintf(out, "void ");
	emit_assertion(out, table, f, what);
	fprintf(out, "\n	");
	emit_macro(out, table, attribute);
	if (f)
		fprintf(out, "(%s, %s)", f->name, is_array(f) ? f->index : "0");
	fprintf(out, ";\n");
}

static void emit_unchecked(FILE *out, const struct table *table, const struct family *f, const char *what)
{
	fprintf(out, "static inline void ");
	emit_assertion(out, table, f, what);
	fprintf(out, "\n{\n");
	if (f && is_array(f))
		fprintf(out, "	(void)%s;\n", f->index);
	fprintf(out, "}\n");
}

static void emit_all_assertions(FILE *out, const struct table *table, bool debug)
{
	for (int i = 0; i < table->count; i++) {
		const struct family *f = &table->families[i];

		if (!debug)
			fprintf(out, "static inline ");
		emit_checked(out, table, f, "held", "HLOCK_ASSERTS");
		if (!debug)
			fprintf(out, "static inline ");
		emit_checked(out, table, f, "not_held", "HLOCK_ASSERTS_NOT");
		if (!debug) {
			emit_unchecked(out, table, f, "held");
			emit_unchecked(out, table, f, "not_held");
		}
	}
	if (!debug)
		fprintf(out, "static inline ");
	emit_checked(out, table, NULL, "none_held", "HLOCK_NONE_HELD");
	if (!debug)
		emit_unchecked(out, table, NULL, "none_held");
}

void emit_assertions(FILE *out, const struct table *table)
{
	emit_renamed(out, table, assertions);
	fprintf(out, "#ifdef HLOCK_DEBUG\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
	emit_all_assertions(out, table, true);
	fprintf(out, "#ifdef __cplusplus\n}\n#endif\n#else\n");
	emit_all_assertions(out, table, false);
	fprintf(out, "#endif\n\n");
}
