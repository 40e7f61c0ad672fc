(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 2: a queue of CPUs

    Tickets are gone: a CPU joins a queue, looks until it is first and the lock
    is free, begins, and ends.  This floor has no C of its own: it gives the C
    name [wait_lock] a more abstract specification (the original's wait_qlock).
    Read next: refine.v. *)
From Coq Require Import ZArith List Bool.
From hlock.layers.view Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.

Inductive queue_verb :=
| Joined   (* stands at the end of the queue *)
| Looked   (* saw that it is not its turn *)
| Began    (* saw its turn: holds the lock *)
| Ended.   (* left the lock and the queue *)

Section Queue.
  Context (S : system).
  Local Notation log := (log S queue_verb).

  (** The queue of lock [l], first come first; its head holds the lock if busy. *)
  Fixpoint queue (l : Z) (g : log) : list cpu :=
    match g with
    | [] => []
    | (c, Lock l' Joined) :: g => if l' =? l then queue l g ++ [c] else queue l g
    | (_, Lock l' Ended) :: g => if l' =? l then tl (queue l g) else queue l g
    | _ :: g => queue l g
    end.
  Fixpoint held (l : Z) (g : log) : bool :=
    match g with
    | [] => false
    | (_, Lock l' Began) :: g => if l' =? l then true else held l g
    | (_, Lock l' Ended) :: g => if l' =? l then false else held l g
    | _ :: g => held l g
    end.
  Definition at_head (c : cpu) (l : Z) (g : log) : bool :=
    match queue l g with c' :: _ => Nat.eqb c' c | [] => false end.
  Definition stands (c : cpu) (l : Z) (g : log) : bool := existsb (Nat.eqb c) (queue l g).

  Definition queue_inside (c : cpu) (l : Z) (g : log) : bool := at_head c l g && held l g.
  Definition queue_fault (c : cpu) (l : Z) (k : queue_verb) (g : log) : option fault :=
    match k with
    | Joined => if stands c l g then Some Entered_twice else None
    | Looked => if stands c l g && negb (at_head c l g) then None else Some Out_of_order
    | Began => if at_head c l g && negb (held l g) then None else Some Lock_is_held
    | Ended => if queue_inside c l g then None else Some Not_holder
    end.
  Definition queues : floor S := mkFloor queue_verb queue_inside queue_fault.

  Definition wait_qlock_spec (l : Z) (d d' : RData queues) : Prop :=
    exists d1,
      operation queues (Lock l Joined) d = Done d1 /\
      until (F := queues) (fun a => a = Lock l Looked) (fun a => a = Lock l Began) d1 d'.
  Definition pass_qlock_spec (l : Z) : RData queues -> result (RData queues) :=
    operation queues (Lock l Ended).
End Queue.
