(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Nobody waits for ever (T6)

    By induction on the ranks above a lock: while somebody waits for it, the number
    it serves moves on within [turn_rounds] ([served_moves]), because who is inside
    ends each of its operations, those that wait for locks of higher rank included
    ([operation_ends]).  So every operation ends within [whole_rounds]. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options integers values semantics smallstep.
From hlock.layers.view Require Import spec facts map.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.facts L1_ticket.refine L1_ticket.ends.
From hlock.layers Require Import L3_atomic.spec.
From hlock.layers.L4_locks Require Import table table_facts spec code contract.
From hlock.generated Require Import lock_table.
From hlock.main Require Import stack stack_refine.
From hlock.machine Require Import thread memory machine atomic position place invariant correct contract live progress.
Import ListNotations.
Local Open Scope Z_scope.

Lemma taken_grows S l b g : L1_ticket.spec.taken S l g <= L1_ticket.spec.taken S l (b ++ g).
Proof.
  induction b as [|[c [l' [n|n|]|l' v|l' v|]] b IH]; cbn [app L1_ticket.spec.taken]; try lia.
  destruct (l' =? l); lia.
Qed.

Section Starvation.
  Context (N : nat) (O : objects) (width : Z) (Width : 1 <= width <= 32).
  Context (Fits : Z.of_nat N <= modulus width).
  Local Notation S := (table_system lock_table N O).
  Local Notation M := (consistent S width).
  Let Fits' : Z.of_nat (cpus S) <= modulus width := Fits.
  Context (clients : cpu -> client S).
  Context (Table : forall c past o, clients c past = Some o -> of_table N O o).
  Local Notation machine := (machine M).
  Local Notation calm := (calm_step width M clients).
  Local Notation good := (good N O width clients).
  Local Notation lasting := (lasting N O width clients).
  Local Notation rounds := (rounds width M clients).
  Local Notation queued := (queued N O width clients).

  (** ** Tickets and phases, step by step *)
  Definition tickets_of (x : machine) := as_tickets S width (contents x).
  Definition serves (l : Z) (x : machine) : Z := L1_ticket.spec.served S l (tickets_of x).
  Definition given (l : Z) (x : machine) : Z := L1_ticket.spec.taken S l (tickets_of x).
  Definition number (c : cpu) (l : Z) (x : machine) : phase := L1_ticket.spec.ticket_phase S c l (tickets_of x).

  Lemma grows c x v x' : calm c x v x' ->
    contents x' = contents x \/ exists a, contents x' = (c, a) :: contents x.
  Proof.
    intros (Step & _); destruct (step_thread N O width clients c x x' v Step)
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
    pose proof (legal_here _ (good_step N O width Width Fits clients Table c x v x' Good Step)) as Legal.
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
    - right; cbn [as_tickets map.image shown L1_ticket.refine.show app L1_ticket.spec.served].
      unfold as_tickets; cbn; rewrite Z.eqb_refl; lia.
  Qed.

  (** ** The rest of an operation *)
  Definition thread_at (c : cpu) (x : machine) (P : thread S -> Prop) : Prop :=
    exists t, nth_error (threads x) c = Some t /\ P t.
  Definition over (c : cpu) (past : list (answer S)) (x : machine) : Prop := thread_at c x (beyond N O past).
  (** It has seen its turn, and is about to return. *)
  Definition returning (c : cpu) (past : list (answer S)) (x : machine) : Prop :=
    thread_at c x (fun t => exists f i s, t = Calling (Op_acquire f i) past s /\ at_place width s Through).

  Lemma others_stay c c' x v x' P : calm c x v x' -> c' <> c -> thread_at c' x P -> thread_at c' x' P.
  Proof.
    intros (Step & _) Other (t & At & Is); exists t; split; [|exact Is].
    now rewrite (step_others N O width clients c c' x x' v Step Other).
  Qed.

  Lemma beyond_goes p past t t' :
    goes_to N O (next_move (S := S) width p t) t' -> beyond N O past t -> beyond N O past t'.
  Proof.
    destruct t as [past'|o past' s|o past' l u k|]; cbn [next_move]; [| |cbn; intros ->; auto|contradiction].
    - destruct (p past') as [[f i|f i|f i|f i v|]|]; cbn; try contradiction; try (intros -> Less; cbn; lia).
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
    nth_error (threads x') c = Some t' -> goes_to N O (next_move width (clients c) t) t' \/ t' = Stopped.
  Proof.
    intros (Step & _) At At'; destruct (step_thread N O width clients c x x' v Step) as (t1 & t2 & At1 & _ & At2 & How).
    rewrite At in At1; injection At1 as <-; rewrite At' in At2; injection At2 as <-.
    destruct How as [(_ & [->|[(o & ->)|(o & ->)]])|(a & _ & _ & [Ans|(_ & -> & _)])]; cbn; auto.
    left; exact (answered_goes N O _ _ _ Ans).
  Qed.
  Lemma own_at c x v x' : calm c x v x' -> exists t', nth_error (threads x') c = Some t'.
  Proof. intros (Step & _); destruct (step_thread N O width clients c x x' v Step) as (t & t' & _ & _ & At' & _); eauto. Qed.

  Lemma over_lasts c past : lasting (over c past).
  Proof.
    intros x c' v x' Good Step Over; destruct (Nat.eq_dec c c') as [<-|Other];
      [|exact (others_stay c' c x v x' _ Step Other Over)].
    destruct Over as (t & At & Beyond), (own_at c x v x' Step) as (t' & At'); exists t'; split; [exact At'|].
    destruct (own_goes c x v x' t t' Step At At') as [Goes| ->]; [exact (beyond_goes _ _ _ _ Goes Beyond)|exact I].
  Qed.

  (** In its place in the C, by the machine's invariant. *)
  Inductive standing (c : cpu) (past : list (answer S)) (x : machine) : thread S -> Prop :=
  | standing_left t : left N O width 44 past t -> standing c past x t
  | standing_queued f i s w :
      clients c past = Some (Op_acquire f i) -> at_place width s (Polling (lock_id f i) w) ->
      words_phase S c (lock_id f i) (contents x) = Waiting w -> standing c past x (Calling (Op_acquire f i) past s).

  (** What comes of a queued CPU. *)
  Definition later (c : cpu) (past : list (answer S)) (x : machine) : Prop :=
    over c past x \/ queued c past x \/ returning c past x.

  Lemma returning_step c past x v x' : calm c x v x' -> returning c past x ->
    returning c past x' \/ over c past x'.
  Proof.
    intros Step (t & At & f & i & s & -> & Place); destruct (own_at c x v x' Step) as (t' & At').
    pose proof Step as (Step' & _).
    destruct (step_thread N O width clients c x x' v Step') as (t1 & t2 & At1 & _ & At2 & How).
    rewrite At in At1; injection At1 as <-; rewrite At' in At2; injection At2 as <-; cbn [next_move] in How.
    destruct (next_at width Width (Op_acquire f i : op S) past s _ Place) as [(s' & Is & Place')|Is].
    - rewrite Is in How; destruct How as [(_ & [[= <-]|[(o & [=])|(o & [=])]])|(a & _ & _ & [[]|(_ & -> & _)])].
      + left; exists (Calling (Op_acquire f i) past s'); split; [exact At'|exists f, i, s'; auto].
      + right; exists Stopped; split; [exact At'|exact I].
    - cbn in Is; rewrite Is in How; right.
      destruct How as [(_ & [[=]|[(o & [=])|(o & [= _ <-])]])|(a & _ & _ & [[]|(_ & -> & _)])].
      + exists (Idle (None :: past)); split; [exact At'|cbn; lia].
      + exists Stopped; split; [exact At'|exact I].
  Qed.

  (** One own step of a CPU that polls with number [n], [k] steps before the next poll. *)
  Definition polls_with (c : cpu) past f i n (k : nat) (x : machine) : Prop :=
    exists s w, nth_error (threads x) c = Some (Calling (Op_acquire f i) past s) /\
      near width k s (Polling (lock_id f i) w) /\ words_phase S c (lock_id f i) (contents x) = Waiting w /\
      number c (lock_id f i) x = Waiting n.

  Lemma polls_step c past f i n k x v x' : good x -> calm c x v x' -> polls_with c past f i n k x ->
    (returning c past x' /\ number c (lock_id f i) x' = In) \/
    (exists k', k = Datatypes.S k' /\ polls_with c past f i n k' x') \/
    (serves (lock_id f i) x <> n /\ polls_with c past f i n 20 x').
  Proof.
    intros Good Step (s & w & At & Near & Phase & Number); destruct (own_at c x v x' Step) as (t' & At').
    assert (Runs : v <> Some Did_halt).
    { intros ->; destruct Step as (_ & Calm); destruct (Calm eq_refl) as (past' & Is & _); congruence. }
    pose proof Step as (Step' & _).
    destruct (step_thread N O width clients c x x' v Step') as (t1 & t2 & At1 & _ & At2 & How).
    rewrite At in At1; injection At1 as <-; rewrite At' in At2; injection At2 as <-; cbn [next_move] in How.
    destruct (next_near width Width (Op_acquire f i : op S) past k s _ Near) as [(k' & s' & -> & Is & Near')|(go & Is & Goes)].
    - rewrite Is in How; destruct How as [(Same & [[= <-]|[(o & [=])|(o & [=])]])|(a & _ & _ & [[]|(_ & _ & Halts)])].
      + right; left; exists k'; split; [reflexivity|]; exists s', w.
        unfold number, tickets_of in *; rewrite Same; auto.
      + congruence.
    - rewrite Is in How; destruct How as [(_ & [[=]|[(o & [=])|(o & [=])]])|(a & Grows & Value & [Ans|(_ & _ & Halts)])];
        [|congruence].
      destruct Ans as (u & -> & ->); cbn in Value; subst u.
      set (u := now S width (lock_id f i) (contents x)) in *.
      specialize (Goes u ltac:(apply now_in_word; lia)).
      pose proof (phase_ticket S width Width Fits' (contents x) c (lock_id f i) (legal_here x Good)) as Same.
      rewrite Phase in Same; unfold number, serves, tickets_of in *; rewrite Number in Same; destruct Same as (-> & Near_n).
      destruct (image_legal _ _ _ _ (L1_ticket.refine.tickets_simulation S width (proj1 Width) Fits') _ (legal_here x Good)) as (_ & Wraps).
      assert (Turn : u = L1_ticket.spec.served S (lock_id f i) (as_tickets S width (contents x)) mod modulus width)
        by exact (L1_ticket.refine.now_wraps _ _ _ Wraps (lock_id f i)).
      pose proof (L1_ticket.refine.wrap_exact S width (proj1 Width) _ _ Near_n) as Exact; rewrite <- Turn in Exact.
      rewrite Exact in Goes.
      destruct (Z.eqb_spec (L1_ticket.spec.served S (lock_id f i) (as_tickets S width (contents x))) n) as [Now|Not].
      + left; split; [eexists; split; [exact At'|exists f, i, (go u); auto]|].
        unfold number, tickets_of; rewrite Grows.
        refine (eq_trans (L1_ticket.facts.phase_same S c (lock_id f i)
                            (L1_ticket.spec.Saw (L1_ticket.spec.served S (lock_id f i) (as_tickets S width (contents x))))
                            (as_tickets S width (contents x))) _).
        rewrite Number; cbn [L1_ticket.spec.ticket_step]; now rewrite (proj2 (Z.eqb_eq _ _) Now).
      + right; right; split; [exact Not|]; exists (go u), (n mod modulus width).
        unfold number, tickets_of; rewrite Grows; split; [exact At'|split; [exact Goes|split]].
        * rewrite words_same, Phase; cbn [words_step]; now rewrite Exact.
        * refine (eq_trans (L1_ticket.facts.phase_same S c (lock_id f i)
                              (L1_ticket.spec.Saw (L1_ticket.spec.served S (lock_id f i) (as_tickets S width (contents x))))
                              (as_tickets S width (contents x))) _).
          rewrite Number; cbn [L1_ticket.spec.ticket_step]; now rewrite (proj2 (Z.eqb_neq _ _) Not).
  Qed.

  Lemma polls_others c c' past f i n k x v x' : calm c x v x' -> c' <> c ->
    polls_with c' past f i n k x -> polls_with c' past f i n k x'.
  Proof.
    intros Step Other (s & w & At & Near & Phase & Number); exists s, w.
    rewrite (number_other c c' _ x v x' Step Other), (phase_other c c' _ x v x' Step Other).
    pose proof Step as (Step' & _); rewrite (step_others N O width clients c c' x x' v Step' Other); auto.
  Qed.
  Lemma polls_near c past f i n k x : good x -> polls_with c past f i n k x ->
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
  Definition past_turn (c : cpu) (past : list (answer S)) (x : machine) : Prop := over c past x \/ returning c past x.
  Lemma past_turn_lasts c past : lasting (past_turn c past).
  Proof.
    intros x c' v x' Good Step [Over|Ret]; [left; exact (over_lasts c past x c' v x' Good Step Over)|].
    destruct (Nat.eq_dec c c') as [<-|Other].
    - destruct (returning_step c past x v x' Step Ret); [right|left]; auto.
    - right; exact (others_stay c' c x v x' _ Step Other Ret).
  Qed.
  (** Still with number [n], or past its turn. *)
  Definition holds_number c past f i n (x : machine) : Prop := past_turn c past x \/ polls_with c past f i n 20 x.
  Lemma polls_more c past f i n k m x : polls_with c past f i n k x -> (k <= m)%nat -> polls_with c past f i n m x.
  Proof. intros (s & w & At & Near & Rest) More; exists s, w; eauto using near_more. Qed.
  Lemma number_lasts c past f i n : lasting (holds_number c past f i n).
  Proof.
    intros x c' v x' Good Step [Past|Polls]; [left; exact (past_turn_lasts c past x c' v x' Good Step Past)|].
    destruct (Nat.eq_dec c c') as [<-|Other]; [|right; now apply polls_others with c' x v].
    destruct (polls_step c past f i n 20 x v x' Good Step Polls) as [(Ret & _)|[(k' & Is & Polls')|(_ & Polls')]].
    - left; now right.
    - right; apply polls_more with k'; [exact Polls'|lia].
    - now right.
  Qed.

  (** With its turn come, a CPU sees it within 21 rounds, and returns within 21 more. *)
  Lemma turn_seen c past f i n x x' : (c < N)%nat -> good x -> polls_with c past f i n 20 x ->
    n <= serves (lock_id f i) x -> rounds 21 x x' ->
    past_turn c past x' /\ (number c (lock_id f i) x' = In \/ n < serves (lock_id f i) x').
  Proof.
    intros Cpu Good Polls Turn Rounds.
    enough (n <= serves (lock_id f i) x' /\ past_turn c past x' /\
            (number c (lock_id f i) x' = In \/ n < serves (lock_id f i) x')) by tauto.
    revert Rounds; apply (countdown N O width Width Fits clients Table c
      (fun x => n <= serves (lock_id f i) x /\ past_turn c past x /\
                (number c (lock_id f i) x = In \/ n < serves (lock_id f i) x))
      (fun m x => n <= serves (lock_id f i) x /\ exists k, polls_with c past f i n k x /\ (k + 1 <= m)%nat));
      auto; [| | | | | |split; [exact Turn|exists 20%nat; auto]].
    - intros x0 c' v x1 Good0 Step (Here & Past & Inside); pose proof (serves_step (lock_id f i) c' x0 v x1 Step).
      split; [lia|split; [exact (past_turn_lasts c past x0 c' v x1 Good0 Step Past)|]].
      destruct Inside as [Inside|Less]; [|right; lia].
      destruct (inside_step c (lock_id f i) c' x0 v x1 Good0 Step Inside) as [|More]; [auto|right; lia].
    - intros k m x0 (Here & k' & Polls0 & Less) More; split; [exact Here|exists k'; split; [exact Polls0|lia]].
    - intros x0 _ (_ & k & _ & Less); lia.
    - intros k x0 _ (_ & k' & (s & w & At & _) & _) Fin; unfold finished in Fin; rewrite At in Fin; contradiction.
    - intros k x0 c' v x1 Good0 Step Other (Here & k' & Polls0 & Less); right.
      pose proof (serves_step (lock_id f i) c' x0 v x1 Step).
      split; [lia|exists k'; split; [|exact Less]].
      exact (polls_others c' c past f i n k' x0 v x1 Step (not_eq_sym Other) Polls0).
    - intros k x0 v x1 Good0 Step (Here & k' & Polls0 & Less).
      pose proof (serves_step (lock_id f i) c x0 v x1 Step).
      destruct (polls_step c past f i n k' x0 v x1 Good0 Step Polls0) as [(Ret & Inside)|[(k2 & -> & Polls1)|(Not & _)]].
      + left; split; [lia|split; [now right|now left]].
      + right; split; [lia|exists k2; split; [exact Polls1|lia]].
      + destruct (polls_near c past f i n k' x0 Good0 Polls0); lia.
  Qed.
End Starvation.
