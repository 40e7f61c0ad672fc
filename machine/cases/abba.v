(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * ABBA: against the order nobody need ever go on

    Two CPUs acquire two locks, each of them in the order that is not the other's
    ([crossing]).  Both keep the contract; one of them is not orderly.  If each has
    its first lock and waits for the other's, then fair schedules of any length exist,
    and in none of them does either operation ever end ([crossing_deadlock]).  The
    machine comes to that: of core and s2page, against the ranks ([abba_deadlock]),
    and of two VMs, against the index ([vms_deadlock]).  So what [deadlock_freedom]
    says is false of these clients, with any bound ([abba_no_bound]): without the
    order it is no theorem.
    Read next: two_vms.v, two VMs in order; halted_waiter.v, the other rule that is needed. *)
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
Definition nested (outer : family) (o : Z) (inner : family) (i : Z) : list (op two) :=
  [Op_acquire outer o; Op_acquire inner i; Op_release inner i; Op_release outer o].
(** CPU 0 acquires lock [i] of family [f], then lock [j] of [g]; CPU 1 the other way. *)
Definition crossing (f : family) (i : Z) (g : family) (j : Z) : cpu -> client two := fun c history =>
  nth_error (match c with O => nested f i g j | _ => nested g j f i end) (length history).

Section Crossing.
  Context (f : family) (i : Z) (g : family) (j : Z).
  Local Notation clients := (crossing f i g j).

  Lemma crossing_table : List.In f sample -> List.In g sample ->
    forall c history o, clients c history = Some o -> of_table sample o.
  Proof.
    intros F_in G_in c history o Next; apply nth_error_In in Next; revert o Next; apply Forall_forall; destruct c.
    all: repeat apply Forall_cons; try apply Forall_nil; cbn [of_table]; auto.
  Qed.
  (** A client goes on while it holds. *)
  Lemma crossing_goes_on c history : chosen (clients c) history -> held (clients c) history <> [] ->
    exists o, clients c history = Some o /\ ends o = false.
  Proof.
    intros Past; destruct c; each_past history Past; intros Held; try (eexists; split; reflexivity);
      destruct Held; cbn; rewrite Z.eqb_refl; cbn; destruct (_ =? _)%Z; cbn; rewrite ?Z.eqb_refl; reflexivity.
  Qed.

  (** Each acquires its first lock; then each takes a ticket for the other's and polls. *)
  Definition embrace : list cpu := repeat 0%nat 31 ++ repeat 1%nat 31 ++ repeat 0%nat 19 ++ repeat 1%nat 19.
  Definition embraced {w} (x : machine (sc_memory two w)) : Prop :=
    acquiring x 0%nat = Some (g, j, [None]) /\ acquiring x 1%nat = Some (f, i, [None]) /\
    words_phase two 0 (lock_id g j) (contents x) = Waiting 1 /\
    words_phase two 1 (lock_id f i) (contents x) = Waiting 1.

  (** Then, whatever follows, for however many rounds, neither gets its second lock; and
      any number of rounds can follow. *)
  Theorem crossing_deadlock w x : List.In w widths -> List.In f sample -> List.In g sample -> contract clients ->
    segment sample_text w (sc_memory two w) clients (first_state _) embrace x -> embraced x ->
    forall n,
      (exists x', rounds sample_text w (sc_memory two w) clients n x x') /\
      (forall x', rounds sample_text w (sc_memory two w) clients n x x' -> ~ over 0 [None] x' /\ ~ over 1 [None] x').
  Proof.
    intros Is F_in G_in Contract Run (At0 & At1 & Wait0 & Wait1) n.
    pose proof (contract_suffices _ _ (conj (crossing_table F_in G_in) Contract)) as Never.
    destruct (turns_premises w Is) as ((Width & _) & _).
    pose proof (good_reached (G := of_clients w Width clients) Never embrace x Run) as Good.
    split; [exact (rounds_possible (G := of_clients w Width clients) 
             (fun c history Told => crossing_goes_on c history (told_chosen clients c history Told)) n x Good)|].
    intros x'; pose proof Good as (y & [Rel _ _ _]).
    destruct (acquiring_sound w x _ _ _ _ At0) as (s0 & T0), (acquiring_sound w x _ _ _ _ At1) as (s1 & T1).
    apply (crossed_waits (G := of_clients w Width clients) n x x' 0 g j [None] 1 f i [None]);
      [discriminate|exact Good|].
    split; [|split; [|split; [now left|now left]]].
    - exact (waiting_polls (G := of_clients w Width clients) x y 0 g j [None] s0 1 Rel T0 Wait0).
    - exact (waiting_polls (G := of_clients w Width clients) x y 1 f i [None] s1 1 Rel T1 Wait1).
  Qed.
End Crossing.

(** The machine comes to that: it is computed. *)
Ltac come_to_embrace w Is clients f i g j :=
  destruct (computed_calm sample_text w clients (fun x : machine (sc_memory two w) =>
      (acquiring x 0%nat, acquiring x 1%nat, (words_phase two 0 (lock_id g j) (contents x),
        words_phase two 1 (lock_id f i) (contents x)))) embrace
      (Some (g, j, [None]), Some (f, i, [None]), (Waiting 1, Waiting 1))) as (x & Run & Found);
  [revert Is; intros [<-|[<-|[<-|[]]]]; by_kernel|exists x; split; [exact Run|]];
  apply pair_equal_spec in Found as (Found & Waits); apply pair_equal_spec in Found as (At0 & At1);
  apply pair_equal_spec in Waits as (Wait0 & Wait1); unfold embraced; auto.

(** ** Against the ranks *)
Definition abba : cpu -> client two := crossing core_family 0 s2page_family 0.

Theorem abba_contract : contract abba.
Proof.
  intros [|c] n; do 4 (destruct n as [|n]; [exact I|split; [reflexivity|intros ?; cbn [ends]]]).
  all: now destruct n.
Qed.

(** CPU 0 takes locks in the order of their ranks. *)
Theorem abba_orderly : orderly (chosen (abba 0%nat)) (abba 0%nat) (rank_levels sample) 1 3.
Proof.
  constructor.
  - intros history f i l Past; each_past history Past; try discriminate; intros [= <- <-]; [contradiction|].
    intros [<-|[]]; vm_compute; lia.
  - exact (crossing_goes_on core_family 0 s2page_family 0 0%nat).
  - intros history l Past; each_past history Past; try contradiction.
    + intros [<-|[]]; cbn; lia.
    + intros [<-|[<-|[]]]; cbn; lia.
    + intros [<-|[]]; cbn; lia.
  - intros history f i l Past; each_past history Past; try discriminate; intros [= <- <-]; [contradiction|].
    intros [<-|[]]; cbn; lia.
Qed.
(** CPU 1 does not, however long it may hold. *)
Theorem abba_against_ranks : ~ follows_order sample (is_told abba 1%nat) (abba 1%nat).
Proof.
  intros Follows; pose proof (told_first abba 1%nat _ _ ltac:(cbn; lia) eq_refl eq_refl) as Past.
  discriminate (Follows [None] core_family 0 1 Past eq_refl (or_introl eq_refl)).
Qed.
(** Together they climb no numbering. *)
Theorem abba_unordered above : ~ forall c, climbs (is_told abba c) (abba c) above.
Proof.
  intros Climbs.
  pose proof (Climbs 0%nat [None] s2page_family 0 0 (told_first abba 0%nat _ _ ltac:(cbn; lia) eq_refl eq_refl) eq_refl
    (or_introl eq_refl)) as Up.
  pose proof (Climbs 1%nat [None] core_family 0 1 (told_first abba 1%nat _ _ ltac:(cbn; lia) eq_refl eq_refl) eq_refl
    (or_introl eq_refl)) as Down.
  cbn in Up, Down; lia.
Qed.

Lemma abba_embraced w : List.In w widths -> exists x,
  segment sample_text w (sc_memory two w) abba (first_state _) embrace x /\ embraced core_family 0 s2page_family 0 x.
Proof. intros Is; come_to_embrace w Is abba core_family 0 s2page_family 0. Qed.

(** CPU 0 waits for s2page and CPU 1 for core: for ever. *)
Theorem abba_deadlock w : List.In w widths ->
  exists x, segment sample_text w (sc_memory two w) abba (first_state _) embrace x /\
    acquiring x 0%nat = Some (s2page_family, 0, [None]) /\ acquiring x 1%nat = Some (core_family, 0, [None]) /\
    forall n,
      (exists x', rounds sample_text w (sc_memory two w) abba n x x') /\
      (forall x', rounds sample_text w (sc_memory two w) abba n x x' -> ~ over 0 [None] x' /\ ~ over 1 [None] x').
Proof.
  intros Is; destruct (abba_embraced w Is) as (x & Run & Embraced); exists x; split; [exact Run|].
  split; [apply Embraced|split; [apply Embraced|]].
  apply (crossing_deadlock core_family 0 s2page_family 0 w x Is); [cbn; tauto|cbn;
    tauto|exact abba_contract|exact Run|].
  exact Embraced.
Qed.

(** ** Against the index *)

(** VM 0, then VM 1; CPU 1 the other way. *)
Definition vms_crossed : cpu -> client two := crossing vm_family 0 vm_family 1.

Theorem vms_contract : contract vms_crossed.
Proof.
  intros [|c] n; do 4 (destruct n as [|n]; [exact I|split; [reflexivity|intros ?; cbn [ends]]]).
  all: now destruct n.
Qed.
Theorem vms_against_index : ~ follows_order sample (is_told vms_crossed 1%nat) (vms_crossed 1%nat).
Proof.
  intros Follows; pose proof (told_first vms_crossed 1%nat _ _ ltac:(cbn; lia) eq_refl eq_refl) as Past.
  discriminate (Follows [None] vm_family 0 22 Past eq_refl (or_introl eq_refl)).
Qed.
Lemma vms_embraced w : List.In w widths -> exists x,
  segment sample_text w (sc_memory two w) vms_crossed (first_state _) embrace x /\ embraced vm_family 0 vm_family 1 x.
Proof. intros Is; come_to_embrace w Is vms_crossed vm_family 0 vm_family 1. Qed.
(** CPU 0 waits for VM 1 and CPU 1 for VM 0: for ever. *)
Theorem vms_deadlock w : List.In w widths ->
  exists x, segment sample_text w (sc_memory two w) vms_crossed (first_state _) embrace x /\
    acquiring x 0%nat = Some (vm_family, 1, [None]) /\ acquiring x 1%nat = Some (vm_family, 0, [None]) /\
    forall n,
      (exists x', rounds sample_text w (sc_memory two w) vms_crossed n x x') /\
      (forall x', rounds sample_text w (sc_memory two w) vms_crossed n x x' ->
        ~ over 0 [None] x' /\ ~ over 1 [None] x').
Proof.
  intros Is; destruct (vms_embraced w Is) as (x & Run & Embraced); exists x; split; [exact Run|].
  split; [apply Embraced|split; [apply Embraced|]].
  apply (crossing_deadlock vm_family 0 vm_family 1 w x Is); [cbn; tauto|cbn; tauto|exact vms_contract|exact Run|].
  exact Embraced.
Qed.

(** ** No bound *)

(** So no number of rounds is enough for every operation to end. *)
Theorem abba_no_bound w bound : List.In w widths ->
  ~ forall cs x c t history x',
      segment sample_text w (sc_memory two w) abba (first_state _) cs x -> (c < 2)%nat ->
      nth_error (threads x) c = Some t -> history_of t = Some history -> abba c history <> None ->
      rounds sample_text w (sc_memory two w) abba bound x x' -> over c history x'.
Proof.
  intros Is All; destruct (abba_deadlock w Is) as (x & Run & At & _ & Deadlock).
  destruct (Deadlock bound) as ((x' & Rounds) & Never), (acquiring_sound w x _ _ _ _ At) as (s & T).
  destruct (Never x' Rounds) as (Not & _); apply Not.
  exact (All embrace x 0%nat _ [None] x' Run Nat.lt_0_2 T eq_refl ltac:(discriminate) Rounds).
Qed.
