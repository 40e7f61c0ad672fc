(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The shipped lock table and its exported C, as an instance

    [shipped] is the exported C of floors 1, 3 and 4, linked; the theorems of theorem.v
    and guarantees.v speak of it.  The others are instances in the same way.

    The names that stand in the statements, and where they are defined:
      generated/lock_table.v         lock_table
      layers/L4_locks/spec.v         client, response, table_system
      layers/view/spec.v             cpu, object
      machine/debug/model.v          asserted, build_ok, calls_exist, debug_contents,
                                     debug_execution, debug_stack, stops_alone
      machine/debug/stopping.v       stopping_execution, touched_outside, wrong_next
      machine/model/atomic.v         atomic_execution, happened, never_breaches
      machine/model/machine.v        contents, execution
      machine/model/memory.v         sc_memory
      machine/safety/guaranteed.v    inside
      stack/linked.v                 stack *)
From Coq Require Import ZArith List String.
From hlock.clight Require Import link.
From hlock.layers.table Require Import table.
From hlock.layers.view Require Import spec.
From hlock.layers.L4_locks Require Import spec contract text.
From hlock.generated Require Import lock_table L4_exported.
From hlock.generated Require L1_ticket L3_atomic L4_locks L4_locks_checked.
From hlock.stack Require Import stack.
From hlock.machine.model Require Import memory machine atomic.
From hlock.machine.safety Require Import corollaries.
From hlock.machine.debug Require Import model stopping.
From hlock.main Require Import theorem guarantees debug.
Import ListNotations.
Local Open Scope Z_scope.

Definition shipped : program := {|
  functions := link [L1_ticket.global_definitions; L3_atomic.global_definitions; L4_locks.global_definitions];
  prefix_of := EmptyString
|}.
Theorem shipped_is : shipped = stack EmptyString lock_table.
Proof. unfold shipped; now rewrite exported. Qed.

Theorem shipped_correct : forall N O width (clients : cpu -> client (table_system lock_table N O)),
  1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> never_breaches clients lock_table ->
  forall tr x, execution shipped width (sc_memory _ width) clients tr x ->
  exists y, atomic_execution clients tr y /\ forall l k, object l k (happened y) = object l k (contents x).
Proof.
  intros N O width clients Width Fits; rewrite shipped_is.
  exact (hlock_correct EmptyString lock_table N O width accepted Width Fits clients).
Qed.

Theorem shipped_exclusion : forall N O width (clients : cpu -> client (table_system lock_table N O)),
  1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> never_breaches clients lock_table ->
  forall tr x c c' l, execution shipped width (sc_memory _ width) clients tr x ->
  inside shipped clients x c l -> inside shipped clients x c' l -> c = c'.
Proof.
  intros N O width clients Width Fits; rewrite shipped_is.
  exact (mutual_exclusion EmptyString lock_table N O width clients accepted Width Fits).
Qed.

(** The same of the debug build: its exported C of floor 4, checks and assertions included, linked. *)
Definition shipped_debug : program := {|
  functions := link [L1_ticket.global_definitions; L3_atomic.global_definitions; L4_locks_checked.global_definitions];
  prefix_of := EmptyString
|}.
Theorem shipped_debug_is : shipped_debug = debug_stack EmptyString lock_table.
Proof. unfold shipped_debug; now rewrite checked_exported. Qed.

Theorem shipped_debug_correct : forall N O width B, 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> build_ok N B ->
  let S := table_system lock_table N O in let M := sc_memory S width in
  forall (clients : cpu -> client S) (asserts : cpu -> list (response S) -> list asserted),
  calls_exist lock_table clients asserts ->
  forall tr x, debug_execution shipped_debug width B M clients asserts tr x ->
  touched_outside lock_table B clients asserts tr \/
  exists y, stopping_execution lock_table B clients asserts tr y /\
    (forall l k, object l k (happened y) = object l k (debug_contents x)) /\
    (forall c call, wrong_next lock_table B asserts c y = Some call ->
       stops_alone shipped_debug width B M clients asserts c x).
Proof.
  intros N O width B Width Fits Build; rewrite shipped_debug_is.
  exact (debug_correct EmptyString lock_table N O width B accepted recordable_table Width Fits Build).
Qed.
