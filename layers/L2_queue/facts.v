(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 2: first come, first served

    In a legal log a CPU stands in the queue at most once, and who comes first
    begins first: from the moment that a CPU has joined until it begins, each
    other CPU begins at most once, and only if it stood in the queue before it
    ([fifo]).  So all begin in the order in which they joined ([begun_in_order]). *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
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
    destruct a as [l' k|l' v|l' v|]; [|exact (conj Once (conj Below Head))..].
    cbn in Fault; destruct (lock_exists l'); [|discriminate].
    destruct k; cbn [queue held]; destruct (Z.eqb_spec l' l) as [->|]; auto.
    - unfold queue_fault in Fault; destruct (stands S c l g) eqn:Stands; [discriminate|].
      assert (New : ~ List.In c (queue S l g)) by (rewrite <- stands_iff; congruence).
      split; [|split; [|intros _ Nil; now destruct (queue S l g)]].
      + apply NoDup_Add with (a := c) (l := queue S l g); [|split; auto].
        rewrite <- (app_nil_r (queue S l g)) at 1; apply Add_app.
      + intros c'; rewrite in_app_iff; cbn; intros [|[<-|[]]]; auto.
    - split; [exact Once|split; [exact Below|]]; intros _ Nil.
      unfold queue_fault, first in Fault; rewrite Nil in Fault; discriminate.
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
    destruct a as [l' v|l' v|l' v|]; [|exact (IH Legal Not_yet)..].
    cbn in Fault; destruct (lock_exists l'); [|discriminate].
    assert (Before : begins c l b = 0%nat) by (destruct v; cbn in Not_yet; auto; now destruct (_ && _)).
    destruct (IH Legal Before) as (k & later & Queue & Held & Short & Begun); clear IH.
    set (g' := b ++ (c, Lock l Joined) :: g) in *.
    destruct v; cbn [queue spec.held begins]; destruct (Z.eqb_spec l' l) as [->|];
      try (exists k, later; split; [exact Queue|split; [exact Held|split; [exact Short|]]];
           intros c' Diff; rewrite ?andb_false_r; exact (Begun c' Diff)).
    - exists k, (later ++ [c0]); rewrite Queue, <- app_assoc; auto.
    - unfold queue_fault, first in Fault; rewrite Queue in Fault.
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
      destruct (first S c0 l g'), (spec.held S l g') eqn:Busy; cbn in Fault; try discriminate.
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

  (** Who joined, who began and who ended with lock [l], oldest first. *)
  Fixpoint joined (l : Z) (g : log) : list cpu :=
    match g with
    | [] => []
    | (c, Lock l' Joined) :: g => if l' =? l then joined l g ++ [c] else joined l g
    | _ :: g => joined l g
    end.
  Fixpoint begun (l : Z) (g : log) : list cpu :=
    match g with
    | [] => []
    | (c, Lock l' Began) :: g => if l' =? l then begun l g ++ [c] else begun l g
    | _ :: g => begun l g
    end.
  Fixpoint ended (l : Z) (g : log) : list cpu :=
    match g with
    | [] => []
    | (c, Lock l' Ended) :: g => if l' =? l then ended l g ++ [c] else ended l g
    | _ :: g => ended l g
    end.

  (** Who joined has ended or stands; who began has ended or is first and holds. *)
  Lemma joined_begun g l : legal Q g ->
    joined l g = ended l g ++ queue S l g /\
    begun l g = ended l g ++ (if held S l g then firstn 1 (queue S l g) else []).
  Proof.
    induction g as [|[c a] g IH]; [auto|].
    rewrite legal_cons, event_fault_none; intros (Legal & _ & _ & Fault); specialize (IH Legal).
    destruct (queue_once g l Legal) as (_ & _ & Head).
    destruct a as [l' k|l' v|l' v|]; [|exact IH..].
    cbn in Fault; destruct (lock_exists l'); [|discriminate]; destruct IH as (Join & Begin).
    destruct k; cbn [joined begun ended queue held]; destruct (Z.eqb_spec l' l) as [->|]; auto.
    - rewrite Join, Begin, app_assoc; split; [reflexivity|].
      destruct (held S l g); [|reflexivity]; now destruct (queue S l g); [destruct Head|].
    - unfold queue_fault, first in Fault; split; [exact Join|]; rewrite Begin.
      destruct (queue S l g) as [|c1 q]; [discriminate|]; destruct (Nat.eqb_spec c1 c) as [->|]; [|discriminate].
      destruct (held S l g); [discriminate|now rewrite app_nil_r].
    - unfold queue_fault, queue_inside, first in Fault; rewrite Join, Begin.
      destruct (queue S l g) as [|c1 q]; [discriminate|]; destruct (Nat.eqb_spec c1 c) as [->|]; [|discriminate].
      destruct (held S l g); [|discriminate]; cbn; rewrite <- app_assoc, app_nil_r; auto.
  Qed.

  (** All begin in the order in which they joined: who began are the first of those
      who joined. *)
  Theorem begun_in_order g l : legal Q g -> exists later, joined l g = begun l g ++ later.
  Proof.
    intros Legal; destruct (joined_begun g l Legal) as (-> & ->).
    destruct (held S l g); [|exists (queue S l g); now rewrite app_nil_r].
    exists (skipn 1 (queue S l g)); rewrite <- app_assoc; f_equal; now rewrite firstn_skipn.
  Qed.

  Lemma begins_count c l b : begins c l b = count_occ Nat.eq_dec (begun l b) c.
  Proof.
    induction b as [|[c' [l' []|l' v|l' v|]] b IH]; cbn; auto.
    destruct (l' =? l); [|now rewrite andb_false_r]; rewrite andb_true_r, count_occ_app, IH; cbn.
    unfold cpu; destruct (Nat.eqb_spec c' c), (Nat.eq_dec c' c); try contradiction; lia.
  Qed.
End Facts.
