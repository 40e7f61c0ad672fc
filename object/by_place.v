(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * A list by place

    The checker looks again and again for what it found at a place of the code, and for the instruction there.  Here
    both are found by the number of the place, and the instruction is looked up once.  [found_at] says no more than the
    list and the code do (by_place_sound.v).  Read next: checker.v. *)
From Coq Require Import ZArith List FMapPositive.
From hlock.clight Require Import options.
Import ListNotations.

Definition place_key (z : Z) : positive :=
  match z with Z0 => xH | Zpos p => xO p | Zneg p => xI p end.

Section Places.
  Context {A B : Type} (C : Z -> B) (place : A -> Z).

  (** For some places, what [C] has there and which of the list are there. *)
  Definition place_map : Type := PositiveMap.t (B * list A).
  Definition found_at (m : place_map) (z : Z) : B * list A :=
    match PositiveMap.find (place_key z) m with Some here => here | None => (C z, []) end.
  Definition with_found (a : A) (m : place_map) : place_map :=
    let here := found_at m (place a) in
    PositiveMap.add (place_key (place a)) (fst here, a :: snd here) m.
  Definition by_place (xs : list A) : place_map := fold_right with_found (PositiveMap.empty _) xs.
End Places.
