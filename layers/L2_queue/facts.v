(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 2: first come, first served; its invariant; when it is defined

    In a legal log a CPU stands in the queue at most once, and who comes first
    begins first: from the moment that a CPU has joined until it begins, each
    other CPU begins at most once, and only if it stood in the queue before it
    ([fifo]).  A wait is defined exactly when the lock exists, I do not stand in
    its queue, and the others keep to the protocol until I am first; a pass when
    the lock exists, I am inside, and the others keep to it.
    Read next: refine.v, layers/L3_atomic/code.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts operations.
From hlock.layers.L1_ticket Require Import facts.
From hlock.layers.L2_queue Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.

Section Facts.
  Context (S : system).
  Local Notation Q := (queues S).
  Local Notation log := (log S queue_verb).

  Lemma stands_iff c l g : stands S c l g = true <-> List.In c (queue S l g).
  Proof.
    unfold stands; rewrite existsb_exists; split; [|exists c; rewrite Nat.eqb_refl; auto].
    intros (c' & Mem & Same); apply Nat.eqb_eq in Same; now subst.
  Qed.

  (** The queue holds CPUs, each once; who holds is in it. *)
  Theorem queue_once g l : legal Q g ->
    NoDup (queue S l g) /\ (forall c, List.In c (queue S l g) -> (c < cpus S)%nat) /\
    (held S l g = true -> queue S l g <> []).
  Proof.
    induction g as [|[c a] g IH]; [intros _; cbn; split; [constructor|easy]|].
    rewrite legal_cons, event_fault_none; intros (Legal & Cpu & _ & Fault).
    destruct (IH Legal) as (Once & Below & Head); clear IH.
    destruct a as [l' k|l' j v|l' j v|]; [|exact (conj Once (conj Below Head))..].
    cbn in Fault; destruct (lock_exists l'); [|discriminate].
    destruct k; cbn [queue held]; destruct (Z.eqb_spec l' l) as [->|]; auto.
    - unfold queue_fault in Fault; destruct (stands S c l g) eqn:Stands; [discriminate|].
      assert (New : ~ List.In c (queue S l g)) by (rewrite <- stands_iff; congruence).
      split; [|split; [|intros _ Nil; now destruct (queue S l g)]].
      + apply NoDup_Add with (a := c) (l := queue S l g); [|split; auto].
        rewrite <- (app_nil_r (queue S l g)) at 1; apply Add_app.
      + intros c'; rewrite in_app_iff; cbn; intros [|[<-|[]]]; auto.
    - split; [exact Once|split; [exact Below|]]; intros _ Nil.
      unfold queue_fault, at_head in Fault; rewrite Nil in Fault; discriminate.
    - split; [|split; [|discriminate]].
      + destruct (queue S l g); [constructor|now inversion Once].
      + intros c' Mem; apply Below; destruct (queue S l g); cbn in *; auto.
  Qed.

  (** The queue is at most as long as there are CPUs. *)
  Theorem queue_bound g l : legal Q g -> (length (queue S l g) <= cpus S)%nat.
  Proof. intros Legal; destruct (queue_once g l Legal) as (Once & Below & _); now apply pigeonhole. Qed.

  (** How often CPU [c] begins with lock [l] in log [b]. *)
  Fixpoint begins (c : cpu) (l : Z) (b : log) : nat :=
    match b with
    | [] => 0
    | (c', Lock l' Began) :: b =>
        if Nat.eqb c' c && (l' =? l) then Datatypes.S (begins c l b) else begins c l b
    | _ :: b => begins c l b
    end.

  (** [k] of those who stood before CPU [c] have gone; who has begun since it joined
      is one of them, or the one after them if the lock is held. *)
  Lemma before_me c l g : forall b,
    legal Q (b ++ (c, Lock l Joined) :: g) -> begins c l b = 0%nat ->
    let q := queue S l g in let held := held S l (b ++ (c, Lock l Joined) :: g) in
    exists k later,
      queue S l (b ++ (c, Lock l Joined) :: g) = skipn k q ++ c :: later /\
      (held = true -> (k < length q)%nat) /\ (k <= length q)%nat /\
      forall c', c' <> c -> (begins c' l b <= 1)%nat /\
        (begins c' l b <> 0%nat -> exists i,
           nth_error q i = Some c' /\ (i < if held then Datatypes.S k else k)%nat).
  Proof.
    intros b Legal; pose proof Legal as Start; apply legal_app in Start.
    apply legal_cons in Start as (Start & _); destruct (queue_once g l Start) as (Once & _ & Head).
    set (q := queue S l g) in *; revert Legal; induction b as [|[c0 a] b IH].
    { intros _ _; exists 0%nat, []; cbn; rewrite Z.eqb_refl; fold q.
      split; [reflexivity|split; [|split; [lia|split; [lia|tauto]]]].
      intros Held; specialize (Head Held); destruct q; [tauto|cbn; lia]. }
    cbn [app]; intros Legal Not_yet; apply legal_cons in Legal as (Legal & Event).
    apply event_fault_none in Event as (_ & _ & Fault).
    destruct a as [l' v|l' j v|l' j v|]; [|exact (IH Legal Not_yet)..].
    cbn in Fault; destruct (lock_exists l'); [|discriminate].
    assert (Before : begins c l b = 0%nat) by (destruct v; cbn in Not_yet; auto; now destruct (_ && _)).
    destruct (IH Legal Before) as (k & later & Queue & Held & Short & Begun); clear IH.
    set (g' := b ++ (c, Lock l Joined) :: g) in *.
    destruct v; cbn [queue spec.held begins]; destruct (Z.eqb_spec l' l) as [->|];
      try (exists k, later; split; [exact Queue|split; [exact Held|split; [exact Short|]]];
           intros c' Diff; rewrite ?andb_false_r; exact (Begun c' Diff)).
    - exists k, (later ++ [c0]); rewrite Queue, <- app_assoc; auto.
    - unfold queue_fault, at_head in Fault; rewrite Queue in Fault.
      destruct (spec.held S l g') eqn:Busy; [rewrite andb_false_r in Fault; discriminate|].
      cbn in Not_yet; rewrite Z.eqb_refl, andb_true_r in Not_yet.
      assert (Mine : c0 <> c) by (intros ->; now rewrite Nat.eqb_refl in Not_yet).
      assert (At : nth_error q k = Some c0).
      { rewrite <- (firstn_skipn k q), nth_error_app2 by (rewrite firstn_length; lia).
        rewrite firstn_length, Nat.min_l, Nat.sub_diag by lia.
        destruct (skipn k q) as [|c1 q']; cbn in *;
          [destruct (Nat.eqb_spec c c0)|destruct (Nat.eqb_spec c1 c0)]; try discriminate; congruence. }
      assert (k < length q)%nat by (apply nth_error_Some; congruence).
      exists k, later; split; [exact Queue|split; [auto|split; [auto|]]]; intros c' Diff.
      destruct (Begun c' Diff) as (Count & Who).
      destruct (Nat.eqb_spec c0 c') as [->|Other]; cbn [andb].
      + assert (begins c' l b = 0%nat) as ->; [|split; [lia|exists k; split; [exact At|lia]]].
        destruct (Nat.eq_dec (begins c' l b) 0) as [|Again]; [auto|].
        destruct (Who Again) as (i & At_i & Less).
        assert (i = k); [|lia].
        apply (proj1 (NoDup_nth_error q) Once); [apply nth_error_Some|]; congruence.
      + split; [exact Count|]; intros Is; destruct (Who Is) as (i & At_i & Less).
        exists i; split; [exact At_i|lia].
    - unfold queue_fault, queue_inside in Fault.
      destruct (at_head S c0 l g'), (spec.held S l g') eqn:Busy; cbn in Fault; try discriminate.
      specialize (Held eq_refl); exists (Datatypes.S k), later; rewrite Queue.
      split; [|split; [discriminate|split; [lia|exact Begun]]].
      assert (Skip : forall (q : list cpu) k, (k < length q)%nat ->
                tl (skipn k q ++ c :: later) = skipn (Datatypes.S k) q ++ c :: later); [|exact (Skip q k Held)].
      clear; intros q; induction q as [|c1 q IH]; intros [|k]; cbn [length]; try lia; [reflexivity|].
      intros Less; apply IH; lia.
  Qed.

  (** First come, first served.  CPU [c] joined after log [g], and in [b], what has
      happened since, it has not begun.  Then each other CPU has begun at most once,
      and only if it stood in the queue when [c] joined. *)
  Theorem fifo c l g b c' :
    legal Q (b ++ (c, Lock l Joined) :: g) -> begins c l b = 0%nat -> c' <> c ->
    (begins c' l b <= 1)%nat /\ (begins c' l b <> 0%nat -> List.In c' (queue S l g)).
  Proof.
    intros Legal Not_yet Diff.
    destruct (before_me c l g b Legal Not_yet) as (k & later & _ & _ & _ & Begun).
    destruct (Begun c' Diff) as (Count & Who); split; [exact Count|]; intros Is.
    destruct (Who Is) as (i & At & _); now apply nth_error_In in At.
  Qed.
End Facts.

Section Contract.
  Context (S : system).
  Local Notation F := (queues S).
  Local Notation log := (log S queue_verb).
  Local Notation data := (RData F).

  Lemma held_nonempty (g : log) l : legal F g -> held S l g = true -> queue S l g <> [].
  Proof. intros Legal; apply (queue_once S g l Legal). Qed.

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
    destruct a as [l' k|l' j v|l' j v|]; [|now split..].
    pose proof (held_nonempty g l' Legal) as Some_one.
    cbn in Fault; destruct (lock_exists l'); [|discriminate].
    unfold queue_fault, queue_inside, stands, at_head in *.
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
    induction b as [|[c1 [l1 k1|l1 j v1|l1 j v1|]] b (Queue & Held)]; cbn [app]; auto.
    split; intros; cbn [queue held]; [now rewrite Queue|now rewrite Held].
  Qed.

  (** ** When the operations are defined *)

  (** I stand in the queue and have not begun. *)
  Definition stands_waiting (c : cpu) (l : Z) (g : log) : Prop :=
    stands S c l g = true /\ queue_inside S c l g = false.

  Lemma queue_waits c l :
    lock_exists (S := S) l = true ->
    waits F c (fun a => a = Lock l Looked) (fun a => a = Lock l Began) (at_head S c l) (stands_waiting c l).
  Proof.
    intros Exists; constructor.
    - intros b g Legal (Stands & Outside) Batch.
      destruct (batch_keeps_place c l b g Legal Batch) as (Stands' & Inside'); split; congruence.
    - intros g (Stands & _) Not; eexists; split; [reflexivity|]; cbn; now rewrite Exists, Stands, Not.
    - intros a ->; discriminate.
    - intros a g (Stands & Outside) -> Fault; cbn in Fault; rewrite Exists, Stands in Fault.
      split; [now destruct (at_head S c l g)|split; [now split|split]].
      + apply alike_verb; intros b c' l' k'; destruct (look_unnoticed c l b g) as (Queue & Held).
        cbn; unfold queue_fault, queue_inside, stands, at_head; now rewrite Queue, Held.
      + intros b; unfold at_head; now rewrite (proj1 (look_unnoticed c l b g)).
    - intros g (Stands & Outside); unfold queue_inside in Outside; split.
      + intros (a & -> & Fault); cbn in Fault; rewrite Exists in Fault; now destruct (at_head S c l g).
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
      batch_fault F (me d) b g = None /\ at_head S (me d) l (b ++ g) = true.
  Proof.
    intros Inv g; set (d1 := mkRData (F := F) (me d) g (tl (env d))).
    assert (Seen : env_legal d -> stands S (me d) l (seen d) = stands S (me d) l (events d))
      by (intros Env; apply (batch_keeps_place (me d) l _ _ (inv_legal _ _ Inv) Env)).
    assert (Then : lock_exists (S := S) l = true -> stands S (me d) l (seen d) = false ->
      operation F (Lock l Joined) d = Done d1 ->
      (exists d', until (F := F) (fun a => a = Lock l Looked) (fun a => a = Lock l Began) d1 d') <->
      exists k, let b := batches (Datatypes.S k) (tl (env d)) in
        batch_fault F (me d) b g = None /\ at_head S (me d) l (b ++ g) = true).
    { intros Exists Not Op; pose proof (operation_invariant F (Lock l Joined) d d1 ltac:(discriminate) Inv Op) as Inv1.
      refine (until_defined_iff F _ _ _ _ d1 (queue_waits (me d) l Exists) Inv1 _).
      destruct (operation_log F _ _ _ (inv_legal _ _ Inv) Op) as (_ & Legal & _ & _).
      pose proof (held_nonempty _ l Legal) as Some_one.
      unfold stands_waiting, queue_inside, stands, at_head in *; cbn [events d1 g queue held]; rewrite Z.eqb_refl.
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
      destruct (lock_exists l); try discriminate; destruct (at_head S (me e) l (events e));
      rewrite ?andb_false_r in *; cbn in *; discriminate.
  Qed.

  (** ** The invariant: no CPU stands in a queue twice, who holds is in it *)
  Definition queues_stand (g : log) : Prop := forall l,
    NoDup (queue S l g) /\ (forall c, List.In c (queue S l g) -> (c < cpus S)%nat) /\
    (held S l g = true -> queue S l g <> []).

  Lemma legal_queues_stand (g : log) : legal F g -> queues_stand g.
  Proof. intros Legal l; exact (queue_once S g l Legal). Qed.
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
End Contract.
