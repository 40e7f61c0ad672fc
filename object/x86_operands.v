(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The bytes and operands of an instruction of x86_64

    Registers have their hardware numbers, but RDI is 0 and RAX 7: a caller passes the index in register 0.
    Numbers from 16 are no registers of the CPU.  16: the address to return to, which lies where RSP pointed at the
    call; RET finds it if RSP, one of [x86_kept], is what it was then.  17: what an instruction has read that
    goes on with it.  18: the address of an operand in other memory.
    Read next: x86_decode.v. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options.
From hlock.object Require Import micro file.
Import ListNotations.
Local Open Scope Z_scope.

(** A relocation lies at the field that it fills, of four bytes or eight, which is zero in the file.  [k] is the place
    of the symbol, relative to the array of lock words, and the addend.  The linker takes the place of the field
    off the first three, and the CPU adds the place of the instruction's end: with [k] = - 4 a displacement that
    is the last field is to the array's first byte, with [k] = - 5 one that a byte follows. *)
Inductive x86_relocation :=
| Near_32 (k : Z)       (* R_X86_64_PC32, R_X86_64_PLT32 *)
| Jump_32 (k : Z)       (* the same of a jump: [k] is relative to the text, not to the array *)
| Got_32 (k : Z)        (* R_X86_64_GOTPCREL, -X, R_X86_64_REX_GOTPCRELX, of the array: [k] is the addend *)
| Signed_32 (k : Z)     (* R_X86_64_32S: linkers refuse an address that is not the 32 bits with their sign *)
| Unsigned_32 (k : Z)   (* R_X86_64_32: or with zeros *)
| Whole_64 (k : Z)      (* R_X86_64_64 *)
| Other_32              (* R_X86_64_PC32, R_X86_64_PLT32, of what is neither of the array nor of the text *)
| Other_32s             (* R_X86_64_32S of that *)
| Other_thing           (* any other, of whatever it is; of eight bytes each half has one *)
| Code_part (n : Z)     (* none: a section of n bytes begins here, and the linker says where it comes to lie *)
| Image_text (d : Z)    (* none, in a linked image: the address of its text, less that of the array *)
| Image_array (a : Z).  (* none, in a linked image that lies at fixed addresses: the array's *)

(** How many bytes a relocation fills: of one that is not known, four of eight. *)
Definition filled (r : x86_relocation) : Z :=
  match r with
  | Near_32 _ | Jump_32 _ | Got_32 _ | Signed_32 _ | Unsigned_32 _ | Other_32 | Other_32s
  | Other_thing => 4
  | Whole_64 _ => 8
  | Code_part _ | Image_text _ | Image_array _ => 0
  end.

Definition number (r : Z) : nat := if r =? 0 then 7%nat else if r =? 7 then 0%nat else Z.to_nat r.
Definition return_address : nat := 16%nat.
Definition scratch : nat := 17%nat.
Definition elsewhere : nat := 18%nat.
Definition rsp : nat := 4%nat.
Definition rbp : nat := 5%nat.

(** What is known of the text around an instruction. *)
Record surroundings := mkSurroundings {
  text_from_array : option Z; (* of an image: how far the text lies behind the array *)
  array_address : option Z;   (* of an image that lies at fixed addresses *)
  array_bytes : Z;            (* how many the array has *)
  image_slots : list Z;       (* of an image: words that hold the array's address *)
  code_parts : list (Z * Z)   (* where sections begin, and how many bytes each has *)
}.

(** A byte, and the relocation that begins at it. *)
Definition item : Type := Z * option x86_relocation.

(** ** Reading bytes *)

(** The number in the next [n] bytes, the lowest first; and what follows.  None of them has a relocation. *)
Fixpoint little (n : nat) (bs : list item) : option (Z * list item) :=
  match n, bs with
  | O, _ => Some (0, bs)
  | S n, (b, None) :: bs => match little n bs with Some (v, rest) => Some (b + 2 ^ 8 * v, rest) | None => None end
  | _, _ => None
  end.

(** A field of [n] bytes, with its sign, which may have one relocation, at its beginning: the field is zero then. *)
Definition take_field (n : nat) (bs : list item) : option (Z * option x86_relocation * list item) :=
  match n, bs with
  | O, _ => Some (0, None, bs)
  | _, (b, r) :: bs =>
      match little n ((b, None) :: bs), r with
      | Some (v, rest), None => Some (signed v (8 * Z.of_nat n), None, rest)
      | Some (0, rest), Some r => Some (0, Some r, rest)
      | _, _ => None
      end
  | _, [] => None
  end.

(** Prefixes: of the size of operands, LOCK, REP; the last of them comes first.  That of the segment CS says nothing,
    and assemblers fill space with it. *)
Fixpoint prefixes (ps : list Z) (bs : list item) : list Z * list item :=
  match bs with
  | (0x2e, None) :: rest => prefixes ps rest
  | (b, None) :: rest => if existsb (Z.eqb b) [0x66; 0xf0; 0xf3] then prefixes (b :: ps) rest else (ps, bs)
  | _ => (ps, bs)
  end.

(** REX, or 0. *)
Definition rex_prefix (bs : list item) : Z * list item :=
  match bs with
  | (b, None) :: rest => if is b 0xf0 0x40 then (b, rest) else (0, bs)
  | _ => (0, bs)
  end.

(** VEX, of two bytes or of three, if it names no other register and a map of two bytes: what REX and the prefix would
    be without it, and of how many bytes the registers are. *)
Definition vex_prefix (bs : list item) : option (Z * list Z * Z * list item) :=
  let fields first last rest :=
    let ps := match bit_field last 0 2 with 1 => [0x66] | 2 => [0xf3] | 3 => [0xf2] | _ => [] end in
    unless (negb (is last 0x78 0x78)) (Some (7 - bit_field first 5 3, ps, if Z.testbit last 2 then 32 else 16, rest)) in
  match bs with
  | (0xc5, None) :: (b, None) :: rest => fields (Z.lor b 0x60) b rest
  | (0xc4, None) :: (a, None) :: (b, None) :: rest => unless (negb (is a 0x1f 1)) (fields a b rest)
  | _ => None
  end.

(** The opcode, of one byte or of two. *)
Definition opcode (bs : list item) : option (Z * list item) :=
  match bs with
  | (0x0f, None) :: (b, None) :: rest => Some (0x0f00 + b, rest)
  | (b, None) :: rest => Some (b, rest)
  | _ => None
  end.

(** Does ModRM follow it, and of how many bytes is the immediate? *)
Definition layout (wide : bool) (op : Z) : option (bool * nat) :=
  let among := existsb (Z.eqb op) in
  if among [0x01; 0x03; 0x09; 0x0b; 0x19; 0x1b; 0x21; 0x23; 0x29; 0x2b; 0x31; 0x33; 0x39; 0x3b;
            0x63; 0x85; 0x89; 0x8b; 0x8d; 0xd1; 0xf7; 0xff; 0x0f10; 0x0f11; 0x0f1e; 0x0f1f; 0x0f28; 0x0f29; 0x0f6f;
            0x0f7f; 0x0faf; 0x0fb6; 0x0fb7; 0x0fc1]
     || is op 0xfff0 0x0f90 then Some (true, 0%nat)
  else if among [0x6b; 0x83; 0xc1] then Some (true, 1%nat)
  else if among [0x69; 0x81; 0xc7] then Some (true, 4%nat)
  else if among [0x90; 0x98; 0xc3; 0xc9] || is op 0xfff0 0x50 then Some (false, 0%nat)
  else if (op =? 0xeb) || is op 0xfff0 0x70 then Some (false, 1%nat)
  else if among [0x05; 0x0d; 0x1d; 0x25; 0x2d; 0x35; 0x3d; 0xe8; 0xe9] || is op 0xfff0 0x0f80 then Some (false, 4%nat)
  else if is op 0xfff8 0xb8 then Some (false, if wide then 8%nat else 4%nat)
  else None.

(** ** Operands *)
Inductive operand :=
| In_register (r : Z)
| In_memory (a : expr)
| In_slot                     (* of the global offset table, which has the array's address *)
| In_other (a : expr).        (* at the address of something else of the program, and so much farther *)

Definition added (a b : expr) : expr := match a, b with Const 0, b => b | a, Const 0 => a | _, _ => Plus a b end.

Section Operands.
  (** The instruction lies at offset [at_], and its bytes are the first of [bs]. *)
  Context (known : surroundings) (at_ : Z) (bs : list item).

  (** The offset at which [rest] begins. *)
  Definition behind (rest : list item) : Z := at_ + Z.of_nat (length bs - length rest).
  (** A constant near the fixed address of the array is an address. *)
  Definition constant (v : Z) : expr :=
    match array_address known with
    | Some a => if Z.abs (v - a) <=? array_bytes known then array_byte (v - a) else Const v
    | None => Const v
    end.

  (** What a displacement of [n] bytes is added to. *)
  Definition displaced (a : expr) (n : nat) (rest : list item) : option (operand * list item) :=
    match take_field n rest with
    | Some (v, None, rest) => Some (In_memory (added a (if Nat.eqb n 4 then constant v else Const v)), rest)
    | Some (_, Some (Signed_32 k), rest) =>
        unless (negb (Nat.eqb n 4)) (Some (In_memory (added a (array_byte k)), rest))
    | Some (_, Some Other_32s, rest) => unless (negb (Nat.eqb n 4)) (Some (In_other a, rest))
    | _ => None
    end.

  (** Relative to the instruction's end, where [more] bytes follow. *)
  Definition relative (more : nat) (rest : list item) : option (operand * list item) :=
    match take_field 4 rest with
    | Some (v, None, rest) =>
        match text_from_array known with
        | Some d =>
            let k := d + behind rest + Z.of_nat more + v in
            Some (if existsb (Z.eqb k) (image_slots known) then In_slot else In_memory (array_byte k), rest)
        | None => None
        end
    | Some (_, Some (Near_32 k), rest) => Some (In_memory (array_byte (k + 4 + Z.of_nat more)), rest)
    | Some (_, Some Other_32, rest) => Some (In_other (Const 0), rest)
    | Some (_, Some (Got_32 k), rest) => if k + 4 + Z.of_nat more =? 0 then Some (In_slot, rest) else None
    | _ => None
    end.

  (** A bit of REX is the highest of a register's number. *)
  Definition extended_number (rex bit low : Z) : Z := low + if Z.testbit rex bit then 8 else 0.
  Definition indexed (rex s : Z) : expr :=
    let index := extended_number rex 1 (bit_field s 3 3) in let shift := bit_field s 6 2 in
    if index =? 4 then Const 0
    else if shift =? 0 then Reg (number index) else Scale (2 ^ shift) (Reg (number index)).

  (** ModRM: the field of a register or of more opcode, and an operand. *)
  Definition modrm (rex : Z) (more : nat) (rest : list item) : option (Z * operand * list item) :=
    match rest with
    | (m, None) :: rest =>
        let mode := bit_field m 6 2 in let rm := bit_field m 0 3 in
        let n := if mode =? 0 then 0%nat else if mode =? 1 then 1%nat else 4%nat in
        let found :=
          if mode =? 3 then Some (In_register (extended_number rex 0 rm), rest)
          else if rm =? 4 then
            match rest with
            | (s, None) :: rest =>
                let base := bit_field s 0 3 in
                if (mode =? 0) && (base =? 5) then displaced (indexed rex s) 4 rest
                else displaced (added (Reg (number (extended_number rex 0 base))) (indexed rex s)) n rest
            | _ => None
            end
          else if (mode =? 0) && (rm =? 5) then relative more rest
          else displaced (Reg (number (extended_number rex 0 rm))) n rest in
        match found with
        | Some (o, rest) => Some (extended_number rex 2 (bit_field m 3 3), o, rest)
        | None => None
        end
    | _ => None
    end.
End Operands.
