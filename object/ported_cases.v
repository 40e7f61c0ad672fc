(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Bytes of riscv64 and x86_64: right ones, CPUs that contend, and wrong ones

    As cases.v and relaxed_cases.v, of two objects more of samples.v.  Two CPUs contend for one lock, on consistent
    memory ([contended_amo], [contended_xadd]) and by the models of RISC-V and of x86 in full ([contended_on_riscv],
    [contended_on_x86]).  Wrong code is refused, and of pieces of it what main/bytes.v says is false. *)
From Coq Require Import ZArith String List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.table Require Import table.
From hlock.layers.view Require Import spec.
From hlock.machine.model Require Import machine.
From hlock.machine.hardware Require Import events riscv_model riscv x86_model x86.
From hlock.machine.cases Require Import examples riscv_cases x86_cases.
From hlock.layers.L4_locks Require Import spec text sample examples.
From hlock.object Require Import micro file target riscv_decode x86_decode checker machine objects targets
  steps samples cases computed.
Import ListNotations.
Local Open Scope Z_scope.

(** ** Right code, and CPUs that contend *)

Example amo_right : object_ok riscv64 "" sample amo = true.
Proof. by_kernel. Qed.
Example xadd_right : object_ok x86_64 "" sample xadd = true.
Proof. by_kernel. Qed.
Example amo_placed : placed (object_library riscv64 "" amo) here.
Proof. repeat split; vm_compute; discriminate. Qed.
Example xadd_placed : placed (object_library x86_64 "" xadd) here.
Proof. repeat split; vm_compute; discriminate. Qed.

(** CPU 0 acquires and reads; CPU 1 takes its ticket and polls in vain; then CPU 0 does the rest, and CPU 1 all. *)
Definition seen_in_turns : list (cpu * string) * Z :=
  ([(1, "return"); (1, "release"); (1, "write"); (1, "read"); (1, "write"); (1, "read"); (1, "return");
    (0, "return"); (0, "release"); (0, "write"); (0, "read"); (0, "write"); (1, "acquire"); (0, "read");
    (0, "return"); (0, "acquire")]%nat%string, 2).
Example contended_amo : exists tr x, byte_execution (object_library riscv64 "" amo) here both tr x /\
  in_short tr x = seen_in_turns.
Proof.
  refine (computed_bytes _ here both in_short (moves 23 0 ++ moves 30 1 ++ moves 22 0 ++ moves 31 1) _ _).
  by_kernel.
Qed.
Example contended_xadd : exists tr x, byte_execution (object_library x86_64 "" xadd) here both tr x /\
  in_short tr x = seen_in_turns.
Proof.
  refine (computed_bytes _ here both in_short (moves 25 0 ++ moves 30 1 ++ moves 16 0 ++ moves 29 1) _ _).
  by_kernel.
Qed.

(** ** Wrong code *)
Local Notation refused_amo at_ bs f o := (lock_function_ok riscv64 "" sample (with_bytes at_ bs amo) f o = false).
Local Notation refused_xadd at_ bs f o := (lock_function_ok x86_64 "" sample (with_bytes at_ bs xadd) f o = false).

(** Of RISC-V.  AMOADD.W without .AQ, without .RL, without both; a poll whose fence is NOP, or FENCE R,W; a store
    whose fence is NOP, or comes after it. *)
Example amo_orders :
  refused_amo 0xa [0xaf; 0x25; 0xb5; 0x02] core_family Acquire /\
  refused_amo 0xa [0xaf; 0x25; 0xb5; 0x04] core_family Acquire /\
  refused_amo 0xa [0xaf; 0x25; 0xb5; 0x00] core_family Acquire /\
  refused_amo 0x10 [0x13; 0; 0; 0] core_family Acquire /\ refused_amo 0x10 [0x0f; 0; 0x10; 0x02] core_family Acquire /\
  refused_amo 0x4c [0x13; 0; 0; 0] core_family Release /\
  refused_amo 0x4c [0x4c; 0xc1; 0x0f; 0; 0x10; 0x03] core_family Release.
Proof. repeat split; by_kernel. Qed.
(** A poll at an offset of 8; a stride of 32; the comparison is of ticket and ticket; turned; the release is done
    twice; s1 is changed. *)
Example amo_wrong :
  refused_amo 0xe [0x10; 0x45] core_family Acquire /\ refused_amo 0x204 [0x6d; 0x81] pt_family Acquire /\
  refused_amo 0x14 [0x63; 0x89; 0xb5; 0] core_family Acquire /\
  refused_amo 0x14 [0x63; 0x19; 0xb6; 0] core_family Acquire /\
  refused_amo 0x52 [0x4c; 0x41; 0x85; 0x25; 0x0f; 0; 0x10; 0x03; 0x4c; 0xc1; 0x82; 0x80] core_family Release /\
  refused_amo 0x4a [0x85; 0x24] core_family Release.
Proof. repeat split; by_kernel. Qed.

(** Of x86.  XADD without LOCK; a poll at an offset of 8; a stride of 32; no comparison; turned; DEC for INC; the
    release is done twice; RBX is changed. *)
