(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What is taken from an object file

    Its text, byte by byte; relocations and functions, with their offsets in the text; how many bytes the
    array of lock words has, and a number of which its address is a multiple; of a linked image, its slots: words of
    the global offset table that hold the address of the array when the image is loaded, each by how far it lies from
    the array.  That nobody writes to them then is taken for granted.  Relocations are of one type for each target
    ([R]).  Beside that, what the decoders of all targets need.
    Read next: armv8_decode.v, riscv_decode.v, x86_operands.v. *)
From Coq Require Import ZArith List Bool String FMapPositive.
From hlock.clight Require Import options.
From hlock.object Require Import micro.
Import ListNotations.
Local Open Scope Z_scope.

Record object_file {R : Type} := {
  text : list Z;
  relocations : list (Z * R);
  symbols : list (string * Z);
  array_size : Z;
  array_align : Z;
  slots : list Z
}.
Arguments object_file R : clear implicits.

Fixpoint lookup (n : string) (xs : list (string * Z)) : option Z :=
  match xs with
  | [] => None
  | (m, v) :: xs => if String.eqb m n then Some v else lookup n xs
  end.

(** hlock_wrong reports, and does not return; compilers make copies of it, with a name behind a dot.  Nor does
    __stack_chk_fail, which they call if what they put in a frame is no longer there. *)
Definition never_returns (name : string) : bool :=
  String.eqb name "hlock_wrong" || String.prefix "hlock_wrong." name || String.eqb name "__stack_chk_fail".

(** The address of byte k of the array. *)
Definition array_byte (k : Z) : expr := Plus (Page k) (Within k).

(** ** Fields of an instruction *)
Definition bit_field (w from size : Z) : Z := Z.land (Z.shiftr w from) (Z.ones size).
Definition signed (v size : Z) : Z := if v <? 2 ^ (size - 1) then v else v - 2 ^ size.
Definition is (w mask bits : Z) : bool := Z.land w mask =? bits.
Definition one {A} (m : A) : option (list A) := Some [m].
Definition unless {A} (b : bool) (o : option A) : option A := if b then None else o.

(** A call: what is behind it goes to [link]. *)
Definition call {I} (link : nat) (behind target : Z) : list (micro I) :=
  [Move link (Plus (Reg text_at) (Const behind)); Jump Always target].

(** A call of a function of another file, which keeps of these registers some: it leaves anything in the others. *)
Definition call_out {I} (all kept : list nat) : list (micro I) :=
  [Any (filter (fun r => negb (existsb (Nat.eqb r) kept)) all)].

(** ** What lies at an offset of the text *)
Definition key (at_ : Z) : positive := Z.to_pos (at_ + 1).
Fixpoint relocations_at {R} (rs : list (Z * R)) : PositiveMap.t (list R) :=
  match rs with
  | [] => PositiveMap.empty _
  | (at_, r) :: rs =>
      let m := relocations_at rs in
      PositiveMap.add (key at_) (r :: match PositiveMap.find (key at_) m with Some rs => rs | None => [] end) m
  end.

(** ** Registers that an instruction has to do with *)
(** Of the registers of an expression, of what a micro-operation reads, and of what it reads and writes, none is [r]. *)
Fixpoint free_of (r : nat) (e : expr) : bool :=
  match e with
  | Const _ | Page _ | Within _ => true
  | Reg r' => negb (Nat.eqb r r')
  | Plus a b | Times a b | Times_high a b => free_of r a && free_of r b
  | Scale _ a | Down _ a | Bits _ a | Extend a => free_of r a
  end.
Definition avoids (r : nat) {I} (m : micro I) : bool :=
  match m with
  | Move _ a | Load _ _ _ a | Reload _ _ a | Reload_half _ _ a | Return a | Jump (If_zero _ a) _ | Elsewhere _ _ a =>
      free_of r a
  | Compare a b | Store _ a b | Store_x _ _ a b | Fetch_add _ _ a b | Spill _ a b | Spill_half _ a b | Agree a b =>
      free_of r a && free_of r b
  | Jump _ _ | Wait_event | Lose_below _ | Any _ | Address _ | Either _ | Stop => true
  end.
Definition leaves (r : nat) {I} (m : micro I) : bool :=
  match m with
  | Move r' a => negb (Nat.eqb r r') && free_of r a
  | Compare a b | Store _ a b => free_of r a && free_of r b
  | _ => false
  end.
Definition gives (r : nat) {I} (m : micro I) : bool :=
  match m with
  | Move r' _ | Load _ _ r' _ | Store_x _ r' _ _ | Fetch_add _ r' _ _ | Reload _ r' _ | Address r'
  | Reload_half _ r' _ => Nat.eqb r r'
  | Any rs | Elsewhere _ rs _ => existsb (Nat.eqb r) rs
  | _ => false
  end.
(** Wherever the stack pointer gets a value, what then lies below it is lost.  A text has 4 GiB at most. *)
Definition losing_below (sp : nat) {I} (C : code I) : code I := fun at_ =>
  if (0 <=? at_) && (at_ <? 2 ^ 32) then
    match C at_ with
    | Some (ms, n) => Some (flat_map (fun m => if gives sp m then [m; Lose_below sp] else [m]) ms, n)
    | None => None
    end
  else None.
