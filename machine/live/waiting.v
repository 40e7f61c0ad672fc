(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * How long an operation waits

    Round by round: a CPU comes to its ticket, its number comes up if the number
    served moves, it sees its turn and returns.
    Read next: queues.v, which CPUs can be before it. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options integers values semantics smallstep.
From hlock.layers.view Require Import spec facts map.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.facts L1_ticket.refine L1_ticket.ends.
From hlock.layers Require Import L3_atomic.spec.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec text code contract.
From hlock.stack Require Import stack setting stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import position place invariant simulation correct no_breach.
From hlock.machine.live Require Import live progress.
Import ListNotations.
Local Open Scope Z_scope.

Lemma taken_grows S l b g : L1_ticket.spec.taken S l g <= L1_ticket.spec.taken S l (b ++ g).
Proof.
  induction b as [|[c [l' [n|n|]|l' v|l' v|]] b IH]; cbn [app L1_ticket.spec.taken]; try lia.
  destruct (l' =? l); lia.
Qed.

Section Waiting.
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

  (** ** Tickets and phases, step by step *)
  Definition tickets_of (x : machine) := as_tickets S width (contents x).
  Definition serves (l : Z) (x : machine) : Z := L1_ticket.spec.served S l (tickets_of x).
  Definition given (l : Z) (x : machine) : Z := L1_ticket.spec.taken S l (tickets_of x).
  Definition number (c : cpu) (l : Z) (x : machine) : phase := L1_ticket.spec.ticket_phase S c l (tickets_of x).

  Lemma grows c x v x' : calm c x v x' ->
    contents x' = contents x \/ exists a, contents x' = (c, a) :: contents x.
  Proof.
    intros (Step & _); destruct (step_thread c x x' v Step)
      as (t & t' & _ & _ & _ & [(-> & _)|(a & -> & _)]); eauto.
  Qed.
  Lemma serves_step l c x v x' : calm c x v x' -> serves l x <= serves l x'.
  Proof.
    intros Step; unfold serves, tickets_of; destruct (grows c x v x' Step) as [->|(a & ->)]; [lia|].
    apply (L1_ticket.ends.served_grows S).
  Qed.
  Lemma given_step l c x v x' : calm c x v x' -> given l x <= given l x'.
  Proof.
    intros Step; unfold given, tickets_of; destruct (grows c x v x' Step) as [->|(a & ->)]; [lia|].
    apply (taken_grows S).
  Qed.
  Lemma serves_lasts l n : lasting (fun x => n <= serves l x).
  Proof. intros x c v x' _ Step Here; pose proof (serves_step l c x v x' Step); lia. Qed.

  (** What others do does not change my phase. *)
  Lemma number_other c c' l x v x' : calm c x v x' -> c' <> c -> number c' l x' = number c' l x.
  Proof.
    intros Step Other; unfold number, tickets_of; destruct (grows c x v x' Step) as [->|(a & ->)]; [reflexivity|].
    destruct a as [l' [t|u|u|u]|l' u|l' u|]; try reflexivity;
      apply (L1_ticket.facts.phase_other S); auto.
  Qed.
  Lemma phase_other c c' l x v x' : calm c x v x' -> c' <> c ->
    words_phase S c' l (contents x') = words_phase S c' l (contents x).
  Proof.
    intros Step Other; destruct (grows c x v x' Step) as [->|(a & ->)]; [reflexivity|].
    destruct a as [l' k| | |]; try reflexivity; apply words_other; auto.
  Qed.
  Lemma legal_here x : good x -> legal (words S width) (contents x).
  Proof. intros (y & [Rel _ _ _]); apply Rel. Qed.

  (** Who is inside stays inside, until the number served moves on. *)
  Lemma inside_step c l c' x v x' : good x -> calm c' x v x' -> number c l x = In ->
    number c l x' = In \/ serves l x < serves l x'.
  Proof.
    intros Good Step Inside.
    destruct (Nat.eq_dec c c') as [<-|Other]; [|left; now rewrite (number_other c' c l x v x' Step)].
    pose proof (legal_here _ (good_step c x v x' Good Step)) as Legal.
    pose proof (phase_ticket S width Width Fits' (contents x) c l (legal_here x Good)) as Same.
    fold (tickets_of x) in Same; unfold number, serves in *; fold (tickets_of x) in Inside; rewrite Inside in Same.
    unfold tickets_of in *; destruct (grows c x v x' Step) as [Is|(a & Is)]; rewrite Is in *; [auto|].
    apply legal_cons in Legal as (_ & Event); apply event_fault_none in Event as (_ & _ & Fault).
    destruct a as [l' k|l' u|l' u|]; [|left; exact Inside..].
    destruct (Z.eq_dec l' l) as [->|Diff].
    2: { left; destruct k as [t|u|u|u]; try exact Inside;
           refine (eq_trans (L1_ticket.facts.phase_other S _ _ _ _ _ _ _) Inside); auto. }
    cbn in Fault; destruct (lock_exists l); [|discriminate]; unfold words_fault in Fault.
    destruct k as [t|u|u|u].
    1, 2: destruct (words_phase S c l (contents x)); try discriminate; now destruct Same.
    - left; exact Inside.
    - right; cbn [as_tickets image.image shown L1_ticket.show.show app L1_ticket.spec.served].
      unfold as_tickets; cbn; rewrite Z.eqb_refl; lia.
  Qed.

  (** ** The rest of an operation *)
  (** It has seen its turn, and is about to return. *)
  Definition returning (c : cpu) (history : list (response S)) (x : machine) : Prop :=
    thread_at c x (fun t => exists f i s, t = Calling (Op_acquire f i) history s /\ at_place s Through).

  Lemma others_stay c c' x v x' P : calm c x v x' -> c' <> c -> thread_at c' x P -> thread_at c' x' P.
  Proof.
    intros (Step & _) Other (t & At & Is); exists t; split; [|exact Is].
    now rewrite (step_others c c' x x' v Step Other).
  Qed.

  Lemma beyond_goes p history t t' :
    goes_to (next_move (S := S) text width p t) t' -> beyond history t -> beyond history t'.
  Proof.
    destruct t as [history'|o history' s|o history' l u k|]; cbn [next_move]; [| |cbn; intros ->; auto|contradiction].
    - destruct (p history') as [[f i|f i|f i k|f i k v|]|]; cbn; try contradiction; try (intros -> Less; cbn; lia).
      intros (v & ->) Less; cbn; lia.
    - intros Goes Less; cbn in Less; unfold in_call in Goes.
      destruct s as [le s k|le out k|f [text|ef targs tres cc] vs k|v k].
      1-3: destruct (step _ _); cbn in Goes; [subst t'; exact Less|contradiction].
      + unfold primitive in Goes; destruct vs as [|[|n] [|]]; try contradiction.
        * destruct (Pos.eqb _ _); cbn in Goes; [subst t'; exact Less|contradiction].
        * repeat destruct (Pos.eqb _ _); cbn in Goes; try contradiction; destruct Goes as (v & ->); exact Less.
      + destruct k; [cbn in Goes; subst t'; cbn; lia|..];
          (destruct (step _ _); cbn in Goes; [subst t'; exact Less|contradiction]).
  Qed.

  (** What a thread's own step is: onward, or a halt. *)
  Lemma own_goes c x v x' t t' : calm c x v x' -> nth_error (threads x) c = Some t ->
    nth_error (threads x') c = Some t' -> goes_to (next_move text width (clients c) t) t' \/ t' = Stopped.
  Proof.
    intros (Step & _) At At'; destruct (step_thread c x x' v Step) as (t1 & t2 & At1 & _ & At2 & How).
    rewrite At in At1; injection At1 as <-; rewrite At' in At2; injection At2 as <-.
    destruct How as [(_ & [->|[(o & ->)|(o & ->)]])|(a & _ & _ & [Ans|(_ & -> & _)])]; cbn; auto.
    left; exact (answered_goes _ _ _ Ans).
  Qed.
  Lemma own_at c x v x' : calm c x v x' -> exists t', nth_error (threads x') c = Some t'.
  Proof. intros (Step & _); destruct (step_thread c x x' v Step) as (t & t' & _ & _ & At' & _); eauto. Qed.

  Lemma over_lasts c history : lasting (over c history).
  Proof.
    intros x c' v x' Good Step Over; destruct (Nat.eq_dec c c') as [<-|Other];
      [|exact (others_stay c' c x v x' _ Step Other Over)].
    destruct Over as (t & At & Beyond), (own_at c x v x' Step) as (t' & At'); exists t'; split; [exact At'|].
    destruct (own_goes c x v x' t t' Step At At') as [Goes| ->]; [exact (beyond_goes _ _ _ _ Goes Beyond)|exact I].
  Qed.

  Lemma returning_step c history x v x' : calm c x v x' -> returning c history x ->
    returning c history x' \/ over c history x'.
  Proof.
    intros Step (t & At & f & i & s & -> & Place); destruct (own_at c x v x' Step) as (t' & At').
    pose proof Step as (Step' & _).
    destruct (step_thread c x x' v Step') as (t1 & t2 & At1 & _ & At2 & How).
    rewrite At in At1; injection At1 as <-; rewrite At' in At2; injection At2 as <-; cbn [next_move] in How.
    destruct (next_at (Op_acquire f i : op S) history s _ Place) as [(s' & Is & Place')|Is].
    - rewrite Is in How; destruct How as [(_ & [[= <-]|[(o & [=])|(o & [=])]])|(a & _ & _ & [[]|(_ & -> & _)])].
      + left; exists (Calling (Op_acquire f i) history s'); split; [exact At'|exists f, i, s'; auto].
      + right; exists Stopped; split; [exact At'|exact I].
    - cbn in Is; rewrite Is in How; right.
      destruct How as [(_ & [[=]|[(o & [=])|(o & [= _ <-])]])|(a & _ & _ & [[]|(_ & -> & _)])].
      + exists (Idle (None :: history)); split; [exact At'|cbn; lia].
      + exists Stopped; split; [exact At'|exact I].
  Qed.

  (** One own step of a CPU that polls with number [n], [k] steps before the next poll. *)
  Definition polls_with (c : cpu) history f i n (k : nat) (x : machine) : Prop :=
    exists s w, nth_error (threads x) c = Some (Calling (Op_acquire f i) history s) /\
      near k s (Polling (lock_id f i) w) /\ words_phase S c (lock_id f i) (contents x) = Waiting w /\
      number c (lock_id f i) x = Waiting n.

  Lemma polls_step c history f i n k x v x' : good x -> calm c x v x' -> polls_with c history f i n k x ->
    (serves (lock_id f i) x = n /\ returning c history x' /\ number c (lock_id f i) x' = In) \/
    (exists k', k = Datatypes.S k' /\ polls_with c history f i n k' x') \/
    (serves (lock_id f i) x <> n /\ polls_with c history f i n poll_steps x').
  Proof.
    intros Good Step (s & w & At & Near & Phase & Number); destruct (own_at c x v x' Step) as (t' & At').
    assert (Runs : v <> Some Did_halt).
    { intros ->; destruct Step as (_ & Calm); destruct (Calm eq_refl) as (history' & Is & _); congruence. }
    pose proof Step as (Step' & _).
    destruct (step_thread c x x' v Step') as (t1 & t2 & At1 & _ & At2 & How).
    rewrite At in At1; injection At1 as <-; rewrite At' in At2; injection At2 as <-; cbn [next_move] in How.
    destruct (next_near (Op_acquire f i : op S) history k s _ Near) as [(k' & s' & -> & Is & Near')|(go & Is & Goes)].
    - rewrite Is in How; destruct How as [(Same & [[= <-]|[(o & [=])|(o & [=])]])|(a & _ & _ & [[]|(_ & _ & Halts)])].
      + right; left; exists k'; split; [reflexivity|]; exists s', w.
        unfold number, tickets_of in *; rewrite Same; auto.
      + congruence.
    - rewrite Is in How; destruct How as [(_ & [[=]
        |[(o & [=])|(o & [=])]])|(a & Grows & Value & [Ans|(_ & _ & Halts)])];
        [|congruence].
      destruct Ans as (u & -> & ->); cbn in Value; subst u.
      set (u := serving S width (lock_id f i) (contents x)) in *.
      specialize (Goes u ltac:(apply now_in_word; lia)).
      pose proof (phase_ticket S width Width Fits' (contents x) c (lock_id f i) (legal_here x Good)) as Same.
      rewrite Phase in Same; unfold number, serves, tickets_of in *; rewrite Number in Same;
        destruct Same as (-> & Near_n).
      destruct (image_legal _ _ _ _ (L1_ticket.refine.tickets_simulation S width (proj1 Width) Fits') _
        (legal_here x Good)) as (_ & Wraps).
      assert (Turn : u = L1_ticket.spec.served S (lock_id f i) (as_tickets S width (contents x)) mod modulus width)
        by exact (L1_ticket.refine.now_wraps _ _ _ Wraps (lock_id f i)).
      pose proof (L1_ticket.refine.wrap_exact S width (proj1 Width) _ _ Near_n) as Exact; rewrite <- Turn in Exact.
      rewrite Exact in Goes.
      destruct (Z.eqb_spec (L1_ticket.spec.served S (lock_id f i) (as_tickets S width (contents x))) n) as [Now|Not].
      + left; split; [exact Now|split; [eexists; split; [exact At'|exists f, i, (go u); auto]|]].
        unfold number, tickets_of; rewrite Grows.
        refine (eq_trans (L1_ticket.facts.phase_same S c (lock_id f i)
                            (L1_ticket.spec.Saw (L1_ticket.spec.served S (lock_id f i) (as_tickets S width
                              (contents x))))
                            (as_tickets S width (contents x))) _).
        rewrite Number; cbn [L1_ticket.spec.ticket_step]; now rewrite (proj2 (Z.eqb_eq _ _) Now).
      + right; right; split; [exact Not|]; exists (go u), (n mod modulus width).
        unfold number, tickets_of; rewrite Grows; split; [exact At'|split; [exact Goes|split]].
        * rewrite words_same, Phase; cbn [words_step]; now rewrite Exact.
        * refine (eq_trans (L1_ticket.facts.phase_same S c (lock_id f i)
                              (L1_ticket.spec.Saw (L1_ticket.spec.served S (lock_id f i) (as_tickets S width
                                (contents x))))
                              (as_tickets S width (contents x))) _).
          rewrite Number; cbn [L1_ticket.spec.ticket_step]; now rewrite (proj2 (Z.eqb_neq _ _) Not).
  Qed.

  Lemma polls_others c c' history f i n k x v x' : calm c x v x' -> c' <> c ->
    polls_with c' history f i n k x -> polls_with c' history f i n k x'.
  Proof.
    intros Step Other (s & w & At & Near & Phase & Number); exists s, w.
    rewrite (number_other c c' _ x v x' Step Other), (phase_other c c' _ x v x' Step Other).
    pose proof Step as (Step' & _); rewrite (step_others c c' x x' v Step' Other); auto.
  Qed.
  Lemma polls_near c history f i n k x : good x -> polls_with c history f i n k x ->
    0 <= n - serves (lock_id f i) x < Z.of_nat N /\ n < given (lock_id f i) x.
  Proof.
    intros Good (s & w & _ & _ & _ & Number).
    pose proof (tickets_legal S width Width Fits' (contents x) (legal_here x Good)) as Legal.
    split; [exact (L1_ticket.facts.ticket_distance S _ _ c n Legal Number)|].
    destruct (L1_ticket.facts.ticket_line S _ (lock_id f i) Legal) as (Line & _).
    destruct (L1_ticket.facts.line_waiting _ _ _ _ _ Line c n Number) as (k' & At & -> & _).
    pose proof (L1_ticket.facts.line_count _ _ _ _ _ Line) as Count; unfold given, serves, tickets_of.
    assert (k' < length (L1_ticket.facts.line S (lock_id f i) (as_tickets S width (contents x))))%nat
      by (apply nth_error_Some; congruence).
    rewrite Count; lia.
  Qed.

  (** It has seen its turn: it returns, or has returned. *)
  Definition past_turn (c : cpu) (history : list (response S)) (x : machine) : Prop := over c history x \/
    returning c history x.
  Lemma past_turn_lasts c history : lasting (past_turn c history).
  Proof.
    intros x c' v x' Good Step [Over|Ret]; [left; exact (over_lasts c history x c' v x' Good Step Over)|].
    destruct (Nat.eq_dec c c') as [<-|Other].
    - destruct (returning_step c history x v x' Step Ret); [right|left]; auto.
    - right; exact (others_stay c' c x v x' _ Step Other Ret).
  Qed.
  (** Still with number [n], or past its turn. *)
  Definition holds_number c history f i n (x : machine) : Prop := past_turn c history x \/
    polls_with c history f i n poll_steps x.
  Lemma polls_more c history f i n k m x : polls_with c history f i n k x -> (k <= m)%nat ->
    polls_with c history f i n m x.
  Proof. intros (s & w & At & Near & Rest) More; exists s, w; eauto using near_more. Qed.
  Lemma number_lasts c history f i n : lasting (holds_number c history f i n).
  Proof.
    intros x c' v x' Good Step [Past|Polls]; [left; exact (past_turn_lasts c history x c' v x' Good Step Past)|].
    destruct (Nat.eq_dec c c') as [<-|Other]; [|right; now apply polls_others with c' x v].
    destruct (polls_step c history f i n poll_steps x v x' Good Step Polls) as [(_ & Ret & _)|[(k' & Is & Polls')|(_
      & Polls')]].
    - left; now right.
    - right; apply polls_more with k'; [exact Polls'|lia].
    - now right.
  Qed.

  (** With its turn come, a CPU sees it within [seen_rounds], and returns within
      [return_rounds] more. *)
  Lemma turn_seen c history f i n x x' : (c < N)%nat -> good x -> polls_with c history f i n poll_steps x ->
    n <= serves (lock_id f i) x -> rounds seen_rounds x x' ->
    past_turn c history x' /\ (number c (lock_id f i) x' = In \/ n < serves (lock_id f i) x').
  Proof.
    intros Cpu Good Polls Turn Rounds.
    enough (n <= serves (lock_id f i) x' /\ past_turn c history x' /\
            (number c (lock_id f i) x' = In \/ n < serves (lock_id f i) x')) by tauto.
    revert Rounds; apply (countdown c
      (fun x => n <= serves (lock_id f i) x /\ past_turn c history x /\
                (number c (lock_id f i) x = In \/ n < serves (lock_id f i) x))
      (fun m x => n <= serves (lock_id f i) x /\ exists k, polls_with c history f i n k x /\ (k + 1 <= m)%nat));
      auto; [| | | | | |split; [exact Turn|exists poll_steps; auto]].
    - intros x0 c' v x1 Good0 Step (Here & Past & Inside); pose proof (serves_step (lock_id f i) c' x0 v x1 Step).
      split; [lia|split; [exact (past_turn_lasts c history x0 c' v x1 Good0 Step Past)|]].
      destruct Inside as [Inside|Less]; [|right; lia].
      destruct (inside_step c (lock_id f i) c' x0 v x1 Good0 Step Inside) as [|More]; [auto|right; lia].
    - intros k m x0 (Here & k' & Polls0 & Less) More; split; [exact Here|exists k'; split; [exact Polls0|lia]].
    - intros x0 _ (_ & k & _ & Less); lia.
    - intros k x0 _ (_ & k' & (s & w & At & _) & _) Fin; unfold finished in Fin; rewrite At in Fin; contradiction.
    - intros k x0 c' v x1 Good0 Step Other (Here & k' & Polls0 & Less); right.
      pose proof (serves_step (lock_id f i) c' x0 v x1 Step).
      split; [lia|exists k'; split; [|exact Less]].
      exact (polls_others c' c history f i n k' x0 v x1 Step (not_eq_sym Other) Polls0).
    - intros k x0 v x1 Good0 Step (Here & k' & Polls0 & Less).
      pose proof (serves_step (lock_id f i) c x0 v x1 Step).
      destruct (polls_step c history f i n k' x0 v x1 Good0 Step Polls0) as [(_ & Ret & Inside)|[(k2 & ->
        & Polls1)|(Not & _)]].
      + left; split; [lia|split; [now right|now left]].
      + right; split; [lia|exists k2; split; [exact Polls1|lia]].
      + destruct (polls_near c history f i n k' x0 Good0 Polls0); lia.
  Qed.

  Lemma returns_soon c history x x' : (c < N)%nat -> good x -> returning c history x -> rounds return_rounds x x' ->
    over c history x'.
  Proof.
    intros Cpu Good (t & At & f & i & s & -> & Place).
    apply (countdown c (over c history)
      (fun m x => exists s k, nth_error (threads x) c = Some (Calling (Op_acquire f i) history s) /\
                  near k s Through /\ (k + 1 <= m)%nat)); auto.
    - apply over_lasts.
    - intros k m x0 (s0 & k' & At0 & Near & Less) More; exists s0, k'; repeat split; auto; lia.
    - intros x0 _ (s0 & k & _ & _ & Less); lia.
    - intros k x0 _ (s0 & k' & At0 & _) Fin; unfold finished in Fin; rewrite At0 in Fin; contradiction.
    - intros k x0 c' v x1 _ Step Other (s0 & k' & At0 & Near & Less); right; exists s0, k'.
      destruct Step as (Step & _); rewrite (step_others c' c x0 x1 v Step (not_eq_sym Other)); auto.
    - intros m x0 v x1 _ Step (s0 & k' & At0 & Near & Less).
      destruct (own_at c x0 v x1 Step) as (t' & At'); pose proof Step as (Step' & _).
      destruct (step_thread c x0 x1 v Step') as (t1 & t2 & At1 & _ & At2 & How).
      rewrite At0 in At1; injection At1 as <-; rewrite At' in At2; injection At2 as <-; cbn [next_move] in How.
      destruct (next_near (Op_acquire f i : op S) history k' s0 _ Near) as [(k2 & s' & -> & Is & Near')|Is].
      + rewrite Is in How; destruct How as [(_ & [[= <-]|[(o & [=])|(o & [=])]])|(a & _ & _ & [[]|(_ & -> & _)])].
        * right; exists s', k2; repeat split; auto; lia.
        * left; exists Stopped; split; [exact At'|exact I].
      + cbn in Is; rewrite Is in How; left.
        destruct How as [(_ & [[=]|[(o & [=])|(o & [= _ <-])]])|(a & _ & _ & [[]|(_ & -> & _)])].
        * exists (Idle (None :: history)); split; [exact At'|cbn; lia].
        * exists Stopped; split; [exact At'|exact I].
    - exists s, (quiet_steps Through); auto.
  Qed.

  Lemma good_range c x f i history s : good x ->
    nth_error (threads x) c = Some (Calling (Op_acquire f i) history s) ->
    in_family f i = true /\ List.In f the_table.
  Proof.
    intros (y & [Rel All _ _]) At.
    destruct (match_at _ _ _ _ Rel At) as (q & At_y & _).
    destruct (rel_stands _ _ Rel c _ q At At_y) as (Stands & _); pose proof (All c q At_y) as Holds.
    assert (Keeps : lawful the_table (clients c) history /\ clients c history = Some (Op_acquire f i))
      by (inversion Stands; subst; cbn in Holds; tauto).
    destruct Keeps as (Keeps & Choice), (Keeps _ Choice) as (Known & Allowed).
    split; [now apply andb_prop in Allowed|exact Known].
  Qed.

  (** ** Up to the ticket *)
  Definition numbered c history (x : machine) : Prop :=
    past_turn c history x \/
    exists f i n, clients c history = Some (Op_acquire f i) /\ polls_with c history f i n poll_steps x.
  Lemma numbered_lasts c history : lasting (numbered c history).
  Proof.
    intros x c' v x' Good Step [Past|(f & i & n & Choice & Polls)].
    - left; exact (past_turn_lasts c history x c' v x' Good Step Past).
    - destruct (number_lasts c history f i n x c' v x' Good Step (or_intror Polls)) as [Past|Polls'];
        [now left|right; eauto 6].
  Qed.
  Lemma queued_numbered c history x : good x -> queued c history x -> numbered c history x.
  Proof.
    intros Good (f & i & Choice & s & w & At & Place & Phase); right.
    pose proof (phase_ticket S width Width Fits' (contents x) c (lock_id f i) (legal_here x Good)) as Same.
    rewrite Phase in Same.
    destruct (L1_ticket.spec.ticket_phase S c (lock_id f i) (as_tickets S width (contents x))) as [|n| |] eqn:Number;
      try (now destruct Same).
    exists f, i, n; split; [exact Choice|exists s, w; auto].
  Qed.
  Lemma numbered_soon n c o history t x x' : (c < N)%nat -> good x -> nth_error (threads x) c = Some t ->
    clients c history = Some o -> steps_left n o history t -> rounds n x x' -> numbered c history x'.
  Proof.
    intros Cpu Good At Choice Left Goes.
    apply (countdown c (numbered c history)
      (fun m x => exists t, nth_error (threads x) c = Some t /\ steps_left m o history t)) with (n := n) (x := x);
        eauto.
    - apply numbered_lasts.
    - intros k m x0 (t0 & At0 & Left0) More; exists t0; split; [exact At0|now apply left_more with k].
    - intros x0 _ (t0 & _ & Left0); exfalso; destruct t0; cbn in Left0; try contradiction.
      + destruct Left0 as (_ & Less), o; inversion Less.
      + destruct Left0 as (_ & _ & m & [(_ & Less)|Less]); [lia|destruct o; try contradiction; lia].
      + destruct Left0 as (_ & _ & m & _ & Less); lia.
    - intros k x0 _ (t0 & At0 & Left0) Fin; unfold finished in Fin; rewrite At0 in Fin.
      destruct t0; cbn in Left0; try contradiction; destruct Left0 as (-> & _); congruence.
    - intros k x0 c' v x1 _ Step Other (t0 & At0 & Left0); right; exists t0; split; [|exact Left0].
      destruct Step as (Step & _); rewrite (step_others c' c x0 x1 v Step (not_eq_sym Other)); auto.
    - intros k x0 v x1 Good0 Step (t0 & At0 & Left0); destruct (own_at c x0 v x1 Step) as (t' & At').
      destruct (left_step k o history t0 t' c x0 v x1 Choice Good0 Step At0 At' Left0)
        as [Beyond|[Queued|Left1]].
      + left; left; left; exists t'; auto.
      + left; apply queued_numbered; [|exact Queued]; exact (good_step _ _ _ _ Good0 Step).
      + right; exists t'; auto.
  Qed.

  Lemma serves_rounds l n x x' : good x -> rounds n x x' -> serves l x <= serves l x'.
  Proof.
    intros Good Rounds; apply (lasting_rounds (fun x' => serves l x <= serves l x') n x x'); auto.
    - apply serves_lasts.
    - lia.
  Qed.
End Waiting.
