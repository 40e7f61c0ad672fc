(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * A thread: a client on the linked C, one step at a time

    A client chooses its next operation from the answers so far: a call of a
    function of the table, an access to an object, a halt.  Calls run the exported
    C ([stack], small-step form); a primitive is a request to memory, and
    [incr_now] is two, a load and a store.  A thread knows nothing of the memory:
    it goes on with whatever value it is given.  It may call any function and touch
    any object at any time.  The text is an argument: [stack prefix T] is what is made
    of a table; run/explore_cases.v gives wrong ones.  Read next: memory.v, machine.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options integers values syntax semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.stack Require Import linked.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Section Thread.
  Context {S : system} (text : program) (width : Z).
  Local Notation act := (action S words_verb).

  Inductive thread :=
  | Idle (history : list (response S))                       (* between two operations *)
  | Calling (o : op S) (history : list (response S)) (s : state) (* in the C of operation o *)
  | Storing (o : op S) (history : list (response S)) (l v : Z) (k : cont)
                     (* in incr_now: the load has given v, the store is still to come *)
  | Stopped.                                            (* halted *)

  (** What a thread does next. *)
  Inductive thread_move :=
  | Local (t : thread)                       (* a step that nobody else sees *)
  | Call (o : op S) (t : thread)             (* it calls a function of the table *)
  | Return (o : op S) (t : thread)           (* and returns from it *)
  | Take (l : Z) (t : Z -> thread)           (* fetch-and-add of next *)
  | Poll (l : Z) (t : Z -> thread)           (* load of now, while waiting *)
  | Load (l : Z) (t : Z -> thread)           (* load of now, in order to release *)
  | Store (l : Z) (v : Z) (t : thread)       (* now := v *)
  | Get (l k : Z) (t : Obj S l -> thread)    (* read part k of an object *)
  | Put (l k : Z) (v : Obj S l) (t : thread) (* write one *)
  | Halt                                     (* it halts: see machine_step *)
  | Finished                                 (* the client has ended, or the CPU has halted *)
  | Stuck.                                   (* the C is undefined here *)

  Definition name_of (o : operation) (f : family) (i : Z) : state :=
    match find_function (functions text) ($(function_name (prefix_of text) o f)) with
    | Some fd => Enter ($(function_name (prefix_of text) o f)) fd (arguments f i) Kstop
    | None => Give Vundef (Kseq Sskip Kstop) (* no such function: stuck *)
    end.

  (** A client that goes on with operation [o]. *)
  Definition begin (o : op S) (history : list (response S)) : thread_move :=
    match o with
    | Op_acquire f i => Call o (Calling o history (name_of Acquire f i))
    | Op_release f i => Call o (Calling o history (name_of Release f i))
    | Op_read f i k => Get (lock_id f i) k (fun v => Idle (Some (existT _ (lock_id f i) v) :: history))
    | Op_write f i k v => Put (lock_id f i) k v (Idle (None :: history))
    | Op_halt => Halt
    end.

  (** A call of a function that the C does not define: the primitives. *)
  Definition primitive (f : ident) (vs : list val) (again : state -> thread)
      (storing : Z -> Z -> cont -> thread) (k : cont) : thread_move :=
    match vs with
    | [Vint n] =>
        let l := Int.unsigned n in
        if Pos.eqb f ($"incr_ticket") then Take l (fun t => again (Give (Vint (Int.repr t)) k))
        else if Pos.eqb f ($"get_now") then Poll l (fun v => again (Give (Vint (Int.repr v)) k))
        else if Pos.eqb f ($"incr_now") then Load l (fun v => storing l v k)
        else Stuck
    | [] => if Pos.eqb f ($"cpu_relax") then Local (again (Give Vundef k)) else Stuck
    | _ => Stuck
    end.

  Definition in_call (o : op S) (history : list (response S)) (s : state) : thread_move :=
    match s with
    | Give _ Kstop => Return o (Idle (None :: history))
    | Enter f (External _ _ _ _) vs k => primitive f vs (Calling o history) (Storing o history) k
    | _ => match step (functions text) s with
           | Some s => Local (Calling o history s)
           | None => Stuck
           end
    end.

  Definition next_move (p : client S) (t : thread) : thread_move :=
    match t with
    | Idle history => match p history with Some o => begin o history | None => Finished end
    | Calling o history s => in_call o history s
    | Storing o history l v k => Store l ((v + 1) mod modulus width) (Calling o history (Give Vundef k))
    | Stopped => Finished
    end.

  (** Memory answers a request: the action that happened, and how the thread goes on. *)
  Definition answered (m : thread_move) (a : act) (t' : thread) : Prop :=
    match m with
    | Take l k => exists t, a = Lock l (Took t) /\ t' = k t
    | Poll l k => exists v, a = Lock l (Polled v) /\ t' = k v
    | Load l k => exists v, a = Lock l (Loaded v) /\ t' = k v
    | Store l v t => a = Lock l (Stored v) /\ t' = t
    | Get l k t => exists v, a = Read l k v /\ t' = t v
    | Put l k v t => a = Wrote l k v /\ t' = t
    | _ => False
    end.
End Thread.
Arguments thread S : clear implicits.
Arguments thread_move S : clear implicits.
