(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Relaxed executions: what a reader has to believe

    No memory, no order of all actions.  Each CPU goes through its own thread of the C,
    and each of its reads is answered by anything ([alone]).  How the CPUs hang
    together is a graph: which write a read reads ([rf]), and in which order the
    writes of one location come ([co]).  The graph has to be consistent
    ([consistent_graph]), which asks less than RC11, Armv8, RISC-V and x86 do: no
    fence, no total order of anything, acquire for the tickets and the polls and
    release for the stores, and reads and writes of objects are plain.
    A fetch-and-add is one action.  Read next: claims.v. *)
From Coq Require Import ZArith List Bool.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import thread memory machine.
Import ListNotations.
Local Open Scope Z_scope.

(** The words of the locks, and the parts of their objects. *)
Inductive location :=
| Next (l : Z)
| Now (l : Z)
| Object (l k : Z). (* part k of the object of lock l *)

Section Locations.
  Context {S : system}.
  Local Notation act := (action S words_verb).

  (** The location that an action reads, and the one that it writes: a ticket does both. *)
  Definition loads (a : act) : option location :=
    match a with
    | Lock l (Took _) => Some (Next l)
    | Lock l (Polled _) | Lock l (Loaded _) => Some (Now l)
    | Read l k _ => Some (Object l k)
    | Lock _ (Stored _) | Wrote _ _ _ | Halted => None
    end.
  Definition stores (a : act) : option location :=
    match a with
    | Lock l (Took _) => Some (Next l)
    | Lock l (Stored _) => Some (Now l)
    | Wrote l k _ => Some (Object l k)
    | Lock _ (Polled _) | Lock _ (Loaded _) | Read _ _ _ | Halted => None
    end.

  Definition on_words (a : act) : Prop := match a with Lock _ _ => True | _ => False end.
End Locations.

(** ** The orders of the actions on words, as arch/ has them: what is an acquire, what a release *)
Record orders := mkOrders {
  ticket_acquires : bool;
  ticket_releases : bool;
  poll_acquires : bool;
  store_releases : bool;
  ticket_is_one : bool (* nothing comes between its load and its store *)
}.
(** Those that ship.  The load of a release is relaxed. *)
Definition shipped_orders : orders := mkOrders true true true true true.

Definition acquires {S : system} (o : orders) (a : action S words_verb) : Prop :=
  match a with
  | Lock _ (Took _) => ticket_acquires o = true
  | Lock _ (Polled _) => poll_acquires o = true
  | _ => False
  end.
Definition releases {S : system} (o : orders) (a : action S words_verb) : Prop :=
  match a with
  | Lock _ (Took _) => ticket_releases o = true
  | Lock _ (Stored _) => store_releases o = true
  | _ => False
  end.

(** ** The graph *)

(** An action: its CPU, and its number in program order there. *)
Definition id : Type := cpu * nat.

Record graph (S : system) := mkGraph {
  run : cpu -> list (action S words_verb); (* what each CPU does, in program order, oldest first *)
  rf : id -> option id;                    (* the write that a read reads; none: what was there at first *)
  co : id -> id -> Prop                    (* the order of the writes of one location *)
}.
Arguments mkGraph {S} _ _ _.
Arguments run {S} _ _.
Arguments rf {S} _ _.
Arguments co {S} _ _ _.

