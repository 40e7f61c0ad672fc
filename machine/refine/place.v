(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The four places of a call

    A thread in a call is before its ticket, polling, before its release's load, or
    through; what it does next is known ([next_at]).  Read next: invariant.v. *)
From Coq Require Import ZArith List Bool String Lia FMapPositive.
From hlock.clight Require Import options integers values syntax operators semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers Require L1_ticket.code.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text code sample.
From hlock.stack Require Import stack setting stack_total.
From hlock.machine.model Require Import thread.
From hlock.machine.refine Require Import position.
From hlock.machine.refine Require Export stretches.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Section Place.
  Context {G : setting}.
  Local Notation text := the_text.
  Local Notation quietly := (quietly (functions text)).
  Let Width : 1 <= width <= 32 := width_range.

  (** At most [n] steps of its own bring code [s] to place [p]. *)
  Definition near (n : nat) (s : state) (p : place) : Prop :=
    match p with
    | Before_ticket l => exists i le k,
        Int.unsigned i = l /\ le ! ($"lk") = Some (Vint i) /\ returns k /\
        quietly n s (Enter ($"incr_ticket") ext_ticket [Vint i] (k_ticket le k))
    | Polling l t => exists i le k,
        Int.unsigned i = l /\ L1_ticket.code.waits i t le /\ in_word width t /\ returns k /\
        quietly n s (Enter ($"get_now") ext_now [Vint i] (k_poll le k))
    | Before_load l => exists i le k,
        Int.unsigned i = l /\ returns k /\ quietly n s (Enter ($"incr_now") ext_pass [Vint i] (k_pass le k))
    | Through => quietly n s (Give Vundef Kstop)
    end.

  Definition at_place (s : state) (p : place) : Prop := near (quiet_steps p) s p.

  Lemma near_more n m s p : near n s p -> (n <= m)%nat -> near m s p.
  Proof.
    intros Near More; destruct p; cbn in *; [destruct Near as (i & le & k & Near)..|];
      [exists i, le, k; intuition eauto using quietly_more..|eauto using quietly_more].
  Qed.

  Lemma back_through s : near back_steps s Through -> at_place s Through.
  Proof. intros Back; apply (near_more back_steps); [exact Back|apply Nat.leb_le; reflexivity]. Qed.

  Context {S : system}.

  (** What code [s], of operation [o], asks of memory at place [p]. *)
  Definition asks_at (o : op S) history (s : state) (p : place) : Prop :=
    match p with
    | Before_ticket l => exists go,
        in_call text o history s = Take l (fun t => Calling o history (go t)) /\
        forall t, in_word width t -> at_place (go t) (Polling l t)
    | Polling l t => exists go,
        in_call text o history s = Poll l (fun v => Calling o history (go v)) /\
        forall v, in_word width v -> at_place (go v) (if (v =? t)%Z then Through else Polling l t)
    | Before_load l => exists k,
        in_call text o history s = Load l (fun v => Storing o history l v k) /\ near back_steps (Give Vundef k) Through
    | Through => in_call text o history s = Return o (Idle (None :: history))
    end.

  Lemma quiet_next (o : op S) history n s s' :
    quietly n s s' -> s = s' \/
    exists n' s1, n = Datatypes.S n' /\ in_call text o history s = Local (Calling o history s1) /\ quietly n' s1 s'.
  Proof.
    intros Quiet; destruct Quiet as [n s|n s s1 s2 Step Rest|n ef targs tres cc k s2 Rest]; [auto|right..].
    - exists n, s1; split; [reflexivity|split; [|exact Rest]]; unfold in_call.
      destruct s as [le s k|le out k|f [text|ef targs tres cc] vs k|v [|s k|a b k|a b k|g k|r le k]];
        try discriminate; now rewrite Step.
    - exists n, (Give Vundef k); split; [reflexivity|split; [reflexivity|exact Rest]].
  Qed.

  (** A thread in a call makes a step of its own and comes nearer, or asks. *)
  Theorem next_near (o : op S) history n s p : near n s p ->
    (exists n' s', n = Datatypes.S n' /\ in_call text o history s = Local (Calling o history s') /\ near n' s' p) \/
    asks_at o history s p.
  Proof.
    destruct p as [l|l t|l|]; cbn [near asks_at].
    - intros (i & le & k & <- & Lk & Ret & Quiet).
      destruct (quiet_next o history _ _ _ Quiet) as [->|(n' & s1 & -> & Is & Rest)];
        [right|left; exists n', s1; split; [reflexivity|split; [exact Is|exists i, le, k; auto]]].
      exists (fun t => Give (Vint (Int.repr t)) (k_ticket le k)); split; [reflexivity|]; intros t Word.
      destruct (from_ticket i t le k Lk) as (le' & Waits & Goes); exists i, le', k.
      split; [reflexivity|split; [exact Waits|split; [exact Word|split; [exact Ret|]]]].
      eapply quietly_more; [exact Goes|apply Nat.leb_le; reflexivity].
    - intros (i & le & k & <- & Waits & Word & Ret & Quiet).
      destruct (quiet_next o history _ _ _ Quiet) as [->|(n' & s1 & -> & Is & Rest)];
        [right|left; exists n', s1; split; [reflexivity|split; [exact Is|exists i, le, k; auto]]].
      exists (fun v => Give (Vint (Int.repr v)) (k_poll le k)); split; [reflexivity|]; intros v Word_v.
      destruct (Z.eqb_spec v t) as [->|Not].
      + eapply quietly_more; [exact (quietly_trans _ _ _ _ _ (poll_succeeds i t le k Waits Word) Ret)|].
        apply Nat.leb_le; reflexivity.
      + destruct (poll_fails i t v le k Waits Word_v Word Not) as (le' & Waits' & Goes).
        exists i, le', k; auto.
    - intros (i & le & k & <- & Ret & Quiet).
      destruct (quiet_next o history _ _ _ Quiet) as [->|(n' & s1 & -> & Is & Rest)];
        [right|left; exists n', s1; split; [reflexivity|split; [exact Is|exists i, le, k; auto]]].
      exists (k_pass le k); split; [reflexivity|].
      eapply quietly_more; [exact (quietly_trans _ _ _ _ _ (from_pass le k) Ret)|apply Nat.leb_le; reflexivity].
    - intros Quiet; destruct (quiet_next o history _ _ _ Quiet) as [->|(n' & s1 & -> & Is & Rest)];
        [right; reflexivity|left; eauto].
  Qed.
  Theorem next_at (o : op S) history s p : at_place s p ->
    (exists s', in_call text o history s = Local (Calling o history s') /\ at_place s' p) \/ asks_at o history s p.
  Proof.
    intros At; destruct (next_near o history _ s p At) as [(n & s' & Is & Local & Near)|Asks]; [left|auto].
    exists s'; split; [exact Local|]; apply (near_more n); [exact Near|lia].
  Qed.

  (** Where a call begins. *)
  Lemma place_of_acquire f i : List.In f the_table -> in_family f i = true ->
    at_place (name_of text Acquire f i) (Before_ticket (lock_id f i)).
  Proof.
    intros Member Range; destruct (to_floor_1 Acquire f i Member Range) as (n & k & Is & Ret & Quiet).
    destruct (to_ticket n k) as (le & Lk & Goes).
    exists n, le, k; split; [exact Is|split; [exact Lk|split; [exact Ret|]]].
    eapply quietly_more; [exact (quietly_trans _ _ _ _ _ Quiet Goes)|apply Nat.leb_le; reflexivity].
  Qed.
  Lemma place_of_release f i : List.In f the_table -> in_family f i = true ->
    at_place (name_of text Release f i) (Before_load (lock_id f i)).
  Proof.
    intros Member Range; destruct (to_floor_1 Release f i Member Range) as (n & k & Is & Ret & Quiet).
    destruct (to_pass n k) as (le & Goes).
    exists n, le, k; split; [exact Is|split; [exact Ret|]].
    eapply quietly_more; [exact (quietly_trans _ _ _ _ _ Quiet Goes)|apply Nat.leb_le; reflexivity].
  Qed.
End Place.
