(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The statements that mutants are judged by are those of main/

    machine/cases/statements.v has them as definitions, for any text and any memory;
    sharp_refuted.v, beside it, shows them false of wrong ones.  Here: of the text of a
    table and of consistent memory each is, word for word, the theorem.

    The names that stand in the statements, and where they are defined:
      layers/L4_locks/spec.v       client, table_system
      layers/table/table.v         table_ok
      layers/view/spec.v           cpu
      machine/cases/statements.v   exclusive, included, ordered, owned, seen_exclusive, untouched
      machine/model/memory.v       mem_step, sc_memory
      stack/linked.v               stack *)
From Coq Require Import ZArith.
From hlock.layers.table Require Import table.
From hlock.layers.view Require Import spec.
From hlock.layers.L4_locks Require Import spec.
From hlock.stack Require Import linked.
From hlock.machine.model Require Import memory.
From hlock.machine.cases Require Import statements.
From hlock.main Require Import theorem guarantees.
Local Open Scope Z_scope.

Example hlock_correct_is : forall prefix T N O width,
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width ->
  forall clients : cpu -> client (table_system T N O),
  included T (stack prefix T) width (mem_step (sc_memory _ width)) clients.
Proof. exact hlock_correct. Qed.
Example mutual_exclusion_is : forall prefix T N O width (clients : cpu -> client (table_system T N O)),
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width ->
  exclusive T (stack prefix T) width (mem_step (sc_memory _ width)) clients.
Proof. exact mutual_exclusion. Qed.
Example seen_exclusion_is : forall prefix T N O width (clients : cpu -> client (table_system T N O)),
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width ->
  seen_exclusive T (stack prefix T) width (mem_step (sc_memory _ width)) clients.
Proof. exact seen_exclusion. Qed.
Example ticket_order_is : forall prefix T N O width (clients : cpu -> client (table_system T N O)),
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width ->
  ordered T (stack prefix T) width (mem_step (sc_memory _ width)) clients.
Proof. exact ticket_order. Qed.
Example object_owned_is : forall prefix T N O width (clients : cpu -> client (table_system T N O)),
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width ->
  owned T (stack prefix T) width (mem_step (sc_memory _ width)) clients.
Proof. exact object_owned. Qed.
Example nobody_else_touches_is : forall prefix T N O width (clients : cpu -> client (table_system T N O)),
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width ->
  untouched T (stack prefix T) width (mem_step (sc_memory _ width)) clients.
Proof. exact nobody_else_touches. Qed.
