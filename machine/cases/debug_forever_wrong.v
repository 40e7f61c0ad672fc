(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What the liveness of the debug text asks, one by one

    In a fair infinite execution of the debug text in which nobody stops, somebody starves if the sections of a client
    do not end ([stays_starve_debug]), or if a client ends while it holds a lock ([only_in_starve]); and if the
    scheduler is not fair, whatever the clients ([unfair_starves]).  If the order of two locks of one rank is
    not checked, [>] in the place of [>=], two that take them crosswise wait for each other for ever
    ([order_by_less_deadlocks]): the right text stops one of them ([crossed_never_deadlock], [crossed_stops]).  In
    each case all else holds that the statement asks. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax link.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text checks_text record checked_wrong sample examples.
From hlock.layers.L4_locks Require contract.
From hlock.generated Require L1_ticket L3_atomic.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.refine Require Import invariant.
From hlock.machine.live Require Import orderly.
From hlock.machine.live Require endless infinite.
From hlock.machine.debug Require Import model endless.
From hlock.machine.cases Require Import examples abba forever_cases forever_wrong debug_cases debug_forever.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.
Local Notation M := (sc_memory two 1).

(** CPU [c] is in an acquire, after [k] answers. *)
Definition kept_waiting (c : cpu) (k : nat) (x : debug_machine M) : bool :=
  match nth_error (debug_threads x) c with
  | Some (Running (Calling (Op_acquire _ _) h _) []) => Nat.eqb (List.length h) k
  | _ => false
  end.
Lemma kept_waiting_is c k x : kept_waiting c k x = true -> exists f i h s,
  nth_error (debug_threads x) c = Some (Running (Calling (Op_acquire f i) h s) []) /\ List.length h = k.
Proof.
  unfold kept_waiting; destruct (nth_error _ c) as [[[|[f i| | | |] h s| |] [|]| |]|]; try discriminate.
  intros Is; apply Nat.eqb_eq in Is; exists f, i, h, s; auto.
Qed.
Lemma kept_waiting_alike rests c k x y : alike rests x y -> kept_waiting c k x = true -> kept_waiting c k y = true.
Proof.
  intros Alike Is; pose proof (place_nth rests c _ _ (alike_places _ _ _ Alike)) as Mine.
  unfold kept_waiting in Is |- *; destruct (nth_error (debug_threads x) c) as [d|]; [|discriminate].
  destruct (nth_error (debug_threads y) c) as [d'|]; [|discriminate]; injection Mine as Mine.
  destruct (place_same rests d d' Mine) as [<-|(h & h' & _ & _ & -> & _)]; [exact Is|discriminate].
Qed.

Section Refute.
  Context (text : program) (clients : cpu -> client two) (who : nat -> cpu) (run : nat -> debug_machine M) (L : nat).
  Context (Runs : debug_infinite text 1 apart M clients nothing_asserted run who).
  Context (Never : nobody_stops M run) (Inside : touches_inside M clients run sample).

  Lemma waits_on c k : (forall n, (L <= n)%nat -> kept_waiting c k (run n) = true) -> exists f i h s,
    nth_error (debug_threads (run L)) c = Some (Running (Calling (Op_acquire f i) h s) []) /\
    forall m, (L <= m)%nat -> ~ debug_over c h (run m).
  Proof.
    intros Waits; destruct (kept_waiting_is c k _ (Waits L (Nat.le_refl L))) as (f & i & h & s & At & Long).
    exists f, i, h, s; split; [exact At|]; intros m Late (d & At2 & Beyond).
    destruct (kept_waiting_is c k _ (Waits m Late)) as (f2 & i2 & h2 & s2 & At3 & Long2).
    rewrite At2 in At3; injection At3 as ->; cbn in Beyond; lia.
  Qed.
  Lemma waiter_starves c k : debug_fair M clients run who -> (c < 2)%nat ->
    (forall n, (L <= n)%nat -> kept_waiting c k (run n) = true) -> ~ debug_never_starves text clients.
  Proof.
    intros Fair In Waits Never_starves; destruct (waits_on c k Waits) as (f & i & h & s & At & Not).
    destruct (Never_starves run who Runs Fair Never Inside L c f i h s [] In At) as (m & Late & Over).
    exact (Not m Late Over).
  Qed.

  (** A return leaves a thread between two operations. *)
  Lemma returned_idle c x v o x' : debug_step text 1 apart M clients nothing_asserted c x v x' ->
    v = Some (Seen (Returned o)) -> exists h due, nth_error (debug_threads x') c = Some (Running (Idle h) due).
  Proof.
    intros Step Is; destruct Step as [ts R m d v d' R' m' At Move]; cbn [debug_threads]; rewrite nth_put,
      Nat.eqb_refl, At.
    destruct Move as [t u t2 m2 Moves| | | | | | |]; try discriminate; destruct u as [u|]; [|discriminate];
      injection Is as ->.
    enough (exists h, t2 = Idle h) as (h & ->) by (exists h, []; reflexivity).
    remember (Some (Returned o)) as v eqn:Is; destruct Moves as [|o1 t3 Nx|o1 t3 Nx|a t3 m3 Nx _]; try discriminate;
      [|destruct a; discriminate].
    destruct t as [h|o2 h s|o2 h l w k|]; cbn [next_move] in Nx; try discriminate.
    - destruct (clients c h) as [[]|]; discriminate.
    - unfold in_call, primitive in Nx.
      repeat match type of Nx with match ?e with _ => _ end = Return _ _ => destruct e; try discriminate Nx end.
      injection Nx as _ <-; eauto.
  Qed.
  Lemma waiters_deadlock k0 k1 : debug_fair M clients run who -> (forall n, (who n < 2)%nat) ->
    (forall n, (L <= n)%nat -> kept_waiting 0 k0 (run n) && kept_waiting 1 k1 (run n) = true) ->
    ~ debug_never_deadlocks text clients.
  Proof.
    intros Fair Two Both Never_deadlocks.
    assert (Waits : forall n, (L <= n)%nat -> exists f i h s,
      nth_error (debug_threads (run n)) (who n) = Some (Running (Calling (Op_acquire f i) h s) []) /\
      exists f' i' h' s', nth_error (debug_threads (run (Datatypes.S n))) (who n) =
        Some (Running (Calling (Op_acquire f' i') h' s') [])).
    { intros n Late; pose proof (Both n Late) as Now; pose proof (Both (Datatypes.S n) ltac:(lia)) as Then.
      apply andb_prop in Now as (Now0 & Now1), Then as (Then0 & Then1); specialize (Two n).
      destruct (who n) as [|[|c]]; [| |lia].
      - apply kept_waiting_is in Now0 as (f & i & h & s & At & _), Then0 as (f' & i' & h' & s' & At' & _); eauto 12.
      - apply kept_waiting_is in Now1 as (f & i & h & s & At & _), Then1 as (f' & i' & h' & s' & At' & _); eauto 12. }
    pose proof (Both L (Nat.le_refl L)) as Now; apply andb_prop in Now as (Now0 & _).
    apply kept_waiting_is in Now0 as (f & i & h & s & At & _).
    destruct (Never_deadlocks run who Runs Fair Never Inside L 0%nat f i h s [] ltac:(lia) At) as (m & Late & v &
      Calm & How).
    destruct (Waits m Late) as (f2 & i2 & h2 & s2 & At2 & f3 & i3 & h3 & s3 & At3).
    destruct How as [(f4 & i4 & Returns)|(d & h4 & At4 & Past & _ & Not)].
    - destruct (returned_idle _ _ _ _ _ (proj1 Calm) Returns) as (h5 & due & At5); congruence.
    - rewrite At2 in At4; injection At4 as <-; injection Past as <-; exact (Not f2 i2 s2 [] eq_refl).
  Qed.
End Refute.

(** ** Sections that do not end *)

(** Who is inside core reads for ever. *)
Definition reads_on (h : list (response two)) : bool := match h with [] => false | _ => true end.
Lemma stays_read c h : reads_on h = true -> exists f i k, stays_in c h = Some (Op_read f i k).
Proof. destruct h; [discriminate|]; intros _; do 3 eexists; reflexivity. Qed.
Lemma stays_exist : calls_exist sample stays_in nothing_asserted.
Proof.
  split; [|contradiction]; intros c [|a h] o call [= <-]; intros [= <-]; (split; [now left|split; [lia|reflexivity]]).
Qed.
Lemma stays_inside run : touches_inside M stays_in run sample.
Proof.
  intros n c [|a h] o _ [= <-]; [discriminate|]; intros _; split; [now left|]; now rewrite stays_held.
Qed.
Theorem stays_go_on c : goes_on_holding (chosen (stays_in c)) (stays_in c).
Proof. intros [|a h] _ Held; [now destruct Held|]; eexists; split; reflexivity. Qed.

Definition stays_later : debug_machine M := Eval vm_compute in
  debug_on right_computed apart stays_in each_in_turn 200.
Theorem stays_starve_debug : ~ debug_never_starves right_text stays_in.
Proof.
  destruct (goes_round_computed right_text apart stays_in each_in_turn reads_on 200 32
    (kept_waiting 1 0) 17 stays_later) as (Runs & Never & Waits).
  - exact stays_read.
  - reflexivity.
  - lia.
  - intros n _; exact (each_in_turn_round n 16).
  - exact (kept_waiting_alike reads_on 1 0).
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - exact (waiter_starves right_text stays_in each_in_turn _ 200 Runs Never (stays_inside _) 1 0
             (each_in_turn_fair stays_in _) ltac:(lia) Waits).
Qed.
(** But that is no deadlock. *)
Theorem stays_never_deadlock_debug : debug_never_deadlocks right_text stays_in.
Proof. exact (right_never_deadlocks stays_in stays_exist stays_go_on). Qed.

(** ** A client that ends while it holds core *)
Definition only_later : debug_machine M := Eval vm_compute in
  debug_on right_computed apart (fun _ => only_in) each_in_turn 200.
Theorem only_in_starve : ~ debug_never_starves right_text (fun _ => only_in).
Proof.
  destruct (goes_round_computed right_text apart (fun _ => only_in) each_in_turn (fun _ => false) 200 32
    (kept_waiting 1 0) 1 only_later) as (Runs & Never & Waits).
  - discriminate.
  - discriminate.
  - lia.
  - intros n _; exact (each_in_turn_round n 16).
  - exact (kept_waiting_alike _ 1 0).
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - refine (waiter_starves right_text (fun _ => only_in) each_in_turn _ 200 Runs Never _ 1 0
             (each_in_turn_fair _ _) ltac:(lia) Waits).
    apply untouched_inside; intros c [|a h] o; [intros [= <-]; discriminate|discriminate].
Qed.
Theorem only_in_sections_end : endless.sections_end (chosen only_in) only_in.
Proof.
  intros [|a h] l _; constructor; [intros []|]; intros _ b (_ & o & No & _); destruct h; discriminate No.
Qed.

(** ** A scheduler that is not fair *)

Definition unfair_later : debug_machine M := Eval vm_compute in
  debug_on right_computed apart again neglects 600.
(** CPU 1 calls, and has no turn after that. *)
Theorem unfair_starves : exists run who, debug_infinite right_text 1 apart M again nothing_asserted run who /\
  nobody_stops M run /\ touches_inside M again run sample /\ exists f i h s,
  nth_error (debug_threads (run 600%nat)) 1 = Some (Running (Calling (Op_acquire f i) h s) []) /\
  forall m, (600 <= m)%nat -> ~ debug_over 1 h (run m).
Proof.
  destruct (goes_round_computed right_text apart again neglects (fun _ => false) 600 1
    (kept_waiting 1 0) 0 unfair_later) as (Runs & Never & Waits).
  - discriminate.
  - discriminate.
  - lia.
  - intros [|n] Late; [lia|reflexivity].
  - exact (kept_waiting_alike _ 1 0).
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - exists (debug_on right_text apart again neglects), neglects; split; [exact Runs|split; [exact Never|split]].
    + apply untouched_inside; intros c h o Next; destruct (again_ops c h o Next) as [-> | ->]; discriminate.
    + exact (waits_on _ 600 1 0 Waits).
Qed.

(** ** A check that compares by [>]: two of one rank, crosswise *)
Definition by_less : program := {|
  functions := link [L1_ticket.global_definitions; L3_atomic.global_definitions;
                     with_function "comes_after" (compares_by Ogt)];
  prefix_of := ""
|}.
Definition by_less_computed : program := Eval vm_compute in by_less.
Lemma by_less_is : by_less = by_less_computed.
Proof. vm_cast_no_check (eq_refl by_less_computed). Qed.
Lemma crossed_exist : calls_exist sample vms_crossed nothing_asserted.
Proof.
  split; [|contradiction]; intros c h o call Next Is; apply nth_error_In in Next.
  assert (Which : exists i, (i = 0 \/ i = 1) /\ (o = Op_acquire vm_family i \/ o = Op_release vm_family i))
    by (destruct c; cbn in Next; repeat destruct Next as [<-|Next]; try destruct Next; eauto 6).
  destruct Which as (i & Small & [-> | ->]); injection Is as <-; cbn;
    (split; [unfold sample; cbn; tauto|split; [lia|discriminate]]).
Qed.
Lemma crossed_calls c h o : vms_crossed c h = Some o -> lock_call o <> None.
Proof.
  intros Next; apply nth_error_In in Next; destruct c; cbn in Next; repeat destruct Next as [<-|Next];
    try destruct Next; discriminate.
Qed.
Definition crossed_later : debug_machine M := Eval vm_compute in
  debug_on by_less_computed apart vms_crossed each_in_turn 450.
Theorem order_by_less_deadlocks : ~ debug_never_deadlocks by_less vms_crossed.
Proof.
  destruct (goes_round_computed by_less apart vms_crossed each_in_turn (fun _ => false) 450 32
    (fun x => kept_waiting 0 1 x && kept_waiting 1 1 x) 2 crossed_later) as (Runs & Never & Waits).
  - discriminate.
  - discriminate.
  - lia.
  - intros n _; exact (each_in_turn_round n 16).
  - intros x y Alike Both; apply andb_prop in Both as (Zero & One).
    now rewrite (kept_waiting_alike _ 0 1 x y Alike Zero), (kept_waiting_alike _ 1 1 x y Alike One).
  - rewrite by_less_is; the_same.
  - rewrite by_less_is; the_same.
  - rewrite by_less_is; the_same.
  - rewrite by_less_is; the_same.
  - rewrite by_less_is; the_same.
  - rewrite by_less_is; the_same.
  - refine (waiters_deadlock by_less vms_crossed each_in_turn _ 450 Runs Never (untouched_inside _ _ crossed_calls) 1 1
             (each_in_turn_fair _ _) _ Waits).
    intros n; apply then_both_two; constructor.
Qed.
(** Of the same clients the right text says what it says of all; one of them is stopped. *)
Theorem crossed_never_deadlock : debug_never_deadlocks right_text vms_crossed.
Proof.
  exact (right_never_deadlocks vms_crossed crossed_exist (fun c h => crossing_goes_on vm_family 0 vm_family 1 c h)).
Qed.
Theorem crossed_stops : nth_error (debug_threads (debug_on right_text apart vms_crossed each_in_turn 400)) 1 = Some
  At_stop.
Proof. rewrite right_is; vm_cast_no_check (eq_refl (Some (@At_stop two))). Qed.
