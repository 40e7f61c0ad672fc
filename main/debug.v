(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * hlock: what the debug build stops

    N CPUs run the debug text, checks and record and assertions included, under clients of
    which neither contract nor order is asked.  The premises: an accepted table, whose ranks
    are numbers of C; a build that knows its CPUs apart; clients that call functions which
    there are; and memory that is sequentially consistent.

    The names that stand in the statements, and where they are defined:
      layers/L4_locks/record.v       recordable
      layers/L4_locks/spec.v         Op_acquire, client, response, table_system
      layers/table/table.v           table_ok
      layers/view/spec.v             cpu, object
      machine/debug/endless.v        debug_fair, debug_goes_on_at, debug_infinite, debug_over,
                                     goes_on_holding, nobody_stops, touches_inside
      machine/debug/model.v          Did_stop, Running, as_debug, asserted, build_ok, calls_exist,
                                     debug_contents, debug_execution, debug_stack, debug_threads, stops_alone
      machine/debug/stopping.v       stopping_execution, touched_outside, wrong_next
      machine/live/endless.v         sections_end
      machine/live/orderly.v         chosen
      machine/model/atomic.v         atomic_execution, happened
      machine/model/machine.v        contents, execution
      machine/model/memory.v         sc_memory
      machine/model/thread.v         Calling
      stack/linked.v                 stack *)
From Coq Require Import ZArith List.
From hlock.layers.table Require Import table.
From hlock.layers.view Require Import spec.
From hlock.layers.L4_locks Require Import spec record.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant.
From hlock.machine.live Require Import orderly endless.
From hlock.machine.debug Require Import model stopping held simulate correct stops release endless unstopped.
Local Open Scope Z_scope.

(** No contract and no order is asked.  Either somebody was about to touch an object outside of its
    lock, or: what was seen, calls, returns, values and stops with what they tell, is seen of the
    same clients on the atomic machine on which a CPU stops at a wrong thing, and only there, and
    does nothing wrong; and a CPU which is about to do a wrong thing there comes to a stop here, by
    itself.  Wrong is: what breaks the contract or the order, takes more locks than there is room
    for, or an assertion that is false. *)
Theorem debug_correct :
  forall prefix T N O width B, table_ok T = true -> recordable T = true -> 1 <= width <= 32 ->
  Z.of_nat N <= 2 ^ width -> build_ok N B ->
  let S := table_system T N O in let M := sc_memory S width in
  forall (clients : cpu -> client S) (asserts : cpu -> list (response S) -> list asserted),
  calls_exist T clients asserts ->
  forall tr x, debug_execution (debug_stack prefix T) width B M clients asserts tr x ->
  touched_outside T B clients asserts tr \/
  exists y, stopping_execution T B clients asserts tr y /\
    (forall l k, object l k (happened y) = object l k (debug_contents x)) /\
    (forall c call, wrong_next T B asserts c y = Some call ->
       stops_alone (debug_stack prefix T) width B M clients asserts c x).
Proof.
  intros prefix T N O width B Ok Recordable Width Fits Build S M clients asserts Calls tr x Run.
  pose (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients).
  destruct (debug_simulated (G := G) B asserts Recordable Build Calls tr x Run)
    as [(x0 & y0 & y & Sim & Above)|Touched]; [right|now left].
  exists y; split; [exact Above|split].
  - intros l k.
    pose proof (eq_trans (above_happened _ _ _ (sim_above _ _ _ _ _ _ Sim)) (rel_log _ _ (sim_match _ _ _ _ _ _ Sim)))
      as Log.
    pose proof (beside_contents _ _ _ _ (sim_beside _ _ _ _ _ _ Sim)) as Same.
    exact (eq_trans (f_equal (object l k) Log)
             (eq_trans (object_up S width (contents x0) l k) (f_equal (object l k) (eq_sym Same)))).
  - intros c call; exact (wrong_is_stopped (G := G) B asserts Recordable Build Calls x x0 y0 y c call Sim).
Qed.

(** While nobody has stopped, it is the machine of atomic locks: what is seen of the debug
    text is seen of the same clients there. *)
Theorem debug_unstopped :
  forall prefix T N O width B, table_ok T = true -> recordable T = true -> 1 <= width <= 32 ->
  Z.of_nat N <= 2 ^ width -> build_ok N B ->
  let S := table_system T N O in let M := sc_memory S width in
  forall (clients : cpu -> client S) (asserts : cpu -> list (response S) -> list asserted),
  calls_exist T clients asserts ->
  forall tr x, debug_execution (debug_stack prefix T) width B M clients asserts tr x ->
  (forall c g told, ~ List.In (c, Did_stop g told) tr) ->
  touched_outside T B clients asserts tr \/
  exists tr0 y, tr = as_debug tr0 /\ atomic_execution clients tr0 y /\
    forall l k, object l k (happened y) = object l k (debug_contents x).
Proof.
  intros prefix T N O width B Ok Recordable Width Fits Build S M clients asserts Calls tr x Run Never.
  destruct (debug_correct prefix T N O width B Ok Recordable Width Fits Build clients asserts Calls tr x Run)
    as [Touched|(y & Above & Same & _)]; [now left|right].
  destruct (stopping_unstopped T B clients asserts tr y Above Never) as (tr0 & Is & Atomic); eauto 6.
