(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Armv8: executions, and wrong locks

    By the model in full, as aarch64.cat has it ([full_lob]).  Two CPUs contend, one polls in vain, and a
    try of its ticket failed ([contended_armv8]).  Wrong are: an exclusive pair that does not
    acquire, with polls by LDAPR; one that does not release, with a store by DMB and STR; one that does
    neither; a poll by LDR; a store by STR; a ticket by a load and a store.  With the other polls, or
    with STLR, the first two are right on Arm, by [L]; po; [A]: they are wrong elsewhere (c11_cases.v).

    Polls in vain need not be consistent with each other if a CPU keeps no more than the named edges
    ([stale_polls_armv8]); on Arm they are, for a ticket stands between any store and a later poll
    of another lock ([stale_polls_not_full]). *)
From hlock.machine.cases Require Import hardware.
From hlock.machine.hardware Require Import armv8.
Local Open Scope Z_scope.
Local Open Scope list_scope.

(** By the order that a CPU keeps. *)
Definition armv8_axioms (lob : cat a64) : forall S, execution S a64 ->
  Prop := fun S h => armv8_consistent h (lob_of h lob).
Lemma armv8_given lob S (h : execution S a64) w : well_formed h w ->
  Forall (fun c => acyclic (sem h c)) [aarch64_internal; aarch64_ob lob] -> (forall e f, ~ sem h aarch64_atomic e f) ->
  armv8_axioms lob S h.
Proof.
  intros Well Cycles Atomic; apply Forall_cons_iff in Cycles as (Internal & Cycles);
    apply Forall_cons_iff in Cycles as (External & _).
  exact (consistent_of h w lob Well Internal External Atomic).
Qed.

(** What the lock is for, of all executions of Armv8. *)
Definition armv8_right : instruction_lists a64 -> nat -> Z -> Prop := lock_right (armv8_axioms aarch64_lob).
Theorem armv8_shipped_right N w : 1 <= w <= 32 -> Z.of_nat N <= modulus w -> armv8_right armv8_lists N w.
Proof.
  apply shipped_lock_right; intros S h v g Well Is Made Contracts.
  exact (armv8_is_relaxed S h (full_lob h) v g Well (full_contains h) Is Made Contracts).
Qed.

Definition by_exclusives (poll store : list a64) : choice a64 := choose [LDAXR; STLXR] poll [LDR] store [LDR] [STR].

(** CPU 1 tries its ticket twice, and polls in vain, by LDAPR; CPU 0 has LSE. *)
Definition contended_parts (x : id) : list a64 :=
  if Nat.eqb (fst x) 0 then chosen (choose [LDADDAL_load;
    LDADDAL_store] [LDAXR] [LDR] [STLR] [LDR] [STR]) contended_runs x
  else (if id_eqb x (1, 0)%nat then [LDAXR] else []) ++ chosen (by_exclusives [LDAPR] [STLR]) contended_runs x.
Example contended_armv8 : exists (h : execution two a64) g seen last,
  well_formed h 1 /\ contains h (full_lob h) /\ armv8_consistent h (full_lob h) /\ made_of h armv8_lists /\
    contracts h g /\
  runs_threads sample_text 1 both h seen last /\
  does g (1, 1)%nat = Some (Lock pt3 (Polled 0)) /\ kept g (1, 1)%nat = false /\
  enters_at g pt3 (0, 1)%nat /\ enters_at g pt3 (1, 2)%nat /\ R h (1, 0, 0)%nat /\ ~ load_half h (1, 0, 0)%nat.
Proof.
  set (sources := lift_sources contended_parts contended_sources).
  set (chains := lift_chains contended_parts contended_chains).
  set (h := written contended_runs contended_parts sources chains).
  destruct (machine_checked a64_eq_dec _ _ _ (armv8_given aarch64_lob) (N := 2) armv8_lists 1 contended_runs
    contended_parts
              sources chains both) as (Well & Is & Made & Con & seen & last & Runs).
  { vm_compute; reflexivity. }
  assert (Reads : forall k, (k < 2)%nat -> R h (1, 0, k)%nat).
  { intros k Less; exists (Next pt3); apply (loc_read_iff contended_runs contended_parts sources chains).
    destruct k as [|[|k]]; [vm_compute; reflexivity|vm_compute; reflexivity|lia]. }
  exists h, (contracted contended_runs sources chains), seen, last; do 6 (split; [auto using full_contains|]).
  unfold enters_at; repeat split; try (vm_compute; reflexivity); try (eexists; reflexivity).
  - apply Reads; lia.
  - intros (_ & Last); apply (Last 1%nat); [cbn; lia|apply Reads; lia].
Qed.

(** ** Wrong locks *)
Definition by_lists (ticket poll store : list a64) : choice a64 := choose ticket poll [LDR] store [LDR] [STR].
Notation wrong_lock ticket poll store := (~ armv8_right (lists_of (by_lists ticket poll store)) 2 1).
Ltac old := apply (old_inside a64_eq_dec _ _ _ (armv8_given aarch64_lob)); vm_compute; reflexivity.
Ltac stale := apply (stale_read a64_eq_dec _ _ _ (armv8_given aarch64_lob)); vm_compute; reflexivity.
Ltac early := apply (early_read a64_eq_dec _ _ _ (armv8_given aarch64_lob)); vm_compute; reflexivity.

