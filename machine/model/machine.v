(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The machine: N threads over a memory system

    One thread at a time makes one step: one of its own, or a primitive, or an
    access.  In any order; a CPU can halt at any step.  What the outside sees are
    calls, returns, and reads, writes and halts with their values.
    Read next: atomic.v, the machine that it refines. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import syntax.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import thread memory.
Import ListNotations.
Local Open Scope Z_scope.

(** What is seen of a step. *)
Inductive visible (S : system) :=
| Called (o : op S)
| Returned (o : op S)
| Did_read (l k : Z) (v : Obj S l)
| Did_write (l k : Z) (v : Obj S l)
| Did_halt.
Arguments Called {S} o.
Arguments Returned {S} o.
Arguments Did_read {S} l k v.
Arguments Did_write {S} l k v.
Arguments Did_halt {S}.

(** Each with its CPU, newest first. *)
Definition visible_trace (S : system) : Type := list (cpu * visible S).

Definition seen_of {S} (a : action S words_verb) : option (visible S) :=
  match a with
  | Lock _ _ => None
  | Read l k v => Some (Did_read l k v)
  | Wrote l k v => Some (Did_write l k v)
  | Halted => Some Did_halt
  end.
Definition see {S} (c : cpu) (v : option (visible S)) (tr : visible_trace S) : visible_trace S :=
  match v with Some v => (c, v) :: tr | None => tr end.

(** Element [c] of a list becomes [x]. *)
Fixpoint put_at {A} (c : cpu) (x : A) (xs : list A) : list A :=
  match xs, c with
  | [], _ => []
  | _ :: xs, O => x :: xs
  | y :: xs, Datatypes.S c => y :: put_at c x xs
  end.

Section Machine.
  Context {S : system} (text : program) (width : Z) (M : memory_system S) (clients : cpu -> client S).

  Record machine := mkMachine { threads : list (thread S); contents : memory M }.
  Definition first_state : machine := mkMachine (repeat (Idle []) (cpus S)) (fresh M).

  (** CPU [c] makes a step, of which the outside sees [v]. *)
  Inductive machine_step (c : cpu) : machine -> option (visible S) -> machine -> Prop :=
  | step_local ts m t t' :
      nth_error ts c = Some t -> next_move text width (clients c) t = Local t' ->
      machine_step c (mkMachine ts m) None (mkMachine (put_at c t' ts) m)
  | step_call ts m t t' o :
      nth_error ts c = Some t -> next_move text width (clients c) t = Call o t' ->
      machine_step c (mkMachine ts m) (Some (Called o)) (mkMachine (put_at c t' ts) m)
  | step_return ts m t t' o :
      nth_error ts c = Some t -> next_move text width (clients c) t = Return o t' ->
      machine_step c (mkMachine ts m) (Some (Returned o)) (mkMachine (put_at c t' ts) m)
  | step_memory ts m t a t' m' :
      nth_error ts c = Some t -> answered (next_move text width (clients c) t) a t' ->
      mem_step M m c a m' ->
      machine_step c (mkMachine ts m) (seen_of a) (mkMachine (put_at c t' ts) m')
  | step_halt ts m t m' :
      nth_error ts c = Some t -> t <> Stopped -> mem_step M m c Halted m' ->
      machine_step c (mkMachine ts m) (Some Did_halt) (mkMachine (put_at c Stopped ts) m').

  (** An execution from the start: what was seen, and the state that it has come to. *)
  Inductive execution : visible_trace S -> machine -> Prop :=
  | execution_start : execution [] first_state
  | execution_step tr x c v x' :
      execution tr x -> machine_step c x v x' -> execution (see c v tr) x'.
End Machine.
Arguments machine {S} M.
Arguments mkMachine {S M} threads contents.
Arguments threads {S M} _.
Arguments contents {S M} _.
