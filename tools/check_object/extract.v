(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The checker of object code, extracted to OCaml

    Verdicts are the function of object/verdict.v, where it is proved that an object all of
    whose functions are proved is one that the theorems of main/bytes.v speak of.
    check_object.ml reads the file, and prints.  Tests compare [decode], the other decoders and [eval] with
    what LLVM says, and [asks] and [accesses] with what a CPU does. *)
From Coq Require Import ZArith List String.
From Coq Require Extraction ExtrOcamlBasic ExtrOcamlNativeString.
From hlock.layers.table Require Import table fast.
From hlock.layers.L4_locks Require Import text.
From hlock.generated Require Import lock_table.
From hlock.object Require Import micro armv8_decode riscv_decode x86_decode checker machine target targets objects steps
  verdict.

Definition shipped_table : table := lock_table.
Definition accepted_table : table -> bool := table_ok_fast.
Definition name_of_function : string -> operation -> family -> string := function_name.
Definition decode := armv8_decode.

Extraction "build/check_object_spec/check_object_spec.ml"
  shipped_table accepted_table name_of_function aarch64 riscv64 x86_64 code_in open_code debug_code target.kept
  target.link target.apart entry_of layout_ok function_verdict points stride_of decode riscv_decode.riscv_decode
  armv8_code riscv_code x86_code eval asks accesses frame_stored text_at
  called_from signed_link.
