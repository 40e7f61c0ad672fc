(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 4: the C text of a lock table

    What the macros of locks.c make of a table, as a function of the table: two
    functions a family, after the functions of the floors below that they call.
    [prefix] stands before the name of each function.  That the exported C of a
    table is this text is one equation for each table (generated/L4_exported.v for
    the shipped one); what is proved of this text, for every table, is therefore
    true of the C (code.v).  test/mutate/text.tsv changes this file in one place at a
    time; a proof that names acquire or release must then fail. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options integers values syntax.
From hlock.layers.table Require Import table.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Inductive operation := Acquire | Release.

Definition function_name (prefix : string) (o : operation) (f : family) : string :=
  (prefix ++ match o with Acquire => "acquire_lock_" | Release => "release_lock_" end ++ name f)%string.

(** The function of floor 3 that does it. *)
Definition forwards_to (o : operation) : string :=
  match o with Acquire => "wait_hlock" | Release => "pass_hlock" end.

(** ** Pieces *)
Fixpoint uints {A} (arguments : list A) : typelist :=
  match arguments with [] => Tnil | _ :: rest => Tcons tuint (uints rest) end.
Definition constant (z : Z) : expr := Econst_int (Int.repr z) tuint.
Definition argument (p : string) : expr := Etempvar ($p) tuint.
Definition call_text (callee : string) (arguments : list expr) : statement :=
  Scall None (Evar ($callee) (Tfunction (uints arguments) tvoid cc_default)) arguments.

(** HLOCK_NUMBER of locks.h: the number of the lock. *)
Definition number_text (f : family) : expr :=
  match index f with
  | None => constant (first f)
  | Some p => Ebinop Oadd (constant (first f)) (argument p) tuint
  end.

(** HLOCK_CHECK of locks.h, in the debug text: an index out of range stops. *)
Definition operation_number (o : operation) : Z := match o with Acquire => 0 | Release => 1 end.
Definition stop_text (o : operation) (f : family) (p : string) : statement :=
  call_text "hlock_stop" [constant (operation_number o); constant (first f); argument p; constant (count f)].
Definition check_text (o : operation) (f : family) (p : string) : statement :=
  Sifthenelse (Ebinop Oge (argument p) (constant (count f)) tint) (stop_text o f p) Sskip.

(** ** A function; [debug]: that of the debug text *)
Definition body_text (debug : bool) (o : operation) (f : family) : statement :=
  let call := call_text (forwards_to o) [number_text f] in
  match index f with
  | Some p => if debug then Ssequence (check_text o f p) call else call
  | None => call
  end.

Definition function_text (debug : bool) (o : operation) (f : family) : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := match index f with Some p => [($p, tuint)] | None => [] end;
  fn_vars := [];
  fn_temps := [];
  fn_body := body_text debug o f
|}.

(** ** All of a table *)
(** A function of [n] numbers that is defined elsewhere. *)
Definition external_text (f : string) (n : nat) : ident * globdef fundef type :=
  ($f, Gfun (External (EF_external f (mksignature (repeat AST.Tint n) AST.Tvoid cc_default))
                      (uints (repeat tt n)) tvoid cc_default)).

(** In the order in which the text calls them. *)
Definition calls_of (debug : bool) (T : table) : module :=
  let stops f := debug && match index f with Some _ => true | None => false end in
  let stop := external_text "hlock_stop" 4 in
  let calls := [external_text "wait_hlock" 1; external_text "pass_hlock" 1] in
  match T with
  | [] => []
  | f :: T => if stops f then stop :: calls else if existsb stops T then calls ++ [stop] else calls
  end.

Definition functions_of (debug : bool) (prefix : string) (T : table) : module :=
  flat_map (fun f =>
    [ ($(function_name prefix Acquire f), Gfun (Internal (function_text debug Acquire f)));
      ($(function_name prefix Release f), Gfun (Internal (function_text debug Release f))) ]) T.

Definition text_of (debug : bool) (prefix : string) (T : table) : module :=
  calls_of debug T ++ functions_of debug prefix T.

(** The text that ships, and the debug text. *)
Definition locks_text : string -> table -> module := text_of false.
Definition locks_debug_text : string -> table -> module := text_of true.

(** What a client calls: functions, and the prefix of their names. *)
Record program := mkProgram { functions : module; prefix_of : string }.
