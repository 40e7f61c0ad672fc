(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The model of C11

    The model is RC11 (Lahav, Vafeiadis, Kang, Hur, Dreyer, "Repairing sequential consistency in
    C/C++11", PLDI 2017; rc11.cat of the herd tools): C11 with its axioms repaired, and with one more,
    that there are no values out of thin air.  An update is a read and a write.  Synchronizes-with,
    [sw], is any relation that contains the reads by an acquire of what a release wrote; so release
    sequences and fences may be in it, and are not needed.  Nor is the axiom on what is seq_cst.
    Accesses of objects are not atomic: they may race ([race]).
    Definitions alone.  Read next: c11.v, for the theorem. *)
From Coq Require Import ZArith List Bool Relations.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events expression.
Import ListNotations.
Local Open Scope Z_scope.

(** The memory order of an access; NA is not atomic. *)
Inductive memory_order := NA | RLX | ACQ | REL | ACQ_REL | SC.
Inductive c11 :=
| Load (o : memory_order) | Store (o : memory_order)
| Update_load (o : memory_order) | Update_store (o : memory_order).

#[export] Instance c11_accesses : accesses c11 := {
  is_read i := match i with Load _ | Update_load _ => true | _ => false end;
  is_write i := match i with Store _ | Update_store _ => true | _ => false end;
  is_rmw i j := match i, j with Update_load _, Update_store _ => true | _, _ => false end
}.
Definition order_of (i : c11) : memory_order :=
  match i with Load o | Store o | Update_load o | Update_store o => o end.
Definition at_least_acquire (o : memory_order) : bool := match o with ACQ | ACQ_REL | SC => true | _ => false end.
Definition at_least_release (o : memory_order) : bool := match o with REL | ACQ_REL | SC => true | _ => false end.
Definition is_atomic (o : memory_order) : bool := match o with NA => false | _ => true end.

(** The orders of arch/c11.h, which gives each primitive one. *)
Definition c11_lists : instruction_lists c11 := {|
  failed_tries := [];
  tickets := [[Update_load ACQ_REL; Update_store ACQ_REL]];
  polls := [[Load ACQ]];
  loads_now := [[Load RLX]];
  stores_now := [[Store REL]];
  reads := [[Load NA]];
  writes := [[Store NA]]
|}.

Section C11.
  Context {S : system} (h : execution S c11) (sw : event -> event -> Prop).
  (** Program order, of accesses: sequenced before. *)
  Definition sb (e f : event) : Prop := M h e /\ po e f /\ M h f.
  Local Notation mo := (co h).
  Local Notation rb := (fr h).

  Definition acquire (e : event) : Prop := exists i, is_a h i e /\ at_least_acquire (order_of i) = true.
  Definition release (e : event) : Prop := exists i, is_a h i e /\ at_least_release (order_of i) = true.

  (** [REL | ACQ_REL | SC]; rf; [ACQ | ACQ_REL | SC]. *)
  Definition contains_sw : Prop := forall e f, release e -> rf h e f -> acquire f -> sw e f.

  Definition happens_before : event -> event -> Prop := clos_trans event (fun e f => sb e f \/ sw e f).
  Definition extended_co : event -> event -> Prop := clos_trans event (fun e f => rf h e f \/ mo e f \/ rb e f).

  Record rc11_consistent : Prop := {
    rc11_coherence : forall e f, happens_before e f -> e <> f /\ ~ extended_co f e;
    rc11_atomicity : forall e f k, rmw h e f -> rb e k -> ~ mo k f;
    rc11_no_thin_air : acyclic (fun e f => sb e f \/ rf h e f)
  }.

  (** Two accesses of one location by two threads, of which one is a write and not both are atomic, and
      neither happens before the other. *)
  Definition race (e f : event) : Prop :=
    same_location h e f /\ external e f /\ (W h e \/ W h f) /\
    ~ (exists i j, is_a h i e /\ is_a h j f /\ is_atomic (order_of i) = true /\ is_atomic (order_of j) = true) /\
    ~ happens_before e f /\ ~ happens_before f e.
End C11.

(** ** Synchronizes-with in full

    As rc11.cat has it: a release sequence is later writes of its thread to that location, and updates;
    here up to two of these in a row.  There are no fences in the lists. *)
Definition is_release (i : c11) : bool := at_least_release (order_of i).
Definition is_acquire (i : c11) : bool := at_least_acquire (order_of i).
Definition atomic_write (i : c11) : bool := is_write i && is_atomic (order_of i).
Definition acquire_read (i : c11) : bool := is_read i && is_acquire i.
Definition c11_rs_rf : cat c11 := (
  [is_write] ;; Rf || [is_write] ;; (Po && Loc) ;; [atomic_write] ;; Rf ||
  [is_write] ;; Rf ;; Rmw ;; Rf || [is_write] ;; (Po && Loc) ;; [atomic_write] ;; Rf ;; Rmw ;; Rf ||
  [is_write] ;; Rf ;; Rmw ;; Rf ;; Rmw ;; Rf)%cat.
Definition c11_sw : cat c11 := ([is_release] ;; c11_rs_rf ;; [acquire_read])%cat.
Definition full_sw {S : system} (h : execution S c11) : event -> event -> Prop := sem h c11_sw.
