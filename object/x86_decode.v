(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The instructions of x86_64

    [x86_decode] knows the instructions that compilers make of the locks, from the opcode maps of the AMD64
    Architecture Programmer's Manual.  What is not listed is not decoded, and nothing is said of code that
    comes to it: XADD without the lock prefix, fences, conditions other than equal and not equal, shifts by
    nothing (they leave the flags), and prefixes that an instruction does not need, but CS.
    Registers have their hardware numbers, but RDI is 0 and RAX 7: a caller passes the index in register 0.
    Numbers 16 and 17 are no registers of the CPU.  16: the address to return to, which lies where RSP pointed at the
    call; RET finds it if RSP, one of [x86_kept], is what it was then.  17: what an instruction has read that
    goes on with it.  After each instruction that writes the flag ZF, [equal] of the state is ZF.
    Read next: checker.v. *)
From Coq Require Import ZArith List Bool FMapPositive.
From hlock.clight Require Import options.
From hlock.machine.hardware Require Import x86_model.
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
| Code_part (n : Z)     (* none: a section of n bytes begins here, and the linker says where it comes to lie *)
| Image_text (d : Z)    (* none, in a linked image: the address of its text, less that of the array *)
| Image_array (a : Z)   (* none, in a linked image that lies at fixed addresses: the array's *)
| Other_32 | Other_thing.

Definition number (r : Z) : nat := if r =? 0 then 7%nat else if r =? 7 then 0%nat else Z.to_nat r.
Definition return_address : nat := 16%nat.
Definition scratch : nat := 17%nat.
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
  if among [0x01; 0x03; 0x29; 0x2b; 0x31; 0x33; 0x39; 0x3b; 0x63; 0x85; 0x89; 0x8b; 0x8d; 0xd1; 0xff;
            0x0f1e; 0x0f1f; 0x0fc1] then Some (true, 0%nat)
  else if among [0x83; 0xc1] then Some (true, 1%nat)
  else if among [0x81; 0xc7] then Some (true, 4%nat)
  else if among [0x90; 0x98; 0xc3; 0xc9] || is op 0xfff0 0x50 then Some (false, 0%nat)
  else if among [0x74; 0x75; 0xeb] then Some (false, 1%nat)
  else if among [0x05; 0x25; 0x2d; 0x3d; 0xe9; 0x0f84; 0x0f85] then Some (false, 4%nat)
  else if is op 0xfff8 0xb8 then Some (false, if wide then 8%nat else 4%nat)
  else None.

(** ** Operands *)
Inductive operand :=
| In_register (r : Z)
| In_memory (a : expr)
| In_slot.                    (* of the global offset table, which has the array's address *)

Definition added (a b : expr) : expr := match a, b with Const 0, b => b | a, Const 0 => a | _, _ => Plus a b end.

Section Decode.
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

  Section Meaning.
    (** REX, opcode, the field of a register, the operand; the immediate: its bytes, its value, the
        relocation; where the instruction ends. *)
    Context (rex op reg : Z) (o : operand) (n : nat) (v : Z) (r : option x86_relocation) (end_ : Z).
    Let wide := Z.testbit rex 3.
    Let register (m : Z) : expr := Reg (number m).

    (** Cut to the size of the operation. *)
    Definition sized (a : expr) : expr := if wide then a else Bits 32 a.

    (** The immediate of an operation on values, extended with its sign. *)
    Definition immediate : option expr :=
      match r with
      | None => Some (if wide then constant v else Const v)
      | Some (Signed_32 k) => if wide && Nat.eqb n 4 then Some (array_byte k) else None
      | Some (Whole_64 k) => if Nat.eqb n 8 then Some (array_byte k) else None
      | Some _ => None
      end.

    (** A result, with its flags. *)
    Definition results (m : Z) (a : expr) : option (list (micro x86)) :=
      Some [Move (number m) (sized a); Compare (register m) (Const 0)].
    Definition negated (a : expr) : expr := match a with Const k => Const (- k) | _ => Scale (- 1) a end.

    (** ADD, AND, SUB and CMP, by their number. *)
    Definition arithmetic (which m : Z) (b : expr) : option (list (micro x86)) :=
      if which =? 0 then results m (Plus (register m) b)
      else if which =? 4 then
        match b with
        | Const k =>
            unless ((k <=? 0) || negb (Z.land k (k + 1) =? 0)) (results m (Bits (Z.log2 (k + 1)) (register m)))
        | _ => None
        end
      else if which =? 5 then results m (Plus (register m) (negated b))
      else if which =? 7 then one (Compare (sized (register m)) (sized b))
      else None.

    Definition with_immediate (f : expr -> option (list (micro x86))) : option (list (micro x86)) :=
      match immediate with Some b => f b | None => None end.
    Definition among : list Z -> bool := existsb (Z.eqb op).

    (** SHL and SHR. *)
    Definition shift (m k : Z) : option (list (micro x86)) :=
      unless (negb ((0 <? k) && (k <? if wide then 64 else 32)))
        (if reg =? 4 then results m (Scale (2 ^ k) (register m))
         else if reg =? 5 then results m (Down k (sized (register m)))
         else None).

    (** Operands in registers, or in none. *)
    Definition decode_data (m : Z) : option (list (micro x86)) :=
      if among [0x01; 0x29; 0x39] then arithmetic (op / 8) m (register reg)
      else if among [0x03; 0x2b; 0x3b] then arithmetic (op / 8) reg (register m)
      else if among [0x81; 0x83] then with_immediate (arithmetic reg m)
      else if among [0x05; 0x25; 0x2d; 0x3d] then with_immediate (arithmetic (op / 8) 0)
      else if among [0x31; 0x33] then unless (negb (m =? reg)) (results m (Const 0))  (* XOR with itself *)
      else if op =? 0x85 then unless (negb (m =? reg)) (one (Compare (sized (register m)) (Const 0)))  (* TEST *)
      else if op =? 0x89 then one (Move (number m) (sized (register reg)))  (* MOV *)
      else if op =? 0x8b then one (Move (number reg) (sized (register m)))
      else if op =? 0xc7 then unless (negb (reg =? 0)) (with_immediate (fun b => one (Move (number m) (sized b))))
      else if op =? 0x63 then unless (negb wide) (one (Move (number reg) (Extend (register m))))  (* MOVSXD *)
      else if op =? 0x98 then unless (negb wide) (one (Move (number 0) (Extend (register 0))))  (* CDQE *)
      else if op =? 0xc1 then shift m v
      else if op =? 0xd1 then shift m 1
      else if op =? 0xff then  (* INC, DEC *)
        if reg =? 0 then results m (Plus (register m) (Const 1))
        else if reg =? 1 then results m (Plus (register m) (Const (- 1)))
        else None
      else if is op 0xfff8 0xb8 then  (* MOV, of an immediate *)
        let d := number (extended_number rex 0 (op mod 8)) in
        if wide then with_immediate (fun b => one (Move d b))
        else
          match r with
          | None => one (Move d (constant (v mod 2 ^ 32)))
          | Some (Unsigned_32 k) => one (Move d (array_byte k))
          | Some _ => None
          end
      else None.

    (** To 32 bits of memory at [a]. *)
    Definition adds (a b : expr) : option (list (micro x86)) :=
      let new := Plus (Reg scratch) b in
      Some [Load [INC_load] false scratch a; Store [INC_store] a new; Compare (Bits 32 new) (Const 0)].
    Definition compares (a b : expr) : option (list (micro x86)) :=
      Some [Load [MOV_load] false scratch a; Compare (Reg scratch) (Bits 32 b)].
    Definition decode_memory (a : expr) : option (list (micro x86)) :=
      if op =? 0x8d then one (Move (number reg) (sized a))  (* LEA *)
      else if wide && (op =? 0x8b) then one (Reload rsp (number reg) a)  (* MOV of 64 bits, which only the frame has *)
      else if wide && (op =? 0x89) then one (Spill rsp a (register reg))
      else unless wide
        (if op =? 0x8b then one (Load [MOV_load] false (number reg) a)
         else if op =? 0x89 then one (Store [MOV_store] a (register reg))
         else if op =? 0xc7 then unless (negb (reg =? 0)) (with_immediate (fun b => one (Store [MOV_store] a b)))
         else if op =? 0xff then unless (negb (reg =? 0)) (adds a (Const 1))  (* INC *)
         else if among [0x81; 0x83] then
           if reg =? 0 then with_immediate (adds a)  (* ADD *)
           else if reg =? 7 then with_immediate (compares a)  (* CMP *)
           else None
         else if among [0x39; 0x3b] then compares a (register reg)
         else None).
    (** PUSH, POP and LEAVE. *)
    Definition pushes (a : expr) : option (list (micro x86)) :=
      Some [Move rsp (Plus (Reg rsp) (Const (- 8))); Spill rsp (Reg rsp) a].
    Definition pops (d : nat) : list (micro x86) := [Reload rsp d (Reg rsp); Move rsp (Plus (Reg rsp) (Const 8))].
    Definition decode_stack : option (list (micro x86)) :=
      let m := extended_number rex 0 (op mod 8) in
      if is op 0xfff8 0x50 then unless (m =? 4) (pushes (register m))
      else if is op 0xfff8 0x58 then unless (m =? 4) (Some (pops (number m)))
      else if op =? 0xc9 then unless (negb (rex =? 0)) (Some (Move rsp (Reg rbp) :: pops rbp))
      else None.
    (** XADD, with its prefix; the flags are those of the sum. *)
    Definition decode_locked : option (list (micro x86)) :=
      match o with
      | In_memory a =>
          unless (wide || negb (op =? 0x0fc1))
            (Some [Fetch_add [LOCK_XADD_load; LOCK_XADD_store] scratch a (register reg);
                   Compare (Bits 32 (Plus (Reg scratch) (register reg))) (Const 0);
                   Move (number reg) (Reg scratch)])
      | _ => None
      end.

    (** A jump does not leave its section, but by a relocation. *)
    Definition in_one_part (x y : Z) : bool :=
      let inside x p := (fst p <=? x) && (x <? fst p + snd p) in
      forallb (fun p => Bool.eqb (inside x p) (inside y p)) (code_parts known).
    Definition jump (t : test) : option (list (micro x86)) :=
      match r with
      | None => unless (negb (in_one_part at_ (end_ + v))) (one (Jump t (end_ + v)))
      | Some (Jump_32 k) => unless (negb (Nat.eqb n 4)) (one (Jump t (k + 4)))
      | Some _ => None
      end.
    Definition decode_control (ps : list Z) : option (list (micro x86)) :=
      if negb (rex =? 0) then None
      else if (op =? 0x90) || (op =? 0x0f1f) && (reg =? 0) then  (* NOP *)
        unless (negb (forallb (Z.eqb 0x66) ps)) (Some [])
      else
        match ps with
        | [] =>
            if among [0x74; 0x0f84] then jump (If_equal true)
            else if among [0x75; 0x0f85] then jump (If_equal false)
            else if among [0xeb; 0xe9] then jump Always
            else if op =? 0xc3 then one (Return (Reg return_address))
            else None
        | _ => None
        end.

    (** With a prefix 0xf3 PAUSE, RET and ENDBR64. *)
    Definition decode_repeated : option (list (micro x86)) :=
      if negb (rex =? 0) then None
      else if op =? 0x90 then Some []
      else if op =? 0xc3 then one (Return (Reg return_address))
      else if op =? 0x0f1e then match o with In_register 2 => unless (negb (reg =? 7)) (Some []) | _ => None end
      else None.

    (** The array's address out of the global offset table, or what a linker has put in the place of that. *)
    Definition decode_slot : option (list (micro x86)) :=
      if negb wide then None
      else if op =? 0x8b then one (Move (number reg) (array_byte 0))
      else if op =? 0x03 then arithmetic 0 reg (array_byte 0)
      else None.

    Definition decode_operation (ps : list Z) : option (list (micro x86)) :=
      match ps with
      | [0xf0] => decode_locked
      | [0xf3] => decode_repeated
      | _ =>
          match decode_control ps, ps with
          | None, [] =>
              match decode_stack, o with
              | Some ms, _ => Some ms
              | None, In_register m => decode_data m
              | None, In_memory a => decode_memory a
              | None, In_slot => decode_slot
              end
          | found, _ => found
          end
      end.
  End Meaning.

  (** The instruction, and its length. *)
  Definition x86_decode : option (list (micro x86) * Z) :=
    let (ps, rest) := prefixes [] bs in
    let (rex, rest) := rex_prefix rest in
    match opcode rest with
    | None => None
    | Some (op, rest) =>
        match layout (Z.testbit rex 3) op with
        | None => None
        | Some (has_modrm, n) =>
            match (if has_modrm then modrm rex n rest else Some (0, In_register 0, rest)) with
            | None => None
            | Some (reg, o, rest) =>
                match take_field n rest with
                | None => None
                | Some (v, r, rest) =>
                    match decode_operation rex op reg o n v r (behind rest) ps with
                    | Some ms => unless (negb (in_one_part at_ (behind rest - 1))) (Some (ms, behind rest - at_))
                    | None => None
                    end
                end
            end
        end
    end.
End Decode.

(** ** The instruction at an offset *)
Fixpoint bytes_at (at_ : Z) (bs : list Z) (m : PositiveMap.t Z) : PositiveMap.t Z :=
  match bs with
  | b :: bs => bytes_at (at_ + 1) bs (PositiveMap.add (key at_) b m)
  | [] => m
  end.

(** How many bytes a relocation fills. *)
Definition filled (r : x86_relocation) : Z :=
  match r with
  | Near_32 _ | Jump_32 _ | Got_32 _ | Signed_32 _ | Unsigned_32 _ | Other_32 | Other_thing => 4
  | Whole_64 _ => 8
  | Code_part _ | Image_text _ | Image_array _ => 0
  end.

Fixpoint first_of {A B} (f : A -> option B) (xs : list A) : option B :=
  match xs with
  | [] => None
  | x :: xs => match f x with Some y => Some y | None => first_of f xs end
  end.

Definition surroundings_of (O : object_file x86_relocation) : surroundings := {|
  text_from_array := first_of (fun r => match snd r with Image_text d => Some d | _ => None end) (relocations O);
  array_address := first_of (fun r => match snd r with Image_array a => Some a | _ => None end) (relocations O);
  array_bytes := array_size O;
  image_slots := slots O;
  code_parts := flat_map (fun r => match snd r with Code_part n => [(fst r, n)] | _ => [] end) (relocations O)
|}.

(** The bytes from an offset, at most so many, up to one that has two relocations. *)
Fixpoint items (bs : PositiveMap.t Z) (rs : PositiveMap.t (list x86_relocation)) (n : nat) (at_ : Z) : list item :=
  match n, PositiveMap.find (key at_) bs, PositiveMap.find (key at_) rs with
  | S n, Some b, None => (b, None) :: items bs rs n (at_ + 1)
  | S n, Some b, Some [r] => (b, Some r) :: items bs rs n (at_ + 1)
  | _, _, _ => []
  end.

(** No relocation that begins before an offset reaches to it. *)
Definition is_clear (rs : PositiveMap.t (list x86_relocation)) (at_ : Z) : bool :=
  forallb (fun back => match PositiveMap.find (key (at_ - back)) rs with
                       | Some found => (at_ <? back) || forallb (fun r => filled r <=? back) found
                       | None => true
                       end) [1; 2; 3; 4; 5; 6; 7].

(** An instruction has at most 15 bytes. *)
Definition x86_code (O : object_file x86_relocation) : code x86 :=
  let bs := bytes_at 0 (text O) (PositiveMap.empty _) in
  let rs := relocations_at (filter (fun r => 0 <? filled (snd r)) (relocations O)) in
  let known := surroundings_of O in
  fun at_ => if (0 <=? at_) && is_clear rs at_ then x86_decode known at_ (items bs rs 15 at_) else None.

(** Registers that a call leaves as they are (System V): RBX, RSP, RBP, R12 to R15. *)
Definition x86_kept : list nat := [3; 4; 5; 12; 13; 14; 15]%nat.
Definition x86_link : nat := return_address.

(** Relocations lie in the text; an image has one of a kind, and no others. *)
Definition x86_apart (O : object_file x86_relocation) : bool :=
  let is_mark r := match snd r with Image_text _ | Image_array _ => true | _ => false end in
  let marks := filter is_mark (relocations O) in
  forallb (fun r => 0 <=? fst r) (relocations O) &&
  match marks with
  | [] => true
  | _ =>
      Nat.eqb (length marks) (length (relocations O)) &&
      match map snd marks with [Image_text _] | [Image_text _; Image_array _] => true | _ => false end
  end.
