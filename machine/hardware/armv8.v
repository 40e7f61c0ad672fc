(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Armv8

    The model is in armv8_model.v.  Read next: riscv.v, for another machine; ../cases/armv8_cases.v, for
    wrong locks. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events halves machines lists cat.
From hlock.machine.hardware Require Export armv8_model.
Import ListNotations.
Local Open Scope Z_scope.

(** Every consistent execution of Armv8, whatever more a CPU keeps in order, is a consistent graph of
    actions. *)
Theorem armv8_is_relaxed : forall S (h : execution S a64) lob width g, well_formed h width ->
  contains h lob -> armv8_consistent h lob -> made_of h armv8_lists -> contracts h g ->
  consistent_graph shipped_orders g width.
Proof.
  intros S h lob width g Well Has [Internal External Atomic] Made Contracts.
  pose proof (lists_sound armv8_lists eq_refl) as Shaped.
  apply (hardware_is_relaxed h lob); auto.
  - exact (made_halved h armv8_lists Shaped Made).
  - revert Internal; apply acyclic_less; unfold ca; tauto.
  - intros e; intros Is; apply (External e); revert Is; generalize e at 1 3 as d; intros d Is.
    unfold ob, obs; induction Is; [constructor 1; tauto|econstructor 2; eauto].
  - constructor; [| |exact (aob_rmw h lob Has)].
    + intros e f a At Acq Half Po Mf; apply (bob_acquire h lob Has); auto; [|apply Half].
      destruct (load_sort h armv8_lists Shaped Made (fun i => is_A i || is_Q i) e a At Half) as (i & Is & Sort).
      { destruct a as [l []| | |]; try contradiction; reflexivity. }
      apply orb_prop in Sort as [Sort|Sort]; [left|right]; exists i; auto.
    + intros e f a At Rel Me Po Wf; apply (bob_release h lob Has); auto.
      apply (store_sort h armv8_lists Shaped Made is_L f a At Wf).
      destruct a as [l []| | |]; try contradiction; reflexivity.
Qed.

(** A try of an exclusive pair that failed is a load and no store.  Such loads may be left out: what
    is left is consistent, and is the same actions.  For no axiom asks for an event between two, and
    nothing reads from a load. *)
Theorem failed_tries_may_be_left_out : forall S (h : execution S a64) lob width g kept, well_formed h width ->
  contains h lob -> armv8_consistent h lob -> made_of h armv8_lists -> contracts h g ->
  (forall e, kept e = false -> R h e /\ ~ load_half h e /\ ~ W h e) ->
  let h' := keep_only h kept in
  well_formed h' width /\ contains h' lob /\ armv8_consistent h' lob /\ contracts h' g.
Proof.
  intros S h lob width g kept Well Has [Internal External Atomic] Made Contracts Tries h'.
  pose proof (lists_sound armv8_lists eq_refl) as Shaped; pose proof (made_halved h armv8_lists Shaped Made) as Halved.
  assert (Stores : forall e, W h e -> kept e = true).
  { intros e We; destruct (kept e) eqn:K; [reflexivity|]; destruct (Tries e K) as (_ & _ & Not); contradiction. }
  assert (Sources : forall e f, rf h e f -> kept f = true -> kept e = true).
  { intros e f Rf _; apply Stores; destruct (rf_writes h width Well e f Rf) as (m & Wr & _); now exists m. }
  assert (Loads : forall e, load_half h e -> kept e = true).
  { intros e Half; destruct (kept e) eqn:K; [reflexivity|]; destruct (Tries e K) as (_ & Not & _); contradiction. }
  assert (Last : forall e, R h e -> exists k, load_half h (fst e, k)).
  { intros [x k] (m & a & i & At & _ & _ & Ld); exact (has_load h Halved x a m At Ld). }
  split; [|split; [|split]].
  - exact (only_well_formed h kept Sources Loads width Last Well).
  - destruct Has as [Acq Rel Rmw]; constructor.
    + intros e f Cl Re Po Mf; apply Acq; [|now apply (only_R h kept e)|exact Po|exact (only_M h kept f Mf)].
      destruct Cl as [(i & Is & Sort)|(i & Is & Sort)]; [left|right]; exists i; split; auto;
        exact (only_is_a h kept i e Is).
    + intros e f Me Po Wf (i & Is & Sort); apply Rel; [exact (only_M h kept e Me)|exact Po|now apply (only_W h kept
        f)|].
      exists i; split; [exact (only_is_a h kept i f Is)|exact Sort].
    + intros e f Pair; exact (Rmw e f (only_rmw h kept e f Pair)).
  - constructor; [| |exact (only_atomic h kept Atomic)].
    + revert Internal; apply acyclic_less; intros e f [Po|[[Fr|Co]|Rf]]; unfold ca.
      * left; exact (only_po_loc h kept e f Po).
      * right; left; left; exact (only_fr h kept e f Fr).
      * right; left; right; exact (only_co h kept e f Co).
      * right; right; exact (only_rf h kept e f Rf).
    + apply (acyclic_less _ (fun e f => obs h e f \/ lob e f)); [|exact External].
      intros e f [[(Is & Ext)|[(Is & Ext)|(Is & Ext)]]|Lob]; [left|left|left|now right]; unfold obs, rfe, fre, coe.
      * left; split; [exact (only_rf h kept e f Is)|exact Ext].
      * right; left; split; [exact (only_fr h kept e f Is)|exact Ext].
      * right; right; split; [exact (only_co h kept e f Is)|exact Ext].
  - apply (only_contracts h kept Loads g Last Stores); [|exact Contracts].
    intros e f Co; destruct (co_writes h width Well e f Co) as (m & ? & ?); split; now exists m.
Qed.

(** ** The model in full: it contains what is named *)

(** Its axioms, as expressions of cat. *)
Definition aarch64_internal : cat a64 := ((Po && Loc) || Fr || Co || Rf)%cat.
Definition aarch64_ob (lob : cat a64) : cat a64 := ((Rf && Ext) || (Fr && Ext) || (Co && Ext) || lob)%cat.
Definition aarch64_atomic : cat a64 := (Rmw && ((Fr && Ext) ;; (Co && Ext)))%cat.

Section Full.
  Context {S : system} (h : execution S a64).
  Local Notation full_lob := (full_lob h).
  Local Notation lob_of := (lob_of h).

  Theorem full_contains : contains h full_lob.
  Proof.
    assert (Sort : forall (p : a64 -> bool) e i, M h e -> is_a h i e -> p i = true -> sem h (In p) e e).
    { intros p e i Me Is Pi; cbn; split; [reflexivity|split; [now apply present_M|exists i; auto]]. }
    constructor.
    - intros e f Cl Re Po Mf; constructor 1; assert (Me : M h e) by now left.
      assert (Is : sem h (In is_AQ) e e).
      { destruct Cl as [(i & Is & Sort')|(i & Is & Sort')]; apply (Sort _ e i Me Is); unfold is_AQ; rewrite Sort';
        [reflexivity|apply orb_true_r]. }
      unfold aarch64_lob; cbn [sem]; left; left; left; right; exists e; split; [exact Is|].
      split; [now apply present_M|split; [now apply present_M|exact Po]].
    - intros e f Me Po Wf (i & Is & Sort'); constructor 1; assert (Mf : M h f) by now right.
      unfold aarch64_lob; cbn [sem]; left; left; right; exists f; split; [|exact (Sort is_L f i Mf Is Sort')].
      split; [now apply present_M|split; [now apply present_M|exact Po]].
    - intros e f Pair; constructor 1; pose proof (sem_rmw h e f Pair) as Is.
      unfold aarch64_lob; cbn [sem] in *; tauto.
  Qed.
  (** [L]; po; [A], which the theorem does not use. *)
  Lemma full_L_A e f : W h e -> L h e -> R h f -> A h f -> po e f -> full_lob e f.
  Proof.
    intros We (i & Is & Pi) Rf (j & Js & Pj) Po; assert (M h e) by (right; exact We); assert (M h f) by (left;
      exact Rf).
    constructor 1; unfold aarch64_lob; cbn [sem]; left; left; left; left; right; exists e; split.
    - split; [reflexivity|split; [now apply present_M|exists i; auto]].
    - exists f; split; [auto using present_M|split; [reflexivity|split; [now apply present_M|exists j; auto]]].
  Qed.
  Theorem consistent_of width lob : well_formed h width -> acyclic (sem h aarch64_internal) ->
    acyclic (sem h (aarch64_ob lob)) -> (forall e f, ~ sem h aarch64_atomic e f) -> armv8_consistent h (lob_of lob).
  Proof.
    intros Well Internal External Atomic; constructor; [| |exact (sem_atomic h width Well Atomic)].
    - revert Internal; apply acyclic_less; intros e f [Po|[[Fr|Co]|Rf]]; unfold aarch64_internal; cbn [sem].
      + left; left; left; now apply sem_po_loc.
      + left; left; right; now apply sem_fr.
      + left; right; now apply (sem_co h width Well).
      + right; now apply (sem_rf h width Well).
    - intros e Is; apply (External e); revert Is; unfold ob; generalize e at 1 3 as d; intros d Is.
      induction Is as [d f [[(Rf & Out)|[(Fr & Out)|(Co & Out)]]|Lob]|d f k _ IH _ IH']; [| | | |econstructor 2; eauto].
      + constructor 1; left; left; left; apply (sem_ext h); [now apply (sem_rf h width Well)|exact Out].
      + constructor 1; left; left; right; apply (sem_ext h); [now apply sem_fr|exact Out].
      + constructor 1; left; right; apply (sem_ext h); [now apply (sem_co h width Well)|exact Out].
      + induction Lob as [d f Is|d f k _ IH _ IH']; [constructor 1; right; exact Is|econstructor 2; eauto].
  Qed.
End Full.
