(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * A small system for the sharp_*.v files

    Two CPUs, a table of two families (locks 0, and 4 to 6), numbers for the parts of objects,
    and clients that go through a list of operations.  Definitions alone.  Read next:
    sharp_table.v. *)
From Coq Require Import ZArith List String.
From hlock.layers.view Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope list_scope.

Definition core : family :=
  {| name := "core"; first := 0; count := 1; rank := 2; index := None; protects := "" |}.
Definition pt : family :=
  {| name := "pt"; first := 4; count := 3; rank := 5; index := Some "i"; protects := "" |}.
(** It is in no table here. *)
Definition stray : family :=
  {| name := "stray"; first := 2; count := 1; rank := 1; index := None; protects := "" |}.
Definition small_table : table := [core; pt].
(** Part [k] of each object is [100 + k] at first. *)
Definition numbers : objects := {| otype := fun _ => Z; ofirst := fun _ k => 100 + k; oeq := fun _ => Z.eq_dec |}.
Definition small : system := table_system small_table 2 numbers.
(** A number as a value of an object, and back. *)
Definition value (l z : Z) : Obj small l :=
  match owner_name small_table l as n return lock_obj numbers n with Some _ => z | None => tt end.
Definition number {l : Z} : Obj small l -> Z :=
  match owner_name small_table l as n return lock_obj numbers n ->
    Z with Some _ => fun v => v | None => fun _ => -1 end.

Definition goes_through (ops : list (op small)) : client small := fun history => nth_error ops (List.length history).
(** A list for each CPU. *)
Definition go_through (programs : list (list (op small))) : cpu -> client small :=
  fun c => goes_through (nth c programs []).

Notation acquire := (Op_acquire (S := small)).
Notation release := (Op_release (S := small)).
Notation read := (Op_read (S := small)).
Definition write (f : family) (i k z : Z) : op small := Op_write f i k (value (lock_id f i) z).

(** What is true is found, whatever the shape in which a definition says it; so what fails
    below is an example and not the way in which it was shown. *)
Ltac found := cbn; solve
  [exact I | reflexivity | discriminate | split; found | left; found | right; found | eexists; found | intro; found].
(** An equation between what is computed: the kernel alone says whether it holds. *)
Ltac computed := match goal with |- _ = ?a => vm_cast_no_check (eq_refl a) end.
