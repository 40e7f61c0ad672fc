(* c2coq --room layers/L4_locks layers/L4_locks/locks.c -- -std=c11 -ffreestanding -Iinclude -DHLOCK_DEBUG. Never edited. *)
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
Definition _assert_held_core : ident := $"assert_held_core".
Definition _assert_held_pt : ident := $"assert_held_pt".
Definition _assert_held_s2page : ident := $"assert_held_s2page".
Definition _assert_held_smmu : ident := $"assert_held_smmu".
Definition _assert_held_spt : ident := $"assert_held_spt".
Definition _assert_held_vm : ident := $"assert_held_vm".
Definition _assert_none_held : ident := $"assert_none_held".
Definition _assert_not_held_core : ident := $"assert_not_held_core".
Definition _assert_not_held_pt : ident := $"assert_not_held_pt".
Definition _assert_not_held_s2page : ident := $"assert_not_held_s2page".
Definition _assert_not_held_smmu : ident := $"assert_not_held_smmu".
Definition _assert_not_held_spt : ident := $"assert_not_held_spt".
Definition _assert_not_held_vm : ident := $"assert_not_held_vm".
Definition _comes_after : ident := $"comes_after".
Definition _count : ident := $"count".
Definition _cpu : ident := $"cpu".
Definition _drop_held : ident := $"drop_held".
Definition _fault : ident := $"fault".
Definition _first : ident := $"first".
Definition _held : ident := $"held".
Definition _held_rank : ident := $"held_rank".
Definition _hlock_cpu : ident := $"hlock_cpu".
Definition _hlock_stop : ident := $"hlock_stop".
Definition _hlock_stops : ident := $"hlock_stops".
Definition _last : ident := $"last".
Definition _lk : ident := $"lk".
Definition _may_acquire : ident := $"may_acquire".
Definition _must_be_free : ident := $"must_be_free".
Definition _must_hold : ident := $"must_hold".
Definition _must_lack : ident := $"must_lack".
Definition _now_held : ident := $"now_held".
Definition _operation : ident := $"operation".
Definition _pass_hlock : ident := $"pass_hlock".
Definition _place : ident := $"place".
Definition _place_of : ident := $"place_of".
Definition _rank : ident := $"rank".
Definition _record_count : ident := $"record_count".
Definition _record_lock : ident := $"record_lock".
Definition _record_move : ident := $"record_move".
Definition _record_put : ident := $"record_put".
Definition _record_rank : ident := $"record_rank".
Definition _record_room : ident := $"record_room".
Definition _record_size : ident := $"record_size".
Definition _record_wait : ident := $"record_wait".
Definition _release_lock_core : ident := $"release_lock_core".
Definition _release_lock_pt : ident := $"release_lock_pt".
Definition _release_lock_s2page : ident := $"release_lock_s2page".
Definition _release_lock_smmu : ident := $"release_lock_smmu".
Definition _release_lock_spt : ident := $"release_lock_spt".
Definition _release_lock_vm : ident := $"release_lock_vm".
Definition _this_cpu : ident := $"this_cpu".
Definition _vmid : ident := $"vmid".
Definition _wait_hlock : ident := $"wait_hlock".
Definition _t'1 : ident := 128%positive.
Definition _t'2 : ident := 129%positive.
Definition _t'3 : ident := 130%positive.
Definition _t'4 : ident := 131%positive.

(* layers/L4_locks/checks.h:17:23 *)
Definition f_place_of : function := {|
  fn_return := tuint;
  fn_callconv := cc_default;
  fn_params := ((_cpu, tuint) :: (_lk, tuint) :: nil);
  fn_vars := nil;
  fn_temps := ((_count, tuint) :: (_place, tuint) :: (_t'2, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1) (Evar _record_count (Tfunction (Tcons tuint Tnil) tuint cc_default))
      ((Etempvar _cpu tuint) :: nil))
    (Sset _count (Etempvar _t'1 tuint)))
  (Ssequence
    (Sset _place (Econst_int (Int.repr 0) tuint))
    (Ssequence
      (Swhile (Ebinop Olt (Etempvar _place tuint) (Etempvar _count tuint) tint)
        (Ssequence
          (Ssequence
            (Scall (Some _t'2)
              (Evar _record_lock (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
              ((Etempvar _cpu tuint) :: (Etempvar _place tuint) :: nil))
            (Sifthenelse (Ebinop Oeq (Etempvar _t'2 tuint) (Etempvar _lk tuint) tint)
              (Sreturn (Some (Etempvar _place tuint)))
              Sskip))
          (Sset _place
            (Ebinop Oadd (Etempvar _place tuint) (Econst_int (Int.repr 1) tuint) tuint))))
      (Sreturn (Some (Etempvar _place tuint))))))
|}.

(* layers/L4_locks/checks.h:32:19 *)
Definition f_comes_after : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_cpu, tuint) :: (_first, tuint) :: (_lk, tuint) :: (_rank, tuint) ::
                (_held, tuint) :: (_held_rank, tuint) :: nil);
  fn_vars := nil;
  fn_temps := nil;
  fn_body :=
(Ssequence
  (Sifthenelse (Ebinop Oeq (Etempvar _held tuint) (Etempvar _lk tuint) tint)
    (Scall None
      (Evar _hlock_stops
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil))))) tvoid
          cc_default))
      ((Econst_int (Int.repr 1) tuint) :: (Econst_int (Int.repr 0) tuint) ::
       (Etempvar _first tuint) :: (Etempvar _lk tuint) :: (Etempvar _cpu tuint) :: nil))
    Sskip)
  (Sifthenelse (Ebinop Oge (Etempvar _held_rank tuint) (Etempvar _rank tuint) tint)
    (Ssequence
      (Sifthenelse (Ebinop Olt (Etempvar _held tuint) (Etempvar _first tuint) tint)
        (Scall None
          (Evar _hlock_stops
            (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))))
              tvoid cc_default))
          ((Econst_int (Int.repr 2) tuint) :: (Econst_int (Int.repr 0) tuint) ::
           (Etempvar _first tuint) :: (Etempvar _lk tuint) :: (Etempvar _cpu tuint) :: nil))
        Sskip)
      (Sifthenelse (Ebinop Ogt (Etempvar _held tuint) (Etempvar _lk tuint) tint)
        (Scall None
          (Evar _hlock_stops
            (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))))
              tvoid cc_default))
          ((Econst_int (Int.repr 2) tuint) :: (Econst_int (Int.repr 0) tuint) ::
           (Etempvar _first tuint) :: (Etempvar _lk tuint) :: (Etempvar _cpu tuint) :: nil))
        Sskip))
    Sskip))
