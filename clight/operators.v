(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Operators and casts

    The meaning is C11's on 32-bit [int] and [unsigned int] (6.3.1.8, 6.5):
    if one operand is unsigned the operation is unsigned and wraps; signed
    overflow, division by zero, a shift by 32 or more, a left shift of or into
    a negative number and a right shift of a negative number are undefined.
    (CompCert gives a meaning to some of these; here they have none, so nothing
    proved depends on them.)  Read next: semantics.v. *)
From Coq Require Import ZArith Bool.
From hlock.clight Require Import options integers values syntax.
Local Open Scope Z_scope.
Local Open Scope bool_scope.

(** The signedness at which an operation is done; [None]: not in the subset. *)
Definition classify (t1 t2 : type) : option signedness :=
  match t1, t2 with
  | Tint I32 Signed _, Tint I32 Signed _ => Some Signed
  | Tint I32 _ _, Tint I32 _ _ => Some Unsigned
  | _, _ => None
  end.

Definition value_at (sg : signedness) (n : int) : Z :=
  match sg with Signed => Int.signed n | Unsigned => Int.unsigned n end.

(** The result of arithmetic: unsigned wraps, signed must be in range. *)
Definition arith (sg : signedness) (z : Z) : option val :=
  match sg with
  | Unsigned => Some (Vint (Int.repr z))
  | Signed =>
      if (Int.min_signed <=? z) && (z <=? Int.max_signed) then Some (Vint (Int.repr z)) else None
  end.

Definition of_bool (b : bool) : val := Vint (if b then Int.one else Int.zero).

Definition shift_ok (n : Z) : bool := (0 <=? n) && (n <? Int.wordsize).

Definition sem_binary (op : binary_operation) (sg : signedness) (x y : Z) : option val :=
  match op with
  | Oadd => arith sg (x + y)
  | Osub => arith sg (x - y)
  | Omul => arith sg (x * y)
  | Odiv => if y =? 0 then None else arith sg (Z.quot x y)
  | Omod => if (y =? 0) || ((x =? Int.min_signed) && (y =? -1)) then None
            else arith sg (Z.rem x y)
  | Oand => arith sg (Z.land x y)
  | Oor => arith sg (Z.lor x y)
  | Oxor => arith sg (Z.lxor x y)
  | Oshl | Oshr => None
  | Oeq => Some (of_bool (x =? y))
  | One => Some (of_bool (negb (x =? y)))
  | Olt => Some (of_bool (x <? y))
  | Ogt => Some (of_bool (y <? x))
  | Ole => Some (of_bool (x <=? y))
  | Oge => Some (of_bool (y <=? x))
  end.

(** A shift is done at the type of its left operand alone (6.5.7). *)
Definition sem_shift (op : binary_operation) (x : Z) (sg : signedness) (n : Z) : option val :=
  if negb (shift_ok n) || (x <? 0) then None
  else match op with
       | Oshl => arith sg (Z.shiftl x n)
       | Oshr => arith sg (Z.shiftr x n)
       | _ => None
       end.

Definition sem_binary_operation (op : binary_operation)
    (v1 : val) (t1 : type) (v2 : val) (t2 : type) : option val :=
  match v1, v2 with
  | Vint x, Vint y =>
      match op with
      | Oshl | Oshr =>
          match classify t1 t1, classify t2 t2 with
          | Some sx, Some sy => sem_shift op (value_at sx x) sx (value_at sy y)
          | _, _ => None
          end
      | _ =>
          match classify t1 t2 with
          | Some sg => sem_binary op sg (value_at sg x) (value_at sg y)
          | None => None
          end
      end
  | _, _ => None
  end.

(** Truth of a value in a condition. *)
Definition bool_val (v : val) (t : type) : option bool :=
  match v, t with
  | Vint n, Tint I32 _ _ => Some (negb (Int.eq n Int.zero))
  | _, _ => None
  end.

Definition sem_unary_operation (op : unary_operation) (v : val) (t : type) : option val :=
  match v, classify t t with
  | Vint n, Some sg =>
      match op with
      | Onotbool => Some (of_bool (Int.eq n Int.zero))
      | Onotint => arith sg (match sg with
                             | Signed => Z.lnot (Int.signed n)
                             | Unsigned => Int.modulus - 1 - Int.unsigned n
                             end)
      | Oneg => arith sg (- value_at sg n)
      | Oabsfloat => None
      end
  | _, _ => None
  end.

(** Between [int] and [unsigned int]: the value is kept if it fits; to unsigned
    it wraps (6.3.1.3p2); to signed it is left undefined when it does not fit.
    This is the one rule for casts, arguments, returns and, through the cast that
    the exporter writes, assignments (examples_cast.v).
    To [_Bool]: 1 if not zero (6.3.1.2). *)
Definition sem_cast (v : val) (from to : type) : option val :=
  match v, from, to with
  | Vint n, Tint I32 sg _, Tint I32 Unsigned _ => Some (Vint n)
  | Vint n, Tint I32 sg _, Tint I32 Signed _ =>
      if value_at sg n <=? Int.max_signed then Some (Vint n) else None
  | Vint n, Tint I32 _ _, Tint IBool _ _ => Some (of_bool (negb (Int.eq n Int.zero)))
  | _, _, _ => None
  end.
