(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The atomic machine: the same clients, locks that are one step

    What users think of.  An operation is called, takes effect in one step, and
    returns; to acquire is possible while nobody holds the lock.  The log is floor
    3's.  A breach of the contract is a state in which a client is about to do what
    it must not; nothing is said of what comes after.  Clients are good if they never
    come to one ([never_breaches]).  Read next: correct.v. *)
From Coq Require Import ZArith List Bool.
From hlock.layers.view Require Import spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec.
From hlock.machine.model Require Import machine.
Import ListNotations.
Local Open Scope Z_scope.

Section Atomic.
  Context {S : system} (clients : cpu -> client S).
  Local Notation A := (spec.atomic S).

  Inductive position :=
  | At_rest (history : list (response S))                 (* between two operations *)
  | Pending (o : op S) (history : list (response S))      (* called, without effect so far *)
  | Effected (o : op S) (history : list (response S))     (* has taken effect, still to return *)
  | Dead.                                            (* halted *)

  Record atomic_machine := mkAtomic { positions : list position; happened : log S atomic_verb }.
  Definition atomic_start : atomic_machine := mkAtomic (repeat (At_rest []) (cpus S)) [].

  (** The lock of a called operation, and what happens to it. *)
  Definition effect (o : op S) : option (action S atomic_verb) :=
    match o with
    | Op_acquire f i => Some (Lock (lock_id f i) Entered)
    | Op_release f i => Some (Lock (lock_id f i) Left)
    | _ => None
    end.

  (** Action [a] of CPU [c] is possible. *)
  Definition possible (c : cpu) (a : action S atomic_verb) (g : log S atomic_verb) : Prop :=
    event_fault A (c, a) g = None.

  Inductive atomic_step (c : cpu) : atomic_machine -> option (visible S) -> atomic_machine -> Prop :=
  | atomic_call ps g history o :
      nth_error ps c = Some (At_rest history) -> clients c history = Some o -> effect o <> None ->
      atomic_step c (mkAtomic ps g) (Some (Called o)) (mkAtomic (put_at c (Pending o history) ps) g)
  | atomic_effect ps g history o a :
      nth_error ps c = Some (Pending o history) -> effect o = Some a -> possible c a g ->
      atomic_step c (mkAtomic ps g) None (mkAtomic (put_at c (Effected o history) ps) ((c, a) :: g))
  | atomic_return ps g history o :
      nth_error ps c = Some (Effected o history) ->
      atomic_step c (mkAtomic ps g) (Some (Returned o)) (mkAtomic (put_at c (At_rest (None :: history)) ps) g)
  | atomic_read ps g history f i k :
      let l := lock_id f i in let v := object l k g in
      nth_error ps c = Some (At_rest history) -> clients c history = Some (Op_read f i k) ->
      possible c (Read l k v) g ->
      atomic_step c (mkAtomic ps g) (Some (Did_read l k v))
                  (mkAtomic (put_at c (At_rest (Some (existT _ l v) :: history)) ps) ((c, Read l k v) :: g))
  | atomic_write ps g history f i k v :
      let l := lock_id f i in
      nth_error ps c = Some (At_rest history) -> clients c history = Some (Op_write f i k v) ->
      possible c (Wrote l k v) g ->
      atomic_step c (mkAtomic ps g) (Some (Did_write l k v))
                  (mkAtomic (put_at c (At_rest (None :: history)) ps) ((c, Wrote l k v) :: g))
  | atomic_halt ps g q :
      nth_error ps c = Some q -> q <> Dead ->
      atomic_step c (mkAtomic ps g) (Some Did_halt) (mkAtomic (put_at c Dead ps) ((c, Halted) :: g)).

  Inductive atomic_execution : visible_trace S -> atomic_machine -> Prop :=
  | atomic_execution_start : atomic_execution [] atomic_start
  | atomic_execution_step tr x c v x' :
      atomic_execution tr x -> atomic_step c x v x' -> atomic_execution (see c v tr) x'.

  (** What the client of a CPU that stands at [q] has been told. *)
  Definition history_at (q : position) : option (list (response S)) :=
    match q with
    | At_rest history | Pending _ history | Effected _ history => Some history
    | Dead => None
    end.
  (** The client of CPU [c] is told [history] in some execution. *)
  Definition is_told (c : cpu) (history : list (response S)) : Prop :=
    exists tr x q, atomic_execution tr x /\ nth_error (positions x) c = Some q /\ history_at q = Some history.

  (** What the contract forbids CPU [c] to do next, of table [T]:
      - to name a family that the table does not have, or an index that the family does not have;
      - to acquire a lock that it holds;
      - to release, read or write under a lock that it does not hold. *)
  Definition forbidden (T : table) (c : cpu) (o : op S) (g : log S atomic_verb) : Prop :=
    let mine f i := holder S (lock_id f i) g = Some c in
    match o with
    | Op_acquire f i => ~ List.In f T \/ in_family f i = false \/ mine f i
    | Op_release f i | Op_read f i _ | Op_write f i _ _ => ~ List.In f T \/ in_family f i = false \/ ~ mine f i
    | Op_halt => False
    end.
  Definition breach (T : table) (x : atomic_machine) : Prop :=
    exists c history o, nth_error (positions x) c = Some (At_rest history) /\ clients c history = Some o /\
                     forbidden T c o (happened x).
  (** The beginning of a trace leads there. *)
  Definition breached (T : table) (tr : visible_trace S) : Prop :=
    exists tr1 tr2 x, tr = tr2 ++ tr1 /\ atomic_execution tr1 x /\ breach T x.

  (** Whatever happens, and whatever they are answered that atomic locks can let them
      be answered, these clients do not break the contract.  That each client's text
      keeps it whatever it is answered ([keep_contract]) is enough (no_breach.v). *)
  Definition never_breaches (T : table) : Prop := forall tr x, atomic_execution tr x -> ~ breach T x.
End Atomic.
Arguments position S : clear implicits.
Arguments atomic_machine S : clear implicits.
