(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Inside, for the explorer and for the theorem

    The explorer computes which locks a thread is inside of ([inside_of]); the
    theorem on mutual exclusion has a relation ([inside]).  In every state that the
    machine comes to, under clients that never break the contract, a thread whose own
    steps are done is inside of the same locks by both ([explorer_inside]): so what the
    explorer looks for is what [mutual_exclusion] excludes. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text code contract.
From hlock.stack Require Import setting stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import place invariant simulation correct no_breach.
From hlock.machine.safety Require Import corollaries.
From hlock.machine.run Require Import explore explore_facts.
Import ListNotations.
Local Open Scope Z_scope.

Section Inside.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := (the_system).
  Local Notation M := (sc_memory S width).
  Context (Never : never_breaches clients the_table).

  Lemma at_once (o : op S) history s p : at_place s p ->
    (forall t, in_call text o history s <> Local t) -> asks_at o history s p.
  Proof.
    intros At Settled; destruct (next_at o history s p At) as [(s' & Is & _)|Asks]; [|exact Asks].
    now apply Settled in Is.
  Qed.

  Theorem explorer_inside tr x c t l :
    execution text width M clients tr x -> nth_error (threads x) c = Some t -> settled text width clients c t ->
    inside text clients x c l <-> List.In l (inside_of text width clients c t).
  Proof.
    intros Run At Settled; destruct (reached Never tr x Run) as (_ & All).
    destruct (All c t At) as (q & Stands & _); unfold inside, inside_of; rewrite At; unfold settled in Settled.
    destruct Stands as [history _|f i history s _ _ Place _ _|f i history s w _ _ Place _ _|f i history s _ _ Place _ _
                       |f i history w k _ _ _ _ _|o history s Place _|]; cbn [next_move history_of] in *.
    - destruct (clients c history) as [[]|]; reflexivity.
    - destruct (at_once _ _ _ _ Place Settled) as (go & -> & _); cbn; tauto.
    - destruct (at_once _ _ _ _ Place Settled) as (go & -> & _); cbn; tauto.
    - destruct (at_once _ _ _ _ Place Settled) as (k & -> & _).
      pose proof (before_load_not_done s _ Place); tauto.
    - reflexivity.
    - pose proof (at_once o history s _ Place Settled) as Is; cbn [asks_at] in Is; rewrite Is.
      assert (Only : only_to_return text s) by (eexists; exact Place).
      destruct o as [f i|f i|f i k|f i k v|]; cbn [releases held_after]; try tauto.
      rewrite filter_In, negb_true_iff, Z.eqb_neq; split; intros (Has & Not); (split; [exact Has|]).
      + intros ->; now apply Not.
      + intros (<- & _); now apply Not.
    - reflexivity.
  Qed.
End Inside.
