(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The statements that mutants are judged by are those of main/

    machine/cases/statements.v has them as definitions, for any text and any memory, and
    statements_live.v for any text; sharp_refuted.v and sharp_stuck.v, beside them, show
    them false of wrong ones.  Here: of the text of a table and of consistent memory each
    is, word for word, the theorem.

    The names that stand in the statements, and where they are defined:
      layers/L4_locks/spec.v         client, table_system
      layers/table/table.v           table_ok
      layers/view/spec.v             cpu
      machine/cases/statements.v     as_one, exclusive, in_turn, included, ordered, owned,
                                     seen_exclusive, untouched
      machine/cases/statements_live.v acquires_end, acquires_end_forever, bridged, operations_end,
                                     somebody_goes_on
      machine/model/memory.v         mem_step, sc_memory
      stack/linked.v                 stack *)
From Coq Require Import ZArith.
From hlock.layers.table Require Import table.
From hlock.layers.view Require Import spec.
From hlock.layers.L4_locks Require Import spec.
From hlock.stack Require Import linked.
From hlock.machine.model Require Import memory.
From hlock.machine.cases Require Import statements statements_live.
From hlock.main Require Import theorem guarantees.
Local Open Scope Z_scope.

Example statements_are : forall prefix T N O width (clients : cpu -> client (table_system T N O)),
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width ->
  let text := stack prefix T in let may := mem_step (sc_memory _ width) in
  included T text width may clients /\ exclusive T text width may clients /\
  seen_exclusive T text width may clients /\ ordered T text width may clients /\
  owned T text width may clients /\ untouched T text width may clients /\
  in_turn T text width may clients /\ as_one T text width may clients.
Proof.
  intros prefix T N O width clients Ok Width Fits text may.
  exact (conj (hlock_correct prefix T N O width Ok Width Fits clients)
    (conj (mutual_exclusion prefix T N O width clients Ok Width Fits)
    (conj (seen_exclusion prefix T N O width clients Ok Width Fits)
    (conj (ticket_order prefix T N O width clients Ok Width Fits)
    (conj (object_owned prefix T N O width clients Ok Width Fits)
    (conj (nobody_else_touches prefix T N O width clients Ok Width Fits)
    (conj (fifo prefix T N O width clients Ok Width Fits)
          (incr_now_is_one prefix T N O width clients Ok Width Fits)))))))).
Qed.

Example live_statements_are : forall prefix T N O width above A B levels (clients : cpu -> client (table_system T N O)),
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width ->
  let text := stack prefix T in
  acquires_end T text width clients above A B /\ operations_end T text width clients above A B levels /\
  acquires_end_forever T text width clients above /\ somebody_goes_on T text width clients above /\
  bridged T text width clients.
Proof.
  intros prefix T N O width above A B levels clients Ok Width Fits text.
  exact (conj (starvation_freedom prefix T N O width above A B clients Ok Width Fits)
    (conj (deadlock_freedom prefix T N O width above A B levels clients Ok Width Fits)
    (conj (starvation_freedom_forever prefix T N O width above clients Ok Width Fits)
    (conj (deadlock_freedom_forever prefix T N O width above clients Ok Width Fits)
          (hlock_bridge prefix T N O width Ok Width Fits clients))))).
Qed.
