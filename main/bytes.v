(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * hlock: the theorem, of object code for aarch64

    N CPUs run the bytes that a compiler made of the locks, under clients that never
    break the contract on the atomic machine.  Of the bytes one thing is asked: that
    [object_ok], a function that computes, says yes.  The array of lock words may lie anywhere,
    the other registers may hold anything at a call; a store-exclusive may fail at any
    time, a wait for an event may end at any time.  Memory is sequentially consistent.

    The names that stand in the statements, and where they are defined:
      layers/L4_locks/spec.v         client, table_system
      layers/table/table.v           table_ok
      layers/view/spec.v             cpu, object
      machine/model/atomic.v         atomic_execution, happened, never_breaches
      machine/model/machine.v        Did_halt
      object/armv8.v                 armv8_library, object_ok
      object/cases.v                 included, unstuck
      object/checker.v               own_bound
      object/machine.v               Running, at_end, byte_execution, byte_step, lib_code, placed,
                                     places, touched
      object/micro.v                 owns
      object/samples.v               llsc, lse
    What the machine of bytes does: object/machine.v, of the micro-operations of object/micro.v; to
    these object/armv8_decode.v takes instructions.  Code of which [object_ok] says no, and
    code of which the theorems are false: object/cases.v. *)
From Coq Require Import ZArith List String.
From hlock.layers.table Require Import table.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec sample examples.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import machine atomic.
From hlock.machine.cases Require Import examples.
From hlock.object Require Import micro checker stages machine refine correct armv8 armv8_sound samples cases.
Import ListNotations.
Local Open Scope Z_scope.

Local Lemma width_32 : 1 <= 32 <= 32.
Proof. split; discriminate. Qed.

(** For every accepted table, at most 2^32 CPUs, any objects, any object file that the checker
    accepts, wherever the array lies: what was seen of an execution of the bytes is seen of the
    same clients on the machine whose locks are one atomic step, and leaves the same objects. *)
Theorem armv8_bytes_correct :
  forall prefix T N O file, table_ok T = true -> Z.of_nat N <= 2 ^ 32 -> object_ok prefix T file = true ->
  let S := table_system T N O in let L := armv8_library prefix file in
  forall clients : cpu -> client S, never_breaches clients T ->
  forall base, placed L base -> forall tr x, byte_execution L base clients tr x ->
  exists y, atomic_execution clients tr y /\ forall l k, object l k (happened y) = object l k (touched x).
Proof.
  intros prefix T N O file Ok Fits Right S L clients Never base Placed tr x Run.
  exact (bytes_correct (G := mkRunning (mkSetting prefix T Ok N O 32 width_32 Fits) clients)
    eq_refl Never L (stride_of T file) base (armv8_right prefix T file Right) Placed tr x Run).
Qed.

(** Each CPU has a step, unless its client has ended or halts, or it has halted.  So no CPU comes to an
    instruction that has no meaning, accesses memory other than aligned words of the array,
    or returns elsewhere than to its caller, or with a register changed that a call must keep. *)
Theorem armv8_not_stuck :
  forall prefix T N O file, table_ok T = true -> Z.of_nat N <= 2 ^ 32 -> object_ok prefix T file = true ->
  let S := table_system T N O in let L := armv8_library prefix file in
  forall clients : cpu -> client S, never_breaches clients T ->
  forall base, placed L base -> forall tr x, byte_execution L base clients tr x ->
  forall c b, nth_error (places x) c = Some b ->
  at_end clients c b \/ exists v x', byte_step L base clients c x v x' /\ v <> Some Did_halt.
Proof.
  intros prefix T N O file Ok Fits Right S L clients Never base Placed tr x Run c b.
  exact (bytes_progress (G := mkRunning (mkSetting prefix T Ok N O 32 width_32 Fits) clients)
    eq_refl Never L (stride_of T file) base (armv8_right prefix T file Right) Placed tr x c b Run).
Qed.

(** Between two requests to memory, and from the last to the return, a call makes at most
    [own_bound] steps of its own: micro-operations, and ends of instructions. *)
Theorem armv8_few_own_steps :
  forall prefix T N O file, table_ok T = true -> Z.of_nat N <= 2 ^ 32 -> object_ok prefix T file = true ->
  let S := table_system T N O in let L := armv8_library prefix file in
  forall clients : cpu -> client S, never_breaches clients T ->
  forall base, placed L base -> forall tr x, byte_execution L base clients tr x ->
  forall c o history before s n s', nth_error (places x) c = Some (Running o history before s) ->
  owns (lib_code L) base n s s' -> (n <= own_bound)%nat.
Proof.
  intros prefix T N O file Ok Fits Right S L clients Never base Placed tr x Run c o history before s n s'.
  exact (bytes_bounded (G := mkRunning (mkSetting prefix T Ok N O 32 width_32 Fits) clients)
    eq_refl Never L (stride_of T file) base (armv8_right prefix T file Right) Placed tr x c o
    history before s n s' Run).
Qed.

(** Instances: two CPUs that contend for one lock, on what a compiler made with LL/SC, and with LSE.
    Such an execution is computed in object/cases.v; and there are three pieces of wrong code of
    which [included] or [unstuck] is false. *)
Example contended_code : included llsc /\ included lse /\ unstuck llsc /\ unstuck lse.
Proof.
  destruct (contended_premises 1 (or_introl eq_refl)) as (_ & Never).
  assert (Fits : Z.of_nat 2 <= 2 ^ 32) by discriminate.
  repeat split.
  - exact (armv8_bytes_correct "" sample 2 numbers llsc sample_accepted Fits llsc_right both Never).
  - exact (armv8_bytes_correct "" sample 2 numbers lse sample_accepted Fits lse_right both Never).
  - exact (armv8_not_stuck "" sample 2 numbers llsc sample_accepted Fits llsc_right both Never).
  - exact (armv8_not_stuck "" sample 2 numbers lse sample_accepted Fits lse_right both Never).
Qed.
