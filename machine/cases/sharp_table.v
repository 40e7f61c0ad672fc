(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: lock tables

    The files sharp_*.v hold each definition that a statement of main/ stands on to
    what its English says, by examples that it must accept and others that it must
    not.  They import definitions alone, so that a mutant of a definition dies here
    and not in a proof (test/mutate/statements.tsv).  Here: tables, at their edges. *)
From Coq Require Import ZArith List Bool String.
From hlock.layers.table Require Import table.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.

Definition line (n : string) (first count : Z) (index : option string) : family :=
  {| name := n; first := first; count := count; rank := 1; index := index; protects := "" |}.
Definition one (first : Z) : family := line "one" first 1 None.
Definition many (first count : Z) : family := line "many" first count (Some "i").

Example numbers_of_locks : map (lock_id (many 4 3)) [0; 1; 2] = [4; 5; 6].
Proof. reflexivity. Qed.
Example locks_of_family : map (in_family (many 4 3)) [-1; 0; 1; 2; 3; 4] = [false; true; true; true; false; false].
Proof. reflexivity. Qed.

Example lines_accepted : forallb line_ok
  [one 0; one 7; one (2 ^ 32 - 2); many 0 1; many 0 2; many 3 17; many 0 (2 ^ 32 - 1)] = true.
Proof. reflexivity. Qed.
(** A lock number below 0; no lock; numbers that do not fit the C index type; several
    locks without an index. *)
Example lines_refused : existsb line_ok
  [one (-1); many 5 0; many 0 0; many 5 (-1); line "one" 0 0 None; one (2 ^ 32 - 1); many 0 (2 ^ 32);
   line "one" 0 2 None] = false.
Proof. reflexivity. Qed.

Example apart : map (fun fg => disjoint (fst fg) (snd fg))
  [(many 0 4, one 4); (one 4, many 0 4); (many 5 3, one 4); (one 4, many 5 3); (one 0, one 9)] =
  [true; true; true; true; true].
Proof. reflexivity. Qed.
Example overlapping : map (fun fg => disjoint (fst fg) (snd fg))
  [(many 0 4, one 3); (one 3, many 0 4); (many 0 4, one 0); (one 0, many 0 4); (many 2 4, many 0 3); (one 1, one 1)] =
  [false; false; false; false; false; false].
Proof. reflexivity. Qed.

Definition accepted : table := [line "b" 2 2 (Some "i"); line "a" 0 1 None; line "c" 1 1 None].
Example tables_accepted : (table_ok [], table_ok accepted) = (true, true).
Proof. reflexivity. Qed.
(** A wrong line; a name twice; two families that overlap; each at the head and behind it. *)
Example tables_refused : existsb table_ok
  [[one (-1)]; one 5 :: [many 0 0];
   [one 0; one 1]; many 9 1 :: [one 0; one 1];
   [line "a" 0 2 (Some "i"); line "b" 1 1 None]; many 9 1 :: [line "a" 0 2 (Some "i"); line "b" 1 1 None]] = false.
Proof. reflexivity. Qed.

(** How many numbers it spans, wherever the last is. *)
Example spans : map table_size [[]; [one 0]; accepted; [one 5; one 2]; [one 2; one 5]] = [0; 1; 4; 6; 6].
Proof. reflexivity. Qed.
Example families_of_numbers : map (fun l => option_map name (find_family accepted l)) [-1; 0; 1; 2; 3; 4] =
  [None; Some "a"; Some "c"; Some "b"; Some "b"; None].
Proof. reflexivity. Qed.

(** The order in which locks are acquired: by rank, and in one family by number.  Here higher
    ranks have lower numbers, and two families have one rank. *)
Definition ranked (first count rank : Z) : family :=
  {| name := "f"; first := first; count := count; rank := rank; index := Some "i"; protects := "" |}.
Definition upside : table := [ranked 0 2 5; ranked 4 1 2; ranked 5 1 5].
Example order_of_locks : map (fun ll => comes_before upside (fst ll) (snd ll))
  [(4, 0); (4, 5); (0, 1); (0, 4); (1, 0); (0, 0); (0, 5); (5, 0); (4, 3); (3, 0)] =
  [true; true; true; false; false; false; false; false; false; false].
Proof. reflexivity. Qed.
