(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Objects of aarch64 that are right for a table

    [object_ok] is what is computed of an object, [armv8_library] what the machine of bytes runs of it.
    Nothing is proved here.  Read next: armv8_sound.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import text.
From hlock.object Require Import micro armv8_decode checker machine.
Import ListNotations.
Local Open Scope Z_scope.

(** How many bytes lie between two locks.  The object says it by the size of its array. *)
Definition stride_of (T : table) (O : object_file) : Z := array_size O / table_size T.
Definition entry_of (prefix : string) (O : object_file) (o : operation) (f : family) : option Z :=
  lookup (function_name prefix o f) (symbols O).

(** What the machine of bytes runs. *)
Definition armv8_library (prefix : string) (O : object_file) : library :=
  mkLibrary (instruction_at O) (entry_of prefix O) kept_registers return_register (array_size O).

Definition function_of_code_ok (C : code) (prefix : string) (T : table) (O : object_file) (f : family)
    (o : operation) : bool :=
  match entry_of prefix O o f with
  | None => false
  | Some entry => function_ok C kept_registers return_register (stride_of T O) o f entry
  end.
Definition lock_function_ok (prefix : string) (T : table) (O : object_file) : family -> operation -> bool :=
  function_of_code_ok (instruction_at O) prefix T O.

(** There are two words for each lock, at multiples of four; no relocation changes two
    instructions; and both functions of each family are right. *)
Definition object_ok (prefix : string) (T : table) (O : object_file) : bool :=
  let sound := lock_function_ok prefix T O in
  (8 <=? stride_of T O) && (stride_of T O mod 4 =? 0) && relocations_apart O &&
  forallb (fun f => sound f Acquire && sound f Release) T.
