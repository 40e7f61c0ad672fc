(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 4: the record of a debug build, and what it is to say

    Each CPU has a record of the locks that it holds; the debug text looks at it, and
    stops at a wrong call.  Here: what a record is ([record]), that one says that
    its CPU holds these locks ([represents]), which calls are wrong ([wrong]), what a
    right one does to the list ([held_after]), and what record.h offers to C, above
    any floor 3 ([checking_layer]).  That the text does so is checked.v. *)
From Coq Require Import ZArith List Bool String Permutation.
From hlock.clight Require Import options integers values syntax semantics.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import text checks_text.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.
Local Open Scope Z_scope.

(** ** Records *)

(** How many places are in use, and what each holds: the number of a lock and its rank. *)
Record record := mkRecord { size : Z; place : Z -> Z * Z }.

(** The records of all CPUs, by the number that hlock_this_cpu gives. *)
Definition records : Type := Z -> record.
Definition set_at {A : Type} (k : Z) (a : A) (g : Z -> A) : Z -> A := fun k' => if k' =? k then a else g k'.

Definition entries (r : record) : list (Z * Z) := map (fun k => place r (Z.of_nat k)) (seq 0 (Z.to_nat (size r))).

(** The rank of lock [l]. *)
Definition rank_of (T : table) (l : Z) : Z := match find_family T l with Some f => rank f | None => 0 end.
Definition lock_of (T : table) (l : Z) : Prop := exists f i, In f T /\ in_family f i = true /\ l = lock_id f i.

(** Record [r], of [depth] places, says that the locks [held] are held: each of them once,
    with its rank, in whatever order. *)
Record represents (T : table) (depth : Z) (r : record) (held : list Z) : Prop := {
  represents_entries : Permutation (entries r) (map (fun l => (l, rank_of T l)) held);
  represents_size : 0 <= size r <= depth;
  represents_once : NoDup held;
  represents_locks : Forall (lock_of T) held
}.

(** ** Calls, and which are wrong *)
Inductive checked_call :=
| Lock_call (o : operation) (f : family) (i : Z)
| Asserts (a : assertion) (f : family) (i : Z)
| Asserts_none.

Definition has (l : Z) (held : list Z) : bool := existsb (Z.eqb l) held.

(** Lock [l] comes after all that are held, in the order of the table. *)
Definition may_follow (T : table) (held : list Z) (l : Z) : bool := forallb (fun h => comes_before T h l) held.

(** What a CPU that holds [held] must not call. *)
Definition wrong (T : table) (depth : Z) (call : checked_call) (held : list Z) : bool :=
  match call with
  | Lock_call Acquire f i =>
      negb (in_family f i) || has (lock_id f i) held || negb (may_follow T held (lock_id f i)) ||
      (depth <=? Z.of_nat (List.length held))
  | Lock_call Release f i => negb (in_family f i) || negb (has (lock_id f i) held)
  | Asserts Held f i => negb (in_family f i) || negb (has (lock_id f i) held)
  | Asserts Not_held f i => negb (in_family f i) || has (lock_id f i) held
  | Asserts_none => match held with [] => false | _ => true end
  end.

(** What it holds after a call that is not wrong. *)
Definition held_after (call : checked_call) (held : list Z) : list Z :=
  match call with
  | Lock_call Acquire f i => lock_id f i :: held
  | Lock_call Release f i => filter (fun l => negb (l =? lock_id f i)) held
  | Asserts _ _ _ | Asserts_none => held
  end.

(** Fault number [n], of hlock.h, is what is wrong with a call whose index is in range. *)
Definition is_fault (T : table) (depth : Z) (call : checked_call) (held : list Z) (n : Z) : Prop :=
  match call with
  | Lock_call Acquire f i => let l := lock_id f i in
      n = 1 /\ In l held \/
      n = 2 /\ (exists h, In h held /\ h <> l /\ comes_before T h l = false) \/
      n = 3 /\ may_follow T held l = true /\ depth <= Z.of_nat (List.length held)
  | Lock_call Release f i => n = 4 /\ ~ In (lock_id f i) held
  | Asserts Held f i => n = 5 /\ ~ In (lock_id f i) held
  | Asserts Not_held f i => n = 6 /\ In (lock_id f i) held
  | Asserts_none => n = 7 /\ held <> []
  end.

(** *** As C calls it *)
Definition call_name (prefix : string) (call : checked_call) : string :=
  match call with
  | Lock_call o f _ => function_name prefix o f
  | Asserts a f _ => assertion_name prefix a f
  | Asserts_none => none_held_name prefix
  end.
Definition index_args (f : family) (i : Z) : list val :=
  match index f with Some _ => [Vint (Int.repr i)] | None => [] end.
Definition call_args (call : checked_call) : list val :=
  match call with
  | Lock_call _ f i | Asserts _ f i => index_args f i
  | Asserts_none => []
  end.

(** A call of a function of the table: the index is any number that C has, 0 if there is none. *)
Definition of_family (T : table) (f : family) (i : Z) : Prop :=
  In f T /\ 0 <= i < 2 ^ 32 /\ (index f = None -> i = 0).
Definition call_of_table (T : table) (call : checked_call) : Prop :=
  match call with
  | Lock_call _ f i | Asserts _ f i => of_family T f i
  | Asserts_none => True
  end.

