(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * A client that has been told something has come nowhere else

    One CPU's run goes one way: a state that a client reaches lies before the one in
    which it has been told [history], or comes after it ([told_line]).  So what is known
    of the log at the one is known at the other.  Read next: bridge.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options integers values semantics vcgen.
From hlock.layers.view Require Import spec facts.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.code L1_ticket.refine.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text code.
From hlock.stack Require Import stack setting acts stack_refine stack_total stack_ends.
From hlock.machine.bridge Require Import local.
Import ListNotations.
Local Open Scope Z_scope.

Section Reached.
  Context {G : setting}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Local Notation S := (the_system).
  Local Notation W := (words S width).
  Context {mem : Type} (m : mem).
  Local Notation acts := (acts S width).

  (** What the client comes to, in the sense of [env_safe_throughout]. *)
  Definition reached (p : client S) history (d d' : RData W) : Prop :=
    (exists k history', c_run text S width m p k history d history' d') \/
    (exists l t, polling text S width m p history d l t d').

  Lemma reached_acts p history d d' : reached p history d d' -> acts d d'.
  Proof.
    intros [(k & history' & Run)|(l & t & k & history' & d0 & d1 & f & i & Run & _ & _ & _ & Take & Vain)];
      apply c_run_acts in Run; [exact Run|].
    apply (L1_ticket.refine.incr_ticket_act S width) in Take as (_ & _ & ->).
    eapply acts_trans; [exact Run|eapply act_then, vain_acts; exact Vain].
  Qed.

  (** From [d0] client [p] goes on with [o], and [d1] lies on the way, or at its end. *)
  Definition on_the_way (o : op S) (d0 d1 : RData W) : Prop :=
    acts d0 d1 /\ (forall a d2, c_do text S width m o d0 a d2 -> acts d1 d2) /\
    (forall f i t d2 d', o = Op_acquire f i -> incr_ticket_spec S width (lock_id f i) d0 = Done (t, d2) ->
      L1_ticket.spec.polls_in_vain (lock_id f i) t d2 d' -> acts d' d1 \/ acts d1 d').

  (** What is reached with operation [o] next. *)
  Lemma reached_with p history o d d' : p history = Some o -> reached p history d d' ->
    d' = d \/
    (exists f i t d1, o = Op_acquire f i /\ incr_ticket_spec S width (lock_id f i) d = Done (t, d1) /\
       L1_ticket.spec.polls_in_vain (lock_id f i) t d1 d') \/
    exists a d1, c_do text S width m o d a d1 /\ (d' = d1 \/ (ends o = false /\ reached p (a :: history) d1 d')).
  Proof.
    intros Next [([|k] & history' & Run)|(l & t & [|k] & history' & d0 & d1 & f & i & Run & Runs & Next' & -> & Rest)];
      cbn in Run.
    - left; now destruct Run.
    - rewrite Next in Run; destruct Run as (a & d1 & Did & Rest); right; right; exists a, d1; split; [exact Did|].
      destruct (ends o); [left; now destruct Rest|right; split; [reflexivity|left; eauto]].
    - destruct Run as (-> & ->); rewrite Next in Next'; injection Next' as ->.
      right; left; exists f, i, t, d1; auto.
    - rewrite Next in Run; destruct Run as (a & d2 & Did & Run); right; right; exists a, d2; split; [exact Did|].
      destruct (ends o) eqn:Ends; [exfalso|right; split; [reflexivity|right]].
      + destruct o; try discriminate; destruct Did as (_ & ->), Run as (_ & ->); cbn in Runs.
        now rewrite Nat.eqb_refl in Runs.
      + exists (lock_id f i), t, k, history', d0, d1, f, i; auto.
  Qed.

  Lemma way_line p history o d0 d1 d' : p history = Some o -> on_the_way o d0 d1 -> reached p history d0 d' ->
    acts d' d1 \/ acts d1 d'.
  Proof.
    intros Next (Way & Does & Waits) Reached.
    destruct (reached_with p history o d0 d' Next Reached)
      as [->|[(f & i & t & d2 & Is & Take & Vain)|(a & d2 & Did & Then)]];
      [auto|eauto|right].
    apply Does in Did; destruct Then as [->|(_ & Then)]; [exact Did|].
    eapply acts_trans; [exact Did|eapply reached_acts; exact Then].
  Qed.

  Lemma waited_on_the_way f i t d0 d1 d2 :
    List.In f the_table -> in_family f i = true -> incr_ticket_spec S width (lock_id f i) d0 = Done (t, d1) ->
    L1_ticket.spec.polls_in_vain (lock_id f i) t d1 d2 -> on_the_way (Op_acquire f i) d0 d2.
  Proof.
    intros Known Range Take Vain; split; [|split].
    - pose proof Take as Act; apply (L1_ticket.refine.incr_ticket_act S width) in Act as (_ & _ & ->).
      eapply act_then, vain_acts; exact Vain.
    - intros a d3 (_ & Call).
      apply (stack_exact m Acquire f i d0 _ _ Known Range) in Call as (d4 & [= <-] & _ & Wait).
      destruct Wait as (t' & d5 & Take' & Polls); rewrite Take in Take'; injection Take' as <- <-.
      eapply polls_acts, vain_rest; eassumption.
    - intros f' i' t' d3 d' [= <- <-] Take' Vain'; rewrite Take in Take'; injection Take' as <- <-.
      destruct (vain_line _ _ _ _ _ _ _ Vain Vain'); auto.
  Qed.
  Lemma loaded_on_the_way f i d0 : let l := lock_id f i in
    List.In f the_table -> in_family f i = true ->
    on_the_way (Op_release f i) d0 (act S width (Lock l (Loaded (serving S width l (seen d0)))) d0).
  Proof.
    intros l Known Range; split; [apply one_act|split; [|discriminate]]; intros a d2 (_ & Call).
    apply (stack_exact m Release f i d0 _ _ Known Range) in Call as (d3 & [= <-] & _ & Pass).
    cbn [on_words] in Pass; unfold L1_ticket.spec.pass_lock_spec_low, incr_now_spec, on_existing in Pass.
    destruct (lock_exists _); [|discriminate]; injection Pass as <-; exact (one_act S width _ _).
  Qed.

  (** A wait ends nowhere but where the whole operation does. *)
  Lemma wait_before f i t d0 d1 d' a d2 :
    List.In f the_table -> in_family f i = true -> c_do text S width m (Op_acquire f i) d0 a d2 ->
    incr_ticket_spec S width (lock_id f i) d0 = Done (t, d1) ->
    L1_ticket.spec.polls_in_vain (lock_id f i) t d1 d' -> acts d' d2.
  Proof.
    intros Known Range Did Take Vain.
    destruct (waited_on_the_way f i t d0 d1 d' Known Range Take Vain) as (_ & Does & _); eauto.
  Qed.

  Theorem told_line p d history d1 d' : told m p d history d1 -> reached p [] d d' ->
    acts d' d1 \/ reached p history d1 d'.
  Proof.
    intros Told Reached; induction Told as [|history d1 o a d2 _ IH Next Known Within Goes Did]; [auto|].
    destruct IH as [Before|Later]; [left; apply acts_trans with d1; [exact Before|eapply c_do_acts; exact Did]|].
    destruct (reached_with p history o d1 d' Next Later) as [->|[(f & i & t & d3 & ->
      & Take & Vain)|(a' & d3 & Did' & Then)]].
    - left; eapply c_do_acts; exact Did.
    - left; apply (wait_before f i t d1 d3 d' a d2 Known (proj1 Within) Did Take Vain).
    - destruct (c_do_deterministic m o d1 a' d3 a d2 Did' Did) as (-> & ->).
      destruct Then as [->|(_ & Then)]; [left; apply no_act|auto].
  Qed.
End Reached.
