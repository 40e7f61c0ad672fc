(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Options of every Coq file of hlock, each with its reason. *)

(* A tactic speaks of one goal: a proof that grows a goal fails where it grew. *)
#[export] Set Default Goal Selector "!".
(* Hints say where they hold. *)
#[export] Set Warnings "+deprecated-hint-without-locality".
(* A record pattern or a notation that Coq finds doubtful is an error. *)
#[export] Set Warnings "+non-recursive".
