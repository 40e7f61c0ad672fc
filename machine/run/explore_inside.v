(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Inside, for the explorer and for the theorem

    The explorer computes which locks a thread is inside of ([inside_of]); the
    theorem on mutual exclusion has a relation ([inside]).  In every state that the
    machine comes to, under clients that keep the contract, a thread whose own steps
    are done is inside of the same locks by both ([explorer_inside]): so what the
    explorer looks for is what [mutual_exclusion] excludes. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import table spec code contract.
From hlock.generated Require Import lock_table.
From hlock.stack Require Import stack_refine.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.refine Require Import place invariant correct no_breach.
From hlock.machine.safety Require Import corollaries.
From hlock.machine.run Require Import explore explore_facts.
Import ListNotations.
Local Open Scope Z_scope.

Section Inside.
  Context (N : nat) (O : objects) (width : Z) (Width : 1 <= width <= 32).
  Context (Fits : Z.of_nat N <= modulus width).
  Local Notation S := (table_system lock_table N O).
  Local Notation M := (consistent S width).
  Context (clients : cpu -> client S).
  Context (Table : forall c past o, clients c past = Some o -> of_table N O o).
  Context (Contract : contract clients).

  Lemma at_once (o : op S) past s p : at_place width s p ->
    (forall t, in_call o past s <> Local t) -> asks_at width o past s p.
  Proof.
    intros At Settled; destruct (next_at width Width o past s p At) as [(s' & Is & _)|Asks]; [|exact Asks].
    now apply Settled in Is.
  Qed.

  Theorem explorer_inside tr x c t l :
    execution width M clients tr x -> nth_error (threads x) c = Some t -> settled width clients c t ->
    inside N O width clients x c l <-> List.In l (inside_of width clients c t).
  Proof.
    intros Run At Settled; destruct (reached N O width Width Fits clients Table Contract tr x Run) as (_ & All).
    destruct (All c t At) as (q & Stands & _); unfold inside, inside_of; rewrite At; unfold settled in Settled.
    destruct Stands as [past _|f i past s _ _ Place _ _|f i past s w _ _ Place _ _|f i past s _ _ Place _ _
                       |f i past w k _ _ _ _ _|o past s Place _|]; cbn [next_move past_of] in *.
    - destruct (clients c past) as [[]|]; reflexivity.
    - destruct (at_once _ _ _ _ Place Settled) as (go & -> & _); cbn; tauto.
    - destruct (at_once _ _ _ _ Place Settled) as (go & -> & _); cbn; tauto.
    - destruct (at_once _ _ _ _ Place Settled) as (k & -> & _).
      pose proof (before_load_not_done width s _ Place); tauto.
    - reflexivity.
    - pose proof (at_once o past s _ Place Settled) as Is; cbn [asks_at] in Is; rewrite Is.
      assert (Only : only_to_return s) by (eexists; exact Place).
      destruct o as [f i|f i|f i|f i v|]; cbn [releases held_after]; try tauto.
      rewrite filter_In, negb_true_iff, Z.eqb_neq; split; intros (Has & Not); (split; [exact Has|]).
      + intros ->; now apply Not.
      + intros (<- & _); now apply Not.
    - reflexivity.
  Qed.
End Inside.
