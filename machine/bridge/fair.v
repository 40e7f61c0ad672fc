(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The bridge: the others are fair to a CPU that waits

    [stack_terminates] asks of the others that, while a CPU waits, the number served
    moves before one of its next [F] polls ([env_fair]).  In an execution this can be
    seen in the log: fewer than [F] polls in a row read the same ([patient]).  For
    the operations that a CPU has ended, that is the same thing ([bridge_fair]). *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.refine.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text code.
From hlock.stack Require Import stack setting acts stack_refine stack_total stack_ends.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant simulation correct no_breach.
From hlock.machine.bridge Require Import local reached bridged bridge.
Import ListNotations.
Local Open Scope Z_scope.

(** The first [n] operations of a client. *)
Definition first_ops {S} (n : nat) (p : client S) : client S :=
  fun history => if (length history <? n)%nat then p history else None.

Section Patient.
  Context (S : system) (width : Z).
  Local Notation W := (words S width).
  Local Notation log := (log S words_verb).
  Local Notation data := (RData W).
  Local Notation acts := (acts S width).

  (** How many polls of lock [l] CPU [c] has made in a row that read [v]. *)
  Fixpoint same_polls (c : cpu) (l v : Z) (g : log) : nat :=
    match g with
    | [] => 0
    | (c', Lock l' k) :: g =>
        if Nat.eqb c' c && (l' =? l)
        then match k with
             | Polled u => if u =? v then Datatypes.S (same_polls c l v g) else 0
             | _ => 0
             end
        else same_polls c l v g
    | _ :: g => same_polls c l v g
    end.

  (** While CPU [c] waits it makes fewer than [F] polls in a row that read the same. *)
  Definition patient (F : nat) (c : cpu) (g : log) : Prop :=
    forall l t v b h, g = b ++ h -> words_phase S c l h = Waiting t -> (same_polls c l v h < F)%nat.

  (** In every log there is such a bound. *)
  Lemma same_polls_own c l v g : (same_polls c l v g <= own c g)%nat.
  Proof.
    unfold own; induction g as [|[c' a] g IH]; [apply le_n|]; cbn [filter fst].
    destruct a as [l' k|l' w|l' w|]; cbn [same_polls]; destruct (Nat.eqb c' c); cbn [andb length]; try lia.
    destruct (l' =? l); [|lia]; destruct k as [n|n|n|n]; [|destruct (n =? v)|..]; lia.
  Qed.
  Theorem patient_somehow c g : patient (Datatypes.S (own c g)) c g.
  Proof.
    intros l t v b h -> _; pose proof (same_polls_own c l v h) as Few.
    unfold own in *; rewrite filter_app, app_length; apply Nat.lt_succ_r.
    eapply Nat.le_trans; [exact Few|apply Nat.le_add_l].
  Qed.

  Lemma same_polls_foreign c l v b g :
    Forall (fun e => fst e <> c) b -> same_polls c l v (b ++ g) = same_polls c l v g.
  Proof.
    induction 1 as [|[c' a] b Other _ IH]; [reflexivity|]; cbn in Other |- *.
    destruct a; auto; now rewrite (proj2 (Nat.eqb_neq c' c) Other).
  Qed.

  Lemma acts_env d d' : acts d d' ->
    Forall (Forall (fun e => fst e <> me d)) (env d) -> Forall (Forall (fun e => fst e <> me d)) (env d').
  Proof. induction 1 as [|d a d' _ IH]; [auto|]; intros Env; apply IH; now apply head_foreign in Env. Qed.

  (** A poll that is not the last leaves me waiting. *)
  Lemma poll_waits l t (d : data) v :
    Forall (Forall (fun e => fst e <> me d)) (env d) -> words_phase S (me d) l (events d) = Waiting t -> v <> t ->
    words_phase S (me d) l (events (act S width (Lock l (Polled v)) d)) = Waiting t.
  Proof.
    intros Env Wait Not; refine (eq_trans (words_same S (me d) l (Polled v) (seen d)) _).
    unfold seen; rewrite words_phase_seen by now apply head_foreign in Env.
    rewrite Wait; cbn; now rewrite (proj2 (Z.eqb_neq v t) Not).
  Qed.
  Lemma vain_waits l t (d d' : data) :
    L1_ticket.spec.polls_in_vain l t d d' -> Forall (Forall (fun e => fst e <> me d)) (env d) ->
    words_phase S (me d) l (events d) = Waiting t ->
    words_phase S (me d') l (events d') = Waiting t.
  Proof.
    induction 1 as [|d v d1 d' Get Not _ IH]; intros Env Wait; [auto|].
    apply L1_ticket.refine.get_now_act in Get as (_ & _ & ->); apply IH; [now apply head_foreign in Env|].
    exact (poll_waits l t d v Env Wait Not).
  Qed.

  Lemma seen_before (d d' : data) : acts d d' -> exists b, seen d' = b ++ events d.
  Proof.
    intros Acts; destruct (acts_seen S width _ _ Acts) as (b & ->); exists (b ++ arrivals d).
    unfold seen; now rewrite app_assoc.
  Qed.

  (** If the log has it so, the number served moves before one of the next polls;
      [k] polls that read the same are past. *)
  Lemma patient_moves F (l t : Z) (d d' last : data) :
    L1_ticket.spec.polls l t d d' -> acts d' last -> patient F (me d) (seen last) ->
    Forall (Forall (fun e => fst e <> me d)) (env d) ->
    words_phase S (me d) l (events d) = Waiting t -> serving S width l (events d) <> t ->
    forall k, (k <= same_polls (me d) l (serving S width l (events d)) (events d))%nat ->
    L1_ticket.spec.moves l (F - k) d.
  Proof.
    intros Polls Last Patient.
    induction Polls as [d d' Get|d v d1 d' Get Not Polls IH]; intros Env Wait Later k Before.
    all: pose proof Get as Act; apply L1_ticket.refine.get_now_act in Act as (_ & Is & ->).
    all: assert (k < F)%nat as Few.
    1, 3: apply Nat.le_lt_trans with (1 := Before).
    1: destruct (seen_before d last (act_then S width d _ _ Last)) as (b & Log); exact (Patient l t _ b _ Log Wait).
    1: destruct (seen_before d last) as (b & Log); [|exact (Patient l t _ b _ Log Wait)].
    1: eapply act_then, acts_trans; [eapply polls_acts; exact Polls|exact Last].
    all: replace (F - k)%nat with (Datatypes.S (F - Datatypes.S k)) by lia.
    - apply L1_ticket.spec.moves_at_once; rewrite <- Is; auto.
    - destruct (Z.eq_dec v (serving S width l (events d))) as [Same|Diff];
        [|apply L1_ticket.spec.moves_at_once; now rewrite <- Is].
      apply L1_ticket.spec.moves_later with (1 := Get).
      apply IH; [exact Last|exact Patient|now apply head_foreign in Env|exact (poll_waits l t d v Env Wait Not)| |].
      + change (serving S width l (seen d) <> t); now rewrite <- Is.
      + change (serving S width l (events (act S width (Lock l (Polled v)) d))) with (serving S width l (seen d)).
        rewrite <- Is; cbn [act record events me same_polls arrive]; rewrite Nat.eqb_refl, !Z.eqb_refl; cbn [andb].
        apply le_n_S; unfold seen; rewrite same_polls_foreign by now apply head_foreign in Env.
        now rewrite Same.
  Qed.
End Patient.

Section Fair.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := (the_system).
  Local Notation W := (words S width).
  Local Notation M := (sc_memory S width).
  Context {mem : Type} (m : mem).
  Local Notation told := (told m).
  Local Notation polling := (polling text S width m).
  Local Notation acts := (acts S width).

  (** A client that has ended [history] has done so as the client of that many operations. *)
  Lemma told_first p d history d1 n : told p d history d1 -> (length history <= n)%nat ->
    told (first_ops n p) d history d1.
  Proof.
    induction 1 as [|history d1 o a d2 _ IH Next Known Within Goes Did]; intros Fewer; [constructor|].
    cbn [length] in Fewer; eapply told_more; [apply IH; lia| |exact Known|exact Within|exact Goes|exact Did].
    unfold first_ops; now rewrite (proj2 (Nat.ltb_lt _ _) Fewer).
  Qed.

  (** A wait on the way ends before this point, or the client polls from there. *)
  Lemma told_polling p d history d1 l t d' : told p d history d1 -> polling p [] d l t d' ->
    (exists d2, L1_ticket.spec.polls l t d' d2 /\ acts d2 d1) \/ polling p history d1 l t d'.
  Proof.
    intros Told Polling; induction Told as [|history d1 o a d2 _ IH Next Known Within Goes Did]; [now right|].
    destruct IH as [(d3 & Polls & Before)|Later].
    { left; exists d3; split; [exact Polls|]; eapply acts_trans; [exact Before|eapply c_do_acts; exact Did]. }
    destruct Later as ([|k] & history' & d0 & d3 & f & i & Run & Runs & Next' & -> & Take & Vain); cbn in Run.
    - destruct Run as (-> & ->); rewrite Next in Next'; injection Next' as ->; left.
      destruct Did as (_ & Call).
      apply (stack_exact m Acquire f i d1 _ _ Known (proj1 Within)) in Call as (d4 & [= <-] & _ & Wait).
      destruct Wait as (t' & d5 & Take' & Polls); rewrite Take in Take'; injection Take' as <- <-.
      exists d2; split; [now apply vain_rest with d3|apply no_act].
    - rewrite Next in Run; destruct Run as (a' & d4 & Did' & Run); rewrite Goes in Run.
      destruct (c_do_deterministic m o d1 a' d4 a d2 Did' Did) as (-> & ->).
      right; exists k, history', d0, d3, f, i; repeat (split; [assumption || reflexivity|]); exact Vain.
  Qed.

  (** A client that has ended polls nowhere. *)
  Lemma ended_polls_not p history d l t d' : p history = None -> ~ polling p history d l t d'.
  Proof.
    intros Ended (k & history' & d0 & d1 & f & i & Run & _ & Next & _).
    destruct k; cbn in Run; [|rewrite Ended in Run]; destruct Run as (-> & _); congruence.
  Qed.

  Lemma polling_waits p d l t d' :
    polling p [] d l t d' -> Forall (Forall (fun e => fst e <> me d)) (env d) ->
    words_phase S (me d') l (events d') = Waiting t /\ Forall (Forall (fun e => fst e <> me d')) (env d') /\
      me d' = me d.
  Proof.
    intros (k & history' & d0 & d1 & f & i & Run & _ & _ & _ & Take & Vain) Env.
    apply (L1_ticket.refine.incr_ticket_act S width) in Take as (_ & _ & ->).
    pose proof (c_run_acts S width text m _ _ _ _ _ _ Run) as Acts0.
    pose proof (acts_trans S width _ _ _ (one_act S width (Lock l (Took t)) d0) (vain_acts S width _ _ _ _ Vain))
      as Acts1.
    pose proof (acts_env S width _ _ Acts0 Env) as Env0; rewrite <- (acts_me S width _ _ Acts0) in Env0.
    pose proof (acts_env S width _ _ Acts1 Env0) as Env1; rewrite <- (acts_me S width _ _ Acts1) in Env1.
    split; [|split; [exact Env1|now rewrite (acts_me S width _ _ Acts1), (acts_me S width _ _ Acts0)]].
    apply (vain_waits S width l t _ _ Vain); [now apply head_foreign in Env0|].
    exact (words_same S (me d0) l (Took t) (seen d0)).
  Qed.


  (** For a CPU between two operations: the client of the operations so far, among the
      others as the log has them, meets what [stack_terminates] asks of the others. *)
  Theorem bridge_fair tr x c history F : execution text width M clients tr x ->
    nth_error (threads x) c = Some (Idle history) -> patient S F c (contents x) ->
    (let p := first_ops (length history) (clients c) in
     env_safe_throughout text S width m p [] (among width c (contents x)) /\
     env_fair text S width m F p [] (among width c (contents x))) \/
    breached clients the_table tr.
  Proof.
    intros Run At Patient.
    destruct (execution_bridged m tr x Run) as [(y & _ & Rel & Bridged)|]; [left|auto].
    destruct (match_at _ _ _ _ Rel At) as (q & Q & _).
    pose proof (Bridged c _ q At Q [after c (contents x)]) as Told.
    apply told_first with (n := length history) in Told; [|apply le_n].
    assert (Ended : first_ops (length history) (clients c) history = None)
      by (unfold first_ops; now rewrite Nat.ltb_irrefl).
    split; [exact (ran_safe (G := mkRunning setting_of (fun _ => first_ops (length history) (clients c)))
                     m c _ (rel_legal _ _ Rel) history Told)|].
    intros l t d' Polling.
    destruct (told_polling _ _ _ _ _ _ _ Told Polling) as [(d2 & Polls & Before)|Later];
      [|destruct (ended_polls_not _ _ _ _ _ _ Ended Later)].
    destruct (polling_waits _ _ _ _ _ Polling (environment_foreign c (contents x))) as (Wait & Env & Me).
    destruct (Z.eq_dec (serving S width l (events d')) t) as [|Later]; [now left|right].
    rewrite <- (Nat.sub_0_r F); apply (patient_moves S width F l t d' d2 _ Polls Before); auto with arith.
    rewrite Me, here_seen; exact Patient.
  Qed.
End Fair.