|}.

(* layers/L4_locks/checks.h:45:19 *)
Definition f_may_acquire : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_cpu, tuint) :: (_first, tuint) :: (_lk, tuint) :: (_rank, tuint) :: nil);
  fn_vars := nil;
  fn_temps := ((_count, tuint) :: (_place, tuint) :: (_held, tuint) :: (_held_rank, tuint) ::
               (_t'4, tuint) :: (_t'3, tuint) :: (_t'2, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1) (Evar _record_count (Tfunction (Tcons tuint Tnil) tuint cc_default))
      ((Etempvar _cpu tuint) :: nil))
    (Sset _count (Etempvar _t'1 tuint)))
  (Ssequence
    (Sset _place (Econst_int (Int.repr 0) tuint))
    (Ssequence
      (Swhile (Ebinop Olt (Etempvar _place tuint) (Etempvar _count tuint) tint)
        (Ssequence
          (Ssequence
            (Scall (Some _t'2)
              (Evar _record_lock (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
              ((Etempvar _cpu tuint) :: (Etempvar _place tuint) :: nil))
            (Sset _held (Etempvar _t'2 tuint)))
          (Ssequence
            (Ssequence
              (Scall (Some _t'3)
                (Evar _record_rank (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
                ((Etempvar _cpu tuint) :: (Etempvar _place tuint) :: nil))
              (Sset _held_rank (Etempvar _t'3 tuint)))
            (Ssequence
              (Scall None
                (Evar _comes_after
                  (Tfunction
                    (Tcons tuint
                      (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil))))))
                    tvoid cc_default))
                ((Etempvar _cpu tuint) :: (Etempvar _first tuint) :: (Etempvar _lk tuint) ::
                 (Etempvar _rank tuint) :: (Etempvar _held tuint) :: (Etempvar _held_rank tuint) ::
                 nil))
              (Sset _place
                (Ebinop Oadd (Etempvar _place tuint) (Econst_int (Int.repr 1) tuint) tuint))))))
      (Ssequence
        (Ssequence
          (Scall (Some _t'4) (Evar _record_room (Tfunction Tnil tuint cc_default)) nil)
          (Sifthenelse (Ebinop Oge (Etempvar _count tuint) (Etempvar _t'4 tuint) tint)
            (Scall None
              (Evar _hlock_stops
                (Tfunction
                  (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil))))) tvoid
                  cc_default))
              ((Econst_int (Int.repr 3) tuint) :: (Econst_int (Int.repr 0) tuint) ::
               (Etempvar _first tuint) :: (Etempvar _lk tuint) :: (Etempvar _cpu tuint) :: nil))
            Sskip))
        (Scall None
          (Evar _record_wait
            (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint Tnil))) tvoid cc_default))
          ((Etempvar _cpu tuint) :: (Etempvar _first tuint) :: (Etempvar _lk tuint) :: nil))))))
|}.

(* layers/L4_locks/checks.h:62:19 *)
Definition f_now_held : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_cpu, tuint) :: (_lk, tuint) :: (_rank, tuint) :: nil);
  fn_vars := nil;
  fn_temps := ((_count, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1) (Evar _record_count (Tfunction (Tcons tuint Tnil) tuint cc_default))
      ((Etempvar _cpu tuint) :: nil))
    (Sset _count (Etempvar _t'1 tuint)))
  (Ssequence
    (Scall None
      (Evar _record_put
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default))
      ((Etempvar _cpu tuint) :: (Etempvar _count tuint) :: (Etempvar _lk tuint) ::
       (Etempvar _rank tuint) :: nil))
    (Scall None (Evar _record_size (Tfunction (Tcons tuint (Tcons tuint Tnil)) tvoid cc_default))
      ((Etempvar _cpu tuint) ::
       (Ebinop Oadd (Etempvar _count tuint) (Econst_int (Int.repr 1) tuint) tuint) :: nil))))
|}.

(* layers/L4_locks/checks.h:70:19 *)
Definition f_must_hold : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_cpu, tuint) :: (_fault, tuint) :: (_operation, tuint) :: (_first, tuint) ::
                (_lk, tuint) :: nil);
  fn_vars := nil;
  fn_temps := ((_place, tuint) :: (_t'2, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _place_of (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Etempvar _cpu tuint) :: (Etempvar _lk tuint) :: nil))
    (Sset _place (Etempvar _t'1 tuint)))
  (Ssequence
    (Scall (Some _t'2) (Evar _record_count (Tfunction (Tcons tuint Tnil) tuint cc_default))
      ((Etempvar _cpu tuint) :: nil))
    (Sifthenelse (Ebinop Oeq (Etempvar _place tuint) (Etempvar _t'2 tuint) tint)
      (Scall None
        (Evar _hlock_stops
          (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))))
            tvoid cc_default))
        ((Etempvar _fault tuint) :: (Etempvar _operation tuint) :: (Etempvar _first tuint) ::
         (Etempvar _lk tuint) :: (Etempvar _cpu tuint) :: nil))
      Sskip)))
|}.

(* layers/L4_locks/checks.h:78:19 *)
Definition f_drop_held : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_cpu, tuint) :: (_lk, tuint) :: nil);
  fn_vars := nil;
  fn_temps := ((_place, tuint) :: (_last, tuint) :: (_t'2, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _place_of (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Etempvar _cpu tuint) :: (Etempvar _lk tuint) :: nil))
    (Sset _place (Etempvar _t'1 tuint)))
  (Ssequence
    (Ssequence
      (Scall (Some _t'2) (Evar _record_count (Tfunction (Tcons tuint Tnil) tuint cc_default))
        ((Etempvar _cpu tuint) :: nil))
      (Sset _last (Ebinop Osub (Etempvar _t'2 tuint) (Econst_int (Int.repr 1) tuint) tuint)))
    (Ssequence
      (Scall None
        (Evar _record_move
          (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint Tnil))) tvoid cc_default))
        ((Etempvar _cpu tuint) :: (Etempvar _last tuint) :: (Etempvar _place tuint) :: nil))
      (Scall None (Evar _record_size (Tfunction (Tcons tuint (Tcons tuint Tnil)) tvoid cc_default))
        ((Etempvar _cpu tuint) :: (Etempvar _last tuint) :: nil)))))
|}.

(* layers/L4_locks/checks.h:87:19 *)
Definition f_must_lack : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_cpu, tuint) :: (_first, tuint) :: (_lk, tuint) :: nil);
  fn_vars := nil;
  fn_temps := ((_place, tuint) :: (_t'2, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _place_of (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Etempvar _cpu tuint) :: (Etempvar _lk tuint) :: nil))
    (Sset _place (Etempvar _t'1 tuint)))
  (Ssequence
    (Scall (Some _t'2) (Evar _record_count (Tfunction (Tcons tuint Tnil) tuint cc_default))
      ((Etempvar _cpu tuint) :: nil))
    (Sifthenelse (Ebinop One (Etempvar _place tuint) (Etempvar _t'2 tuint) tint)
      (Scall None
        (Evar _hlock_stops
          (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))))
            tvoid cc_default))
        ((Econst_int (Int.repr 6) tuint) :: (Econst_int (Int.repr 3) tuint) ::
         (Etempvar _first tuint) :: (Etempvar _lk tuint) :: (Etempvar _cpu tuint) :: nil))
      Sskip)))
|}.

(* layers/L4_locks/checks.h:95:19 *)
Definition f_must_be_free : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_cpu, tuint) :: nil);
  fn_vars := nil;
  fn_temps := ((_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Scall (Some _t'1) (Evar _record_count (Tfunction (Tcons tuint Tnil) tuint cc_default))
    ((Etempvar _cpu tuint) :: nil))
  (Sifthenelse (Ebinop One (Etempvar _t'1 tuint) (Econst_int (Int.repr 0) tuint) tint)
    (Scall None
      (Evar _hlock_stops
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil))))) tvoid
          cc_default))
      ((Econst_int (Int.repr 7) tuint) :: (Econst_int (Int.repr 4) tuint) ::
       (Econst_int (Int.repr 0) tuint) :: (Econst_int (Int.repr 0) tuint) ::
       (Etempvar _cpu tuint) :: nil))
    Sskip))
