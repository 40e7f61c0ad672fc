(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * A small table, on which examples and refutations stand

    Four families, two of them with an index; its text is what the theorems say of
    it ([locks_text "" sample]).  It does not change when the shipped table does. *)
From Coq Require Import ZArith List String.
From hlock.layers.table Require Import table.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.

Definition core_family : family :=
  {| name := "core"; first := 0; count := 1; rank := 3; index := None; protects := "a word" |}.
Definition s2page_family : family :=
  {| name := "s2page"; first := 1; count := 1; rank := 4; index := None; protects := "a word" |}.
Definition pt_family : family :=
  {| name := "pt"; first := 4; count := 17; rank := 5; index := Some "vmid"; protects := "a word" |}.
Definition vm_family : family :=
  {| name := "vm"; first := 21; count := 17; rank := 2; index := Some "vmid"; protects := "a word" |}.

Definition sample : table := [core_family; s2page_family; pt_family; vm_family].

Example sample_accepted : table_ok sample = true.
Proof. reflexivity. Qed.
