(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What is found by place is in the list, and in the code *)
From Coq Require Import ZArith List FMapPositive.
From hlock.clight Require Import options.
From hlock.object Require Import by_place.
Import ListNotations.

Lemma place_key_inj y z : place_key y = place_key z -> y = z.
Proof. destruct y, z; cbn [place_key]; congruence. Qed.

Section Places.
  Context {A B : Type} (C : Z -> B) (place : A -> Z).
  Local Notation found_at := (found_at (A := A) C).
  Local Notation by_place := (by_place C place).

  Lemma by_place_sound xs z :
    fst (found_at (by_place xs) z) = C z /\ forall a, In a (snd (found_at (by_place xs) z)) -> In a xs.
  Proof.
    revert z; induction xs as [|x xs IH]; intros z; cbn [by_place fold_right];
      [unfold found_at; rewrite PositiveMap.gempty; now split|].
    fold (by_place xs); unfold with_found.
    set (at_ := found_at (PositiveMap.add _ _ _) z).
    assert (Is : at_ = if Z.eq_dec z (place x)
                       then (fst (found_at (by_place xs) (place x)), x :: snd (found_at (by_place xs) (place x)))
                       else found_at (by_place xs) z).
    { unfold at_; unfold found_at at 1; destruct (Z.eq_dec z (place x)) as [->|Not]; [now rewrite PositiveMap.gss|].
      now rewrite PositiveMap.gso by (intros Same; apply Not, place_key_inj, Same). }
    rewrite Is; destruct (Z.eq_dec z (place x)) as [->|_]; cbn [fst snd].
    - destruct (IH (place x)) as (Here & Those); split; [exact Here|]; intros a [->|In_a]; [now left|right; auto].
    - destruct (IH z) as (Here & Those); split; [exact Here|]; intros a In_a; right; auto.
  Qed.
End Places.