|}.

(* layers/L4_locks/lock_table.def:14:1 *)
Definition f_acquire_lock_core : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Econst_int (Int.repr 0) tuint) :: (Econst_int (Int.repr 0) tuint) :: nil))
    (Sset _hlock_cpu (Etempvar _t'1 tuint)))
  (Ssequence
    (Scall None
      (Evar _may_acquire
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default))
      ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 0) tuint) ::
       (Econst_int (Int.repr 0) tuint) :: (Econst_int (Int.repr 3) tuint) :: nil))
    (Ssequence
      (Scall None (Evar _wait_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
        ((Econst_int (Int.repr 0) tuint) :: nil))
      (Scall None
        (Evar _now_held (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint Tnil))) tvoid cc_default))
        ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 0) tuint) ::
         (Econst_int (Int.repr 3) tuint) :: nil)))))
|}.

(* layers/L4_locks/lock_table.def:14:1 *)
Definition f_release_lock_core : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Econst_int (Int.repr 1) tuint) :: (Econst_int (Int.repr 0) tuint) :: nil))
    (Sset _hlock_cpu (Etempvar _t'1 tuint)))
  (Ssequence
    (Scall None
      (Evar _must_hold
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil))))) tvoid
          cc_default))
      ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 4) tuint) ::
       (Econst_int (Int.repr 1) tuint) :: (Econst_int (Int.repr 0) tuint) ::
       (Econst_int (Int.repr 0) tuint) :: nil))
    (Ssequence
      (Scall None (Evar _drop_held (Tfunction (Tcons tuint (Tcons tuint Tnil)) tvoid cc_default))
        ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 0) tuint) :: nil))
      (Scall None (Evar _pass_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
        ((Econst_int (Int.repr 0) tuint) :: nil)))))
|}.

