(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The local view: one CPU, a log of all that happened, the others to come

    Shared by all floors.  There is one global log of events, newest first.  An
    event is an act of a CPU: something about a lock (the verbs differ from
    floor to floor), a read or a write of one part of the object that a lock
    protects, or a halt.  Between two operations of this CPU the other CPUs add events; they
    come in batches, one batch for each operation ([env]).  Who holds a lock and
    what an object contains is read off the log.

    A floor is its verbs and the rule that says when one is in order.
    Read next: facts.v, then the spec.v of a floor. *)
From Coq Require Import ZArith List Bool.
Import ListNotations.
Local Open Scope Z_scope.

Definition cpu := nat.
Bind Scope nat_scope with cpu.

(** The parameters: how many CPUs, how many locks (numbered from 0), and for
    each lock the object that it protects.  An object is a value for each part
    number, as a struct is a word for each place in it; the type is that of one
    part.  Each part has a first value, and is read and written by itself. *)
Record system := mkSystem {
  cpus : nat;
  locks : Z;
  Obj : Z -> Type;
  initial : forall l, Z -> Obj l;
  obj_eq_dec : forall l (v w : Obj l), {v = w} + {v <> w}
}.

(** The smallest one, for instances: [n] CPUs, one lock, an object that does not matter. *)
Definition one_lock (n : nat) : system :=
  mkSystem n 1 (fun _ => unit) (fun _ _ => tt) (fun _ v w => left (match v, w with tt, tt => eq_refl end)).

(** What is wrong with an event or an operation. *)
Inductive fault :=
| No_such_lock      (* the number names no lock *)
| No_such_index     (* floor 4: the family has no such instance *)
| Entered_twice     (* the caller holds or waits for this lock already *)
| Not_holder        (* release or access by a CPU that does not hold the lock *)
| Lock_is_held      (* entered out of turn: another CPU holds the lock or is first *)
| Wrong_value       (* a read, a poll or a ticket that is not what memory holds *)
| Out_of_order      (* a step of the lock code that does not follow the one before *)
| After_halt        (* an event of a halted CPU *)
| No_such_cpu       (* an event of a CPU that does not exist *)
| Forged.           (* the environment acts in the name of this CPU *)

