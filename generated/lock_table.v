(* hlock emit coq layers/L4_locks/lock_table.def generated/lock_table.v. Never edited. *)
From Coq Require Import String List ZArith.
From hlock.layers.table Require Import table.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.

Definition family_core : family :=
  {| name := "core"; first := 0; count := 1; rank := 3; index := None;
     protects := "next vmid and remap pointer" |}.
Definition family_s2page : family :=
  {| name := "s2page"; first := 1; count := 1; rank := 4; index := None;
     protects := "owner and map count of each physical page" |}.
Definition family_spt : family :=
  {| name := "spt"; first := 2; count := 1; rank := 5; index := None;
     protects := "stage-2 page tables of the SMMU and their pool" |}.
Definition family_smmu : family :=
  {| name := "smmu"; first := 3; count := 1; rank := 1; index := None;
     protects := "SMMU context banks and their owners" |}.
Definition family_pt : family :=
  {| name := "pt"; first := 4; count := 17; rank := 5; index := Some "vmid";
     protects := "stage-2 page table of the VM and its pool" |}.
Definition family_vm : family :=
  {| name := "vm"; first := 21; count := 17; rank := 2; index := Some "vmid";
     protects := "state, vcpus and boot images of the VM" |}.

Definition lock_table : table :=
  [family_core; family_s2page; family_spt; family_smmu; family_pt; family_vm].
