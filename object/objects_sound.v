(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Of what is computed of an object

    If [object_ok] says yes, the machine of bytes may run the object.  Read next: ../main/bytes.v. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import text.
From hlock.object Require Import micro file target checker machine refine objects.
Import ListNotations.
Local Open Scope Z_scope.

Opaque function_ok.
Theorem object_right {I R} (arch : target I R) prefix T O : object_ok arch prefix T O = true ->
  library_right arch (object_library arch prefix O) T (stride_of T O).
Proof.
  unfold object_ok; cbv zeta; rewrite !andb_true_iff, Z.leb_le, Z.eqb_eq, forallb_forall;
    intros (((Stride & Aligned) & _) & Each).
  constructor; [exact Stride|exact Aligned| |reflexivity|reflexivity|reflexivity|exists (2 ^ 32); split;
    [split; [discriminate|reflexivity]|reflexivity]|].
  - cbn [lib_array object_library]; unfold stride_of.
    destruct (Z.eq_dec (table_size T) 0) as [E|Some_locks].
    + unfold stride_of in Stride; rewrite E in Stride; rewrite Zdiv_0_r in Stride; now destruct Stride.
    + rewrite Z.mul_comm; apply Z.mul_div_le.
      assert (0 <= table_size T) by (clear; induction T as [|f T IH]; cbn [table_size]; [reflexivity|];
        apply Z.le_trans with (table_size T); [exact IH|apply Z.le_max_r]).
      now apply Z.le_neq; split; [|apply not_eq_sym].
  - intros f k Member; specialize (Each f Member); apply andb_true_iff in Each as (Acquires & Releases).
    assert (Ok : lock_function_ok arch prefix T O f k = true) by (destruct k; assumption).
    unfold lock_function_ok, function_of_code_ok in Ok; cbn [lib_entry object_library].
    destruct (entry_of prefix O k f) as [at_|]; [|discriminate]; exists at_; split; [reflexivity|exact Ok].
Qed.
