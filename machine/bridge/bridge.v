(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The bridge: what a CPU of an execution does is a run among safe others

    The theorems of main/parts.v speak of one CPU in an environment that keeps to
    the protocol.  Here that environment is read off an execution of N threads
    ([among]), and it is safe because the others run the same code: nothing is
    assumed of them.  In it, what the CPU's thread did is the run that main/stack.v
    speaks of, and the private copies tell it the same ([bridge]). *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers.view Require map.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.refine L2_queue.spec.
From hlock.layers Require Import L3_atomic.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text.
From hlock.layers.L4_locks Require refine.
From hlock.stack Require Import stack setting acts stack_floors stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import place invariant simulation correct no_breach.
From hlock.machine.bridge Require Import local reached bridged.
Import ListNotations.
Local Open Scope Z_scope.

(** ** The statement *)
Section Statement.
  Context {S : system} (text : program) (width : Z) (clients : cpu -> client S) {mem : Type} (m : mem).
  Local Notation W := (words S width).
  Local Notation A := (L3_atomic.spec.atomic S).
  Local Notation log := (log S words_verb).
  Local Notation data := (RData W).

    (** CPU [c] at the start, among the others as log [g] has them. *)
  Definition among (c : cpu) (g : log) : data := start W c (environment c g).

  (** Client [c], on the linked C among such others, comes to [d] and has been told
      [history] by then; and on private copies it is told the same. *)
  Definition comes_to (c : cpu) (g : log) (history : list (response S)) (d : data) : Prop :=
    c_run text S width m (clients c) (length history) [] (among c g) history d /\
    exists bs, forall rest, exists h,
      run high_do (clients c) (length history) [] (mkHData (start A c (bs ++ rest)) []) = Done (history, h) /\
      stands_for S width d h /\ env (base h) = rest.

  (** Of thread [t] of CPU [c], that is not stopped, after log [g]:
      - wherever its client comes among these others, they keep to the protocol;
      - between two operations, it has come to where the log is [g];
      - in an operation, it came to where it called it, and the rest of the log came
        later; if it waits with ticket [n], it polls in the sense of [env_fair]. *)
  Record explained (c : cpu) (g : log) (t : thread S) : Prop := {
    safe_others : env_safe_throughout text S width m (clients c) [] (among c g);
    at_rest : forall history, t = Idle history -> exists d, comes_to c g history d /\ seen d = g;
    in_operation : forall o history s, t = Calling o history s ->
      exists d b, comes_to c g history d /\ g = b ++ events d;
    in_release : forall o history l v k, t = Storing o history l v k ->
      exists d b, comes_to c g history d /\ g = b ++ seen d;
    waiting : forall f i history s n, t = Calling (Op_acquire f i) history s ->
      words_phase S c (lock_id f i) g = Waiting n ->
      exists d, polling text S width m (clients c) [] (among c g) (lock_id f i) n d /\ seen d = g
  }.

  (** A CPU that has halted is explained up to there. *)
  Definition explained_so_far (c : cpu) (g : log) (t : thread S) : Prop :=
    match t with
    | Stopped => exists b g' t', g = b ++ (c, Halted) :: g' /\ t' <> Stopped /\ explained c g' t'
    | _ => explained c g t
    end.
End Statement.

Section Bridge.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := (the_system).
  Local Notation W := (words S width).
  Local Notation A := (L3_atomic.spec.atomic S).
  Local Notation M := (sc_memory S width).
  Context {mem : Type} (m : mem).
  Local Notation match_machine := (match_machine).
  Local Notation log := (log S words_verb).
  Local Notation data := (RData W).
  Local Notation among := (among width).
  Local Notation comes_to := (comes_to text width clients m).
  Local Notation explained := (explained text width clients m).
  Local Notation explained_so_far := (explained_so_far text width clients m).

  (** ** Its parts *)

  Section Thread.
    Context (c : cpu) (g : log) (Legal : legal W g) (Cpu : (c < N)%nat).
    Local Notation here := (view width c g [after c g]).
    Local Notation told := (told m (clients c)).

    Lemma here_seen : seen here = g.
    Proof. exact (seen_view width c g []). Qed.

    Lemma told_comes_to history d : told (among c g) history d -> acts S width d here -> comes_to c g history d.
    Proof.
      intros Told Acts; split; [now apply told_run|].
      assert (Start : stands_for S width (among c g) (mkHData (start A c []) [])).
      { exists (start (L1_ticket.spec.tickets S) c []), (start (L2_queue.spec.queues S) c []), (start A c []).
        split; [now repeat constructor|split; [apply map.related_start|split; [apply map.related_start|]]].
        apply refine.related_start. }
      assert (Order : in_order S width (among c g))
        by (constructor; [now apply invariant_init|apply environment_foreign]).
      assert (Others : others_in_order S width c (events d)).
      { destruct (acts_seen S width _ _ Acts) as (b & Is); rewrite here_seen in Is.
        apply (others_app S width c (b ++ arrivals d)); rewrite <- app_assoc.
        exact (eq_ind g (others_in_order S width c) (legal_others S width c g Legal) _ Is). }
      destruct (told_high m _ _ _ _ _ Told Start Order (fun l => or_introl eq_refl) Others)
        as (_ & _ & _ & bs & High).
      exists bs; intros rest; destruct (High _ rest Start) as (h & Runs & Stands & Env); exists h.
      specialize (Runs 0%nat); rewrite Nat.add_0_r in Runs; auto.
    Qed.

    (** If all that the client can reach lies before this point or comes after it,
        the others keep to the protocol. *)
    Lemma line_safe : 
      (forall d', reached m (clients c) [] (among c g) d' ->
       acts S width d' here \/ acts S width here d') ->
      env_safe_throughout text S width m (clients c) [] (among c g).
    Proof.
      intros Line d' Reached; split; [apply environment_foreign|].
      change (others_in_order S width c (seen d')).
      destruct (Line d' Reached) as [Before|Later].
      - destruct (acts_seen S width _ _ Before) as (b & Is); rewrite here_seen in Is.
        apply (others_app S width c b).
        exact (eq_ind g (others_in_order S width c) (legal_others S width c g Legal) _ Is).
      - destruct (acts_quiet S width _ _ Later eq_refl) as (b & Is & Mine); rewrite here_seen in Is.
        refine (eq_ind_r (others_in_order S width c) _ Is); clear - Legal Mine; cbn [me local.view] in Mine.
        intros b1 e g1 Is Other; revert b1 Is; induction Mine as [|e1 b Own _ IH]; intros b1 Is.
        + exact (legal_others S width c g Legal b1 e g1 Is Other).
        + destruct b1 as [|e2 b1]; [injection Is as -> _; now destruct Other|injection Is as _ Is; eauto].
    Qed.

    (** A client that goes on with [o] from [d], and [here] is on the way. *)
    Lemma way_safe o history d :
      called m (clients c) (among c g) o history d -> on_the_way m o d here ->
      env_safe_throughout text S width m (clients c) [] (among c g).
    Proof.
      intros (Told & Next & _) Way; apply line_safe; intros d' Reached.
      destruct (told_line m _ _ _ _ d' Told Reached) as [Before|Later].
      - left; exact (acts_trans S width _ _ _ Before (proj1 Way)).
      - eapply way_line; eassumption.
    Qed.
    Lemma ran_safe history : told (among c g) history here ->
      env_safe_throughout text S width m (clients c) [] (among c g).
    Proof.
      intros Told; apply line_safe; intros d' Reached.
      destruct (told_line m _ _ _ _ d' Told Reached) as [Before|Later]; [auto|].
      right; eapply reached_acts; exact Later.
    Qed.

    Lemma events_here d : acts S width d here -> exists b, g = b ++ events d.
    Proof.
      intros Acts; destruct (acts_seen S width _ _ Acts) as (b & Is); rewrite here_seen in Is.
      exists (b ++ arrivals d); rewrite <- app_assoc; exact Is.
    Qed.

    Lemma runs_before b (h : log) : halted c (b ++ h) = false -> halted c h = false.
    Proof.
      induction b as [|[c' a] b IH]; [auto|]; cbn [app]; intros Runs; apply IH.
      destruct a; auto; cbn in Runs; now apply orb_false_iff in Runs.
    Qed.

    Theorem progress_explained t q :
      t <> Stopped -> match_thread c g t q -> halted c g = false ->
      progress m c g t q -> explained c g t.
    Proof.
      intros Goes Stands Runs Progress.
      pose proof (no_act S width here) as Still.
      destruct Stands as [history Settled|f i history s Member Range Place Phase Settled
                         |f i history s w Member Range Place Phase Settled
                           |f i history s Member Range Place Phase Settled
                         |f i history v k Member Range Ret Phase Settled|o history s Place Settled|];
                           [| | | | | |now destruct Goes];
        cbn [progress] in Progress; rewrite ?Phase in Progress; specialize (Progress [after c g]).
      - constructor; try discriminate; [now apply ran_safe with history|].
        intros history' [= <-]; exists here; split; [now apply told_comes_to|exact here_seen].
      - destruct Progress as (Told & _); constructor; try discriminate; [now apply ran_safe with history| |].
        + intros o history' s' [= _ <- _]; destruct (events_here here Still) as (b & Is).
          exists here, b; split; [now apply told_comes_to|exact Is].
        + intros f' i' history' s' n [= <- <- _ _]; congruence.
      - destruct Progress as (d0 & d1 & Called & Take & Vain).
        pose proof (waited_on_the_way m f i w d0 d1 here Member Range Take Vain) as Way.
        pose proof (proj1 Way) as Acts; pose proof (events_here d0 Acts) as (b & Is).
        constructor; try discriminate; [now apply way_safe with (Op_acquire f i) history d0| |].
        + intros o history' s' [= _ <- _]; exists d0, b; split; [apply told_comes_to;
            [apply Called|exact Acts]|exact Is].
        + intros f' i' history' s' n [= <- <- <- _] Phase'; rewrite Phase in Phase'; injection Phase' as <-.
          exists here; split; [|exact here_seen].
          exists (length history), history, d0, d1, f, i; split; [apply told_run, Called|].
          split; [|split; [apply Called|auto]].
          rewrite <- (acts_me S width _ _ Acts); apply runs_before with b.
          exact (eq_ind g (fun h => halted c h = false) Runs _ Is).
      - destruct Progress as (Told & _); constructor; try discriminate; [now apply ran_safe with history|].
        intros o history' s' [= _ <- _]; destruct (events_here here Still) as (b & Is).
        exists here, b; split; [now apply told_comes_to|exact Is].
      - destruct Progress as (d0 & Called & -> & Is).
        pose proof (loaded_on_the_way m f i d0 Member Range) as Way; cbv zeta in Way; rewrite Is in Way.
        constructor; try discriminate; [now apply way_safe with (Op_release f i) history d0|].
        intros o history' l v k' [= _ <- _ _ _]; exists d0.
        destruct (acts_seen S width _ _ (proj1 Way)) as (b & Seen); rewrite here_seen in Seen.
        exists b; split; [apply told_comes_to; [apply Called|exact (proj1 Way)]|exact Seen].
      - inversion Progress as [|history' d1 o' a d2 Told Next Known Within Goes_on Did]; subst.
        apply c_do_acts in Did; pose proof (events_here d1 Did) as (b & Is).
        constructor; try discriminate; [now apply ran_safe with (None :: history)| |].
        + intros o1 history1 s1 [= _ <- _]; exists d1, b; split; [now apply told_comes_to|exact Is].
        + intros f i history1 s1 n [= -> <- _] Phase; destruct (Settled (lock_id f i)) as [[]|[|]]; congruence.
    Qed.
  End Thread.

  (** ** Executions *)

  Lemma bridged_explained x y c t :
    match_machine x y -> bridged m x y -> nth_error (threads x) c = Some t ->
    explained_so_far c (contents x) t.
  Proof.
    intros Rel Bridged T.
    destruct (match_at _ _ _ _ Rel T) as (q & Q & _).
    pose proof (rel_stands _ _ Rel c t q T Q) as (Stands & Alive); pose proof (Bridged c t q T Q) as Progress.
    assert (Cpu : (c < N)%nat)
      by (refine (eq_ind _ (fun n => (c < n)%nat) _ _ (rel_threads _ _ Rel)); apply nth_error_Some; congruence).
    assert (Live : t <> Stopped -> explained c (contents x) t).
    { intros Goes; apply (progress_explained c (contents x) (rel_legal _ _ Rel) Cpu t q Goes Stands).
      - destruct (halted c (contents x)) eqn:Halt; [now destruct Goes; apply Alive|reflexivity].
      - destruct t; auto; now destruct Goes. }
    destruct t; try (apply Live; discriminate).
    destruct Progress as (b & g & t & q' & Is & _ & Goes & Legal & Stands' & Progress).
    exists b, g, t; split; [exact Is|split; [exact Goes|]].
    apply (progress_explained c g Legal Cpu t q' Goes Stands'); [|exact Progress].
    pose proof (rel_legal _ _ Rel) as All; rewrite Is in All; apply legal_app, legal_cons in All as (_ & Fault).
    now apply event_fault_none in Fault as (_ & Runs & _).
  Qed.

  Lemma execution_bridged tr x : execution text width M clients tr x ->
    (exists y, atomic_execution clients tr y /\ match_machine x y /\ bridged m x y) \/
    breached clients the_table tr.
  Proof.
    apply machine_refines_with with (P := bridged m); auto.
    - apply bridged_start.
    - intros x0 y c v x1 y1 Rel Step Kept Follows Rel1.
      now apply (bridged_step m x0 y c v).
  Qed.

  (** In every execution of N threads, each CPU is explained as one CPU among others
      who keep to the protocol, up to where it has halted; unless the beginning of
      the execution leads a client to a breach of the contract. *)
  Theorem bridge tr x : execution text width M clients tr x ->
    (forall c t, nth_error (threads x) c = Some t -> explained_so_far c (contents x) t) \/
    breached clients the_table tr.
  Proof.
    intros Run; destruct (execution_bridged tr x Run) as [(y & _ & Rel & Bridged)|Breach]; [left|auto].
    intros c t T; now apply bridged_explained with y.
  Qed.

  (** Clients that never break the contract do not come to one. *)
  Theorem bridge_kept tr x : never_breaches clients the_table -> execution text width M clients tr x ->
    forall c t, nth_error (threads x) c = Some t -> explained_so_far c (contents x) t.
  Proof.
    intros Never Run; destruct (bridge tr x Run) as [Explained|(tr1 & tr2 & y & _ & Above & Breach)];
      [exact Explained|].
    destruct (Never tr1 y Above Breach).
  Qed.
End Bridge.
