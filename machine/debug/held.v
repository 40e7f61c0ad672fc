(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What a CPU holds, by the log and by its own history

    What is wrong, and what is told, depends on which locks are held, not on how they are
    listed ([wrong_same], [tells_same]); and the log of the atomic machine and the
    CPU's own history list the same ([held_same]).  Read next: simulate.v. *)
From Coq Require Import ZArith List Bool Lia Permutation.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L3_atomic Require Import spec facts.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec record checked.
From hlock.machine.model Require Import machine atomic.
From hlock.machine.refine Require Import no_breach.
From hlock.machine.debug Require Import model stopping.
Import ListNotations.
Local Open Scope Z_scope.

Section Same.
  Context (T : table) (n self : Z) (held held' : list Z).
  Context (Same : forall l, List.In l held <-> List.In l held') (Long : length held = length held').

  Lemma has_same l : record.has l held = record.has l held'.
  Proof.
    destruct (record.has l held') eqn:Is; [apply has_iff, Same, has_iff, Is|].
    apply has_not_iff; apply has_not_iff in Is; now rewrite Same.
  Qed.
  Lemma follow_same l : may_follow T held l = may_follow T held' l.
  Proof.
    unfold may_follow; destruct (forallb _ held') eqn:Is.
    - rewrite forallb_forall in *; intros h H; apply Is, Same, H.
    - apply not_true_iff_false; apply not_true_iff_false in Is; intros All; apply Is.
      rewrite forallb_forall in *; intros h H; apply All, Same, H.
  Qed.
  Lemma empty_same : held = [] <-> held' = [].
  Proof. split; intros ->; [destruct held'|destruct held]; try reflexivity; discriminate. Qed.

  Lemma wrong_same call : wrong T n call held = wrong T n call held'.
  Proof.
    destruct call as [[] f i|[] f i|]; cbn [wrong]; rewrite ?has_same, ?follow_same, ?Long; try reflexivity.
    destruct held, held'; try reflexivity; discriminate.
  Qed.
  Lemma tells_same call g ws : tells T n self call held g ws -> tells T n self call held' g ws.
  Proof.
    intros [Out|(m & Fault & Rest)]; [now left|right; exists m; split; [|exact Rest]].
    destruct call as [[] f i|[] f i|]; cbn [is_fault] in *; rewrite <- ?follow_same, <- ?Long, <- ?Same, <- ?empty_same;
      try exact Fault.
    destruct Fault as [Is|[(Is & h & H & Else)|Is]]; [now left|right; left|now right; right].
    split; [exact Is|exists h; split; [apply Same, H|exact Else]].
  Qed.
End Same.

Section Held.
  Context {S : system} (c : cpu) (g : log S atomic_verb) (Legal : legal (spec.atomic S) g).

  Lemma held_by_in l : List.In l (held_by c g) <-> holder S l g = Some c.
  Proof.
    unfold held_by; rewrite filter_In, holds_iff; split; [tauto|]; intros Is; split; [|exact Is].
    pose proof (held_exists l c g Legal Is) as Exists; unfold lock_exists in Exists.
    apply in_map_iff; exists (Z.to_nat l); rewrite in_seq; lia.
  Qed.
  Lemma held_by_once : NoDup (held_by c g).
  Proof.
    apply NoDup_filter, FinFun.Injective_map_NoDup; [intros a b; lia|apply seq_NoDup].
  Qed.

  (** A list without repetition of what it holds is as good. *)
  Lemma held_same held : holds_exactly c g held -> NoDup held ->
    (forall l, List.In l (held_by c g) <-> List.In l held) /\ length (held_by c g) = length held.
  Proof.
    intros Exactly Once; assert (Same : forall l, List.In l (held_by c g) <-> List.In l held)
      by (intros l; rewrite held_by_in; apply Exactly).
    split; [exact Same|].
    exact (Permutation_length (NoDup_Permutation held_by_once Once Same)).
  Qed.
End Held.

(** While nobody stops, the machine that stops is the atomic machine. *)
Lemma stopping_unstopped {S : system} (T : table) (B : build) (clients : cpu -> client S) asserts tr y :
  stopping_execution T B clients asserts tr y -> (forall c g told, ~ List.In (c, Did_stop g told) tr) ->
  exists tr0, tr = as_debug tr0 /\ atomic_execution clients tr0 y.
Proof.
  induction 1 as [|tr y c v y' Run IH Step]; intros Never; [exists []; split; [reflexivity|constructor]|].
  destruct IH as (tr0 & -> & Atomic).
  { intros c' g told Is; apply (Never c' g told); destruct v; [now right|exact Is]. }
  destruct Step as [u y' Step _|call g ws _ _]; [|destruct (Never c g ws); now left].
  exists (see c u tr0); split; [now destruct u|exact (atomic_execution_step clients tr0 y c u y' Atomic Step)].
Qed.
