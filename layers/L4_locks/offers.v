(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 4: what floor 3 offers to C, and what is asked of a function

    Read next: code.v. *)
From Coq Require Import ZArith List String.
From hlock.clight Require Import values syntax semantics.
From hlock.layers.table Require Import table.
From hlock.layers.view Require Import spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.L4_locks Require Import spec text.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.

Section Offers.
  Context (S : system).

  (** C functions of no argument, and of one unsigned argument. *)
  Definition prim0 (spec : RData (atomic S) -> result (RData (atomic S))) : prim (RData (atomic S)) :=
    fun vs d v d' => vs = [] /\ v = Vundef /\ spec d = Done d'.
  Definition prim1 (spec : Z -> RData (atomic S) -> result (RData (atomic S))) : prim (RData (atomic S)) :=
    takes_uint (fun l d d' => spec l d = Done d').

  (** The debug stop may do anything, [stop]. *)
  Definition stopping_layer (stop : prim (RData (atomic S))) : layer (RData (atomic S)) := fun id =>
    if Pos.eqb id ($"wait_hlock") then Some (prim1 (wait_hlock_spec S))
    else if Pos.eqb id ($"pass_hlock") then Some (prim1 (pass_hlock_spec S))
    else if Pos.eqb id ($"hlock_stop") then Some stop
    else None.

  (** [hlock_stop] never returns: it has no run. *)
  Definition never : prim (RData (atomic S)) := fun _ _ _ _ => False.
  Definition atomic_layer : layer (RData (atomic S)) := stopping_layer never.

End Offers.

Definition locks_genv (M : module) (S : system) : genv (RData (atomic S)) := mkgenv M (atomic_layer S).

Definition low_spec {S : system} (o : operation) (f : family) (i : Z) (d : RData (atomic S)) :
    result (RData (atomic S)) :=
  match o with Acquire => acquire_low f i d | Release => release_low f i d end.

(** The specification as C calls it: with an index, or without. *)
Definition low_prim {S : system} (o : operation) (f : family) : prim (RData (atomic S)) :=
  match index f with
  | None => prim0 S (low_spec o f 0)
  | Some _ => prim1 S (low_spec o f)
  end.
