(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * A turn of an infinite execution of the debug text, as turns of the release text

    Beside each state there is one of the release text whose threads make the same, but for steps of their
    own ([reached]).  A turn of the debug text is none of it, or some steps of its own and one that is not,
    or a halt ([turn_kind]); which of these, is decided by what the turn changes ([changed]). *)
From Coq Require Import ZArith List Bool String Lia ConstructiveEpsilon.
From hlock.clight Require Import options integers values syntax semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text checks_text record checked.
From hlock.layers.L4_locks Require contract.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import place invariant.
From hlock.machine.safety Require unstuck.
From hlock.machine.live Require Import live progress starvation paced endless.
From hlock.machine.debug Require Import model found leads calls lockstep relation stands simulate correct endless
  turns.
Import ListNotations.
Local Open Scope Z_scope.

Section Retimed.
  Context {G : running} (B : build) (asserts : cpu -> list (response the_system) -> list asserted).
  Context (Recordable : recordable the_table = true) (Build : build_ok processors B).
  Context (Calls : calls_exist the_table clients asserts).
  Local Notation S := the_system.
  Local Notation M := (sc_memory S width).
  Local Notation text := (debug_stack prefix the_table).
  Local Notation stands := (stands B asserts).
  Local Notation calm := (debug_calm text width B M clients asserts).
  Local Notation finished := (debug_finished M clients).
  Local Notation segment := (segment the_text width M clients).
  Local Notation machine := (machine M).

  Context (run : nat -> debug_machine M) (who : nat -> cpu).
  Context (Runs : debug_infinite text width B M clients asserts run who) (Fair : debug_fair M clients run who).
  Context (Never : nobody_stops M run) (Right : never_breaches clients the_table).
  Local Notation at_run c n := (nth_error (debug_threads (run n)) c).
  Local Notation records_at c n := (its_records (run n) (this_cpu B c)).
  Local Notation next_of c t := (next_move the_text width (clients c) t).

  (** Threads that have steps of their own to make, and none. *)
  Definition still c (t : thread S) : Prop := forall t1, next_of c t <> Local t1.
  Lemma quiet_still c t t1 : still c t -> quiet c t t1 -> t1 = t.
  Proof. intros Not Quiet; inversion Quiet as [|a b d Is]; subst; [reflexivity|now destruct (Not _ Is)]. Qed.
  Lemma quiet_trans c t t1 t2 : quiet c t t1 -> quiet c t1 t2 -> quiet c t t2.
  Proof. induction 1; [auto|]; intros Rest; eapply quiet_one; eauto. Qed.
  Lemma quiet_shape c t t1 : quiet c t t1 -> shape t1 = shape t /\ history_of t1 = history_of t /\ in_op t1 = in_op t.
  Proof.
    induction 1 as [|t t1 t2 Is _ IH]; [auto|].
    apply local_calling in Is as (o & h & s & s1 & -> & ->); exact IH.
  Qed.
  Lemma idle_still c h : still c (Idle h).
  Proof. intros t1 Is; apply local_calling in Is as (? & ? & ? & ? & [=] & _). Qed.

  Lemma quiet_idle c t h : quiet c t (Idle h) -> t = Idle h.
  Proof.
    intros Quiet; inversion Quiet as [|a b e Is_local Rest]; subst; [reflexivity|].
    destruct (quiet_shape _ _ _ Quiet) as (E & _ & _).
    apply local_calling in Is_local as (o & h' & s & s1 & -> & ->); discriminate E.
  Qed.
  Lemma rests_idle c r d t h : stands c r d t -> rests_at d = Some h -> ahead d t = None -> t = Idle h.
  Proof.
    intros Stands Rests Ahead; destruct Stands; cbn in Rests, Ahead; try discriminate; try congruence.
    match goal with W : lockstep.within _ _ _ _ _ _ |- _ => destruct W; discriminate end.
  Qed.

  Lemma moves_lives c r ta (m : memory M) v t2 m2 : stands c r (Running Stopped []) t2 ->
    ~ moves the_text width M clients c ta m v t2 m2.
  Proof.
    intros Here Moves; assert (t2 = Stopped) as E.
    { inversion Here as [| | | | |o h kd kr t' t3 _ _ W| | |]; subst; [inversion W|reflexivity]. }
    revert E; destruct Moves as [t3 N|o t3 N|o t3 N|a t3 m3 N _]; apply (never_stopped the_text width (clients c) ta);
      try (rewrite N; reflexivity).
    exact (answered_goes _ _ _ N).
  Qed.

  (** A release thread that makes the same as the one beside the debug thread, but for steps of its own. *)
  Definition joined c r d (t : thread S) : Prop := exists u t1, quiet c t u /\ quiet c t1 u /\ stands c r d t1.
  Record reached (n : nat) (x : machine) : Prop := {
    reached_run : exists cs, segment (first_state M) cs x;
    reached_contents : contents x = debug_contents (run n);
    reached_length : List.length (threads x) = processors;
    reached_threads : forall c d t, at_run c n = Some d -> nth_error (threads x) c = Some t -> joined c (records_at c
      n) d t
  }.

  Lemma reached_good n x : reached n x -> good x.
  Proof. intros [(cs & Run) _ _ _]; exact (good_reached Right cs x Run). Qed.
  Lemma settles n x c t : reached n x -> nth_error (threads x) c = Some t -> exists tn, quiet c t tn /\ still c tn.
  Proof.
    intros Reached At; destruct (reached_good n x Reached) as (y & [Rel _ _ _]).
    destruct (match_at x y c t Rel At) as (q & _ & Stands & _).
    assert (Own : forall m (a b : thread S), unstuck.own_steps (clients c) m a b -> quiet c a b)
      by (induction 1; [constructor|eapply quiet_one; eauto]).
    destruct Stands as [history _|f i history s _ _ Place _ _|f i history s w _ _ Place _ _|f i history s _ _ Place _
      _
                       |f i history w k _ _ _ _ _|o history s Place _|].
    - exists (Idle history); split; [constructor|apply idle_still].
    - destruct (unstuck.near_goes_on (clients c) (Op_acquire f i : op S) history _ s _ Place)
        as (m & s' & _ & Steps & (go & Is & _)).
      eexists; split; [exact (Own _ _ _ Steps)|]; intros t1; cbn [next_move]; rewrite Is; discriminate.
    - destruct (unstuck.near_goes_on (clients c) (Op_acquire f i : op S) history _ s _ Place)
        as (m & s' & _ & Steps & (go & Is & _)).
      eexists; split; [exact (Own _ _ _ Steps)|]; intros t1; cbn [next_move]; rewrite Is; discriminate.
    - destruct (unstuck.near_goes_on (clients c) (Op_release f i : op S) history _ s _ Place)
        as (m & s' & _ & Steps & (go & Is & _)).
      eexists; split; [exact (Own _ _ _ Steps)|]; intros t1; cbn [next_move]; rewrite Is; discriminate.
    - exists (Storing (Op_release f i) history (lock_id f i) w k); split; [constructor|discriminate].
    - destruct (unstuck.near_goes_on (clients c) o history _ s _ Place) as (m & s' & _ & Steps & Is).
      eexists; split; [exact (Own _ _ _ Steps)|]; intros t1; cbn [next_move]; cbn in Is; rewrite Is; discriminate.
    - exists Stopped; split; [constructor|discriminate].
  Qed.

  (** ** A turn *)
  Definition changed (n : nat) : bool :=
    match at_run (who n) n, at_run (who n) (Datatypes.S n) with
    | Some d, Some d' =>
        negb (Nat.eqb (List.length (debug_contents (run (Datatypes.S n)))) (List.length (debug_contents (run n))) &&
              Nat.eqb (fst (debug_shape d')) (fst (debug_shape d)) && Nat.eqb (snd (debug_shape d')) (snd
                (debug_shape d)))
    | _, _ => false
    end.
  Lemma changed_is n d d' : at_run (who n) n = Some d -> at_run (who n) (Datatypes.S n) = Some d' ->
    (changed n = true <-> (List.length (debug_contents (run (Datatypes.S n))), debug_shape d') <>
                          (List.length (debug_contents (run n)), debug_shape d)).
  Proof.
    intros At At'; unfold changed; rewrite At, At', negb_true_iff, !andb_false_iff, !Nat.eqb_neq.
    destruct (debug_shape d') as [a b], (debug_shape d) as [a' b']; cbn [fst snd]; split.
    - intros [[Not|Not]|Not] [= E1 E2 E3]; contradiction.
    - intros Not; destruct (Nat.eq_dec (List.length (debug_contents (run (Datatypes.S n))))
        (List.length (debug_contents (run n)))) as [E1|]; [|auto].
      destruct (Nat.eq_dec a a') as [E2|]; [|auto]; destruct (Nat.eq_dec b b') as [E3|]; [|auto].
      destruct Not; now rewrite E1, E2, E3.
  Qed.

  Inductive kind (n : nat) (x : machine) : Prop :=
  | kind_still : changed n = false -> reached (Datatypes.S n) x -> kind n x
  | kind_moves t tn v t2 d' : changed n = true -> nth_error (threads x) (who n) = Some t -> quiet (who n) t tn ->
      still (who n) tn ->
      moves the_text width M clients (who n) tn (contents x) v t2 (debug_contents (run (Datatypes.S n))) ->
      calm (who n) (run n) (option_map Seen v) (run (Datatypes.S n)) -> at_run (who n) (Datatypes.S n) = Some d' ->
      d' <> Running Stopped [] -> joined (who n) (records_at (who n) (Datatypes.S n)) d' t2 -> kind n x
  | kind_halts h : changed n = true -> nth_error (threads x) (who n) = Some (Idle h) ->
      contract.held (clients (who n)) h = [] ->
      debug_contents (run (Datatypes.S n)) = (who n, Halted) :: contents x ->
      at_run (who n) (Datatypes.S n) = Some (Running Stopped []) ->
      calm (who n) (run n) (Some (Seen Did_halt)) (run (Datatypes.S n)) -> kind n x.

  Lemma who_runs n : exists d, at_run (who n) n = Some d.
  Proof.
    destruct (proj2 Runs n) as [(v & Step & _)|(Fin & _)].
    - destruct (step_of B asserts _ _ _ _ Step) as (d & _ & _ & _ & At & _); eauto.
    - unfold debug_finished in Fin; destruct (at_run (who n) n); [eauto|contradiction].
  Qed.
  Lemma who_in n : (who n < processors)%nat.
  Proof.
    destruct (who_runs n) as (d & At); rewrite <- (run_length B asserts Recordable Build Calls run who Runs Never n).
    apply nth_error_Some; congruence.
  Qed.

  Lemma reached_update n x t t2 d' : reached n x -> nth_error (threads x) (who n) = Some t ->
    at_run (who n) (Datatypes.S n) = Some d' -> joined (who n) (records_at (who n) (Datatypes.S n)) d' t2 ->
    (exists cs, segment (first_state M) cs
       (mkMachine (M := M) (put_at (who n) t2 (threads x)) (debug_contents (run (Datatypes.S n))))) ->
    reached (Datatypes.S n) (mkMachine (M := M) (put_at (who n) t2 (threads x)) (debug_contents (run (Datatypes.S
      n)))).
  Proof.
    intros [_ _ Long Joins] At At' Here Run; constructor; [exact Run|reflexivity| |]; cbn [threads].
    - now rewrite length_put.
    - intros c d2 t3 D T; rewrite nth_put, At in T; destruct (Nat.eqb_spec c (who n)) as [->|Other].
      + injection T as <-; rewrite At' in D; now injection D as <-.
      + assert (In : (c < processors)%nat) by (rewrite <- Long; apply nth_error_Some; congruence).
        destruct (turn_others B asserts Recordable Build Calls run who Runs Never n c (not_eq_sym Other) In) as (Same
          &
          Same'); rewrite Same in D; rewrite Same'; exact (Joins c d2 t3 D T).
  Qed.
  Lemma reached_still n x d' : reached n x -> at_run (who n) (Datatypes.S n) = Some d' ->
    debug_contents (run (Datatypes.S n)) = debug_contents (run n) ->
    (forall t, nth_error (threads x) (who n) = Some t -> joined (who n) (records_at (who n) (Datatypes.S n)) d' t) ->
    reached (Datatypes.S n) x.
  Proof.
    intros [Run Same Long Joins] At' Still Here; constructor; [exact Run|congruence|exact Long|].
    intros c d2 t3 D T; destruct (Nat.eq_dec c (who n)) as [->|Other].
    - rewrite At' in D; injection D as <-; exact (Here t3 T).
    - assert (In : (c < processors)%nat) by (rewrite <- Long; apply nth_error_Some; congruence).
      destruct (turn_others B asserts Recordable Build Calls run who Runs Never n c (not_eq_sym Other) In) as (Same' &
        Same''); rewrite Same' in D; rewrite Same''; exact (Joins c d2 t3 D T).
  Qed.

  Theorem turn_kind n x : reached n x -> kind n x.
  Proof.
    intros Reached; destruct (who_runs n) as (d & At); pose proof (who_in n) as In.
    destruct (turn B asserts run who Runs Never n d At) as [(Fin & Same)|(v & d' & R' & m' & Move & Is & Goes & Halts
      & Calm)].
    { apply kind_still; [|destruct Reached; constructor; rewrite ?Same; auto].
      destruct (changed n) eqn:Ch; [|reflexivity]; apply (changed_is n d d) in Ch; rewrite ?Same in *; auto.
      now destruct Ch. }
    assert (At' : at_run (who n) (Datatypes.S n) = Some d')
      by (rewrite Is; cbn [debug_threads]; now rewrite nth_put, Nat.eqb_refl, At).
    destruct (nth_same_length (debug_threads (run n)) (threads x) (who n) d) as (t & At0); auto.
    { rewrite (reached_length _ _ Reached); apply (run_length B asserts Recordable Build Calls run who Runs Never n).
      }
    destruct (reached_threads _ _ Reached _ d t At At0) as (u & t1 & Quiet & Quiet1 & Stands).
    assert (R_is : records_at (who n) (Datatypes.S n) = R' (this_cpu B (who n))) by now rewrite Is.
    assert (M_is : debug_contents (run (Datatypes.S n)) = m') by now rewrite Is.
    pose proof (never_ahead B asserts Recordable Build Calls run who Runs Fair Never (who n) In) as Ahead.
    pose proof (Ahead n d t1 At Stands) as Ahead1; pose proof (reached_contents _ _ Reached) as Same.
    pose proof (stands_step B M asserts (who n) Recordable (this_cpu_range _ _ Build _ In) (limit_range _ _ Build)
                (depth_range _ _ Build) Calls _ _ d t1 v d' R' m' Stands Move) as Out.
    inversion Out as [d2 R2 Others Here Ahead2 Lives Lives2|h o call d2 D T Next Call Wrong _ _ Here Ahead2 _
      |h call g ws _ _ _ _ _ _|ta t2 v0 d2 m2 Quiet_a Moves Here Lives Lives2 _ Ahead2 _ _|m2 Lives Does]; subst v d'.
    - apply kind_still; [|apply (reached_still n x d2 Reached At')].
      + destruct (changed n) eqn:Ch; [|reflexivity]; apply (changed_is n d d2 At At') in Ch; destruct Ch.
        rewrite M_is, (own_shape B asserts (who n) _ d _ d2 t1 Stands Here Ahead2 Lives Lives2); congruence.
      + congruence.
      + intros t0 T0; rewrite At0 in T0; injection T0 as <-; exists u, t1; rewrite R_is; auto.
    - exfalso; rewrite (Ahead (Datatypes.S n) d2 t1 At') in Ahead2; [discriminate|]; rewrite R_is; subst R'; exact
      Here.
    - now destruct Goes.
    - assert (Shapes : shape ta = debug_shape d /\ debug_shape d2 = shape t2).
      { rewrite (stands_shape B asserts (who n) _ d t1 Stands Lives Ahead1); split; [apply (quiet_shape _ _ _
        Quiet_a)|].
        exact (stands_shape B asserts (who n) _ d2 t2 Here Lives2 Ahead2). }
      destruct Shapes as (Shape_a & Shape_2).
      destruct (moves_change the_text width clients (who n) ta _ v0 t2 _ Moves) as [(Is_local & -> & Is_m &
        Shape)|(Not &
        Differs)].
      + apply kind_still; [|apply (reached_still n x d2 Reached At')].
        * destruct (changed n) eqn:Ch; [|reflexivity]; apply (changed_is n d d2 At At') in Ch; destruct Ch.
          rewrite M_is; congruence.
        * congruence.
        * intros t0 T0; rewrite At0 in T0; injection T0 as <-; rewrite R_is.
          assert (Quiet_2 : quiet (who n) t1 t2)
            by (apply (quiet_trans _ _ _ _ Quiet_a); eapply quiet_one; [exact Is_local|constructor]).
          destruct (quiet_either _ _ _ _ Quiet1 Quiet_2) as [Q|Q].
          -- exists t2, t2; split; [exact (quiet_trans _ _ _ _ Quiet Q)|split; [constructor|congruence]].
          -- exists u, t2; split; [exact Quiet|split; [exact Q|congruence]].
      + apply (kind_moves n x t ta v0 t2 d2); auto.
        * apply (changed_is n d d2 At At'); rewrite M_is; congruence.
        * destruct (quiet_either _ _ _ _ Quiet1 Quiet_a) as [Q|Q]; [exact (quiet_trans _ _ _ _ Quiet Q)|].
          now rewrite <- (quiet_still _ _ _ Not Q).
        * rewrite Same, M_is; exact Moves.
        * intros ->; exact (moves_lives _ _ _ _ _ _ _ Here Moves).
        * exists t2, t2; split; [constructor|split; [constructor|congruence]].
    - destruct (Halts eq_refl) as (h & Rests & Held); destruct Does as (_ & Does).
      rewrite (rests_idle _ _ _ _ _ Stands Rests Ahead1) in Quiet1.
      rewrite (quiet_still _ _ _ (idle_still _ h) Quiet1) in Quiet; apply quiet_idle in Quiet as ->.
      apply (kind_halts n x h); auto; [|congruence].
      apply (changed_is n d _ At At'); rewrite M_is, Does; intros [= E _]; cbn in E; lia.
  Qed.
End Retimed.
