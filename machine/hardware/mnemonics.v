(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The instruction lists of the models, as a disassembler writes them

    One line for each list that an instance has for a primitive: architecture, primitive, instructions.
    test/models.bats compares them with the object code, and with the memory orders of arch/c11.h.
    The halves of one instruction are one word here.  Read next: ../../test/models.bats. *)
From Coq Require Import String List Bool.
From hlock.clight Require Import options.
From hlock.machine.hardware Require Import events armv8 riscv x86 c11.
Import ListNotations.
Local Open Scope string_scope.

(** The name of an access or fence; empty if it is the second half of an instruction. *)
Definition a64_name (i : a64) : string :=
  match i with
  | LDR => "ldr" | LDAR => "ldar" | LDAPR => "ldapr" | STR => "str" | STLR => "stlr"
  | LDXR => "ldxr" | LDAXR => "ldaxr" | STXR => "stxr" | STLXR => "stlxr"
  | LDADD_load a l => "ldadd" ++ (if a then "a" else "") ++ (if l then "l" else "")
  | LDADD_store _ _ => ""
  | DMB_ISH => "dmb ish" | DMB_ISHLD => "dmb ishld" | DMB_ISHST => "dmb ishst"
  end.
Definition riscv_name (i : riscv) : string :=
  match i with
  | LW => "lw" | SW => "sw" | AMOSWAP_store => "amoswap.w"
  | AMOADD_load aq rl =>
      "amoadd.w" ++ match aq, rl with true, true => ".aqrl" | true, false => ".aq" | false, true => ".rl" | _,
        _ => "" end
  | AMOADD_store _ _ => ""
  | FENCE br bw false false => "fence " ++ (if br then "r" else "") ++ (if bw then "w" else "") ++ ",o"
  | FENCE br bw ar aw => "fence " ++ (if br then "r" else "") ++ (if bw then "w" else "") ++ "," ++
                         (if ar then "r" else "") ++ (if aw then "w" else "")
  end.
Definition x86_name (i : x86) : string :=
  match i with
  | MOV_load | MOV_store => "mov" | LOCK_XADD_load => "lock xadd" | INC_load => "incl"
  | LOCK_XADD_store | INC_store => "" | MFENCE => "mfence"
  end.
Definition c11_name (i : c11) : string :=
  match i with
  | Update_store _ => ""
  | Load o | Store o | Update_load o =>
      match o with
      | NA => "plain" | RLX => "relaxed" | ACQ => "acquire" | REL => "release" | ACQ_REL => "acq_rel" | SC => "seq_cst"
      end
  end.

Definition words {I : Type} (name : I -> string) (is : list I) : string :=
  String.concat "; " (filter (fun s => negb (String.eqb s "")) (map name is)).
(** A release is its load and its store. *)
Definition lines {I : Type} (arch : string) (name : I -> string) (lists : instruction_lists I) : list string :=
  map (fun l => arch ++ " incr_ticket " ++ words name l) (tickets lists) ++
  map (fun l => arch ++ " get_now " ++ words name l) (polls lists) ++
  flat_map (fun l => map (fun s => arch ++ " incr_now " ++ words name (l ++ s)) (stores_now lists)) (loads_now lists).
Definition all_lines : list string :=
  lines "aarch64" a64_name armv8_lists ++ lines "riscv64" riscv_name riscv_lists ++
  lines "x86_64" x86_name x86_lists ++ lines "c11" c11_name c11_lists.
