(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Memory systems

    A memory system says which actions of which CPU can happen, and knows nothing
    of C.  It is a parameter of the machine.  Here is the first one: sequentially
    consistent words of w bits and parts of objects, whose contents are what the actions so
    far have left.  It lets anybody touch anything at any time. *)
From Coq Require Import ZArith List Bool.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.

Record memory_system (S : system) := mkMemory {
  memory : Type;
  fresh : memory; (* zeroed words, objects as they are at first *)
  mem_step : memory -> cpu -> action S words_verb -> memory -> Prop
}.
Arguments mkMemory {S} _ _ _.
Arguments memory {S} _.
Arguments fresh {S} _.
Arguments mem_step {S} _ _ _ _ _.

Section Consistent.
  Context (S : system) (width : Z).
  Local Notation log := (log S words_verb).

  (** The value that an action takes from memory is the one that is there. *)
  Definition value_there (g : log) (a : action S words_verb) : Prop :=
    match a with
    | Lock l (Took t) => t = next S width l g
    | Lock l (Polled v) | Lock l (Loaded v) => v = serving S width l g
    | Read l k v => v = object l k g
    | Lock _ (Stored _) | Wrote _ _ _ | Halted => True
    end.

  (** Sequential consistency: all actions in one order, each sees those before. *)
  Definition sc_memory : memory_system S :=
    mkMemory log [] (fun g c a g' => value_there g a /\ g' = (c, a) :: g).
End Consistent.
