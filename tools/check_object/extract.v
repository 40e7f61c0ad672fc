(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The checker of object code, extracted to OCaml

    Verdicts are the function of object/verdict.v, where it is proved that an object all of
    whose functions are proved is one that the theorems of main/bytes.v speak of.
    check_object.ml reads the file, and prints.  Tests compare [decode] and [eval] with what LLVM says, and
    [asks] and [accesses] with what a CPU does. *)
From Coq Require Import ZArith List String.
From Coq Require Extraction ExtrOcamlBasic ExtrOcamlNativeString.
From hlock.layers.table Require Import table fast.
From hlock.layers.L4_locks Require Import text.
From hlock.generated Require Import lock_table.
From hlock.object Require Import micro armv8_decode checker machine armv8 steps verdict.

Definition shipped_table : table := lock_table.
Definition accepted_table : table -> bool := table_ok_fast.
Definition name_of_function : string -> operation -> family -> string := function_name.
Definition code_of : object_file -> code := instruction_at.

Extraction "build/check_object_spec/check_object_spec.ml"
  shipped_table accepted_table name_of_function code_of entry_of layout_ok relocations_apart
  function_verdict points kept_registers return_register stride_of decode eval asks accesses.
