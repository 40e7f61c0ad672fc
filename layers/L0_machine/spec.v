(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 0: the lock words and the three primitives

    Each lock is two words of [width] bits, [next] and [now].  A primitive is a
    fetch-and-add of [next], a load of [now], or a load of [now] and then a store.
    Memory does what it does whatever the others do: the operations of this floor
    do not look at the environment.  When a CPU keeps to the protocol is said by
    [words_fault], which nothing here enforces.  Read next: layers/L1_ticket. *)
From Coq Require Import ZArith List Bool.
From hlock.layers.view Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.

Inductive words_verb :=
| Took (t : Z)     (* fetch-and-add of next, which held t *)
| Polled (v : Z)   (* a load of now while waiting: it held v *)
| Loaded (v : Z)   (* a load of now in order to release: it held v *)
| Stored (v : Z).  (* now := v *)

(** Where a CPU stands with a lock, by its own events on it. *)
Inductive phase :=
| Out                (* has nothing to do with it *)
| Waiting (t : Z)    (* took ticket t, has not yet seen its turn *)
| In                 (* saw its turn *)
| Leaving (v : Z).   (* loaded v in order to release, has not yet stored *)

Section Words.
  Context (S : system) (width : Z).
  Local Notation log := (log S words_verb).
  Definition modulus : Z := 2 ^ width.

  (** The words of lock [l] after log [g]; zero at first. *)
  Fixpoint next (l : Z) (g : log) : Z :=
    match g with
    | [] => 0
    | (_, Lock l' (Took t)) :: g => if l' =? l then (t + 1) mod modulus else next l g
    | _ :: g => next l g
    end.
  Fixpoint serving (l : Z) (g : log) : Z :=
    match g with
    | [] => 0
    | (_, Lock l' (Stored v)) :: g => if l' =? l then v mod modulus else serving l g
    | _ :: g => serving l g
    end.

  (** They are words of [width] bits. *)
  Definition in_word (v : Z) : Prop := 0 <= v < modulus.

  Definition words_step (k : words_verb) (p : phase) : phase :=
    match k, p with
    | Took t, _ => Waiting t
    | Polled v, Waiting t => if v =? t then In else Waiting t
    | Polled _, p => p
    | Loaded v, _ => Leaving v
    | Stored _, _ => Out
    end.
  Fixpoint words_phase (c : cpu) (l : Z) (g : log) : phase :=
    match g with
    | [] => Out
    | (c', Lock l' k) :: g =>
        if Nat.eqb c' c && (l' =? l) then words_step k (words_phase c l g) else words_phase c l g
    | _ :: g => words_phase c l g
    end.

  Definition reads (v expected : Z) : option fault :=
    if v =? expected then None else Some Wrong_value.

  (** The protocol: the values are those of memory, and a CPU's own steps are
      those of the lock code: take a ticket, poll until it is the one, load,
      store one more than was loaded. *)
  Definition words_fault (c : cpu) (l : Z) (k : words_verb) (g : log) : option fault :=
    match k, words_phase c l g with
    | Took t, Out => reads t (next l g)
    | Took _, _ => Some Entered_twice
    | Polled v, Waiting _ => reads v (serving l g)
    | Polled _, _ => Some Out_of_order
    | Loaded v, In => reads v (serving l g)
    | Loaded _, _ => Some Not_holder
    | Stored v, Leaving u => if v =? (u + 1) mod modulus then None else Some Out_of_order
    | Stored _, _ => Some Out_of_order
    end.
  Definition words_inside (c : cpu) (l : Z) (g : log) : bool :=
    match words_phase c l g with In => true | _ => false end.
  Definition words : floor S := mkFloor words_verb words_inside words_fault.

  (** ** The operations: the others act, then memory does what it does *)
  Definition arrive (d : RData words) : RData words :=
    mkRData (F := words) (me d) (seen d) (tl (env d)).
  Definition record (a : action S words_verb) (d : RData words) : RData words :=
    mkRData (F := words) (me d) ((me d, a) :: events d) (env d).
  (** One event of mine after the others have acted, as memory lets it happen. *)
  Definition act (a : action S words_verb) (d : RData words) : RData words := record a (arrive d).
  Definition on_existing {A : Type} (l : Z) (a : A) : result A :=
    if lock_exists (S := S) l then Done a else Breach No_such_lock.

  (** Each gives the value that it returns and the state after it. *)
  Definition incr_ticket_spec (l : Z) (d : RData words) : result (Z * RData words) :=
    let d := arrive d in
    let t := next l (events d) in
    on_existing l (t, record (Lock l (Took t)) d).
  Definition get_now_spec (l : Z) (d : RData words) : result (Z * RData words) :=
    let d := arrive d in
    let v := serving l (events d) in
    on_existing l (v, record (Lock l (Polled v)) d).
  Definition incr_now_spec (l : Z) (d : RData words) : result (RData words) :=
    let d := arrive d in
    let v := serving l (events d) in
    let d := arrive (record (Lock l (Loaded v)) d) in
    on_existing l (record (Lock l (Stored ((v + 1) mod modulus))) d).

  (** Accesses to objects and a halt, by the client. *)
  Definition words_read (l k : Z) (d : RData words) : Obj S l * RData words :=
    let d := arrive d in
    let v := object l k (events d) in (v, record (Read l k v) d).
  Definition words_write (l k : Z) (v : Obj S l) (d : RData words) : RData words :=
    record (Wrote l k v) (arrive d).
  Definition words_halt (d : RData words) : RData words := record Halted (arrive d).

  (** ** What other CPUs may do *)

  (** Each event of another CPU in log [g] is in order where it stands. *)
  Definition others_in_order (c : cpu) (g : log) : Prop :=
    forall b e g', g = b ++ e :: g' -> fst e <> c -> event_fault words e g' = None.

  (** In the run from [d] to [d'] the other CPUs keep to the protocol.  No word on
      time: they may leave at once, late or never. *)
  Definition env_safe (d d' : RData words) : Prop :=
    Forall (Forall (fun e => fst e <> me d)) (env d) /\ others_in_order (me d) (events d').
End Words.
