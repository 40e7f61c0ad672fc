(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The same action, the same location: computed

    Definitions alone.  Read next: reading.v. *)
From Coq Require Import ZArith Bool.
From hlock.machine.relaxed Require Import model.

Definition id_eqb (x y : id) : bool := Nat.eqb (fst x) (fst y) && Nat.eqb (snd x) (snd y).
Definition location_eq_dec (m m' : location) : {m = m'} + {m <> m'}.
Proof. decide equality; apply Z.eq_dec. Defined.
(** Both are the same location. *)
Definition location_is (m m' : option location) : bool :=
  match m, m' with Some m, Some m' => if location_eq_dec m m' then true else false | _, _ => false end.
Definition some {A} (m : option A) : bool := match m with Some _ => true | None => false end.
