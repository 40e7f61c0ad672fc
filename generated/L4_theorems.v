(* hlock emit theorems layers/L4_locks/lock_table.def generated/L4_theorems.v. Never edited.
   For each function of the lock table: its specifications, low (floor 3
   composed) and high (what a client sees), and the corollaries of
   [locks_correct] (layers/L4_locks/code.v) that speak of it alone. *)
From Coq Require Import ZArith List.
From hlock.clight Require Import options integers values syntax semantics.
From hlock.layers.table Require Import table fast.
From hlock.layers.view Require Import spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.L4_locks Require Import spec text code each.
From hlock.generated Require Import lock_table L4_locks L4_exported.
Local Open Scope Z_scope.
Local Open Scope clight_scope.

(* The families by their places in the table, counted from 1: each is found in a
   number of steps that is the logarithm of their number. *)
Definition lines := Eval cbv [lines_of lines_from lock_table FMapPositive.PositiveMap.add
  FMapPositive.PositiveMap.empty Pos.succ] in lines_of lock_table.
Lemma lines_are : lines_of lock_table = lines.
Proof. vm_cast_no_check (@eq_refl _ lines). Qed.
Definition at_line (n : positive) {f} : FMapPositive.PositiveMap.find n lines = Some f -> In f lock_table :=
  line_member lock_table lines n f lines_are.

(* layers/L4_locks/lock_table.def:14 *)
Definition acquire_lock_core_spec_low {S : system} (d : RData (atomic S)) : result (RData (atomic S)) :=
  acquire_low family_core 0 d.
Definition acquire_lock_core_spec {S : system} (h : HData S) : result (HData S) :=
  acquire family_core 0 h.

Corollary acquire_lock_core_body_correct N O : let S := table_system lock_table N O in
  forall (mem : Type) (m : mem) (d d' : RData (atomic S)) env le,
    env = empty_env ->
    acquire_lock_core_spec_low d = Done d' ->
    exists le', exec_stmt (locks_genv global_definitions S) env le (m, d)
                  (fn_body f_acquire_lock_core) E0 le' (m, d') Out_normal.
Proof.
  exact (body_without_index exported accepted N O Acquire (at_line 1 eq_refl) eq_refl acquire_lock_core_exported).
Qed.

Corollary acquire_lock_core_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_acquire_lock_core ↦ prim0 S acquire_lock_core_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. exact (code_of exported accepted N O Acquire (at_line 1 eq_refl)). Qed.

Corollary acquire_lock_core_defined_iff N O : let S := table_system lock_table N O in
  forall (d : RData (atomic S)), invariant d ->
  (exists d', acquire_lock_core_spec_low d = Done d') <->
  env_legal d /\ holder S 0 (seen d) = None.
Proof. exact (acquire_one_defined accepted N O (at_line 1 eq_refl) eq_refl). Qed.

(* layers/L4_locks/lock_table.def:14 *)
Definition release_lock_core_spec_low {S : system} (d : RData (atomic S)) : result (RData (atomic S)) :=
  release_low family_core 0 d.
Definition release_lock_core_spec {S : system} (h : HData S) : result (HData S) :=
  release family_core 0 h.

Corollary release_lock_core_body_correct N O : let S := table_system lock_table N O in
  forall (mem : Type) (m : mem) (d d' : RData (atomic S)) env le,
    env = empty_env ->
    release_lock_core_spec_low d = Done d' ->
    exists le', exec_stmt (locks_genv global_definitions S) env le (m, d)
                  (fn_body f_release_lock_core) E0 le' (m, d') Out_normal.
Proof.
  exact (body_without_index exported accepted N O Release (at_line 1 eq_refl) eq_refl release_lock_core_exported).
Qed.

Corollary release_lock_core_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_release_lock_core ↦ prim0 S release_lock_core_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. exact (code_of exported accepted N O Release (at_line 1 eq_refl)). Qed.

