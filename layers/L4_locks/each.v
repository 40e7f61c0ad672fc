(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 4: what the theorem over tables says of one function

    For the corollaries that speak of one function each (generated/L4_theorems.v).
    [M] and [fd] are what was exported; a family with an index, and one without.  Read next: examples.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics.
From hlock.layers.table Require Import table facts.
From hlock.layers.view Require Import spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.L4_locks Require Import spec text code.
Local Open Scope Z_scope.
Local Open Scope clight_scope.

Section Each.
  Context {prefix : string} {T : table} {M : module}.
  Context (Exported : M = locks_text prefix T) (Ok : table_ok T = true).
  Context (N : nat) (O : objects) (o : operation) {f : family} (Member : In f T).
  Let S := table_system T N O.

  Theorem body_with_index {p fd} : index f = Some p -> fd = function_text false o f ->
    forall (mem : Type) (m : mem) (d d' : RData (atomic S)) env le i,
    env = empty_env -> le ! ($p) = Some (Vint i) -> low_spec o f (Int.unsigned i) d = Done d' ->
    exists le', exec_stmt (locks_genv M S) env le (m, d) (fn_body fd) E0 le' (m, d') Out_normal.
  Proof.
    rewrite Exported; intros Index -> mem m d d' env le i Env Is.
    apply (acquire_release_body_correct false prefix T Ok N O o f Member mem m d d' env le _ Env).
    unfold index_in; rewrite Index; eauto.
  Qed.
  Theorem body_without_index {fd} : index f = None -> fd = function_text false o f ->
    forall (mem : Type) (m : mem) (d d' : RData (atomic S)) env le,
    env = empty_env -> low_spec o f 0 d = Done d' ->
    exists le', exec_stmt (locks_genv M S) env le (m, d) (fn_body fd) E0 le' (m, d') Out_normal.
  Proof.
    rewrite Exported; intros Index -> mem m d d' env le Env.
    apply (acquire_release_body_correct false prefix T Ok N O o f Member mem m d d' env le _ Env).
    unfold index_in; now rewrite Index.
  Qed.

  Theorem code_of : code_correct M prefix S o f.
  Proof. rewrite Exported; now destruct (locks_correct prefix T Ok N O f o Member) as (fd & _ & _ & Code). Qed.

  Lemma one_lock : index f = None -> count f = 1.
  Proof.
    intros Index; pose proof (table_ok_in T f Ok Member) as Good; unfold line_ok in Good.
    rewrite Index, !andb_true_iff, Z.eqb_eq in Good; tauto.
  Qed.
End Each.

(** When the specification is defined. *)
Section Defined.
  Context {T : table} (Ok : table_ok T = true) (N : nat) (O : objects) {f : family} (Member : In f T).
  Let S := table_system T N O.

  Theorem acquire_defined i (d : RData (atomic S)) : invariant d ->
    (exists d', acquire_low f i d = Done d') <-> 0 <= i < count f /\ env_legal d /\
      holder S (first f + i) (seen d) = None.
  Proof. exact (acquire_low_defined_iff T N O Ok f i d Member). Qed.
  Theorem release_defined i (d : RData (atomic S)) : invariant d ->
    (exists d', release_low f i d = Done d') <->
    0 <= i < count f /\ env_legal d /\ holder S (first f + i) (events d) = Some (me d).
  Proof. exact (release_low_defined_iff T N O Ok f i d Member). Qed.

  Theorem acquire_one_defined : index f = None -> forall d : RData (atomic S), invariant d ->
    (exists d', acquire_low f 0 d = Done d') <-> env_legal d /\ holder S (first f) (seen d) = None.
  Proof. intros Index d Inv; rewrite acquire_defined, (one_lock Ok Member Index), Z.add_0_r by exact Inv;
    intuition lia. Qed.
  Theorem release_one_defined : index f = None -> forall d : RData (atomic S), invariant d ->
    (exists d', release_low f 0 d = Done d') <-> env_legal d /\ holder S (first f) (events d) = Some (me d).
  Proof. intros Index d Inv; rewrite release_defined, (one_lock Ok Member Index), Z.add_0_r by exact Inv;
    intuition lia. Qed.
End Defined.
