(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * A verdict on a list, one item at a time

    A state, a step that refuses an item or goes on, and a last question when the list
    is at its end.  What a judge is proved of is [verdict]; what runs (tools/judge) is
    the step, on items as they are read: [verdict_so_far] says that nothing else is
    needed.  Read next: judge.v. *)
From Coq Require Import List Lia.
From hlock.clight Require Import options.
Import ListNotations.

Section Stream.
  Context {State Item Why : Type} (step : State -> Item -> Why + State) (last : State -> option Why).

  (** None: all are accepted.  Else why not, and how many items, with the [n] before
      these, were accepted before. *)
  Fixpoint verdict (x : State) (n : nat) (is : list Item) : option (Why * nat) :=
    match is with
    | [] => match last x with Some why => Some (why, n) | None => None end
    | i :: is =>
        match step x i with
        | inl why => Some (why, n)
        | inr x => verdict x (Datatypes.S n) is
        end
    end.

  (** The state after some items that are all accepted. *)
  Fixpoint after (x : State) (is : list Item) : option State :=
    match is with
    | [] => Some x
    | i :: is => match step x i with inl _ => None | inr x => after x is end
    end.

  (** After some items the rest is judged from the state alone. *)
  Theorem verdict_so_far is more : forall x y n, after x is = Some y ->
    verdict x n (is ++ more) = verdict y (n + length is) more.
  Proof.
    induction is as [|i is IH]; cbn [after verdict app length]; intros x y n After.
    - injection After as <-; now rewrite <- plus_n_O.
    - destruct (step x i) as [why|x1]; [discriminate|].
      rewrite (IH x1 y (Datatypes.S n) After); f_equal; lia.
  Qed.
End Stream.

(** Two ways to judge, whose states stay related, have the same verdict. *)
Section Alike.
  Context {State State' Item Item' Why : Type}.
  Context (step : State -> Item -> Why + State) (last : State -> option Why).
  Context (step' : State' -> Item' -> Why + State') (last' : State' -> option Why).
  Context (R : State -> State' -> Prop) (f : Item' -> Item).

  Theorem verdicts_alike :
    (forall x y i, R x y ->
       match step x (f i), step' y i with
       | inl why, inl why' => why = why'
       | inr x, inr y => R x y
       | _, _ => False
       end) ->
    (forall x y, R x y -> last x = last' y) ->
    forall is x y n, R x y -> verdict step last x n (map f is) = verdict step' last' y n is.
  Proof.
    intros Steps Lasts; induction is as [|i is IH]; intros x y n Same; cbn [verdict map].
    - now rewrite (Lasts x y Same).
    - specialize (Steps x y i Same); destruct (step x (f i)), (step' y i); try contradiction; [congruence|auto].
  Qed.
End Alike.
