(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The machine of the debug build: N threads with checks and a record each

    As machine.v, of the text that libhlock_debug.a is compiled from, linked.  Before
    each operation a client makes assertions, as many as it likes.  A call of record.h
    is one step; the records of all CPUs are one array, as in C, and which of them is
    this CPU's is what hlock_this_cpu says.  A thread that comes to a stop of hlock
    makes no step more.  Nothing is proved here.  Read next: stopping.v, the atomic
    machine that it refines. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options integers values syntax semantics smallstep link.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text checks_text record.
From hlock.generated Require L1_ticket L3_atomic.
From hlock.machine.model Require Import thread memory machine.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

(** The C of floors 1 and 3, and the debug text of floor 4 with its assertions, linked. *)
Definition debug_stack (prefix : string) (T : table) : program := {|
  functions := link [L1_ticket.global_definitions; L3_atomic.global_definitions; locks_checked_text prefix T];
  prefix_of := prefix
|}.

(** What a debug build is given: HLOCK_CPUS, HLOCK_DEPTH, hlock_this_cpu. *)
Record build := { limit : Z; depth : Z; this_cpu : cpu -> Z }.
(** They are numbers of C; each of [N] CPUs has a number of its own below HLOCK_CPUS. *)
Record build_ok (N : nat) (B : build) : Prop := {
  limit_range : limit B <= 2 ^ 32;
  depth_range : 0 <= depth B < 2 ^ 32;
  this_cpu_range : forall c, (c < N)%nat -> 0 <= this_cpu B c < limit B;
  this_cpu_own : forall c c', (c < N)%nat -> (c' < N)%nat -> this_cpu B c = this_cpu B c' -> c = c'
}.

(** An assertion, as a call. *)
Inductive asserted :=
| Assert_lock (a : assertion) (f : family) (i : Z)   (* assert_held_..., assert_not_held_... *)
| Assert_none.                                       (* assert_none_held *)
Definition assert_call (a : asserted) : checked_call :=
  match a with Assert_lock a f i => Asserts a f i | Assert_none => Asserts_none end.

(** What is seen of a step: what is seen of the release text, and stops: which
    function is called, and what it is told. *)
Inductive debug_visible (S : system) :=
| Seen (v : visible S)
| Did_stop (g : ident) (told : list val).
Arguments Seen {S} v.
Arguments Did_stop {S} g told.
Definition debug_trace (S : system) : Type := list (cpu * debug_visible S).
Definition note {S} (c : cpu) (v : option (debug_visible S)) (tr : debug_trace S) : debug_trace S :=
  match v with Some v => (c, v) :: tr | None => tr end.

(** A trace of the release text, as one of the debug text. *)
Definition as_debug {S} (tr : visible_trace S) : debug_trace S := map (fun e => (fst e, Seen (snd e))) tr.

