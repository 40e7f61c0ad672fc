(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 1: what tickets show of the words

    Read next: refine.v. *)
From Coq Require Import ZArith.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L1_ticket Require Import spec.

Definition show (S : system) (c : cpu) (l : Z) (k : words_verb) (g : log S words_verb) (h : log S ticket_verb)
    : option ticket_verb :=
  match k with
  | Took _ => Some (Drew (taken S l h))
  | Polled _ => Some (Saw (served S l h))
  | Loaded _ => None
  | Stored _ => Some Bumped
  end.
