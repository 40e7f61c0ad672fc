/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Writes the public header: the contract that all locks share, then one documented
 * prototype a function, so that each function can be found by its full name; and, if
 * functions are inline, the C of them and of the floors.
 * That of the shipped table, include/hlock/hlock.h, is committed; `make check` compares it.
 * Read next: source.c.
 */
#include "annotate.h"
#include "floors.h"
#include "version.h"

static const char contract[] =
"/* SPDX-License-Identifier: MIT OR Apache-2.0\n"
" *\n"
" * hlock: named ticket spinlocks, first come first served, for code that runs\n"
" * below an operating system.  This is the only header that users include.\n"
" *\n"
" * Made from a lock table by `hlock generate`.  Never edited: to add a lock family, add a\n"
" * line to the table and make it again.\n"
" *\n"
" * Setup: none.  The locks are zero-initialised memory of the library (.bss), and\n"
" * zero is unlocked.  Clear .bss before the first call, and never again.\n"
" *\n"
" * Every call requires:\n"
" *  - Memory: the locks lie in Normal, write-back, shareable memory, and the MMU\n"
" *    and caches of each calling CPU are on.  Until then only the boot CPU runs,\n"
" *    and it takes no lock: atomic instructions may fail on uncached memory.\n"
" *  - Interrupts that may take a lock are masked from before acquire until after\n"
" *    release.  A handler that takes a lock which its own CPU holds waits forever.\n"
" *  - One caller a CPU: the code that calls acquire is not pre-empted or moved to\n"
" *    another CPU before its release.  So a CPU has at most one acquire pending,\n"
" *    and fewer than 2^32 CPUs wait for one lock.\n"
" *  - No recursion: a CPU that acquires a lock it holds waits forever.\n"
" *  - Order: a CPU acquires locks in strictly increasing rank, and those of one\n"
" *    family in strictly increasing index: of two VMs the lower first.  It never\n"
" *    holds locks of two families of equal rank.  It may release in any order.\n"
" *  - Only the CPU that acquired a lock releases it, once.\n"
" *\n"
" * What the locks order: all that a CPU did before it released a lock happens\n"
" * before all that a later holder of the same lock does (relaxed_exclusion in\n"
" * main/relaxed.v; by the models of Armv8, RISC-V, x86 and C11 hlock_armv8,\n"
" * hlock_riscv, hlock_x86 and hlock_c11 in main/hardware.v).  Nothing more: acquire\n"
" * lets earlier accesses sink into the critical section, release lets later ones\n"
" * rise into it.  In particular an acquire and its release are not a full barrier\n"
" * (store_buffering, independent_reads), nor is a release followed by an acquire\n"
" * (stale_polls), and they do not order device (MMIO) accesses.\n"
" *\n"
" * Waiting is a spin loop, and there is no timeout: acquire returns when all\n"
" * CPUs that came earlier have released.  A CPU that halts, is reset or panics\n"
" * while it holds a lock holds it for good.  No function fails or reports an\n"
" * error, and there is no try_acquire and no is_locked.\n"
" *\n"
" * A call that is not within this contract:\n"
" *  - The debug build (-DHLOCK_DEBUG; libhlock_debug.a) has for each CPU a record of the locks that it\n"
" *    holds.  At the first wrong call it stops, and calls hlock_panic (below).\n"
" *  - The release build checks nothing.  With an index out of range it works on whatever lies\n"
" *    at that place: a lock of another family (it may be let free under its holder),\n"
" *    or memory past the end of the locks.\n"
" *\n"
" * A name after \"proved by\" is a theorem about the exported C text of that function, of\n"
" * the shipped table in generated/L4_theorems.v, of another what `hlock prove --each` proves;\n"
" * README.md says in words what it states, and TRUST.md what it rests on.\n"
" */\n";

static const char version[] =
"\n/* The version: HLOCK_VERSION is 10000 * major + 100 * minor + patch, to compare with in\n"
" * #if.  Major 0: what the header declares may change with the minor number. */\n";

static const char includes[] =
"/* uint32_t, the only type of the header that is not C's own.  With -DHLOCK_NO_STDINT\n"
" * <stdint.h> is not included: for builds without it (-nostdinc) that define uint32_t, as\n"
" * a type or a macro, before they include this header: the unsigned integer of 4 bytes\n"
" * that the library was compiled with. */\n"
"#ifndef HLOCK_NO_STDINT\n"
"#include <stdint.h>\n"
"#else\n"
"typedef char hlock_uint32_t_has_4_bytes[sizeof(uint32_t) == 4 ? 1 : -1];\n"
"#endif\n";

