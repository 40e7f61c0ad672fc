(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * A step of the machine, computed

    On memory that is a list of what happened: what comes of a move ([performed]), and of
    a turn ([step_by]); it is a step of the machine ([step_by_sound]).  Read next: the
    instances in cases, and debug/as_release.v. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import syntax.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import thread memory machine.
Import ListNotations.
Local Open Scope Z_scope.

Section Step.
  Context {S : system} (text : program) (width : Z) (clients : cpu -> client S).
  Local Notation log := (log S words_verb).
  Context {mem_step : log -> cpu -> action S words_verb -> log -> Prop}.
  Context (ticket : cpu -> Z -> log -> Z). (* what a fetch-and-add gives *)
  Local Notation M := (mkMemory log [] mem_step).

  (** What comes of a move: an action on memory or none, and the thread. *)
  Definition performed (c : cpu) (g : log) (m : thread_move S) : option (option (action S words_verb) * thread S) :=
    match m with
    | Local t | Call _ t | Return _ t => Some (None, t)
    | Take l k => Some (Some (Lock l (Took (ticket c l g))), k (ticket c l g))
    | Poll l k => Some (Some (Lock l (Polled (serving S width l g))), k (serving S width l g))
    | Load l k => Some (Some (Lock l (Loaded (serving S width l g))), k (serving S width l g))
    | Store l v t => Some (Some (Lock l (Stored v)), t)
    | Get l k t => Some (Some (Read l k (object l k g)), t (object l k g))
    | Put l k v t => Some (Some (Wrote l k v), t)
    | Halt | Finished | Stuck => None
    end.
  (** What is seen of that. *)
  Definition seen_of_move (m : thread_move S) (a : option (action S words_verb)) : option (visible S) :=
    match m, a with
    | Call o _, _ => Some (Called o)
    | Return o _, _ => Some (Returned o)
    | _, Some a => seen_of a
    | _, None => None
    end.
  (** A step of CPU [c]: what is seen of it, and the next state. *)
  Definition step_by (c : cpu) (x : machine M) : option (option (visible S) * machine M) :=
    match nth_error (threads x) c with
    | None => None
    | Some t =>
        let m := next_move text width (clients c) t in
        match performed c (contents x) m with
        | None => None
        | Some (a, t') =>
            Some (seen_of_move m a,
                  mkMachine (M := M) (put_at c t' (threads x))
                    (match a with Some a => (c, a) :: contents x | None => contents x end))
        end
    end.
  (** It is one, on any memory that gives such tickets and else what is there. *)
  Lemma step_by_sound c x v x' :
    (forall g c l, let a := Lock l (Took (ticket c l g)) in mem_step g c a ((c, a) :: g)) ->
    (forall g c a, value_there S width g a -> mem_step g c a ((c, a) :: g)) ->
    step_by c x = Some (v, x') -> machine_step text width M clients c x v x'.
  Proof.
    intros Takes There; destruct x as [ts g]; unfold step_by; cbn [threads contents].
    destruct (nth_error ts c) as [t|] eqn:At; [|discriminate].
    destruct (performed c g _) as [[a t']|] eqn:Did; [|discriminate]; intros [= <- <-]; revert Did.
    destruct (next_move text width (clients c) t) as [t1|o t1|o t1|l k|l k|l k|l v1 t1|l k t1|l k v1 t1| | |] eqn:Next;
      cbn [performed]; intros Did; try discriminate; injection Did as <- <-; cbn [seen_of_move].
    1: now apply step_local with t.
    1: now apply step_call with t.
    1: now apply step_return with t.
    all: eapply step_memory; [exact At|rewrite Next; cbn; eauto|]; first [apply Takes|apply There; cbn; auto].
  Qed.
End Step.
