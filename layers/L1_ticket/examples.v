(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 1: the theorems speak of something

    Two CPUs and one lock, on words of 32 bits and on numbers.  CPU 1 is inside
    when CPU 0 calls; the first poll of CPU 0 fails, then CPU 1 passes the lock
    on.  The wait is defined there and the exported C runs.  If CPU 1 never
    passes, or is CPU 0 itself, the wait is not defined. *)
From Coq Require Import ZArith List String Lia.
From hlock.clight Require Import options integers values syntax semantics functions.
From hlock.layers.view Require Import spec facts map operations.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers.L1_ticket Require Import spec facts code invariant refine.
From hlock.generated Require L1_ticket.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Definition two : system := one_lock 2.

(** ** On words *)
Definition low_inside : log two words_verb := [(1%nat, Lock 0 (Polled 0)); (1%nat, Lock 0 (Took 0))].
Definition low_passes : log two words_verb := [(1%nat, Lock 0 (Stored 1)); (1%nat, Lock 0 (Loaded 0))].
Definition low_contended : RData (words two 32) :=
  mkRData (F := words two 32) 0%nat low_inside [[]; []; low_passes].

Example low_wait_defined : exists d', wait_lock_spec_low 0 low_contended d'.
Proof. apply wait_lock_low_defined_iff; split; [reflexivity|now exists 1%nat]. Qed.

(** So the exported C runs, by name, with its argument. *)
Example wait_lock_call_runs : exists d',
  call_function (mkgenv L1_ticket.global_definitions (words_layer two 32)) ($"wait_lock")
    [Vint Int.zero] (tt, low_contended) (tt, d') Vundef.
Proof.
  destruct low_wait_defined as (d' & Wait); exists d'.
  apply (wait_lock_code_correct two 32 ltac:(lia) L1_ticket.global_definitions (fun n _ => eq_refl) unit).
  split; [reflexivity|split; [reflexivity|]]; exists Int.zero; auto.
Qed.

Example low_invariant : words_invariant two 32 low_contended.
Proof.
  assert (Legal : legal (words two 32) low_inside) by reflexivity.
  constructor; [constructor; [exact Legal|cbn; lia|apply legal_words_bounded; [lia|exact Legal]]|].
  repeat constructor; discriminate.
Qed.

(** Without the last batch [now] never becomes the ticket. *)
Example low_wait_alone_undefined :
  ~ exists d', wait_lock_spec_low 0 (mkRData (F := words two 32) 0%nat low_inside []) d'.
Proof.
  rewrite wait_lock_low_defined_iff; intros (_ & k & Comes).
  cbn [env tl] in Comes; rewrite batches_nil in Comes; discriminate.
Qed.

(** ** On numbers *)
Definition inside : log two ticket_verb := [(1%nat, Lock 0 (Saw 0)); (1%nat, Lock 0 (Drew 0))].
Definition contended : RData (tickets two) :=
  mkRData (F := tickets two) 0%nat inside [[]; []; [(1%nat, Lock 0 Bumped)]].

Lemma contended_invariant : invariant contended.
Proof. constructor; [reflexivity|cbn; lia|reflexivity]. Qed.

Example wait_defined : exists d', wait_lock_spec two 0 contended d'.
Proof.
  apply (wait_lock_defined_iff two 0 contended contended_invariant).
  repeat (split; [reflexivity|]); now exists 1%nat.
Qed.

(** CPU 1 has the lock already; it could pass it. *)
Definition by_holder : RData (tickets two) := mkRData (F := tickets two) 1%nat inside [].
Lemma by_holder_invariant : invariant by_holder.
Proof. constructor; [reflexivity|cbn; lia|reflexivity]. Qed.
Example wait_of_holder_undefined : ~ exists d', wait_lock_spec two 0 by_holder d'.
Proof. rewrite (wait_lock_defined_iff two 0 by_holder by_holder_invariant); intros (_ & Outside & _); discriminate. Qed.
Example pass_of_holder_defined : exists d', pass_lock_spec two 0 by_holder = Done d'.
Proof. now apply (pass_lock_defined_iff two 0 by_holder by_holder_invariant). Qed.

(** A stranger cannot. *)
Example pass_of_stranger_undefined : ~ exists d', pass_lock_spec two 0 contended = Done d'.
Proof. rewrite (pass_lock_defined_iff two 0 contended contended_invariant); intros (_ & Inside & _); discriminate. Qed.

(** ** Between its load and its store the two floors see a CPU differently: why
    [tickets_agree] asks that it is not [Leaving]. *)
Example leaving_disagrees :
  let g : log two words_verb := (1%nat, Lock 0 (Loaded 0)) :: low_inside in
  legal (words two 32) g /\ words_inside two 1 0 g = false /\
  ticket_inside two 1 0 (image (words two 32) (tickets two) (show two) g) = true.
Proof. repeat split. Qed.