(** With words of one bit: a ticket that does not acquire, and polls by LDAPR. *)
Theorem ticket_by_LDXR : wrong_lock [LDXR; STLXR] [LDAPR] [STLR].
Proof. old. Qed.
Theorem ticket_by_LDADDL : wrong_lock [LDADD_load false true; LDADD_store false true] [LDAPR] [STLR].
Proof. old. Qed.
(** One that does not release, and a fence in the place of STLR. *)
Theorem ticket_by_STXR : wrong_lock [LDAXR; STXR] [LDAXR] [DMB_ISH; STR].
Proof. old. Qed.
(** One that does neither, with the polls and the store that ship. *)
Theorem ticket_by_LDXR_STXR : wrong_lock [LDXR; STXR] [LDAXR] [STLR].
Proof. old. Qed.
Theorem ticket_by_LDADD : wrong_lock [LDADD_load false false; LDADD_store false false] [LDAXR] [STLR].
Proof. old. Qed.
(** A ticket that is a load and a store. *)
Theorem ticket_by_LDAR_STLR : wrong_lock [LDAR; STLR] [LDAXR] [STLR].
Proof. apply (same_ticket a64_eq_dec _ _ _ (armv8_given aarch64_lob)); vm_compute; reflexivity. Qed.
(** A poll that does not acquire, whatever the ticket; DMB ISHST after it is too weak. *)
Theorem poll_by_LDR : wrong_lock [LDAXR; STLXR] [LDR] [STLR].
Proof. stale. Qed.
Theorem poll_by_LDR_LSE : wrong_lock [LDADDAL_load; LDADDAL_store] [LDR] [STLR].
Proof. stale. Qed.
Theorem poll_before_DMB_ISHST : wrong_lock [LDAXR; STLXR] [LDR; DMB_ISHST] [STLR].
Proof. stale. Qed.
(** A store that does not release: what is written in the section is not seen in the next one, and what
    is written in the next one may be read in this one.  DMB ISHLD before it keeps the reads alone,
    DMB ISHST the writes alone. *)
Theorem store_by_STR : wrong_lock [LDAXR; STLXR] [LDAXR] [STR].
Proof. stale. Qed.
Theorem store_by_STR_early : wrong_lock [LDAXR; STLXR] [LDAXR] [STR].
Proof. early. Qed.
Theorem store_after_DMB_ISHLD : wrong_lock [LDAXR; STLXR] [LDAXR] [DMB_ISHLD; STR].
Proof. stale. Qed.
Theorem store_after_DMB_ISHST : wrong_lock [LDAXR; STLXR] [LDAXR] [DMB_ISHST; STR].
Proof. early. Qed.

(** What makes the first of them right with other polls, and the third with STLR: these executions are
    none of Arm. *)
Example lent_by_L_po_A :
  let refused := fun ch => wrong_check a64_eq_dec [aarch64_internal; aarch64_ob aarch64_lob] aarch64_atomic ch
                             old_programs old_runs old_sources old_chains in
  refused (by_lists [LDXR; STLXR] [LDAXR] [STLR]) = false /\ refused (by_lists [LDAXR; STXR] [LDAXR] [STLR]) = false.
Proof. split; vm_compute; reflexivity. Qed.

(** ** Polls in vain *)

(** A CPU that keeps the named edges and no more. *)
Definition named_lob : cat a64 := ([is_AQ] ;; Po ;; [is_M] || [is_M] ;; Po ;; [is_L] || Rmw)%cat.
Lemma named_contains {S : system} (h : execution S a64) : contains h (lob_of h named_lob).
Proof.
  assert (Sort : forall (p : a64 -> bool) e i, M h e -> is_a h i e -> p i = true -> sem h (In p) e e).
  { intros p e i Me Is Pi; cbn; split; [reflexivity|split; [now apply present_M|exists i; auto]]. }
  assert (All : forall e, M h e -> sem h (In is_M) e e).
  { intros e Me; pose proof Me as [(m & a & i & _ & Is & Rd & _)|(m & a & i & _ & Is & Wr & _)];
    apply (Sort is_M e i Me Is);
      unfold is_M; [now rewrite Rd|rewrite Wr; apply orb_true_r]. }
  assert (Both : forall e f, M h e -> M h f -> po e f -> sem h Po e f) by (intros; cbn; auto using present_M).
  constructor.
  - intros e f Cl Re Po Mf; assert (Me : M h e) by (left; exact Re); constructor 1; unfold named_lob; cbn [sem]; left;
      left; exists e; split.
    + destruct Cl as [(i & Is & Pi)|(i & Is & Pi)]; apply (Sort is_AQ e i Me Is); unfold is_AQ; rewrite Pi;
        [reflexivity|apply orb_true_r].
    + exists f; split; [exact (Both e f Me Mf Po)|exact (All f Mf)].
  - intros e f Me Po Wf (i & Is & Pi); assert (Mf : M h f) by (right; exact Wf); constructor 1; unfold named_lob;
      cbn [sem]; left; right; exists e; split; [exact (All e Me)|].
    exists f; split; [exact (Both e f Me Mf Po)|exact (Sort is_L f i Mf Is Pi)].
  - intros e f Pair; constructor 1; unfold named_lob; cbn [sem]; right; exact (sem_rmw h e f Pair).
