(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What a legal history of the words says

    The history of memory is a log of loads and stores of the lock words and of
    accesses to objects.  If it is legal, then on each lock: at most one CPU is
    between its last poll and its store ([one_inside]); nobody else stores between
    the load and the store of a release ([leaving_alone]); who is inside reads what
    the last holder left, or its own ([owned]); and all enter in the order in which
    they took their tickets ([entered_in_order], [first_come_first_served]).
    Read next: corollaries.v, the same of executions. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts map.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.facts L1_ticket.refine.
From hlock.layers Require L2_queue.spec L2_queue.facts L2_queue.order L2_queue.refine.
From hlock.layers Require Import L3_atomic.spec.
From hlock.layers Require L3_atomic.refine.
From hlock.machine.refine Require Import invariant.
From hlock.machine.safety Require Export guaranteed.
Import ListNotations.
Local Open Scope Z_scope.

Section History.
  Context (S : system) (width : Z) (Width : 1 <= width <= 32).
  Context (Fits : Z.of_nat (cpus S) <= modulus width).
  Local Notation W := (words S width).
  Local Notation log := (log S words_verb).
  Local Notation phase c l g := (words_phase S c l g).
  Local Notation as_queue := (as_queue S width).
  Local Notation enters := (enters S).
  Local Notation stays := (stays S).
  Local Notation own := (own S).
  Local Notation takers := (takers S).
  Local Notation entered := (entered S).

  (** ** Between the last poll of an acquire and the store of a release *)
  Definition between (c : cpu) (l : Z) (g : log) : Prop :=
    phase c l g = In \/ exists v, phase c l g = Leaving v.

  Lemma between_holds (g : log) c l : legal W g -> between c l g <-> holder S l (up S width g) = Some c.
  Proof.
    intros Legal; pose proof (holder_up S width Width Fits g c l Legal) as Holder; unfold between.
    destruct (phase c l g) as [|t| |v]; split; intros H; auto; try congruence; eauto;
      destruct H as [|(v & ?)]; discriminate.
  Qed.

  (** One CPU at a time. *)
  Theorem one_inside (g : log) c c' l : legal W g -> between c l g -> between c' l g -> c = c'.
  Proof. intros Legal Is Is'; apply between_holds in Is, Is'; congruence. Qed.

  (** An event that is in order on a lock. *)
  Lemma verb_in_order c l k (g : log) : legal W ((c, Lock l k) :: g) ->
    legal W g /\
    match k with
    | Took t => phase c l g = Out
    | Polled v => (exists t, phase c l g = Waiting t) /\ v = serving S width l g
    | Loaded v => phase c l g = In /\ v = serving S width l g
    | Stored v => exists u, phase c l g = Leaving u
    end.
  Proof.
    rewrite legal_cons, event_fault_none; intros (Legal & _ & _ & Fault); split; [exact Legal|].
    cbn in Fault; destruct (lock_exists l); [|discriminate]; unfold words_fault, reads in Fault.
    destruct k as [t|v|v|v], (phase c l g) as [|u| |u]; try discriminate; eauto;
      destruct (Z.eqb_spec v (serving S width l g)); try discriminate; eauto.
  Qed.
  Lemma access_in_order c l a (g : log) : legal W ((c, a) :: g) -> (exists k v, a = Read l k v \/ a = Wrote l k v) ->
    phase c l g = In /\ forall k v, a = Read l k v -> v = object l k g.
  Proof.
    rewrite legal_cons, event_fault_none; intros (_ & _ & _ & Fault) (k & v & [->| ->]); cbn in Fault;
      unfold words_inside in Fault; destruct (phase c l g); try discriminate; (split; [reflexivity|]).
    - intros k' v' [= <- Same]; match type of Fault with (if ?dec then _ else _) = _ => destruct dec as [Is|] end;
        [|discriminate].
      apply (Eqdep_dec.inj_pair2_eq_dec _ Z.eq_dec) in Same; exact (eq_trans (eq_sym Same) Is).
    - discriminate.
  Qed.

  (** ** Load and store of a release are one *)

  (** CPU [c] has loaded [v] in order to release and has not yet stored: since the
      load nobody else has loaded or stored [now] of the lock in order to release. *)
  Theorem leaving_alone (g : log) c l v : legal W g -> phase c l g = Leaving v ->
    serving S width l g = v /\
    exists b g0, g = b ++ (c, Lock l (Loaded v)) :: g0 /\
      forall c' k, List.In (c', Lock l k) b -> c' <> c /\ (exists w, k = Took w \/ k = Polled w).
  Proof.
    induction g as [|[c' a] g IH]; [discriminate|]; intros Legal Leaves.
    assert (Step : phase c l ((c', a) :: g) = phase c l g ->
                   (forall k, a = Lock l k -> c' <> c /\ exists w, k = Took w \/ k = Polled w) ->
                   serving S width l ((c', a) :: g) = serving S width l g ->
      serving S width l ((c', a) :: g) = v /\ exists b g0, (c', a) :: g = b ++ (c, Lock l (Loaded v)) :: g0 /\
        forall c' k, List.In (c', Lock l k) b -> c' <> c /\ (exists w, k = Took w \/ k = Polled w)).
    { intros Same Only ->; apply legal_cons in Legal as (Legal & _).
      destruct (IH Legal (eq_trans (eq_sym Same) Leaves)) as (Is & b & g0 & -> & Alone); split; [exact Is|].
      exists ((c', a) :: b), g0; split; [reflexivity|]; intros c2 k [[= -> ->]|Mem]; eauto. }
    destruct a as [l' k| | |]; try (apply Step; [reflexivity|discriminate|reflexivity]).
    destruct (Z.eq_dec l' l) as [->|Diff].
    2: { apply Step; [apply words_other; auto|congruence|].
         cbn; destruct k; auto; now rewrite (proj2 (Z.eqb_neq l' l) Diff). }
    pose proof (verb_in_order _ _ _ _ Legal) as (Before & Order).
    destruct (Nat.eq_dec c' c) as [->|Other].
    - rewrite words_same in Leaves.
      destruct k as [t|u|u|u]; cbn in Leaves; try discriminate.
      + destruct Order as ((t & Is) & _); rewrite Is in Leaves; destruct (u =? t); discriminate.
      + injection Leaves as <-; destruct Order as (_ & Is); split; [symmetry; exact Is|].
        exists [], g; split; [reflexivity|contradiction].
    - rewrite words_other in Leaves by auto.
      assert (Not : ~ between c' l g)
        by (intros Is; destruct Other; apply (one_inside g c' c l Before Is); right; eauto).
      destruct k as [t|u|u|u].
      1, 2: apply Step; [now apply words_other; auto| |reflexivity];
        intros k [= <-]; eauto.
      + destruct Not; left; apply Order.
      + destruct Not; right; exact Order.
  Qed.

  (** ** From entering on *)

  (** Who is between entered, and has not stored since. *)
  Lemma between_since (g : log) c l : legal W g -> between c l g ->
    exists b a g0, g = b ++ (c, a) :: g0 /\ enters l (c, a) g0 = true /\ stays c l b.
  Proof.
    induction g as [|[c' a] g IH]; [intros _ [|(v & ?)]; discriminate|]; intros Legal Is.
    assert (Step : between c l g -> (forall v, (c', a) <> (c, Lock l (Stored v))) ->
      exists b a' g0, (c', a) :: g = b ++ (c, a') :: g0 /\ enters l (c, a') g0 = true /\ stays c l b).
    { intros Was Not; apply legal_cons in Legal as (Legal & _).
      destruct (IH Legal Was) as (b & a' & g0 & -> & Enters & Stays); exists ((c', a) :: b), a', g0.
      split; [reflexivity|split; [exact Enters|]]; intros v [Same|Mem]; [now apply (Not v)|now apply (Stays v)]. }
    destruct a as [l' k| | |]; try (apply Step; [exact Is|discriminate]).
    destruct (Z.eq_dec l' l) as [->|Diff].
    2: { apply Step; [|congruence]; unfold between in *; now rewrite words_other in Is by auto. }
    destruct (Nat.eq_dec c' c) as [->|Other].
    2: { apply Step; [|congruence]; unfold between in *; now rewrite words_other in Is by auto. }
    pose proof (verb_in_order _ _ _ _ Legal) as (_ & Order).
    unfold between in Is; rewrite words_same in Is.
    destruct k as [t|u|u|u]; cbn in Is.
    - destruct Is as [|(v & ?)]; discriminate.
    - destruct Order as ((t & Waits) & _); rewrite Waits in Is.
      destruct (Z.eqb_spec u t) as [->|]; [|destruct Is as [|(v & ?)]; discriminate].
      exists [], (Lock l (Polled t)), g; split; [reflexivity|split; [|intros v []]].
      cbn; rewrite Waits, !Z.eqb_refl; reflexivity.
    - apply Step; [left; apply Order|congruence].
    - destruct Is as [|(v & ?)]; discriminate.
  Qed.

  (** And the other way round. *)
  Lemma between_still (b : log) c l a (g0 : log) : legal W (b ++ (c, a) :: g0) -> enters l (c, a) g0 = true ->
    stays c l b ->
    between c l (b ++ (c, a) :: g0).
  Proof.
    intros Legal Enters; induction b as [|[c' a'] b IH]; intros Stays.
    - cbn [app]; left; destruct a as [l' k| | |]; try discriminate; destruct k; try discriminate.
      cbn in Enters; apply andb_prop in Enters as (Same & Turn); apply Z.eqb_eq in Same as ->.
      rewrite words_same; destruct (phase c l g0); try discriminate; cbn; now rewrite Turn.
    - cbn [app] in Legal |- *; pose proof Legal as Here; apply legal_cons in Legal as (Legal & _).
      assert (Was : between c l (b ++ (c, a) :: g0))
        by (apply IH; [exact Legal|intros v Mem; apply (Stays v); now right]).
      destruct a' as [l' k| | |]; try exact Was; unfold between.
      destruct (Nat.eq_dec c' c) as [->|Other]; [|rewrite words_other by auto; exact Was].
      destruct (Z.eq_dec l' l) as [->|Diff]; [|rewrite words_other by auto; exact Was].
      rewrite words_same; apply verb_in_order in Here as (_ & Order); unfold between in Was.
      destruct k as [t|u|u|u]; cbn.
      + rewrite Order in Was; destruct Was as [|(v & ?)]; discriminate.
      + destruct Order as ((t & Is) & _); rewrite Is in Was; destruct Was as [|(v & ?)]; discriminate.
      + right; eauto.
      + destruct (Stays u); now left.
  Qed.

  (** CPU [c] entered and has not stored since: nobody else has read or written the
      object, and the object is what it was then but for what [c] itself wrote. *)
  Theorem owned (b : log) c l a (g0 : log) :
    legal W (b ++ (c, a) :: g0) -> enters l (c, a) g0 = true -> stays c l b ->
    (forall c' k v, List.In (c', Read l k v) b \/ List.In (c', Wrote l k v) b -> c' = c) /\
    forall k, object l k (b ++ (c, a) :: g0) = object l k (own c b ++ g0).
  Proof.
    intros Legal Enters; induction b as [|[c' a'] b IH]; intros Stays.
    - split; [intros c' k v [[]|[]]|]; destruct a; try discriminate; reflexivity.
    - cbn [app] in Legal; pose proof Legal as Here; apply legal_cons in Legal as (Legal & _).
      assert (Stays' : stays c l b) by (intros v Mem; apply (Stays v); now right).
      destruct (IH Legal Stays') as (Mine & Same); clear IH.
      assert (Me : (exists k v, a' = Read l k v \/ a' = Wrote l k v) -> c' = c).
      { intros Access; destruct (access_in_order _ _ _ _ Here Access) as (Inside & _).
        apply (one_inside (b ++ (c, a) :: g0) c' c l Legal); [now left|now apply between_still]. }
      split.
      + intros c2 k v [[Is|Mem]|[Is|Mem]]; eauto; injection Is as <- ->; eauto.
      + intros k; specialize (Same k); cbn [app own filter fst]; change (filter _ b) with (own c b).
        destruct (Nat.eqb_spec c' c) as [E|Other].
        * cbn [app object]; destruct a' as [l' verb|l' j v|l' j v|]; cbn [object]; try exact Same.
          now destruct (if j =? k then value_for l l' v else None).
        * destruct a' as [l' verb|l' j v|l' j v|]; cbn [object]; try exact Same.
          destruct (Z.eq_dec l' l) as [->|Diff]; [destruct Other; eauto|].
          now rewrite value_for_other; destruct (j =? k).
  Qed.

  (** ** First come, first served *)

  (** A poll, as floor 2 sees it. *)
  Lemma queue_polled (g : log) c l v : legal W ((c, Lock l (Polled v)) :: g) ->
    as_queue ((c, Lock l (Polled v)) :: g) =
    (c, Lock l (if enters l (c, Lock l (Polled v)) g then L2_queue.spec.Began else L2_queue.spec.Looked)) :: as_queue g.
  Proof.
    intros Here; apply verb_in_order in Here as (Legal & (t & Waits) & ->).
    pose proof (up_polled S width Width Fits g c l t Legal Waits) as Up.
    cbn [enters]; rewrite Z.eqb_refl, Waits; cbn [andb].
    assert (Either : exists b : bool, as_queue ((c, Lock l (Polled (serving S width l g))) :: g) =
              (c, Lock l (if b then L2_queue.spec.Began else L2_queue.spec.Looked)) :: as_queue g).
    { exists (L1_ticket.spec.success S c l (L1_ticket.spec.served S l (as_tickets S width g)) (as_tickets S width g)).
      change (as_queue ((c, Lock l (Polled (serving S width l g))) :: g)) with
        (image (L1_ticket.spec.tickets S) (L2_queue.spec.queues S) (L2_queue.show.show S)
           ((c, Lock l (L1_ticket.spec.Saw (L1_ticket.spec.served S l
             (as_tickets S width g)))) :: as_tickets S width g)).
      cbn [image shown L2_queue.show.show]; destruct (L1_ticket.spec.success _ _ _ _ _); reflexivity. }
    destruct Either as (b & Is); rewrite Is; unfold up in Up; rewrite Is in Up.
    destruct (serving S width l g =? t), b; try reflexivity; exfalso;
      apply (f_equal (@length _)) in Up; cbn in Up; lia.
  Qed.

  Lemma queue_batch l (g : log) : forall b, legal W (b ++ g) -> exists qb,
    as_queue (b ++ g) = qb ++ as_queue g /\ L2_queue.order.begun S l qb = entered l b g.
  Proof.
    induction b as [|[c a] b IH]; [exists []; auto|]; cbn [app]; intros Legal.
    pose proof Legal as Here; apply legal_cons in Legal as (Legal & _); destruct (IH Legal) as (qb & Is & Same);
      clear IH.
    destruct a as [l' verb|l' k v|l' k v|].
    2: exists ((c, Read l' k v) :: qb); split; [exact (f_equal (cons (c, Read l' k v)) Is)|exact Same].
    2: exists ((c, Wrote l' k v) :: qb); split; [exact (f_equal (cons (c, Wrote l' k v)) Is)|exact Same].
    2: exists ((c, Halted) :: qb); split; [exact (f_equal (cons (c, Halted)) Is)|exact Same].
    destruct verb as [t|v|v|v].
    - exists ((c, Lock l' L2_queue.spec.Joined) :: qb); split;
        [exact (f_equal (cons (c, Lock l' L2_queue.spec.Joined)) Is)|exact Same].
    - eexists (_ :: qb); split; [exact (eq_trans (queue_polled _ _ _ _ Here) (f_equal (cons _) Is))|].
      cbn [entered fst]; rewrite <- Same; cbn [enters]; rewrite Z.eqb_refl; cbn [andb].
      destruct (Z.eqb_spec l' l) as [->|Diff]; cbn [andb].
      + destruct (match phase c l (b ++ g) with Waiting t => v =? t | _ => false end);
          cbn; now rewrite ?Z.eqb_refl.
      + destruct (match phase c l' (b ++ g) with Waiting t => v =? t | _ => false end);
          cbn; now rewrite ?(proj2 (Z.eqb_neq l' l) Diff).
    - exists qb; split; [exact Is|exact Same].
    - exists ((c, Lock l' L2_queue.spec.Ended) :: qb); split;
        [exact (f_equal (cons (c, Lock l' L2_queue.spec.Ended)) Is)|exact Same].
  Qed.

  Lemma queue_takers l (g : log) : legal W g -> L2_queue.order.joined S l (as_queue g) = takers l g.
  Proof.
    induction g as [|[c a] g IH]; [auto|]; intros Here; pose proof Here as Legal.
    apply legal_cons in Legal as (Legal & _); specialize (IH Legal).
    destruct a as [l' [t|v|v|v]|l' j v|l' j v|]; try exact IH.
    - cbn; destruct (l' =? l); [now rewrite <- IH|exact IH].
    - refine (eq_trans (f_equal _ (queue_polled _ _ _ _ Here)) _); destruct (enters _ _ _); exact IH.
  Qed.

  Lemma queue_member l (g : log) c : legal W g -> List.In c (L2_queue.spec.queue S l (as_queue g)) ->
    phase c l g <> Out.
  Proof.
    intros Legal Mem Out_there; pose proof (phase_ticket S width Width Fits g c l Legal) as Same.
    rewrite Out_there in Same; pose proof (tickets_legal S width Width Fits g Legal) as Legal1.
    destruct (image_legal _ _ _ _ (L2_queue.refine.queue_simulation S) _ Legal1) as (_ & Lines).
    destruct (L1_ticket.facts.ticket_line S _ l Legal1) as (Line & _).
    destruct (Lines l) as (Queue & _); fold (as_queue g) in Queue; rewrite Queue in Mem.
    apply In_nth_error in Mem as (i & At).
    pose proof (L1_ticket.facts.line_waits _ _ _ _ _ Line i c At) as Waits; cbn in Waits.
    rewrite Waits in Same; destruct (_ && _); exact Same.
  Qed.

  (** All enter in the order in which they took their tickets: who has entered are
      the first of those who took one. *)
  Theorem entered_in_order l (g : log) : legal W g -> exists later, takers l g = entered l g [] ++ later.
  Proof.
    intros Legal; pose proof Legal as Legal'; rewrite <- (app_nil_r g) in Legal'.
    destruct (queue_batch l [] g Legal') as (qb & Is & <-); rewrite !app_nil_r in Is.
    rewrite <- (queue_takers l g Legal), Is.
    apply L2_queue.order.begun_in_order; rewrite <- Is; exact (queue_legal S width Width Fits g Legal).
  Qed.

  (** CPU [c] took its ticket after [g] and has not entered since.  Then each other
      CPU has entered at most once since, and only if it was there already: waiting,
      inside or on its way out. *)
  Theorem first_come_first_served c l t (g b : log) c' :
    legal W (b ++ (c, Lock l (Took t)) :: g) ->
    ~ List.In c (entered l b ((c, Lock l (Took t)) :: g)) -> c' <> c ->
    (count_occ Nat.eq_dec (entered l b ((c, Lock l (Took t)) :: g)) c' <= 1)%nat /\
    (List.In c' (entered l b ((c, Lock l (Took t)) :: g)) -> phase c' l g <> Out).
  Proof.
    intros Legal Not_yet Other; destruct (queue_batch l _ b Legal) as (qb & Is & Same); rewrite <- Same in *.
    pose proof (queue_legal S width Width Fits _ Legal) as Above.
    assert (Join : as_queue ((c, Lock l (Took t)) :: g) = (c, Lock l L2_queue.spec.Joined) :: as_queue g)
      by reflexivity.
    rewrite Is, Join in Above.
    destruct (L2_queue.facts.fifo S c l (as_queue g) qb c' Above) as (Once & There); [|exact Other|].
    - rewrite L2_queue.order.begins_count; now apply count_occ_not_In.
    - rewrite L2_queue.order.begins_count in Once, There; split; [exact Once|].
      intros Mem; apply queue_member.
      + apply legal_app in Legal; now apply legal_cons in Legal as (Legal & _).
      + apply There; intros None_; apply (count_occ_In Nat.eq_dec) in Mem; lia.
  Qed.
End History.