Example xadd_wrong :
  refused_xadd 0x5 [0x90] core_family Acquire /\ refused_xadd 0x21c [8] pt_family Acquire /\
  refused_xadd 0x20d [5] pt_family Acquire /\ refused_xadd 0x15 [0x90; 0x90] core_family Acquire /\
  refused_xadd 0x15 [0x74] core_family Acquire /\ refused_xadd 0x41 [0x0d] core_family Release /\
  refused_xadd 0x252 [0xff; 0x44; 0x02; 0x04; 0xc3] pt_family Release /\
  refused_xadd 0x249 [0x89; 0xc3; 0x90; 0x90] pt_family Release.
Proof. repeat split; by_kernel. Qed.

(** These are run, too: CPU 1 polls twice at most, `if` for `while`, and comes in while CPU 0 is inside. *)
Definition amo_if : object_file riscv_relocation := with_bytes 0x22c [0x13; 0; 0; 0] amo.
Theorem amo_if_refuted : ~ included riscv64 amo_if.
Proof.
  apply (not_included riscv64 _ (moves 22 0 ++ moves 32 1)); [apply patched_placed, amo_placed|by_kernel].
Qed.
Definition xadd_if : object_file x86_relocation := with_bytes 0x229 [0x90; 0x90] xadd.
Theorem xadd_if_refuted : ~ included x86_64 xadd_if.
Proof.
  apply (not_included x86_64 _ (moves 24 0 ++ moves 32 1)); [apply patched_placed, xadd_placed|by_kernel].
Qed.

(** ** On relaxed memory *)
(** What the loads of both CPUs are answered; CPU 1 polls once more.  What each action is made of. *)
Definition answers_in_turns : list (list Z) := [[0; 0; 0; 0; 0]; [1; 0; 1; 1; 2; 1]].
Definition made_in_turns {I} (ticket poll read write load store : list I) : list (list (list I)) :=
  [[ticket; poll; read; write; read; write; load; store];
   [ticket; poll; poll; read; write; read; write; load; store]].

Local Notation riscv_check := (model_check [riscv_coherence_of; riscv_model_of] riscv_atomic_of).
Example contended_on_riscv : contends_on riscv64 riscv_axioms amo.
Proof.
  apply (contended_by riscv64 _ _ _ riscv_given _ _ answers_in_turns
    (made_in_turns aqrl [LW; FENCE_R_RW] [LW] [SW] [LW] [FENCE_RW_W; SW]));
    [by_kernel|split; by_kernel..].
Qed.
Example contended_on_x86 : contends_on x86_64 x86_axioms xadd.
Proof.
  apply (contended_by x86_64 _ _ _ x86_given _ _ answers_in_turns
    (made_in_turns [LOCK_XADD_load; LOCK_XADD_store] [MOV_load] [MOV_load] [MOV_store] [INC_load] [INC_store]));
    [by_kernel|split; by_kernel..].
Qed.

(** *** Wrong bytes *)
(** [right_on] of computed.v, by the models of RISC-V and of x86. *)
Definition right_on_riscv : object_file riscv_relocation -> Prop := right_on riscv64 riscv_axioms.
Definition right_on_x86 : object_file x86_relocation -> Prop := right_on x86_64 x86_axioms.

(** CPU 0 writes and releases; CPU 1 takes ticket 1, enters, and reads what was there before. *)
Definition race_in_turns : list (list Z) := [[0; 0; 0]; [1; 1; 0]].
Local Ltac races poll store :=
  apply (race_refutes riscv64 _ _ _ riscv_given _ _ race_in_turns
    [[aqrl; poll; [SW]; [LW]; store]; [aqrl; poll; [LW]]]);
  [apply patched_placed, amo_placed|by_kernel|split; by_kernel..].
(** A poll without its fence; a release without its fence. *)
Definition poll_without : object_file riscv_relocation := with_bytes 0x10 [0x13; 0; 0; 0] amo.
Theorem poll_without_refuted : ~ right_on_riscv poll_without.
Proof. races [LW] [FENCE_RW_W; SW]. Qed.
Definition release_without : object_file riscv_relocation := with_bytes 0x4c [0x13; 0; 0; 0] amo.
Theorem release_without_refuted : ~ right_on_riscv release_without.
Proof. races [LW; FENCE_R_RW] [SW]. Qed.

(** On x86 no load and no store is too weak, and a ticket that is not one step is no action here.  An acquire that does
    not compare is in while another CPU is. *)
Definition no_comparison : object_file x86_relocation := with_bytes 0x15 [0x90; 0x90] xadd.
Theorem no_comparison_refuted : ~ right_on_x86 no_comparison.
Proof.
  apply (barge_refutes x86_64 _ _ _ x86_given _ _ [[0; 0]; [1; 0]]
    [[[LOCK_XADD_load; LOCK_XADD_store]; [MOV_load]]; [[LOCK_XADD_load; LOCK_XADD_store]; [MOV_load]]]);
    [apply patched_placed, xadd_placed|by_kernel|split; by_kernel..|].
  intros [|[|c]] Cpu; [by_kernel..|lia].
Qed.