Corollary release_lock_core_defined_iff N O : let S := table_system lock_table N O in
  forall (d : RData (atomic S)), invariant d ->
  (exists d', release_lock_core_spec_low d = Done d') <->
  env_legal d /\ holder S 0 (events d) = Some (me d).
Proof. exact (release_one_defined accepted N O (at_line 1 eq_refl) eq_refl). Qed.

(* layers/L4_locks/lock_table.def:15 *)
Definition acquire_lock_s2page_spec_low {S : system} (d : RData (atomic S)) : result (RData (atomic S)) :=
  acquire_low family_s2page 0 d.
Definition acquire_lock_s2page_spec {S : system} (h : HData S) : result (HData S) :=
  acquire family_s2page 0 h.

Corollary acquire_lock_s2page_body_correct N O : let S := table_system lock_table N O in
  forall (mem : Type) (m : mem) (d d' : RData (atomic S)) env le,
    env = empty_env ->
    acquire_lock_s2page_spec_low d = Done d' ->
    exists le', exec_stmt (locks_genv global_definitions S) env le (m, d)
                  (fn_body f_acquire_lock_s2page) E0 le' (m, d') Out_normal.
Proof.
  exact (body_without_index exported accepted N O Acquire (at_line 2 eq_refl) eq_refl acquire_lock_s2page_exported).
Qed.

Corollary acquire_lock_s2page_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_acquire_lock_s2page ↦ prim0 S acquire_lock_s2page_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. exact (code_of exported accepted N O Acquire (at_line 2 eq_refl)). Qed.

Corollary acquire_lock_s2page_defined_iff N O : let S := table_system lock_table N O in
  forall (d : RData (atomic S)), invariant d ->
  (exists d', acquire_lock_s2page_spec_low d = Done d') <->
  env_legal d /\ holder S 1 (seen d) = None.
Proof. exact (acquire_one_defined accepted N O (at_line 2 eq_refl) eq_refl). Qed.

(* layers/L4_locks/lock_table.def:15 *)
Definition release_lock_s2page_spec_low {S : system} (d : RData (atomic S)) : result (RData (atomic S)) :=
  release_low family_s2page 0 d.
Definition release_lock_s2page_spec {S : system} (h : HData S) : result (HData S) :=
  release family_s2page 0 h.

Corollary release_lock_s2page_body_correct N O : let S := table_system lock_table N O in
  forall (mem : Type) (m : mem) (d d' : RData (atomic S)) env le,
    env = empty_env ->
    release_lock_s2page_spec_low d = Done d' ->
    exists le', exec_stmt (locks_genv global_definitions S) env le (m, d)
                  (fn_body f_release_lock_s2page) E0 le' (m, d') Out_normal.
Proof.
  exact (body_without_index exported accepted N O Release (at_line 2 eq_refl) eq_refl release_lock_s2page_exported).
Qed.

Corollary release_lock_s2page_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_release_lock_s2page ↦ prim0 S release_lock_s2page_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. exact (code_of exported accepted N O Release (at_line 2 eq_refl)). Qed.

Corollary release_lock_s2page_defined_iff N O : let S := table_system lock_table N O in
  forall (d : RData (atomic S)), invariant d ->
  (exists d', release_lock_s2page_spec_low d = Done d') <->
  env_legal d /\ holder S 1 (events d) = Some (me d).
Proof. exact (release_one_defined accepted N O (at_line 2 eq_refl) eq_refl). Qed.

(* layers/L4_locks/lock_table.def:16 *)
Definition acquire_lock_spt_spec_low {S : system} (d : RData (atomic S)) : result (RData (atomic S)) :=
  acquire_low family_spt 0 d.
Definition acquire_lock_spt_spec {S : system} (h : HData S) : result (HData S) :=
  acquire family_spt 0 h.

Corollary acquire_lock_spt_body_correct N O : let S := table_system lock_table N O in
  forall (mem : Type) (m : mem) (d d' : RData (atomic S)) env le,
    env = empty_env ->
    acquire_lock_spt_spec_low d = Done d' ->
    exists le', exec_stmt (locks_genv global_definitions S) env le (m, d)
                  (fn_body f_acquire_lock_spt) E0 le' (m, d') Out_normal.
