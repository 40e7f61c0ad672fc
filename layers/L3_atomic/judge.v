(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The judge of floor 3: who holds each lock

    Of the verbs of a lock it is enough who entered last, if that CPU has not left.
    The judge itself is layers/view/judge.v. *)
From Coq Require Import ZArith NArith List Bool.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec judge.
From hlock.layers.L3_atomic Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.

Section Judge.
  Context (S : system).
  Local Notation F := (atomic S).
  Local Notation log := (log S atomic_verb).

  (** The holder; to CPU [c] it is itself or another. *)
  Definition last_holder : keeper F := mkKeeper (F := F) (option N) None
    (fun c k _ => match k with Entered => Some c | Left => None end)
    (fun c l x => match x with
                  | Some c' => [(if N.eqb c' c then 0%nat else 1%nat, Lock l Entered)]
                  | None => []
                  end).

  Definition is_holder (l : Z) (x : option N) (g : log) : Prop := option_map N.to_nat x = holder S l g.

  Theorem last_holder_enough : keeps F last_holder is_holder.
  Proof.
    assert (Viewed : forall l x c (w : log), last_write F l w ->
              holder S l (view_of last_holder c l x ++ w) =
              option_map (fun c' => if N.eqb c' c then 0%nat else 1%nat) x).
    { intros l [c'|] c w [->|(part & v & ->)]; cbn; now rewrite ?Z.eqb_refl. }
    constructor; cbn [kept last_holder inside verb_fault atomic]; unfold is_holder.
    - reflexivity.
    - intros l x g c k _; destruct k; cbn; now rewrite Z.eqb_refl.
    - intros l x g [c a] -> Other; destruct a as [l' k|l' j v|l' j v|]; auto; cbn.
      destruct (Z.eqb_spec l' l) as [->|_]; [destruct Other; now exists k|now destruct k].
    - intros l [c'|] c; cbn; repeat constructor; now exists Entered.
    - intros l x g c w Tells Write; unfold holds; rewrite Viewed, <- Tells by exact Write.
      destruct x as [c'|]; cbn; [rewrite eqb_cpus; now destruct (N.eqb c' c)|reflexivity].
    - intros l x g c w k Tells Write; unfold atomic_fault, holds; rewrite Viewed, <- Tells by exact Write.
      destruct x as [c'|], k; cbn; rewrite ?eqb_cpus; try reflexivity; now destruct (N.eqb c' c).
  Qed.

  Definition atomic_judge (n : N) : list (numbered F) -> option (fault * nat) := judge F last_holder n.

  Theorem atomic_judge_correct n es : cpus S = N.to_nat n ->
    oldest_fault F (map (event_of F) es) (atomic_judge n es).
  Proof. intros Cpus; exact (judge_correct F last_holder n is_holder last_holder_enough Cpus es). Qed.
End Judge.
