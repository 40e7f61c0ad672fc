(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 1: a wait ends

    If the others make the serving number move at least once in any [F] of my
    polls, then I poll at most 1 + F * (N - 1) times: the number never goes back,
    and when I took my ticket at most N - 1 CPUs stood before me. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts map.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers.L1_ticket Require Import spec facts refine.
Import ListNotations.
Local Open Scope Z_scope.

(** ** My events are counted *)
Section Own.
  Context {S : system} {verb : Type}.
  Local Notation log := (log S verb).

  Lemma own_foreign c (b g : log) : Forall (fun e => fst e <> c) b -> own c (b ++ g) = own c g.
  Proof.
    unfold own; induction b as [|[c' a] b IH]; [auto|]; rewrite Forall_cons_iff; intros (Other & B).
    cbn in *; destruct (Nat.eqb_spec c' c); [contradiction|exact (IH B)].
  Qed.
  Lemma own_mine c a (g : log) : own c ((c, a) :: g) = Datatypes.S (own c g).
  Proof. unfold own; cbn [filter fst]; now rewrite Nat.eqb_refl. Qed.
End Own.

(** The serving number never goes back. *)
Lemma served_grows S l b g : served S l g <= served S l (b ++ g).
Proof.
  induction b as [|[c [l' [n|n|]|l' j v|l' j v|]] b IH]; cbn [app served]; try lia.
  destruct (l' =? l); lia.
Qed.

Section Ends.
  Context (S : system) (width : Z).
  Context (Width : 1 <= width) (Fits : Z.of_nat (cpus S) <= modulus width).
  Local Notation Low := (words S width).
  Local Notation data := (RData Low).
  Local Notation image := (image.image Low (tickets S) (show S)).
  Local Notation order_after := (others_in_order S width).
  Local Notation act := (act S width).
  Local Notation Sim := (tickets_simulation S width Width Fits).

  Lemma own_act a (d : data) :
    Forall (Forall (fun e => fst e <> me d)) (env d) ->
    own (me d) (events (act a d)) = Datatypes.S (own (me d) (events d)).
  Proof.
    intros Env; apply head_foreign in Env as (Here & _).
    refine (eq_trans (own_mine (me d) a (seen d)) _); f_equal; exact (own_foreign _ _ _ Here).
  Qed.

  (** CPU [me d] waits for lock [l] with ticket [t], which is number [n]. *)
  Record waiting (l t n : Z) (d : data) : Prop := {
    waiting_order : in_order S width d;
    waiting_word : words_phase S (me d) l (events d) = Waiting t;
    waiting_number : ticket_phase S (me d) l (image (events d)) = Waiting n
  }.
  (** Number [n] is [k] before its turn. *)
  Definition ahead (l n : Z) (g : log S words_verb) : Z := n - served S l (image g).

  Section Wait.
    Context (l t n : Z) (Exists : lock_exists (S := S) l = true).
    Local Notation waiting := (waiting l t n).
    Local Notation ahead := (ahead l n).

    Lemma ahead_seen (d : data) : ahead (seen d) <= ahead (events d).
    Proof.
      unfold ahead; assert (served S l (image (events d)) <= served S l (image (seen d))); [|lia].
      unfold seen; rewrite (image_app Low (tickets S) (show S)); apply (served_grows S).
    Qed.
    Lemma ahead_bounds d : waiting d -> 0 <= ahead (events d) < Z.of_nat (cpus S).
    Proof.
      intros [Order _ Number]; apply (ticket_distance S _ l (me d)); [|exact Number].
      exact (proj1 (image_legal _ _ _ _ Sim _ (inv_legal _ _ (order_invariant _ _ _ Order)))).
    Qed.
    (** It is my turn exactly if the word is my ticket. *)
    Lemma ahead_none d : waiting d -> serving S width l (events d) = t <-> ahead (events d) = 0.
    Proof.
      intros Waits; pose proof (ahead_bounds d Waits) as Near; destruct Waits as [Order Word Number].
      destruct (image_legal _ _ _ _ Sim _ (inv_legal _ _ (order_invariant _ _ _ Order))) as (_ & Wraps).
      pose proof (phase_wraps _ _ _ Wraps (me d) l) as Same.
      rewrite Word, Number in Same; cbn in Same; subst t.
      rewrite (now_wraps _ _ _ Wraps l); unfold ahead in *.
      rewrite <- Z.eqb_eq, (wrap_exact S width Width) by lia; rewrite Z.eqb_eq; lia.
    Qed.

    (** One poll: it reads my ticket, or I still wait. *)
    Lemma poll (d : data) : waiting d -> order_after (me d) (seen d) ->
      let v := serving S width l (seen d) in let d1 := act (Lock l (Polled v)) d in
      get_now_spec S width l d = Done (v, d1) /\
      own (me d) (events d1) = Datatypes.S (own (me d) (events d)) /\
      (v <> t -> waiting d1 /\ ahead (events d1) = ahead (seen d)).
    Proof.
      intros [Order Word Number] After v d1; split; [|split; [exact (own_act _ d (order_env _ _ _ Order))|intros Not]].
      { unfold get_now_spec, on_existing; now rewrite Exists. }
      destruct (poll_refine S width Width Fits l t n d Exists Order After Word Number)
        as (_ & Order1 & Shown & Same).
      destruct (phases_seen S width l d Order) as (Word_seen & Number_seen).
      assert (Image : image (events d1) = (me d, Lock l (Saw (served S l (image (seen d))))) :: image (seen d))
        by exact (f_equal (fun g => g ++ image (seen d)) Shown).
      assert (Later : served S l (image (seen d)) <> n) by (intros Turn; now apply Not, Same).
      split; [constructor; [exact Order1| |]|].
      - refine (eq_trans (words_same S (me d) l _ (seen d)) _).
        rewrite Word_seen, Word; cbn [words_step]; now rewrite (proj2 (Z.eqb_neq _ _) Not).
      - rewrite Image; refine (eq_trans (phase_same S (me d) l _ (image (seen d))) _).
        rewrite Number_seen, Number; cbn [ticket_step]; now rewrite (proj2 (Z.eqb_neq _ _) Later).
      - unfold ahead; rewrite Image; reflexivity.
    Qed.

    (** Until the number moves, or my turn comes. *)
    Lemma until_it_moves F (d : data) :
      moves l F d -> waiting d ->
      (forall d1 : data, polls_in_vain l t d d1 -> order_after (me d) (seen d1)) ->
      (exists d', polls l t d d' /\ (own (me d) (events d') <= own (me d) (events d) + F)%nat) \/
      (exists d', polls_in_vain l t d d' /\ me d' = me d /\ waiting d' /\
         ahead (events d') < ahead (events d) /\
         (own (me d) (events d') <= own (me d) (events d) + F)%nat).
    Proof.
      induction 1 as [F d Moves|F d v d1 Get _ IH]; intros Waits Safe;
        destruct (poll d Waits (Safe d (none_yet l t d))) as (Poll & Own & Still);
        set (v0 := serving S width l (seen d)) in *; set (d0 := act (Lock l (Polled v0)) d) in *.
      - destruct (Z.eq_dec v0 t) as [Turn|Not].
        { left; exists d0; split; [rewrite <- Turn; now apply my_turn; rewrite Turn in *|lia]. }
        destruct (Still Not) as (Waits0 & Ahead); right; exists d0.
        split; [eapply one_more; eauto using none_yet|split; [reflexivity|split; [exact Waits0|split; [|lia]]]].
        pose proof (ahead_seen d).
        assert (ahead (events d0) <> ahead (events d)); [|lia].
        rewrite Ahead; intros Same; apply Moves.
        destruct (image_legal _ _ _ _ Sim _ (seen_legal S width d (waiting_order _ _ _ _ Waits)
                    (Safe d (none_yet l t d)))) as (_ & Wraps).
        destruct (image_legal _ _ _ _ Sim _ (inv_legal _ _ (order_invariant _ _ _ (waiting_order _ _ _ _ Waits))))
          as (_ & Wraps').
        fold v0; unfold v0; rewrite (now_wraps _ _ _ Wraps l), (now_wraps _ _ _ Wraps' l).
        unfold ahead in Same; f_equal; lia.
      - rewrite Poll in Get; injection Get as <- <-.
        destruct (Z.eq_dec v0 t) as [Turn|Not].
        { left; exists d0; split; [rewrite <- Turn; now apply my_turn; rewrite Turn in *|lia]. }
        destruct (Still Not) as (Waits0 & Ahead); pose proof (ahead_seen d).
        destruct IH as [(d' & Polls & Count)|(d' & Vain & Me & Waits' & Less & Count)]; auto.
        { intros d1 Vain; apply Safe; eapply one_more; eauto. }
        + left; exists d'; split; [eapply not_yet; eauto|]; change (me d0) with (me d) in Count; lia.
        + right; exists d'; change (me d0) with (me d) in *.
          split; [eapply one_more; eauto|split; [exact Me|split; [exact Waits'|split; lia]]].
    Qed.

    Lemma vain_trans (d1 d2 d3 : data) :
      polls_in_vain l t d1 d2 -> polls_in_vain l t d2 d3 -> polls_in_vain l t d1 d3.
    Proof. induction 1; eauto using one_more. Qed.
    Lemma vain_polls (d1 d2 d3 : data) : polls_in_vain l t d1 d2 -> polls l t d2 d3 -> polls l t d1 d3.
    Proof. induction 1; eauto using not_yet. Qed.

    (** My turn does not go away: the next poll is the last. *)
    Lemma turn_stays (d : data) :
      waiting d -> order_after (me d) (seen d) -> serving S width l (events d) = t ->
      let d1 := act (Lock l (Polled t)) d in
      get_now_spec S width l d = Done (t, d1) /\
      own (me d) (events d1) = Datatypes.S (own (me d) (events d)).
    Proof.
      intros Waits After Turn; destruct (poll d Waits After) as (Poll & Own & Still).
      set (v := serving S width l (seen d)) in *; destruct (Z.eq_dec v t) as [<-|Not]; [auto|].
      destruct (Still Not) as (Waits1 & Ahead); pose proof (ahead_seen d).
      pose proof (ahead_bounds _ Waits1); apply (ahead_none d Waits) in Turn.
      assert (Zero : ahead (events (act (Lock l (Polled v)) d)) = 0) by lia.
      now apply (ahead_none _ Waits1) in Zero.
    Qed.

    Theorem polls_end F k : forall d : data,
      waiting d -> ahead (events d) <= Z.of_nat k ->
      (forall d1 : data, polls_in_vain l t d d1 -> order_after (me d) (seen d1)) ->
      (forall d1 : data, polls_in_vain l t d d1 -> serving S width l (events d1) = t \/ moves l F d1) ->
      exists d', polls l t d d' /\ (own (me d) (events d') <= own (me d) (events d) + 1 + F * k)%nat.
    Proof.
      induction k as [|k IH]; intros d Waits Near Safe Fair; pose proof (ahead_bounds d Waits);
        assert (Last : serving S width l (events d) = t -> exists d', polls l t d d' /\
                         own (me d) (events d') = Datatypes.S (own (me d) (events d)))
          by (intros Turn; destruct (turn_stays d Waits (Safe d (none_yet l t d)) Turn); eauto using my_turn).
      - destruct Last as (d' & Polls & Count); [|exists d'; split; [exact Polls|lia]].
        apply (ahead_none d Waits); lia.
      - destruct (Fair d (none_yet l t d)) as [Turn|Moves].
        + destruct (Last Turn) as (d' & Polls & Count); exists d'; split; [exact Polls|lia].
        + destruct (until_it_moves F d Moves Waits Safe)
            as [(d' & Polls & Count)|(d1 & Vain & Me & Waits1 & Less & Count)].
          { exists d'; split; [exact Polls|nia]. }
          destruct (IH d1 Waits1) as (d' & Polls & Count').
          * lia.
          * rewrite Me; intros d2 Vain2; apply Safe; eapply vain_trans; eauto.
          * intros d2 Vain2; apply Fair; eapply vain_trans; eauto.
          * exists d'; split; [eapply vain_polls; eauto|]; rewrite Me in Count'; nia.
    Qed.
  End Wait.
End Ends.
