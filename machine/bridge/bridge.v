(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The bridge: what a CPU of an execution does is a run among safe others

    The theorems of main/parts.v speak of one CPU in an environment that keeps to
    the protocol.  Here that environment is read off an execution of N threads
    ([among]), and it is safe because the others run the same code: of them it is
    assumed that their clients never break the contract on the atomic machine, and
    nothing else.  In it, what the CPU's thread did is the run that main/parts.v
    speaks of, up to the middle of a call ([calls_to]), and the private copies tell it
    the same ([bridge], [bridge_kept]). *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options semantics smallstep agree.
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
From hlock.machine.bridge Require Import local midcall reached bridged.
From hlock.machine.bridge Require Export explained.
Import ListNotations.
Local Open Scope Z_scope.

Section Statement.
  Context {S : system} (text : program) (width : Z) (clients : cpu -> client S) {mem : Type} (m : mem).
  Local Notation W := (words S width).
  Local Notation A := (L3_atomic.spec.atomic S).
  Local Notation M := (sc_memory S width).
  Local Notation log := (log S words_verb).
  Local Notation data := (RData W).
  Local Notation next := (next_move text width).
  Local Notation explained := (explained text width clients m).
  Local Notation explained_so_far := (explained_so_far text width clients m).
  Local Notation continues := (continues text width clients).

  (** ** What it says of a CPU that has halted *)

  Lemma continues_log x tr x' : continues x tr x' -> exists b, contents x' = b ++ contents x.
  Proof.
    induction 1 as [|tr x1 c v x2 _ (b & Log) Step]; [now exists []|].
    destruct Step as [| | |ts g t a t' g' _ _ (_ & ->)|ts g t g' _ _ (_ & ->)]; cbn [contents] in *; subst; eauto;
      eexists (_ :: b); reflexivity.
  Qed.
  (** Its step was the halt, and the log has it. *)
  Lemma halt_is c x v x' : machine_step text width M clients c x v x' -> v = Some Did_halt ->
    contents x' = (c, Halted) :: contents x /\ exists t, nth_error (threads x) c = Some t /\ t <> Stopped.
  Proof.
    intros Step Is; destruct Step as [| | |ts g t a t' g' At Ans _|ts g t g' At Goes (_ & ->)]; try discriminate;
      [exfalso|cbn [contents threads]; eauto].
    destruct a; try discriminate; destruct (next_move _ _ _ _); cbn in Ans; try contradiction;
      repeat destruct Ans as (? & Ans); discriminate.
  Qed.
  Theorem halted_log tr x c : explained_so_far tr x c Stopped -> exists (b : log) tr1 (x1 : machine M) t1,
    contents x = b ++ (c, Halted) :: contents x1 /\ execution text width M clients tr1 x1 /\
    nth_error (threads x1) c = Some t1 /\ t1 <> Stopped /\ explained c (contents x1) t1.
  Proof.
    intros (tr1 & x1 & t1 & x2 & tr2 & Run & At & Explained & Step & Then & _).
    destruct (halt_is _ _ _ _ Step eq_refl) as (Log & t & At' & Goes); rewrite At in At'; injection At' as <-.
    apply continues_log in Then as (b & Log'); rewrite Log in Log'; eauto 9.
  Qed.

  (** ** Who is stopped has halted *)

  Lemma stopped_by c x v x' :
    machine_step text width M clients c x v x' -> nth_error (threads x') c = Some Stopped -> v = Some Did_halt.
  Proof.
    intros Step; destruct Step as [ts g t t' Is Next|ts g t t' o Is Next|ts g t t' o Is Next|ts g t a t' g' Is Ans _
      |ts g t g' Is Goes _]; [..|reflexivity]; cbn [threads]; rewrite nth_put, Nat.eqb_refl, Is; intros [= ->];
      exfalso; pose proof (move_goes text width (clients c) t) as Goes; [now rewrite Next in Goes..|].
    destruct (next_move text width (clients c) t); cbn in Ans; try contradiction;
      repeat destruct Ans as (? & Ans); try destruct (Goes _ (eq_sym Ans)); now destruct Goes.
  Qed.
  (** Who was explained before a step and has not gone on but by a halt, is still. *)
  Lemma stopped_explained tr x c v x' c' : execution text width M clients tr x ->
    (forall t, nth_error (threads x) c' = Some t -> explained_so_far tr x c' t) ->
    machine_step text width M clients c x v x' -> nth_error (threads x') c' = Some Stopped ->
    explained_so_far (see c v tr) x' c' Stopped.
  Proof.
    intros Run Before Step At; destruct (Nat.eq_dec c' c) as [->|Other].
    - pose proof (stopped_by c x v x' Step At) as ->.
      destruct (halt_is _ _ _ _ Step eq_refl) as (_ & t & Was & Goes); specialize (Before t Was).
      exists tr, x, t, x', [].
      split; [exact Run|split; [exact Was|split; [|split; [exact Step|split; [constructor|reflexivity]]]]].
      destruct t; auto; now destruct Goes.
    - assert (Was : nth_error (threads x) c' = Some Stopped) by
        (rewrite <- At; destruct Step; cbn [threads]; rewrite nth_put, (proj2 (Nat.eqb_neq c' c) Other); reflexivity).
      destruct (Before _ Was) as (tr1 & x1 & t1 & x2 & tr2 & Run1 & At1 & Explained & Halts & Then & ->).
      exists tr1, x1, t1, x2, (see c v tr2); repeat (split; [eauto using continues_step|]); now destruct v.
  Qed.
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
  Local Notation calls_to := (calls_to text width clients m).
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

    (** Its call, and the steps of it so far. *)
    Lemma called_calls_to o history s0 d0 s d :
      called m (clients c) (among c g) o history d0 -> begin text o history = Call o (Calling o history s0) ->
      steps (stack_genv text S width) (s0, d0) (s, d) -> acts S width d here -> calls_to c g o history s d.
    Proof.
      intros (Told & Next & _) Begin Way Acts; exists s0, d0; split; [|split; [|exact Way]].
      - apply told_comes_to; [exact Told|].
        apply acts_trans with d; [exact (steps_acts text S width _ _ Way)|exact Acts].
      - cbn [next_move]; now rewrite Next.
    Qed.
    Lemma called_here o history s0 d0 s :
      called m (clients c) (among c g) o history d0 -> begin text o history = Call o (Calling o history s0) ->
      steps (stack_genv text S width) (s0, d0) (s, here) -> exists d, calls_to c g o history s d /\ seen d = g.
    Proof. exists here; split; [|exact here_seen]; apply called_calls_to with s0 d0; auto using no_act. Qed.

    Lemma runs_before b (h : log) : halted c (b ++ h) = false -> halted c h = false.
    Proof.
      induction b as [|[c' a] b IH]; [auto|]; cbn [app]; intros Runs; apply IH.
      destruct a; auto; cbn in Runs; now apply orb_false_iff in Runs.
    Qed.

    Theorem progress_explained t q :
      t <> Stopped -> match_thread c g t q -> halted c g = false ->
      progressed m c g t q -> explained c g t.
    Proof.
      intros Goes Stands Runs Progress.
      pose proof (no_act S width here) as Still.
      destruct Stands as [history Settled|f i history s Member Range Place Phase Settled
                         |f i history s w Member Range Place Phase Settled
                           |f i history s Member Range Place Phase Settled
                         |f i history v k Member Range Ret Phase Settled|o history s Place Settled|];
                           [| | | | | |now destruct Goes];
        cbn [progressed] in Progress; rewrite ?Phase in Progress; specialize (Progress [after c g]).
      all: swap 5 6.
      2-5: destruct Progress as (s0 & d0 & Called & Begin & Way & Did);
        pose proof (steps_acts text S width _ _ Way : acts S width d0 here) as Acts.
      - constructor; try discriminate; [now apply ran_safe with history|].
        intros history' [= <-]; exists here; split; [now apply told_comes_to|exact here_seen].
      - subst d0; constructor; try discriminate; [apply ran_safe with history, Called| |].
        + intros o' history' s' [= <- <- <-]; now apply called_here with s0 here.
        + intros f' i' history' s' n [= <- <- _ _]; congruence.
      - pose proof Did as (d1 & Take & Vain).
        pose proof (waited_on_the_way m f i w d0 d1 here Member Range Take Vain) as Within.
        constructor; try discriminate; [now apply way_safe with (Op_acquire f i) history d0| |].
        + intros o' history' s' [= <- <- <-]; now apply called_here with s0 d0.
        + intros f' i' history' s' n [= <- <- <- _] Phase'; rewrite Phase in Phase'; injection Phase' as <-.
          exists here; split; [|exact here_seen].
          exists (length history), history, d0, d1, f, i; split; [apply told_run, Called|].
          split; [|split; [apply Called|auto]].
          destruct (acts_seen S width _ _ Acts) as (b & Is); rewrite here_seen in Is.
          rewrite <- (acts_me S width _ _ Acts); apply runs_before with (b ++ arrivals d0).
          rewrite <- app_assoc; exact (eq_ind g (fun h => halted c h = false) Runs _ Is).
      - subst d0; constructor; try discriminate; [apply ran_safe with history, Called|].
        intros o' history' s' [= <- <- <-]; now apply called_here with s0 here.
      - constructor; try discriminate; [apply ran_safe with (None :: history)| |].
        + apply called_done with o d0; [exact Called|destruct o; auto; discriminate|exact Did].
        + intros o' history' s' [= <- <- <-]; now apply called_here with s0 d0.
        + intros f i history1 s1 n [= -> <- _] Phase; destruct (Settled (lock_id f i)) as [[]|[|]]; congruence.
      - destruct Progress as (s0 & d0 & s & Called & Begin & Way & Asks & -> & Is).
        pose proof (loaded_on_the_way m f i d0 Member Range) as Within; cbv zeta in Within; rewrite Is in Within.
        constructor; try discriminate; [now apply way_safe with (Op_release f i) history d0|].
        intros o' history' l v k' [= <- <- <- <- <-]; exists s, d0.
        split; [now apply called_calls_to with s0 d0; [..|apply Within]|split; [exact Asks|split; [reflexivity|]]].
        rewrite Is; exact here_seen.
    Qed.
  End Thread.

  (** ** Executions *)

  Lemma bridged_explained x y c t :
    match_machine x y -> bridged m x y -> nth_error (threads x) c = Some t -> t <> Stopped ->
    explained c (contents x) t.
  Proof.
    intros Rel Bridged T Goes.
    destruct (match_at _ _ _ _ Rel T) as (q & Q & Stands & Alive).
    assert (Cpu : (c < N)%nat)
      by (refine (eq_ind _ (fun n => (c < n)%nat) _ _ (rel_threads _ _ Rel)); apply nth_error_Some; congruence).
    apply (progress_explained c (contents x) (rel_legal _ _ Rel) Cpu t q Goes Stands); [|exact (Bridged c t q T Q)].
    destruct (halted c (contents x)) eqn:Halt; [now destruct Goes; apply Alive|reflexivity].
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
      who keep to the protocol, or was so when it halted; unless the beginning of
      the execution leads a client, of whatever CPU, to a breach of the contract. *)
  Theorem bridge tr x : execution text width M clients tr x ->
    (forall c t, nth_error (threads x) c = Some t -> explained_so_far tr x c t) \/
    breached clients the_table tr.
  Proof.
    induction 1 as [|tr x c v x' Run [IH|Breach] Step].
    - left; intros c t T; pose proof (nth_repeat _ _ _ _ T) as ->.
      now apply (bridged_explained _ _ c (Idle []) match_start (bridged_start m) T).
    - destruct (execution_bridged (see c v tr) x' (execution_step _ _ _ _ _ _ _ _ _ Run Step))
        as [(y & _ & Rel & Bridged)|]; [left|auto]; intros c' t T.
      destruct t as [history|o history s|o history l k v'|]; [now apply bridged_explained with y..|].
      apply stopped_explained with x; auto.
    - right; destruct Breach as (tr1 & tr2 & y & -> & Above & Breach).
      exists tr1, (see c v tr2), y; destruct v; auto.
  Qed.

  (** Clients that never break the contract do not come to one. *)
  Theorem bridge_kept tr x : never_breaches clients the_table -> execution text width M clients tr x ->
    forall c t, nth_error (threads x) c = Some t -> explained_so_far tr x c t.
  Proof.
    intros Never Run; destruct (bridge tr x Run) as [Explained|(tr1 & tr2 & y & _ & Above & Breach)];
      [exact Explained|].
    destruct (Never tr1 y Above Breach).
  Qed.

  (** A call that has come to its end is an operation of [c_run], from where the
      client called it. *)
  Theorem call_ends c g o history v d :
    of_table the_table o -> calls_to c g o history (Give v Kstop) d -> exists d0,
      comes_to c g history d0 /\ c_do text S width m o d0 None d /\
      c_run text S width m (clients c) 1 history d0 (None :: history) d.
  Proof.
    intros Known (s0 & d0 & Comes & Calls & Way); exists d0; split; [exact Comes|].
    cbn [next_move] in Calls; destruct (clients c history) as [o'|] eqn:Next; [|discriminate].
    assert (o' = o) as -> by (destruct o'; cbn [begin] in Calls; congruence).
    pose proof (call_done m o history s0 v d0 d Known Calls Way) as Did.
    split; [exact Did|]; cbn [c_run]; rewrite Next; exists None, d; split; [exact Did|].
    destruct o; try discriminate; split; reflexivity.
  Qed.

  (** An operation that can end there passes what the CPU has come to. *)
  Theorem call_goes_on c g o history s d d' :
    calls_to c g o history s d -> exists d0, comes_to c g history d0 /\
      (c_do text S width m o d0 None d' -> steps (stack_genv text S width) (s, d) (Give values.Vundef Kstop, d')).
  Proof.
    intros (s0 & d0 & Comes & Calls & Way); exists d0; split; [exact Comes|]; intros Did.
    cbn [next_move] in Calls; destruct (clients c history) as [o'|] eqn:Next; [|discriminate].
    assert (o' = o) as -> by (destruct o'; cbn [begin] in Calls; congruence).
    exact (call_passes text S width m o history s0 s d0 d d' Width Calls Way Did).
  Qed.
End Bridge.
