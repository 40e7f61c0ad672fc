(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Code that does more than lock

    A debug build checks its caller, by a record of its own.  What its code does to that memory, and what it is told by
    it and by functions of other files, is left open ([open_ended] in micro.v); what it does to locks is checked as in
    a release build.  An access is to other memory if its address is made of the address of something else of the
    program: [own_data] finds these, and [marked] makes them [Elsewhere].  The machine has no step for such an access
    that meets the array.  A function that does not return, by its name, is a [Stop].  Code of a release build has
    nothing of all that ([closed_code]).  Nothing is proved here.  Read next: objects.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import text.
From hlock.object Require Import micro file by_place target checker.
Import ListNotations.
Local Open Scope Z_scope.

(** An instruction of which something is left open is none. *)
Definition closed_code {I} (C : code I) : code I := fun at_ =>
  match C at_ with
  | Some (ms, n) => if existsb open_ended ms then None else Some (ms, n)
  | None => None
  end.

(** Where a function begins that does not return, there is nothing else. *)
Definition stopping {R I} (O : object_file R) (C : code I) : code I :=
  let stops := map snd (filter (fun s => never_returns (fst s)) (symbols O)) in
  fun at_ => if existsb (Z.eqb at_) stops then Some ([Stop], 1) else C at_.

(** A plain access, as one to other memory: of so many bytes, the registers that it gives, its address. *)
Definition plain_access {I} (m : micro I) : option (Z * list nat * expr) :=
  match m with
  | Load _ false r a => Some (4, [r], a)
  | Store _ a _ => Some (4, [], a)
  | Reload _ r a => Some (8, [r], a)
  | Spill _ a _ => Some (8, [], a)
  | _ => None
  end.
Definition as_elsewhere {I} (m : micro I) : micro I :=
  match plain_access m with Some (n, rs, a) => Elsewhere n rs a | None => m end.
(** Marked are micro-operations: each by the place of its instruction, and how many come before it there. *)
Definition place : Type := Z * nat.
Definition is_among (p : place) : list place -> bool :=
  existsb (fun q => (fst p =? fst q) && Nat.eqb (snd p) (snd q)).
Definition marked {I} (own : list place) (C : code I) : code I := fun at_ =>
  match C at_ with
  | Some (ms, n) =>
      let mark im := if is_among (at_, fst im) own then as_elsewhere (snd im) else snd im in
      Some (map mark (combine (seq 0 (List.length ms)) ms), n)
  | None => None
  end.

Section Own.
  Context {I R : Type} (arch : target I R) (C : code I).

  Section Function.
    Context (stride : Z) (o : operation) (f : family).

    (** The access at a point is to other memory; [here]: the instruction there. *)
    Definition goes_elsewhere (here : option (list (micro I) * Z)) (p : point) : bool :=
      match here with
      | Some (ms, _) =>
          match nth_error ms (at_part p) with
          | Some m =>
              match plain_access m with
              | Some (_, rs, a) => is_elsewhere arch rs (at_regs p) (value_known f (at_regs p) a)
              | None => false
              end
          | None => false
          end
      | None => false
      end.
    (** As [explore]; what is found of this kind is marked from then on. *)
    Fixpoint elsewhere (fuel : nat) (todo : list point) (m : place_map) (own : list place) : list place :=
      match fuel, todo with
      | O, _ | _, [] => own
      | S fuel, p :: todo =>
          let (here, found) := found_at C m (at_pc p) in
          if existsb (covers p) found then elsewhere fuel todo m own
          else
            let p := widened p found in
            let at_ := (at_pc p, at_part p) in
            let own := if goes_elsewhere here p && negb (is_among at_ own) then at_ :: own else own in
            let todo :=
              match next_by arch C stride f (marked own (fun _ => here) (at_pc p)) p with
              | None => todo
              | Some ps => ps ++ todo
              end in
            elsewhere fuel todo (with_found C at_pc p m) own
      end.
  End Function.

  (** What accesses other memory in a library; [entry]: where a function begins. *)
  Definition own_data (T : table) (stride : Z) (entry : operation -> family -> option Z) : list place :=
    flat_map (fun f => flat_map (fun o =>
      match entry o f with
      | Some at_ => elsewhere stride f explore_fuel [at_call arch o f at_] (by_place C at_pc []) []
      | None => []
      end) [Acquire; Release]) T.
End Own.
