(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Where nothing stops, both texts do the same

    If no execution of the debug text of some clients stops, then each is one of the release text
    ([debug_to_release]), and the other way round ([release_to_debug]): the same is
    seen.  Nothing is asked of the clients besides.  Read next: main/debug.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text checks_text record checked.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.refine Require Import invariant.
From hlock.machine.debug Require Import model found leads calls lockstep relation stands simulate correct reaches stops.
Import ListNotations.
Local Open Scope Z_scope.

Lemma as_debug_see {S} c (v : option (visible S)) tr : as_debug (see c v tr) = note c (option_map Seen v) (as_debug tr).
Proof. now destruct v. Qed.

Section Release.
  Context {G : running} (B : build) (asserts : cpu -> list (response the_system) -> list asserted).
  Context (Recordable : recordable the_table = true) (Build : build_ok processors B).
  Context (Calls : calls_exist the_table clients asserts).
  Local Notation S := the_system.
  Local Notation M := (sc_memory S width).
  Local Notation text := (debug_stack prefix the_table).
  Local Notation debug_move := (debug_move text width B M clients asserts).
  Local Notation debug_step := (debug_step text width B M clients asserts).
  Local Notation debug_execution := (debug_execution text width B M clients asserts).
  Local Notation execution := (execution the_text width M clients).
  Local Notation stands := (stands B asserts).
  Local Notation by_itself := (by_itself B M asserts).
  Local Notation beside := (beside B asserts).

  (** *** A step of a release thread, by a debug thread beside it *)
  Section Thread.
    Context (c : cpu) (In : (c < processors)%nat).
    Local Notation self := (this_cpu B c).
    Let Self := this_cpu_range _ _ Build c In.
    Let Limit := limit_range _ _ Build.
    Let Depth := depth_range _ _ Build.

    (** Some steps of its own; then it stands beside the new one, or makes the same step. *)
    Definition catches_up (m : memory M) (R : records) (d : debug_thread S) (v : option (visible S)) (t2 : thread S)
        (m2 : memory M) : Prop :=
      exists R1 d1, by_itself c m R d R1 d1 /\
        (v = None /\ m2 = m /\ d1 = d /\ stands c (R1 self) d1 t2 \/
         exists d2, debug_move c R1 m d1 (option_map Seen v) d2 R1 m2 /\ stands c (R1 self) d2 t2 /\ not_stopped d2).

    Lemma runs_local o h s s2 m v t2 m2 : runs (functions the_text) s s2 ->
      moves the_text width M clients c (Calling o h s) m v t2 m2 ->
      s = s2 \/ v = None /\ m2 = m /\ exists s1, t2 = Calling o h s1 /\ runs (functions the_text) s1 s2.
    Proof.
      intros [|s0 s1 s3 Step Rest] Moves; [auto|right]; pose proof (step_in_call the_text o h s0 s1 Step) as Is.
      inversion Moves as [t' N|o1 t' N|o1 t' N|a t' m3 N Does]; subst; cbn [next_move] in N; rewrite Is in N;
        try discriminate N; [|destruct N]; injection N as <-; eauto.
    Qed.

    Lemma idle_back m R d h v t2 m2 : stands c (R self) d (Idle h) -> not_stopped d -> ~ stops_itself B M asserts c m
      R d ->
      (forall o call, clients c h = Some o -> lock_call o = Some call -> is_wrong B c call h = false) ->
      moves the_text width M clients c (Idle h) m v t2 m2 -> catches_up m R d v t2 m2.
    Proof.
      intros Stands Lives Goes Right Moves.
      destruct (idle_runs B M asserts c Recordable Self Limit Depth Calls m R d h Stands Lives)
        as [(Stops & _)|(_ & Rights & R1 & Run & Says)]; [contradiction|].
      exists R1, (Running (Idle h) []); split; [exact Run|right].
      destruct (clients c h) as [o|] eqn:Next.
      2: { inversion Moves as [t' Is|o1 t' Is|o1 t' Is|a t' m3 Is Does]; subst; cbn [next_move] in Is;
        rewrite Next in Is;
             discriminate || contradiction. }
      pose proof (represents_nodup B c _ h Says) as Once.
      destruct (lock_call o) as [call|] eqn:Call.
      - destruct (lock_call_is o call Call) as (w & f & i & -> & Begin & Begin').
        pose proof (proj1 Calls c h o _ Next Call) as Of; pose proof (Right o _ eq_refl Call) as Wrong.
        assert (Moved : v = Some (Called o) /\ t2 = Calling o h (name_of the_text w f i) /\ m2 = m).
        { inversion Moves as [t' Is|o1 t' Is|o1 t' Is|a t' m3 Is Does]; subst; cbn [next_move] in Is;
            rewrite Next, Begin' in Is; try discriminate; try contradiction; injection Is as <- <-; auto. }
        destruct Moved as (-> & -> & ->).
        destruct (right_call prefix the_table table_accepted Recordable B c Self Limit Depth w f i (R1 self)
                    (own_held c h) Of Says Wrong) as (kd & r1 & r2 & Leads & Tail & Then).
        destruct (release_call w f i (proj1 Of) (right_in_family B c w f i h Wrong)) as (kr & Runs & Back).
        rewrite <- (held_call c h o _ Next Call) in Then.
        exists (Running (Calling o h (call_state prefix the_table (Lock_call w f i))) []); split; [|split; [|exact I]].
        + apply (debug_moves text width B M clients asserts c R1 m (Idle h) (Some (Called o))
                   (Calling o h (call_state prefix the_table (Lock_call w f i))) m), moves_call.
          cbn [next_move]; now rewrite Next, Begin.
        + eapply stands_before; [|split; [eauto|exact Back]|exact Leads|exact Runs].
          split; [exact Next|split; [|split; [exact Once|exact Rights]]].
          intros call' Is'; rewrite Call in Is'; now injection Is' as <-.
      - assert (Same : begin text o h = begin the_text o h) by (destruct o; discriminate || reflexivity).
        assert (Moved : moves text width M clients c (Idle h) m v t2 m2 /\ exists a, t2 = Idle (a :: h)).
        { inversion Moves as [t' Is|o1 t' Is|o1 t' Is|a t' m3 Is Does]; subst; cbn [next_move] in Is;
            rewrite Next in Is; destruct o; try discriminate Call; try discriminate Is; try contradiction;
            (split; [eapply moves_memory; [cbn [next_move]; rewrite Next; exact Is|exact Does]|]);
            cbn [answered begin] in Is; [destruct Is as (u & _ & ->)|destruct Is as (_ & ->)]; eauto. }
        destruct Moved as (Move & a & ->); exists (goes_on asserts c (Idle (a :: h))); split; [|split; [|exact I]].
        + now apply debug_moves.
        + apply (stands_rest B asserts c _ (a :: h) [] (asserts c (a :: h))); [reflexivity|constructor|].
          rewrite (held_next c h o a Next); now destruct o.
    Qed.

    Lemma within_back m R t t' o h kd kr v t2 m2 : going_on B asserts c o h -> tails B c kd kr (R self) h ->
      within kd kr o h t t' -> moves the_text width M clients c t' m v t2 m2 ->
      exists d2, debug_move c R m (Running t []) (option_map Seen v) d2 R m2 /\ stands c (R self) d2 t2 /\ not_stopped
        d2.
    Proof.
      intros Going ((r2 & Leads & Then) & Back) Within Moves.
      destruct (within_moves the_text text release_agrees kr kd width M clients c o h t' t m v t2 m2
                  (within_flip _ _ _ _ _ _ Within) Moves) as (d2 & Moves' & Both).
      exists (goes_on asserts c d2); split; [now apply debug_moves|split; [|exact I]].
      destruct Both as [W%within_flip|(-> & ->)].
      - destruct W; (apply (stands_within B asserts c _ o h kd kr); [exact Going|split;
          [eauto|exact Back]|now constructor]).
      - eapply stands_after; [exact Going|exact Leads|exact Then|exact Back].
    Qed.

    Theorem stands_back m R d t v t2 m2 : stands c (R self) d t -> not_stopped d -> ~ stops_itself B M asserts c m R d
      ->
      (forall h o call, t = Idle h -> clients c h = Some o -> lock_call o = Some call -> is_wrong B c call h = false) ->
      moves the_text width M clients c t m v t2 m2 -> catches_up m R d v t2 m2.
    Proof.
      intros Stands Lives Goes Right Moves; pose proof Stands as Stands0.
      destruct Stands as [h did due Due Rights Says|h did a due s r2 Due Rights Right1 Leads Says
        |h did a due s Due Rights Once Doomed|o h call s Next Is Rights Once Doomed
        |o h w l s s' kd kr r1 Going Tails Leads Runs|o h kd kr t t' Going Tails Within|o h s s' r2 Going Leads Then
          Back
        |h|]; try (apply idle_back with h; now eauto).
      - destruct (runs_local o h s' _ m v t2 m2 Runs Moves) as [->|(-> & -> & s1 & -> & Runs1)].
        + destruct (calling_runs B M asserts c m o h _ _ _ _ Leads R eq_refl) as (R1 & Run & Is1).
          destruct (floor_3_start w) as (Void & Below); rewrite <- Is1 in Tails.
          exists R1, (Running (Calling o h (Enter (ident_of_string (forwards_to w)) (Internal (floor_3 w)) (numbers
            [l]) kd)) []).
          split; [exact Run|right]; eapply within_back; [exact Going|exact Tails| |exact Moves].
          constructor; now constructor.
        + exists R, (Running (Calling o h s) []); split; [constructor|left].
          repeat (split; [reflexivity|]); eapply stands_before; eauto.
      - exists R, (Running t []); split; [constructor|right]; eapply within_back; eauto.
      - destruct (runs_local o h s' _ m v t2 m2 Back Moves) as [->|(-> & -> & s1 & -> & Runs1)].
        + destruct (calling_runs B M asserts c m o h _ _ _ _ Leads R eq_refl) as (R1 & Run & Is1).
          assert (Moved : v = Some (Returned o) /\ t2 = Idle (None :: h) /\ m2 = m).
          { inversion Moves as [t3 Is|o1 t3 Is|o1 t3 Is|a t3 m3 Is Does]; subst; try discriminate; try contradiction.
            injection Is as <- <-; auto. }
          destruct Moved as (-> & -> & ->); rewrite <- Is1 in Then.
          exists R1, (Running (Calling o h (Give Vundef Kstop)) []); split; [exact Run|right].
          exists (goes_on asserts c (Idle (None :: h))); split; [|split; [|exact I]].
          * apply (debug_moves text width B M clients asserts c R1 m (Calling o h (Give Vundef Kstop)) (Some (Returned
              o))).
            now apply moves_return.
          * apply (stands_rest B asserts c _ (None :: h) []); [reflexivity|constructor|exact Then].
        + exists R, (Running (Calling o h s) []); split; [constructor|left].
          repeat (split; [reflexivity|]); eapply stands_after; eauto.
      - inversion Moves as [t3 Is|o1 t3 Is|o1 t3 Is|a t3 m3 Is Does]; subst; discriminate || contradiction.
    Qed.
  End Thread.

  (** *** The machines *)
  Context (Never : forall tr x c g told, debug_execution tr x -> ~ List.In (c, Did_stop g told) tr).

  Lemma never_alone tr x c : debug_execution tr x -> ~ stops_alone text width B M clients asserts c x.
  Proof.
    intros Run (x1 & x2 & g & ws & Alone & Step).
    pose proof (alone_execution B asserts c tr x x1 Run Alone) as Run1.
    apply (Never _ x2 c g ws (debug_execution_step _ _ _ _ _ _ _ _ _ _ _ Run1 Step)); now left.
  Qed.

  (** A call that is not right would stop. *)
  Lemma never_wrong tr x c d h : debug_execution tr x -> (c < processors)%nat -> nth_error (debug_threads x) c = Some
    d ->
    stands c (its_records x (this_cpu B c)) d (Idle h) -> not_stopped d ->
    forall o call, clients c h = Some o -> lock_call o = Some call -> is_wrong B c call h = false.
  Proof.
    intros Run In At Stands Lives o call Next Call; destruct (is_wrong B c call h) eqn:Wrong; [exfalso|reflexivity].
    destruct x as [ts R m]; cbn [debug_threads its_records] in *.
    pose proof (this_cpu_range _ _ Build c In) as Self; pose proof (limit_range _ _ Build) as Limit.
    pose proof (depth_range _ _ Build) as Depth.
    destruct (idle_runs B M asserts c Recordable Self Limit Depth Calls m R d h Stands Lives)
      as [(Stops & _)|(_ & Rights & R1 & Alone & Says)].
    - exact (never_alone tr _ c Run (stops_lift B asserts c ts R m d At Stops)).
    - pose proof (alone_execution B asserts c tr _ _ Run (alone_lifts B asserts c m R d R1 _ Alone ts At)) as Run1.
      destruct (lock_call_is o call Call) as (w & f & i & -> & Begin & _).
      pose proof (proj1 Calls c h o _ Next Call) as Of.
      destruct (wrong_call prefix the_table table_accepted Recordable B c Self Limit Depth _ (R1 (this_cpu B c))
                  (own_held c h) Of Says Wrong) as (g & ws & ef & tys & tr' & cc & k & Tells & Stop & Leads).
      set (d2 := Running (Calling o h (call_state prefix the_table (Lock_call w f i))) []).
      assert (At1 : nth_error (put_at c (Running (Idle h) []) ts) c = Some (Running (Idle h) []))
        by now rewrite nth_put, Nat.eqb_refl, At.
      assert (Move : debug_move c R1 m (Running (Idle h) []) (Some (Seen (Called o))) d2 R1 m).
      { apply (debug_moves text width B M clients asserts c R1 m (Idle h) (Some (Called o))
                 (Calling o h (call_state prefix the_table (Lock_call w f i))) m), moves_call.
        cbn [next_move]; now rewrite Next, Begin. }
      pose proof (debug_execution_step _ _ _ _ _ _ _ _ _ _ _ Run1 (debug_steps _ _ _ _ _ _ c _ R1 m _ _ d2 R1 m At1
        Move))
        as Run2.
      apply (never_alone _ _ c Run2), (stops_lift B asserts c _ R1 m d2).
      + now rewrite nth_put, Nat.eqb_refl, At1.
      + apply (doomed_calling B M asserts c m R1 o h (Lock_call w f i)); split; [exact Wrong|].
        exists g, ws, ef, tys, tr', cc, k, (R1 (this_cpu B c)); auto.
  Qed.

  Definition none_stopped (x : debug_machine M) : Prop :=
    forall c d, nth_error (debug_threads x) c = Some d -> not_stopped d.
  Lemma none_stopped_put ts R m c d R' m' : none_stopped (mkDebug (M := M) ts R m) -> not_stopped d ->
    none_stopped (mkDebug (M := M) (put_at c d ts) R' m').
  Proof.
    intros All Here c' d'; cbn [debug_threads]; rewrite nth_put; destruct (Nat.eqb c' c); [|apply All].
    destruct (nth_error ts c); [intros [= <-]; exact Here|discriminate].
  Qed.

  Lemma quiet_execution c t t1 : quiet c t t1 -> forall tr x0, execution tr x0 -> nth_error (threads x0) c = Some t ->
    execution tr (mkMachine (M := M) (put_at c t1 (threads x0)) (contents x0)).
  Proof.
    induction 1 as [t|t t1 t2 Next _ IH]; intros tr x0 Run At; [rewrite put_same by exact At; now destruct x0|].
    destruct x0 as [ts m]; cbn [threads contents] in *.
    rewrite <- (put_put c ts t2 t1); apply (IH tr (mkMachine (put_at c t1 ts) m)).
    - exact (execution_step the_text width M clients tr _ c None _ Run (step_local _ _ _ _ c ts m t t1 At Next)).
    - cbn [threads]; now rewrite nth_put, Nat.eqb_refl, At.
  Qed.
  Lemma moves_step c ts m t v t2 m2 : nth_error ts c = Some t -> moves the_text width M clients c t m v t2 m2 ->
    machine_step the_text width M clients c (mkMachine (M := M) ts m) v (mkMachine (M := M) (put_at c t2 ts) m2).
  Proof.
    intros At [t' Is|o t' Is|o t' Is|a t' m' Is Does];
      [eapply step_local|eapply step_call|eapply step_return|eapply step_memory]; eauto.
  Qed.

  Theorem debug_to_release tr x : debug_execution tr x ->
    exists tr0 x0, execution tr0 x0 /\ tr = as_debug tr0 /\ beside x x0 /\ none_stopped x.
  Proof.
    induction 1 as [|tr x c v x' Run (tr0 & x0 & Run0 & -> & Beside & All) Step].
    { exists [], (first_state M); split; [constructor|split; [reflexivity|]].
      split; [exact (sim_beside _ _ _ _ _ _ (first_simulated B asserts Build))|].
      intros c d; cbn [debug_first debug_threads]; rewrite nth_error_map.
      match goal with |- option_map _ ?n = _ -> _ => destruct n end; cbn; [intros [= <-]; exact I|discriminate]. }
    destruct Step as [ts R m d v d' R' m' At Move]; pose proof (beside_debug _ _ _ _ Beside) as Long.
    cbn [debug_threads] in Long.
    destruct (nth_same_length ts (threads x0) c d (eq_trans Long (eq_sym (beside_threads _ _ _ _ Beside))) At) as (t &
      At0).
    pose proof (beside_stands _ _ _ _ Beside c d t At At0) as Stands; cbn [its_records] in Stands.
    pose proof (beside_contents _ _ _ _ Beside) as Same; cbn [debug_contents] in Same; subst m.
    assert (In : (c < processors)%nat) by (change processors with (cpus S); rewrite <- Long; apply nth_error_Some;
      congruence).
    pose proof (fun d2 R2 t2 m2 Others Here => beside_update B asserts Build _ x0 c d t d2 R2 t2 m2 Beside At At0
                  Others Here) as Now; cbn [debug_threads its_records debug_contents] in Now.
    pose proof (debug_execution_step _ _ _ _ _ _ _ _ _ _ _ Run (debug_steps _ _ _ _ _ _ c ts R _ d v d' R' m' At
      Move)) as Run'.
    destruct (stands_step B M asserts c Recordable (this_cpu_range _ _ Build c In) (limit_range _ _ Build)
                (depth_range _ _ Build) Calls R (contents x0) d t v d' R' m' Stands Move)
      as [d' R' Others Here _ _ Lives|h o call d' D Idle_t Next Call Wrong _ _ _ _ _|h call g ws _ _ _ _ _ _
         |t1 t2 u d' m' Quiet Moves Here _ Lives _ _ _ _|m' Lives Does].
    - exists tr0, x0; split; [exact Run0|split; [reflexivity|split;
        [|now apply none_stopped_put with (R := R) (m := contents x0)]]].
      specialize (Now d' R' t (contents x0) Others Here); rewrite (put_same _ c t At0) in Now; now destruct x0.
    - subst d t; exfalso; rewrite (never_wrong _ _ c _ h Run In At Stands I o call Next Call) in Wrong; discriminate.
    - exfalso; apply (Never _ _ c g ws Run'); now left.
    - exists (see c u tr0), (mkMachine (M := M) (put_at c t2 (threads x0)) m').
      pose proof (quiet_execution c t t1 Quiet tr0 x0 Run0 At0) as Run1.
      split; [|split; [symmetry; apply as_debug_see|split; [exact (Now d' R t2 m' (fun _ _ => eq_refl) Here)|]]].
      + apply (execution_step the_text width M clients tr0 _ c u _ Run1); rewrite <- (put_put c (threads x0) t2 t1).
        apply (moves_step c _ _ t1); [|exact Moves]; now rewrite nth_put, Nat.eqb_refl, At0.
      + now apply none_stopped_put with (R := R) (m := contents x0).
    - exists ((c, Did_halt) :: tr0), (mkMachine (M := M) (put_at c Stopped (threads x0)) m').
      split; [|split; [reflexivity|split; [exact (Now _ R _ m' (fun _ _ => eq_refl) (stands_dead B asserts c _))|]]].
      + apply (execution_step the_text width M clients tr0 x0 c (Some Did_halt) _ Run0); destruct x0 as [ts0 m0].
        eapply step_halt; [exact At0| |exact Does]; intros ->; inversion Stands; subst; try contradiction.
        match goal with W : within _ _ _ _ _ Stopped |- _ => inversion W end.
      + now apply none_stopped_put with (R := R) (m := contents x0).
  Qed.

  Theorem release_to_debug tr0 x0 : execution tr0 x0 ->
    exists x, debug_execution (as_debug tr0) x /\ beside x x0 /\ none_stopped x.
  Proof.
    induction 1 as [|tr0 x0 c v x0' Run0 (x & Run & Beside & All) Step].
    { destruct (debug_to_release [] _ (debug_execution_start _ _ _ _ _ _)) as (tr0 & x0 & _ & _ & _ & All).
      exists (debug_first M asserts); split; [constructor|].
      split; [exact (sim_beside _ _ _ _ _ _ (first_simulated B asserts Build))|exact All]. }
    assert (Moved : exists t, nth_error (threads x0) c = Some t /\
      ((exists t2 m2, moves the_text width M clients c t (contents x0) v t2 m2 /\
         x0' = mkMachine (M := M) (put_at c t2 (threads x0)) m2) \/
       (exists m2, v = Some Did_halt /\ t <> Stopped /\ mem_step M (contents x0) c Halted m2 /\
         x0' = mkMachine (M := M) (put_at c Stopped (threads x0)) m2))).
    { destruct Step as [ts m t t' At Is|ts m t t' o At Is|ts m t t' o At Is|ts m t a t' m' At Is Does|ts m t m' At
        Goes Does];
        exists t; (split; [exact At|]); cbn [threads contents]; [left..|right].
      - exists t', m; split; [now apply moves_local|reflexivity].
      - exists t', m; split; [now apply moves_call|reflexivity].
      - exists t', m; split; [now apply moves_return|reflexivity].
      - exists t', m'; split; [now apply (moves_memory _ _ _ _ _ _ _ a)|reflexivity].
      - exists m'; auto. }
    destruct Moved as (t & At0 & Moved); pose proof (beside_debug _ _ _ _ Beside) as Long.
    destruct (nth_same_length _ (debug_threads x) c t (eq_trans (beside_threads _ _ _ _ Beside) (eq_sym Long)) At0) as
      (d & At).
    assert (In : (c < processors)%nat) by (change processors with (cpus S); rewrite <- Long; apply nth_error_Some;
      congruence).
    pose proof (beside_stands _ _ _ _ Beside c d t At At0) as Stands; pose proof (All c d At) as Lives.
    destruct x as [ts R m]; cbn [debug_threads its_records] in *.
    pose proof (beside_contents _ _ _ _ Beside) as Same; cbn [debug_contents] in Same; subst m.
    pose proof (fun d2 R2 t2 m2 Others Here => beside_update B asserts Build _ x0 c d t d2 R2 t2 m2 Beside At At0
                  Others Here) as Now; cbn [debug_threads its_records debug_contents] in Now.
    destruct Moved as [(t2 & m2 & Moves & ->)|(m2 & -> & Goes & Does & ->)].
    - assert (Stops : ~ stops_itself B M asserts c (contents x0) R d)
        by (intros Stops; exact (never_alone _ _ c Run (stops_lift B asserts c ts R _ d At Stops))).
      destruct (stands_back c In (contents x0) R d t v t2 m2 Stands Lives Stops) as (R1 & d1 & Alone & Then);
        [|exact Moves|].
      { intros h o call -> Next Call; exact (never_wrong _ _ c d h Run In At Stands Lives o call Next Call). }
      pose proof (itself_others B M asserts c _ _ _ _ _ Alone) as Others.
      pose proof (alone_execution B asserts c _ _ _ Run (alone_lifts B asserts c _ R d R1 d1 Alone ts At)) as Run1.
      destruct Then as [(-> & -> & -> & Here)|(d2 & Move & Here & Lives2)].
      + exists (mkDebug (M := M) (put_at c d ts) R1 (contents x0)); split; [exact Run1|].
        split; [exact (Now d R1 t2 _ Others Here)|now apply none_stopped_put with (R := R) (m := contents x0)].
      + exists (mkDebug (M := M) (put_at c d2 ts) R1 m2); rewrite as_debug_see.
        assert (At1 : nth_error (put_at c d1 ts) c = Some d1) by now rewrite nth_put, Nat.eqb_refl, At.
        pose proof (debug_execution_step _ _ _ _ _ _ _ _ _ _ _ Run1
                      (debug_steps _ _ _ _ _ _ c _ R1 _ d1 _ d2 R1 m2 At1 Move)) as Run2.
        rewrite put_put in Run2; split; [exact Run2|].
        split; [exact (Now d2 R1 t2 m2 Others Here)|now apply none_stopped_put with (R := R) (m := contents x0)].
    - exists (mkDebug (M := M) (put_at c (Running Stopped []) ts) R m2); split; [|split].
      + apply (debug_execution_step _ _ _ _ _ _ _ _ c (Some (Seen Did_halt)) _ Run), debug_steps with d; [exact At|].
        apply debug_halts; [|exact Does]; inversion Stands; subst; try exact I; try contradiction.
        match goal with W : within _ _ _ _ _ _ |- _ => destruct W end; exact I.
      + exact (Now _ R _ m2 (fun _ _ => eq_refl) (stands_dead B asserts c _)).
      + now apply none_stopped_put with (R := R) (m := contents x0).
  Qed.
End Release.
