(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * hlock: the theorem on relaxed memory

    Nothing here is assumed to be consistent, not even the lock words.  Each CPU runs the C
    that is compiled and its reads return anything; how the CPUs hang together is a
    consistent graph ([relaxed_execution], in machine/relaxed/model.v), which asks less
    than RC11, Armv8, RISC-V and x86 give.  There is no one order of all that is seen:
    the statements compare CPU by CPU.

    Clients are good ([good_clients]) if their texts keep the contract whatever they are
    answered; or if they never break it on the atomic machine, and nothing that is read
    comes out of thin air.  x86 and RC11 give that ([x86_no_thin_air], [c11_no_thin_air]); C11 itself
    does not, and Armv8 and RISC-V only through dependencies.  CPUs may halt anywhere.

    Read next: hardware.v, the same of executions that the models of machines and of C allow.

    The names that stand in the statements, and where they are defined:
      layers/L0_machine/spec.v       Polled
      layers/L4_locks/examples.v     pt3
      layers/L4_locks/sample.v       sample
      layers/L4_locks/spec.v         client, table_system
      layers/table/table.v           table_ok
      layers/view/spec.v             Lock, Wrote, cpu, initial, object
      machine/cases/examples.v       both
      machine/model/atomic.v         atomic_execution, happened
      machine/model/machine.v        contents, execution, threads
      machine/model/memory.v         sc_memory
      machine/relaxed/claims.v       accesses_at, consistent_order, enters_at, good_clients, kept, leaves_at,
                                     log_of, part_of, sequentially_consistent, ticket_at
      machine/relaxed/model.v        Object, co, does, hb, loads_at, relaxed_execution, rf, run,
                                     same_place, seen_by, shipped_orders, stores_at
      stack/examples.v               sample_text
      stack/linked.v                 stack
    Relaxed executions that are not sequentially consistent: machine/cases/relaxed_cases.v.  What is false of
    other orders of the lock words, of one CPU more and of other clients: relaxed_wrong.v and thin_air.v
    there. *)
From Coq Require Import ZArith List String.
From hlock.layers.table Require Import table.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec contract sample examples.
From hlock.stack Require Import stack setting examples.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant correct no_breach.
From hlock.machine.cases Require Import examples relaxed_cases.
From hlock.machine.relaxed Require Import model turns interleave reading lock_words embedding sections careful.
From hlock.machine.relaxed Require Import consistent.
Local Open Scope Z_scope.

(** For every relaxed execution there is one on sequentially consistent memory.  Its log is the
    same actions but for the polls in vain, in one order that contains program order and
    happens-before, and in which all communication goes forward ([consistent_order]).
    Each CPU was seen to do the same, in its own order and with the same values, and its
    thread stands at the same place.  So what each CPU was seen to do it is seen to do in one
    execution of the machine whose locks are one atomic step, and the objects are the same. *)
Theorem hlock_relaxed :
  forall prefix T N O width, table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width ->
  let S := table_system T N O in let text := stack prefix T in
  forall (clients : cpu -> client S) g seen last, good_clients T clients g ->
  relaxed_execution shipped_orders text width clients g seen last ->
  exists ids tr x y, consistent_order g ids /\
    execution text width (sc_memory S width) clients tr x /\ contents x = log_of g ids /\
    (forall c, (c < N)%nat -> seen_by c tr = seen c /\
      exists t, nth_error (threads x) c = Some t /\ same_place text width (clients c) (last c) t) /\
    atomic_execution clients tr y /\ forall l k, object l k (happened y) = object l k (contents x).
Proof.
  intros prefix T N O width Ok Width Fits S text clients g seen last Good Relaxed.
  set (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients).
  exact (good_is_consistent (G := G) g seen last Good Relaxed).
Qed.

(** In the log of such an order an object holds what the last write of its part in coherence
    order wrote, or what it was at first. *)
Theorem relaxed_objects : forall T N O g ids l k,
  let S := table_system T N O in consistent_order (S := S) g ids ->
  (forall w v, does g w = Some (Wrote l k v) ->
     (forall w', stores_at g w' (Object l k) -> w' <> w -> co g w' w) -> object l k (log_of g ids) = v) /\
  ((forall w, ~ stores_at g w (Object l k)) -> object l k (log_of g ids) = initial S l k).
Proof. intros T N O g ids l k S; exact (last_values g ids l k). Qed.

