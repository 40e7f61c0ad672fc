/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Writes hlock.c, the other file of a drop-in: the floors below, the functions of the table,
 * and the end of the debug build.  If functions are inline all but the last is in the header.
 * The functions are the text of locks.c after the preprocessor, which Coq confirms:
 * `hlock prove`, and of the shipped table a test (test/hlock_generate.bats).
 * Read next: floors.c.
 */
#include "floors.h"

static const char about[] =
" *\n"
" * Compile it as any file of yours; it needs no other file of hlock but hlock.h beside it:\n"
" *\n"
" *   cc -std=c11 -O2 -ffreestanding -c hlock.c\n"
" *\n"
" * with gcc or clang.  No function of a C library is called and nothing is set up at run time.\n"
" *   -DHLOCK_DEBUG      an index out of range stops (hlock_panic in hlock.h)\n"
" *   -DHLOCK_HOSTED     for threads of an operating system: a wait yields now and then\n"
" *   -DHLOCK_ARCH_C11   C11's atomics in place of assembly\n"
" *   -DHLOCK_NO_STDINT  no header is included; uint32_t comes from what stands before (-include)\n"
" *   -DHLOCK_RISCV_FENCE_AFTER_RELEASE, -DHLOCK_SPINS=N: see below, where they are used\n"
" */\n";

static const char order_plain[] =
" *\n"
" * From the bottom: two words a lock and the primitives on them, an architecture each; the\n"
" * ticket lock, a loop; the lock as one step; the functions of the table.  These files of hlock\n"
" * stand here one after the other.  `hlock prove` exports this file to Coq and proves its functions.\n";

static const char order_inline[] =
" *\n"
" * The functions are inline, in hlock.h; here are the locks, the functions for C++, and what\n"
" * an index out of range comes to in a debug build.\n";

static const char floor_4[] =
"/* ---------------------------------------- the functions of the table */\n\n"
"_Static_assert(HLOCK_LOCKS <= HLOCK_BYTES / HLOCK_LINE, \"the locks fit the memory allowed to them\");\n";

static const char words[] = "\nstruct hlock_words hlock_words[HLOCK_LOCKS];\n";

static const char stop_prototype[] =
"_Noreturn void hlock_stop(uint32_t operation, uint32_t first, uint32_t argument, uint32_t count);\n";

static const char check[] =
"\n/* The debug build stops at an index out of range: hlock_stop reports the function that was\n"
" * called and never returns.  operation: 0 acquire, 1 release; first: the family's first lock. */\n"
"#ifdef HLOCK_DEBUG\n";

static const char check_end[] =
"#define HLOCK_CHECK(operation, first, index, count) \\\n"
"	if ((index) >= (count))                     \\\n"
"		hlock_stop(operation, first, index, count);\n"
"#else\n"
"#define HLOCK_CHECK(operation, first, index, count)\n"
"#endif\n";

static const char stop[] =
"	return \"no lock function\";\n"
"}\n\n"
"__attribute__((weak)) void hlock_panic(const char *function, uint32_t argument, uint32_t limit)\n"
"{\n"
"	(void)function;\n"
"	(void)argument;\n"
"	(void)limit;\n"
"	__builtin_trap();\n"
"}\n\n";

static const char stop_body[] =
"_Noreturn void hlock_stop(uint32_t operation, uint32_t first, uint32_t argument, uint32_t count)\n"
"{\n"
"	hlock_panic(hlock_function_name(operation, first), argument, count);\n"
"	__builtin_trap();\n"
"}\n";

/* If none has, the debug build checks nothing. */
static bool has_index(const struct table *table)
{
	for (int i = 0; i < table->count; i++)
		if (table->families[i].index)
			return true;
	return false;
}

