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
From hlock.machine.hardware Require Import events halves machines lists cat.
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

(** ** The model in full

    All thirteen rules, on these accesses and fences, an AMO being one operation: what its suffixes order
    they order with both halves.  r2 is taken without its exception, so it is more.  No address depends
    on what was read (r9, r13). *)
Definition is_M (i : riscv) : bool := is_read i || is_write i.
Definition is_AMO (i : riscv) : bool := match i with AMOADD_load _ _ | AMOADD_store _ _ => true | _ => false end.
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
Definition riscv_coherence_of : cat riscv := (Co || Rf || Fr || (Po && Loc))%cat.
Definition riscv_model_of : cat riscv := (Co || (Rf && Ext) || Fr || riscv_ppo)%cat.
Definition riscv_atomic_of : cat riscv := (Rmw && ((Fr && Ext) ;; (Co && Ext)))%cat.

Section Full.
  Context {S : system} (h : execution S riscv).
  Definition full_ppo : event -> event -> Prop := sem h riscv_ppo.

  Theorem full_ppo_contains : contains_ppo h full_ppo.
  Proof.
    assert (Sort : forall (p : riscv -> bool) e i, present h e -> is_a h i e -> p i = true -> sem h (In p) e e).
    { intros p e i Pe Is Pi; cbn; split; [reflexivity|split; [exact Pe|exists i; auto]]. }
    assert (Rd : forall e, R h e -> present h e /\ exists i, is_a h i e /\ is_read i = true).
    { intros e (m & a & i & At & Is & Ri & Ld); split; [|exists i; auto]; unfold present, is_a in *; split;
      congruence. }
    assert (Wr : forall e, W h e -> present h e /\ exists i, is_a h i e /\ is_write i = true).
    { intros e (m & a & i & At & Is & Wi & St); split; [|exists i; auto]; unfold present, is_a in *; split;
      congruence. }
    assert (Mem : forall e, M h e -> sem h (In is_M) e e).
    { intros e [Re|We]; [destruct (Rd e Re) as (Pe & i & Is & Pi)|destruct (Wr e We) as (Pe & i & Is & Pi)];
        apply (Sort is_M e i Pe Is); unfold is_M; rewrite Pi; [reflexivity|apply orb_true_r]. }
    assert (Po_in : forall e f, present h e -> present h f -> po e f -> sem h Po e f) by (intros; cbn; auto).
    assert (Fence : forall (p q k : riscv -> bool) d e f, fencerel h d e f -> k d = true -> present h e ->
      present h f ->
      sem h (In p) e e -> sem h (In q) f f -> sem h ([p] ;; Po ;; [k] ;; Po ;; [q])%cat e f).
    { intros p q k d e f (b & Is & Po & Po') Kd Pe Pf Se Sf; assert (Pb : present h b).
      { split; [|unfold is_a in Is; congruence]; unfold action_of; apply nth_error_Some.
        destruct Pf as (Act & _); unfold action_of in Act; apply nth_error_Some in Act.
        destruct Po' as (Own & Later); rewrite Own; destruct Later as [Less|(Same & _)]; lia. }
      exists e; split; [exact Se|exists b; split; [exact (Po_in e b Pe Pb Po)|]].
      exists b; split; [exact (Sort k b d Pb Is Kd)|exists f; split; [exact (Po_in b f Pb Pf Po')|exact Sf]]. }
    constructor.
    - intros e f Re Fe [Rf|Wf]; destruct (Rd e Re) as (Pe & i & Is & Pi); pose proof (Sort is_read e i Pe Is Pi) as Se.
      + destruct (Rd f Rf) as (Pf & j & Js & Pj); unfold full_ppo, riscv_ppo; do 10 left; right.
        exact (Fence is_read is_read fence_rr _ e f Fe eq_refl Pe Pf Se (Sort is_read f j Pf Js Pj)).
      + destruct (Wr f Wf) as (Pf & j & Js & Pj); unfold full_ppo, riscv_ppo; do 9 left; right.
        exact (Fence is_read is_write fence_rw _ e f Fe eq_refl Pe Pf Se (Sort is_write f j Pf Js Pj)).
    - intros e f [Re|We] Fe Wf; destruct (Wr f Wf) as (Pf & j & Js & Pj); pose proof (Sort is_write f j Pf Js Pj) as Sf.
      + destruct (Rd e Re) as (Pe & i & Is & Pi); unfold full_ppo, riscv_ppo; do 9 left; right.
        exact (Fence is_read is_write fence_rw _ e f Fe eq_refl Pe Pf (Sort is_read e i Pe Is Pi) Sf).
      + destruct (Wr e We) as (Pe & i & Is & Pi); unfold full_ppo, riscv_ppo; do 7 left; right.
        exact (Fence is_write is_write fence_ww _ e f Fe eq_refl Pe Pf (Sort is_write e i Pe Is Pi) Sf).
    - intros e f (i & Is & Pi) Re Po Mf; destruct (Rd e Re) as (Pe & _); unfold full_ppo, riscv_ppo; do 6 left; right.
      exists e; split; [exact (Sort is_AQ e i Pe Is Pi)|exists f; split; [|exact (Mem f Mf)]].
      exact (Po_in e f Pe (present_M h f Mf) Po).
    - intros e f Me Po (i & Is & Pi) Wf; destruct (Wr f Wf) as (Pf & _); unfold full_ppo, riscv_ppo; do 5 left; right.
      exists e; split; [exact (Mem e Me)|exists f; split; [exact (Po_in e f (present_M h e Me) Pf Po)|exact (Sort is_RL
        f i Pf Is Pi)]].
    - intros e f Pair; unfold full_ppo, riscv_ppo; do 3 left; right; exact (sem_rmw h e f Pair).
  Qed.
  Theorem riscv_consistent_of width : well_formed h width -> acyclic (sem h riscv_coherence_of) ->
    acyclic (sem h riscv_model_of) -> (forall e f, ~ sem h riscv_atomic_of e f) -> riscv_consistent h full_ppo.
  Proof.
    intros Well Coherence Model Atomic; constructor; [| |exact (sem_atomic h width Well Atomic)].
    - revert Coherence; apply acyclic_less; intros e f [Co|[Rf|[Fr|Po]]].
      + left; left; left; exact (sem_co h width Well e f Co).
      + left; left; right; exact (sem_rf h width Well e f Rf).
      + left; right; exact (sem_fr h e f Fr).
      + right; exact (sem_po_loc h e f Po).
    - revert Model; apply acyclic_less; intros e f [Co|[(Rf & Out)|[Fr|Ppo]]].
      + left; left; left; exact (sem_co h width Well e f Co).
      + left; left; right; exact (sem_ext h cat.Rf e f (sem_rf h width Well e f Rf) Out).
      + left; right; exact (sem_fr h e f Fr).
      + right; exact Ppo.
  Qed.
End Full.
