(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The explorer's machine, extracted to OCaml

    Cases, steps and what is checked of a state are the functions of machine/; the
    theorems there say that they lose no execution and add none.  explore.ml keeps
    the set of visited states, walks, and prints. *)
From Coq Require Import ZArith List String.
From Coq Require Extraction ExtrOcamlBasic ExtrOcamlNativeString ExtrOcamlNatInt.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import text sample.
From hlock.machine.run Require Import explore explore_cases.

Definition find_family_in_table : Z -> option family := find_family sample.

Extraction "build/explore_spec/explore_spec.ml" right_cases wrong_cases locks_of
  case_start case_step case_halt case_violation case_finished
  find_family_in_table function_name count_in Z.to_nat.
