(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The atomic machine on which wrong calls stop

    As atomic.v, but a CPU that is about to do a wrong thing ([wrong] of record.v)
    stops, and does nothing else: before its effect, if it has called a lock function;
    before its next operation, if an assertion is false.  A CPU of which nothing is wrong
    does not stop.  What it holds is read off the log of all CPUs.  A CPU that stopped
    keeps what it holds.  Nothing is proved here.  Read next: correct.v. *)
From Coq Require Import ZArith List Bool.
From hlock.layers.view Require Import spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec record.
From hlock.machine.model Require Import machine atomic.
From hlock.machine.debug Require Import model.
Import ListNotations.
Local Open Scope Z_scope.

Section Stopping.
  Context {S : system} (T : table) (B : build) (clients : cpu -> client S).
  Context (asserts : cpu -> list (response S) -> list asserted).

  (** The locks that CPU [c] holds. *)
  Definition held_by (c : cpu) (g : log S atomic_verb) : list Z :=
    filter (fun l => holds S c l g) (map Z.of_nat (seq 0 (Z.to_nat (locks S)))).

  (** The first call of CPU [c], which stands at [q] and holds [held], that is wrong: of its
      assertions before its next operation, or the one that it has made. *)
  Definition wrong_at (c : cpu) (q : position S) (held : list Z) : option checked_call :=
    let is_wrong call := wrong T (depth B) call held in
    match q with
    | At_rest history => find is_wrong (map assert_call (asserts c history))
    | Pending o _ => match lock_call o with Some call => if is_wrong call then Some call else None | None => None end
    | Effected _ _ | Dead => None
    end.
  Definition wrong_next (c : cpu) (y : atomic_machine S) : option checked_call :=
    match nth_error (positions y) c with
    | Some q => wrong_at c q (held_by c (happened y))
    | None => None
    end.

  Inductive stopping_step (c : cpu) (y : atomic_machine S)
      : option (debug_visible S) -> atomic_machine S -> Prop :=
  | stopping_goes_on v y' :
      atomic_step clients c y v y' -> wrong_next c y = None \/ v = Some Did_halt ->
      stopping_step c y (option_map Seen v) y'
  | stopping_stops call g ws :
      wrong_next c y = Some call -> tells T (depth B) (this_cpu B c) call (held_by c (happened y)) g ws ->
      stopping_step c y (Some (Did_stop g ws)) (mkAtomic (put_at c Dead (positions y)) (happened y)).

  Inductive stopping_execution : debug_trace S -> atomic_machine S -> Prop :=
  | stopping_execution_start : stopping_execution [] atomic_start
  | stopping_execution_step tr y c v y' :
      stopping_execution tr y -> stopping_step c y v y' -> stopping_execution (note c v tr) y'.

  (** A CPU is about to read or write an object outside of its lock. *)
  Definition touches_outside (y : atomic_machine S) : Prop :=
    exists c history o, nth_error (positions y) c = Some (At_rest history) /\ clients c history = Some o /\
      lock_call o = None /\ forbidden T c o (happened y) /\ wrong_next c y = None.
  (** The beginning of a trace leads there. *)
  Definition touched_outside (tr : debug_trace S) : Prop :=
    exists tr1 tr2 y, tr = tr2 ++ tr1 /\ stopping_execution tr1 y /\ touches_outside y.
End Stopping.
