(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The setting of the proofs about the stack and the machine

    What all of them take for granted of table, CPUs, objects and words, said once:
    a proof begins with [Context {G : setting}], or [{G : running}] if clients run.
    A class, so that lemmas find it by themselves.  No statement of main/ has it as
    an argument: they quantify over each of its fields. *)
From Coq Require Import ZArith List String.
From hlock.layers.table Require Import table.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec text contract.
From hlock.stack Require Import stack.
Local Open Scope Z_scope.

Class setting := mkSetting {
  prefix : string;                 (* of the names of the C functions *)
  the_table : table;
  table_accepted : table_ok the_table = true;
  processors : nat;
  guarded : objects;               (* what each lock protects *)
  width : Z;                       (* bits of a lock word *)
  width_range : 1 <= width <= 32;
  width_suffices : Z.of_nat processors <= modulus width
}.

Notation the_system := (table_system the_table processors guarded).
Notation the_text := (stack prefix the_table).

(** One client a CPU. *)
Class running := mkRunning {
  setting_of :> setting;
  clients : cpu -> client the_system
}.
#[global] Hint Resolve table_accepted : core.
