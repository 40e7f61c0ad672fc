(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Infinite executions of the debug text

    As live/endless.v, of the debug text: at each time one CPU has a turn, in which it
    makes a step, or nothing happens because it has finished.  A check, a step of an
    assertion, a call of record.h are turns too.  Definitions alone.  Read next:
    turns.v. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options syntax.
From hlock.layers.view Require Import spec.
From hlock.layers.L4_locks Require Import spec contract text.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.debug Require Import model.
Import ListNotations.
Local Open Scope Z_scope.

(** What the client of a debug thread that is between two operations, its assertions included, has been told. *)
Definition rests_at {S : system} (d : debug_thread S) : option (list (response S)) :=
  match d with
  | Running (Idle history) _ | Asserting history _ _ => Some history
  | _ => None
  end.

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
End Endless.
