(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * ABBA: against the ranks nobody need ever go on

    CPU 0 acquires core, then s2page; CPU 1 acquires s2page, then core.  Both keep the
    contract; CPU 0 is orderly, CPU 1 acquires against the ranks and is not.  The
    machine comes to a state from which fair schedules of any length exist, and in
    none of them does either operation ever end ([abba_deadlock]).  So what
    [deadlock_freedom] says is false of these clients, with any bound
    ([abba_no_bound]): without the rule of ranks it is no theorem.
    Read next: halted_waiter.v, the other rule that is needed. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text sample examples.
From hlock.stack Require Import setting stack_refine.
From hlock.stack Require Import examples.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import no_breach.
From hlock.machine.cases Require Import examples.
From hlock.machine.live Require Import live progress waiting starvation.
From hlock.machine.live Require Import round_robin crossed.
From hlock.machine.cases Require Import live_examples.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

(** ** The clients *)
Definition nested (outer inner : family) : list (op two) :=
  [Op_acquire outer 0; Op_acquire inner 0; Op_release inner 0; Op_release outer 0].
Definition abba : cpu -> client two := fun c history =>
  nth_error (match c with O => nested core_family s2page_family
    | _ => nested s2page_family core_family end) (length history).

Lemma abba_table c history o : abba c history = Some o -> of_table sample o.
Proof.
  intros Next; apply nth_error_In in Next; revert o Next; apply Forall_forall; destruct c.
  all: repeat apply Forall_cons; try apply Forall_nil; cbn [of_table]; unfold sample; cbn [List.In]; auto.
Qed.
Theorem abba_contract : contract abba.
Proof.
  intros [|c] n; do 4 (destruct n as [|n]; [exact I|split; [reflexivity|intros ?; cbn [ends]]]).
  all: now destruct n.
Qed.

Lemma abba_never : never_breaches abba sample.
Proof. exact (contract_suffices _ _ (conj abba_table abba_contract)). Qed.

(** CPU 0 takes locks in the order of their ranks. *)
Theorem abba_orderly : orderly (abba 0%nat) (rank_levels sample) 1 3.
Proof.
  constructor.
  - intros history f i l Past; each_past history Past; try discriminate; intros [= <- <-]; [contradiction|].
    intros [<-|[]]; vm_compute; lia.
  - intros history Past; each_past history Past; intros Held; try (now destruct Held); eexists; split; reflexivity.
  - intros history l Past; each_past history Past; try contradiction.
    + intros [<-|[]]; cbn; lia.
    + intros [<-|[<-|[]]]; cbn; lia.
    + intros [<-|[]]; cbn; lia.
Qed.
(** CPU 1 does not, however long it may hold. *)
Theorem abba_against_ranks A B : ~ orderly (abba 1%nat) (rank_levels sample) A B.
Proof.
  intros Orderly; assert (Past : chosen (abba 1%nat) [None]) by (split; [exact I|eexists; split; reflexivity]).
  pose proof (in_order _ _ A B Orderly [None] core_family 0 1 Past eq_refl (or_introl eq_refl)) as Less.
  vm_compute in Less; lia.
Qed.
(** But it goes on while it holds. *)
Lemma abba_goes_on c history : chosen (abba c) history -> held (abba c) history <> [] ->
  exists o, abba c history = Some o /\ ends o = false.
Proof.
  intros Past; destruct c; each_past history Past; intros Held; try (now destruct Held); eexists; split; reflexivity.
Qed.

(** ** The deadlock *)

(** Each acquires its first lock; then each takes a ticket for the other's and polls. *)
Definition embrace : list cpu := repeat 0%nat 31 ++ repeat 1%nat 31 ++ repeat 0%nat 19 ++ repeat 1%nat 19.

Lemma abba_embraced w : List.In w widths ->
  exists x, segment right w (sc_memory two w) abba (first_state _) embrace x /\
    (acquiring x 0%nat, acquiring x 1%nat) = (Some (s2page_family, 0, [None]), Some (core_family, 0, [None])) /\
    (words_phase two 0 1 (contents x), words_phase two 1 0 (contents x)) = (Waiting 1, Waiting 1).
Proof.
  intros Is; destruct (computed_calm right w abba (fun x : machine (sc_memory two w) =>
      (acquiring x 0%nat, acquiring x 1%nat, (words_phase two 0 1 (contents x),
        words_phase two 1 0 (contents x)))) embrace
      (Some (s2page_family, 0, [None]), Some (core_family, 0, [None]), (Waiting 1, Waiting 1))) as (x & Run & Found).
  - revert Is; intros [<-|[<-|[<-|[]]]]; vm_compute; reflexivity.
  - exists x; split; [exact Run|]; now apply pair_equal_spec in Found.
Qed.

(** CPU 0 waits for s2page and CPU 1 for core: whatever follows, for however many
    rounds, neither gets it; and any number of rounds can follow. *)
Theorem abba_deadlock w : List.In w widths ->
  exists x, segment right w (sc_memory two w) abba (first_state _) embrace x /\
    acquiring x 0%nat = Some (s2page_family, 0, [None]) /\ acquiring x 1%nat = Some (core_family, 0, [None]) /\
    forall n,
      (exists x', rounds right w (sc_memory two w) abba n x x') /\
      (forall x', rounds right w (sc_memory two w) abba n x x' -> ~ over 0 [None] x' /\ ~ over 1 [None] x').
Proof.
  intros Is; destruct (turns_premises w Is) as ((Width & _) & _).
  destruct (abba_embraced w Is) as (x & Run & Acquire & Wait); injection Acquire as At0 At1;
    injection Wait as Wait0 Wait1.
  exists x; split; [exact Run|split; [exact At0|split; [exact At1|]]]; intros n.
  pose proof (good_reached (G := of_clients w Width abba) abba_never embrace x Run) as Good.
  split; [exact (rounds_possible (G := of_clients w Width abba) abba_goes_on n x Good)|].
  intros x'; pose proof Good as (y & [Rel _ _ _]).
  destruct (acquiring_sound w x _ _ _ _ At0) as (s0 & T0), (acquiring_sound w x _ _ _ _ At1) as (s1 & T1).
  apply (crossed_waits (G :=
    of_clients w Width abba) n x x' 0 s2page_family 0 [None] 1 core_family 0 [None]);
    [discriminate|exact Good|].
  split; [|split; [|split; [now left|now left]]].
  - exact (waiting_polls (G := of_clients w Width abba) x y 0 s2page_family 0 [None] s0 1 Rel T0 Wait0).
  - exact (waiting_polls (G := of_clients w Width abba) x y 1 core_family 0 [None] s1 1 Rel T1 Wait1).
Qed.

(** So no number of rounds is enough for every operation to end. *)
Theorem abba_no_bound w bound : List.In w widths ->
  ~ forall cs x c t history x',
      segment right w (sc_memory two w) abba (first_state _) cs x -> (c < 2)%nat ->
      nth_error (threads x) c = Some t -> history_of t = Some history -> abba c history <> None ->
      rounds right w (sc_memory two w) abba bound x x' -> over c history x'.
Proof.
  intros Is All; destruct (abba_deadlock w Is) as (x & Run & At & _ & Deadlock).
  destruct (Deadlock bound) as ((x' & Rounds) & Never), (acquiring_sound w x _ _ _ _ At) as (s & T).
  destruct (Never x' Rounds) as (Not & _); apply Not.
  exact (All embrace x 0%nat _ [None] x' Run Nat.lt_0_2 T eq_refl ltac:(discriminate) Rounds).
Qed.
