(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The targets

    Nothing is proved here.  Read next: objects.v. *)
From Coq Require Import List Bool PeanoNat.
From hlock.clight Require Import options.
From hlock.machine.hardware Require Import events armv8_model riscv_model x86_model.
From hlock.object Require Import micro file target armv8_decode riscv_decode x86_decode.

(** No acquire, or no release. *)
Definition a64_too_weak (is : list a64) : bool :=
  forallb (fun i =>
    match i with
    | LDR | LDXR | STR | STXR => true
    | LDADD_load acq rel | LDADD_store acq rel => negb (acq && rel)
    | _ => false
    end) is.

Local Ltac are_apart := repeat split; first [apply Nat.ltb_lt; reflexivity|discriminate].

(** With LL/SC, and with LSE. *)
Definition aarch64 : target a64 armv8_relocation :=
  mkTarget armv8_lists a64_eq_dec a64_too_weak armv8_code armv8_apart armv8_kept armv8_link 31 ltac:(are_apart).

(** A fence that is missing at an access may stand elsewhere, so of no order it is known that it is too weak. *)
Definition riscv64 : target riscv riscv_relocation :=
  mkTarget riscv_lists riscv_eq_dec (fun _ => false) riscv_code riscv_apart riscv_kept riscv_link sp
    ltac:(are_apart).

(** No load and no store is too weak there. *)
Definition x86_64 : target x86 x86_relocation :=
  mkTarget x86_lists x86_eq_dec (fun _ => false) x86_code x86_apart x86_kept x86_link rsp
    ltac:(are_apart).