Proof.
  exact (body_without_index exported accepted N O Acquire (at_line 3 eq_refl) eq_refl acquire_lock_spt_exported).
Qed.

Corollary acquire_lock_spt_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_acquire_lock_spt ↦ prim0 S acquire_lock_spt_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. exact (code_of exported accepted N O Acquire (at_line 3 eq_refl)). Qed.

Corollary acquire_lock_spt_defined_iff N O : let S := table_system lock_table N O in
  forall (d : RData (atomic S)), invariant d ->
  (exists d', acquire_lock_spt_spec_low d = Done d') <->
  env_legal d /\ holder S 2 (seen d) = None.
Proof. exact (acquire_one_defined accepted N O (at_line 3 eq_refl) eq_refl). Qed.

(* layers/L4_locks/lock_table.def:16 *)
Definition release_lock_spt_spec_low {S : system} (d : RData (atomic S)) : result (RData (atomic S)) :=
  release_low family_spt 0 d.
Definition release_lock_spt_spec {S : system} (h : HData S) : result (HData S) :=
  release family_spt 0 h.

Corollary release_lock_spt_body_correct N O : let S := table_system lock_table N O in
  forall (mem : Type) (m : mem) (d d' : RData (atomic S)) env le,
    env = empty_env ->
    release_lock_spt_spec_low d = Done d' ->
    exists le', exec_stmt (locks_genv global_definitions S) env le (m, d)
                  (fn_body f_release_lock_spt) E0 le' (m, d') Out_normal.
Proof.
  exact (body_without_index exported accepted N O Release (at_line 3 eq_refl) eq_refl release_lock_spt_exported).
Qed.

Corollary release_lock_spt_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_release_lock_spt ↦ prim0 S release_lock_spt_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. exact (code_of exported accepted N O Release (at_line 3 eq_refl)). Qed.

Corollary release_lock_spt_defined_iff N O : let S := table_system lock_table N O in
  forall (d : RData (atomic S)), invariant d ->
  (exists d', release_lock_spt_spec_low d = Done d') <->
  env_legal d /\ holder S 2 (events d) = Some (me d).
Proof. exact (release_one_defined accepted N O (at_line 3 eq_refl) eq_refl). Qed.

(* layers/L4_locks/lock_table.def:17 *)
Definition acquire_lock_smmu_spec_low {S : system} (d : RData (atomic S)) : result (RData (atomic S)) :=
  acquire_low family_smmu 0 d.
Definition acquire_lock_smmu_spec {S : system} (h : HData S) : result (HData S) :=
  acquire family_smmu 0 h.

Corollary acquire_lock_smmu_body_correct N O : let S := table_system lock_table N O in
  forall (mem : Type) (m : mem) (d d' : RData (atomic S)) env le,
    env = empty_env ->
    acquire_lock_smmu_spec_low d = Done d' ->
    exists le', exec_stmt (locks_genv global_definitions S) env le (m, d)
                  (fn_body f_acquire_lock_smmu) E0 le' (m, d') Out_normal.
Proof.
  exact (body_without_index exported accepted N O Acquire (at_line 4 eq_refl) eq_refl acquire_lock_smmu_exported).
Qed.

Corollary acquire_lock_smmu_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_acquire_lock_smmu ↦ prim0 S acquire_lock_smmu_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. exact (code_of exported accepted N O Acquire (at_line 4 eq_refl)). Qed.

Corollary acquire_lock_smmu_defined_iff N O : let S := table_system lock_table N O in
  forall (d : RData (atomic S)), invariant d ->
  (exists d', acquire_lock_smmu_spec_low d = Done d') <->
  env_legal d /\ holder S 3 (seen d) = None.
Proof. exact (acquire_one_defined accepted N O (at_line 4 eq_refl) eq_refl). Qed.

