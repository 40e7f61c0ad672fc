(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 4: the named locks and their objects

    Two specifications of the same operations.

    _Low_: floor 3 composed.  [acquire_low] is a wait, [release_low] a pass; the
    object lives in shared memory, each access is a step, and other CPUs act
    before every step (floor 3's [obj_read_spec], [obj_write_spec]).

    _High_: what a client sees.  [acquire] takes a private copy of the object as
    the last release left it, [read] and [write] use parts of the copy, [release]
    publishes the parts that were written.  That the two give a client the same values is
    [locks_refines] in refine.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.layers.view Require Import spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.table Require Import table.
Import ListNotations.
Local Open Scope Z_scope.

(** ** The objects: for each family, by its name, the type of a part, and each part's first value *)
Record objects := {
  otype : string -> Type;
  ofirst : forall s, Z -> otype s;
  oeq : forall s (v w : otype s), {v = w} + {v <> w}
}.

(** A lock number that no family has protects nothing. *)
Definition owner_name (T : table) (l : Z) : option string :=
  match find_family T l with Some f => Some (name f) | None => None end.
Definition lock_obj (O : objects) (n : option string) : Type :=
  match n with Some s => otype O s | None => unit end.
Definition lock_initial (O : objects) (n : option string) : Z -> lock_obj O n :=
  match n with Some s => ofirst O s | None => fun _ => tt end.
Definition lock_obj_eq (O : objects) (n : option string) : forall v w : lock_obj O n, {v = w} + {v <> w} :=
  match n with
  | Some s => oeq O s
  | None => fun v w => left (match v, w with tt, tt => eq_refl end)
  end.

(** The system of [N] CPUs whose locks are those of table [T]. *)
Definition table_system (T : table) (N : nat) (O : objects) : system := {|
  cpus := N;
  locks := table_size T;
  Obj := fun l => lock_obj O (owner_name T l);
  initial := fun l => lock_initial O (owner_name T l);
  obj_eq_dec := fun l => lock_obj_eq O (owner_name T l)
|}.

(** ** Low: the primitives of floor 3 composed *)
Section Low.
  Context {S : system}.

  (** [act] on lock [i] of family [f]; an index that [f] does not have is a
      breach of contract. *)
  Definition on_lock {A : Type} (f : family) (i : Z) (act : Z -> result A) : result A :=
    if in_family f i then act (lock_id f i) else Breach No_such_index.

  Definition acquire_low (f : family) (i : Z) (d : RData (atomic S)) : result (RData (atomic S)) :=
    on_lock f i (fun l => wait_hlock_spec S l d).
  Definition release_low (f : family) (i : Z) (d : RData (atomic S)) : result (RData (atomic S)) :=
    on_lock f i (fun l => pass_hlock_spec S l d).
End Low.

(** ** High: acquire pulls the object, release pushes it *)
Section High.
  Context {S : system}.

  (** The object of a lock that I hold: a value for each part, and the parts that I
      wrote since I entered, the last one first, none of them twice. *)
  Record private (l : Z) := mkPrivate { part : Z -> Obj S l; written : list Z }.
  Arguments mkPrivate {l} _ _.
  Arguments part {l} _ _.
  Arguments written {l} _.
  Definition copy : Type := { l : Z & private l }.

  Definition also (k : Z) (ks : list Z) : list Z := if in_dec Z.eq_dec k ks then ks else k :: ks.
  Definition set_part {l} (k : Z) (v : Obj S l) (x : private l) : private l :=
    mkPrivate (fun k' => if k' =? k then v else part x k') (also k (written x)).

  Record HData := mkHData {
    base : RData (atomic S);       (* the log, in which objects change only at a release *)
    copies : list copy             (* private copies: these are the locks that I hold *)
  }.

  Fixpoint find_copy (l : Z) (cs : list copy) : option (private l) :=
    match cs with
    | [] => None
    | existT _ l' x :: cs =>
        match value_for l l' x with
        | Some x => Some x
        | None => find_copy l cs
        end
    end.
  Definition drop_copy (l : Z) (cs : list copy) : list copy :=
    filter (fun c => negb (projT1 c =? l)) cs.

  Definition acquire_high (l : Z) (h : HData) : result HData :=
    bind (wait_hlock_spec S l (base h)) (fun d =>
      Done (mkHData d (existT _ l (mkPrivate (fun k => object l k (events d)) []) :: copies h))).

  Fixpoint publish (l : Z) (v : Z -> Obj S l) (ks : list Z) (d : RData (atomic S)) : result (RData (atomic S)) :=
    match ks with
    | [] => Done d
    | k :: ks => bind (publish l v ks d) (emit (atomic S) (Wrote l k (v k)))
    end.

  (** One batch of foreign events, then my own: publish what I wrote, give back. *)
  Definition release_high (l : Z) (h : HData) : result HData :=
    bind (await (atomic S) (base h)) (fun d =>
      match find_copy l (copies h) with
      | None => Breach (if lock_exists (S := S) l then Not_holder else No_such_lock)
      | Some x =>
          bind (publish l (part x) (written x) d) (fun d =>
          bind (emit (atomic S) (Lock l Left) d) (fun d =>
            Done (mkHData d (drop_copy l (copies h)))))
      end).

  Definition read_high (l k : Z) (h : HData) : result (Obj S l * HData) :=
    bind (await (atomic S) (base h)) (fun d =>
      match find_copy l (copies h) with
      | None => Breach Not_holder
      | Some x => Done (part x k, mkHData d (copies h))
      end).

  Definition write_high (l k : Z) (v : Obj S l) (h : HData) : result HData :=
    bind (await (atomic S) (base h)) (fun d =>
      match find_copy l (copies h) with
      | None => Breach Not_holder
      | Some x => Done (mkHData d (existT _ l (set_part k v x) :: drop_copy l (copies h)))
      end).

  (** A CPU that stops keeps its locks; what it did not publish is lost. *)
  Definition halt_high (h : HData) : result HData :=
    bind (halt_spec (atomic S) (base h)) (fun d => Done (mkHData d (copies h))).

  Definition acquire (f : family) (i : Z) (h : HData) : result HData :=
    on_lock f i (fun l => acquire_high l h).
  Definition release (f : family) (i : Z) (h : HData) : result HData :=
    on_lock f i (fun l => release_high l h).
  Definition read (f : family) (i k : Z) (h : HData) : result (Obj S (lock_id f i) * HData) :=
    on_lock f i (fun _ => read_high (lock_id f i) k h).
  Definition write (f : family) (i k : Z) (v : Obj S (lock_id f i)) (h : HData) : result HData :=
    on_lock f i (fun _ => write_high (lock_id f i) k v h).
End High.

Arguments private S l : clear implicits.
Arguments mkPrivate {S l} _ _.
Arguments part {S l} _ _.
Arguments written {S l} _.
Arguments copy S : clear implicits.
Arguments HData S : clear implicits.

(** ** Clients: what they do, what they are told *)
Section Clients.
  Context {S : system}.

  Inductive op :=
  | Op_acquire (f : family) (i : Z)
  | Op_release (f : family) (i : Z)
  | Op_read (f : family) (i k : Z)   (* part k of the object *)
  | Op_write (f : family) (i k : Z) (v : Obj S (lock_id f i))
  | Op_halt.

  (** The value of a read, with the lock of its object; other operations answer nothing. *)
  Definition value_read : Type := { l : Z & Obj S l }.
  Definition response : Type := option value_read.

  Definition silent {A : Type} (r : result A) : result (response * A) :=
    bind r (fun a => Done (None, a)).
  Definition telling {A : Type} (l : Z) (r : result (Obj S l * A)) : result (response * A) :=
    bind r (fun va => Done (Some (existT _ l (fst va)), snd va)).

  Definition low_do (o : op) (d : RData (atomic S)) : result (response * RData (atomic S)) :=
    match o with
    | Op_acquire f i => silent (acquire_low f i d)
    | Op_release f i => silent (release_low f i d)
    | Op_read f i k => on_lock f i (fun _ => telling (lock_id f i) (obj_read_spec (atomic S) (lock_id f i) k d))
    | Op_write f i k v => silent (on_lock f i (fun _ => obj_write_spec (atomic S) (lock_id f i) k v d))
    | Op_halt => silent (halt_spec (atomic S) d)
    end.

  Definition high_do (o : op) (h : HData S) : result (response * HData S) :=
    match o with
    | Op_acquire f i => silent (acquire f i h)
    | Op_release f i => silent (release f i h)
    | Op_read f i k => telling (lock_id f i) (read f i k h)
    | Op_write f i k v => silent (write f i k v h)
    | Op_halt => silent (halt_high h)
    end.

  (** A client chooses its next operation from the answers so far; None ends it. *)
  Definition client := list response -> option op.

  Definition ends (o : op) : bool := match o with Op_halt => true | _ => false end.

  (** The first [n] operations of client [p], or fewer if it halts; answers newest first. *)
  Fixpoint run {A : Type} (do : op -> A -> result (response * A)) (p : client) (n : nat)
      (history : list response) (a : A) : result (list response * A) :=
    match n with
    | O => Done (history, a)
    | Datatypes.S n =>
        match p history with
        | None => Done (history, a)
        | Some o =>
            bind (do o a) (fun ra =>
              if ends o then Done (fst ra :: history, snd ra) else run do p n (fst ra :: history) (snd ra))
        end
    end.
End Clients.
Arguments op S : clear implicits.
Arguments client S : clear implicits.
Arguments response S : clear implicits.

(** ** The invariant of floor 4 *)
Record high_invariant {S : system} (h : HData S) : Prop := {
  high_base : invariant (base h);
  high_copies : forall l,
    holder S l (events (base h)) = Some (me (base h)) <-> find_copy l (copies h) <> None
}.