(* layers/L4_locks/lock_table.def:15:1 *)
Definition f_acquire_lock_s2page : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Econst_int (Int.repr 0) tuint) :: (Econst_int (Int.repr 1) tuint) :: nil))
    (Sset _hlock_cpu (Etempvar _t'1 tuint)))
  (Ssequence
    (Scall None
      (Evar _may_acquire
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default))
      ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 1) tuint) ::
       (Econst_int (Int.repr 1) tuint) :: (Econst_int (Int.repr 4) tuint) :: nil))
    (Ssequence
      (Scall None (Evar _wait_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
        ((Econst_int (Int.repr 1) tuint) :: nil))
      (Scall None
        (Evar _now_held (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint Tnil))) tvoid cc_default))
        ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 1) tuint) ::
         (Econst_int (Int.repr 4) tuint) :: nil)))))
|}.

(* layers/L4_locks/lock_table.def:15:1 *)
Definition f_release_lock_s2page : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Econst_int (Int.repr 1) tuint) :: (Econst_int (Int.repr 1) tuint) :: nil))
    (Sset _hlock_cpu (Etempvar _t'1 tuint)))
  (Ssequence
    (Scall None
      (Evar _must_hold
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil))))) tvoid
          cc_default))
      ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 4) tuint) ::
       (Econst_int (Int.repr 1) tuint) :: (Econst_int (Int.repr 1) tuint) ::
       (Econst_int (Int.repr 1) tuint) :: nil))
    (Ssequence
      (Scall None (Evar _drop_held (Tfunction (Tcons tuint (Tcons tuint Tnil)) tvoid cc_default))
        ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 1) tuint) :: nil))
      (Scall None (Evar _pass_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
        ((Econst_int (Int.repr 1) tuint) :: nil)))))
|}.

(* layers/L4_locks/lock_table.def:16:1 *)
Definition f_acquire_lock_spt : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Econst_int (Int.repr 0) tuint) :: (Econst_int (Int.repr 2) tuint) :: nil))
    (Sset _hlock_cpu (Etempvar _t'1 tuint)))
  (Ssequence
    (Scall None
      (Evar _may_acquire
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default))
      ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 2) tuint) ::
       (Econst_int (Int.repr 2) tuint) :: (Econst_int (Int.repr 5) tuint) :: nil))
    (Ssequence
      (Scall None (Evar _wait_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
        ((Econst_int (Int.repr 2) tuint) :: nil))
      (Scall None
        (Evar _now_held (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint Tnil))) tvoid cc_default))
        ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 2) tuint) ::
         (Econst_int (Int.repr 5) tuint) :: nil)))))
|}.

(* layers/L4_locks/lock_table.def:16:1 *)
Definition f_release_lock_spt : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Econst_int (Int.repr 1) tuint) :: (Econst_int (Int.repr 2) tuint) :: nil))
    (Sset _hlock_cpu (Etempvar _t'1 tuint)))
  (Ssequence
    (Scall None
      (Evar _must_hold
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil))))) tvoid
          cc_default))
      ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 4) tuint) ::
       (Econst_int (Int.repr 1) tuint) :: (Econst_int (Int.repr 2) tuint) ::
       (Econst_int (Int.repr 2) tuint) :: nil))
    (Ssequence
      (Scall None (Evar _drop_held (Tfunction (Tcons tuint (Tcons tuint Tnil)) tvoid cc_default))
        ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 2) tuint) :: nil))
      (Scall None (Evar _pass_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
        ((Econst_int (Int.repr 2) tuint) :: nil)))))
|}.

(* layers/L4_locks/lock_table.def:17:1 *)
Definition f_acquire_lock_smmu : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Econst_int (Int.repr 0) tuint) :: (Econst_int (Int.repr 3) tuint) :: nil))
    (Sset _hlock_cpu (Etempvar _t'1 tuint)))
  (Ssequence
    (Scall None
      (Evar _may_acquire
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default))
      ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 3) tuint) ::
       (Econst_int (Int.repr 3) tuint) :: (Econst_int (Int.repr 1) tuint) :: nil))
    (Ssequence
      (Scall None (Evar _wait_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
        ((Econst_int (Int.repr 3) tuint) :: nil))
      (Scall None
        (Evar _now_held (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint Tnil))) tvoid cc_default))
        ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 3) tuint) ::
         (Econst_int (Int.repr 1) tuint) :: nil)))))
|}.

(* layers/L4_locks/lock_table.def:17:1 *)
Definition f_release_lock_smmu : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Econst_int (Int.repr 1) tuint) :: (Econst_int (Int.repr 3) tuint) :: nil))
    (Sset _hlock_cpu (Etempvar _t'1 tuint)))
  (Ssequence
    (Scall None
      (Evar _must_hold
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil))))) tvoid
          cc_default))
      ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 4) tuint) ::
       (Econst_int (Int.repr 1) tuint) :: (Econst_int (Int.repr 3) tuint) ::
       (Econst_int (Int.repr 3) tuint) :: nil))
    (Ssequence
      (Scall None (Evar _drop_held (Tfunction (Tcons tuint (Tcons tuint Tnil)) tvoid cc_default))
        ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 3) tuint) :: nil))
      (Scall None (Evar _pass_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
        ((Econst_int (Int.repr 3) tuint) :: nil)))))
|}.