static const char panic[] =
"/* What the debug build says of a wrong call, in the order in which it looks. */\n"
"enum hlock_fault {\n"
"	HLOCK_WRONG_INDEX,      /* the index is not below the limit */\n"
"	HLOCK_ALREADY_HELD,     /* acquire: this CPU holds the lock */\n"
"	HLOCK_WRONG_ORDER,      /* acquire: this CPU holds a lock that comes later, or of the same rank */\n"
"	HLOCK_TOO_MANY,         /* acquire: this CPU holds HLOCK_DEPTH locks */\n"
"	HLOCK_NOT_HELD,         /* release: this CPU does not hold the lock */\n"
"	HLOCK_ASSERT_HELD,      /* an assertion is false */\n"
"	HLOCK_ASSERT_NOT_HELD,\n"
"	HLOCK_ASSERT_NONE_HELD,\n"
"	HLOCK_WRONG_CPU,        /* hlock_this_cpu() gave a number that is not below HLOCK_CPUS */\n"
"	HLOCK_STUCK             /* a wait of more than HLOCK_STUCK_POLLS polls; it goes on */\n"
"};\n"
"struct hlock_held {\n"
"	const char *family;\n"
"	const void *site; /* where acquire returned to */\n"
"	uint32_t has_index, index, rank, lock;\n"
"};\n"
"struct hlock_report {\n"
"	const char *message, *function;\n"
"	const char *family; /* 0: the function is that of no lock */\n"
"	const void *caller; /* where the function returns to */\n"
"	const struct hlock_held *held; /* what this CPU holds; gone when hlock_panic returns */\n"
"	uint32_t fault, has_index, index, limit, rank, cpu, held_count;\n"
"	uint32_t against; /* which of these is in the way; held_count: none */\n"
"};\n\n"
"/* Called by the debug build at a wrong call, before it has done anything to a lock.\n"
" * May be defined by the user; the library's own version (weak) executes a trap\n"
" * instruction.  It must not take a lock, since any may be held; if it returns,\n"
" * the library traps.  The release build never calls it. */\n"
"void hlock_panic(const struct hlock_report *report);\n\n"
"/* The same of a wait that is long, once a wait, which goes on; if hlock is compiled with\n"
" * -DHLOCK_STUCK_POLLS=N.  The library's own version (weak) does nothing. */\n"
"void hlock_stuck(const struct hlock_report *report);\n\n"
"/* Writes a report as lines of text, a character at a time.  Of the debug build. */\n"
"void hlock_report_print(const struct hlock_report *report, void (*put)(char character, void *to), void *to);\n\n"
"/* The user's, for the debug build: the number of the CPU that calls, below HLOCK_CPUS (64, or what\n"
" * hlock is compiled with); the same in each call of one CPU, another on each other CPU.\n"
" * With -DHLOCK_HOSTED each thread has a record of its own, and this is not called. */\n"
"uint32_t hlock_this_cpu(void);\n";

static const char prototypes_begin[] =
"\n/* In C the functions below are static inline and stand at the end of this header.  C++ calls\n"
" * those that hlock.c defines. */\n"
"#if defined(__cplusplus) || defined(HLOCK_DEFINE)\n";

static const char inline_begin[] =
"#ifndef __cplusplus\n\n"
"/* From here on, what the functions are made of, and last the functions.  hlock.c, which has\n"
" * the locks, defines HLOCK_DEFINE and so has each function once more, for C++.  All files\n"
" * of a program are compiled with the same HLOCK_ macros. */\n"
"#ifdef HLOCK_DEFINE\n"
"#define HLOCK_INLINE\n"
"#else\n"
"#define HLOCK_INLINE static inline\n"
"#endif\n\n";

static void emit_text(FILE *out, const struct family *f)
{
	for (const char *at = f->text; at && *at; at++)
		fprintf(out, "%s%c", (at == f->text || at[-1] == '\n') && *at != '\n' ? " *       "
			: *at == '\n' && at[-1] == '\n' ? " *" : "", *at);
}

