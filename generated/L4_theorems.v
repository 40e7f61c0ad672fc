(* locktable theorems layers/L4_locks/lock_table.def generated/L4_theorems.v. Never edited.
   For each function of the lock table: its specifications, low (floor 3
   composed) and high (what a client sees), and the corollaries of
   [locks_correct] (layers/L4_locks/code.v) that speak of it alone. *)
From Coq Require Import ZArith List.
From hlock.clight Require Import options integers values syntax semantics.
From hlock.layers.view Require Import spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.L4_locks Require Import table spec code.
From hlock.generated Require Import lock_table L4_locks.
Local Open Scope Z_scope.
Local Open Scope clight_scope.

(* layers/L4_locks/lock_table.def:13 *)
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
Proof. body_of Acquire family_core f_acquire_lock_core. Qed.

Corollary acquire_lock_core_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_acquire_lock_core ↦ prim0 S acquire_lock_core_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. code_of Acquire family_core f_acquire_lock_core. Qed.

Corollary acquire_lock_core_defined_iff N O : let S := table_system lock_table N O in
  forall (d : RData (atomic S)), invariant d ->
  (exists d', acquire_lock_core_spec_low d = Done d') <->
  env_legal d /\ holder S 0 (seen d) = None.
Proof. defined_of acquire_low_defined_iff family_core. Qed.

(* layers/L4_locks/lock_table.def:13 *)
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
Proof. body_of Release family_core f_release_lock_core. Qed.

Corollary release_lock_core_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_release_lock_core ↦ prim0 S release_lock_core_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. code_of Release family_core f_release_lock_core. Qed.

Corollary release_lock_core_defined_iff N O : let S := table_system lock_table N O in
  forall (d : RData (atomic S)), invariant d ->
  (exists d', release_lock_core_spec_low d = Done d') <->
  env_legal d /\ holder S 0 (events d) = Some (me d).
Proof. defined_of release_low_defined_iff family_core. Qed.

(* layers/L4_locks/lock_table.def:14 *)
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
Proof. body_of Acquire family_s2page f_acquire_lock_s2page. Qed.

Corollary acquire_lock_s2page_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_acquire_lock_s2page ↦ prim0 S acquire_lock_s2page_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. code_of Acquire family_s2page f_acquire_lock_s2page. Qed.

Corollary acquire_lock_s2page_defined_iff N O : let S := table_system lock_table N O in
  forall (d : RData (atomic S)), invariant d ->
  (exists d', acquire_lock_s2page_spec_low d = Done d') <->
  env_legal d /\ holder S 1 (seen d) = None.
Proof. defined_of acquire_low_defined_iff family_s2page. Qed.

(* layers/L4_locks/lock_table.def:14 *)
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
Proof. body_of Release family_s2page f_release_lock_s2page. Qed.

Corollary release_lock_s2page_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_release_lock_s2page ↦ prim0 S release_lock_s2page_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. code_of Release family_s2page f_release_lock_s2page. Qed.

Corollary release_lock_s2page_defined_iff N O : let S := table_system lock_table N O in
  forall (d : RData (atomic S)), invariant d ->
  (exists d', release_lock_s2page_spec_low d = Done d') <->
  env_legal d /\ holder S 1 (events d) = Some (me d).
Proof. defined_of release_low_defined_iff family_s2page. Qed.

(* layers/L4_locks/lock_table.def:15 *)
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
Proof. body_of Acquire family_spt f_acquire_lock_spt. Qed.

Corollary acquire_lock_spt_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_acquire_lock_spt ↦ prim0 S acquire_lock_spt_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. code_of Acquire family_spt f_acquire_lock_spt. Qed.

Corollary acquire_lock_spt_defined_iff N O : let S := table_system lock_table N O in
  forall (d : RData (atomic S)), invariant d ->
  (exists d', acquire_lock_spt_spec_low d = Done d') <->
  env_legal d /\ holder S 2 (seen d) = None.
Proof. defined_of acquire_low_defined_iff family_spt. Qed.

(* layers/L4_locks/lock_table.def:15 *)
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
Proof. body_of Release family_spt f_release_lock_spt. Qed.

Corollary release_lock_spt_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_release_lock_spt ↦ prim0 S release_lock_spt_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. code_of Release family_spt f_release_lock_spt. Qed.

Corollary release_lock_spt_defined_iff N O : let S := table_system lock_table N O in
  forall (d : RData (atomic S)), invariant d ->
  (exists d', release_lock_spt_spec_low d = Done d') <->
  env_legal d /\ holder S 2 (events d) = Some (me d).
