(* hlock emit exported layers/L4_locks/lock_table.def generated/L4_exported.v. Never edited.
   The exported C of the lock table, release and debug, is the text of which the
   theorems speak (layers/L4_locks/text.v): one equation a function, then all. *)
From Coq Require Import String.
From hlock.layers.table Require Import table fast.
From hlock.layers.L4_locks Require Import text.
From hlock.generated Require Import lock_table L4_locks.
From hlock.generated Require L4_locks_debug.
Local Open Scope string_scope.

(* layers/L4_locks/lock_table.def:14 *)
Lemma acquire_lock_core_exported :
  f_acquire_lock_core = function_text false Acquire family_core.
Proof. reflexivity. Qed.
Lemma release_lock_core_exported :
  f_release_lock_core = function_text false Release family_core.
Proof. reflexivity. Qed.
Lemma debug_acquire_lock_core_exported :
  L4_locks_debug.f_acquire_lock_core = function_text true Acquire family_core.
Proof. reflexivity. Qed.
Lemma debug_release_lock_core_exported :
  L4_locks_debug.f_release_lock_core = function_text true Release family_core.
Proof. reflexivity. Qed.

(* layers/L4_locks/lock_table.def:15 *)
Lemma acquire_lock_s2page_exported :
  f_acquire_lock_s2page = function_text false Acquire family_s2page.
Proof. reflexivity. Qed.
Lemma release_lock_s2page_exported :
  f_release_lock_s2page = function_text false Release family_s2page.
Proof. reflexivity. Qed.
Lemma debug_acquire_lock_s2page_exported :
  L4_locks_debug.f_acquire_lock_s2page = function_text true Acquire family_s2page.
Proof. reflexivity. Qed.
Lemma debug_release_lock_s2page_exported :
  L4_locks_debug.f_release_lock_s2page = function_text true Release family_s2page.
Proof. reflexivity. Qed.

(* layers/L4_locks/lock_table.def:16 *)
Lemma acquire_lock_spt_exported :
  f_acquire_lock_spt = function_text false Acquire family_spt.
Proof. reflexivity. Qed.
Lemma release_lock_spt_exported :
  f_release_lock_spt = function_text false Release family_spt.
Proof. reflexivity. Qed.
Lemma debug_acquire_lock_spt_exported :
  L4_locks_debug.f_acquire_lock_spt = function_text true Acquire family_spt.
Proof. reflexivity. Qed.
Lemma debug_release_lock_spt_exported :
  L4_locks_debug.f_release_lock_spt = function_text true Release family_spt.
Proof. reflexivity. Qed.

(* layers/L4_locks/lock_table.def:17 *)
Lemma acquire_lock_smmu_exported :
  f_acquire_lock_smmu = function_text false Acquire family_smmu.
Proof. reflexivity. Qed.
Lemma release_lock_smmu_exported :
  f_release_lock_smmu = function_text false Release family_smmu.
Proof. reflexivity. Qed.
Lemma debug_acquire_lock_smmu_exported :
  L4_locks_debug.f_acquire_lock_smmu = function_text true Acquire family_smmu.
Proof. reflexivity. Qed.
Lemma debug_release_lock_smmu_exported :
  L4_locks_debug.f_release_lock_smmu = function_text true Release family_smmu.
Proof. reflexivity. Qed.

(* layers/L4_locks/lock_table.def:20 *)
Lemma acquire_lock_pt_exported :
  f_acquire_lock_pt = function_text false Acquire family_pt.
Proof. reflexivity. Qed.
Lemma release_lock_pt_exported :
  f_release_lock_pt = function_text false Release family_pt.
Proof. reflexivity. Qed.
Lemma debug_acquire_lock_pt_exported :
  L4_locks_debug.f_acquire_lock_pt = function_text true Acquire family_pt.
Proof. reflexivity. Qed.
Lemma debug_release_lock_pt_exported :
  L4_locks_debug.f_release_lock_pt = function_text true Release family_pt.
Proof. reflexivity. Qed.

(* layers/L4_locks/lock_table.def:21 *)
Lemma acquire_lock_vm_exported :
  f_acquire_lock_vm = function_text false Acquire family_vm.
Proof. reflexivity. Qed.
Lemma release_lock_vm_exported :
  f_release_lock_vm = function_text false Release family_vm.
Proof. reflexivity. Qed.
Lemma debug_acquire_lock_vm_exported :
  L4_locks_debug.f_acquire_lock_vm = function_text true Acquire family_vm.
Proof. reflexivity. Qed.
Lemma debug_release_lock_vm_exported :
  L4_locks_debug.f_release_lock_vm = function_text true Release family_vm.
Proof. reflexivity. Qed.

Theorem exported : global_definitions = locks_text "" lock_table.
Proof. reflexivity. Qed.
Theorem debug_exported : L4_locks_debug.global_definitions = locks_debug_text "" lock_table.
Proof. reflexivity. Qed.

Theorem accepted : table_ok lock_table = true.
Proof. apply accepted_fast; vm_compute; reflexivity. Qed.
