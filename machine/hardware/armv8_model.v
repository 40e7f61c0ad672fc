(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The model of Armv8

    The names are those of aarch64.cat of the herd tools (Deacon, Alglave and others; the model of
    the Arm architecture reference manual, B2.3).  All observers are in one shareability domain.
    The order that a CPU keeps, [lob] (its union of dob, aob, bob and whatever an edition of the
    model adds), is any relation that contains three lines of it ([contains]): these are what the lock
    needs.  Definitions alone.  Read next: armv8.v, for the theorem; riscv_model.v, for another machine. *)
From Coq Require Import ZArith List Bool Relations.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events expression.
Import ListNotations.
Local Open Scope Z_scope.

(** Accesses and fences.  LDADD is two events: its suffixes A and L are its two arguments. *)
Inductive a64 :=
| LDR | LDAR | LDAPR | STR | STLR
| LDXR | LDAXR | STXR | STLXR
| LDADD_load (acquire release : bool) | LDADD_store (acquire release : bool)
| DMB_ISH | DMB_ISHLD | DMB_ISHST.
Definition a64_eq_dec (i j : a64) : {i = j} + {i <> j}.
Proof. decide equality; apply bool_dec. Defined.
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

Section Full.
  Context {S : system} (h : execution S a64).
  Definition lob_of (lob : cat a64) : event -> event -> Prop := clos_trans event (sem h lob).
  Definition full_lob : event -> event -> Prop := lob_of aarch64_lob.
End Full.
