(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The bridge: a fair scheduler makes the others fair

    With clients and a scheduler as starvation.v asks for, the number served moves
    within [turn_rounds] while somebody waits ([served_soon]).  If besides a CPU makes at most [K]
    steps a round, few of its polls in a row read the same: [patient], and so
    [env_fair], with an explicit bound ([paced_patient], [paced_fair]). *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.facts L1_ticket.refine L1_ticket.ends.
From hlock.layers.view Require map.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract.
From hlock.stack Require Import stack setting stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant simulation correct no_breach.
From hlock.machine.live Require Import live progress waiting starvation.
From hlock.machine.bridge Require Import local bridge fair.
Import ListNotations.
Local Open Scope Z_scope.

(** ** In a log *)
Section Log.
  Context (S : system) (width : Z) (Width : 1 <= width <= 32).
  Context (Fits : Z.of_nat (cpus S) <= modulus width).
  Local Notation W := (words S width).
  Local Notation log := (log S words_verb).
  Local Notation tickets g := (as_tickets S width g).
  Local Notation served l g := (L1_ticket.spec.served S l (tickets g)).
  Local Notation number c l g := (L1_ticket.spec.ticket_phase S c l (tickets g)).

  Lemma same_polls_other c l v c' a (g : log) :
    c' <> c \/ (forall k, a <> Lock l k) -> same_polls S c l v ((c', a) :: g) = same_polls S c l v g.
  Proof.
    destruct a as [l' k| | |]; try reflexivity; cbn; intros Other.
    destruct (Nat.eqb_spec c' c) as [->|], (Z.eqb_spec l' l) as [->|]; try reflexivity.
    destruct Other as [Not|Not]; [now destruct Not|now destruct (Not k)].
  Qed.
  Lemma number_other c l c' a (g : log) :
    c' <> c \/ (forall k, a <> Lock l k) -> number c l ((c', a) :: g) = number c l g.
  Proof.
    intros Other; destruct a as [l' [t|u|u|u]|l' u|l' u|]; try reflexivity;
      apply (L1_ticket.facts.phase_other S); destruct Other as [|Not]; auto; right; intros ->; eapply Not; reflexivity.
  Qed.
  Lemma words_other_act c l c' a (g : log) :
    c' <> c \/ (forall k, a <> Lock l k) -> words_phase S c l ((c', a) :: g) = words_phase S c l g.
  Proof.
    intros Other; destruct a as [l' k|l' u|l' u|]; try reflexivity.
    apply words_other; destruct Other as [|Not]; auto; right; intros ->; eapply Not; reflexivity.
  Qed.
  Lemma mine_or_not c l (e : event S words_verb) :
    (exists k, e = (c, Lock l k)) \/ fst e <> c \/ (forall k, snd e <> Lock l k).
  Proof.
    destruct e as [c' a]; destruct (Nat.eq_dec c' c) as [->|]; [|right; left; exact n].
    destruct a as [l' k|l' u|l' u|]; try (right; right; intros k; discriminate).
    destruct (Z.eq_dec l' l) as [->|Diff]; [left; eauto|right; right; intros k' [= Is _]; auto].
  Qed.
  Lemma served_more l e (g : log) : served l g <= served l (e :: g).
  Proof.
    destruct e as [c' a]; destruct a as [l' [t|u|u|u]|l' u|l' u|];
      try apply Z.le_refl; unfold as_tickets; cbn; destruct (l' =? l); lia.
  Qed.
  Lemma now_served l (g : log) : legal W g -> serving S width l g = served l g mod modulus width.
  Proof.
    intros Legal; destruct (map.image_legal _ _ _ _ (L1_ticket.refine.tickets_simulation S width
      (proj1 Width) Fits) _ Legal)
      as (_ & Wraps); exact (L1_ticket.refine.now_wraps _ _ _ Wraps l).
  Qed.

  (** What the last polls of a waiting CPU read was served then. *)
  Lemma polls_read c l v n (g : log) : legal W g -> number c l g = Waiting n -> (0 < same_polls S c l v g)%nat ->
    exists s, v = s mod modulus width /\ s <= served l g /\ n - s < modulus width.
  Proof.
    induction g as [|e g IH]; [cbn; lia|]; intros Legal Waits Some_polls.
    pose proof Legal as Whole; apply legal_cons in Legal as (Legal & Event).
    pose proof (served_more l e g) as More.
    destruct (mine_or_not c l e) as [(k & ->)|Other].
    - cbn in Some_polls; rewrite Nat.eqb_refl, Z.eqb_refl in Some_polls; cbn [andb] in Some_polls.
      destruct k as [t|u|u|u]; try lia; destruct (Z.eqb_spec u v) as [->|]; [|lia].
      exists (served l g); split; [|split; [exact More|]].
      + rewrite <- now_served by auto; apply event_fault_none in Event as (_ & _ & Fault); cbn in Fault.
        destruct (lock_exists l); [|discriminate]; unfold words_fault, reads in Fault.
        destruct (words_phase S c l g); try discriminate; destruct (Z.eqb_spec v (serving S width l g)); congruence.
      + pose proof (L1_ticket.facts.ticket_distance S _ l c n (tickets_legal S width Width Fits _ Whole) Waits) as Near.
        change (served l ((c, Lock l (Polled v)) :: g)) with (served l g) in Near; lia.
    - destruct e as [c' a]; cbn [fst snd] in Other; rewrite same_polls_other in Some_polls by auto.
      rewrite number_other in Waits by auto; destruct (IH Legal Waits Some_polls) as (s & Is & Less & Near).
      exists s; split; [exact Is|split; [lia|exact Near]].
  Qed.

  (** If the number served has moved, no poll read the new one. *)
  Lemma moved_unread c l n e (g : log) : legal W (e :: g) -> number c l g = Waiting n ->
    number c l (e :: g) = Waiting n ->
    served l g < served l (e :: g) -> same_polls S c l (serving S width l (e :: g)) g = 0%nat.
  Proof.
    intros Legal Waits Waits' Moved; pose proof Legal as Whole; apply legal_cons in Legal as (Legal & _).
    destruct (same_polls S c l (serving S width l (e :: g)) g) eqn:Some_polls; [reflexivity|exfalso].
    destruct (polls_read c l (serving S width l (e :: g)) n g Legal Waits) as (s & Is & Less & Near); [lia|].
    pose proof (L1_ticket.facts.ticket_distance S _ l c n (tickets_legal S width Width Fits _ Whole) Waits') as Here.
    rewrite now_served in Is by auto.
    pose proof (L1_ticket.refine.wrap_exact S width (proj1 Width) (served l (e :: g)) s) as Exact.
    rewrite Is, Z.eqb_refl in Exact; symmetry in Exact; rewrite Z.eqb_eq in Exact; lia.
  Qed.

  (** Patience, an event more. *)
  Lemma patient_cons F c e (g : log) : (0 < F)%nat -> legal W (e :: g) -> patient S F c g ->
    (forall l w, words_phase S c l (e :: g) = Waiting w ->
       (same_polls S c l (serving S width l (e :: g)) (e :: g) < F)%nat) ->
    patient S F c (e :: g).
  Proof.
    intros Some_polls Legal Patient Here l w v b h Is Waits; destruct b as [|e' b].
    2: { injection Is as _ ->; exact (Patient l w v b h eq_refl Waits). }
    cbn [app] in Is; subst h; apply legal_cons in Legal as (_ & Event).
    destruct (mine_or_not c l e) as [(k & ->)|Other].
    - pose proof (Here l w Waits) as Few; cbn in Few |- *; rewrite Nat.eqb_refl, Z.eqb_refl in *; cbn [andb] in *.
      destruct k as [t|u|u|u]; try exact Some_polls; destruct (Z.eqb_spec u v) as [Same|]; [subst u|exact Some_polls].
      apply event_fault_none in Event as (_ & _ & Fault); cbn in Fault.
      destruct (lock_exists l); [|discriminate]; unfold words_fault, reads in Fault.
      destruct (words_phase S c l g); try discriminate.
      destruct (Z.eqb_spec v (serving S width l g)) as [Same|]; [|discriminate].
      rewrite <- Same in Few; exact Few.
    - destruct e as [c' a]; cbn [fst snd] in Other; rewrite same_polls_other by auto.
      rewrite words_other_act in Waits by auto; exact (Patient l w v [] g eq_refl Waits).
  Qed.
End Log.

(** ** In rounds *)
Section Paced.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := (the_system).
  Local Notation W := (words S width).
  Local Notation M := (sc_memory S width).
  Let Fits' : Z.of_nat (cpus S) <= modulus width := Fits.
  Context (above : Z -> nat) (A B : nat) 
    (Orderly : forall c, orderly (is_told clients c) (clients c) above A B).
  Context (levels : nat) (Levels : forall f i, List.In f the_table -> in_family f i = true ->
    (above (lock_id f i) < levels)%nat).
  Local Notation machine := (machine M).
  Local Notation calm := (calm_step text width M clients).
  Local Notation rounds := (rounds text width M clients).

  (** A CPU [c] that makes at most [K] steps in each of [n] rounds. *)
  Context (c : cpu) (Cpu : (c < N)%nat) (K : nat).
  Definition paced_round (x x' : machine) : Prop :=
    exists cs, segment text width M clients x cs x' /\ (count_occ Nat.eq_dec cs c <= K)%nat /\
      forall c', (c' < cpus S)%nat -> List.In c' cs \/ finished M clients c' x'.
  Fixpoint paced_rounds (n : nat) (x x' : machine) : Prop :=
    match n with
    | 0%nat => x' = x
    | Datatypes.S n => exists x1, paced_round x x1 /\ paced_rounds n x1 x'
    end.

  (** How many polls in a row can read the same. *)
  Definition longest : nat := turn_rounds A B levels (N - 1).
  Definition patience : nat := K * (longest + 1) + 1.

  Lemma rounds_more n : forall x x1 x', rounds n x x1 -> round text width M clients x1 x' ->
    rounds (Datatypes.S n) x x'.
  Proof.
    induction n as [|n IH]; intros x x1 x' Rounds Round; cbn in Rounds.
    - subst x1; exists x'; split; [exact Round|reflexivity].
    - destruct Rounds as (x2 & First & Rest); exists x2; split; [exact First|exact (IH _ _ _ Rest Round)].
  Qed.

  (** While CPU [c] waits for lock [l] in [z], [p] steps of its own after round's
      start [x]: its polls that read what is served now are of this round, or came
      since [m] rounds ago, and nothing else was served since then. *)
  Definition slow (l : Z) (z x : machine) (p : nat) : Prop :=
    forall w, words_phase S c l (contents z) = Waiting w ->
    let same := same_polls S c l (serving S width l (contents z)) (contents z) in
    (same <= p)%nat \/
    exists m x0, good x0 /\ rounds m x0 x /\ serves l x0 < given l x0 /\ serves l x0 = serves l z /\
      (same <= K * (m + 1) + p)%nat.

  Lemma waiting_number l z w : good z -> words_phase S c l (contents z) = Waiting w ->
    exists n, number c l z = Waiting n.
  Proof.
    intros Good Waits.
    pose proof (phase_ticket S width Width Fits' (contents z) c l (legal_here z Good)) as Same.
    rewrite Waits in Same; change (as_tickets S width (contents z)) with (tickets_of z) in Same.
    unfold number; destruct (L1_ticket.spec.ticket_phase S c l (tickets_of z)); try (now destruct Same); eauto.
  Qed.
  Lemma waiting_given l z n : good z -> number c l z = Waiting n -> serves l z < given l z.
  Proof.
    intros Good Waits.
    destruct (L1_ticket.facts.ticket_line S _ l (tickets_legal S width Width Fits' _ (legal_here z Good)))
      as (Line & _).
    destruct (L1_ticket.facts.line_waiting _ _ _ _ _ Line c n Waits) as (i & At & _ & _).
    pose proof (L1_ticket.facts.line_count _ _ _ _ _ Line) as Count.
    unfold serves, given, tickets_of; rewrite Count.
    destruct (L1_ticket.facts.line S l (as_tickets S width (contents z))); [destruct i; discriminate|cbn [length]; lia].
  Qed.

  Lemma slow_step l x c' z v z' p : good z -> calm c' z v z' -> slow l z x p ->
    slow l z' x (p + if Nat.eq_dec c' c then 1 else 0).
  Proof.
    intros Good Step Slow w Waits.
    pose proof (good_step _ _ _ _ Good Step) as Good'.
    destruct (grows c' z v z' Step) as [Same|(a & Is)].
    - unfold serves, tickets_of; rewrite Same in *; destruct (Slow w Waits) as [Few|(m & x0 & G0 & R0 & W0 & S0 & Few)];
        [left; lia|right; exists m, x0; repeat split; auto; lia].
    - destruct (waiting_number l z' w Good' Waits) as (n & Number).
      pose proof (legal_here z' Good') as Legal.
      unfold number, serves, tickets_of in *; rewrite Is in *; cbv zeta.
      destruct (mine_or_not S c l (c', a)) as [(k & [= -> ->])|Other].
      + destruct (Nat.eq_dec c c) as [_|]; [|contradiction].
        rewrite words_same in Waits; cbn [same_polls serving]; rewrite Nat.eqb_refl, Z.eqb_refl; cbn [andb].
        destruct k as [t|u|u|u]; try discriminate; [left; lia|].
        pose proof Legal as Event; apply legal_cons in Event as (_ & Event).
        apply event_fault_none in Event as (_ & _ & Fault); cbn in Fault.
        destruct (lock_exists l); [|discriminate]; unfold words_fault, reads in Fault.
        destruct (words_phase S c l (contents z)) as [|w0| |] eqn:Phase; try discriminate.
        destruct (Z.eqb_spec u (serving S width l (contents z))) as [->|]; [clear Fault|discriminate].
        destruct (Slow w0 Phase) as [Few|(m & x0 & G0 & R0 & W0 & S0 & Few)];
          [left; lia|right; exists m, x0; repeat split; auto; lia].
      + cbn [fst snd] in Other; rewrite same_polls_other by auto.
        rewrite words_other_act in Waits by auto; pose proof Number as Before; rewrite number_other in Before by auto.
        pose proof (served_more S width l (c', a) (contents z)) as More.
        destruct (Z.eq_dec (L1_ticket.spec.served S l (as_tickets S width (contents z)))
                    (L1_ticket.spec.served S l (as_tickets S width ((c', a) :: contents z)))) as [Still|Moved].
        * rewrite (now_served S width Width Fits' l _ Legal), <- Still.
          rewrite <- (now_served S width Width Fits' l _ (legal_here z Good)).
          destruct (Slow w Waits) as [Few|(m & x0 & G0 & R0 & W0 & S0 & Few)];
            [left; lia|right; exists m, x0; repeat split; auto; lia].
        * left; refine (Nat.le_trans _ 0 _ (Nat.eq_le_incl _ _ _) (Nat.le_0_l _)).
          apply (moved_unread S width Width Fits' c l n (c', a) (contents z) Legal Before Number).
          apply Z.le_neq; split; [exact More|exact Moved].
  Qed.

  (** So it has not lasted long. *)
  Lemma slow_few f i z x n p : List.In f the_table -> in_family f i = true ->
    good x -> (exists cs, segment text width M clients x cs z) -> slow (lock_id f i) z x p -> (p <= K)%nat ->
    words_phase S c (lock_id f i) (contents z) = Waiting n ->
    (same_polls S c (lock_id f i) (serving S width (lock_id f i) (contents z)) (contents z) < patience)%nat.
  Proof.
    intros Member Range Good (cs & Run) Slow Few Waits; unfold patience.
    destruct (Slow n Waits) as [|(m & x0 & G0 & R0 & W0 & S0 & Same)]; [nia|].
    destruct (Nat.lt_ge_cases m longest) as [Less|Long]; [nia|exfalso].
    replace m with (longest + (m - longest))%nat in R0 by lia.
    apply (rounds_split) in R0 as (x1 & First & Rest).
    pose proof (served_soon above A B Orderly levels f i x0 x1 Member Range
                  (Nat.lt_le_incl _ _ (Levels f i Member Range)) G0 W0 First) as Moves.
    pose proof (serves_rounds (lock_id f i) _ _ _
                  (good_rounds _ _ _ G0 First) Rest) as More.
    assert (serves (lock_id f i) x <= serves (lock_id f i) z).
    { apply (lasting_segment (fun z => serves (lock_id f i) x <= serves (lock_id f i) z) x cs);
        auto; [apply serves_lasts|lia]. }
    lia.
  Qed.

  (** A lock that a CPU waits for is one of the table. *)
  Lemma waiting_known l z w : good z -> words_phase S c l (contents z) = Waiting w ->
    exists f i, List.In f the_table /\ in_family f i = true /\ lock_id f i = l.
  Proof.
    intros (y & [Rel _ Dead_out _]) Waits.
    destruct (nth_error (threads z) c) as [t|] eqn:At.
    2: { apply nth_error_None in At; rewrite (rel_threads _ _ Rel) in At; cbn in At; lia. }
    destruct (match_at _ _ _ _ Rel At) as (q & At_y & _).
    destruct (rel_stands _ _ Rel c _ q At At_y) as (Stands & _).
    assert (Settled_not : forall but, settled_but but c (contents z) -> but l)
      by (intros but Settled; destruct (Settled l) as [|[|]]; [assumption|congruence..]).
    destruct Stands as [history Settled|f i history s _ _ _ _ Settled|f i history s t Member Range _ _ Settled
                       |f i history s _ _ _ _ Settled|f i history v k Member Range _ _ Settled|o history s _ Settled|];
      try (destruct (Settled_not _ Settled); fail); try (pose proof (Settled_not _ Settled); eauto; fail).
    rewrite (Dead_out c l At) in Waits; discriminate.
  Qed.

  Lemma segment_more x cs x1 c' v x' : segment text width M clients x cs x1 -> calm c' x1 v x' ->
    segment text width M clients x (cs ++ [c']) x'.
  Proof.
    induction 1 as [x|x c0 v0 x0 cs x1 First _ IH]; intros Step; [eapply one_step; [exact Step|constructor]|].
    eapply one_step; [exact First|exact (IH Step)].
  Qed.

  Lemma paced_segment z cs z' : segment text width M clients z cs z' -> forall x p,
    good x -> (exists cs0, segment text width M clients x cs0 z) -> (forall l, slow l z x p) ->
    patient S patience c (contents z) -> (p + count_occ Nat.eq_dec cs c <= K)%nat ->
    (forall l, slow l z' x (p + count_occ Nat.eq_dec cs c)) /\ patient S patience c (contents z').
  Proof.
    induction 1 as [z|z c' v z1 cs z' Step _ IH]; intros x p Good (cs0 & Before) Slow Patient Few;
      cbn [count_occ] in *.
    { rewrite Nat.add_0_r; auto. }
    pose proof (good_segment _ _ _ Good Before) as Good_z.
    pose proof (good_step _ _ _ _ Good_z Step) as Good1.
    pose proof (segment_more _ _ _ _ _ _ Before Step) as Before1.
    set (p1 := (p + if Nat.eq_dec c' c then 1 else 0)%nat).
    assert (Slow1 : forall l, slow l z1 x p1) by (intros l; now apply slow_step with z v).
    assert (Few1 : (p1 + count_occ Nat.eq_dec cs c <= K)%nat) by (unfold p1; destruct (Nat.eq_dec c' c); lia).
    assert (Patient1 : patient S patience c (contents z1)).
    { assert (Short : forall l w, words_phase S c l (contents z1) = Waiting w ->
                (same_polls S c l (serving S width l (contents z1)) (contents z1) < patience)%nat).
      { intros l w Waits; destruct (waiting_known l z1 w Good1 Waits) as (f & i & Member & Range & <-).
        apply (slow_few f i z1 x w p1); eauto; lia. }
      pose proof (legal_here z1 Good1) as Legal.
      destruct (grows c' z v z1 Step) as [Same|(a & Is)]; [now rewrite Same|].
      rewrite Is in Legal, Short |- *; apply (patient_cons S width); auto; unfold patience; lia. }
    destruct (IH x p1 Good (ex_intro _ _ Before1) Slow1 Patient1 Few1) as (Slow' & Patient').
    replace (p + _)%nat with (p1 + count_occ Nat.eq_dec cs c)%nat; [auto|].
    unfold p1; destruct (Nat.eq_dec c' c); lia.
  Qed.

  Lemma paced_round_is x x' : paced_round x x' -> round text width M clients x x'.
  Proof. intros (cs & Run & _ & All); exists cs; auto. Qed.

  Lemma paced_end x x' : good x -> (forall l, slow l x x 0) -> patient S patience c (contents x) ->
    paced_round x x' -> good x' /\ (forall l, slow l x' x' 0) /\ patient S patience c (contents x').
  Proof.
    intros Good Slow Patient Round; pose proof (paced_round_is x x' Round) as Whole.
    destruct Round as (cs & Run & Few & _).
    pose proof (good_segment _ _ _ Good Run) as Good'.
    destruct (paced_segment x cs x' Run x 0 Good (ex_intro _ [] (no_step text width M clients x)) Slow Patient Few)
      as (Slow' & Patient').
    split; [exact Good'|split; [|exact Patient']]; intros l w Waits; right.
    destruct (Slow' l w Waits) as [Same|(m & x0 & G0 & R0 & W0 & S0 & Same)].
    - destruct (waiting_number l x' w Good' Waits) as (n & Number).
      exists 0%nat, x'; split; [exact Good'|split; [reflexivity|split; [|split; [reflexivity|nia]]]].
      exact (waiting_given l x' n Good' Number).
    - exists (Datatypes.S m), x0; split; [exact G0|split; [exact (rounds_more m x0 x x' R0 Whole)|]].
      split; [exact W0|split; [exact S0|nia]].
  Qed.

  Context (Never : never_breaches clients the_table).

  (** [n] such rounds from the start, and a last one that may be unfinished. *)
  Definition paced (n : nat) (x : machine) : Prop :=
    exists x1 cs, paced_rounds n (first_state M) x1 /\ segment text width M clients x1 cs x /\
      (count_occ Nat.eq_dec cs c <= K)%nat.

  (** If the scheduler is fair, and gives the CPU at most [K] steps a round, fewer than
      [patience] of its polls in a row read the same. *)
  Theorem paced_patient n x : paced n x -> patient S patience c (contents x).
  Proof.
    assert (All : forall n x x', good x -> (forall l, slow l x x 0) -> patient S patience c (contents x) ->
              paced_rounds n x x' -> good x' /\ (forall l, slow l x' x' 0) /\ patient S patience c (contents x')).
    { clear n x; induction n as [|n IH]; intros x x' Good Slow Patient Rounds; cbn in Rounds; [now subst|].
      destruct Rounds as (x1 & Round & Rest).
      destruct (paced_end x x1 Good Slow Patient Round) as (Good1 & Slow1 & Patient1); eauto. }
    intros (x1 & cs & Rounds & Run & Few).
    destruct (All n (first_state M) x1) as (Good & Slow & Patient); auto.
    - exact (good_start Never).
    - intros l w; discriminate.
    - intros l w v b h Is; destruct b; [|discriminate]; cbn in Is; subst h; discriminate.
    - exact (proj2 (paced_segment x1 cs x Run x1 0 Good (ex_intro _ []
        (no_step text width M clients x1)) Slow Patient Few)).
  Qed.

  Lemma segment_execution x cs x' : segment text width M clients x cs x' -> forall tr,
    execution text width M clients tr x -> exists tr', execution text width M clients tr' x'.
  Proof. induction 1 as [|x c0 v x1 cs x' (Step & _) _ IH]; eauto using execution_step. Qed.
  Lemma paced_execution n : forall x x' tr, paced_rounds n x x' ->
    execution text width M clients tr x -> exists tr', execution text width M clients tr' x'.
  Proof.
    induction n as [|n IH]; intros x x' tr; cbn; [intros ->; eauto|].
    intros (x1 & (cs & Run & _) & Rest) Execution.
    destruct (segment_execution x cs x1 Run tr Execution) as (tr1 & Execution1); eauto.
  Qed.

  (** Then the others are fair to it, in the sense of [stack_terminates]. *)
  Theorem paced_fair {mem : Type} (m : mem) n x history : paced n x ->
    nth_error (threads x) c = Some (Idle history) ->
    let p := first_ops (length history) (clients c) in
    env_safe_throughout text S width m p [] (among width c (contents x)) /\
    env_fair text S width m patience p [] (among width c (contents x)).
  Proof.
    intros Paced At; pose proof (paced_patient n x Paced) as Patient; destruct Paced as (x1 & cs & Rounds & Last & _).
    destruct (paced_execution n _ x1 [] Rounds (execution_start text width M clients)) as (tr1 & Run1).
    destruct (segment_execution x1 cs x Last tr1 Run1) as (tr & Run).
    destruct (bridge_fair m tr x c history patience Run At Patient)
      as [Fair|(tr2 & tr3 & y & _ & Above & Breach)]; [exact Fair|].
    destruct (Never tr2 y Above Breach).
  Qed.
End Paced.
