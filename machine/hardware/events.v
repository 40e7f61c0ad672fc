(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Executions of instructions: what a reader has to believe

    The memory models of machines and of C speak of events: each is one access to memory, or a
    fence.  An action of the relaxed model (machine/relaxed/model.v) is made of a list of them: a
    ticket is a load and a store, its two halves, and by exclusives the loads of tries that failed
    come before them.  Here is what the models have in common, under the names of the published
    cat files: program order [po], [rf], [co], [fr], what is external ([rfe], [coe], [fre]) and
    [rmw]; what [rf] and [co] are in each of them ([well_formed]); and how an execution of
    instructions is one of actions, by forgetting the halves ([contracts]).
    Nothing is proved here.  Read next: armv8_model.v. *)
From Coq Require Import ZArith List Bool Relations.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.relaxed Require Import model.
Import ListNotations.
Local Open Scope Z_scope.

(** What accesses and fences an instruction set has: which of them read memory, which write it, and
    which write is the store of the same read-modify-write as which read.  What is neither a read nor
    a write is a fence. *)
Class accesses (I : Type) := {
  is_read : I -> bool;
  is_write : I -> bool;
  is_rmw : I -> I -> bool
}.

(** An event: its action, and its number among the events of that action, in program order. *)
Definition event : Type := id * nat.

Record execution (S : system) (I : Type) := mkExecution {
  acts : cpu -> list (action S words_verb); (* what each CPU does, in program order, oldest first *)
  part : id -> nat -> option I;             (* the events that each action is made of *)
  source : event -> option event;           (* the write that a read reads; none: what was there at first *)
  co : event -> event -> Prop               (* the order of the writes of one location *)
}.
Arguments mkExecution {S I} _ _ _ _.
Arguments acts {S I} _ _.
Arguments part {S I} _ _ _.
Arguments source {S I} _ _.
Arguments co {S I} _ _ _.

(** ** What the primitives are compiled to

    For each a choice of lists of events, in program order.  A try of a ticket that failed leaves one
    of [failed_tries] behind; the ticket comes after any number of them. *)
Record instruction_lists (I : Type) := mkLists {
  failed_tries : list I;
  tickets : list (list I);    (* the fetch-and-add of next *)
  polls : list (list I);      (* the load of now while waiting *)
  loads_now : list (list I);  (* the load of now in a release *)
  stores_now : list (list I); (* the store of now in a release *)
  reads : list (list I);      (* a read of a part of an object *)
  writes : list (list I)      (* a write of one *)
}.
Arguments mkLists {I} _ _ _ _ _ _ _.
Arguments failed_tries {I} _.
Arguments tickets {I} _.
Arguments polls {I} _.
Arguments loads_now {I} _.
Arguments stores_now {I} _.
Arguments reads {I} _.
Arguments writes {I} _.

Definition list_for {S : system} {I : Type} (lists : instruction_lists I) (a : action S words_verb) (is : list I) :
  Prop :=
  match a with
  | Lock _ (Took _) => exists tries l, incl tries (failed_tries lists) /\ List.In l (tickets lists) /\ is = tries ++ l
  | Lock _ (Polled _) => List.In is (polls lists)
  | Lock _ (Loaded _) => List.In is (loads_now lists)
  | Lock _ (Stored _) => List.In is (stores_now lists)
  | Read _ _ _ => List.In is (reads lists)
  | Wrote _ _ _ => List.In is (writes lists)
  | Halted => is = []
  end.

Definition acyclic {A} (R : A -> A -> Prop) : Prop := forall x, ~ clos_trans A R x x.

