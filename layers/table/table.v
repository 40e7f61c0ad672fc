(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The lock table as a mathematical object

    The shipped table is generated from lock_table.def (generated/lock_table.v).
    A family is a row of locks with consecutive numbers; [lock_id] is the number
    of one of them.  [table_ok] is the condition under which different locks
    have different numbers ([lock_id_injective] in facts.v). *)
From Coq Require Import ZArith List Bool String.
Import ListNotations.
Local Open Scope Z_scope.

Record family := {
  name : string;           (* as in acquire_lock_<name> *)
  first : Z;               (* number of its first lock *)
  count : Z;               (* how many locks *)
  rank : Z;                (* locks are acquired in increasing rank, those of one family by index *)
  index : option string;   (* the index parameter; None: the one lock has no index *)
  protects : string        (* what the lock protects, for people *)
}.
Definition table := list family.

(** The number of lock [i] of family [f]. *)
Definition lock_id (f : family) (i : Z) : Z := first f + i.

(** Whether family [f] has a lock [i]. *)
Definition in_family (f : family) (i : Z) : bool := (0 <=? i) && (i <? count f).

(** How many lock numbers the table spans. *)
Fixpoint table_size (T : table) : Z :=
  match T with
  | [] => 0
  | f :: T => Z.max (first f + count f) (table_size T)
  end.

(** Two families share no lock number. *)
Definition disjoint (f g : family) : bool :=
  (first f + count f <=? first g) || (first g + count g <=? first f).

(** One line: some lock; every number, and how many there are, fits the C index
    type (uint32_t); and a family without an index has one lock. *)
Definition line_ok (f : family) : bool :=
  (0 <=? first f) && (1 <=? count f) && (first f + count f <? 2 ^ 32) &&
  match index f with None => count f =? 1 | Some _ => true end.

(** Every line is right, no name occurs twice, no two families overlap. *)
Fixpoint table_ok (T : table) : bool :=
  match T with
  | [] => true
  | f :: T =>
      line_ok f && forallb (fun g => negb (String.eqb (name f) (name g)) && disjoint f g) T &&
      table_ok T
  end.

(** The family that has lock number [l]. *)
Fixpoint find_family (T : table) (l : Z) : option family :=
  match T with
  | [] => None
  | f :: T => if in_family f (l - first f) then Some f else find_family T l
  end.

(** The order in which one CPU acquires locks: lock [l'] after lock [l] if its rank is
    greater, or if both are of one family and its index is. *)
Definition comes_before (T : table) (l l' : Z) : bool :=
  match find_family T l, find_family T l' with
  | Some f, Some g => (rank f <? rank g) || ((first f =? first g) && (l <? l'))
  | _, _ => false
  end.
