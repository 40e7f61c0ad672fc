(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 2: its invariant, and when its operations are defined

    Of each lock: no CPU stands in the queue twice, and if the lock is held
    somebody stands there ([queues_invariant]).  A wait is defined exactly when
    the lock exists, I do not stand in its queue, and the others keep to the
    protocol until I am first; a pass when the lock exists, I am inside, and the
    others keep to it.  Read next: refine.v, layers/L3_atomic/code.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts operations.
From hlock.layers.L2_queue Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.

Section Facts.
  Context (S : system).
  Local Notation F := (queues S).
  Local Notation log := (log S queue_verb).
  Local Notation data := (RData F).

  (** ** What a legal log says of each lock *)
  Record in_queue (q : list cpu) (busy : bool) : Prop := {
    queue_once : NoDup q;
    queue_cpus : forall c, List.In c q -> (c < cpus S)%nat;
    queue_busy : busy = true -> q <> []
  }.
  Definition queues_stand (g : log) : Prop := forall l, in_queue (queue S l g) (held S l g).

  Lemma stands_iff c l (g : log) : stands S c l g = true <-> List.In c (queue S l g).
  Proof.
    unfold stands; rewrite existsb_exists; split; [|exists c; split; [auto|apply Nat.eqb_refl]].
    intros (c' & Mem & Same); apply Nat.eqb_eq in Same; now subst.
  Qed.
  Lemma first_iff c l (g : log) : first S c l g = true <-> exists q, queue S l g = c :: q.
  Proof.
    unfold first; destruct (queue S l g) as [|c' q]; [split; [discriminate|now intros (? & [=])]|].
    rewrite Nat.eqb_eq; split; [intros ->; eauto|now intros (? & [= ->])].
  Qed.

  Lemma legal_queues_stand (g : log) : legal F g -> queues_stand g.
  Proof.
    induction g as [|[c a] g IH]; [intros _ l; constructor; cbn; [constructor|easy|discriminate]|].
    rewrite legal_cons, event_fault_none; intros (Legal & Cpu & _ & Fault) l.
    destruct (IH Legal l) as [Once Cpus Busy].
    destruct a as [l' k|l' v|l' v|]; [|now constructor..].
    cbn in Fault; destruct (lock_exists l'); [|discriminate].
    destruct k; cbn; destruct (Z.eqb_spec l' l) as [->|]; try (now constructor); cbn in Fault.
    - destruct (stands S c l g) eqn:Stands; [discriminate|]; constructor.
      + apply NoDup_Add with (a := c) (l := queue S l g); [rewrite <- (app_nil_r (queue S l g)) at 1; apply Add_app|].
        split; [exact Once|]; rewrite <- stands_iff, Stands; discriminate.
      + intros c'; rewrite in_app_iff; cbn; intros [|[<-|[]]]; auto.
      + intros _ Nil; now destruct (queue S l g).
    - constructor; auto; intros _ Nil; unfold first in Fault; now rewrite Nil in Fault.
    - constructor; [| |discriminate].
      + destruct (queue S l g); [constructor|now inversion Once].
      + intros c' Mem; apply Cpus; destruct (queue S l g); [easy|now right].
  Qed.

  Lemma held_nonempty (g : log) l : legal F g -> held S l g = true -> queue S l g <> [].
  Proof. intros Legal; exact (queue_busy _ _ (legal_queues_stand g Legal l)). Qed.

  (** ** What the others cannot change *)

  (** Whether I stand in a queue, and whether I am inside. *)
  Lemma batch_keeps_place c l b (g : log) :
    legal F g -> batch_fault F c b g = None ->
    stands S c l (b ++ g) = stands S c l g /\ queue_inside S c l (b ++ g) = queue_inside S c l g.
  Proof.
    intros Legal; induction b as [|[c' a] b IH]; [now split|].
    rewrite batch_fault_cons; cbn [fst app]; intros (Batch & Other & Event).
    destruct (IH Batch) as (Stands & Inside); rewrite <- Stands, <- Inside; clear IH Stands Inside.
    assert (Legal1 : legal F (b ++ g)) by (eapply batch_legal; eauto).
    revert Legal1 Event; generalize (b ++ g); clear - Other; intros g Legal Event.
    apply event_fault_none in Event as (_ & _ & Fault).
    destruct a as [l' k|l' v|l' v|]; [|now split..].
    pose proof (held_nonempty g l' Legal) as Some_one.
    cbn in Fault; destruct (lock_exists l'); [|discriminate].
    unfold queue_fault, queue_inside, stands, first in *.
    destruct k; cbn; destruct (Z.eqb_spec l' l) as [->|]; auto.
    - rewrite existsb_app; cbn; rewrite (proj2 (Nat.eqb_neq c c')) by auto; cbn; rewrite !orb_false_r.
      split; [reflexivity|]; destruct (queue S l g) as [|c0 q]; [|reflexivity]; cbn.
      destruct (held S l g); [now destruct Some_one|now rewrite andb_false_r].
    - split; [reflexivity|]; destruct (queue S l g) as [|c0 q]; [reflexivity|].
      destruct (Nat.eqb_spec c0 c') as [->|]; [|discriminate].
      now rewrite (proj2 (Nat.eqb_neq c' c)) by auto.
    - destruct (queue S l g) as [|c0 q]; [discriminate|]; cbn.
      destruct (Nat.eqb_spec c0 c') as [->|]; [|discriminate].
      rewrite (proj2 (Nat.eqb_neq c c')), (proj2 (Nat.eqb_neq c' c)) by auto; cbn.
      now rewrite andb_false_r.
  Qed.

  (** A look that does not find its CPU first changes nothing. *)
  Lemma look_unnoticed c l (b g : log) :
    (forall l', queue S l' (b ++ (c, Lock l Looked) :: g) = queue S l' (b ++ g)) /\
    (forall l', held S l' (b ++ (c, Lock l Looked) :: g) = held S l' (b ++ g)).
  Proof.
    induction b as [|[c1 [l1 k1|l1 v1|l1 v1|]] b (Queue & Held)]; cbn [app]; auto.
    split; intros; cbn [queue held]; [now rewrite Queue|now rewrite Held].
  Qed.

  (** ** When the operations are defined *)

  (** I stand in the queue and have not begun. *)
  Definition stands_waiting (c : cpu) (l : Z) (g : log) : Prop :=
    stands S c l g = true /\ queue_inside S c l g = false.

  Lemma queue_waits c l :
    lock_exists (S := S) l = true ->
    waits F c (fun a => a = Lock l Looked) (fun a => a = Lock l Began) (first S c l) (stands_waiting c l).
  Proof.
    intros Exists; constructor.
    - intros b g Legal (Stands & Outside) Batch.
      destruct (batch_keeps_place c l b g Legal Batch) as (Stands' & Inside'); split; congruence.
    - intros g (Stands & _) Not; eexists; split; [reflexivity|]; cbn; now rewrite Exists, Stands, Not.
    - intros a ->; discriminate.
    - intros a g (Stands & Outside) -> Fault; cbn in Fault; rewrite Exists, Stands in Fault.
      split; [now destruct (first S c l g)|split; [now split|split]].
      + apply alike_verb; intros b c' l' k'; destruct (look_unnoticed c l b g) as (Queue & Held).
        cbn; unfold queue_fault, queue_inside, stands, first; now rewrite Queue, Held.
      + intros b; unfold first; now rewrite (proj1 (look_unnoticed c l b g)).
    - intros g (Stands & Outside); unfold queue_inside in Outside; split.
      + intros (a & -> & Fault); cbn in Fault; rewrite Exists in Fault; now destruct (first S c l g).
      + intros First; eexists; split; [reflexivity|]; cbn; rewrite Exists.
        rewrite First in *; now rewrite (Outside : held S l g = false).
  Qed.

  (** A wait is defined exactly when the lock exists, I do not stand in its queue,
      and the others keep to the protocol: when I join, and until I am first. *)
  Theorem wait_qlock_defined_iff l (d : data) :
    invariant d ->
    let g := (me d, Lock l Joined) :: seen d in
    (exists d', wait_qlock_spec S l d d') <->
    lock_exists (S := S) l = true /\ stands S (me d) l (events d) = false /\ env_legal d /\
    exists k, let b := batches (Datatypes.S k) (tl (env d)) in
      batch_fault F (me d) b g = None /\ first S (me d) l (b ++ g) = true.
  Proof.
    intros Inv g; set (d1 := mkRData (F := F) (me d) g (tl (env d))).
    assert (Seen : env_legal d -> stands S (me d) l (seen d) = stands S (me d) l (events d))
      by (intros Env; apply (batch_keeps_place (me d) l _ _ (inv_legal _ _ Inv) Env)).
    assert (Then : lock_exists (S := S) l = true -> stands S (me d) l (seen d) = false ->
      operation F (Lock l Joined) d = Done d1 ->
      (exists d', until (F := F) (fun a => a = Lock l Looked) (fun a => a = Lock l Began) d1 d') <->
      exists k, let b := batches (Datatypes.S k) (tl (env d)) in
        batch_fault F (me d) b g = None /\ first S (me d) l (b ++ g) = true).
    { intros Exists Not Op; pose proof (operation_invariant F (Lock l Joined) d d1 ltac:(discriminate) Inv Op) as Inv1.
      refine (until_defined_iff F _ _ _ _ d1 (queue_waits (me d) l Exists) Inv1 _).
      destruct (operation_log F _ _ _ (inv_legal _ _ Inv) Op) as (_ & Legal & _ & _).
      pose proof (held_nonempty _ l Legal) as Some_one.
      unfold stands_waiting, queue_inside, stands, first in *; cbn [events d1 g queue held]; rewrite Z.eqb_refl.
      rewrite existsb_app; cbn [existsb]; rewrite Nat.eqb_refl; split; [now rewrite orb_true_r|].
      destruct (queue S l (seen d)) as [|c q]; cbn in *.
      - destruct (held S l (seen d)); [now destruct Some_one|apply andb_false_r].
      - rewrite Nat.eqb_sym; now destruct (Nat.eqb (me d) c). }
    split.
    - intros (d' & d2 & Op & Until).
      destruct (proj1 (operation_defined_iff F _ d Inv) (ex_intro _ _ Op)) as (Env & Fault); cbn in Fault.
      destruct (lock_exists l) eqn:Exists; [|discriminate].
      destruct (stands S (me d) l (seen d)) eqn:Stands; [discriminate|].
      destruct (operation_log F _ _ _ (inv_legal _ _ Inv) Op) as (_ & _ & _ & ->).
      split; [reflexivity|split; [now rewrite <- Seen|split; [exact Env|]]].
      exact (proj1 (Then eq_refl eq_refl Op) (ex_intro _ d' Until)).
    - intros (Exists & Not & Env & Comes); rewrite <- Seen in Not by exact Env.
      assert (Fault : action_fault F (me d) (Lock l Joined) (seen d) = None) by (cbn; now rewrite Exists, Not).
      destruct (proj2 (operation_defined_iff F _ d Inv) (conj Env Fault)) as (d2 & Op).
      destruct (operation_log F _ _ _ (inv_legal _ _ Inv) Op) as (_ & _ & _ & ->).
      destruct (proj2 (Then Exists Not Op) Comes) as (d' & Until); exists d', d1; auto.
  Qed.

  (** A pass is defined exactly when the lock exists, I am inside, and the others
      keep to the protocol. *)
  Theorem pass_qlock_defined_iff l (d : data) :
    invariant d ->
    (exists d', pass_qlock_spec S l d = Done d') <->
    lock_exists (S := S) l = true /\ queue_inside S (me d) l (events d) = true /\ env_legal d.
  Proof.
    intros Inv; unfold pass_qlock_spec; rewrite operation_defined_iff by auto; cbn.
    destruct (lock_exists l); [|split; [now intros []|now intros []]].
    split; [intros (Env & Fault)|intros (_ & Inside & Env)];
      destruct (batch_keeps_place (me d) l _ _ (inv_legal _ _ Inv) Env) as (_ & Same);
      change (queue_inside S (me d) l (seen d) = queue_inside S (me d) l (events d)) in Same;
      rewrite Same in *; destruct (queue_inside S (me d) l (events d)); auto; discriminate.
  Qed.

  (** A wait has one end. *)
  Theorem wait_qlock_deterministic l (d d1 d2 : data) :
    wait_qlock_spec S l d d1 -> wait_qlock_spec S l d d2 -> d1 = d2.
  Proof.
    intros (e1 & Op1 & U1) (e2 & Op2 & U2); assert (e2 = e1) as -> by congruence.
    refine (until_deterministic F _ _ _ _ e1 d1 U1 d2 U2); [|intros a -> [=]].
    clear; intros a a' d d1 d1' Is Is' Op Op'.
    apply bind_done in Op as (e & Await & Emit), Op' as (e' & Await' & Emit').
    assert (e' = e) as -> by congruence.
    apply emit_done in Emit as (Fault & _), Emit' as (Fault' & _).
    apply event_fault_none in Fault as (_ & _ & Fault), Fault' as (_ & _ & Fault').
    destruct Is as [-> | ->], Is' as [-> | ->]; try reflexivity; cbn in Fault, Fault';
      destruct (lock_exists l); try discriminate; destruct (first S (me e) l (events e));
      rewrite ?andb_false_r in *; cbn in *; discriminate.
  Qed.

  (** ** The invariant *)
  Definition queues_invariant : data -> Prop := floor_invariant (F := F) queues_stand.

  Theorem queues_init c bs : (c < cpus S)%nat -> queues_invariant (start F c bs).
  Proof. exact (floor_init F queues_stand c bs legal_queues_stand). Qed.

  Lemma wait_qlock_works l (d d' : data) : wait_qlock_spec S l d d' -> works d d'.
  Proof.
    intros (d1 & Op & Until); eapply works_on; [|exact Op|]; [discriminate|].
    eapply until_works; [|exact Until]; intros a [-> | ->]; discriminate.
  Qed.
  Lemma pass_qlock_works l (d d' : data) : pass_qlock_spec S l d = Done d' -> works d d'.
  Proof. now apply works_one. Qed.

  Theorem queues_preserved (d d' : data) :
    queues_invariant d ->
    does (wait_qlock_spec S) (fun l d d' => pass_qlock_spec S l d = Done d') d d' -> queues_invariant d'.
  Proof. exact (floor_preserved F queues_stand _ _ legal_queues_stand wait_qlock_works pass_qlock_works d d'). Qed.
End Facts.
