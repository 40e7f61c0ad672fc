(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 3: what the atomic lock shows of the queue

    Read next: refine.v. *)
From Coq Require Import ZArith.
From hlock.layers.view Require Import spec.
From hlock.layers.L2_queue Require Import spec.
From hlock.layers.L3_atomic Require Import spec.

Definition show (S : system) (c : cpu) (l : Z) (k : queue_verb) (g : log S queue_verb) (h : log S atomic_verb)
    : option atomic_verb :=
  match k with
  | Joined | Looked => None
  | Began => Some Entered
  | Ended => Some Left
  end.
