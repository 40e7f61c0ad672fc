(* c2coq --room layers/L1_ticket layers/L1_ticket/ticket.h -- -std=c11 -ffreestanding -Iinclude. Never edited. *)
From Coq Require Import String List ZArith.
From hlock.clight Require Import clightdefs.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.

Definition _cpu_relax : ident := $"cpu_relax".
Definition _get_now : ident := $"get_now".
Definition _incr_now : ident := $"incr_now".
Definition _incr_ticket : ident := $"incr_ticket".
Definition _lk : ident := $"lk".
Definition _my_ticket : ident := $"my_ticket".
Definition _pass_lock : ident := $"pass_lock".
Definition _wait_lock : ident := $"wait_lock".
Definition _t'1 : ident := 128%positive.
Definition _t'2 : ident := 129%positive.

(* layers/L1_ticket/ticket.h:19:20 *)
Definition f_wait_lock : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_lk, tuint) :: nil);
  fn_vars := nil;
  fn_temps := ((_my_ticket, tuint) :: (_t'2, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1) (Evar _incr_ticket (Tfunction (Tcons tuint Tnil) tuint cc_default))
      ((Etempvar _lk tuint) :: nil))
    (Sset _my_ticket (Etempvar _t'1 tuint)))
  (Sloop
    (Ssequence
      (Ssequence
        (Scall (Some _t'2) (Evar _get_now (Tfunction (Tcons tuint Tnil) tuint cc_default))
          ((Etempvar _lk tuint) :: nil))
        (Sifthenelse (Ebinop One (Etempvar _t'2 tuint) (Etempvar _my_ticket tuint) tint)
          Sskip
          Sbreak))
      (Scall None (Evar _cpu_relax (Tfunction Tnil tvoid cc_default)) nil))
    Sskip))
|}.

(* layers/L1_ticket/ticket.h:27:20 *)
Definition f_pass_lock : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_lk, tuint) :: nil);
  fn_vars := nil;
  fn_temps := nil;
  fn_body :=
(Scall None (Evar _incr_now (Tfunction (Tcons tuint Tnil) tvoid cc_default))
  ((Etempvar _lk tuint) :: nil))
|}.

Definition global_definitions : list (ident * globdef fundef type) :=
((_incr_ticket,
   Gfun(External (EF_external "incr_ticket" (mksignature (AST.Tint :: nil) AST.Tint cc_default))
     (Tcons tuint Tnil) tuint cc_default)) ::
 (_get_now,
   Gfun(External (EF_external "get_now" (mksignature (AST.Tint :: nil) AST.Tint cc_default))
     (Tcons tuint Tnil) tuint cc_default)) ::
 (_cpu_relax,
   Gfun(External (EF_external "cpu_relax" (mksignature nil AST.Tvoid cc_default)) Tnil tvoid
     cc_default)) ::
 (_incr_now,
   Gfun(External (EF_external "incr_now" (mksignature (AST.Tint :: nil) AST.Tvoid cc_default))
     (Tcons tuint Tnil) tvoid cc_default)) ::
 (_wait_lock, Gfun(Internal f_wait_lock)) ::
 (_pass_lock, Gfun(Internal f_pass_lock)) :: nil).

Definition public_idents : list ident :=
(_incr_ticket :: _get_now :: _cpu_relax :: _incr_now :: _wait_lock :: _pass_lock :: nil).