Qed.

Definition stale_parts : id -> list a64 := chosen (by_exclusives [LDAPR] [STLR]) stale_runs.
Definition stale_armv8 : execution (of_cpus 2) a64 :=
  written stale_runs stale_parts (lift_sources stale_parts stale_sources) (lift_chains stale_parts stale_chains).
(** Store buffering of two locks, as in relaxed_cases.v ([stale_polls]). *)
Example stale_polls_armv8 : let h := stale_armv8 in let lob := lob_of h named_lob in exists g seen last,
  well_formed h 1 /\ contains h lob /\ armv8_consistent h lob /\ made_of h armv8_lists /\ contracts h g /\
  runs_threads sample_text 1 stale_clients h seen last /\
  exists a b c d, model.sb g a b /\ model.fr g b c /\ model.sb g c d /\ model.fr g d a /\ kept g b = false /\
    kept g d = false.
Proof.
  intros h lob.
  destruct (machine_checked a64_eq_dec _ _ _ (armv8_given named_lob) (N := 2) armv8_lists 1 stale_runs stale_parts
              (lift_sources stale_parts stale_sources) (lift_chains stale_parts stale_chains) stale_clients)
    as (Well & Is & Made & Con & seen & last & Runs).
  { vm_compute; reflexivity. }
  eexists _, seen, last; split; [exact Well|split; [apply named_contains|split; [exact Is|split; [exact Made|split;
    [exact Con|split; [exact Runs|]]]]]].
  exists (0, 3)%nat, (0, 5)%nat, (1, 3)%nat, (1, 5)%nat; unfold contracted; edges.
Qed.
(** Arm forbids it: [L]; po; [A] keeps each store before the next ticket, and that is before its polls. *)
Theorem stale_polls_not_full : ~ armv8_consistent stale_armv8 (full_lob stale_armv8).
Proof.
  intros [_ External _]; set (h := stale_armv8) in *; set (lob := full_lob h) in *.
  pose proof (bob_acquire h lob (full_contains h)) as Acq.
  assert (Fr : forall e f, fr_b stale_runs stale_parts (lift_sources stale_parts stale_sources) (lift_chains
    stale_parts stale_chains) e f = true ->
    external e f -> obs h e f).
  { intros e f Is Out; right; left; split; [|exact Out]; now apply fr_iff in Is. }
  assert (Rd : forall e m, loc_read stale_runs stale_parts e = Some m -> R h e).
  { intros e m Is; exists m; now apply (loc_read_iff stale_runs stale_parts (lift_sources stale_parts stale_sources)
    (lift_chains stale_parts stale_chains)). }
  assert (Wr : forall e m, loc_written stale_runs stale_parts e = Some m -> W h e).
  { intros e m Is; exists m; now apply (loc_written_iff stale_runs stale_parts (lift_sources stale_parts stale_sources)
    (lift_chains stale_parts stale_chains)). }
  assert (Half : forall c l m m', loc_written stale_runs stale_parts (c, 3, 0)%nat = Some l ->
    part_at stale_parts (c, 3, 0)%nat = Some STLR ->
    loc_read stale_runs stale_parts (c, 4, 0)%nat = Some m -> part_at stale_parts (c, 4, 0)%nat = Some LDAXR ->
    loc_read stale_runs stale_parts (c, 5, 0)%nat = Some m' -> ob h lob (c, 3, 0)%nat (c, 5, 0)%nat).
  { intros c l m m' W3 I3 R4 I4 R5; apply t_trans with (c, 4, 0)%nat; constructor 1; right.
    - apply full_L_A; [exact (Wr _ _ W3)|exists STLR; split; [exact I3|reflexivity]|exact (Rd _ _ R4)|
        exists LDAXR; split; [exact I4|reflexivity]|split; [reflexivity|left; cbn; lia]].
    - apply Acq; [left; exists LDAXR; split; [exact I4|reflexivity]|exact (Rd _ _ R4)|split; [reflexivity|left; cbn;
        lia]|left; exact (Rd _ _ R5)]. }
  apply (External (0, 3, 0)%nat), t_trans with (0, 5, 0)%nat; [eapply Half; reflexivity|].
  apply t_trans with (1, 3, 0)%nat; [constructor 1; left; apply Fr; [vm_compute; reflexivity|discriminate]|].
  apply t_trans with (1, 5, 0)%nat; [eapply Half; reflexivity|constructor 1; left; apply Fr; [vm_compute;
    reflexivity|discriminate]].
Qed.
