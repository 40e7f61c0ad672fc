(* c2coq --room layers/L3_atomic layers/L3_atomic/atomic.h -- -std=c11 -ffreestanding -Iinclude. Never edited. *)
From Coq Require Import String List ZArith.
From hlock.clight Require Import clightdefs.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.

Definition _lk : ident := $"lk".
Definition _pass_hlock : ident := $"pass_hlock".
Definition _pass_lock : ident := $"pass_lock".
Definition _wait_hlock : ident := $"wait_hlock".
Definition _wait_lock : ident := $"wait_lock".

(* layers/L3_atomic/atomic.h:17:20 *)
Definition f_wait_hlock : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_lk, tuint) :: nil);
  fn_vars := nil;
  fn_temps := nil;
  fn_body :=
(Scall None (Evar _wait_lock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
  ((Etempvar _lk tuint) :: nil))
|}.

(* layers/L3_atomic/atomic.h:22:20 *)
Definition f_pass_hlock : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_lk, tuint) :: nil);
  fn_vars := nil;
  fn_temps := nil;
  fn_body :=
(Scall None (Evar _pass_lock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
  ((Etempvar _lk tuint) :: nil))
|}.

Definition global_definitions : list (ident * globdef fundef type) :=
((_wait_lock,
   Gfun(External (EF_external "wait_lock" (mksignature (AST.Tint :: nil) AST.Tvoid cc_default))
     (Tcons tuint Tnil) tvoid cc_default)) ::
 (_pass_lock,
   Gfun(External (EF_external "pass_lock" (mksignature (AST.Tint :: nil) AST.Tvoid cc_default))
     (Tcons tuint Tnil) tvoid cc_default)) ::
 (_wait_hlock, Gfun(Internal f_wait_hlock)) ::
 (_pass_hlock, Gfun(Internal f_pass_hlock)) :: nil).

Definition public_idents : list ident :=
(_wait_lock :: _pass_lock :: _wait_hlock :: _pass_hlock :: nil).
