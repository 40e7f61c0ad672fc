(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The model of x86

    The model is x86-TSO, under the names of x86tso.cat of the herd tools.  What a CPU keeps in order, its
    mfence | implied | po_ghb, is any relation that contains po_ghb ([contains_po_ghb]): all but a
    write before a later read.  So not even that a locked access is a barrier is needed (implied).
    Definitions alone.  Read next: x86.v, for the theorem; c11_model.v. *)
From Coq Require Import ZArith List Bool Relations.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events expression.
Import ListNotations.
Local Open Scope Z_scope.

(** Accesses and fences.  LOCK XADD is two events, and so is INC, which has no lock prefix: its load and
    its store are no read-modify-write. *)
Inductive x86 :=
| MOV_load | MOV_store
| LOCK_XADD_load | LOCK_XADD_store
| INC_load | INC_store
| MFENCE.

Definition x86_eq_dec (i j : x86) : {i = j} + {i <> j}.
Proof. decide equality. Defined.

#[export] Instance x86_accesses : accesses x86 := {
  is_read i := match i with MOV_load | LOCK_XADD_load | INC_load => true | _ => false end;
  is_write i := match i with MOV_store | LOCK_XADD_store | INC_store => true | _ => false end;
  is_rmw i j := match i, j with LOCK_XADD_load, LOCK_XADD_store => true | _, _ => false end
}.
(** Of A of x86tso.cat: the accesses of locked instructions. *)
Definition is_locked (i : x86) : bool := match i with LOCK_XADD_load | LOCK_XADD_store => true | _ => false end.

(** The instructions of arch/x86_64.h and of arch/c11.h. *)
Definition x86_lists : instruction_lists x86 := {|
  failed_tries := [];
  tickets := [[LOCK_XADD_load; LOCK_XADD_store]];
  polls := [[MOV_load]];
  loads_now := [[INC_load]; [MOV_load]];
  stores_now := [[INC_store]; [MOV_store]];
  reads := [[MOV_load]];
  writes := [[MOV_store]]
|}.

Section X86.
  Context {S : system} (h : execution S x86) (ppo : event -> event -> Prop).

  (** po_ghb = WW(po) | RM(po). *)
  Record contains_po_ghb : Prop := {
    ww_po : forall e f, W h e -> po e f -> W h f -> ppo e f;
    rm_po : forall e f, R h e -> po e f -> M h f -> ppo e f
  }.

  (** The relation of the axiom tso is ghb. *)
  Definition ghb (e f : event) : Prop := ppo e f \/ rfe h e f \/ fr h e f \/ co h e f.
  Record x86_consistent : Prop := {
    x86_uniproc : acyclic (fun e f => po_loc h e f \/ rmw h e f \/ rf h e f \/ fr h e f \/ co h e f);
    x86_tso : acyclic ghb;
    x86_atomic : atomic h
  }.
End X86.

(** ** The model in full: mfence | implied | po_ghb *)
Definition is_M (i : x86) : bool := is_read i || is_write i.
Definition is_mfence (i : x86) : bool := match i with MFENCE => true | _ => false end.
Definition x86_ppo : cat x86 := (
  (* po_ghb *) [is_write] ;; Po ;; [is_write] || [is_read] ;; Po ;; [is_M]
  (* implied *) || [is_write] ;; [is_locked] ;; Po ;; [is_read] || [is_write] ;; Po ;; [is_locked] ;; [is_read]
  (* mfence *) || Po ;; [is_mfence] ;; Po)%cat.

Definition full_ppo {S : system} (h : execution S x86) : event -> event -> Prop := sem h x86_ppo.
