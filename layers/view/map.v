(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * From one floor to the next: a map of logs

<<
     low d   --- one event of mine, after one batch of the others --->  low d'
       |                                                                  |
     image                                                              image
       |                                                                  |
     high h  --- the event that it shows, if any, after the images ---> high h'
>>

    The upper floor shows a verb as another verb or hides it; reads, writes and
    halts it shows as they are.  What is to be proved of a floor is a
    [simulation]: about its verbs alone.  All the rest is proved here once: the
    image of a legal log is legal, that of a batch is a batch, accesses pass
    through with the same values. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers.view Require Export image.
Import ListNotations.
Local Open Scope Z_scope.

Section Map.
  Context {S : system} (Low High : floor S).
  Local Notation low := (log S (verb Low)).
  Local Notation high := (log S (verb High)).

  (** What the upper floor sees of verb [k] of CPU [c] on lock [l] after low log [g],
      and after the high log that is shown of it. *)
  Context (show : cpu -> Z -> verb Low -> low -> high -> option (verb High)).
  Local Notation shown := (shown Low High show).
  Local Notation image := (image Low High show).
  Local Notation lags := (lags Low High show).
  Local Notation related := (related Low High show).

  (** The image of batch [b] after log [g]. *)
  Fixpoint batch_image (b g : low) : high :=
    match b with
    | [] => []
    | e :: b => shown e (b ++ g) (image (b ++ g)) ++ batch_image b g
    end.

  Lemma image_app b g : image (b ++ g) = batch_image b g ++ image g.
  Proof. induction b as [|e b IH]; cbn; [auto|rewrite <- app_assoc, <- IH; auto]. Qed.

  Lemma object_image l k g : object l k (image g) = object l k g.
  Proof.
    induction g as [|[c [l' verb|l' j v|l' j v|]] g IH]; cbn; auto.
    - now destruct (show c l' verb g (image g)).
    - now rewrite IH.
  Qed.
  Lemma halted_image c g : halted c (image g) = halted c g.
  Proof.
    induction g as [|[c' [l' k|l' j v|l' j v|]] g IH]; cbn; auto.
    - now destruct (show c' l' k g (image g)).
    - now rewrite IH.
  Qed.

  (** ** What is to be proved of a floor *)
  Record simulation (corr : low -> Prop) : Prop := {
    corr_start : corr [];
    (* accesses and halts do not matter to the correspondence *)
    corr_other : forall c a g, (forall l k, a <> Lock l k) -> corr g -> corr ((c, a) :: g);
    (* a verb in order is shown as a verb in order, and keeps the correspondence *)
    corr_verb : forall c l k g,
      legal Low ((c, Lock l k) :: g) -> legal High (image g) -> corr g ->
      corr ((c, Lock l k) :: g) /\
      forall k', show c l k g (image g) = Some k' -> verb_fault High c l k' (image g) = None;
    (* who is inside below is inside above *)
    corr_inside : forall c l g,
      legal Low g -> legal High (image g) -> corr g ->
      inside Low c l g = true -> inside High c l (image g) = true
  }.

  Context (corr : low -> Prop) (Sim : simulation corr).

  Theorem image_legal g : legal Low g -> legal High (image g) /\ corr g.
  Proof.
    induction g as [|[c a] g IH]; [intros _; split; [reflexivity|apply Sim]|].
    intros Legal; pose proof Legal as Both; apply legal_cons in Both as (Before & Event).
    destruct (IH Before) as (Above & Corr).
    apply event_fault_none in Event as (Cpu & Runs & Fault).
    rewrite <- halted_image in Runs.
    destruct a as [l k|l j v|l j v|]; cbn [image shown].
    - destruct (corr_verb _ Sim c l k g Legal Above Corr) as (Corr' & Fine).
      split; [|exact Corr'].
      destruct (show c l k g (image g)) as [k'|]; [|exact Above].
      apply legal_cons; split; [exact Above|apply event_fault_none].
      split; [exact Cpu|split; [exact Runs|]]; cbn in Fault |- *.
      destruct (lock_exists l); [now apply Fine|discriminate].
    - split; [|apply Sim; [discriminate|exact Corr]].
      apply legal_cons; split; [exact Above|apply event_fault_none].
      split; [exact Cpu|split; [exact Runs|]]; cbn in Fault |- *.
      destruct (inside Low c l g) eqn:Inside; [|discriminate].
      rewrite (corr_inside _ Sim c l g Before Above Corr Inside).
      pose proof (object_image l j g) as Same; rewrite Same; exact Fault.
    - split; [|apply Sim; [discriminate|exact Corr]].
      apply legal_cons; split; [exact Above|apply event_fault_none].
      split; [exact Cpu|split; [exact Runs|]]; cbn in Fault |- *.
      destruct (inside Low c l g) eqn:Inside; [|discriminate].
      now rewrite (corr_inside _ Sim c l g Before Above Corr Inside).
    - split; [|apply Sim; [discriminate|exact Corr]].
      apply legal_cons; split; [exact Above|now apply event_fault_none].
  Qed.

  Lemma shown_foreign c e g h : fst e <> c -> Forall (fun e => fst e <> c) (shown e g h).
  Proof.
    destruct e as [c' [l k|l j v|l j v|]]; cbn; auto.
    destruct (show c' l k g h); auto.
  Qed.
  Lemma batch_image_foreign c b g :
    Forall (fun e => fst e <> c) b -> Forall (fun e => fst e <> c) (batch_image b g).
  Proof.
    induction b as [|e b IH]; cbn; [auto|]; rewrite Forall_cons_iff; intros (E & B).
    apply Forall_app; auto using shown_foreign.
  Qed.

  (** ** The relation of states, in the midst of an operation *)

  Lemma lags_legal p d h : lags p d h -> legal High (p ++ events h) /\ legal High (events h).
  Proof.
    intros [_ Log _ Legal]; destruct (image_legal _ Legal) as (Above & _).
    rewrite Log in Above; split; [exact Above|now apply legal_app in Above].
  Qed.

  (** What is known after the others have acted below. *)
  Lemma lags_await p d h d1 :
    lags p d h -> await Low d = Done d1 ->
    lags (batch_image (arrivals d) (events d) ++ p) d1 h.
  Proof.
    intros [Cpu Log Foreign Legal]; rewrite await_done; intros (Env & ->).
    apply (batch_legal_iff Low _ _ _ Legal) in Env as (Legal1 & Others).
    constructor; cbn; auto.
    - unfold seen; now rewrite image_app, Log, app_assoc.
    - apply Forall_app; split; auto using batch_image_foreign.
  Qed.

  (** A hidden event of mine: the high side does not move. *)
  Lemma lags_hidden p d h a d1 :
    lags p d h -> emit Low a d = Done d1 -> shown (me d, a) (events d) (image (events d)) = [] ->
    lags p d1 h.
  Proof.
    intros [Cpu Log Foreign Legal] Emit Hidden.
    pose proof (emit_legal Low _ _ _ Legal Emit) as Legal1.
    apply emit_done in Emit as (_ & ->); constructor; cbn [me events image] in *; auto.
    now rewrite Hidden.
  Qed.

  (** An event of mine that is shown as [a']: the high side takes one batch, all
      that it lags behind, and does [a']. *)
  Lemma lags_shown p d h a d1 a' :
    lags p d h -> emit Low a d = Done d1 ->
    shown (me d, a) (events d) (image (events d)) = [(me d, a')] ->
    forall rest, exists h',
      operation High a' (mkRData (me h) (events h) (p :: rest)) = Done h' /\
      related d1 h' /\ env h' = rest.
  Proof.
    intros Lags Emit Shown rest; destruct (lags_legal _ _ _ Lags) as (Above & Legal_h).
    destruct Lags as [Cpu Log Foreign Legal].
    pose proof (emit_legal Low _ _ _ Legal Emit) as Legal1.
    destruct (image_legal _ Legal1) as (Above1 & _).
    apply emit_done in Emit as (_ & ->); cbn [events image] in Above1.
    rewrite Shown, Log in Above1; cbn [app] in Above1; apply legal_cons in Above1 as (_ & Event).
    eexists; split; [|split].
    - unfold operation; apply bind_done; eexists; split.
      + apply await_done; split; [|reflexivity].
        unfold env_legal; cbn; rewrite Cpu; apply (batch_legal_iff High _ _ _ Legal_h); auto.
      + apply emit_done; split; [|reflexivity]; cbn; rewrite Cpu; exact Event.
    - constructor; cbn [me events image]; auto.
      now rewrite Shown, Log, Cpu.
    - reflexivity.
  Qed.

  (** ** A whole operation of mine *)
  Definition with_env (bs : list high) (h : RData High) : RData High :=
    mkRData (me h) (events h) bs.

  Lemma operation_shown p d a d1 a' :
    operation Low a d = Done d1 ->
    shown (me d, a) (seen d) (image (seen d)) = [(me d, a')] ->
    exists b, forall h rest, lags p d h -> exists h',
      operation High a' (with_env (b :: rest) h) = Done h' /\ related d1 h' /\ env h' = rest.
  Proof.
    intros Op Shown; exists (batch_image (arrivals d) (events d) ++ p); intros h rest Lags; unfold operation in Op;
      apply bind_done in Op as (d2 & Await & Emit).
    pose proof (lags_await _ _ _ _ Lags Await) as Lags2.
    apply await_done in Await as (_ & ->).
    exact (lags_shown _ _ _ _ _ a' Lags2 Emit Shown rest).
  Qed.

  Lemma operation_hidden p d a d1 :
    operation Low a d = Done d1 ->
    shown (me d, a) (seen d) (image (seen d)) = [] ->
    exists p', forall h, lags p d h -> lags p' d1 h.
  Proof.
    intros Op Shown; exists (batch_image (arrivals d) (events d) ++ p); intros h Lags; unfold operation in Op;
      apply bind_done in Op as (d2 & Await & Emit).
    pose proof (lags_await _ _ _ _ Lags Await) as Lags2.
    apply await_done in Await as (_ & ->).
    exact (lags_hidden _ _ _ _ _ Lags2 Emit Shown).
  Qed.

  (** ** What every floor passes through: accesses and halts *)
  Theorem read_passes d l k v d1 :
    obj_read_spec Low l k d = Done (v, d1) ->
    exists b, forall h rest, related d h -> exists h',
      obj_read_spec High l k (with_env (b :: rest) h) = Done (v, h') /\ related d1 h' /\ env h' = rest.
  Proof.
    intros Op; exists (batch_image (arrivals d) (events d) ++ []); intros h rest Rel.
    unfold obj_read_spec in Op; apply bind_done in Op as (d2 & Await & Op).
    apply bind_done in Op as (d3 & Emit & [= <- <-]).
    pose proof (lags_await _ _ _ _ Rel Await) as Lags2.
    assert (Same : object l k (events d2) =
                   object l k ((batch_image (arrivals d) (events d) ++ []) ++ events h)).
    { destruct Lags2 as [_ Log _ _]; rewrite <- Log; symmetry; apply object_image. }
    destruct (lags_shown _ _ _ _ _ (Read l k (object l k (events d2))) Lags2 Emit eq_refl rest)
      as (h' & High' & Rel' & Env'); exists h'; split; [|auto].
    unfold operation in High'; apply bind_done in High' as (h1 & Await1 & Emit1).
    unfold obj_read_spec, with_env; rewrite Await1; cbn [bind].
    apply await_done in Await1 as (_ & ->); cbn [events seen arrivals env hd me] in *.
    change (object l k (seen (mkRData (me h) (events h)
              ((batch_image (arrivals d) (events d) ++ []) :: rest))))
      with (object l k ((batch_image (arrivals d) (events d) ++ []) ++ events h)).
    rewrite <- Same, Emit1; reflexivity.
  Qed.
  Theorem write_passes d l k v d1 :
    obj_write_spec Low l k v d = Done d1 ->
    exists b, forall h rest, related d h -> exists h',
      obj_write_spec High l k v (with_env (b :: rest) h) = Done h' /\ related d1 h' /\ env h' = rest.
  Proof. intros Op; exact (operation_shown [] _ _ _ (Wrote l k v) Op eq_refl). Qed.
  Theorem halt_passes d d1 :
    halt_spec Low d = Done d1 ->
    exists b, forall h rest, related d h -> exists h',
      halt_spec High (with_env (b :: rest) h) = Done h' /\ related d1 h' /\ env h' = rest.
  Proof. intros Op; exact (operation_shown [] _ _ _ Halted Op eq_refl). Qed.

  (** The start is related to the start. *)
  Theorem related_start c : related (start Low c []) (start High c []).
  Proof. now constructor. Qed.

  (** Related states agree on what a client reads: who it is, objects, who has
      halted; and, if the floors agree on it, which locks it holds. *)
  Theorem related_same_objects d h l k :
    related d h -> object l k (events h) = object l k (events d).
  Proof. intros [_ Log _ _]; cbn in Log; rewrite <- Log; apply object_image. Qed.

  Record agree (d : RData Low) (h : RData High) : Prop := {
    agree_cpu : me h = me d;
    agree_objects : forall l k, object l k (events h) = object l k (events d);
    agree_halts : forall c, halted c (events h) = halted c (events d);
    agree_locks : forall l, inside High (me h) l (events h) = inside Low (me d) l (events d)
  }.
  Theorem related_agree d h :
    (forall l, legal High (image (events d)) -> corr (events d) ->
       inside High (me d) l (image (events d)) = inside Low (me d) l (events d)) ->
    related d h -> agree d h.
  Proof.
    intros Inside [Cpu Log _ Legal]; destruct (image_legal _ Legal) as (Above & Corr).
    constructor; intros; rewrite ?Cpu; auto; cbn [app] in Log; rewrite <- Log.
    - apply object_image.
    - apply halted_image.
    - now apply Inside.
  Qed.
End Map.
Arguments corr_start {S Low High show corr} _.
Arguments corr_verb {S Low High show corr} _.
