(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * A recorded run, replayed on the machine

    Each line of a trace is done again by the threads of thread.v: the exported C
    runs, memory answers, and what the machine shows is compared with the line.  That
    an accepted trace is an execution is proved in replay_sound.v.

    A trace does not say when a ticket was taken, nor which polls were in vain.  Those
    steps are hints between the lines ([Hint]): a bad hint can only make the replay
    refuse.  judge.ml lets a CPU take its ticket as early as its call and the order of
    entries allow, and poll once if that is in vain.  If any places explain a
    run of clients that keep the contract, these do: CPUs enter in the order
    of their tickets, a ticket is compared with nothing but the one before it, a poll
    in vain changes nothing, and the poll that succeeds finds the number still there
    at the entry.  A release is done as a whole at its line: until it has
    stored nobody can enter, and its stamp comes before.  Memory is kept as a short
    log for each lock ([compact] of explore.v), so that a step takes no longer late in
    a run than early; so are the parts of its object, one by one. *)
From Coq Require Import ZArith List Bool FMapPositive.
From hlock.clight Require Import options syntax.
From hlock.layers.view Require Import spec judge.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import thread machine.
From hlock.machine.run Require Import explore.
Import ListNotations.
Local Open Scope Z_scope.

Section Replay.
  Context {S : system} (text : program) (T : table) (width : Z).
  Local Notation log := (log S words_verb).
  Local Notation act := (action S words_verb).
  Local Notation client := (client S).

  (** ** Traces *)

  (** What is recorded of a CPU. *)
  Inductive line :=
  | Calls (l : Z)                   (* it calls acquire of lock l *)
  | Enters (l t : Z)                (* acquire has returned; the ticket was t *)
  | Reads (l k : Z) (v : Obj S l)   (* part k of the object *)
  | Writes (l k : Z) (v : Obj S l)
  | Leaves (l : Z).                 (* it calls release *)

  (** The operation that begins with a line, if one does and the lock is in the table. *)
  Definition on_table (l : Z) (o : family -> Z -> option (op S)) : option (op S) :=
    match find_family T l with Some f => o f (l - first f) | None => None end.
  Definition operation_of (e : line) : option (op S) :=
    match e with
    | Calls l => on_table l (fun f i => Some (Op_acquire f i))
    | Leaves l => on_table l (fun f i => Some (Op_release f i))
    | Reads l k _ => on_table l (fun f i => Some (Op_read f i k))
    | Writes l k v => on_table l (fun f i =>
        match value_for (lock_id f i) l v with Some v => Some (Op_write f i k v) | None => None end)
    | Enters _ _ => None
    end.

  (** Whether event [v] of the machine is what line [e] says. *)
  Definition same_value l (v : Obj S l) l' (v' : Obj S l') : bool :=
    match value_for l' l v with
    | Some v => if obj_eq_dec S l' v v' then true else false
    | None => false
    end.
  Definition says (e : line) (v : visible S) : bool :=
    match e, v with
    | Calls l, Called (Op_acquire f i) | Leaves l, Called (Op_release f i)
    | Enters l _, Returned (Op_acquire f i) => lock_id f i =? l
    | Reads l k v, Did_read l' k' v' | Writes l k v, Did_write l' k' v' => (k' =? k) && same_value l' v' l v
    | _, _ => false
    end.

  (** ** The state of the replay *)

  (** A thread, and the lock and ticket of an acquisition that has not returned. *)
  Record seat := mkSeat { runs : thread S; ticket : option (Z * Z) }.
  (** Memory, by lock: a short log that has its words, and for each part of its object
      the last write of it. *)
  Record store := mkStore { lock_words : PositiveMap.t log; lock_parts : PositiveMap.t (PositiveMap.t log) }.
  Definition fresh_store : store := mkStore (PositiveMap.empty log) (PositiveMap.empty (PositiveMap.t log)).
  Definition state : Type := list seat * store.
  Definition opening : state := (repeat (mkSeat (Idle []) None) (cpus S), fresh_store).

  (** A short log that has the words of lock [l]; one that has part [k] of its object. *)
  Definition short_of (l : Z) (m : store) : log :=
    match PositiveMap.find (key l) (lock_words m) with Some h => h | None => [] end.
  Definition parts_of (l : Z) (m : store) : PositiveMap.t log :=
    match PositiveMap.find (key l) (lock_parts m) with Some ps => ps | None => PositiveMap.empty log end.
  Definition part_of (l k : Z) (m : store) : log :=
    match PositiveMap.find (key k) (parts_of l m) with Some h => h | None => [] end.
  Definition store_after (c : cpu) (a : act) (m : store) : store :=
    match a with
    | Lock l _ =>
        mkStore (PositiveMap.add (key l) (compact width [l] [] ((c, a) :: short_of l m)) (lock_words m)) (lock_parts m)
    | Wrote l k v =>
        mkStore (lock_words m)
          (PositiveMap.add (key l) (PositiveMap.add (key k) [(0%nat, Wrote l k v)] (parts_of l m)) (lock_parts m))
    | Read _ _ _ | Halted => m
    end.
  Definition log_to_ask (m : thread_move S) (s : store) : log :=
    match m with
    | Take l _ | Poll l _ | Load l _ | Store l _ _ => short_of l s
    | Get l k _ => part_of l k s
    | _ => []
    end.

  (** ** Steps *)

  (** The next step of a CPU that others see or that reaches memory, and the CPU after it. *)
  Definition take_note (a : act) (held : option (Z * Z)) : option (option (Z * Z)) :=
    match a, held with
    | Lock l (Took t), None => Some (Some (l, t))
    | Lock _ (Took _), Some _ => None
    | _, _ => Some held
    end.
  Definition go (p : client) (c : cpu) (x : seat * store) : option (label (S := S) * (seat * store)) :=
    let (s, m) := x in
    match settle text width (fun _ => p) fuel c (runs s) with
    | None => None
    | Some t =>
        let wants := next_move text width p t in
        match turn_of width (log_to_ask wants m) wants with
        | Shown v t => Some (Seen v, (mkSeat t (ticket s), m))
        | Acts a t =>
            match take_note a (ticket s) with
            | Some held => Some (Done_to_memory a, (mkSeat t held, store_after c a m))
            | None => None
            end
        | _ => None
        end
    end.
  Definition nothing : client := fun _ => None.

  (** A step inside a call. *)
  Inductive hint :=
  | Takes   (* it takes its ticket *)
  | Waits.  (* it polls in vain *)
  Definition fits (h : hint) (k : words_verb) (held : option (Z * Z)) : bool :=
    match h, k, held with
    | Takes, Took _, _ => true
    | Waits, Polled v, Some (_, t) => negb (v =? t)
    | _, _, _ => false
    end.
  Definition go_on (h : hint) (c : cpu) (x : seat * store) : option (seat * store) :=
    match go nothing c x with
    | Some (Done_to_memory (Lock _ k), x') => if fits h k (ticket (fst x)) then Some x' else None
    | _ => None
    end.
  (** To the return of the call, after at most [n] such steps. *)
  Fixpoint go_to_return (n : nat) (c : cpu) (x : seat * store) : (seat * store) * option (visible S) :=
    match go nothing c x, n with
    | Some (Seen v, x), _ => (x, Some v)
    | Some (Done_to_memory (Lock _ _), x), Datatypes.S n => go_to_return n c x
    | _, _ => (x, None)
    end.
  (** A ticket and a poll; a load and a store. *)
  Definition steps_of_call : nat := 2.

  (** ** Lines *)

  (** Why a line is refused.  [found]: in the trace; [expected]: what the machine does. *)
  Inductive reason :=
  | No_CPU
  | No_lock
  | In_a_call                            (* the thread is in a call *)
  | Not_so                               (* the thread does something else, or nothing *)
  | Other_ticket (found expected : Z)
  | Not_served (found expected : Z)      (* the number in service *)
  | Other_value (l k : Z) (found expected : Obj S l)
  | Not_entered.                         (* at the end: a hint was for no line *)

  Definition idle (t : thread S) : bool := match t with Idle _ => true | _ => false end.
  Definition gave_back (v : visible S) : bool :=
    match v with Returned (Op_release _ _) => true | _ => false end.

  Definition enter (c : cpu) (l t : Z) (x : seat * store) : reason + (seat * store) :=
    match go_to_return steps_of_call c x with
    | ((s, m), v) =>
        match ticket s, v with
        | Some (l', t'), Some v =>
            if negb (says (Enters l t) v && (l' =? l)) then inl Not_so
            else if t' =? t then inr (mkSeat (runs s) None, m) else inl (Other_ticket t t')
        | Some (l', t'), None =>
            inl (if negb (l' =? l) then Not_so
                 else if t' =? t then Not_served t (serving S width l (short_of l m)) else Other_ticket t t')
        | None, _ => inl Not_so
        end
    end.

  (** A line at which an operation begins. *)
  Definition other_than (e : line) (x : seat * store) : reason :=
    match e with
    | Reads l k v => Other_value l k v (object l k (part_of l k (snd x)))
    | _ => Not_so
    end.
  Definition begins (c : cpu) (e : line) (x : seat * store) : reason + (seat * store) :=
    match operation_of e with
    | None => inl No_lock
    | Some o =>
        if negb (idle (runs (fst x))) then inl In_a_call
        else match go (fun _ => Some o) c x with
             | Some (w, x') =>
                 match w with
                 | Seen v => if says e v then inr x' else inl Not_so
                 | Done_to_memory a =>
                     match seen_of a with
                     | Some v => if says e v then inr x' else inl (other_than e x)
                     | None => inl Not_so
                     end
                 | Half_done _ _ => inl Not_so
                 end
             | None => inl Not_so
             end
    end.

  Definition leave (c : cpu) (x : seat * store) : reason + (seat * store) :=
    match go_to_return steps_of_call c x with
    | (x, Some v) => if gave_back v then inr x else inl Not_so
    | (_, None) => inl Not_so
    end.

  Definition line_done (c : cpu) (e : line) (x : seat * store) : reason + (seat * store) :=
    match e with
    | Enters l t => enter c l t x
    | Leaves l => match begins c e x with inr x => leave c x | inl why => inl why end
    | _ => begins c e x
    end.

  (** ** Traces with hints *)
  Inductive item :=
  | Line (c : cpu) (e : line)
  | Hint (c : cpu) (h : hint).
  Definition cpu_of (i : item) : cpu := match i with Line c _ | Hint c _ => c end.
  Definition lines_of (is : list item) : list (cpu * line) :=
    flat_map (fun i => match i with Line c e => [(c, e)] | Hint _ _ => [] end) is.

  Definition item_done (i : item) (x : seat * store) : reason + (seat * store) :=
    match i with
    | Line c e => line_done c e x
    | Hint c h => match go_on h c x with Some x => inr x | None => inl Not_so end
    end.
  Definition replay_step (x : state) (i : item) : reason + state :=
    match nth_error (fst x) (cpu_of i) with
    | None => inl No_CPU
    | Some s =>
        match item_done i (s, snd x) with
        | inl why => inl why
        | inr (s, m) => inr (put_at (cpu_of i) s (fst x), m)
        end
    end.

  Definition entered (s : seat) : bool := match ticket s with None => true | Some _ => false end.
  Definition replay_end (x : state) : option reason := if forallb entered (fst x) then None else Some Not_entered.

  (** None: accepted.  Else why, and how many items were done before. *)
  Definition replay : list item -> option (reason * nat) := verdict replay_step replay_end opening 0.
End Replay.
Arguments line S : clear implicits.
Arguments item S : clear implicits.
Arguments reason S : clear implicits.
