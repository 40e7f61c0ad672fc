(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floors 2 and 3: the theorems speak of something

    Two CPUs and one lock.  CPU 1 holds it when CPU 0 calls; the first look of
    CPU 0 fails, then CPU 1 ends.  The wait is defined there and the exported C
    runs.  If CPU 1 never ends, or stands in the queue itself, it is not defined.  A wait that
    forwards to the pass is refuted. *)
From Coq Require Import ZArith List String Lia.
From hlock.clight Require Import options integers values syntax semantics vcgen functions.
From hlock.layers.view Require Import spec facts operations.
From hlock.layers.L2_queue Require Import spec facts.
From hlock.layers.L3_atomic Require Import spec code.
From hlock.generated Require L3_atomic.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Definition two : system := one_lock 2.

Definition busy : log two queue_verb := [(1%nat, Lock 0 Began); (1%nat, Lock 0 Joined)].
Definition waiting (c : cpu) (bs : list (log two queue_verb)) : RData (queues two) :=
  mkRData (F := queues two) c busy bs.
Definition contended : RData (queues two) := waiting 0%nat [[]; []; [(1%nat, Lock 0 Ended)]].

Lemma waiting_invariant c bs : (c < 2)%nat -> invariant (waiting c bs).
Proof. constructor; [reflexivity|assumption|reflexivity]. Qed.

Example wait_defined : exists d', wait_hlock_spec_low 0 contended d'.
Proof.
  apply (wait_hlock_low_defined_iff two 0 contended (waiting_invariant 0 _ ltac:(lia))).
  repeat (split; [reflexivity|]); now exists 1%nat.
Qed.

(** So the exported C runs, by name, with its argument. *)
Example wait_hlock_call_runs : exists d',
  call_function (mkgenv L3_atomic.global_definitions (queues_layer two)) ($"wait_hlock")
    [Vint Int.zero] (tt, contended) (tt, d') Vundef.
Proof.
  destruct wait_defined as (d' & Wait); exists d'.
  apply (wait_hlock_code_correct two L3_atomic.global_definitions (fun n _ => eq_refl) unit).
  split; [reflexivity|split; [reflexivity|]]; exists Int.zero; auto.
Qed.

(** Nobody ends: I am never first. *)
Example wait_alone_undefined : ~ exists d', wait_hlock_spec_low 0 (waiting 0%nat []) d'.
Proof.
  rewrite (wait_hlock_low_defined_iff two 0 _ (waiting_invariant 0 [] ltac:(lia))).
  intros (_ & _ & _ & k & _ & First).
  cbn [env tl waiting] in First; rewrite batches_nil in First; discriminate.
Qed.

(** The holder can pass, and cannot wait; a stranger cannot pass. *)
Example wait_of_holder_undefined : ~ exists d', wait_hlock_spec_low 0 (waiting 1%nat []) d'.
Proof.
  rewrite (wait_hlock_low_defined_iff two 0 _ (waiting_invariant 1 [] ltac:(lia))).
  intros (_ & Stands & _); discriminate.
Qed.
Example pass_of_holder_defined : exists d', pass_hlock_spec_low 0 (waiting 1%nat []) = Done d'.
Proof. now apply (pass_hlock_low_defined_iff two 0 _ (waiting_invariant 1 [] ltac:(lia))). Qed.
Example pass_of_stranger_undefined : ~ exists d', pass_hlock_spec_low 0 contended = Done d'.
Proof.
  rewrite (pass_hlock_low_defined_iff two 0 contended (waiting_invariant 0 _ ltac:(lia))).
  intros (_ & Inside & _); discriminate.
Qed.

(** ** A wrong program: a wait that calls the pass *)
Theorem wait_by_pass_refuted :
  ~ body_correct (hlock_genv two L3_atomic.global_definitions) tt ($"lk")
      (forwarder ($"lk") ($"pass_lock")) wait_hlock_spec_low.
Proof.
  intros Correct; destruct wait_defined as (d' & Wait).
  destruct (Correct contended d' empty_env (set_temp ($"lk") (Vint Int.zero) (undef_temps [])) Int.zero
              eq_refl (get_set_same _ _ _) Wait) as (le' & Run).
  destruct (pass_hlock_body_only two L3_atomic.global_definitions (fun n _ => eq_refl) tt contended _ _ Int.zero
              _ _ _ (get_set_same _ _ _) Run) as (d2 & _ & _ & Pass).
  exact (pass_of_stranger_undefined (ex_intro _ d2 Pass)).
Qed.
