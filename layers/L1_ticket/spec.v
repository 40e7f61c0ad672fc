(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 1: tickets that do not wrap

    What [wait_lock] and [pass_lock] do, in two forms.  _Low_: on machine words,
    the primitives of floor 0 composed; the wait is a relation, so that every
    wait that ends, however long, is specified.  _High_: on numbers without
    bound, where a ticket names one acquisition for ever.  That the two agree,
    if the number of CPUs is at most 2^width, is in refine.v. *)
From Coq Require Import ZArith List Bool.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Export spec. (* the phases, for the floors above *)
Import ListNotations.
Local Open Scope Z_scope.

(** ** Low *)
Section Low.
  Context {S : system} {width : Z}.
  Local Notation data := (RData (words S width)).

  (** Poll [now] until it is [t]. *)
  Inductive polls (l t : Z) : data -> data -> Prop :=
  | my_turn d d' :
      get_now_spec S width l d = Done (t, d') -> polls l t d d'
  | not_yet d v d1 d' :
      get_now_spec S width l d = Done (v, d1) -> v <> t -> polls l t d1 d' -> polls l t d d'.

  (** Polls that did not read [t] lead from [d] to [d']. *)
  Inductive polls_in_vain (l t : Z) : data -> data -> Prop :=
  | none_yet d : polls_in_vain l t d d
  | one_more d v d1 d' :
      get_now_spec S width l d = Done (v, d1) -> v <> t -> polls_in_vain l t d1 d' ->
      polls_in_vain l t d d'.

  (** The others make [now] move, before one of the next [F] polls of mine. *)
  Inductive moves (l : Z) : nat -> data -> Prop :=
  | moves_at_once F (d : data) : serving S width l (seen d) <> serving S width l (events d) -> moves l (Datatypes.S F) d
  | moves_later F d v d1 :
      get_now_spec S width l d = Done (v, d1) -> moves l F d1 -> moves l (Datatypes.S F) d.

  Definition wait_lock_spec_low (l : Z) (d d' : data) : Prop :=
    exists t d1, incr_ticket_spec S width l d = Done (t, d1) /\ polls l t d1 d'.
  Definition pass_lock_spec_low (l : Z) (d : data) : result data :=
    incr_now_spec S width l d.
End Low.

(** ** High *)
Inductive ticket_verb :=
| Drew (n : Z)   (* took ticket n *)
| Saw (n : Z)    (* saw that n is served *)
| Bumped.        (* passed the lock on *)

Section High.
  Context (S : system).
  Local Notation log := (log S ticket_verb).

  (** How many tickets were taken, and which one is served. *)
  Fixpoint taken (l : Z) (g : log) : Z :=
    match g with
    | [] => 0
    | (_, Lock l' (Drew _)) :: g => if l' =? l then taken l g + 1 else taken l g
    | _ :: g => taken l g
    end.
  Fixpoint served (l : Z) (g : log) : Z :=
    match g with
    | [] => 0
    | (_, Lock l' Bumped) :: g => if l' =? l then served l g + 1 else served l g
    | _ :: g => served l g
    end.

  Definition ticket_step (k : ticket_verb) (p : phase) : phase :=
    match k, p with
    | Drew n, _ => Waiting n
    | Saw n, Waiting t => if n =? t then In else Waiting t
    | Saw _, p => p
    | Bumped, _ => Out
    end.
  Fixpoint ticket_phase (c : cpu) (l : Z) (g : log) : phase :=
    match g with
    | [] => Out
    | (c', Lock l' k) :: g =>
        if Nat.eqb c' c && (l' =? l) then ticket_step k (ticket_phase c l g) else ticket_phase c l g
    | _ :: g => ticket_phase c l g
    end.

  (** A poll is a success if it returns the ticket that its CPU waits with. *)
  Definition success (c : cpu) (l n : Z) (g : log) : bool :=
    match ticket_phase c l g with Waiting t => n =? t | _ => false end.

  Definition ticket_fault (c : cpu) (l : Z) (k : ticket_verb) (g : log) : option fault :=
    match k, ticket_phase c l g with
    | Drew n, Out => reads n (taken l g)
    | Drew _, _ => Some Entered_twice
    | Saw n, Waiting _ => reads n (served l g)
    | Saw _, _ => Some Out_of_order
    | Bumped, In => None
    | Bumped, _ => Some Not_holder
    end.
  Definition ticket_inside (c : cpu) (l : Z) (g : log) : bool :=
    match ticket_phase c l g with In => true | _ => false end.
  Definition tickets : floor S := mkFloor ticket_verb ticket_inside ticket_fault.

  (** Take the next ticket, then look until it is served. *)
  Definition wait_lock_spec (l : Z) (d d' : RData tickets) : Prop :=
    exists n d1,
      operation tickets (Lock l (Drew n)) d = Done d1 /\
      until (F := tickets) (fun a => exists v, v <> n /\ a = Lock l (Saw v))
            (fun a => a = Lock l (Saw n)) d1 d'.
  Definition pass_lock_spec (l : Z) : RData tickets -> result (RData tickets) :=
    operation tickets (Lock l Bumped).
End High.
