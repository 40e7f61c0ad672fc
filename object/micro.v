(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Micro-operations: what the instructions of the locks do

    A target decodes its instructions to these, and nothing after that knows the target.
    Code that runs makes steps of its own, or asks memory for something and says how it
    goes on with each answer ([asks]).  Registers are numbered; the meaning of numbers is
    the target's.  An access says which events of the target's memory model it is (type [I]:
    loads and stores with their orders, fences); consistent memory does not look at them.
    Where the array of lock words lies, [base], is a parameter.
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
| Times (a b : expr)
| Times_high (a b : expr)    (* of the product of 128 bits the upper half *)
| Down (n : Z) (a : expr)    (* shifted to the right by n bits, zeros come in *)
| Bits (n : Z) (a : expr)    (* the lowest n bits *)
| Extend (a : expr).         (* the lowest 32 bits, with their sign *)

(** When a jump is taken. *)
Inductive test :=
| Always
| If_equal (b : bool)              (* the last comparison found them equal: it is [b] *)
| If_zero (b : bool) (a : expr).   (* the value is zero: it is [b] *)

(** Accesses are to 32 bits; [is]: their events, and those of the fences that go with them, in program order. *)
Inductive micro {I : Type} :=
| Move (r : nat) (a : expr)
| Compare (a b : expr)
| Load (is : list I) (excl : bool) (r : nat) (a : expr)    (* excl: it sets this CPU's monitor *)
| Store (is : list I) (a v : expr)
| Store_x (is : list I) (r : nat) (a v : expr)             (* if the monitor is still set; r: 0 done, 1 failed *)
| Fetch_add (is : list I) (r : nat) (a v : expr)           (* one step; r: what was there *)
| Spill (sp : nat) (a v : expr)                            (* 64 bits to the call's own stack frame *)
| Reload (sp r : nat) (a : expr)                           (* and from it; sp: the stack pointer *)
| Spill_half (sp : nat) (a v : expr)                       (* 32 bits to there *)
| Reload_half (sp r : nat) (a : expr)                      (* and from there *)
| Lose_below (sp : nat)                                    (* what lies below the stack pointer is lost *)
| Jump (t : test) (target : Z)
| Return (a : expr)                                        (* to that address, in this text or out of it *)
| Agree (a b : expr)                                       (* has a meaning only if the two are equal *)
| Wait_event                                               (* may sleep until the event register is set *)
(* What is not known more closely; see "The rest of the program". *)
| Any (rs : list nat)                                      (* these registers and the flag hold anything then *)
| Address (r : nat)                                        (* r holds the address of something else of the program *)
| Elsewhere (n : Z) (rs : list nat) (a : expr)             (* access to n bytes of other memory; rs: what it
                                                              reads; none, if it writes *)
| Either (target : Z)                                      (* may jump there, or not *)
| Stop.                                                    (* never goes on *)
Arguments micro I : clear implicits.

(** The instruction at an offset of the text: what it does, and its length.  Where there
    is none, running has no meaning. *)
Definition code (I : Type) : Type := Z -> option (list (micro I) * Z).

(** A word of 32 bits, the lowest of [x], as 64 bits of two's complement. *)
Definition extended (x : Z) : Z :=
  let w := x mod 2 ^ 32 in if w <? 2 ^ 31 then w else w + (2 ^ 64 - 2 ^ 32).

Definition registers : Type := nat -> Z.
Definition set_reg (r : nat) (v : Z) (rs : registers) : registers := fun r' => if Nat.eqb r' r then v else rs r'.

(** ** The stack frame of a call
    It is memory that no one else accesses, from the stack pointer to what that was at the call: words of eight bytes,
    so many at most.  The highest is register [frame_top + 1], and so on; register [frame_top] stands for what the
    stack pointer was.  No target has registers of these numbers.  What is below the stack pointer is not of the frame:
    an interrupt may use it.  So a word has a meaning from where it is stored until the stack pointer is above it, and
    register [frame_stored] says which words have one: a bit for each, the lowest that of the highest word.  Where half
    a word is stored by itself, its register has that, the other half is as one that has not been stored, and another
    bit says which it is: 16 higher if it is the lower half, 32 higher if it is the upper one. *)
Definition frame_top : nat := 32.
Definition frame_stored : nat := 49.
Definition frame_words : Z := 16.
(** Of a frame of [size] bytes, the register of the word that lies [k] bytes below its end. *)
Definition frame_word (size k : Z) : option nat :=
  if (8 <=? k) && (k <=? size) && (size <=? 8 * frame_words) && (k mod 8 =? 0)
  then Some (frame_top + Z.to_nat (k / 8))%nat else None.
(** The bit of a word; none of it; with it; and of the bits those of words in a frame of [size] bytes. *)
Definition stored_bit (w : nat) : Z := Z.of_nat w - Z.of_nat frame_top - 1.
Definition without (w : nat) (stored : Z) : Z :=
  fold_left Z.clearbit [stored_bit w; stored_bit w + 16; stored_bit w + 32] stored.
Definition with_word (w : nat) (stored : Z) : Z := Z.setbit (without w stored) (stored_bit w).
(** Of half a word that lies [k] bytes below the end: the register of its word, and the bit; with it. *)
Definition frame_half (size k : Z) : option (nat * Z) :=
  if (4 <=? k) && (k <=? size) && (size <=? 8 * frame_words) && (k mod 4 =? 0)
  then let w := (frame_top + Z.to_nat ((k + 4) / 8))%nat in Some (w, stored_bit w + if k mod 8 =? 0 then 16 else 32)
  else None.
Definition with_half (half : nat * Z) (stored : Z) : Z := Z.setbit (without (fst half) stored) (snd half).
Definition above (size stored : Z) : Z := if size <=? 8 * frame_words then stored mod 2 ^ (size / 8) else 0.

(** ** The text
    A call within the text leaves an address in it.  Register [text_at] stands for where offset 0 lies, which is not
    known; no target has a register of this number. *)
Definition text_at : nat := 50.
(** And one for an address that an instruction makes and uses itself. *)
Definition made_address : nat := 51.

(** ** A signed address
    Register [called_from] stands for what the register with the address to return to was at the call.  Register
    [signed_link] stands for what the CPU makes of that address, of what the stack pointer was, and of a key that nobody
    changes during the call: any number, and the address itself where the CPU does not sign.  It makes the same each
    time, and from it and the same stack pointer the address again; what it makes of others is not known, so code that
    signs or authenticates others has no meaning here.  No target has registers of these numbers. *)
Definition called_from : nat := 52.
Definition signed_link : nat := 53.

(** ** The rest of the program
    A debug build has a record of its own, calls a function of the user, and stops.  Of such code all that is not the
    lock's is left open: what other memory holds, what a function of another file leaves in registers, and where a jump
    goes that compares otherwise than for equality.  [Ask_any n a off go] asks for anything: the code goes on with
    whatever numbers it is given.  If [n] is not 0 it accesses so many bytes at [a], none of which is of the array;
    what is written there is not of the frame, nor of the word at what the stack pointer was ([off]).  Code of a
    release build makes no such request. *)
Definition flag_number : nat := 0.   (* of the numbers given, what decides *)
Definition off_frame (below n : Z) : bool := (8 * frame_words + n <=? below) && (below <=? 2 ^ 64 - 8).
Definition open_ended {I} (m : micro I) : bool :=
  match m with Any _ | Address _ | Elsewhere _ _ _ | Either _ | Stop => true | _ => false end.
(** Each of registers [rs] gets its number of [x]. *)
Fixpoint set_regs (rs : list nat) (x : nat -> Z) (old : registers) : registers :=
  match rs with [] => old | r :: rs => set_reg r (x r) (set_regs rs x old) end.

(** [part]: how many micro-operations of the instruction at [pc] are done. *)
Record state := mkState { pc : Z; part : nat; regs : registers; equal : bool }.

Inductive request {I : Type} :=
| Own (s : state)                                          (* a step that needs nothing of memory *)
| Ask_load (is : list I) (excl : bool) (a : Z) (go : Z -> state)
| Ask_store (is : list I) (a v : Z) (s : state)
| Ask_store_x (is : list I) (a v : Z) (done failed : state)
| Ask_add (is : list I) (a v : Z) (go : Z -> state)
| Rest (s : state)                                         (* waits for an event *)
| Back (a : Z) (rs : registers)                            (* goes to address a, out of this text *)
| Ask_any (n a : Z) (off : bool) (go : (nat -> Z) -> state)
| Ends_here                                                  (* and makes no step more *)
| Undefined.
Arguments request I : clear implicits.

Section Meaning.
  Context {I : Type} (base : Z).

  Fixpoint eval (rs : registers) (e : expr) : Z :=
    match e with
    | Const k => k mod 2 ^ 64
    | Reg r => rs r
    | Page k => (base + k) - (base + k) mod 4096
    | Within k => (base + k) mod 4096
    | Plus a b => (eval rs a + eval rs b) mod 2 ^ 64
    | Scale c a => (c * eval rs a) mod 2 ^ 64
    | Times a b => (eval rs a * eval rs b) mod 2 ^ 64
    | Times_high a b => (eval rs a * eval rs b / 2 ^ 64) mod 2 ^ 64
    | Down n a => eval rs a / 2 ^ n
    | Bits n a => eval rs a mod 2 ^ n
    | Extend a => extended (eval rs a)
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
  Definition got (rs : list nat) (x : nat -> Z) (s : state) : state :=
    mkState (pc s) (S (part s)) (set_regs rs x (regs s)) (equal s).
  Definition updates (r : nat) (h : Z -> Z) (s : state) : state :=
    mkState (pc s) (part s) (set_reg r (h (regs s r) mod 2 ^ 64) (regs s)) (equal s).
  Definition goto (at_ : Z) (s : state) : state := mkState at_ 0 (regs s) (equal s).

  Definition below_top (x : Z) (s : state) : Z := (regs s frame_top - x) mod 2 ^ 64.
  Definition word_of_frame (sp : nat) (a : Z) (s : state) : option nat :=
    frame_word (below_top (regs s sp) s) (below_top a s).
  Definition half_of_frame (sp : nat) (a : Z) (s : state) : option (nat * Z) :=
    frame_half (below_top (regs s sp) s) (below_top a s).

  Context (C : code I).

  (** To address [a], with what the registers hold: code of this text goes on there. *)
  Definition comes_back (a : Z) (s : state) : request I :=
    let there := (a - regs s text_at) mod 2 ^ 64 in
    match C there with
    | Some _ => Own (goto there s)
    | None => Back a (regs s)
    end.

  Definition perform (m : micro I) (s : state) : request I :=
    let value := eval (regs s) in
    match m with
    | Move r a => Own (gets r (value a) s)
    | Compare a b => Own (mkState (pc s) (S (part s)) (regs s) (value a =? value b))
    | Load is excl r a => Ask_load is excl (value a) (fun v => gets r v s)
    | Store is a v => Ask_store is (value a) (value v mod 2 ^ 32) (advance s)
    | Store_x is r a v => Ask_store_x is (value a) (value v mod 2 ^ 32) (gets r 0 s) (gets r 1 s)
    | Fetch_add is r a v => Ask_add is (value a) (value v mod 2 ^ 32) (fun was => gets r was s)
    | Spill sp a v =>
        match word_of_frame sp (value a) s with
        | Some w => Own (gets w (value v) (updates frame_stored (with_word w) s))
        | None => Undefined
        end
    | Reload sp r a =>
        match word_of_frame sp (value a) s with
        | Some w => if Z.testbit (regs s frame_stored) (stored_bit w) then Own (gets r (regs s w) s) else Undefined
        | None => Undefined
        end
    | Spill_half sp a v =>
        match half_of_frame sp (value a) s with
        | Some half => Own (gets (fst half) (value v mod 2 ^ 32) (updates frame_stored (with_half half) s))
        | None => Undefined
        end
    | Reload_half sp r a =>
        match half_of_frame sp (value a) s with
        | Some half =>
            if Z.testbit (regs s frame_stored) (snd half) then Own (gets r (regs s (fst half)) s) else Undefined
        | None => Undefined
        end
    | Lose_below sp => Own (advance (updates frame_stored (above (below_top (regs s sp) s)) s))
    | Jump t target => Own (if passes s t then goto target s else advance s)
    | Return a => comes_back (value a) s
    | Agree a b => if value a =? value b then Own (advance s) else Undefined
    | Wait_event => Rest (advance s)
    | Any rs => Ask_any 0 0 true (fun x => mkState (pc s) (S (part s)) (set_regs rs x (regs s)) (x flag_number =? 0))
    | Address r => Ask_any 0 0 true (fun x => gets r (x r) s)
    | Elsewhere n rs a =>
        let writes := match rs with [] => true | _ => false end in
        Ask_any n (value a) (negb writes || off_frame (below_top (value a) s) n) (fun x => got rs x s)
    | Either target => Ask_any 0 0 true (fun x => if x flag_number =? 0 then advance s else goto target s)
    | Stop => Ends_here
    end.

  Definition asks (s : state) : request I :=
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
Inductive owns {I : Type} (C : code I) (base : Z) : nat -> state -> state -> Prop :=
| owns_none s : owns C base 0 s s
| owns_step n s s1 s2 : asks base C s = Own s1 -> owns C base n s1 s2 -> owns C base (S n) s s2.
