(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: the machine of bytes, and which objects are right

    As the files sharp_*.v of machine/cases, of what main/bytes.v says: each step by the rule that it is of, and
    steps that there are not, of a library of a few instructions; what is right of an object of
    samples.v, and what is refused if one thing of it is changed.  Rests on definitions alone.  What
    sharp_*.v files are for: ../machine/cases/sharp_table.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text sample.
From hlock.machine.model Require Import machine.
From hlock.machine.hardware Require Import events armv8_model riscv_model x86_model.
From hlock.machine.cases Require Import small.
From hlock.object Require Import micro file armv8_decode riscv_decode x86_decode checker machine objects target targets
  samples.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope list_scope.
Local Open Scope Z_scope.

(** ** Objects *)
Definition changed (n : Z) (more : list (Z * armv8_relocation)) (names : list (string * Z)) :
    object_file armv8_relocation :=
  {| file.text := file.text llsc; relocations := more ++ relocations llsc;
     symbols := names ++ symbols llsc; array_size := n; array_align := 4; slots := [] |}.
Definition accepted (O : object_file armv8_relocation) : bool := object_ok aarch64 "" [core_family] O.
(** Any array that has two words for each lock; a relocation where an instruction begins. *)
Example objects_right : map accepted
    [llsc; lse; changed 8 [] []; changed 12 [] []; changed 8 [(0x400, Page_21 0)] [];
     changed 8 [] [("acquire_lock_pt", 64)]] = [true; true; true; true; true; true] /\
  object_ok aarch64 "" sample llsc = true.
Proof. split; computed. Qed.
(** An array that is too small, or not in words; a relocation between two instructions, or before all; an acquire
    or a release that is the other, or is not there. *)
Example objects_refused : map accepted
    [changed 4 [] []; changed 10 [] []; changed 8 [(2, Page_21 0)] []; changed 8 [(-4, Page_21 0)] [];
     changed 8 [] [("acquire_lock_core", 128)]; changed 8 [] [("release_lock_core", 0)]; changed 8 []
       [("acquire_lock_core", 2)]]
  = [false; false; false; false; false; false; false] /\
  object_ok aarch64 "my_" [core_family] llsc = false /\
  object_ok aarch64 "" sample (changed 2432 [] [("acquire_lock_vm", 0)]) = false.
Proof. repeat split; computed. Qed.
Example library_of : let L := object_library aarch64 "" llsc in
  map (lib_code L) [0x14; 0x15] = [Some ([Jump (If_zero false (Bits 32 (Reg 4))) 8], 4); None] /\
  map (fun o => lib_entry L o core_family) [Acquire; Release] = [Some 0; Some 128] /\
  lib_entry L Acquire pt = Some 768 /\ lib_entry L Acquire stray = None /\ lib_array L = 2432 /\
  (lib_kept L, lib_link L, lib_stack L) = ([18; 19; 20; 21; 22; 23; 24; 25; 26; 27; 28; 29; 31]%nat, 30%nat, 31%nat).
Proof. repeat split; computed. Qed.
Example library_prefixed : lib_entry (object_library aarch64 "my_" llsc) Acquire core_family = None.
Proof. computed. Qed.
(** Of the other targets what a call keeps, where it returns to, and what an access may be made of. *)
Example libraries_of : let R := object_library riscv64 "" amo in let X := object_library x86_64 "" xadd in
  (lib_entry R Release pt, lib_kept R, lib_link R, lib_stack R) =
    (Some 576, [2; 3; 4; 8; 9; 18; 19; 20; 21; 22; 23; 24; 25; 26; 27]%nat, 1%nat, 2%nat) /\
  (lib_entry X Release pt, lib_kept X, lib_link X, lib_stack X) =
    (Some 576, [3; 4; 5; 12; 13; 14; 15]%nat, 16%nat, 4%nat) /\
  object_ok riscv64 "" [core_family] amo = true /\ object_ok x86_64 "" [core_family] xadd = true.
Proof. repeat split; computed. Qed.
Example lists_are : stores_now (lists aarch64) = [[STLR]] /\ stores_now (lists riscv64) = stores_now riscv_lists /\
  stores_now (lists x86_64) = stores_now x86_lists.
Proof. repeat split; reflexivity. Qed.
Example bound_is : own_bound = 32%nat.
Proof. computed. Qed.

(** ** A library of a few instructions *)
Definition code_here : code a64 := fun at_ =>
  if at_ =? 0 then Some ([Move 1 (Const 7); Load [LDAXR] true 1 (Const 4096); Return (Reg 30)], 4)
  else if at_ =? 4 then Some ([Load [LDAXR] true 1 (Const 64)], 4)
  else if at_ =? 8 then Some ([Move 2 (Const 7); Jump Always 0], 4)
  else if at_ =? 16 then Some ([Move 31 (Plus (Reg 31) (Const (-16))); Spill 31 (Plus (Reg 31) (Const 8)) (Reg 1);
    Reload 31 2 (Plus (Reg 31) (Const 8)); Reload 31 3 (Reg 31)], 4)
  else if at_ =? 20 then
    Some ([Spill 31 (Reg 32) (Const 1); Reload 31 1 (Plus (Reg 31) (Const (-8))); Lose_below 31], 4)
  else if at_ =? 24 then
    let sp k := Plus (Reg 31) (Const k) in
    Some ([Spill_half 31 (sp 12) (Const (2 ^ 32 + 7)); Reload_half 31 2 (sp 12); Reload_half 31 3 (sp 8);
           Spill 31 (sp 8) (Reg 1); Spill_half 31 (Reg 32) (Const 1); Reload_half 31 1 (sp (-4))], 4)
  else None.
Definition entries (o : operation) (f : family) : option Z :=
  match o with Acquire => if rank f =? 1 then None else Some 0 | Release => Some 4 end.
Definition L : library a64 := mkLibrary code_here entries [19; 20]%nat 30 31 16.
Definition base : Z := 4096.
(** Register 32 stands for the stack pointer, 31, and 52 for who calls, 30; nothing is stored in the frame. *)
Definition registers_at (z : Z) : registers := fun r =>
  if Nat.eqb r 0 then z else if Nat.eqb r 49 then 0
  else 100 + Z.of_nat (if Nat.eqb r 32 then 31 else if Nat.eqb r 52 then 30 else r).

(** The array may begin at 0, end at the end of memory, and lie at any word. *)
Example placed_are : Forall (placed L) [0; 4; 4096; 2 ^ 64 - 16].
Proof. repeat apply Forall_cons; try apply Forall_nil; repeat split; vm_compute; first [reflexivity|discriminate].
  Qed.
Example placed_are_not : Forall (fun b => ~ placed L b) [-4; 2; 6; 2 ^ 64 - 12].
Proof.
  repeat apply Forall_cons; try apply Forall_nil; intros (Low & Aligned & High);
    first [discriminate Aligned|now apply Low|now apply High].
Qed.

(** ** Values, of 64 bits *)
Definition all_ones : Z := 2 ^ 64 - 1.
Definition with_one (z : Z) : registers := set_reg 1 z (registers_at 0).
(** The array begins 128 bytes into a page; the last word with a sign, and the first without; bits beyond it. *)
Example values_are : map (eval (4096 * 5 + 128) (with_one all_ones))
    [Const (-1); Reg 2; Page 0; Page 4000; Within 4; Within 4000; Plus (Reg 1) (Const 3); Scale 2 (Reg 1);
     Down 60 (Reg 1); Bits 8 (Reg 1); Extend (Const (2 ^ 31)); Extend (Const (2 ^ 40 + 2 ^ 31 - 1)); Extend (Reg 1)] =
  [all_ones; 102; 4096 * 5; 4096 * 6; 132; 32; 2; all_ones - 1;
   15; 255; 2 ^ 64 - 2 ^ 31; 2 ^ 31 - 1; all_ones].
Proof. computed. Qed.

(** ** Steps of its own *)
Definition st (at_ : Z) (part : nat) (rs : registers) : state := mkState at_ part rs false.
Definition seven : registers := set_reg 1 7 (registers_at 0).
Local Notation owns := (owns code_here base).
Example owns_are : owns 0 (st 0 0 seven) (st 0 0 seven) /\ owns 1 (st 0 0 (registers_at 0)) (st 0 1 seven) /\
  owns 3 (st 8 0 seven) (st 0 1 (set_reg 1 7 (set_reg 2 7 seven))).
Proof.
  split; [|split]; repeat (eapply owns_step; [try (apply or_introl); cbn; try split; reflexivity|]); apply
    owns_none; reflexivity.
Qed.
Definition leads (r : request a64) : option (Z * nat) := match r with Own s => Some (pc s, part s) | _ => None end.
Local Ltac stepped := repeat match goal with
  | H : asks _ _ _ = Own ?s |- _ =>
      apply (f_equal leads) in H; destruct s; vm_compute in H; first [discriminate H|injection H; clear H; intros;
        subst]
  | H : micro.owns _ _ _ _ _ |- _ => inversion H; clear H; subst
  end; cbn [pc part]; auto; try lia.
(** None is no step; a load is not its own; after one it stands where that leads. *)
Example owns_none_is s : owns 0 (st 0 0 seven) s -> part s = 0%nat.
Proof. intros Owns; stepped. Qed.
Example owns_to_a_load s : owns 1 (st 0 0 seven) s -> part s = 1%nat.
Proof. intros Owns; stepped. Qed.
Example owns_no_load n s : owns n (st 0 1 seven) s -> n = O.
Proof. intros Owns; stepped. Qed.
Example owns_nothing n s : owns n (st 12 0 seven) s -> n = O.
Proof. intros Owns; stepped. Qed.
Example owns_are_none : owns 0 (st 8 0 seven) (st 8 0 seven).
Proof. apply owns_none. Qed.
(** The frame: words of eight bytes, 16 of them at most, below what the stack pointer was. *)
Example frame_words_are : map (frame_word 128) [-8; 0; 7; 8; 12; 16; 128; 129; 136] =
  [None; None; None; Some 33; None; Some 34; Some 48; None; None]%nat /\ frame_top = 32%nat /\
  map (fun size => frame_word size 16) [8; 15; 16; 17; 128; 129; 2 ^ 64 - 8] =
  [None; None; Some 34; Some 34; Some 34; None; None]%nat.
Proof. repeat split; computed. Qed.
(** What is stored 8 bytes below is in register 33, and is loaded from there; other words are as they were; where
    that is, 64 bits say. *)
Definition below : registers := set_reg 31 115 seven.
Definition with_stored (z : Z) : registers -> registers := set_reg 49 z.
Example frames_are : owns 3 (st 16 0 seven) (st 16 3 (set_reg 2 7 (set_reg 33 7 (with_stored 1 below)))) /\
  owns 1 (st 16 3 (with_stored 2 below)) (st 16 4 (set_reg 3 134 (with_stored 2 below))) /\
  (let around := set_reg 31 (2 ^ 64 - 8) (set_reg 32 8 (with_stored 2 seven)) in
   owns 1 (st 16 3 around) (st 16 4 (set_reg 3 134 around))) /\
  owns 1 (st 20 2 (with_stored 15 below)) (st 20 3 (with_stored 3 (with_stored 15 below))).
Proof.
  split; [|split; [|split]]; repeat (eapply owns_step; [try (apply or_introl); lazy; try split; reflexivity|]); apply
    owns_none; reflexivity.
Qed.
(** Outside of the frame nothing is defined: not at its end, nor below the stack pointer; nor is a load of what is not
    stored. *)
Example frames_are_not :
  map (fun part => asks base code_here (st 20 part (with_stored (-1) below))) [0; 1]%nat = [Undefined; Undefined] /\
  map (fun z => asks base code_here (st 16 3 (with_stored z below))) [0; 1; 5] = [Undefined; Undefined; Undefined].
Proof. split; computed. Qed.
(** So with half a word, 4 bytes below or 8: the register of the word has that alone. *)
Example frame_halves_are : map (frame_half 128) [-4; 0; 3; 4; 6; 8; 12; 124; 128; 132] =
    [None; None; None; Some (33%nat, 32); None; Some (33%nat, 16); Some (34%nat, 33); Some (48%nat, 47);
     Some (48%nat, 31); None] /\
  map (fun size => frame_half size 12) [8; 11; 12; 128; 129; 2 ^ 64 - 8] =
    [None; None; Some (34%nat, 33); Some (34%nat, 33); None; None].
Proof. split; computed. Qed.
Example halves_are :
  owns 2 (st 24 0 (with_stored 3 below))
    (st 24 2 (set_reg 2 7 (set_reg 33 7 (with_stored (2 ^ 32 + 2) (with_stored 3 below))))) /\
  owns 1 (st 24 2 (with_stored (2 ^ 16) below)) (st 24 3 (set_reg 3 133 (with_stored (2 ^ 16) below))) /\
  owns 1 (st 24 3 (with_stored (2 ^ 32 + 2) below))
    (st 24 4 (set_reg 33 7 (with_stored 3 (with_stored (2 ^ 32 + 2) below)))).
Proof.
  split; [|split]; repeat (eapply owns_step; [lazy; reflexivity|]); apply owns_none; reflexivity.
Qed.
Example halves_are_not :
  map (fun part => asks base code_here (st 24 part (with_stored (-1) below))) [4; 5]%nat = [Undefined; Undefined] /\
  map (fun z => asks base code_here (st 24 1 (with_stored z below))) [0; 1; 2 ^ 16; 2 ^ 33] =
    [Undefined; Undefined; Undefined; Undefined] /\
  map (fun z => asks base code_here (st 24 2 (with_stored z below))) [1; 2 ^ 32] = [Undefined; Undefined] /\
  map (fun z => asks base code_here (st 16 2 (with_stored z below))) [2 ^ 16; 2 ^ 32] = [Undefined; Undefined].
Proof. repeat split; computed. Qed.
(** Of each word a bit, or one of a half; those of words above the stack pointer, if that is in the frame; a number of
    64 bits. *)
Example stored_are : map stored_bit [33; 34; 48]%nat = [0; 1; 15] /\ frame_stored = 49%nat /\
  map (with_word 34) [0; 2; 5; 2 ^ 33 + 2 ^ 17 + 1] = [2; 2; 7; 3] /\
  map (with_half (34%nat, 17)) [0; 2; 5; 2 ^ 33 + 2 ^ 17 + 1] = [2 ^ 17; 2 ^ 17; 2 ^ 17 + 5; 2 ^ 17 + 1] /\
  map (fun size => above size 65535) [0; 7; 8; 16; 31; 128; 129; 2 ^ 64 - 8] = [0; 0; 1; 3; 7; 65535; 0; 0] /\
  regs (updates 1 (fun x => 1 + x) (st 0 0 (with_one all_ones))) 1%nat = 0.
Proof. repeat split; computed. Qed.
(** Whatever gives the stack pointer a value, what is below it is lost then; and so on each target. *)
Example losing_are : losing_below 31 (fun at_ => if at_ =? 0 then Some ([Move 31 (Const 0); Move 30 (Reg 31);
      Load [LDR] false 31 (Const 0); Store_x [STXR] 31 (Const 0) (Const 0); Fetch_add [LDR] 31 (Const 0) (Const 0);
      Reload 31 31 (Const 0); Reload_half 31 31 (Const 0); Spill 31 (Const 0) (Reg 31);
      Return (Reg 31)], 4) else None) 0 =
    Some ([Move 31 (Const 0); Lose_below 31; Move 30 (Reg 31);
      Load [LDR] false 31 (Const 0); Lose_below 31; Store_x [STXR] 31 (Const 0) (Const 0); Lose_below 31;
      Fetch_add [LDR] 31 (Const 0) (Const 0); Lose_below 31;
      Reload 31 31 (Const 0); Lose_below 31; Reload_half 31 31 (Const 0); Lose_below 31; Spill 31 (Const 0) (Reg 31);
      Return (Reg 31)], 4) /\
  losing_below 31 code_here 12 = None.
Proof. split; computed. Qed.
Definition of_text {R} (bs : list Z) : object_file R :=
  {| file.text := bs; relocations := []; symbols := []; array_size := 8; array_align := 4; slots := [] |}.
(** A text has 4 GiB at most. *)
Example losing_ends : map (fun at_ => losing_below 31 (fun _ => Some ([@Return a64 (Reg 30)], 4)) at_)
    [-1; 0; 2 ^ 32 - 1; 2 ^ 32] =
  [None; Some ([Return (Reg 30)], 4); Some ([Return (Reg 30)], 4); None].
Proof. computed. Qed.
Definition loses {I R} (arch : target I R) (bs : list Z) : list nat :=
  match lib_code (object_library arch "" (of_text bs)) 0 with
  | Some (ms, _) => flat_map (fun m => match m with Lose_below r => [r] | _ => [] end) ms
  | None => []
  end.
(** SUB of 16 from the stack pointer, and C.ADDI; PUSH. *)
Example targets_lose : (loses aarch64 [0xff; 0x43; 0; 0xd1], loses riscv64 [0x41; 0x11], loses x86_64 [0x55]) =
  ([31], [2], [4])%nat.
Proof. computed. Qed.
(** A return to code goes on there, wherever that lies; another one leaves. *)
Example returns_are : map leads (map (asks base code_here)
    [st 0 2 (set_reg 30 158 seven); st 0 2 (set_reg 30 0 (set_reg 50 (2 ^ 64 - 8) seven))]) =
  [Some (8, 0%nat); Some (8, 0%nat)] /\ text_at = 50%nat /\
  match asks base code_here (st 0 2 (set_reg 30 162 seven)) with
  | Back a rs => (a, rs 30%nat, rs 1%nat) = (162, 162, 7) | _ => False end.
Proof. repeat split; computed. Qed.
Example call_is_two : @call a64 30 4 8 = [Move 30 (Plus (Reg 50) (Const 4)); Jump Always 8].
Proof. computed. Qed.
(** After its last micro-operation an instruction goes on to the next. *)
Example falls_through : map leads [asks base code_here (st 4 1 seven); asks base code_here (st 0 1 seven)] =
  [Some (8, 0%nat); None].
Proof. computed. Qed.
Example owns_at_most n s : owns n (st 8 0 seven) s -> (n <= 3)%nat.
Proof. intros Owns; stepped. Qed.

(** ** Steps of the machine *)
Definition programs : list (list (op small)) := [[acquire core 0; read core 0 7; write core 0 7 5]; [acquire pt 2]].
Definition clients : cpu -> client small := go_through programs.
Local Notation step := (byte_step L base clients).
Local Notation machine := (byte_machine small).
Local Notation said := (log small words_verb).
Definition at_ (p : byte_thread small) (g : said) : machine := mkBytes [p; Resting []] zeroed g.
Definition entered : byte_thread small := Resting [None].
Definition wrote : said := [(1%nat, Wrote 0 7 (value 0 3))].
Definition in_call (before : registers) (s : state) : byte_thread small := Running (acquire core 0) [] before s.
Definition done (before rs : registers) : byte_thread small := in_call before (st 0 2 rs).

Local Ltac is_called := split; [intros Index; first [reflexivity|now contradiction Index]|
  split; [reflexivity|split; [split; [intros [=]|reflexivity]|split; [reflexivity|split; reflexivity]]]].
(** What CPU 0 does: calls, with anything in its registers; a step of its own; a load; returns; reads; writes;
    halts. *)
Example call_is z : step 0%nat (at_ (Resting []) wrote) (Some (Called (acquire core 0)))
  (at_ (in_call (registers_at z) (mkState 0 0 (registers_at z) true)) wrote).
Proof.
  apply (byte_call L base clients 0 [Resting []; Resting []] zeroed wrote [] (acquire core 0) Acquire core 0 0
    (registers_at z) true); try reflexivity; is_called.
Qed.
(** Of register 0 the lowest 32 bits are the index. *)
Example call_with_index : step 1%nat (at_ entered wrote) (Some (Called (acquire pt 2)))
  (mkBytes [entered; Running (acquire pt 2) [] (registers_at (2 ^ 40 + 2)) (st 0 0 (registers_at (2 ^ 40 + 2)))]
    zeroed wrote).
Proof.
  apply (byte_call L base clients 1 [entered; Resting []] zeroed wrote [] (acquire pt 2) Acquire pt 2 0
    (registers_at (2 ^ 40 + 2)) false); try reflexivity; is_called.
Qed.
Example own_step_is : step 0%nat (at_ (in_call seven (st 0 0 (registers_at 0))) wrote) None
  (at_ (in_call seven (st 0 1 seven)) wrote).
Proof.
  apply (byte_access L base clients 0 [in_call seven (st 0 0 (registers_at 0)); Resting []] zeroed wrote []
    (acquire core 0) seven (st 0 0 (registers_at 0)) (st 0 1 seven) zeroed); [reflexivity|].
  try apply or_introl; try (split; [|reflexivity]); apply (access_own L base 0 zeroed (st 0 1 seven)).
Qed.
Example load_is : step 0%nat (at_ (in_call seven (st 0 1 seven)) wrote) None
  (mkBytes [in_call seven (st 0 2 (set_reg 1 0 seven)); Resting []] (mark 0 4096 zeroed) wrote).
Proof.
  apply (byte_access L base clients 0 [in_call seven (st 0 1 seven); Resting []] zeroed wrote []
    (acquire core 0) seven (st 0 1 seven) (st 0 2 (set_reg 1 0 seven)) (mark 0 4096 zeroed)); [reflexivity|].
  try apply or_introl.
  refine (access_load L base 0 zeroed [LDAXR] true 4096 (fun v => gets 1 v (st 0 1 seven)) _).
  repeat split; cbn; discriminate.
Qed.
Example return_is : step 0%nat (at_ (done seven (set_reg 0 9 seven)) wrote) (Some (Returned (acquire core 0))) (at_
  entered wrote).
Proof.
  apply (byte_return L base clients 0 [done seven (set_reg 0 9 seven); Resting []] zeroed wrote [] (acquire core 0)
    seven (st 0 2 (set_reg 0 9 seven)) (seven 30%nat) (set_reg 0 9 seven)); [reflexivity|reflexivity|].
  repeat split; intros r [<-|[<-|[]]]; reflexivity.
Qed.
Definition has_read : list (response small) := [Some (existT _ 0 (value 0 3)); None].
Example read_is : step 0%nat (at_ entered wrote) (Some (Did_read 0 7 (value 0 3)))
  (at_ (Resting has_read) wrote).
Proof. refine (byte_read L base clients 0 [entered; Resting []] zeroed wrote [None] core 0 7 _ _); try eexists;
  reflexivity. Qed.
Example write_is : step 0%nat (at_ (Resting has_read) wrote) (Some (Did_write 0 7 (value 0 5)))
  (at_ (Resting (None :: has_read)) ((0%nat, Wrote 0 7 (value 0 5)) :: wrote)).
Proof. refine (byte_write L base clients 0 [Resting has_read; Resting []] zeroed wrote has_read core 0 7 (value 0
  5) _ _); try eexists; reflexivity. Qed.
Example halt_is : step 0%nat (at_ entered wrote) (Some Did_halt) (at_ Off wrote) /\
  step 0%nat (at_ (done seven seven) wrote) (Some Did_halt) (at_ Off wrote).
Proof.
  split; [apply (byte_halt L base clients 0 [entered; Resting []] zeroed wrote entered)
         |apply (byte_halt L base clients 0 [done seven seven; Resting []] zeroed wrote (done seven seven))];
    try reflexivity; discriminate.
Qed.

Local Ltac taken := intros Step; inversion Step; subst; repeat match goal with
  | H : _ = Some _ |- _ => cbn in H; first [discriminate H|injection H; clear H; intros; subst]
  | H : asks _ _ _ = Back _ _ |- _ => cbn in H; first [discriminate H|injection H; clear H; intros; subst]
  | H : access _ _ _ _ _ _ _ |- _ => cbn in H; inversion H; clear H; subst
  | H : exists _, _ |- _ => destruct H
  | H : existT _ _ _ = existT _ _ _ |- _ => apply (Eqdep_dec.inj_pair2_eq_dec _ Z.eq_dec) in H; subst
  end.
(** A call goes to where the function begins, with the index in register 0; its registers are remembered. *)
Example byte_calls_are_not before s v :
  ~ step 1%nat (at_ entered wrote) v (mkBytes [entered; Running (acquire pt 2) [] before (st 0 0 (registers_at 3))]
    zeroed wrote) /\
  (step 1%nat (at_ entered wrote) v (mkBytes [entered; Running (acquire pt 2) [] before s] zeroed wrote) ->
   pc s = 0 /\ part s = 0%nat /\ before 0%nat mod 2 ^ 32 = 2 /\ regs s 0%nat = before 0%nat /\ v = Some (Called
     (acquire pt 2))) /\
  ~ step 0%nat (at_ entered wrote) v (at_ (Running (acquire pt 2) [None] before s) wrote).
Proof.
  split; [|split]; taken; try (match goal with H : called_with _ _ _ _ |- _ => destruct H as (H & _); specialize (H
    ltac:(discriminate)); discriminate H end).
  match goal with H : called_with _ _ _ _ |- _ => destruct H as (H & _); specialize (H ltac:(discriminate)) end; cbn;
    auto.
Qed.
(** A call has its frame below its stack pointer, which is an address of 64 bits, and nothing in it; who calls is
    not in the code, and is where register 52 says. *)
Example framed_calls_are_not v s : Forall (fun before =>
    ~ step 0%nat (at_ (Resting []) wrote) v (at_ (in_call before s) wrote))
  [set_reg 32 130 seven; set_reg 32 (-1) (set_reg 31 (-1) seven); set_reg 32 (2 ^ 64) (set_reg 31 (2 ^ 64) seven);
   with_stored 1 seven; set_reg 52 150 (set_reg 30 150 seven); set_reg 52 131 seven].
Proof.
  repeat apply Forall_cons; try apply Forall_nil; taken;
    match goal with
    | H : called_with _ _ _ _ |- _ => destruct H as (_ & Top & (Low & High) & Nothing_ & From & Outside)
    end;
    first [discriminate Top|discriminate High|discriminate Nothing_|discriminate From|discriminate Outside
          |now apply Low].
Qed.
(** A stray function, which the library does not have. *)
Example no_entry v x : byte_step L base (go_through [[acquire stray 0]]) 0%nat (at_ (Resting []) wrote) v x -> v =
  Some Did_halt.
Proof. taken; reflexivity. Qed.
(** In a call it makes the step that its code asks for; a load of a word that is not in the array is none. *)
Example accesses_are_not : (forall v s, ~ step 0%nat (at_ (in_call seven (st 4 0 seven)) wrote) v (at_ (in_call
  seven s) wrote)) /\
  (forall s, step 0%nat (at_ (in_call seven (st 0 0 seven)) wrote) None (at_ (in_call seven s) wrote) -> part s =
    1%nat).
Proof.
  split; [intros v s|intros s]; taken; try reflexivity;
    match goal with H : in_array _ _ _ |- _ => destruct H as (H & _); cbv in H; now contradiction H end.
Qed.
(** It returns to its caller, with register 19 as it was; and not before its code does. *)
Example returns_are_not o p : ~ step 0%nat (at_ (done seven (set_reg 19 0 seven)) wrote) (Some (Returned o)) (at_ p
  wrote) /\
  ~ step 0%nat (at_ (done seven (set_reg 30 0 seven)) wrote) (Some (Returned o)) (at_ p wrote) /\
  ~ step 0%nat (at_ (in_call seven (st 0 0 seven)) wrote) (Some (Returned o)) (at_ p wrote) /\
  (step 0%nat (at_ (done seven seven) wrote) (Some (Returned o)) (at_ p wrote) -> o = acquire core 0 /\ p = entered).
Proof.
  split; [|split; [|split]]; taken; auto;
    match goal with H : goes_back _ _ _ _ |- _ => destruct H as (Back & Keep) end;
    [specialize (Keep 19%nat (or_introl eq_refl)); discriminate Keep|discriminate Back].
Qed.
(** It reads what is there, and writes what its client says, of that lock; at rest it does nothing else but halt. *)
Definition shown (v : option (visible small)) : list Z :=
  match v with
  | Some (Did_read l k v) => [1; l; k; small.number v] | Some (Did_write l k _) => [2; l; k]
  | Some Did_halt => [3] | _ => [] end.
Example reads_only v p g : step 0%nat (at_ entered wrote) v (at_ p g) -> g = wrote /\
  (shown v = [1; 0; 7; 3] /\ p = Resting has_read \/ shown v = [3] /\ p = Off).
Proof. taken; cbn; auto. Qed.
Example writes_only v p g : step 0%nat (at_ (Resting has_read) wrote) v (at_ p g) ->
  shown v = [2; 0; 7] /\ p = Resting (None :: has_read) /\ List.tail g = wrote \/
  shown v = [3] /\ p = Off /\ g = wrote.
Proof. taken; cbn; auto. Qed.
Example off_is_off v x : ~ step 0%nat (at_ Off wrote) v x.
Proof. taken; match goal with H : Off <> Off |- _ => now apply H end. Qed.

(** ** Executions, and their ends *)
Example bytes_start : byte_execution L base clients [] (mkBytes [Resting []; Resting []] zeroed []).
Proof. apply (byte_execution_start L base clients). Qed.
Example bytes_go_on : byte_execution L base clients [(0%nat, Called (acquire core 0))]
  (at_ (in_call seven (st 0 0 seven)) []).
Proof.
  eapply (byte_execution_step L base clients [] (first_bytes (S := small)) 0 (Some (Called (acquire core 0))));
    [apply (byte_execution_start L base clients)|].
  try exists 0%nat; try left.
  apply (byte_call L base clients 0 [Resting []; Resting []] zeroed [] [] (acquire core 0) Acquire core 0 0 seven
    false);
    try reflexivity; is_called.
Qed.
(** CPU 1, whose client has nothing to do, does nothing but halt, and nothing else is seen of it; before
    anything is seen nobody has halted. *)
Local Notation runs := (byte_execution L base (go_through [[acquire core 0]])).
Definition idle (x : machine) : Prop := exists p q, places x = [p; q] /\ (q = Resting [] \/ q = Off).
Example idle_is_silent tr x : runs tr x -> idle x /\ forall v, List.In (1%nat, v) tr -> v = Did_halt.
Proof.
  induction 1 as [|tr x c v x' _ ((p & q & Is & Rests) & IH) Step];
    [split; [now exists (Resting []), (Resting []); auto|intros v []]|].
  inversion Step; subst; cbn [places] in Is; subst; destruct c as [|[|[|c]]]; destruct Rests as [-> | ->];
    repeat match goal with
    | H : nth_error _ _ = Some _ |- _ => cbn in H; first [discriminate H|injection H; clear H; intros; subst]
    | H : go_through _ _ _ = Some _ |- _ => discriminate H
    end; (split; [eexists; eexists; split; [reflexivity|auto]|]);
    intros u Seen; try (destruct Seen as [Seen|Seen]; [injection Seen; intros; subst; auto; discriminate|]); auto.
Qed.
Example at_the_start tr x : runs tr x -> tr = [] -> List.In (Off (S := small)) (places x) -> False.
Proof.
  induction 1 as [|tr x c v x' _ IH Step]; intros None_ Is.
  - destruct Is as [Is|[Is|[]]]; discriminate Is.
  - destruct v; [discriminate None_|]; apply (IH None_).
    inversion Step; subst; cbn [places] in *.
    assert (Put : forall c (ts : list (byte_thread small)) p, p <> Off -> List.In Off (put_at c p ts) -> List.In
      Off ts)
      by (clear; induction c as [|c IH]; intros [|t ts] p Not; cbn; try (intros [Is|Is]; auto; congruence); eauto;
        intros [Is|Is]; eauto).
    revert Is; apply Put; discriminate.
Qed.
Example ends_are : Forall (at_end clients 0) [Resting [None; None; None]; Off] /\
  at_end (go_through [[Op_halt]]) 0 (Resting []) /\ at_end clients 2 (Resting []).
Proof. repeat split; repeat apply Forall_cons; try apply Forall_nil; cbn; auto. Qed.
Example ends_are_not : Forall (fun p => ~ at_end clients 0 p) [Resting []; Resting [None]; done seven seven].
Proof.
  repeat apply Forall_cons; try apply Forall_nil; cbn; [intros [End|End]; discriminate End..|intros []].
Qed.
