(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The model of RISC-V

    The model is RVWMO (the RISC-V unprivileged manual, "RVWMO memory consistency model"; riscv.cat and
    riscv-defs.cat of the herd tools), whose rules of preserved program order are numbered r1 to
    r13.  The order that a CPU keeps, [ppo], is any relation that contains r4, r5, r6 and r8
    ([contains_ppo]): these are what the lock needs.  Plain loads and stores have no acquire and no
    release form; a fence stands after the load and before the store.
    Definitions alone.  Read next: riscv.v, for the theorem; x86_model.v. *)
From Coq Require Import ZArith List Bool Relations.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events expression.
Import ListNotations.
Local Open Scope Z_scope.

(** Accesses and fences.  AMOADD.W is two events: its suffixes are its two arguments.  A fence has the
    sorts of accesses before it that it keeps before those after it: reads, writes; and the
    same of those after it.  Of an AMOSWAP.W whose result is not used the load is left out: nothing hangs
    on it. *)
Inductive riscv :=
| LW | SW
| AMOADD_load (aq rl : bool) | AMOADD_store (aq rl : bool)
| AMOSWAP_store
| FENCE (before_r before_w after_r after_w : bool).
Definition riscv_eq_dec (i j : riscv) : {i = j} + {i <> j}.
Proof. decide equality; apply bool_dec. Defined.
Notation AMOADD_AQRL_load := (AMOADD_load true true).
Notation AMOADD_AQRL_store := (AMOADD_store true true).
Notation FENCE_R_RW := (FENCE true false true true).
Notation FENCE_RW_W := (FENCE true true false true).
Notation FENCE_RW_RW := (FENCE true true true true).
(** FENCE W,O: it keeps stores before output to devices, of which no model here speaks. *)
Notation FENCE_W_O := (FENCE false true false false).

#[export] Instance riscv_accesses : accesses riscv := {
  is_read i := match i with LW | AMOADD_load _ _ => true | _ => false end;
  is_write i := match i with SW | AMOADD_store _ _ | AMOSWAP_store => true | _ => false end;
  is_rmw i j := match i, j with
                | AMOADD_load a r, AMOADD_store a' r' => Bool.eqb a a' && Bool.eqb r r'
                | _, _ => false
                end
}.
Definition is_AQ (i : riscv) : bool := match i with AMOADD_load aq _ | AMOADD_store aq _ => aq | _ => false end.
Definition is_RL (i : riscv) : bool := match i with AMOADD_load _ rl | AMOADD_store _ rl => rl | _ => false end.

(** The instructions of arch/riscv64.h, with the fence after the store of a release that can be asked for;
    and those that gcc 12 makes of arch/c11.h: a fence before AMOADD.W.AQ, a full fence after a poll, and
    AMOSWAP.W for the store. *)
Definition riscv_lists : instruction_lists riscv := {|
  failed_tries := [];
  tickets := [[AMOADD_AQRL_load; AMOADD_AQRL_store]; [FENCE_RW_W; AMOADD_load true false; AMOADD_store true false]];
  polls := [[LW; FENCE_R_RW]; [LW; FENCE_RW_RW]];
  loads_now := [[LW]];
  stores_now := [[FENCE_RW_W; SW]; [FENCE_RW_W; SW; FENCE_W_O]; [FENCE_RW_W; AMOSWAP_store]];
  reads := [[LW]];
  writes := [[SW]]
|}.

Section Riscv.
  Context {S : system} (h : execution S riscv) (ppo : event -> event -> Prop).

  Definition AQ (e : event) : Prop := exists i, is_a h i e /\ is_AQ i = true.
  Definition RL (e : event) : Prop := exists i, is_a h i e /\ is_RL i = true.
  (** fencerel(f): po; [f]; po. *)
  Definition fencerel (f : riscv) (e e' : event) : Prop := exists d, is_a h f d /\ po e d /\ po d e'.

  (** The cat file has r4 as the union of all fences, each between the sorts that it names; of r5, [AQ & R];
      po; [M]; of r6, [M]; po; [RL & W]; r8, rmw. *)
  Record contains_ppo : Prop := {
    r4 : forall e f before_r before_w after_r after_w, fencerel (FENCE before_r before_w after_r after_w) e f ->
         R h e /\ before_r = true \/ W h e /\ before_w = true ->
         R h f /\ after_r = true \/ W h f /\ after_w = true -> ppo e f;
    r5 : forall e f, AQ e -> R h e -> po e f -> M h f -> ppo e f;
    r6 : forall e f, M h e -> po e f -> RL f -> W h f -> ppo e f;
    r8 : forall e f, rmw h e f -> ppo e f
  }.

  Record riscv_consistent : Prop := {
    riscv_coherence : acyclic (fun e f => co h e f \/ rf h e f \/ fr h e f \/ po_loc h e f);
    riscv_model : acyclic (fun e f => co h e f \/ rfe h e f \/ fr h e f \/ ppo e f);
    riscv_atomic : atomic h
  }.
End Riscv.

(** ** The model in full

    All thirteen rules, on these accesses and fences, an AMO being one operation: what its suffixes order
    they order with both halves.  r2 is taken without its exception, so it is more.  No address depends
    on what was read (r9, r13). *)
Definition is_M (i : riscv) : bool := is_read i || is_write i.
Definition is_AMO (i : riscv) : bool := match i with AMOADD_load _ _ | AMOADD_store _ _ | AMOSWAP_store => true | _ =>
  false end.
Definition is_RCsc (i : riscv) : bool := is_AQ i || is_RL i.
Definition fence_rr (i : riscv) : bool := match i with FENCE br _ ar _ => br && ar | _ => false end.
Definition fence_rw (i : riscv) : bool := match i with FENCE br _ _ aw => br && aw | _ => false end.
Definition fence_wr (i : riscv) : bool := match i with FENCE _ bw ar _ => bw && ar | _ => false end.
Definition fence_ww (i : riscv) : bool := match i with FENCE _ bw _ aw => bw && aw | _ => false end.
Definition riscv_ppo : cat riscv := (
  (* r1 *) [is_M] ;; (Po && Loc) ;; [is_write]
  (* r2 *) || [is_read] ;; (Po && Loc) ;; [is_read]
  (* r3 *) || [is_AMO] ;; (Po && Rf) ;; [is_read]
  (* r4 *) || [is_read] ;; Po ;; [fence_rr] ;; Po ;; [is_read] || [is_read] ;; Po ;; [fence_rw] ;; Po ;; [is_write]
           || [is_write] ;; Po ;; [fence_wr] ;; Po ;; [is_read] || [is_write] ;; Po ;; [fence_ww] ;; Po ;; [is_write]
  (* r5 *) || [is_AQ] ;; Po ;; [is_M]
  (* r6 *) || [is_M] ;; Po ;; [is_RL]
  (* r7 *) || [is_RCsc] ;; Po ;; [is_RCsc]
  (* r8 *) || Rmw
  (* r10, r11, r12 *) || Data || Ctrl ;; [is_write] || Data ;; (Po && Rf))%cat.

Definition full_ppo {S : system} (h : execution S riscv) : event -> event -> Prop := sem h riscv_ppo.
