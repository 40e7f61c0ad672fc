(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The instructions of riscv64

    [riscv_code] knows the instructions that compilers make of the locks, from the tables of the RISC-V
    unprivileged manual: RV64I, M, A, C, and of Zba those that make an address.  What is not listed is not
    decoded, and nothing is said of code that comes to it.  A fence is decoded with the access that it goes
    with, or not at all.

    Hardware's x10, the first argument, is register 0 here; x0 is no register: it reads as 0, and what is
    written to it is lost.  The others have their own numbers.  A jump by way of x6 (t1) leaves
    there what a link says: so where there is one nothing that reads it is decoded, and what it holds here says nothing;
    but in a debug build, which has hlock_wrong, it holds anything then.
    Read next: checker.v. *)
From Coq Require Import ZArith List Bool String FMapPositive.
From hlock.clight Require Import options.
From hlock.machine.hardware Require Import riscv_model.
From hlock.object Require Import micro file.
Import ListNotations.
Local Open Scope Z_scope.

(** A relocation: five have a byte of the array of lock words, six a place in the text.  Two are of a linked image, in
    which there are no others and all fields are filled: how far the instruction lies from the array; the address 0, if
    the image lies where it is linked.  The last ones are to something else. *)
Inductive riscv_relocation :=
| Pcrel_hi (k : Z)        (* R_RISCV_PCREL_HI20 *)
| Got_hi (k : Z)          (* R_RISCV_GOT_HI20: of a slot that holds the address *)
| Abs_hi (k : Z)          (* R_RISCV_HI20 *)
| Abs_lo (k : Z)          (* R_RISCV_LO12_I *)
| Abs_lo_s (k : Z)        (* R_RISCV_LO12_S *)
| Pcrel_lo (site : Z)     (* R_RISCV_PCREL_LO12_I: what the AUIPC there, with its own relocation, leaves to be added *)
| Branch (target : Z)     (* R_RISCV_BRANCH *)
| Jal (target : Z)        (* R_RISCV_JAL *)
| Rvc_branch (target : Z) (* R_RISCV_RVC_BRANCH *)
| Rvc_jump (target : Z)   (* R_RISCV_RVC_JUMP *)
| Call (target : Z)       (* R_RISCV_CALL, R_RISCV_CALL_PLT: of two instructions *)
| Image_auipc (d : Z)     (* the address of the instruction, less that of the array *)
| Image_lui (d : Z)       (* the address 0, less that of the array; of LUI and C.LUI *)
| Other_hi                (* R_RISCV_PCREL_HI20 *)
| Other_abs               (* R_RISCV_HI20, R_RISCV_LO12_I *)
| Other_call              (* R_RISCV_CALL, R_RISCV_CALL_PLT *)
| Other_thing.            (* any other type: of these four bytes nothing is known *)

(** How many bytes it changes. *)
Definition changes (r : riscv_relocation) : Z :=
  match r with
  | Rvc_branch _ | Rvc_jump _ => 2
  | Call _ | Other_call => 8
  | Image_auipc _ | Image_lui _ => 0
  | _ => 4
  end.

(** ** Registers *)
Definition t1 : nat := 6%nat.
Definition sp : nat := 2%nat.
(** The one that has the address to return to. *)
Definition riscv_link : nat := 1%nat.
Definition number (r : Z) : nat := if r =? 10 then 0%nat else Z.to_nat r.
Definition source (r : Z) : expr := if r =? 0 then Const 0 else Reg (number r).
(** Registers that a call leaves as they are: the stack pointer, gp, tp, and s0 to s11. *)
Definition riscv_kept : list nat := [2; 3; 4; 8; 9]%nat ++ seq 18 10.
Definition all_registers : list nat := seq 0 10 ++ seq 11 21.

Definition plus (a : expr) (k : Z) : expr := if k =? 0 then a else Plus a (Const k).
(** Cut to a word, with its sign, if [narrow]. *)
Definition sized (narrow : bool) (a : expr) : expr := if narrow then Extend a else a.
Definition writes (rd : Z) (a : expr) : list (micro riscv) := if rd =? 0 then [] else [Move (number rd) a].

