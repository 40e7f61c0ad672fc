(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * 32-bit machine integers

    [Int.int] is the set of integers 0 .. 2^32 - 1.  Names follow CompCert's
    [Integers.Int]; the code is ours.  The range proof is an equation between
    booleans, so two integers with the same value are equal without any axiom
    ([Int.eq_intval]).  Read next: values.v. *)
From Coq Require Import ZArith Lia Eqdep_dec.
From hlock.clight Require Import options.
Local Open Scope Z_scope.

Module Int.
  Definition wordsize : Z := 32.
  Definition modulus : Z := 2 ^ wordsize.
  Definition half_modulus : Z := 2 ^ (wordsize - 1).

  Definition in_range (z : Z) : bool := (0 <=? z) && (z <? modulus).

  Record int : Type := mkint { intval : Z; intrange : in_range intval = true }.

  Lemma mod_in_range z : in_range (z mod modulus) = true.
  Proof.
    unfold in_range.
    assert (0 <= z mod modulus < modulus) by (apply Z.mod_pos_bound; reflexivity).
    rewrite (proj2 (Z.leb_le _ _)), (proj2 (Z.ltb_lt _ _)); [reflexivity|lia|lia].
  Qed.

  (** The machine integer equal to [z] modulo 2^32. *)
  Definition repr (z : Z) : int := mkint (z mod modulus) (mod_in_range z).

  (** The value, read as unsigned (0 .. 2^32 - 1) and as signed (-2^31 .. 2^31 - 1). *)
  Definition unsigned (n : int) : Z := intval n.
  Definition signed (n : int) : Z :=
    if unsigned n <? half_modulus then unsigned n else unsigned n - modulus.

  Definition zero := repr 0.
  Definition one := repr 1.
  Definition max_signed : Z := half_modulus - 1.
  Definition min_signed : Z := - half_modulus.

  Definition eq (x y : int) : bool := unsigned x =? unsigned y.
  Definition add (x y : int) : int := repr (unsigned x + unsigned y).
  Definition sub (x y : int) : int := repr (unsigned x - unsigned y).
  Definition mul (x y : int) : int := repr (unsigned x * unsigned y).

  Lemma eq_intval (x y : int) : unsigned x = unsigned y -> x = y.
  Proof.
    destruct x as [x Rx], y as [y Ry]; unfold unsigned, intval; intros <-.
    f_equal; apply UIP_dec; decide equality.
  Qed.

  Lemma unsigned_repr z : 0 <= z < modulus -> unsigned (repr z) = z.
  Proof. exact (Z.mod_small z modulus). Qed.

End Int.

Notation int := Int.int.
Global Opaque Int.repr.