(** The number of the operation, the family's first lock, the lock. *)
Definition call_number (call : checked_call) : Z :=
  match call with
  | Lock_call o _ _ => operation_number o
  | Asserts a _ _ => assertion_number a
  | Asserts_none => 4
  end.
Definition call_family (call : checked_call) : Z :=
  match call with Lock_call _ f _ | Asserts _ f _ => first f | Asserts_none => 0 end.
Definition call_lock (call : checked_call) : Z :=
  match call with Lock_call _ f i | Asserts _ f i => lock_id f i | Asserts_none => 0 end.

Definition numbers (ns : list Z) : list val := map (fun n => Vint (Int.repr n)) ns.

(** What is told to the stop, function [g]: an index out of range, or what is wrong, on CPU [self]. *)
Definition tells (T : table) (depth self : Z) (call : checked_call) (held : list Z) (g : ident) (ws : list val)
    : Prop :=
  match call with
  | Lock_call _ f i | Asserts _ f i =>
      in_family f i = false /\ g = $"hlock_stop" /\ ws = numbers [call_number call; first f; i; count f]
  | Asserts_none => False
  end \/
  exists n, is_fault T depth call held n /\ g = $"hlock_stops" /\
            ws = numbers [n; call_number call; call_family call; call_lock call; self].

(** ** What record.h offers, above a floor 3 *)

(** The CPUs that C has records of: their numbers are below [limit]. *)
Definition cpus_below (limit c : Z) : bool := c <? limit.

Section Layer.
  (** [D]: the state of the floor below; [ours c]: there is a record of CPU [c], for what C asks
      it is [cpus_below HLOCK_CPUS]; [depth]: HLOCK_DEPTH; [self]: what hlock_this_cpu gives on this CPU. *)
  Context {D : Type} (below : layer D) (ours : Z -> bool) (depth self : Z).
  Definition recorded : Type := D * records.

  (** A function that answers a number, and changes nothing; one that changes the records. Each
      is defined within its arrays alone. *)
  Definition asks (what : list Z -> records -> option Z) : prim recorded := fun vs d v d' =>
    exists ns z, vs = map Vint ns /\ what (map Int.unsigned ns) (snd d) = Some z /\
                 v = Vint (Int.repr z) /\ d' = d.
  Definition does (what : list Z -> records -> option records) : prim recorded := fun vs d v d' =>
    exists ns R, vs = map Vint ns /\ what (map Int.unsigned ns) (snd d) = Some R /\
                 v = Vundef /\ d' = (fst d, R).

  Definition when {A : Type} (b : bool) (a : A) : option A := if b then Some a else None.
  Definition is_place (k : Z) : bool := k <? depth.

  Definition this_cpu_does : prim recorded := asks (fun ns _ => match ns with [_; _] => Some self | _ => None end).
  Definition room_does : prim recorded := asks (fun ns _ => match ns with [] => Some depth | _ => None end).
  Definition count_does : prim recorded := asks (fun ns R =>
    match ns with [c] => when (ours c) (size (R c)) | _ => None end).
  Definition lock_does : prim recorded := asks (fun ns R =>
    match ns with [c; k] => when (ours c && is_place k) (fst (place (R c) k)) | _ => None end).
  Definition rank_does : prim recorded := asks (fun ns R =>
    match ns with [c; k] => when (ours c && is_place k) (snd (place (R c) k)) | _ => None end).
  Definition put_does : prim recorded := does (fun ns R =>
    match ns with
    | [c; k; l; rk] => when (ours c && is_place k)
                            (set_at c (mkRecord (size (R c)) (set_at k (l, rk) (place (R c)))) R)
    | _ => None
    end).
  Definition move_does : prim recorded := does (fun ns R =>
    match ns with
    | [c; from; to] => when (ours c && is_place from && is_place to)
                            (set_at c (mkRecord (size (R c)) (set_at to (place (R c) from) (place (R c)))) R)
    | _ => None
    end).
  Definition size_does : prim recorded := does (fun ns R =>
    match ns with [c; n] => when (ours c) (set_at c (mkRecord n (place (R c))) R) | _ => None end).
  (** It is for reports of long waits alone. *)
  Definition wait_does : prim recorded := does (fun ns R => match ns with [_; _; _] => Some R | _ => None end).

  (** A function of the floor below knows nothing of records. *)
  Definition lifted (p : prim D) : prim recorded := fun vs d v d' => p vs (fst d) v (fst d') /\ snd d' = snd d.

  Definition never_returns : prim recorded := fun _ _ _ _ => False.
  Definition stops (g : ident) : bool := Pos.eqb g ($"hlock_stop") || Pos.eqb g ($"hlock_stops").

  Definition checking_layer : layer recorded := fun g =>
    if stops g then Some never_returns
    else if Pos.eqb g ($"this_cpu") then Some this_cpu_does
    else if Pos.eqb g ($"record_room") then Some room_does
    else if Pos.eqb g ($"record_count") then Some count_does
    else if Pos.eqb g ($"record_lock") then Some lock_does
    else if Pos.eqb g ($"record_rank") then Some rank_does
    else if Pos.eqb g ($"record_put") then Some put_does
    else if Pos.eqb g ($"record_move") then Some move_does
    else if Pos.eqb g ($"record_size") then Some size_does
    else if Pos.eqb g ($"record_wait") then Some wait_does
    else option_map lifted (below g).

  (** What a right call does to the state of the floor below: what floor 3's function does to
      it, and an assertion nothing. *)
  Definition does_below (call : checked_call) (x x' : D) : Prop :=
    match call with
    | Lock_call o f i => exists p v, below ($(forwards_to o)) = Some p /\ p (numbers [lock_id f i]) x v x'
    | Asserts _ _ _ | Asserts_none => x' = x
    end.
End Layer.

(** What the debug text asks of a table besides: ranks are numbers of C, and no index has the
    name of a local variable. *)
Definition recordable (T : table) : bool :=
  forallb (fun f => (0 <=? rank f) && (rank f <? 2 ^ 32) &&
                    match index f with Some p => negb (String.eqb p "hlock_cpu") | None => true end) T.
