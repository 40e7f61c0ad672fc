(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: what is asked of executions of x86

    As sharp_armv8_asked.v.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events x86_model.
From hlock.machine.cases Require Import small few few_accesses.
Import ListNotations.
Local Open Scope list_scope.
Local Notation r l := (reading l 107).
Local Notation w l := (writing l 5).

(** ** What is asked of the order that a CPU keeps *)
Definition first_second : event -> event -> Prop := pairs [((0, 0, 0), (0, 1, 0))].
Example x86_keeps : ~ contains_po_ghb (two_acts MOV_store MOV_store (w 0) (w 4)) nothing /\
  ~ contains_po_ghb (two_acts MOV_load MOV_store (r 0) (w 4)) nothing /\
  ~ contains_po_ghb (two_acts MOV_load MOV_load (r 0) (r 4)) nothing.
Proof.
  split; [|split]; intros [Ww Rm]; first [apply (Ww (0, 0, 0) (0, 1, 0)); yes|apply (Rm (0, 0, 0) (0, 1, 0)); yes].
Qed.
Local Ltac contained := match goal with |- contains_po_ghb (two_acts ?i ?j ?a ?b) _ =>
  constructor; asked_by (two_in_order i j a b) end.
Example x86_keeps_no_more : contains_po_ghb (two_acts MOV_store MOV_load (w 0) (r 4)) nothing /\
  contains_po_ghb (two_acts MOV_store MOV_store (w 0) (w 4)) first_second.
Proof. split; contained. Qed.

(** ** The axioms *)
Example x86_uniproc_is_asked : ~ x86_consistent (writes_back MOV_store) nothing /\
  ~ x86_consistent (reads_old MOV_load MOV_store) nothing /\ ~ x86_consistent (reads_later MOV_load MOV_store) nothing.
Proof.
  split; [|split]; intros [Uniproc _ _]; revert Uniproc; apply (goes_round _ (0, 0, 0) [(0, 1, 0)]); yes.
Qed.
Example x86_tso_is_asked : ~ x86_consistent (stale MOV_load MOV_store) in_order_of_each /\
  ~ x86_consistent (writes_both MOV_store) in_order_of_each /\ ~ x86_consistent (writes_on MOV_store) back /\
  ~ x86_consistent (reads_first MOV_load MOV_store) back.
Proof.
  split; [|split; [|split]]; intros [_ Tso _]; revert Tso; unfold ghb, in_order_of_each, back, pairs.
  1-2: apply (goes_round _ (0, 0, 0) [(0, 1, 0); (1, 0, 0); (1, 1, 0)]); yes.
  all: apply (goes_round _ (0, 0, 0) [(0, 1, 0)]); yes.
Qed.
Example x86_atomic_is_asked : ~ x86_consistent (both_first LOCK_XADD_load LOCK_XADD_store) nothing.
Proof. intros [_ _ Atomic]; apply (Atomic (1, 0, 0) (1, 0, 1) (0, 0, 1)); yes. Qed.
(** A read of the CPU's own write is in no order of all CPUs. *)
Example x86_allows : x86_consistent (reads_own MOV_load MOV_store) back /\
  x86_consistent (writes_on MOV_store) nothing /\ x86_consistent (reads_first MOV_load MOV_store) nothing.
Proof.
  pose proof (reads_own_goes MOV_load MOV_store eq_refl eq_refl eq_refl eq_refl) as Own.
  pose proof (reads_own_no_more MOV_load MOV_store eq_refl eq_refl) as Silent.
  pose proof (writes_on_goes MOV_store eq_refl eq_refl) as On.
  pose proof (reads_first_goes MOV_load MOV_store eq_refl eq_refl eq_refl eq_refl) as First_.
  split; [|split]; constructor; unfold ghb.
  - along [(0, 0, 0); (0, 1, 0)] Own.
  - along [(0, 1, 0); (0, 0, 0)] Own.
  - none_between Own.
  - along [(0, 0, 0); (0, 1, 0)] On.
  - along [(0, 0, 0); (0, 1, 0)] On.
  - none_between On.
  - along [(0, 0, 0); (0, 1, 0)] First_.
  - along [(0, 0, 0); (0, 1, 0)] First_.
  - none_between First_.
Qed.
