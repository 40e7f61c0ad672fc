(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * RISC-V

    The model is in riscv_model.v.  Read next: x86.v; ../cases/riscv_cases.v, for wrong locks. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events halves machines lists cat.
From hlock.machine.hardware Require Export riscv_model.
Import ListNotations.
Local Open Scope Z_scope.

Section Actions.
  Context {S : system} (h : execution S riscv) (Made : made_of h riscv_lists).
  Lemma riscv_shaped : lists_shaped riscv_lists.
  Proof. exact (lists_sound riscv_lists eq_refl). Qed.
  Lemma riscv_halved : halved h.
  Proof. exact (made_halved h riscv_lists riscv_shaped Made). Qed.

  (** What an action is made of: no try fails. *)
  Lemma riscv_parts c n a : nth_error (acts h c) n = Some a ->
    exists l, List.In l (core_lists riscv_lists a) /\ forall k, part h (c, n) k = nth_error l k.
  Proof.
    intros At; destruct (cores h riscv_lists Made c n a At) as (tries & l & Incl & Mem & _ & Part); exists l; split;
      [exact Mem|].
    destruct tries as [|t tries]; [exact Part|destruct (Incl t); now left].
  Qed.
  (** The load of an acquire comes before all that comes later. *)
  Lemma poll_fence e f l v : action_of h e = Some (Lock l (Polled v)) -> R h e -> po e f -> M h f ->
    exists bw, fencerel h (FENCE true bw true true) e f.
  Proof.
    intros At (m & a & i & At' & Is & Rd & _) Po Mf; destruct e as [[c n] k]; unfold action_of, is_a in *;
      cbn [fst snd] in *.
    destruct (riscv_parts c n _ At) as (is & Mem & Part); rewrite Part in Is; cbn in Mem.
    assert (exists bw, k = 0%nat /\ part h (c, n) 1 = Some (FENCE true bw true true)) as (bw & -> & Here).
    { destruct Mem as [<-|[<-|[]]], k as [|[|[|k]]]; cbn in Is; try discriminate; injection Is as <-; try discriminate;
        (eexists; split; [reflexivity|rewrite Part; reflexivity]). }
    exists bw, ((c, n), 1%nat); split; [exact Here|split; [split; [reflexivity|right; cbn; lia]|]].
    destruct Po as (Own & [Less|(Same & Less)]); [split; auto|exfalso].
    destruct f as [[c' n'] k']; cbn [fst snd] in *; subst c' n'.
    assert (Other : forall j, nth_error is k' = Some j -> is_read j = false /\ is_write j = false).
    { intros j Js; destruct Mem as [<-|[<-|[]]], k' as [|[|[|k']]]; cbn in Js; try lia; try discriminate;
      injection Js as <-; auto. }
    destruct Mf as [(m' & b & j & _ & Js & Rj & _)|(m' & b & j & _ & Js & Wj & _)]; unfold is_a in Js;
      cbn [fst snd] in Js;
      rewrite Part in Js; destruct (Other j Js); congruence.
  Qed.
  (** What comes earlier comes before the write of a release: by .rl, by a fence, or as its own read. *)
  Lemma release_order e f a : action_of h f = Some a -> releases shipped_orders a -> M h e -> po e f -> W h f ->
    RL h f \/ fencerel h FENCE_RW_W e f \/ rmw h e f.
  Proof.
    intros At Rel Me Po Wf; pose proof Wf as (m & a' & i & At' & Is & Wr & St); assert (a' = a) as -> by congruence.
    destruct f as [[c n] k]; unfold action_of, is_a in *; cbn [fst snd] in *;
      destruct (riscv_parts c n _ At) as (is & Mem & Part).
    rewrite Part in Is.
    assert (Cases : RL h ((c, n), k) \/ part h (c, n) 0 = Some FENCE_RW_W /\ (k = 1 \/ k = 2 /\
      exists l t, a = Lock l (Took t))%nat).
    { rewrite Part; destruct a as [l [t|v|v|v]| | |]; try contradiction; cbn in Mem.
      - destruct Mem as [<-|[<-|[]]], k as [|[|[|[|k]]]]; cbn in Is; try discriminate; injection Is as <-;
          try discriminate.
        + left; exists AMOADD_AQRL_store; unfold is_a; cbn [fst snd]; rewrite Part; auto.
        + right; split; [reflexivity|right; split; [reflexivity|eauto]].
      - destruct Mem as [<-|[<-|[<-|[]]]], k as [|[|[|[|k]]]]; cbn in Is; try discriminate; injection Is as <-;
          try discriminate;
          right; auto. }
    destruct Cases as [Rl|(Fence & Place)]; [now left|right].
    destruct Po as (Own & [Less|(Same & Less)]).
    { left; exists ((c, n), 0%nat); split; [exact Fence|split; [split; auto|split; [reflexivity|right; cbn; lia]]]. }
    destruct e as [[c' n'] k']; cbn [fst snd] in *; subst c' n'.
    assert (Mr : R h ((c, n), k')).
    { destruct Me as [Re|We]; [exact Re|]; pose proof (one_store h riscv_halved (c, n) k' k We Wf); lia. }
    pose proof Mr as (m' & b & j & Bt & Js & Rj & Ld); unfold action_of, is_a in Bt, Js; cbn [fst snd] in Bt, Js.
    assert (b = a) as -> by congruence; destruct Place as [->|(-> & l & t & ->)].
    - destruct a as [l [t|v|v|v]| | |]; try contradiction; try discriminate.
      assert (k' = 0%nat) as -> by lia; rewrite Fence in Js; injection Js as <-; discriminate.
    - right; destruct k' as [|[|k']]; [rewrite Fence in Js; injection Js as <-; discriminate| |lia].
      apply (one_ticket h riscv_halved); [|exact Wf]; split; [exact Mr|].
      intros k2 More (m2 & b2 & j2 & Bt2 & Js2 & Rj2 & _); unfold is_a in Js2; cbn [fst snd] in *;
        rewrite Part in Js2, Fence.
      cbn in Mem; destruct Mem as [<-|[<-|[]]]; [discriminate|]; destruct k2 as [|[|[|[|k2]]]]; cbn in Js2; try lia;
        try discriminate;
        injection Js2 as <-; discriminate.
  Qed.
End Actions.

(** Every consistent execution of RISC-V, whatever more is in [ppo], is a consistent graph of actions. *)
Theorem riscv_is_relaxed : forall S (h : execution S riscv) ppo width g, well_formed h width ->
  contains_ppo h ppo -> riscv_consistent h ppo -> made_of h riscv_lists -> contracts h g ->
  consistent_graph shipped_orders g width.
Proof.
  intros S h ppo width g Well Has [Coherence Model Atomic] Made Contracts.
  apply (hardware_is_relaxed h ppo); auto using riscv_halved.
  - revert Coherence; apply acyclic_less; tauto.
  - revert Model; apply acyclic_less; unfold coe, fre; tauto.
  - constructor; [| |exact (r8 h ppo Has)].
    + intros e f a At Acq Half Po Mf; destruct a as [l [t|v|v|v]| | |]; try contradiction.
      * apply (r5 h ppo Has); auto; [|apply Half].
        exact (load_sort h riscv_lists riscv_shaped Made is_AQ e _ At Half eq_refl).
      * destruct (poll_fence h Made e f l v At (proj1 Half) Po Mf) as (bw & Fence).
        apply (r4 h ppo Has e f _ _ _ _ Fence); [left; split; [apply Half|reflexivity]|destruct Mf; auto].
    + intros e f a At Rel Me Po Wf; destruct (release_order h Made e f a At Rel Me Po Wf) as [Rl|[Fence|Pair]].
      * exact (r6 h ppo Has e f Me Po Rl Wf).
      * apply (r4 h ppo Has e f _ _ _ _ Fence); [destruct Me; auto|auto].
      * exact (r8 h ppo Has e f Pair).
Qed.

(** ** The model in full: it contains what is named *)

(** Its axioms, as expressions of cat. *)
Definition riscv_coherence_of : cat riscv := (Co || Rf || Fr || (Po && Loc))%cat.
Definition riscv_model_of : cat riscv := (Co || (Rf && Ext) || Fr || riscv_ppo)%cat.
Definition riscv_atomic_of : cat riscv := (Rmw && ((Fr && Ext) ;; (Co && Ext)))%cat.

Section Full.
  Context {S : system} (h : execution S riscv).
  Local Notation full_ppo := (full_ppo h).

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
    - intros e f br bw ar aw Fe [(Re & ->)|(We & ->)] [(Rf & ->)|(Wf & ->)]; unfold full_ppo, riscv_ppo.
      + destruct (Rd e Re) as (Pe & i & Is & Pi), (Rd f Rf) as (Pf & j & Js & Pj); do 10 left; right.
        exact (Fence is_read is_read fence_rr _ e f Fe eq_refl Pe Pf (Sort is_read e i Pe Is Pi) (Sort is_read f j Pf
          Js Pj)).
      + destruct (Rd e Re) as (Pe & i & Is & Pi), (Wr f Wf) as (Pf & j & Js & Pj); do 9 left; right.
        exact (Fence is_read is_write fence_rw _ e f Fe eq_refl Pe Pf (Sort is_read e i Pe Is Pi) (Sort is_write f j Pf
          Js Pj)).
      + destruct (Wr e We) as (Pe & i & Is & Pi), (Rd f Rf) as (Pf & j & Js & Pj); do 8 left; right.
        exact (Fence is_write is_read fence_wr _ e f Fe eq_refl Pe Pf (Sort is_write e i Pe Is Pi) (Sort is_read f j Pf
          Js Pj)).
      + destruct (Wr e We) as (Pe & i & Is & Pi), (Wr f Wf) as (Pf & j & Js & Pj); do 7 left; right.
        exact (Fence is_write is_write fence_ww _ e f Fe eq_refl Pe Pf (Sort is_write e i Pe Is Pi) (Sort is_write f j
          Pf Js Pj)).
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
      + left; left; right; exact (sem_ext h expression.Rf e f (sem_rf h width Well e f Rf) Out).
      + left; right; exact (sem_fr h e f Fr).
      + right; exact Ppo.
  Qed.
End Full.