(** ** What instructions do, by their fields *)
Definition add_constant (narrow : bool) (rd rs k : Z) : list (micro riscv) :=
  writes rd (sized narrow (if rs =? 0 then Const k else plus (source rs) k)).
Definition add (narrow : bool) (rd rs1 rs2 : Z) : list (micro riscv) :=
  writes rd (sized narrow (if rs1 =? 0 then source rs2 else Plus (source rs1) (source rs2))).
Definition subtract (narrow : bool) (rd rs1 rs2 : Z) : list (micro riscv) :=
  writes rd (sized narrow (Plus (source rs1) (Scale (-1) (source rs2)))).
Definition shift_left (narrow : bool) (rd rs n : Z) : list (micro riscv) :=
  writes rd (sized narrow (Scale (2 ^ n) (source rs))).
Definition shift_right (rd rs n : Z) : list (micro riscv) := writes rd (Down n (source rs)).
(** A load keeps 32 bits; LW extends their sign. *)
Definition load_word (narrow : bool) (rd : Z) (address : expr) : option (list (micro riscv)) :=
  unless (rd =? 0)
    (Some (Load [LW] false (number rd) address :: (if narrow then writes rd (Extend (source rd)) else []))).
Definition store_word (rs : Z) (address : expr) : option (list (micro riscv)) := one (Store [SW] address (source rs)).
(** 64 bits, which only the frame has. *)
Definition load_slot (rd : Z) (address : expr) : option (list (micro riscv)) :=
  unless (rd =? 0) (one (Reload sp (number rd) address)).
Definition store_slot (rs : Z) (address : expr) : option (list (micro riscv)) := one (Spill sp address (source rs)).
Definition branch (b : bool) (rs1 rs2 target : Z) : list (micro riscv) :=
  [Compare (source rs1) (source rs2); Jump (If_equal b) target].
(** What a product is, of an operation of this name. *)
Definition multiply (times : expr -> expr -> expr) (narrow : bool) (rd rs1 rs2 : Z) : list (micro riscv) :=
  writes rd (sized narrow (times (source rs1) (source rs2))).
(** The lowest bit of the address of an instruction is zero. *)
Definition jump_register (rs : Z) : option (list (micro riscv)) := unless (rs =? 0) (one (Return (source rs))).

