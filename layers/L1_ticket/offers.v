(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 1: what floor 0 offers to C

    Read next: code.v. *)
From Coq Require Import ZArith List String.
From hlock.clight Require Import integers values syntax semantics.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope clight_scope.

Section Offers.
  Context (S : system) (width : Z).
  Local Notation data := (RData (words S width)).

  Definition returns (spec : Z -> data -> result (Z * data)) : prim data :=
    fun vs d v d' => exists n r, vs = [Vint n] /\ v = Vint (Int.repr r) /\
                                 spec (Int.unsigned n) d = Done (r, d').
  Definition returns_nothing (spec : Z -> data -> result data) : prim data :=
    takes_uint (fun l d d' => spec l d = Done d').
  Definition no_effect : prim data := fun vs d v d' => vs = [] /\ v = Vundef /\ d' = d.
  Definition never : prim data := fun _ _ _ _ => False.

  Definition words_layer : layer data := fun id =>
    if Pos.eqb id ($"incr_ticket") then Some (returns (incr_ticket_spec S width))
    else if Pos.eqb id ($"get_now") then Some (returns (get_now_spec S width))
    else if Pos.eqb id ($"incr_now") then Some (returns_nothing (incr_now_spec S width))
    else if Pos.eqb id ($"cpu_relax") then Some no_effect
    else if Pos.eqb id ($"hlock_stop") then Some never
    else None.
End Offers.
