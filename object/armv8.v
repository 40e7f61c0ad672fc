(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Objects of aarch64 that are right for a table

    [object_ok] is what is computed of an object.  If it says yes, the machine of bytes may run it:
    [armv8_right].  Read next: ../main/bytes.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import text.
From hlock.object Require Import micro armv8_decode checker machine refine.
Import ListNotations.
Local Open Scope Z_scope.

(** How many bytes lie between two locks.  The object says it by the size of its array. *)
Definition stride_of (T : table) (O : object_file) : Z := array_size O / table_size T.
Definition entry_of (prefix : string) (O : object_file) (o : operation) (f : family) : option Z :=
  lookup (function_name prefix o f) (symbols O).

(** What the machine of bytes runs. *)
Definition armv8_library (prefix : string) (O : object_file) : library :=
  mkLibrary (instruction_at O) (entry_of prefix O) kept_registers return_register (array_size O).

Definition function_of_code_ok (C : code) (prefix : string) (T : table) (O : object_file) (f : family)
    (o : operation) : bool :=
  match entry_of prefix O o f with
  | None => false
  | Some entry => function_ok C kept_registers return_register (stride_of T O) o f entry
  end.
Definition lock_function_ok (prefix : string) (T : table) (O : object_file) : family -> operation -> bool :=
  function_of_code_ok (instruction_at O) prefix T O.

(** There are two words for each lock, at multiples of four; no relocation changes two
    instructions; and both functions of each family are right. *)
Definition object_ok (prefix : string) (T : table) (O : object_file) : bool :=
  let right := lock_function_ok prefix T O in
  (8 <=? stride_of T O) && (stride_of T O mod 4 =? 0) && relocations_apart O &&
  forallb (fun f => right f Acquire && right f Release) T.

Opaque function_ok.
Theorem armv8_right prefix T O : object_ok prefix T O = true ->
  library_right (armv8_library prefix O) T (stride_of T O).
Proof.
  unfold object_ok; cbv zeta; rewrite !andb_true_iff, Z.leb_le, Z.eqb_eq, forallb_forall;
    intros (((Stride & Aligned) & _) & Each).
  constructor; [exact Stride|exact Aligned| |].
  - cbn [lib_array armv8_library]; unfold stride_of.
    destruct (Z.eq_dec (table_size T) 0) as [E|Some_locks].
    + unfold stride_of in Stride; rewrite E in Stride; rewrite Zdiv_0_r in Stride; now destruct Stride.
    + rewrite Z.mul_comm; apply Z.mul_div_le.
      assert (0 <= table_size T) by (clear; induction T as [|f T IH]; cbn [table_size]; [reflexivity|];
        apply Z.le_trans with (table_size T); [exact IH|apply Z.le_max_r]).
      now apply Z.le_neq; split; [|apply not_eq_sym].
  - intros f k Member; specialize (Each f Member); apply andb_true_iff in Each as (Acquires & Releases).
    assert (Ok : lock_function_ok prefix T O f k = true) by (destruct k; assumption).
    unfold lock_function_ok, function_of_code_ok in Ok; cbn [lib_entry armv8_library].
    destruct (entry_of prefix O k f) as [at_|]; [|discriminate]; exists at_; split; [reflexivity|exact Ok].
Qed.
