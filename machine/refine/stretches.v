(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The four places of a call, and how many steps lie between

    Nothing is proved here.  Read next: place.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options integers values syntax smallstep.
From hlock.layers.L4_locks Require Import spec text sample.
From hlock.stack Require Import linked.
From hlock.machine.model Require Import thread.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Inductive place :=
| Before_ticket (l : Z)
| Polling (l t : Z)
| Before_load (l : Z)
| Through.

(** ** How many steps a call makes of its own: counted on the text *)

(** To where code [s] asks memory, or ends: how many steps, at most [fuel], and what is there. *)
Fixpoint stretch (M : module) (fuel : nat) (s : state) : nat * state :=
  match fuel with
  | O => (O, s)
  | S fuel =>
      match step M s, s with
      | Some s', _ => let (n, e) := stretch M fuel s' in (S n, e)
      | None, Enter f (External _ _ _ _) [] k =>
          if Pos.eqb f ($"cpu_relax") then let (n, e) := stretch M fuel (Give Vundef k) in (S n, e) else (O, s)
      | None, _ => (O, s)
      end
  end.
(** The same, again and again: memory answers [answers]. *)
Fixpoint stretches (M : module) (s : state) (answers : list Z) : list nat :=
  let (n, e) := stretch M 100 s in
  n :: match answers, e with
       | v :: answers, Enter _ _ _ k => stretches M (Give (Vint (Int.repr v)) k) answers
       | _, _ => []
       end.
Local Notation counted o answers :=
  (stretches (functions (stack "" sample)) (name_of (stack "" sample) o core_family 0) answers).
(** An acquire: to its ticket, which is 0; to its first poll, which reads 1; to the
    second, which reads 0; to its return.  A release: to its load; to its return. *)
Definition acquire_stretches : list nat := Eval vm_compute in counted Acquire [0; 1; 0]%Z.
Definition release_stretches : list nat := Eval vm_compute in counted Release [0]%Z.

(** After the store of a release, to its return. *)
Definition back_steps : nat := nth 1%nat release_stretches O.
(** Between two requests a call makes at most so many steps of its own. *)
Definition quiet_steps (p : place) : nat :=
  match p with
  | Before_ticket _ => nth O acquire_stretches O
  | Polling _ _ => Nat.max (nth 1%nat acquire_stretches O) (nth 2%nat acquire_stretches O)
  | Before_load _ => nth O release_stretches O
  | Through => Nat.max (nth 3%nat acquire_stretches O) back_steps
  end.
