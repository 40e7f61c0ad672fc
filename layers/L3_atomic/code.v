(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 3: the exported C of [wait_hlock] and [pass_hlock] (T1)

    Floor 2 gives the C names [wait_lock] and [pass_lock] the specification of
    the queue ([queues_layer]); nothing else is known of them.  The two functions
    forward, so their low specification is that of the queue: whenever it is
    defined the body ends there, and whenever the body ends it is there.
    Read next: refine.v. *)
From Coq Require Import ZArith List Bool String FMapPositive.
From hlock.clight Require Import options integers values syntax operators semantics determinism vcgen functions.
From hlock.layers.view Require Import spec facts operations.
From hlock.layers.L2_queue Require Import spec facts.
From hlock.layers.L3_atomic Require Import spec.
From hlock.generated Require L3_atomic.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Section Code.
  Context (S : system).
  Local Notation data := (RData (queues S)).

  (** ** What floor 2 offers to C *)
  Definition pass_relation (l : Z) (d d' : data) : Prop := pass_qlock_spec S l d = Done d'.
  Definition queues_layer : layer data := fun id =>
    if Pos.eqb id ($"wait_lock") then Some (takes_uint (wait_qlock_spec S))
    else if Pos.eqb id ($"pass_lock") then Some (takes_uint pass_relation)
    else None.

  (** A module in which the functions of this floor are those of the exported
      text, and floor 2's are outside: that text alone, or linked with floor 4. *)
  Definition links (M : module) : Prop :=
    forall n, List.In n ["wait_lock"; "pass_lock"; "wait_hlock"; "pass_hlock"] ->
              find_function M ($n) = find_function L3_atomic.global_definitions ($n).
  Context (M : module) (Links : links M).
  Definition hlock_genv : genv data := mkgenv M queues_layer.
  Local Ltac linked n := exact (Links n ltac:(cbn; tauto)).

  (** ** The bodies *)
  Section Run.
    Context {mem : Type} (m : mem).

    Theorem wait_hlock_body_correct : forall (d d' : data) env le lk,
      env = empty_env -> le ! ($"lk") = Some (Vint lk) ->
      wait_hlock_spec_low (Int.unsigned lk) d d' ->
      exists le', exec_stmt hlock_genv env le (m, d) (fn_body L3_atomic.f_wait_hlock) E0 le' (m, d') Out_normal.
    Proof. exact (forwarder_correct hlock_genv m ($"lk") ($"wait_lock") _ _ ltac:(linked "wait_lock") eq_refl). Qed.

    Theorem wait_hlock_body_only : forall (d : data) env le lk le' st' out,
      le ! ($"lk") = Some (Vint lk) ->
      exec_stmt hlock_genv env le (m, d) (fn_body L3_atomic.f_wait_hlock) E0 le' st' out ->
      exists d', st' = (m, d') /\ out = Out_normal /\ wait_hlock_spec_low (Int.unsigned lk) d d'.
    Proof. exact (forwarder_only hlock_genv m ($"lk") ($"wait_lock") _ _ ltac:(linked "wait_lock") eq_refl). Qed.

    Theorem pass_hlock_body_correct : forall (d d' : data) env le lk,
      env = empty_env -> le ! ($"lk") = Some (Vint lk) ->
      pass_hlock_spec_low (Int.unsigned lk) d = Done d' ->
      exists le', exec_stmt hlock_genv env le (m, d) (fn_body L3_atomic.f_pass_hlock) E0 le' (m, d') Out_normal.
    Proof.
      exact (forwarder_correct hlock_genv m ($"lk") ($"pass_lock") pass_relation _ ltac:(linked "pass_lock") eq_refl).
    Qed.

    Theorem pass_hlock_body_only : forall (d : data) env le lk le' st' out,
      le ! ($"lk") = Some (Vint lk) ->
      exec_stmt hlock_genv env le (m, d) (fn_body L3_atomic.f_pass_hlock) E0 le' st' out ->
      exists d', st' = (m, d') /\ out = Out_normal /\ pass_hlock_spec_low (Int.unsigned lk) d = Done d'.
    Proof.
      exact (forwarder_only hlock_genv m ($"lk") ($"pass_lock") pass_relation _ ltac:(linked "pass_lock") eq_refl).
    Qed.
  End Run.

  (** ** As functions, argument passing included *)
  Theorem wait_hlock_code_correct : forall mem : Type,
    spec_le (mem := mem) ($"wait_hlock" ↦ takes_uint wait_hlock_spec_low) (〚 M 〛 queues_layer).
  Proof.
    exact (procedure_code M queues_layer ($"wait_hlock") _ _ _ ltac:(linked "wait_hlock")
             (forwarder_procedure ($"lk") ($"wait_lock")) (fun mem => wait_hlock_body_correct)).
  Qed.

  Theorem pass_hlock_code_correct : forall mem : Type,
    spec_le (mem := mem) ($"pass_hlock" ↦ takes_uint (fun l d d' => pass_hlock_spec_low l d = Done d'))
                         (〚 M 〛 queues_layer).
  Proof.
    exact (procedure_code M queues_layer ($"pass_hlock") _ _ _ ltac:(linked "pass_hlock")
             (forwarder_procedure ($"lk") ($"pass_lock")) (fun mem => pass_hlock_body_correct)).
  Qed.

  (** ** When the low specifications are defined *)
  Theorem wait_hlock_low_defined_iff l (d : data) :
    invariant d ->
    let g := (me d, Lock l Joined) :: seen d in
    (exists d', wait_hlock_spec_low l d d') <->
    lock_exists (S := S) l = true /\ stands S (me d) l (events d) = false /\ env_legal d /\
    exists k, let b := batches (Datatypes.S k) (tl (env d)) in
      batch_fault (queues S) (me d) b g = None /\ at_head S (me d) l (b ++ g) = true.
  Proof. exact (wait_qlock_defined_iff S l d). Qed.

  Theorem pass_hlock_low_defined_iff l (d : data) :
    invariant d ->
    (exists d', pass_hlock_spec_low l d = Done d') <->
    lock_exists (S := S) l = true /\ queue_inside S (me d) l (events d) = true /\ env_legal d.
  Proof. exact (pass_qlock_defined_iff S l d). Qed.
End Code.
