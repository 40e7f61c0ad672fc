/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * hlock prove: exports the very hlock.c of a drop-in, proves that it is the text of its table,
 * function by function, puts table and text into the guarantees, and asks Coq what each rests on.
 *
 * All that it writes lies in a folder of the user's (--work), where it can be read: the Coq
 * files, and NAME.said, what Coq said of each.  The library is only read.
 * Read next: export.c, theorems.c, guarantees.c, differ.c.
 */
#include "proof.h"

#include <string.h>

/* So many at a time. */
#define PROVE_MOST 6

/* Files that do not need each other, at the same time. */
static int prove_files(const struct proof *proof, const char *const *names, size_t count)
{
	int programs[PROVE_MOST], status = FINE;

	for (size_t i = 0; i < count; i++)
		programs[i] = start_coq(proof, names[i]);
	for (size_t i = 0; i < count; i++) {
		const int end = wait_for_program(programs[i]);

		if (end != 0 && status == FINE)
			status = coq_refuses(proof, names[i], end);
	}
	return status;
}

static int prove_file(const struct proof *proof, const char *name)
{
	return prove_files(proof, &name, 1);
}

/* That the C is the text of the table. */
static int prove_text(const struct proof *proof)
{
	static const char *const files[] = { "lock_table", "L1_ticket", "L3_atomic", "L4_locks", "L4_locks_debug",
					     "L4_locks_checked" };
	int status = prove_files(proof, files, sizeof files / sizeof *files), floors, equations;

	if (status != FINE)
		return status;
	floors = start_coq(proof, "floors");
	equations = coq(proof, "L4_exported");
	if (wait_for_program(floors) == 0 && equations == 0)
		return FINE;
	say_differences(proof);
	return REFUSED;
}

/* ------------------------------------------------------- what each rests on */

static const char *const each[] = { "body_correct", "code_correct", "defined_iff" };

/* The name of the n-th theorem that Coq is asked about; NULL: there are no more. */
static const char *theorem(const struct table *table, int n)
{
	for (const struct guarantee *g = guarantees; g->name; g++)
		if (n-- == 0)
			return g->name;
	if (!table->style.each || n >= 6 * table->count)
		return NULL;
	return text("L4_theorems.%s_lock_%s_%s", verb(n % 2 ? RELEASE : ACQUIRE), table->families[n / 6].name,
		    each[n / 2 % 3]);
}

static void emit_names(FILE *out, const struct table *table)
{
	emit_made_by(out, table, "", "");
	fprintf(out, " *)\nFrom %s Require L4_exported floors guarantees.\n", table->style.room);
}

/* All as one term, in small definitions, each with the last: if that is closed, so is each. */
static void emit_question(FILE *out, const struct table *table)
{
	int n = 0;

	emit_names(out, table);
	if (table->style.each)
		fprintf(out, "From %s Require L4_theorems.\n", table->style.room);
	fprintf(out, "Definition all0 := 0.\n");
	for (const char *name; (name = theorem(table, n)); n++)
		fprintf(out, "Definition all%d := let _ := @%s.%s in all%d.\n", n + 1, table->style.room, name, n);
	fprintf(out, "Print Assumptions all%d.\n", n);
}

/* What each says.  What it rests on is asked of all at once: of each alone it takes Coq half a second. */
static void emit_statements(FILE *out, const struct table *table)
{
	emit_names(out, table);
	fprintf(out, "From Coq Require Import ZArith List String.\n"
		     "From hlock.layers.table Require Import table.\nFrom hlock.layers.view Require Import spec.\n"
		     "From hlock.layers.L4_locks Require Import spec contract text.\n"
		     "From hlock.stack Require Import stack.\n"
		     "From hlock.machine.hardware Require Import events lists armv8 riscv x86 c11.\n"
		     "From hlock.machine.model Require Import thread memory machine atomic.\n"
		     "From hlock.machine.safety Require Import history corollaries exclusion.\n"
		     "From hlock.machine.live Require Import live orderly bound infinite.\n"
		     "From hlock.machine.relaxed Require Import model turns lock_words embedding sections careful.\n"
		     "From hlock.machine.relaxed Require Import consistent.\n"
		     "From %s Require Import lock_table guarantees.\n"
		     "Open Scope Z_scope.\nOpen Scope string_scope.\n", table->style.room);
	for (const struct guarantee *g = guarantees; g->name; g++)
		fprintf(out, "Check %s.%s.\n", table->style.room, g->name);
}

