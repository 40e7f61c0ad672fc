(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Mutual exclusion, as it is seen from outside

    Of the visible trace alone: between the return of an acquire and the call of
    the release, no other CPU is there ([seen_exclusion]).  On the atomic machine
    it holds of all clients, whatever they do ([atomic_exclusion]); so a trace with
    two CPUs inside is not one of the atomic machine, which is how wrong.v refutes
    wrong locks.  Read next: wrong.v. *)
From Coq Require Import ZArith List Bool.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract.
From hlock.stack Require Import stack setting stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant simulation correct no_breach.
From hlock.machine.safety Require Export guaranteed.
Import ListNotations.
Local Open Scope Z_scope.

Section Atomic.
  Context {S : system} (clients : cpu -> client S).

  (** Who is seen inside holds the lock; so does who is about to return; and who
      has called a release is not seen inside. *)
  Record held_as_seen (tr : visible_trace S) (y : atomic_machine S) : Prop := {
    seen_holds c l : seen_inside c l tr = true -> holder S l (happened y) = Some c;
    entered_holds c f i history :
      nth_error (positions y) c = Some (Effected (Op_acquire f i) history) ->
        holder S (lock_id f i) (happened y) = Some c;
    leaving_unseen c f i history :
      nth_error (positions y) c = Some (Pending (Op_release f i) history) -> seen_inside c (lock_id f i) tr = false
  }.

  Lemma atomic_held_as_seen tr y : atomic_execution clients tr y -> held_as_seen tr y.
  Proof.
    induction 1 as [|tr y c v y' _ [Holds Entered Leaving] Step].
    - split; [discriminate|intros c f i history At|intros c f i history At]; apply invariant.nth_repeat in At;
        discriminate.
    - destruct Step as [ps g history o At Next Has|ps g history o a At Is Possible|ps g history o At
        |ps g history f i k l v At Next Possible
                       |ps g history f i k l v At Next Possible|ps g q At Lives]; cbn [positions happened] in *;
        (* that of CPU c is new, that of the others as it was *)
        (split; cbn [positions happened see seen_inside holder];
         [|intros c' f' i' history'; rewrite nth_put, At; destruct (Nat.eqb_spec c' c) as [->|Other]..]);
        try discriminate; eauto.
      + intros c' l; destruct o as [f i|f i| | |]; auto; rewrite andb_true_iff; intros (_ & Seen);
          exact (Holds c' l Seen).
      + intros [= -> _]; now rewrite Nat.eqb_refl, Z.eqb_refl.
      + intros Was; rewrite <- (Leaving _ _ _ _ Was); destruct o as [| |f i| |]; auto.
        now rewrite (proj2 (Nat.eqb_neq c c') (not_eq_sym Other)).
      + intros c' l Seen; specialize (Holds c' l Seen).
        destruct (Nat.eq_dec c' c) as [->|Other]; [|now apply (holder_other c c' a g l Other); auto].
        destruct o as [f i|f i| | |]; try discriminate; injection Is as <-;
          destruct (Z.eqb_spec (lock_id f i) l) as [<-|]; auto.
        now rewrite (Leaving c f i history At) in Seen.
      + intros [= -> _]; injection Is as <-; now rewrite Z.eqb_refl.
      + intros Was; apply Entered in Was; now apply (holder_other c c' a g _ Other); auto.
      + intros c' l; destruct o as [f i|f i| | |]; try apply Holds.
        destruct (Nat.eqb_spec c c') as [->|]; [destruct (Z.eqb_spec (lock_id f i) l) as [<-|]|]; cbn; try apply Holds.
        intros _; exact (Entered c' f i history At).
      + intros Was; rewrite <- (Leaving _ _ _ _ Was); destruct o as [f i| | | |]; auto.
        now rewrite (proj2 (Nat.eqb_neq c c') (not_eq_sym Other)).
  Qed.

  Theorem atomic_exclusion tr y c c' l : atomic_execution clients tr y ->
    seen_inside c l tr = true -> seen_inside c' l tr = true -> c = c'.
  Proof.
    intros Run Is Is'; apply atomic_held_as_seen in Run as [Holds _ _].
    apply Holds in Is, Is'; congruence.
  Qed.
End Atomic.

(** So it is of N CPUs on the C of a table. *)
Theorem seen_exclusion {G : running} : never_breaches clients the_table ->
  forall tr x c c' l, execution the_text width (sc_memory the_system width) clients tr x ->
  seen_inside c l tr = true -> seen_inside c' l tr = true -> c = c'.
Proof.
  intros Never tr x c c' l Run; destruct (machine_correct Never tr x Run) as (y & Above & _).
  exact (atomic_exclusion clients tr y c c' l Above).
Qed.
