(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Nobody waits for ever (T6)

    Who is inside a lock ends each of its operations, those that wait for locks of
    higher rank included, and so lets go of the lock within [turn_rounds]
    ([number_moves], by induction on the ranks above).  So every acquire returns
    ([starvation_freedom]) and every operation ends ([deadlock_freedom]). *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.facts.
From hlock.layers Require Import L3_atomic.spec.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec contract.
From hlock.stack Require Import setting stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import place invariant simulation correct no_breach.
From hlock.machine.live Require Import live progress waiting.
Import ListNotations.
Local Open Scope Z_scope.

Section Starvation.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := (the_system).
  Local Notation M := (sc_memory S width).
  Let Fits' : Z.of_nat (cpus S) <= modulus width := Fits.
  Context (B : nat) (Orderly : forall c, orderly the_table B (clients c)).
  Local Notation machine := (machine M).
  Local Notation calm := (calm_step text width M clients).
  Local Notation rounds := (rounds text width M clients).

  (** ** What is known of a thread *)
  Lemma good_past x c t history : good x -> nth_error (threads x) c = Some t -> history_of t = Some history ->
    lawful the_table (clients c) history /\ chosen (clients c) history /\
    (steps_left 44 history t \/ queued c history x).
  Proof.
    intros Good At Past; pose proof Good as (y & [Rel All Told _]).
    destruct (match_at _ _ _ _ Rel At) as (q & At_y & _).
    destruct (rel_stands _ _ Rel c _ q At At_y) as (Stands & _).
    pose proof (All c q At_y) as Holds; pose proof (Told c q At_y) as Tells.
    destruct Stands; cbn in Past; try discriminate; injection Past as ->; cbn in Holds, Tells;
      (split; [tauto|split; [tauto|]]).
    - left; cbn; auto.
    - left; cbn; split; [auto|exists 20%nat; right; split; [assumption|lia]].
    - right; exists f, i; split; [tauto|exists s, t; auto].
    - left; cbn; split; [auto|exists 20%nat; right; split; [assumption|lia]].
    - left; cbn; repeat split; auto; lia.
    - left; cbn; split; [auto|exists 20%nat; left; split; [assumption|lia]].
  Qed.

  (** ** A critical section, from its [a]-th operation on *)
  Definition in_section (a : nat) (c : cpu) (l : Z) (x : machine) : Prop :=
    number c l x = In /\ exists t history, nth_error (threads x) c = Some t /\ history_of t = Some history /\
      ((exists f i s, t = Calling (Op_acquire f i) history s /\ at_place s Through /\
                      lock_id f i = l /\ a = (length history + 1)%nat) \/
       (List.In l (held (clients c) history) /\ (a + since (clients c) l history)%nat = length history)).

  Lemma since_length p l history : (since (S := S) p l history <= length history)%nat.
  Proof. induction history as [|a history IH]; cbn; [lia|]; destruct (p history) as [[]|]; try lia;
    destruct (_ =? _); lia. Qed.

  Lemma inside_held c l x : good x -> number c l x = In -> (c < N)%nat -> exists a, in_section a c l x.
  Proof.
    intros Good Inside Cpu; pose proof Good as (y & [Rel All _ Dead_out]).
    pose proof (phase_ticket S width Width Fits' (contents x) c l (legal_here x Good)) as Same.
    change (L1_ticket.spec.ticket_phase S c l (as_tickets S width (contents x))) with (number c l x) in Same.
    rewrite Inside in Same.
    pose proof (holder_up S width Width Fits' (contents x) c l (rel_legal _ _ Rel)) as Holder.
    rewrite <- (rel_log _ _ Rel) in Holder.
    assert (Mine : holder S l (happened y) = Some c)
      by (destruct (words_phase S c l (contents x)); try exact Holder; now destruct Same).
    destruct (nth_error (threads x) c) as [t|] eqn:At.
    2: { apply nth_error_None in At; rewrite (rel_threads _ _ Rel) in At; cbn in At; lia. }
    destruct (match_at _ _ _ _ Rel At) as (q & At_y & _).
    destruct (rel_stands _ _ Rel c _ q At At_y) as (Stands & _); pose proof (All c q At_y) as Holds.
    assert (Held : forall history, history_of t = Some history -> List.In l (held (clients c) history) ->
      exists a, in_section a c l x).
    { intros history Past Is; exists (length history - since (clients c) l history)%nat; split; [exact Inside|].
      exists t, history; split; [exact At|split; [exact Past|right; split; [exact Is|]]].
      pose proof (since_length (clients c) l history); lia. }
    destruct Stands as [history Settled|f i history s Member Range Place Phase Settled
      |f i history s w Member Range Place Phase Settled
                       |f i history s Member Range Place Phase Settled|f i history w k Member Range Ret Phase Settled
                       |o history s Place Settled|]; cbn [holding_at] in Holds.
    - apply (Held history eq_refl), Holds, Mine.
    - apply (Held history eq_refl); destruct Holds as (_ & _ & _ & Exactly); now apply Exactly.
    - apply (Held history eq_refl); destruct Holds as (_ & _ & _ & Exactly); now apply Exactly.
    - apply (Held history eq_refl); destruct Holds as (_ & _ & _ & Exactly); now apply Exactly.
    - apply (Held history eq_refl); destruct Holds as (_ & _ & _ & Exactly); now apply Exactly.
    - destruct Holds as (_ & Choice & _ & Exactly); apply Exactly, held_after_in in Mine.
      destruct o as [f i|f i|f i k|f i k w|]; try (apply (Held history eq_refl); tauto).
      destruct Mine as [->|Is]; [|now apply (Held history eq_refl)].
      exists (length history + 1)%nat; split; [exact Inside|].
      exists (Calling (Op_acquire f i) history s), history; split; [exact At|split; [reflexivity|left;
        exists f, i, s; auto]].
    - rewrite (Dead_out c l At) in Same; contradiction.
  Qed.

  (** The past of a thread, after a step of its own. *)
  Lemma past_goes p t t' history : goes_to (next_move (S := S) text width p t) t' -> history_of t = Some history ->
    history_of t' = Some history \/ exists a, t' = Idle (a :: history).
  Proof.
    destruct t as [history'|o history' s|o history' l u k|]; cbn [next_move history_of]; intros Goes [= ->].
    - destruct (p history) as [[f i|f i|f i k|f i k v|]|]; cbn in Goes; try contradiction; try (subst t'; eauto).
      destruct Goes as (v & ->); eauto.
    - unfold in_call in Goes; destruct s as [le s k|le out k|f [text|ef targs tres cc] vs k|v k].
      1-3: destruct (smallstep.step _ _); cbn in Goes; [subst t'; auto|contradiction].
      + unfold primitive in Goes; destruct vs as [|[|n] [|]]; try contradiction.
        * destruct (Pos.eqb _ _); cbn in Goes; [subst t'; auto|contradiction].
        * repeat destruct (Pos.eqb _ _); cbn in Goes; try contradiction; destruct Goes as (v & ->); auto.
      + destruct k; [cbn in Goes; subst t'; eauto|..];
          (destruct (smallstep.step _ _); cbn in Goes; [subst t'; auto|contradiction]).
    - cbn in Goes; subst t'; auto.
  Qed.

  (** The client chose the operation that a thread has just ended. *)
  Lemma choice_of c x v x' t history a : good x -> calm c x v x' -> nth_error (threads x) c = Some t ->
    history_of t = Some history -> nth_error (threads x') c = Some (Idle (a :: history)) ->
    exists o, clients c history = Some o.
  Proof.
    intros Good Step At Past At'; pose proof (good_step c x v x' Good Step) as Good'.
    destruct (good_past x' c _ (a :: history) Good' At' eq_refl) as (_ & (_ & o & Choice & _) & _); eauto.
  Qed.

  Lemma section_step a c l c' x v x' : good x -> calm c' x v x' -> in_section a c l x ->
    in_section a c l x' \/ serves l x < serves l x'.
  Proof.
    intros Good Step (Inside & t & history & At & Past & Where).
    destruct (inside_step c l c' x v x' Good Step Inside) as [Inside'|]; [|auto].
    destruct (Nat.eq_dec c c') as [<-|Other].
    2: { left; split; [exact Inside'|exists t, history; split; [|auto]].
         destruct Step as (Step & _); now rewrite (step_others c' c x x' v Step Other). }
    pose proof (good_step c x v x' Good Step) as Good'.
    destruct (own_at c x v x' Step) as (t' & At').
    destruct (own_goes c x v x' t t' Step At At') as [Goes| ->].
    2: { destruct Good' as (y & [_ _ _ Dead_out]); specialize (Dead_out c l At').
         pose proof (phase_ticket S width Width Fits' (contents x') c l (legal_here x'
           (good_step c x v x' Good Step))) as Same.
         change (L1_ticket.spec.ticket_phase S c l (as_tickets S width (contents x'))) with (number c l x') in Same.
         rewrite Dead_out, Inside' in Same; contradiction. }
    destruct (good_past x c t history Good At Past) as (Keeps & _ & _).
    left; destruct (past_goes (clients c) t t' history Goes Past) as [Same|(ans & ->)].
    - split; [exact Inside'|exists t', history; split; [exact At'|split; [exact Same|]]].
      destruct Where as [(f & i & s & -> & Place & Is & Length)|Held]; [left|right; exact Held].
      cbn [next_move] in Goes.
      destruct (next_at (Op_acquire f i : op S) history s _ Place) as [(s' & Local & Place')|Asks].
      + rewrite Local in Goes; cbn in Goes; subst t'; exists f, i, s'; auto.
      + cbn in Asks; rewrite Asks in Goes; cbn in Goes; subst t'; cbn in Same; injection Same as Cycle.
        apply (f_equal (@length _)) in Cycle; cbn in Cycle; lia.
    - destruct (choice_of c x v x' t history ans Good Step At Past At') as (o & Choice).
      split; [exact Inside'|exists (Idle (ans :: history)), (ans :: history); split; [exact At'|split;
        [reflexivity|right]]].
      destruct (good_at_rest c x' (ans :: history) Good' At') as (_ & _ & Rest).
      split.
      { apply Rest.
        pose proof (phase_ticket S width Width Fits' (contents x') c l (legal_here x' Good')) as Same.
        change (L1_ticket.spec.ticket_phase S c l (as_tickets S width (contents x'))) with (number c l x') in Same.
        rewrite Inside' in Same; destruct Good' as (y & [Rel _ _ _]).
        destruct (match_at x' y c _ Rel At') as (q & At_y & Stands & _).
        inversion Stands as [history2 Settled| | | | | |]; subst.
        destruct (Settled l) as [[]|[Is|Is]]; rewrite Is in Same; [contradiction|exact Is]. }
      cbn [since length]; rewrite Choice; destruct Where as [(f & i & s & -> & _ & <- & ->)|(Held & <-)].
      + rewrite (good_call c x _ history s Good At) in Choice; injection Choice as <-.
        rewrite Z.eqb_refl; cbn; lia.
      + destruct (Keeps o Choice) as (_ & Allowed).
        destruct o as [f i|f i|f i k|f i k w|]; cbn [length]; try lia.
        destruct (Z.eqb_spec (lock_id f i) l) as [<-|]; [|lia].
        cbn in Allowed; apply andb_prop in Allowed as (_ & Not); apply has_in in Held; rewrite Held in Not;
          discriminate.
  Qed.

  (** ** The number served moves *)
  Lemma fewer_above f g : List.In g the_table -> rank f < rank g ->
    (ranks_above the_table g < ranks_above the_table f)%nat.
  Proof.
    intros Member Less; unfold ranks_above; apply (in_map rank) in Member; revert Member.
    generalize (map rank the_table) as ranks; intros ranks Member.
    apply (NoDup_incl_length (l := rank g :: nodup Z.eq_dec (filter (Z.ltb (rank g)) ranks))).
    - constructor; [|apply NoDup_nodup]; rewrite nodup_In, filter_In; intros (_ & Above); lia.
    - intros r [<-|In]; rewrite nodup_In, filter_In in *; [split; [exact Member|lia]|split; [apply In|destruct In;
        lia]].
  Qed.

  Lemma section_ends d f i a c : (forall d', d = Datatypes.S d' -> moves_within B d') ->
    List.In f the_table -> in_family f i = true -> (ranks_above the_table f <= d)%nat -> (c < N)%nat ->
    forall j x x', good x -> in_section a c (lock_id f i) x -> rounds (j * whole_rounds N B d) x x' ->
    serves (lock_id f i) x < serves (lock_id f i) x' \/
    (in_section a c (lock_id f i) x' /\ exists t history, nth_error (threads x') c = Some t /\
      history_of t = Some history /\
       (a + j <= length history + 1)%nat).
  Proof.
    intros Moves Member Range Above Cpu; induction j as [|j IH]; intros x x' Good Section Rounds.
    - cbn in Rounds; subst x'; right; split; [exact Section|].
      destruct Section as (_ & t & history & At & Past & [(f2 & i2 & s & _ & _ & _ & Length)|(_ & Length)]);
        exists t, history;
        repeat split; auto; lia.
    - replace (Datatypes.S j * whole_rounds N B d)%nat with
        (j * whole_rounds N B d + whole_rounds N B d)%nat in Rounds by lia.
      apply (rounds_split) in Rounds as (x1 & First & Last).
      pose proof (good_after _ _ _ Good First) as Good1.
      pose proof (serves_rounds (lock_id f i) _ _ _ Good1 Last) as More.
      destruct (IH x x1 Good Section First) as [Less|(Section1 & t & history & At & Past & Length)]; [left; lia|].
      destruct (Z.lt_ge_cases (serves (lock_id f i) x) (serves (lock_id f i) x')) as [|Not]; [auto|right].
      pose proof (serves_rounds (lock_id f i) _ _ _ Good First) as More1.
      assert (Section2 : in_section a c (lock_id f i) x').
      { enough (serves (lock_id f i) x1 <= serves (lock_id f i) x' /\
                (in_section a c (lock_id f i) x' \/ serves (lock_id f i) x1 < serves (lock_id f i) x'))
          as (_ & [|]) by (auto; lia).
        apply (lasting_rounds
                 (fun x' => serves (lock_id f i) x1 <= serves (lock_id f i) x' /\
                    (in_section a c (lock_id f i) x' \/ serves (lock_id f i) x1 < serves (lock_id f i) x'))
                 (whole_rounds N B d) x1 x'); auto; [|split; [lia|auto]].
        intros x0 c' v x2 Good0 Step (Here & Either).
        pose proof (serves_step (lock_id f i) c' x0 v x2 Step).
        split; [lia|destruct Either as [Still|Gone]; [|right; lia]].
        destruct (section_step a c (lock_id f i) c' x0 v x2 Good0 Step Still) as [|Gone]; [auto|right; lia]. }
      split; [exact Section2|].
      destruct (good_past x1 c t history Good1 At Past) as (Keeps & Told & Stand).
      destruct Section1 as (_ & t1 & history1 & At1 & Past1 & Where).
      rewrite At in At1; injection At1 as <-; rewrite Past in Past1; injection Past1 as <-.
      assert (Over : over c history x').
      { apply (operation_ends B d c history t x1 x'); auto.
        - destruct Where as [(f2 & i2 & s & -> & _)|(Held & _)].
          + rewrite (good_call c x1 _ history s Good1 At); discriminate.
          + destruct (goes_on the_table B (clients c) (Orderly c) history Told) as (o & -> & _); [|discriminate].
            intros Nil; rewrite Nil in Held; contradiction.
        - destruct Where as [(f2 & i2 & s & -> & Place & _)|(Held & _)].
          + right; exists (Calling (Op_acquire f2 i2) history s); split; [exact At|exists f2, i2, s; auto].
          + left; intros f2 i2 Choice.
            pose proof (in_rank the_table B (clients c) (Orderly c) history f2 i2 _ Told Choice Held) as Rank.
            unfold rank_of in Rank; rewrite (find_family_lock_id the_table f i table_accepted Member Range) in Rank.
            destruct (Keeps _ Choice) as (Member2 & _).
            pose proof (fewer_above f f2 Member2 Rank); lia. }
      destruct Over as (t2 & At2 & Beyond).
      destruct Section2 as (_ & t3 & history3 & At3 & Past3 & _).
      rewrite At2 in At3; injection At3 as <-; exists t2, history3; repeat split; auto.
      destruct t2; cbn in Past3, Beyond; try discriminate; injection Past3 as ->; lia.
  Qed.

  Lemma turn_is d : turn_rounds N B d = (21 + (B + 1) * whole_rounds N B d)%nat.
  Proof. destruct d; reflexivity. Qed.

  (** Who waits with a number polls. *)
  Lemma head_polls x c f i n : good x -> (c < N)%nat -> number c (lock_id f i) x = Waiting n ->
    exists history f2 i2, lock_id f2 i2 = lock_id f i /\ polls_with c history f2 i2 n 20 x.
  Proof.
    intros Good Cpu Waits; pose proof Good as (y & [Rel _ _ Dead_out]).
    pose proof (phase_ticket S width Width Fits' (contents x) c (lock_id f i) (legal_here x Good)) as Same.
    change (L1_ticket.spec.ticket_phase S c (lock_id f i) (as_tickets S width (contents x)))
      with (number c (lock_id f i) x) in Same.
    rewrite Waits in Same.
    destruct (nth_error (threads x) c) as [t|] eqn:At.
    2: { apply nth_error_None in At; rewrite (rel_threads _ _ Rel) in At; cbn in At; lia. }
    destruct (match_at _ _ _ _ Rel At) as (q & At_y & _).
    destruct (rel_stands _ _ Rel c _ q At At_y) as (Stands & _).
    assert (Settled_not : forall but, settled_but but c (contents x) -> but (lock_id f i)).
    { intros but Settled; destruct (Settled (lock_id f i)) as [|[Is|Is]]; [auto|rewrite Is in Same; contradiction..]. }
    destruct Stands as [history Settled|f2 i2 history s Member Range Place Phase Settled
                       |f2 i2 history s w Member Range Place Phase Settled
                       |f2 i2 history s Member Range Place Phase Settled
                         |f2 i2 history w k Member Range Ret Phase Settled
                       |o history s Place Settled|]; try (destruct (Settled_not _ Settled); fail).
    - pose proof (Settled_not _ Settled) as Is; cbn in Is; exists history, f2, i2; split; [exact Is|].
      exists s, w; rewrite Is in *; auto.
    - pose proof (Settled_not _ Settled) as Is; cbn in Is; rewrite Is in Phase; rewrite Phase in Same; contradiction.
    - rewrite (Dead_out c _ At) in Same; contradiction.
  Qed.

  Theorem number_moves d : moves_within B d.
  Proof.
    induction d as [d IH] using lt_wf_ind; intros f i x x' Member Range Above Good Waits Rounds.
    rewrite turn_is in Rounds; apply (rounds_split) in Rounds as (x1 & First & Rest).
    pose proof (good_after _ _ _ Good First) as Good1.
    pose proof (serves_rounds (lock_id f i) _ _ _ Good First) as More1.
    pose proof (serves_rounds (lock_id f i) _ _ _ Good1 Rest) as More2.
    destruct (Z.lt_ge_cases (serves (lock_id f i) x) (serves (lock_id f i) x1)) as [|Same]; [lia|].
    pose proof (tickets_legal S width Width Fits' (contents x) (legal_here x Good)) as Legal.
    destruct (L1_ticket.facts.ticket_line S _ (lock_id f i) Legal) as (Line & Below).
    pose proof (L1_ticket.facts.line_count _ _ _ _ _ Line) as Count.
    change (L1_ticket.spec.taken S (lock_id f i) (as_tickets S width (contents x))) with (given
      (lock_id f i) x) in Count.
    change (L1_ticket.spec.served S (lock_id f i) (as_tickets S width (contents x))) with (serves (lock_id f i) x) in *.
    pose proof (L1_ticket.facts.line_waits _ _ _ _ _ Line 0%nat) as First_waits.
    destruct (L1_ticket.facts.line S (lock_id f i) (as_tickets S width (contents x))) as [|h q] eqn:Who;
      [cbn in Count; lia|].
    specialize (First_waits h eq_refl); specialize (Below h (or_introl eq_refl)); cbn in First_waits, Below.
    change (L1_ticket.spec.ticket_phase S h (lock_id f i) (as_tickets S width (contents x)))
      with (number h (lock_id f i) x) in First_waits.
    assert (Inside : number h (lock_id f i) x1 = In).
    { destruct (L1_ticket.facts.busy S (lock_id f i) (as_tickets S width (contents x))); cbn in First_waits.
      - enough (serves (lock_id f i) x <= serves (lock_id f i) x1 /\
                (number h (lock_id f i) x1 = In \/ serves (lock_id f i) x < serves (lock_id f i) x1)) as (_ & [|])
          by (auto; lia).
        apply (lasting_rounds
                 (fun x1 => serves (lock_id f i) x <= serves (lock_id f i) x1 /\
                    (number h (lock_id f i) x1 = In \/ serves (lock_id f i) x < serves (lock_id f i) x1)) 21 x x1);
          auto; [|split; [lia|auto]].
        intros x0 c' v x2 Good0 Step (Here & Either).
        pose proof (serves_step (lock_id f i) c' x0 v x2 Step).
        split; [lia|destruct Either as [Still|Gone]; [|right; lia]].
        destruct (inside_step h (lock_id f i) c' x0 v x2 Good0 Step Still) as [|Gone];
          [auto|right; lia].
      - rewrite Z.add_0_r in First_waits;
          destruct (head_polls x h f i _ Good Below First_waits) as (history & f2 & i2 & Is & Polls).
        destruct (turn_seen h history f2 i2 (serves (lock_id f i) x) x x1 Below Good Polls)
          as (_ & [In1|Less]); rewrite ?Is in *; auto; lia. }
    destruct (inside_held h (lock_id f i) x1 Good1 Inside Below) as (a & Section1).
    destruct (section_ends d f i a h) with (j := (B + 1)%nat) (x := x1) (x' := x') as [Less|(Section2 & Long)];
      auto; [|lia|].
    - intros d' ->; apply IH; lia.
    - exfalso; destruct Section2 as (_ & t & history & At & Past & Where), Long as (t2 & history2 & At2 & Past2 & Long).
      rewrite At in At2; injection At2 as <-; rewrite Past in Past2; injection Past2 as <-.
      destruct Where as [(f2 & i2 & s & _ & _ & _ & ->)|(Held & Length)]; [lia|].
      pose proof (good_after _ _ _ Good1 Rest) as Good2.
      destruct (good_past x' h t history Good2 At Past) as (_ & Told & _).
      pose proof (lets_go the_table B (clients h) (Orderly h) history _ Told Held); lia.
  Qed.

  (** ** What users are told *)
  Context (Never : never_breaches clients the_table).

  Lemma good_start : good (first_state M).
  Proof.
    exists (atomic_start (S := S)); constructor.
    - apply match_start.
    - exact (lawful_reached the_table clients [] _ Never (atomic_execution_start clients)).
    - intros c q At; apply nth_repeat in At; subst; exact I.
    - intros c l At; apply nth_repeat in At; discriminate.
    - split; [exact Never|eexists; apply atomic_execution_start].
  Qed.
  Lemma good_reached cs x : segment text width M clients (first_state M) cs x -> good x.
  Proof. exact (good_segment _ _ _ good_start). Qed.

  (** An acquire that has been called returns within [whole_rounds] of as many ranks
      as are not below the lock's: at most so many rounds later the CPU is beyond it. *)
  Theorem starvation_freedom cs x c f i history s x' :
    segment text width M clients (first_state M) cs x -> (c < N)%nat ->
    nth_error (threads x) c = Some (Calling (Op_acquire f i) history s) ->
    rounds (whole_rounds N B (Datatypes.S (ranks_above the_table f))) x x' -> over c history x'.
  Proof.
    intros Reached Cpu At Rounds; pose proof (good_reached cs x Reached) as Good.
    destruct (good_past x c _ history Good At eq_refl) as (_ & _ & Where).
    pose proof (good_call c x _ history s Good At) as Choice.
    apply (operation_ends B (Datatypes.S (ranks_above the_table f)) c history _ x x' 
             ltac:(intros; apply number_moves) Cpu Good At Where); auto; [congruence|].
    left; intros f2 i2 Choice2; rewrite Choice in Choice2; injection Choice2 as <- <-; lia.
  Qed.

  Lemma most_is_most f : List.In f the_table -> (ranks_above the_table f <= (most_above the_table))%nat.
  Proof.
    intros Member; unfold most_above;
      assert (All := proj1 (list_max_le (map (ranks_above the_table) the_table) _) (Nat.le_refl _)).
    rewrite Forall_forall in All; apply All, in_map, Member.
  Qed.

  (** While a CPU has work, the system makes progress: whatever it does or waits
      for, the operation that it is at ends within [whole_rounds] of all ranks. *)
  Theorem deadlock_freedom cs x c t history x' :
    segment text width M clients (first_state M) cs x -> (c < N)%nat ->
    nth_error (threads x) c = Some t -> history_of t = Some history -> clients c history <> None ->
    rounds (whole_rounds N B (Datatypes.S (most_above the_table))) x x' -> over c history x'.
  Proof.
    intros Reached Cpu At Past Works Rounds; pose proof (good_reached cs x Reached) as Good.
    destruct (good_past x c t history Good At Past) as (Keeps & _ & Where).
    apply (operation_ends B (Datatypes.S (most_above the_table)) c history t x x'
             ltac:(intros; apply number_moves) Cpu Good At Where); auto.
    left; intros f i Choice; destruct (Keeps _ Choice) as (Member & _).
    pose proof (most_is_most f Member); lia.
  Qed.
End Starvation.
