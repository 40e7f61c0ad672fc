(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Executions of the bytes in turns, and what liveness asks of them

    As machine/live/endless.v, of the machine of bytes: at each time one CPU has a turn.  In it the CPU makes
    a step; or nothing happens, because it has finished, or because it sleeps: it waits for an
    event, and its event register is clear.  Definitions alone.  Read next: live.v. *)
From Coq Require Import ZArith List.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L4_locks Require Import spec contract text.
From hlock.machine.model Require Import machine.
From hlock.object Require Import micro checker machine.
Import ListNotations.
Local Open Scope Z_scope.

(** Of so many turns of a CPU one at least is a step of the C, if no store-exclusive fails more than [R] times in a
    row: its own steps, an exclusive load, own steps, the store that fails; and so on. *)
Definition step_turns (R : nat) : nat := (R + 1) * (2 * (own_bound + 1)).

Section Endless.
  Context {I : Type} {S : system} (L : library I) (base : Z) (clients : cpu -> client S).
  Local Notation machine := (byte_machine S).

  (** A step of CPU [c] that is no halt, or one between operations, with no lock held. *)
  Definition byte_calm (c : cpu) (x : machine) (v : option (visible S)) (x' : machine) : Prop :=
    byte_step L base clients c x v x' /\
    (v = Some Did_halt -> exists history, nth_error (places x) c = Some (Resting history) /\
      held (clients c) history = []).

  (** The client of CPU [c] has ended, or the CPU has halted. *)
  Definition byte_finished (c : cpu) (x : machine) : Prop :=
    match nth_error (places x) c with
    | Some (Resting history) => clients c history = None
    | Some Off => True
    | _ => False
    end.

  (** What the code of CPU [c], in a call, asks for. *)
  Definition asks_for (c : cpu) (x : machine) (r : request I) : Prop :=
    exists o history before s, nth_error (places x) c = Some (Running o history before s) /\
      asks base (lib_code L) s = r.
  Definition asleep (c : cpu) (x : machine) : Prop := event (memory x) c = false /\ exists s, asks_for c x (Rest s).

  (** CPU [c] has done with the operation that comes after [history]. *)
  Definition byte_over (c : cpu) (history : list (response S)) (x : machine) : Prop :=
    match nth_error (places x) c with
    | Some (Resting history') | Some (Running _ history' _ _) => (List.length history < List.length history')%nat
    | Some Off => True
    | None => False
    end.

  (** The state at each time, and whose turn it is. *)
  Context (run : nat -> machine) (who : nat -> cpu).
  Local Notation next n := (run (Datatypes.S n)).

  Definition byte_turn (n : nat) : Prop :=
    (exists v, byte_calm (who n) (run n) v (next n)) \/
    (byte_finished (who n) (run n) \/ asleep (who n) (run n)) /\ next n = run n.
  (** From the start to time [last]; for ever. *)
  Definition byte_turns (last : nat) : Prop :=
    run 0%nat = first_bytes /\ forall n, (n < last)%nat -> byte_turn n.
  Definition byte_infinite : Prop := forall last, byte_turns last.

  (** Each CPU has turns again and again, unless it has finished. *)
  Definition byte_fair : Prop :=
    forall n c, (c < cpus S)%nat -> exists m, (n <= m)%nat /\ (who m = c \/ byte_finished c (run m)).

  (** Between these times each CPU has had a turn, or has finished; [k] times after each other. *)
  Definition byte_round (n m : nat) : Prop :=
    (n <= m)%nat /\ forall c, (c < cpus S)%nat ->
      (exists k, (n <= k < m)%nat /\ who k = c) \/ byte_finished c (run m).
  Fixpoint byte_rounds (k : nat) (n m : nat) : Prop :=
    match k with
    | O => m = n
    | Datatypes.S k => exists n1, byte_round n n1 /\ byte_rounds k n1 m
    end.

  (** At time [n] CPU [c] tries to store, by a store-exclusive; and it fails. *)
  Definition tries (c : cpu) (n : nat) : Prop :=
    who n = c /\ exists is a v done failed, asks_for c (run n) (Ask_store_x is a v done failed).
  Definition fails (c : cpu) (n : nat) : Prop :=
    who n = c /\ exists o history before s is a v done failed,
      nth_error (places (run n)) c = Some (Running o history before s) /\
      asks base (lib_code L) s = Ask_store_x is a v done failed /\
      nth_error (places (next n)) c = Some (Running o history before failed).
  (** From time [n] to [m] it has tried [k] times, and failed each time. *)
  Inductive fails_in_a_row (c : cpu) (n : nat) : nat -> nat -> Prop :=
  | row_begins : fails_in_a_row c n n 0
  | row_fails m k : fails_in_a_row c n m k -> fails c m -> fails_in_a_row c n (Datatypes.S m) (Datatypes.S k)
  | row_goes_on m k : fails_in_a_row c n m k -> ~ tries c m -> fails_in_a_row c n (Datatypes.S m) k.
  (** Up to time [last] no store-exclusive fails more than [R] times in a row. *)
  Definition fails_at_most (R last : nat) : Prop :=
    forall c n m k, (m <= last)%nat -> fails_in_a_row c n m k -> (k <= R)%nat.
End Endless.
