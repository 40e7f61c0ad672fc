(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Two CPUs that wait for each other

    A CPU that polls holds all that it held when it called ([waiting_holds]), and
    polls until it is inside ([queued_step]).  So if two CPUs each wait for a lock
    that the other holds, they do so for ever, whatever the schedule
    ([crossed_waits]).  Any clients that never break the contract, any number of CPUs.
    Read next: abba.v, where it comes to that. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec L3_atomic.spec.
From hlock.layers Require L1_ticket.spec L1_ticket.facts.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract.
From hlock.stack Require Import setting stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import place invariant simulation correct no_breach.
From hlock.machine.live Require Import live progress waiting.
Import ListNotations.
Local Open Scope Z_scope.

Section Crossed.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := (the_system).
  Local Notation M := (sc_memory S width).
  Local Notation machine := (machine M).
  Local Notation calm := (calm_step text width M clients).
  Local Notation rounds := (rounds text width M clients).

  (** A CPU in an acquire whose ticket has not come up polls. *)
  Lemma waiting_polls x y c f i history s w : match_machine x y ->
    nth_error (threads x) c = Some (Calling (Op_acquire f i) history s) ->
    words_phase S c (lock_id f i) (contents x) = Waiting w -> queued_for f i c history x.
  Proof.
    intros Rel At Phase.
    destruct (match_at _ _ _ _ Rel At) as (q & At_y & _).
    destruct (rel_stands _ _ Rel c _ q At At_y) as (Stands & _).
    inversion Stands as [|f' i' history' s' _ _ _ Out _|f' i' history' s' t _ _ Place Waits _|
      | |o history' s' _ Settled|];
      subst; [congruence| |].
    - exists s, t; auto.
    - destruct (Settled (lock_id f i)) as [[]|[Is|Is]]; congruence.
  Qed.

  (** Who waits holds what it held when it called. *)
  Lemma waiting_holds x c f i history l : good x -> queued_for f i c history x ->
    List.In l (held (clients c) history) ->
    number c l x = In.
  Proof.
    intros Good (s & w & At & _ & Phase) Held; pose proof Good as (y & [Rel All _ _]).
    destruct (match_at _ _ _ _ Rel At) as (q & At_y & _).
    destruct (rel_stands _ _ Rel c _ q At At_y) as (Stands & _); pose proof (All c q At_y) as Holds.
    assert (Mine : holder S l (happened y) = Some c).
    { inversion Stands as [|f' i' history' s' _ _ _ Out _| | | |o history' s' _ Settled|]; subst;
        [congruence|apply Holds, Held|].
      destruct (Settled (lock_id f i)) as [[]|[Is|Is]]; congruence. }
    rewrite (rel_log _ _ Rel) in Mine.
    pose proof (holder_up S width Width Fits (contents x) c l (rel_legal _ _ Rel)) as Holder.
    pose proof (phase_ticket S width Width Fits (contents x) c l (rel_legal _ _ Rel)) as Same.
    unfold waiting.number, tickets_of.
    destruct (words_phase S c l (contents x)); try contradiction;
      now destruct (L1_ticket.spec.ticket_phase S c l (as_tickets S width (contents x))).
  Qed.

  (** It polls until it is inside. *)
  Lemma queued_step x c' v x' c f i history : good x -> calm c' x v x' -> queued_for f i c history x ->
    queued_for f i c history x' \/ number c (lock_id f i) x' = In.
  Proof.
    intros Good Step (s & w & At & Place & Phase).
    destruct (Nat.eq_dec c c') as [<-|Other].
    2: { left; exists s, w; rewrite (phase_other c' c _ x v x' Step Other).
         destruct Step as (Step & _); rewrite (step_others c' c x x' v Step Other); auto. }
    pose proof (phase_ticket S width Width Fits (contents x) c (lock_id f i) (legal_here x Good)) as Same.
    rewrite Phase in Same.
    destruct (L1_ticket.spec.ticket_phase S c (lock_id f i) (as_tickets S width (contents x))) as [|n| |] eqn:Number;
      try (now destruct Same).
    destruct (polls_step c history f i n poll_steps x v x' Good Step)
      as [(_ & _ & Inside)|[(k & Less & s' & w' & At' & Near & Phase' & _)|(_ & s' & w' & At' & Near & Phase' & _)]].
    - exists s, w; auto.
    - now right.
    - left; exists s', w'; split; [exact At'|split; [apply (near_more k); [exact Near|cbn in *;
        lia]|exact Phase']].
    - left; exists s', w'; auto.
  Qed.

  (** Each of the two waits for a lock that the other holds. *)
  Definition crossed c f i history c' f' i' history' (x : machine) : Prop :=
    queued_for f i c history x /\ queued_for f' i' c' history' x /\
    List.In (lock_id f i) (held (clients c') history') /\ List.In (lock_id f' i') (held (clients c) history).

  Lemma crossed_lasts c f i history c' f' i' history' : c <> c' ->
    lasting (crossed c f i history c' f' i' history').
  Proof.
    intros Differ x c0 v x' Good Step (Mine & Yours & Your_lock & My_lock).
    pose proof (good_step _ _ _ _ Good Step) as Good'.
    pose proof (tickets_legal S width Width Fits (contents x') (legal_here x' Good')) as Legal.
    assert (Alone : forall l, number c l x' = In -> number c' l x' = In -> False)
      by (intros l In1 In2; exact (Differ (L1_ticket.facts.ticket_exclusion S _ l c c' Legal In1 In2))).
    destruct (queued_step x c0 v x' c f i history Good Step Mine) as [Mine'|Inside];
      destruct (queued_step x c0 v x' c' f' i' history' Good Step Yours) as [Yours'|Inside'].
    - repeat split; auto.
    - destruct (Alone (lock_id f' i')); [exact (waiting_holds x' c f i history _ Good' Mine' My_lock)|exact Inside'].
    - destruct (Alone (lock_id f i));
        [exact Inside|exact (waiting_holds x' c' f' i' history' _ Good' Yours' Your_lock)].
    - (* one CPU moves: the other still waits *)
      destruct (Nat.eq_dec c c0) as [<-|Other].
      + destruct (Alone (lock_id f i)); [exact Inside|].
        rewrite (number_other c c' _ x v x' Step (not_eq_sym Differ)).
        exact (waiting_holds x c' f' i' history' _ Good Yours Your_lock).
      + destruct (Alone (lock_id f' i')); [|exact Inside'].
        rewrite (number_other c0 c _ x v x' Step Other).
        exact (waiting_holds x c f i history _ Good Mine My_lock).
  Qed.

  (** Neither operation ever ends, in no schedule. *)
  Theorem crossed_waits n x x' c f i history c' f' i' history' : c <> c' -> good x ->
    crossed c f i history c' f' i' history' x -> rounds n x x' ->
    ~ over c history x' /\ ~ over c' history' x'.
  Proof.
    intros Differ Good Crossed Rounds.
    destruct (lasting_rounds _ n x x' (crossed_lasts c f i history c' f' i' history' Differ)
                Good Rounds Crossed) as ((s & w & At & _) & (s' & w' & At' & _) & _).
    split; intros (t & Is & Beyond); [rewrite At in Is|rewrite At' in Is]; injection Is as <-; cbn in Beyond; lia.
  Qed.
End Crossed.
