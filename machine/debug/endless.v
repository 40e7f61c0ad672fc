(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Infinite executions of the debug text

    As live/endless.v, of the debug text: at each time one CPU has a turn, in which it
    makes a step, or nothing happens because it has finished.  A check, a step of an
    assertion, a call of record.h are turns too.  Definitions alone.  Read next:
    turns.v. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options syntax.
From hlock.layers.view Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.live Require Import orderly.
From hlock.machine.debug Require Import model.
Import ListNotations.
Local Open Scope Z_scope.

(** What the client of a debug thread that is between two operations, its assertions included, has been told. *)
Definition rests_at {S : system} (d : debug_thread S) : option (list (response S)) :=
  match d with
  | Running (Idle history) _ | Asserting history _ _ => Some history
  | _ => None
  end.

(** What the client of a debug thread has been told. *)
Definition debug_history {S : system} (d : debug_thread S) : option (list (response S)) :=
  match d with Running t _ => history_of t | Asserting h _ _ => Some h | At_stop => None end.
(** The thread has done with the operation that comes after [history]; a thread at a stop has not. *)
Definition debug_beyond {S : system} (history : list (response S)) (d : debug_thread S) : Prop :=
  match d with
  | Running t _ => beyond history t
  | Asserting history' _ _ => (length history < length history')%nat
  | At_stop => False
  end.
Definition debug_over {S : system} {M : memory_system S} (c : cpu) (history : list (response S))
    (x : debug_machine M) : Prop :=
  exists d, nth_error (debug_threads x) c = Some d /\ debug_beyond history d.

(** A client that holds a lock goes on: it does not end or halt. *)
Definition goes_on_holding {S : system} (told : list (response S) -> Prop) (p : client S) : Prop :=
  forall history, told history -> held p history <> [] -> exists o, p history = Some o /\ ends o = false.

Section Endless.
  Context {S : system} (text : program) (width : Z) (B : build) (M : memory_system S).
  Context (clients : cpu -> client S) (asserts : cpu -> list (response S) -> list asserted).
  Local Notation debug_machine := (debug_machine M).

  (** A step of CPU [c] that is no halt, or one between operations, with no lock held. *)
  Definition debug_calm (c : cpu) (x : debug_machine) (v : option (debug_visible S)) (x' : debug_machine) : Prop :=
    debug_step text width B M clients asserts c x v x' /\
    (v = Some (Seen Did_halt) -> exists d history, nth_error (debug_threads x) c = Some d /\
      rests_at d = Some history /\ held (clients c) history = []).

  (** The client of CPU [c] has ended, its last assertions made; or the CPU has halted, or has stopped. *)
  Definition debug_finished (c : cpu) (x : debug_machine) : Prop :=
    match nth_error (debug_threads x) c with
    | Some (Running (Idle history) []) => clients c history = None
    | Some (Running Stopped _) | Some At_stop => True
    | _ => False
    end.

  (** The state at each time, and whose turn it is. *)
  Context (run : nat -> debug_machine) (who : nat -> cpu).
  Local Notation next n := (run (Datatypes.S n)).

  Definition debug_infinite : Prop :=
    run 0%nat = debug_first M asserts /\
    forall n, (exists v, debug_calm (who n) (run n) v (next n)) \/ (debug_finished (who n) (run n) /\ next n = run n).
  Definition debug_fair : Prop :=
    forall n c, (c < cpus S)%nat -> exists m, (n <= m)%nat /\ (who m = c \/ debug_finished c (run m)).
  (** No CPU ever stops. *)
  Definition nobody_stops : Prop := forall n c, nth_error (debug_threads (run n)) c <> Some At_stop.

  (** Whenever a CPU is about to touch an object, it is one of table [T], and it holds its lock. *)
  Definition touches_inside (T : table) : Prop := forall n c history o,
    nth_error (debug_threads (run n)) c = Some (Running (Idle history) []) -> clients c history = Some o ->
    lock_call o = None -> of_table T o /\ allowed o (held (clients c) history) = true.

  (** CPU [c] is in a critical section and waits for nothing: it holds a lock, and is not in an acquire. *)
  Definition debug_at_work (c : cpu) (x : debug_machine) : Prop :=
    exists d history, nth_error (debug_threads x) c = Some d /\ debug_history d = Some history /\
      held (clients c) history <> [] /\ forall f i s due, d <> Running (Calling (Op_acquire f i) history s) due.
  (** At time [n] an acquire returns, or a CPU that is at work makes a step. *)
  Definition debug_goes_on_at (n : nat) : Prop :=
    exists v, debug_calm (who n) (run n) v (next n) /\
      ((exists f i, v = Some (Seen (Returned (Op_acquire f i)))) \/ debug_at_work (who n) (run n)).
End Endless.
