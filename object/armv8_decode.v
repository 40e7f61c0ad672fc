(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The instructions of aarch64

    [armv8_decode] knows the instructions that compilers make of the locks, from the tables of
    the Arm Architecture Reference Manual (A64 base instructions).  What is not
    listed is not decoded, and nothing is said of code that comes to it.  Registers 0 to 30
    are X0 to X30, 31 is the stack pointer; where 31 would be the zero register it is no
    register here.  Forms that are constrained unpredictable, and loads of an atomic whose
    result is thrown away, are not decoded.  Read next: checker.v. *)
From Coq Require Import ZArith List Bool String FMapPositive.
From hlock.clight Require Import options.
From hlock.machine.hardware Require Import armv8_model.
From hlock.object Require Import micro file.
Import ListNotations.
Local Open Scope Z_scope.

(** A relocation relative to the array of lock words, with its addend, or one to a place in the text: a jump's, or that
    of a literal, eight bytes there that hold the address of a byte of the array; each half of it has one.  Or one to
    something else.  Those named after an image are of a linked one, in which there are no others: how far an
    instruction, its page, or the address 0 lies from the array. *)
Inductive armv8_relocation :=
| Page_21 (k : Z)       (* R_AARCH64_ADR_PREL_PG_HI21 *)
| Add_12 (k : Z)        (* R_AARCH64_ADD_ABS_LO12_NC *)
| Access_12 (k : Z)     (* R_AARCH64_LDST32_ABS_LO12_NC *)
| Near_21 (k : Z)       (* R_AARCH64_ADR_PREL_LO21 *)
| Got_page (k : Z)      (* R_AARCH64_ADR_GOT_PAGE: the page of a slot that holds the address *)
| Got_12 (k : Z)        (* R_AARCH64_LD64_GOT_LO12_NC *)
| Got_near (k : Z)      (* R_AARCH64_GOT_LD_PREL19 *)
| Jump_26 (target : Z)  (* R_AARCH64_JUMP26 *)
| Call_26 (target : Z)  (* R_AARCH64_CALL26 *)
| Literal_page (at_ : Z) (* R_AARCH64_ADR_PREL_PG_HI21 to a literal *)
| Literal_12 (at_ : Z)  (* R_AARCH64_LDST64_ABS_LO12_NC *)
| Literal_low (k : Z)   (* R_AARCH64_ABS64: the first four bytes *)
| Literal_high (k : Z)  (* and the others *)
| Wide_0 (k : Z)        (* R_AARCH64_MOVW_UABS_G0_NC: the lowest 16 bits of the address *)
| Wide_16 (k : Z)       (* R_AARCH64_MOVW_UABS_G1_NC *)
| Wide_32 (k : Z)       (* R_AARCH64_MOVW_UABS_G2_NC *)
| Wide_48 (k : Z)       (* R_AARCH64_MOVW_UABS_G3 *)
| Image_page (d : Z)    (* the address of the instruction's page, less that of the array *)
| Image_near (d : Z)    (* that of the instruction itself *)
| Other_page            (* R_AARCH64_ADR_PREL_PG_HI21 to something else of the program *)
| Other_12              (* R_AARCH64_ADD_ABS_LO12_NC to that, R_AARCH64_LDST32_ABS_LO12_NC and its like *)
| Other_near            (* R_AARCH64_ADR_PREL_LO21 to that *)
| Other_got             (* R_AARCH64_LD64_GOT_LO12_NC to that: a slot of the GOT, which has its address *)
| Other_wide            (* R_AARCH64_MOVW_UABS_G0_NC and its like to that *)
| Other_call            (* R_AARCH64_CALL26 to a function of another file *)
| Other_thing           (* of another type: it completes no instruction that is known *)
| Image_wide (d : Z).   (* the address 0, less that of the array; of MOVZ, where the image lies at fixed addresses *)

(** The register that has the address to return to. *)
Definition armv8_link : nat := 30%nat.
(** Registers that a call leaves as they are: X18 to X29 and the stack pointer (AAPCS64). *)
Definition armv8_kept : list nat := seq 18 12 ++ [31%nat].

(** To sign the address to return to, with the stack pointer, both as at the call; and to authenticate it. *)
Definition as_at_call (link : nat) : list (micro a64) :=
  [Agree (Reg armv8_link) (Reg link); Agree (Reg 31) (Reg frame_top)].
Definition sign : list (micro a64) := as_at_call called_from ++ [Move armv8_link (Reg signed_link)].
Definition authenticate : list (micro a64) := as_at_call signed_link ++ [Move armv8_link (Reg called_from)].

(** ** Fields of an instruction *)
Definition number (r : Z) : nat := Z.to_nat r.
(** 31 is the zero register. *)
Definition source (r : Z) : expr := if r =? 31 then Const 0 else Reg (number r).
(** Cut to the size of the operation: bit 31 says if it has 64 bits. *)
Definition sized (w : Z) (a : expr) : expr := if Z.testbit w 31 then a else Bits 32 a.

Section Decode.
  (** The instruction lies at offset [at_] and has the bits [w]. *)
  Context (at_ w : Z).
  Let rd := bit_field w 0 5.
  Let rn := bit_field w 5 5.
  Let rm := bit_field w 16 5.
  Let ra := bit_field w 10 5.

  (** The number of an AND is one: ones and zeros in elements of 2 to 64 bits, which are not all ones. *)
  Definition is_bit_mask : bool :=
    let s := bit_field w 10 6 in
    if Z.testbit w 22 then Z.testbit w 31 && negb (s =? 63)
    else negb (existsb (Z.eqb s) [31; 47; 55; 59; 61; 62; 63]).

  (** Arithmetic. *)
  Definition decode_data : option (list (micro a64)) :=
    (* ADD, SUB (immediate); of or to the stack pointer those of 64 bits *)
    if is w 0x7f800000 0x11000000 || is w 0x7f800000 0x51000000 then
      let k := Z.shiftl (bit_field w 10 12) (if Z.testbit w 22 then 12 else 0) in
      unless (negb (Z.testbit w 31) && ((rd =? 31) || (rn =? 31)))
        (one (Move (number rd) (sized w (Plus (Reg (number rn)) (Const (if Z.testbit w 30 then - k else k))))))
    (* ADD (shifted register), LSL *)
    else if is w 0x7fe00000 0x0b000000 then
      unless ((rd =? 31) || negb (Z.testbit w 31) && (32 <=? bit_field w 10 6))
        (one (Move (number rd) (sized w (Plus (source rn) (Scale (2 ^ bit_field w 10 6) (source rm))))))
    (* ADD (extended register), not of or to the stack pointer *)
    else if is w 0x7fe00000 0x0b200000 then
      let option := bit_field w 13 3 in let shift := Scale (2 ^ bit_field w 10 3) in
      unless ((rd =? 31) || (rn =? 31) || (4 <? bit_field w 10 3))
        (if option =? 2 then one (Move (number rd) (sized w (Plus (source rn) (shift (Bits 32 (source rm))))))
         else if option =? 6 then one (Move (number rd) (sized w (Plus (source rn) (shift (Extend (source rm))))))
         else None)
    (* SUB (shifted register), NEG *)
    else if is w 0x7fe00000 0x4b000000 then
      unless ((rd =? 31) || negb (Z.testbit w 31) && (32 <=? bit_field w 10 6))
        (one (Move (number rd) (sized w (Plus (source rn) (Scale (- 2 ^ bit_field w 10 6) (source rm))))))
    (* CMP, SUBS (register), not shifted *)
    else if is w 0x7fe0fc00 0x6b000000 then
      Some (Compare (sized w (source rn)) (sized w (source rm)) ::
            if rd =? 31 then [] else [Move (number rd) (sized w (Plus (source rn) (Scale (-1) (source rm))))])
    (* CMN (register), not shifted *)
    else if is w 0x7fe0fc1f 0x2b00001f then one (Compare (sized w (source rn)) (sized w (Scale (-1) (source rm))))
    (* CMP, CMN, SUBS (immediate) *)
    else if is w 0x7f800000 0x71000000 || is w 0x7f80001f 0x3100001f then
      let k := Z.shiftl (bit_field w 10 12) (if Z.testbit w 22 then 12 else 0) in
      let k := if Z.testbit w 30 then k else - k in
      unless (rn =? 31)
        (Some (Compare (sized w (Reg (number rn))) (sized w (Const k)) ::
               if rd =? 31 then [] else [Move (number rd) (sized w (Plus (Reg (number rn)) (Const (- k))))]))
    (* MADD, MUL; UMADDL, UMULL *)
    else if is w 0x7fe08000 0x1b000000 then
      unless (rd =? 31) (one (Move (number rd) (sized w (Plus (source ra) (Times (source rn) (source rm))))))
    else if is w 0xffe08000 0x9ba00000 then
      unless (rd =? 31)
        (one (Move (number rd) (Plus (source ra) (Times (Bits 32 (source rn)) (Bits 32 (source rm))))))
    (* MOVK, of a number *)
    else if is w 0x7f800000 0x72800000 then
      let n := 16 * bit_field w 21 2 in let r := Reg (number rd) in
      unless ((rd =? 31) || negb (Z.testbit w 31) && Z.testbit w 22)
        (one (Move (number rd) (sized w (Plus (Plus (Bits n r) (Const (Z.shiftl (bit_field w 5 16) n)))
                                              (Scale (2 ^ (n + 16)) (Down (n + 16) r))))))
    (* AND, ORR, EOR, ANDS and their like, of registers and of numbers: nothing is said of it, but of MOV *)
    else if is w 0x1f000000 0x0a000000 && negb (is w 0x7f2003e0 0x2a0003e0) then
      unless ((rd =? 31) && negb (is w 0x60000000 0x60000000) || negb (Z.testbit w 31) && Z.testbit w 15)
        (one (Any (if rd =? 31 then [] else [number rd])))
    else if is w 0x1f800000 0x12000000 && negb (is w 0x7f8003e0 0x320003e0) then
      unless ((rd =? 31) && negb (is w 0x60000000 0x60000000) || negb is_bit_mask)
        (one (Any (if rd =? 31 then [] else [number rd])))
    (* CSEL, CSINC and their like; CCMP, CCMN *)
    else if is w 0x3fe00800 0x1a800000 then unless (rd =? 31) (one (Any [number rd]))
    else if is w 0x3fe00410 0x3a400000 then one (Any [])
    (* PACIA, AUTIA: X30 and the stack pointer; XPACI, XPACD: a register without its authentication code *)
    else if w =? 0xdac103fe then Some sign
    else if w =? 0xdac113fe then Some authenticate
    else if is w 0xfffffbe0 0xdac143e0 then unless (rd =? 31) (one (Any [number rd]))
    (* MOV (register): ORR with the zero register, not shifted *)
    else if is w 0x7fe0ffe0 0x2a0003e0 then unless (rd =? 31) (one (Move (number rd) (sized w (source rm))))
    (* MOVZ *)
    else if is w 0x7f800000 0x52800000 then
      unless ((rd =? 31) || negb (Z.testbit w 31) && Z.testbit w 22)
        (one (Move (number rd) (Const (Z.shiftl (bit_field w 5 16) (16 * bit_field w 21 2)))))
    (* UBFM: a field of bits to the left (UBFIZ, LSL), or the lowest bits (UXTW is MOV) *)
    else if is w 0xffc00000 0xd3400000 || is w 0xffe08000 0x53000000 then
      let size := if Z.testbit w 31 then 64 else 32 in
      let immr := bit_field w 16 6 in let bits := bit_field w 10 6 + 1 in
      let shift := (size - immr) mod size in
      unless ((rd =? 31) || negb ((immr =? 0) || (bits <=? immr)))
        (one (Move (number rd)
          (sized w (Scale (2 ^ shift) (if bits + shift =? size then source rn else Bits bits (source rn))))))
    else None.

  (** What a register offset adds to a base: of 64 bits, or of 32 with zeros; shifted by [n], or not. *)
  Definition offset (n : Z) : option expr :=
    let shift := if Z.testbit w 12 then Scale (2 ^ n) else fun a => a in
    let option := bit_field w 13 3 in
    if option =? 3 then Some (shift (source rm)) else if option =? 2 then Some (shift (Bits 32 (source rm))) else None.

  (** Two loads of which the first may give the register that has the address: that one is last then. *)
  Definition in_turn {A} (first : Z) (ms : list A) : list A := if first =? rn then rev ms else ms.

  (** Accesses to 32 bits of memory, not through the stack pointer. *)
  Definition decode_memory : option (list (micro a64)) :=
    let address := Reg (number rn) in let t := number rd in
    let load is excl a := unless (rd =? 31) (one (Load is excl t a)) in
    let store is a := one (Store is a (source rd)) in
    unless (rn =? 31)
    (if is w 0xfffffc00 0x88dffc00 then load [LDAR] false address                (* LDAR *)
     else if is w 0xfffffc00 0x885f7c00 then load [LDXR] true address            (* LDXR *)
     else if is w 0xfffffc00 0x885ffc00 then load [LDAXR] true address           (* LDAXR *)
     else if is w 0xfffffc00 0x889ffc00 then store [STLR] address                (* STLR *)
     else if is w 0xffe07c00 0x88007c00 then                                     (* STXR, STLXR *)
       unless ((rm =? 31) || (rm =? rd) || (rm =? rn))
         (one (Store_x [if Z.testbit w 15 then STLXR else STXR] (number rm) address (source rd)))
     else if is w 0xffc00000 0xb9400000 then                                     (* LDR *)
       load [LDR] false (Plus address (Const (4 * bit_field w 10 12)))
     else if is w 0xffc00000 0xb9000000 then                                     (* STR *)
       store [STR] (Plus address (Const (4 * bit_field w 10 12)))
     else if is w 0xffa00c00 0xb8200800 then                                     (* LDR, STR, register offset *)
       match offset 2 with
       | Some a => if Z.testbit w 22 then load [LDR] false (Plus address a) else store [STR] (Plus address a)
       | None => None
       end
     else if is w 0xff800000 0x29000000 then                                     (* LDP, STP *)
       let a := Plus address (Const (4 * signed (bit_field w 15 7) 7)) in
       let both access := Some [access rd a; access ra (Plus a (Const 4))] in
       if Z.testbit w 22 then
         unless ((rd =? 31) || (ra =? 31) || (ra =? rd))
           (option_map (in_turn rd) (both (fun r a => Load [LDR] false (number r) a)))
       else both (fun r a => Store [STR] a (source r))
     else if is w 0xffe00c00 0xb8400c00 then                                     (* LDR, pre-indexed *)
       let k := Const (signed (bit_field w 12 9) 9) in
       unless ((rn =? rd) || (rd =? 31)) (Some [Move (number rn) (Plus address k); Load [LDR] false t address])
     else if is w 0xffe00c00 0xb8400000 then                                     (* LDUR *)
       load [LDR] false (Plus address (Const (signed (bit_field w 12 9) 9)))
     else if is w 0xffe00c00 0xb8000000 then                                     (* STUR *)
       store [STR] (Plus address (Const (signed (bit_field w 12 9) 9)))
     else if is w 0xff20fc00 0xb8200000 then                                     (* LDADD, LDADDA, LDADDL, LDADDAL *)
       let acq := Z.testbit w 23 in let rel := Z.testbit w 22 in
       unless (rd =? 31) (one (Fetch_add [LDADD_load acq rel; LDADD_store acq rel] t address (source rm)))
     else None).

  (** Accesses to 64 bits, which only the frame has.  Pre-indexed and post-indexed ones change their base.  And those to
      32 bits of the frame, by the stack pointer. *)
  Definition slot (load : bool) (r : Z) (a : expr) : micro a64 :=
    if load then Reload 31 (number r) a else Spill 31 a (source r).
  Definition decode_frame : option (list (micro a64)) :=
    let load := Z.testbit w 22 in
    let base := Reg (number rn) in
    let at_base k := Plus base (Const k) in
    let k := signed (bit_field w 12 9) 9 in
    let k2 := 8 * signed (bit_field w 15 7) 7 in
    (* of a pair, the second register; where a base is written back, it is neither of them *)
    let both a := [slot load rd a; slot load ra (Plus a (Const 8))] in
    let back k := [Move (number rn) (at_base k)] in
    let single := unless (load && (rd =? 31)) in
    let pair := unless (load && ((rd =? 31) || (ra =? 31) || (rd =? ra))) in
    let other b := unless ((rn =? rd) || b && (rn =? ra)) in
    let half a := unless (negb (rn =? 31)) (single
      (one (if load then Reload_half 31 (number rd) (at_base a) else Spill_half 31 (at_base a) (source rd)))) in
    if is w 0xff800000 0xf9000000 then single (one (slot load rd (at_base (8 * bit_field w 10 12))))  (* STR, LDR *)
    else if is w 0xffa00c00 0xf8000000 then single (one (slot load rd (at_base k)))                   (* STUR, LDUR *)
    else if is w 0xff800000 0xb9000000 then half (4 * bit_field w 10 12)                         (* STR, LDR: 32 bits *)
    else if is w 0xffa00c00 0xb8000000 then half k
    else if is w 0xffa00c00 0xf8200800 then                                                       (* register offset *)
      match offset 3 with Some a => unless (rn =? 31) (single (one (slot load rd (Plus base a)))) | None => None end
    else if is w 0xffa00c00 0xf8000c00 then                                                           (* pre-indexed *)
      other false (single (Some (back k ++ [slot load rd base])))
    else if is w 0xffa00c00 0xf8000400 then                                                           (* post-indexed *)
      other false (single (Some (slot load rd base :: back k)))
    else if is w 0xff800000 0xa9000000 then                                                           (* STP, LDP *)
      pair (Some (in_turn (if load then rd else -1) (both (at_base k2))))
    else if is w 0xff800000 0xa9800000 then other true (pair (Some (back k2 ++ both base)))           (* pre-indexed *)
    else if is w 0xff800000 0xa8800000 then other true (pair (Some (both base ++ back k2)))           (* post-indexed *)
    else None.

  (** Accesses of registers of SIMD and floating point, of which nothing else is known. *)
  Definition decode_simd : option (list (micro a64)) :=
    let base := Reg (number rn) in
    let bits := if Z.testbit w 23 then 4 else bit_field w 30 2 in   (* 2 to the power of that is the number of bytes *)
    let access a := one (Elsewhere (2 ^ bits) [] a) in
    (* LDR, literal: what the compiler has put behind the code *)
    if is w 0x3f000000 0x1c000000 then
      let n := 2 ^ (2 + bit_field w 30 2) in
      unless (16 <? n) (Some [Address made_address; Elsewhere n [] (Reg made_address)])
    else unless (Z.testbit w 23 && negb (bit_field w 30 2 =? 0))
    (if is w 0x3f000000 0x3d000000 then access (Plus base (Const (2 ^ bits * bit_field w 10 12)))     (* LDR, STR *)
     else if is w 0x3f200c00 0x3c000000 then access (Plus base (Const (signed (bit_field w 12 9) 9))) (* LDUR, STUR *)
     else if is w 0x3f200c00 0x3c200800 then                                                      (* register offset *)
       match offset bits with Some a => unless (rn =? 31) (access (Plus base a)) | None => None end
     else None).

  (** Jumps and hints. *)
  Definition decode_control : option (list (micro a64)) :=
    if is w 0x7e000000 0x34000000 then                                           (* CBZ, CBNZ *)
      unless (rd =? 31)
        (one (Jump (If_zero (negb (Z.testbit w 24)) (sized w (Reg (number rd))))
                (at_ + 4 * signed (bit_field w 5 19) 19)))
    else if is w 0xff00001e 0x54000000 then                                      (* B.EQ, B.NE *)
      one (Jump (If_equal (negb (Z.testbit w 0))) (at_ + 4 * signed (bit_field w 5 19) 19))
    else if is w 0xff000010 0x54000000 then                                      (* the other conditions *)
      unless (14 <=? bit_field w 0 4) (one (Either (at_ + 4 * signed (bit_field w 5 19) 19)))
    else if is w 0xfc000000 0x14000000 then one (Jump Always (at_ + 4 * signed (bit_field w 0 26) 26))
    else if is w 0xfc000000 0x94000000 then                                      (* BL *)
      Some (call armv8_link (at_ + 4) (at_ + 4 * signed (bit_field w 0 26) 26))
    else if is w 0xfffffc1f 0xd65f0000 then unless (rn =? 31) (one (Return (Reg (number rn))))
    else if w =? 0xd503233f then Some sign                                       (* PACIASP *)
    else if w =? 0xd50323bf then Some authenticate                               (* AUTIASP *)
    else if w =? 0xd50320ff then one (Any [armv8_link])                          (* XPACLRI: X30 without its code *)
    else if w =? 0xd65f0bff then                                                 (* RETAA, which leaves X30 signed *)
      Some (as_at_call signed_link ++ [Return (Reg called_from)])
    else if w =? 0xd503205f then one Wait_event                                  (* WFE *)
    else if existsb (Z.eqb w) [0xd503201f; 0xd503203f; 0xd503229f; 0xd503241f; 0xd503245f; 0xd503249f; 0xd50324df]
      then Some []                                                               (* NOP, YIELD, CSDB, BTI *)
    else None.

  (** The number in ADR and ADRP. *)
  Definition distance : Z := signed (4 * bit_field w 5 19 + bit_field w 29 2) 21.

  (** An instruction that a relocation completes, or one that is complete.  The field that the
      relocation fills is zero: some linkers replace it, others add to it.  In an image it is filled, and an
      address that is made of the instruction's own is some byte's of the array, or one before or behind it. *)
  Definition armv8_decode (r : option armv8_relocation) : option (list (micro a64)) :=
    let makes mask bits := if is w mask bits then unless (rd =? 31) (one (Address (number rd))) else None in
    match r with
    | Some (Page_21 k) =>                                                        (* ADRP *)
        if is w 0xffffffe0 0x90000000 then unless (rd =? 31) (one (Move (number rd) (Page k))) else None
    | Some (Add_12 k) =>
        if is w 0xfffffc00 0x91000000 then
          unless ((rd =? 31) || (rn =? 31)) (one (Move (number rd) (Plus (Reg (number rn)) (Within k))))
        else None
    | Some (Access_12 k) =>
        let address := Plus (Reg (number rn)) (Within k) in
        unless ((rn =? 31) || (rd =? 31))
        (if is w 0xfffffc00 0xb9400000 then one (Load [LDR] false (number rd) address)
         else if is w 0xfffffc00 0xb9000000 then one (Store [STR] address (Reg (number rd)))
         else None)
    | Some (Near_21 k) =>                                                        (* ADR *)
        if is w 0xffffffe0 0x10000000 then unless (rd =? 31) (one (Move (number rd) (array_byte k))) else None
    | Some (Got_near k) =>                                                       (* LDR, literal, of 64 bits *)
        if is w 0xffffffe0 0x58000000 then unless (rd =? 31) (one (Move (number rd) (array_byte k))) else None
    | Some (Jump_26 target) => if w =? 0x14000000 then one (Jump Always target) else None
    | Some (Call_26 target) => if w =? 0x94000000 then Some (call armv8_link (at_ + 4) target) else None
    | Some Other_page => makes 0xffffffe0 0x90000000                             (* ADRP *)
    | Some Other_12 =>
        if is w 0xfffffc00 0x91000000 then unless ((rd =? 31) || (rn =? 31)) (one (Address (number rd)))
        else if is w 0x3f3ffc00 0x3d000000 then
          match decode_simd with
          | Some [Elsewhere n rs _] => Some [Address made_address; Elsewhere n rs (Reg made_address)]
          | _ => None
          end
        else if is w 0xbf800000 0xb9000000 && (bit_field w 10 12 =? 0) then                    (* LDR, STR *)
          let load := Z.testbit w 22 in
          unless (load && (rd =? 31))
            (Some [Address made_address;
                   Elsewhere (if Z.testbit w 30 then 8 else 4) (if load then [number rd] else []) (Reg made_address)])
        else None
    | Some Other_got => unless (rn =? 31) (makes 0xfffffc00 0xf9400000)          (* LDR *)
    | Some Other_near => makes 0xffffffe0 0x10000000                             (* ADR *)
    | Some Other_wide => makes 0xdf9fffe0 0xd2800000                             (* MOVZ, MOVK *)
    | Some Other_call => if w =? 0x94000000 then Some (call_out (seq 0 31) armv8_kept) else None
    | Some Other_thing => None
    | Some (Image_page d) => unless ((rd =? 31) || negb (is w 0x9f000000 0x90000000))
        (one (Move (number rd) (array_byte (d + 4096 * distance))))
    | Some (Image_near d) => unless ((rd =? 31) || negb (is w 0x9f000000 0x10000000))
        (one (Move (number rd) (array_byte (d + distance))))
    | Some (Image_wide _) => if is w 0xffe00000 0xd2800000 then decode_data else None
    | Some (Got_page _) | Some (Got_12 _) | Some (Literal_page _) | Some (Literal_12 _)
    | Some (Wide_0 _) | Some (Wide_16 _) | Some (Wide_32 _) | Some (Wide_48 _) => None   (* see address *)
    | Some (Literal_low _) | Some (Literal_high _) => None                       (* no instructions *)
    | None =>
        (* by its class, which bits 28 to 25 say *)
        if negb (Z.testbit w 27) then if Z.testbit w 26 then decode_control else decode_data
        else if Z.testbit w 25 then decode_data
        else
          match decode_memory with
          | Some ms => Some ms
          | None => match decode_frame with Some ms => Some ms | None => decode_simd end
          end
    end.
End Decode.

(** ** The instruction at an offset *)

(** Instructions are four bytes, the lowest first, at multiples of four. *)
Fixpoint words_at (at_ : Z) (bs : list Z) (m : PositiveMap.t Z) : PositiveMap.t Z :=
  match bs with
  | a :: b :: c :: d :: bs =>
      words_at (at_ + 4) bs (PositiveMap.add (key at_) (a + 2 ^ 8 * b + 2 ^ 16 * c + 2 ^ 24 * d) m)
  | _ => m
  end.

(** ** An address that several instructions make

    ADRP has the page of a word that holds the array's address, a slot of the global offset table or a literal, and LDR
    of that register, by way of itself, what is there.  Or MOVZ has the lowest 16 bits of the address, and three MOVK
    of that register have the others.  These, with what stands between them, are one instruction here: arithmetic and
    stores that have nothing to do with that register, for in an object what it has in between depends on the link.
    Elsewhere such an LDR or MOVK is not decoded; nor is such an ADRP or MOVZ, but in an image, where each is like any
    other. *)

Section Address.
  (** The bits at an offset, and the relocation there; slots of an image. *)
  Context (fetch : Z -> option (Z * option armv8_relocation)) (image_slots : list Z).

  (** The byte of the array whose address the literal at a place holds.  Its own bits are zero: see [armv8_decode]. *)
  Definition literal (at_ : Z) : option Z :=
    match fetch at_, fetch (at_ + 4) with
    | Some (0, Some (Literal_low k)), Some (0, Some (Literal_high k')) => if k =? k' then Some k else None
    | _, _ => None
    end.
  (** So does the word at that distance from the array, in an image. *)
  Definition is_slot (d : Z) : bool := existsb (Z.eqb d) image_slots.

  (** An instruction that goes on with register [rd], of its bits and its relocation: what it adds to the address.
      [fits]: if the number in it and its relocation are as they have to be. *)
  Definition next : Type := Z -> option armv8_relocation -> option Z.
  Definition load (rd : Z) (fits : Z -> option armv8_relocation -> bool) : next := fun w r =>
    if is w 0xffc003ff (0xf9400000 + 33 * rd) && fits (bit_field w 10 12) r then Some 0 else None.
  Definition movk (rd : Z) (fits : Z -> Z -> option armv8_relocation -> bool) (i : Z) : next := fun w r =>
    let n := bit_field w 5 16 in
    if is w 0xffe0001f (0xf2800000 + 2 ^ 21 * i + rd) && fits i n r then Some (2 ^ (16 * i) * n) else None.

  (** In an object all have the relocation of the same byte, or literal, and no number; in an image there is only that:
      here LDR's, behind an ADRP that makes the address [page], less that of the array. *)
  Definition got (k n : Z) (r : option armv8_relocation) : bool :=
    match r with Some (Got_12 k') => (k =? k') && (n =? 0) | _ => false end.
  Definition in_text (at_ n : Z) (r : option armv8_relocation) : bool :=
    match r with Some (Literal_12 at') => (at_ =? at') && (n =? 0) | _ => false end.
  Definition in_image (page n : Z) (r : option armv8_relocation) : bool :=
    match r with None => is_slot (page + 8 * n) | _ => false end.
  Definition part_of (k i n : Z) (r : option armv8_relocation) : bool :=
    match r with
    | Some (Wide_16 k') => (i =? 1) && (k =? k') && (n =? 0)
    | Some (Wide_32 k') => (i =? 2) && (k =? k') && (n =? 0)
    | Some (Wide_48 k') => (i =? 3) && (k =? k') && (n =? 0)
    | _ => false
    end.
  Definition alone (_ _ : Z) (r : option armv8_relocation) : bool := match r with None => true | _ => false end.

  Definition between (w : Z) : option (list (micro a64)) :=
    match decode_data w, decode_memory w with
    | Some ms, _ => Some ms
    | None, Some [Store is a v] => Some [Store is a v]
    | _, _ => None
    end.
  (** From [at_] to the last of these, with others between, at most [n] of all; [k]: the byte of the array so far. *)
  Fixpoint through (nexts : list next) (n : nat) (at_ rd k : Z) : option (list (micro a64) * Z) :=
    match nexts, n, fetch at_ with
    | [], _, _ => Some ([Move (number rd) (array_byte k)], at_)
    | next :: rest, S n, Some (w, r) =>
        match next w r, r, between w with
        | Some more, _, _ => through rest n (at_ + 4) rd (k + more)
        | None, None, Some ms =>
            if forallb (leaves (number rd)) ms then
              match through nexts n (at_ + 4) rd k with
              | Some (last, end_) => Some (ms ++ last, end_)
              | None => None
              end
            else None
        | _, _, _ => None
        end
    | _, _, _ => None
    end.
  (** From the first on; LDR of a literal is the only one. *)
  Definition address (at_ w : Z) (r : option armv8_relocation) : option (list (micro a64) * Z) :=
    let rd := bit_field w 0 5 in
    let from nexts k := through nexts (4 + List.length nexts) (at_ + 4) rd k in
    let adrp := is w 0xffffffe0 0x90000000 in
    let loaded := 4 * signed (bit_field w 5 19) 19 in
    unless (rd =? 31)
      match r with
      | Some (Got_page k) => if adrp then from [load rd (got k)] k else None
      | Some (Literal_page t) =>
          match literal t with Some k => if adrp then from [load rd (in_text t)] k else None | None => None end
      | Some (Image_page d) =>
          if is w 0x9f000000 0x90000000 then from [load rd (in_image (d + 4096 * distance w))] 0 else None
      | Some (Wide_0 k) =>
          if is w 0xffffffe0 0xd2800000 then from (map (movk rd (part_of k)) [1; 2; 3]) k else None
      | Some (Image_wide d) =>
          if is w 0xffe00000 0xd2800000 then from (map (movk rd alone) [1; 2; 3]) (d + bit_field w 5 16) else None
      | Some (Image_near d) => if is w 0xff000000 0x58000000 && is_slot (d + loaded) then from [] 0 else None
      | None =>
          if is w 0xff000000 0x58000000 then match literal (at_ + loaded) with Some k => from [] k | None => None end
          else None
      | _ => None
      end.

  Definition fetched (at_ : Z) : option (list (micro a64) * Z) :=
    match fetch at_ with
    | None => None
    | Some (w, r) =>
        match address at_ w r with
        | Some (ms, end_) => Some (ms, end_ - at_)
        | None => option_map (fun ms => (ms, 4)) (armv8_decode at_ w r)
        end
    end.
End Address.

(** A linker may have a jump or a call with a relocation go by way of code of its own, which leaves in X16 and X17
    what it likes: where there is such a jump, nothing that reads these is decoded; but in a debug build, which has
    hlock_wrong, they hold anything then. *)
Definition linker_registers : list nat := [16; 17]%nat.
Definition is_linked (r : armv8_relocation) : bool := match r with Jump_26 _ | Call_26 _ => true | _ => false end.

(** Two relocations of one place are refused. *)
Definition armv8_code (O : object_file armv8_relocation) : code a64 :=
  let ws := words_at 0 (text O) (PositiveMap.empty _) in
  let rs := relocations_at (relocations O) in
  let fetch at_ :=
    if at_ <? 0 then None
    else
      match PositiveMap.find (key at_) ws, PositiveMap.find (key at_) rs with
      | Some w, None | Some w, Some [] => Some (w, None)
      | Some w, Some [r] => Some (w, Some r)
      | _, _ => None
      end in
  let debug := existsb (fun s => never_returns (fst s)) (symbols O) in
  let linked := existsb (fun r => is_linked (snd r)) (relocations O) in
  fun at_ =>
    match fetched fetch (slots O) at_, fetch at_ with
    | Some (ms, n), Some (_, r) =>
        if debug then
          let here := match r with Some r => is_linked r | None => false end in
          Some (if here then Any linker_registers :: ms else ms, n)
        else if linked && negb (forallb (fun r => forallb (avoids r) ms) linker_registers) then None
        else Some (ms, n)
    | _, _ => None
    end.

(** A relocation that reaches out of the four bytes of its instruction, or lies between two,
    would change another one. *)
Definition armv8_apart (O : object_file armv8_relocation) : bool :=
  forallb (fun r => (0 <=? fst r) && (fst r mod 4 =? 0)) (relocations O).
