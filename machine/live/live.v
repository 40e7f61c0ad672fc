(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * How long a wait can last, in rounds

    Of clients and a scheduler as orderly.v has them.  The bound is [whole_rounds].
    Read next: progress.v. *)
From Coq Require Import ZArith.
From hlock.machine.refine Require Import stretches.
From hlock.machine.live Require Export orderly.
Local Open Scope Z_scope.

(** ** The bounds, in rounds *)

(** Of an acquire, but for waiting: to its ticket; to the poll that sees its turn, once
    its number is served; to its return.  Of a release. *)
Definition poll_steps : nat := quiet_steps (Polling 0 0).
Definition ticket_rounds : nat := quiet_steps (Before_ticket 0) + 2.
Definition seen_rounds : nat := poll_steps + 1.
Definition return_rounds : nat := quiet_steps Through + 1.
Definition acquire_rounds : nat := ticket_rounds + seen_rounds + return_rounds.
Definition release_rounds : nat := quiet_steps (Before_load 0) + back_steps + 4.

Section Bounds.
  Context (A B : nat).

  (** A critical section, but for waiting: who has its number sees it and returns, and
      goes through [B] operations, of which [A] acquire. *)
  Definition section_rounds : nat :=
    seen_rounds + return_rounds + B * release_rounds + A * (acquire_rounds - release_rounds).

  (** For how many critical sections, one after the other, a CPU waits at most, if [m]
      other CPUs may be before it, at a lock with less than [d] levels above.  When
      the [k]-th of them has its turn it may wait itself, in each of its [A] acquires,
      but only for the [k - 1] that have left: the rest are in the queue behind it, and
      who is in a queue is in no queue above. *)
  Fixpoint sections (d m : nat) : nat :=
    match d with
    | O => O
    | Datatypes.S d =>
        (fix before (k : nat) : nat :=
           match k with O => O | Datatypes.S k => before k + (1 + A * sections d k) end)%nat m
    end.

  (** An operation of one of [N] CPUs. *)
  Definition whole_rounds (N d : nat) : nat := acquire_rounds + sections d (N - 1) * section_rounds.
End Bounds.
