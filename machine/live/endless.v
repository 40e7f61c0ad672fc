(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Infinite executions, and what liveness asks of them

    An infinite execution is a sequence of states and of CPUs: at each time one CPU has
    a turn, in which it makes a step, or nothing happens because it has finished
    ([infinite_execution]).  It is [fair] if each CPU that has not finished has a turn
    again and again.  Of a client, whatever it is told: [keeps_order], and that its
    sections end, with no bound on how late ([sections_end]).  Definitions alone.  Read
    next: infinite.v. *)
From Coq Require Import ZArith List.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L4_locks Require Import spec contract text.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.live Require Import orderly.
Import ListNotations.
Local Open Scope Z_scope.

(** What a client does that may be told so much. *)
Section Sections.
  Context {S : system} (told : list (response S) -> Prop) (p : client S).

  (** It acquires on a higher level than all that it holds, and goes on while it holds. *)
  Record keeps_order (above : Z -> nat) : Prop := {
    rises : climbs told p above;
    carries_on : forall history, told history -> held p history <> [] ->
      exists o, p history = Some o /\ ends o = false
  }.

  (** From [history] on it lets go of lock [l] after finitely many operations of its
      own, whatever it is told. *)
  Inductive lets_go_of (l : Z) (history : list (response S)) : Prop :=
  | let_go : (List.In l (held p history) -> forall a, told (a :: history) -> lets_go_of l (a :: history)) ->
      lets_go_of l history.
  Definition sections_end : Prop := forall history l, told history -> lets_go_of l history.
End Sections.

Section Infinite.
  Context {S : system} (text : program) (width : Z) (M : memory_system S) (clients : cpu -> client S).
  (** The state at each time, and whose turn it is. *)
  Context (run : nat -> machine M) (who : nat -> cpu).
  Local Notation next n := (run (Datatypes.S n)).

  Definition infinite_execution : Prop :=
    run 0%nat = first_state M /\
    forall n, (exists v, calm_step text width M clients (who n) (run n) v (next n)) \/
              (finished M clients (who n) (run n) /\ next n = run n).
  Definition fair : Prop :=
    forall n c, (c < cpus S)%nat -> exists m, (n <= m)%nat /\ (who m = c \/ finished M clients c (run m)).

  (** CPU [c] is in a critical section and waits for nothing: it holds a lock, and is
      not in an acquire. *)
  Definition at_work (c : cpu) (x : machine M) : Prop :=
    exists t history, nth_error (threads x) c = Some t /\ history_of t = Some history /\
      held (clients c) history <> [] /\ forall f i s, t <> Calling (Op_acquire f i) history s.
  (** At time [n] an acquire returns, or a CPU that is at work makes a step. *)
  Definition goes_on_at (n : nat) : Prop :=
    exists v, calm_step text width M clients (who n) (run n) v (next n) /\
      ((exists f i, v = Some (Returned (Op_acquire f i))) \/ at_work (who n) (run n)).
End Infinite.
