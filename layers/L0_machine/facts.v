(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 0: runs on memory, and when they are in order

    An operation of floor 0 does not look at the environment.  If the others keep
    to the protocol and my own event is in order, it is the operation that the
    protocol allows ([act_allowed]). *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L0_machine Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.

Section Facts.
  Context (S : system) (width : Z).
  Local Notation F := (words S width).
  Local Notation data := (RData F).

  (** One event of mine after the others have acted, as memory lets it happen. *)
  Definition act (a : action S words_verb) (d : data) : data := record S width a (arrive S width d).

  (** A state that this CPU reaches in order, with others who keep to it. *)
  Record in_order (d : data) : Prop := {
    order_invariant : invariant d;
    order_env : Forall (Forall (fun e => fst e <> me d)) (env d)
  }.

  Lemma others_app c b g : others_in_order S width c (b ++ g) -> others_in_order S width c g.
  Proof. intros Ok b' e g' -> Other; apply (Ok (b ++ b') e g'); [now rewrite app_assoc|auto]. Qed.

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
  Lemma read_allowed l d :
    in_order d -> others_in_order S width (me d) (seen d) ->
    words_inside S (me d) l (seen d) = true ->
    obj_read_spec F l d = Done (words_read S width l d) /\ in_order (snd (words_read S width l d)).
  Proof.
    intros Order Ok Inside; set (v := object l (seen d)).
    destruct (act_allowed (Read l v) d Order Ok) as (Op & Order'); [discriminate| |].
    - cbn; rewrite Inside; destruct (obj_eq_dec S l _ _) as [|N]; [reflexivity|now destruct N].
    - split; [|exact Order'].
      unfold operation in Op; unfold obj_read_spec.
      destruct (arrive_allowed d Order Ok) as (Await & _); rewrite Await in Op |- *; cbn [bind] in *.
      change (object l (events (arrive S width d))) with v; rewrite Op; reflexivity.
  Qed.
  Lemma write_allowed l v d :
    in_order d -> others_in_order S width (me d) (seen d) ->
    words_inside S (me d) l (seen d) = true ->
    obj_write_spec F l v d = Done (words_write S width l v d) /\ in_order (words_write S width l v d).
  Proof.
    intros Order Ok Inside; apply (act_allowed (Wrote l v)); auto; [discriminate|].
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
    induction g as [|[c [l' [t|v|v|v]|l' v|l' v|]] g IH]; cbn; try assumption; [red; lia|].
    destruct (l' =? l); [apply Z.mod_pos_bound; lia|assumption].
  Qed.
  Lemma now_in_word l g : 0 <= width -> in_word width (now S width l g).
  Proof.
    intros W; assert (0 < modulus width) by (apply Z.pow_pos_nonneg; lia).
    induction g as [|[c [l' [t|v|v|v]|l' v|l' v|]] g IH]; cbn; try assumption; [red; lia|].
    destruct (l' =? l); [apply Z.mod_pos_bound; lia|assumption].
  Qed.
End Facts.
