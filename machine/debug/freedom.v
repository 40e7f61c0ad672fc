(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Nobody waits for ever for the debug text

    In a fair infinite execution of the debug text in which nobody stops: every acquire that is called returns, if
    sections end ([acquires_return]); while a CPU is in an acquire, somebody goes on ([somebody_goes_on]).  By
    the same of the release text, live/forever.v, of the execution that as_release.v makes. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec record.
From hlock.layers.L4_locks Require contract.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant.
From hlock.machine.live Require Import live progress waiting queues section starvation infinite forever.
From hlock.machine.debug Require Import model found calls stands endless turns retimed as_release.
Import ListNotations.
Local Open Scope Z_scope.

Section Freedom.
  Context {G : running} (B : build) (asserts : cpu -> list (response the_system) -> list asserted).
  Context (Recordable : recordable the_table = true) (Build : build_ok processors B).
  Context (Calls : calls_exist the_table clients asserts).
  Local Notation S := the_system.
  Local Notation M := (sc_memory S width).
  Local Notation text := (debug_stack prefix the_table).
  Local Notation calm := (debug_calm text width B M clients asserts).
  Local Notation machine := (machine M).

  Context (run : nat -> debug_machine M) (who : nat -> cpu).
  Context (Runs : debug_infinite text width B M clients asserts run who) (Fair : debug_fair M clients run who).
  Context (Never : nobody_stops M run) (Right : never_breaches clients the_table).
  Context (above : Z -> nat) (Order : forall c, keeps_order (is_told clients c) (clients c) above).
  Local Notation at_run c n := (nth_error (debug_threads (run n)) c).
  Local Notation reached := (reached B asserts run).
  Local Notation goes_on_here := (debug_goes_on_at text width B M clients asserts run who).
  Let moment := moment B asserts Recordable Build Calls run who Runs Fair Never Right.
  Let made := made B asserts Recordable Build Calls run who Runs Fair Never Right.
  Let state := state_at B asserts Recordable Build Calls run who Runs Fair Never Right.
  Let turns := turn_of B asserts Recordable Build Calls run who Runs Fair Never Right.
  Let Same := same_place B asserts Recordable Build Calls run who Runs Fair Never.
  Let Threads := run_thread B asserts Recordable Build Calls run who Runs Never.
  Let Reached k : reached (moment k) (state k) :=
    proj2 (made_reached B asserts Recordable Build Calls run who Runs Fair Never Right k).
  Let Good k : good (state k) := reached_good B asserts run Right (moment k) (state k) (Reached k).
  Let Infinite : infinite_execution the_text width M clients state turns :=
    made_infinite B asserts Recordable Build Calls run who Runs Fair Never Right.
  Let Fair0 : fair M clients state turns :=
    made_fair B asserts Recordable Build Calls run who Runs Fair Never Right.

  (** ** An acquire goes on, or returns *)
  Lemma move_in_op c t u t2 m m' o h : moves text width M clients c t m u t2 m' -> in_op t = Some (o, h) ->
    in_op t2 = Some (o, h) \/ u = Some (Returned o) /\ t2 = Idle (None :: h).
  Proof.
    intros Moves Is; destruct t as [h0|o0 h0 s|o0 h0 l v k|]; try discriminate; injection Is as -> ->.
    2: { inversion Moves as [t3 Nx|o3 t3 Nx|o3 t3 Nx|a t3 m3 Nx Does]; subst; try discriminate.
         destruct Nx as (_ & ->); now left. }
    destruct Moves as [t3 Nx|o3 t3 Nx|o3 t3 Nx|a t3 m3 Nx _]; cbn [next_move] in Nx; revert Nx; unfold in_call.
    all: destruct s as [le s k|le out k|g [f|ef ts tr cc] vs k|w k]; unfold primitive;
      repeat match goal with
             | |- context [match vs with _ => _ end] => destruct vs as [|[|z] [|]]
             | |- context [if ?b then _ else _] => destruct b
             | |- context [match k with _ => _ end] => destruct k
             | |- context [match ?e with Some _ => _ | None => _ end] => destruct e
             end; cbn; try discriminate; try contradiction; intros Nx;
      try (injection Nx as <-); try (injection Nx as <- <-); auto.
    all: destruct Nx as (w' & _ & ->); now left.
  Qed.
  Lemma in_op_turn n c d o h : (c < processors)%nat -> at_run c n = Some d -> debug_in_op d = Some (o, h) ->
    (exists d', at_run c (Datatypes.S n) = Some d' /\ debug_in_op d' = Some (o, h)) \/
    debug_over c h (run (Datatypes.S n)) /\ who n = c /\
      calm c (run n) (Some (Seen (Returned o))) (run (Datatypes.S n)).
  Proof.
    intros In At Is; destruct (Nat.eq_dec (who n) c) as [Mine|Other].
    2: { left; exists d; now rewrite (proj1 (turn_others B asserts Recordable Build Calls run who Runs Never n c
      Other In)). }
    rewrite <- Mine in At; destruct (turn B asserts run who Runs Never n d At)
      as [(_ & Still)|(v & d' & R' & m' & Move & Now & _ & Halts & Calm)];
      [left; exists d; rewrite Still, <- Mine; auto|].
    assert (At' : at_run c (Datatypes.S n) = Some d')
      by (rewrite Now; cbn [debug_threads]; now rewrite nth_put, <- Mine, Nat.eqb_refl, At).
    rewrite Mine in *; destruct d as [t due| |]; try discriminate; cbn in Is.
    inversion Move as [t1 u1 t2 m2 Moves|o1 h1 s s' R2 Does|h1 a due1| | | |t1 g ws Stop|]; subst; try discriminate.
    - destruct (move_in_op _ _ _ _ _ _ o h Moves Is) as [Still|(-> & ->)].
      + left; eexists; split; [exact At'|]; destruct t2; exact Still.
      + right; split; [|split; [reflexivity|exact Calm]]; eexists; split; [exact At'|]; cbn; lia.
    - left; eexists; split; [exact At'|exact Is].
    - now destruct (Never (Datatypes.S n) (who n)).
    - destruct (Halts eq_refl) as (h1 & Rests & _); destruct t; discriminate.
  Qed.
  Lemma in_op_later n m c d o h : (n <= m)%nat -> (c < processors)%nat -> at_run c n = Some d ->
    debug_in_op d = Some (o, h) ->
    (exists d', at_run c m = Some d' /\ debug_in_op d' = Some (o, h)) \/
    exists k, (n <= k)%nat /\ debug_over c h (run (Datatypes.S k)) /\ who k = c /\
      calm c (run k) (Some (Seen (Returned o))) (run (Datatypes.S k)).
  Proof.
    intros Later In At Is; induction Later as [|m Later [(d1 & At1 & Is1)|(k & Less & Ret)]]; eauto.
    destruct (in_op_turn m c d1 o h In At1 Is1) as [|Ret]; [now left|right; eauto].
  Qed.

  (** What is in an acquire there, is in it here. *)
  Lemma state_thread c k : (c < processors)%nat -> exists d t, at_run c (moment k) = Some d /\
    nth_error (threads (state k)) c = Some t /\ history_of t = debug_history d /\ in_op t = debug_in_op d.
  Proof.
    intros In; destruct (Threads c (moment k) In) as (d & At).
    destruct (nth_error (threads (state k)) c) as [t|] eqn:At0.
    2: { apply nth_error_None in At0; rewrite (reached_length _ _ _ _ _ (Reached k)) in At0; lia. }
    exists d, t; split; [exact At|split; [reflexivity|]]; exact (Same _ _ c d t (Reached k) In At At0).
  Qed.
  Lemma acquire_calls k c t f i h : nth_error (threads (state k)) c = Some t -> in_op t = Some (Op_acquire f i, h) ->
    exists s, t = Calling (Op_acquire f i) h s.
  Proof.
    intros At Is; destruct t as [h0|o h0 s|o h0 l v w|]; try discriminate; injection Is as -> ->; [eauto|exfalso].
    destruct (Good k) as (y & [Rel _ _ _]); destruct (match_at _ y c _ Rel At) as (q & _ & Stands & _).
    inversion Stands.
  Qed.
  Lemma time_after n : exists k, (n <= moment k)%nat.
  Proof.
    destruct (time_goes B asserts Recordable Build Calls run who Runs Fair Never Right 0 n) as (k & _ & Late).
    exists k; refine (Nat.le_trans _ _ _ Late _).
    exact (proj1 (next_time_is B asserts Recordable Build Calls run who Runs Fair Never Right _)).
  Qed.
  Lemma time_rises k j : (k <= j)%nat -> (moment k <= moment j)%nat.
  Proof.
    induction 1 as [|j _ IH]; [lia|]; refine (Nat.le_trans _ _ _ IH _).
    pose proof (made_advances B asserts Recordable Build Calls run who Runs Fair Never Right j) as Adv.
    fold made moment in Adv.
    assert (Up : (moment j <= fst (made (Datatypes.S j)))%nat) by (destruct Adv; cbn [fst]; lia).
    refine (Nat.le_trans _ _ _ Up _).
    exact (proj1 (next_time_is B asserts Recordable Build Calls run who Runs Fair Never Right _)).
  Qed.

  (** Every acquire that is called returns. *)
  Theorem acquires_return : (forall c, sections_end (is_told clients c) (clients c)) ->
    forall n c f i h s due, (c < processors)%nat -> at_run c n = Some (Running (Calling (Op_acquire f i) h s) due) ->
    exists m, (n <= m)%nat /\ debug_over c h (run m).
  Proof.
    intros Ends n c f i h s due In At; destruct (time_after n) as (k & Late).
    destruct (in_op_later n (moment k) c _ (Op_acquire f i) h Late In At eq_refl) as [(d1 & At1 & Is1)|(j & More & Over
      & _)].
    2: { exists (Datatypes.S j); split; [lia|exact Over]. }
    destruct (state_thread c k In) as (d & t & At2 & At0 & History & Op).
    rewrite At1 in At2; injection At2 as <-; rewrite Is1 in Op.
    destruct (acquire_calls k c t f i h At0 Op) as (s0 & ->).
    destruct (starvation_freedom_forever Right above Order state turns Infinite Fair0 Ends k c f i h s0 In At0)
      as (j & More & t2 & At3 & Beyond).
    exists (moment j); split; [pose proof (time_rises k j More); lia|].
    destruct (state_thread c j In) as (d2 & t3 & At4 & At5 & History2 & _).
    rewrite At3 in At5; injection At5 as <-; exists d2; split; [exact At4|].
    pose proof (Never (moment j) c) as Lives.
    destruct d2 as [u due2|h2 s2 due2|]; [| |now destruct (Lives At4)]; cbn in History2 |- *.
    - destruct t2, u; try discriminate; try exact I; injection History2 as <-; exact Beyond.
    - destruct t2; try discriminate; injection History2 as <-; exact Beyond.
  Qed.

  Lemma works_not_finished k c : at_work M clients c (state k) -> ~ finished M clients c (state k).
  Proof.
    intros (t & h & At & Past & Holds & _) Fin; destruct (good_past (state k) c t h (Good k) At Past) as (_ & Told & _).
    destruct (carries_on _ _ above (Order c) h Told Holds) as (o & Next & _).
    unfold finished in Fin; rewrite At in Fin; destruct t as [h0| | |]; try discriminate; try contradiction.
    injection Past as ->; congruence.
  Qed.
  Lemma work_beside k c : (c < processors)%nat -> at_work M clients c (state k) ->
    debug_at_work M clients c (run (moment k)).
  Proof.
    intros In (t & h & At & Past & Holds & Not); destruct (state_thread c k In) as (d & t1 & At1 & At2 & History & Op).
    rewrite At in At2; injection At2 as <-; exists d, h; split; [exact At1|split; [congruence|split; [exact Holds|]]].
    intros f i s due ->; cbn in Op; destruct (acquire_calls k c t f i h At Op) as (s0 & ->); exact (Not f i s0 eq_refl).
  Qed.
  Lemma step_returns c (x x' : machine) o : machine_step the_text width M clients c x (Some (Returned o)) x' ->
    exists t t2, nth_error (threads x) c = Some t /\ next_move the_text width (clients c) t = Return o t2.
  Proof.
    intros Step; remember (Some (Returned o)) as v eqn:Is.
    destruct Step as [ts g t t2 At Next|ts g t t2 o1 At Next|ts g t t2 o1 At Next|ts g t a t2 g' At Ans Happens
                     |ts g t g' At Goes Happens]; try discriminate; [|now destruct a].
    injection Is as ->; eauto.
  Qed.
  (** Who goes on there, goes on here. *)
  Lemma goes_on_beside k : goes_on_at the_text width M clients state turns k -> goes_on_here (moment k).
  Proof.
    intros (v & (Step & _) & Goes); pose proof (who_in B asserts Recordable Build Calls run who Runs Never (moment k))
      as In.
    pose proof (made_advances B asserts Recordable Build Calls run who Runs Fair Never Right k) as Adv.
    fold made moment state in Adv; unfold goes_on_at in *.
    assert (Work : at_work M clients (turns k) (state k) -> debug_at_work M clients (who (moment k)) (run (moment k)))
      by exact (work_beside k _ In).
    assert (Returning : forall f i, v = Some (Returned (Op_acquire f i)) -> exists t t2,
      nth_error (threads (state k)) (who (moment k)) = Some t /\
      next_move the_text width (clients (who (moment k))) t = Return (Op_acquire f i) t2).
    { intros f i ->; exact (step_returns _ _ _ _ Step). }
    destruct Adv as [Ch|t t1 u Ch At Is Calm|t u x' Ch At Still Step0 Calm Ret].
    - assert (Fin : finished M clients (who (moment k)) (state k))
        by exact (unchanged_finished B asserts Recordable Build Calls run who Runs Fair Never Right k _ Ch In).
      exfalso; destruct Goes as [(f & i & Returns)|Works]; [|exact (works_not_finished k _ Works Fin)].
      destruct (Returning f i Returns) as (t & t2 & At & Next); unfold finished in Fin.
      rewrite At in Fin.
      destruct t; try contradiction; cbn [next_move] in Next; [now rewrite Fin in Next|discriminate].
    - exists u; split; [exact Calm|right]; apply Work; destruct Goes as [(f & i & Returns)|Works];
        [exfalso|exact Works].
      destruct (Returning f i Returns) as (t0 & t2 & At0 & Next); rewrite At in At0; injection At0 as <-; congruence.
    - exists (option_map Seen u); split; [exact Calm|]; destruct Goes as [(f & i & Returns)|Works]; [left|now right;
        apply Work].
      destruct (Returning f i Returns) as (t0 & t2 & At0 & Next); rewrite At in At0; injection At0 as <-.
      exists f, i; now rewrite (Ret _ _ Next).
  Qed.

  (** While a CPU is in an acquire, some acquire returns later, or a CPU that is at work makes a step. *)
  Theorem somebody_goes_on n c f i h s due : (c < processors)%nat ->
    at_run c n = Some (Running (Calling (Op_acquire f i) h s) due) -> exists m, (n <= m)%nat /\ goes_on_here m.
  Proof.
    intros In At; destruct (time_after n) as (k & Late).
    destruct (in_op_later n (moment k) c _ (Op_acquire f i) h Late In At eq_refl) as [(d1 & At1 & Is1)|(j & More & _ &
      Who & Ret)].
    2: { exists j; split; [exact More|]; eexists; split; [rewrite Who; exact Ret|left; eauto]. }
    destruct (state_thread c k In) as (d & t & At2 & At0 & History & Op).
    rewrite At1 in At2; injection At2 as <-; rewrite Is1 in Op.
    destruct (acquire_calls k c t f i h At0 Op) as (s0 & ->).
    destruct (deadlock_freedom_forever Right above Order state turns Infinite Fair0 k c f i h s0 In At0) as (j & More
      & Goes).
    exists (moment j); split; [pose proof (time_rises k j More); lia|exact (goes_on_beside j Goes)].
  Qed.
End Freedom.
