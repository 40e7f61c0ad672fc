(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The machine of bytes

    N CPUs under clients, as in machine/model, but a call runs the library's code, and
    memory is 32-bit words at addresses.  Memory is sequentially consistent.  A load can set
    the monitor of its CPU; a store of another CPU to that word takes the mark away, and
    sets the event register of the CPU that had it.  A store-exclusive can fail at any
    time, and succeeds only if the mark is still there.  A wait for an event can end at any
    time, and clears the event register; that it need not end while the register is clear
    is what wfe.v is about.

    No step is possible for code that is undefined, that accesses memory which is not an
    aligned word of the array or of the call's own stack frame, or that leaves otherwise than to its caller with the
    registers that a call must keep.  So where every CPU has a step (correct.v) there is no
    such code.  Read next: refine.v. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import machine.
From hlock.object Require Import micro.
Import ListNotations.
Local Open Scope Z_scope.

(** A compiled library: its code, where a function begins, what a call keeps. *)
Record library {I : Type} := mkLibrary {
  lib_code : code I;
  lib_entry : operation -> family -> option Z;
  lib_kept : list nat;        (* registers that a call leaves as they are *)
  lib_link : nat;             (* the one that has the address to return to *)
  lib_stack : nat;            (* the stack pointer *)
  lib_array : Z               (* bytes of the array of lock words *)
}.
Arguments library I : clear implicits.
Arguments mkLibrary {I} _ _ _ _ _ _.

(** Nothing is left open of what its code does. *)
Definition closed_library {I} (L : library I) : Prop :=
  forall at_ ms n, lib_code L at_ = Some (ms, n) -> existsb open_ended ms = false.

(** The array lies at a multiple of four, and does not wrap around. *)
Definition placed {I} (L : library I) (base : Z) : Prop := 0 <= base /\ base mod 4 = 0 /\ base + lib_array L <= 2 ^ 64.

(** Words at addresses; the word that each CPU's monitor marks; each CPU's event register. *)
Record store := mkStore { words : Z -> Z; monitor : cpu -> option Z; event : cpu -> bool }.

Definition for_cpu {A} (c : cpu) (x : A) (h : cpu -> A) : cpu -> A := fun c' => if Nat.eqb c' c then x else h c'.
Definition marked (m : store) (c : cpu) (a : Z) : bool :=
  match monitor m c with Some b => b =? a | None => false end.

Definition mark (c : cpu) (a : Z) (m : store) : store := mkStore (words m) (for_cpu c (Some a) (monitor m)) (event m).
Definition unmark (c : cpu) (m : store) : store := mkStore (words m) (for_cpu c None (monitor m)) (event m).
Definition clear_event (c : cpu) (m : store) : store := mkStore (words m) (monitor m) (for_cpu c false (event m)).
(** CPU [c] stores [v] at [a]. *)
Definition write_word (c : cpu) (a v : Z) (m : store) : store := {|
  words := fun b => if b =? a then v else words m b;
  monitor := fun c' => if negb (Nat.eqb c' c) && marked m c' a then None else monitor m c';
  event := fun c' => if negb (Nat.eqb c' c) && marked m c' a then true else event m c'
|}.
Definition zeroed : store := mkStore (fun _ => 0) (fun _ => None) (fun _ => false).

(** The two words of lock [l], of locks that lie [stride] bytes apart. *)
Definition next_word (stride base l : Z) : Z := base + stride * l.
Definition now_word (stride base l : Z) : Z := base + stride * l + 4.

