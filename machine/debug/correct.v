(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Every execution of the debug text is one of the atomic machine that stops

    By kind of step ([outcome]); then by induction on the execution
    ([debug_simulated]).  Read next: reaches.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics smallstep.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers Require Import L3_atomic.spec L3_atomic.facts.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec text checks_text record checked.
From hlock.layers.L4_locks Require contract.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import position place invariant simulation no_breach.
From hlock.machine.debug Require Import model stopping found leads calls lockstep relation stands held simulate.
Import ListNotations.
Local Open Scope Z_scope.

Lemma nth_seq n c c' : nth_error (seq 0 n) c = Some c' -> c' = c.
Proof.
  intros Is; assert (c < n)%nat by (rewrite <- (seq_length n 0); apply nth_error_Some; congruence).
  apply nth_error_nth with (d := O) in Is; now rewrite seq_nth in Is.
Qed.

Section Correct.
  Context {G : running} (B : build) (asserts : cpu -> list (response the_system) -> list asserted).
  Context (Recordable : recordable the_table = true) (Build : build_ok processors B).
  Context (Calls : calls_exist the_table clients asserts).
  Local Notation S := the_system.
  Local Notation M := (sc_memory S width).
  Local Notation text := (debug_stack prefix the_table).
  Local Notation debug_step := (debug_step text width B M clients asserts).
  Local Notation stopping_execution := (stopping_execution the_table B clients asserts).
  Local Notation wrong_next := (wrong_next the_table B asserts).
  Local Notation stands := (stands B asserts).
  Local Notation holdings := (holdings (fun _ _ => True) clients).
  Local Notation simulated := (simulated B asserts).
  Local Notation goal := (goal B asserts).

  Lemma calling_beside_idle c r o h s due h' : stands c r (Running (Calling o h s) due) (Idle h') -> h = h'.
  Proof.
    intros Here; inversion Here as [| | |? ? ? ? ? ? ? ? ?| |? ? ? ? ? ? ? ? Within| | |]; subst; [reflexivity|].
    inversion Within.
  Qed.

  Section Step.
    Context (tr : debug_trace S) (x : debug_machine M) (x0 : machine M) (y0 y : atomic_machine S).
    Context (Sim : simulated x x0 y0 y) (Above : stopping_execution tr y).
    Context (c : cpu) (d : debug_thread S) (t : thread S) (q : position S).
    Context (At : nth_error (debug_threads x) c = Some d) (At0 : nth_error (threads x0) c = Some t).
    Context (At1 : nth_error (positions y0) c = Some q).
    Local Notation R := (its_records x).
    Local Notation self := (this_cpu B c).
    Let At' : nth_error (positions y) c = Some (shown d q) := above_shown _ _ _ (sim_above _ _ _ _ _ _ Sim) c d q At
      At1.
    Let Place : match_thread c (contents x0) t q := proj1 (rel_stands _ _ (sim_match _ _ _ _ _ _ Sim) c t q At0 At1).
    Let Same : happened y = happened y0 := above_happened _ _ _ (sim_above _ _ _ _ _ _ Sim).
    Local Notation after d' R' m' := (mkDebug (M := M) (put_at c d' (debug_threads x)) R' m').

    Lemma idle_at h : t = Idle h -> q = At_rest h.
    Proof. intros ->; now inversion Place. Qed.
    Lemma idle_holds h : t = Idle h -> holds_exactly c (happened y0) (own_held c h).
    Proof.
      intros Is; pose proof (sim_holdings _ _ _ _ _ _ Sim c q At1) as Mine.
      rewrite (idle_at h Is) in Mine; exact (proj2 Mine).
    Qed.
    Lemma idle_wrong h call : t = Idle h -> NoDup (own_held c h) ->
      wrong the_table (depth B) call (held_by c (happened y)) = is_wrong B c call h.
    Proof.
      intros Is Once; rewrite Same.
      exact (same_wrong B c x0 y0 h call (sim_match _ _ _ _ _ _ Sim) (idle_holds h Is) Once).
    Qed.
    Lemma idle_right h did : t = Idle h -> NoDup (own_held c h) -> right_asserts B c h did ->
      find (fun call => wrong the_table (depth B) call (held_by c (happened y))) (map assert_call did) = None.
    Proof.
      intros Is Once Rights; rewrite Same.
      exact (nothing_wrong B c x0 y0 h did (sim_match _ _ _ _ _ _ Sim) (idle_holds h Is) Once Rights).
    Qed.

    Lemma own_goal d' R' : others_same self R R' -> stands c (R' self) d' t -> ahead d' t = ahead d t ->
      not_stopped d -> not_stopped d' -> goal (note c None tr) (after d' R' (debug_contents x)).
    Proof.
      intros Others Stands Ahead Lives Lives'; left; exists x0, y0, y; split; [|exact Above].
      assert (Shown : shown d' q = shown d q).
      { pose proof (beside_stands _ _ _ _ (sim_beside _ _ _ _ _ _ Sim) c d t At At0) as Here.
        destruct Place; destruct d as [[]| |], d' as [[]| |]; try contradiction; try discriminate; try reflexivity.
        cbn in Ahead; injection Ahead as ->; apply calling_beside_idle in Here, Stands; now subst. }
      constructor; try apply Sim.
      - pose proof (beside_update B asserts Build x x0 c d t d' R' t (debug_contents x) (sim_beside _ _ _ _ _ _ Sim)
          At At0
                      Others Stands) as Now.
        rewrite (put_same _ c t At0), (beside_contents _ _ _ _ (sim_beside _ _ _ _ _ _ Sim)) in Now.
        rewrite (beside_contents _ _ _ _ (sim_beside _ _ _ _ _ _ Sim)); destruct x0; exact Now.
      - apply (above_update x y0 y c d q d' q R' _ y0 y (sim_above _ _ _ _ _ _ Sim) At At1);
          [now rewrite put_same|now rewrite Shown, put_same|exact Same].
    Qed.

    Lemma beside_here d' : stands c (R self) d' t -> beside B asserts (after d' R (debug_contents x)) x0.
    Proof.
      intros Stands; pose proof (beside_update B asserts Build x x0 c d t d' R t (debug_contents x)
        (sim_beside _ _ _ _ _ _ Sim) At At0 (fun _ _ => eq_refl) Stands) as Now.
      rewrite (put_same _ c t At0), (beside_contents _ _ _ _ (sim_beside _ _ _ _ _ _ Sim)) in Now.
      rewrite (beside_contents _ _ _ _ (sim_beside _ _ _ _ _ _ Sim)); destruct x0; exact Now.
    Qed.

    Lemma wrong_goal h o call d' : d = Running (Idle h) [] -> t = Idle h -> clients c h = Some o ->
      lock_call o = Some call -> is_wrong B c call h = true -> right_asserts B c h (asserts c h) ->
      NoDup (own_held c h) -> stands c (R self) d' t -> ahead d' t = Some o -> not_stopped d' ->
      goal (note c (Some (Seen (Called o))) tr) (after d' R (debug_contents x)).
    Proof.
      intros D Rests Next Call Wrong Rights Once Stands Ahead Lives; pose proof (idle_at h Rests) as Q.
      left; exists x0, y0, (mkAtomic (put_at c (Pending o h) (positions y)) (happened y)).
      assert (Step : stopping_step the_table B clients asserts c y (option_map Seen (Some (Called o)))
                       (mkAtomic (put_at c (Pending o h) (positions y)) (happened y))).
      { rewrite D, Q in At'; apply stopping_goes_on.
        - destruct y; apply atomic_call; [exact At'|exact Next|destruct o; discriminate].
        - left; unfold stopping.wrong_next; rewrite At'; exact (idle_right h _ Rests Once Rights). }
      split; [|exact (stopping_execution_step _ _ _ _ _ _ _ _ _ Above Step)].
      constructor; try apply Sim; [now apply beside_here|].
      apply (above_update x y0 y c d q d' q R _ y0 _ (sim_above _ _ _ _ _ _ Sim) At At1);
        [now rewrite put_same| |exact Same].
      cbn [positions]; f_equal; rewrite Q, Rests in *; destruct d' as [[]| |]; try discriminate.
      cbn in Ahead; injection Ahead as ->; apply calling_beside_idle in Stands; now subst.
    Qed.

    Lemma stop_goal h call g ws : t = Idle h -> not_stopped d -> NoDup (own_held c h) ->
      match ahead d t with
      | Some o => lock_call o = Some call
      | None => exists did a due, asserts c h = did ++ a :: due /\ right_asserts B c h did /\ call = assert_call a
      end -> is_wrong B c call h = true -> tells the_table (depth B) self call (own_held c h) g ws ->
      goal (note c (Some (Did_stop g ws)) tr) (after At_stop R (debug_contents x)).
    Proof.
      intros Rests Lives Once Which Wrong Tells; pose proof (idle_at h Rests) as Q.
      left; exists x0, y0, (mkAtomic (put_at c Dead (positions y)) (happened y)).
      assert (Step : stopping_step the_table B clients asserts c y (Some (Did_stop g ws))
                       (mkAtomic (put_at c Dead (positions y)) (happened y))).
      { apply stopping_stops with call.
        - unfold stopping.wrong_next; rewrite At', Q; rewrite Rests in Which;
            destruct (ahead d (Idle h)) as [o|] eqn:Is.
          + destruct d as [[]| |]; try discriminate; injection Is as ->; cbn [shown wrong_at]; rewrite Which.
            now rewrite (idle_wrong h call Rests Once), Wrong.
          + destruct Which as (did & a & due & Due & Rights & ->).
            assert (shown d (At_rest h) = At_rest h) as -> by (destruct d as [[]| |]; try contradiction; auto;
              discriminate).
            cbn [wrong_at]; rewrite Due, map_app; cbn [map]; clear - Rests Once Rights Wrong Sim At At0 At1 Same Place.
            induction Rights as [|b did Right _ IH]; cbn [map app find].
            * now rewrite (idle_wrong h _ Rests Once), Wrong.
            * now rewrite (idle_wrong h _ Rests Once), Right.
        - rewrite Same; destruct (held_same c _ (log_legal x0 y0 (sim_match _ _ _ _ _ _ Sim)) _ (idle_holds h Rests)
            Once)
            as (In & Long); apply (tells_same _ _ _ (own_held c h)); [now intros l;
              rewrite In|now rewrite Long|exact Tells]. }
      split; [|exact (stopping_execution_step _ _ _ _ _ _ _ _ _ Above Step)].
      constructor; try apply Sim; [apply beside_here; rewrite Rests; constructor|].
      apply (above_update x y0 y c d q At_stop q R _ y0 _ (sim_above _ _ _ _ _ _ Sim) At At1);
        [now rewrite put_same|reflexivity|exact Same].
    Qed.

    Lemma both_goal t1 t2 v d' m' : quiet c t t1 -> moves the_text width M clients c t1 (debug_contents x) v t2 m' ->
      stands c (R self) d' t2 -> not_stopped d -> not_stopped d' -> ahead d t = None -> ahead d' t2 = None ->
      permitted B asserts c t1 -> goal (note c (option_map Seen v) tr) (after d' R m').
    Proof.
      intros Quiet Moves Stands Lives Lives' Ahead Ahead' Permitted.
      pose proof (beside_stands _ _ _ _ (sim_beside _ _ _ _ _ _ Sim) c d t At At0) as Here.
      pose proof At' as At2; rewrite (not_ahead B asserts c _ d t q _ Here Place Lives Ahead) in At2.
      rewrite (beside_contents _ _ _ _ (sim_beside _ _ _ _ _ _ Sim)) in Moves.
      destruct (quiet_steps B asserts Calls c t t1 tr Quiet Permitted x0 y0 y q (sim_match _ _ _ _ _ _ Sim)
                  (sim_holdings _ _ _ _ _ _ Sim) Same At0 At1 At2 Above)
        as [(y1 & Above1 & Touches)|(y1 & q1 & y2 & Match1 & Holds1 & Put1 & Put2 & Same1 & Above1)];
        [eapply touched_now; eauto|].
      destruct (release_step B asserts Calls c tr (mkMachine (M := M) (put_at c t1 (threads x0)) (contents x0)) y1 y2
        t1 q1
                  v t2 m' Match1 Holds1 Same1)
        as [Touches|(y3 & q3 & y4 & Match3 & Holds3 & Put3 & Put4 & Same3 & Above3)]; auto.
      { cbn [threads]; now rewrite nth_put, Nat.eqb_refl, At0. }
      { now rewrite Put1, nth_put, Nat.eqb_refl, At1. }
      { now rewrite Put2, nth_put, Nat.eqb_refl, At2. }
      { eapply touched_now; eauto. }
      cbn [threads contents] in Match3; rewrite put_put in Match3; rewrite Put1, put_put in Put3;
        rewrite Put2, put_put in Put4.
      left; exists (mkMachine (M := M) (put_at c t2 (threads x0)) m'), y3, y4; split; [|exact Above3].
      constructor; [| exact Match3|exact Holds3|].
      - exact (beside_update B asserts Build x x0 c d t d' R t2 m' (sim_beside _ _ _ _ _ _ Sim) At At0 (fun _ _ =>
          eq_refl)
                 Stands).
      - apply (above_update x y0 y c d q d' q3 R m' y3 y4 (sim_above _ _ _ _ _ _ Sim) At At1 Put3);
          [|exact Same3].
        assert (Q3 : nth_error (positions y3) c = Some q3) by (now rewrite Put3, nth_put, Nat.eqb_refl, At1).
        assert (T3 : nth_error (put_at c t2 (threads x0)) c = Some t2) by (now rewrite nth_put, Nat.eqb_refl, At0).
        rewrite (not_ahead B asserts c _ d' t2 q3 m' Stands); auto.
        exact (proj1 (rel_stands _ _ Match3 c t2 q3 T3 Q3)).
    Qed.

    Lemma halt_goal m' : lives d -> mem_step M (debug_contents x) c Halted m' ->
      goal (note c (Some (Seen Did_halt)) tr) (after (Running Stopped []) R m').
    Proof.
      intros Lives (_ & ->); rewrite (beside_contents _ _ _ _ (sim_beside _ _ _ _ _ _ Sim)).
      pose proof (beside_stands _ _ _ _ (sim_beside _ _ _ _ _ _ Sim) c d t At At0) as Here.
      assert (Goes : t <> Stopped) by (intros ->; inversion Here; subst;
        try contradiction; match goal with W : within _ _ _ _ _ Stopped |- _ => inversion W end).
      destruct (halt_follows x0 y0 c t (sim_match _ _ _ _ _ _ Sim) At0 Goes) as (y1 & Step & Match1).
      destruct (atomic_frame clients c y0 _ y1 Step) as (q0 & q1 & At2 & Put1 & Dies & _).
      specialize (Dies eq_refl); subst q1.
      left; exists (mkMachine (M := M) (put_at c Stopped (threads x0)) ((c, Halted) :: contents x0)), y1.
      exists (mkAtomic (put_at c Dead (positions y)) ((c, Halted) :: happened y)).
      assert (Log : happened y1 = (c, Halted) :: happened y0) by (inversion Step; subst; reflexivity).
      assert (Step' : stopping_step the_table B clients asserts c y (option_map Seen (Some Did_halt))
                        (mkAtomic (put_at c Dead (positions y)) ((c, Halted) :: happened y))).
      { apply stopping_goes_on; [|now right]; pose proof At' as At3; destruct y as [ps g]; eapply atomic_halt;
          [exact At3|].
        destruct Place; destruct d as [[]| |]; try contradiction; cbn; try discriminate; now destruct Goes. }
      split; [|exact (stopping_execution_step _ _ _ _ _ _ _ _ _ Above Step')].
      constructor; [|exact Match1| |].
      - exact (beside_update B asserts Build x x0 c d t (Running Stopped []) R Stopped _ (sim_beside _ _ _ _ _ _ Sim)
          At At0
                 (fun _ _ => eq_refl) (stands_dead B asserts c _)).
      - exact (holdings_step (fun _ _ => True) clients c y0 _ y1 (fun _ _ _ _ _ _ _ _ => I)
                 (sim_holdings _ _ _ _ _ _ Sim) Step).
      - apply (above_update x y0 y c d q (Running Stopped []) Dead R _ y1 _ (sim_above _ _ _ _ _ _ Sim) At At1 Put1);
          [reflexivity|]; cbn [happened]; now rewrite Log, Same.
    Qed.
  End Step.

  Lemma sim_step tr x x0 y0 y c v x' : simulated x x0 y0 y -> stopping_execution tr y -> debug_step c x v x' ->
    goal (note c v tr) x'.
  Proof.
    intros Sim Above Step; inversion Step as [ts R m d v' d' R' m' At Move]; subst.
    pose proof (sim_beside _ _ _ _ _ _ Sim) as Beside; pose proof (beside_debug _ _ _ _ Beside) as Long.
    cbn [debug_threads] in Long.
    destruct (nth_same_length ts (threads x0) c d (eq_trans Long (eq_sym (beside_threads _ _ _ _ Beside))) At) as (t &
      At0).
    destruct (match_at x0 y0 c t (sim_match _ _ _ _ _ _ Sim) At0) as (q & At1 & _).
    pose proof (beside_stands _ _ _ _ Beside c d t At At0) as Stands; cbn [its_records] in Stands.
    assert (In : (c < processors)%nat) by (change processors with (cpus S); rewrite <- Long; apply nth_error_Some;
      congruence).
    pose proof (stands_step B M asserts c Recordable (this_cpu_range _ _ Build c In) (limit_range _ _ Build)
                  (depth_range _ _ Build) Calls R m d t v d' R' m' Stands Move) as Out.
    destruct Out.
    - eapply (own_goal tr _ x0 y0 y Sim); eassumption.
    - eapply (wrong_goal tr _ x0 y0 y Sim); eassumption.
    - eapply (stop_goal tr _ x0 y0 y Sim); eassumption.
    - eapply (both_goal tr _ x0 y0 y Sim); try eassumption; split; assumption.
    - eapply (halt_goal tr _ x0 y0 y Sim); eassumption.
  Qed.

  Lemma first_simulated : simulated (debug_first M asserts) (first_state M) (atomic_start (S := S)) (atomic_start (S
    := S)).
  Proof.
    constructor; [|exact match_start|exact (holdings_start (fun _ _ => True) clients (fun _ _ => I))|].
    - constructor; cbn [debug_first debug_threads threads first_state debug_contents contents its_records];
        rewrite ?map_length, ?seq_length, ?repeat_length; auto; intros c d t D T.
      apply nth_repeat in T as ->; rewrite nth_error_map in D.
      match type of D with option_map _ ?n = _ => destruct n as [c'|] eqn:Is end; cbn in D; [|discriminate].
      assert (c' = c) as -> by exact (nth_seq _ _ _ Is).
      injection D as <-; apply (stands_rest B asserts c _ [] [] (asserts c [])); [reflexivity|constructor|].
      pose proof (depth_range _ _ Build); split; [constructor|cbn; lia|constructor|constructor].
    - constructor; [apply repeat_length|reflexivity|]; intros c d q D Q; apply nth_repeat in Q as Is; subst q.
      cbn [debug_first debug_threads] in D; rewrite nth_error_map in D.
      match type of D with option_map _ ?n = _ => destruct n end; cbn in D; [|discriminate].
      injection D as <-; exact Q.
  Qed.

  (** Up to the first access of an object outside of its lock, all is simulated. *)
  Theorem debug_simulated tr x : debug_execution text width B M clients asserts tr x ->
    (exists x0 y0 y, simulated x x0 y0 y /\ stopping_execution tr y) \/ touched_outside the_table B clients asserts tr.
  Proof.
    induction 1 as [|tr x c v x' Run [(x0 & y0 & y & Sim & Above)|(tr1 & tr2 & y & -> & Above & Touches)] Step].
    - left; exists (first_state M), (atomic_start (S := S)), (atomic_start (S := S)).
      split; [exact first_simulated|constructor].
    - exact (sim_step tr x x0 y0 y c v x' Sim Above Step).
    - right; exists tr1, (match v with Some v => (c, v) :: tr2 | None => tr2 end), y; now destruct v.
  Qed.
End Correct.
