(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Nobody waits for ever (T6)

    Who is inside a lock ends each of its operations, those that wait for locks of
    higher levels included, and so lets go of the lock ([number_moves], by induction on
    the levels above; who is in the lock's queue is no rival there).  So every
    acquire returns ([starvation_freedom]) and every operation ends
    ([deadlock_freedom]), within [whole_rounds]. *)
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
From hlock.machine.live Require Import live progress waiting queues section.
Import ListNotations.
Local Open Scope Z_scope.

(** ** The sums of which the bound is made *)
Section Sums.
  Context (A B : nat).

  (** How long a lock serves the same number, if [m] CPUs are neither in a queue nor
      the one served, and [d] levels are above the lock. *)
  Definition turn_rounds (d m : nat) : nat := (1 + A * sections A d m) * section_rounds A B.
  (** [j] such times, with one rival more each time. *)
  Fixpoint turns (d k j : nat) : nat :=
    match j with O => 0 | Datatypes.S j => turn_rounds d k + turns d (Datatypes.S k) j end.
  Lemma turns_sum d j : forall k,
    (sections A (Datatypes.S d) k * section_rounds A B + turns d k j =
     sections A (Datatypes.S d) (k + j) * section_rounds A B)%nat.
  Proof.
    induction j as [|j IH]; intros k; cbn [turns]; [now rewrite !Nat.add_0_r|].
    replace (k + Datatypes.S j)%nat with (Datatypes.S k + j)%nat by lia; rewrite <- IH; unfold turn_rounds.
    change (sections A (Datatypes.S d) (Datatypes.S k))
      with (sections A (Datatypes.S d) k + (1 + A * sections A d k))%nat; lia.
  Qed.
End Sums.

Section Starvation.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := (the_system).
  Local Notation M := (sc_memory S width).
  Let Fits' : Z.of_nat (cpus S) <= modulus width := Fits.
  Context (above : Z -> nat) (A B : nat) 
    (Orderly : forall c, orderly (is_told clients c) (clients c) above A B).
  Let Climbs : forall c, climbs (is_told clients c) (clients c) above := fun c => in_order _ _ _ _ _ (Orderly c).
  Local Notation machine := (machine M).
  Local Notation calm := (calm_step text width M clients).
  Local Notation rounds := (rounds text width M clients).
  Local Notation higher := (higher above).

  Lemma good_climbs x c t history f i l : good x -> nth_error (threads x) c = Some t -> history_of t = Some history ->
    clients c history = Some (Op_acquire f i) -> List.In l (held (clients c) history) ->
    (above (lock_id f i) < above l)%nat.
  Proof.
    intros Good At Past Choice; destruct (good_past x c t history Good At Past) as (_ & Told & _); now apply Climbs.
  Qed.

  (** ** Waiting, if numbers move *)

  (** Of some locks whose numbers stand still, the highest moves on, if somebody waits
      for it, or one of the others does; [W] are CPUs that are stuck behind them, and
      [m] the others but one. *)
  Definition moves (d m : nat) : Prop := forall F W f i x x',
    List.In f the_table -> in_family f i = true -> (above (lock_id f i) <= d)%nat ->
    (forall l n, List.In (l, n) F -> (above (lock_id f i) <= above l)%nat) ->
    good x -> frozen F W x -> List.In (lock_id f i, serves (lock_id f i) x) F ->
    serves (lock_id f i) x < given (lock_id f i) x -> (N <= length W + 1 + m)%nat ->
    rounds (turn_rounds A B d m) x x' -> moved F x'.

  Lemma moved_later F n x x' : good x -> rounds n x x' -> moved F x -> moved F x'.
  Proof. intros Good Rounds; apply (lasting_rounds _ n x x' (moved_lasts F) Good Rounds). Qed.
  Lemma frozen_later F W n x x' : good x -> rounds n x x' -> frozen F W x -> frozen F W x' \/ moved F x'.
  Proof.
    intros Good Rounds Frozen; apply (lasting_rounds _ n x x' (frozen_lasts F W) Good Rounds); now left.
  Qed.

  Lemma turn_comes d F W c history f i n : (forall m, moves d m) ->
    List.In f the_table -> in_family f i = true -> (above (lock_id f i) <= d)%nat -> higher (lock_id f i) F ->
    forall j k x x', good x -> frozen F W x ->
    polls_with c history f i n poll_steps x \/ n <= serves (lock_id f i) x ->
    n - serves (lock_id f i) x <= Z.of_nat j -> (N <= length W + 1 + (k + j))%nat ->
    rounds (turns A B d k j) x x' -> n <= serves (lock_id f i) x' \/ moved F x'.
  Proof.
    intros Moves Member Range Above Higher; induction j as [|j IH]; intros k x x' Good Frozen Polls Near Room Rounds.
    { cbn in Rounds; subst x'; left; lia. }
    cbn [turns] in Rounds; apply rounds_split in Rounds as (x1 & First & Rest).
    pose proof (good_rounds _ _ _ Good First) as Good1.
    pose proof (serves_rounds (lock_id f i) _ _ _ Good First) as More.
    destruct (frozen_later F W _ x x1 Good First Frozen) as [Frozen1|Moved];
      [|right; exact (moved_later F _ x1 x' Good1 Rest Moved)].
    assert (Polls1 : polls_with c history f i n poll_steps x1 \/ n <= serves (lock_id f i) x1)
      by (apply (lasting_rounds _ _ x x1 (polls_lasts c history f i n) Good First Polls)).
    enough (n - serves (lock_id f i) x1 <= Z.of_nat j \/ moved F x1) as [Near1|Moved].
    { apply (IH (Datatypes.S k) x1); auto; lia. }
    { right; exact (moved_later F _ x1 x' Good1 Rest Moved). }
    destruct (Z.le_gt_cases (n - serves (lock_id f i) x) (Z.of_nat j)) as [|Far]; [left; lia|].
    destruct Polls as [Polls|]; [|lia].
    destruct (polls_place x c history f i n poll_steps Good Polls) as (p & Place & Is).
    destruct (queue_facts (lock_id f i) x Good) as (_ & _ & Count & _).
    assert (Long : (p < length (queue (lock_id f i) x))%nat) by (apply nth_error_Some; congruence).
    destruct (queue (lock_id f i) x) as [|h q] eqn:Queue; [cbn in Long; lia|]; cbn [length] in *.
    destruct (Moves k ((lock_id f i, serves (lock_id f i) x) :: F) (q ++ W) f i x x1) as (l & s & [[= <- <-]|In_F] &
      Less);
      auto.
    - intros l s [[= <- <-]|In_F]; [lia|specialize (Higher l s In_F); lia].
    - exact (frozen_more above Climbs F W (lock_id f i) h q x Good Frozen Higher Queue).
    - now left.
    - lia.
    - rewrite app_length; lia.
    - left; lia.
    - right; exists l, s; auto.
  Qed.

  (** An acquire, of a lock above those whose numbers stand still. *)
  Lemma acquire_ends d F W m c t history f i x x' : (forall m, moves d m) -> (c < N)%nat ->
    good x -> nth_error (threads x) c = Some t -> history_of t = Some history ->
    clients c history = Some (Op_acquire f i) -> (above (lock_id f i) <= d)%nat -> higher (lock_id f i) F ->
    frozen F W x -> (N <= length W + 1 + m)%nat ->
    rounds (acquire_rounds + sections A (Datatypes.S d) m * section_rounds A B) x x' ->
    over c history x' \/ moved F x'.
  Proof.
    intros Moves Cpu Good At Past Choice Above Higher Frozen Room Rounds.
    replace (acquire_rounds + sections A (Datatypes.S d) m * section_rounds A B)%nat
      with (ticket_rounds + (sections A (Datatypes.S d) m * section_rounds A B + (seen_rounds + return_rounds)))%nat
      in Rounds by (unfold acquire_rounds; lia).
    apply rounds_split in Rounds as (x1 & Rounds1 & Rounds); pose proof (good_rounds _ _ _ Good Rounds1) as Good1.
    apply rounds_split in Rounds as (x2 & Rounds2 & Rounds); pose proof (good_rounds _ _ _ Good1 Rounds2) as Good2.
    apply rounds_split in Rounds as (x3 & Rounds3 & Rounds4); pose proof (good_rounds _ _ _ Good2 Rounds3) as Good3.
    assert (Seen : forall n y y', good y -> rounds n y y' -> past_turn c history y -> past_turn c history y').
    { intros n y y' Good_y Run; apply (lasting_rounds _ n y y' (past_turn_lasts c history) Good_y Run). }
    enough (past_turn c history x3 \/ moved F x3) as [Done|Moved].
    { left; now apply (past_turn_ends c history x3). }
    { right; exact (moved_later F _ x3 x' Good3 Rounds4 Moved). }
    assert (Ticket : numbered c history x1).
    { destruct (good_past x c t history Good At Past) as (_ & _ & Where).
      destruct (Where _ Choice) as [Left|[Queued|Ret]].
      - now apply (numbered_soon ticket_rounds c (Op_acquire f i) history t x x1).
      - apply (lasting_rounds _ ticket_rounds x x1 (numbered_lasts c history) Good Rounds1).
        now apply queued_numbered.
      - left; apply (Seen ticket_rounds x x1 Good Rounds1); now right. }
    destruct (frozen_later F W _ x x1 Good Rounds1 Frozen) as [Frozen1|Moved].
    2: { right; exact (moved_later F _ x2 x3 Good2 Rounds3 (moved_later F _ x1 x2 Good1 Rounds2 Moved)). }
    destruct Ticket as [Done|(f2 & i2 & n & Choice2 & Polls)].
    { left; exact (Seen _ x2 x3 Good2 Rounds3 (Seen _ x1 x2 Good1 Rounds2 Done)). }
    rewrite Choice in Choice2; injection Choice2 as <- <-.
    assert (in_family f i = true /\ List.In f the_table) as (Range & Member)
      by (destruct Polls as (s & w & At1 & _); exact (good_range c x1 f i history s Good1 At1)).
    destruct (polls_place x1 c history f i n poll_steps Good1 Polls) as (p & Place & Is).
    destruct (frozen_queue above Climbs F W (lock_id f i) x1 Good1 Frozen1 Higher) as (_ & Few).
    assert (Long : (p < length (queue (lock_id f i) x1))%nat) by (apply nth_error_Some; congruence).
    pose proof (turns_sum A B d p (m - p)) as Sum; replace (m - p + p)%nat with m in Sum by lia.
    rewrite <- Sum, Nat.add_comm in Rounds2; apply rounds_split in Rounds2 as (x5 & Rounds5 & Rounds6).
    pose proof (good_rounds _ _ _ Good1 Rounds5) as Good5.
    destruct (turn_comes d F W c history f i n Moves Member Range Above Higher p (m - p) x1 x5) as [Turn|Moved];
      auto; [lia|lia| |].
    2: { right; exact (moved_later F _ x2 x3 Good2 Rounds3 (moved_later F _ x5 x2 Good5 Rounds6 Moved)). }
    pose proof (serves_rounds (lock_id f i) _ _ _ Good5 Rounds6) as More.
    assert (Still : holds_number c history f i n x2).
    { apply (lasting_rounds _ _ x5 x2 (number_lasts c history f i n) Good5 Rounds6).
      apply (lasting_rounds _ _ x1 x5 (number_lasts c history f i n) Good1 Rounds5); now right. }
    left; destruct Still as [Done|Polls2]; [exact (Seen _ x2 x3 Good2 Rounds3 Done)|].
    apply (turn_seen c history f i n x2 x3); auto; lia.
  Qed.

  (** ** A critical section ends *)

  (** It ends: with [j] operations to go at most, of which [a] acquire, within so many rounds. *)
  Lemma section_ends d F W m f i c n0 : (forall d', d = Datatypes.S d' -> forall m, moves d' m) ->
    (above (lock_id f i) <= d)%nat -> (c < N)%nat ->
    (forall l n, List.In (l, n) F -> (above (lock_id f i) <= above l)%nat) ->
    List.In (lock_id f i, n0) F -> (N <= length W + 1 + m)%nat ->
    forall j a x x', good x -> frozen F W x -> n0 <= serves (lock_id f i) x ->
    has_lock (fun history => (B <= since (clients c) (lock_id f i) history + j)%nat /\
      (A <= acquires_since (clients c) (lock_id f i) history + a)%nat) c (lock_id f i) x ->
    rounds (j * release_rounds + a * (acquire_rounds - release_rounds + sections A d m * section_rounds A B)) x x' ->
    moved F x'.
  Proof.
    intros Moves Above Cpu Lower Is Room; set (l := lock_id f i) in *.
    induction j as [|j IH]; intros a x x' Good Frozen Served (Inside & t & At & history & Past & Held & Left) Rounds;
      destruct (good_past x c t history Good At Past) as (_ & Told & _);
      pose proof (lets_go _ (clients c) above A B (Orderly c) history l Told Held) as Soon; [lia|].
    destruct (goes_on _ (clients c) above A B (Orderly c) history Told) as (o & Choice & Goes); [now intros E;
      rewrite E in Held|].
    assert (Ends : exists r e r2, (Datatypes.S j * release_rounds + a * (acquire_rounds - release_rounds +
        sections A d m * section_rounds A B))%nat = (r + r2)%nat /\ (e <= a)%nat /\
        r2 = (j * release_rounds + (a - e) * (acquire_rounds - release_rounds + sections A d m * section_rounds A
          B))%nat /\
        (e = 0%nat \/ exists f2 i2, o = Op_acquire f2 i2 /\ e = 1%nat) /\
        forall x1, rounds r x x1 -> over c history x1 \/ moved F x1).
    { destruct o as [f2 i2|f2 i2|f2 i2 k2|f2 i2 k2 w|].
      2-5: exists release_rounds, 0%nat; eexists; split; [|split; [|split; [reflexivity|split; [now left|]]]];
        [lia|lia|];
        intros x1 Run; left; eapply (other_ends c t history); eauto; discriminate.
      assert (Some_left : (1 <= a)%nat)
        by (pose proof (nests _ (clients c) above A B (Orderly c) history f2 i2 l Told Choice Held); lia).
      pose proof (good_climbs x c t history f2 i2 l Good At Past Choice Held) as Higher.
      destruct d as [|d']; [lia|].
      exists (acquire_rounds + sections A (Datatypes.S d') m * section_rounds A B)%nat, 1%nat; eexists.
      split; [|split; [exact Some_left|split; [reflexivity|split; [right; eauto|]]]].
      - assert (release_rounds <= acquire_rounds)%nat by (apply Nat.leb_le; reflexivity).
        destruct a as [|a]; [lia|]; replace (Datatypes.S a - 1)%nat with a by lia; lia.
      - intros x1 Run; apply (acquire_ends d' F W m c t history f2 i2 x x1); auto; [lia|].
        intros l' n In_F; specialize (Lower l' n In_F); lia. }
    destruct Ends as (r & e & r2 & Sum & Few_e & Rest & Acquires & Ends); rewrite Sum in Rounds; clear Sum.
    apply rounds_split in Rounds as (x1 & First & Last).
    pose proof (good_rounds _ _ _ Good First) as Good1.
    enough (moved F x1 \/ moved F x') as [Moved|]; [exact (moved_later F _ x1 x' Good1 Last Moved)|assumption|].
    destruct (Ends x1 First) as [(t1 & At1 & Beyond)|]; [|now left].
    destruct (frozen_later F W _ x x1 Good First Frozen) as [Frozen1|]; [|now left].
    destruct (has_lock_later (fun past => past = history \/
                (Datatypes.S (since (clients c) l history) <= since (clients c) l past)%nat /\
                (acquires_since (clients c) l history + e <= acquires_since (clients c) l past)%nat) F c l n0 r x x1)
      as [(Inside1 & t2 & At2 & past & Past1 & Held1 & Later)|Moved]; auto.
    - intros past ans o2 Known Choice2 Not; right; cbn [since acquires_since]; rewrite Choice2.
      destruct Known as [->|(More & More_a)].
      + rewrite Choice in Choice2; injection Choice2 as <-.
        destruct Acquires as [->|(f2 & i2 & -> & ->)].
        * destruct o as [f2 i2|f2 i2|f2 i2 k2|f2 i2 k2 w|]; try lia.
          destruct (Z.eqb_spec (lock_id f2 i2) l); [now destruct (Not f2 i2 eq_refl)|lia].
        * destruct (Z.eqb_spec (lock_id f2 i2) l); [now destruct (Not f2 i2 eq_refl)|lia].
      + destruct o2 as [f2 i2|f2 i2|f2 i2 k2|f2 i2 k2 w|]; try lia.
        destruct (Z.eqb_spec (lock_id f2 i2) l); [now destruct (Not f2 i2 eq_refl)|lia].
    - split; [exact Inside|exists t; split; [exact At|exists history; auto]].
    - right; rewrite At1 in At2; injection At2 as <-.
      destruct Later as [->|(More & More_a)].
      { exfalso; destruct t1; cbn in Past1, Beyond; try discriminate; injection Past1 as ->; lia. }
      apply (IH (a - e)%nat x1); auto.
      + pose proof (serves_rounds l _ _ _ Good First); lia.
      + split; [exact Inside1|exists t1; split; [exact At1|exists past; split; [exact Past1|split; [exact Held1|]]]].
        lia.
      + now rewrite <- Rest.
  Qed.

  (** ** The number served moves *)

  (** The first of a queue sees its turn. *)
  Lemma head_enters F l h x x1 : good x -> rounds seen_rounds x x1 -> (h < N)%nat ->
    number h l x = Waiting (serves l x + Z.of_nat 0) \/ 0%nat = 0%nat /\ number h l x = In ->
    List.In (l, serves l x) F -> number h l x1 = In \/ moved F x1.
  Proof.
    intros Good First Below [Waiting_h|(_ & Inside)] Is.
    - rewrite Z.add_0_r in Waiting_h.
      destruct (head_polls x h l _ Good Below Waiting_h) as (history & f2 & i2 & _ & _ & Same & Polls).
      destruct (turn_seen h history f2 i2 _ x x1 Below Good Polls) as (_ & [In1|Less]); rewrite ?Same in *; auto;
        [lia|].
      right; exists l, (serves l x); split; [exact Is|lia].
    - enough (number h l x1 = In /\ serves l x <= serves l x1 \/ moved F x1) by tauto.
      refine (lasting_rounds (fun y => number h l y = In /\ serves l x <= serves l y \/ moved F y) seen_rounds x x1 _
        Good First (or_introl (conj Inside (Z.le_refl _)))).
      intros x0 c v x3 Good0 Step [(In0 & Served)|Moved]; [|right; exact (moved_lasts F x0 c v x3 Good0 Step Moved)].
      pose proof (serves_step l c x0 v x3 Step).
      destruct (inside_step h l c x0 v x3 Good0 Step In0); [left; split; [auto|lia]|].
      right; exists l, (serves l x); split; [exact Is|lia].
  Qed.

  Theorem number_moves d : forall m, moves d m.
  Proof.
    induction d as [d IH] using lt_wf_ind; intros m F W f i x x' Member Range Above Lower Good Frozen Is Waits Room
      Rounds.
    assert (Turn : turn_rounds A B d m = (section_rounds A B + A * (sections A d m * section_rounds A B))%nat)
      by (unfold turn_rounds; lia).
    assert (Sum : turn_rounds A B d m = (seen_rounds + (return_rounds + (B * release_rounds +
              A * (acquire_rounds - release_rounds + sections A d m * section_rounds A B))))%nat)
      by (rewrite Turn; generalize (sections A d m * section_rounds A B)%nat; unfold section_rounds; lia).
    rewrite Sum in Rounds; clear Sum Turn; set (l := lock_id f i) in *; set (n0 := serves l x) in *.
    apply rounds_split in Rounds as (x1 & First & Rest); pose proof (good_rounds _ _ _ Good First) as Good1.
    apply rounds_split in Rest as (x2 & Second & Last); pose proof (good_rounds _ _ _ Good1 Second) as Good2.
    pose proof (serves_rounds l _ _ _ Good First) as More1; pose proof (serves_rounds l _ _ _ Good1 Second) as More2.
    destruct (queue_facts l x Good) as (_ & Below & Count & Where).
    destruct (queue l x) as [|h q]; [cbn in Count; lia|].
    specialize (Below h (or_introl eq_refl)); specialize (Where 0%nat h eq_refl).
    assert (Later : forall n y y', good y -> rounds n y y' -> moved F y -> moved F y')
      by (intros n y y'; apply moved_later).
    enough (moved F x2 \/ moved F x') as [Moved|]; [exact (Later _ x2 x' Good2 Last Moved)|assumption|].
    destruct (head_enters F l h x x1 Good First Below Where Is) as [Inside|Moved];
      [|left; exact (Later _ x1 x2 Good1 Second Moved)].
    assert (Returned : has_lock (fun _ => True) h l x2 \/ moved F x2).
    { destruct (inside_held h l x1 Good1 Inside Below) as [(history & Enters)|Has];
        [|apply (has_lock_later (fun _ => True) F h l n0 return_rounds x1 x2); auto; lia].
      assert (Over : over h history x2).
      { apply (returns_soon h history x1 x2); auto; destruct Enters as (_ & t & At & f2 & i2 & s & Is2 & Place & _).
        exists t; split; [exact At|eauto]. }
      enough ((entering h l history x2 \/ has_lock (fun _ => True) h l x2) /\ n0 <= serves l x2 \/ moved F x2)
        as [([(_ & t & At & f2 & i2 & s & -> & _)|Has] & _)|Moved]; [exfalso|now left|now right|].
      { destruct Over as (t' & At' & Beyond); rewrite At in At'; injection At' as <-; cbn in Beyond; lia. }
      refine (lasting_rounds (fun x => (entering h l history x \/ has_lock (fun _ => True) h l x) /\ n0 <= serves l x \/
        moved F x) return_rounds x1 x2 _ Good1 Second (or_introl (conj (or_introl Enters) More1))).
      intros x0 c v x3 Good0 Step [(Here & Served)|Moved]; [|right; exact (moved_lasts F x0 c v x3 Good0 Step Moved)].
      pose proof (serves_step l c x0 v x3 Step).
      enough ((entering h l history x3 \/ has_lock (fun _ => True) h l x3) \/ serves l x0 < serves l x3) as [|Less].
      + left; split; [auto|lia].
      + right; exists l, n0; split; [exact Is|lia].
      + destruct Here as [Enters0|Has0].
        * destruct (entering_step h l history c x0 v x3 Good0 Step Enters0) as [|[|]]; auto.
        * destruct (has_lock_step (fun _ => True) h l c x0 v x3 ltac:(auto) Good0 Step Has0); auto. }
    destruct Returned as [Has|]; [right|now left].
    destruct (frozen_later F W _ x x1 Good First Frozen) as [Frozen1|Moved];
      [|exact (Later _ x2 x' Good2 Last (Later _ x1 x2 Good1 Second Moved))].
    destruct (frozen_later F W _ x1 x2 Good1 Second Frozen1) as [Frozen2|Moved];
      [|exact (Later _ x2 x' Good2 Last Moved)].
    apply (section_ends d F W m f i h n0) with (j := B) (a := A) (x := x2); auto.
    - intros d' ->; apply IH; lia.
    - unfold l in *; lia.
    - destruct Has as (Inside2 & t & At & history & Past & Held & _); split; [exact Inside2|].
      exists t; split; [exact At|exists history; split; [exact Past|split; [exact Held|]]]; lia.
  Qed.

  (** While somebody waits for a lock, it serves the next number within so many rounds. *)
  Theorem served_soon d f i x x' : List.In f the_table -> in_family f i = true -> (above (lock_id f i) <= d)%nat ->
    good x -> serves (lock_id f i) x < given (lock_id f i) x ->
    rounds (turn_rounds A B d (N - 1)) x x' -> serves (lock_id f i) x < serves (lock_id f i) x'.
  Proof.
    intros Member Range Above Good Waits Rounds.
    destruct (number_moves d (N - 1) [(lock_id f i, serves (lock_id f i) x)] [] f i x x')
      as (l & n & [[= <- <-]|[]] & Less); auto; [|split; constructor|now left|cbn; lia].
    intros l n [[= <- <-]|[]]; lia.
  Qed.

  (** ** What users are told *)
  Context (Never : never_breaches clients the_table).

  Lemma good_start : good (first_state M).
  Proof.
    exists (atomic_start (S := S)); constructor.
    - apply match_start.
    - exact (lawful_reached the_table clients [] _ Never (atomic_execution_start clients)).
    - intros c l At; apply nth_repeat in At; discriminate.
    - split; [exact Never|eexists; apply atomic_execution_start].
  Qed.
  Lemma good_reached cs x : segment text width M clients (first_state M) cs x -> good x.
  Proof. exact (good_segment _ _ _ good_start). Qed.

  (** An operation ends within so many rounds. *)
  Lemma operation_ends d c t history o x x' : (c < N)%nat -> good x -> nth_error (threads x) c = Some t ->
    history_of t = Some history -> clients c history = Some o ->
    (forall f i, o = Op_acquire f i -> (above (lock_id f i) < d)%nat) ->
    rounds (whole_rounds A B N d) x x' -> over c history x'.
  Proof.
    intros Cpu Good At Past Choice Above Rounds; unfold whole_rounds in Rounds.
    assert (Acquire : (exists f i, o = Op_acquire f i) \/ forall f i, o <> Op_acquire f i).
    { destruct o as [f i|f i|f i k|f i k w|]; [left; eauto|right; discriminate..]. }
    destruct Acquire as [(f & i & ->)|Other].
    - specialize (Above f i eq_refl); destruct d as [|d]; [lia|].
      destruct (acquire_ends d [] [] (N - 1) c t history f i x x') as [|(l & n & [] & _)]; auto.
      + intros m; apply number_moves.
      + lia.
      + intros l n [].
      + split; constructor.
      + cbn; lia.
    - assert (release_rounds <= acquire_rounds)%nat by (apply Nat.leb_le; reflexivity).
      replace (acquire_rounds + sections A d (N - 1) * section_rounds A B)%nat with
        (release_rounds + (acquire_rounds - release_rounds + sections A d (N - 1) * section_rounds A B))%nat in
          Rounds by lia.
      apply rounds_split in Rounds as (x1 & First & Rest).
      apply (over_later c history _ x1 x' (good_rounds _ _ _ Good First) Rest).
      exact (other_ends c t history o x x1 Cpu Good At Past Choice Other First).
  Qed.

  (** An acquire that has been called returns: within [whole_rounds] of as many levels
      as are not below the lock's, the CPU is beyond it. *)
  Theorem starvation_freedom cs x c f i history s x' :
    segment text width M clients (first_state M) cs x -> (c < N)%nat ->
    nth_error (threads x) c = Some (Calling (Op_acquire f i) history s) ->
    rounds (whole_rounds A B N (Datatypes.S (above (lock_id f i)))) x x' -> over c history x'.
  Proof.
    intros Reached Cpu At Rounds; pose proof (good_reached cs x Reached) as Good.
    apply (operation_ends (Datatypes.S (above (lock_id f i))) c _ history (Op_acquire f i) x x' Cpu Good At eq_refl);
      auto.
    - exact (good_call c x _ history s Good At).
    - intros f2 i2 [= <- <-]; lia.
  Qed.

  (** While a CPU has work, the system makes progress: whatever it does or waits for,
      the operation that it is at ends within [whole_rounds] of all levels. *)
  Theorem deadlock_freedom levels cs x c t history x' :
    (forall f i, List.In f the_table -> in_family f i = true -> (above (lock_id f i) < levels)%nat) ->
    segment text width M clients (first_state M) cs x -> (c < N)%nat ->
    nth_error (threads x) c = Some t -> history_of t = Some history -> clients c history <> None ->
    rounds (whole_rounds A B N levels) x x' -> over c history x'.
  Proof.
    intros Levels Reached Cpu At Past Works Rounds; pose proof (good_reached cs x Reached) as Good.
    destruct (clients c history) as [o|] eqn:Choice; [|now destruct Works].
    apply (operation_ends levels c t history o x x' Cpu Good At Past Choice); auto.
    intros f i ->; destruct (good_past x c t history Good At Past) as (Keeps & _).
    destruct (Keeps _ Choice) as (Known & Allowed).
    apply Levels; [exact Known|now apply andb_prop in Allowed].
  Qed.
End Starvation.
