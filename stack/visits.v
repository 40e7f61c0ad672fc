(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Every state that a run comes to, listed

    [env_safe_throughout] and [env_fair] speak of all states that a client comes to,
    between two operations and between two polls.  A run is deterministic, so if it
    ends the interpreter lists them ([visits]), and whether the others are safe and
    fair there is computed ([well_behaved]).  For clients that do not halt.
    Read next: examples_fair.v. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers Require L0_machine.spec L1_ticket.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec.
From hlock.stack Require Import stack setting stack_ends executable.
Import L0_machine.spec.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

(** In a legal log everybody is in order. *)
Lemma legal_in_order S width c g : legal (words S width) g -> others_in_order S width c g.
Proof.
  intros Legal b e g' -> _; apply legal_app in Legal; now apply legal_cons in Legal.
Qed.

Section Visits.
  Context {G : setting}.
  Local Notation N := processors.
  Let Width : 1 <= width <= 32 := width_range.
  Local Notation S := the_system.
  Local Notation text := the_text.
  Local Notation data := (RData (words S width)).
  Context {mem : Type} (m : mem).

  (** The states between polls of lock [l] that do not read [t]. *)
  Fixpoint vain (fuel : nat) (l t : Z) (d : data) : option (list data) :=
    match fuel with
    | 0%nat => None
    | Datatypes.S fuel =>
        match get_now_spec S width l d with
        | Done (v, d1) => if v =? t then Some [d] else option_map (cons d) (vain fuel l t d1)
        | _ => Some [d]
        end
    end.
  Lemma vain_all fuel l t : forall d ds d',
    vain fuel l t d = Some ds -> L1_ticket.spec.polls_in_vain l t d d' -> List.In d' ds.
  Proof.
    induction fuel as [|fuel IH]; intros d ds d' Is Vain; [discriminate|]; cbn [vain] in Is.
    destruct Vain as [d|d v d1 d' Get Not Vain].
    - destruct (get_now_spec S width l d) as [[v d1]| |]; [|injection Is as <-; now left..].
      destruct (v =? t); [injection Is as <-; now left|].
      destruct (vain fuel l t d1); [injection Is as <-; now left|discriminate].
    - rewrite Get, (proj2 (Z.eqb_neq _ _) Not) in Is.
      destruct (vain fuel l t d1) as [later|] eqn:Later; [injection Is as <-|discriminate].
      right; exact (IH d1 later d' Later Vain).
  Qed.

  (** A state, and the lock and the ticket with which the client polls there. *)
  Definition visit : Type := data * option (Z * Z).

  (** Those of one operation. *)
  Definition polls_of (fuel : nat) (o : op S) (d : data) : option (list visit) :=
    match o with
    | Op_acquire f i =>
        match incr_ticket_spec S width (lock_id f i) d with
        | Done (t, d1) => option_map (map (fun d' => (d', Some (lock_id f i, t)))) (vain fuel (lock_id f i) t d1)
        | _ => Some []
        end
    | _ => Some []
    end.
  (** Those of a client that ends within [n] operations. *)
  Fixpoint visits (fuel : nat) (p : client S) (n : nat) (history : list (response S)) (d : data) : option
    (list visit) :=
    match n with
    | 0%nat => None
    | Datatypes.S n =>
        match p history with
        | None => Some [(d, None)]
        | Some o =>
            match do_op text S width fuel o d, polls_of fuel o d with
            | Some (a, d1), Some here =>
                if ends o then None else option_map (fun later => (d, None) :: here ++ later)
                  (visits fuel p n (a :: history) d1)
            | _, _ => None
            end
        end
    end.

  Theorem visits_all fuel (p : client S) n : forall history d vs,
    visits fuel p n history d = Some vs ->
    (forall k history' d', c_run text S width m p k history d history' d' -> List.In (d', None) vs) /\
    (forall l t d', polling text S width m p history d l t d' -> List.In (d', Some (l, t)) vs).
  Proof.
    induction n as [|n IH]; intros history d vs Is; [discriminate|]; cbn [visits] in Is.
    destruct (p history) as [o|] eqn:Next.
    2: { injection Is as <-; split.
         - intros [|k] history' d'; cbn; rewrite ?Next; intros (_ & ->); now left.
         - intros l t d' (k & history' & d0 & d1 & f & i & Run & _ & Wants & _); exfalso.
           destruct k; cbn in Run; rewrite ?Next in Run; destruct Run as (-> & _); congruence. }
    destruct (do_op text S width fuel o d) as [[a d1]|] eqn:Did; [|discriminate].
    destruct (polls_of fuel o d) as [here|] eqn:Here; [|discriminate].
    destruct (ends o) eqn:Goes; [discriminate|].
    destruct (visits fuel p n (a :: history) d1) as [later|] eqn:Later; [injection Is as <-|discriminate].
    destruct (IH _ _ _ Later) as (States & Polls); apply (do_op_sound text S width m) in Did.
    assert (Then : forall k history' d', c_run text S width m p (Datatypes.S k) history d history' d' ->
              c_run text S width m p k (a :: history) d1 history' d').
    { intros k history' d' Run; cbn in Run; rewrite Next in Run; destruct Run as (a2 & d2 & Did2 & Run).
      destruct (c_do_deterministic m o d a2 d2 a d1 Did2 Did) as (-> & ->).
      now rewrite Goes in Run. }
    split.
    - intros [|k] history' d' Run; [destruct Run as (_ & ->); now left|].
      right; apply in_or_app; right; exact (States _ _ _ (Then _ _ _ Run)).
    - intros l t d' ([|k] & history' & d0 & d2 & f & i & Run & Lives & Wants & -> & Take & Vain);
        right; apply in_or_app; [left|right].
      + destruct Run as (-> & ->); rewrite Next in Wants; injection Wants as ->; cbn [polls_of] in Here.
        rewrite Take in Here; destruct (vain fuel (lock_id f i) t d2) as [ds|] eqn:All;
          [injection Here as <-|discriminate].
        apply (in_map (fun d' => (d', Some (lock_id f i, t)))), (vain_all _ _ _ _ _ _ All Vain).
      + apply Polls; exists k, history', d0, d2, f, i; split; [exact (Then _ _ _ Run)|auto].
  Qed.

  (** ** Whether the others are safe and fair *)
  Fixpoint moves_within (F : nat) (l : Z) (d : data) : bool :=
    match F with
    | 0%nat => false
    | Datatypes.S F =>
        negb (serving S width l (seen d) =? serving S width l (events d)) ||
        match get_now_spec S width l d with Done (_, d1) => moves_within F l d1 | _ => false end
    end.
  Lemma moves_within_iff F l : forall d, moves_within F l d = true <-> L1_ticket.spec.moves l F d.
  Proof.
    induction F as [|F IH]; intros d; cbn [moves_within]; [split; [discriminate|inversion 1]|].
    rewrite orb_true_iff, negb_true_iff, Z.eqb_neq; split.
    - intros [Is|Is]; [now apply L1_ticket.spec.moves_at_once|].
      destruct (get_now_spec S width l d) as [[v d1]| |] eqn:Get; try discriminate.
      apply IH in Is; eapply L1_ticket.spec.moves_later; eauto.
    - inversion 1 as [|? ? v d1 Get Later]; subst; [now left|right].
      rewrite Get; now apply IH.
  Qed.

  Definition good_visit (F : nat) (v : visit) : bool :=
    match log_fault (words S width) (seen (fst v)) with None => true | Some _ => false end &&
    match snd v with
    | Some (l, t) => (serving S width l (events (fst v)) =? t) || moves_within F l (fst v)
    | None => true
    end.
  Definition well_behaved (fuel F : nat) (p : client S) (n : nat) (d : data) : bool :=
    match visits fuel p n [] d with Some vs => forallb (good_visit F) vs | None => false end.

  Theorem well_behaved_sound fuel F (p : client S) n d :
    well_behaved fuel F p n d = true -> Forall (Forall (fun e => fst e <> me d)) (env d) ->
    env_safe_throughout text S width m p [] d /\ env_fair text S width m F p [] d.
  Proof.
    unfold well_behaved; destruct (visits fuel p n [] d) as [vs|] eqn:Is; [|discriminate].
    destruct (visits_all _ _ _ _ _ _ Is) as (States & Polls); rewrite forallb_forall; intros Good Foreign.
    assert (Ordered : forall v, List.In v vs -> others_in_order S width (me d) (seen (fst v))).
    { intros v Here; apply legal_in_order; apply Good, andb_prop in Here as (Legal & _); revert Legal.
      unfold legal; now destruct (log_fault _ _). }
    split.
    - intros d' [(k & history & Run)|(l & t & Polling)]; (split; [exact Foreign|]).
      + exact (Ordered _ (States _ _ _ Run)).
      + exact (Ordered _ (Polls _ _ _ Polling)).
    - intros l t d' Polling; apply Polls, Good, andb_prop in Polling as (_ & Fair); cbn [fst snd] in Fair.
      apply orb_prop in Fair as [Turn|Moves]; [left; now apply Z.eqb_eq|right; now apply moves_within_iff].
  Qed.
End Visits.
