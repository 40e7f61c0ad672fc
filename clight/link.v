(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Linking: the functions that are defined somewhere, then the others *)
From Coq Require Import List.
From hlock.clight Require Import options integers values syntax.
Import ListNotations.

Definition defined (e : ident * globdef fundef type) : bool :=
  match snd e with Gfun (Internal _) => true | Gfun (External _ _ _ _) => false end.

Definition link (ms : list module) : module :=
  let all := concat ms in filter defined all ++ filter (fun e => negb (defined e)) all.
