(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The instructions of x86_64

    [x86_decode] knows the instructions that compilers make of the locks, from the opcode maps of the AMD64
    Architecture Programmer's Manual.  What is not listed is not decoded, and nothing is said of code that
    comes to it: XADD without the lock prefix, fences, shifts by nothing (they leave the flags), and prefixes that
    an instruction does not need, but CS.
    After each instruction that writes the flag ZF, [equal] of the state is ZF, or anything.
    Read next: checker.v. *)
From Coq Require Import ZArith List Bool FMapPositive.
From hlock.clight Require Import options.
From hlock.machine.hardware Require Import x86_model.
From hlock.object Require Import micro file.
From hlock.object Require Export x86_operands.
Import ListNotations.
Local Open Scope Z_scope.

(** Registers that a call leaves as they are (System V): RBX, RSP, RBP, R12 to R15. *)
Definition x86_kept : list nat := [3; 4; 5; 12; 13; 14; 15]%nat.
Definition x86_link : nat := return_address.

Section Decode.
  (** The instruction lies at offset [at_], and its bytes are the first of [bs]. *)
  Context (known : surroundings) (at_ : Z) (bs : list item).

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
      | None => Some (if wide then constant known v else Const v)
      | Some (Signed_32 k) => if wide && Nat.eqb n 4 then Some (array_byte k) else None
      | Some (Whole_64 k) => if Nat.eqb n 8 then Some (array_byte k) else None
      | Some Other_32s => if wide && Nat.eqb n 4 then Some (Reg elsewhere) else None
      | Some _ => None
      end.

    (** A result, with its flags. *)
    Definition results (m : Z) (a : expr) : option (list (micro x86)) :=
      Some [Move (number m) (sized a); Compare (register m) (Const 0)].
    Definition negated (a : expr) : expr := match a with Const k => Const (- k) | _ => Scale (- 1) a end.

    (** ADD, OR, SBB, AND, SUB, XOR and CMP, by their number.  What SBB leaves is left open, as it depends on the carry;
        so is what OR and XOR leave, and AND of what is no number of ones alone. *)
    Definition arithmetic (which m : Z) (b : expr) : option (list (micro x86)) :=
      if which =? 0 then results m (Plus (register m) b)
      else if (which =? 1) || (which =? 3) || (which =? 6) then one (Any [number m])
      else if which =? 4 then
        match b with
        | Const k =>
            if (k <=? 0) || negb (Z.land k (k + 1) =? 0) then one (Any [number m])
            else results m (Bits (Z.log2 (k + 1)) (register m))
        | _ => one (Any [number m])
        end
      else if which =? 5 then results m (Plus (register m) (negated b))
      else if which =? 7 then one (Compare (sized (register m)) (sized b))
      else None.

    Definition with_immediate (f : expr -> option (list (micro x86))) : option (list (micro x86)) :=
      match r, immediate with
      | Some Other_32s, Some b => match f b with Some ms => Some (Address elsewhere :: ms) | None => None end
      | _, Some b => f b
      | _, None => None
      end.
    Definition among : list Z -> bool := existsb (Z.eqb op).

    (** SHL and SHR. *)
    Definition shift (m k : Z) : option (list (micro x86)) :=
      unless (negb ((0 <? k) && (k <? if wide then 64 else 32)))
        (if reg =? 4 then results m (Scale (2 ^ k) (register m))
         else if reg =? 5 then results m (Down k (sized (register m)))
         else None).

    (** IMUL to a register; what it leaves in ZF is undefined. *)
    Definition multiplies (a : expr) : option (list (micro x86)) :=
      Some [Any [scratch]; Move (number reg) (sized a)].

    (** An operand of one byte: the register that it is of, and its value.  Without REX some are the second byte. *)
    Definition byte_register (m : Z) : nat * expr :=
      if (rex =? 0) && (4 <=? m) then (number (m - 4), Bits 8 (Down 8 (register (m - 4))))
      else (number m, Bits 8 (register m)).

    (** Operands in registers, or in none. *)
    Definition decode_data (m : Z) : option (list (micro x86)) :=
      if among [0x31; 0x33] && (m =? reg) then results m (Const 0)  (* XOR with itself *)
      else if among [0x01; 0x09; 0x19; 0x21; 0x29; 0x31; 0x39] then arithmetic (op / 8) m (register reg)
      else if among [0x03; 0x0b; 0x1b; 0x23; 0x2b; 0x33; 0x3b] then arithmetic (op / 8) reg (register m)
      else if among [0x81; 0x83] then with_immediate (arithmetic reg m)
      else if among [0x05; 0x0d; 0x1d; 0x25; 0x2d; 0x35; 0x3d] then with_immediate (arithmetic (op / 8) 0)
      else if op =? 0x85 then  (* TEST *)
        if m =? reg then one (Compare (sized (register m)) (Const 0)) else one (Any [])
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
      else if op =? 0xf7 then unless (negb (reg =? 3)) (results m (Scale (- 1) (register m)))  (* NEG *)
      else if is op 0xfff0 0x0f90 then unless (negb (reg =? 0)) (one (Any [fst (byte_register m)]))  (* SETcc *)
      else if op =? 0x0fb6 then one (Move (number reg) (snd (byte_register m)))  (* MOVZX *)
      else if op =? 0x0fb7 then one (Move (number reg) (Bits 16 (register m)))
      else if op =? 0x0faf then multiplies (Times (register reg) (register m))
      else if among [0x69; 0x6b] then
        match r with None => multiplies (Scale v (register m)) | Some _ => None end
      else if is op 0xfff8 0xb8 then  (* MOV, of an immediate *)
        let d := number (extended_number rex 0 (op mod 8)) in
        if wide then with_immediate (fun b => one (Move d b))
        else
          match r with
          | None => one (Move d (constant known (v mod 2 ^ 32)))
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
    Definition pushes (a : expr) : list (micro x86) :=
      [Move rsp (Plus (Reg rsp) (Const (- 8))); Spill rsp (Reg rsp) a].
    Definition decode_memory (a : expr) : option (list (micro x86)) :=
      if op =? 0x8d then one (Move (number reg) (sized a))  (* LEA *)
      else if wide && (op =? 0x8b) then one (Reload rsp (number reg) a)  (* MOV of 64 bits, which only the frame has *)
      else if wide && (op =? 0x89) then one (Spill rsp a (register reg))
      else if (op =? 0xff) && (reg =? 6) then Some (Reload rsp scratch a :: pushes (Reg scratch))  (* PUSH *)
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
    Definition pops (d : nat) : list (micro x86) := [Reload rsp d (Reg rsp); Move rsp (Plus (Reg rsp) (Const 8))].
    (** PUSH of a register, POP and LEAVE. *)
    Definition decode_stack : option (list (micro x86)) :=
      let m := extended_number rex 0 (op mod 8) in
      if is op 0xfff8 0x50 then unless (m =? 4) (Some (pushes (register m)))
      else if is op 0xfff8 0x58 then unless (m =? 4) (Some (pops (number m)))
      else if op =? 0xc9 then unless (negb (rex =? 0)) (Some (Move rsp (Reg rbp) :: pops rbp))
      else None.
    (** MOVUPS, MOVAPS, MOVDQU, MOVDQA and the like: 16 bytes, or with VEX 32, to or from a register of vectors, which
        is not modelled.
        One that faults, for its address is no multiple of that, is as any access that faults. *)
    Definition moves_vector (ps : list Z) : bool :=
      match ps with
      | [] => among [0x0f10; 0x0f11; 0x0f28; 0x0f29]
      | [0x66] => among [0x0f10; 0x0f11; 0x0f28; 0x0f29; 0x0f6f; 0x0f7f]
      | [0xf3] => among [0x0f6f; 0x0f7f]
      | _ => false
      end.
    (** An operand in memory; its address may be that of something else. *)
    Definition with_memory (f : expr -> option (list (micro x86))) : option (list (micro x86)) :=
      match o with
      | In_memory a => f a
      | In_other (Const 0) =>
          if op =? 0x8d then unless (negb wide) (one (Address (number reg)))
          else match f (Reg elsewhere) with Some ms => Some (Address elsewhere :: ms) | None => None end
      | In_other a => match f (Plus (Reg elsewhere) a) with Some ms => Some (Address elsewhere :: ms) | None => None end
      | _ => None
      end.
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
    Definition jump (to : Z -> list (micro x86)) : option (list (micro x86)) :=
      match r with
      | None => unless (negb (in_one_part at_ (end_ + v))) (Some (to (end_ + v)))
      | Some (Jump_32 k) => unless (negb (Nat.eqb n 4)) (Some (to (k + 4)))
      | Some _ => None
      end.
    (** JE and JNE, and the jumps on other conditions, of which nothing is known. *)
    Definition conditional : option (list (micro x86)) :=
      jump (fun t => [if among [0x74; 0x0f84] then Jump (If_equal true) t
                      else if among [0x75; 0x0f85] then Jump (If_equal false) t
                      else Either t]).
    (** CALL.  The address that it pushes is not modelled: the word of the frame in which it lies is as one that has
        not been stored, so it cannot be loaded, and where a RET goes from then on is left open.  So code that calls
        what is in its file has a meaning as long as that does not return. *)
    Definition calls : option (list (micro x86)) :=
      match r with
      | Some Other_32 => Some (call_out (seq 0 16 ++ [scratch; elsewhere]) x86_kept)
      | _ => jump (fun t => [Move rsp (Plus (Reg rsp) (Const (- 8))); Any [return_address]; Jump Always t])
      end.
    Definition decode_control (ps : list Z) : option (list (micro x86)) :=
      if negb (rex =? 0) then None
      else if (op =? 0x90) || (op =? 0x0f1f) && (reg =? 0) then  (* NOP *)
        unless (negb (forallb (Z.eqb 0x66) ps)) (Some [])
      else
        match ps with
        | [] =>
            if is op 0xfff0 0x70 || is op 0xfff0 0x0f80 then conditional
            else if among [0xeb; 0xe9] then jump (fun t => [Jump Always t])
            else if op =? 0xe8 then calls
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
      if moves_vector ps then with_memory (fun a => one (Elsewhere 16 [] a))
      else
        match ps with
        | [0xf0] => decode_locked
        | [0xf3] => decode_repeated
        | _ =>
            match decode_control ps, ps with
            | None, [] =>
                match decode_stack, o with
                | Some ms, _ => Some ms
                | None, In_register m => decode_data m
                | None, In_slot => decode_slot
                | None, _ => with_memory decode_memory
                end
            | found, _ => found
            end
        end.
  End Meaning.

  (** What it does, if it is the bytes up to [rest]; and its length. *)
  Definition up_to (rest : list item) (does : option (list (micro x86))) : option (list (micro x86) * Z) :=
    match does with
    | Some ms => let end_ := behind at_ bs rest in unless (negb (in_one_part at_ (end_ - 1))) (Some (ms, end_ - at_))
    | None => None
    end.
  Definition decode_vex : option (list (micro x86) * Z) :=
    match prefixes [] bs with
    | ([], rest) =>
        match vex_prefix rest with
        | Some (rex, ps, bytes, (op, None) :: rest) =>
            match modrm known at_ bs rex 0 rest with
            | Some (reg, o, rest) =>
                let op := 0x0f00 + op in
                up_to rest (if moves_vector op ps then with_memory rex op reg o (fun a => one (Elsewhere bytes [] a))
                            else None)
            | None => None
            end
        | _ => None
        end
    | _ => None
    end.
  (** The instruction, and its length. *)
  Definition x86_decode : option (list (micro x86) * Z) :=
    let (ps, rest) := prefixes [] bs in
    let (rex, rest) := rex_prefix rest in
    match opcode rest with
    | None => None
    | Some (op, rest) =>
        match layout (Z.testbit rex 3) op with
        | None => decode_vex
        | Some (has_modrm, n) =>
            match (if has_modrm then modrm known at_ bs rex n rest else Some (0, In_register 0, rest)) with
            | None => None
            | Some (reg, o, rest) =>
                match take_field n rest with
                | None => None
                | Some (v, r, rest) =>
                    up_to rest (decode_operation rex op reg o n v r (behind at_ bs rest) ps)
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