static void emit_function(FILE *out, const struct table *table, const struct family *f, enum operation operation)
{
	const char *qualifier = table->style.inlined ? "HLOCK_INLINE" : "HLOCK_FUNCTION";

	if (table->style.inlined)
		emit_macro(out, table, qualifier);
	else
		fputs(qualifier, out);
	fprintf(out, " void %s%s_lock_%s(", table->style.prefix, verb(operation), f->name);
	if (f->index)
		fprintf(out, "uint32_t %s", f->index);
	fprintf(out, "%s)\n{\n", f->index ? "" : "void");
	if (f->index) {
		emit_renamed(out, table, "	HLOCK_CHECK");
		fprintf(out, "(%dU, %lluU, %s, %lluU)\n", operation == ACQUIRE ? 0 : 1, f->first, f->index, f->count);
	}
	emit_renamed(out, table, operation == ACQUIRE ? "	wait_hlock" : "	pass_hlock");
	fprintf(out, "(%lluU", f->first);
	if (f->index)
		fprintf(out, " + %s", f->index);
	fprintf(out, ");\n}\n");
}

void emit_functions(FILE *out, const struct table *table)
{
	emit_renamed(out, table, floor_4);
	if (!table->style.inlined)
		emit_renamed(out, table, words);
	if (has_index(table)) {
		emit_renamed(out, table, check);
		emit_renamed(out, table, table->style.inlined ? "" : "static ");
		emit_renamed(out, table, stop_prototype);
		emit_renamed(out, table, check_end);
	}
	for (int i = 0; i < table->count; i++) {
		const struct family *f = &table->families[i];

		fprintf(out, "\n/* %s: %s */\n", f->name, f->object);
		emit_function(out, table, f, ACQUIRE);
		fprintf(out, "\n");
		emit_function(out, table, f, RELEASE);
	}
}

/* The end of a debug build: an index was out of range.  It takes no lock and prints nothing
 * itself: a report must work from inside any critical section.  Names are strings here, and are
 * not handed on: the preprocessor would replace one that is a macro's. */
static void emit_stop(FILE *out, const struct table *table)
{
	fprintf(out, "\n/* ---------------------------------------- the end of a debug build */\n\n"
		     "/* Turns the numbers that the checks pass into the name of the function. */\n"
		     "static const char *");
	emit_renamed(out, table, "hlock_function_name(uint32_t operation, uint32_t first)\n{\n	switch (first) {\n");
	for (int i = 0; i < table->count; i++) {
		const struct family *f = &table->families[i];

		if (f->index)
			fprintf(out, "	case %lluU:\n		return operation == 0U ? \"%sacquire_lock_%s\" : "
				     "\"%srelease_lock_%s\";\n", f->first, table->style.prefix, f->name,
				table->style.prefix, f->name);
	}
	fprintf(out, "	}\n");
	emit_renamed(out, table, stop);
	if (!table->style.inlined)
		fprintf(out, "static ");
	emit_renamed(out, table, stop_body);
}

void emit_source(FILE *out, const struct table *table)
{
	const bool inlined = table->style.inlined;

	fprintf(out, "/* SPDX-License-Identifier: MIT OR Apache-2.0\n"
		     " *\n"
		     " * hlock: the locks that hlock.h declares.  Never edited; made from the lock table by\n"
		     " *\n"
		     " *   %s\n", table->style.made_by);
	emit_renamed(out, table, inlined ? order_inline : order_plain);
	emit_renamed(out, table, about);
	if (inlined)
		emit_renamed(out, table, "#define HLOCK_DEFINE\n");
	fprintf(out, "#include \"hlock.h\"\n\n");
	if (inlined) {
		if (has_index(table))
			emit_renamed(out, table, stop_prototype);
		emit_renamed(out, table, words);
		if (has_index(table))
			emit_stop(out, table);
		return;
	}
	emit_floors(out, table);
	emit_functions(out, table);
	if (has_index(table)) {
		fprintf(out, "\n#ifdef HLOCK_DEBUG");
		emit_stop(out, table);
		fprintf(out, "#endif\n");
	}
}