(** ** Instructions of 32 bits *)
Section Wide.
  (** The instruction lies at offset [at_] and has the bits [w]. *)
  Context (align at_ w : Z).
  Let rd := bit_field w 7 5.
  Let rs1 := bit_field w 15 5.
  Let rs2 := bit_field w 20 5.
  Definition i_number : Z := signed (bit_field w 20 12) 12.
  Definition s_number : Z := signed (32 * bit_field w 25 7 + bit_field w 7 5) 12.
  Definition u_number : Z := 4096 * signed (bit_field w 12 20) 20.
  Definition b_number : Z :=
    signed (4096 * bit_field w 31 1 + 2048 * bit_field w 7 1 + 32 * bit_field w 25 6 + 2 * bit_field w 8 4) 13.
  Definition j_number : Z :=
    signed (2 ^ 20 * bit_field w 31 1 + 4096 * bit_field w 12 8 + 2048 * bit_field w 20 1 + 2 * bit_field w 21 10) 21.

  Definition wide_data : option (list (micro riscv)) :=
    if is w 0x7f 0x37 then Some (writes rd (Const u_number))                                     (* LUI *)
    else if is w 0x707f 0x13 then Some (add_constant false rd rs1 i_number)                      (* ADDI *)
    else if is w 0x707f 0x1b then Some (add_constant true rd rs1 i_number)                       (* ADDIW *)
    else if is w 0xfc00707f 0x1013 then Some (shift_left false rd rs1 (bit_field w 20 6))        (* SLLI *)
    else if is w 0xfc00707f 0x5013 then Some (shift_right rd rs1 (bit_field w 20 6))             (* SRLI *)
    else if is w 0xfe00707f 0x101b then Some (shift_left true rd rs1 (bit_field w 20 5))         (* SLLIW *)
    else if is w 0xfe00707f 0x501b then                                                          (* SRLIW *)
      Some (writes rd (Extend (Down (bit_field w 20 5) (Bits 32 (source rs1)))))
    else if is w 0xfe00707f 0x33 then Some (add false rd rs1 rs2)                                (* ADD *)
    else if is w 0xfe00707f 0x3b then Some (add true rd rs1 rs2)                                 (* ADDW *)
    else if is w 0xfe00707f 0x40000033 then Some (subtract false rd rs1 rs2)                     (* SUB *)
    else if is w 0xfe00707f 0x4000003b then Some (subtract true rd rs1 rs2)                      (* SUBW *)
    else if is w 0xfe00707f 0x02000033 then Some (multiply Times false rd rs1 rs2)               (* MUL *)
    else if is w 0xfe00707f 0x0200003b then Some (multiply Times true rd rs1 rs2)                (* MULW *)
    else if is w 0xfe00707f 0x02003033 then Some (multiply Times_high false rd rs1 rs2)          (* MULHU *)
    (* SLT, SLTU, SLTI, SLTIU; XOR, OR, XORI, ORI; AND, ANDI: nothing is said of it *)
    else if is w 0xfe00607f 0x2033 || is w 0x607f 0x2013 || is w 0xfe00507f 0x4033 || is w 0x507f 0x4013 ||
            is w 0xfe00707f 0x7033 || is w 0x707f 0x7013 then
      unless (rd =? 0) (one (Any [number rd]))
    else if is w 0xfc00707f 0x0800101b then                                                      (* SLLI.UW *)
      Some (writes rd (Scale (2 ^ bit_field w 20 6) (Bits 32 (source rs1))))
    (* ADD.UW; SH1ADD, SH2ADD, SH3ADD, and the same with .UW *)
    else if is w 0xfe00707f 0x0800003b then Some (writes rd (Plus (Bits 32 (source rs1)) (source rs2)))
    else if is w 0xfe001077 0x20000033 && negb (bit_field w 13 2 =? 0) then
      let a := if Z.testbit w 3 then Bits 32 (source rs1) else source rs1 in
      Some (writes rd (Plus (Scale (2 ^ bit_field w 13 2) a) (source rs2)))
    else None.

  (** Accesses to 32 bits of memory, and to 64 of the frame. *)
  Definition wide_memory : option (list (micro riscv)) :=
    if is w 0x707f 0x2003 then load_word true rd (plus (source rs1) i_number)                    (* LW *)
    else if is w 0x707f 0x6003 then load_word false rd (plus (source rs1) i_number)              (* LWU *)
    else if is w 0x707f 0x2023 then store_word rs2 (plus (source rs1) s_number)                  (* SW *)
    else if is w 0x707f 0x3003 then load_slot rd (plus (source rs1) i_number)                    (* LD *)
    else if is w 0x707f 0x3023 then store_slot rs2 (plus (source rs1) s_number)                  (* SD *)
    else if is w 0xf800707f 0x202f then                                                          (* AMOADD.W *)
      let aq := Z.testbit w 26 in let rl := Z.testbit w 25 in
      unless (rd =? 0)
        (Some (Fetch_add [AMOADD_load aq rl; AMOADD_store aq rl] (number rd) (source rs1) (source rs2)
               :: writes rd (Extend (source rd))))
    else if is w 0xfe007fff 0x0800202f then one (Store [AMOSWAP_store] (source rs1) (source rs2)) (* AMOSWAP.W x0 *)
    else None.

  (** BEQ, BNE; and BLT, BGE, BLTU, BGEU, of which it is not said when they jump. *)
  Definition branches (target : Z) : option (list (micro riscv)) :=
    if is w 0x607f 0x63 then Some (branch (negb (Z.testbit w 12)) rs1 rs2 target)
    else if is w 0x407f 0x4063 then one (Either target) else None.
  Definition wide_control : option (list (micro riscv)) :=
    if is w 0x7f 0x63 then branches (at_ + b_number)
    else if is w 0xfff 0x6f then one (Jump Always (at_ + j_number))                              (* JAL x0 *)
    else if is w 0xfff 0xef then Some (call riscv_link (at_ + 4) (at_ + j_number))               (* JAL ra *)
    else if is w 0xfff07fff 0x67 then jump_register rs1                                          (* JALR x0, 0(...) *)
    else if w =? 0x0100000f then Some []                                                         (* PAUSE *)
    else None.

  (** After LUI a register has the page of the byte 2048 behind, for what is added to it has a sign.  Where the
      array's address is a multiple of [align], which divides 4096, byte [k] is that far in its page from the one
      before. *)
  Definition first_of_unit (k : Z) : Z := k / align * align.
  Definition upper_half (k : Z) : expr := Page (first_of_unit (k + 2048)).
  Definition lower_half (k : Z) : expr :=
    Plus (Plus (source rs1) (Within (first_of_unit (k + 2048)))) (Const ((k + 2048) mod align - 2048)).

  (** With a relocation: what the object has in its field does not count, but in an image. *)
  Definition wide (r : option riscv_relocation) : option (list (micro riscv)) :=
    match r with
    | None =>
        match wide_data with
        | Some ms => Some ms
        | None => match wide_memory with Some ms => Some ms | None => wide_control end
        end
    | Some (Abs_hi k) => if is w 0x7f 0x37 then Some (writes rd (upper_half k)) else None
    | Some (Abs_lo k) =>
        if is w 0x707f 0x13 then Some (writes rd (lower_half k))
        else if is w 0x707f 0x2003 then load_word true rd (lower_half k)
        else if is w 0x707f 0x6003 then load_word false rd (lower_half k)
        else None
    | Some (Abs_lo_s k) =>
        if is w 0x707f 0x2023 then store_word rs2 (lower_half k) else None
    | Some Other_abs => unless (negb (is w 0x7f 0x37 || is w 0x707f 0x13) || (rd =? 0)) (one (Address (number rd)))
    | Some (Branch target) => branches target
    | Some (Jal target) =>
        if is w 0xfff 0x6f then one (Jump Always target)
        else if is w 0xfff 0xef then Some (call riscv_link (at_ + 4) target) else None
    | Some (Image_auipc d) => if is w 0x7f 0x17 then Some (writes rd (array_byte (d + u_number))) else None
    | Some (Image_lui d) => if is w 0x7f 0x37 then Some (writes rd (array_byte (d + u_number))) else None
    | Some _ => None                                                                             (* see single *)
    end.
