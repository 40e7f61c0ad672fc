(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 1: wrong primitives, refuted

    The shipped statements with a place left open ([wait_correct],
    [pass_correct]): proved with the shipped thing in it, shown false with a
    wrong one.  Here a ticket taken by load, then store, and an [incr_now] by
    two.  What the latter costs is in skipped.v, wrong texts of C and a wrong
    caller are in wrong_code.v, too many CPUs in too_many.v.  Events are newest
    first; CPU 0 is the one that calls. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts map.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers.L1_ticket Require Import spec refine too_many.
Import ListNotations.
Local Open Scope Z_scope.

Section Statements.
  Context (S : system) (width : Z).
  Local Notation Low := (words S width).
  Local Notation High := (tickets S).
  Local Notation data := (RData Low).
  Local Notation in_order := (in_order S width).
  Local Notation order_after := (others_in_order S width).
  Local Notation related := (related Low High (show S)).

  (** What [wait_lock_refines] says, of any wait. *)
  Definition wait_correct (wait : Z -> data -> data -> Prop) : Prop :=
    forall l d d', wait l d d' ->
    in_order d -> order_after (me d) (events d') -> words_phase S (me d) l (events d) = Out ->
    words_phase S (me d) l (events d') = In /\ in_order d' /\
    exists bs, forall h rest, related d h -> exists h',
      wait_lock_spec S l (with_env High (bs ++ rest) h) h' /\ related d' h' /\ env h' = rest.

  (** What [pass_lock_refines] says, of any pass and of any caller: [may] is
      where the caller may stand. *)
  Definition pass_correct (may : phase -> Prop) (pass : Z -> data -> data -> Prop) : Prop :=
    forall l d d', pass l d d' ->
    in_order d -> order_after (me d) (events d') -> may (words_phase S (me d) l (events d)) ->
    words_phase S (me d) l (events d') = Out /\ in_order d' /\
    exists b, forall h rest, related d h -> exists h',
      pass_lock_spec S l (with_env High (b :: rest) h) = Done h' /\ related d' h' /\ env h' = rest.
  Definition passes (l : Z) (d d' : data) : Prop := pass_lock_spec_low l d = Done d'.
  Definition is_inside (p : phase) : Prop := p = In.

  (** What a kernel programmer concludes.  When the wait returns nobody else is inside. *)
  Definition enters_alone (wait : Z -> data -> data -> Prop) : Prop :=
    forall l d d', wait l d d' ->
    in_order d -> order_after (me d) (events d') -> words_phase S (me d) l (events d) = Out ->
    forall c, c <> me d -> words_inside S c l (events d') = false.
  (** After the pass, and what the others do then, two are not inside. *)
  Definition lets_in_one (may : phase -> Prop) (pass : Z -> data -> data -> Prop) : Prop :=
    forall l d d', pass l d d' -> me d' = me d ->
    in_order d -> order_after (me d) (seen d') -> may (words_phase S (me d) l (events d)) ->
    forall c c', words_inside S c l (seen d') = true -> words_inside S c' l (seen d') = true -> c = c'.

  (** The shipped primitives exchanged. *)
  Definition wait_by (take : Z -> data -> result (Z * data)) (l : Z) (d d' : data) : Prop :=
    exists t d1, take l d = Done (t, d1) /\ polls l t d1 d'.
  Definition pass_by (step l : Z) (d d' : data) : Prop :=
    let d := arrive S width d in
    let v := serving S width l (events d) in
    let d := arrive S width (record S width (Lock l (Loaded v)) d) in
    on_existing S l (record S width (Lock l (Stored ((v + step) mod modulus width))) d) = Done d'.

  (** With the shipped ones in place these are the shipped functions. *)
  Example wait_by_shipped : wait_by (incr_ticket_spec S width) = wait_lock_spec_low.
  Proof. reflexivity. Qed.
  Example pass_by_shipped : pass_by 1 = passes.
  Proof. reflexivity. Qed.

  (** ** The shipped functions satisfy all four, if not too many CPUs exist *)
  Context (Width : 1 <= width) (Fits : Z.of_nat (cpus S) <= 2 ^ width).

  Theorem shipped_wait_correct : wait_correct wait_lock_spec_low.
  Proof. exact (wait_lock_refines S width Width Fits). Qed.
  Theorem shipped_pass_correct : pass_correct is_inside passes.
  Proof. exact (pass_lock_refines S width Width Fits). Qed.

  Lemma correct_enters_alone wait : wait_correct wait -> enters_alone wait.
  Proof.
    intros Correct l d d' Wait Order After Outside c Other.
    destruct (Correct l d d' Wait Order After Outside) as (Mine & [[Legal _ _] _] & _).
    destruct (words_inside S c l (events d')) eqn:Theirs; [|reflexivity]; destruct Other.
    apply (words_exclusion S width Width Fits (events d') l); auto.
    unfold words_inside; now rewrite Mine.
  Qed.
  Lemma correct_lets_in_one may pass : pass_correct may pass -> lets_in_one may pass.
  Proof.
    intros Correct l d d' Pass Me Order After Stands c c'.
    destruct (Correct l d d' Pass Order) as (_ & Order' & _); [|exact Stands|].
    { now apply others_app in After. }
    apply (words_exclusion S width Width Fits), (seen_legal S width d' Order'); now rewrite Me.
  Qed.
End Statements.

(** An environment is in order if it is event by event. *)
Lemma others_cons S width c e g :
  (fst e <> c -> event_fault (words S width) e g = None) -> others_in_order S width c g ->
  others_in_order S width c (e :: g).
Proof. intros Here Before [|e' b] e1 g' [= -> ->]; [exact Here|now apply (Before b)]. Qed.
Lemma others_nil S width c : others_in_order S width c [].
Proof. now intros [|e b] e' g'. Qed.
Ltac each_in_order :=
  repeat (apply others_cons; [intros Other; first [reflexivity | now destruct Other]|]); apply others_nil.
Ltac starts_in_order :=
  constructor; [constructor; [reflexivity|repeat constructor|reflexivity]|repeat constructor; discriminate].

(** ** A ticket by load, then store *)

(** [next] is loaded, the others act, [next] is stored one higher: [Took] is the store. *)
Definition load_then_store {S width} (l : Z) (d : RData (words S width))
    : result (Z * RData (words S width)) :=
  let d := arrive S width d in
  let t := next S width l (events d) in
  let d := arrive S width d in
  on_existing S l (t, record S width (Lock l (Took t)) d).

(** Between my load and my store CPU 1 takes the same ticket and enters. *)
Definition comes_between width : RData (words (one_lock 2) width) :=
  start (words (one_lock 2) width) 0%nat [[]; [(1%nat, Lock 0 (Polled 0)); (1%nat, Lock 0 (Took 0))]].
Definition both_entered width : RData (words (one_lock 2) width) :=
  mkRData (F := words (one_lock 2) width) 0%nat
    [(0%nat, Lock 0 (Polled 0)); (0%nat, Lock 0 (Took 0));
     (1%nat, Lock 0 (Polled 0)); (1%nat, Lock 0 (Took 0))] [].

(** "When the wait returns nobody else is inside" is false of it: at every width
    two CPUs are inside, and the other one kept to the protocol. *)
Theorem split_ticket_two_inside width :
  ~ enters_alone (one_lock 2) width (wait_by (one_lock 2) width load_then_store).
Proof.
  intros Alone; discriminate (Alone 0 (comes_between width) (both_entered width)) with (c := 1%nat).
  - eexists _, _; split; [reflexivity|now apply my_turn].
  - starts_in_order.
  - each_in_order.
  - reflexivity.
  - discriminate.
Qed.
(** [wait_lock_refines] is false of it. *)
Theorem split_ticket_refuted width :
  1 <= width -> ~ wait_correct (one_lock 2) width (wait_by (one_lock 2) width load_then_store).
Proof.
  intros Width Correct; apply (split_ticket_two_inside width).
  apply correct_enters_alone; auto; change (2 ^ 1 <= 2 ^ width); now apply Z.pow_le_mono_r.
Qed.

(** ** A pass that skips a number *)

(** CPU 0, inside with ticket 0, passes to 2; CPU 1 waits with ticket 1. *)
Definition one_waits : RData (words (one_lock 2) 32) :=
  mkRData (F := words (one_lock 2) 32) 0%nat
    [(1%nat, Lock 0 (Took 1)); (0%nat, Lock 0 (Polled 0)); (0%nat, Lock 0 (Took 0))] [].
Definition one_skipped : RData (words (one_lock 2) 32) :=
  mkRData (F := words (one_lock 2) 32) 0%nat
    ([(0%nat, Lock 0 (Stored 2)); (0%nat, Lock 0 (Loaded 0))] ++ events one_waits) [].

(** [pass_lock_refines] is false of an [incr_now] by two. *)
Theorem pass_by_two_refuted :
  ~ pass_correct (one_lock 2) 32 is_inside (pass_by (one_lock 2) 32 2).
Proof.
  intros Correct; destruct (Correct 0 one_waits one_skipped) as (_ & [[Legal _ _] _] & _).
  - reflexivity.
  - starts_in_order.
  - each_in_order.
  - reflexivity.
  - discriminate Legal.
Qed.
