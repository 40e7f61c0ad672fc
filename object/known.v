(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What the checker knows at a point of the code

    A value is described by a formula in the array's address, the index that the caller passes, the ticket and the value
    read last.  A point is described by the registers, what the flag tells, and the phase of the call.  Read next:
    checker.v. *)
From Coq Require Import ZArith List Bool Arith.
From hlock.clight Require Import options.
Import ListNotations.
Local Open Scope Z_scope.

(** [c_base] times the address, and so on, and a constant. *)
Record formula := mkFormula { c_base : Z; c_index : Z; c_ticket : Z; c_seen : Z; c_const : Z }.
Definition constant (k : Z) : formula := mkFormula 0 0 0 0 k.
Definition ticket_itself : formula := mkFormula 0 0 1 0 0.
Definition seen_itself : formula := mkFormula 0 0 0 1 0.
Definition c_plus (F G : formula) : formula :=
  mkFormula (c_base F + c_base G) (c_index F + c_index G) (c_ticket F + c_ticket G) (c_seen F + c_seen G)
            (c_const F + c_const G).
Definition c_scale (c : Z) (F : formula) : formula :=
  mkFormula (c * c_base F) (c * c_index F) (c * c_ticket F) (c * c_seen F) (c * c_const F).
Definition same_formula (F G : formula) : bool :=
  (c_base F =? c_base G) && (c_index F =? c_index G) && (c_ticket F =? c_ticket G) && (c_seen F =? c_seen G) &&
  (c_const F =? c_const G).

(** What is known of a value. *)
Inductive known :=
| Anything
| Kept (r : nat)           (* what register r was at the call *)
| Below (k : Z)            (* k bytes below what the stack pointer was *)
| In_text (k : Z)          (* the address of offset k of the text *)
| Foreign                  (* made of the address of something else; nothing is said of the value *)
| Full (F : formula)       (* the formula, modulo 2^64 *)
| Word (F : formula)       (* the formula modulo 2^32 *)
| Lowest (F : formula)     (* its lowest 32 bits are those of the formula *)
| Signed (F : formula)     (* the formula modulo 2^32, its sign extended to 64 bits *)
| Page_of (k : Z)
| Within_page (k : Z).

Definition same_known (a b : known) : bool :=
  match a, b with
  | Anything, Anything | Foreign, Foreign => true
  | Kept r, Kept r' => Nat.eqb r r'
  | Below k, Below k' | In_text k, In_text k' => k =? k'
  | Full F, Full G | Word F, Word G | Lowest F, Lowest G | Signed F, Signed G => same_formula F G
  | Page_of k, Page_of k' | Within_page k, Within_page k' => k =? k'
  | _, _ => false
  end.

(** What the last comparison was of. *)
Inductive told := Nothing | Turn.   (* Turn: of the ticket and the value read *)

(** Where the call stands.  A wait is armed if the last access was a load of [now] that set
    the monitor, and its value was compared, and is not the ticket. *)
Inductive phase :=
| Before_taking (linked : bool)    (* linked: next was read by a load that set the monitor *)
| Waiting_turn (armed : bool)
| Polled_once (armed : bool)       (* now was read, and is not yet compared *)
| Before_loading
| Before_storing
| Done.

Definition same_phase (p q : phase) : bool :=
  match p, q with
  | Before_taking a, Before_taking b | Waiting_turn a, Waiting_turn b | Polled_once a, Polled_once b => Bool.eqb a b
  | Before_loading, Before_loading | Before_storing, Before_storing | Done, Done => true
  | _, _ => false
  end.

(** Of a register that is not listed nothing is known. *)
Record point := mkPoint { at_pc : Z; at_part : nat; at_regs : list known; at_flag : told; at_phase : phase }.

Definition nothing_told (t : told) : bool := match t with Nothing => true | Turn => false end.
(** [q] says no more than [p]. *)
Fixpoint weaker (ks js : list known) : bool :=
  match ks, js with
  | _, [] => true
  | k :: ks, j :: js => (same_known j Anything || same_known k j) && weaker ks js
  | [], j :: js => same_known j Anything && weaker [] js
  end.
Definition covers (p q : point) : bool :=
  if (at_pc p =? at_pc q) && Nat.eqb (at_part p) (at_part q) && same_phase (at_phase p) (at_phase q) &&
     (nothing_told (at_flag q) || negb (nothing_told (at_flag p)))
  then weaker (at_regs p) (at_regs q) else false.

Fixpoint set_known (r : nat) (k : known) (ks : list known) : list known :=
  match ks, r with
  | [], _ => []
  | _ :: ks, O => k :: ks
  | j :: ks, S r => j :: set_known r k ks
  end.
Definition forget_regs (rs : list nat) (ks : list known) : list known :=
  fold_right (fun r => set_known r Anything) ks rs.
Definition known_at (ks : list known) (r : nat) : known := nth r ks Anything.

(** The value read last is another one now; it is the ticket now; there is a new ticket. *)
Definition formula_of (k : known) : option formula :=
  match k with Full F | Word F | Lowest F | Signed F => Some F | _ => None end.
Definition forget (gone : formula -> bool) (k : known) : known :=
  match formula_of k with Some F => if gone F then Anything else k | None => k end.
Definition forget_seen : known -> known := forget (fun F => negb (c_seen F =? 0)).
Definition forget_both : known -> known := forget (fun F => negb ((c_seen F =? 0) && (c_ticket F =? 0))).
Definition retake (F : formula) : formula := mkFormula (c_base F) (c_index F) (c_seen F) 0 (c_const F).
Definition take_seen (k : known) : known :=
  match k with
  | Full F => if c_ticket F =? 0 then Full (retake F) else Anything
  | Word F => if c_ticket F =? 0 then Word (retake F) else Anything
  | Lowest F => if c_ticket F =? 0 then Lowest (retake F) else Anything
  | Signed F => if c_ticket F =? 0 then Signed (retake F) else Anything
  | k => k
  end.

(** Of a loop that counts, or goes through memory, one point after another is found at the same place: from the
    fourth on what they differ in is forgotten. *)
Definition same_place (p q : point) : bool :=
  (at_pc p =? at_pc q) && Nat.eqb (at_part p) (at_part q) && same_phase (at_phase p) (at_phase q) &&
  Bool.eqb (nothing_told (at_flag p)) (nothing_told (at_flag q)).
Fixpoint common (ks js : list known) : list known :=
  match ks, js with
  | k :: ks, j :: js => (if same_known k j then k else Anything) :: common ks js
  | _, _ => []
  end.
Definition widened (p : point) (found : list point) : point :=
  match filter (same_place p) found with
  | q :: _ :: _ :: _ => mkPoint (at_pc p) (at_part p) (common (at_regs p) (at_regs q)) (at_flag p) (at_phase p)
  | _ => p
  end.
