/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The guarantees for one table, as Coq text: that the exported C, linked, is the stack of
 * which main/ speaks, and each theorem of main/theorem.v, main/guarantees.v,
 * main/relaxed.v, main/hardware.v and main/debug.v with the table, the prefix and that C put in.
 * The statements are main/'s own: Coq computes them.
 * Read next: theorems.c, the equations that these rest on.
 */
#include "table.h"

const struct guarantee guarantees[] = {
	{ "L4_exported.accepted", NULL },
	{ "L4_exported.exported", NULL },
	{ "L4_exported.debug_exported", NULL },
	{ "L4_exported.checked_exported", NULL },
	{ "L4_exported.recordable_table", NULL },
	{ "floors.ticket_exported", NULL },
	{ "floors.atomic_exported", NULL },
	{ "guarantees.program_is", NULL },
	{ "guarantees.correct", "what is seen of this C is seen on locks that are one atomic step" },
	{ "guarantees.bridge", "each CPU's environment keeps to the protocol" },
	{ "guarantees.contract_suffices", "a client whose text keeps the contract never breaks it" },
	{ "guarantees.mutual_exclusion", "two CPUs are never inside one lock" },
	{ "guarantees.seen_exclusion", "the same, of calls and returns alone" },
	{ "guarantees.ticket_order", "critical sections run in ticket order" },
	{ "guarantees.fifo", "once I have my ticket each other CPU enters at most once before me" },
	{ "guarantees.object_owned", "while I am inside, I read what I wrote or the last holder left" },
	{ "guarantees.nobody_else_touches", "while I am inside, nobody else touches the object" },
	{ "guarantees.incr_now_is_one", "the load and the store of a release act as one" },
	{ "guarantees.starvation_freedom", "an acquire returns within a bound, if CPUs step and keep the order" },
	{ "guarantees.deadlock_freedom", "so does every operation" },
	{ "guarantees.order_gives_levels", "the order of the table is such an order" },
	{ "guarantees.order_suffices", "clients whose texts are orderly are so whatever they are told" },
	{ "guarantees.starvation_freedom_forever", "with no bound: each acquire returns, if sections end" },
	{ "guarantees.deadlock_freedom_forever", "if they do not: while somebody waits, somebody goes on" },
	{ "guarantees.order_suffices_forever", "clients that are orderly are in order here, too" },
	{ "guarantees.hlock_relaxed", "on relaxed memory each CPU sees what it sees in one consistent execution" },
	{ "guarantees.relaxed_objects", "and objects hold what they hold there" },
	{ "guarantees.relaxed_exclusion", "of two sections of a lock one happens before the other" },
	{ "guarantees.no_data_race", "any two accesses of one part of an object are ordered by happens-before" },
	{ "guarantees.relaxed_fifo", "sections of a lock come in the order of their tickets" },
	{ "guarantees.relaxed_owned", "a read of an object returns the last write before it" },
	{ "guarantees.consistent_is_relaxed", "executions on consistent memory are relaxed ones" },
	{ "guarantees.hlock_armv8", "so it is on Armv8, by LL/SC and by LSE" },
	{ "guarantees.hlock_riscv", "so it is on RISC-V" },
	{ "guarantees.hlock_x86", "so it is on x86" },
	{ "guarantees.hlock_c11", "so it is by the orders of C11, as RC11 has it, and no execution has a data race" },
	{ "guarantees.debug_program_is", NULL },
	{ "guarantees.debug_correct", "the debug build stops at each wrong call, and nowhere else" },
	{ "guarantees.debug_unstopped", "while nobody has stopped, it is locks that are one atomic step" },
	{ "guarantees.debug_is_release", "where nobody ever stops, debug and release build do the same" },
	{ "guarantees.debug_starvation_freedom", "while nobody has stopped, each acquire returns, if sections end" },
	{ "guarantees.debug_deadlock_freedom", "if they do not: while somebody waits, somebody goes on" },
	{ NULL, NULL }
};

