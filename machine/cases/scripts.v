(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Clients that are a list of operations, and schedules that are a list of rounds

    Whether such a client keeps the contract and is orderly can be computed
    ([script_kept], [script_orderly]); and so can where a schedule leads, round by
    round ([run_rounds]).
    Read next: worst.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.live Require Import live.
From hlock.machine.cases Require Import examples live_examples.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

(** ** Clients *)
Section Script.
  Context {S : system}.

  (** It goes through [ops], whatever it is told. *)
  Definition script (ops : list (op S)) : client S := fun history => nth_error ops (length history).
  Context (ops : list (op S)).
  Local Notation p := (script ops).

  (** It keeps the contract. *)
  Fixpoint kept (ops : list (op S)) (held : list Z) : bool :=
    match ops with
    | [] => true
    | o :: ops => allowed o held && negb (ends o) && kept ops (held_after o held)
    end.
  Lemma kept_keeps n : forall history held, kept (skipn (length history) ops) held = true -> keeps p n history held.
  Proof.
    induction n as [|n IH]; intros history held Kept; [exact I|]; cbn [keeps]; unfold script at 1.
    destruct (nth_error ops (length history)) as [o|] eqn:Next; [|exact I].
    apply nth_error_split in Next as (before & after & Is & Long).
    assert (Rest : skipn (length history) ops = o :: after /\ skipn (Datatypes.S (length history)) ops = after).
    { rewrite Is, <- Long; clear; induction before; cbn in *; auto. }
    destruct Rest as (First & Rest); rewrite First in Kept; cbn [kept] in Kept.
    apply andb_prop in Kept as (Kept & After); apply andb_prop in Kept as (Allowed & Goes); split; [exact Allowed|].
    intros a; apply negb_true_iff in Goes; rewrite Goes; apply IH; cbn [length]; now rewrite Rest.
  Qed.

  (** What it holds, and since when, does not depend on what it is told. *)
  Lemma told_same history : forall history', length history = length history' ->
    held p history = held p history' /\ (forall l, since p l history = since p l history') /\
    forall l, acquires_since p l history = acquires_since p l history'.
  Proof.
    induction history as [|a history IH]; intros [|a' history'] Same; try discriminate; [auto|].
    injection Same as Same; destruct (IH history' Same) as (Held & Since & Acquires).
    cbn [held since acquires_since]; unfold script; rewrite <- Same; fold p.
    split; [|split; intros l]; destruct (nth_error ops (length history)) as [[]|]; rewrite ?Held, ?Since, ?Acquires;
      auto.
  Qed.

  Definition past (n : nat) : list (response S) := repeat None n.
  (** It is orderly after its first [n] operations. *)
  Definition orderly_at (above : Z -> nat) (A B n : nat) : bool :=
    let history := past n in
    match p history, held p history with
    | Some (Op_acquire f i), locks =>
        forallb (fun l => (above (lock_id f i) <? above l)%nat && (acquires_since p l history <? A)%nat) locks
    | Some o, _ :: _ => negb (ends o)
    | None, _ :: _ => false
    | _, [] => true
    end &&
    forallb (fun l => (since p l history <? B)%nat) (held p history).
  Theorem script_orderly above A B :
    forallb (orderly_at above A B) (seq 0 (Datatypes.S (length ops))) = true ->
    orderly (chosen p) p above A B.
  Proof.
    intros All; rewrite forallb_forall in All.
    assert (At : forall history, chosen p history -> orderly_at above A B (length history) = true).
    { intros history Past; apply All, in_seq; destruct history as [|a history]; [cbn; lia|].
      destruct Past as (_ & o & Next & _); unfold script in Next.
      enough (length history < length ops)%nat by (cbn; lia); apply nth_error_Some; congruence. }
    assert (Same : forall history : list (response S),
              held p (past (length history)) = held p history /\
              (forall l, since p l (past (length history)) = since p l history) /\
              forall l, acquires_since p l (past (length history)) = acquires_since p l history)
      by (intros history; apply told_same, repeat_length).
    assert (Next : forall history : list (response S), p (past (length history)) = p history)
      by (intros history; unfold script, past; now rewrite repeat_length).
    constructor.
    - intros history f i l Past Choice Held; specialize (At history Past); unfold orderly_at in At.
      destruct (Same history) as (Is & _); rewrite Next, Is, Choice in At; apply andb_prop in At as (Climbs & _).
      rewrite forallb_forall in Climbs; specialize (Climbs l Held); apply andb_prop in Climbs as (Climbs & _).
      now apply Nat.ltb_lt in Climbs.
    - intros history Past Held; specialize (At history Past); unfold orderly_at in At.
      destruct (Same history) as (Is & _); rewrite Next, Is in At; apply andb_prop in At as (Goes & _).
      destruct (held p history); [now destruct Held|].
      destruct (p history) as [[]|]; try discriminate; eexists; split; reflexivity.
    - intros history l Past Held; specialize (At history Past); unfold orderly_at in At.
      destruct (Same history) as (Is & Since & _); rewrite Is in At; apply andb_prop in At as (_ & Lets).
      rewrite forallb_forall in Lets; specialize (Lets l Held); rewrite Since in Lets; now apply Nat.ltb_lt in Lets.
    - intros history f i l Past Choice Held; specialize (At history Past); unfold orderly_at in At.
      destruct (Same history) as (Is & _ & Acquires); rewrite Next, Is, Choice in At.
      apply andb_prop in At as (Nests & _).
      rewrite forallb_forall in Nests; specialize (Nests l Held); apply andb_prop in Nests as (_ & Nests).
      rewrite Acquires in Nests; now apply Nat.ltb_lt in Nests.
  Qed.
End Script.

(** All premises of liveness, of clients each of which is a script. *)
Lemma script_kept {S : system} (scripts : cpu -> list (op S)) :
  (forall c, kept (scripts c) [] = true) -> contract (fun c => script (scripts c)).
Proof. intros Kept c n; apply kept_keeps; exact (Kept c). Qed.
Lemma script_table {S : system} T (scripts : cpu -> list (op S)) : (forall c, Forall (of_table T) (scripts c)) ->
  forall c history o, script (scripts c) history = Some o -> of_table T o.
Proof. intros All c history o Next; apply nth_error_In in Next; revert o Next; now apply Forall_forall. Qed.

(** ** Schedules *)
Section Rounds.
  Context {S : system} (text : program) (width : Z) (clients : cpu -> client S).
  Local Notation M := (sc_memory S width).

  (** Round by round, in each of which every CPU makes a step. *)
  Fixpoint run_rounds (schedule : list (list cpu)) (x : machine M) : option (machine M) :=
    match schedule with
    | [] => Some x
    | cs :: schedule =>
        if forallb (fun c => existsb (Nat.eqb c) cs) (seq 0 (cpus S)) then
          match run text width clients cs x with Some x' => run_rounds schedule x' | None => None end
        else None
    end.
  Lemma run_rounds_sound schedule : forall x x', run_rounds schedule x = Some x' ->
    rounds text width M clients (length schedule) x x'.
  Proof.
    induction schedule as [|cs schedule IH]; cbn; intros x x' Is; [now injection Is as <-|].
    destruct (forallb _ _) eqn:All; [|discriminate].
    destruct (run text width clients cs x) as [x1|] eqn:Run; [|discriminate].
    exists x1; split; [|exact (IH x1 x' Is)]; exists cs; split; [exact (run_calm text width clients cs x x1 Run)|].
    intros c Cpu; left; rewrite forallb_forall in All.
    destruct (proj1 (existsb_exists _ _) (All c ltac:(apply in_seq; lia))) as (c' & Here & Same).
    now apply Nat.eqb_eq in Same as ->.
  Qed.

  (** CPU [c] is in a call, after [n] answers. *)
  Definition calls_after (n : nat) (c : cpu) (x : machine M) : bool :=
    match nth_error (threads x) c with Some (Calling _ history _) => (length history =? n)%nat | _ => false end.
  Lemma calls_not_over n c x history : calls_after n c x = true -> length history = n -> ~ over c history x.
  Proof.
    unfold calls_after; intros Calls Long (t & At & Beyond); rewrite At in Calls.
    destruct t; try discriminate; apply Nat.eqb_eq in Calls; cbn in Beyond; lia.
  Qed.
End Rounds.
