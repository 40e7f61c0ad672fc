(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * x86

    The model is in x86_model.v.  Read next: c11.v; ../cases/x86_cases.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events halves machines lists cat.
From hlock.machine.hardware Require Export x86_model.
Import ListNotations.
Local Open Scope Z_scope.

(** Every consistent execution of x86 is a consistent graph of actions. *)
Theorem x86_is_relaxed : forall S (h : execution S x86) ppo width g, well_formed h width ->
  contains_po_ghb h ppo -> x86_consistent h ppo -> made_of h x86_lists -> contracts h g ->
  consistent_graph shipped_orders g width.
Proof.
  intros S h ppo width g Well Has [Uniproc Tso Atomic] Made Contracts.
  pose proof (made_halved h x86_lists (lists_sound x86_lists eq_refl) Made) as Halved.
  apply (hardware_is_relaxed h ppo); auto.
  - revert Uniproc; apply acyclic_less; tauto.
  - revert Tso; apply acyclic_less; unfold ghb, coe, fre; tauto.
  - constructor.
    + intros e f a _ _ Half Po Mf; exact (rm_po h ppo Has e f (proj1 Half) Po Mf).
    + intros e f a _ _ [Re|We] Po Wf; [apply (rm_po h ppo Has); auto; now right|now apply (ww_po h ppo Has)].
    + intros e f Pair; pose proof Pair as (_ & _ & Re & Wf & _).
      apply (rm_po h ppo Has e f Re); [apply (rmw_po_loc h g Contracts e f Pair)|now right].
Qed.

(** On x86 nothing that is read comes out of thin air. *)
Theorem x86_no_thin_air : forall S (h : execution S x86) ppo width g, well_formed h width ->
  contains_po_ghb h ppo -> x86_consistent h ppo -> made_of h x86_lists -> contracts h g ->
  nothing_from_thin_air g.
Proof.
  intros S h ppo width g Well Has [Uniproc Tso Atomic] Made Contracts.
  pose proof (made_halved h x86_lists (lists_sound x86_lists eq_refl) Made) as Halved.
  apply (no_feeds h width Well Halved g Contracts (ghb h ppo)); [| |exact Tso].
  - intros e f E F [Same|Sb]; left; apply (rm_po h ppo Has); try apply E; try now right.
    + apply (rmw_po_loc h g Contracts), (ticket_halves h Halved); auto.
    + now apply (sb_po g (fst e) (fst f)).
  - intros e f E F Rf; destruct (Nat.eq_dec (fst (fst e)) (fst (fst f))) as [Own|Other].
    + left; assert (Po : po e f).
      { apply (forward h width Well); [| |now left|intros Ext; contradiction].
        - intros d k Po Path; apply (Uniproc d), t_trans with k; [constructor 1; now left|].
          clear Po; induction Path; [constructor 1; unfold com in *; tauto|econstructor 2; eauto].
        - intros d Is; apply (Uniproc d); constructor 1; unfold com in Is; tauto. }
      destruct (po_from h g Contracts e f) as [Same|Sb]; [now left|exact Po| |exact Sb].
      destruct (ticket_halves h Halved f e F E (eq_sym Same)) as (_ & Next & _), Po as (_ & [Less|(_ & Less)]);
        [rewrite Same in Less|]; lia.
    + right; right; left; split; assumption.
Qed.

(** ** The model in full: it contains what is named *)

(** Its axioms, as expressions of cat. *)
Definition x86_uniproc_of : cat x86 := ((Po && Loc) || Rmw || Rf || Fr || Co)%cat.
Definition x86_ghb_of : cat x86 := (x86_ppo || (Rf && Ext) || Fr || Co)%cat.
Definition x86_atomic_of : cat x86 := (Rmw && ((Fr && Ext) ;; (Co && Ext)))%cat.

Section Full.
  Context {S : system} (h : execution S x86).
  Local Notation full_ppo := (full_ppo h).

  Theorem full_ppo_contains : contains_po_ghb h full_ppo.
  Proof.
    assert (Rd : forall e, R h e -> present h e /\ sem h (In is_read) e e /\ sem h (In is_M) e e).
    { intros e (m & a & i & At & Is & Ri & Ld); assert (Pe : present h e) by (unfold present, is_a in *; split;
      congruence).
      split; [exact Pe|]; split; (split; [reflexivity|split; [exact Pe|exists i; split; [exact Is|]]]);
        [exact Ri|unfold is_M; now rewrite Ri]. }
    assert (Wr : forall e, W h e -> present h e /\ sem h (In is_write) e e /\ sem h (In is_M) e e).
    { intros e (m & a & i & At & Is & Wi & St); assert (Pe : present h e) by (unfold present, is_a in *; split;
      congruence).
      split; [exact Pe|]; split; (split; [reflexivity|split; [exact Pe|exists i; split; [exact Is|]]]); [exact Wi|].
      unfold is_M; rewrite Wi; apply orb_true_r. }
    constructor.
    - intros e f We Po Wf; destruct (Wr e We) as (Pe & Se & _), (Wr f Wf) as (Pf & Sf & _); unfold full_ppo, x86_ppo;
        do 4 left.
      exists e; split; [exact Se|exists f; split; [cbn; auto|exact Sf]].
    - intros e f Re Po Mf; destruct (Rd e Re) as (Pe & Se & _); unfold full_ppo, x86_ppo; do 3 left; right.
      assert (Sf : present h f /\ sem h (In is_M) f f) by (destruct Mf as [Rf|Wf];
        [destruct (Rd f Rf)|destruct (Wr f Wf)]; tauto).
      exists e; split; [exact Se|exists f; split; [cbn; tauto|apply Sf]].
  Qed.
  Theorem x86_consistent_of width : well_formed h width -> acyclic (sem h x86_uniproc_of) ->
    acyclic (sem h x86_ghb_of) -> (forall e f, ~ sem h x86_atomic_of e f) -> x86_consistent h full_ppo.
  Proof.
    intros Well Uniproc Tso Atomic; constructor; [| |exact (sem_atomic h width Well Atomic)].
    - revert Uniproc; apply acyclic_less; intros e f [Po|[Pair|[Rf|[Fr|Co]]]].
      + do 4 left; exact (sem_po_loc h e f Po).
      + do 3 left; right; exact (sem_rmw h e f Pair).
      + do 2 left; right; exact (sem_rf h width Well e f Rf).
      + left; right; exact (sem_fr h e f Fr).
      + right; exact (sem_co h width Well e f Co).
    - revert Tso; apply acyclic_less; intros e f [Ppo|[(Rf & Out)|[Fr|Co]]].
      + do 3 left; exact Ppo.
      + do 2 left; right; exact (sem_ext h expression.Rf e f (sem_rf h width Well e f Rf) Out).
      + left; right; exact (sem_fr h e f Fr).
      + right; exact (sem_co h width Well e f Co).
  Qed.
End Full.
