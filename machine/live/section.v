(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Critical sections, operation by operation

    What is known of a thread in an execution of clients that keep the contract
    ([good_past]).  An operation that waits for nothing ends ([other_ends]).  Who is
    inside a lock stays so until the lock serves the next number ([has_lock_later]).
    Read next: starvation.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.facts.
From hlock.layers Require Import L3_atomic.spec.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec contract contract_facts.
From hlock.stack Require Import setting stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import place invariant simulation correct no_breach.
From hlock.machine.live Require Import live progress waiting queues.
Import ListNotations.
Local Open Scope Z_scope.

Section Sections.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := (the_system).
  Local Notation M := (sc_memory S width).
  Let Fits' : Z.of_nat (cpus S) <= modulus width := Fits.
  Local Notation machine := (machine M).
  Local Notation calm := (calm_step text width M clients).
  Local Notation rounds := (rounds text width M clients).

  (** ** What is known of a thread *)
  Lemma good_past x c t history : good x -> nth_error (threads x) c = Some t -> history_of t = Some history ->
    lawful the_table (clients c) history /\ is_told clients c history /\
    forall o, clients c history = Some o ->
      steps_left (own_rounds o) o history t \/ queued c history x \/ returning c history x.
  Proof.
    intros Good At Past; pose proof Good as (y & With); pose proof With as [Rel All _ _].
    destruct (match_at _ _ _ _ Rel At) as (q & At_y & _).
    destruct (rel_stands _ _ Rel c _ q At At_y) as (Stands & _).
    pose proof (All c q At_y) as Holds; pose proof (told_here x y c q history With At_y) as Tells.
    destruct Stands; cbn in Past; try discriminate; injection Past as ->; cbn in Holds;
      (split; [tauto|split; [exact (Tells eq_refl)|]]); intros o' Choice;
      try (pose proof (proj1 (proj2 Holds)) as Same; rewrite Choice in Same; injection Same as ->).
    - left; cbn [steps_left]; auto.
    - left; cbn [steps_left]; split; [auto|split; [auto|eexists; right; split; [eassumption|]]].
      apply Nat.leb_le; reflexivity.
    - right; left; exists f, i; split; [assumption|exists s, t; auto].
    - left; cbn [steps_left]; split; [auto|split; [auto|eexists; right; split; [eassumption|]]].
      apply Nat.leb_le; reflexivity.
    - left; cbn [steps_left]; split; [auto|split; [auto|eexists; split; [eassumption|]]].
      apply Nat.leb_le; reflexivity.
    - destruct o as [f i|f i|f i k|f i k w|].
      + right; right; exists (Calling (Op_acquire f i) history s); split; [exact At|exists f, i, s; auto].
      + left; cbn [steps_left]; split; [auto|split; [auto|eexists; left; split; [eassumption|]]].
        apply Nat.leb_le; reflexivity.
      + left; cbn [steps_left]; split; [auto|split; [auto|eexists; left; split; [eassumption|]]].
        apply Nat.leb_le; reflexivity.
      + left; cbn [steps_left]; split; [auto|split; [auto|eexists; left; split; [eassumption|]]].
        apply Nat.leb_le; reflexivity.
      + destruct Holds as (_ & _ & [=] & _).
  Qed.

  (** ** An operation *)
  Lemma over_later c history n x x' : good x -> rounds n x x' -> over c history x -> over c history x'.
  Proof. intros Good Rounds; apply (lasting_rounds _ n x x' (over_lasts c history) Good Rounds). Qed.
  Lemma past_turn_ends c history x x' : (c < N)%nat -> good x -> past_turn c history x ->
    rounds return_rounds x x' -> over c history x'.
  Proof. intros Cpu Good [Over|Ret] Rounds; [now apply (over_later c history return_rounds x)|].
    now apply (returns_soon c history x). Qed.

  (** One that is no acquire, or that has its turn, waits for nothing. *)
  Lemma other_ends c t history o x x' : (c < N)%nat -> good x -> nth_error (threads x) c = Some t ->
    history_of t = Some history -> clients c history = Some o ->
    (forall f i, o <> Op_acquire f i) -> rounds release_rounds x x' -> over c history x'.
  Proof.
    intros Cpu Good At Past Choice Other Rounds.
    destruct (good_past x c t history Good At Past) as (_ & _ & Where).
    assert (Numbered : numbered c history x').
    { destruct (Where o Choice) as [Left|[(f & i & Is & _)|(t' & At' & f & i & s & -> & _)]].
      - apply (numbered_soon release_rounds c o history t x x'); auto.
        destruct o as [f i|f i|f i k|f i k w|]; try exact Left; now destruct (Other f i).
      - destruct (Other f i); congruence.
      - rewrite At in At'; injection At' as ->.
        destruct (Other f i); pose proof (good_call c x _ history s Good At); congruence. }
    destruct Numbered as [[Over|(t' & At' & f & i & s & -> & _)]|(f & i & n & Is & _)]; [exact Over|exfalso..].
    - pose proof (good_rounds _ _ _ Good Rounds) as Good'.
      apply (Other f i); pose proof (good_call c x' _ history s Good' At'); congruence.
    - apply (Other f i); congruence.
  Qed.

  (** ** A critical section *)

  (** CPU [c] has lock [l], and its acquire is about to return. *)
  Definition entering (c : cpu) (l : Z) (history : list (response S)) (x : machine) : Prop :=
    number c l x = In /\ thread_at c x (fun t => exists f i s,
      t = Calling (Op_acquire f i) history s /\ at_place s Through /\ lock_id f i = l).
  (** It has lock [l], its acquire has returned, and of what it was told [K] is true. *)
  Definition has_lock (K : list (response S) -> Prop) (c : cpu) (l : Z) (x : machine) : Prop :=
    number c l x = In /\ thread_at c x (fun t => exists history, history_of t = Some history /\
      List.In l (held (clients c) history) /\ K history).

  Lemma inside_held c l x : good x -> number c l x = In -> (c < N)%nat ->
    (exists history, entering c l history x) \/ has_lock (fun _ => True) c l x.
  Proof.
    intros Good Inside Cpu; pose proof Good as (y & [Rel All Dead_out _]).
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
      has_lock (fun _ => True) c l x).
    { intros history Past Is; split; [exact Inside|exists t; split; [exact At|exists history; auto]]. }
    destruct Stands as [history Settled|f i history s Member Range Place Phase Settled
      |f i history s w Member Range Place Phase Settled
                       |f i history s Member Range Place Phase Settled|f i history w k Member Range Ret Phase Settled
                       |o history s Place Settled|]; cbn [holding_at] in Holds.
    - right; apply (Held history eq_refl), Holds, Mine.
    - right; apply (Held history eq_refl); destruct Holds as (_ & _ & _ & Exactly); now apply Exactly.
    - right; apply (Held history eq_refl); destruct Holds as (_ & _ & _ & Exactly); now apply Exactly.
    - right; apply (Held history eq_refl); destruct Holds as (_ & _ & _ & Exactly); now apply Exactly.
    - right; apply (Held history eq_refl); destruct Holds as (_ & _ & _ & Exactly); now apply Exactly.
    - destruct Holds as (_ & Choice & _ & Exactly); apply Exactly, held_after_in in Mine.
      destruct o as [f i|f i|f i k|f i k w|]; try (right; apply (Held history eq_refl); tauto).
      destruct Mine as [->|Is]; [left|right; now apply (Held history eq_refl)].
      exists history; split; [exact Inside|exists (Calling (Op_acquire f i) history s); split; [exact At|]].
      exists f, i, s; auto.
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
    destruct (good_past x' c _ (a :: history) Good' At' eq_refl) as (_ & Told & _).
    destruct (told_chosen clients c _ Told) as (_ & o & Choice & _); eauto.
  Qed.

  (** Who has a lock and is not about to return from a release has it by its history. *)
  Lemma rests_holding c l x history : good x -> nth_error (threads x) c = Some (Idle history) -> number c l x = In ->
    List.In l (held (clients c) history).
  Proof.
    intros Good At Inside; destruct (good_at_rest c x history Good At) as (_ & _ & Rest); apply Rest.
    pose proof (phase_ticket S width Width Fits' (contents x) c l (legal_here x Good)) as Same.
    change (L1_ticket.spec.ticket_phase S c l (as_tickets S width (contents x))) with (number c l x) in Same.
    rewrite Inside in Same; destruct Good as (y & [Rel _ _ _]).
    destruct (match_at x y c _ Rel At) as (q & At_y & Stands & _).
    inversion Stands as [history2 Settled| | | | | |]; subst.
    destruct (Settled l) as [[]|[Is|Is]]; rewrite Is in Same; [contradiction|exact Is].
  Qed.

  (** Own steps do not leave a critical section, until its lock serves the next number. *)
  Lemma own_inside c l x v x' t : good x -> calm c x v x' -> number c l x = In -> nth_error (threads x) c = Some t ->
    serves l x < serves l x' \/ number c l x' = In /\
      exists t', nth_error (threads x') c = Some t' /\ goes_to (next_move text width (clients c) t) t'.
  Proof.
    intros Good Step Inside At; destruct (inside_step c l c x v x' Good Step Inside) as [Inside'|]; [right|now left].
    destruct (own_at c x v x' Step) as (t' & At'); split; [exact Inside'|exists t'; split; [exact At'|]].
    destruct (own_goes c x v x' t t' Step At At') as [Goes| ->]; [exact Goes|exfalso].
    pose proof (good_step c x v x' Good Step) as Good'.
    pose proof (phase_ticket S width Width Fits' (contents x') c l (legal_here x' Good')) as Same.
    change (L1_ticket.spec.ticket_phase S c l (as_tickets S width (contents x'))) with (number c l x') in Same.
    destruct Good' as (y & [_ _ Dead_out _]); rewrite (Dead_out c l At'), Inside' in Same; contradiction.
  Qed.

  Lemma entering_step c l history c' x v x' : good x -> calm c' x v x' -> entering c l history x ->
    entering c l history x' \/ has_lock (fun _ => True) c l x' \/ serves l x < serves l x'.
  Proof.
    intros Good Step (Inside & Where); destruct (Nat.eq_dec c c') as [<-|Other].
    2: { destruct (inside_step c l c' x v x' Good Step Inside) as [Inside'|]; [left|auto].
         split; [exact Inside'|exact (others_stay c' c x v x' _ Step Other Where)]. }
    destruct Where as (t & At & f & i & s & -> & Place & Is).
    destruct (own_inside c l x v x' _ Good Step Inside At) as [|(Inside' & t' & At' & Goes)]; [auto|].
    cbn [next_move] in Goes.
    destruct (next_at (Op_acquire f i : op S) history s _ Place) as [(s' & Local & Place')|Asks].
    - rewrite Local in Goes; cbn in Goes; subst t'; left; split; [exact Inside'|].
      exists (Calling (Op_acquire f i) history s'); split; [exact At'|exists f, i, s'; auto].
    - cbn in Asks; rewrite Asks in Goes; cbn in Goes; subst t'; right; left; split; [exact Inside'|].
      exists (Idle (None :: history)); split; [exact At'|exists (None :: history); split; [reflexivity|split;
        [|exact I]]].
      exact (rests_holding c l x' _ (good_step c x v x' Good Step) At' Inside').
  Qed.
  (** [K] stays true as it goes on; it does not acquire [l] again. *)
  Lemma has_lock_step (K : list (response S) -> Prop) c l c' x v x' :
    (forall history a o, K history -> clients c history = Some o ->
      (forall f i, o = Op_acquire f i -> lock_id f i <> l) -> K (a :: history)) ->
    good x -> calm c' x v x' -> has_lock K c l x -> has_lock K c l x' \/ serves l x < serves l x'.
  Proof.
    intros Closed Good Step (Inside & Where); destruct (Nat.eq_dec c c') as [<-|Other].
    2: { destruct (inside_step c l c' x v x' Good Step Inside) as [Inside'|]; [left|auto].
         split; [exact Inside'|exact (others_stay c' c x v x' _ Step Other Where)]. }
    destruct Where as (t & At & history & Past & Held & Known).
    destruct (own_inside c l x v x' t Good Step Inside At) as [|(Inside' & t' & At' & Goes)]; [auto|left].
    split; [exact Inside'|exists t'; split; [exact At'|]].
    destruct (past_goes (clients c) t t' history Goes Past) as [Same|(a & ->)]; [exists history; auto|].
    exists (a :: history); split; [reflexivity|].
    split; [exact (rests_holding c l x' _ (good_step c x v x' Good Step) At' Inside')|].
    destruct (choice_of c x v x' t history a Good Step At Past At') as (o & Choice).
    apply (Closed history a o Known Choice); intros f i -> <-.
    destruct (good_past x c t history Good At Past) as (Keeps & _), (Keeps _ Choice) as (_ & Allowed).
    cbn in Allowed; apply andb_prop in Allowed as (_ & Not); apply has_in in Held; rewrite Held in Not; discriminate.
  Qed.

  (** So until some number has moved. *)
  Lemma has_lock_later (K : list (response S) -> Prop) F c l n0 n x x' :
    (forall history a o, K history -> clients c history = Some o ->
      (forall f i, o = Op_acquire f i -> lock_id f i <> l) -> K (a :: history)) ->
    List.In (l, n0) F -> n0 <= serves l x -> good x -> rounds n x x' -> has_lock K c l x ->
    has_lock K c l x' \/ moved F x'.
  Proof.
    intros Closed Is Served Good Rounds Here.
    enough (has_lock K c l x' /\ n0 <= serves l x' \/ moved F x') by tauto.
    refine (lasting_rounds (fun x => has_lock K c l x /\ n0 <= serves l x \/ moved F x) n x x' _ Good Rounds
      (or_introl (conj Here Served))).
    intros x0 c' v x1 Good0 Step [(Here0 & Served0)|Moved]; [|right; exact (moved_lasts F x0 c' v x1 Good0 Step Moved)].
    pose proof (serves_step l c' x0 v x1 Step).
    destruct (has_lock_step K c l c' x0 v x1 Closed Good0 Step Here0); [left; split; [auto|lia]|].
    right; exists l, n0; split; [exact Is|lia].
  Qed.
End Sections.
