(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What a client does on the linked C, and what it stands for

    Definitions, of which the statements of main/ about one CPU are made.  Nothing is
    proved here.  Read next: stack.v. *)
From Coq Require Import ZArith List String.
From hlock.clight Require Import values syntax semantics.
From hlock.layers.view Require Import spec image.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers Require L1_ticket.spec L1_ticket.offers L1_ticket.show L2_queue.spec L2_queue.show.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers Require L3_atomic.show.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.layers.L4_locks Require published.
From hlock.stack Require Import linked.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

(** ** The linked functions, down to floor 1's specification *)
Section Calls.
  Context (text : program) (S : system) (width : Z).
  Local Notation data := (RData (words S width)).
  Definition stack_genv : genv data := mkgenv (functions text) (L1_ticket.offers.words_layer S width).

  (** What [operation] of floor 1 does on words. *)
  Definition on_words (o : operation) (l : Z) (d d' : data) : Prop :=
    match o with
    | Acquire => L1_ticket.spec.wait_lock_spec_low l d d'
    | Release => L1_ticket.spec.pass_lock_spec_low l d = Done d'
    end.

  (** ** A client on the linked C *)
  Context {mem : Type} (m : mem).

  (** One operation: the C function of that name, an access to the object in
      memory, a halt.  It consults nobody. *)
  Definition c_do (o : op S) (d : data) (a : response S) (d' : data) : Prop :=
    match o with
    | Op_acquire f i =>
        a = None /\
        call_function stack_genv ($(function_name (prefix_of text) Acquire f)) (arguments f i) (m, d) (m, d') Vundef
    | Op_release f i =>
        a = None /\
        call_function stack_genv ($(function_name (prefix_of text) Release f)) (arguments f i) (m, d) (m, d') Vundef
    | Op_read f i k =>
        exists v, a = Some (existT _ (lock_id f i) v) /\ words_read S width (lock_id f i) k d = (v, d')
    | Op_write f i k v => a = None /\ d' = words_write S width (lock_id f i) k v d
    | Op_halt => a = None /\ d' = words_halt S width d
    end.

  (** The first [n] operations of client [p], or fewer if it ends or halts. *)
  Fixpoint c_run (p : client S) (n : nat) (history : list (response S)) (d : data)
      (responses : list (response S)) (d' : data) : Prop :=
    match n with
    | O => responses = history /\ d' = d
    | Datatypes.S n =>
        match p history with
        | None => responses = history /\ d' = d
        | Some o => exists a d1, c_do o d a d1 /\
            if ends o then responses = a :: history /\ d' = d1 else c_run p n (a :: history) d1 responses d'
        end
    end.

  (** *** What the others do in such a run *)

  (** Client [p], told [history] so far and then started in [d], stands in [d'] and polls
      lock [l] with ticket [t]. *)
  Definition polling (p : client S) history (d : data) (l t : Z) (d' : data) : Prop :=
    exists k history' d0 d1 f i,
      c_run p k history d history' d0 /\ halted (me d0) (events d0) = false /\
      p history' = Some (Op_acquire f i) /\ l = lock_id f i /\
      incr_ticket_spec S width l d0 = Done (t, d1) /\ L1_ticket.spec.polls_in_vain l t d1 d'.

  (** They keep to the protocol wherever the run comes, and when it goes on. *)
  Definition env_safe_throughout (p : client S) history (d : data) : Prop :=
    forall d', (exists k history', c_run p k history d history' d') \/ (exists l t, polling p history d l t d') ->
    env_safe S width d (arrive S width d').

  (** While I wait and it is not my turn, the serving number moves before one of my
      next [F] polls: who is inside passes the lock on, and a CPU before me that is
      not inside comes in. *)
  Definition env_fair (F : nat) (p : client S) history (d : data) : Prop :=
    forall l t d', polling p history d l t d' ->
    serving S width l (events d') = t \/ L1_ticket.spec.moves l F d'.
End Calls.

(** ** What words stand for *)
Section Stands.
  Context (S : system) (width : Z).
  Local Notation W := (words S width).
  Local Notation T := (L1_ticket.spec.tickets S).
  Local Notation Q := (L2_queue.spec.queues S).
  Local Notation A := (atomic S).

  (** Where this CPU stands between operations: outside or inside, not in between. *)
  Definition settled (d : RData W) : Prop :=
    forall l, words_phase S (me d) l (events d) = Out \/ words_phase S (me d) l (events d) = In.

  (** Words [d], seen through the four floors, are the private copies [h]. *)
  Definition stands_for (d : RData W) (h : HData S) : Prop :=
    exists d1 d2 d3,
      image.related W T (L1_ticket.show.show S) d d1 /\ image.related T Q (L2_queue.show.show S) d1 d2 /\
      image.related Q A (L3_atomic.show.show S) d2 d3 /\ published.related S d3 h.
End Stands.

(** Operation [o] breaks the contract in [h]: a breach, while the others are quiet. *)
Definition breaks {S : system} (o : op S) (h : HData S) : Prop :=
  exists e, forall rest, high_do o (published.with_env S ([] :: rest) h) = Breach e.

(** On private copies the client never breaks the contract, whatever the others do. *)
Definition keeps_contract {S} (p : client S) (history : list (response S)) (h : HData S) : Prop :=
  forall n bs f, run high_do p n history (published.with_env S bs h) <> Breach f.