static const char floors_exported[] =
"\n   The floors below, as they are exported, are those of hlock. *)\n"
"From hlock.generated Require L1_ticket L3_atomic.\n"
"From %s Require L1_ticket L3_atomic.\n\n"
"Theorem ticket_exported : %s.L1_ticket.global_definitions = hlock.generated.L1_ticket.global_definitions.\n"
"Proof. reflexivity. Qed.\n"
"Theorem atomic_exported : %s.L3_atomic.global_definitions = hlock.generated.L3_atomic.global_definitions.\n"
"Proof. reflexivity. Qed.\n";

static const char head[] =
"\n   The exported C, linked, is the stack that the theorems of main/ speak of, and so they are\n"
"   true of it.  Each statement is that of main/, with this table, this prefix and this C. *)\n"
"From Coq Require Import ZArith List String.\n"
"From hlock.clight Require Import link.\n"
"From hlock.layers.table Require Import table.\n"
"From hlock.layers.L4_locks Require Import spec contract text.\n"
"From hlock.stack Require Import stack.\n"
"From hlock.machine.debug Require Import model.\n"
"From hlock.main Require theorem guarantees relaxed hardware debug.\n"
"From %s Require Import lock_table L4_exported floors.\n"
"From %s Require L1_ticket L3_atomic L4_locks L4_locks_checked.\n"
"Import ListNotations.\n"
"Local Open Scope Z_scope.\n\n"
"Definition prefix : string := \"%s\".\n"
"Definition exported_program : program := {|\n"
"  functions := link [%s.L1_ticket.global_definitions; %s.L3_atomic.global_definitions;\n"
"                     %s.L4_locks.global_definitions];\n"
"  prefix_of := prefix\n"
"|}.\n"
"Theorem program_is : stack prefix lock_table = exported_program.\n"
"Proof.\n"
"  unfold stack, exported_program, prefix; rewrite ticket_exported, atomic_exported.\n"
"  rewrite <- exported; reflexivity.\n"
"Qed.\n\n"
"(** The same of the debug build: its C of floor 4, checks and assertions included. *)\n"
"Definition exported_debug_program : program := {|\n"
"  functions := link [%s.L1_ticket.global_definitions; %s.L3_atomic.global_definitions;\n"
"                     %s.L4_locks_checked.global_definitions];\n"
"  prefix_of := prefix\n"
"|}.\n"
"Theorem debug_program_is : debug_stack prefix lock_table = exported_debug_program.\n"
"Proof.\n"
"  unfold debug_stack, exported_debug_program, prefix; rewrite ticket_exported, atomic_exported.\n"
"  rewrite <- checked_exported; reflexivity.\n"
"Qed.\n\n"
"(** The statement of [t], of the exported programs. *)\n"
"Ltac of_exported t :=\n"
"  let T := type of t in\n"
"  lazymatch eval pattern (stack prefix lock_table), (debug_stack prefix lock_table) in T with\n"
"  | ?statement _ _ => let T := eval cbv beta in (statement exported_program exported_debug_program) in exact T\n"
"  end.\n";

