(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Finite graphs: who comes before whom is decided, and put in one order

    For any relation that is the transitive closure of steps between finitely many
    points, and has no cycle: it is decided ([decided]), and all points stand in a
    list in which everybody comes after what is before him ([sorted]).
    Read next: reading.v. *)
From Coq Require Import List Bool Lia.
From hlock.clight Require Import options.
Import ListNotations.

Section Order.
  Context {A : Type} (eq_dec : forall x y : A, {x = y} + {x <> y}).
  Context (step : A -> A -> bool) (R : A -> A -> Prop) (all : list A).
  Context (R_step : forall x y, step x y = true -> R x y).
  Context (R_trans : forall x y z, R x y -> R y z -> R x z).
  Context (R_least : forall P : A -> A -> Prop, (forall x y, step x y = true -> P x y) ->
    (forall x y z, In y all -> P x y -> P y z -> P x z) -> forall x y, R x y -> P x y).

  (** A way of steps from [x] to [y], by way of points of [ps] alone. *)
  Fixpoint reach (ps : list A) (x y : A) : bool :=
    match ps with
    | [] => step x y
    | z :: ps => reach ps x y || reach ps x z && reach ps z y
    end.

  Lemma reach_sound ps : forall x y, reach ps x y = true -> R x y.
  Proof.
    induction ps as [|z ps IH]; cbn; [auto|]; intros x y.
    rewrite orb_true_iff, andb_true_iff; intros [|(? & ?)]; eauto.
  Qed.
  Lemma reach_more ps : forall x y, step x y = true -> reach ps x y = true.
  Proof. induction ps as [|z ps IH]; cbn; [auto|]; intros x y Step; now rewrite IH. Qed.
  Lemma reach_by ps : forall x y z, In y ps -> reach ps x y = true -> reach ps y z = true -> reach ps x z = true.
  Proof.
    induction ps as [|p ps IH]; cbn; [contradiction|]; intros x y z [<-|Mem];
      rewrite !orb_true_iff, !andb_true_iff; [tauto|].
    intros [|(? & ?)] [|(? & ?)]; eauto 6.
  Qed.

  Lemma decided x y : R x y <-> reach all x y = true.
  Proof.
    split; [|apply reach_sound]; revert x y; apply R_least; [apply reach_more|]; intros; eauto using reach_by.
  Qed.

  (** Each point of a list, newest first, stands before all that come after it. *)
  Fixpoint sorted (l : list A) : Prop :=
    match l with
    | [] => True
    | x :: l => ~ In x l /\ (forall y, In y l -> ~ R x y) /\ sorted l
    end.

  Lemma sorted_filter (f : A -> bool) l : sorted l -> sorted (filter f l).
  Proof.
    induction l as [|x l IH]; [auto|]; cbn; intros (New & Last & Sorted); destruct (f x); cbn; [|auto].
    split; [|split]; auto; [|intros y]; rewrite filter_In; [tauto|intros (Mem & _); auto].
  Qed.
  Lemma sorted_app l1 l2 : sorted l1 -> sorted l2 ->
    (forall x y, In x l1 -> In y l2 -> x <> y /\ ~ R x y) -> sorted (l1 ++ l2).
  Proof.
    induction l1 as [|x l1 IH]; [auto|]; cbn; intros (New & Last & Sorted1) Sorted2 Apart; split; [|split].
    - rewrite in_app_iff; intros [|Mem]; [auto|]; destruct (Apart x x); auto.
    - intros y; rewrite in_app_iff; intros [|Mem]; [auto|]; destruct (Apart x y); auto.
    - apply IH; auto.
  Qed.

  Lemma one_order (Irreflexive : forall x, ~ R x x) points : exists l, sorted l /\ forall x, In x l <-> In x points.
  Proof.
    induction points as [|p points (l & Sorted & Same)]; [exists []; cbn; tauto|].
    destruct (in_dec eq_dec p points) as [Old|New].
    { exists l; split; [exact Sorted|]; intros x; rewrite Same; cbn; intuition congruence. }
    set (before := fun x => reach all x p).
    exists (filter (fun x => negb (before x)) l ++ p :: filter before l); split.
    - apply sorted_app; [now apply sorted_filter| |].
      + cbn; split; [|split]; [rewrite filter_In, Same; tauto| |now apply sorted_filter].
        intros y; rewrite filter_In; intros (_ & Before) After; apply decided in Before; eapply Irreflexive; eauto.
      + intros x y; rewrite filter_In; intros (Mem & Not); apply negb_true_iff in Not; cbn; intros [<-|].
        * split; [intros ->; apply New; now apply Same|]; intros Before; apply decided in Before.
          unfold before in Not; congruence.
        * rewrite filter_In in H; destruct H as (Mem' & Before); split.
          -- intros ->; congruence.
          -- intros Before'; apply decided in Before; assert (R x p) as Is by eauto.
             apply decided in Is; unfold before in Not; congruence.
    - intros x; rewrite in_app_iff; cbn; rewrite !filter_In, Same.
      destruct (before x); cbn; intuition discriminate.
  Qed.
End Order.
