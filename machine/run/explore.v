(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The machine as a function, to explore all its executions

    [step_of] is the one step that CPU [c] can make, by [next_move] of thread.v and
    by the words and objects that the log leaves.  To keep the states few, steps
    that nobody else sees are run at once ([settle]), of a thread's past only what
    its client looks at is kept ([keep]), and of the log only what memory contains
    ([compact]).  That nothing is lost or added by this is proved in explore_facts.v;
    cases are in explore_cases.v; what walks the states is tools/explore. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import syntax.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text contract.
From hlock.machine.model Require Import thread machine.
Import ListNotations.
Local Open Scope Z_scope.

Section Explore.
  Context {S : system} (text : program) (width : Z) (clients : cpu -> client S).
  Local Notation log := (log S words_verb).
  Local Notation thread := (thread S).

  (** ** One step of a thread, with the values that memory contains *)
  Inductive turn :=
  | Alone (t : thread)                            (* seen by nobody *)
  | Shown (v : visible S) (t : thread)            (* a call or a return *)
  | Acts (a : action S words_verb) (t : thread)   (* an action on memory *)
  | Half (l v : Z)      (* half of a primitive; no primitive that ships has halves *)
  | Ends                (* the thread has no step but to halt *)
  | Undefined.          (* the C is undefined here *)

  Definition turn_of (g : log) (m : thread_move S) : turn :=
    match m with
    | Local t => Alone t
    | Call o t => Shown (Called o) t
    | Return o t => Shown (Returned o) t
    | Take l k => let t := next S width l g in Acts (Lock l (Took t)) (k t)
    | Poll l k => let v := serving S width l g in Acts (Lock l (Polled v)) (k v)
    | Load l k => let v := serving S width l g in Acts (Lock l (Loaded v)) (k v)
    | Store l v t => Acts (Lock l (Stored v)) t
    | Get l k t => let v := object l k g in Acts (Read l k v) (t v)
    | Put l k v t => Acts (Wrote l k v) t
    | Halt | Finished => Ends
    | Stuck => Undefined
    end.

  (** ** Memory as the explorer keeps it *)
  Record model := mkModel {
    store : Type;
    empty_store : store;
    ask : store -> cpu -> thread_move S -> option (turn * store); (* None: a lock that is not explored *)
    log_of : store -> log
  }.

  (** The locks that are explored, and the parts of their objects. *)
  Context (explored parts : list Z).
  Definition is_explored (a : action S words_verb) : bool :=
    match a with
    | Lock l _ => has l explored
    | Read l k _ | Wrote l k _ => has l explored && has k parts
    | Halted => true
    end.

  (** A short log that leaves the same words, and the same in the parts, for the locks that are explored. *)
  Definition compact (g : log) : log :=
    flat_map (fun l => writes 0 l (fun k => object l k g) parts ++
                       [(0%nat, Lock l (Took (next S width l g - 1)));
                        (0%nat, Lock l (Stored (serving S width l g)))]) explored.
  Definition ask_words (g : log) (c : cpu) (m : thread_move S) : option (turn * log) :=
    match turn_of g m with
    | Acts a t => if is_explored a then Some (Acts a t, compact ((c, a) :: g)) else None
    | other => Some (other, g)
    end.
  (** The one that ships; explore_cases.v has wrong ones. *)
  Definition shipped_model : model := mkModel log (compact []) ask_words (fun g => g).

  (** ** Threads as the explorer keeps them *)
  Context (keep : cpu -> list (response S) -> list (response S)).
  Definition trim (c : cpu) (t : thread) : thread :=
    match t with
    | Idle history => Idle (keep c history)
    | Calling o history s => Calling o (keep c history) s
    | Storing o history l v k => Storing o (keep c history) l v k
    | Stopped => Stopped
    end.

  (** Up to [fuel] steps of its own. *)
  Fixpoint settle (fuel : nat) (c : cpu) (t : thread) : option thread :=
    match next_move text width (clients c) t, fuel with
    | Local t', Datatypes.S fuel => settle fuel c t'
    | Local _, O => None
    | _, _ => Some t
    end.
  Definition fuel : nat := 100.

  (** ** Steps *)
  Section Steps.
    Context (M : model).
    Definition state : Type := list thread * store M.
    Definition start : state := (repeat (Idle []) (cpus S), empty_store M).

    (** What is said of a step: what the outside sees, what happens in memory. *)
    Inductive label :=
    | Seen (v : visible S)
    | Done_to_memory (a : action S words_verb)
    | Half_done (l v : Z).
    Inductive next_state :=
    | Next (w : label) (x : state)
    | No_step
    | Lost.   (* the explorer cannot go on: too little fuel, or a lock that is not explored *)

    Definition goes_on (c : cpu) (w : label) (t : thread) (ts : list thread) (m : store M) : next_state :=
      match settle fuel c t with
      | Some t => Next w (put_at c (trim c t) ts, m)
      | None => Lost
      end.

    Definition step_of (c : cpu) (x : state) : next_state :=
      let (ts, m) := x in
      match nth_error ts c with
      | None => No_step
      | Some t =>
          match ask M m c (next_move text width (clients c) t) with
          | None | Some (Alone _, _) => Lost
          | Some (Shown v t, m) => goes_on c (Seen v) t ts m
          | Some (Acts a t, m) => goes_on c (Done_to_memory a) t ts m
          | Some (Half l v, m) => Next (Half_done l v) (ts, m)
          | Some (Ends, _) | Some (Undefined, _) => No_step
          end
      end.

    (** CPU [c] halts. *)
    Definition halt_of (c : cpu) (x : state) : option state :=
      match nth_error (fst x) c with
      | None | Some Stopped => None
      | Some _ => Some (put_at c Stopped (fst x), snd x)
      end.
  End Steps.

  (** ** What is checked of each state *)

  (** What a client last read or wrote of part [k] of the object of lock [l] since it
      acquired it. *)
  Fixpoint last_known (p : client S) (l k : Z) (history : list (response S)) : option (Obj S l) :=
    match history with
    | [] => None
    | a :: history =>
        let known :=
          match p history, a with
          | Some (Op_write f i k' v), _ => if k' =? k then value_for l (lock_id f i) v else None
          | Some (Op_read f i k'), Some (existT _ l' v) => if k' =? k then value_for l l' v else None
          | _, _ => None
          end in
        match known, p history with
        | Some v, _ => Some v
        | None, Some (Op_acquire f i) => if lock_id f i =? l then None else last_known p l k history
        | None, _ => last_known p l k history
        end
    end.

  Definition history_of (t : thread) : list (response S) :=
    match t with Idle history | Calling _ history _ | Storing _ history _ _ _ => history | Stopped => [] end.

  (** The locks that a thread is inside of, by its position in the C: acquire has
      returned, release's store is not yet done (after it, the release returns). *)
  Definition inside_of (c : cpu) (t : thread) : list Z :=
    let before := held (clients c) (history_of t) in
    match next_move text width (clients c) t with
    | Return (Op_release f i) _ => held_after (S := S) (Op_release f i) before
    | _ => before
    end.

  Inductive violation :=
  | Two_inside (l : Z) (c c' : cpu)
  | Changed (l : Z) (c : cpu)          (* an object is not what the CPU inside knows of it *)
  | Undefined_C (c : cpu).             (* the C of a CPU is undefined *)

  Definition changed (c : cpu) (t : thread) (g : log) (l : Z) : bool :=
    existsb (fun k =>
      match last_known (clients c) l k (history_of t) with
      | Some v => if obj_eq_dec S l v (object l k g) then false else true
      | None => false
      end) parts.
  Fixpoint violation_from (c : cpu) (ts : list thread) (g : log) (others : list (cpu * Z)) : option violation :=
    match ts with
    | [] => None
    | t :: ts =>
        let mine := inside_of c t in
        match next_move text width (clients c) t,
              find (fun o => has (snd o) mine) others, find (changed c t g) mine with
        | Stuck, _, _ => Some (Undefined_C c)
        | _, Some (c', l), _ => Some (Two_inside l c' c)
        | _, None, Some l => Some (Changed l c)
        | _, None, None => violation_from (Datatypes.S c) ts g (map (pair c) mine ++ others)
        end
    end.
  Definition violation_of {M : model} (x : state M) : option violation :=
    violation_from 0 (fst x) (log_of M (snd x)) [].

  (** Nobody has anything left to do. *)
  Definition finished (c : cpu) (t : thread) : bool :=
    match next_move text width (clients c) t with Finished => true | _ => false end.
  Fixpoint all_finished (c : cpu) (ts : list thread) : bool :=
    match ts with [] => true | t :: ts => finished c t && all_finished (Datatypes.S c) ts end.
End Explore.
Arguments Next {S M} _ _.
Arguments No_step {S M}.
Arguments Lost {S M}.
#[global] Arguments fuel : simpl never.
