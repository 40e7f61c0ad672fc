(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The four places of a call

    A thread in a call is before its ticket, polling, before its release's load, or
    through; what it does next is known ([next_at]).  Read next: invariant.v. *)
From Coq Require Import ZArith List Bool String Lia FMapPositive.
From hlock.clight Require Import options integers values syntax operators semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers Require L1_ticket.code.
From hlock.layers.L4_locks Require Import table spec code.
From hlock.generated Require Import lock_table.
From hlock.main Require Import stack stack_total.
From hlock.machine Require Import thread position.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Inductive place :=
| Before_ticket (l : Z)
| Polling (l t : Z)
| Before_load (l : Z)
| Through.

Section Place.
  Context (width : Z) (Width : 1 <= width <= 32).

  (** Steps of its own bring code [s] to place [p]. *)
  Definition at_place (s : state) (p : place) : Prop :=
    match p with
    | Before_ticket l => exists n le k,
        Int.unsigned n = l /\ le ! ($"lk") = Some (Vint n) /\ returns k /\
        quietly s (Enter ($"incr_ticket") ext_ticket [Vint n] (k_ticket le k))
    | Polling l t => exists n le k,
        Int.unsigned n = l /\ L1_ticket.code.waits n t le /\ in_word width t /\ returns k /\
        quietly s (Enter ($"get_now") ext_now [Vint n] (k_poll le k))
    | Before_load l => exists n le k,
        Int.unsigned n = l /\ returns k /\ quietly s (Enter ($"incr_now") ext_pass [Vint n] (k_pass le k))
    | Through => quietly s (Give Vundef Kstop)
    end.

  Lemma earlier s s' p : quietly s s' -> at_place s' p -> at_place s p.
  Proof.
    intros Quiet; destruct p; cbn; [intros (n & le & k & H)..|]; [exists n, le, k; intuition..|];
      eauto using quietly_trans.
  Qed.

  Context {S : system}.

  (** What code [s], of operation [o], asks of memory at place [p]. *)
  Definition asks_at (o : op S) past (s : state) (p : place) : Prop :=
    match p with
    | Before_ticket l => exists go,
        in_call o past s = Take l (fun t => Calling o past (go t)) /\
        forall t, in_word width t -> at_place (go t) (Polling l t)
    | Polling l t => exists go,
        in_call o past s = Poll l (fun v => Calling o past (go v)) /\
        forall v, in_word width v -> at_place (go v) (if (v =? t)%Z then Through else Polling l t)
    | Before_load l => exists k,
        in_call o past s = Load l (fun v => Storing o past l v k) /\ returns k
    | Through => in_call o past s = Return o (Idle (None :: past))
    end.

  Lemma quiet_next (o : op S) past s s' :
    quietly s s' -> s = s' \/ exists s1, in_call o past s = Local (Calling o past s1) /\ quietly s1 s'.
  Proof.
    intros Quiet; destruct Quiet as [s|s s1 s2 Step Rest|ef targs tres cc k s2 Rest]; [auto|right..].
    - exists s1; split; [|exact Rest]; unfold in_call.
      destruct s as [le s k|le out k|f [text|ef targs tres cc] vs k|v [|s k|a b k|a b k|g k|r le k]];
        try discriminate; now rewrite Step.
    - exists (Give Vundef k); split; [reflexivity|exact Rest].
  Qed.

  (** A thread in a call makes a step of its own and stays at its place, or asks. *)
  Theorem next_at (o : op S) past s p : at_place s p ->
    (exists s', in_call o past s = Local (Calling o past s') /\ at_place s' p) \/ asks_at o past s p.
  Proof.
    destruct p as [l|l t|l|]; cbn [at_place asks_at].
    - intros (n & le & k & <- & Lk & Ret & Quiet).
      destruct (quiet_next o past _ _ Quiet) as [->|(s1 & Is & Rest)]; [right|left; exists s1; split; eauto 8].
      exists (fun t => Give (Vint (Int.repr t)) (k_ticket le k)); split; [reflexivity|]; intros t Word.
      destruct (from_ticket n t le k Lk) as (le' & Waits & Goes); exists n, le', k; auto.
    - intros (n & le & k & <- & Waits & Word & Ret & Quiet).
      destruct (quiet_next o past _ _ Quiet) as [->|(s1 & Is & Rest)]; [right|left; exists s1; split; eauto 9].
      exists (fun v => Give (Vint (Int.repr v)) (k_poll le k)); split; [reflexivity|]; intros v Word_v.
      destruct (Z.eqb_spec v t) as [->|Not].
      + exact (quietly_trans _ _ _ (poll_succeeds width Width n t le k Waits Word) Ret).
      + destruct (poll_fails width Width n t v le k Waits Word_v Word Not) as (le' & Waits' & Goes).
        exists n, le', k; auto.
    - intros (n & le & k & <- & Ret & Quiet).
      destruct (quiet_next o past _ _ Quiet) as [->|(s1 & Is & Rest)]; [right|left; exists s1; split; eauto 8].
      exists (k_pass le k); split; [reflexivity|exact (quietly_trans _ _ _ (from_pass le k) Ret)].
    - intros Quiet; destruct (quiet_next o past _ _ Quiet) as [->|(s1 & Is & Rest)]; [right; reflexivity|left; eauto].
  Qed.

  (** Where a call begins. *)
  Lemma place_of_acquire f i : List.In f lock_table -> in_family f i = true ->
    at_place (name_of Acquire f i) (Before_ticket (lock_id f i)).
  Proof.
    intros Member Range; destruct (to_floor_1 Acquire f i Member Range) as (n & k & Is & Ret & Quiet).
    destruct (to_ticket n k) as (le & Lk & Goes).
    exists n, le, k; split; [exact Is|split; [exact Lk|split; [exact Ret|]]].
    exact (quietly_trans _ _ _ Quiet Goes).
  Qed.
  Lemma place_of_release f i : List.In f lock_table -> in_family f i = true ->
    at_place (name_of Release f i) (Before_load (lock_id f i)).
  Proof.
    intros Member Range; destruct (to_floor_1 Release f i Member Range) as (n & k & Is & Ret & Quiet).
    destruct (to_pass n k) as (le & Goes).
    exists n, le, k; split; [exact Is|split; [exact Ret|]].
    exact (quietly_trans _ _ _ Quiet Goes).
  Qed.
End Place.