Qed.

(** Where no execution of the debug text stops, both texts have the same executions: what is seen of one is
    seen of the other, and leaves the same memory.  Nothing else is asked of the clients. *)
Theorem debug_is_release :
  forall prefix T N O width B, table_ok T = true -> recordable T = true -> 1 <= width <= 32 ->
  Z.of_nat N <= 2 ^ width -> build_ok N B ->
  let S := table_system T N O in let M := sc_memory S width in
  forall (clients : cpu -> client S) (asserts : cpu -> list (response S) -> list asserted),
  calls_exist T clients asserts ->
  (forall tr x c g told, debug_execution (debug_stack prefix T) width B M clients asserts tr x ->
     ~ List.In (c, Did_stop g told) tr) ->
  (forall tr x, debug_execution (debug_stack prefix T) width B M clients asserts tr x ->
     exists tr0 x0, tr = as_debug tr0 /\ execution (stack prefix T) width M clients tr0 x0 /\
       contents x0 = debug_contents x) /\
  (forall tr0 x0, execution (stack prefix T) width M clients tr0 x0 ->
     exists x, debug_execution (debug_stack prefix T) width B M clients asserts (as_debug tr0) x /\
       debug_contents x = contents x0).
Proof.
  intros prefix T N O width B Ok Recordable Width Fits Build S M clients asserts Calls Never.
  pose (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients); split.
  - intros tr x Run; destruct (debug_to_release (G := G) B asserts Recordable Build Calls Never tr x Run)
      as (tr0 & x0 & Run0 & Is & Beside & _); exists tr0, x0.
    split; [exact Is|split; [exact Run0|exact (eq_sym (beside_contents _ _ _ _ Beside))]].
  - intros tr0 x0 Run0; destruct (release_to_debug (G := G) B asserts Recordable Build Calls Never tr0 x0 Run0)
      as (x & Run & Beside & _); exists x; split; [exact Run|exact (beside_contents _ _ _ _ Beside)].
Qed.

(** Nor does anybody wait for ever while no CPU has stopped; again no contract and no order is asked.  Of clients
    that go on while they hold a lock, and whose sections end, with no bound: in every fair infinite
    execution in which nobody stops, and in which who touches an object holds its lock, every acquire that is
    called returns. *)
Theorem debug_starvation_freedom :
  forall prefix T N O width B, table_ok T = true -> recordable T = true -> 1 <= width <= 32 ->
  Z.of_nat N <= 2 ^ width -> build_ok N B ->
  let S := table_system T N O in let M := sc_memory S width in let text := debug_stack prefix T in
  forall (clients : cpu -> client S) (asserts : cpu -> list (response S) -> list asserted),
  calls_exist T clients asserts ->
  (forall c, goes_on_holding (chosen (clients c)) (clients c)) ->
  (forall c, sections_end (chosen (clients c)) (clients c)) ->
  forall run who, debug_infinite text width B M clients asserts run who -> debug_fair M clients run who ->
  nobody_stops M run -> touches_inside M clients run T ->
  forall n c f i history s due, (c < N)%nat ->
  nth_error (debug_threads (run n)) c = Some (Running (Calling (Op_acquire f i) history s) due) ->
  exists m, (n <= m)%nat /\ debug_over c history (run m).
Proof.
  intros prefix T N O width B Ok Recordable Width Fits Build S M text clients asserts Calls Goes Ends run who Runs Fair
    Never Inside.
  pose (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients).
  exact (acquires_return_unstopped (G := G) B asserts Recordable Build Calls run who Runs Fair Never Goes Inside Ends).
Qed.

(** However long sections are, and if they do not end: while a CPU is in an acquire, some acquire returns later,
    or a CPU that holds a lock and is in no acquire makes a step ([debug_goes_on_at]). *)
Theorem debug_deadlock_freedom :
  forall prefix T N O width B, table_ok T = true -> recordable T = true -> 1 <= width <= 32 ->
  Z.of_nat N <= 2 ^ width -> build_ok N B ->
  let S := table_system T N O in let M := sc_memory S width in let text := debug_stack prefix T in
  forall (clients : cpu -> client S) (asserts : cpu -> list (response S) -> list asserted),
  calls_exist T clients asserts ->
  (forall c, goes_on_holding (chosen (clients c)) (clients c)) ->
  forall run who, debug_infinite text width B M clients asserts run who -> debug_fair M clients run who ->
  nobody_stops M run -> touches_inside M clients run T ->
  forall n c f i history s due, (c < N)%nat ->
  nth_error (debug_threads (run n)) c = Some (Running (Calling (Op_acquire f i) history s) due) ->
  exists m, (n <= m)%nat /\ debug_goes_on_at text width B M clients asserts run who m.
Proof.
  intros prefix T N O width B Ok Recordable Width Fits Build S M text clients asserts Calls Goes run who Runs Fair
    Never Inside.
  pose (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients).
  exact (somebody_goes_on_unstopped (G := G) B asserts Recordable Build Calls run who Runs Fair Never Goes Inside).
Qed.
