(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: what is asked of executions of Armv8

    Each axiom, by executions in which nothing else matters.  What sharp_*.v files are for: sharp_table.v. *)
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

Local Ltac goes_back d k := intros [Internal _ _]; revert Internal; apply (goes_round _ d [k]); unfold ca; yes.
Example armv8_internal_is_asked : ~ armv8_consistent (writes_back STR) nothing /\
  ~ armv8_consistent (reads_old LDR STR) nothing /\ ~ armv8_consistent (reads_later LDR STR) nothing.
Proof. split; [|split]; goes_back (0, 0, 0) (0, 1, 0). Qed.
Local Ltac step := apply t_step; unfold obs, in_order_of_each, pairs; yes.
Example armv8_external_is_asked : ~ armv8_consistent (stale LDR STR) in_order_of_each /\
  ~ armv8_consistent (writes_both STR) in_order_of_each.
Proof.
  split; intros [_ External _]; apply (External (0, 0, 0)); unfold ob.
  - apply t_trans with (0, 1, 0); [step|apply t_trans with (1, 0, 0); [step|apply t_trans with (1, 1, 0); step]].
  - apply t_trans with (0, 1, 0); [step|apply t_trans with (1, 0, 0); [step|apply t_trans with (1, 1, 0); step]].
Qed.
Example armv8_atomic_is_asked : ~ armv8_consistent (both_first LDAXR STLXR) nothing.
Proof. intros [_ _ Atomic]; apply (Atomic (1, 0, 0) (1, 0, 1) (0, 0, 1)); yes. Qed.
(** What is internal is in no order of all CPUs. *)
Example armv8_allows : armv8_consistent (writes_on STR) back /\ armv8_consistent (reads_own LDR STR) back /\
  armv8_consistent (reads_first LDR STR) back.
Proof.
  pose proof (writes_on_goes STR eq_refl eq_refl) as On.
  pose proof (reads_own_goes LDR STR eq_refl eq_refl eq_refl eq_refl) as Own.
  pose proof (reads_first_goes LDR STR eq_refl eq_refl eq_refl eq_refl) as First_.
  assert (No_way : forall (h : execution small a64) lob, acyclic (fun e f => obs h e f \/ lob e f) ->
    forall e, ~ ob h lob e e) by (intros h lob Acyclic; exact Acyclic).
  split; [|split]; constructor; unfold ca; try apply No_way; unfold obs.
  - along [(0, 0, 0); (0, 1, 0)] On.
  - along [(0, 1, 0); (0, 0, 0)] On.
  - none_between On.
  - along [(0, 0, 0); (0, 1, 0)] Own.
  - along [(0, 1, 0); (0, 0, 0)] Own.
  - none_between Own.
  - along [(0, 0, 0); (0, 1, 0)] First_.
  - along [(0, 1, 0); (0, 0, 0)] First_.
  - none_between First_.
Qed.