Section Bytes.
  Context {I : Type} {S : system} (L : library I) (base : Z) (clients : cpu -> client S).
  Local Notation log := (log S words_verb).

  Inductive byte_thread :=
  | Resting (history : list (response S))                 (* between two operations *)
  | Running (o : op S) (history : list (response S)) (before : registers) (s : state)
      (* in the code of o; what the registers were at the call *)
  | Off.                                                  (* halted *)

  (** [touched]: what was written to objects, newest first. *)
  Record byte_machine := mkBytes { places : list byte_thread; memory : store; touched : log }.
  Definition first_bytes : byte_machine := mkBytes (repeat (Resting []) (cpus S)) zeroed [].

  (** The function that an operation calls. *)
  Definition called_by (o : op S) : option (operation * family * Z) :=
    match o with
    | Op_acquire f i => Some (Acquire, f, i)
    | Op_release f i => Some (Release, f, i)
    | _ => None
    end.
  (** A caller passes an index in the lowest 32 bits of register 0.  The frame lies below the stack pointer, an address,
      and nothing is stored in it.  Who calls is not in this code, and is where register [called_from] says.  Nothing is
      said of other registers. *)
  Definition called_with (f : family) (i : Z) (rs : registers) : Prop :=
    (index f <> None -> rs 0%nat mod 2 ^ 32 = i mod 2 ^ 32) /\ rs frame_top = rs (lib_stack L) /\
    0 <= rs (lib_stack L) < 2 ^ 64 /\ rs frame_stored = 0 /\ rs called_from = rs (lib_link L) /\
    lib_code L ((rs (lib_link L) - rs text_at) mod 2 ^ 64) = None.
  (** A word of the array. *)
  Definition in_array (a : Z) : Prop := base <= a /\ a + 4 <= base + lib_array L /\ a mod 4 = 0.
  (** The code goes back to where it was called, and has kept what it must keep. *)
  Definition goes_back (before : registers) (a : Z) (rs : registers) : Prop :=
    a = before (lib_link L) /\ forall r, List.In r (lib_kept L) -> rs r = before r.

  (** [n] bytes at [a] are none of the array. *)
  Definition off_array (n a : Z) : Prop := n = 0 \/ a + n <= base \/ base + lib_array L <= a.

  (** CPU [c], in code that asks for [r], accesses memory; it goes on in a state. *)
  Inductive access (c : cpu) (m : store) : request I -> store -> state -> Prop :=
  | access_load is (excl : bool) a go : in_array a ->
      access c m (Ask_load is excl a go) (if excl then mark c a m else m) (go (words m a))
  | access_store is a v s : in_array a ->
      access c m (Ask_store is a v s) (write_word c a v m) s
  | access_store_x_done is a v done failed : in_array a -> monitor m c = Some a ->
      access c m (Ask_store_x is a v done failed) (unmark c (write_word c a v m)) done
  | access_store_x_failed is a v done failed : in_array a ->
      access c m (Ask_store_x is a v done failed) (unmark c m) failed
  | access_add is a v go : in_array a ->
      access c m (Ask_add is a v go) (write_word c a ((words m a + v) mod 2 ^ 32) m) (go (words m a))
  | access_rest s : access c m (Rest s) (clear_event c m) s
  | access_any n a go x : off_array n a -> access c m (Ask_any n a true go) m (go x)
  | access_own s : access c m (Own s) m s.

  (** What may not go on: code that stops, and an access to other memory that meets the array or the frame. *)
  Definition cut_short (r : request I) : Prop :=
    match r with
    | Ask_any n a off _ => ~ (off = true /\ off_array n a)
    | Ends_here => True
    | _ => False
    end.

  Inductive byte_step (c : cpu) : byte_machine -> option (visible S) -> byte_machine -> Prop :=
  | byte_call ts m g history o k f i at_ rs fl :
      nth_error ts c = Some (Resting history) -> clients c history = Some o ->
      called_by o = Some (k, f, i) -> lib_entry L k f = Some at_ -> called_with f i rs ->
      byte_step c (mkBytes ts m g) (Some (Called o))
                (mkBytes (put_at c (Running o history rs (mkState at_ 0 rs fl)) ts) m g)
  | byte_access ts m g history o before s s' m' :
      nth_error ts c = Some (Running o history before s) -> access c m (asks base (lib_code L) s) m' s' ->
      byte_step c (mkBytes ts m g) None (mkBytes (put_at c (Running o history before s') ts) m' g)
  | byte_return ts m g history o before s a rs :
      nth_error ts c = Some (Running o history before s) -> asks base (lib_code L) s = Back a rs ->
      goes_back before a rs ->
      byte_step c (mkBytes ts m g) (Some (Returned o)) (mkBytes (put_at c (Resting (None :: history)) ts) m g)
  | byte_read ts m g history f i k :
      let l := lock_id f i in let v := object l k g in
      nth_error ts c = Some (Resting history) -> clients c history = Some (Op_read f i k) ->
      byte_step c (mkBytes ts m g) (Some (Did_read l k v))
                (mkBytes (put_at c (Resting (Some (existT _ l v) :: history)) ts) m g)
  | byte_write ts m g history f i k v :
      let l := lock_id f i in
      nth_error ts c = Some (Resting history) -> clients c history = Some (Op_write f i k v) ->
      byte_step c (mkBytes ts m g) (Some (Did_write l k v))
                (mkBytes (put_at c (Resting (None :: history)) ts) m ((c, Wrote l k v) :: g))
  | byte_halt ts m g t :
      nth_error ts c = Some t -> t <> Off ->
      byte_step c (mkBytes ts m g) (Some Did_halt) (mkBytes (put_at c Off ts) m g).

  Inductive byte_execution : visible_trace S -> byte_machine -> Prop :=
  | byte_execution_start : byte_execution [] first_bytes
  | byte_execution_step tr x c v x' :
      byte_execution tr x -> byte_step c x v x' -> byte_execution (see c v tr) x'.
  (** Nothing is left to do: the client has ended, or chooses to halt, or has halted. *)
  Definition at_end (c : cpu) (b : byte_thread) : Prop :=
    match b with
    | Resting history => clients c history = None \/ clients c history = Some Op_halt
    | Running _ _ _ _ => False
    | Off => True
    end.
End Bytes.
Arguments byte_thread S : clear implicits.
Arguments byte_machine S : clear implicits.

(** What a CPU on the bytes was told by its reads, between operations and in them. *)
Definition history_of {S : system} (b : byte_thread S) : option (list (response S)) :=
  match b with Resting history | Running _ history _ _ => Some history | Off => None end.
