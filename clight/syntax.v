(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The C subset: types, expressions, statements, functions, programs

    Constructor names and the order of their arguments are Clight's
    (CompCert 3.13), so that a term exported by [tools/c2coq] and the term that
    clightgen prints for the same C are the same text, but for one cast: where C
    assigns an [unsigned int] to an [int], [c2coq] writes it and clightgen does
    not (examples_cast.v).  Only what the lock stack needs is here; a wider
    subset adds constructors.
    The last argument of an expression is its type.  Read next: semantics.v. *)
From Coq Require Import ZArith String List.
From hlock.clight Require Import options integers values.

Inductive signedness := Signed | Unsigned.
Inductive intsize := I8 | I16 | I32 | IBool.

Record attr := mk_attr { attr_volatile : bool; attr_alignas : option N }.
Definition noattr := {| attr_volatile := false; attr_alignas := None |}.

Record calling_convention := mkcallconv {
  cc_vararg : option Z;
  cc_unproto : bool;
  cc_structret : bool
}.
Definition cc_default := {| cc_vararg := None; cc_unproto := false; cc_structret := false |}.

Inductive type : Type :=
| Tvoid
| Tint (sz : intsize) (sg : signedness) (a : attr)
| Tfunction (targs : typelist) (tres : type) (cc : calling_convention)
with typelist : Type :=
| Tnil
| Tcons (t : type) (ts : typelist).

Definition tvoid := Tvoid.
Definition tint := Tint I32 Signed noattr.
Definition tuint := Tint I32 Unsigned noattr.
Definition tbool := Tint IBool Unsigned noattr.

Inductive unary_operation := Onotbool | Onotint | Oneg | Oabsfloat.

Inductive binary_operation :=
| Oadd | Osub | Omul | Odiv | Omod | Oand | Oor | Oxor | Oshl | Oshr
| Oeq | One | Olt | Ogt | Ole | Oge.

Inductive expr : Type :=
| Econst_int (i : int) (t : type)
| Evar (id : ident) (t : type)
| Etempvar (id : ident) (t : type)
| Eunop (op : unary_operation) (a : expr) (t : type)
| Ebinop (op : binary_operation) (a1 a2 : expr) (t : type)
| Ecast (a : expr) (t : type).

Definition typeof (a : expr) : type :=
  match a with
  | Econst_int _ t | Evar _ t | Etempvar _ t | Eunop _ _ t | Ebinop _ _ _ t | Ecast _ t => t
  end.

Inductive statement : Type :=
| Sskip
| Sset (id : ident) (a : expr)
| Scall (result : option ident) (f : expr) (args : list expr)
| Ssequence (s1 s2 : statement)
| Sifthenelse (c : expr) (s1 s2 : statement)
| Sloop (body step : statement)
| Sbreak
| Scontinue
| Sreturn (result : option expr).

Definition Swhile (c : expr) (s : statement) : statement :=
  Sloop (Ssequence (Sifthenelse c Sskip Sbreak) s) Sskip.
Definition Sdowhile (s : statement) (c : expr) : statement :=
  Sloop s (Sifthenelse c Sskip Sbreak).

Record function : Type := mkfunction {
  fn_return : type;
  fn_callconv : calling_convention;
  fn_params : list (ident * type);
  fn_vars : list (ident * type);
  fn_temps : list (ident * type);
  fn_body : statement
}.

(** Machine-level signature of an external function (CompCert's module [AST]). *)
Module AST.
  Inductive xtype := Tint | Tvoid.
End AST.
Record signature := mksignature {
  sig_args : list AST.xtype;
  sig_res : AST.xtype;
  sig_cc : calling_convention
}.
Inductive external_function := EF_external (name : string) (sg : signature).

Inductive fundef : Type :=
| Internal (f : function)
| External (ef : external_function) (targs : typelist) (tres : type) (cc : calling_convention).

Inductive globdef (F V : Type) : Type := Gfun (f : F).
Arguments Gfun {F V} f.

(** A module: the functions that one C file defines or calls. *)
Definition module := list (ident * globdef fundef type).

Fixpoint type_of_params (ps : list (ident * type)) : typelist :=
  match ps with
  | nil => Tnil
  | (_, t) :: ps => Tcons t (type_of_params ps)
  end.

Definition type_of_fundef (fd : fundef) : type :=
  match fd with
  | Internal f => Tfunction (type_of_params (fn_params f)) (fn_return f) (fn_callconv f)
  | External _ targs tres cc => Tfunction targs tres cc
  end.

Fixpoint find_function (p : module) (id : ident) : option fundef :=
  match p with
  | nil => None
  | (id', Gfun fd) :: p => if Pos.eqb id' id then Some fd else find_function p id
  end.

(** Types are compared when a function is called. *)
Definition attr_eq (a b : attr) : {a = b} + {a <> b}.
Proof. repeat decide equality. Defined.
Definition callconv_eq (a b : calling_convention) : {a = b} + {a <> b}.
Proof. repeat decide equality. Defined.
Fixpoint type_eq (t u : type) : {t = u} + {t <> u}
with typelist_eq (t u : typelist) : {t = u} + {t <> u}.
Proof.
  - decide equality; first [apply attr_eq | apply callconv_eq | decide equality].
  - decide equality.
Defined.
