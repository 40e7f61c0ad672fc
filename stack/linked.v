(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The linked C of all floors, as a text

    What is run, on the stack and on the machine.  Nothing is proved here.
    Read next: stack.v. *)
From Coq Require Import ZArith List String.
From hlock.clight Require Import options integers values syntax link.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import text.
From hlock.generated Require L1_ticket L3_atomic.
Import ListNotations.

(** The C of floors 1, 3 and 4, linked. *)
Definition stack (prefix : string) (T : table) : program := {|
  functions := link [L1_ticket.global_definitions; L3_atomic.global_definitions; locks_text prefix T];
  prefix_of := prefix
|}.

(** The argument list with which C passes index [i] of family [f]. *)
Definition arguments (f : family) (i : Z) : list val :=
  match index f with None => [] | Some _ => [Vint (Int.repr i)] end.