(* layers/L4_locks/lock_table.def:20:1 *)
Definition f_acquire_lock_pt : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_vmid, tuint) :: nil);
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Sifthenelse (Ebinop Oge (Etempvar _vmid tuint) (Econst_int (Int.repr 17) tuint) tint)
    (Scall None
      (Evar _hlock_stop
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default))
      ((Econst_int (Int.repr 0) tuint) :: (Econst_int (Int.repr 4) tuint) ::
       (Etempvar _vmid tuint) :: (Econst_int (Int.repr 17) tuint) :: nil))
    Sskip)
  (Ssequence
    (Ssequence
      (Scall (Some _t'1)
        (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
        ((Econst_int (Int.repr 0) tuint) :: (Econst_int (Int.repr 4) tuint) :: nil))
      (Sset _hlock_cpu (Etempvar _t'1 tuint)))
    (Ssequence
      (Scall None
        (Evar _may_acquire
          (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default))
        ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 4) tuint) ::
         (Ebinop Oadd (Econst_int (Int.repr 4) tuint) (Etempvar _vmid tuint) tuint) ::
         (Econst_int (Int.repr 5) tuint) :: nil))
      (Ssequence
        (Scall None (Evar _wait_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
          ((Ebinop Oadd (Econst_int (Int.repr 4) tuint) (Etempvar _vmid tuint) tuint) :: nil))
        (Scall None
          (Evar _now_held
            (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint Tnil))) tvoid cc_default))
          ((Etempvar _hlock_cpu tuint) ::
           (Ebinop Oadd (Econst_int (Int.repr 4) tuint) (Etempvar _vmid tuint) tuint) ::
           (Econst_int (Int.repr 5) tuint) :: nil))))))
|}.

(* layers/L4_locks/lock_table.def:20:1 *)
Definition f_release_lock_pt : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_vmid, tuint) :: nil);
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Sifthenelse (Ebinop Oge (Etempvar _vmid tuint) (Econst_int (Int.repr 17) tuint) tint)
    (Scall None
      (Evar _hlock_stop
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default))
      ((Econst_int (Int.repr 1) tuint) :: (Econst_int (Int.repr 4) tuint) ::
       (Etempvar _vmid tuint) :: (Econst_int (Int.repr 17) tuint) :: nil))
    Sskip)
  (Ssequence
    (Ssequence
      (Scall (Some _t'1)
        (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
        ((Econst_int (Int.repr 1) tuint) :: (Econst_int (Int.repr 4) tuint) :: nil))
      (Sset _hlock_cpu (Etempvar _t'1 tuint)))
    (Ssequence
      (Scall None
        (Evar _must_hold
          (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))))
            tvoid cc_default))
        ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 4) tuint) ::
         (Econst_int (Int.repr 1) tuint) :: (Econst_int (Int.repr 4) tuint) ::
         (Ebinop Oadd (Econst_int (Int.repr 4) tuint) (Etempvar _vmid tuint) tuint) :: nil))
      (Ssequence
        (Scall None (Evar _drop_held (Tfunction (Tcons tuint (Tcons tuint Tnil)) tvoid cc_default))
          ((Etempvar _hlock_cpu tuint) ::
           (Ebinop Oadd (Econst_int (Int.repr 4) tuint) (Etempvar _vmid tuint) tuint) :: nil))
        (Scall None (Evar _pass_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
          ((Ebinop Oadd (Econst_int (Int.repr 4) tuint) (Etempvar _vmid tuint) tuint) :: nil))))))
|}.

(* layers/L4_locks/lock_table.def:21:1 *)
Definition f_acquire_lock_vm : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_vmid, tuint) :: nil);
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Sifthenelse (Ebinop Oge (Etempvar _vmid tuint) (Econst_int (Int.repr 17) tuint) tint)
    (Scall None
      (Evar _hlock_stop
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default))
      ((Econst_int (Int.repr 0) tuint) :: (Econst_int (Int.repr 21) tuint) ::
       (Etempvar _vmid tuint) :: (Econst_int (Int.repr 17) tuint) :: nil))
    Sskip)
  (Ssequence
    (Ssequence
      (Scall (Some _t'1)
        (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
        ((Econst_int (Int.repr 0) tuint) :: (Econst_int (Int.repr 21) tuint) :: nil))
      (Sset _hlock_cpu (Etempvar _t'1 tuint)))
    (Ssequence
      (Scall None
        (Evar _may_acquire
          (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default))
        ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 21) tuint) ::
         (Ebinop Oadd (Econst_int (Int.repr 21) tuint) (Etempvar _vmid tuint) tuint) ::
         (Econst_int (Int.repr 2) tuint) :: nil))
      (Ssequence
        (Scall None (Evar _wait_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
          ((Ebinop Oadd (Econst_int (Int.repr 21) tuint) (Etempvar _vmid tuint) tuint) :: nil))
        (Scall None
          (Evar _now_held
            (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint Tnil))) tvoid cc_default))
          ((Etempvar _hlock_cpu tuint) ::
           (Ebinop Oadd (Econst_int (Int.repr 21) tuint) (Etempvar _vmid tuint) tuint) ::
           (Econst_int (Int.repr 2) tuint) :: nil))))))
|}.

