(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 2: what the queue shows of the tickets

    Read next: refine.v. *)
From Coq Require Import ZArith.
From hlock.layers.view Require Import spec.
From hlock.layers.L1_ticket Require Import spec.
From hlock.layers.L2_queue Require Import spec.

Definition show (S : system) (c : cpu) (l : Z) (k : ticket_verb) (g : log S ticket_verb) (h : log S queue_verb)
    : option queue_verb :=
  match k with
  | Drew _ => Some Joined
  | Saw n => if success S c l n g then Some Began else Some Looked
  | Bumped => Some Ended
  end.
