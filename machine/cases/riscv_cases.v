(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * RISC-V: executions, and wrong locks

    By the model in full, all rules of RVWMO ([full_ppo]).  Two CPUs contend and one polls in vain
    ([contended_riscv]).  Each order of arch/riscv64.h is needed: the .aq and the .rl of the ticket, the
    fence after the poll and the fence before the store, and each of the sorts that the fences name. *)
From hlock.machine.cases Require Import hardware.
From hlock.machine.hardware Require Import riscv.
Local Open Scope Z_scope.
Local Open Scope list_scope.

Definition riscv_axioms : forall S, execution S riscv -> Prop := fun S h => riscv_consistent h (full_ppo h).
Lemma riscv_given S (h : execution S riscv) w : well_formed h w ->
  Forall (fun c => acyclic (sem h c)) [riscv_coherence_of;
    riscv_model_of] -> (forall e f, ~ sem h riscv_atomic_of e f) ->
  riscv_axioms S h.
Proof.
  intros Well Cycles Atomic; apply Forall_cons_iff in Cycles as (Coherence & Cycles).
  apply Forall_cons_iff in Cycles as (Model & _); exact (riscv_consistent_of h w Well Coherence Model Atomic).
Qed.

(** What the lock is for, of all executions of RISC-V. *)
Definition riscv_right : instruction_lists riscv -> nat -> Z -> Prop := lock_right riscv_axioms.
Theorem riscv_shipped_right N w : 1 <= w <= 32 -> Z.of_nat N <= modulus w -> riscv_right riscv_lists N w.
Proof.
  apply shipped_lock_right; intros S h v g Well Is Made Contracts.
  exact (riscv_is_relaxed S h (full_ppo h) v g Well (full_ppo_contains h) Is Made Contracts).
Qed.

Definition by_lists (ticket poll store : list riscv) : choice riscv := choose ticket poll [LW] store [LW] [SW].
Definition aqrl : list riscv := [AMOADD_AQRL_load; AMOADD_AQRL_store].

Example contended_riscv : exists (h : execution two riscv) g seen last, well_formed h 1 /\ riscv_axioms _ h /\
  made_of h riscv_lists /\ contracts h g /\ runs_threads sample_text 1 both h seen last /\
  does g (1, 1)%nat = Some (Lock pt3 (Polled 0)) /\ kept g (1, 1)%nat = false /\
  enters_at g pt3 (0, 1)%nat /\ enters_at g pt3 (1, 2)%nat /\ does g (1, 3)%nat = Some (Read pt3 0 (nine 1)).
Proof.
  set (parts := chosen (by_lists aqrl [LW; FENCE_R_RW] [FENCE_RW_W; SW]) contended_runs).
  apply (contended riscv_eq_dec _ _ _ riscv_given riscv_lists parts (lift_sources parts contended_sources)
           (lift_chains parts contended_chains)); vm_compute; reflexivity.
Qed.

(** ** Wrong locks *)
Notation wrong_lock ticket poll store := (~ riscv_right (lists_of (by_lists ticket poll store)) 2 1).
Ltac old := apply (old_inside riscv_eq_dec _ _ _ riscv_given); vm_compute; reflexivity.
Ltac stale := apply (stale_read riscv_eq_dec _ _ _ riscv_given); vm_compute; reflexivity.
Ltac early := apply (early_read riscv_eq_dec _ _ _ riscv_given); vm_compute; reflexivity.

(** With words of one bit: a ticket by amoadd.w.rl, by amoadd.w.aq and by amoadd.w. *)
Theorem ticket_rl : wrong_lock [AMOADD_load false true; AMOADD_store false true] [LW; FENCE_R_RW] [FENCE_RW_W; SW].
Proof. old. Qed.
Theorem ticket_aq : wrong_lock [AMOADD_load true false; AMOADD_store true false] [LW; FENCE_R_RW] [FENCE_RW_W; SW].
Proof. old. Qed.
Theorem ticket_plain : wrong_lock [AMOADD_load false false; AMOADD_store false false] [LW; FENCE_R_RW] [FENCE_RW_W; SW].
Proof. old. Qed.
(** A ticket that is a load and a store. *)
Theorem ticket_by_LW_SW : wrong_lock [LW; FENCE_R_RW; FENCE_RW_W; SW] [LW; FENCE_R_RW] [FENCE_RW_W; SW].
Proof. apply (same_ticket riscv_eq_dec _ _ _ riscv_given); vm_compute; reflexivity. Qed.
(** A poll without its fence, or with one that is too weak. *)
Theorem poll_without_fence : wrong_lock aqrl [LW] [FENCE_RW_W; SW].
Proof. stale. Qed.
Theorem poll_before_FENCE_R_W : wrong_lock aqrl [LW; FENCE true false false true] [FENCE_RW_W; SW].
Proof. stale. Qed.
(** A store without its fence, or with one that is too weak for writes, or for reads. *)
Theorem store_without_fence : wrong_lock aqrl [LW; FENCE_R_RW] [SW].
Proof. stale. Qed.
Theorem store_without_fence_early : wrong_lock aqrl [LW; FENCE_R_RW] [SW].
Proof. early. Qed.
Theorem store_after_FENCE_R_W : wrong_lock aqrl [LW; FENCE_R_RW] [FENCE true false false true; SW].
Proof. stale. Qed.
Theorem store_after_FENCE_W_W : wrong_lock aqrl [LW; FENCE_R_RW] [FENCE false true false true; SW].
Proof. early. Qed.
(** The fence in the wrong place. *)
Theorem store_before_fence : wrong_lock aqrl [LW; FENCE_R_RW] [SW; FENCE_RW_W].
Proof. stale. Qed.