End Wide.

(** ** Instructions of 16 bits *)
Section Narrow.
  Context (at_ w : Z).
  Let rd := bit_field w 7 5.
  Let rs2 := bit_field w 2 5.
  (** The fields of three bits are for x8 to x15. *)
  Let rd' := 8 + bit_field w 7 3.
  Let rs2' := 8 + bit_field w 2 3.
  Let shift := 32 * bit_field w 12 1 + bit_field w 2 5.
  Let small := signed shift 6.
  Definition word_number : Z := 8 * bit_field w 10 3 + 4 * bit_field w 6 1 + 64 * bit_field w 5 1.
  (** Of C.LD and C.SD, C.LDSP, C.SDSP. *)
  Definition slot_number : Z := 8 * bit_field w 10 3 + 64 * bit_field w 5 2.
  Definition load_number : Z := 32 * bit_field w 12 1 + 8 * bit_field w 5 2 + 64 * bit_field w 2 3.
  Definition store_number : Z := 8 * bit_field w 10 3 + 64 * bit_field w 7 3.
  Definition c_b_number : Z :=
    signed (256 * bit_field w 12 1 + 8 * bit_field w 10 2 + 64 * bit_field w 5 2 + 2 * bit_field w 3 2 +
            32 * bit_field w 2 1) 9.
  Definition c_j_number : Z :=
    signed (2048 * bit_field w 12 1 + 16 * bit_field w 11 1 + 256 * bit_field w 9 2 + 1024 * bit_field w 8 1 +
            64 * bit_field w 7 1 + 128 * bit_field w 6 1 + 2 * bit_field w 3 3 + 32 * bit_field w 2 1) 12.
  (** Of C.ADDI4SPN and C.ADDI16SP. *)
  Definition frame_number : Z :=
    16 * bit_field w 11 2 + 64 * bit_field w 7 4 + 4 * bit_field w 6 1 + 8 * bit_field w 5 1.
  Definition stack_number : Z :=
    signed (512 * bit_field w 12 1 + 16 * bit_field w 6 1 + 64 * bit_field w 5 1 + 128 * bit_field w 3 2 +
            32 * bit_field w 2 1) 10.

  (** Hints, which write to x0 or change nothing, are not decoded, but for C.NOP. *)
  Definition narrow_data : option (list (micro riscv)) :=
    if w =? 0x0001 then Some []                                                                  (* C.NOP *)
    else if is w 0xe003 0x0000 then                                                              (* C.ADDI4SPN *)
      unless (frame_number =? 0) (Some (add_constant false rs2' 2 frame_number))
    else if is w 0xe003 0x0001 then                                                              (* C.ADDI *)
      unless ((rd =? 0) || (small =? 0)) (Some (add_constant false rd rd small))
    else if is w 0xe003 0x2001 then unless (rd =? 0) (Some (add_constant true rd rd small))      (* C.ADDIW *)
    else if is w 0xe003 0x4001 then unless (rd =? 0) (Some (add_constant false rd 0 small))      (* C.LI *)
    else if is w 0xef83 0x6101 then                                                              (* C.ADDI16SP *)
      unless (stack_number =? 0) (Some (add_constant false 2 2 stack_number))
    else if is w 0xe003 0x6001 then                                                              (* C.LUI *)
      unless ((rd =? 0) || (small =? 0)) (Some (writes rd (Const (4096 * small))))
    else if is w 0xec03 0x8001 then unless (shift =? 0) (Some (shift_right rd' rd' shift))       (* C.SRLI *)
    else if is w 0xfc63 0x8c01 then Some (subtract false rd' rd' rs2')                           (* C.SUB *)
    else if is w 0xfc63 0x9c01 then Some (subtract true rd' rd' rs2')                            (* C.SUBW *)
    else if is w 0xfc63 0x9c21 then Some (add true rd' rd' rs2')                                 (* C.ADDW *)
    else if is w 0xfc03 0x8c01 || is w 0xec03 0x8801 then one (Any [number rd']) (* C.XOR, C.OR, C.AND, C.ANDI *)
    else if is w 0xe003 0x0002 then                                                              (* C.SLLI *)
      unless ((rd =? 0) || (shift =? 0)) (Some (shift_left false rd rd shift))
    else if is w 0xf003 0x8002 then unless ((rd =? 0) || (rs2 =? 0)) (Some (add false rd 0 rs2)) (* C.MV *)
    else if is w 0xf003 0x9002 then unless ((rd =? 0) || (rs2 =? 0)) (Some (add false rd rd rs2)) (* C.ADD *)
    else None.

  Definition narrow_rest : option (list (micro riscv)) :=
    if is w 0xe003 0x4000 then load_word true rs2' (plus (source rd') word_number)               (* C.LW *)
    else if is w 0xe003 0xc000 then store_word rs2' (plus (source rd') word_number)              (* C.SW *)
    else if is w 0xe003 0x6000 then load_slot rs2' (plus (source rd') slot_number)               (* C.LD *)
    else if is w 0xe003 0xe000 then store_slot rs2' (plus (source rd') slot_number)              (* C.SD *)
    else if is w 0xe003 0x6002 then load_slot rd (plus (Reg 2) load_number)                      (* C.LDSP *)
    else if is w 0xe003 0xe002 then store_slot rs2 (plus (Reg 2) store_number)                   (* C.SDSP *)
    else if is w 0xc003 0xc001 then                                                              (* C.BEQZ, C.BNEZ *)
      Some (branch (negb (Z.testbit w 13)) rd' 0 (at_ + c_b_number))
    else if is w 0xe003 0xa001 then one (Jump Always (at_ + c_j_number))                         (* C.J *)
    else if is w 0xf07f 0x8002 then jump_register rd                                             (* C.JR *)
    else None.

  Definition narrow (r : option riscv_relocation) : option (list (micro riscv)) :=
    match r with
    | None => match narrow_data with Some ms => Some ms | None => narrow_rest end
    | Some (Rvc_branch target) =>
        if is w 0xc003 0xc001 then Some (branch (negb (Z.testbit w 13)) rd' 0 target) else None
    | Some (Rvc_jump target) => if is w 0xe003 0xa001 then one (Jump Always target) else None
    | Some (Image_lui d) =>
        unless (negb (is w 0xe003 0x6001) || is w 0xef83 0x6101 || (rd =? 0) || (small =? 0))
          (Some (writes rd (array_byte (d + 4096 * small))))
    | Some _ => None
    end.
End Narrow.

(** The lowest two bits of an instruction of 32 bits are ones, and not all of the next three. *)
Definition is_wide (w : Z) : bool := is w 3 3.
Definition riscv_decode (align at_ w : Z) (r : option riscv_relocation) : option (list (micro riscv)) :=
  if is_wide w then if is w 0x1f 0x1f then None else wide align at_ w r else narrow at_ w r.

(** ** Fences *)

(** The reads and writes of FENCE; what it says of devices is left out. *)
Definition is_fence (w before after : Z) : bool :=
  is w 0xf00fffff 0x0000000f && (bit_field w 24 2 =? before) && (bit_field w 20 2 =? after).
(** Which may stand after a load, after a store, before a store or an atomic addition. *)
Definition fence_after_load (w : Z) : option riscv :=
  if is_fence w 2 3 then Some FENCE_R_RW else if is_fence w 3 3 then Some FENCE_RW_RW else None.
Definition fence_after_store (w : Z) : option riscv := if w =? 0x0140000f then Some FENCE_W_O else None.
Definition fence_before (w : Z) : option riscv := if is_fence w 3 1 then Some FENCE_RW_W else None.

(** What instruction it is, the first says. *)
Definition put_before (f : riscv) (ms : list (micro riscv)) : option (list (micro riscv)) :=
  match ms with
  | Store is a v :: ms => Some (Store (f :: is) a v :: ms)
  | Fetch_add is r a v :: ms => Some (Fetch_add (f :: is) r a v :: ms)
  | _ => None
  end.
Definition put_after (f : riscv) (m : micro riscv) : micro riscv :=
  match m with
  | Load is excl r a => Load (is ++ [f]) excl r a
  | Store is a v => Store (is ++ [f]) a v
  | m => m
  end.
(** Neither an access nor a jump. *)
Definition silent (m : micro riscv) : bool := match m with Move _ _ => true | _ => false end.

(** ** The instruction at an offset

    Some that stand one behind the other are one here: AUIPC and what adds the rest of an address to it, in the
    same register (what it holds in between depends on the link); the two of a jump by way of t1, or of a call; an
    access and its fence, with what stands between them and neither accesses memory nor jumps.  In the middle of
    them there may begin an instruction, too: it is what it is without those before it. *)
Section Code.
  (** The bits at an offset, and the relocation there, if no other one changes them; the bits behind the first
      instruction of a relocation of two; how the array is aligned; slots of an image. *)
  Context (fetch : Z -> option (Z * option riscv_relocation)) (second : Z -> option Z).
  Context (align : Z) (image_slots : list Z).
  (** It is of a debug build; there is a jump by way of t1 whose place a link says. *)
  Context (debug by_t1 : bool).

  Definition size (w : Z) : Z := if is_wide w then 4 else 2.

  (** The bits behind AUIPC of [rd], which has that relocation: ADDI, LW, or LD of a slot. *)
  Definition completes (upper : riscv_relocation) (rd w : Z) : option (list (micro riscv)) :=
    let has opcode := w =? Z.lor opcode (Z.lor (Z.shiftl rd 7) (Z.shiftl rd 15)) in
    match upper with
    | Got_hi k => if has 0x3003 then Some (writes rd (array_byte k)) else None
    | Pcrel_hi k =>
        if has 0x13 then Some (writes rd (array_byte k))
        else if has 0x2003 then load_word true rd (array_byte k) else None
    | Other_hi => if has 0x13 then one (Address (number rd)) else None
    | _ => None
    end.
  Definition address (upper : riscv_relocation) (at_ w : Z) : option (list (micro riscv) * Z) :=
    let rd := bit_field w 7 5 in
    if is w 0xfffff07f 0x17 && negb (rd =? 0) then
      match fetch (at_ + 4) with
      | Some (w', Some (Pcrel_lo site)) =>
          if site =? at_ then option_map (fun ms => (ms, at_ + 8)) (completes upper rd w') else None
      | _ => None
      end
    else None.
  (** In an image: AUIPC, and LD of a slot; alone such an AUIPC makes an address like any other. *)
  Definition out_of_slot (at_ w d : Z) : option (list (micro riscv) * Z) :=
    let rd := bit_field w 7 5 in
    if is w 0x7f 0x17 && negb (rd =? 0) then
      match fetch (at_ + 4) with
      | Some (w', None) =>
          if is w' 0xfffff (Z.lor 0x3003 (Z.lor (Z.shiftl rd 7) (Z.shiftl rd 15))) &&
             existsb (Z.eqb (d + u_number w + i_number w')) image_slots
          then Some (writes rd (array_byte 0), at_ + 8) else None
      | _ => None
      end
    else None.
  (** AUIPC t1; JALR x0, t1.  And AUIPC ra; JALR ra, ra.  With a relocation their fields are zero.  Without one they say
      how far it is: of an object, for in an image each AUIPC has one. *)
  Definition far (at_ w : Z) (r : option riscv_relocation) : option (list (micro riscv) * Z) :=
    match (if is w 0x7f 0x17 then second (at_ + 4) else None) with
    | Some w' =>
        let there := at_ + u_number w + i_number w' in
        let mask := match r with None => 0xfff | Some _ => Z.ones 32 end in
        let jumps := is w mask 0x317 && is w' (Z.lor mask 0xfffff) 0x30067 in
        let calls := is w mask 0x97 && is w' (Z.lor mask 0xfffff) 0x80e7 in
        let ends ms := Some (ms, at_ + 8) in
        match r with
        | Some (Call target) =>
            if jumps then ends (if debug then [Any [t1]; Jump Always target] else [Jump Always target])
            else if calls then ends (call riscv_link (at_ + 8) target) else None
        | None =>
            if Z.odd there then None
            else if jumps then ends [Any [t1]; Jump Always there]
            else if calls then ends (call riscv_link (at_ + 8) there) else None
        | Some Other_call => if calls then ends (call_out all_registers riscv_kept) else None
        | _ => None
        end
    | None => None
    end.

  (** An instruction that is no fence, and where it ends. *)
  Definition single (at_ : Z) : option (list (micro riscv) * Z) :=
    match
      match fetch at_ with
      | None => None
      | Some (w, r) =>
          match
            match r with
            | Some ((Pcrel_hi _ | Got_hi _ | Other_hi) as upper) => address upper at_ w
            | Some (Image_auipc d) => out_of_slot at_ w d
            | r => far at_ w r
            end, riscv_decode align at_ w r
          with
          | Some found, _ => Some found
          | None, Some ms => Some (ms, at_ + size w)
          | None, None => None
          end
      end
    with
    | Some (ms, end_) => if debug || negb by_t1 || forallb (avoids t1) ms then Some (ms, end_) else None
    | None => None
    end.

  (** A fence that [which] knows, with at most [n] silent instructions before it: the fence, what they do, its end. *)
  Fixpoint find_fence (which : Z -> option riscv) (n : nat) (at_ : Z) : option (riscv * list (micro riscv) * Z) :=
    match match fetch at_ with Some (w, None) => which w | _ => None end, n with
    | Some f, _ => Some (f, [], at_ + 4)
    | None, S n =>
        match single at_ with
        | Some (ms, end_) =>
            if forallb silent ms then
              match find_fence which n end_ with Some (f, rest, end_) => Some (f, ms ++ rest, end_) | None => None end
            else None
        | None => None
        end
    | None, O => None
    end.
  (** An access, and a fence behind it, if there is one. *)
  Definition with_fence_after (found : list (micro riscv) * Z) : list (micro riscv) * Z :=
    let '(ms, end_) := found in
    let with_fence which :=
      match find_fence which 4 end_ with
      | Some (f, between, end_) => (map (put_after f) ms ++ between, end_)
      | None => found
      end in
    match ms with
    | Load _ _ _ _ :: _ => with_fence fence_after_load
    | Store _ _ _ :: _ => with_fence fence_after_store
    | _ => found
    end.
  (** The access that the fence [f] before it goes with, with at most [n] silent instructions between. *)
  Fixpoint with_fence_before (f : riscv) (n : nat) (at_ : Z) : option (list (micro riscv) * Z) :=
    match single at_ with
    | Some (ms, end_) =>
        match put_before f ms, n with
        | Some ms, _ => Some (with_fence_after (ms, end_))
        | None, S n =>
            if forallb silent ms then
              match with_fence_before f n end_ with Some (rest, end_) => Some (ms ++ rest, end_) | None => None end
            else None
        | None, O => None
        end
    | None => None
    end.

  Definition fetched (at_ : Z) : option (list (micro riscv) * Z) :=
    match
      match fetch at_ with
      | Some (w, None) =>
          match fence_before w with
          | Some f => with_fence_before f 4 (at_ + 4)
          | None => option_map with_fence_after (single at_)
          end
      | _ => option_map with_fence_after (single at_)
      end
    with
    | Some (ms, end_) => Some (ms, end_ - at_)
    | None => None
    end.
End Code.

(** The text in pieces of 16 bits, the lowest byte first, at multiples of two. *)
Fixpoint pieces_at (at_ : Z) (bs : list Z) (m : PositiveMap.t Z) : PositiveMap.t Z :=
  match bs with
  | a :: b :: bs => pieces_at (at_ + 2) bs (PositiveMap.add (key at_) (a + 2 ^ 8 * b) m)
  | _ => m
  end.

(** Two relocations of one place are refused, and one that changes a part of an instruction and lies elsewhere. *)
Definition riscv_code (O : object_file riscv_relocation) : code riscv :=
  let ps := pieces_at 0 (text O) (PositiveMap.empty _) in
  let rs := relocations_at (relocations O) in
  let piece at_ := if at_ <? 0 then None else PositiveMap.find (key at_) ps in
  let there at_ :=
    if at_ <? 0 then [] else match PositiveMap.find (key at_) rs with Some rs => rs | None => [] end in
  let bits at_ :=
    match piece at_ with
    | Some p => if is_wide p then option_map (fun q => p + 2 ^ 16 * q) (piece (at_ + 2)) else Some p
    | None => None
    end in
  let reaches at_ n := existsb (fun r => n <? changes r) (there (at_ - n)) in
  let inside at_ w := is_wide w && existsb (fun r => 0 <? changes r) (there (at_ + 2)) in
  let fetch at_ :=
    match bits at_, there at_ with
    | Some w, rs =>
        unless (reaches at_ 2 || reaches at_ 4 || reaches at_ 6 || inside at_ w)
          match rs with [] => Some (w, None) | [r] => Some (w, Some r) | _ => None end
    | None, _ => None
    end in
  let second at_ :=
    match bits at_, there at_ with Some w, [] => unless (inside at_ w) (Some w) | _, _ => None end in
  let links_t1 r := match snd r, bits (fst r) with Call _, Some w => negb (w =? 0x97) | _, _ => false end in
  let debug := existsb (fun s => never_returns (fst s)) (symbols O) in
  fetched fetch second (Z.gcd (array_align O) 4096) (slots O) debug (existsb links_t1 (relocations O)).

(** A relocation lies at an instruction. *)
Definition riscv_apart (O : object_file riscv_relocation) : bool :=
  forallb (fun r => (0 <=? fst r) && (fst r mod 2 =? 0)) (relocations O).
