(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Steps of a thread's C that need nothing of memory

    Read next: position.v. *)
From Coq Require Import List String.
From hlock.clight Require Import options values syntax smallstep.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

(** ** At most [n] steps that need nothing of memory *)
Inductive quietly (M : module) : nat -> state -> state -> Prop :=
| quiet_done n s : quietly M n s s
| quiet_step n s s1 s2 : step M s = Some s1 -> quietly M n s1 s2 -> quietly M (S n) s s2
| quiet_relax n ef targs tres cc k s2 :
    quietly M n (Give Vundef k) s2 ->
    quietly M (S n) (Enter ($"cpu_relax") (External ef targs tres cc) [] k) s2.
