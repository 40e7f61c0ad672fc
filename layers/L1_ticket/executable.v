(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 1: what the interpreter runs the exported C on

    The primitives of floor 0 as functions, so that instances are computed and
    not argued.  What they do is what [words_layer] allows
    ([words_executable_sound]).  Read next: wrong_code.v. *)
From Coq Require Import ZArith List String.
From hlock.clight Require Import options integers values semantics functions interp.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L1_ticket Require Import code.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.

Section Executable.
  Context (S : system) (width : Z).
  Local Notation data := (RData (words S width)).

  Definition run_value (spec : Z -> data -> result (Z * data)) (vs : list val) (d : data)
      : option (val * data) :=
    match vs with
    | [Vint n] => match spec (Int.unsigned n) d with
                  | Done (r, d') => Some (Vint (Int.repr r), d')
                  | _ => None
                  end
    | _ => None
    end.
  Definition run_nothing (spec : Z -> data -> result data) (vs : list val) (d : data)
      : option (val * data) :=
    match vs with
    | [Vint n] => match spec (Int.unsigned n) d with Done d' => Some (Vundef, d') | _ => None end
    | _ => None
    end.
  Definition words_executable : executable := fun id =>
    if Pos.eqb id ($"incr_ticket") then Some (run_value (incr_ticket_spec S width))
    else if Pos.eqb id ($"get_now") then Some (run_value (get_now_spec S width))
    else if Pos.eqb id ($"incr_now") then Some (run_nothing (incr_now_spec S width))
    else if Pos.eqb id ($"cpu_relax") then
      Some (fun vs d => match vs with [] => Some (Vundef, d) | _ => None end)
    else None.

  Lemma words_executable_sound : layer_le (layer_of words_executable) (words_layer S width).
  Proof.
    intros id p; unfold layer_of, words_executable, words_layer.
    repeat (destruct (Pos.eqb id _)); try discriminate; intros [= <-].
    all: eexists; split; [reflexivity|]; intros vs d v d'.
    all: unfold run_value, run_nothing, returns, returns_nothing, takes_uint, no_effect.
    all: destruct vs as [|[|n] [|]]; try discriminate.
    - destruct (incr_ticket_spec S width (Int.unsigned n) d) as [[r d1]| |] eqn:E; intros [= <- <-]; eauto.
    - destruct (get_now_spec S width (Int.unsigned n) d) as [[r d1]| |] eqn:E; intros [= <- <-]; eauto.
    - destruct (incr_now_spec S width (Int.unsigned n) d) as [d1| |] eqn:E; intros [= <- <-]; eauto.
    - intros [= <- <-]; auto.
  Qed.
End Executable.
