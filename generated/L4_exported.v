(* hlock emit exported layers/L4_locks/lock_table.def generated/L4_exported.v. Never edited.
   The exported C of the lock table, release and debug, is the text of which the
   theorems speak (layers/L4_locks/text.v): one equation a function, then all. *)
From Coq Require Import String.
From hlock.layers.table Require Import table fast.
From hlock.layers.L4_locks Require Import text checks_text record.
From hlock.generated Require Import lock_table L4_locks.
From hlock.generated Require L4_locks_debug L4_locks_checked.
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
Lemma checked_acquire_lock_core_exported :
  L4_locks_checked.f_acquire_lock_core = checked_text Acquire family_core.
Proof. reflexivity. Qed.
Lemma checked_release_lock_core_exported :
  L4_locks_checked.f_release_lock_core = checked_text Release family_core.
Proof. reflexivity. Qed.
Lemma checked_assert_held_core_exported :
  L4_locks_checked.f_assert_held_core = assertion_text Held family_core.
Proof. reflexivity. Qed.
Lemma checked_assert_not_held_core_exported :
  L4_locks_checked.f_assert_not_held_core = assertion_text Not_held family_core.
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
Lemma checked_acquire_lock_s2page_exported :
  L4_locks_checked.f_acquire_lock_s2page = checked_text Acquire family_s2page.
Proof. reflexivity. Qed.
Lemma checked_release_lock_s2page_exported :
  L4_locks_checked.f_release_lock_s2page = checked_text Release family_s2page.
Proof. reflexivity. Qed.
Lemma checked_assert_held_s2page_exported :
  L4_locks_checked.f_assert_held_s2page = assertion_text Held family_s2page.
Proof. reflexivity. Qed.
Lemma checked_assert_not_held_s2page_exported :
  L4_locks_checked.f_assert_not_held_s2page = assertion_text Not_held family_s2page.
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
Lemma checked_acquire_lock_spt_exported :
  L4_locks_checked.f_acquire_lock_spt = checked_text Acquire family_spt.
Proof. reflexivity. Qed.
Lemma checked_release_lock_spt_exported :
  L4_locks_checked.f_release_lock_spt = checked_text Release family_spt.
Proof. reflexivity. Qed.
Lemma checked_assert_held_spt_exported :
  L4_locks_checked.f_assert_held_spt = assertion_text Held family_spt.
Proof. reflexivity. Qed.
Lemma checked_assert_not_held_spt_exported :
  L4_locks_checked.f_assert_not_held_spt = assertion_text Not_held family_spt.
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
Lemma checked_acquire_lock_smmu_exported :
  L4_locks_checked.f_acquire_lock_smmu = checked_text Acquire family_smmu.
Proof. reflexivity. Qed.
Lemma checked_release_lock_smmu_exported :
  L4_locks_checked.f_release_lock_smmu = checked_text Release family_smmu.
Proof. reflexivity. Qed.
Lemma checked_assert_held_smmu_exported :
  L4_locks_checked.f_assert_held_smmu = assertion_text Held family_smmu.
Proof. reflexivity. Qed.
Lemma checked_assert_not_held_smmu_exported :
  L4_locks_checked.f_assert_not_held_smmu = assertion_text Not_held family_smmu.
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
Lemma checked_acquire_lock_pt_exported :
  L4_locks_checked.f_acquire_lock_pt = checked_text Acquire family_pt.
Proof. reflexivity. Qed.
Lemma checked_release_lock_pt_exported :
  L4_locks_checked.f_release_lock_pt = checked_text Release family_pt.
Proof. reflexivity. Qed.
Lemma checked_assert_held_pt_exported :
  L4_locks_checked.f_assert_held_pt = assertion_text Held family_pt.
Proof. reflexivity. Qed.
Lemma checked_assert_not_held_pt_exported :
  L4_locks_checked.f_assert_not_held_pt = assertion_text Not_held family_pt.
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
Lemma checked_acquire_lock_vm_exported :
  L4_locks_checked.f_acquire_lock_vm = checked_text Acquire family_vm.
Proof. reflexivity. Qed.
Lemma checked_release_lock_vm_exported :
  L4_locks_checked.f_release_lock_vm = checked_text Release family_vm.
Proof. reflexivity. Qed.
Lemma checked_assert_held_vm_exported :
  L4_locks_checked.f_assert_held_vm = assertion_text Held family_vm.
Proof. reflexivity. Qed.
Lemma checked_assert_not_held_vm_exported :
  L4_locks_checked.f_assert_not_held_vm = assertion_text Not_held family_vm.
Proof. reflexivity. Qed.

(* checks.h *)
Lemma checked_place_of_exported : L4_locks_checked.f_place_of = place_of_text.
Proof. reflexivity. Qed.
Lemma checked_comes_after_exported : L4_locks_checked.f_comes_after = comes_after_text.
Proof. reflexivity. Qed.
Lemma checked_may_acquire_exported : L4_locks_checked.f_may_acquire = may_acquire_text.
Proof. reflexivity. Qed.
Lemma checked_now_held_exported : L4_locks_checked.f_now_held = now_held_text.
Proof. reflexivity. Qed.
Lemma checked_must_hold_exported : L4_locks_checked.f_must_hold = must_hold_text.
Proof. reflexivity. Qed.
Lemma checked_drop_held_exported : L4_locks_checked.f_drop_held = drop_held_text.
Proof. reflexivity. Qed.
Lemma checked_must_lack_exported : L4_locks_checked.f_must_lack = must_lack_text.
Proof. reflexivity. Qed.
Lemma checked_must_be_free_exported : L4_locks_checked.f_must_be_free = must_be_free_text.
Proof. reflexivity. Qed.
Lemma checked_assert_none_held_exported :
  L4_locks_checked.f_assert_none_held = none_held_text.
Proof. reflexivity. Qed.

Theorem exported : global_definitions = locks_text "" lock_table.
Proof. reflexivity. Qed.
Theorem debug_exported : L4_locks_debug.global_definitions = locks_debug_text "" lock_table.
Proof. reflexivity. Qed.
Theorem checked_exported :
  L4_locks_checked.global_definitions = locks_checked_text "" lock_table.
Proof. reflexivity. Qed.

Theorem recordable_table : recordable lock_table = true.
Proof. vm_compute; reflexivity. Qed.
Theorem accepted : table_ok lock_table = true.
Proof. apply accepted_fast; vm_compute; reflexivity. Qed.
