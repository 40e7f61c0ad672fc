(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 1: tickets that wrap refine tickets that do not (T2)

<<
     words    next = taken mod 2^w,  now = served mod 2^w,  Waiting (n mod 2^w)
       |
     show     Took t => Drew (how many were taken)   Polled v => Saw (which is served)
       |      Loaded v => nothing                    Stored v => Bumped
       v
     tickets  taken, served, Waiting n
>>

    If at most 2^w CPUs exist, comparing w-bit words decides "my turn" exactly:
    a waiting ticket is less than N ahead of the one served ([ticket_distance]),
    so equal remainders are equal numbers.  The two halves of [incr_now] act as
    one, because nobody else is inside ([ticket_exclusion]).  With one CPU more
    two are inside: too_many.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts map.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers.L1_ticket Require Import spec facts.
From hlock.layers.L1_ticket Require Export show.
Import ListNotations.
Local Open Scope Z_scope.

Section Refine.
  Context (S : system) (width : Z).
  Context (Width : 1 <= width) (Fits : Z.of_nat (cpus S) <= modulus width).
  Local Notation M := (modulus width).
  Local Notation Low := (words S width).
  Local Notation High := (tickets S).

  Local Notation show := (show S).
  Local Notation image := (image Low High show).

  (** A phase on words and one on numbers; [u] is the word [now]. *)
  Definition same_phase (u : Z) (p q : phase) : Prop :=
    match p, q with
    | Out, Out => True
    | Waiting t, Waiting n => t = n mod M
    | In, In => True
    | Leaving v, In => v = u
    | _, _ => False
    end.

  (** The words are the numbers modulo 2^w. *)
  Record wraps (g : log S words_verb) : Prop := {
    next_wraps : forall l, next S width l g = taken S l (image g) mod M;
    now_wraps : forall l, serving S width l g = served S l (image g) mod M;
    phase_wraps : forall c l,
      same_phase (serving S width l g) (words_phase S c l g) (ticket_phase S c l (image g))
  }.

  Lemma modulus_pos : 0 < M.
  Proof. unfold modulus; apply Z.pow_pos_nonneg; lia. Qed.

  (** Equal remainders, less than 2^w apart: equal. *)
  Lemma wrap_exact n m : 0 <= n - m < M -> (m mod M =? n mod M) = (m =? n).
  Proof.
    intros Near; pose proof modulus_pos.
    destruct (Z.eqb_spec m n) as [->|Diff]; [apply Z.eqb_refl|].
    apply Z.eqb_neq; intros Same; apply Diff.
    assert (Zero : (n - m) mod M = 0) by (rewrite Zminus_mod, Same, Z.sub_diag; apply Z.mod_0_l; lia).
    rewrite Z.mod_small in Zero by lia; lia.
  Qed.

  (** What a verb changes is its CPU's phase on its lock. *)
  Lemma others_stay c l k g c' l' :
    c' <> c \/ l' <> l ->
    words_phase S c' l' ((c, Lock l k) :: g) = words_phase S c' l' g /\
    ticket_phase S c' l' (image ((c, Lock l k) :: g)) = ticket_phase S c' l' (image g).
  Proof.
    intros Other; split; [now apply words_other|]; cbn [image.image shown].
    destruct (show c l k g (image g)); [|reflexivity]; cbn [app]; now apply phase_other.
  Qed.

  (** Verb [k] of CPU [c] on lock [l] keeps the phases, if it does its own, and those of
      the others on that lock. *)
  Lemma phases_kept c l k g (g' := (c, Lock l k) :: g) :
    (forall l', l' <> l -> serving S width l' g' = serving S width l' g) ->
    same_phase (serving S width l g') (words_phase S c l g') (ticket_phase S c l (image g')) ->
    (forall c', c' <> c -> same_phase (serving S width l g') (words_phase S c' l g) (ticket_phase S c' l (image g))) ->
    wraps g ->
    forall c' l', same_phase (serving S width l' g') (words_phase S c' l' g') (ticket_phase S c' l' (image g')).
  Proof.
    intros Still Own Rest [_ _ Phase] c' l'; pose proof (others_stay c l k g c' l') as Others.
    destruct (Z.eq_dec l' l) as [->|Diff]; [destruct (Nat.eq_dec c' c) as [->|Other]; [exact Own|]|].
    - destruct Others as (Words & Ticket); auto; fold g' in Words, Ticket; rewrite Words, Ticket; auto.
    - destruct Others as (Words & Ticket); auto; fold g' in Words, Ticket; rewrite Words, Ticket, Still; auto.
  Qed.

  (** ** One lemma for each verb *)
  Section Verb.
    Context (c : cpu) (l : Z) (g : log S words_verb) (Above : legal High (image g)) (Wraps : wraps g).

    (** Verb [k], in order on words, keeps the correspondence; what it shows is in order. *)
    Definition verb_kept (k : words_verb) : Prop :=
      words_fault S width c l k g = None ->
      wraps ((c, Lock l k) :: g) /\
      forall k', show c l k g (image g) = Some k' -> ticket_fault S c l k' (image g) = None.

    Lemma took_kept t : verb_kept (Took t).
    Proof.
      intros Fault; pose proof Wraps as [Next Now Phase].
      pose proof (Phase c l) as Mine; unfold words_fault, reads in Fault.
      pose proof (words_same S c l (Took t) g) as After; cbn [words_step] in After.
      destruct (words_phase S c l g); try discriminate.
      destruct (ticket_phase S c l (image g)) eqn:Ph; try (now destruct Mine).
      destruct (Z.eqb_spec t (next S width l g)) as [E|]; [subst t; clear Fault|discriminate].
      split; [constructor|].
      - intros l'; cbn; destruct (Z.eqb_spec l l') as [<-|]; [|auto].
        now rewrite Next, Zplus_mod_idemp_l.
      - intros l'; cbn; auto.
      - apply phases_kept; auto; [|intros c' _; exact (Phase c' l)].
        rewrite After; cbn; rewrite Nat.eqb_refl, Z.eqb_refl; cbn; auto.
      - intros k' [= <-]; cbn; unfold ticket_fault, reads; now rewrite Ph, Z.eqb_refl.
    Qed.

    Lemma polled_kept v : verb_kept (Polled v).
    Proof.
      intros Fault; pose proof Wraps as [Next Now Phase].
      pose proof (Phase c l) as Mine; unfold words_fault, reads in Fault.
      pose proof (words_same S c l (Polled v) g) as After; cbn [words_step] in After.
      destruct (words_phase S c l g) as [|t| |]; try discriminate.
      destruct (ticket_phase S c l (image g)) as [|n| |] eqn:Ph; try (now destruct Mine).
      destruct (Z.eqb_spec v (serving S width l g)) as [E|]; [subst v; clear Fault|discriminate].
      pose proof (ticket_distance S (image g) l c n Above Ph) as Near.
      cbn in Mine; subst t.
      split; [constructor|].
      - intros l'; cbn; auto.
      - intros l'; cbn; auto.
      - apply phases_kept; auto; [|intros c' _; exact (Phase c' l)].
        rewrite After; cbn; rewrite Nat.eqb_refl, Z.eqb_refl; cbn; rewrite Ph; cbn.
        rewrite Now, wrap_exact by lia.
        destruct (served S l (image g) =? n); cbn; auto.
      - intros k' [= <-]; cbn; unfold ticket_fault, reads; now rewrite Ph, Z.eqb_refl.
    Qed.

    Lemma loaded_kept v : verb_kept (Loaded v).
    Proof.
      intros Fault; pose proof Wraps as [Next Now Phase].
      pose proof (Phase c l) as Mine; unfold words_fault, reads in Fault.
      pose proof (words_same S c l (Loaded v) g) as After; cbn [words_step] in After.
      destruct (words_phase S c l g); try discriminate.
      destruct (ticket_phase S c l (image g)) eqn:Ph; try (now destruct Mine).
      destruct (Z.eqb_spec v (serving S width l g)) as [E|]; [subst v; clear Fault|discriminate].
      split; [constructor|discriminate].
      - intros l'; cbn; auto.
      - intros l'; cbn; auto.
      - apply phases_kept; auto; [|intros c' _; exact (Phase c' l)]; rewrite After; cbn; rewrite Ph; reflexivity.
    Qed.

    Lemma stored_kept v : verb_kept (Stored v).
    Proof.
      intros Fault; pose proof Wraps as [Next Now Phase].
      pose proof (Phase c l) as Mine; unfold words_fault, reads in Fault.
      pose proof (words_same S c l (Stored v) g) as After; cbn [words_step] in After.
      destruct (words_phase S c l g) as [| | |u]; try discriminate.
      destruct (ticket_phase S c l (image g)) eqn:Ph; try (now destruct Mine).
      cbn in Mine; subst u.
      destruct (Z.eqb_spec v ((serving S width l g + 1) mod M)) as [E|]; [subst v; clear Fault|discriminate].
      split; [constructor|].
      - intros l'; cbn; auto.
      - intros l'; cbn; destruct (Z.eqb_spec l l') as [<-|]; [|auto].
        now rewrite Zmod_mod, Now, Zplus_mod_idemp_l.
      - apply phases_kept; auto.
        + intros l' Diff; cbn; now rewrite (proj2 (Z.eqb_neq l l')) by auto.
        + rewrite After; cbn; rewrite Nat.eqb_refl, Z.eqb_refl; cbn; auto.
        + intros c' Other; pose proof (Phase c' l) as Theirs.
          destruct (words_phase S c' l g); try exact Theirs.
          destruct (ticket_phase S c' l (image g)) eqn:Ph'; try exact Theirs.
          pose proof (ticket_exclusion S (image g) l c c' Above Ph Ph'); congruence.
      - intros k' [= <-]; cbn; unfold ticket_fault; now rewrite Ph.
    Qed.
  End Verb.

  (** T2: the correspondence is kept, and verbs in order stay in order. *)
  Theorem tickets_simulation : simulation Low High show wraps.
  Proof.
    pose proof modulus_pos as Pos.
    constructor.
    - constructor; cbn; intros; auto; symmetry; apply Z.mod_0_l; lia.
    - intros c a g Not [Next Now Phase].
      destruct a as [l k|l j v|l j v|]; [now destruct (Not l k)|..]; now constructor.
    - intros c l k g Legal Above Wraps.
      apply legal_cons in Legal as (_ & Event); apply event_fault_none in Event as (_ & _ & Fault).
      cbn in Fault; destruct (lock_exists l); [|discriminate].
      destruct k as [t|v|v|v]; [now apply took_kept|now apply polled_kept|now apply loaded_kept|now apply stored_kept].
    - intros c l g _ _ [_ _ Phase]; cbn; unfold words_inside, ticket_inside.
      specialize (Phase c l).
      destruct (words_phase S c l g), (ticket_phase S c l (image g)); cbn in Phase;
        try discriminate; tauto.
  Qed.

  (** Related states agree on all that a client reads, once its pass is over: while
      it is [Leaving] it is inside on numbers and no longer on words. *)
  Theorem tickets_agree (d : RData Low) (h : RData High) :
    (forall l v, words_phase S (me d) l (events d) <> Leaving v) ->
    related Low High show d h -> agree Low High d h.
  Proof.
    intros Settled; apply (related_agree Low High show wraps tickets_simulation).
    intros l _ Wraps; pose proof (phase_wraps _ Wraps (me d) l) as Phase; cbn; unfold words_inside, ticket_inside.
    destruct (words_phase S (me d) l (events d)) eqn:Words, (ticket_phase S (me d) l (image (events d)));
      cbn in Phase; try tauto; now destruct (Settled l v).
  Qed.

  (** ** The operations *)
  Local Notation data := (RData Low).
  Local Notation act := (act S width).
  Local Notation in_order := (in_order S width).
  Local Notation related := (related Low High show).
  Local Notation order_after := (others_in_order S width).

  Lemma get_now_act l v (d d' : data) :
    get_now_spec S width l d = Done (v, d') ->
    lock_exists (S := S) l = true /\ v = serving S width l (seen d) /\ d' = act (Lock l (Polled v)) d.
  Proof.
    unfold get_now_spec, on_existing; destruct (lock_exists l); [|discriminate].
    intros [= <- <-]; auto.
  Qed.

  Lemma polls_events l t (d d' : data) : polls l t d d' -> exists g, events d' = g ++ seen d /\ me d' = me d.
  Proof.
    induction 1 as [d d' Get|d v d1 d' Get Not _ (g & IH & Me)];
      apply get_now_act in Get as (_ & _ & ->).
    - exists [(me d, Lock l (Polled t))]; auto.
    - exists (g ++ arrivals (act (Lock l (Polled v)) d) ++ [(me d, Lock l (Polled v))]).
      split; [|exact Me]; rewrite IH; unfold seen at 1; rewrite <- !app_assoc; reflexivity.
  Qed.

  Lemma seen_foreign (d : data) : in_order d -> Forall (fun e => fst e <> me d) (arrivals d).
  Proof. intros [_ Env]; now apply head_foreign in Env as (Here & _). Qed.

  (** Nobody else changes my phase, on words or on numbers. *)
  Lemma phases_seen l (d : data) :
    in_order d ->
    words_phase S (me d) l (seen d) = words_phase S (me d) l (events d) /\
    ticket_phase S (me d) l (image (seen d)) = ticket_phase S (me d) l (image (events d)).
  Proof.
    intros Order; pose proof (seen_foreign d Order) as Foreign; unfold seen; split.
    - now apply words_phase_seen.
    - rewrite image_app; apply ticket_phase_seen.
      exact (batch_image_foreign Low High show _ _ _ Foreign).
  Qed.

  Lemma seen_legal (d : data) : in_order d -> order_after (me d) (seen d) -> legal Low (seen d).
  Proof.
    intros Order After; destruct (arrive_allowed S width d Order After) as (_ & [Inv _]).
    exact (inv_legal _ _ Inv).
  Qed.

  (** One poll: in order, and shown as a look at the number served; it returns
      my ticket below exactly if it does above. *)
  Lemma poll_refine l t n (d : data) :
    let a : action S words_verb := Lock l (Polled (serving S width l (seen d))) in
    let m := served S l (image (seen d)) in
    lock_exists (S := S) l = true -> in_order d -> order_after (me d) (seen d) ->
    words_phase S (me d) l (events d) = Waiting t ->
    ticket_phase S (me d) l (image (events d)) = Waiting n ->
    operation Low a d = Done (act a d) /\ in_order (act a d) /\
    shown Low High show (me d, a) (seen d) (image (seen d)) = [(me d, Lock l (Saw m))] /\
    (serving S width l (seen d) = t <-> m = n).
  Proof.
    intros a m Exists Order After Wait Wait_high.
    destruct (phases_seen l d Order) as (Low_phase & High_phase).
    pose proof (seen_legal d Order After) as Legal.
    destruct (image_legal Low High show wraps tickets_simulation _ Legal) as (Above & Wraps).
    destruct (act_allowed S width a d Order After) as (Op & Order').
    - discriminate.
    - cbn; rewrite Exists; unfold words_fault, reads; rewrite Low_phase, Wait, Z.eqb_refl; reflexivity.
    - split; [exact Op|split; [exact Order'|split; [reflexivity|]]].
      rewrite (now_wraps _ Wraps l).
      pose proof (phase_wraps _ Wraps (me d) l) as Same.
      rewrite Low_phase, High_phase, Wait, Wait_high in Same; cbn in Same; subst t.
      pose proof (ticket_distance S _ l (me d) n Above (eq_trans High_phase Wait_high)) as Near.
      rewrite <- !Z.eqb_eq, wrap_exact by lia; reflexivity.
  Qed.

  (** Waiting: every poll below is one above, and the last is the last. *)
  Lemma polls_refine l t (d d' : data) :
    polls l t d d' -> forall n,
    in_order d -> order_after (me d) (events d') ->
    words_phase S (me d) l (events d) = Waiting t ->
    ticket_phase S (me d) l (image (events d)) = Waiting n ->
    words_phase S (me d) l (events d') = In /\ in_order d' /\
    exists bs, forall h rest, related d h -> exists h',
      until (F := High) (fun a => exists v, v <> n /\ a = Lock l (Saw v)) (fun a => a = Lock l (Saw n))
            (with_env High (bs ++ rest) h) h' /\
      related d' h' /\ env h' = rest.
  Proof.
    induction 1 as [d d' Get|d v d1 d' Get Not Polls IH]; intros n Order After Wait Wait_high.
    - apply get_now_act in Get as (Exists & Is & ->).
      assert (After' : order_after (me d) (seen d)) by (eapply others_app with (b := [_]); exact After).
      rewrite Is; destruct (poll_refine l t n d Exists Order After' Wait Wait_high)
        as (Op & Order' & Shown & Same).
      split; [|split; [exact Order'|]].
      + destruct (phases_seen l d Order) as (Low_phase & _).
        refine (eq_trans (words_same S (me d) l _ (seen d)) _).
        rewrite Low_phase, Wait; cbn [words_step]; now rewrite <- Is, Z.eqb_refl.
      + destruct (operation_shown Low High show wraps tickets_simulation [] _ _ _ _ Op Shown)
          as (b & Step).
        exists [b]; intros h rest Rel; destruct (Step h rest Rel) as (h' & High_op & Rel' & Env').
        exists h'; split; [|auto]; cbn [app]; eapply until_last; [|exact High_op].
        now rewrite (proj1 Same (eq_sym Is)).
    - apply get_now_act in Get as (Exists & Is & ->).
      destruct (polls_events _ _ _ _ Polls) as (g & Events & Me).
      assert (After' : order_after (me d) (seen d)).
      { rewrite Events in After; apply others_app in After; unfold seen in After at 1.
        apply others_app in After; eapply others_app with (b := [_]); exact After. }
      rewrite Is in *; destruct (poll_refine l t n d Exists Order After' Wait Wait_high)
        as (Op & Order' & Shown & Same).
      destruct (phases_seen l d Order) as (Low_phase & High_phase).
      destruct (IH n) as (Inside & Order2 & bs & Steps); auto.
      + refine (eq_trans (words_same S (me d) l _ (seen d)) _).
        rewrite Low_phase, Wait; cbn [words_step]; now rewrite (proj2 (Z.eqb_neq _ _) Not).
      + refine (eq_trans (phase_same S (me d) l _ (image (seen d))) _).
        rewrite High_phase, Wait_high; cbn [ticket_step].
        now rewrite (proj2 (Z.eqb_neq _ _)) by (intros E; now apply Not, Same).
      + split; [exact Inside|split; [exact Order2|]].
        destruct (operation_shown Low High show wraps tickets_simulation [] _ _ _ _ Op Shown)
          as (b & Step).
        exists (b :: bs); intros h rest Rel.
        destruct (Step h (bs ++ rest) Rel) as (h1 & High_op & Rel1 & Env1).
        destruct (Steps h1 rest Rel1) as (h' & Until & Rel' & Env').
        exists h'; split; [|auto]; cbn [app]; eapply until_again; [|exact High_op|].
        * eexists; split; [|reflexivity]; intros E; now apply Not, Same.
        * replace h1 with (with_env High (bs ++ rest) h1); [exact Until|].
          destruct h1; cbn in *; unfold with_env; cbn; now rewrite <- Env1.
  Qed.

  Lemma incr_ticket_act l t (d d' : data) :
    incr_ticket_spec S width l d = Done (t, d') ->
    lock_exists (S := S) l = true /\ t = next S width l (seen d) /\ d' = act (Lock l (Took t)) d.
  Proof.
    unfold incr_ticket_spec, on_existing; destruct (lock_exists l); [|discriminate].
    intros [= <- <-]; auto.
  Qed.

  (** The whole wait of floor 1, on words, is the wait on numbers. *)
  Theorem wait_lock_refines l (d d' : data) :
    wait_lock_spec_low l d d' ->
    in_order d -> order_after (me d) (events d') -> words_phase S (me d) l (events d) = Out ->
    words_phase S (me d) l (events d') = In /\ in_order d' /\
    exists bs, forall h rest, related d h -> exists h',
      wait_lock_spec S l (with_env High (bs ++ rest) h) h' /\ related d' h' /\ env h' = rest.
  Proof.
    intros (t & d1 & Take & Polls) Order After Outside.
    apply incr_ticket_act in Take as (Exists & -> & ->).
    destruct (polls_events _ _ _ _ Polls) as (g & Events & Me).
    assert (After' : order_after (me d) (seen d)).
    { rewrite Events in After; apply others_app in After; unfold seen in After at 1.
      apply others_app in After; eapply others_app with (b := [_]); exact After. }
    destruct (phases_seen l d Order) as (Low_phase & High_phase).
    pose proof (seen_legal d Order After') as Legal.
    destruct (image_legal Low High show wraps tickets_simulation _ Legal) as (Above & Wraps).
    set (t := next S width l (seen d)) in *; set (n := taken S l (image (seen d))).
    destruct (act_allowed S width (Lock l (Took t)) d Order After') as (Op & Order1).
    { discriminate. }
    { cbn; rewrite Exists; unfold words_fault, reads; rewrite Low_phase, Outside.
      subst t; now rewrite Z.eqb_refl. }
    assert (Shown : shown Low High show (me d, Lock l (Took t)) (seen d) (image (seen d)) =
                    [(me d, Lock l (Drew n))]) by reflexivity.
    destruct (polls_refine l t _ d' Polls n Order1) as (Inside & Order' & bs & Steps).
    - exact After.
    - refine (eq_trans (words_same S (me d) l _ (seen d)) _); now rewrite Low_phase, Outside.
    - exact (phase_same S (me d) l (Drew n) (image (seen d))).
    - split; [exact Inside|split; [exact Order'|]].
      destruct (operation_shown Low High show wraps tickets_simulation [] _ _ _ _ Op Shown) as (b & Step).
      exists (b :: bs); intros h rest Rel.
      destruct (Step h (bs ++ rest) Rel) as (h1 & High_op & Rel1 & Env1).
      destruct (Steps h1 rest Rel1) as (h' & Until & Rel' & Env').
      exists h'; split; [|auto]; exists n, h1; split; [exact High_op|].
      replace h1 with (with_env High (bs ++ rest) h1); [exact Until|].
      destruct h1; cbn in *; unfold with_env; cbn; now rewrite <- Env1.
  Qed.

  (** Load and store of [incr_now] are one event above: nobody comes between. *)
  Theorem pass_lock_refines l (d d' : data) :
    pass_lock_spec_low l d = Done d' ->
    in_order d -> order_after (me d) (events d') -> words_phase S (me d) l (events d) = In ->
    words_phase S (me d) l (events d') = Out /\ in_order d' /\
    exists b, forall h rest, related d h -> exists h',
      pass_lock_spec S l (with_env High (b :: rest) h) = Done h' /\ related d' h' /\ env h' = rest.
  Proof.
    intros Pass Order After Inside.
    unfold pass_lock_spec_low, incr_now_spec, on_existing in Pass.
    destruct (lock_exists l) eqn:Exists; [|discriminate]; injection Pass as <-.
    set (v := serving S width l (events (arrive S width d))) in *.
    change (record S width (Lock l (Loaded v)) (arrive S width d)) with (act (Lock l (Loaded v)) d) in *.
    set (d1 := act (Lock l (Loaded v)) d) in *.
    change (record S width (Lock l (Stored ((v + 1) mod M))) (arrive S width d1))
      with (act (Lock l (Stored ((v + 1) mod M))) d1) in *.
    assert (After1 : order_after (me d) (seen d1))
      by (eapply others_app with (b := [_]); exact After).
    assert (After0 : order_after (me d) (seen d)).
    { unfold seen in After1 at 1; apply others_app in After1.
      eapply others_app with (b := [_]); exact After1. }
    destruct (phases_seen l d Order) as (Low_phase & _).
    destruct (act_allowed S width (Lock l (Loaded v)) d Order After0) as (Op1 & Order1).
    { discriminate. }
    { cbn; rewrite Exists; unfold words_fault, reads; rewrite Low_phase, Inside.
      subst v; cbn [events arrive]; now rewrite Z.eqb_refl. }
    fold d1 in Op1, Order1.
    assert (Phase1 : words_phase S (me d) l (events d1) = Leaving v)
      by exact (words_same S (me d) l (Loaded v) (seen d)).
    destruct (phases_seen l d1 Order1) as (Low_phase1 & _); change (me d1) with (me d) in Low_phase1.
    destruct (act_allowed S width (Lock l (Stored ((v + 1) mod M))) d1 Order1 After1) as (Op2 & Order2).
    { discriminate. }
    { cbn; rewrite Exists; unfold words_fault.
      change (match words_phase S (me d) l (seen d1) with
              | Leaving u => if (v + 1) mod M =? (u + 1) mod M then None else Some Out_of_order
              | _ => Some Out_of_order
              end = None).
      now rewrite Low_phase1, Phase1, Z.eqb_refl. }
    split; [|split; [exact Order2|]].
    - exact (words_same S (me d) l (Stored ((v + 1) mod M)) (seen d1)).
    - destruct (operation_hidden Low High show [] _ _ _ Op1 eq_refl) as (p & Lags).
      destruct (operation_shown Low High show wraps tickets_simulation p _ _ _ (Lock l Bumped) Op2 eq_refl)
        as (b & Step).
      exists b; intros h rest Rel; exact (Step h rest (Lags h Rel)).
  Qed.
End Refine.
