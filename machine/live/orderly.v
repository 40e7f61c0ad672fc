(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What liveness asks of clients and of the scheduler

    Of each client, whatever it is told: there is a numbering of the locks by levels that
    it climbs (the order of the table gives one, [lock_levels]; ranks alone, if it holds
    no two locks of one rank, one with fewer levels, [rank_levels]); it goes on while it
    holds; and it releases what it acquired within its next [B] operations, of which at
    most [A] acquire ([orderly]).  Asked is this of what it is told on the atomic machine
    ([is_told]); that its text is such, under all answers to what it chose ([chosen]), is
    enough ([orderly_text]).  Of an execution: no CPU halts but between two operations
    and holding nothing (a CPU that halts with a ticket stops all behind it:
    halted_waiter.v) ([calm_step]); in every round each CPU that can step does so
    ([round]).  Nothing is proved here.  Read next: live.v, the bound. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text.
From hlock.machine.model Require Import thread memory machine.
Import ListNotations.
Local Open Scope Z_scope.

(** [history] answers operations that client [p] chose, none of which was its last. *)
Fixpoint chosen {S : system} (p : client S) (history : list (response S)) : Prop :=
  match history with
  | [] => True
  | _ :: history => chosen p history /\ exists o, p history = Some o /\ ends o = false
  end.

(** What a client does that may be told so much. *)
Section Orderly.
  Context {S : system} (told : list (response S) -> Prop) (p : client S).

  (** How many operations ago lock [l] was acquired. *)
  Fixpoint since (l : Z) (history : list (response S)) : nat :=
    match history with
    | [] => 0
    | _ :: history =>
        match p history with
        | Some (Op_acquire f i) => if lock_id f i =? l then 0 else Datatypes.S (since l history)
        | _ => Datatypes.S (since l history)
        end
    end.

  (** How many acquires it has made since. *)
  Fixpoint acquires_since (l : Z) (history : list (response S)) : nat :=
    match history with
    | [] => 0
    | _ :: history =>
        match p history with
        | Some (Op_acquire f i) => if lock_id f i =? l then 0 else Datatypes.S (acquires_since l history)
        | _ => acquires_since l history
        end
    end.

  (** [above l] is how many levels are above that of lock [l].  What the client
      acquires is on a higher level than all that it holds. *)
  Definition climbs (above : Z -> nat) : Prop :=
    forall history f i l, told history -> p history = Some (Op_acquire f i) ->
      List.In l (held p history) -> (above (lock_id f i) < above l)%nat.

  Record orderly (above : Z -> nat) (A B : nat) : Prop := {
    in_order : climbs above;
    goes_on : forall history, told history -> held p history <> [] ->
      exists o, p history = Some o /\ ends o = false;
    lets_go : forall history l, told history -> List.In l (held p history) -> (since l history < B)%nat;
    nests : forall history f i l, told history -> p history = Some (Op_acquire f i) ->
      List.In l (held p history) -> (acquires_since l history < A)%nat
  }.
End Orderly.

(** ** Where a thread has come to *)
Section Threads.
  Context {S : system} {M : memory_system S}.

  (** What its client has been told. *)
  Definition history_of (t : thread S) : option (list (response S)) :=
    match t with
    | Idle history | Calling _ history _ | Storing _ history _ _ _ => Some history
    | Stopped => None
    end.

  (** It makes this move, and goes on as [t']. *)
  Definition goes_to (m : thread_move S) (t' : thread S) : Prop :=
    match m with
    | Local t | Call _ t | Return _ t | Store _ _ t | Put _ _ _ t => t' = t
    | Take _ k | Poll _ k | Load _ k => exists v, t' = k v
    | Get _ _ k => exists v, t' = k v
    | Halt | Finished | Stuck => False
    end.

  (** The thread has done with the operation that comes after [history]. *)
  Definition beyond (history : list (response S)) (t : thread S) : Prop :=
    match t with
    | Idle history' | Calling _ history' _ | Storing _ history' _ _ _ => (length history < length history')%nat
    | Stopped => True
    end.

  Definition thread_at (c : cpu) (x : machine M) (P : thread S -> Prop) : Prop :=
    exists t, nth_error (threads x) c = Some t /\ P t.
  Definition over (c : cpu) (history : list (response S)) (x : machine M) : Prop := thread_at c x (beyond history).
End Threads.

Section Rounds.
  Context {S : system} (text : program) (width : Z) (M : memory_system S) (clients : cpu -> client S).
  Local Notation machine := (machine M).

  (** A step of CPU [c] that is no halt, or one between operations, with no lock held. *)
  Definition calm_step (c : cpu) (x : machine) (v : option (visible S)) (x' : machine) : Prop :=
    machine_step text width M clients c x v x' /\
    (v = Some Did_halt -> exists history, nth_error (threads x) c = Some (Idle history) /\
      held (clients c) history = []).

  (** The CPUs [cs], in that order, make a step each. *)
  Inductive segment : machine -> list cpu -> machine -> Prop :=
  | no_step x : segment x [] x
  | one_step x c v x1 cs x2 : calm_step c x v x1 -> segment x1 cs x2 -> segment x (c :: cs) x2.

  (** The client of CPU [c] has ended, or the CPU has halted. *)
  Definition finished (c : cpu) (x : machine) : Prop :=
    match nth_error (threads x) c with
    | Some (Idle history) => clients c history = None
    | Some Stopped => True
    | _ => False
    end.

  (** Each CPU steps, unless it has finished. *)
  Definition round (x x' : machine) : Prop :=
    exists cs, segment x cs x' /\ forall c, (c < cpus S)%nat -> List.In c cs \/ finished c x'.

  Fixpoint rounds (n : nat) (x x' : machine) : Prop :=
    match n with
    | O => x' = x
    | Datatypes.S n => exists x1, round x x1 /\ rounds n x1 x'
    end.
End Rounds.

(** ** The order of a table, and the levels that it makes *)
Section Levels.
  Context (T : table).

  (** What client [p] acquires comes after all that it holds: by rank, and in one family
      by index. *)
  Definition follows_order {S : system} (told : list (response S) -> Prop) (p : client S) : Prop :=
    forall history f i l, told history -> p history = Some (Op_acquire f i) ->
      List.In l (held p history) -> comes_before T l (lock_id f i) = true.
  (** How many locks of the table come after lock [l]. *)
  Definition lock_levels (l : Z) : nat :=
    length (filter (comes_before T l) (map Z.of_nat (seq 0 (Z.to_nat (table_size T))))).

  (** The rank of the lock with number [l]. *)
  Definition rank_of (l : Z) : Z := match find_family T l with Some f => rank f | None => 0 end.
  (** By rank alone: of one family, too, it holds one lock at a time. *)
  Definition lower_rank (l l' : Z) : bool :=
    match find_family T l, find_family T l' with Some f, Some g => rank f <? rank g | _, _ => false end.
  Definition follows_ranks {S : system} (told : list (response S) -> Prop) (p : client S) : Prop :=
    forall history f i l, told history -> p history = Some (Op_acquire f i) ->
      List.In l (held p history) -> lower_rank l (lock_id f i) = true.
  (** How many of the table's ranks are above it: fewer levels, for such clients. *)
  Definition rank_levels (l : Z) : nat := length (nodup Z.eq_dec (filter (Z.ltb (rank_of l)) (map rank T))).
End Levels.
