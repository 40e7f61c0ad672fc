(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Round by round

    The state of an execution of clients that never break the contract ([good]), how one
    thread comes nearer to the end of its operation with each step of its own
    ([left_step]), and how steps become rounds ([countdown]).
    Read next: starvation.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options integers values semantics smallstep.
From hlock.layers.view Require Import spec facts.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers Require Import L3_atomic.spec.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec text code contract.
From hlock.stack Require Import stack setting stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import position place invariant simulation correct no_breach.
From hlock.machine.live Require Import live.
Import ListNotations.
Local Open Scope Z_scope.

(** ** What clients are told *)
Section Told.
  Context {S : system} (clients : cpu -> client S).

  (** Answers to what they chose. *)
  Theorem told_chosen c history : is_told clients c history -> chosen (clients c) history.
  Proof.
    intros (tr & y & q & Run & At & Is); enough (All : holdings chosen clients y).
    { specialize (All c q At); destruct q; try discriminate; injection Is as ->; apply All. }
    clear At Is; induction Run as [|tr y c' v y' Run IH Step]; [now apply holdings_start|].
    apply (holdings_step chosen clients c' y v y'); auto; intros past a o Past Next Goes _ _; split; eauto.
  Qed.

  (** All of it, one after the other. *)
  Lemma told_before c a history : is_told clients c (a :: history) -> is_told clients c history.
  Proof.
    intros (tr & y & q & Run & At & Is); revert c q At Is.
    induction Run as [|tr y c' v y' Run IH Step]; intros c q At Is.
    - apply nth_repeat in At as ->; discriminate.
    - destruct Step as [ps h past o Was Next Effect|ps h past o e Was Effect Possible|ps h past o Was
        |ps h past f i k l v Was Next Possible|ps h past f i k v l Was Next Possible|ps h q0 Was Lives];
        cbn [positions] in *; rewrite nth_put in At; (destruct (Nat.eqb_spec c c') as [->|]; [|exact (IH c q At Is)]);
        rewrite Was in At; injection At as <-; try discriminate Is; try exact (IH c' _ Was Is);
        injection Is as _ <-; eexists; eexists; eexists; (split; [exact Run|split; [exact Was|reflexivity]]).
  Qed.

  (** Clients whose texts are orderly, whatever they are answered, are so of what they are told. *)
  Theorem orderly_text above A B : (forall c, orderly (chosen (clients c)) (clients c) above A B) ->
    forall c, orderly (is_told clients c) (clients c) above A B.
  Proof.
    intros Text c; destruct (Text c) as [Climbs Goes Lets Nests]; constructor.
    - intros history f i l Told; exact (Climbs history f i l (told_chosen c history Told)).
    - intros history Told; exact (Goes history (told_chosen c history Told)).
    - intros history l Told; exact (Lets history l (told_chosen c history Told)).
    - intros history f i l Told; exact (Nests history f i l (told_chosen c history Told)).
  Qed.
End Told.

(** Only a halt stops a thread. *)
Lemma never_stopped {S : system} text width (p : client S) t t' :
  goes_to (next_move text width p t) t' -> t' <> Stopped.
Proof.
  intros Goes ->; pose proof (move_goes text width p t) as Not; destruct (next_move text width p t); cbn in Goes;
    first [exact (Not (eq_sym Goes)) | destruct Goes as (v & Is); exact (Not v (eq_sym Is)) | exact Goes].
Qed.

Section Progress.
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

  Record good_with (x : machine) (y : atomic_machine S) : Prop := {
    good_related : match_machine x y;
    good_holdings : holdings (lawful the_table) clients y;
    (* who has halted has nothing to do with any lock *)
    good_dead : forall c l, nth_error (threads x) c = Some Stopped -> words_phase S c l (contents x) = Out;
    (* nothing of this is a breach, nor what may come *)
    good_never : never_breaches clients the_table /\ exists tr, atomic_execution clients tr y
  }.
  Definition good (x : machine) : Prop := exists y, good_with x y.

  Lemma told_here x y c q history : good_with x y -> nth_error (positions y) c = Some q ->
    history_at q = Some history -> is_told clients c history.
  Proof. intros [_ _ _ (_ & tr & Run)] At Is; exists tr, y, q; auto. Qed.

  (** ** One step of one thread *)

  Lemma answered_goes (m : thread_move S) a t' : answered m a t' -> goes_to m t'.
  Proof. destruct m; cbn; try contradiction; try (intros (v & _ & ->); eauto); intros (_ & ->); reflexivity. Qed.

  Lemma step_thread c (x x' : machine) v : machine_step text width M clients c x v x' ->
    exists t t', nth_error (threads x) c = Some t /\ threads x' = put_at c t' (threads x) /\
      nth_error (threads x') c = Some t' /\
      ((contents x' = contents x /\
        (next_move text width (clients c) t = Local t' \/ (exists o, next_move text width (clients c) t = Call o t') \/
         (exists o, next_move text width (clients c) t = Return o t'))) \/
       (exists a, contents x' = (c, a) :: contents x /\ value_there S width (contents x) a /\
         (answered (next_move text width (clients c) t) a t' \/ (a = Halted /\ t' = Stopped /\ v = Some Did_halt)))).
  Proof.
    intros Step; destruct Step
      as [ts g t t' At Next|ts g t t' o At Next|ts g t t' o At Next|ts g t a t' g' At Ans (Value & ->)
                     |ts g t g' At Goes (Value & ->)]; cbn [threads contents] in *; exists t;
      [exists t'|exists t'|exists t'|exists t'|exists Stopped];
      (split; [exact At|split; [reflexivity|split; [rewrite nth_put, Nat.eqb_refl, At; reflexivity|]]]); eauto 7.
    right; exists Halted; auto 6.
  Qed.
  Lemma step_others c c' (x x' : machine) v : machine_step text width M clients c x v x' -> c' <> c ->
    nth_error (threads x') c' = nth_error (threads x) c'.
  Proof.
    intros Step Other; destruct (step_thread c x x' v Step) as (t & t' & _ & -> & _).
    rewrite nth_put; now rewrite (proj2 (Nat.eqb_neq c' c) Other).
  Qed.

  Lemma good_step c x v x' : good x -> calm c x v x' -> good x'.
  Proof.
    intros (y & [Rel All Dead_out (Never & tr & Run)]) (Step & Calm).
    pose proof (no_breach_kept y c (Never tr y Run)) as Kept.
    destruct (match_step x y c v x' Rel Step Kept) as (y' & Follows & Rel').
    assert (Run' : exists tr', atomic_execution clients tr' y')
      by (destruct Follows as [Step'|(_ & ->)]; eauto using atomic_execution_step).
    destruct Run' as (tr' & Run').
    exists y'; constructor; [exact Rel'|exact (lawful_reached the_table clients tr' y' Never Run')| |eauto].
    - intros c' l Stop; destruct (Nat.eq_dec c' c) as [->|Other].
      2: { rewrite (step_others _ _ _ _ _ Step Other) in Stop; specialize (Dead_out c' l Stop).
           destruct (step_thread c x x' v Step) as (t & t' & _ & _ & _ & [(-> & _)|(a & -> & _)]); [exact Dead_out|].
           destruct a as [l' k| | |]; try exact Dead_out; rewrite words_other; auto. }
      destruct (step_thread c x x' v Step) as (t & t' & At & _ & At' & How); rewrite Stop in At'; injection At' as <-.
      assert (Halts : v = Some Did_halt /\ contents x' = (c, Halted) :: contents x).
      { destruct How as [(_ & How)|(a & -> & _ & [Ans|(-> & _ & ->)])]; [exfalso|exfalso|auto].
        - apply (never_stopped text width (clients c) t Stopped); [|reflexivity].
          destruct How as [->|[(o & ->)|(o & ->)]]; reflexivity.
        - exact (never_stopped text width (clients c) t Stopped (answered_goes _ _ _ Ans) eq_refl). }
      destruct Halts as (-> & ->); destruct (Calm eq_refl) as (history & Idle_at & Empty).
      rewrite At in Idle_at; injection Idle_at as ->.
      destruct (match_at _ _ _ _ Rel At) as (q & At_y & _).
      destruct (rel_stands _ _ Rel c _ q At At_y) as (Stands & _).
      inversion Stands as [history2 Settled| | | | | |]; subst.
      pose proof (All c _ At_y) as (_ & Exactly); rewrite Empty in Exactly; specialize (Exactly l).
      destruct (Settled l) as [[]|[Is|Is]]; [exact Is|].
      pose proof (holder_up S width Width Fits' (contents x) c l (rel_legal _ _ Rel)) as Holder.
      rewrite Is in Holder; rewrite <- (rel_log _ _ Rel) in Holder; now apply Exactly in Holder.
  Qed.

  (** ** From steps to rounds *)
  Lemma good_segment x cs x' : good x -> segment text width M clients x cs x' -> good x'.
  Proof. intros Good Run; induction Run; eauto using good_step. Qed.
  Lemma good_rounds n : forall x x', good x -> rounds text width M clients n x x' -> good x'.
  Proof.
    induction n as [|n IH]; intros x x' Good; cbn; [now intros ->|].
    intros (x1 & (cs & Seg & _) & Rest); eauto using good_segment.
  Qed.
  Lemma rounds_split n m : forall x x', rounds text width M clients (n + m) x x' ->
    exists x1, rounds text width M clients n x x1 /\ rounds text width M clients m x1 x'.
  Proof.
    induction n as [|n IH]; intros x x'; cbn; [eauto|].
    intros (x1 & Round & Rest); destruct (IH _ _ Rest) as (x2 & First & Last); eauto.
  Qed.

  (** What stays true, once it is. *)
  Definition lasting (P : machine -> Prop) : Prop :=
    forall x c v x', good x -> calm c x v x' -> P x -> P x'.
  Lemma lasting_segment P x cs x' : lasting P -> good x -> segment text width M clients x cs x' -> P x -> P x'.
  Proof. intros Lasts Good Run; induction Run; eauto using good_step. Qed.
  Lemma lasting_rounds P n : forall x x', lasting P -> good x -> rounds text width M clients n x x' -> P x -> P x'.
  Proof.
    induction n as [|n IH]; intros x x' Lasts Good; cbn; [now intros ->|].
    intros (x1 & (cs & Run & _) & Rest) Here; apply (IH x1); auto; [now apply (good_segment x cs)|].
    now apply (lasting_segment P x cs).
  Qed.

  (** CPU [c] comes nearer to [P] with each step of its own, whatever the others do;
      and it does not finish before. *)
  Lemma countdown c (P : machine -> Prop) (R : nat -> machine -> Prop) :
    lasting P ->
    (forall n m x, R n x -> (n <= m)%nat -> R m x) ->
    (forall x, good x -> R 0%nat x -> P x) ->
    (forall n x, good x -> R n x -> finished M clients c x -> P x) ->
    (forall n x c' v x', good x -> calm c' x v x' -> c' <> c -> R n x -> P x' \/ R n x') ->
    (forall n x v x', good x -> calm c x v x' -> R (Datatypes.S n) x -> P x' \/ R n x') ->
    (c < N)%nat -> forall n x x', good x -> R n x -> rounds text width M clients n x x' -> P x'.
  Proof.
    intros Lasts More Zero Fin Others Own Cpu.
    assert (Seg : forall x cs x', segment text width M clients x cs x' -> good x -> forall n, R n x ->
              P x' \/ (R n x' /\ ~ List.In c cs) \/ exists m, n = Datatypes.S m /\ R m x').
    { intros x cs x' Run; induction Run as [x|x c' v x1 cs x2 Step Rest IH]; intros Good n Left; [auto|].
      pose proof (good_step _ _ _ _ Good Step) as Good1.
      destruct (Nat.eq_dec c' c) as [->|Other].
      - destruct n as [|m].
        { left; apply (lasting_segment P x1 cs); auto; apply (Lasts x c v x1); auto. }
        destruct (Own m x v x1 Good Step Left) as [Done|Less].
        { left; now apply (lasting_segment P x1 cs). }
        destruct (IH Good1 m Less) as [|[(Less' & _)|(m' & -> & Less')]]; [auto|right; right..].
        + eauto.
        + exists (Datatypes.S m'); split; [reflexivity|apply (More m'); [exact Less'|lia]].
      - destruct (Others n x c' v x1 Good Step Other Left) as [Done|Same].
        { left; now apply (lasting_segment P x1 cs). }
        destruct (IH Good1 n Same) as [|[(Same' & Not)|Less]]; auto.
        right; left; split; [exact Same'|intros [|]; auto]. }
    induction n as [|n IH]; intros x x' Good Left; cbn; [intros ->; auto|].
    intros (x1 & (cs & Run & All) & Rest); pose proof (good_segment _ _ _ Good Run) as Good1.
    destruct (Seg _ _ _ Run Good _ Left) as [Done|[(Same & Not)|(m & [= <-] & Less)]].
    - now apply (lasting_rounds P n x1).
    - destruct (All c Cpu) as [|Ended]; [contradiction|].
      apply (lasting_rounds P n x1); eauto.
    - now apply (IH x1).
  Qed.

  (** ** One operation, but for waiting *)
  (** CPU [c] acquires lock [i] of family [f], has its ticket, and polls. *)
  Definition queued_for (f : family) (i : Z) (c : cpu) (history : list (response S)) (x : machine) : Prop :=
    exists s w, nth_error (threads x) c = Some (Calling (Op_acquire f i) history s) /\
      at_place s (Polling (lock_id f i) w) /\ words_phase S c (lock_id f i) (contents x) = Waiting w.
  Definition queued (c : cpu) (history : list (response S)) (x : machine) : Prop :=
    exists f i, clients c history = Some (Op_acquire f i) /\ queued_for f i c history x.
  (** What an operation takes, from its call to its end or to its ticket: none but an
      acquire takes longer than a release. *)
  Definition own_rounds (o : op S) : nat := match o with Op_acquire _ _ => ticket_rounds | _ => release_rounds end.
  (** At most [n] steps of its own, and it is beyond or queued. *)
  Definition steps_left (n : nat) (o : op S) (history : list (response S)) (t : thread S) : Prop :=
    match t with
    | Idle history' => history' = history /\ (own_rounds o <= n)%nat
    | Calling o' history' s => o' = o /\ history' = history /\ exists m,
        (near m s Through /\ (m + 1 <= n)%nat) \/
        match o with
        | Op_acquire f i => near m s (Before_ticket (lock_id f i)) /\ (m + 1 <= n)%nat
        | Op_release f i => near m s (Before_load (lock_id f i)) /\ (m + back_steps + 3 <= n)%nat
        | _ => False
        end
    | Storing o' history' l v k => o' = o /\ history' = history /\ exists m, near m (Give Vundef k) Through /\
      (m + 2 <= n)%nat
    | Stopped => False
    end.

  Lemma left_more n m o history t : steps_left n o history t -> (n <= m)%nat -> steps_left m o history t.
  Proof.
    destruct t as [history'|o' history' s|o' history' l v k|]; cbn; [intuition lia| | |auto].
    - intros (-> & -> & k & H) More; split; [reflexivity|split; [reflexivity|exists k]].
      destruct H as [(Near & Less)|H]; [left; split; [exact Near|lia]|right].
      destruct o; intuition lia.
    - intros (-> & -> & j & Near & Less) More; split; [reflexivity|split; [reflexivity|exists j; split;
      [exact Near|lia]]].
  Qed.

  (** What is known of a thread between two operations. *)
  Lemma good_at_rest c x history : good x -> nth_error (threads x) c = Some (Idle history) ->
    lawful the_table (clients c) history /\ is_told clients c history /\
    forall l, words_phase S c l (contents x) = In <-> List.In l (held (clients c) history).
  Proof.
    intros (y & With) At; pose proof With as [Rel All _ _].
    destruct (match_at _ _ _ _ Rel At) as (q & At_y & _).
    destruct (rel_stands _ _ Rel c _ q At At_y) as (Stands & _); pose proof (All c q At_y) as Holds.
    inversion Stands as [history2 Settled| | | | | |]; subst; destruct Holds as (Keeps & Exactly).
    split; [exact Keeps|split; [exact (told_here x y c _ history With At_y eq_refl)|]].
    intros l; rewrite <- (Exactly l).
    destruct (Settled l) as [[]|Either]; exact (mine_iff x y c Rel l Either).
  Qed.

  Lemma good_call c x o history s : good x -> nth_error (threads x) c = Some (Calling o history s) ->
    clients c history = Some o.
  Proof.
    intros (y & [Rel All _ _]) At.
    destruct (match_at _ _ _ _ Rel At) as (q & At_y & _).
    destruct (rel_stands _ _ Rel c _ q At At_y) as (Stands & _); pose proof (All c q At_y) as Holds.
    inversion Stands; subst; cbn in Holds; tauto.
  Qed.

  (** It is on its way to one place; if that is no place of a step of its own, it is where it returns. *)
  Lemma left_near n o history s m :
    (near m s Through /\ (m + 1 <= Datatypes.S n)%nat) \/
    match o with
    | Op_acquire f i => near m s (Before_ticket (lock_id f i)) /\ (m + 1 <= Datatypes.S n)%nat
    | Op_release f i => near m s (Before_load (lock_id f i)) /\ (m + back_steps + 3 <= Datatypes.S n)%nat
    | _ => False
    end ->
    exists p, near m s p /\
      (forall m' s', m = Datatypes.S m' -> near m' s' p -> steps_left n o history (Calling o history s')) /\
      forall t, in_call text o history s = Local t \/ (exists o', in_call text o history s = Call o' t) \/
        (exists o', in_call text o history s = Return o' t) -> asks_at o history s p -> p = Through.
  Proof.
    intros [(Near & Less)|Left].
    - exists Through; split; [exact Near|split; [|auto]]; intros m' s' -> Near'; cbn [steps_left].
      split; auto; split; auto; exists m'; left; split; [exact Near'|lia].
    - destruct o as [f i|f i|f i k|f i k w|]; try contradiction; destruct Left as (Near & Less);
        [exists (Before_ticket (lock_id f i))|exists (Before_load (lock_id f i))]; (split; [exact Near|split]).
      1, 3: intros m' s' -> Near'; cbn [steps_left]; split; auto; split; auto; exists m'; right; split;
        [exact Near'|lia].
      all: intros t [Bad|[(o' & Bad)|(o' & Bad)]] (go & Is & _); rewrite Is in Bad; discriminate.
  Qed.

  Lemma left_step n o history t t' c x v x' : clients c history = Some o ->
    good x -> calm c x v x' -> nth_error (threads x) c = Some t -> nth_error (threads x') c = Some t' ->
    steps_left (Datatypes.S n) o history t -> beyond history t' \/ queued c history x' \/ steps_left n o history t'.
  Proof.
    intros Choice Good (Step & _) At At' Left.
    destruct (step_thread c x x' v Step) as (t1 & t2 & At1 & _ & At2 & How).
    rewrite At in At1; injection At1 as <-; rewrite At' in At2; injection At2 as <-.
    destruct How as [(_ & Next)|(a & Grows & Value & [Ans|(_ & -> & _)])]; [..|left; exact I].
    - destruct t as [history'|o' history' s|o' history' l u k|]; cbn [steps_left next_move] in *; [| | |contradiction].
      + destruct Left as (-> & Many); rewrite Choice in Next.
        destruct (good_at_rest c x history Good At) as (Keeps & _ & _).
        destruct (Keeps o Choice) as (Known & Allowed).
        right; right; destruct o as [f i|f i|f i k|f i k w|]; cbn in Next, Allowed, Known;
          destruct Next as [Is|[(o' & Is)|(o' & Is)]]; try discriminate; injection Is as <- <-;
          apply andb_prop in Allowed as (Range & _); split; auto; split; auto; eexists; right;
          (split; [apply place_of_acquire||apply place_of_release; auto|]);
          cbn in Many |- *; lia.
      + destruct Left as (-> & -> & m & Left).
        destruct (left_near n o history s m Left) as (p & Near & Nearer & Only).
        destruct (next_near o history m s p Near) as [(m' & s' & Is & Local & Near')|Asks].
        * rewrite Local in Next; destruct Next as [Same|[(o' & Bad)|(o' & Bad)]]; try discriminate.
          injection Same as <-; right; right; eauto.
        * rewrite (Only _ Next Asks) in Asks; cbn in Asks; rewrite Asks in Next.
          destruct Next as [Bad|[(o' & Bad)|(o' & Is)]]; try discriminate.
          injection Is as _ <-; left; cbn; lia.
      + destruct Next as [Is|[(o2 & Is)|(o2 & Is)]]; discriminate.
    - destruct t as [history'|o' history' s|o' history' l u k|]; cbn [steps_left next_move] in *; [| | |contradiction].
      + destruct Left as (-> & _); destruct (clients c history) as [[f i|f i|f i k|f i k w|]|]; cbn in Ans;
          try contradiction.
        * destruct Ans as (w & _ & ->); left; cbn; lia.
        * destruct Ans as (_ & ->); left; cbn; lia.
      + destruct Left as (-> & -> & m & [(Near & Less)|Left]).
        { destruct (next_near o history m s _ Near) as [(m' & s' & _ & Local & _)|Asks].
          - rewrite Local in Ans; contradiction.
          - cbn in Asks; rewrite Asks in Ans; contradiction. }
        destruct o as [f i|f i|f i k|f i k w|]; try contradiction; destruct Left as (Near & Less).
        * destruct (next_near (Op_acquire f i : op S) history m s _ Near)
            as [(m' & s' & _ & Local & _)|(go & Is & Goes)].
          { rewrite Local in Ans; contradiction. }
          rewrite Is in Ans; destruct Ans as (w & -> & ->); cbn in Value; subst w.
          right; left; exists f, i; split; [exact Choice|].
          exists (go (next S width (lock_id f i) (contents x))), (next S width (lock_id f i) (contents x)).
          split; [exact At'|split; [apply Goes; apply next_in_word; lia|]].
          rewrite Grows, words_same; reflexivity.
        * destruct (next_near (Op_release f i : op S) history m s _ Near) as [(m' & s' & _ & Local & _)|(k & Is & Ret)].
          { rewrite Local in Ans; contradiction. }
          rewrite Is in Ans; destruct Ans as (w & -> & ->); right; right; cbn [steps_left].
          split; [reflexivity|split; [reflexivity|exists back_steps; split; [exact Ret|lia]]].
      + destruct Left as (-> & -> & m & Ret & Less); destruct Ans as (_ & ->); right; right; cbn [steps_left].
        split; [reflexivity|split; [reflexivity|exists m; left; split; [exact Ret|lia]]].
  Qed.
End Progress.
