(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * A list by place

    The checker looks again and again for what it found at a place of the code, and for the instruction there.  Here
    both are found by the number of the place, and the instruction is looked up once.  [found_at] says no more than the
    list and the code do.  Read next: checker.v. *)
From Coq Require Import ZArith List FMapPositive.
From hlock.clight Require Import options.
Import ListNotations.

Definition place_key (z : Z) : positive :=
  match z with Z0 => xH | Zpos p => xO p | Zneg p => xI p end.
Lemma place_key_inj y z : place_key y = place_key z -> y = z.
Proof. destruct y, z; cbn [place_key]; congruence. Qed.

Section Places.
  Context {A B : Type} (C : Z -> B) (place : A -> Z).

  (** For some places, what [C] has there and which of the list are there. *)
  Definition place_map : Type := PositiveMap.t (B * list A).
  Definition found_at (m : place_map) (z : Z) : B * list A :=
    match PositiveMap.find (place_key z) m with Some here => here | None => (C z, []) end.
  Definition with_found (a : A) (m : place_map) : place_map :=
    let here := found_at m (place a) in
    PositiveMap.add (place_key (place a)) (fst here, a :: snd here) m.
  Definition by_place (xs : list A) : place_map := fold_right with_found (PositiveMap.empty _) xs.

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
