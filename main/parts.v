(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * hlock: the parts, from one CPU's view

    What theorem.v is made of, statements for who needs one part: a function on
    its specification, private copies, the linked stack.  English first, then the
    statement; each proof is the name of one elsewhere.  Instances that meet the
    hypotheses: layers/L4_locks/examples.v, stack/examples.v and examples_fair.v; wrong
    programs, refuted: layers/L4_locks/wrong.v.

    The names that stand in the statements, and where they are defined:
      clight/semantics.v             call_function, spec_le
      layers/L0_machine/spec.v       env_safe, words
      layers/L3_atomic/spec.v        atomic, holder
      layers/L4_locks/contract.v     of_table
      layers/L4_locks/offers.v       atomic_layer, locks_genv, low_prim
      layers/L4_locks/published.v    related, with_env
      layers/L4_locks/spec.v         base, client, high_do, low_do, mkHData, run, table_system
      layers/L4_locks/text.v         function_name, locks_debug_text, locks_text
      layers/table/table.v           in_family, lock_id, table_ok
      layers/view/spec.v             Breach, Done, Impossible, RData, cpus, env, events, halted,
                                     invariant, legal, me, object, own, start
      stack/linked.v                 stack
      stack/runs.v                   breaks, c_run, env_fair, env_safe_throughout, keeps_contract,
                                     settled, stands_for *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options integers values syntax semantics determinism.
From hlock.layers.table Require Import table facts.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers.L3_atomic Require Import spec facts.
From hlock.layers.L4_locks Require Import spec contract refine text code.
From hlock.stack Require Import stack setting stack_floors stack_refine stack_ends.
From hlock.stack Require correct.
Local Open Scope Z_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.
Import ListNotations.

(** In an accepted table different locks have different numbers. *)
Theorem different_locks_different_numbers T f i g j :
  table_ok T = true -> List.In f T -> List.In g T -> in_family f i = true -> in_family g j = true ->
  lock_id f i = lock_id g j -> f = g /\ i = j.
Proof. exact (lock_id_injective T f i g j). Qed.

(** T1.  For every family of an accepted table, any number of CPUs and any objects:
    the C functions acquire_lock_<name> and release_lock_<name> of its text, and
    those of its debug text, do what the low specification says whenever it is
    defined.  It is defined exactly when the index is one of the family, the
    other CPUs keep to the protocol and the caller may do what it does
    ([acquire_lock_<name>_defined_iff] in generated/L4_theorems.v).  That the exported
    C of the shipped table is its text: [exported] there. *)
Theorem functions_meet_specification :
  forall prefix T, table_ok T = true -> forall N O f o, List.In f T ->
  let S := table_system T N O in
  forall mem : Type,
    spec_le (mem := mem) ($(function_name prefix o f) ↦ low_prim o f) (〚 locks_text prefix T 〛 (atomic_layer S)) /\
    spec_le (mem := mem) ($(function_name prefix o f) ↦ low_prim o f) (〚 locks_debug_text prefix T 〛 (atomic_layer S)).
Proof.
  intros prefix T Ok N O f o Member S mem; split.
  - now destruct (locks_correct prefix T Ok N O f o Member) as (fd & _ & _ & Code).
  - now destruct (locks_debug_correct prefix T Ok N O f o Member) as (fd & _ & _ & Code).
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
    took a private copy and release published what was written to it: whatever the client does, it
    is told the same values, and breaks the contract in the same places. *)
Theorem shared_objects_are_private_copies :
  forall S (p : client S) n history d, legal (atomic S) (events d) ->
  exists bs, forall h rest, related S d h ->
    match run low_do p n history d with
    | Done (responses, d') => exists h',
        run high_do p n history (with_env S (bs ++ rest) h) = Done (responses, h') /\
        related S d' h' /\ env (base h') = rest
    | Breach f => run high_do p n history (with_env S (bs ++ rest) h) = Breach f
    | Impossible _ => True
    end.
Proof. exact locks_refines. Qed.

(** A CPU that halts inside a critical section keeps the lock: whatever legally
    happens afterwards ([b]), it is still the holder and the object is unchanged. *)
Theorem panic_keeps_the_lock :
  forall S c b g l, legal (atomic S) (b ++ g) -> halted c g = true -> holder S l g = Some c ->
  holder S l (b ++ g) = Some c /\ forall k, object l k (b ++ g) = object l k g.
Proof. exact (@halted_keeps_lock). Qed.

(** T4.  The linked C of floors 1, 3 and 4, from the spin loop on w-bit words up,
    run by any client of the functions of the table, on memory that other CPUs
    change as they please within the protocol ([env_safe]: each of their events is
    in order; no word on time).  If the run ends, then the same client on private
    copies, among others who do the same, is told the same: to the end ([k = n]),
    or up to where its next operation breaks the contract.  At most 2^w CPUs;
    1 <= w <= 32. *)
Theorem stack_correct :
  forall prefix T N O width, table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width ->
  let S := table_system T N O in
  forall (mem : Type) (m : mem) (p : client S) n d responses d',
  (forall history o, p history = Some o -> of_table T o) ->
  c_run (stack prefix T) S width m p n [] d responses d' ->
  env_safe S width d d' ->
  invariant d -> settled S width d ->
  exists k bs, forall h rest, stands_for S width d h -> exists sofar h',
    run high_do p k [] (with_env S (bs ++ rest) h) = Done (sofar, h') /\ env (base h') = rest /\
    ((k = n /\ sofar = responses /\ stands_for S width d' h') \/
     ((k < n)%nat /\ (exists later, responses = later ++ sofar) /\
      exists o, p sofar = Some o /\ breaks o h')).
Proof.
  intros prefix T N O width Ok Width Fits S mem m p n d responses d' Table.
  exact (stack.correct.stack_correct (G := mkSetting prefix T Ok N O width Width Fits) m p Table n d responses d').
Qed.

(** T4.  If the others are fair besides, that run does end, in one way, and within a
    bound: of n operations each takes at most 2 + F * (N - 1) own events (primitives
    and accesses).  The client keeps the contract on private copies; F is how many
    polls of mine the serving number may stand still while I wait ([env_fair]). *)
Theorem stack_terminates :
  forall prefix T N O width, table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width ->
  let S := table_system T N O in let text := stack prefix T in
  forall (mem : Type) (m : mem) (p : client S) n F d h,
  (forall history o, p history = Some o -> of_table T o) ->
  invariant d -> settled S width d -> stands_for S width d h -> keeps_contract p [] h ->
  env_safe_throughout text S width m p [] d -> env_fair text S width m F p [] d ->
  exists responses d', c_run text S width m p n [] d responses d' /\
    (forall answers2 d2, c_run text S width m p n [] d answers2 d2 -> answers2 = responses /\ d2 = d') /\
    (own (me d') (events d') <= own (me d) (events d) + n * (2 + F * (N - 1)))%nat.
Proof.
  intros prefix T N O width Ok Width Fits S text mem m p n F d h Table.
  exact (stack.correct.stack_terminates (G := mkSetting prefix T Ok N O width Width Fits) m p Table n F d h).
Qed.

(** The start is such a state, and stands for the start. *)
Theorem stack_start :
  forall S width c, (c < cpus S)%nat ->
  invariant (start (words S width) c nil) /\ settled S width (start (words S width) c nil) /\
  stands_for S width (start (words S width) c nil) (mkHData (start (atomic S) c nil) nil).
Proof. exact stack.correct.stack_start. Qed.
