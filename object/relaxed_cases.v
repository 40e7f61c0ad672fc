(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Bytes on Armv8: two CPUs that contend, and wrong bytes

    What each CPU does is computed (computed.v).  Two CPUs contend for one lock by the model
    of Armv8 in full ([contended_on_armv8]).  Of wrong bytes what main/bytes.v says is false: of polls
    by LDXR, and of a release whose store is STR.  The checker refuses both.  Read next: ported_cases.v. *)
From Coq Require Import ZArith String List Bool.
From hlock.clight Require Import options.
From hlock.machine.hardware Require Import events armv8_model armv8.
From hlock.machine.cases Require Import examples armv8_cases.
From hlock.layers.L4_locks Require Import sample.
From hlock.object Require Import file armv8_decode objects targets samples cases computed.
Import ListNotations.
Local Open Scope Z_scope.

Local Notation armv8_check := (model_check [aarch64_internal; aarch64_ob aarch64_lob] aarch64_atomic).

(** CPU 0's first try of its ticket fails. *)
Definition contended_answers : list (list Z) := [[0; 0; 0; 1; 0; 0; 0; 0]; [1; 1; 0; 1; 1; 2; 1]].
Definition contended_made : list (list (list a64)) :=
  [[[LDAXR; LDAXR; STLXR]; [LDAXR]; [LDR]; [STR]; [LDR]; [STR]; [LDR]; [STLR]];
   [[LDAXR; STLXR]; [LDAXR]; [LDAXR]; [LDR]; [STR]; [LDR]; [STR]; [LDR]; [STLR]]].
Example contended_on_armv8 : contends_on aarch64 (fun _ h => armv8_consistent h (full_lob h)) llsc.
Proof.
  apply (contended_by aarch64 _ _ _ (armv8_given aarch64_lob) _ _ contended_answers contended_made);
    [by_kernel|split; by_kernel..].
Qed.

(** *** Wrong bytes *)
Definition right_on_armv8 : object_file armv8_relocation -> Prop :=
  right_on aarch64 (fun _ h => armv8_consistent h (full_lob h)).

Definition race_answers : list (list Z) := [[0; 1; 0; 0]; [1; 1; 1; 0]].
Definition race_made (poll store : a64) : list (list (list a64)) :=
  [[[LDAXR; STLXR]; [poll]; [STR]; [LDR]; [store]]; [[LDAXR; STLXR]; [poll]; [LDR]]].
Local Ltac races poll store :=
  apply (race_refutes aarch64 _ _ _ (armv8_given aarch64_lob) _ _ race_answers (race_made poll store));
  [apply patched_placed, llsc_placed|by_kernel|split; by_kernel..].

(** A poll by LDXR; a release whose store is STR. *)
Definition poll_by_LDXR : object_file armv8_relocation := patched 0x1c [0x885f7c00] llsc.
Theorem poll_by_LDXR_refuted : ~ right_on_armv8 poll_by_LDXR.
Proof. races LDXR STLR. Qed.
Definition release_by_STR : object_file armv8_relocation := patched 0x94 [0xb9000001] llsc.
Theorem release_by_STR_refuted : ~ right_on_armv8 release_by_STR.
Proof. races LDAXR STR. Qed.
(** The checker refuses both: [poll_no_acquire] and [release_no_release] in cases.v. *)