(** ** In a kernel programmer's words *)

(** Of two sections of one lock one is over before the other begins: its release store happens
    before the poll that enters the other.  So all that is done before that store by its CPU
    happens before all that is done after that poll by the other. *)
Theorem relaxed_exclusion : forall prefix T N O width (clients : cpu -> client (table_system T N O)) g seen last,
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> good_clients T clients g ->
  relaxed_execution shipped_orders (stack prefix T) width clients g seen last ->
  forall l x y, enters_at g l x -> enters_at g l y -> x <> y ->
  (exists s, leaves_at g l x s /\ hb shipped_orders g s y) \/ (exists s, leaves_at g l y s /\ hb shipped_orders g s x).
Proof.
  intros prefix T N O width clients g seen last Ok Width Fits Good Relaxed.
  set (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients).
  exact (sections_apart (table_system T N O) width Width Fits g (consistent _ _ _ _ _ _ _ Relaxed)
           (good_in_turn (G := G) g seen last Good Relaxed) (no_others _ _ _ _ _ _ _ Relaxed)).
Qed.

(** No data race: any two accesses of one part of an object are ordered by happens-before.
    This is a conclusion. *)
Theorem no_data_race : forall prefix T N O width (clients : cpu -> client (table_system T N O)) g seen last,
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> good_clients T clients g ->
  relaxed_execution shipped_orders (stack prefix T) width clients g seen last ->
  forall l k x y, x <> y -> accesses_at g l k x -> accesses_at g l k y ->
  hb shipped_orders g x y \/ hb shipped_orders g y x.
Proof.
  intros prefix T N O width clients g seen last Ok Width Fits Good Relaxed.
  set (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients).
  exact (accesses_ordered (table_system T N O) width Width Fits g (consistent _ _ _ _ _ _ _ Relaxed)
           (good_in_turn (G := G) g seen last Good Relaxed) (no_others _ _ _ _ _ _ _ Relaxed)).
Qed.

(** Sections of a lock come in the order of their tickets, which is the coherence order of
    the word [next]. *)
Theorem relaxed_fifo : forall prefix T N O width (clients : cpu -> client (table_system T N O)) g seen last,
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> good_clients T clients g ->
  relaxed_execution shipped_orders (stack prefix T) width clients g seen last ->
  forall l x y k m, enters_at g l x -> enters_at g l y -> x <> y -> ticket_at g l k x -> ticket_at g l m y ->
  hb shipped_orders g x y <-> co g k m.
Proof.
  intros prefix T N O width clients g seen last Ok Width Fits Good Relaxed.
  set (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients).
  exact (sections_in_ticket_order (table_system T N O) width Width Fits g (consistent _ _ _ _ _ _ _ Relaxed)
           (good_in_turn (G := G) g seen last Good Relaxed) (no_others _ _ _ _ _ _ _ Relaxed)).
Qed.

(** A read of an object returns the last write before it: one that happens before it, and before
    which all others that happen before it do; or what was there at first, if none does. *)
Theorem relaxed_owned : forall prefix T N O width (clients : cpu -> client (table_system T N O)) g seen last,
  table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width -> good_clients T clients g ->
  relaxed_execution shipped_orders (stack prefix T) width clients g seen last ->
  forall l k x, loads_at g x (Object l k) ->
  match rf g x with
  | Some w => hb shipped_orders g w x /\ forall w', stores_at g w' (Object l k) -> hb shipped_orders g w' x ->
                w' = w \/ hb shipped_orders g w' w
  | None => forall w', stores_at g w' (Object l k) -> ~ hb shipped_orders g w' x
  end.
Proof.
  intros prefix T N O width clients g seen last Ok Width Fits Good Relaxed l k x.
  set (G := mkRunning (mkSetting prefix T Ok N O width Width Fits) clients).
  exact (reads_last_write (table_system T N O) width Width Fits g (consistent _ _ _ _ _ _ _ Relaxed)
           (good_in_turn (G := G) g seen last Good Relaxed) (no_others _ _ _ _ _ _ _ Relaxed) x l k).
Qed.

(** ** It speaks of something *)

(** Every execution of the machine over sequentially consistent memory is a relaxed one, whatever is an
    acquire or a release: each read reads the last write before it, and the writes of a location
    come in the order of the log.  All its actions, the polls in vain too, stand in one order. *)
Theorem consistent_is_relaxed : forall prefix T N O width orders (clients : cpu -> client (table_system T N O)) tr x,
  1 <= width <= 32 -> let S := table_system T N O in let text := stack prefix T in
  execution text width (sc_memory S width) clients tr x ->
  exists g last, relaxed_execution orders text width clients g (fun c => seen_by c tr) last /\
    sequentially_consistent g /\
    forall c, (c < N)%nat -> nth_error (threads x) c = Some (last c) /\ run g c = rev (part_of c (contents x)).
Proof.
  intros prefix T N O width orders clients tr x Width S text.
  exact (consistent.consistent_is_relaxed text width clients orders Width tr x).
Qed.

(** ** An instance: two CPUs that contend for one lock, with words of one bit *)

(** One of them polls in vain while the other is inside, enters, and reads what the other wrote. *)
Example two_contend : exists g seen last, relaxed_execution shipped_orders sample_text 1 both g seen last /\
  good_clients sample both g /\ enters_at g pt3 (0, 1)%nat /\ enters_at g pt3 (1, 2)%nat /\
  does g (1, 1)%nat = Some (Lock pt3 (Polled 0)) /\ kept g (1, 1)%nat = false.
Proof.
  destruct contended_relaxed as (g & seen & last & Relaxed & Polls & Vain & X & Y & _).
  exists g, seen, last; repeat (split; [assumption|]); split; [left; exact both_contract|auto].
Qed.
(** And whatever they do they never race. *)
Example two_never_race : forall g seen last, relaxed_execution shipped_orders sample_text 1 both g seen last ->
  forall l k x y, x <> y -> accesses_at g l k x -> accesses_at g l k y ->
  hb shipped_orders g x y \/ hb shipped_orders g y x.
Proof.
  intros g seen last; destruct (contended_premises 1 (or_introl eq_refl)) as ((Width & Fits) & _).
  exact (no_data_race _ sample 2 numbers 1 both g seen last sample_accepted Width Fits (or_introl both_contract)).
Qed.