(* layers/L4_locks/lock_table.def:21:1 *)
Definition f_release_lock_vm : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_vmid, tuint) :: nil);
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Sifthenelse (Ebinop Oge (Etempvar _vmid tuint) (Econst_int (Int.repr 17) tuint) tint)
    (Scall None
      (Evar _hlock_stop
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default))
      ((Econst_int (Int.repr 1) tuint) :: (Econst_int (Int.repr 21) tuint) ::
       (Etempvar _vmid tuint) :: (Econst_int (Int.repr 17) tuint) :: nil))
    Sskip)
  (Ssequence
    (Ssequence
      (Scall (Some _t'1)
        (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
        ((Econst_int (Int.repr 1) tuint) :: (Econst_int (Int.repr 21) tuint) :: nil))
      (Sset _hlock_cpu (Etempvar _t'1 tuint)))
    (Ssequence
      (Scall None
        (Evar _must_hold
          (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))))
            tvoid cc_default))
        ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 4) tuint) ::
         (Econst_int (Int.repr 1) tuint) :: (Econst_int (Int.repr 21) tuint) ::
         (Ebinop Oadd (Econst_int (Int.repr 21) tuint) (Etempvar _vmid tuint) tuint) :: nil))
      (Ssequence
        (Scall None (Evar _drop_held (Tfunction (Tcons tuint (Tcons tuint Tnil)) tvoid cc_default))
          ((Etempvar _hlock_cpu tuint) ::
           (Ebinop Oadd (Econst_int (Int.repr 21) tuint) (Etempvar _vmid tuint) tuint) :: nil))
        (Scall None (Evar _pass_hlock (Tfunction (Tcons tuint Tnil) tvoid cc_default))
          ((Ebinop Oadd (Econst_int (Int.repr 21) tuint) (Etempvar _vmid tuint) tuint) :: nil))))))
|}.

(* layers/L4_locks/lock_table.def:14:1 *)
Definition f_assert_held_core : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Econst_int (Int.repr 2) tuint) :: (Econst_int (Int.repr 0) tuint) :: nil))
    (Sset _hlock_cpu (Etempvar _t'1 tuint)))
  (Scall None
    (Evar _must_hold
      (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil))))) tvoid
        cc_default))
    ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 5) tuint) ::
     (Econst_int (Int.repr 2) tuint) :: (Econst_int (Int.repr 0) tuint) ::
     (Econst_int (Int.repr 0) tuint) :: nil)))
|}.

(* layers/L4_locks/lock_table.def:14:1 *)
Definition f_assert_not_held_core : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Econst_int (Int.repr 3) tuint) :: (Econst_int (Int.repr 0) tuint) :: nil))
    (Sset _hlock_cpu (Etempvar _t'1 tuint)))
  (Scall None
    (Evar _must_lack (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint Tnil))) tvoid cc_default))
    ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 0) tuint) ::
     (Econst_int (Int.repr 0) tuint) :: nil)))
|}.

(* layers/L4_locks/lock_table.def:15:1 *)
Definition f_assert_held_s2page : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Econst_int (Int.repr 2) tuint) :: (Econst_int (Int.repr 1) tuint) :: nil))
    (Sset _hlock_cpu (Etempvar _t'1 tuint)))
  (Scall None
    (Evar _must_hold
      (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil))))) tvoid
        cc_default))
    ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 5) tuint) ::
     (Econst_int (Int.repr 2) tuint) :: (Econst_int (Int.repr 1) tuint) ::
     (Econst_int (Int.repr 1) tuint) :: nil)))
|}.

(* layers/L4_locks/lock_table.def:15:1 *)
Definition f_assert_not_held_s2page : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Econst_int (Int.repr 3) tuint) :: (Econst_int (Int.repr 1) tuint) :: nil))
    (Sset _hlock_cpu (Etempvar _t'1 tuint)))
  (Scall None
    (Evar _must_lack (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint Tnil))) tvoid cc_default))
    ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 1) tuint) ::
     (Econst_int (Int.repr 1) tuint) :: nil)))
|}.

(* layers/L4_locks/lock_table.def:16:1 *)
Definition f_assert_held_spt : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Econst_int (Int.repr 2) tuint) :: (Econst_int (Int.repr 2) tuint) :: nil))
    (Sset _hlock_cpu (Etempvar _t'1 tuint)))
  (Scall None
    (Evar _must_hold
      (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil))))) tvoid
        cc_default))
    ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 5) tuint) ::
     (Econst_int (Int.repr 2) tuint) :: (Econst_int (Int.repr 2) tuint) ::
     (Econst_int (Int.repr 2) tuint) :: nil)))
|}.

(* layers/L4_locks/lock_table.def:16:1 *)
Definition f_assert_not_held_spt : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Econst_int (Int.repr 3) tuint) :: (Econst_int (Int.repr 2) tuint) :: nil))
    (Sset _hlock_cpu (Etempvar _t'1 tuint)))
  (Scall None
    (Evar _must_lack (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint Tnil))) tvoid cc_default))
    ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 2) tuint) ::
     (Econst_int (Int.repr 2) tuint) :: nil)))
|}.

(* layers/L4_locks/lock_table.def:17:1 *)
Definition f_assert_held_smmu : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Econst_int (Int.repr 2) tuint) :: (Econst_int (Int.repr 3) tuint) :: nil))
    (Sset _hlock_cpu (Etempvar _t'1 tuint)))
  (Scall None
    (Evar _must_hold
      (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil))))) tvoid
        cc_default))
    ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 5) tuint) ::
     (Econst_int (Int.repr 2) tuint) :: (Econst_int (Int.repr 3) tuint) ::
     (Econst_int (Int.repr 3) tuint) :: nil)))
|}.

(* layers/L4_locks/lock_table.def:17:1 *)
Definition f_assert_not_held_smmu : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Econst_int (Int.repr 3) tuint) :: (Econst_int (Int.repr 3) tuint) :: nil))
    (Sset _hlock_cpu (Etempvar _t'1 tuint)))
  (Scall None
    (Evar _must_lack (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint Tnil))) tvoid cc_default))
    ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 3) tuint) ::
     (Econst_int (Int.repr 3) tuint) :: nil)))
|}.

