(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Executions of a few accesses, for the axioms of the models

    Made of any load and any store ([ld], [st]), and what is related in them ([goes_forward], [in_order]).
    Used by the files sharp_*_asked.v.  Read next: sharp_armv8_asked.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events.
From hlock.machine.cases Require Import small few.
Import ListNotations.
Local Open Scope list_scope.
Local Notation act := (action small words_verb).

Section Few.
  Context {I : Type} (ld st : I).
  (** Of one CPU and one location: a write before an earlier one; a read of what was there before an earlier
      write; a read of a later write; and each as it should be. *)
  Definition writes_back : execution small I := given [[wrote; wrote]] [[[st]; [st]]] [] [((0, 1, 0), (0, 0, 0))].
  Definition writes_on : execution small I := given [[wrote; wrote]] [[[st]; [st]]] [] [((0, 0, 0), (0, 1, 0))].
  Definition reads_old : execution small I := given [[wrote; reading 0 107]] [[[st]; [ld]]] [] [].
  Definition reads_own : execution small I := given [[wrote; reads_it]] [[[st]; [ld]]] [((0, 1, 0), (0, 0, 0))] [].
  Definition reads_later : execution small I := given [[reads_it; wrote]] [[[ld]; [st]]] [((0, 0, 0), (0, 1, 0))] [].
  Definition reads_first : execution small I := given [[reading 0 107; wrote]] [[[ld]; [st]]] [] [].
  (** Of two CPUs and two locations: message passing, where what is read is stale; and each CPU writes both,
      and is first in one. *)
  Definition stale : execution small I :=
    given [[wrote; writing 4 5]; [reading 4 5; reading 0 107]] [[[st]; [st]]; [[ld]; [ld]]]
      [((1, 0, 0), (0, 1, 0))] [].
  Definition writes_both : execution small I :=
    given [[wrote; writing 4 5]; [writing 4 6; writing 0 6]] [[[st]; [st]]; [[st]; [st]]] []
      [((1, 1, 0), (0, 0, 0)); ((0, 1, 0), (1, 0, 0))].
  (** Load buffering: each reads what the other writes afterwards. *)
  Definition circle : execution small I :=
    given [[reads_it; writing 4 5]; [reading 4 5; wrote]] [[[ld]; [st]]; [[ld]; [st]]]
      [((0, 0, 0), (1, 1, 0)); ((1, 0, 0), (0, 1, 0))] [].
  (** Two tickets, both of which read what was there at first. *)
  Definition both_first : execution small I :=
    given [[took 0]; [took 0]] [[[ld; st]]; [[ld; st]]] [] [((0, 0, 1), (1, 0, 1))].
  (** Two actions of one event each. *)
  Definition two_acts (a b : act) : execution small I := given [[a; b]] [[[ld]; [st]]] [] [].
End Few.

(** ** Cycles *)
Lemma has_no_cycle (step : event -> event -> Prop) (place : event -> nat) :
  (forall e f, step e f -> (place e < place f)%nat) -> acyclic step.
Proof.
  intros Forward; assert (Way : forall e f, clos_trans event step e f -> (place e < place f)%nat).
  { induction 1; [auto|lia]. }
  intros e Is; apply Way in Is; lia.
Qed.
(** From [e] by way of [es] to [f]. *)
Fixpoint goes (step : event -> event -> Prop) (e : event) (es : list event) (f : event) : Prop :=
  match es with [] => step e f | d :: es => step e d /\ goes step d es f end.
Lemma goes_round (step : event -> event -> Prop) e es : goes step e es e -> ~ acyclic step.
Proof.
  intros Round Acyclic; apply (Acyclic e); revert Round; generalize e at 1 3 as d.
  induction es as [|k es IH]; intros d; cbn; [now constructor 1|]; intros (Step & Rest).
  apply t_trans with k; [now constructor 1|auto].
Qed.
(** In that order. *)
Fixpoint place_in (es : list event) (e : event) : nat :=
  match es with
  | [] => 0
  | d :: es => if Nat.eqb (fst (fst d)) (fst (fst e)) && Nat.eqb (snd (fst d)) (snd (fst e)) && Nat.eqb (snd d) (snd e)
               then 0 else S (place_in es e)
  end.

(** No edges; those of program order, where two CPUs go on; and one against it. *)
Definition nothing : event -> event -> Prop := pairs [].
Definition in_order_of_each : event -> event -> Prop := pairs [((0, 0, 0), (0, 1, 0)); ((1, 0, 0), (1, 1, 0))].
Definition back : event -> event -> Prop := pairs [((0, 1, 0), (0, 0, 0))].

(** All that is related in [h] goes from its first action to its second. *)
Definition goes_forward {I} {K : accesses I} (h : execution small I) : Prop :=
  forall e f, po_loc h e f \/ rf h e f \/ fr h e f \/ co h e f \/ rmw h e f -> e = (0, 0, 0) /\ f = (0, 1, 0).
(** No access of [h] is in program order before another but these. *)
Definition in_order {I} {K : accesses I} (h : execution small I) (ps : list (event * event)) : Prop :=
  forall e f, M h e -> po e f -> M h f -> pairs ps e f.
Section Known.
  Context {I : Type} {K : accesses I} (ld st : I).
  Context (Ld : is_read ld = true) (Ld' : is_write ld = false) (St : is_write st = true) (St' : is_read st = false).
  Local Ltac forward := intros e f [Is|[Is|[Is|[Is|Is]]]]; each_event; auto.
  Lemma writes_on_goes : goes_forward (writes_on st).
  Proof. forward. Qed.
  Lemma reads_own_goes : goes_forward (reads_own ld st).
  Proof. forward. Qed.
  Lemma reads_own_no_more e f : fr (reads_own ld st) e f \/ co (reads_own ld st) e f -> False.
  Proof. intros [Is|Is]; each_event. Qed.
  Lemma reads_first_goes : goes_forward (reads_first ld st).
  Proof. forward. Qed.
End Known.
Lemma two_in_order {I} {K : accesses I} (i j : I) a b : in_order (two_acts i j a b) [((0, 0, 0), (0, 1, 0))].
Proof.
  intros e f E Po F; assert (forall d, M (two_acts i j a b) d -> d = (0, 0, 0) \/ d = (0, 1, 0)) as Only.
  { intros d [(m & c & k & _ & Is & _)|(m & c & k & _ & Is & _)]; known Is; take_apart; auto. }
  apply Only in E, F; left; destruct E as [-> | ->], F as [-> | ->]; unfold po in Po; cbn in Po; auto; lia.
Qed.
Lemma rmw_in_order {I} {K : accesses I} (h : execution small I) e f : rmw h e f -> M h e /\ po e f /\ M h f.
Proof.
  intros (Same & Next & Rd & Wr & _); unfold po; rewrite Same, Next; split; [now left|split; [lia|now right]].
Qed.
Lemma po_between d e f : po e d -> po d f -> po e f.
Proof. unfold po; lia. Qed.
(** By what is known of an execution: a relation goes forward in an order of its events, so it has no cycle; and
    nothing comes between the halves of a read-modify-write. *)
Ltac forward_by Known := let e := fresh in let f := fresh in let Is := fresh in intros e f Is;
  cbv beta in Is; unfold rfe, fre, coe, external, back, nothing, pairs in Is; take_apart;
  try (assert (Known' : e = (0, 0, 0) /\ f = (0, 1, 0)) by (apply Known; tauto); destruct Known' as (-> & ->));
  cbn in *; first [congruence|lia|exfalso; eauto 3].
Ltac along es Known := apply (has_no_cycle _ (place_in es)); forward_by Known.
Ltac none_between Known := let e := fresh in let k := fresh in let Fr := fresh in let Out := fresh in
  intros e ? k _ (Fr & Out) _; destruct (Known e k) as (-> & ->); [tauto|apply Out; reflexivity].
(** By the order of its accesses: what is asked of any two is asked of these. *)
Ltac one_access := first [assumption|left; assumption|right; assumption].
Ltac of_other_sort := match goal with
  | H : exists i, is_a _ i (_, _, _) /\ _ |- _ =>
      let Is := fresh in destruct H as (? & Is & H); unfold is_a in Is; cbn in Is; injection Is as <-; discriminate H
  end.
Ltac asked_by Known := let e := fresh in let f := fresh in intros e f; intros;
  assert (Is := Known e f ltac:(one_access) ltac:(assumption) ltac:(one_access)); unfold pairs in Is;
  cbn [List.In] in Is;
  repeat match goal with
    | H : _ \/ _ |- _ => destruct H
    | H : (_, _) = (e, f) |- _ => injection H as <- <-
    | H : False |- _ => destruct H
    end; solve [exfalso; of_other_sort|yes|exfalso; each_event].
Ltac asked_of_pairs Known := let e := fresh in let f := fresh in let Pair := fresh in intros e f Pair;
  pose proof (rmw_in_order _ e f Pair) as (E & Po & F); pose proof (Known e f E Po F) as Is; clear E Po F;
  unfold pairs in Is; cbn [List.In] in Is; take_apart; solve [yes|exfalso; each_event].
