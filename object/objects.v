(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Objects that are right for a table

    [object_ok] is what is computed of an object of a target, [object_library] what the machine of bytes runs of it;
    of a debug build [debug_object_ok] and [debug_library].
    Nothing is proved here.  Read next: objects_sound.v, targets.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import text.
From hlock.object Require Import micro file target checker machine open.
Import ListNotations.
Local Open Scope Z_scope.

(** How many bytes lie between two locks.  The object says it by the size of its array. *)
Definition stride_of {R} (T : table) (O : object_file R) : Z := array_size O / table_size T.
(** Where the function of an operation of a family begins, if the object has it. *)
Definition entry_of {R} (prefix : string) (O : object_file R) (o : operation) (f : family) : option Z :=
  lookup (function_name prefix o f) (symbols O).

Section Objects.
  Context {I R : Type} (arch : target I R) (prefix : string).

  (** What the machine of bytes runs, of decoded code. *)
  Definition library_of (C : code I) (O : object_file R) : library I :=
    mkLibrary C (entry_of prefix O) (kept arch) (link arch) (stack_pointer arch) (array_size O).
  (** That function is there, and the checker accepts it. *)
  Definition function_of_code_ok (bounded : bool) (C : code I) (T : table) (O : object_file R) (f : family)
      (o : operation) : bool :=
    match entry_of prefix O o f with
    | None => false
    | Some entry => function_ok arch C (stride_of T O) o f bounded entry
    end.
  (** There are two words for each lock, at multiples of four; no relocation changes two
      instructions; and both functions of each family are right. *)
  Definition code_ok (bounded : bool) (C : code I) (T : table) (O : object_file R) : bool :=
    let sound := function_of_code_ok bounded C T O in
    (8 <=? stride_of T O) && (stride_of T O mod 4 =? 0) && apart arch O &&
    forallb (fun f => sound f Acquire && sound f Release) T.

  (** ** Of a release build *)
  Definition code_in (O : object_file R) : code I := losing_below (stack_pointer arch) (closed_code (code_of arch O)).
  Definition object_library (O : object_file R) : library I := library_of (code_in O) O.
  Definition lock_function_ok (T : table) (O : object_file R) : family -> operation -> bool :=
    function_of_code_ok true (code_in O) T O.
  Definition object_ok (T : table) (O : object_file R) : bool := code_ok true (code_in O) T O.

  (** ** Of a debug build, or another one that does more than lock *)
  Definition open_code (O : object_file R) : code I :=
    losing_below (stack_pointer arch) (stopping O (code_of arch O)).
  Definition debug_code (T : table) (O : object_file R) : code I :=
    marked (own_data arch (open_code O) T (stride_of T O) (entry_of prefix O)) (open_code O).
  Definition debug_library (T : table) (O : object_file R) : library I := library_of (debug_code T O) O.
  Definition debug_object_ok (T : table) (O : object_file R) : bool := code_ok false (debug_code T O) T O.
End Objects.
