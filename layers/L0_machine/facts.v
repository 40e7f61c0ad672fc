(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 0: runs on memory, and when they are in order

    An operation of floor 0 does not look at the environment.  If the others keep
    to the protocol and my own event is in order, it is the operation that the
    protocol allows ([act_allowed]).  The invariant: what memory and CPUs have are
    words, and it is kept by each operation of a CPU that keeps to the protocol
    ([words_preserved]). *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts operations.
From hlock.layers.L0_machine Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.

Section Facts.
  Context (S : system) (width : Z).
  Local Notation F := (words S width).
  Local Notation data := (RData F).
  Local Notation act := (act S width).

  (** A state that this CPU reaches in order, with others who keep to it. *)
  Record in_order (d : data) : Prop := {
    order_invariant : invariant d;
    order_env : Forall (Forall (fun e => fst e <> me d)) (env d)
  }.

  Lemma others_app c b g : others_in_order S width c (b ++ g) -> others_in_order S width c g.
  Proof. intros Ok b' e g' -> Other; apply (Ok (b ++ b') e g'); [now rewrite app_assoc|auto]. Qed.

  Lemma legal_others c g : legal F g -> others_in_order S width c g.
  Proof. intros Legal b e g' -> _; apply legal_app in Legal; now apply legal_cons in Legal. Qed.

  Lemma others_legal c b g :
    legal F g -> others_in_order S width c (b ++ g) -> Forall (fun e => fst e <> c) b ->
    legal F (b ++ g).
  Proof.
    intros Legal; induction b as [|e b IH]; [auto|]; cbn [app].
    rewrite Forall_cons_iff; intros Ok (E & B); apply legal_cons; split.
    - apply IH; auto; now apply (others_app c [e]).
    - now apply (Ok [] e).
  Qed.

  Lemma head_foreign (c : cpu) (bs : list (log S words_verb)) :
    Forall (Forall (fun e => fst e <> c)) bs ->
    Forall (fun e => fst e <> c) (hd [] bs) /\ Forall (Forall (fun e => fst e <> c)) (tl bs).
  Proof. destruct bs; cbn; [auto|]; now rewrite Forall_cons_iff. Qed.

  Lemma arrive_allowed d :
    in_order d -> others_in_order S width (me d) (seen d) ->
    await F d = Done (arrive S width d) /\ in_order (arrive S width d).
  Proof.
    intros [Inv Env] Ok; destruct (head_foreign _ _ Env) as (Here & Later).
    assert (Await : await F d = Done (arrive S width d)).
    { apply await_done; split; [|reflexivity].
      unfold env_legal; apply (batch_legal_iff F _ _ _ (inv_legal _ _ Inv)).
      split; [apply (others_legal (me d)); auto; apply Inv|exact Here]. }
    split; [exact Await|]; constructor; [eapply await_invariant; eauto|exact Later].
  Qed.

  (** My event, if it is in order, is an operation that the protocol allows. *)
  Lemma act_allowed a d :
    in_order d -> others_in_order S width (me d) (seen d) -> a <> Halted ->
    action_fault F (me d) a (seen d) = None ->
    operation F a d = Done (act a d) /\ in_order (act a d).
  Proof.
    intros Order Ok Stays Fault; destruct (arrive_allowed d Order Ok) as (Await & [Inv Env]).
    assert (Emit : emit F a (arrive S width d) = Done (act a d)).
    { apply emit_done; split; [|reflexivity]; apply event_fault_none.
      split; [apply Inv|split; [apply Inv|exact Fault]]. }
    split; [unfold operation; now rewrite Await|].
    constructor; [eapply emit_invariant; eauto|exact Env].
  Qed.

  (** Accesses by who is inside, and a halt, are what the protocol allows. *)
  Lemma read_allowed l k d :
    in_order d -> others_in_order S width (me d) (seen d) ->
    words_inside S (me d) l (seen d) = true ->
    obj_read_spec F l k d = Done (words_read S width l k d) /\ in_order (snd (words_read S width l k d)).
  Proof.
    intros Order Ok Inside; set (v := object l k (seen d)).
    destruct (act_allowed (Read l k v) d Order Ok) as (Op & Order'); [discriminate| |].
    - cbn; rewrite Inside; destruct (obj_eq_dec S l _ _) as [|N]; [reflexivity|now destruct N].
    - split; [|exact Order'].
      unfold operation in Op; unfold obj_read_spec.
      destruct (arrive_allowed d Order Ok) as (Await & _); rewrite Await in Op |- *; cbn [bind] in *.
      change (object l k (events (arrive S width d))) with v; rewrite Op; reflexivity.
  Qed.
  Lemma write_allowed l k v d :
    in_order d -> others_in_order S width (me d) (seen d) ->
    words_inside S (me d) l (seen d) = true ->
    obj_write_spec F l k v d = Done (words_write S width l k v d) /\ in_order (words_write S width l k v d).
  Proof.
    intros Order Ok Inside; apply (act_allowed (Wrote l k v)); auto; [discriminate|].
    cbn; now rewrite Inside.
  Qed.
  Lemma halt_allowed d :
    in_order d -> others_in_order S width (me d) (seen d) ->
    halt_spec F d = Done (words_halt S width d).
  Proof.
    intros Order Ok; destruct (arrive_allowed d Order Ok) as (Await & [Inv _]).
    unfold halt_spec, operation; rewrite Await; cbn [bind].
    apply emit_done; split; [|reflexivity]; apply event_fault_none.
    split; [apply Inv|split; [apply Inv|reflexivity]].
  Qed.

  (** ** Whose events change a phase *)
  Lemma words_other c c' l l' k (g : log S words_verb) :
    c' <> c \/ l' <> l -> words_phase S c' l' ((c, Lock l k) :: g) = words_phase S c' l' g.
  Proof. cbn; destruct (Nat.eqb_spec c c'), (Z.eqb_spec l l'); cbn; intuition congruence. Qed.
  Lemma words_same c l k (g : log S words_verb) :
    words_phase S c l ((c, Lock l k) :: g) = words_step k (words_phase S c l g).
  Proof. cbn; now rewrite Nat.eqb_refl, Z.eqb_refl. Qed.
  Lemma words_phase_seen c l b (g : log S words_verb) :
    Forall (fun e => fst e <> c) b -> words_phase S c l (b ++ g) = words_phase S c l g.
  Proof.
    induction b as [|[c' a] b IH]; [auto|]; rewrite Forall_cons_iff; cbn [fst app]; intros (E & B).
    rewrite <- (IH B); destruct a as [l' k| | |]; try reflexivity; apply words_other; auto.
  Qed.

  (** ** What memory returns is a word *)
  Lemma next_in_word l g : 0 <= width -> in_word width (next S width l g).
  Proof.
    intros W; assert (0 < modulus width) by (apply Z.pow_pos_nonneg; lia).
    induction g as [|[c [l' [t|v|v|v]|l' j v|l' j v|]] g IH]; cbn; try assumption; [red; lia|].
    destruct (l' =? l); [apply Z.mod_pos_bound; lia|assumption].
  Qed.
  Lemma now_in_word l g : 0 <= width -> in_word width (serving S width l g).
  Proof.
    intros W; assert (0 < modulus width) by (apply Z.pow_pos_nonneg; lia).
    induction g as [|[c [l' [t|v|v|v]|l' j v|l' j v|]] g IH]; cbn; try assumption; [red; lia|].
    destruct (l' =? l); [apply Z.mod_pos_bound; lia|assumption].
  Qed.

  (** ** The invariant *)
  Definition words_bounded (g : log S words_verb) : Prop := forall l,
    in_word width (next S width l g) /\ in_word width (serving S width l g) /\
    forall c, match words_phase S c l g with
              | Waiting t => in_word width t
              | Leaving v => in_word width v
              | _ => True
              end.

  Lemma legal_words_bounded g : 0 <= width -> legal F g -> words_bounded g.
  Proof.
    intros W; induction g as [|[c a] g IH];
      intros Legal l; (split; [now apply next_in_word|split; [now apply now_in_word|]]); [easy|].
    apply legal_cons in Legal as (Legal & Event); destruct (IH Legal l) as (Next & Now & Phases); intros c'.
    specialize (Phases c'); apply event_fault_none in Event as (_ & _ & Fault).
    destruct a as [l' k|l' j v|l' j v|]; [|exact Phases..]; cbn in Fault |- *.
    destruct (Nat.eqb_spec c c') as [->|], (Z.eqb_spec l' l) as [->|]; cbn; auto.
    destruct (lock_exists l); [|discriminate]; unfold words_fault, reads in Fault.
    destruct k as [t|v|v|v], (words_phase S c' l g) as [|t'| |u]; cbn; auto; try discriminate.
    - now destruct (Z.eqb_spec t (next S width l g)) as [->|].
    - now destruct (v =? t').
    - now destruct (Z.eqb_spec v (serving S width l g)) as [->|].
  Qed.

  (** The log is legal, the words are words, and no batch is in my name. *)
  Record words_invariant (d : data) : Prop := {
    words_floor : floor_invariant (F := F) words_bounded d;
    words_env : Forall (Forall (fun e => fst e <> me d)) (env d)
  }.

  Theorem words_init c bs :
    0 <= width -> (c < cpus S)%nat -> Forall (Forall (fun e => fst e <> c)) bs ->
    words_invariant (start F c bs).
  Proof.
    intros W Cpu Env; constructor; [|exact Env].
    exact (floor_init F words_bounded c bs (fun g => legal_words_bounded g W) Cpu).
  Qed.

  (** What a CPU does on words, in the order of the protocol. *)
  Inductive words_does : data -> data -> Prop :=
  | does_incr_ticket l t (d d' : data) :
      words_phase S (me d) l (events d) = Out -> incr_ticket_spec S width l d = Done (t, d') -> words_does d d'
  | does_get_now l t v (d d' : data) :
      words_phase S (me d) l (events d) = Waiting t -> get_now_spec S width l d = Done (v, d') -> words_does d d'
  | does_incr_now l (d d' : data) :
      words_phase S (me d) l (events d) = In -> incr_now_spec S width l d = Done d' -> words_does d d'
  | does_words_read l k (d : data) :
      words_phase S (me d) l (events d) = In -> words_does d (snd (words_read S width l k d))
  | does_words_write l k v (d : data) :
      words_phase S (me d) l (events d) = In -> words_does d (words_write S width l k v d)
  | does_words_halt d : words_does d (words_halt S width d).

  Lemma act_preserved a d :
    0 <= width -> words_invariant d -> halted (me d) (events d) = false ->
    others_in_order S width (me d) (events (act a d)) ->
    action_fault F (me d) a (seen d) = None ->
    words_invariant (act a d) /\ (a <> Halted -> halted (me d) (events (act a d)) = false).
  Proof.
    intros W [[Legal Cpu _] Env] Runs Ok Fault.
    assert (Order : in_order d) by (constructor; [now constructor|exact Env]).
    destruct (arrive_allowed d Order (others_app _ [(me d, a)] _ Ok)) as (_ & [[Legal1 _ Runs1] Env1]).
    assert (Legal2 : legal F (events (act a d))).
    { apply legal_cons; split; [exact Legal1|apply event_fault_none]; auto. }
    split.
    - constructor; [|exact Env1]; constructor; [exact Legal2|exact Cpu|now apply legal_words_bounded].
    - intros Stays; destruct a; auto; now destruct Stays.
  Qed.

  (** If the others keep to the protocol, each step of mine keeps the invariant. *)
  Theorem words_preserved (d d' : data) :
    0 <= width -> words_invariant d -> halted (me d) (events d) = false ->
    others_in_order S width (me d) (events d') -> words_does d d' -> words_invariant d'.
  Proof.
    intros W Inv Runs Ok Does.
    assert (Seen : forall l, words_phase S (me d) l (seen d) = words_phase S (me d) l (events d)).
    { intros l; destruct Inv as [_ Env]; apply words_phase_seen; now apply head_foreign in Env. }
    destruct Does as [l t d d' Phase Op|l t v d d' Phase Op|l d d' Phase Op|l k d Phase|l k v d Phase|d];
      try (unfold incr_ticket_spec, get_now_spec, incr_now_spec, on_existing in Op;
           destruct (lock_exists l) eqn:Exists; [|discriminate]).
    - injection Op as <- <-; apply (act_preserved (Lock l (Took (next S width l (seen d)))) d); auto.
      cbn; rewrite Exists; unfold words_fault, reads; now rewrite Seen, Phase, Z.eqb_refl.
    - injection Op as <- <-; apply (act_preserved (Lock l (Polled (serving S width l (seen d)))) d); auto.
      cbn; rewrite Exists; unfold words_fault, reads; now rewrite Seen, Phase, Z.eqb_refl.
    - injection Op as <-; set (v := serving S width l (seen d)).
      set (d1 := act (Lock l (Loaded v)) d); set (a2 := Lock l (Stored ((v + 1) mod modulus width))).
      assert (Ok1 : others_in_order S width (me d) (events d1)).
      { apply (others_app _ (arrivals d1)), (others_app _ [(me d, a2)]); exact Ok. }
      destruct (act_preserved (Lock l (Loaded v)) d W Inv Runs Ok1) as (Inv1 & Runs1).
      { cbn; rewrite Exists; unfold words_fault, reads; now rewrite Seen, Phase, Z.eqb_refl. }
      apply (act_preserved a2 d1 W Inv1 (Runs1 ltac:(discriminate)) Ok).
      assert (Seen1 : words_phase S (me d) l (seen d1) = Leaving v).
      { destruct Inv1 as [_ Env1]; unfold seen; rewrite words_phase_seen by (now apply head_foreign in Env1).
        exact (words_same (me d) l (Loaded v) (seen d)). }
      cbn; rewrite Exists; unfold words_fault; now rewrite Seen1, Z.eqb_refl.
    - apply (act_preserved (Read l k (object l k (seen d))) d); auto.
      cbn; unfold words_inside; rewrite Seen, Phase.
      destruct (obj_eq_dec S l _ _) as [|Not]; [reflexivity|now destruct Not].
    - apply (act_preserved (Wrote l k v) d); auto; cbn; unfold words_inside; now rewrite Seen, Phase.
    - now apply (act_preserved Halted d).
  Qed.
End Facts.
