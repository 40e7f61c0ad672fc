(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: what is asked of the order that an Armv8 CPU keeps

    Each edge, by two accesses to which no other applies.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events armv8_model.
From hlock.machine.cases Require Import small few few_accesses.
Import ListNotations.
Local Open Scope list_scope.
Local Notation r l := (reading l 107).
Local Notation w l := (writing l 5).

(** ** What is asked of the order that a CPU keeps *)
Definition first_second : event -> event -> Prop := pairs [((0, 0, 0), (0, 1, 0))].
Definition one_pair : execution small a64 := given [[took 0]] [[[LDXR; STXR]]] [] [].
Example acquires_must_be_kept : ~ contains (two_acts LDAR STR (r 0) (w 4)) nothing /\
  ~ contains (two_acts LDAPR LDR (r 0) (r 4)) nothing /\ ~ contains (two_acts LDAR LDR (r 0) (r 4)) nothing.
Proof.
  split; [|split]; intros Has; apply (bob_acquire _ _ Has (0, 0, 0) (0, 1, 0)); unfold A, Q; yes.
Qed.
Example releases_must_be_kept : ~ contains (two_acts STR STLR (w 0) (w 4)) nothing /\
  ~ contains (two_acts LDR STLR (r 0) (w 4)) nothing.
Proof. split; intros Has; apply (bob_release _ _ Has (0, 0, 0) (0, 1, 0)); unfold L; yes. Qed.
Example pairs_must_be_kept : ~ contains one_pair nothing.
Proof. intros Has; apply (aob_rmw _ _ Has (0, 0, 0) (0, 0, 1)); yes. Qed.
Local Ltac contained := match goal with
  | |- contains (two_acts ?i ?j ?a ?b) _ =>
      constructor; [unfold A, Q, L; asked_by (two_in_order i j a b)..|asked_of_pairs (two_in_order i j a b)]
  end.
Example armv8_keeps_no_more :
  contains (two_acts LDR STR (r 0) (w 4)) nothing /\ contains (two_acts STR LDAR (w 0) (r 4)) nothing /\
  contains (two_acts STLR STR (w 0) (w 4)) nothing /\ contains (two_acts LDAR STLR (r 0) (w 4)) first_second.
Proof. split; [contained|split; [contained|split; contained]]. Qed.

