(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * One CPU of the machine of bytes, told anything

    On relaxed memory there is no machine of all CPUs.  Each goes through its own code, and its loads
    are answered by any word ([byte_alone]); how the CPUs hang together is an execution of
    machine/hardware ([runs_bytes]).  What the code asks memory for becomes events of the target's model: which
    ones, the code says.

    An action of the C is what the code does up to the access that completes it ([answered_by]): a load of
    [now], a store to it, a fetch-and-add of [next], or a store-exclusive to it that succeeds.  Loads of
    [next] by exclusives that come before belong to that action; a store-exclusive that fails is no
    event.  It can succeed only if the last exclusive load was of the same word; it may fail at any time.

    An access that is none of these has no step here.  That code which [object_ok] accepts asks for no
    such access is a theorem ([requests_named], in relaxed.v).  Definitions alone.  Read next:
    relaxed.v. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import machine.
From hlock.machine.hardware Require Import events.
From hlock.object Require Import micro machine.
Import ListNotations.
Local Open Scope Z_scope.

Section Alone.
  (** [plain]: how reads and writes of objects, which clients make, may be compiled. *)
  Context {I : Type} {S : system} (plain : instruction_lists I) (L : library I) (stride base : Z) (p : client S).
  Local Notation act := (action S words_verb).

  (** The loads since the last action, newest first; and if the last access was a load of [next] by an
      exclusive, of which lock, and what it gave. *)
  Record pending := mkPending { loaded : list I; linked : option (Z * Z) }.
  Definition nothing_pending : pending := mkPending [] None.
  (** The last access is one of instructions [is]: then the action is made of these, and of what was pending. *)
  Definition completes (q : pending) (a : act) (is : list I) : option (act * list I) :=
    Some (a, rev (loaded q) ++ is).

  (** Code of operation [k] asks memory for [r] while [q] is pending: the action that this completes, if
      it does, and the list that it is made of; what is pending then; and the state in which the code goes on. *)
  Inductive answered_by (k : operation) (q : pending) :
      request I -> option (act * list I) -> pending -> state -> Prop :=
  | by_itself s : answered_by k q (Own s) None q s
  | by_event s : answered_by k q (Rest s) None q s
  | by_any n a go x : off_array L base n a -> answered_by k q (Ask_any n a true go) None q (go x)
  | by_link is l v go : 0 <= v < 2 ^ 32 ->
      answered_by k q (Ask_load is true (next_word stride base l) go)
        None (mkPending (rev is ++ loaded q) (Some (l, v))) (go v)
  | by_load is excl l v go : 0 <= v < 2 ^ 32 ->
      answered_by k q (Ask_load is excl (now_word stride base l) go)
        (completes q (Lock l match k with Acquire => Polled v | Release => Loaded v end) is)
        nothing_pending (go v)
  | by_store is l v s :
      answered_by k q (Ask_store is (now_word stride base l) v s)
        (completes q (Lock l (Stored v)) is) nothing_pending s
  | by_store_x is l v done failed : linked q = Some (l, v) ->
      answered_by k q (Ask_store_x is (next_word stride base l) ((v + 1) mod 2 ^ 32) done failed)
        (completes q (Lock l (Took v)) is) nothing_pending done
  | by_failure is a v done failed :
      answered_by k q (Ask_store_x is a v done failed) None (mkPending (loaded q) None) failed
  | by_add is l v go : 0 <= v < 2 ^ 32 ->
      answered_by k q (Ask_add is (next_word stride base l) 1 go)
        (completes q (Lock l (Took v)) is) nothing_pending (go v).

  Definition and_then {A} (o : option A) (xs : list A) : list A := match o with Some x => x :: xs | None => xs end.

  (** What the CPU has done, each action with what it is made of, and what was seen of it, both newest
      first; where it stands; and what is pending.  Its client's accesses are plain.  It can halt at any step. *)
  Inductive byte_alone : list (act * list I) -> list (visible S) -> byte_thread S -> pending -> Prop :=
  | bytes_start : byte_alone [] [] (Resting []) nothing_pending
  | bytes_call acts vis history q o k f i at_ rs fl :
      byte_alone acts vis (Resting history) q -> p history = Some o ->
      called_by o = Some (k, f, i) -> lib_entry L k f = Some at_ -> called_with L f i rs ->
      byte_alone acts (Called o :: vis) (Running o history rs (mkState at_ 0 rs fl)) q
  | bytes_access acts vis o history before s q k f i a q' s' :
      byte_alone acts vis (Running o history before s) q -> called_by o = Some (k, f, i) ->
      answered_by k q (asks base (lib_code L) s) a q' s' ->
      byte_alone (and_then a acts) vis (Running o history before s') q'
  | bytes_return acts vis o history before s q a rs :
      byte_alone acts vis (Running o history before s) q -> asks base (lib_code L) s = Back a rs ->
      goes_back L before a rs ->
      byte_alone acts (Returned o :: vis) (Resting (None :: history)) q
  | bytes_read acts vis history q f i k (v : Obj S (lock_id f i)) is :
      byte_alone acts vis (Resting history) q -> p history = Some (Op_read f i k) -> List.In is (reads plain) ->
      byte_alone (and_then (completes q (Read (lock_id f i) k v) is) acts) (Did_read (lock_id f i) k v :: vis)
                 (Resting (Some (existT _ (lock_id f i) v) :: history)) nothing_pending
  | bytes_write acts vis history q f i k v is :
      byte_alone acts vis (Resting history) q -> p history = Some (Op_write f i k v) -> List.In is (writes plain) ->
      byte_alone (and_then (completes q (Wrote (lock_id f i) k v) is) acts) (Did_write (lock_id f i) k v :: vis)
                 (Resting (None :: history)) nothing_pending
  | bytes_halt acts vis t q :
      byte_alone acts vis t q -> t <> Off ->
      byte_alone ((Halted, []) :: acts) (Did_halt :: vis) Off nothing_pending.

  (** What code asks for is one of the accesses above, of a word of the array: it has a step with each
      answer.  And if it goes back, it is to its caller, with the registers kept. *)
  Definition named (before : registers) (q : pending) (r : request I) : Prop :=
    match r with
    | Own _ | Rest _ => True
    | Ask_load _ excl a _ => in_array L base a /\
        exists l, a = next_word stride base l /\ excl = true \/ a = now_word stride base l
    | Ask_store _ a _ _ => in_array L base a /\ exists l, a = now_word stride base l
    | Ask_store_x _ a x _ _ => in_array L base a /\
        exists l v, linked q = Some (l, v) /\ a = next_word stride base l /\ x = (v + 1) mod 2 ^ 32
    | Ask_add _ a x _ => in_array L base a /\ exists l, a = next_word stride base l /\ x = 1
    | Back a rs => goes_back L before a rs
    | Ask_any _ _ _ _ | Ends_here | Undefined => False
    end.
End Alone.
Arguments pending I : clear implicits.

(** Each CPU goes through the bytes.  Of each action of the execution the events are those of the
    instructions that did it; no other CPU does anything. *)
Record runs_bytes {I : Type} {S : system} (plain : instruction_lists I) (L : library I) (stride base : Z)
    (clients : cpu -> client S) (h : execution S I) (seen : cpu -> list (visible S)) (last : cpu -> byte_thread S) :
    Prop := {
  each_cpu : forall c, (c < cpus S)%nat -> exists did q,
    byte_alone plain L stride base (clients c) did (seen c) (last c) q /\
    acts h c = map fst (rev did) /\
    forall n a is, nth_error (rev did) n = Some (a, is) -> forall m, events.part h (c, n) m = nth_error is m;
  no_other_cpu : forall c, (cpus S <= c)%nat -> acts h c = []
}.

(** Whatever they are answered, clients call functions of the table alone, with an index in range. *)
Definition calls_of_table {S : system} (T : table) (clients : cpu -> client S) : Prop :=
  forall c history o k f i, clients c history = Some o -> called_by o = Some (k, f, i) ->
  List.In f T /\ in_family f i = true.
