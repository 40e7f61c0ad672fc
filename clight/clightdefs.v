(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What a file in [generated/] needs: the syntax and its notations. *)
From hlock.clight Require Export options integers values syntax.
