(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 2: a ticket log is a queue of CPUs

<<
     tickets  taken = served + |line|, the i-th waits for served + i
       |
     show     Drew => Joined     Saw n => Began if n is my ticket, else Looked     Bumped => Ended
       v
     queue    the line itself
>>

    The correspondence: the queue of the image is the line of the ticket log
    ([line], facts of floor 1). *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts map.
From hlock.layers.L1_ticket Require Import spec facts.
From hlock.layers.L2_queue Require Import spec.
From hlock.layers.L2_queue Require Export show.
Import ListNotations.
Local Open Scope Z_scope.

Section Refine.
  Context (S : system).
  Local Notation Low := (tickets S).
  Local Notation High := (queues S).

  Local Notation show := (show S).
  Local Notation image := (image Low High show).

  Definition lines (g : log S ticket_verb) : Prop :=
    forall l, queue S l (image g) = line S l g /\ held S l (image g) = busy S l g.

  Theorem queue_simulation : simulation Low High show lines.
  Proof.
    constructor.
    - intros l; split; reflexivity.
    - intros c a g Not Lines l; specialize (Lines l).
      destruct a as [l' k|l' j v|l' j v|]; [now destruct (Not l' k)|exact Lines..].
    - intros c l k g Legal Above Lines.
      change (verb Low) with ticket_verb in *; change (verb High) with queue_verb in *.
      apply legal_cons in Legal as (Legal & Event); apply event_fault_none in Event as (_ & _ & Fault).
      cbn in Fault; destruct (lock_exists l); [|discriminate].
      destruct (ticket_line S g l Legal) as (Line & _).
      destruct (Lines l) as (Queue & Held).
      split.
      + intros l'; destruct (Lines l') as (Queue' & Held').
        destruct k as [n|n|]; cbn; [| |].
        * destruct (l =? l'); rewrite ?Queue', ?Held'; auto.
        * destruct (success S c l n g) eqn:E; cbn; destruct (Z.eqb_spec l l') as [<-|]; cbn;
            rewrite ?E; auto.
        * destruct (l =? l'); rewrite ?Queue', ?Held'; auto.
      + intros k' Shown; change (queue_fault S c l k' (image g) = None).
        unfold ticket_fault, reads in Fault.
        assert (Member : forall c', ticket_phase S c' l g <> Out -> List.In c' (line S l g)).
        { intros c' Here; destruct (line_member _ _ _ _ _ Line c' Here) as (i & At).
          now apply nth_error_In in At. }
        destruct k as [n|n|]; cbn in Shown.
        * injection Shown as <-; unfold queue_fault, stands; rewrite Queue.
          destruct (ticket_phase S c l g) eqn:Ph; try discriminate.
          destruct (existsb (Nat.eqb c) (line S l g)) eqn:Stands; [|reflexivity].
          apply existsb_exists in Stands as (c' & Mem & Same); apply Nat.eqb_eq in Same; subst c'.
          apply In_nth_error in Mem as (i & At).
          pose proof (line_waits _ _ _ _ _ Line i c At) as W; cbn beta in W; rewrite Ph in W.
          destruct (_ && _); discriminate.
        * destruct (ticket_phase S c l g) as [|t| |] eqn:Ph; try discriminate.
          destruct (Z.eqb_spec n (served S l g)) as [->|]; [|discriminate].
          destruct (line_waiting _ _ _ _ _ Line c t Ph) as (i & At & -> & Free).
          unfold success in Shown; rewrite Ph in Shown.
          destruct (Z.eqb_spec (served S l g) (served S l g + Z.of_nat i)) as [Same|Later];
            injection Shown as <-; unfold queue_fault, at_head, stands; rewrite Queue, ?Held.
          -- assert (i = 0%nat) as -> by lia; rewrite (Free eq_refl).
             destruct (line S l g) as [|c0 q]; [discriminate|]; cbn in At; injection At as ->.
             now rewrite Nat.eqb_refl.
          -- rewrite (proj2 (existsb_exists _ _)).
             2: { exists c; split; [now apply nth_error_In in At|apply Nat.eqb_refl]. }
             pose proof (line_once _ _ _ _ _ Line) as Once.
             destruct (line S l g) as [|c0 q]; [now destruct i|].
             destruct i as [|i]; [lia|]; cbn in At.
             destruct (Nat.eqb_spec c0 c) as [->|]; [|reflexivity].
             inversion Once as [|? ? Not]; now apply nth_error_In in At.
        * injection Shown as <-; unfold queue_fault, queue_inside, at_head; rewrite Queue, Held.
          destruct (ticket_phase S c l g) eqn:Ph; try discriminate.
          destruct (line_in _ _ _ _ _ Line c Ph) as (-> & q & ->); now rewrite Nat.eqb_refl.
    - intros c l g Legal _ Lines Inside; cbn in *; unfold ticket_inside in Inside.
      destruct (ticket_phase S c l g) eqn:Ph; try discriminate.
      destruct (ticket_line S g l Legal) as (Line & _); destruct (Lines l) as (Queue & Held).
      destruct (line_in _ _ _ _ _ Line c Ph) as (Busy & q & E).
      unfold queue_inside, at_head; rewrite Queue, Held, E, Busy; now rewrite Nat.eqb_refl.
  Qed.

  (** ** The operations *)
  Local Notation related := (related Low High show).
  Local Notation Sim := queue_simulation.

  (** Related states agree on all that a client reads. *)
  Theorem queue_agree (d : RData Low) (h : RData High) : related d h -> agree Low High d h.
  Proof.
    intros Rel; refine (related_agree Low High show lines Sim d h _ Rel); intros l _ Lines.
    destruct Rel as [_ _ _ Legal], (Lines l) as (Queue & Held), (ticket_line S _ l Legal) as (Line & _).
    cbn; unfold queue_inside, at_head, ticket_inside; rewrite Queue, Held.
    destruct (ticket_phase S (me d) l (events d)) eqn:Phase.
    3: destruct (line_in _ _ _ _ _ Line _ Phase) as (-> & q & ->); now rewrite Nat.eqb_refl.
    all: destruct (line S l (events d)) as [|c q] eqn:Q; [reflexivity|].
    all: destruct (Nat.eqb_spec c (me d)) as [->|]; [|reflexivity].
    all: pose proof (line_waits _ _ _ _ _ Line 0%nat _ eq_refl) as First; cbn in First; rewrite Phase in First.
    all: now destruct (busy S l (events d)).
  Qed.

  Lemma looks_refine l n (d d' : RData Low) :
    until (F := Low) (fun a => exists v, v <> n /\ a = Lock l (Saw v)) (fun a => a = Lock l (Saw n)) d d' ->
    legal Low (events d) -> ticket_phase S (me d) l (events d) = Waiting n ->
    exists bs, forall h rest, related d h -> exists h',
      until (F := High) (fun a => a = Lock l Looked) (fun a => a = Lock l Began)
            (with_env High (bs ++ rest) h) h' /\ related d' h' /\ env h' = rest.
  Proof.
    induction 1 as [a d d' Last Op|a d d1 d' (v & Not & ->) Op Until IH]; [subst a|]; intros Legal Wait.
    - destruct (operation_log Low _ _ _ Legal Op) as (Others & Legal1 & _ & _).
      assert (Phase : ticket_phase S (me d) l (seen d) = Waiting n)
        by exact (eq_trans (ticket_phase_seen S (me d) l _ (events d) Others) Wait).
      assert (Shown : shown Low High show (me d, Lock l (Saw n)) (seen d) (image (seen d)) =
                      [(me d, Lock l Began)]).
      { cbn [shown show]; unfold success; now rewrite Phase, Z.eqb_refl. }
      destruct (operation_shown Low High show lines Sim [] _ _ _ _ Op Shown) as (b & Step).
      exists [b]; intros h rest Rel; destruct (Step h rest Rel) as (h' & High_op & Rel' & Env').
      exists h'; split; [|auto]; now eapply until_last; [|exact High_op].
    - destruct (operation_log Low _ _ _ Legal Op) as (Others & Legal1 & _ & Is).
      assert (Phase : ticket_phase S (me d) l (seen d) = Waiting n)
        by exact (eq_trans (ticket_phase_seen S (me d) l _ (events d) Others) Wait).
      assert (Shown : shown Low High show (me d, Lock l (Saw v)) (seen d) (image (seen d)) =
                      [(me d, Lock l Looked)]).
      { cbn [shown show]; unfold success; now rewrite Phase, (proj2 (Z.eqb_neq v n) Not). }
      destruct (operation_shown Low High show lines Sim [] _ _ _ _ Op Shown) as (b & Step).
      assert (Legal' : legal Low (events d1)).
      { apply bind_done in Op as (d2 & Await & Emit).
        eapply emit_legal; [|exact Emit]; eapply await_legal; [|exact Await]; exact Legal. }
      destruct IH as (bs & Steps); auto.
      { rewrite Is; cbn [me events]; refine (eq_trans (phase_same S (me d) l _ (seen d)) _).
        rewrite Phase; cbn [ticket_step]; now rewrite (proj2 (Z.eqb_neq v n) Not). }
      exists (b :: bs); intros h rest Rel.
      destruct (Step h (bs ++ rest) Rel) as (h1 & High_op & Rel1 & Env1).
      destruct (Steps h1 rest Rel1) as (h' & Until' & Rel' & Env').
      exists h'; split; [|auto]; cbn [app]; eapply until_again; [reflexivity|exact High_op|].
      replace h1 with (with_env High (bs ++ rest) h1); [exact Until'|].
      destruct h1; cbn in *; unfold with_env; cbn; now rewrite <- Env1.
  Qed.

  Theorem wait_qlock_refines l (d d' : RData Low) :
    wait_lock_spec S l d d' -> legal Low (events d) ->
    exists bs, forall h rest, related d h -> exists h',
      wait_qlock_spec S l (with_env High (bs ++ rest) h) h' /\ related d' h' /\ env h' = rest.
  Proof.
    intros (n & d1 & Op & Until) Legal.
    destruct (operation_log Low _ _ _ Legal Op) as (Others & Legal1 & _ & Is).
    assert (Legal' : legal Low (events d1)).
    { apply bind_done in Op as (d2 & Await & Emit).
      eapply emit_legal; [|exact Emit]; eapply await_legal; [|exact Await]; exact Legal. }
    assert (Wait : ticket_phase S (me d1) l (events d1) = Waiting n)
      by (rewrite Is; exact (phase_same S (me d) l (Drew n) (seen d))).
    destruct (looks_refine l n d1 d' Until Legal' Wait) as (bs & Steps).
    destruct (operation_shown Low High show lines Sim [] _ _ _ (Lock l Joined) Op eq_refl) as (b & Step).
    exists (b :: bs); intros h rest Rel.
    destruct (Step h (bs ++ rest) Rel) as (h1 & High_op & Rel1 & Env1).
    destruct (Steps h1 rest Rel1) as (h' & Until' & Rel' & Env').
    exists h'; split; [|auto]; exists h1; split; [exact High_op|].
    replace h1 with (with_env High (bs ++ rest) h1); [exact Until'|].
    destruct h1; cbn in *; unfold with_env; cbn; now rewrite <- Env1.
  Qed.

  Theorem pass_qlock_refines l (d d' : RData Low) :
    pass_lock_spec S l d = Done d' ->
    exists b, forall h rest, related d h -> exists h',
      pass_qlock_spec S l (with_env High (b :: rest) h) = Done h' /\ related d' h' /\ env h' = rest.
  Proof. intros Op; exact (operation_shown Low High show lines Sim [] _ _ _ (Lock l Ended) Op eq_refl). Qed.
End Refine.
