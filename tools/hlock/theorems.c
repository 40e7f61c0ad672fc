/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The theorems about each named function, as Coq text.  The proof is about the
 * table (layers/L4_locks/code.v); these are corollaries that speak of one
 * function each, so that a new line in the table needs no proof text by hand.
 */
#include "table.h"

static const char *const theorems_head =
	"\n   For each function of the lock table: its specifications, low (floor 3\n"
	"   composed) and high (what a client sees), and the corollaries of\n"
	"   [locks_correct] (layers/L4_locks/code.v) that speak of it alone. *)\n"
	"From Coq Require Import ZArith List.\n"
	"From hlock.clight Require Import options integers values syntax semantics.\n"
	"From hlock.layers.table Require Import table fast.\n"
	"From hlock.layers.view Require Import spec.\n"
	"From hlock.layers.L3_atomic Require Import spec.\n"
	"From hlock.layers.L4_locks Require Import spec text code each.\n"
	"From %s Require Import lock_table L4_locks L4_exported.\n"
	"Local Open Scope Z_scope.\n"
	"Local Open Scope clight_scope.\n"
	"\n"
	"(* The families by their places in the table, counted from 1: each is found in a\n"
	"   number of steps that is the logarithm of their number. *)\n"
	"Definition lines := Eval cbv [lines_of lines_from lock_table FMapPositive.PositiveMap.add\n"
	"  FMapPositive.PositiveMap.empty Pos.succ] in lines_of lock_table.\n"
	"Lemma lines_are : lines_of lock_table = lines.\n"
	"Proof. vm_cast_no_check (@eq_refl _ lines). Qed.\n"
	"Definition at_line (n : positive) {f} : FMapPositive.PositiveMap.find n lines = Some f -> In f lock_table :=\n"
	"  line_member lock_table lines n f lines_are.\n";

/* The specifications, with the index as an argument where there is one.  It is called
 * `i` in all theorems: the table's name for it could be one that Coq reserves, or one
 * that they use. */
static void emit_specs(FILE *out, const char *op, const struct family *f)
{
	const char *argument = f->index ? "(i : Z) " : "", *index = f->index ? "i" : "0";

	fprintf(out,
		"Definition %s_lock_%s_spec_low {S : system} %s(d : RData (atomic S)) : result (RData (atomic S)) :=\n"
		"  %s_low family_%s %s d.\n",
		op, f->name, argument, op, f->name, index);
	fprintf(out,
		"Definition %s_lock_%s_spec {S : system} %s(h : HData S) : result (HData S) :=\n"
		"  %s family_%s %s h.\n\n",
		op, f->name, argument, op, f->name, index);
}

/* The family stands at [line] of the table, counted from 1. */
static void emit_body_correct(FILE *out, const char *prefix, const char *op, const char *Op, const struct family *f,
			      int line)
{
	fprintf(out,
		"Corollary %s_lock_%s_body_correct N O : let S := table_system lock_table N O in\n"
		"  forall (mem : Type) (m : mem) (d d' : RData (atomic S)) env le%s,\n"
		"    env = empty_env ->\n",
		op, f->name, f->index ? " i" : "");
	if (f->index)
		fprintf(out,
			"    le ! _%s = Some (Vint i) ->\n"
			"    %s_lock_%s_spec_low (Int.unsigned i) d = Done d' ->\n",
			f->index, op, f->name);
	else
		fprintf(out, "    %s_lock_%s_spec_low d = Done d' ->\n", op, f->name);
	fprintf(out,
		"    exists le', exec_stmt (locks_genv global_definitions S) env le (m, d)\n"
		"                  (fn_body f_%s%s_lock_%s) E0 le' (m, d') Out_normal.\n"
		"Proof.\n"
		"  exact (body_with%s_index exported accepted N O %s (at_line %d eq_refl) eq_refl "
		"%s_lock_%s_exported).\n"
		"Qed.\n\n",
		prefix, op, f->name, f->index ? "" : "out", Op, line, op, f->name);
}

static void emit_code_correct(FILE *out, const char *prefix, const char *op, const char *Op, const struct family *f,
			      int line)
{
	fprintf(out,
		"Corollary %s_lock_%s_code_correct N O : let S := table_system lock_table N O in\n"
		"  forall mem : Type, spec_le (mem := mem) (_%s%s_lock_%s ↦ prim%d S %s_lock_%s_spec_low)\n"
		"                             (〚 global_definitions 〛 (atomic_layer S)).\n"
		"Proof. exact (code_of exported accepted N O %s (at_line %d eq_refl)). Qed.\n\n",
		op, f->name, prefix, op, f->name, f->index ? 1 : 0, op, f->name, Op, line);
}

/* A family without an index has no range to speak of. */
static void emit_defined_iff(FILE *out, const char *op, const struct family *f, int line,
			     enum operation operation)
{
	const char *log = operation == ACQUIRE ? "(seen d) = None" : "(events d) = Some (me d)";

	fprintf(out,
		"Corollary %s_lock_%s_defined_iff N O : let S := table_system lock_table N O in\n"
		"  forall %s(d : RData (atomic S)), invariant d ->\n",
		op, f->name, f->index ? "i " : "");
	if (f->index)
		fprintf(out,
			"  (exists d', %s_lock_%s_spec_low i d = Done d') <->\n"
			"  0 <= i < %llu /\\ env_legal d /\\ holder S (%llu + i) %s.\n",
			op, f->name, f->count, f->first, log);
	else
		fprintf(out,
			"  (exists d', %s_lock_%s_spec_low d = Done d') <->\n"
			"  env_legal d /\\ holder S %llu %s.\n",
			op, f->name, f->first, log);
	fprintf(out, "Proof. exact (%s_%sdefined accepted N O (at_line %d eq_refl)%s). Qed.\n", op,
		f->index ? "" : "one_",
		line, f->index ? "" : " eq_refl");
}

