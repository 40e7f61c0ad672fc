(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * x86: executions, and the one wrong lock

    By the model in full ([full_ppo]).  Two CPUs contend and one polls in vain ([contended_x86]).
    A poll is a plain load and a release a plain store: weaker ones x86 has not, so they are right there
    whatever is dropped (dropped are the orders for the compiler, of which no model here speaks).  Wrong is
    an XADD without its lock prefix: a load and a store. *)
From hlock.machine.cases Require Import hardware.
From hlock.machine.hardware Require Import x86.
Local Open Scope Z_scope.
Local Open Scope list_scope.

Definition x86_axioms : forall S, execution S x86 -> Prop := fun S h => x86_consistent h (full_ppo h).
Lemma x86_given S (h : execution S x86) w : well_formed h w ->
  Forall (fun c => acyclic (sem h c)) [x86_uniproc_of; x86_ghb_of] -> (forall e f, ~ sem h x86_atomic_of e f) ->
  x86_axioms S h.
Proof.
  intros Well Cycles Atomic; apply Forall_cons_iff in Cycles as (Uniproc & Cycles).
  apply Forall_cons_iff in Cycles as (Tso & _); exact (x86_consistent_of h w Well Uniproc Tso Atomic).
Qed.

(** What the lock is for, of all executions of x86. *)
Definition x86_right : instruction_lists x86 -> nat -> Z -> Prop := lock_right x86_axioms.
Theorem x86_shipped_right N w : 1 <= w <= 32 -> Z.of_nat N <= modulus w -> x86_right x86_lists N w.
Proof.
  apply shipped_lock_right; intros S h v g Well Is Made Contracts.
  exact (x86_is_relaxed S h (full_ppo h) v g Well (full_ppo_contains h) Is Made Contracts).
Qed.

Definition by_lists (ticket : list x86) : choice x86 := choose ticket [MOV_load] [INC_load] [INC_store] [MOV_load]
  [MOV_store].

Example contended_x86 : exists (h : execution two x86) g seen last, well_formed h 1 /\ x86_axioms _ h /\
  made_of h x86_lists /\ contracts h g /\ runs_threads sample_text 1 both h seen last /\
  does g (1, 1)%nat = Some (Lock pt3 (Polled 0)) /\ kept g (1, 1)%nat = false /\
  enters_at g pt3 (0, 1)%nat /\ enters_at g pt3 (1, 2)%nat /\ does g (1, 3)%nat = Some (Read pt3 0 (nine 1)).
Proof.
  set (parts := chosen (by_lists [LOCK_XADD_load; LOCK_XADD_store]) contended_runs).
  apply (contended x86_eq_dec _ _ _ x86_given x86_lists parts (lift_sources parts contended_sources)
           (lift_chains parts contended_chains)); vm_compute; reflexivity.
Qed.

(** XADD without its lock prefix. *)
Theorem ticket_without_lock : ~ x86_right (lists_of (by_lists [MOV_load; MOV_store])) 2 1.
Proof. apply (same_ticket x86_eq_dec _ _ _ x86_given); vm_compute; reflexivity. Qed.
