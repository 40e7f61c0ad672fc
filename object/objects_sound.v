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

Lemma not_bounded {I R} (arch : target I R) C stride o f bounded entry :
  function_ok arch C stride o f bounded entry = true -> function_ok arch C stride o f false entry = true.
Proof. unfold function_ok; cbv zeta; rewrite !andb_true_iff; tauto. Qed.

Opaque function_ok.
Theorem code_right {I R} (arch : target I R) prefix bounded C T O :
  code_ok arch prefix bounded C T O = true -> C (2 ^ 32) = None ->
  library_right arch (library_of arch prefix C O) T (stride_of T O).
Proof.
  unfold code_ok; cbv zeta; rewrite !andb_true_iff, Z.leb_le, Z.eqb_eq, forallb_forall;
    intros (((Stride & Aligned) & _) & Each) Outside.
  constructor; [exact Stride|exact Aligned| |reflexivity|reflexivity|reflexivity|exists (2 ^ 32); split;
    [split; [discriminate|reflexivity]|exact Outside]|].
  - cbn [lib_array library_of]; unfold stride_of.
    destruct (Z.eq_dec (table_size T) 0) as [E|Some_locks].
    + unfold stride_of in Stride; rewrite E in Stride; rewrite Zdiv_0_r in Stride; now destruct Stride.
    + rewrite Z.mul_comm; apply Z.mul_div_le.
      assert (0 <= table_size T) by (clear; induction T as [|f T IH]; cbn [table_size]; [reflexivity|];
        apply Z.le_trans with (table_size T); [exact IH|apply Z.le_max_r]).
      now apply Z.le_neq; split; [|apply not_eq_sym].
  - intros f k Member; specialize (Each f Member); apply andb_true_iff in Each as (Acquires & Releases).
    assert (Ok : function_of_code_ok arch prefix bounded C T O f k = true) by (destruct k; assumption).
    unfold function_of_code_ok in Ok; cbn [lib_entry library_of].
    destruct (entry_of prefix O k f) as [at_|]; [|discriminate];
      exists at_; split; [reflexivity|exact (not_bounded _ _ _ _ _ _ _ Ok)].
Qed.
Theorem object_right {I R} (arch : target I R) prefix T O : object_ok arch prefix T O = true ->
  library_right arch (object_library arch prefix O) T (stride_of T O).
Proof. intros Ok; now apply code_right with true. Qed.
Theorem debug_object_right {I R} (arch : target I R) prefix T O : debug_object_ok arch prefix T O = true ->
  library_right arch (debug_library arch prefix T O) T (stride_of T O).
Proof. intros Ok; apply code_right with false; [exact Ok|]; unfold debug_code, marked; reflexivity. Qed.
Theorem object_bounded {I R} (arch : target I R) prefix T O : object_ok arch prefix T O = true ->
  bounded_library arch (object_library arch prefix O) T (stride_of T O).
Proof.
  unfold object_ok, code_ok; cbv zeta; rewrite andb_true_iff, forallb_forall; intros (_ & Each) f k at_ Member Entry.
  specialize (Each f Member); apply andb_true_iff in Each as (Acquires & Releases).
  assert (Ok : function_of_code_ok arch prefix true (code_in arch O) T O f k = true) by (destruct k; assumption).
  unfold function_of_code_ok in Ok; cbn [lib_entry object_library library_of] in Entry; now rewrite Entry in Ok.
Qed.
