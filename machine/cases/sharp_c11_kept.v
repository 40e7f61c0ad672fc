(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: what synchronizes in C11, and what a race is

    As sharp_armv8_kept.v.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events.
From hlock.machine.cases Require Import small few few_accesses.
From hlock.machine.hardware Require Import c11_model.
Import ListNotations.
Local Open Scope list_scope.
Local Notation r l := (reading l 107).
Local Notation w l := (writing l 5).

(** ** Program order of accesses, and what synchronizes *)
Example sb_of_accesses :
  let h := given [[w 0; w 4; Halted]; [w 4]] [[[Store NA]; [Store NA]; [Load NA]]; [[Store NA]]] [] [] in
  sb h (0, 0, 0) (0, 1, 0) /\ ~ sb h (0, 1, 0) (0, 2, 0) /\ ~ sb h (0, 2, 0) (0, 1, 0) /\ ~ sb h (0, 1, 0) (0, 0, 0) /\
  ~ sb h (0, 0, 0) (1, 0, 0).
Proof. unfold sb; split; [yes|split; [no|split; [no|split; no]]]. Qed.
Definition over (s l : memory_order) : execution small c11 :=
  given [[w 0]; [reading 0 5]] [[[Store s]]; [[Load l]]] [((1, 0, 0), (0, 0, 0))] [].
Example sorts_of_events : acquire (over RLX ACQ) (1, 0, 0) /\ ~ acquire (over REL RLX) (0, 0, 0) /\
  ~ acquire (over RLX RLX) (1, 0, 0) /\ release (over REL RLX) (0, 0, 0) /\ ~ release (over RLX ACQ) (1, 0, 0) /\
  ~ release (over RLX RLX) (0, 0, 0).
Proof. unfold acquire, release; repeat apply conj; try solve [yes]; no. Qed.
Definition handed : event -> event -> Prop := pairs [((0, 0, 0), (1, 0, 0))].
Local Ltac contained := intros e f Rel Rf Acq; unfold acquire, release in *; each_event; yes.
Example no_more_synchronizes : contains_sw (over RLX ACQ) nothing /\ contains_sw (over REL RLX) nothing /\
  contains_sw (over REL ACQ) handed /\
  contains_sw (given [[w 0]; [r 0]] [[[Store REL]]; [[Load ACQ]]] [] []) nothing.
Proof. split; [contained|split; [contained|split; contained]]. Qed.
Example releases_synchronize : ~ contains_sw (over REL ACQ) nothing /\ ~ contains_sw (over ACQ_REL SC) nothing.
Proof. split; intros Has; apply (Has (0, 0, 0) (1, 0, 0)); unfold acquire, release; yes. Qed.

(** ** Races *)
Definition conflict (i j : c11) (a b : action small words_verb) : execution small c11 :=
  given [[a]; [b]] [[[i]]; [[j]]] [] [].
Local Notation races i j a b := (race (conflict i j a b) nothing (0, 0, 0) (1, 0, 0)).
Lemma no_hb i j a b e f : fst (fst e) <> fst (fst f) -> ~ happens_before (conflict i j a b) nothing e f.
Proof.
  assert (Own : forall e f, happens_before (conflict i j a b) nothing e f -> fst (fst e) = fst (fst f)).
  { intros d k Is; induction Is as [d k [Sb|[]]|d k m _ IH _ IH']; [exact (proj1 (proj1 (proj2 Sb)))|congruence]. }
  intros Apart Is; exact (Apart (Own e f Is)).
Qed.
Local Ltac has_race := unfold race; repeat apply conj; first [apply no_hb; discriminate|solve [yes]|solve [no]].
Example races_are : races (Store NA) (Load NA) (w 0) (r 0) /\ races (Load NA) (Store NA) (r 0) (w 0) /\
  races (Store NA) (Store NA) (w 0) (w 0) /\ races (Store RLX) (Load NA) (w 0) (r 0) /\
  races (Store NA) (Load ACQ) (w 0) (r 0).
Proof. split; [|split; [|split; [|split]]]; has_race. Qed.
Local Ltac related_ := apply t_step; unfold sb, handed, back, pairs; yes.
Local Ltac no_race := unfold race; intros Is; repeat match goal with H : _ /\ _ |- _ => destruct H end;
  match goal with
  | H : same_location _ _ _ |- _ => solve [revert H; no]
  | H : W _ _ \/ W _ _ |- _ => solve [revert H; no]
  | H : external _ _ |- _ => solve [apply H; reflexivity]
  | H : ~ (exists _, _) |- _ => solve [apply H; yes]
  | H : ~ happens_before _ _ _ _ |- _ => solve [apply H; related_]
  end.
Example races_are_not : ~ races (Load NA) (Load NA) (r 0) (r 0) /\ ~ races (Store RLX) (Load ACQ) (w 0) (r 0) /\
  ~ races (Store NA) (Load NA) (w 0) (r 4) /\
  ~ race (conflict (Store NA) (Load NA) (w 0) (r 0)) nothing (0, 0, 0) (0, 0, 0) /\
  ~ race (conflict (Store NA) (Load NA) (w 0) (r 0)) handed (0, 0, 0) (1, 0, 0) /\
  ~ race (conflict (Store NA) (Load NA) (w 0) (r 0)) handed (1, 0, 0) (0, 0, 0).
Proof. split; [no_race|split; [no_race|split; [no_race|split; [no_race|split; no_race]]]]. Qed.