(* layers/L4_locks/lock_table.def:20:1 *)
Definition f_assert_held_pt : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_vmid, tuint) :: nil);
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Sifthenelse (Ebinop Oge (Etempvar _vmid tuint) (Econst_int (Int.repr 17) tuint) tint)
    (Scall None
      (Evar _hlock_stop
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default))
      ((Econst_int (Int.repr 2) tuint) :: (Econst_int (Int.repr 4) tuint) ::
       (Etempvar _vmid tuint) :: (Econst_int (Int.repr 17) tuint) :: nil))
    Sskip)
  (Ssequence
    (Ssequence
      (Scall (Some _t'1)
        (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
        ((Econst_int (Int.repr 2) tuint) :: (Econst_int (Int.repr 4) tuint) :: nil))
      (Sset _hlock_cpu (Etempvar _t'1 tuint)))
    (Scall None
      (Evar _must_hold
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil))))) tvoid
          cc_default))
      ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 5) tuint) ::
       (Econst_int (Int.repr 2) tuint) :: (Econst_int (Int.repr 4) tuint) ::
       (Ebinop Oadd (Econst_int (Int.repr 4) tuint) (Etempvar _vmid tuint) tuint) :: nil))))
|}.

(* layers/L4_locks/lock_table.def:20:1 *)
Definition f_assert_not_held_pt : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_vmid, tuint) :: nil);
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Sifthenelse (Ebinop Oge (Etempvar _vmid tuint) (Econst_int (Int.repr 17) tuint) tint)
    (Scall None
      (Evar _hlock_stop
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default))
      ((Econst_int (Int.repr 3) tuint) :: (Econst_int (Int.repr 4) tuint) ::
       (Etempvar _vmid tuint) :: (Econst_int (Int.repr 17) tuint) :: nil))
    Sskip)
  (Ssequence
    (Ssequence
      (Scall (Some _t'1)
        (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
        ((Econst_int (Int.repr 3) tuint) :: (Econst_int (Int.repr 4) tuint) :: nil))
      (Sset _hlock_cpu (Etempvar _t'1 tuint)))
    (Scall None
      (Evar _must_lack (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint Tnil))) tvoid cc_default))
      ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 4) tuint) ::
       (Ebinop Oadd (Econst_int (Int.repr 4) tuint) (Etempvar _vmid tuint) tuint) :: nil))))
|}.

(* layers/L4_locks/lock_table.def:21:1 *)
Definition f_assert_held_vm : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_vmid, tuint) :: nil);
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Sifthenelse (Ebinop Oge (Etempvar _vmid tuint) (Econst_int (Int.repr 17) tuint) tint)
    (Scall None
      (Evar _hlock_stop
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default))
      ((Econst_int (Int.repr 2) tuint) :: (Econst_int (Int.repr 21) tuint) ::
       (Etempvar _vmid tuint) :: (Econst_int (Int.repr 17) tuint) :: nil))
    Sskip)
  (Ssequence
    (Ssequence
      (Scall (Some _t'1)
        (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
        ((Econst_int (Int.repr 2) tuint) :: (Econst_int (Int.repr 21) tuint) :: nil))
      (Sset _hlock_cpu (Etempvar _t'1 tuint)))
    (Scall None
      (Evar _must_hold
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil))))) tvoid
          cc_default))
      ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 5) tuint) ::
       (Econst_int (Int.repr 2) tuint) :: (Econst_int (Int.repr 21) tuint) ::
       (Ebinop Oadd (Econst_int (Int.repr 21) tuint) (Etempvar _vmid tuint) tuint) :: nil))))
|}.

