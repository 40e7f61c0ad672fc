(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The statements of main/, as definitions

    For a text, a width and a memory that are given, right or wrong: what main/ says of
    the right ones.  sharp_refuted.v shows them false of wrong ones, from definitions
    alone; main/same.v, that the theorems of main/ are these. *)
From Coq Require Import ZArith List Bool.
From hlock.layers.view Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.safety Require Import guaranteed.
Local Open Scope Z_scope.

(** Of clients on memory whose contents are a history of actions, each by [may]. *)
Section Statements.
  Context {S : system} (T : table) (text : program) (width : Z).
  Local Notation history := (log S words_verb).
  Context (may : history -> cpu -> action S words_verb -> history -> Prop) (clients : cpu -> client S).
  Local Notation M := (mkMemory history nil may).
  Local Notation executes := (execution text width M clients).

  Definition included : Prop := never_breaches clients T -> forall tr x, executes tr x ->
    exists y, atomic_execution clients tr y /\ forall l k, object l k (happened y) = object l k (contents x).
  Definition exclusive : Prop := never_breaches clients T -> forall tr x c c' l, executes tr x ->
    inside text clients x c l -> inside text clients x c' l -> c = c'.
  Definition seen_exclusive : Prop := never_breaches clients T -> forall tr x c c' l, executes tr x ->
    seen_inside c l tr = true -> seen_inside c' l tr = true -> c = c'.
  Definition ordered : Prop := never_breaches clients T -> forall tr x l, executes tr x ->
    exists later, takers S l (contents x) = (entered S l (contents x) nil ++ later)%list.
  Definition owned : Prop := never_breaches clients T -> forall tr x c l a b g, executes tr x ->
    contents x = (b ++ (c, a) :: g)%list -> enters S l (c, a) g = true -> stays S c l b ->
    (forall c' k v, List.In (c', Read l k v) b \/ List.In (c', Wrote l k v) b -> c' = c) /\
    (forall b2 b1 k v, b = (b2 ++ (c, Read l k v) :: b1)%list -> v = object l k (own S c b1 ++ g)%list).
  Definition untouched : Prop := never_breaches clients T -> forall tr x c l c' v x', executes tr x ->
    inside text clients x c l -> machine_step text width M clients c' x v x' -> touches l v -> c' = c.
  Definition in_turn : Prop := never_breaches clients T -> forall tr x c l t b g c', executes tr x ->
    contents x = (b ++ (c, Lock l (Took t)) :: g)%list -> let since := entered S l b ((c, Lock l (Took t)) :: g) in
    ~ List.In c since -> c' <> c -> (count_occ Nat.eq_dec since c' <= 1)%nat /\
      (List.In c' since -> words_phase S c' l g <> Out).
  Definition as_one : Prop := never_breaches clients T -> forall tr x c o told l v k, executes tr x ->
    nth_error (threads x) c = Some (Storing o told l v k) -> serving S width l (contents x) = v /\
    exists b g, contents x = (b ++ (c, Lock l (Loaded v)) :: g)%list /\
      forall c' k', List.In (c', Lock l k') b -> c' <> c /\ (exists w, k' = Took w \/ k' = Polled w).
End Statements.
