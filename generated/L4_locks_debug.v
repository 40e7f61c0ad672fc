(* c2coq --room layers/L4_locks layers/L4_locks/locks.c -- -std=c11 -ffreestanding -Iinclude -DHLOCK_DEBUG -DHLOCK_CHECK_INDEX_ONLY. Never edited. *)
From Coq Require Import String List ZArith.
From hlock.clight Require Import clightdefs.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.

Definition _acquire_lock_core : ident := $"acquire_lock_core".
Definition _acquire_lock_pt : ident := $"acquire_lock_pt".
Definition _acquire_lock_s2page : ident := $"acquire_lock_s2page".
Definition _acquire_lock_smmu : ident := $"acquire_lock_smmu".
Definition _acquire_lock_spt : ident := $"acquire_lock_spt".
Definition _acquire_lock_vm : ident := $"acquire_lock_vm".
Definition _hlock_stop : ident := $"hlock_stop".
Definition _pass_hlock : ident := $"pass_hlock".
Definition _release_lock_core : ident := $"release_lock_core".
Definition _release_lock_pt : ident := $"release_lock_pt".
Definition _release_lock_s2page : ident := $"release_lock_s2page".
Definition _release_lock_smmu : ident := $"release_lock_smmu".
Definition _release_lock_spt : ident := $"release_lock_spt".
Definition _release_lock_vm : ident := $"release_lock_vm".
Definition _vmid : ident := $"vmid".
Definition _wait_hlock : ident := $"wait_hlock".

(* layers/L4_locks/lock_table.def:14:1 *)
Definition f_acquire_lock_core : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := nil;
  fn_body :=
(Scall None (Evar _wait_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
  ((Econst_int (Int.repr 0) tuint) :: nil))
|}.

(* layers/L4_locks/lock_table.def:14:1 *)
Definition f_release_lock_core : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := nil;
  fn_body :=
(Scall None (Evar _pass_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
  ((Econst_int (Int.repr 0) tuint) :: nil))
|}.

(* layers/L4_locks/lock_table.def:15:1 *)
Definition f_acquire_lock_s2page : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := nil;
  fn_body :=
(Scall None (Evar _wait_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
  ((Econst_int (Int.repr 1) tuint) :: nil))
|}.

(* layers/L4_locks/lock_table.def:15:1 *)
Definition f_release_lock_s2page : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := nil;
  fn_body :=
(Scall None (Evar _pass_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
  ((Econst_int (Int.repr 1) tuint) :: nil))
|}.

(* layers/L4_locks/lock_table.def:16:1 *)
Definition f_acquire_lock_spt : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := nil;
  fn_body :=
(Scall None (Evar _wait_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
  ((Econst_int (Int.repr 2) tuint) :: nil))
|}.

(* layers/L4_locks/lock_table.def:16:1 *)
Definition f_release_lock_spt : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := nil;
  fn_body :=
(Scall None (Evar _pass_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
  ((Econst_int (Int.repr 2) tuint) :: nil))
|}.

(* layers/L4_locks/lock_table.def:17:1 *)
Definition f_acquire_lock_smmu : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := nil;
  fn_body :=
(Scall None (Evar _wait_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
  ((Econst_int (Int.repr 3) tuint) :: nil))
|}.

(* layers/L4_locks/lock_table.def:17:1 *)
Definition f_release_lock_smmu : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := nil;
  fn_body :=
(Scall None (Evar _pass_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
  ((Econst_int (Int.repr 3) tuint) :: nil))
|}.

(* layers/L4_locks/lock_table.def:20:1 *)
Definition f_acquire_lock_pt : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_vmid, tuint) :: nil);
  fn_vars := nil;
  fn_temps := nil;
  fn_body :=
(Ssequence
  (Sifthenelse (Ebinop Oge (Etempvar _vmid tuint) (Econst_int (Int.repr 17) tuint) tint)
    (Scall None
      (Evar _hlock_stop
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default))
      ((Econst_int (Int.repr 0) tuint) :: (Econst_int (Int.repr 4) tuint) ::
       (Etempvar _vmid tuint) :: (Econst_int (Int.repr 17) tuint) :: nil))
    Sskip)
  (Scall None (Evar _wait_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
    ((Ebinop Oadd (Econst_int (Int.repr 4) tuint) (Etempvar _vmid tuint) tuint) :: nil)))
|}.

(* layers/L4_locks/lock_table.def:20:1 *)
Definition f_release_lock_pt : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_vmid, tuint) :: nil);
  fn_vars := nil;
  fn_temps := nil;
  fn_body :=