Section Graph.
  Context {S : system} (o : orders) (g : graph S).

  Definition does (x : id) : option (action S words_verb) := nth_error (run g (fst x)) (snd x).
  Definition loads_at (x : id) (m : location) : Prop := exists a, does x = Some a /\ loads a = Some m.
  Definition stores_at (x : id) (m : location) : Prop := exists a, does x = Some a /\ stores a = Some m.
  (** [y] reads what [x] wrote. *)
  Definition reads_from (x y : id) : Prop := (exists m, loads_at y m) /\ rf g y = Some x.

  (** Program order: "sequenced before". *)
  Definition sb (x y : id) : Prop := fst x = fst y /\ (snd x < snd y)%nat /\ does y <> None.
  (** An acquire reads what a release wrote: "synchronizes with". *)
  Definition sync (x y : id) : Prop :=
    reads_from x y /\ (exists a, does x = Some a /\ releases o a) /\ (exists a, does y = Some a /\ acquires o a).
  Inductive hb : id -> id -> Prop := (* happens before *)
  | hb_sb x y : sb x y -> hb x y
  | hb_sync x y : sync x y -> hb x y
  | hb_trans x y z : hb x y -> hb y z -> hb x z.

  (** Program order and what the lock words are seen to hold. *)
  Inductive causes : id -> id -> Prop :=
  | causes_sb x y : sb x y -> causes x y
  | causes_rf x y : reads_from x y -> (exists a, does y = Some a /\ on_words a) -> causes x y
  | causes_trans x y z : causes x y -> causes y z -> causes x z.

  (** Program order and all that is read from, of objects too.  That it has no cycle is not asked of
      a consistent graph: Armv8 and RISC-V do not promise it but of dependencies. *)
  Inductive feeds : id -> id -> Prop :=
  | feeds_sb x y : sb x y -> feeds x y
  | feeds_rf x y : reads_from x y -> feeds x y
  | feeds_trans x y z : feeds x y -> feeds y z -> feeds x z.
  Definition nothing_from_thin_air : Prop := forall x, ~ feeds x x.

  (** [x] reads what was there before [y] wrote: "from read". *)
  Definition fr (x y : id) : Prop :=
    x <> y /\ exists m, loads_at x m /\ stores_at y m /\ match rf g x with Some w => co g w y | None => True end.
  (** Communication, in one or more steps. *)
  Inductive eco : id -> id -> Prop :=
  | eco_rf x y : reads_from x y -> eco x y
  | eco_co x y : co g x y -> eco x y
  | eco_fr x y : fr x y -> eco x y
  | eco_trans x y z : eco x y -> eco y z -> eco x z.

  (** What is read is what that write wrote there, on words of [width] bits: what a memory holds to which
      this happened and nothing else; or nothing at all. *)
  Definition reads_right (width : Z) (y : id) (a : action S words_verb) : Prop :=
    match rf g y with
    | Some x => exists b, does x = Some b /\ stores b = loads a /\ value_there S width [(fst x, b)] a
    | None => value_there S width [] a
    end.

  Record consistent_graph (width : Z) : Prop := {
    rf_right : forall y a, does y = Some a -> loads a <> None -> reads_right width y a;
    co_total : forall x y m, x <> y -> stores_at x m -> stores_at y m -> co g x y \/ co g y x;
    no_thin_air : forall x, ~ causes x x;
    coherence : forall x y, hb x y -> ~ eco y x;
    atomicity : ticket_is_one o = true -> forall x y, fr x y -> ~ co g y x
  }.
End Graph.

(** ** Each CPU goes through its own thread *)
Section Alone.
  Context {S : system} (text : program) (width : Z) (p : client S).

  (** A thread with client [p], told anything: what it has asked memory and was answered, what
      was seen of it, both newest first, and where it has come to.  It can halt at any step. *)
  Inductive alone : list (action S words_verb) -> list (visible S) -> thread S -> Prop :=
  | alone_start : alone [] [] (Idle [])
  | alone_local acts vis t t' :
      alone acts vis t -> next_move text width p t = Local t' -> alone acts vis t'
  | alone_call acts vis t t' o :
      alone acts vis t -> next_move text width p t = Call o t' -> alone acts (Called o :: vis) t'
  | alone_return acts vis t t' o :
      alone acts vis t -> next_move text width p t = Return o t' -> alone acts (Returned o :: vis) t'
  | alone_memory acts vis t a t' :
      alone acts vis t -> answered (next_move text width p t) a t' ->
      alone (a :: acts) (match seen_of a with Some v => v :: vis | None => vis end) t'
  | alone_halt acts vis t :
      alone acts vis t -> t <> Stopped -> alone (Halted :: acts) (Did_halt :: vis) Stopped.
End Alone.

(** ** The same place

    Two threads that were told the same are at the same place if they are the same, or if both,
    by steps of their own, come to poll the same lock, or to return from the same call. *)
Section Place.
  Context {S : system} (text : program) (width : Z) (p : client S).

  Inductive own_steps (t : thread S) : thread S -> Prop :=
  | own_none : own_steps t t
  | own_more t1 t2 : own_steps t t1 -> next_move text width p t1 = Local t2 -> own_steps t t2.
  Definition told (t : thread S) : option (list (response S)) :=
    match t with
    | Idle history | Calling _ history _ | Storing _ history _ _ _ => Some history
    | Stopped => None
    end.
  Definition same_place (t t' : thread S) : Prop :=
    t = t' \/
    told t = told t' /\ exists t1 t1', own_steps t t1 /\ own_steps t' t1' /\
      match next_move text width p t1, next_move text width p t1' with
      | Poll l _, Poll l' _ => l = l'
      | Return o u, Return o' u' => o = o' /\ u = u'
      | _, _ => False
      end.
End Place.

(** ** A relaxed execution of N threads

    Their actions; for each CPU what was seen of it, newest first, and its thread.  There is
    no trace of all of them: what is seen is in order only on each CPU. *)
Record relaxed_execution {S : system} (o : orders) (text : program) (width : Z) (clients : cpu -> client S)
    (g : graph S) (seen : cpu -> list (visible S)) (last : cpu -> thread S) : Prop := {
  each_alone : forall c, (c < cpus S)%nat -> alone text width (clients c) (rev (run g c)) (seen c) (last c);
  no_others : forall c, (cpus S <= c)%nat -> run g c = [];
  consistent : consistent_graph o g width
}.

(** What was seen of CPU [c]. *)
Definition seen_by {S : system} (c : cpu) (tr : visible_trace S) : list (visible S) :=
  map snd (filter (fun e => Nat.eqb (fst e) c) tr).