(* layers/L4_locks/lock_table.def:17 *)
Definition release_lock_smmu_spec_low {S : system} (d : RData (atomic S)) : result (RData (atomic S)) :=
  release_low family_smmu 0 d.
Definition release_lock_smmu_spec {S : system} (h : HData S) : result (HData S) :=
  release family_smmu 0 h.

Corollary release_lock_smmu_body_correct N O : let S := table_system lock_table N O in
  forall (mem : Type) (m : mem) (d d' : RData (atomic S)) env le,
    env = empty_env ->
    release_lock_smmu_spec_low d = Done d' ->
    exists le', exec_stmt (locks_genv global_definitions S) env le (m, d)
                  (fn_body f_release_lock_smmu) E0 le' (m, d') Out_normal.
Proof.
  exact (body_without_index exported accepted N O Release (at_line 4 eq_refl) eq_refl release_lock_smmu_exported).
Qed.

Corollary release_lock_smmu_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_release_lock_smmu ↦ prim0 S release_lock_smmu_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. exact (code_of exported accepted N O Release (at_line 4 eq_refl)). Qed.

Corollary release_lock_smmu_defined_iff N O : let S := table_system lock_table N O in
  forall (d : RData (atomic S)), invariant d ->
  (exists d', release_lock_smmu_spec_low d = Done d') <->
  env_legal d /\ holder S 3 (events d) = Some (me d).
Proof. exact (release_one_defined accepted N O (at_line 4 eq_refl) eq_refl). Qed.

(* layers/L4_locks/lock_table.def:20 *)
Definition acquire_lock_pt_spec_low {S : system} (i : Z) (d : RData (atomic S)) : result (RData (atomic S)) :=
  acquire_low family_pt i d.
Definition acquire_lock_pt_spec {S : system} (i : Z) (h : HData S) : result (HData S) :=
  acquire family_pt i h.

Corollary acquire_lock_pt_body_correct N O : let S := table_system lock_table N O in
  forall (mem : Type) (m : mem) (d d' : RData (atomic S)) env le i,
    env = empty_env ->
    le ! _vmid = Some (Vint i) ->
    acquire_lock_pt_spec_low (Int.unsigned i) d = Done d' ->
    exists le', exec_stmt (locks_genv global_definitions S) env le (m, d)
                  (fn_body f_acquire_lock_pt) E0 le' (m, d') Out_normal.
Proof.
  exact (body_with_index exported accepted N O Acquire (at_line 5 eq_refl) eq_refl acquire_lock_pt_exported).
Qed.

Corollary acquire_lock_pt_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_acquire_lock_pt ↦ prim1 S acquire_lock_pt_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. exact (code_of exported accepted N O Acquire (at_line 5 eq_refl)). Qed.

Corollary acquire_lock_pt_defined_iff N O : let S := table_system lock_table N O in
  forall i (d : RData (atomic S)), invariant d ->
  (exists d', acquire_lock_pt_spec_low i d = Done d') <->
  0 <= i < 17 /\ env_legal d /\ holder S (4 + i) (seen d) = None.
Proof. exact (acquire_defined accepted N O (at_line 5 eq_refl)). Qed.

(* layers/L4_locks/lock_table.def:20 *)
Definition release_lock_pt_spec_low {S : system} (i : Z) (d : RData (atomic S)) : result (RData (atomic S)) :=
  release_low family_pt i d.
Definition release_lock_pt_spec {S : system} (i : Z) (h : HData S) : result (HData S) :=
  release family_pt i h.

Corollary release_lock_pt_body_correct N O : let S := table_system lock_table N O in
  forall (mem : Type) (m : mem) (d d' : RData (atomic S)) env le i,
    env = empty_env ->
    le ! _vmid = Some (Vint i) ->
    release_lock_pt_spec_low (Int.unsigned i) d = Done d' ->
    exists le', exec_stmt (locks_genv global_definitions S) env le (m, d)
                  (fn_body f_release_lock_pt) E0 le' (m, d') Out_normal.
