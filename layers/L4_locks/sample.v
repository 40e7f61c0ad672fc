(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * A small table, on which examples and refutations stand

    Four families, two of them with an index; its text is what the theorems say of
    it ([locks_text "" sample]).  It does not change when the shipped table does. *)
From Coq Require Import ZArith List String.
From hlock.layers.table Require Import table.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.

Definition family_core : family :=
  {| name := "core"; first := 0; count := 1; rank := 3; index := None; protects := "a word" |}.
Definition family_s2page : family :=
  {| name := "s2page"; first := 1; count := 1; rank := 4; index := None; protects := "a word" |}.
Definition family_pt : family :=
  {| name := "pt"; first := 4; count := 17; rank := 5; index := Some "vmid"; protects := "a word" |}.
Definition family_vm : family :=
  {| name := "vm"; first := 21; count := 17; rank := 2; index := Some "vmid"; protects := "a word" |}.

Definition sample : table := [family_core; family_s2page; family_pt; family_vm].

Example sample_accepted : table_ok sample = true.
Proof. reflexivity. Qed.