(* layers/L4_locks/lock_table.def:21:1 *)
Definition f_assert_not_held_vm : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := ((_vmid, tuint) :: nil);
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Sifthenelse (Ebinop Oge (Etempvar _vmid tuint) (Econst_int (Int.repr 17) tuint) tint)
    (Scall None
      (Evar _hlock_stop
        (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default))
      ((Econst_int (Int.repr 3) tuint) :: (Econst_int (Int.repr 21) tuint) ::
       (Etempvar _vmid tuint) :: (Econst_int (Int.repr 17) tuint) :: nil))
    Sskip)
  (Ssequence
    (Ssequence
      (Scall (Some _t'1)
        (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
        ((Econst_int (Int.repr 3) tuint) :: (Econst_int (Int.repr 21) tuint) :: nil))
      (Sset _hlock_cpu (Etempvar _t'1 tuint)))
    (Scall None
      (Evar _must_lack (Tfunction (Tcons tuint (Tcons tuint (Tcons tuint Tnil))) tvoid cc_default))
      ((Etempvar _hlock_cpu tuint) :: (Econst_int (Int.repr 21) tuint) ::
       (Ebinop Oadd (Econst_int (Int.repr 21) tuint) (Etempvar _vmid tuint) tuint) :: nil))))
|}.

(* layers/L4_locks/locks.c:76:6 *)
Definition f_assert_none_held : function := {|
  fn_return := tvoid;
  fn_callconv := cc_default;
  fn_params := nil;
  fn_vars := nil;
  fn_temps := ((_hlock_cpu, tuint) :: (_t'1, tuint) :: nil);
  fn_body :=
(Ssequence
  (Ssequence
    (Scall (Some _t'1)
      (Evar _this_cpu (Tfunction (Tcons tuint (Tcons tuint Tnil)) tuint cc_default))
      ((Econst_int (Int.repr 4) tuint) :: (Econst_int (Int.repr 0) tuint) :: nil))
    (Sset _hlock_cpu (Etempvar _t'1 tuint)))
  (Scall None (Evar _must_be_free (Tfunction (Tcons tuint Tnil) tvoid cc_default))
    ((Etempvar _hlock_cpu tuint) :: nil)))
|}.

Definition global_definitions : list (ident * globdef fundef type) :=
((_record_count,
   Gfun(External (EF_external "record_count" (mksignature (AST.Tint :: nil) AST.Tint cc_default))
     (Tcons tuint Tnil) tuint cc_default)) ::
 (_record_lock,
   Gfun(External
     (EF_external "record_lock" (mksignature (AST.Tint :: AST.Tint :: nil) AST.Tint cc_default))
     (Tcons tuint (Tcons tuint Tnil)) tuint cc_default)) ::
 (_hlock_stops,
   Gfun(External
     (EF_external "hlock_stops"
       (mksignature (AST.Tint :: AST.Tint :: AST.Tint :: AST.Tint :: AST.Tint :: nil) AST.Tvoid
         cc_default))
     (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil))))) tvoid
     cc_default)) ::
 (_record_rank,
   Gfun(External
     (EF_external "record_rank" (mksignature (AST.Tint :: AST.Tint :: nil) AST.Tint cc_default))
     (Tcons tuint (Tcons tuint Tnil)) tuint cc_default)) ::
 (_record_room,
   Gfun(External (EF_external "record_room" (mksignature nil AST.Tint cc_default)) Tnil tuint
     cc_default)) ::
 (_record_wait,
   Gfun(External
     (EF_external "record_wait"
       (mksignature (AST.Tint :: AST.Tint :: AST.Tint :: nil) AST.Tvoid cc_default))
     (Tcons tuint (Tcons tuint (Tcons tuint Tnil))) tvoid cc_default)) ::
 (_record_put,
   Gfun(External
     (EF_external "record_put"
       (mksignature (AST.Tint :: AST.Tint :: AST.Tint :: AST.Tint :: nil) AST.Tvoid cc_default))
     (Tcons tuint (Tcons tuint (Tcons tuint (Tcons tuint Tnil)))) tvoid cc_default)) ::
 (_record_size,
   Gfun(External
     (EF_external "record_size" (mksignature (AST.Tint :: AST.Tint :: nil) AST.Tvoid cc_default))
     (Tcons tuint (Tcons tuint Tnil)) tvoid cc_default)) ::
 (_record_move,
   Gfun(External
     (EF_external "record_move"
       (mksignature (AST.Tint :: AST.Tint :: AST.Tint :: nil) AST.Tvoid cc_default))
     (Tcons tuint (Tcons tuint (Tcons tuint Tnil))) tvoid cc_default)) ::
 (_this_cpu,
   Gfun(External
     (EF_external "this_cpu" (mksignature (AST.Tint :: AST.Tint :: nil) AST.Tint cc_default))
     (Tcons tuint (Tcons tuint Tnil)) tuint cc_default)) ::
 (_wait_hlock,
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
 (_place_of, Gfun(Internal f_place_of)) ::
 (_comes_after, Gfun(Internal f_comes_after)) ::
 (_may_acquire, Gfun(Internal f_may_acquire)) ::
 (_now_held, Gfun(Internal f_now_held)) ::
 (_must_hold, Gfun(Internal f_must_hold)) ::
 (_drop_held, Gfun(Internal f_drop_held)) ::
 (_must_lack, Gfun(Internal f_must_lack)) ::
 (_must_be_free, Gfun(Internal f_must_be_free)) ::
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
 (_release_lock_vm, Gfun(Internal f_release_lock_vm)) ::
 (_assert_held_core, Gfun(Internal f_assert_held_core)) ::
 (_assert_not_held_core, Gfun(Internal f_assert_not_held_core)) ::
 (_assert_held_s2page, Gfun(Internal f_assert_held_s2page)) ::
 (_assert_not_held_s2page, Gfun(Internal f_assert_not_held_s2page)) ::
 (_assert_held_spt, Gfun(Internal f_assert_held_spt)) ::
 (_assert_not_held_spt, Gfun(Internal f_assert_not_held_spt)) ::
 (_assert_held_smmu, Gfun(Internal f_assert_held_smmu)) ::
 (_assert_not_held_smmu, Gfun(Internal f_assert_not_held_smmu)) ::
 (_assert_held_pt, Gfun(Internal f_assert_held_pt)) ::
 (_assert_not_held_pt, Gfun(Internal f_assert_not_held_pt)) ::
 (_assert_held_vm, Gfun(Internal f_assert_held_vm)) ::
 (_assert_not_held_vm, Gfun(Internal f_assert_not_held_vm)) ::
 (_assert_none_held, Gfun(Internal f_assert_none_held)) :: nil).

Definition public_idents : list ident :=
(_record_count :: _record_lock :: _hlock_stops :: _record_rank :: _record_room :: _record_wait ::
 _record_put :: _record_size :: _record_move :: _this_cpu :: _wait_hlock :: _pass_hlock ::
 _hlock_stop :: _place_of :: _comes_after :: _may_acquire :: _now_held :: _must_hold ::
 _drop_held :: _must_lack :: _must_be_free :: _acquire_lock_core :: _release_lock_core ::
 _acquire_lock_s2page :: _release_lock_s2page :: _acquire_lock_spt :: _release_lock_spt ::
 _acquire_lock_smmu :: _release_lock_smmu :: _acquire_lock_pt :: _release_lock_pt ::
 _acquire_lock_vm :: _release_lock_vm :: _assert_held_core :: _assert_not_held_core ::
 _assert_held_s2page :: _assert_not_held_s2page :: _assert_held_spt :: _assert_not_held_spt ::
 _assert_held_smmu :: _assert_not_held_smmu :: _assert_held_pt :: _assert_not_held_pt ::
 _assert_held_vm :: _assert_not_held_vm :: _assert_none_held :: nil).
