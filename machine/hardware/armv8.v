(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Armv8

    The names are those of aarch64.cat of the herd tools (Deacon, Alglave and others; the model of
    the Arm architecture reference manual, B2.3).  All observers are in one shareability domain.
    The order that a CPU keeps, [lob] (its union of dob, aob, bob and whatever an edition of the
    model adds), is any relation that contains three lines of it ([contains]): these are what the lock
    needs.  Read next: riscv.v, for another machine; ../cases/armv8_cases.v, for wrong locks. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events halves machines lists cat.
Import ListNotations.
Local Open Scope Z_scope.

(** Accesses and fences.  LDADD is two events: its suffixes A and L are its two arguments. *)
Inductive a64 :=
| LDR | LDAR | LDAPR | STR | STLR
| LDXR | LDAXR | STXR | STLXR
| LDADD_load (acquire release : bool) | LDADD_store (acquire release : bool)
| DMB_ISH | DMB_ISHLD | DMB_ISHST.
Notation LDADDAL_load := (LDADD_load true true).
Notation LDADDAL_store := (LDADD_store true true).

#[export] Instance a64_accesses : accesses a64 := {
  is_read i := match i with LDR | LDAR | LDAPR | LDXR | LDAXR | LDADD_load _ _ => true | _ => false end;
  is_write i := match i with STR | STLR | STXR | STLXR | LDADD_store _ _ => true | _ => false end;
  is_rmw i j := match i, j with
                | (LDXR | LDAXR), (STXR | STLXR) => true
                | LDADD_load a l, LDADD_store a' l' => Bool.eqb a a' && Bool.eqb l l'
                | _, _ => false
                end
}.
(** Of A, Q and L of aarch64.cat: acquire, acquire by LDAPR, release. *)
Definition is_A (i : a64) : bool := match i with LDAR | LDAXR | LDADD_load true _ => true | _ => false end.
Definition is_Q (i : a64) : bool := match i with LDAPR => true | _ => false end.
Definition is_L (i : a64) : bool := match i with STLR | STLXR | LDADD_store _ true => true | _ => false end.

(** The instructions of arch/aarch64.h and of arch/c11.h: an exclusive pair that may be tried again,
    or LDADDAL; polls by LDAXR, by which a waiting CPU is woken, or by LDAR or LDAPR. *)
Definition armv8_lists : instruction_lists a64 := {|
  failed_tries := [LDAXR];
  tickets := [[LDAXR; STLXR]; [LDADDAL_load; LDADDAL_store]];
  polls := [[LDAXR]; [LDAR]; [LDAPR]];
  loads_now := [[LDR]];
  stores_now := [[STLR]];
  reads := [[LDR]];
  writes := [[STR]]
|}.

Section Armv8.
  Context {S : system} (h : execution S a64) (lob : event -> event -> Prop).

  Definition A (e : event) : Prop := exists i, is_a h i e /\ is_A i = true.
  Definition Q (e : event) : Prop := exists i, is_a h i e /\ is_Q i = true.
  Definition L (e : event) : Prop := exists i, is_a h i e /\ is_L i = true.

  (** Of bob: [A | Q]; po and po; [L].  Of aob: rmw. *)
  Record contains : Prop := {
    bob_acquire : forall e f, (A e \/ Q e) -> R h e -> po e f -> M h f -> lob e f;
    bob_release : forall e f, M h e -> po e f -> W h f -> L f -> lob e f;
    aob_rmw : forall e f, rmw h e f -> lob e f
  }.

  Definition ca (e f : event) : Prop := fr h e f \/ co h e f.
  Definition obs (e f : event) : Prop := rfe h e f \/ fre h e f \/ coe h e f.
  Definition ob : event -> event -> Prop := clos_trans event (fun e f => obs e f \/ lob e f).

  Record armv8_consistent : Prop := {
    armv8_internal : acyclic (fun e f => po_loc h e f \/ ca e f \/ rf h e f);
    armv8_external : forall e, ~ ob e e;
    armv8_atomic : atomic h
  }.
End Armv8.

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
  let h' := only h kept in
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

(** ** The model in full

    All that editions of aarch64.cat have in lob, on these accesses and fences, so that what is wrong is
    wrong on Arm: from 2018's to those that have lws, lrs and haz.  Where they differ the
    stronger is here.  No address depends on what was read. *)
Definition is_M (i : a64) : bool := is_read i || is_write i.
Definition is_LDADD (i : a64) : bool := match i with LDADD_load _ _ | LDADD_store _ _ => true | _ => false end.
Definition is_AQ (i : a64) : bool := is_A i || is_Q i.
Definition dmb_full (i : a64) : bool := match i with DMB_ISH => true | _ => false end.
Definition dmb_ld (i : a64) : bool := match i with DMB_ISHLD => true | _ => false end.
Definition dmb_st (i : a64) : bool := match i with DMB_ISHST => true | _ => false end.
Definition aarch64_lob : cat a64 := (
  (* lws *) [is_M] ;; (Po && Loc) ;; [is_write]
  (* dob *) || Data || Ctrl ;; [is_write] || (Ctrl || Data) ;; (Po && Co) || Data ;; (Po && Rf)
  (* aob *) || Rmw || Rmw ;; (Po && Loc) ;; [is_AQ]
  (* bob *) || Po ;; [dmb_full] ;; Po
            || [is_read] ;; Po ;; [dmb_ld] ;; Po
            || [is_write] ;; Po ;; [dmb_st] ;; Po ;; [is_write]
            || Po ;; ([is_A] ;; [is_LDADD] ;; Rmw ;; [is_L]) ;; Po || ([is_A] ;; [is_LDADD] ;; Rmw ;; [is_L]) ;; Po
            || [is_L] ;; Po ;; [is_A]
            || [is_AQ] ;; Po
            || Po ;; [is_L] || Po ;; [is_L] ;; (Po && Co)
  (* haz *) || [is_read] ;; (Po && Loc) ;; [is_read] ;; ((Fr || Co) && Ext) ;; [is_write])%cat.
Definition aarch64_internal : cat a64 := ((Po && Loc) || Fr || Co || Rf)%cat.
Definition aarch64_ob (lob : cat a64) : cat a64 := ((Rf && Ext) || (Fr && Ext) || (Co && Ext) || lob)%cat.
Definition aarch64_atomic : cat a64 := (Rmw && ((Fr && Ext) ;; (Co && Ext)))%cat.

Section Full.
  Context {S : system} (h : execution S a64).
  Definition lob_of (lob : cat a64) : event -> event -> Prop := clos_trans event (sem h lob).
  Definition full_lob : event -> event -> Prop := lob_of aarch64_lob.

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
