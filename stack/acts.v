(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What one CPU does, as events after each other

    A run of the linked C is a sequence of this CPU's own events ([c_run_acts]), so the
    log only grows.  Read next: stack_refine.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options integers values semantics vcgen.
From hlock.layers.view Require Import spec facts.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.code L1_ticket.refine.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.stack Require Import stack.
Import ListNotations.
Local Open Scope Z_scope.

Section Acts.
  Context (S : system) (width : Z).
  Local Notation W := (words S width).
  Local Notation data := (RData W).

  Inductive acts (d : data) : data -> Prop :=
  | no_act : acts d d
  | act_then a d' : acts (act S width a d) d' -> acts d d'.

  Lemma one_act a d : acts d (act S width a d).
  Proof. apply act_then with a, no_act. Qed.
  Lemma acts_trans d1 d2 d3 : acts d1 d2 -> acts d2 d3 -> acts d1 d3.
  Proof. induction 1; eauto using acts. Qed.
  Lemma acts_me d d' : acts d d' -> me d' = me d.
  Proof. now induction 1. Qed.

  (** All that was seen is in the log. *)
  Lemma acts_seen d d' : acts d d' -> exists b, seen d' = b ++ seen d.
  Proof.
    induction 1 as [d|d a d' _ (b & IH)]; [now exists []|].
    exists (b ++ arrivals (act S width a d) ++ [(me d, a)]); rewrite IH; unfold seen at 1.
    now rewrite <- !app_assoc.
  Qed.

  (** While the others are quiet, all that comes is of this CPU. *)
  Lemma acts_quiet d d' : acts d d' -> tl (env d) = [] -> exists b,
    seen d' = b ++ seen d /\ Forall (fun e => fst e = me d) b.
  Proof.
    induction 1 as [d|d a d' _ IH]; intros Quiet; [now exists []|].
    destruct IH as (b & Is & Mine); [cbn [env act record arrive]; now rewrite Quiet|].
    exists (b ++ [(me d, a)]); split.
    - rewrite Is; unfold seen at 1, arrivals; cbn [env act record arrive events]; rewrite Quiet.
      cbn [hd app]; now rewrite <- app_assoc.
    - apply Forall_app; split; [exact Mine|now repeat constructor].
  Qed.

  Lemma polls_acts l t d d' : L1_ticket.spec.polls l t d d' -> acts d d'.
  Proof.
    induction 1 as [d d' Get|d v d1 d' Get _ _ IH]; apply L1_ticket.refine.get_now_act in Get as (_ & _ & ->);
      eauto using acts.
  Qed.
  Lemma vain_acts l t d d' : L1_ticket.spec.polls_in_vain l t d d' -> acts d d'.
  Proof.
    induction 1 as [|d v d1 d' Get _ _ IH]; [constructor|].
    apply L1_ticket.refine.get_now_act in Get as (_ & _ & ->); eauto using acts.
  Qed.

  (** Of two waits one is the beginning of the other. *)
  Lemma vain_line l t d d1 d2 :
    L1_ticket.spec.polls_in_vain l t d d1 -> L1_ticket.spec.polls_in_vain l t d d2 -> acts d1 d2 \/ acts d2 d1.
  Proof.
    induction 1 as [d|d v d0 d1 Get Not Vain IH]; intros Vain2; [left; now apply vain_acts with l t|].
    destruct Vain2 as [d|d v2 d3 d2 Get2 _ Vain2].
    - right; apply L1_ticket.refine.get_now_act in Get as (_ & _ & ->).
      eapply act_then, vain_acts; eassumption.
    - rewrite Get in Get2; injection Get2 as <- <-; auto.
  Qed.
  (** A wait that ends goes on from where it was. *)
  Lemma vain_rest l t (d d1 d2 : data) :
    L1_ticket.spec.polls_in_vain l t d d1 -> L1_ticket.spec.polls l t d d2 -> L1_ticket.spec.polls l t d1 d2.
  Proof.
    induction 1 as [d|d v d0 d1 Get Not Vain IH]; intros Polls; [exact Polls|].
    destruct Polls as [d d2 Get2|d v2 d3 d2 Get2 _ Polls]; rewrite Get in Get2; injection Get2; [congruence|].
    intros <- <-; auto.
  Qed.

  (** The log only grows. *)
  Lemma acts_grow d d' : acts d d' -> (exists g, events d' = g ++ events d) /\ me d' = me d.
  Proof.
    induction 1 as [d|d a d' _ ((g & IH) & Me)]; [split; [now exists []|reflexivity]|split; [|exact Me]].
    exists (g ++ (me d, a) :: arrivals d); rewrite IH, <- app_assoc; reflexivity.
  Qed.

  (** ** A client's run on the linked C *)
  Context (text : program) {mem : Type} (m : mem).

  Lemma words_layer_acts id p vs d v d' :
    L1_ticket.offers.words_layer S width id = Some p -> p vs d v d' -> acts d d'.
  Proof.
    unfold L1_ticket.offers.words_layer; repeat (destruct (Pos.eqb _ _)); intros [= <-].
    - intros (n & r & _ & _ & Take); apply (L1_ticket.refine.incr_ticket_act S width) in Take as (_ & _ & ->).
      apply one_act.
    - intros (n & r & _ & _ & Get); apply (L1_ticket.refine.get_now_act S width) in Get as (_ & _ & ->).
      apply one_act.
    - intros (n & _ & _ & Pass); unfold incr_now_spec, on_existing in Pass.
      destruct (lock_exists _); [|discriminate]; injection Pass as <-.
      eapply acts_trans; apply one_act.
    - intros (_ & _ & ->); apply no_act.
    - intros [].
  Qed.
  Lemma c_do_acts o d a d1 : c_do text S width m o d a d1 -> acts d d1.
  Proof.
    assert (Calls : forall f vs d d1,
      call_function (stack_genv text S width) f vs (m, d) (m, d1) Vundef -> acts d d1).
    { intros f vs d0 d2 (fd & _ & Call).
      exact (proj2 (run_respects (stack_genv text S width) acts no_act acts_trans
                      words_layer_acts) _ _ _ _ _ _ _ Call). }
    destruct o as [f i|f i|f i k|f i k v|]; cbn [c_do].
    - intros (_ & Call); eauto.
    - intros (_ & Call); eauto.
    - intros (v & _ & Reads); injection Reads as <- <-; exact (one_act (Read _ _ _) d).
    - intros (_ & ->); exact (one_act (Wrote _ _ v) d).
    - intros (_ & ->); exact (one_act Halted d).
  Qed.
  Lemma c_run_acts p k : forall history d responses d', c_run text S width m p k history d responses d' -> acts d d'.
  Proof.
    induction k as [|k IH]; intros history d responses d'; cbn; [intros (_ & ->); apply no_act|].
    destruct (p history) as [o|]; [|intros (_ & ->); apply no_act].
    intros (a & d1 & Did & Rest); apply c_do_acts in Did.
    destruct (ends o); [now destruct Rest as (_ & ->)|eapply acts_trans; eauto].
  Qed.
End Acts.
