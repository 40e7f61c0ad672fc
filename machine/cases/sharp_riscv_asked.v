(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: what is asked of executions of RISC-V

    As sharp_armv8_asked.v.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events riscv_model.
From hlock.machine.cases Require Import small few few_accesses.
Import ListNotations.
Local Open Scope list_scope.
Local Notation r l := (reading l 107).
Local Notation w l := (writing l 5).

Example riscv_coherence_is_asked : ~ riscv_consistent (writes_back SW) nothing /\
  ~ riscv_consistent (reads_old LW SW) nothing /\ ~ riscv_consistent (reads_later LW SW) nothing.
Proof.
  split; [|split]; intros [Coherence _ _]; revert Coherence; apply (goes_round _ (0, 0, 0) [(0, 1, 0)]); yes.
Qed.
Example riscv_model_is_asked : ~ riscv_consistent (stale LW SW) in_order_of_each /\
  ~ riscv_consistent (writes_both SW) in_order_of_each.
Proof.
  split; intros [_ Model _]; revert Model; apply (goes_round _ (0, 0, 0) [(0, 1, 0); (1, 0, 0); (1, 1, 0)]);
    unfold in_order_of_each, pairs; yes.
Qed.
Example riscv_model_has_own : ~ riscv_consistent (writes_on SW) back /\ ~ riscv_consistent (reads_first LW SW) back.
Proof.
  split; intros [_ Model _]; revert Model; apply (goes_round _ (0, 0, 0) [(0, 1, 0)]); unfold back, pairs; yes.
Qed.
Example riscv_atomic_is_asked : ~ riscv_consistent (both_first AMOADD_AQRL_load AMOADD_AQRL_store) nothing.
Proof. intros [_ _ Atomic]; apply (Atomic (1, 0, 0) (1, 0, 1) (0, 0, 1)); yes. Qed.
(** A read of the CPU's own write is in no order of all CPUs; other communication is, within a CPU too. *)
Example riscv_allows : riscv_consistent (reads_own LW SW) back /\ riscv_consistent (writes_on SW) nothing /\
  riscv_consistent (reads_first LW SW) nothing.
Proof.
  pose proof (reads_own_goes LW SW eq_refl eq_refl eq_refl eq_refl) as Own.
  pose proof (reads_own_no_more LW SW eq_refl eq_refl) as Silent.
  pose proof (writes_on_goes SW eq_refl eq_refl) as On.
  pose proof (reads_first_goes LW SW eq_refl eq_refl eq_refl eq_refl) as First_.
  split; [|split]; constructor.
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
