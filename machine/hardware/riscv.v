(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * RISC-V

    The model is RVWMO (the RISC-V unprivileged manual, "RVWMO memory consistency model"; riscv.cat and
    riscv-defs.cat of the herd tools), whose rules of preserved program order are numbered r1 to
    r13.  The order that a CPU keeps, [ppo], is any relation that contains r4 for two fences, r5, r6
    and r8 ([contains_ppo]): these are what the lock needs.  Plain loads and stores have no acquire and no
    release form; a fence stands after the load and before the store.
    Read next: x86.v; ../cases/riscv_cases.v, for wrong locks. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events halves machines lists.
Import ListNotations.
Local Open Scope Z_scope.

(** Accesses and fences.  AMOADD.W is two events: its suffixes are its two arguments.  A fence has the
    sorts of accesses before it that it keeps before those after it: reads, writes; and the
    same of those after it. *)
Inductive riscv :=
| LW | SW
| AMOADD_load (aq rl : bool) | AMOADD_store (aq rl : bool)
| FENCE (before_r before_w after_r after_w : bool).
Notation AMOADD_AQRL_load := (AMOADD_load true true).
Notation AMOADD_AQRL_store := (AMOADD_store true true).
Notation FENCE_R_RW := (FENCE true false true true).
Notation FENCE_RW_W := (FENCE true true false true).
(** FENCE W,O: it keeps stores before output to devices, of which no model here speaks. *)
Notation FENCE_W_O := (FENCE false true false false).

#[export] Instance riscv_accesses : accesses riscv := {
  is_read i := match i with LW | AMOADD_load _ _ => true | _ => false end;
  is_write i := match i with SW | AMOADD_store _ _ => true | _ => false end;
  is_rmw i j := match i, j with
                | AMOADD_load a r, AMOADD_store a' r' => Bool.eqb a a' && Bool.eqb r r'
                | _, _ => false
                end
}.
Definition is_AQ (i : riscv) : bool := match i with AMOADD_load aq _ | AMOADD_store aq _ => aq | _ => false end.
Definition is_RL (i : riscv) : bool := match i with AMOADD_load _ rl | AMOADD_store _ rl => rl | _ => false end.

(** The instructions of arch/riscv64.h, with the fence after the store of a release that can be asked for. *)
Definition riscv_lists : instruction_lists riscv := {|
  failed_tries := [];
  tickets := [[AMOADD_AQRL_load; AMOADD_AQRL_store]];
  polls := [[LW; FENCE_R_RW]];
  loads_now := [[LW]];
  stores_now := [[FENCE_RW_W; SW]; [FENCE_RW_W; SW; FENCE_W_O]];
  reads := [[LW]];
  writes := [[SW]]
|}.

Section Riscv.
  Context {S : system} (h : execution S riscv) (ppo : event -> event -> Prop).

  Definition AQ (e : event) : Prop := exists i, is_a h i e /\ is_AQ i = true.
  Definition RL (e : event) : Prop := exists i, is_a h i e /\ is_RL i = true.
  (** fencerel(f): po; [f]; po. *)
  Definition fencerel (f : riscv) (e e' : event) : Prop := exists d, is_a h f d /\ po e d /\ po d e'.

  (** [R]; fencerel(Fence.r.rw); [M] and [M]; fencerel(Fence.rw.w); [W] of r4; of r5, [AQ & R]; po; [M]; of
      r6, [M]; po; [RL & W]; r8, rmw. *)
  Record contains_ppo : Prop := {
    r4_r_rw : forall e f, R h e -> fencerel FENCE_R_RW e f -> M h f -> ppo e f;
    r4_rw_w : forall e f, M h e -> fencerel FENCE_RW_W e f -> W h f -> ppo e f;
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

(** Every consistent execution of RISC-V, whatever more is in [ppo], is a consistent graph of actions. *)
Theorem riscv_is_relaxed : forall S (h : execution S riscv) ppo width g, well_formed h width ->
  contains_ppo h ppo -> riscv_consistent h ppo -> made_of h riscv_lists -> contracts h g ->
  consistent_graph shipped_orders g width.
Proof.
  intros S h ppo width g Well Has [Coherence Model Atomic] Made Contracts.
  pose proof (lists_sound riscv_lists eq_refl) as Shaped; pose proof (made_halved h riscv_lists Shaped Made) as Halved.
  apply (hardware_is_relaxed h ppo); auto.
  - revert Coherence; apply acyclic_less; tauto.
  - revert Model; apply acyclic_less; unfold coe, fre; tauto.
  - constructor; [| |exact (r8 h ppo Has)].
    + intros e f a At Acq Half Po Mf; destruct a as [l [t|v|v|v]| | |]; try contradiction.
      * apply (r5 h ppo Has); auto; [|apply Half].
        exact (load_sort h riscv_lists Shaped Made is_AQ e _ At Half eq_refl).
      * apply (r4_r_rw h ppo Has); auto; [apply Half|].
        destruct (stands_load h riscv_lists Shaped Made e _ At Half) as (is & k & Mem & (Here & _) & n0 & Place & Part).
        cbn in Mem; destruct Mem as [<-|[]]; destruct Here as (i & Is & Rd).
        destruct k as [|[|[|k]]]; cbn in Is; try discriminate; injection Is as <-; [|discriminate].
        exists (fst e, n0 + 1)%nat; split; [exact (Part 1%nat)|split; [split; [reflexivity|right; cbn; lia]|]].
        destruct Po as (Own & [Less|(Same & Less)]); [split; auto|].
        assert (Same_id : fst f = fst e) by (destruct (fst e), (fst f); cbn in *; congruence).
        exfalso; destruct Mf as [Rf|(m & a & i & At' & _ & _ & St)].
        -- apply (proj2 Half (snd f) Less); rewrite <- Same_id; now destruct f.
        -- unfold action_of in *; rewrite Same_id in At'; rewrite At in At'; injection At' as <-; discriminate.
    + intros e f a At Rel Me Po Wf; destruct a as [l [t|v|v|v]| | |]; try contradiction.
      * apply (r6 h ppo Has); auto; exact (store_sort h riscv_lists Shaped Made is_RL f _ At Wf eq_refl).
      * apply (r4_rw_w h ppo Has); auto.
        destruct (stands_store h riscv_lists Shaped Made f _ At Wf) as (is & k & Mem & Here & n0 & Place & Part).
        assert (Is : part h (fst f) n0 = Some FENCE_RW_W /\ k = 1%nat).
        { specialize (Part 0%nat); rewrite Nat.add_0_r in Part; rewrite Part.
          destruct Here as (i & Is & Wr); cbn in Mem.
          destruct Mem as [<-|[<-|[]]], k as [|[|[|[|k]]]]; cbn in Is; try discriminate; injection Is as <-; auto;
            discriminate. }
        destruct Is as (Is & ->); exists (fst f, n0); split; [exact Is|].
        split; [|split; [reflexivity|right; cbn; lia]].
        destruct Po as (Own & [Less|(Same & Less)]); [split; auto|exfalso].
        assert (Same_id : fst e = fst f) by (destruct (fst e), (fst f); cbn in *; congruence).
        destruct Me as [(m & a & i & At' & _ & _ & Ld)|We].
        -- unfold action_of in *; rewrite Same_id in At'; rewrite At in At'; injection At' as <-; discriminate.
        -- rewrite (store_once h Halved e f We Wf Same_id) in Less; lia.
Qed.