static int prove_guarantees(const struct proof *proof)
{
	const char *said;
	int status = prove_file(proof, "guarantees");

	if (status == FINE && proof->table.style.each) {
		static const char *const more[] = { "L4_theorems", "statements" };

		status = prove_files(proof, more, 2);
	}
	if (status == FINE)
		status = prove_file(proof, "question");
	if (status != FINE)
		return status;
	said = text_of_file(text("%s/question.said", proof->work));
	if (said && strncmp(said, CLOSED, strlen(CLOSED)) == 0)
		return FINE;
	fprintf(stderr, "hlock: not all theorems are closed; they rest on:\n%s", said ? said : "");
	return REFUSED;
}

/* -------------------------------------------------------------------------- all */

static bool write_proof(const struct proof *proof)
{
	const struct made files[] = {
		{ text("%s/lock_table.v", proof->work), emit_coq },
		{ text("%s/L4_exported.v", proof->work), emit_exported },
		{ text("%s/floors.v", proof->work), emit_floors_exported },
		{ text("%s/guarantees.v", proof->work), emit_guarantees },
		{ text("%s/question.v", proof->work), emit_question },
		{ text("%s/statements.v", proof->work), emit_statements },
		{ text("%s/L4_theorems.v", proof->work), emit_theorems },
	};

	return write_files(&proof->table, sizeof files / sizeof *files, files);
}

static int prove(const struct proof *proof)
{
	int status = export_all(proof);

	if (status == FINE && !same_functions(proof))
		status = REFUSED;
	if (status == FINE && !write_proof(proof))
		status = FAILED;
	if (status == FINE)
		status = prove_text(proof);
	if (status == FINE)
		status = prove_guarantees(proof);
	if (status == FINE && !same_text(proof))
		status = REFUSED;
	return status;
}

static void print_text(const struct proof *proof)
{
	const int functions = 2 * proof->table.count;

	printf("%s/%s: %d functions, and 4 of the floors below, are the text that the theorems speak of, release and "
	       "debug, the latter with its checks, too\n", proof->folder, proof->source, functions);
	printf("this table and this C, in all executions that the contract allows, any number of CPUs up to 2^32:\n");
	for (const struct guarantee *g = guarantees; g->name; g++)
		if (g->says)
			printf("  %-26s  %s\n", strchr(g->name, '.') + 1, g->says);
	if (proof->table.style.each)
		printf("  and of each function %s, %s, %s\n", each[0], each[1], each[2]);
	printf("all of them: %s\n", CLOSED);
	if (proof->table.style.each)
		printf("Coq's statement of each: %s/statements.said\n", proof->work);
}

static void print_json(const struct proof *proof, int status)
{
	printf("{\"proved\": %s, \"functions\": %d, \"each\": %s, \"theorems\": [", status == FINE ? "true" : "false",
	       2 * proof->table.count, proof->table.style.each ? "true" : "false");
	for (const struct guarantee *g = guarantees; status == FINE && g->name; g++)
		printf("%s{\"name\": \"%s\", \"rests_on\": \"%s\"}", g == guarantees ? "" : ", ", g->name, CLOSED);
	printf("]}\n");
}

/* c2coq's part alone. */
int command_export(const struct options *options)
{
	struct proof proof = { .table = { .path = options->words[0] } };
	int status = table_of(&proof.table, options);

	print_faults(&proof.table, SOME_FAULTS);
	if (status != FINE)
		return status;
	if (!prepare_work(&proof, options, "hlock.proof"))
		return FAILED;
	status = export_all(&proof);
	if (status == FINE && !same_functions(&proof))
		status = REFUSED;
	if (status == FINE && !options->quiet)
		printf("%s: L1_ticket.v, L3_atomic.v, L4_locks.v, L4_locks_debug.v, L4_locks_checked.v\n", proof.work);
	return fflush(stdout) == 0 ? status : FAILED;
}

int command_prove(const struct options *options)
{
	struct proof proof = { .table = { .path = options->words[0] } };
	int status = table_of(&proof.table, options);

	print_faults(&proof.table, SOME_FAULTS);
	if (status != FINE)
		return status;
	proof.table.style.room = "proved";
	proof.table.style.made_by = "hlock prove";
	if (!prepare_work(&proof, options, "hlock.proof") || !is_proved(&proof.home, "guarantees"))
		return FAILED;
	status = prove(&proof);
	if (options->json)
		print_json(&proof, status);
	else if (status == FINE && !options->quiet)
		print_text(&proof);
	return fflush(stdout) == 0 ? status : FAILED;
}
