(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Clients that keep the contract

    Each client's own text keeps the contract, in its own program order
    (layers/L4_locks/contract.v); of the others nothing is assumed.  Then who holds
    a lock on the atomic machine is who holds it by its own history ([holdings]), so
    there is no breach ([no_breach]), and every execution of the machine is one of
    the atomic machine ([machine_correct]).  Read next: corollaries.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.L3_atomic Require Import spec facts.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract.
From hlock.stack Require Import setting stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant simulation correct.
Import ListNotations.
Local Open Scope Z_scope.

Section Contract.
  Context {S : system} (clients : cpu -> client S).
  Local Notation A := (atomic S).

  (** CPU [c] holds the locks in [held], and no others. *)
  Definition holds_exactly (c : cpu) (h : log S atomic_verb) (held : list Z) : Prop :=
    forall l, holder S l h = Some c <-> List.In l held.

  (** Who stands at [q] has kept the contract, and holds what its history says. *)
  Definition holding_at (c : cpu) (h : log S atomic_verb) (q : position S) : Prop :=
    let p := clients c in
    match q with
    | At_rest history => keeps_on p history /\ holds_exactly c h (held p history)
    | Pending o history => keeps_on p history /\ p history = Some o /\ effect o <> None /\
      holds_exactly c h (held p history)
    | Effected o history => keeps_on p history /\ p history = Some o /\ ends o = false /\
                         holds_exactly c h (held_after o (held p history))
    | Dead => True
    end.
  Definition holdings (y : atomic_machine S) : Prop :=
    forall c q, nth_error (positions y) c = Some q -> holding_at c (happened y) q.

  (** What another CPU can do changes nothing of what I hold. *)
  Lemma holder_other c c' a h l :
    c' <> c -> (a = Halted \/ possible c a h) -> holder S l ((c, a) :: h) = Some c' <-> holder S l h = Some c'.
  Proof.
    intros Other [->|Possible]; [reflexivity|]; apply event_fault_none in Possible as (_ & _ & Fault).
    destruct a as [l' k| | |]; [|reflexivity..]; cbn in Fault |- *.
    destruct (lock_exists l'); [|discriminate].
    destruct k; destruct (Z.eqb_spec l' l) as [->|]; try reflexivity; cbn in Fault.
    - destruct (holder S l h); [discriminate|]; split; congruence.
    - destruct (holds S c l h) eqn:Mine; [|discriminate]; apply holds_iff in Mine; split; congruence.
  Qed.

  (** A step of CPU [c], that adds [a] to the log or nothing. *)
  Lemma holdings_update y c q h' :
    holdings y -> (h' = happened y \/ exists a, h' = (c, a) :: happened y /\
      (a = Halted \/ possible c a (happened y))) ->
    holding_at c h' q -> holdings (mkAtomic (put_at c q (positions y)) h').
  Proof.
    intros All New Mine c' q'; cbn [positions happened]; rewrite nth_put.
    destruct (Nat.eqb_spec c' c) as [->|Other].
    - destruct (nth_error (positions y) c); [intros [= <-]; exact Mine|discriminate].
    - intros At; specialize (All c' q' At); destruct New as [->|(a & -> & Possible)]; [exact All|].
      assert (Same : forall held, holds_exactly c' (happened y) held -> holds_exactly c' ((c, a) :: happened y) held)
        by (intros held Exactly l; rewrite (holder_other c c' a (happened y) l Other Possible); apply Exactly).
      destruct q' as [history|o history|o history|]; cbn in *; intuition auto.
  Qed.

  (** A lock operation that takes effect. *)
  Lemma effect_holds c o a h held :
    effect o = Some a -> possible c a h -> holds_exactly c h held ->
    holds_exactly c ((c, a) :: h) (held_after o held).
  Proof.
    intros Effect Possible Exactly l; rewrite held_after_in; specialize (Exactly l).
    destruct o as [f i|f i|f i|f i v|]; try discriminate; injection Effect as <-; cbn [holder].
    - destruct (Z.eqb_spec (lock_id f i) l) as [->|Diff]; [tauto|].
      rewrite Exactly; intuition congruence.
    - destruct (Z.eqb_spec (lock_id f i) l) as [->|Diff]; [split; [discriminate|tauto]|].
      rewrite Exactly; intuition congruence.
  Qed.

  Lemma holdings_start : contract clients -> holdings (atomic_start (S := S)).
  Proof.
    intros Contract c q At; apply nth_repeat in At; subst; split; [exact (Contract c)|].
    intros l; split; [discriminate|contradiction].
  Qed.

  Lemma holdings_step c y v y' : holdings y -> atomic_step clients c y v y' -> holdings y'.
  Proof.
    intros All Step; destruct Step as [ps h history o At Next Effect|ps h history o a At Effect Possible
        |ps h history o At|ps h history f i l v At Next Possible|ps h history f i v l At Next Possible|ps h q At Lives].
    all: pose proof (All c _ At) as Mine; cbn [happened holding_at] in Mine.
    all: apply (holdings_update (mkAtomic ps h)); cbn [happened]; try exact All; eauto.
    - destruct Mine; cbn; auto.
    - destruct Mine as (Keeps & Next & _ & Exactly); cbn; repeat split; auto.
      1: destruct o; try discriminate; reflexivity.
      all: now apply effect_holds.
    - destruct Mine as (Keeps & Next & Goes_on & Exactly); cbn [holding_at held]; rewrite Next; split; [|exact Exactly].
      now apply (keeps_next _ _ _ Keeps Next).
    - destruct Mine as (Keeps & Exactly); cbn [holding_at held]; rewrite Next; split; [|exact Exactly].
      now apply (keeps_next _ _ _ Keeps Next).
    - destruct Mine as (Keeps & Exactly); cbn [holding_at held]; rewrite Next; split; [|exact Exactly].
      now apply (keeps_next _ _ _ Keeps Next).
    - exact I.
  Qed.

  Lemma holdings_reached tr y : contract clients -> atomic_execution clients tr y -> holdings y.
  Proof. intros Contract; induction 1; [now apply holdings_start|eauto using holdings_step]. Qed.

  Lemma holdings_no_breach y : holdings y -> ~ breach clients y.
  Proof.
    intros All (c & history & o & At & Next & Forbidden).
    destruct (All c _ At) as (Keeps & Exactly); destruct (keeps_next _ _ _ Keeps Next) as (Allowed & _).
    destruct o as [f i|f i|f i|f i v|]; [..|exact Forbidden]; cbn in Allowed, Forbidden;
      apply andb_prop in Allowed as (Range & Has); rewrite Range in Forbidden;
      specialize (Exactly (lock_id f i)); rewrite <- has_in in Exactly.
    1: apply negb_true_iff in Has; rewrite Has in Exactly.
    all: intuition congruence.
  Qed.

  (** Clients that keep the contract do not come to a breach. *)
  Theorem no_breach tr y : contract clients -> atomic_execution clients tr y -> ~ breach clients y.
  Proof. eauto using holdings_no_breach, holdings_reached. Qed.
End Contract.

Section Correct.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := (the_system).
  Local Notation M := (sc_memory S width).
  Let Table : forall c history o, clients c history = Some o -> of_table the_table o := clients_know.
  Context (Contract : contract clients).

  (** T5.  N threads run the exported C under clients that keep the contract, one
      step at a time, in any order; any of them may halt at any step.  What is seen
      of it is seen of the same clients on the atomic machine too: the same calls
      and returns, the same values read, in the same order. *)
  Theorem machine_correct tr x : execution text width M clients tr x ->
    exists y, atomic_execution clients tr y /\ match_machine x y.
  Proof.
    intros Run; destruct (machine_refines tr x Run)
      as [Above|(tr1 & tr2 & y & _ & Above & Breach)]; [exact Above|].
    destruct (no_breach clients tr1 y Contract Above Breach).
  Qed.

  (** With what each CPU holds there. *)
  Lemma machine_holdings tr x : execution text width M clients tr x ->
    exists y, match_machine x y /\ holdings clients y.
  Proof.
    intros Run; destruct (machine_correct tr x Run) as (y & Above & Rel).
    exists y; split; [exact Rel|exact (holdings_reached clients tr y Contract Above)].
  Qed.
End Correct.
