(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Nobody waits for ever, with no bound (T6, of infinite executions)

    In a fair infinite execution of clients that keep the order: while a CPU is in an
    acquire, some acquire returns later, or a CPU that waits for nothing makes a step
    of a critical section ([deadlock_freedom_forever]).  If besides all sections end,
    every acquire that is called returns ([starvation_freedom_forever]).  By induction
    on the levels above a lock, on the queue, and on how a section ends; what happens
    between two waits is counted in rounds, in waiting.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.facts.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec contract.
From hlock.stack Require Import setting stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import place invariant simulation no_breach.
From hlock.machine.live Require Import live progress waiting queues section starvation infinite.
Import ListNotations.
Local Open Scope Z_scope.

Section Forever.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := (the_system).
  Local Notation M := (sc_memory S width).
  Let Fits' : Z.of_nat (cpus S) <= modulus width := Fits.
  Local Notation machine := (machine M).
  Local Notation rounds := (rounds text width M clients).

  Context (Never : never_breaches clients the_table).
  Context (above : Z -> nat) (Order : forall c, keeps_order (is_told clients c) (clients c) above).
  Context (run : nat -> machine) (who : nat -> cpu).
  Context (Runs : infinite_execution text width M clients run who) (Fair : fair M clients run who).
  Local Notation at_run c n := (nth_error (threads (run n)) c).
  Local Notation goes_on_at := (goes_on_at text width M clients run who).
  Let Good : forall n, good (run n) := run_good Never run who Runs.

  (** What comes within rounds comes. *)
  Lemma comes (P : machine -> Prop) n : (exists k, forall x', rounds k (run n) x' -> P x') ->
    exists m, (n <= m)%nat /\ P (run m).
  Proof.
    intros (k & All); destruct (rounds_come Never run who Runs Fair k n) as (m & Later & Rounds); eauto.
  Qed.
  Lemma serves_run l n m : (n <= m)%nat -> serves l (run n) <= serves l (run m).
  Proof.
    intros Later; apply (lasting_run Never run who Runs (fun x => serves l (run n) <= serves l x) n m);
      [apply serves_lasts|exact Later|lia].
  Qed.
  Lemma given_run l n m : (n <= m)%nat -> given l (run n) <= given l (run m).
  Proof.
    intros Later; apply (lasting_run Never run who Runs (fun x => given l (run n) <= given l x) n m);
      [|exact Later|lia].
    intros x c v x' _ Step Here; pose proof (given_step l c x v x' Step); lia.
  Qed.

  (** ** What is first in the queue *)
  Lemma first_in_line f i n : serves (lock_id f i) (run n) < given (lock_id f i) (run n) ->
    exists h, (h < N)%nat /\ (number h (lock_id f i) (run n) = In \/
                              number h (lock_id f i) (run n) = Waiting (serves (lock_id f i) (run n))).
  Proof.
    intros Waits; pose proof (tickets_legal S width Width Fits' _ (legal_here _ (Good n))) as Legal.
    destruct (L1_ticket.facts.ticket_line S _ (lock_id f i) Legal) as (Line & Below).
    pose proof (L1_ticket.facts.line_count _ _ _ _ _ Line) as Count.
    pose proof (L1_ticket.facts.line_waits _ _ _ _ _ Line 0%nat) as First_waits.
    unfold given, serves, number, tickets_of in *.
    destruct (L1_ticket.facts.line S (lock_id f i) (as_tickets S width (contents (run n)))) as [|h q];
      [cbn in Count; lia|].
    exists h; split; [exact (Below h (or_introl eq_refl))|].
    specialize (First_waits h eq_refl); cbn in First_waits.
    destruct (L1_ticket.facts.busy S (lock_id f i) (as_tickets S width (contents (run n)))); [now left|right].
    now rewrite Z.add_0_r in First_waits.
  Qed.

  (** It gets in, if it is not: it sees its turn. *)
  Lemma first_sees h f i n : (h < N)%nat ->
    number h (lock_id f i) (run n) = Waiting (serves (lock_id f i) (run n)) ->
    exists history f2 i2 s m, lock_id f2 i2 = lock_id f i /\
      at_run h n = Some (Calling (Op_acquire f2 i2) history s) /\ (n <= m)%nat /\
      past_turn h history (run m) /\
      (number h (lock_id f i) (run m) = In \/ serves (lock_id f i) (run n) < serves (lock_id f i) (run m)).
  Proof.
    intros Cpu Waits; destruct (head_polls (run n) h _ _ (Good n) Cpu Waits)
      as (history & f2 & i2 & _ & _ & Is & Polls).
    pose proof Polls as (s & w & At & _); exists history, f2, i2, s.
    destruct (comes (fun x => past_turn h history x /\
                (number h (lock_id f2 i2) x = In \/ serves (lock_id f i) (run n) < serves (lock_id f2 i2) x)) n)
      as (m & Later & Past & Either).
    { eexists; intros x'; apply (turn_seen h history f2 i2 _ (run n) x' Cpu (Good n) Polls); rewrite Is; lia. }
    rewrite Is in Either; exists m; auto.
  Qed.

  (** ** The next answer of a CPU *)

  (** Until the operation of a CPU that is inside is over, it stays inside; then it is
      told something. *)
  Lemma next_answer c l history d : forall n, (exists t, at_run c n = Some t /\ history_of t = Some history) ->
    number c l (run n) = In -> over c history (run (n + d)) ->
    exists m, (n <= m)%nat /\ (serves l (run n) < serves l (run m) \/
      (number c l (run m) = In /\ exists a, at_run c m = Some (Idle (a :: history)))).
  Proof.
    induction d as [|d IH]; intros n (t & At & Past) Inside Over.
    { exfalso; rewrite Nat.add_0_r in Over; destruct Over as (t2 & At2 & Beyond).
      rewrite At in At2; injection At2 as <-; destruct t; try discriminate; injection Past as ->; cbn in Beyond; lia. }
    replace (n + Datatypes.S d)%nat with (Datatypes.S n + d)%nat in Over by lia.
    assert (Next : forall t', at_run c (Datatypes.S n) = Some t' -> history_of t' = Some history ->
              number c l (run (Datatypes.S n)) = In -> exists m, (n <= m)%nat /\ (serves l (run n) < serves l (run m) \/
              (number c l (run m) = In /\ exists a, at_run c m = Some (Idle (a :: history))))).
    { intros t' At' Past' Inside'; destruct (IH (Datatypes.S n)) as (m & Later & Either); eauto.
      exists m; split; [lia|]; destruct Either as [Moved|]; [left|now right].
      pose proof (serves_run l n (Datatypes.S n) ltac:(lia)); lia. }
    destruct (proj2 Runs n) as [(v & Step)|(_ & Same)]; [|apply (Next t); rewrite ?Same; auto].
    destruct (inside_step c l (who n) _ v _ (Good n) Step Inside) as [Inside'|Moved];
      [|exists (Datatypes.S n); split; [lia|now left]].
    destruct (Nat.eq_dec (who n) c) as [Is|Other].
    2: { destruct Step as (Step & _); apply (Next t); auto.
         now rewrite (step_others (who n) c _ _ v Step (not_eq_sym Other)). }
    rewrite Is in Step; destruct (own_at c _ v _ Step) as (t' & At').
    destruct (own_goes c _ v _ t t' Step At At') as [Goes| ->].
    - destruct (past_goes (clients c) t t' history Goes Past) as [Past'|(a & ->)]; [apply (Next t'); auto|].
      exists (Datatypes.S n); split; [lia|right; eauto].
    - exfalso; destruct (Good (Datatypes.S n)) as (y & [_ _ Dead_out _]); specialize (Dead_out c l At').
      pose proof (phase_ticket S width Width Fits' _ c l (legal_here _ (Good (Datatypes.S n)))) as Both.
      rewrite Dead_out in Both; unfold number, tickets_of in Inside'; rewrite Inside' in Both; exact Both.
  Qed.

  (** ** Every acquire returns, if sections end *)
  Section Ends.
    Context (Ends : forall c, sections_end (is_told clients c) (clients c)).

    (** The number that the lock serves moves, while somebody waits. *)
    Definition moves (f : family) (i : Z) : Prop := forall n,
      serves (lock_id f i) (run n) < given (lock_id f i) (run n) ->
      exists m, (n <= m)%nat /\ serves (lock_id f i) (run n) < serves (lock_id f i) (run m).

    Lemma number_comes f i k : moves f i -> forall j n, k < given (lock_id f i) (run n) ->
      k - serves (lock_id f i) (run n) <= Z.of_nat j ->
      exists m, (n <= m)%nat /\ k <= serves (lock_id f i) (run m).
    Proof.
      intros Moves; induction j as [|j IH]; intros n Given Near; [exists n; split; lia|].
      destruct (Z.lt_ge_cases (serves (lock_id f i) (run n)) k) as [Less|]; [|exists n; split; lia].
      destruct (Moves n ltac:(lia)) as (m & Later & More); pose proof (given_run (lock_id f i) n m Later).
      destruct (IH m) as (m' & Later' & Come); [lia..|]; exists m'; split; [lia|exact Come].
    Qed.

    Lemma returns c history n : (c < N)%nat -> past_turn c history (run n) ->
      exists m, (n <= m)%nat /\ over c history (run m).
    Proof.
      intros Cpu [Over|Ret]; [eauto|]; apply comes; eexists; intros x'.
      exact (returns_soon c history (run n) x' Cpu (Good n) Ret).
    Qed.

    (** An operation ends, if that lock's number moves for which it may wait. *)
    Lemma operation_over c history t n : (c < N)%nat -> at_run c n = Some t -> history_of t = Some history ->
      clients c history <> None ->
      (forall f i, clients c history = Some (Op_acquire f i) -> in_family f i = true -> moves f i) ->
      exists m, (n <= m)%nat /\ over c history (run m).
    Proof.
      intros Cpu At Past Goes Moves.
      assert (exists m, (n <= m)%nat /\ numbered c history (run m)) as (m & Later & Ticket).
      { destruct (good_past (run n) c t history (Good n) At Past) as (_ & _ & Where).
        destruct (clients c history) as [o|] eqn:Choice; [|now destruct Goes].
        destruct (Where o eq_refl) as [Left|[Queued|Ret]].
        - apply comes; eexists; intros x'; exact (numbered_soon _ c o history t (run n) x' Cpu (Good n) At Choice Left).
        - exists n; split; [lia|exact (queued_numbered c history (run n) (Good n) Queued)].
        - exists n; split; [lia|left; now right]. }
      enough (exists m', (m <= m')%nat /\ over c history (run m')) as (m' & Later' & Over)
        by (exists m'; split; [lia|exact Over]).
      destruct Ticket as [Past_turn|(f & i & k & Choice & Polls)]; [exact (returns c history m Cpu Past_turn)|].
      destruct (polls_near c history f i k _ (run m) (Good m) Polls) as (_ & Given).
      assert (Range : in_family f i = true)
        by (destruct Polls as (s & w & At1 & _); exact (proj1 (good_range c (run m) f i history s (Good m) At1))).
      destruct (number_comes f i k (Moves f i Choice Range) (Z.to_nat (k - serves (lock_id f i) (run m))) m)
        as (m1 & Later1 & Turn); [exact Given|lia|].
      pose proof (lasting_run Never run who Runs _ m m1 (number_lasts c history f i k) Later1 (or_intror Polls))
        as [Past_turn|Polls1].
      - destruct (returns c history m1 Cpu Past_turn) as (m2 & Later2 & Over); exists m2; split; [lia|exact Over].
      - destruct (comes (fun x => past_turn c history x) m1) as (m2 & Later2 & Past_turn).
        { eexists; intros x' Rounds.
          exact (proj1 (turn_seen c history f i k (run m1) x' Cpu (Good m1) Polls1 Turn Rounds)). }
        destruct (returns c history m2 Cpu Past_turn) as (m3 & Later3 & Over); exists m3; split; [lia|exact Over].
    Qed.

    (** Who holds a lock lets go of it. *)
    Lemma section_over c f i : (c < N)%nat -> List.In f the_table -> in_family f i = true ->
      (forall f2 i2, List.In f2 the_table -> (above (lock_id f2 i2) < above (lock_id f i))%nat ->
        in_family f2 i2 = true -> moves f2 i2) ->
      forall history, lets_go_of (is_told clients c) (clients c) (lock_id f i) history -> forall n t,
      at_run c n = Some t -> history_of t = Some history -> List.In (lock_id f i) (held (clients c) history) ->
      number c (lock_id f i) (run n) = In ->
      exists m, (n <= m)%nat /\ serves (lock_id f i) (run n) < serves (lock_id f i) (run m).
    Proof.
      intros Cpu Member Range Moves history Lets; induction Lets as [history _ IH]; intros n t At Past Held Inside.
      destruct (good_past (run n) c t history (Good n) At Past) as (Keeps & Told & _).
      destruct (carries_on _ _ above (Order c) history Told) as (o & Choice & _);
        [intros Nil; now rewrite Nil in Held|].
      destruct (operation_over c history t n Cpu At Past) as (m & Later & Over); [congruence| |].
      { intros f2 i2 Choice2 Range2; destruct (Keeps _ Choice2) as (Member2 & _).
        apply Moves; auto; exact (rises _ _ above (Order c) history f2 i2 _ Told Choice2 Held). }
      destruct (next_answer c (lock_id f i) history (m - n) n) as (m1 & Later1 & [Moved|(Inside1 & a & At1)]); eauto.
      { now replace (n + (m - n))%nat with m by lia. }
      pose proof (rests_holding c _ _ _ (Good m1) At1 Inside1) as Held1.
      destruct (good_past (run m1) c _ _ (Good m1) At1 eq_refl) as (_ & Told1 & _).
      destruct (IH Held a Told1 m1 (Idle (a :: history)) At1 eq_refl Held1 Inside1) as (m2 & Later2 & Moved).
      pose proof (serves_run (lock_id f i) n m1 Later1); exists m2; split; lia.
    Qed.

    Lemma numbers_move d : forall f i, List.In f the_table -> in_family f i = true ->
      (above (lock_id f i) <= d)%nat -> moves f i.
    Proof.
      induction d as [d IH] using lt_wf_ind; intros f i Member Range Above n Waits.
      assert (Higher : forall f2 i2, List.In f2 the_table -> (above (lock_id f2 i2) < above (lock_id f i))%nat ->
        in_family f2 i2 = true -> moves f2 i2).
      { intros f2 i2 Member2 Higher Range2; apply (IH (above (lock_id f2 i2))); auto; lia. }
      enough (exists m h, (n <= m)%nat /\ (serves (lock_id f i) (run n) < serves (lock_id f i) (run m) \/
                (h < N)%nat /\ number h (lock_id f i) (run m) = In))
        as (m & h & Later & [Moved|(Cpu & Inside)]); [eauto| |].
      - pose proof (inside_held h (lock_id f i) (run m) (Good m) Inside Cpu) as Where.
        enough (exists m', (m <= m')%nat /\ serves (lock_id f i) (run m) < serves (lock_id f i) (run m'))
          as (m' & Later' & Moved) by (pose proof (serves_run (lock_id f i) n m Later); exists m'; split; lia).
        destruct Where as [(history & _ & t & At & f2 & i2 & s & -> & Place & Is)
                          |(_ & t & At & history & Past & Held & _)].
        + destruct (returns h history m Cpu) as (m1 & Later1 & Over).
          { right; eexists; split; [exact At|eauto 6]. }
          destruct (next_answer h (lock_id f i) history (m1 - m) m)
            as (m2 & Later2 & [Moved|(Inside2 & ans & At2)]); eauto.
          { now replace (m + (m1 - m))%nat with m1 by lia. }
          pose proof (rests_holding h _ _ _ (Good m2) At2 Inside2) as Held2.
          destruct (good_past (run m2) h _ _ (Good m2) At2 eq_refl) as (_ & Told & _).
          destruct (section_over h f i Cpu Member Range Higher _ (Ends h _ _ Told) m2 _ At2 eq_refl Held2 Inside2)
            as (m3 & Later3 & Moved).
          pose proof (serves_run (lock_id f i) m m2 Later2); exists m3; split; lia.
        + destruct (good_past (run m) h _ _ (Good m) At Past) as (_ & Told & _).
          exact (section_over h f i Cpu Member Range Higher _ (Ends h _ _ Told) m _ At Past Held Inside).
      - destruct (first_in_line f i n Waits) as (h & Cpu & [Inside|First]); [exists n, h; auto|].
        destruct (first_sees h f i n Cpu First) as (_ & _ & _ & _ & m & _ & _ & Later & _ & [Inside|Moved]);
          exists m, h; auto.
    Qed.

    (** Every operation ends. *)
    Theorem operations_end n c t history : (c < N)%nat -> at_run c n = Some t -> history_of t = Some history ->
      clients c history <> None -> exists m, (n <= m)%nat /\ over c history (run m).
    Proof.
      intros Cpu At Past Works; apply (operation_over c history t n Cpu At Past Works); intros f i Choice Range.
      destruct (good_past (run n) c _ history (Good n) At Past) as (Keeps & _), (Keeps _ Choice) as (Member & _).
      exact (numbers_move (above (lock_id f i)) f i Member Range (Nat.le_refl _)).
    Qed.
    (** Every acquire that is called returns. *)
    Theorem starvation_freedom_forever n c f i history s : (c < N)%nat ->
      at_run c n = Some (Calling (Op_acquire f i) history s) -> exists m, (n <= m)%nat /\ over c history (run m).
    Proof.
      intros Cpu At; pose proof (good_call c (run n) _ history s (Good n) At) as Choice.
      apply (operations_end n c _ history Cpu At eq_refl); congruence.
    Qed.
  End Ends.

  (** ** While somebody waits, somebody goes on *)

  (** In operation [o], told [history] before. *)
  Definition within (o : op S) history (t : thread S) : Prop :=
    (exists s, t = Calling o history s) \/ exists l v k, t = Storing o history l v k.
  Lemma within_step c o history x v x' t t' : calm_step text width M clients c x v x' -> within o history t ->
    nth_error (threads x) c = Some t -> nth_error (threads x') c = Some t' ->
    within o history t' \/ v = Some (Returned o).
  Proof.
    intros (Step & Calm) In_call At At'.
    assert (Goes : forall m t2, next_move text width (clients c) t = m -> goes_to m t2 ->
              within o history t2 \/ m = Return o t2).
    { intros m t2 <-; destruct In_call as [(s & ->)|(l & u & k & ->)]; cbn [next_move];
        [|cbn; intros ->; left; left; eauto].
      unfold in_call; destruct s as [le s k|le out k|fn [text|ef targs tres cc] vs k|w k].
      1-3: destruct (smallstep.step _ _); cbn; [intros ->; left; left; eauto|contradiction].
      - unfold primitive; destruct vs as [|[|z] [|]]; try contradiction.
        + destruct (Pos.eqb _ _); cbn; [intros ->; left; left; eauto|contradiction].
        + repeat destruct (Pos.eqb _ _); cbn; try contradiction; intros (w & ->); left; [left|left|right]; eauto.
      - destruct k; [cbn; intros ->; now right|..];
          (destruct (smallstep.step _ _); cbn; [intros ->; left; left; eauto|contradiction]). }
    destruct Step as [ts g t1 t2 At1 Next|ts g t1 t2 o' At1 Next|ts g t1 t2 o' At1 Next|ts g t1 a t2 g' At1 Ans Happens
                     |ts g t1 g' At1 Lives Happens]; cbn [threads] in *.
    all: rewrite nth_put, Nat.eqb_refl, At1 in At'; injection At' as <-; rewrite At in At1; injection At1 as <-.
    1-3: destruct (Goes _ t2 Next eq_refl) as [|[= -> ]]; auto.
    - destruct (Goes _ t2 eq_refl (answered_goes _ _ _ Ans)) as [|Is]; [auto|rewrite Is in Ans; contradiction].
    - destruct (Calm eq_refl) as (h & Is & _); rewrite At in Is; injection Is as ->.
      destruct In_call as [(s & [=])|(l & u & k & [=])].
  Qed.

  (** An acquire that is over has returned. *)
  Lemma over_returned c f i history d : forall n,
    (exists t, at_run c n = Some t /\ within (Op_acquire f i) history t) -> over c history (run (n + d)) ->
    exists m, (n <= m)%nat /\ goes_on_at m.
  Proof.
    induction d as [|d IH]; intros n (t & At & In_call) Over.
    { exfalso; rewrite Nat.add_0_r in Over; destruct Over as (t2 & At2 & Beyond).
      rewrite At in At2; injection At2 as <-; destruct In_call as [(s & ->)|(l & u & k & ->)]; cbn in Beyond; lia. }
    replace (n + Datatypes.S d)%nat with (Datatypes.S n + d)%nat in Over by lia.
    assert (Later : (exists t, at_run c (Datatypes.S n) = Some t /\ within (Op_acquire f i) history t) ->
              exists m, (n <= m)%nat /\ goes_on_at m).
    { intros Still; destruct (IH (Datatypes.S n) Still Over) as (m & More & Goes); exists m; split; [lia|exact Goes]. }
    destruct (proj2 Runs n) as [(v & Step)|(_ & Same)]; [|apply Later; rewrite Same; eauto].
    destruct (Nat.eq_dec (who n) c) as [Is|Other].
    2: { destruct Step as (Step & _); apply Later; exists t.
         now rewrite (step_others (who n) c _ _ v Step (not_eq_sym Other)). }
    pose proof Step as Mine; rewrite Is in Mine; destruct (own_at c _ v _ Mine) as (t' & At').
    destruct (within_step c _ history _ v _ t t' Mine In_call At At') as [Still| ->]; [apply Later; eauto|].
    exists n; split; [lia|eexists; split; [exact Step|left; eauto]].
  Qed.
  Lemma past_returned c f i history t n m : (c < N)%nat -> (n <= m)%nat -> at_run c n = Some t ->
    within (Op_acquire f i) history t -> past_turn c history (run m) -> exists m, (n <= m)%nat /\ goes_on_at m.
  Proof.
    intros Cpu Later At In_call Past; destruct (returns c history m Cpu Past) as (m1 & Later1 & Over).
    apply (over_returned c f i history (m1 - n) n); [eauto|]; now replace (n + (m1 - n))%nat with m1 by lia.
  Qed.

  (** Who is at work makes a step of its section. *)
  Lemma work_goes_on c d : forall n, at_work M clients c (run n) ->
    who (n + d)%nat = c \/ finished M clients c (run (n + d)) -> exists m, (n <= m)%nat /\ goes_on_at m.
  Proof.
    induction d as [|d IH]; intros n Work Turn; pose proof Work as (t & history & At & Past & Holds & Not);
      destruct (good_past (run n) c t history (Good n) At Past) as (_ & Told & _);
      destruct (carries_on _ _ above (Order c) history Told Holds) as (o & Choice & _).
    all: assert (Unfinished : ~ finished M clients c (run n))
           by (unfold finished; rewrite At; destruct t; try discriminate; injection Past as ->; try congruence; auto).
    all: assert (Mine : who n = c -> exists m, (n <= m)%nat /\ goes_on_at m)
           by (intros Is; exists n; split; [lia|];
               destruct (proj2 Runs n) as [(v & Step)|(Fin & _)]; [|rewrite Is in Fin; contradiction];
               exists v; split; [exact Step|right; now rewrite Is]).
    - rewrite Nat.add_0_r in Turn; destruct Turn; [auto|contradiction].
    - destruct (Nat.eq_dec (who n) c) as [Is|Other]; [auto|].
      replace (n + Datatypes.S d)%nat with (Datatypes.S n + d)%nat in Turn by lia.
      destruct (IH (Datatypes.S n)) as (m & Later & Goes); [|exact Turn|exists m; split; [lia|exact Goes]].
      exists t, history; split; [|auto]; destruct (proj2 Runs n) as [(v & Step & _)|(_ & ->)]; [|exact At].
      now rewrite (step_others (who n) c _ _ v Step (not_eq_sym Other)).
  Qed.

  Lemma waits_goes_on d : forall f n c i history s, (above (lock_id f i) <= d)%nat -> (c < N)%nat ->
    at_run c n = Some (Calling (Op_acquire f i) history s) -> exists m, (n <= m)%nat /\ goes_on_at m.
  Proof.
    induction d as [d IH] using lt_wf_ind; intros f n c i history s Above Cpu At.
    pose proof (good_call c (run n) _ history s (Good n) At) as Choice.
    destruct (good_range c (run n) f i history s (Good n) At) as (Range & Member).
    assert (exists m, (n <= m)%nat /\ numbered c history (run m)) as (m & Later & Ticket).
    { destruct (good_past (run n) c _ history (Good n) At eq_refl) as (_ & _ & Where).
      destruct (Where _ Choice) as [Left|[Queued|Ret]].
      - apply comes; eexists; intros x'; exact (numbered_soon _ c _ history _ (run n) x' Cpu (Good n) At Choice Left).
      - exists n; split; [lia|exact (queued_numbered c history (run n) (Good n) Queued)].
      - exists n; split; [lia|left; now right]. }
    destruct Ticket as [Past|(f1 & i1 & k & Choice1 & Polls)].
    { apply (past_returned c f i history _ n m Cpu Later At); [left; eauto|exact Past]. }
    rewrite Choice in Choice1; injection Choice1 as <- <-.
    enough (exists m', (m <= m')%nat /\ goes_on_at m') as (m' & Later' & Goes) by (exists m'; split; [lia|exact Goes]).
    destruct (polls_near c history f i k _ (run m) (Good m) Polls) as (Near & Given).
    destruct (first_in_line f i m ltac:(lia)) as (h & Cpu_h & [Inside|First]).
    2: { destruct (first_sees h f i m Cpu_h First) as (history2 & f2 & i2 & s2 & m2 & _ & At2 & Later2 & Past & _).
         apply (past_returned h f2 i2 history2 _ m m2 Cpu_h Later2 At2); [left; eauto|exact Past]. }
    destruct (inside_held h (lock_id f i) (run m) (Good m) Inside Cpu_h)
      as [(history2 & _ & t & At2 & f2 & i2 & s2 & -> & Place & _)|(_ & t & At2 & history2 & Past & Held & _)].
    { apply (past_returned h f2 i2 history2 _ m m Cpu_h (Nat.le_refl m) At2); [left; eauto|right].
      eexists; split; [exact At2|eauto 6]. }
    assert (Either : at_work M clients h (run m) \/ exists f2 i2 s2, t = Calling (Op_acquire f2 i2) history2 s2).
    { destruct t as [h2|[f2 i2| | | |] h2 s2|o h2 l u k2|]; try discriminate; injection Past as ->; eauto 6;
        left; eexists; exists history2; (split; [exact At2|split; [reflexivity|split; [|discriminate]]]);
        intros Nil; now rewrite Nil in Held. }
    destruct Either as [Work|(f2 & i2 & s2 & ->)].
    - destruct (Fair m h Cpu_h) as (m2 & Later2 & Turn); apply (work_goes_on h (m2 - m) m Work).
      now replace (m + (m2 - m))%nat with m2 by lia.
    - destruct (good_past (run m) h _ history2 (Good m) At2 eq_refl) as (_ & Told & _).
      pose proof (good_call h (run m) _ history2 s2 (Good m) At2) as Choice2.
      pose proof (rises _ _ above (Order h) history2 f2 i2 _ Told Choice2 Held) as Higher.
      apply (IH (above (lock_id f2 i2)) ltac:(lia) f2 m h i2 history2 s2 (Nat.le_refl _) Cpu_h At2).
  Qed.

  (** While a CPU is in an acquire, some acquire returns later, or a CPU that waits for
      nothing makes a step of a section. *)
  Theorem deadlock_freedom_forever n c f i history s : (c < N)%nat ->
    at_run c n = Some (Calling (Op_acquire f i) history s) -> exists m, (n <= m)%nat /\ goes_on_at m.
  Proof. exact (waits_goes_on (above (lock_id f i)) f n c i history s (Nat.le_refl _)). Qed.
End Forever.