Proof.
  exact (body_with_index exported accepted N O Release (at_line 5 eq_refl) eq_refl release_lock_pt_exported).
Qed.

Corollary release_lock_pt_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_release_lock_pt ↦ prim1 S release_lock_pt_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. exact (code_of exported accepted N O Release (at_line 5 eq_refl)). Qed.

Corollary release_lock_pt_defined_iff N O : let S := table_system lock_table N O in
  forall i (d : RData (atomic S)), invariant d ->
  (exists d', release_lock_pt_spec_low i d = Done d') <->
  0 <= i < 17 /\ env_legal d /\ holder S (4 + i) (events d) = Some (me d).
Proof. exact (release_defined accepted N O (at_line 5 eq_refl)). Qed.

(* layers/L4_locks/lock_table.def:21 *)
Definition acquire_lock_vm_spec_low {S : system} (i : Z) (d : RData (atomic S)) : result (RData (atomic S)) :=
  acquire_low family_vm i d.
Definition acquire_lock_vm_spec {S : system} (i : Z) (h : HData S) : result (HData S) :=
  acquire family_vm i h.

Corollary acquire_lock_vm_body_correct N O : let S := table_system lock_table N O in
  forall (mem : Type) (m : mem) (d d' : RData (atomic S)) env le i,
    env = empty_env ->
    le ! _vmid = Some (Vint i) ->
    acquire_lock_vm_spec_low (Int.unsigned i) d = Done d' ->
    exists le', exec_stmt (locks_genv global_definitions S) env le (m, d)
                  (fn_body f_acquire_lock_vm) E0 le' (m, d') Out_normal.
Proof.
  exact (body_with_index exported accepted N O Acquire (at_line 6 eq_refl) eq_refl acquire_lock_vm_exported).
Qed.

Corollary acquire_lock_vm_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_acquire_lock_vm ↦ prim1 S acquire_lock_vm_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. exact (code_of exported accepted N O Acquire (at_line 6 eq_refl)). Qed.

Corollary acquire_lock_vm_defined_iff N O : let S := table_system lock_table N O in
  forall i (d : RData (atomic S)), invariant d ->
  (exists d', acquire_lock_vm_spec_low i d = Done d') <->
  0 <= i < 17 /\ env_legal d /\ holder S (21 + i) (seen d) = None.
Proof. exact (acquire_defined accepted N O (at_line 6 eq_refl)). Qed.

(* layers/L4_locks/lock_table.def:21 *)
Definition release_lock_vm_spec_low {S : system} (i : Z) (d : RData (atomic S)) : result (RData (atomic S)) :=
  release_low family_vm i d.
Definition release_lock_vm_spec {S : system} (i : Z) (h : HData S) : result (HData S) :=
  release family_vm i h.

Corollary release_lock_vm_body_correct N O : let S := table_system lock_table N O in
  forall (mem : Type) (m : mem) (d d' : RData (atomic S)) env le i,
    env = empty_env ->
    le ! _vmid = Some (Vint i) ->
    release_lock_vm_spec_low (Int.unsigned i) d = Done d' ->
    exists le', exec_stmt (locks_genv global_definitions S) env le (m, d)
                  (fn_body f_release_lock_vm) E0 le' (m, d') Out_normal.
Proof.
  exact (body_with_index exported accepted N O Release (at_line 6 eq_refl) eq_refl release_lock_vm_exported).
Qed.

Corollary release_lock_vm_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_release_lock_vm ↦ prim1 S release_lock_vm_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. exact (code_of exported accepted N O Release (at_line 6 eq_refl)). Qed.

Corollary release_lock_vm_defined_iff N O : let S := table_system lock_table N O in
  forall i (d : RData (atomic S)), invariant d ->
  (exists d', release_lock_vm_spec_low i d = Done d') <->
  0 <= i < 17 /\ env_legal d /\ holder S (21 + i) (events d) = Some (me d).
Proof. exact (release_defined accepted N O (at_line 6 eq_refl)). Qed.
