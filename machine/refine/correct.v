(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The machine refines the atomic machine (T5)

    Each step of the machine is a step of the atomic machine with the same visible
    event, or none; as long as no client has broken the contract there
    ([match_step]).  So every execution's visible trace is one of the atomic
    machine, or its beginning leads there to a breach ([machine_refines]).  Read
    next: no_breach.v, for clients that never break the contract; safety/unstuck.v,
    nobody is stuck. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options integers values semantics smallstep.
From hlock.layers.view Require Import spec facts.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.refine.
From hlock.layers Require Import L3_atomic.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text code.
From hlock.stack Require Import stack setting stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import position place invariant simulation.
Import ListNotations.
Local Open Scope Z_scope.

Section Correct.
  Context {G : running}.
  Local Notation text := the_text.
  Local Notation S := (the_system).
  Local Notation M := (sc_memory S width).
  Local Notation step := (machine_step text width M clients).

  (** ** Executions *)

  (** Nobody breaks the contract in [y]. *)
  Lemma no_breach_kept y c : ~ breach clients the_table y -> contract_kept c y.
  Proof. intros Kept history o At Choice Forbidden; apply Kept; exists c, history, o; auto. Qed.

  Lemma forbidden_dec c y : contract_kept c y \/ breach clients the_table y.
  Proof.
    destruct (nth_error (positions y) c) as [[history|o history|o history|]|] eqn:At;
      try (left; intros history' o'; rewrite At; discriminate).
    destruct (clients c history) as [o|] eqn:Choice;
      [|left; intros history' o'; rewrite At; intros [= <-]; rewrite Choice; discriminate].
    destruct (forbidden_decided the_table c o (happened y)) as [Bad|Good].
    - right; exists c, history, o; auto.
    - left; intros history' o'; rewrite At; intros [= <-]; rewrite Choice; now intros [= <-].
  Qed.

  (** Till a breach both machines go together, and keep what their steps together keep. *)
  Theorem machine_refines_with (P : machine M -> atomic_machine S -> Prop) :
    P (first_state M) (atomic_start (S := S)) ->
    (forall x y c v x' y', match_machine x y -> step c x v x' -> contract_kept c y -> follows c y v y' ->
      match_machine x' y' ->
       P x y -> P x' y') ->
    forall tr x, execution text width M clients tr x ->
    (exists y, atomic_execution clients tr y /\ match_machine x y /\ P x y) \/ breached clients the_table tr.
  Proof.
    intros First Keeps tr x.
    induction 1 as [|tr x c v x' Run [(y & Above & Rel & Holds)|(tr1 & tr2 & y & -> & Above & Breach)] Step].
    - left; exists (atomic_start (S := S)); split; [constructor|split; [apply match_start|exact First]].
    - destruct (forbidden_dec c y) as [Kept|Breach].
      + destruct (match_step x y c v x' Rel Step Kept) as (y' & Follows & Rel').
        pose proof (Keeps x y c v x' y' Rel Step Kept Follows Rel' Holds) as Holds'.
        left; destruct Follows as [Step'|(-> & ->)]; [exists y'|exists y]; (split; [|split; assumption]).
        * now apply atomic_execution_step with y.
        * exact Above.
      + right; exists tr, (match v with Some v => [(c, v)] | None => [] end), y; destruct v; auto.
    - right; exists tr1, (match v with Some v => (c, v) :: tr2 | None => tr2 end), y; destruct v; auto.
  Qed.

  Theorem machine_refines tr x : execution text width M clients tr x ->
    (exists y, atomic_execution clients tr y /\ match_machine x y) \/ breached clients the_table tr.
  Proof.
    intros Run; destruct (machine_refines_with (fun _ _ => True) I (fun _ _ _ _ _ _ _ _ _ _ _ _ => I) tr x Run)
      as [(y & Above & Rel & _)|Breach]; eauto.
  Qed.
End Correct.
