(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Clients that never break the contract

    On the atomic machine, whatever happens there, no client comes to do what the
    contract forbids ([never_breaches]).  Then who holds a lock there is who holds it
    by its own history ([holdings]), and every execution of the machine is one of the
    atomic machine ([machine_correct]).  That the text of each client keeps the
    contract, whatever it is answered, is enough ([contract_suffices]).
    Read next: safety/corollaries.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.L3_atomic Require Import spec facts.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec contract contract_facts.
From hlock.stack Require Import setting stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant simulation correct.
Import ListNotations.
Local Open Scope Z_scope.

Section Holdings.
  Context {S : system} (P : client S -> list (response S) -> Prop) (clients : cpu -> client S).
  Local Notation A := (atomic S).

  (** CPU [c] holds the locks in [held], and no others. *)
  Definition holds_exactly (c : cpu) (h : log S atomic_verb) (held : list Z) : Prop :=
    forall l, holder S l h = Some c <-> List.In l held.

  (** Who stands at [q] holds what its history says; and [P] is true of that history. *)
  Definition holding_at (c : cpu) (h : log S atomic_verb) (q : position S) : Prop :=
    let p := clients c in
    match q with
    | At_rest history => P p history /\ holds_exactly c h (held p history)
    | Pending o history => P p history /\ p history = Some o /\ effect o <> None /\
                        holds_exactly c h (held p history)
    | Effected o history => P p history /\ p history = Some o /\ ends o = false /\
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
    destruct o as [f i|f i|f i k|f i k v|]; try discriminate; injection Effect as <-; cbn [holder].
    - destruct (Z.eqb_spec (lock_id f i) l) as [->|Diff]; [tauto|].
      rewrite Exactly; intuition congruence.
    - destruct (Z.eqb_spec (lock_id f i) l) as [->|Diff]; [split; [discriminate|tauto]|].
      rewrite Exactly; intuition congruence.
  Qed.

  Lemma holdings_start : (forall c, nth_error (positions (atomic_start (S := S))) c = Some (At_rest []) ->
    P (clients c) []) -> holdings (atomic_start (S := S)).
  Proof.
    intros First c q At; pose proof (nth_repeat _ _ _ _ At) as ->; split; [exact (First c At)|].
    intros l; split; [discriminate|contradiction].
  Qed.

  Lemma holdings_step c y v y' :
    (forall history a o, P (clients c) history -> clients c history = Some o -> ends o = false ->
      nth_error (positions y') c = Some (At_rest (a :: history)) ->
      holds_exactly c (happened y') (held (clients c) (a :: history)) -> P (clients c) (a :: history)) ->
    holdings y -> atomic_step clients c y v y' -> holdings y'.
  Proof.
    intros Next_too All Step.
    assert (Rests : forall history a o, P (clients c) history -> clients c history = Some o -> ends o = false ->
      nth_error (positions y') c = Some (At_rest (a :: history)) ->
      holds_exactly c (happened y') (held_after o (held (clients c) history)) ->
      holding_at c (happened y') (At_rest (a :: history))).
    { intros history a o Here Next Goes_on At Exactly.
      assert (Same : held (clients c) (a :: history) = held_after o (held (clients c) history))
        by (cbn [held]; now rewrite Next).
      rewrite <- Same in Exactly; split; [eapply Next_too; eassumption|exact Exactly]. }
    destruct Step as [ps h history o At Next Effect|ps h history o a At Effect Possible
        |ps h history o At|ps h history f i k l v At Next Possible|ps h history f i k v l At Next Possible
        |ps h q At Lives].
    all: pose proof (All c _ At) as Mine; cbn [positions happened holding_at] in Mine, Rests.
    all: apply (holdings_update (mkAtomic ps h)); cbn [happened]; try exact All; eauto.
    - destruct Mine; cbn; auto.
    - destruct Mine as (Here & Next & _ & Exactly); cbn; repeat split; auto.
      1: destruct o; try discriminate; reflexivity.
      all: now apply effect_holds.
    - destruct Mine as (Here & Next & Goes_on & Exactly).
      apply (Rests history None o); auto; rewrite nth_put, Nat.eqb_refl, At; reflexivity.
    - destruct Mine as (Here & Exactly).
      apply (Rests history _ (Op_read f i k)); auto; rewrite nth_put, Nat.eqb_refl, At; reflexivity.
    - destruct Mine as (Here & Exactly).
      apply (Rests history None (Op_write f i k v)); auto; rewrite nth_put, Nat.eqb_refl, At; reflexivity.
    - exact I.
  Qed.
End Holdings.

(** ** Clients that never break the contract, and texts that keep it *)
Section Never.
  Context {S : system} (T : table).

  (** What client [p] does next, if it has been told [history], is on a family of the
      table, and within the contract. *)
  Definition lawful (p : client S) (history : list (response S)) : Prop :=
    forall o, p history = Some o -> of_table T o /\ allowed o (held p history) = true.

  Context (clients : cpu -> client S).

  Lemma lawful_here y c history : ~ breach clients T y ->
    nth_error (positions y) c = Some (At_rest history) ->
    holds_exactly c (happened y) (held (clients c) history) -> lawful (clients c) history.
  Proof.
    intros Never At Exactly o Next.
    assert (Not : ~ forbidden T c o (happened y)) by (intros Bad; apply Never; exists c, history, o; auto).
    assert (Dec : forall l, has l (held (clients c) history) = true \/ has l (held (clients c) history) = false)
      by (intros l; destruct (has l (held (clients c) history)); auto).
    destruct o as [f i|f i|f i k|f i k v|]; cbn in Not |- *; [..|auto];
      specialize (Exactly (lock_id f i)); rewrite <- has_in in Exactly;
      destruct (in_dec same_family_dec f T), (in_family f i), (Dec (lock_id f i)) as [Is|Is]; rewrite Is in *; cbn;
      intuition discriminate.
  Qed.

  Lemma lawful_step c y v y' : ~ breach clients T y' ->
    holdings lawful clients y -> atomic_step clients c y v y' -> holdings lawful clients y'.
  Proof. intros Never; apply holdings_step; intros history a o _ _ _; now apply lawful_here. Qed.

  Lemma lawful_reached tr y : never_breaches clients T -> atomic_execution clients tr y -> holdings lawful clients y.
  Proof.
    intros Never; induction 1 as [|tr y c v y' Run IH Step].
    - apply holdings_start; intros c At; apply (lawful_here (atomic_start (S := S))); [|exact At|].
      + exact (Never _ _ (atomic_execution_start clients)).
      + intros l; split; [discriminate|contradiction].
    - apply (lawful_step c y v y'); auto; exact (Never _ _ (atomic_execution_step _ _ _ _ _ _ Run Step)).
  Qed.

  Lemma keeping_reached tr y : contract clients -> atomic_execution clients tr y -> holdings keeps_on clients y.
  Proof.
    intros Contract; induction 1 as [|tr y c v y' Run IH Step]; [apply holdings_start; intros c _; exact (Contract c)|].
    apply (holdings_step keeps_on clients c y v y'); auto; intros history a o Keeps Next Goes_on _ _.
    now apply (keeps_next _ _ _ Keeps Next).
  Qed.

  (** Clients whose texts keep the contract, whatever they are answered, never break it. *)
  Theorem contract_suffices : keep_contract T clients -> never_breaches clients T.
  Proof.
    intros (Table & Contract) tr y Run (c & history & o & At & Next & Forbidden).
    destruct (keeping_reached tr y Contract Run c _ At) as (Keeps & Exactly).
    destruct (keeps_next _ _ _ Keeps Next) as (Allowed & _); pose proof (Table _ _ _ Next) as Known.
    destruct o as [f i|f i|f i k|f i k v|]; [..|exact Forbidden]; cbn in Allowed, Forbidden, Known;
      apply andb_prop in Allowed as (Range & Has); rewrite Range in Forbidden;
      specialize (Exactly (lock_id f i)); rewrite <- has_in in Exactly.
    1: apply negb_true_iff in Has; rewrite Has in Exactly.
    all: intuition congruence.
  Qed.
End Never.

Section Correct.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := (the_system).
  Local Notation M := (sc_memory S width).
  Context (Never : never_breaches clients the_table).

  (** T5.  N threads run the exported C under clients that never break the contract, one
      step at a time, in any order; any of them may halt at any step.  What is seen
      of it is seen of the same clients on the atomic machine too: the same calls
      and returns, the same values read, in the same order. *)
  Theorem machine_correct tr x : execution text width M clients tr x ->
    exists y, atomic_execution clients tr y /\ match_machine x y.
  Proof.
    intros Run; destruct (machine_refines tr x Run)
      as [Above|(tr1 & tr2 & y & _ & Above & Breach)]; [exact Above|].
    destruct (Never tr1 y Above Breach).
  Qed.

  (** With what each CPU holds there. *)
  Lemma machine_holdings tr x : execution text width M clients tr x ->
    exists y, match_machine x y /\ holdings (lawful the_table) clients y.
  Proof.
    intros Run; destruct (machine_correct tr x Run) as (y & Above & Rel).
    exists y; split; [exact Rel|exact (lawful_reached the_table clients tr y Never Above)].
  Qed.
End Correct.
