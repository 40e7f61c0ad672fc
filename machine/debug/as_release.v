(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * An infinite execution of the debug text, as one of the release text

    From one time at which a turn is more than checks and steps of a thread's own to the next
    ([next_time]), and there first all own steps of the release thread, then its move ([advance]).  So an
    infinite execution of the debug text in which nobody stops makes one of the release text ([made_infinite]),
    which is fair if the first is ([made_fair]).  Read next: freedom.v. *)
From Coq Require Import ZArith List Bool Lia ConstructiveEpsilon.
From hlock.clight Require Import options smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec record.
From hlock.layers.L4_locks Require contract.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant.
From hlock.machine.live Require Import live progress starvation endless computed.
From hlock.machine.debug Require Import model found leads calls lockstep relation stands simulate correct endless
  turns retimed.
Import ListNotations.
Local Open Scope Z_scope.

(** A move on consistent memory is what is computed of it. *)
Lemma moves_performed {S : system} text width clients c t (m : memory (sc_memory S width)) v t2 m2 :
  moves text width (sc_memory S width) clients c t m v t2 m2 ->
  exists a, performed width (fun _ => next S width) c m (next_move text width (clients c) t) = Some (a, t2).
Proof.
  intros [t' Is|o t' Is|o t' Is|a t' m' Is (There & _)]; try (rewrite Is; cbn; eauto).
  destruct (next_move text width (clients c) t); cbn in Is |- *; try contradiction.
  all: repeat match goal with H : exists _, _ |- _ => destruct H | H : _ /\ _ |- _ => destruct H end; subst;
    cbn in There;
    subst; eauto.
Qed.

(** Whether a CPU has finished. *)
Definition idles {S : system} {M : memory_system S} (clients : cpu -> client S) (c : cpu) (x : debug_machine M) :
  bool :=
  match nth_error (debug_threads x) c with
  | Some (Running (Idle h) []) => match clients c h with None => true | Some _ => false end
  | Some (Running Stopped _) | Some At_stop => true
  | _ => false
  end.
Lemma idles_done {S : system} {M : memory_system S} (clients : cpu -> client S) c (x : debug_machine M) :
  idles clients c x = true <-> debug_finished M clients c x.
Proof.
  unfold idles, debug_finished; destruct (nth_error _ c) as [[[h| | |] [|]| |]|]; try (split;
    [discriminate|contradiction]);
    try (split; auto; fail).
  destruct (clients c h); split; try discriminate; auto.
Qed.

Section As_release.
  Context {G : running} (B : build) (asserts : cpu -> list (response the_system) -> list asserted).
  Context (Recordable : recordable the_table = true) (Build : build_ok processors B).
  Context (Calls : calls_exist the_table clients asserts).
  Local Notation S := the_system.
  Local Notation M := (sc_memory S width).
  Local Notation text := (debug_stack prefix the_table).
  Local Notation calm := (debug_calm text width B M clients asserts).
  Local Notation done := (debug_finished M clients).
  Local Notation machine := (machine M).

  Context (run : nat -> debug_machine M) (who : nat -> cpu).
  Context (Runs : debug_infinite text width B M clients asserts run who) (Fair : debug_fair M clients run who).
  Context (Never : nobody_stops M run) (Right : never_breaches clients the_table).
  Local Notation at_run c n := (nth_error (debug_threads (run n)) c).
  Local Notation records_at c n := (its_records (run n) (this_cpu B c)).
  Local Notation next_of c t := (next_move the_text width (clients c) t).
  Local Notation reached := (reached B asserts run).
  Local Notation changed := (changed run who).
  Let In_range : forall n, (who n < processors)%nat := who_in B asserts Recordable Build Calls run who Runs Never.
  Let Others := turn_others B asserts Recordable Build Calls run who Runs Never.

  (** ** What threads beside each other have in common *)
  Definition debug_in_op (d : debug_thread S) : option (op S * list (response S)) :=
    match d with Running t _ => in_op t | _ => None end.

  Lemma beside_at n x c d t : reached n x -> (c < processors)%nat -> at_run c n = Some d ->
    nth_error (threads x) c = Some t -> exists u t1, quiet c t u /\ quiet c t1 u /\
      stands B asserts c (records_at c n) d t1 /\ ahead d t1 = None.
  Proof.
    intros Reached In At At0; destruct (reached_threads _ _ _ _ _ Reached c d t At At0) as (u & t1 & Q & Q1 & Stands).
    exists u, t1; split; [exact Q|split; [exact Q1|split; [exact Stands|]]].
    exact (never_ahead B asserts Recordable Build Calls run who Runs Fair Never c In n d t1 At Stands).
  Qed.
  Lemma same_place n x c d t : reached n x -> (c < processors)%nat -> at_run c n = Some d ->
    nth_error (threads x) c = Some t -> history_of t = debug_history d /\ in_op t = debug_in_op d.
  Proof.
    intros Reached In At At0; destruct (beside_at n x c d t Reached In At At0) as (u & t1 & Q & Q1 & Stands & Ahead).
    destruct (quiet_shape c t u Q) as (_ & <- & <-), (quiet_shape c t1 u Q1) as (_ & -> & ->).
    pose proof (Never n c); destruct Stands; cbn in Ahead; try discriminate; try contradiction; auto.
    match goal with W : lockstep.within _ _ _ _ _ _ |- _ => destruct W end; auto.
  Qed.
  Lemma in_op_next n c d o h : (c < processors)%nat -> at_run c n = Some d -> debug_in_op d = Some (o, h) ->
    clients c h = Some o.
  Proof.
    intros In At Is; destruct (run_stands B asserts Recordable Build Calls run who Runs Never c n d At) as (t & Stands).
    destruct Stands as [h0 did due Due Rights Says|h0 did a due s r2 Due Rights Is_right Leads Says
      |h0 did a due s Due Rights Once Doomed|o0 h0 call s Next Is_call Rights Once Doomed
      |o0 h0 w l s s' kd kr r1 Going Tails Leads Runs'|o0 h0 kd kr t1 t' Going Tails Within
      |o0 h0 s s' r2 Going Leads Then Back|h0|]; try discriminate.
    - injection Is as <- <-; exact Next.
    - injection Is as <- <-; exact (proj1 Going).
    - destruct Within; injection Is as <- <-; exact (proj1 Going).
    - injection Is as <- <-; exact (proj1 Going).
  Qed.

  (** ** Who has finished *)
  Lemma finished_beside n x c : reached n x -> (c < processors)%nat -> done c (run n) -> finished M clients c x.
  Proof.
    intros Reached In Fin; unfold debug_finished in Fin; destruct (at_run c n) as [d|] eqn:At; [|contradiction].
    destruct (nth_error (threads x) c) as [t|] eqn:At0.
    2: { apply nth_error_None in At0; rewrite (reached_length _ _ _ _ _ Reached) in At0; lia. }
    unfold finished; rewrite At0; destruct (same_place n x c d t Reached In At At0) as (History & Op).
    destruct d as [[h| | |] [|]| |]; try contradiction; cbn in History, Op;
      destruct t; try discriminate; try exact I.
    injection History as ->; exact Fin.
  Qed.
  Lemma done_turn c n : (c < processors)%nat -> done c (run n) -> done c (run (Datatypes.S n)).
  Proof.
    intros In Fin; destruct (Nat.eq_dec (who n) c) as [Is|Other].
    2: { unfold debug_finished in *; now rewrite (proj1 (Others n c Other In)). }
    pose proof Fin as Fin'; unfold debug_finished in Fin; destruct (at_run c n) as [d|] eqn:At; [|contradiction].
    rewrite <- Is in At; destruct (turn B asserts run who Runs Never n d At)
      as [(_ & ->)|(v & d' & R' & m' & Move & Now & _)]; [exact Fin'|].
    assert (At' : at_run c (Datatypes.S n) = Some d')
      by (rewrite Now; cbn [debug_threads]; now rewrite nth_put, <- Is, Nat.eqb_refl, At).
    unfold debug_finished; rewrite At'; rewrite Is in Move; revert Move.
    destruct d as [[h| | |] [|]| |]; try contradiction; intros Move.
    - inversion Move as [t1 u1 t2 m2 Moves| | | | | |t1 g ws Stop|]; subst; try discriminate; [exfalso|exact I].
      destruct Moves as [t3 Nx|o t3 Nx|o t3 Nx|a t3 m3 Nx _]; cbn [next_move] in Nx; now rewrite Fin in Nx.
    - inversion Move as [t1 u1 t2 m2 Moves| | | | | |t1 g ws Stop|]; subst; try discriminate; [exfalso|exact I].
      now destruct Moves.
    - inversion Move as [|  | | | | |t1 g ws Stop|]; subst; try discriminate; exact I.
    - now destruct (Never n (who n)).
  Qed.
  Lemma done_later c n m : (n <= m)%nat -> (c < processors)%nat -> done c (run n) -> done c (run m).
  Proof. induction 1; intros In Fin; [exact Fin|]; apply done_turn; auto. Qed.

  (** ** The next time at which something happens of the release text, or all have finished *)
  Definition eventful (n : nat) : bool := changed n || forallb (fun c => idles clients c (run n)) (seq 0 processors).

  Lemma changes_changed c m : changes run who c m -> who m = c /\ changed m = true.
  Proof. intros (<- & d & d' & At & At' & Differs); split; [reflexivity|]; now apply (changed_is run who m d d'). Qed.
  Lemma comes_at n x c : reached n x -> (c < processors)%nat -> comes run who c n.
  Proof.
    intros Reached In; destruct (run_thread B asserts Recordable Build Calls run who Runs Never c n In) as (d & At).
    destruct (nth_error (threads x) c) as [t|] eqn:At0.
    2: { apply nth_error_None in At0; rewrite (reached_length _ _ _ _ _ Reached) in At0; lia. }
    destruct (beside_at n x c d t Reached In At At0) as (u & t1 & Q & Q1 & Stands & _).
    destruct (settles B asserts run Right n x c t Reached At0) as (tn & Settles & Still).
    assert (Goes : quiet c t1 tn).
    { destruct (quiet_either c t u tn Q Settles) as [Later|Before]; [exact (quiet_trans _ _ _ _ Q1 Later)|].
      now rewrite <- (quiet_still c tn u Still Before). }
    exact (change_comes B asserts Recordable Build Calls run who Runs Fair Never c In n d t1 tn At Stands Goes Still).
  Qed.
  Lemma eventful_comes n x : reached n x -> exists m, (n <= m)%nat /\ eventful m = true.
  Proof.
    intros Reached; assert (All : forall j, (j <= processors)%nat -> exists m, (n <= m)%nat /\
      (changed m = true \/ forall c, (c < j)%nat -> done c (run m))).
    { induction j as [|j IH]; intros Few; [exists n; split; [lia|right; lia]|].
      destruct (IH ltac:(lia)) as (m & Later & [Ch|Fin]); [eauto|].
      destruct (comes_at n x j Reached ltac:(lia)) as (k & More & [Ch|Done]).
      { exists k; split; [exact More|left; apply (changes_changed j k Ch)]. }
      exists (Nat.max m k); split; [lia|right]; intros c Less; destruct (Nat.eq_dec c j) as [->|].
      - apply (done_later j k); [lia|lia|exact Done].
      - apply (done_later c m); [lia|lia|apply Fin; lia]. }
    destruct (All processors (Nat.le_refl _)) as (m & Later & [Ch|Fin]); exists m; (split; [exact Later|]).
    - unfold eventful; now rewrite Ch.
    - unfold eventful; apply orb_true_iff; right; apply forallb_forall; intros c Is; apply in_seq in Is.
      apply idles_done, Fin; lia.
  Qed.

  (** ** Steps of the release text *)
  Lemma segment_end x cs x1 c v x2 : segment the_text width M clients x cs x1 ->
    calm_step the_text width M clients c x1 v x2 -> exists cs', segment the_text width M clients x cs' x2.
  Proof.
    intros Run Step; induction Run as [x|x c1 v1 x1 cs x3 First _ IH].
    - exists [c]; econstructor; [exact Step|constructor].
    - destruct (IH Step) as (cs' & Rest); exists (c1 :: cs'); econstructor; eauto.
  Qed.
  Lemma local_calm x c t t1 : nth_error (threads x) c = Some t -> next_of c t = Local t1 ->
    calm_step the_text width M clients c x None (mkMachine (put_at c t1 (threads x)) (contents x)).
  Proof. intros At Is; destruct x; split; [now apply step_local with t|discriminate]. Qed.
  Lemma local_reached n x c t t1 : reached n x -> nth_error (threads x) c = Some t -> next_of c t = Local t1 ->
    reached n (mkMachine (put_at c t1 (threads x)) (contents x)).
  Proof.
    intros [(cs & Run) Same Long Joins] At Is; constructor; [| exact Same| |].
    - exact (segment_end _ _ _ _ _ _ Run (local_calm x c t t1 At Is)).
    - cbn [threads]; now rewrite length_put.
    - intros c' d t' D T; cbn [threads] in T; rewrite nth_put in T; destruct (Nat.eqb_spec c' c) as [->|];
        [|exact (Joins c'
        d t' D T)].
      rewrite At in T; injection T as <-; destruct (Joins c d t D At) as (u & t0 & Q & Q0 & Stands).
      inversion Q as [|t2 t3 t4 Next Rest]; subst.
      + exists t1, t0; split; [constructor|split; [|exact Stands]].
        apply (quiet_trans _ _ _ _ Q0); eapply quiet_one; [exact Is|constructor].
      + rewrite Is in Next; injection Next as <-; exists u, t0; auto.
  Qed.
  Lemma moves_calm x c t v t2 m2 : nth_error (threads x) c = Some t ->
    moves the_text width M clients c t (contents x) v t2 m2 ->
    calm_step the_text width M clients c x v (mkMachine (M := M) (put_at c t2 (threads x)) m2).
  Proof.
    intros At Moves; destruct x as [ts m]; cbn [threads contents] in *; split.
    - destruct Moves; [eapply step_local|eapply step_call|eapply step_return|eapply step_memory]; eauto.
    - intros ->; exfalso; inversion Moves as [t3 Nx|o t3 Nx|o t3 Nx|a t3 m3 Nx Does Seen]; subst.
      destruct a; try discriminate; destruct (next_of c t); cbn in Nx; try contradiction;
        repeat match goal with H : exists _, _ |- _ => destruct H end; intuition discriminate.
  Qed.
  Lemma halt_calm x c h : nth_error (threads x) c = Some (Idle h) -> contract.held (clients c) h = [] ->
    calm_step the_text width M clients c x (Some Did_halt)
      (mkMachine (M := M) (put_at c Stopped (threads x)) ((c, Halted) :: contents x)).
  Proof.
    intros At Held; destruct x as [ts m]; split; [|intros _; exists h; auto].
    eapply step_halt; [exact At|discriminate|split; [exact I|reflexivity]].
  Qed.

  (** What the release text does of debug time [m]. *)
  Definition dead (d : option (debug_thread S)) : bool := match d with Some (Running Stopped []) => true | _ => false
    end.
  Definition advance (m : nat) (x : machine) : nat * machine :=
    if changed m then
      match nth_error (threads x) (who m) with
      | Some t =>
          match next_of (who m) t with
          | Local t1 => (m, mkMachine (put_at (who m) t1 (threads x)) (contents x))
          | go =>
              (Datatypes.S m, mkMachine (M := M) (put_at (who m)
                (if dead (at_run (who m) (Datatypes.S m)) then Stopped else
                 match performed width (fun _ => next S width) (who m) (contents x) go with
                 | Some (_, t2) => t2 | None => t end) (threads x)) (debug_contents (run (Datatypes.S m))))
          end
      | None => (Datatypes.S m, x)
      end
    else (Datatypes.S m, x).

  Inductive advances (m : nat) (x : machine) : nat * machine -> Prop :=
  | advances_not : changed m = false -> advances m x (Datatypes.S m, x)
  | advances_locally t t1 v : changed m = true -> nth_error (threads x) (who m) = Some t ->
    next_of (who m) t = Local t1 ->
      calm (who m) (run m) v (run (Datatypes.S m)) ->
      advances m x (m, mkMachine (put_at (who m) t1 (threads x)) (contents x))
  | advances_moving t v x' : changed m = true -> nth_error (threads x) (who m) = Some t -> still (who m) t ->
      calm_step the_text width M clients (who m) x v x' -> calm (who m) (run m) (option_map Seen v) (run (Datatypes.S
        m)) ->
      (forall o t2, next_of (who m) t = Return o t2 -> v = Some (Returned o)) ->
      advances m x (Datatypes.S m, x').

  Lemma still_advance m x t : changed m = true -> nth_error (threads x) (who m) = Some t -> still (who m) t ->
    advance m x = (Datatypes.S m, mkMachine (M := M) (put_at (who m)
      (if dead (at_run (who m) (Datatypes.S m)) then Stopped else
       match performed width (fun _ => next S width) (who m) (contents x) (next_of (who m) t) with
       | Some (_, t2) => t2 | None => t end) (threads x)) (debug_contents (run (Datatypes.S m)))).
  Proof.
    intros Ch At Still; unfold advance; rewrite Ch, At; specialize (Still).
    destruct (next_of (who m) t) eqn:Is; try reflexivity; now destruct (Still _ Is).
  Qed.

  Theorem advance_good m x : reached m x ->
    advances m x (advance m x) /\ reached (fst (advance m x)) (snd (advance m x)).
  Proof.
    intros Reached; destruct (turn_kind B asserts Recordable Build Calls run who Runs Fair Never m x Reached)
      as [Ch Still|t tn v t2 d' Ch At Quiet Still Moves Calm At' Lives Joined|h Ch At Held Is At' Calm].
    - unfold advance; rewrite Ch; split; [now constructor|exact Still].
    - inversion Quiet as [|t3 t1 t4 Local_step Rest]; subst.
      + pose proof (moves_performed _ _ _ _ _ _ _ _ _ Moves) as (a & Does).
        assert (Dead : dead (at_run (who m) (Datatypes.S m)) = false)
          by (rewrite At'; destruct d' as [[] []| |]; try reflexivity; now destruct Lives).
        rewrite (still_advance m x tn Ch At Still), Dead, Does; pose proof (moves_calm x _ _ _ _ _ At Moves) as Step;
          split.
        * eapply advances_moving; try eassumption; intros o t3 Returns.
          destruct Moves as [t4 Nx|o4 t4 Nx|o4 t4 Nx|a4 t4 m4 Nx _]; rewrite Returns in Nx; try discriminate;
            [now injection Nx as <- _|destruct Nx].
        * apply (reached_update B asserts Recordable Build Calls run who Runs Never m x tn t2 d' Reached At At' Joined).
          destruct (reached_run _ _ _ _ _ Reached) as (cs & Before); exact (segment_end _ _ _ _ _ _ Before Step).
      + unfold advance; rewrite Ch, At, Local_step; split; [eapply advances_locally; eauto|].
        exact (local_reached m x (who m) t t1 Reached At Local_step).
    - assert (Dead : dead (at_run (who m) (Datatypes.S m)) = true) by (rewrite At'; reflexivity).
      rewrite (still_advance m x (Idle h) Ch At (idle_still _ h)), Dead.
      assert (Step : calm_step the_text width M clients (who m) x (Some Did_halt)
        (mkMachine (M := M) (put_at (who m) Stopped (threads x)) (debug_contents (run (Datatypes.S m)))))
        by (rewrite Is; exact (halt_calm x _ h At Held)).
      split.
      + eapply advances_moving; try eassumption; [apply idle_still|]; cbn [next_move]; intros o t2;
          destruct (clients (who m) h) as [[]|]; discriminate.
      + apply (reached_update B asserts Recordable Build Calls run who Runs Never m x (Idle h) Stopped _ Reached At
        At').
        * exists Stopped, Stopped; split; [constructor|split; [constructor|constructor]].
        * destruct (reached_run _ _ _ _ _ Reached) as (cs & Before); exact (segment_end _ _ _ _ _ _ Before Step).
  Qed.
  (** ** Put together *)
  Lemma reached_first : reached 0 (first_state M).
  Proof.
    pose proof (first_simulated (G := G) B asserts Build) as First; pose proof (sim_beside _ _ _ _ _ _ First) as Beside.
    constructor.
    - exists []; constructor.
    - rewrite (proj1 Runs); reflexivity.
    - exact (beside_threads _ _ _ _ Beside).
    - intros c d t D T; rewrite (proj1 Runs) in D |- *; exists t, t; split; [constructor|split; [constructor|]].
      exact (beside_stands _ _ _ _ Beside c d t D T).
  Qed.
  Lemma who_thread m x : reached m x -> exists t tn, nth_error (threads x) (who m) = Some t /\ quiet (who m) t tn /\
    still (who m) tn.
  Proof.
    intros Reached; destruct (nth_error (threads x) (who m)) as [t|] eqn:At.
    2: { apply nth_error_None in At; rewrite (reached_length _ _ _ _ _ Reached) in At; pose proof (In_range m); lia. }
    destruct (settles B asserts run Right m x (who m) t Reached At) as (tn & Quiet & Still); eauto.
  Qed.
  (** After a step of the release thread's own it has one less to make. *)
  Lemma advance_locally m x t t1 tn : nth_error (threads x) (who m) = Some t -> quiet (who m) t tn ->
    still (who m) tn -> next_of (who m) t = Local t1 -> quiet (who m) t1 tn /\
    nth_error (threads (mkMachine (M := M) (put_at (who m) t1 (threads x)) (contents x))) (who m) = Some t1.
  Proof.
    intros At Quiet Still Is; cbn [threads]; split; [|now rewrite nth_put, Nat.eqb_refl, At].
    inversion Quiet as [|t3 t4 t5 Next Rest]; subst; [now destruct (Still _ Is)|].
    rewrite Is in Next; now injection Next as ->.
  Qed.
  Lemma next_reached m x : reached m x -> exists x', reached (Datatypes.S m) x'.
  Proof.
    intros Reached; destruct (who_thread m x Reached) as (t & tn & At & Quiet & Still).
    revert x Reached At; induction Quiet as [tn|t t1 tn Next Quiet IH]; intros x Reached At.
    all: destruct (advance_good m x Reached) as (Adv & Then); inversion Adv as [Ch Is|t0 t2 v Ch At0 Is_local Calm Is
      |t0 v x' Ch At0 Still0 Step Calm Ret Is]; rewrite <- Is in Then; cbn [fst snd] in Then; eauto.
    - rewrite At in At0; injection At0 as <-; now destruct (Still _ Is_local).
    - rewrite At in At0; injection At0 as <-; rewrite Next in Is_local; injection Is_local as <-.
      refine (IH Still _ Then _); cbn [threads]; now rewrite nth_put, Nat.eqb_refl, At.
  Qed.
  Lemma all_reached n : exists x, reached n x.
  Proof.
    induction n as [|n (x & Reached)]; [exists (first_state M); exact reached_first|exact (next_reached n x Reached)].
  Qed.

  Lemma comes_again n : exists m, (n <= m)%nat /\ eventful m = true.
  Proof. destruct (all_reached n) as (x & Reached); exact (eventful_comes n x Reached). Qed.
  Lemma is_next_dec n m : {(n <= m)%nat /\ eventful m = true} + {~ ((n <= m)%nat /\ eventful m = true)}.
  Proof. destruct (le_dec n m); [destruct (eventful m)|]; [left|right|right]; intuition discriminate. Qed.
  Definition next_time (n : nat) : nat := proj1_sig (epsilon_smallest _ (is_next_dec n) (comes_again n)).
  Lemma next_time_is n : (n <= next_time n)%nat /\ eventful (next_time n) = true /\
    forall k, (n <= k)%nat -> eventful k = true -> (next_time n <= k)%nat.
  Proof.
    unfold next_time; destruct (epsilon_smallest _ _ _) as (m & (Later & Is) & Least); cbn [proj1_sig].
    split; [exact Later|split; [exact Is|]]; intros k More Ev; exact (Least k (conj More Ev)).
  Qed.
  Lemma next_time_now m : eventful m = true -> next_time m = m.
  Proof.
    intros Is; destruct (next_time_is m) as (Later & _ & Least); pose proof (Least m (Nat.le_refl m) Is); lia.
  Qed.

  (** Debug time and state of the release text; and at which debug time it goes on. *)
  Fixpoint made (k : nat) : nat * machine :=
    match k with
    | O => (0%nat, first_state M)
    | Datatypes.S k => let (n, x) := made k in advance (next_time n) x
    end.
  Definition moment (k : nat) : nat := next_time (fst (made k)).
  Definition state_at (k : nat) : machine := snd (made k).
  Definition turn_of (k : nat) : cpu := who (moment k).

  Lemma reached_between n m x : (n <= m)%nat -> reached n x -> (forall k, (n <= k < m)%nat -> changed k = false) ->
    reached m x.
  Proof.
    induction 1 as [|m Less IH]; intros Reached None_; [exact Reached|].
    assert (Here : reached m x) by (apply IH; [exact Reached|intros k Range; apply None_; lia]).
    assert (Ch : changed m = false) by (apply None_; lia).
    destruct (advance_good m x Here) as (_ & Then); unfold advance in Then; now rewrite Ch in Then.
  Qed.
  Lemma made_reached k : reached (fst (made k)) (state_at k) /\ reached (moment k) (state_at k).
  Proof.
    assert (Next : reached (fst (made k)) (state_at k) -> reached (moment k) (state_at k)).
    { unfold moment; destruct (next_time_is (fst (made k))) as (Later & _ & Least); intros Here.
      apply (reached_between _ _ _ Later Here); intros j (More & Less); destruct (changed j) eqn:Ch; [|reflexivity].
      assert (Ev : eventful j = true) by (unfold eventful; now rewrite Ch).
      pose proof (Least j More Ev); lia. }
    enough (Here : reached (fst (made k)) (state_at k)) by auto; clear Next.
    induction k as [|k IH]; [exact reached_first|]; unfold state_at in *; cbn [made].
    destruct (made k) as [n x]; cbn [fst snd] in *; apply advance_good.
    destruct (next_time_is n) as (Later & _ & Least); apply (reached_between _ _ _ Later IH); intros j (More & Less).
    destruct (changed j) eqn:Ch; [|reflexivity].
    assert (Ev : eventful j = true) by (unfold eventful; now rewrite Ch).
    pose proof (Least j More Ev); lia.
  Qed.
  Lemma made_advances k : advances (moment k) (state_at k) (made (Datatypes.S k)).
  Proof.
    pose proof (proj1 (advance_good (moment k) (state_at k) (proj2 (made_reached k)))) as Adv.
    cbn [made]; unfold moment, state_at in *; now destruct (made k).
  Qed.

  (** The time of each turn comes to its end. *)
  Lemma turn_ends k : exists j, (k <= j)%nat /\ fst (made (Datatypes.S j)) = Datatypes.S (moment k).
  Proof.
    destruct (made_reached k) as (_ & Reached); destruct (who_thread _ _ Reached) as (t & tn & At & Quiet & Still).
    remember (moment k) as m eqn:Time; clear Reached; revert k Time At.
    induction Quiet as [tn|t t1 tn Next Quiet IH]; intros k -> At.
    all: pose proof (made_advances k) as Adv; remember (made (Datatypes.S k)) as p eqn:Is.
    all: destruct Adv as [Ch|t0 t2 v Ch At0 Is_local Calm|t0 v x' Ch At0 Still0 Step Calm Ret];
      try (exists k; split; [lia|now rewrite <- Is]).
    - rewrite At in At0; injection At0 as <-; now destruct (Still _ Is_local).
    - rewrite At in At0; injection At0 as <-; rewrite Next in Is_local; injection Is_local as <-.
      assert (Same : moment (Datatypes.S k) = moment k).
      { unfold moment at 1; rewrite <- Is; apply next_time_now; unfold eventful; now rewrite Ch. }
      destruct (IH Still (Datatypes.S k)) as (j & Later & Ends); [now rewrite Same| |].
      + unfold state_at; rewrite <- Is; cbn [snd threads]; now rewrite nth_put, Nat.eqb_refl, At.
      + exists j; split; [lia|exact Ends].
  Qed.
  Lemma time_goes k n : exists j, (k <= j)%nat /\ (n <= fst (made j))%nat.
  Proof.
    induction n as [|n (j & Later & Less)]; [exists k; split; lia|].
    destruct (turn_ends j) as (i & More & Is); exists (Datatypes.S i); split; [lia|]; rewrite Is.
    destruct (next_time_is (fst (made j))) as (Up & _); unfold moment; lia.
  Qed.
  (** Each time at which something changes has a turn. *)
  Lemma time_met k m : eventful m = true -> (fst (made k) <= m)%nat -> exists j, (k <= j)%nat /\ moment j = m.
  Proof.
    intros Ev Early; destruct (time_goes k (Datatypes.S m)) as (j & Later & Late).
    assert (Found : exists i, (k <= i)%nat /\ (fst (made i) <= m < fst (made (Datatypes.S i)))%nat).
    { induction Later as [|j Later IH]; [lia|]; destruct (le_lt_dec (fst (made j)) m); [exists j; lia|].
      apply IH; lia. }
    destruct Found as (i & More & Low & High); exists i; split; [exact More|].
    destruct (next_time_is (fst (made i))) as (_ & _ & Least); pose proof (Least m Low Ev) as Below;
      fold (moment i) in Below.
    destruct (made_advances i); cbn [fst] in High; lia.
  Qed.

  (** Where nothing changes, all have finished. *)
  Lemma unchanged_finished k c : changed (moment k) = false -> (c < processors)%nat ->
    finished M clients c (state_at k).
  Proof.
    intros Ch In; destruct (next_time_is (fst (made k))) as (_ & Ev & _); fold (moment k) in Ev.
    unfold eventful in Ev; rewrite Ch in Ev; cbn [orb] in Ev; rewrite forallb_forall in Ev.
    apply (finished_beside (moment k) _ _ (proj2 (made_reached k)) In), idles_done, Ev, in_seq; lia.
  Qed.
  Theorem made_infinite : infinite_execution the_text width M clients state_at turn_of.
  Proof.
    split; [reflexivity|]; intros k; pose proof (made_advances k) as Adv; unfold turn_of.
    change (state_at (Datatypes.S k)) with (snd (made (Datatypes.S k))).
    destruct Adv as [Ch|t t1 v Ch At Is Calm|t v x' Ch At Still Step Calm Ret]; cbn [snd].
    - right; split; [exact (unchanged_finished k _ Ch (In_range _))|reflexivity].
    - left; eexists; exact (local_calm _ _ t t1 At Is).
    - left; eexists; exact Step.
  Qed.
  Theorem made_fair : fair M clients state_at turn_of.
  Proof.
    intros k c In; destruct (made_reached k) as (Reached & _).
    destruct (comes_at _ _ c Reached In) as (m & Later & [Ch|Fin]).
    - apply changes_changed in Ch as (Is & Ch); assert (Ev : eventful m = true) by (unfold eventful; now rewrite Ch).
      destruct (time_met k m Ev Later) as (j & More & Met); exists j; split; [exact More|left].
      unfold turn_of; now rewrite Met.
    - destruct (time_goes k m) as (j & More & Late); exists j; split; [exact More|right].
      apply (finished_beside _ _ _ (proj1 (made_reached j)) In); exact (done_later c m _ Late In Fin).
  Qed.
End As_release.
