(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The code of a debug build on the memory of Armv8

    As relaxed_cases.v: two CPUs contend by the model of Armv8 in full, on what a compiler made of a debug build; and of
    a release whose store is STR what main/debug_bytes.v says is false.  Among the answers are those to what is left
    open, 7 or 0, as in debug_cases.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options.
From hlock.layers.L4_locks Require Import text sample examples.
From hlock.machine.hardware Require Import events armv8_model armv8.
From hlock.machine.cases Require Import examples hardware armv8_cases.
From hlock.object Require Import micro file armv8_decode target machine open objects targets samples debug_samples steps
  cases computed ported_cases relaxed_cases debug_cases.
Import ListNotations.
Local Open Scope Z_scope.

Local Notation lib O := (debug_library aarch64 "" sample O).
Local Notation ticket := [LDADDAL_load; LDADDAL_store].

(** From the ticket on, with its answers, an acquire of the lock of VM 3's page table, and what comes after. *)
Definition debug_answers : list (list Z) :=
  [[0; 7; 0; 7; 7; 0] ++ [0; 0] ++ repeat 7 6 ++ [0; 0] ++ [0; 7; 0] ++ repeat 7 10 ++ [0];
   [0; 7; 0; 7; 7; 0] ++ [1; 0; 1] ++ repeat 7 6 ++ [1; 2] ++ [0; 7; 0] ++ repeat 7 10 ++ [1]].
Example contended_debug_on_armv8 : contends_by aarch64 (fun _ h => armv8_consistent h (full_lob h))
  (lib lse_debug) (stride_of sample lse_debug).
Proof.
  rewrite lse_debug_is; apply (contended_by aarch64 _ _ _ (armv8_given aarch64_lob) _ _ debug_answers
    (made_in_turns ticket [LDAXR] [LDR] [STR] [LDR] [STLR]));
    [by_kernel|split; by_kernel..].
Qed.

Definition debug_right_on_armv8 (O : object_file armv8_relocation) : Prop :=
  right_by aarch64 (fun _ h => armv8_consistent h (full_lob h)) (lib O) (stride_of sample O).
(** It is the release of the lock "core"; the checker refuses such code (test/debug_object.bats). *)
Definition debug_release_by_STR : object_file armv8_relocation := patched 0x288 [0xb9000109] lse_debug.
Definition by_STR_marks : list place := Eval vm_compute in
  own_data aarch64 (open_code aarch64 debug_release_by_STR) sample (stride_of sample debug_release_by_STR)
    (entry_of "" debug_release_by_STR).
Theorem debug_release_by_STR_refuted : ~ debug_right_on_armv8 debug_release_by_STR.
Proof.
  unfold debug_right_on_armv8; rewrite (marked_library_is debug_release_by_STR by_STR_marks) by by_kernel.
  apply (race_refutes aarch64 _ _ _ (armv8_given aarch64_lob) _ _
    [[7; 0; 7; 7; 0] ++ [0; 0] ++ repeat 7 6 ++ [0] ++ repeat 7 3 ++ [0; 0] ++ repeat 7 5 ++ [0];
     [7; 0; 7; 7; 0] ++ [1; 1] ++ repeat 7 5 ++ [0]]
    [[ticket; [LDAXR]; [STR]; [LDR]; [STR]]; [ticket; [LDAXR]; [LDR]]]);
    [now apply debug_placed|by_kernel|split; by_kernel..].
Qed.
