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
" *   -DHLOCK_DEBUG      a wrong call stops (hlock_panic and hlock_this_cpu in hlock.h); the files that\n"
" *                      call hlock have it, too: their assertions are checked then\n"
" *   -DHLOCK_DEPTH=N, -DHLOCK_CPUS=N, -DHLOCK_STUCK_POLLS=N: of a debug build, see below\n"
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
" * The functions are inline, in hlock.h; here are the locks, the functions for C++, and the end\n"
" * of a debug build.\n";

static const char floor_4[] =
"/* ---------------------------------------- the functions of the table */\n\n"
"_Static_assert(HLOCK_LOCKS <= HLOCK_BYTES / HLOCK_LINE, \"the locks fit the memory allowed to them\");\n";

static const char words[] = "\nstruct hlock_words hlock_words[HLOCK_LOCKS];\n";

static const char check[] =
"\n/* The debug build stops at an index out of range, before anything else.\n"
" * operation: 0 acquire, 1 release, 2 assert_held, 3 assert_not_held; first: the family's first lock. */\n"
"#ifdef HLOCK_DEBUG\n"
"#define HLOCK_CHECK(operation, first, index, count) \\\n"
"	if ((index) >= (count))                     \\\n"
"		hlock_stop(operation, first, index, count);\n"
"#else\n"
"#define HLOCK_CHECK(operation, first, index, count)\n"
"#endif\n";

static const char record[] =
"\n/* And around the calls it has the record of this CPU; HLOCK_CHECK_INDEX_ONLY is for `hlock prove`. */\n"
"#if defined(HLOCK_DEBUG) && !defined(HLOCK_CHECK_INDEX_ONLY)\n"
"#define HLOCK_ENTER(first, number, rank, enter)     \\\n"
"	uint32_t hlock_cpu = this_cpu(0U, first);   \\\n"
"	may_acquire(hlock_cpu, first, number, rank); \\\n"
"	enter(number);                              \\\n"
"	now_held(hlock_cpu, number, rank);\n"
"#define HLOCK_LEAVE(first, number, leave)             \\\n"
"	uint32_t hlock_cpu = this_cpu(1U, first);     \\\n"
"	must_hold(hlock_cpu, 4U, 1U, first, number);  \\\n"
"	drop_held(hlock_cpu, number);                 \\\n"
"	leave(number);\n"
"#else\n"
"#define HLOCK_ENTER(first, number, rank, enter) enter(number);\n"
"#define HLOCK_LEAVE(first, number, leave) leave(number);\n"
"#endif\n";

static const char debug_begin[] = "\n#if defined(HLOCK_DEBUG) && !defined(HLOCK_CHECK_INDEX_ONLY)\n";

/* If none has, the debug build checks nothing. */
static bool has_index(const struct table *table)
{
	for (int i = 0; i < table->count; i++)
		if (table->families[i].index)
			return true;
	return false;
}

static void emit_lock(FILE *out, const struct family *f)
{
	fprintf(out, "%lluU", f->first);
	if (f->index)
		fprintf(out, " + %s", f->index);
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
	emit_renamed(out, table, operation == ACQUIRE ? "	HLOCK_ENTER" : "	HLOCK_LEAVE");
	fprintf(out, "(%lluU, ", f->first);
	emit_lock(out, f);
	if (operation == ACQUIRE)
		fprintf(out, ", %lluU", f->rank);
	emit_renamed(out, table, operation == ACQUIRE ? ", wait_hlock)\n}\n" : ", pass_hlock)\n}\n");
}

void emit_functions(FILE *out, const struct table *table)
{
	emit_renamed(out, table, floor_4);
	if (!table->style.inlined)
		emit_renamed(out, table, words);
	if (has_index(table))
		emit_renamed(out, table, check);
	emit_renamed(out, table, record);
	for (int i = 0; i < table->count; i++) {
		const struct family *f = &table->families[i];

		fprintf(out, "\n/* %s: %s */\n", f->name, f->object);
		emit_function(out, table, f, ACQUIRE);
		fprintf(out, "\n");
		emit_function(out, table, f, RELEASE);
	}
}

/* The assertions: `held` and `not_held` of a family. */
static void emit_assertion(FILE *out, const struct table *table, const struct family *f, bool held)
{
	const int operation = held ? 2 : 3;

	fprintf(out, "\nvoid %sassert_%s_%s(%s%s)\n{\n", table->style.prefix, held ? "held" : "not_held", f->name,
		f->index ? "uint32_t " : "void", f->index ? f->index : "");
	if (f->index) {
		emit_renamed(out, table, "	HLOCK_CHECK");
		fprintf(out, "(%dU, %lluU, %s, %lluU)\n", operation, f->first, f->index, f->count);
	}
	emit_renamed(out, table, "	uint32_t hlock_cpu = this_cpu");
	fprintf(out, "(%dU, %lluU);\n\n", operation, f->first);
	emit_renamed(out, table, held ? "	must_hold(hlock_cpu, 5U, 2U, " : "	must_lack(hlock_cpu, ");
	fprintf(out, "%lluU, ", f->first);
	emit_lock(out, f);
	fprintf(out, ");\n}\n");
}

static void emit_assertions_defined(FILE *out, const struct table *table)
{
	for (int i = 0; i < table->count; i++) {
		emit_assertion(out, table, &table->families[i], true);
		emit_assertion(out, table, &table->families[i], false);
	}
	fprintf(out, "\nvoid %s", table->style.prefix);
	emit_renamed(out, table, "assert_none_held(void)\n{\n	uint32_t hlock_cpu = this_cpu(4U, 0U);\n\n"
				 "	must_be_free(hlock_cpu);\n}\n");
}

/* Names are strings here, and are not handed on: the preprocessor would replace one that is
 * a macro's. */
static void emit_stop(FILE *out, const struct table *table)
{
	const char *prefix = table->style.prefix;

	fprintf(out, "\n/* ---------------------------------------- the end of a debug build */\n\n");
	emit_report(out, table);
	fprintf(out, "\n/* The names of the table, and of its functions. */\n"
		     "static const struct hlock_family *hlock_table(void)\n{\n"
		     "	static const struct hlock_family table[] = {\n");
	for (int i = 0; i < table->count; i++) {
		const struct family *f = &table->families[i];

		fprintf(out, "		{ \"%s\",\n		  { \"%sacquire_lock_%s\", \"%srelease_lock_%s\",\n",
			f->name, prefix, f->name, prefix, f->name);
		fprintf(out, "		    \"%sassert_held_%s\", \"%sassert_not_held_%s\" },\n", prefix, f->name,
			prefix, f->name);
		fprintf(out, "		  %lluU, %lluU, %lluU, %dU },\n", f->first, f->count, f->rank,
			f->index ? 1 : 0);
	}
	fprintf(out, "		{ 0, { 0, 0, 0, 0 }, 0U, 0U, 0U, 0U },\n	};\n\n	return table;\n}\n");
}

/* What a debug build has besides. */
static void emit_debug(FILE *out, const struct table *table)
{
	fprintf(out, "%s", debug_begin);
	emit_assertions_defined(out, table);
	emit_stop(out, table);
	fprintf(out, "#endif\n");
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
		emit_renamed(out, table, words);
	} else {
		fprintf(out, "#define HLOCK_ONE_FILE\n\n");
		emit_floors(out, table);
		emit_functions(out, table);
	}
	emit_debug(out, table);
}
