(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 3: a queue is an atomic lock

<<
     queue    the head holds the lock, once it has begun
       |
     show     Began => Entered     Ended => Left     Joined, Looked => nothing
       v
     atomic   the holder
>>

    A whole wait is one event: the atomic log is silent until the wait is over,
    and then takes in one batch all that the others did in the meantime. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts map.
From hlock.layers.L2_queue Require Import spec facts.
From hlock.layers.L3_atomic Require Import spec facts.
From hlock.layers.L3_atomic Require Export show.
Import ListNotations.
Local Open Scope Z_scope.

Section Refine.
  Context (S : system).
  Local Notation Low := (queues S).
  Local Notation High := (atomic S).

  Local Notation show := (show S).
  Local Notation image := (image Low High show).

  Definition head_holds (g : log S queue_verb) : Prop :=
    forall l, holder S l (image g) = if held S l g then hd_error (queue S l g) else None.

  Theorem atomic_simulation : simulation Low High show head_holds.
  Proof.
    constructor.
    - intros l; reflexivity.
    - intros c a g Not Holds l; specialize (Holds l).
      destruct a as [l' k|l' j v|l' j v|]; [now destruct (Not l' k)|exact Holds..].
    - intros c l k g Legal Above Holds.
      change (verb Low) with queue_verb in *; change (verb High) with atomic_verb in *.
      apply legal_cons in Legal as (Legal & Event); apply event_fault_none in Event as (_ & _ & Fault).
      cbn in Fault; destruct (lock_exists l); [|discriminate].
      unfold queue_fault, queue_inside, at_head in Fault; pose proof (Holds l) as Holder.
      split.
      + intros l'; pose proof (Holds l') as Holder'; pose proof (held_nonempty S g l' Legal) as Some_one.
        destruct k; cbn; destruct (Z.eqb_spec l l') as [<-|]; auto.
        * rewrite Holder; destruct (held S l g); [|reflexivity].
          destruct (queue S l g); [now destruct Some_one|reflexivity].
        * destruct (queue S l g) as [|c0 q]; [discriminate|].
          destruct (Nat.eqb_spec c0 c) as [->|]; [reflexivity|discriminate].
      + intros k' Shown; change (atomic_fault S c l k' (image g) = None).
        destruct k; try discriminate; injection Shown as <-; cbn; unfold holds; rewrite Holder.
        * destruct (held S l g); [|reflexivity]; now rewrite andb_false_r in Fault.
        * destruct (held S l g); [|now rewrite andb_false_r in Fault].
          destruct (queue S l g) as [|c0 q]; [discriminate|]; cbn.
          now destruct (Nat.eqb c0 c).
    - intros c l g _ _ Holds Inside; cbn in *; unfold queue_inside, at_head in Inside.
      apply holds_iff; rewrite (Holds l : holder S l (image g) = _).
      apply andb_prop in Inside as (First & ->).
      destruct (queue S l g) as [|c0 q]; [discriminate|]; apply Nat.eqb_eq in First; now subst.
  Qed.

  (** ** The operations *)
  Local Notation related := (related Low High show).
  Local Notation lags := (lags Low High show).
  Local Notation Sim := atomic_simulation.

  (** Related states agree on all that a client reads. *)
  Theorem atomic_agree (d : RData Low) (h : RData High) : related d h -> agree Low High d h.
  Proof.
    apply (related_agree Low High show head_holds Sim); intros l _ Holds.
    cbn; unfold holds, queue_inside, at_head; rewrite (Holds l : holder S l (image (events d)) = _).
    destruct (held S l (events d)), (queue S l (events d)); cbn; auto using andb_true_r, andb_false_r.
    all: now rewrite ?andb_true_r, ?andb_false_r.
  Qed.

  Lemma looks_hidden l (d d' : RData Low) :
    until (F := Low) (fun a => a = Lock l Looked) (fun a => a = Lock l Began) d d' -> forall p,
    exists b, forall h rest, lags p d h -> exists h',
      wait_hlock_spec S l (with_env High (b :: rest) h) = Done h' /\ related d' h' /\ env h' = rest.
  Proof.
    induction 1 as [a d d' Last Op|a d d1 d' Again Op Until IH]; intros p; subst a.
    - exact (operation_shown Low High show head_holds Sim p _ _ _ (Lock l Entered) Op eq_refl).
    - destruct (operation_hidden Low High show p _ _ _ Op eq_refl) as (p' & Lags).
      destruct (IH p') as (b & Step); exists b; intros h rest L; exact (Step h rest (Lags h L)).
  Qed.

  Theorem wait_hlock_refines l (d d' : RData Low) :
    wait_qlock_spec S l d d' ->
    exists b, forall h rest, related d h -> exists h',
      wait_hlock_spec S l (with_env High (b :: rest) h) = Done h' /\ related d' h' /\ env h' = rest.
  Proof.
    intros (d1 & Op & Until).
    destruct (operation_hidden Low High show [] _ _ _ Op eq_refl) as (p & Lags).
    destruct (looks_hidden l d1 d' Until p) as (b & Step).
    exists b; intros h rest Rel; exact (Step h rest (Lags h Rel)).
  Qed.

  Theorem pass_hlock_refines l (d d' : RData Low) :
    pass_qlock_spec S l d = Done d' ->
    exists b, forall h rest, related d h -> exists h',
      pass_hlock_spec S l (with_env High (b :: rest) h) = Done h' /\ related d' h' /\ env h' = rest.
  Proof.
    intros Op; exact (operation_shown Low High show head_holds Sim [] _ _ _ (Lock l Left) Op eq_refl).
  Qed.
End Refine.
