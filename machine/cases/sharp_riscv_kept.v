(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: what is asked of the order that a RISC-V CPU keeps

    As sharp_armv8_kept.v.  What sharp_*.v files are for: sharp_table.v. *)
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

(** An access, a fence, an access. *)
Definition around (i f j : riscv) (a b : action small words_verb) : execution small riscv :=
  given [[a; Halted; b]] [[[i]; [f]; [j]]] [] [].
(** A ticket between a read of one object and a write of another. *)
Definition within (aq rl : bool) : execution small riscv :=
  given [[r 4; took 0; w 4]] [[[LW]; [AMOADD_load aq rl; AMOADD_store aq rl]; [SW]]] [] [].
Definition in_ticket : list (event * event) := [((0, 1, 0), (0, 1, 1))].
Example fences_must_be_kept :
  ~ contains_ppo (around LW (FENCE true false true false) LW (r 0) (r 4)) nothing /\
  ~ contains_ppo (around LW (FENCE true false false true) SW (r 0) (w 4)) nothing /\
  ~ contains_ppo (around SW (FENCE false true true false) LW (w 0) (r 4)) nothing /\
  ~ contains_ppo (around SW (FENCE false true false true) SW (w 0) (w 4)) nothing.
Proof.
  assert (Kept : forall h br bw ar aw, is_a h (FENCE br bw ar aw) (0, 1, 0) ->
    R h (0, 0, 0) /\ br = true \/ W h (0, 0, 0) /\ bw = true ->
    R h (0, 2, 0) /\ ar = true \/ W h (0, 2, 0) /\ aw = true -> ~ contains_ppo (S := small) h nothing).
  { intros h br bw ar aw Is From To Has; apply (r4 _ _ Has (0, 0, 0) (0, 2, 0) br bw ar aw); auto.
    exists (0, 1, 0); split; [exact Is|split; yes]. }
  split; [|split; [|split]]; eapply Kept; try reflexivity;
    first [left; split; [yes|reflexivity]|right; split; [yes|reflexivity]].
Qed.
Example tickets_must_be_kept :
  ~ contains_ppo (within true false) (pairs in_ticket) /\
  ~ contains_ppo (within false true) (pairs in_ticket) /\ ~ contains_ppo (within false false) nothing.
Proof.
  split; [|split].
  - intros Has; assert (Is : pairs in_ticket (0, 1, 0) (0, 2, 0)) by (apply (r5 _ _ Has); unfold AQ; yes); refuted.
  - intros Has; assert (Is : pairs in_ticket (0, 0, 0) (0, 1, 1)) by (apply (r6 _ _ Has); unfold RL; yes); refuted.
  - intros Has; apply (r8 _ _ Has (0, 1, 0) (0, 1, 1)); yes.
Qed.

(** What is in order there, so of what else nothing is asked. *)
Local Ltac in_order_by h is := assert (Only : forall d, M h d -> List.In d is)
  by (intros d [(m & c & n & Act & Is & _ & At)|(m & c & n & Act & Is & _ & At)]; known Is; take_apart; cbn in *;
    auto 6; injection Act as <-; discriminate);
  intros e f E Po F; apply Only in E, F; cbn [List.In] in E, F; take_apart; unfold po in Po; cbn in Po; try lia;
  unfold pairs; cbn; auto 8.
Lemma around_in_order i k j a b : in_order (around i k j a b) [((0, 0, 0), (0, 2, 0))].
Proof. in_order_by (around i k j a b) [(0, 0, 0); (0, 2, 0)]. Qed.
Lemma within_in_order aq rl : in_order (within aq rl) [((0, 0, 0), (0, 1, 0)); ((0, 0, 0), (0, 1, 1));
  ((0, 0, 0), (0, 2, 0)); ((0, 1, 0), (0, 1, 1)); ((0, 1, 0), (0, 2, 0)); ((0, 1, 1), (0, 2, 0))].
Proof. in_order_by (within aq rl) [(0, 0, 0); (0, 1, 0); (0, 1, 1); (0, 2, 0)]. Qed.
Local Ltac contained Known := constructor;
  [ intros e f br bw ar aw (d & Is & Before & After) E F;
    assert (Here := Known e f ltac:(destruct E as [(? & _)|(? & _)]; [left|right]; eassumption)
      (po_between d e f Before After) ltac:(destruct F as [(? & _)|(? & _)]; [left|right]; eassumption));
    unfold pairs in Here; cbn [List.In] in Here; clear Before After; take_apart; known Is; take_apart;
    try discriminate; solve [yes|exfalso; each_event]
  | unfold AQ; asked_by Known | unfold RL; asked_by Known | asked_of_pairs Known ].
Example no_more_of_fences : contains_ppo (around LW (FENCE true false false true) LW (r 0) (r 4)) nothing /\
  contains_ppo (around SW (FENCE true false true true) SW (w 0) (w 4)) nothing.
Proof.
  split; [contained (around_in_order LW (FENCE true false false true) LW (r 0) (r 4))|
    contained (around_in_order SW (FENCE true false true true) SW (w 0) (w 4))].
Qed.
Example no_more_of_tickets : contains_ppo (within false false) (pairs in_ticket).
Proof. contained (within_in_order false false). Qed.

