(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * hlock: the statements that people read

    English first, then the statement.  Proofs are elsewhere; here each is the
    name of one.  [lock_table] and the two texts of C are generated from
    layers/L4_locks/lock_table.def and locks.c.  Instances that meet the
    hypotheses: layers/L4_locks/examples.v; wrong programs, refuted:
    layers/L4_locks/wrong.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options integers values syntax semantics determinism.
From hlock.layers.view Require Import spec.
From hlock.layers.L3_atomic Require Import spec facts.
From hlock.layers.L4_locks Require Import table table_facts spec refine code.
From hlock.generated Require Import lock_table.
From hlock.generated Require L4_locks L4_locks_debug.
Local Open Scope Z_scope.
Local Open Scope clight_scope.

(** The shipped table is one that the checks accept. *)
Theorem shipped_table_accepted : table_ok lock_table = true.
Proof. reflexivity. Qed.

(** In an accepted table different locks have different numbers. *)
Theorem different_locks_different_numbers T f i g j :
  table_ok T = true -> In f T -> In g T -> in_family f i = true -> in_family g j = true ->
  lock_id f i = lock_id g j -> f = g /\ i = j.
Proof. exact (lock_id_injective T f i g j). Qed.

(** T1.  For every family of the table, any number of CPUs and any objects: the
    C functions acquire_lock_<name> and release_lock_<name> that are shipped,
    and those of the debug build, do what the low specification says whenever it
    is defined.  It is defined exactly when the index is one of the family, the
    other CPUs keep to the protocol and the caller may do what it does
    ([acquire_lock_<name>_defined_iff] in generated/L4_theorems.v). *)
Theorem functions_meet_specification :
  forall N O f o, In f lock_table ->
  let S := table_system lock_table N O in
  forall mem : Type,
    spec_le (mem := mem) ($(function_name o f) ↦ low_prim o f)
                         (〚 L4_locks.global_definitions 〛 (atomic_layer S)) /\
    spec_le (mem := mem) ($(function_name o f) ↦ low_prim o f)
                         (〚 L4_locks_debug.global_definitions 〛 (atomic_layer S)).
Proof.
  intros N O f o Member S mem; split.
  - now destruct (locks_correct N O f o Member) as (fd & _ & _ & Code).
  - now destruct (locks_debug_correct N O f o Member) as (fd & _ & _ & Code).
Qed.

(** And nothing else: a call ends in at most one way. *)
Theorem no_other_outcome :
  forall S M f args (mem : Type) (st st1 st2 : mem * RData (atomic S)) v1 v2,
  call_function (locks_genv M S) f args st st1 v1 ->
  call_function (locks_genv M S) f args st st2 v2 -> st1 = st2 /\ v1 = v2.
Proof.
  intros S M f args mem st st1 st2 v1 v2.
  exact (call_function_deterministic (locks_genv M S) (atomic_layer_det S) f args st st1 v1 st2 v2).
Qed.

(** T3, floor 4.  To a client, the objects in shared memory are as if acquire
    took a private copy and release published it: whatever the client does, it
    is told the same values, and breaks the contract in the same places. *)
Theorem shared_objects_are_private_copies :
  forall S (p : client S) n past d, legal (atomic S) (events d) ->
  exists bs, forall h rest, related S d h ->
    match run low_do p n past d with
    | Done (answers, d') => exists h',
        run high_do p n past (with_env S (bs ++ rest) h) = Done (answers, h') /\
        related S d' h' /\ env (base h') = rest
    | Breach f => run high_do p n past (with_env S (bs ++ rest) h) = Breach f
    | Impossible _ => True
    end.
Proof. exact locks_refines. Qed.

(** A CPU that halts inside a critical section keeps the lock: whatever legally
    happens afterwards ([b]), it is still the holder and the object is unchanged. *)
Theorem panic_keeps_the_lock :
  forall S c b g l, legal (atomic S) (b ++ g) -> halted c g = true -> holder S l g = Some c ->
  holder S l (b ++ g) = Some c /\ object l (b ++ g) = object l g.
Proof. exact (@halted_keeps_lock). Qed.
