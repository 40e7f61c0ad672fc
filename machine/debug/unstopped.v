(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Who is not stopped is cautious

    In an infinite execution of the debug text in which nobody stops and objects are touched with their locks
    held, each client does what its cautious one does ([cautious_infinite]): of cautious clients freedom.v speaks.
    So it holds of any clients ([acquires_return_unstopped], [somebody_goes_on_unstopped]).  Read next:
    main/debug.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec record.
From hlock.layers.L4_locks Require contract.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant no_breach.
From hlock.machine.live Require Import live bound endless infinite.
From hlock.machine.debug Require Import model calls stands endless turns retimed cautious freedom.
Import ListNotations.
Local Open Scope Z_scope.

Section Unstopped.
  Context {G : running} (B : build) (asserts : cpu -> list (response the_system) -> list asserted).
  Context (Recordable : recordable the_table = true) (Build : build_ok processors B).
  Context (Calls : calls_exist the_table clients asserts).
  Local Notation S := the_system.
  Local Notation M := (sc_memory S width).
  Local Notation text := (debug_stack prefix the_table).

  Context (run : nat -> debug_machine M) (who : nat -> cpu).
  Context (Runs : debug_infinite text width B M clients asserts run who) (Fair : debug_fair M clients run who).
  Context (Never : nobody_stops M run).
  Context (Goes : forall c, goes_on_holding (chosen (clients c)) (clients c)).
  Context (Inside : touches_inside M clients run the_table).
  Local Notation at_run c n := (nth_error (debug_threads (run n)) c).
  Local Notation done p c x := (debug_finished M p c x).
  Definition careful (c : cpu) : client S := cautious the_table (depth B) (clients c).
  Local Notation course c := (course the_table (depth B) (clients c)).
  Definition right_at (c : cpu) (h : list (response S)) : Prop :=
    right_next the_table (depth B) (clients c) h (snd (course c h)) = true.
  Let Exist c h o call : clients c h = Some o -> lock_call o = Some call -> call_of_table the_table call :=
    fun Next Is => proj1 Calls c h o call Next Is.

  (** A call that is made is right. *)
  Lemma called_right n c o h s : (c < processors)%nat -> at_run c n = Some (Running (Calling o h s) []) ->
    lock_call o <> None -> fst (course c h) = true -> right_at c h.
  Proof.
    intros In At Lock Before; destruct (run_stands B asserts Recordable Build Calls run who Runs Never c n _ At) as
      (t & Stands).
    pose proof (never_ahead B asserts Recordable Build Calls run who Runs Fair Never c In n _ t At Stands) as Ahead.
    assert (Going : going_on B asserts c o h).
    { inversion Stands as [| | |o0 h0 call s0 Next Is_call Rights Once Doomed
        |o0 h0 w l s0 s' kd kr r1 Going Tails Leads Runs'|o0 h0 kd kr t1 t' Going Tails Within
        |o0 h0 s0 s' r2 Going Leads Then Back| |]; subst; try discriminate; auto; now inversion Within; subst. }
    destruct Going as (Next & Right & _); unfold right_at, right_next; rewrite Next.
    destruct (lock_call o) as [call|] eqn:Is; [|now destruct Lock]; specialize (Right call Is).
    unfold is_wrong, own_held in Right; rewrite <- (right_held the_table (depth B) (clients c) h Before) in Right.
    destruct o; try discriminate; injection Is as <-; cbn [right_with]; now rewrite Right.
  Qed.
  Lemma touched_right n c h o : at_run c n = Some (Running (Idle h) []) -> clients c h = Some o -> lock_call o = None ->
    o <> Op_halt -> fst (course c h) = true -> right_at c h.
  Proof.
    intros At Next Is Not Before; destruct (Inside n c h o At Next Is) as (Of & Allowed).
    rewrite <- (right_held the_table (depth B) (clients c) h Before) in Allowed.
    unfold right_at, right_next; rewrite Next; destruct o; try discriminate; try (now destruct Not); cbn in Of,
      Allowed |- *.
    all: apply andb_prop in Allowed as (Range & Has); rewrite Range; destruct (in_dec same_family_dec _ _);
      [exact Has|contradiction].
  Qed.

  (** What has come of each client is right so far. *)
  Definition kept (n : nat) : Prop := forall c d h, (c < processors)%nat -> at_run c n = Some d ->
    debug_history d = Some h ->
    chosen (clients c) h /\ fst (course c h) = true /\
    match d with Running (Calling o _ _ | Storing o _ _ _ _) _ => clients c h = Some o /\ lock_call o <> None /\
      right_at c h
               | _ => True end.
  Lemma right_on c h a o : chosen (clients c) h -> fst (course c h) = true -> right_at c h -> clients c h = Some o ->
    ends o = false -> chosen (clients c) (a :: h) /\ fst (course c (a :: h)) = true.
  Proof.
    intros Chosen Before Right Next On; split; [split; [exact Chosen|eauto]|].
    rewrite course_next, Before; exact Right.
  Qed.
  Lemma idle_moves c h m u t2 m2 : moves text width M clients c (Idle h) m u t2 m2 -> exists o, clients c h = Some o /\
    ends o = false /\ ((exists s, t2 = Calling o h s /\ lock_call o <> None) \/ lock_call o = None /\ exists a,
      t2 = Idle (a :: h)).
  Proof.
    intros Moves; destruct Moves as [t3 Nx|o t3 Nx|o t3 Nx|a t3 m3 Nx _]; cbn [next_move] in Nx;
      destruct (clients c h) as [[f i|f i|f i k|f i k v|]|]; cbn [begin answered] in Nx; try discriminate;
        try contradiction.
    - injection Nx as <- <-; eexists; split; [reflexivity|split; [reflexivity|left; eexists; split;
        [reflexivity|discriminate]]].
    - injection Nx as <- <-; eexists; split; [reflexivity|split; [reflexivity|left; eexists; split;
        [reflexivity|discriminate]]].
    - destruct Nx as (v & _ & ->); eexists; split; [reflexivity|split; [reflexivity|right; eauto]].
    - destruct Nx as (_ & ->); eexists; split; [reflexivity|split; [reflexivity|right; eauto]].
  Qed.
  Lemma kept_first : kept 0.
  Proof.
    intros c d h In At Is; rewrite (proj1 Runs) in At; cbn [debug_first debug_threads] in At;
      rewrite nth_error_map in At.
    match type of At with option_map _ ?e = _ => destruct e end; cbn in At; [|discriminate].
    injection At as <-; injection Is as <-; cbn; auto.
  Qed.
  Lemma kept_next n : kept n -> kept (Datatypes.S n).
  Proof.
    intros Kept c d' h In At' Is; destruct (Nat.eq_dec (who n) c) as [Mine|Other].
    2: { rewrite (proj1 (turn_others B asserts Recordable Build Calls run who Runs Never n c Other In)) in At'; eauto. }
    destruct (run_thread B asserts Recordable Build Calls run who Runs Never c n In) as (d & At).
    pose proof (turn B asserts run who Runs Never n d) as Turn; rewrite Mine in Turn.
    destruct (Turn At) as [(_ & Still)|(v & d2 & R' & m' & Move & Now & _)]; [rewrite Still in At'; eauto|].
    rewrite Now in At'; cbn [debug_threads] in At'; rewrite nth_put, Nat.eqb_refl, At in At'; injection At' as ->.
    specialize (Kept c d); assert (At' : at_run c (Datatypes.S n) = Some d')
      by (rewrite Now; cbn [debug_threads]; now rewrite nth_put, Nat.eqb_refl, At).
    inversion Move as [t u t2 m2 Moves|o1 h1 s s' R2 Does|h1 a due|h1 s s' due Does|h1 s s' due R2 Does|h1 w due|t1 g
      ws Stop
                      |t1 m2 Lives Does]; subst; try discriminate; cbn in Is.
    2-6: injection Is as <-; destruct (Kept h1 In At eq_refl) as (Chosen & Before & Rest); auto.
    destruct t as [h0|o h0 s|o h0 l w k|]; [|specialize (Kept h0 In At eq_refl); destruct Kept as (Chosen & Before &
      Next & Lock & Right)..|].
    4: now destruct Moves.
    - destruct (Kept h0 In At eq_refl) as (Chosen & Before & _).
      destruct (idle_moves _ _ _ _ _ _ Moves) as (o & Next & On & [(s & -> & Lock)|(Lock & a & ->)]);
        injection Is as <-.
      + pose proof (called_right _ _ _ _ _ In At' Lock Before); cbn [goes_on]; auto 6.
      + destruct (right_on (who n) h0 a o Chosen Before) as (Chosen' & Before'); auto; [|now cbn].
        apply (touched_right n (who n) h0 o At Next Lock); [now intros ->|exact Before].
    - assert (On : ends o = false) by (destruct o; try reflexivity; now destruct Lock).
      destruct (move_in_op _ _ _ _ _ _ o h0 Moves eq_refl) as [Still|(_ & ->)].
      + destruct t2; try discriminate; injection Still as -> ->; injection Is as <-; cbn [goes_on]; auto 6.
      + injection Is as <-; destruct (right_on (who n) h0 None o Chosen Before Right Next On); cbn [goes_on]; auto.
    - assert (On : ends o = false) by (destruct o; try reflexivity; now destruct Lock).
      destruct (move_in_op _ _ _ _ _ _ o h0 Moves eq_refl) as [Still|(_ & ->)].
      + destruct t2; try discriminate; injection Still as -> ->; injection Is as <-; cbn [goes_on]; auto 6.
      + injection Is as <-; destruct (right_on (who n) h0 None o Chosen Before Right Next On); cbn [goes_on]; auto.
  Qed.
  Lemma all_kept n : kept n.
  Proof. induction n; auto using kept_first, kept_next. Qed.
  Let In_range : forall n, (who n < processors)%nat := who_in B asserts Recordable Build Calls run who Runs Never.
  Lemma run_held n c d h : (c < processors)%nat -> at_run c n = Some d -> debug_history d = Some h ->
    contract.held (careful c) h = contract.held (clients c) h.
  Proof.
    intros In At Is; destruct (all_kept n c d h In At Is) as (_ & Before & _).
    unfold careful; rewrite held_cautious; now apply right_held.
  Qed.

  (** ** The same execution, of cautious clients *)
  Lemma same_moves (p p' : cpu -> client S) c t m u t2 m2 :
    next_move text width (p' c) t = next_move text width (p c) t ->
    moves text width M p c t m u t2 m2 -> moves text width M p' c t m u t2 m2.
  Proof.
    intros Same; destruct 1; [apply moves_local|apply moves_call|apply moves_return|eapply moves_memory];
      rewrite ?Same; eauto.
  Qed.
  Lemma careful_same c h : (exists o, clients c h = Some o /\ o <> Op_halt) -> fst (course c h) = true ->
    right_at c h ->
    careful c h = clients c h.
  Proof. intros (o & Next & On) Before Right; apply right_same; auto; congruence. Qed.
  Lemma careful_calls : calls_exist the_table careful asserts.
  Proof.
    split; [|exact (proj2 Calls)]; intros c h o call; apply cautious_exists; [auto|exact (Exist c)].
  Qed.
  Lemma careful_done c n : (c < processors)%nat -> done clients c (run n) -> done careful c (run n).
  Proof.
    intros In Fin; unfold debug_finished in *; destruct (at_run c n) as [d|] eqn:At; [|exact Fin].
    destruct d as [[h| | |] [|]| |]; auto; destruct (all_kept n c _ h In At eq_refl) as (Chosen & Before & _).
    assert (Held : contract.held (clients c) h = []).
    { destruct (contract.held (clients c) h) eqn:Is; [reflexivity|].
      destruct (Goes c h Chosen) as (o & Next & _); [now rewrite Is|congruence]. }
    unfold careful, cautious, choice, right_next; rewrite Before, Fin; cbn [andb].
    now rewrite (right_held the_table (depth B) (clients c) h Before), Held.
  Qed.
  Lemma careful_step n v : debug_calm text width B M clients asserts (who n) (run n) v (run (Datatypes.S n)) ->
    debug_calm text width B M careful asserts (who n) (run n) v (run (Datatypes.S n)).
  Proof.
    intros (Step & Halts); destruct (step_of B asserts _ _ _ _ Step) as (d & d' & R' & m' & At & Move & Now); split.
    2: { intros Is; destruct (Halts Is) as (d1 & h & At1 & Rests & Held); exists d1, h; split; [exact At1|split;
      [exact Rests|]].
         rewrite (run_held n (who n) d1 h (In_range n) At1); [exact Held|].
         destruct d1 as [[]| |]; try discriminate; exact Rests. }
    assert (At' : at_run (who n) (Datatypes.S n) = Some d')
      by (rewrite Now; cbn [debug_threads]; now rewrite nth_put, Nat.eqb_refl, At).
    rewrite Now; destruct (run n) as [ts R m] eqn:Is; cbn [debug_threads its_records debug_contents] in *.
    apply debug_steps with d; [exact At|].
    destruct Move as [t u t2 m2 Moves|o1 h1 s s' R2 Does|h1 a due|h1 s s' due Does|h1 s s' due R2 Does|h1 w due|t1 g
      ws Stop
                     |t1 m2 Lives Does].
    2-8: econstructor; eassumption.
    apply debug_moves; apply (same_moves clients); [|exact Moves]; destruct t as [h| | |]; try reflexivity.
    assert (At0 : at_run (who n) n = Some (Running (Idle h) [])) by now rewrite Is.
    destruct (all_kept n _ _ h (In_range n) At0 eq_refl) as (_ & Before & _).
    destruct (idle_moves _ _ _ _ _ _ Moves) as (o & Next & On & How); cbn [next_move].
    rewrite (careful_same (who n) h); [reflexivity|exists o; split; [exact Next|now intros ->]|exact Before|].
    destruct How as [(s & -> & Lock)|(Lock & _)].
    - exact (called_right _ _ _ _ _ (In_range n) At' Lock Before).
    - apply (touched_right n (who n) h o At0 Next Lock); [now intros ->|exact Before].
  Qed.
  Theorem careful_infinite : debug_infinite text width B M careful asserts run who.
  Proof.
    split; [exact (proj1 Runs)|]; intros n; destruct (proj2 Runs n) as [(v & Step)|(Fin & Still)].
    - left; exists v; exact (careful_step n v Step).
    - right; split; [exact (careful_done _ n (In_range n) Fin)|exact Still].
  Qed.
  Theorem careful_fair : debug_fair M careful run who.
  Proof.
    intros n c In; destruct (Fair n c In) as (m & Later & Turn); exists m; split; [exact Later|].
    destruct Turn as [Is|Fin]; [now left|right; exact (careful_done c m In Fin)].
  Qed.

  Let Cautious : running := {| setting_of := setting_of; clients := careful |}.
  Lemma careful_never_breach : never_breaches careful the_table.
  Proof.
    apply contract_suffices; split.
    - intros c h o; apply cautious_table; [auto|exact (Exist c)].
    - intros c n; apply (cautious_keeps the_table table_accepted (depth B) (clients c) (Exist c) n []).
  Qed.
  Lemma careful_order c : keeps_order (is_told careful c) (careful c) (lock_levels the_table).
  Proof. apply keeps_order_text; intros c'; apply cautious_order; [auto|exact (Exist c')]. Qed.

  Theorem acquires_return_unstopped : (forall c, sections_end (chosen (clients c)) (clients c)) ->
    forall n c f i h s due, (c < processors)%nat -> at_run c n = Some (Running (Calling (Op_acquire f i) h s) due) ->
    exists m, (n <= m)%nat /\ debug_over c h (run m).
  Proof.
    intros Ends; apply (acquires_return (G := Cautious) B asserts Recordable Build careful_calls run who
      careful_infinite
      careful_fair Never careful_never_breach _ careful_order).
    apply sections_end_text; intros c; apply cautious_sections_end; [auto|exact (Exist c)|exact (Ends c)].
  Qed.

  Lemma returned_same c x o x' : debug_step text width B M careful asserts c x (Some (Seen (Returned o))) x' ->
    debug_step text width B M clients asserts c x (Some (Seen (Returned o))) x'.
  Proof.
    intros Step; remember (Some (Seen (Returned o))) as v eqn:Is; destruct Step as [ts R m t v t' R' m' At Move];
      subst v.
    apply debug_steps with t; [exact At|]; remember (Some (Seen (Returned o))) as v eqn:Is.
    destruct Move as [t u t2 m2 Moves| | | | | | |]; try discriminate; apply debug_moves;
      apply (same_moves careful); [|exact Moves].
    destruct u as [u|]; [|discriminate]; injection Is as ->; destruct t as [h| | |]; try reflexivity; exfalso.
    inversion Moves as [|o1 t3 Nx|o1 t3 Nx|a t3 m3 Nx Does Seen]; subst.
    - cbn [next_move] in Nx; destruct (careful c h) as [[]|]; discriminate.
    - destruct a; discriminate.
  Qed.
  Theorem somebody_goes_on_unstopped n c f i h s due : (c < processors)%nat ->
    at_run c n = Some (Running (Calling (Op_acquire f i) h s) due) ->
    exists m, (n <= m)%nat /\ debug_goes_on_at text width B M clients asserts run who m.
  Proof.
    intros In At; destruct (somebody_goes_on (G := Cautious) B asserts Recordable Build careful_calls run who
      careful_infinite
      careful_fair Never careful_never_breach _ careful_order n c f i h s due In At) as (m & Later & v & Calm & How).
    exists m; split; [exact Later|]; destruct How as [(f2 & i2 & ->)|(d & h2 & At2 & Past & Holds & Not)].
    - exists (Some (Seen (Returned (Op_acquire f2 i2)))); split; [|left; eauto]; split; [|discriminate].
      exact (returned_same _ _ _ _ (proj1 Calm)).
    - change (contract.held (careful (who m)) h2 <> []) in Holds; rewrite (run_held m _ d h2 (In_range m) At2 Past)
        in Holds.
      assert (Works : debug_at_work M clients (who m) (run m)) by (exists d, h2; auto).
      destruct (proj2 Runs m) as [(v2 & Step)|(Fin & _)]; [exists v2; auto|exfalso].
      change (at_run (who m) m = Some d) in At2; unfold debug_finished in Fin; rewrite At2 in Fin.
      destruct (all_kept m _ d h2 (In_range m) At2 Past) as (Chosen & _).
      destruct (Goes _ h2 Chosen Holds) as (o & Next & _).
      destruct d as [[h3| | |] [|]| |]; try contradiction; try discriminate; injection Past as ->; congruence.
  Qed.
End Unstopped.