Section Events.
  Context {S : system} {I : Type} {K : accesses I} (h : execution S I).

  Definition action_of (e : event) : option (action S words_verb) := nth_error (acts h (fst (fst e))) (snd (fst e)).
  (** Which access or fence an event is. *)
  Definition is_a (i : I) (e : event) : Prop := part h (fst e) (snd e) = Some i.

  Definition reads_at (e : event) (m : location) : Prop :=
    exists a i, action_of e = Some a /\ is_a i e /\ is_read i = true /\ loads a = Some m.
  Definition writes_at (e : event) (m : location) : Prop :=
    exists a i, action_of e = Some a /\ is_a i e /\ is_write i = true /\ stores a = Some m.
  Definition R (e : event) : Prop := exists m, reads_at e m.
  Definition W (e : event) : Prop := exists m, writes_at e m.
  Definition M (e : event) : Prop := R e \/ W e.
  Definition same_location (e f : event) : Prop :=
    exists m, (reads_at e m \/ writes_at e m) /\ (reads_at f m \/ writes_at f m).

  (** Program order. *)
  Definition po (e f : event) : Prop :=
    fst (fst e) = fst (fst f) /\
    ((snd (fst e) < snd (fst f))%nat \/ snd (fst e) = snd (fst f) /\ (snd e < snd f)%nat).
  Definition po_loc (e f : event) : Prop := po e f /\ same_location e f.
  (** The events are of other CPUs. *)
  Definition external (e f : event) : Prop := fst (fst e) <> fst (fst f).

  Definition rf (e f : event) : Prop := R f /\ source h f = Some e.
  Definition fr (e f : event) : Prop :=
    exists m, reads_at e m /\ writes_at f m /\ match source h e with Some w => co h w f | None => True end.
  Definition rfe (e f : event) : Prop := rf e f /\ external e f.
  Definition coe (e f : event) : Prop := co h e f /\ external e f.
  Definition fre (e f : event) : Prop := fr e f /\ external e f.
  (** The read and the write of one read-modify-write: they stand next to each other in one action. *)
  Definition rmw (e f : event) : Prop :=
    fst e = fst f /\ snd f = Datatypes.S (snd e) /\ R e /\ W f /\
    exists i j, is_a i e /\ is_a j f /\ is_rmw i j = true.

  (** The read whose value the action has: its last.  Those before it are of tries that failed. *)
  Definition load_half (e : event) : Prop := R e /\ forall k, (snd e < k)%nat -> ~ R (fst e, k).

  (** What a read reads was written there, on words of [width] bits; the writes of one location have
      one order. *)
  Record well_formed (width : Z) : Prop := {
    rf_writes : forall e f, rf e f -> exists m, writes_at e m /\ reads_at f m;
    rf_value : forall f a, action_of f = Some a -> load_half f ->
      match source h f with
      | Some e => exists b, action_of e = Some b /\ value_there S width [(fst (fst e), b)] a
      | None => value_there S width [] a
      end;
    co_writes : forall e f, co h e f -> exists m, writes_at e m /\ writes_at f m;
    co_irreflexive : forall e, ~ co h e e;
    co_transitive : forall e f k, co h e f -> co h f k -> co h e k;
    co_total : forall e f m, e <> f -> writes_at e m -> writes_at f m -> co h e f \/ co h f e
  }.
  (** The axiom on [rmw] that all of them have, of writes of other CPUs. *)
  Definition atomic : Prop := forall e f k, rmw e f -> fre e k -> ~ coe k f.

  (** Each action is made of one of the lists that [lists] has for it. *)
  Definition made_of (lists : instruction_lists I) : Prop :=
    forall c n a, nth_error (acts h c) n = Some a ->
    exists is, list_for lists a is /\ forall k, part h (c, n) k = nth_error is k.

  (** The graph of the actions: each takes its value from where its load does, and the writes come in
      the order of their stores. *)
  Definition contracts (g : graph S) : Prop :=
    (forall c, run g c = acts h c) /\
    (forall f, load_half f -> model.rf g (fst f) = option_map fst (source h f)) /\
    (forall x y, model.co g x y <-> exists k n, co h (x, k) (y, n)).

  (** Without the events that are not [kept]. *)
  Definition keep_only (kept : event -> bool) : execution S I :=
    mkExecution (acts h) (fun x k => if kept (x, k) then part h x k else None) (source h)
                (fun e f => co h e f /\ kept e = true /\ kept f = true).
End Events.

(** Each CPU goes through its own thread of the C, and no other CPU does anything. *)
Record runs_threads {S : system} {I : Type} (text : program) (width : Z) (clients : cpu -> client S) (h : execution S I)
    (seen : cpu -> list (visible S)) (last : cpu -> thread S) : Prop := {
  each_thread : forall c, (c < cpus S)%nat -> alone text width (clients c) (rev (acts h c)) (seen c) (last c);
  no_other_acts : forall c, (cpus S <= c)%nat -> acts h c = []
}.