Proof. defined_of release_low_defined_iff family_spt. Qed.

(* layers/L4_locks/lock_table.def:16 *)
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
Proof. body_of Acquire family_smmu f_acquire_lock_smmu. Qed.

Corollary acquire_lock_smmu_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_acquire_lock_smmu ↦ prim0 S acquire_lock_smmu_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. code_of Acquire family_smmu f_acquire_lock_smmu. Qed.

Corollary acquire_lock_smmu_defined_iff N O : let S := table_system lock_table N O in
  forall (d : RData (atomic S)), invariant d ->
  (exists d', acquire_lock_smmu_spec_low d = Done d') <->
  env_legal d /\ holder S 3 (seen d) = None.
Proof. defined_of acquire_low_defined_iff family_smmu. Qed.

(* layers/L4_locks/lock_table.def:16 *)
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
Proof. body_of Release family_smmu f_release_lock_smmu. Qed.

Corollary release_lock_smmu_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_release_lock_smmu ↦ prim0 S release_lock_smmu_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. code_of Release family_smmu f_release_lock_smmu. Qed.

Corollary release_lock_smmu_defined_iff N O : let S := table_system lock_table N O in
  forall (d : RData (atomic S)), invariant d ->
  (exists d', release_lock_smmu_spec_low d = Done d') <->
  env_legal d /\ holder S 3 (events d) = Some (me d).
Proof. defined_of release_low_defined_iff family_smmu. Qed.

(* layers/L4_locks/lock_table.def:19 *)
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
Proof. body_of Acquire family_pt f_acquire_lock_pt. Qed.

Corollary acquire_lock_pt_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_acquire_lock_pt ↦ prim1 S acquire_lock_pt_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. code_of Acquire family_pt f_acquire_lock_pt. Qed.

Corollary acquire_lock_pt_defined_iff N O : let S := table_system lock_table N O in
  forall i (d : RData (atomic S)), invariant d ->
  (exists d', acquire_lock_pt_spec_low i d = Done d') <->
  0 <= i < 17 /\ env_legal d /\ holder S (4 + i) (seen d) = None.
Proof. defined_of acquire_low_defined_iff family_pt. Qed.

(* layers/L4_locks/lock_table.def:19 *)
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
Proof. body_of Release family_pt f_release_lock_pt. Qed.

Corollary release_lock_pt_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_release_lock_pt ↦ prim1 S release_lock_pt_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. code_of Release family_pt f_release_lock_pt. Qed.

Corollary release_lock_pt_defined_iff N O : let S := table_system lock_table N O in
  forall i (d : RData (atomic S)), invariant d ->
  (exists d', release_lock_pt_spec_low i d = Done d') <->
  0 <= i < 17 /\ env_legal d /\ holder S (4 + i) (events d) = Some (me d).
Proof. defined_of release_low_defined_iff family_pt. Qed.

(* layers/L4_locks/lock_table.def:20 *)
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
Proof. body_of Acquire family_vm f_acquire_lock_vm. Qed.

Corollary acquire_lock_vm_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_acquire_lock_vm ↦ prim1 S acquire_lock_vm_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. code_of Acquire family_vm f_acquire_lock_vm. Qed.

Corollary acquire_lock_vm_defined_iff N O : let S := table_system lock_table N O in
  forall i (d : RData (atomic S)), invariant d ->
  (exists d', acquire_lock_vm_spec_low i d = Done d') <->
  0 <= i < 17 /\ env_legal d /\ holder S (21 + i) (seen d) = None.
Proof. defined_of acquire_low_defined_iff family_vm. Qed.

(* layers/L4_locks/lock_table.def:20 *)
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
Proof. body_of Release family_vm f_release_lock_vm. Qed.

Corollary release_lock_vm_code_correct N O : let S := table_system lock_table N O in
  forall mem : Type, spec_le (mem := mem) (_release_lock_vm ↦ prim1 S release_lock_vm_spec_low)
                             (〚 global_definitions 〛 (atomic_layer S)).
Proof. code_of Release family_vm f_release_lock_vm. Qed.

Corollary release_lock_vm_defined_iff N O : let S := table_system lock_table N O in
  forall i (d : RData (atomic S)), invariant d ->
  (exists d', release_lock_vm_spec_low i d = Done d') <->
  0 <= i < 17 /\ env_legal d /\ holder S (21 + i) (events d) = Some (me d).
Proof. defined_of release_low_defined_iff family_vm. Qed.