static void emit_theorem(FILE *out, const struct table *table, int line, enum operation operation)
{
	const struct family *f = &table->families[line - 1];
	const char *op = verb(operation);
	const char *Op = operation == ACQUIRE ? "Acquire" : "Release";

	fprintf(out, "\n(* %s:%d *)\n", table->path, f->line);
	emit_specs(out, op, f);
	emit_body_correct(out, table->style.prefix, op, Op, f, line);
	emit_code_correct(out, table->style.prefix, op, Op, f, line);
	emit_defined_iff(out, op, f, line, operation);
}

void emit_theorems(FILE *out, const struct table *table)
{
	emit_made_by(out, table, "theorems", "L4_theorems.v");
	fprintf(out, theorems_head, table->style.room);
	for (int line = 1; line <= table->count; line++) {
		emit_theorem(out, table, line, ACQUIRE);
		emit_theorem(out, table, line, RELEASE);
	}
}

/* ---- That the exported C is the text of the table. */

static void emit_equation(FILE *out, const char *prefix, const struct family *f, enum operation operation, bool debug)
{
	const char *op = verb(operation);

	fprintf(out,
		"Lemma %s%s_lock_%s_exported :\n"
		"  %sf_%s%s_lock_%s = function_text %s %s family_%s.\nProof. reflexivity. Qed.\n",
		debug ? "debug_" : "", op, f->name, debug ? "L4_locks_debug." : "", prefix, op, f->name,
		debug ? "true" : "false", operation == ACQUIRE ? "Acquire" : "Release", f->name);
}

/* Of the debug text with its record: lock functions and assertions. */
static void emit_checked_equations(FILE *out, const char *prefix, const struct family *f)
{
	static const struct {
		const char *name, *text;
	} of[] = { { "acquire_lock", "checked_text Acquire" }, { "release_lock", "checked_text Release" },
		   { "assert_held", "assertion_text Held" }, { "assert_not_held", "assertion_text Not_held" } };

	for (size_t i = 0; i < sizeof of / sizeof *of; i++)
		fprintf(out,
			"Lemma checked_%s_%s_exported :\n"
			"  L4_locks_checked.f_%s%s_%s = %s family_%s.\nProof. reflexivity. Qed.\n",
			of[i].name, f->name, prefix, of[i].name, f->name, of[i].text, f->name);
}

const char *const check_functions[] = { "place_of", "comes_after", "may_acquire", "now_held", "must_hold", "drop_held",
					"must_lack", "must_be_free", NULL };

void emit_exported(FILE *out, const struct table *table)
{
	emit_made_by(out, table, "exported", "L4_exported.v");
	fprintf(out,
		"\n   The exported C of the lock table, release and debug, is the text of which the\n"
		"   theorems speak (layers/L4_locks/text.v): one equation a function, then all. *)\n"
		"From Coq Require Import String.\n"
		"From hlock.layers.table Require Import table fast.\n"
		"From hlock.layers.L4_locks Require Import text checks_text record.\n"
		"From %s Require Import lock_table L4_locks.\n"
		"From %s Require L4_locks_debug L4_locks_checked.\n"
		"Local Open Scope string_scope.\n",
		table->style.room, table->style.room);
	for (int i = 0; i < table->count; i++) {
		fprintf(out, "\n(* %s:%d *)\n", table->path, table->families[i].line);
		for (int debug = 0; debug <= 1; debug++) {
			emit_equation(out, table->style.prefix, &table->families[i], ACQUIRE, debug);
			emit_equation(out, table->style.prefix, &table->families[i], RELEASE, debug);
		}
		emit_checked_equations(out, table->style.prefix, &table->families[i]);
	}
	fprintf(out, "\n(* checks.h *)\n");
	for (const char *const *name = check_functions; *name; name++)
		fprintf(out, "Lemma checked_%s_exported : L4_locks_checked.f_%s = %s_text.\nProof. reflexivity. Qed.\n",
			*name, *name, *name);
	fprintf(out, "Lemma checked_assert_none_held_exported :\n"
		     "  L4_locks_checked.f_%sassert_none_held = none_held_text.\nProof. reflexivity. Qed.\n",
		table->style.prefix);
	fprintf(out,
		"\nTheorem exported : global_definitions = locks_text \"%s\" lock_table.\nProof. reflexivity. Qed.\n"
		"Theorem debug_exported : L4_locks_debug.global_definitions = locks_debug_text \"%s\" lock_table.\n"
		"Proof. reflexivity. Qed.\n"
		"Theorem checked_exported :\n"
		"  L4_locks_checked.global_definitions = locks_checked_text \"%s\" lock_table.\n"
		"Proof. reflexivity. Qed.\n\n"
		"Theorem recordable_table : recordable lock_table = true.\n"
		"Proof. vm_compute; reflexivity. Qed.\n"
		"Theorem accepted : table_ok lock_table = true.\n"
		"Proof. apply accepted_fast; vm_compute; reflexivity. Qed.\n", table->style.prefix,
		table->style.prefix, table->style.prefix);
}