Section Debug.
  Context {S : system} (text : program) (width : Z) (B : build) (M : memory_system S).
  Context (clients : cpu -> client S).
  (** The assertions that CPU [c] makes after it was told [history], before its next operation. *)
  Context (asserts : cpu -> list (response S) -> list asserted).

  Inductive debug_thread :=
  | Running (t : thread S) (due : list asserted)    (* a thread as of the release text; assertions to make first *)
  | Asserting (history : list (response S)) (s : state) (due : list asserted)
                                                    (* in the C of an assertion, [due] come after it *)
  | At_stop.                                        (* it has called a function that does not return *)

  Record debug_machine :=
    mkDebug { debug_threads : list debug_thread; its_records : records; debug_contents : memory M }.

  (** A thread between two operations has its assertions to make. *)
  Definition goes_on (c : cpu) (t : thread S) : debug_thread :=
    Running t (match t with Idle history => asserts c history | _ => [] end).
  Definition debug_first : debug_machine :=
    mkDebug (map (fun c => goes_on c (Idle [])) (seq 0 (cpus S))) (fun _ => mkRecord 0 (fun _ => (0, 0))) (fresh M).

  (** A step of thread [t] of CPU [c] that has nothing to do with records, as in machine.v. *)
  Inductive moves (c : cpu) (t : thread S) (m : memory M) : option (visible S) -> thread S -> memory M -> Prop :=
  | moves_local t' : next_move text width (clients c) t = Local t' -> moves c t m None t' m
  | moves_call o t' : next_move text width (clients c) t = Call o t' -> moves c t m (Some (Called o)) t' m
  | moves_return o t' : next_move text width (clients c) t = Return o t' -> moves c t m (Some (Returned o)) t' m
  | moves_memory a t' m' : answered (next_move text width (clients c) t) a t' -> mem_step M m c a m' ->
      moves c t m (seen_of a) t' m'.

  (** What record.h offers to CPU [c]. *)
  Definition record_layer (c : cpu) : layer (recorded (D := unit)) :=
    checking_layer (fun _ => None) (cpus_below (limit B)) (depth B) (this_cpu B c).
  (** CPU [c] calls a function of record.h. *)
  Inductive record_step (c : cpu) : state * records -> state * records -> Prop :=
  | record_called g ef targs tres cc vs k p v R R' :
      record_layer c g = Some p -> p vs (tt, R) v (tt, R') ->
      record_step c (Enter g (External ef targs tres cc) vs k, R) (Give v k, R').

  (** The C of an assertion is entered. *)
  Definition assertion_state (a : asserted) : state :=
    let f := $(call_name (prefix_of text) (assert_call a)) in
    match find_function (functions text) f with
    | Some fd => Enter f fd (call_args (assert_call a)) Kstop
    | None => Give Vundef (Kseq Sskip Kstop) (* no such function: stuck *)
    end.

  (** A thread that is about to call a function that stops: which, and what it is told. *)
  Definition code_of (t : debug_thread) : option state :=
    match t with
    | Running (Calling _ _ s) _ | Asserting _ s _ => Some s
    | _ => None
    end.
  Definition about_to_stop (t : debug_thread) : option (ident * list val) :=
    match code_of t with
    | Some (Enter g (External _ _ _ _) ws _) => if stops g then Some (g, ws) else None
    | _ => None
    end.
  Definition lives (t : debug_thread) : Prop := match t with Running Stopped _ | At_stop => False | _ => True end.

  (** CPU [c], whose thread is [t], makes a step. *)
  Inductive debug_move (c : cpu) (R : records) (m : memory M) :
      debug_thread -> option (debug_visible S) -> debug_thread -> records -> memory M -> Prop :=
  | debug_moves t v t' m' :
      moves c t m v t' m' -> debug_move c R m (Running t []) (option_map Seen v) (goes_on c t') R m'
  | debug_records o history s s' R' : record_step c (s, R) (s', R') ->
      debug_move c R m (Running (Calling o history s) []) None (Running (Calling o history s') []) R' m
  | debug_asserts history a due :
      debug_move c R m (Running (Idle history) (a :: due)) None (Asserting history (assertion_state a) due) R m
  | debug_asserting history s s' due : step (functions text) s = Some s' ->
      debug_move c R m (Asserting history s due) None (Asserting history s' due) R m
  | debug_asserting_records history s s' due R' : record_step c (s, R) (s', R') ->
      debug_move c R m (Asserting history s due) None (Asserting history s' due) R' m
  | debug_asserted history v due :
      debug_move c R m (Asserting history (Give v Kstop) due) None (Running (Idle history) due) R m
  | debug_stops t g ws : about_to_stop t = Some (g, ws) ->
      debug_move c R m t (Some (Did_stop g ws)) At_stop R m
  | debug_halts t m' : lives t -> mem_step M m c Halted m' ->
      debug_move c R m t (Some (Seen Did_halt)) (Running Stopped []) R m'.

  Inductive debug_step (c : cpu) : debug_machine -> option (debug_visible S) -> debug_machine -> Prop :=
  | debug_steps ts R m t v t' R' m' :
      nth_error ts c = Some t -> debug_move c R m t v t' R' m' ->
      debug_step c (mkDebug ts R m) v (mkDebug (put_at c t' ts) R' m').

  (** An execution from the start: what was seen, and the state that it has come to. *)
  Inductive debug_execution : debug_trace S -> debug_machine -> Prop :=
  | debug_execution_start : debug_execution [] debug_first
  | debug_execution_step tr x c v x' :
      debug_execution tr x -> debug_step c x v x' -> debug_execution (note c v tr) x'.

  (** Some steps of CPU [c] alone, of which nothing is seen. *)
  Inductive alone (c : cpu) : debug_machine -> debug_machine -> Prop :=
  | alone_done x : alone c x x
  | alone_step x x1 x' : debug_step c x None x1 -> alone c x1 x' -> alone c x x'.
  (** From state [x], CPU [c] comes to a stop by itself. *)
  Definition stops_alone (c : cpu) (x : debug_machine) : Prop :=
    exists x1 x2 g told, alone c x x1 /\ debug_step c x1 (Some (Did_stop g told)) x2.
End Debug.
Arguments debug_thread S : clear implicits.
Arguments debug_machine {S} M.
Arguments mkDebug {S M} debug_threads its_records debug_contents.
Arguments debug_threads {S M} _.
Arguments its_records {S M} _.
Arguments debug_contents {S M} _.

(** What clients call is what the C of table [T] offers: any index that C has, of functions that there are. *)
Definition lock_call {S} (o : op S) : option checked_call :=
  match o with
  | Op_acquire f i => Some (Lock_call Acquire f i)
  | Op_release f i => Some (Lock_call Release f i)
  | _ => None
  end.
Definition calls_exist {S} (T : table) (clients : cpu -> client S) (asserts : cpu -> list (response S) -> list asserted)
    : Prop :=
  (forall c history o call, clients c history = Some o -> lock_call o = Some call -> call_of_table T call) /\
  (forall c history a, List.In a (asserts c history) -> call_of_table T (assert_call a)).
