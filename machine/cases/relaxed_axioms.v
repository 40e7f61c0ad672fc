(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What is asked of a graph is needed

    Graphs that satisfy all that a consistent one satisfies but for one thing, with the orders that ship,
    and in which two CPUs are inside one lock, though their clients keep the contract: reads that return what
    they do not read ([rf_right_needed]), writes of a word in no order ([co_total_needed]), a poll that
    reads what a write before it has overwritten ([coherence_needed]), a ticket that is not one step
    ([atomicity_needed]).  Of the fifth, that causes do not go round, there is none here: the proofs use it
    to put all actions in one order. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec contract sample examples.
From hlock.stack Require Import examples.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.cases Require Import examples wrong.
From hlock.machine.relaxed Require Import model turns embedding sections finite.
From hlock.machine.cases Require Import relaxed_cases relaxed_wrong.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

Definition axiom_eq_dec (a b : axiom) : {a = b} + {a <> b}.
Proof. decide equality. Defined.

(** [relaxed_execution], but for axiom [a] of the graph. *)
Record relaxed_but (a : axiom) {N} (w : Z) (clients : cpu -> client (of_cpus N)) g seen last : Prop := {
  each_goes : forall c, (c < N)%nat -> alone sample_text w (clients c) (rev (model.run g c)) (seen c) (last c);
  no_more : forall c, (N <= c)%nat -> model.run g c = [];
  others_hold : forall b, b <> a -> satisfies shipped_orders g w b
}.
(** [relaxed_exclusion], but for axiom [a]. *)
Definition apart_but (a : axiom) (N : nat) (w : Z) : Prop :=
  forall clients : cpu -> client (of_cpus N), keep_contract sample clients ->
  forall g seen last, relaxed_but a w clients g seen last ->
  forall l x y, enters_at g l x -> enters_at g l y -> x <> y ->
  (exists s, leaves_at g l x s /\ hb shipped_orders g s y) \/ (exists s, leaves_at g l y s /\ hb shipped_orders g s x).

Lemma inside_but a N w programs runs sources chains x y :
  keep_contract sample (goes_through programs) ->
  well_formed (S := of_cpus N) shipped_orders runs sources chains &&
    forallb (fun b => if axiom_eq_dec b a then true else checked shipped_orders w runs sources chains b) axioms &&
    all_performed sample_text w (goes_through programs) runs = true ->
  let g := given runs sources chains in
  enters_at g A x -> enters_at g A y -> x <> y ->
  forallb (fun z => negb (sb_step runs sources chains x z) && negb (sb_step runs sources chains y z))
    (given_ids runs sources chains) = true ->
  ~ apart_but a N w.
Proof.
  intros Contract All g In_x In_y Apart Last Holds; apply andb_prop in All as (All & Performed).
  apply andb_prop in All as (Formed & Checked); rewrite forallb_forall in Last, Checked.
  pose proof (formed_few shipped_orders runs sources chains Formed) as Few.
  pose proof (checked_sound shipped_orders w runs sources chains Formed) as Each_holds.
  assert (Stays : forall z s, z = x \/ z = y -> ~ leaves_at g A z s).
  { intros z s Z (Sb & _); assert (Mem : List.In s (given_ids runs sources chains)) by (apply all_ids_in;
    [exact Few|apply Sb]).
    specialize (Last s Mem); apply (sb_step_iff runs sources chains) in Sb.
    destruct Z as [->| ->]; rewrite Sb, ?andb_false_r in Last; discriminate. }
  assert (Relaxed : exists seen last, relaxed_but a w (goes_through programs) g seen last).
  { exists (fun c => match performed sample_text w (goes_through programs) runs c with
                     | Some (vis, _) => vis
                     | None => []
                     end).
    exists (fun c => match performed sample_text w (goes_through programs) runs c with Some (_,
      t) => t | None => Stopped end).
    constructor; [|exact Few|].
    - intros c Less; unfold all_performed in Performed; rewrite forallb_forall in Performed; specialize (Performed c).
      rewrite in_seq in Performed; specialize (Performed (conj (Nat.le_0_l c) Less)).
      destruct (performed sample_text w (goes_through programs) runs c) as [[vis t]|] eqn:Is; [|discriminate].
      exact (performed_sound sample_text w _ runs c vis t Is).
    - intros b Other; apply Each_holds; specialize (Checked b); destruct (axiom_eq_dec b a); [contradiction|].
      apply Checked; destruct b; cbn; auto 10. }
  destruct Relaxed as (seen & last & Relaxed).
  destruct (Holds _ Contract g _ _ Relaxed A x y In_x In_y Apart) as [(s & Is & _)|(s & Is & _)].
  - exact (Stays x s (or_introl eq_refl) Is).
  - exact (Stays y s (or_intror eq_refl) Is).
Qed.
Ltac inside_but := [> contract | vm_compute; reflexivity | split; [reflexivity|eexists; reflexivity]
  | split; [reflexivity|eexists; reflexivity] | discriminate | vm_compute; reflexivity].

Definition two_takes : list (list (op (of_cpus 2))) := [[take lock_a]; [take lock_a]].

(** CPU 1 has ticket 1 and polls what was there at first, which was not 1. *)
Theorem rf_right_needed : ~ apart_but Rf_right 2 1.
Proof.
  apply (inside_but Rf_right 2 1 two_takes
    [[Lock A (Took 0); Lock A (Polled 0)]; [Lock A (Took 1); Lock A (Polled 1)]]
    [((0, 0), (1, 0))]%nat [[(0, 0); (1, 0)]]%nat (0, 1)%nat (1, 1)%nat). all: inside_but.
Qed.
(** Both take ticket 0, and neither ticket comes before the other. *)
Theorem co_total_needed : ~ apart_but Co_total 2 1.
Proof.
  apply (inside_but Co_total 2 1 two_takes
    [[Lock A (Took 0); Lock A (Polled 0)]; [Lock A (Took 0); Lock A (Polled 0)]] [] [] (0, 1)%nat (1, 1)%nat).
  all: inside_but.
Qed.
(** The graph of a ticket that does not acquire. *)
Theorem coherence_needed : ~ apart_but Coherence 2 1.
Proof.
  apply (inside_but Coherence 2 1 old_programs old_runs old_sources old_chains (0, 5)%nat (1, 1)%nat). all: inside_but.
Qed.
(** That of a ticket that is a load and a store. *)
Theorem atomicity_needed : ~ apart_but Atomicity 2 1.
Proof.
  apply (inside_but Atomicity 2 1 two_takes
    [[Lock A (Took 0); Lock A (Polled 0)]; [Lock A (Took 0); Lock A (Polled 0)]] [] [[(0, 0); (1, 0)]]%nat
    (0, 1)%nat (1, 1)%nat). all: inside_but.
Qed.