(Ssequence
  (Sifthenelse (Ebinop Oge (Etempvar _vmid tuint) (Econst_int (Int.repr 17) tuint) tint)
    (Scall None
      (Evar _hlock_stop
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default))
      ((Econst_int (Int.repr 1) tuint) :: (Econst_int (Int.repr 4) tuint) ::
       (Etempvar _vmid tuint) :: (Econst_int (Int.repr 17) tuint) :: nil))
    Sskip)
  (Scall None (Evar _pass_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
    ((Ebinop Oadd (Econst_int (Int.repr 4) tuint) (Etempvar _vmid tuint) tuint) :: nil)))
|}.

(* layers/L4_locks/lock_table.def:21:1 *)
Definition f_acquire_lock_vm : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_vmid, tuint) :: nil);
  fn_vars := nil;
  fn_temps := nil;
  fn_body :=
(Ssequence
  (Sifthenelse (Ebinop Oge (Etempvar _vmid tuint) (Econst_int (Int.repr 17) tuint) tint)
    (Scall None
      (Evar _hlock_stop
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default))
      ((Econst_int (Int.repr 0) tuint) :: (Econst_int (Int.repr 21) tuint) ::
       (Etempvar _vmid tuint) :: (Econst_int (Int.repr 17) tuint) :: nil))
    Sskip)
  (Scall None (Evar _wait_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
    ((Ebinop Oadd (Econst_int (Int.repr 21) tuint) (Etempvar _vmid tuint) tuint) :: nil)))
|}.

(* layers/L4_locks/lock_table.def:21:1 *)
Definition f_release_lock_vm : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_vmid, tuint) :: nil);
  fn_vars := nil;
  fn_temps := nil;
  fn_body :=
(Ssequence
  (Sifthenelse (Ebinop Oge (Etempvar _vmid tuint) (Econst_int (Int.repr 17) tuint) tint)
    (Scall None
      (Evar _hlock_stop
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default))
      ((Econst_int (Int.repr 1) tuint) :: (Econst_int (Int.repr 21) tuint) ::
       (Etempvar _vmid tuint) :: (Econst_int (Int.repr 17) tuint) :: nil))
    Sskip)
  (Scall None (Evar _pass_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
    ((Ebinop Oadd (Econst_int (Int.repr 21) tuint) (Etempvar _vmid tuint) tuint) :: nil)))
|}.

Definition global_definitions : list (ident * globdef fundef type) :=
((_wait_hlock,
   Gfun(External (EF_external "wait_hlock" (mksignature (AST.Tint :: nil) AST.Tvoid cc_default))
     (Tcons tuint Tnil) tvoid cc_default)) ::
 (_pass_hlock,
   Gfun(External (EF_external "pass_hlock" (mksignature (AST.Tint :: nil) AST.Tvoid cc_default))
     (Tcons tuint Tnil) tvoid cc_default)) ::
 (_hlock_stop,
   Gfun(External
     (EF_external "hlock_stop"
       (mksignature (AST.Tint :: AST.Tint :: AST.Tint :: AST.Tint :: nil) AST.Tvoid cc_default))
     (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default)) ::
 (_acquire_lock_core, Gfun(Internal f_acquire_lock_core)) ::
 (_release_lock_core, Gfun(Internal f_release_lock_core)) ::
 (_acquire_lock_s2page, Gfun(Internal f_acquire_lock_s2page)) ::
 (_release_lock_s2page, Gfun(Internal f_release_lock_s2page)) ::
 (_acquire_lock_spt, Gfun(Internal f_acquire_lock_spt)) ::
 (_release_lock_spt, Gfun(Internal f_release_lock_spt)) ::
 (_acquire_lock_smmu, Gfun(Internal f_acquire_lock_smmu)) ::
 (_release_lock_smmu, Gfun(Internal f_release_lock_smmu)) ::
 (_acquire_lock_pt, Gfun(Internal f_acquire_lock_pt)) ::
 (_release_lock_pt, Gfun(Internal f_release_lock_pt)) ::
 (_acquire_lock_vm, Gfun(Internal f_acquire_lock_vm)) ::
 (_release_lock_vm, Gfun(Internal f_release_lock_vm)) :: nil).

Definition public_idents : list ident :=
(_wait_hlock :: _pass_hlock :: _hlock_stop :: _acquire_lock_core :: _release_lock_core ::
 _acquire_lock_s2page :: _release_lock_s2page :: _acquire_lock_spt :: _release_lock_spt ::
 _acquire_lock_smmu :: _release_lock_smmu :: _acquire_lock_pt :: _release_lock_pt ::
 _acquire_lock_vm :: _release_lock_vm :: nil).
