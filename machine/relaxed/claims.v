(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What the statements on relaxed memory say of a graph

    Which actions are kept when the polls in vain are left out, and the log that they are; where a
    CPU enters a lock and leaves it; orders of actions; and whose clients are good.  Definitions
    alone.  The statements are in main/relaxed.v.  Read next: alone.v. *)
From Coq Require Import ZArith List Bool.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.relaxed Require Import model.
Import ListNotations.
Local Open Scope Z_scope.

Section Turns.
  Context (S : system).
  Local Notation act := (action S words_verb).
  Local Notation log := (log S words_verb).

  (** The actions of CPU [c] alone, as a log. *)
  Definition own_log (c : cpu) (acts : list act) : log := map (pair c) acts.

  (** A poll that does not return the ticket of its CPU. *)
  Definition in_vain (c : cpu) (a : act) (g : log) : bool :=
    match a with
    | Lock l (Polled v) => match words_phase S c l g with Waiting t => negb (v =? t) | _ => false end
    | _ => false
    end.
End Turns.

(** What CPU [c] did in a log. *)
Definition part_of {S : system} (c : cpu) (g : log S words_verb) : list (action S words_verb) :=
  flat_map (fun e : event S words_verb => let (c', a) := e in if Nat.eqb c' c then [a] else []) g.

(** In a list of actions, newest first, [x] comes before [y]. *)
Definition earlier (ids : list id) (x y : id) : Prop := exists b r, ids = b ++ y :: r /\ List.In x r.

Section Claims.
  Context {S : system} (g : graph S).
  Local Notation act := (action S words_verb).
  Local Notation log := (log S words_verb).

  (** What the CPU of [x] did before it, newest first. *)
  Definition before (x : id) : list act := rev (firstn (snd x) (run g (fst x))).
  (** It is there, and no poll in vain. *)
  Definition kept (x : id) : bool :=
    match does g x with
    | Some a => negb (in_vain S (fst x) a (own_log S (fst x) (before x)))
    | None => false
    end.

  (** The log that a list of actions is. *)
  Definition event_of (x : id) : log := match does g x with Some a => [(fst x, a)] | None => [] end.
  Definition log_of (ids : list id) : log := flat_map event_of ids.

  (** All actions but the polls in vain, in one order: what happens before comes before, and so does what
      is read from, overwritten, or read before it is overwritten. *)
  Record consistent_order (ids : list id) : Prop := {
    order_once : NoDup ids;
    order_all : forall x, List.In x ids <-> kept x = true;
    order_hb : forall x y, kept x = true -> kept y = true -> hb shipped_orders g x y -> earlier ids x y;
    order_rf : forall x y, kept y = true -> reads_from g x y -> earlier ids x y;
    order_co : forall x y m, stores_at g x m -> stores_at g y m -> x <> y -> co g x y -> earlier ids x y;
    order_fr : forall x y, kept x = true -> fr g x y -> earlier ids x y
  }.

  (** [x] is the poll with which its CPU enters lock [l]: it returns the CPU's ticket. *)
  Definition enters_at (l : Z) (x : id) : Prop := kept x = true /\ exists v, does g x = Some (Lock l (Polled v)).
  (** [s] is the store with which it leaves: its CPU's first to [now] after [x]. *)
  Definition leaves_at (l : Z) (x s : id) : Prop :=
    sb g x s /\ stores_at g s (Now l) /\ forall y, sb g x y -> sb g y s -> ~ stores_at g y (Now l).
  (** [k] is the ticket with which it enters: its CPU's last before [x]. *)
  Definition ticket_at (l : Z) (k x : id) : Prop :=
    sb g k x /\ stores_at g k (Next l) /\ forall y, sb g k y -> sb g y x -> ~ stores_at g y (Next l).
  (** [x] is an access of part [k] of the object of lock [l]. *)
  Definition accesses_at (l k : Z) (x : id) : Prop := loads_at g x (Object l k) \/ stores_at g x (Object l k).

  (** Program order or communication. *)
  Definition edge (x y : id) : Prop := sb g x y \/ reads_from g x y \/ co g x y \/ fr g x y.
  (** All actions, the polls in vain too, stand in one order that contains program order, and in which
      all communication goes forward: reads read the last write. *)
  Definition sequentially_consistent : Prop :=
    exists ids, NoDup ids /\ forall x y, edge x y -> earlier ids x y.
End Claims.

(** Their texts keep the contract, whatever they are answered; or they never break it on the atomic
    machine, and no value of graph [g] comes out of thin air. *)
Definition good_clients {S : system} (T : table) (clients : cpu -> client S) (g : graph S) : Prop :=
  keep_contract T clients \/ never_breaches clients T /\ nothing_from_thin_air g.
