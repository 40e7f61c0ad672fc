(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * hlock: the theorem

    N CPUs run the C of the lock stack, the text that is compiled, under clients that
    never break the contract on the atomic machine; one primitive or one step at a
    time, in any interleaving; any CPU may halt at any step.

    The names that stand in the statements, and where they are defined:
      layers/L4_locks/examples.v     two
      layers/L4_locks/spec.v         client, table_system
      layers/table/table.v           table_ok
      layers/view/spec.v             cpu, object
      machine/bridge/explained.v     explained_so_far
      machine/cases/examples.v       both
      machine/model/atomic.v         atomic_execution, happened, never_breaches
      machine/model/machine.v        contents, execution, threads
      machine/model/memory.v         sc_memory
      stack/examples.v               sample_text
      stack/linked.v                 stack
    What follows from it for a kernel programmer: guarantees.v.  Its parts, one CPU's
    view: parts.v.  The shipped table and its exported C are an instance:
    shipped.v.  Wrong locks of which it is false: machine/cases/wrong.v. *)
From Coq Require Import ZArith List.
From hlock.layers.table Require Import table.
From hlock.layers.view Require Import spec.
From hlock.layers.L4_locks Require Import spec contract sample examples.
From hlock.stack Require Import stack setting examples.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant simulation correct no_breach.
From hlock.machine.bridge Require Import bridge.
From hlock.machine.cases Require Import examples.
Local Open Scope Z_scope.

(** For every accepted lock table, at most 2^w CPUs, words of w bits (1 to 32), any
    objects, and clients that never break the contract: what was seen of an execution (calls,
    returns, objects read and written with their values, halts) is seen of the same
    clients on the machine whose locks are one atomic step, and leaves the same
    objects.  A call that has not returned may have taken effect there or not.
    Memory is sequentially consistent. *)
Theorem hlock_correct :
  forall prefix T N O width, table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width ->
  let S := table_system T N O in
  forall clients : cpu -> client S, never_breaches clients T ->
  forall tr x, execution (stack prefix T) width (sc_memory S width) clients tr x ->
  exists y, atomic_execution clients tr y /\ forall l k, object l k (happened y) = object l k (contents x).
Proof.
  intros prefix T N O width Ok Width Fits S clients Never tr x Run.
  destruct (machine_correct (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients) Never tr x
    Run)
    as (y & Above & Rel).
  exists y; split; [exact Above|intros l k].
  exact (eq_trans (f_equal (object l k) (rel_log _ _ Rel)) (object_up S width (contents x) l k)).
Qed.

(** The bridge to the parts.  Each CPU's environment, read off the execution, keeps to
    the protocol, because the other CPUs run the same C, and no client, theirs or this
    one's, ever breaks the contract; nothing else is assumed.  The linked C in it is what the CPU's
    thread did, in the middle of a call as well, where it stands at the same place of
    the C; and private copies of the objects tell its client the same.  Of a CPU that
    has halted this is said of the state of this execution in which it halted. *)
Theorem hlock_bridge :
  forall prefix T N O width, table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width ->
  let S := table_system T N O in
  forall clients : cpu -> client S, never_breaches clients T ->
  forall tr x, execution (stack prefix T) width (sc_memory S width) clients tr x ->
  forall (mem : Type) (m : mem) c t, nth_error (threads x) c = Some t ->
  explained_so_far (stack prefix T) width clients m tr x c t.
Proof.
  intros prefix T N O width Ok Width Fits S clients Never tr x Run mem m.
  exact (bridge_kept (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients) m tr x Never Run).
Qed.

(** An instance: two CPUs that contend for one lock of a small table, with words of
    one bit.  Such executions are computed in machine/cases/examples.v. *)
Example two_cpus_one_bit : forall tr x, execution sample_text 1 (sc_memory two 1) both tr x ->
  exists y, atomic_execution both tr y /\ forall l k, object l k (happened y) = object l k (contents x).
Proof.
  destruct (contended_premises 1 (or_introl eq_refl)) as ((Width & Fits) & Never).
  exact (hlock_correct _ sample 2 numbers 1 sample_accepted Width Fits both Never).
Qed.
