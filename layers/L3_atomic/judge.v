(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The judge of floor 3: who holds each lock

    Of the verbs of a lock its last one, an entry or a leave, is enough.
    The judge itself is layers/view/judge.v. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec judge.
From hlock.layers.L3_atomic Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.

Section Judge.
  Context (S : system).
  Local Notation F := (atomic S).
  Local Notation log := (log S atomic_verb).

  Lemma same_holder l (g g' : log) : holder S l g = holder S l g' -> same F l g g'.
  Proof.
    intros Same b c; cbn in *; unfold atomic_fault, holds.
    enough (holder S l (b ++ g) = holder S l (b ++ g')) as -> by auto.
    induction b as [|[c' [l' []|l' v|l' v|]] b IH]; cbn; auto.
    all: now destruct (l' =? l).
  Qed.

  Definition last_change (h : log) : log := firstn 1 h.

  Theorem last_change_enough : compresses F last_change.
  Proof.
    constructor.
    - intros l h Verbs; apply same_holder; destruct Verbs as [|[c a] h [k E] _]; [reflexivity|].
      cbn in E; subst a; cbn; rewrite Z.eqb_refl; now destruct k.
    - intros l h [|e h' E _]; cbn; auto.
    - intros l [c a] g Other; apply same_holder; destruct a as [l' k|l' v|l' v|]; auto; cbn.
      destruct (Z.eqb_spec l' l) as [->|Diff]; [|now destruct k].
      destruct Other; now exists k.
  Qed.

  Definition atomic_judge (es : log) : option (fault * nat) :=
    judge F last_change (initial_state F) 0 es.

  Theorem atomic_judge_correct es : oldest_fault F es (atomic_judge es).
  Proof. apply judge_correct, last_change_enough. Qed.
End Judge.
