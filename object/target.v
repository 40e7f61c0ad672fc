(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * A target

    What the checker and the theorems need to know of an architecture.  Its type [I] has the events of its
    memory model (machine/hardware), [R] the relocations that it knows.  Read next: checker.v, targets.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options.
From hlock.machine.hardware Require Import events.
From hlock.object Require Import micro file.

(** What a target says of itself: its memory model, how its objects decode, and what a call keeps. *)
Record target (I R : Type) := mkTarget {
  lists : instruction_lists I;                    (* what an access of the C may be made of *)
  same_event : forall i j : I, {i = j} + {i <> j};
  too_weak : list I -> bool;                      (* for a verdict: these orders are known not to be enough *)
  code_of : object_file R -> code I;
  apart : object_file R -> bool;                  (* no relocation changes two instructions *)
  kept : list nat;                                (* registers that a call leaves as they are *)
  link : nat;                                     (* the one that has the address to return to *)
  stack_pointer : nat;                            (* one of those that are kept *)
  (* They are two registers of the CPU, which are not that of the index. *)
  registers_apart : (0 < link < 32)%nat /\ (0 < stack_pointer < 32)%nat /\ link <> stack_pointer
}.
Arguments mkTarget {I R} _ _ _ _ _ _ _ _ _.
Arguments lists {I R} _.
Arguments same_event {I R} _ _ _.
Arguments too_weak {I R} _ _.
Arguments code_of {I R} _ _.
Arguments apart {I R} _ _.
Arguments kept {I R} _.
Arguments link {I R} _.
Arguments stack_pointer {I R} _.
Arguments registers_apart {I R} _.
