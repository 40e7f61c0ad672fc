(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 2: the order in which all begin

    [fifo] of facts.v speaks of one wait.  Of a whole log: those who began with a
    lock are, in this order, the first of those who joined its queue
    ([begun_in_order]).  Read next: machine/safety/history.v, the same of tickets. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L2_queue Require Import spec facts.
Import ListNotations.
Local Open Scope Z_scope.

Section Order.
  Context (S : system).
  Local Notation Q := (queues S).
  Local Notation log := (log S queue_verb).

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
    destruct (queue_once S g l Legal) as (_ & _ & Head).
    destruct a as [l' k|l' j v|l' j v|]; [|exact IH..].
    cbn in Fault; destruct (lock_exists l'); [|discriminate]; destruct IH as (Join & Begin).
    destruct k; cbn [joined begun ended queue held]; destruct (Z.eqb_spec l' l) as [->|]; auto.
    - rewrite Join, Begin, app_assoc; split; [reflexivity|].
      destruct (held S l g); [|reflexivity]; now destruct (queue S l g); [destruct Head|].
    - unfold queue_fault, at_head in Fault; split; [exact Join|]; rewrite Begin.
      destruct (queue S l g) as [|c1 q]; [discriminate|]; destruct (Nat.eqb_spec c1 c) as [->|]; [|discriminate].
      destruct (held S l g); [discriminate|now rewrite app_nil_r].
    - unfold queue_fault, queue_inside, at_head in Fault; rewrite Join, Begin.
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

  (** [begins] counts them. *)
  Lemma begins_count c l b : begins S c l b = count_occ Nat.eq_dec (begun l b) c.
  Proof.
    induction b as [|[c' [l' []|l' j v|l' j v|]] b IH]; cbn; auto.
    destruct (l' =? l); [|now rewrite andb_false_r]; rewrite andb_true_r, count_occ_app, IH; cbn.
    unfold cpu; destruct (Nat.eqb_spec c' c), (Nat.eq_dec c' c); try contradiction; lia.
  Qed.
End Order.
