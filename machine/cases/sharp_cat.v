(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: expressions of cat

    Each expression of the language, on executions of loads, stores and fences.  What sharp_*.v files
    are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events expression.
From hlock.machine.cases Require Import small few.
Import ListNotations.
Local Open Scope list_scope.
#[local] Existing Instance two_sorts.
Local Notation act := (action small words_verb).
Local Notation h := handover.

Example is_present : present h (0, 0, 0) /\ present h (1, 1, 1) /\ ~ present h (1, 3, 0) /\ ~ present h (0, 3, 0) /\
  ~ present (given [] [[[Load]]] [] []) (0, 0, 0).
Proof.
  repeat split; try (cbn; discriminate); intros (Act & Part); cbn in *; congruence.
Qed.

(** Of the expressions that are one relation: what they relate, and that they relate no more. *)
Local Notation relates c e f := (sem h c e f).
Ltac holds := cbn; unfold present; yes.
Ltac fails := intros Is; cbn in Is; revert Is; no.
Example relations_of_h : relates Po (0, 0, 0) (0, 2, 1) /\ relates Loc (0, 0, 2) (1, 0, 0) /\
  relates Ext (0, 0, 0) (1, 1, 1) /\ relates Rf (0, 0, 2) (1, 0, 0) /\ relates Co (0, 0, 2) (1, 0, 1) /\
  relates Fr (0, 0, 1) (1, 0, 1) /\ relates Rmw (1, 0, 0) (1, 0, 1).
Proof. repeat apply conj; holds. Qed.
Example no_relations_of_h : ~ relates Po (0, 0, 0) (1, 0, 0) /\ ~ relates Po (0, 0, 0) (0, 3, 0) /\
  ~ relates Loc (0, 0, 0) (0, 1, 0) /\ ~ relates Ext (0, 0, 0) (0, 1, 0) /\ ~ relates Ext (0, 0, 0) (1, 3, 0) /\
  ~ relates Rf (0, 0, 0) (0, 1, 0) /\ ~ relates Co (1, 0, 1) (0, 0, 2) /\ ~ relates Fr (1, 0, 0) (0, 0, 2) /\
  ~ relates Rmw (0, 0, 0) (0, 0, 2).
Proof.
  split; [fails|split; [intros (_ & (_ & Part) & _); cbn in Part; congruence|]].
  split; [fails|split; [fails|split; [intros (_ & (_ & Part) & _); cbn in Part; congruence|]]].
  repeat split; fails.
Qed.

(** A release that depends on its load, and a poll that what comes later depends on. *)
Definition depends : execution small access :=
  given [[Lock 0 (Polled 0); Lock 0 (Loaded 0); Lock 0 (Stored 1); Lock 4 (Stored 1); Lock 0 (Loaded 0)]]%Z
    [[[Load]; [Load]; [Store]; [Store]; [Load]]] [] [].
Local Notation on e := (0, e, 0).
Example dependencies : sem depends Data (on 1) (on 2) /\ ~ sem depends Data (on 1) (on 3) /\
  ~ sem depends Data (on 0) (on 2) /\ ~ sem depends Data (on 4) (on 2) /\ ~ sem depends Data (on 1) (on 4) /\
  sem depends Ctrl (on 0) (on 1) /\ sem depends Ctrl (on 0) (on 3) /\ ~ sem depends Ctrl (on 1) (on 2) /\
  ~ sem depends Ctrl (on 0) (on 0).
Proof.
  assert (Lock_is : forall l l' v v', Some (Lock l v : act) = Some (Lock l' v') -> l = l' /\ v = v')
    by (intros l l' v v' [= -> ->]; auto).
  repeat apply conj; try solve [holds]; intros Is; cbn in Is; unfold po in Is; cbn in Is; take_apart; try discriminate;
    lia.
Qed.

(** The expressions that are made of others. *)
Local Notation loads := (In is_read).
Example sets : relates loads (0, 0, 0) (0, 0, 0) /\ ~ relates loads (0, 0, 2) (0, 0, 2) /\
  ~ relates loads (0, 0, 0) (0, 0, 1) /\ ~ relates loads (1, 3, 0) (1, 3, 0).
Proof. repeat apply conj; try solve [holds]; fails. Qed.
Example combined : relates (Then Rf Po) (0, 0, 2) (1, 1, 0) /\ ~ relates (Then Po Rf) (0, 0, 2) (1, 0, 0) /\
  relates (Or Rf Po) (0, 0, 2) (1, 0, 0) /\ relates (Or Rf Po) (0, 0, 0) (0, 0, 2) /\
  ~ relates (Or Rf Co) (0, 0, 0) (0, 0, 2) /\ relates (And Po Loc) (0, 0, 0) (0, 0, 2) /\
  ~ relates (And Po Loc) (0, 0, 2) (0, 1, 0) /\ ~ relates (And Po Loc) (0, 0, 2) (1, 0, 0).
Proof.
  assert (One : ~ relates (Then Po Rf) (0, 0, 2) (1, 0, 0)) by (intros (d & Is & (_ & _ & Rf)); cbn in Is; revert Is Rf;
    unfold rf; cbn; intros Is (_ & [= <-]); revert Is; no).
  assert (Two : relates (Then Rf Po) (0, 0, 2) (1, 1, 0)) by (exists (1, 0, 0); split; holds).
  repeat apply conj; try exact One; try exact Two; try solve [holds]; fails.
Qed.