/* What is left to be said of each: the arguments before the proof that the table is accepted. */
static const struct {
	const char *name, *arguments, *theorem;
} instances[] = {
	{ "correct", "N O width", "theorem.hlock_correct" },
	{ "bridge", "N O width", "theorem.hlock_bridge" },
	{ "mutual_exclusion", "N O width clients", "guarantees.mutual_exclusion" },
	{ "seen_exclusion", "N O width clients", "guarantees.seen_exclusion" },
	{ "ticket_order", "N O width clients", "guarantees.ticket_order" },
	{ "fifo", "N O width clients", "guarantees.fifo" },
	{ "object_owned", "N O width clients", "guarantees.object_owned" },
	{ "nobody_else_touches", "N O width clients", "guarantees.nobody_else_touches" },
	{ "incr_now_is_one", "N O width clients", "guarantees.incr_now_is_one" },
	{ "starvation_freedom", "N O width above A B clients", "guarantees.starvation_freedom" },
	{ "deadlock_freedom", "N O width above A B levels clients", "guarantees.deadlock_freedom" },
	{ "starvation_freedom_forever", "N O width above clients", "guarantees.starvation_freedom_forever" },
	{ "deadlock_freedom_forever", "N O width above clients", "guarantees.deadlock_freedom_forever" },
	{ "hlock_relaxed", "N O width", "relaxed.hlock_relaxed" },
	{ "relaxed_exclusion", "N O width clients g seen last", "relaxed.relaxed_exclusion" },
	{ "no_data_race", "N O width clients g seen last", "relaxed.no_data_race" },
	{ "relaxed_fifo", "N O width clients g seen last", "relaxed.relaxed_fifo" },
	{ "relaxed_owned", "N O width clients g seen last", "relaxed.relaxed_owned" },
	{ "hlock_armv8", "N O width", "hardware.hlock_armv8" },
	{ "hlock_riscv", "N O width", "hardware.hlock_riscv" },
	{ "hlock_x86", "N O width", "hardware.hlock_x86" },
	{ "hlock_c11", "N O width", "hardware.hlock_c11" },
}, debug_instances[] = {
	{ "debug_correct", "N O width B", "debug.debug_correct" },
	{ "debug_unstopped", "N O width B", "debug.debug_unstopped" },
	{ "debug_is_release", "N O width B", "debug.debug_is_release" },
	{ "debug_starvation_freedom", "N O width B", "debug.debug_starvation_freedom" },
	{ "debug_deadlock_freedom", "N O width B", "debug.debug_deadlock_freedom" },
};

static void emit_instance(FILE *out, const char *name, const char *arguments, const char *theorem,
			  const char *accepted)
{
	char proof[300];

	snprintf(proof, sizeof proof, "(fun %s => %s prefix lock_table %s%s)", arguments, theorem, arguments, accepted);
	fprintf(out,
		"\nTheorem %s : ltac:(of_exported\n  %s).\nProof.\n  rewrite <- ?program_is, <- ?debug_program_is.\n"
		"  exact %s.\nQed.\n",
		name, proof, proof);
}

void emit_floors_exported(FILE *out, const struct table *table)
{
	const char *room = table->style.room;

	emit_made_by(out, table, "floors", "floors.v");
	fprintf(out, floors_exported, room, room, room);
}

void emit_guarantees(FILE *out, const struct table *table)
{
	const char *room = table->style.room;

	emit_made_by(out, table, "guarantees", "guarantees.v");
	fprintf(out, head, room, room, table->style.prefix, room, room, room, room, room, room);
	for (size_t i = 0; i < sizeof instances / sizeof *instances; i++)
		emit_instance(out, instances[i].name, instances[i].arguments, instances[i].theorem, " accepted");
	for (size_t i = 0; i < sizeof debug_instances / sizeof *debug_instances; i++)
		emit_instance(out, debug_instances[i].name, debug_instances[i].arguments, debug_instances[i].theorem,
			      " accepted recordable_table");
	emit_instance(out, "consistent_is_relaxed", "N O width orders", "relaxed.consistent_is_relaxed", "");
	fprintf(out,
		"\n(* These speak of tables, clients and executions alone. *)\n"
		"Definition contract_suffices := guarantees.contract_suffices lock_table.\n"
		"Definition order_gives_levels S told p :=\n"
		"  guarantees.order_gives_levels lock_table S told p accepted.\n"
		"Definition order_suffices N O := guarantees.order_suffices (table_system lock_table N O).\n"
		"Definition order_suffices_forever N O :=\n"
		"  guarantees.order_suffices_forever (table_system lock_table N O).\n"
		"Definition relaxed_objects := relaxed.relaxed_objects lock_table.\n");
}
