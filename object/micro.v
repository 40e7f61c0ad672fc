(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Micro-operations: what the instructions of the locks do

    A target decodes its instructions to these, and nothing after that knows the target.
    Code that runs makes steps of its own, or asks memory for something and says how it
    goes on with each answer ([asks]).  Registers are numbered; the meaning of numbers is
    the target's.  Where the array of lock words lies, [base], is a parameter.
    Read next: armv8_decode.v, checker.v. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options.
Import ListNotations.
Local Open Scope Z_scope.

(** Values that an instruction computes, of 64 bits. *)
Inductive expr :=
| Const (k : Z)
| Reg (r : nat)
| Page (k : Z)               (* the address of the page of 4096 bytes that has byte k of the array *)
| Within (k : Z)             (* how far into its page byte k of the array lies *)
| Plus (a b : expr)
| Scale (c : Z) (a : expr)
| Bits (n : Z) (a : expr).   (* the lowest n bits *)

(** When a jump is taken. *)
Inductive test :=
| Always
| If_equal (b : bool)              (* the last comparison found them equal: it is [b] *)
| If_zero (b : bool) (a : expr).   (* the value is zero: it is [b] *)

(** Accesses are to 32 bits.  Of the flags the first is acquire, the other release. *)
Inductive micro :=
| Move (r : nat) (a : expr)
| Compare (a b : expr)
| Load (acq excl : bool) (r : nat) (a : expr)              (* excl: it sets this CPU's monitor *)
| Store (rel : bool) (a v : expr)
| Store_x (rel : bool) (r : nat) (a v : expr)              (* if the monitor is still set; r: 0 done, 1 failed *)
| Fetch_add (acq rel : bool) (r : nat) (a v : expr)        (* one step; r: what was there *)
| Jump (t : test) (target : Z)
| Return (a : expr)
| Wait_event.                                              (* may sleep until the event register is set *)

(** The instruction at an offset of the text: what it does, and its length.  Where there
    is none, running has no meaning. *)
Definition code : Type := Z -> option (list micro * Z).

Definition registers : Type := nat -> Z.
Definition set_reg (r : nat) (v : Z) (rs : registers) : registers := fun r' => if Nat.eqb r' r then v else rs r'.

(** [part]: how many micro-operations of the instruction at [pc] are done. *)
Record state := mkState { pc : Z; part : nat; regs : registers; equal : bool }.

Inductive request :=
| Own (s : state)                                          (* a step that needs nothing of memory *)
| Ask_load (acq excl : bool) (a : Z) (go : Z -> state)
| Ask_store (rel : bool) (a v : Z) (s : state)
| Ask_store_x (rel : bool) (a v : Z) (done failed : state)
| Ask_add (acq rel : bool) (a v : Z) (go : Z -> state)
| Rest (s : state)                                         (* waits for an event *)
| Back (a : Z) (rs : registers)                            (* goes to address a, out of this text *)
| Undefined.

Section Meaning.
  Context (base : Z).

  Fixpoint eval (rs : registers) (e : expr) : Z :=
    match e with
    | Const k => k mod 2 ^ 64
    | Reg r => rs r
    | Page k => (base + k) - (base + k) mod 4096
    | Within k => (base + k) mod 4096
    | Plus a b => (eval rs a + eval rs b) mod 2 ^ 64
    | Scale c a => (c * eval rs a) mod 2 ^ 64
    | Bits n a => eval rs a mod 2 ^ n
    end.

  Definition passes (s : state) (t : test) : bool :=
    match t with
    | Always => true
    | If_equal b => Bool.eqb (equal s) b
    | If_zero b a => Bool.eqb (eval (regs s) a =? 0) b
    end.

  (** The next micro-operation; the same with [v] in register [r]; another instruction. *)
  Definition advance (s : state) : state := mkState (pc s) (S (part s)) (regs s) (equal s).
  Definition gets (r : nat) (v : Z) (s : state) : state := mkState (pc s) (S (part s)) (set_reg r v (regs s)) (equal s).
  Definition goto (at_ : Z) (s : state) : state := mkState at_ 0 (regs s) (equal s).

  Definition perform (m : micro) (s : state) : request :=
    let value := eval (regs s) in
    match m with
    | Move r a => Own (gets r (value a) s)
    | Compare a b => Own (mkState (pc s) (S (part s)) (regs s) (value a =? value b))
    | Load acq excl r a => Ask_load acq excl (value a) (fun v => gets r v s)
    | Store rel a v => Ask_store rel (value a) (value v mod 2 ^ 32) (advance s)
    | Store_x rel r a v => Ask_store_x rel (value a) (value v mod 2 ^ 32) (gets r 0 s) (gets r 1 s)
    | Fetch_add acq rel r a v => Ask_add acq rel (value a) (value v mod 2 ^ 32) (fun was => gets r was s)
    | Jump t target => Own (if passes s t then goto target s else advance s)
    | Return a => Back (value a) (regs s)
    | Wait_event => Rest (advance s)
    end.

  Definition asks (C : code) (s : state) : request :=
    match C (pc s) with
    | None => Undefined
    | Some (ms, length) =>
        match nth_error ms (part s) with
        | None => Own (goto (pc s + length) s)
        | Some m => perform m s
        end
    end.
End Meaning.

(** Code [C] makes [n] steps of its own, and they lead from [s] to [s']. *)
Inductive owns (C : code) (base : Z) : nat -> state -> state -> Prop :=
| owns_none s : owns C base 0 s s
| owns_step n s s1 s2 : asks base C s = Own s1 -> owns C base n s1 s2 -> owns C base (S n) s s2.
