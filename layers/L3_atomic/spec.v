(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 3: an atomic lock

    What a caller of [wait_hlock] and [pass_hlock] sees.  _High_: a whole wait is
    one event, after which the CPU holds the lock; a pass gives it back.  _Low_:
    what floor 2 does, as the C only forwards.
    Read next: facts.v, then layers/L4_locks/spec.v. *)
From Coq Require Import ZArith List Bool.
From hlock.layers.view Require Import spec.
From hlock.layers Require L2_queue.spec.
Import ListNotations.
Local Open Scope Z_scope.

(** ** Low *)
Definition wait_hlock_spec_low {S : system} (l : Z) :
  RData (L2_queue.spec.queues S) -> RData (L2_queue.spec.queues S) -> Prop :=
  L2_queue.spec.wait_qlock_spec S l.
Definition pass_hlock_spec_low {S : system} (l : Z) :
  RData (L2_queue.spec.queues S) -> result (RData (L2_queue.spec.queues S)) :=
  L2_queue.spec.pass_qlock_spec S l.

(** ** High *)
Inductive atomic_verb :=
| Entered   (* a whole wait: the CPU now holds the lock *)
| Left.     (* the CPU gave the lock back *)

Section Atomic.
  Context (S : system).
  Local Notation log := (log S atomic_verb).

  (** The atomic log function: who holds lock [l] after log [g]. *)
  Fixpoint holder (l : Z) (g : log) : option cpu :=
    match g with
    | [] => None
    | (c, Lock l' Entered) :: g => if l' =? l then Some c else holder l g
    | (c, Lock l' Left) :: g => if l' =? l then None else holder l g
    | _ :: g => holder l g
    end.
  Definition holds (c : cpu) (l : Z) (g : log) : bool :=
    match holder l g with
    | Some c' => Nat.eqb c' c
    | None => false
    end.

  (** The rule: enter a free lock; leave a lock that you hold. *)
  Definition atomic_fault (c : cpu) (l : Z) (k : atomic_verb) (g : log) : option fault :=
    match k with
    | Entered =>
        match holder l g with
        | None => None
        | Some c' => Some (if Nat.eqb c' c then Entered_twice else Lock_is_held)
        end
    | Left => if holds c l g then None else Some Not_holder
    end.

  Definition atomic : floor S := mkFloor atomic_verb holds atomic_fault.

  (** ** The operations *)
  Definition wait_hlock_spec (l : Z) : RData atomic -> result (RData atomic) :=
    operation atomic (Lock l Entered).
  Definition pass_hlock_spec (l : Z) : RData atomic -> result (RData atomic) :=
    operation atomic (Lock l Left).
End Atomic.
