(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * hlock: the theorem

    N CPUs run the C of the lock stack, the text that is compiled, under any clients
    that keep the contract, each in its own program order; one primitive or one
    step at a time, in any interleaving; any CPU may halt at any step.

    Read it with: thread.v, memory.v and machine.v (what runs), atomic.v (what it
    looks like), all in machine/; what follows from it for a kernel programmer, in
    machine/corollaries.v (mutual exclusion, order, ownership) and
    machine/starvation.v (nobody waits for ever); its parts, one CPU's view, in
    parts.v.  An instance that meets the hypotheses: machine/examples.v; wrong locks of
    which it is false: machine/wrong.v. *)
From Coq Require Import ZArith List.
From hlock.layers.view Require Import spec.
From hlock.layers.L4_locks Require Import table spec contract.
From hlock.generated Require Import lock_table.
From hlock.stack Require Import stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant no_breach.
From hlock.machine.bridge Require Import bridge.
Local Open Scope Z_scope.

(** For at most 2^w CPUs and words of w bits (1 to 32), the shipped lock table, any
    objects and any clients that keep the contract, in every execution:

    - what was seen of it (calls, returns, objects read and written with their
      values, halts) is seen of the same clients on the machine whose locks are one
      atomic step, and leaves the same objects; a call that has not returned may have
      taken effect there or not;
    - each CPU's environment, read off the execution, keeps to the protocol
      ([env_safe_throughout]); the linked C on it is what the CPU's thread did, and
      private copies of the objects tell its client the same ([explained]).

    Nothing is assumed of the other CPUs.  Memory is sequentially consistent. *)
Theorem hlock_correct :
  forall N O width, 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width ->
  let S := table_system lock_table N O in
  forall clients : cpu -> client S,
  (forall c past o, clients c past = Some o -> of_table N O o) -> contract clients ->
  forall tr x, execution width (consistent S width) clients tr x ->
  (exists y, atomic_execution clients tr y /\
     forall l, object l (happened y) = object l (contents x)) /\
  (forall (mem : Type) (m : mem) c t, nth_error (threads x) c = Some t ->
     explained_so_far N O width clients m c (contents x) t).
Proof.
  intros N O width Width Fits S clients Table Contract tr x Run; split.
  - destruct (machine_correct N O width Width Fits clients Table Contract tr x Run) as (y & Above & Rel).
    exists y; split; [exact Above|intros l].
    exact (eq_trans (f_equal (object l) (rel_log _ _ _ _ _ Rel)) (object_up S width (contents x) l)).
  - intros mem m; exact (bridge_kept N O width Width Fits clients Table m tr x Contract Run).
Qed.
