(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The judge of floor 0: tickets and the word that serves them

    Of the verbs of a lock those are enough that made its two words what they are
    and brought each CPU where it stands: the last ticket taken, the last store,
    and of each CPU its last ticket, load or store, with the poll that showed it
    its turn.  That is a bounded number for each CPU, however long the run is.
    The judge itself is layers/view/judge.v.  Tickets wrap at any width; the judge
    of real runs (tools/judge) uses 32. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec judge.
From hlock.layers.L0_machine Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.

Section Judge.
  Context (S : system) (width : Z).
  Local Notation F := (words S width).
  Local Notation log := (log S words_verb).

  (** What the rule reads off a log. *)
  Definition same_words (l : Z) (g g' : log) : Prop :=
    next S width l g = next S width l g' /\ now S width l g = now S width l g' /\
    forall c, words_phase S c l g = words_phase S c l g'.

  Lemma same_words_same l g g' : same_words l g g' -> same F l g g'.
  Proof.
    intros Same b c; cbn in *; unfold words_fault, words_inside.
    enough (same_words l (b ++ g) (b ++ g')) as (-> & -> & ->) by auto.
    induction b as [|[c' [l' k|l' v|l' v|]] b IH]; auto.
    destruct IH as (Next & Now & Phase); repeat split; [..|intros c1; cbn; now rewrite Phase].
    all: destruct k; cbn; auto; now destruct (l' =? l).
  Qed.

  (** Newest event first.  [took], [stored]: a later event of that kind was kept;
      [settled]: the CPUs whose place follows from later events. *)
  Definition keep (b : bool) (e : event S words_verb) (h : log) : log := if b then e :: h else h.
  Definition shows_turn (c : cpu) (l v : Z) (h : log) : bool :=
    match words_phase S c l h with Waiting t => v =? t | _ => false end.
  Fixpoint shorten (took stored : bool) (settled : list cpu) (h : log) : log :=
    match h with
    | [] => []
    | (c, a) as e :: h =>
        let fresh := negb (existsb (Nat.eqb c) settled) in
        match a with
        | Lock _ (Took _) => keep (fresh || negb took) e (shorten true stored (c :: settled) h)
        | Lock _ (Stored _) => keep (fresh || negb stored) e (shorten took true (c :: settled) h)
        | Lock _ (Loaded _) => keep fresh e (shorten took stored (c :: settled) h)
        | Lock l (Polled v) => keep (fresh && shows_turn c l v h) e (shorten took stored settled h)
        | _ => shorten took stored settled h
        end
    end.
  Definition still_told : log -> log := shorten false false [].

  Lemma shorten_verbs l (h : log) : Forall (verb_of F l) h ->
    forall took stored settled, Forall (verb_of F l) (shorten took stored settled h).
  Proof.
    induction 1 as [|[c a] h E _ IH]; cbn; auto; intros took stored settled.
    destruct a as [l' []|l' v|l' v|]; auto; unfold keep.
    all: match goal with |- context [if ?b then _ else _] => destruct b end; auto.
  Qed.

  Lemma shorten_next l (h : log) : Forall (verb_of F l) h -> forall stored settled,
    next S width l (shorten false stored settled h) = next S width l h.
  Proof.
    induction 1 as [|[c a] h [k E] _ IH]; cbn; auto; intros stored settled; cbn in E; subst a.
    destruct k; rewrite ?orb_true_r; unfold keep; cbn [next]; auto.
    - now rewrite Z.eqb_refl.
    - destruct (_ && _); cbn; auto.
    - destruct (negb _); cbn; auto.
    - destruct (_ || _); cbn; auto.
  Qed.
  Lemma shorten_now l (h : log) : Forall (verb_of F l) h -> forall took settled,
    now S width l (shorten took false settled h) = now S width l h.
  Proof.
    induction 1 as [|[c a] h [k E] _ IH]; cbn; auto; intros took settled; cbn in E; subst a.
    destruct k; rewrite ?orb_true_r; unfold keep; cbn [now]; auto.
    - destruct (_ || _); cbn; auto.
    - destruct (_ && _); cbn; auto.
    - destruct (negb _); cbn; auto.
    - now rewrite Z.eqb_refl.
  Qed.
  Lemma shorten_phase c l (h : log) : Forall (verb_of F l) h -> forall took stored settled,
    existsb (Nat.eqb c) settled = false ->
    words_phase S c l (shorten took stored settled h) = words_phase S c l h.
  Proof.
    induction 1 as [|[c' a] h [k E] _ IH]; cbn; auto; intros took stored settled Fresh.
    cbn in E; subst a; rewrite Z.eqb_refl, andb_true_r; destruct (Nat.eqb_spec c' c) as [->|Diff].
    - rewrite Fresh; destruct k; cbn; rewrite ?Nat.eqb_refl, ?Z.eqb_refl; auto.
      unfold shows_turn; destruct (words_phase S c l h) eqn:Phase; cbn; rewrite ?IH, ?Phase; auto.
      destruct (v =? t) eqn:Turn; cbn; rewrite ?Nat.eqb_refl, ?Z.eqb_refl, ?IH, ?Phase; auto.
      cbn; now rewrite Turn.
    - assert (More : existsb (Nat.eqb c) (c' :: settled) = false)
        by (cbn; rewrite Fresh, orb_false_r; apply Nat.eqb_neq; congruence).
      destruct k; unfold keep; cbn.
      all: match goal with |- context [if ?b then _ else _] => destruct b end; cbn; auto.
      all: now rewrite (proj2 (Nat.eqb_neq c' c)) by auto; apply IH.
  Qed.

  Theorem still_told_enough : compresses F still_told.
  Proof.
    constructor.
    - intros l h Verbs; apply same_words_same; repeat split.
      + now apply shorten_next.
      + now apply shorten_now.
      + intros c; now apply shorten_phase.
    - intros l h Verbs; now apply shorten_verbs.
    - intros l [c a] g Other; apply same_words_same.
      destruct a as [l' k|l' v|l' v|]; [|repeat split..].
      assert (l' =? l = false) as Diff
        by (apply Z.eqb_neq; intros ->; destruct Other; now exists k).
      repeat split; [..|intros c'; cbn; now rewrite Diff, andb_false_r].
      all: destruct k; cbn; now rewrite ?Diff.
  Qed.

  Definition words_judge (es : log) : option (fault * nat) :=
    judge F still_told (initial_state F) 0 es.

  Theorem words_judge_correct es : oldest_fault F es (words_judge es).
  Proof. apply judge_correct, still_told_enough. Qed.

  (** ** From what a trace records to verbs

      A trace has the number that [now] held when a CPU was inside, [t], and not when
      the CPU took its ticket, nor its polls in vain.  The ticket is put at the
      latest place, just before the poll that ended the wait.  If any places
      explain the run, these do: all that a ticket is compared with is the ticket
      before it, CPUs (at most 2^width) enter in the order of their tickets, and
      between its call and its entry a CPU does nothing else.  A CPU that still waits at the end of the
      trace has no number in it, and no verb. *)
  Definition acquired (c : cpu) (l t : Z) : log := [(c, Lock l (Took t)); (c, Lock l (Polled t))].

  (** What a release loads is not in the trace either: nobody else stores, so it is
      the number of the entry.  That it was, and that one was added, shows in the
      number of the next entry. *)
  Definition released (c : cpu) (l t : Z) : log :=
    [(c, Lock l (Loaded t)); (c, Lock l (Stored ((t + 1) mod modulus width)))].

  (** The number that verb [k] has, and the one that memory has after log [g]. *)
  Definition found_expected (l : Z) (k : words_verb) (g : log) : option (Z * Z) :=
    match k with
    | Took t => Some (t, next S width l g)
    | Polled v | Loaded v => Some (v, now S width l g)
    | Stored _ => None
    end.
End Judge.

(** ** Instances: numbers that wrap, that are lost, that are skipped *)
Definition visit (width : Z) (c : cpu) (t : Z) : log (one_lock 2) words_verb :=
  acquired _ c 0 t ++ released _ width c 0 t.

Theorem judge_wraps :
  words_judge (one_lock 2) 1 (visit 1 0 0 ++ visit 1 1 1 ++ visit 1 1 0 ++ visit 1 0 1) = None.
Proof. vm_compute; reflexivity. Qed.

(** With 32 bits, from the last number before the wrap. *)
Theorem judge_wraps_at_32 :
  let note e := judge.record (words (one_lock 2) 32) (still_told (one_lock 2)) e in
  let before := note (0%nat, Lock 0 (Stored (2 ^ 32 - 1)))
                  (note (0%nat, Lock 0 (Took (2 ^ 32 - 2))) (initial_state _)) in
  judge (words (one_lock 2) 32) (still_told (one_lock 2)) before 0
    (visit 32 1 (2 ^ 32 - 1) ++ visit 32 0 0 ++ visit 32 1 1) = None.
Proof. vm_compute; reflexivity. Qed.

(** Two CPUs have one ticket: the second take is wrong. *)
Theorem lost_ticket_judged :
  words_judge (one_lock 2) 32 (acquired _ 0%nat 0 0 ++ acquired _ 1%nat 0 0) = Some (Wrong_value, 2%nat).
Proof. vm_compute; reflexivity. Qed.

(** Each take and each release adds two: it excludes, and the numbers are wrong. *)
Theorem skipped_number_judged :
  words_judge (one_lock 2) 32 (visit 32 0 0 ++ visit 32 1 2) = Some (Wrong_value, 4%nat).
Proof. vm_compute; reflexivity. Qed.