(** The faults that are the caller's own. *)
Definition callers_fault (f : fault) : bool :=
  match f with
  | No_such_lock | No_such_index | Entered_twice | Not_holder => true
  | _ => false
  end.

(** What a specification says of an operation.  A breach of contract by the
    caller is not the same as something that cannot happen if the other CPUs
    keep to the protocol. *)
Inductive result (A : Type) :=
| Done (a : A)            (* this is what happens *)
| Breach (f : fault)      (* the caller broke the contract: nothing is promised *)
| Impossible (f : fault). (* the other CPUs broke the protocol *)
Arguments Done {A} a.
Arguments Breach {A} f.
Arguments Impossible {A} f.

Definition bind {A B : Type} (r : result A) (k : A -> result B) : result B :=
  match r with
  | Done a => k a
  | Breach f => Breach f
  | Impossible f => Impossible f
  end.

(** The value [v] of lock [l'] as a value of lock [l], if they are the same lock. *)
Definition value_for {A : Z -> Type} (l l' : Z) (v : A l') : option (A l) :=
  match Z.eq_dec l' l with
  | left E => Some (eq_rect l' A v l E)
  | right _ => None
  end.

(** ** Logs, for any verbs *)
Section Log.
  Context {S : system} {verb : Type}.

  Inductive action :=
  | Lock (l : Z) (k : verb)        (* an act on lock l *)
  | Read (l k : Z) (v : Obj S l)   (* the CPU read v from part k of the object of lock l *)
  | Wrote (l k : Z) (v : Obj S l)  (* the CPU wrote v to part k of the object of lock l *)
  | Halted.                        (* the CPU stopped for good *)
  Definition event : Type := cpu * action.
  Definition log : Type := list event.

  (** What part [k] of the object of lock [l] contains after log [g]. *)
  Fixpoint object (l k : Z) (g : log) : Obj S l :=
    match g with
    | [] => initial S l k
    | (_, Wrote l' k' v) :: g =>
        match (if k' =? k then value_for (A := Obj S) l l' v else None) with
        | Some v => v
        | None => object l k g
        end
    | _ :: g => object l k g
    end.

  (** CPU [c] writes values [v] to parts [ks] of the object of lock [l]. *)
  Definition writes (c : cpu) (l : Z) (v : Z -> Obj S l) (ks : list Z) : log :=
    map (fun k => (c, Wrote l k (v k))) ks.

  (** Whether CPU [c] has stopped. *)
  Fixpoint halted (c : cpu) (g : log) : bool :=
    match g with
    | [] => false
    | (c', Halted) :: g => Nat.eqb c' c || halted c g
    | _ :: g => halted c g
    end.

  (** How many events of log [g] are of CPU [c]. *)
  Definition own (c : cpu) (g : log) : nat := length (filter (fun e => Nat.eqb (fst e) c) g).
End Log.
Arguments action S verb : clear implicits.
Arguments event S verb : clear implicits.
Arguments log S verb : clear implicits.

(** ** A floor: its verbs, who may touch an object, when a verb is in order *)
Record floor (S : system) := mkFloor {
  verb : Type;
  inside : cpu -> Z -> log S verb -> bool;
  verb_fault : cpu -> Z -> verb -> log S verb -> option fault
}.
Arguments mkFloor {S} _ _ _.
Arguments verb {S} _.
Arguments inside {S} _ _ _ _.
Arguments verb_fault {S} _ _ _ _ _.

Section View.
  Context {S : system} (F : floor S).
  Local Notation event := (event S (verb F)).
  Local Notation log := (log S (verb F)).

  Definition lock_exists (l : Z) : bool := (0 <=? l) && (l <? locks S).

  (** ** The protocol: what event [e] breaks after log [g], if anything *)
  Definition action_fault (c : cpu) (a : action S (verb F)) (g : log) : option fault :=
    match a with
    | Lock l k => if lock_exists l then verb_fault F c l k g else Some No_such_lock
    | Wrote l _ _ => if inside F c l g then None else Some Not_holder
    | Read l k v =>
        if inside F c l g
        then if obj_eq_dec S l v (object l k g) then None else Some Wrong_value
        else Some Not_holder
    | Halted => None
    end.

  Definition event_fault (e : event) (g : log) : option fault :=
    let (c, a) := e in
    if negb (Nat.ltb c (cpus S)) then Some No_such_cpu
    else if halted c g then Some After_halt
    else action_fault c a g.

  (** The log function: the oldest fault of a log, [None] for a legal one. *)
  Fixpoint log_fault (g : log) : option fault :=
    match g with
    | [] => None
    | e :: g =>
        match log_fault g with
        | Some f => Some f
        | None => event_fault e g
        end
    end.
  Definition legal (g : log) : Prop := log_fault g = None.

  (** ** The state of one CPU *)
  Record RData := mkRData {
    me : cpu;            (* this CPU *)
    events : log;        (* all that has happened, of all CPUs *)
    env : list log       (* foreign batches still to come; no batch: quiet *)
  }.
  Definition start (c : cpu) (bs : list log) : RData := mkRData c [] bs.

  (** What the other CPUs did since my last operation. *)
  Definition arrivals (d : RData) : log := hd [] (env d).
  Definition seen (d : RData) : log := arrivals d ++ events d.

  (** Why a batch is not one that other CPUs could have made. *)
  Fixpoint batch_fault (c : cpu) (b g : log) : option fault :=
    match b with
    | [] => None
    | e :: b =>
        match batch_fault c b g with
        | Some f => Some f
        | None => if Nat.eqb (fst e) c then Some Forged else event_fault e (b ++ g)
        end
    end.

  (** ** Two steps, of which all operations are made *)

  (** Let the other CPUs act: one batch of foreign events. *)
  Definition await (d : RData) : result RData :=
    match batch_fault (me d) (arrivals d) (events d) with
    | Some f => Impossible f
    | None => Done (mkRData (me d) (seen d) (tl (env d)))
    end.

  (** One event of mine. *)
  Definition emit (a : action S (verb F)) (d : RData) : result RData :=
    match event_fault (me d, a) (events d) with
    | Some f => if callers_fault f then Breach f else Impossible f
    | None => Done (mkRData (me d) ((me d, a) :: events d) (env d))
    end.
  Definition operation (a : action S (verb F)) (d : RData) : result RData :=
    bind (await d) (emit a).

  (** ** The operations that every floor has *)

  (** A client reads and writes one part of the object of a lock, in shared memory. *)
  Definition obj_read_spec (l k : Z) (d : RData) : result (Obj S l * RData) :=
    bind (await d) (fun d =>
      let v := object l k (events d) in
      bind (emit (Read l k v) d) (fun d' => Done (v, d'))).
  Definition obj_write_spec (l k : Z) (v : Obj S l) : RData -> result RData :=
    operation (Wrote l k v).
  (** A CPU that stops: no lock is given back. *)
  Definition halt_spec : RData -> result RData := operation Halted.

  (** ** The invariant *)
  Record invariant (d : RData) : Prop := {
    inv_legal : legal (events d);
    inv_cpu : (me d < cpus S)%nat;
    inv_runs : halted (me d) (events d) = false
  }.

  (** The other CPUs act now and keep to the protocol. *)
  Definition env_legal (d : RData) : Prop := batch_fault (me d) (arrivals d) (events d) = None.
End View.
Arguments mkRData {S F} _ _ _.
Arguments me {S F} _.
Arguments events {S F} _.
Arguments env {S F} _.
Arguments arrivals {S F} _.
Arguments seen {S F} _.
Arguments env_legal {S F} _.
Arguments invariant {S F} _.

(** ** Waiting, as a relation: an operation again and again until one is the last *)
Inductive until {S : system} {F : floor S} (again last : action S (verb F) -> Prop)
    : RData F -> RData F -> Prop :=
| until_last a d d' :
    last a -> operation F a d = Done d' -> until again last d d'
| until_again a d d1 d' :
    again a -> operation F a d = Done d1 -> until again last d1 d' -> until again last d d'.