static void emit_families(FILE *out, const struct table *table)
{
	fprintf(out, "\n/* The families, in the order of the table:\n"
		     " *\n"
		     " *   name        locks     rank  protects\n");
	for (int i = 0; i < table->count; i++) {
		const struct family *f = &table->families[i];
		char locks[50];

		if (f->count == 1)
			snprintf(locks, sizeof locks, "%llu", f->first);
		else
			snprintf(locks, sizeof locks, "%llu-%llu", f->first, f->first + f->count - 1);
		fprintf(out, " *   %-10s  %-8s  %-4llu  %s\n", f->name, locks, f->rank, f->object);
		emit_text(out, f);
	}
	fprintf(out, " */\n\n/* Locks are numbered below this: one past the last lock of the table. */\n"
		     "#define ");
	emit_macro(out, table, "HLOCK_LOCKS");
	fprintf(out, " %lluU\n", numbers_of(table));
}

static void emit_number(FILE *out, const struct family *f)
{
	if (f->index)
		fprintf(out, "lock %llu + %s, rank %llu", f->first, f->index, f->rank);
	else
		fprintf(out, "lock %llu, rank %llu", f->first, f->rank);
}

static void emit_range(FILE *out, const struct family *f)
{
	if (f->index)
		fprintf(out, "%s < %llu; ", f->index, f->count);
}

static void emit_acquire(FILE *out, const struct family *f)
{
	fprintf(out, "\n/* Takes the lock of: %s (", f->object);
	emit_number(out, f);
	fprintf(out, ").\n * requires:  ");
	emit_range(out, f);
	fprintf(out, "this CPU holds no lock of rank %llu or above.\n"
		     " * ensures:   this CPU holds the lock; no other CPU does.\n"
		     " * orders:    the last holder's accesses before all accesses after this call.\n",
		f->rank);
}

static void emit_release(FILE *out, const struct family *f)
{
	fprintf(out, "\n/* Gives back the lock of: %s (", f->object);
	emit_number(out, f);
	fprintf(out, ").\n * requires:  ");
	emit_range(out, f);
	fprintf(out, "this CPU holds the lock.\n"
		     " * ensures:   this CPU does not hold it; the CPU that waits longest may go on.\n"
		     " * orders:    all accesses before this call before the next holder's accesses.\n");
}

static void emit_prototype(FILE *out, const struct table *table, const struct family *f, enum operation operation)
{
	const char *op = verb(operation);

	if (operation == ACQUIRE)
		emit_acquire(out, f);
	else
		emit_release(out, f);
	fprintf(out, " * proved by: %s_lock_%s_body_correct, %s_lock_%s_code_correct */\n", op, f->name, op,
		f->name);
	emit_declaration(out, table, f, operation);
}

static void emit_version(FILE *out, const struct table *table)
{
	emit_renamed(out, table, version);
	fprintf(out, "#define ");
	emit_macro(out, table, "HLOCK_VERSION");
	fprintf(out, " %d\n#define ", 10000 * MAJOR + 100 * MINOR + PATCH);
	emit_macro(out, table, "HLOCK_VERSION_STRING");
	fprintf(out, " \"%d.%d.%d\"\n", MAJOR, MINOR, PATCH);
}

static void emit_prototypes(FILE *out, const struct table *table)
{
	fprintf(out, "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
	if (table->style.inlined)
		emit_renamed(out, table, prototypes_begin);
	for (int i = 0; i < table->count; i++) {
		emit_prototype(out, table, &table->families[i], ACQUIRE);
		emit_prototype(out, table, &table->families[i], RELEASE);
	}
	if (table->style.inlined)
		fprintf(out, "\n#endif\n");
	fprintf(out, "\n");
	emit_renamed(out, table, panic);
	fprintf(out, "\n#ifdef __cplusplus\n}\n#endif\n");
	if (table->style.inlined)
		fprintf(out, "\n");
}

void emit_header(FILE *out, const struct table *table)
{
	emit_renamed(out, table, contract);
	emit_renamed(out, table, "#ifndef HLOCK_HLOCK_H\n#define HLOCK_HLOCK_H\n\n");
	emit_renamed(out, table, includes);
	emit_version(out, table);
	emit_families(out, table);
	emit_annotations(out, table);
	emit_prototypes(out, table);
	if (table->style.inlined) {
		emit_renamed(out, table, inline_begin);
		emit_floors(out, table);
		emit_inline_declarations(out, table);
		emit_functions(out, table);
		fprintf(out, "\n#endif\n");
	}
	emit_seconds(out, table);
	emit_assertions(out, table);
	fprintf(out, "#endif\n");
}
