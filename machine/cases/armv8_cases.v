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
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec contract sample examples.
From hlock.stack Require Import stack setting examples.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.relaxed Require Import model turns sections finite.
From hlock.machine.hardware Require Import events halves lists cat given armv8.
From hlock.machine.cases Require Import examples wrong relaxed_cases hardware.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

Definition a64_eq_dec (i j : a64) : {i = j} + {i <> j}.
Proof. decide equality; apply bool_dec. Defined.

(** What the lock is for, of all executions of Armv8 with N CPUs whose primitives are made of these lists. *)
Definition armv8_right (lists : instruction_lists a64) (N : nat) (w : Z) : Prop :=
  forall clients : cpu -> client (of_cpus N), keep_contract sample clients ->
  forall (h : execution (of_cpus N) a64) g seen last, well_formed h w -> armv8_consistent h (full_lob h) ->
  made_of h lists -> contracts h g -> runs_threads right w clients h seen last ->
  keeps g.

Theorem armv8_shipped_right N w : 1 <= w <= 32 -> Z.of_nat N <= modulus w -> armv8_right armv8_lists N w.
Proof.
  intros Width Fits clients Contract h g seen last Well Consistent Made Contracts Runs.
  apply (relaxed_keeps N w Width Fits clients Contract g seen last), (relaxed_of _ _ _ _ h); auto.
  exact (armv8_is_relaxed _ h (full_lob h) w g Well (full_contains h) Consistent Made Contracts).
Qed.

(** ** An execution that is written down is checked *)
Section Check.
  Context {N : nat} (lob : cat a64) (lists : instruction_lists a64) (w : Z).
  Context (runs : list (list (action (of_cpus N) words_verb))) (parts : id -> list a64).
  Context (sources : list (event * event)) (chains : list (list event)).
  Local Notation h := (written runs parts sources chains).
  Local Notation decided := (decide runs parts sources chains).
  Definition armv8_check (clients : cpu -> client (of_cpus N)) : bool :=
    well_formed_b runs parts sources chains w && contracts_b runs parts sources chains && made_of_b a64_eq_dec runs
      parts lists &&
    goes_forward runs parts (decided aarch64_internal) && goes_forward runs parts (decided (aarch64_ob lob)) &&
    nothing runs parts sources chains aarch64_atomic &&
    (Nat.leb (length runs) N && all_performed right w clients runs).
  Theorem armv8_checked clients : armv8_check clients = true ->
    well_formed h w /\ armv8_consistent h (lob_of h lob) /\ made_of h lists /\
      contracts h (contracted runs sources chains) /\
    exists seen last, runs_threads right w clients h seen last.
  Proof.
    unfold armv8_check; rewrite !andb_true_iff; intros ((((((Well & Con) & Made) & Int) & Out) & Atomic) & Few & All).
    apply given_well_formed in Well; split; [exact Well|split; [|split; [|split]]].
    - apply (consistent_of h w lob Well); [now apply given_no_cycle|now apply given_no_cycle|now apply given_nothing].
    - exact (given_made_of a64_eq_dec runs parts sources chains lists Made).
    - exact (given_contracts runs parts sources chains Con).
    - eexists _, _; exact (given_threads runs parts sources chains right w clients (andb_true_intro (conj Few All))).
  Qed.
End Check.

Definition by_exclusives (poll store : list a64) : choice a64 := choose [LDAXR; STLXR] poll [LDR] store [LDR] [STR].

(** CPU 1 tries its ticket twice, and polls in vain, by LDAPR; CPU 0 has LSE. *)
Definition contended_parts (x : id) : list a64 :=
  if Nat.eqb (fst x) 0 then chosen (choose [LDADDAL_load;
    LDADDAL_store] [LDAXR] [LDR] [STLR] [LDR] [STR]) contended_runs x
  else (if id_eqb x (1, 0)%nat then [LDAXR] else []) ++ chosen (by_exclusives [LDAPR] [STLR]) contended_runs x.
Example contended_armv8 : exists (h : execution two a64) g seen last,
  well_formed h 1 /\ contains h (full_lob h) /\ armv8_consistent h (full_lob h) /\ made_of h armv8_lists /\
    contracts h g /\
  runs_threads right 1 both h seen last /\
  does g (1, 1)%nat = Some (Lock pt3 (Polled 0)) /\ kept g (1, 1)%nat = false /\
  enters_at g pt3 (0, 1)%nat /\ enters_at g pt3 (1, 2)%nat /\ R h (1, 0, 0)%nat /\ ~ load_half h (1, 0, 0)%nat.
Proof.
  set (sources := lift_sources contended_parts contended_sources).
  set (chains := lift_chains contended_parts contended_chains).
  set (h := written contended_runs contended_parts sources chains).
  destruct (armv8_checked (N := 2) aarch64_lob armv8_lists 1 contended_runs contended_parts sources chains both) as
    (Well & Is & Made & Con & seen & last & Runs).
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
Section Refuted.
  Context (lists : instruction_lists a64) (ch : choice a64).
  Lemma armv8_inside programs runs sources chains (x y : id) :
    keep_contract sample (goes_through programs) ->
    armv8_check (N := 2) aarch64_lob lists 1 runs (chosen ch runs) (lift_sources (chosen ch runs) sources) (lift_chains
      (chosen ch runs) chains)
      (goes_through programs) = true ->
    let g := contracted runs (lift_sources (chosen ch runs) sources) (lift_chains (chosen ch runs) chains) in
    enters_at g A x -> enters_at g A y -> x <> y ->
    nth_error (model.run g (fst x)) (Datatypes.S (snd x)) = None ->
      nth_error (model.run g (fst y)) (Datatypes.S (snd y)) = None ->
    ~ armv8_right lists 2 1.
  Proof.
    intros Contract Check g X Y Other End End' Holds.
    destruct (armv8_checked _ _ _ _ _ _ _ _ Check) as (Well & Is & Made & Con & seen & last & Runs).
    exact (both_inside g A x y X Y Other End End' (Holds _ Contract _ _ seen last Well Is Made Con Runs)).
  Qed.
  Lemma armv8_wrong programs runs sources chains :
    let parts := chosen ch runs in let ss := lift_sources parts sources in let cs := lift_chains parts chains in
    keep_contract sample (goes_through programs) ->
    armv8_check (N := 2) aarch64_lob lists 1 runs parts ss cs (goes_through programs) = true ->
    ~ keeps (contracted runs ss cs) -> ~ armv8_right lists 2 1.
  Proof.
    intros parts ss cs Contract Check Not Holds.
    destruct (armv8_checked _ _ _ _ _ _ _ _ Check) as (Well & Is & Made & Con & seen & last & Runs).
    exact (Not (Holds _ Contract _ _ seen last Well Is Made Con Runs)).
  Qed.
  Lemma armv8_stale :
    let parts := chosen ch race_runs in let sources := lift_sources parts race_sources in let chains := lift_chains
      parts race_chains in
    armv8_check (N := 2) aarch64_lob lists 1 race_runs parts sources chains (goes_through race_programs) = true ->
    ~ armv8_right lists 2 1.
  Proof.
    intros parts sources chains Check; apply (armv8_wrong race_programs race_runs race_sources race_chains);
      [contract|exact Check|].
    apply race_stale; [intros c|..]; reflexivity.
  Qed.
  Lemma armv8_early :
    let parts := chosen ch early_runs in let sources := lift_sources parts early_sources in let chains := lift_chains
      parts early_chains in
    armv8_check (N := 2) aarch64_lob lists 1 early_runs parts sources chains (goes_through early_programs) = true ->
    ~ armv8_right lists 2 1.
  Proof.
    intros parts sources chains Check; apply (armv8_wrong early_programs early_runs early_sources early_chains);
      [contract|exact Check|].
    apply read_early; [intros c|..]; reflexivity.
  Qed.
End Refuted.
Ltac inside := [> contract | vm_compute; reflexivity | split; [reflexivity|eexists; reflexivity]
  | split; [reflexivity|eexists; reflexivity] | discriminate | reflexivity | reflexivity].

Definition lists_with (ticket poll store : list a64) : instruction_lists a64 :=
  mkLists [] [ticket] [poll] [[LDR]] [store] [[LDR]] [[STR]].
Definition choice_with (ticket poll store : list a64) : choice a64 := choose ticket poll [LDR] store [LDR] [STR].

(** With words of one bit: a ticket that does not acquire, and polls by LDAPR. *)
Theorem ticket_without_acquire : ~ armv8_right (lists_with [LDXR; STLXR] [LDAPR] [STLR]) 2 1.
Proof.
  apply (armv8_inside _ (choice_with [LDXR; STLXR] [LDAPR] [STLR]) old_programs old_runs old_sources old_chains (0,
    5)%nat (1, 1)%nat).
  all: inside.
Qed.
Theorem ticket_by_LDADDL : ~ armv8_right (lists_with [LDADD_load false true;
  LDADD_store false true] [LDAPR] [STLR]) 2 1.
Proof.
  apply (armv8_inside _ (choice_with [LDADD_load false true; LDADD_store false true] [LDAPR] [STLR])
           old_programs old_runs old_sources old_chains (0, 5)%nat (1, 1)%nat).
  all: inside.
Qed.
(** One that does not release, and a fence in the place of STLR. *)
Theorem ticket_without_release : ~ armv8_right (lists_with [LDAXR; STXR] [LDAXR] [DMB_ISH; STR]) 2 1.
Proof.
  apply (armv8_inside _ (choice_with [LDAXR; STXR] [LDAXR] [DMB_ISH;
    STR]) old_programs old_runs old_sources old_chains (0, 5)%nat (1, 1)%nat).
  all: inside.
Qed.
(** One that does neither, with the polls and the store that ship. *)
Theorem ticket_by_LDXR_STXR : ~ armv8_right (lists_with [LDXR; STXR] [LDAXR] [STLR]) 2 1.
Proof.
  apply (armv8_inside _ (choice_with [LDXR; STXR] [LDAXR] [STLR]) old_programs old_runs old_sources old_chains (0,
    5)%nat (1, 1)%nat).
  all: inside.
Qed.
(** A ticket that is a load and a store. *)
Theorem ticket_by_LDAR_STLR : ~ armv8_right (lists_with [LDAR; STLR] [LDAXR] [STLR]) 2 1.
Proof.
  apply (armv8_inside _ (choice_with [LDAR; STLR] [LDAXR] [STLR]) [[take lock_a]; [take lock_a]]
    [[Lock A (Took 0); Lock A (Polled 0)]; [Lock A (Took 0); Lock A (Polled 0)]] [] [[(0, 0);
      (1, 0)]]%nat (0, 1)%nat (1, 1)%nat).
  all: inside.
Qed.
(** A poll that does not acquire; a store that does not release. *)
Theorem poll_by_LDR : ~ armv8_right (lists_with [LDAXR; STLXR] [LDR] [STLR]) 2 1.
Proof. apply (armv8_stale _ (choice_with [LDAXR; STLXR] [LDR] [STLR])); vm_compute; reflexivity. Qed.
Theorem store_by_STR : ~ armv8_right (lists_with [LDAXR; STLXR] [LDAXR] [STR]) 2 1.
Proof. apply (armv8_stale _ (choice_with [LDAXR; STLXR] [LDAXR] [STR])); vm_compute; reflexivity. Qed.
(** A store that does not release lets a read of the section see what is written in the next one; so does
    DMB ISHST before it. *)
Theorem store_by_STR_early : ~ armv8_right (lists_with [LDAXR; STLXR] [LDAXR] [STR]) 2 1.
Proof. apply (armv8_early _ (choice_with [LDAXR; STLXR] [LDAXR] [STR])); vm_compute; reflexivity. Qed.
Theorem store_after_DMB_ISHST : ~ armv8_right (lists_with [LDAXR; STLXR] [LDAXR] [DMB_ISHST; STR]) 2 1.
Proof. apply (armv8_early _ (choice_with [LDAXR; STLXR] [LDAXR] [DMB_ISHST; STR])); vm_compute; reflexivity. Qed.
(** DMB ISHLD before the store is too weak for writes; DMB ISHST after the poll for reads. *)
Theorem store_after_DMB_ISHLD : ~ armv8_right (lists_with [LDAXR; STLXR] [LDAXR] [DMB_ISHLD; STR]) 2 1.
Proof. apply (armv8_stale _ (choice_with [LDAXR; STLXR] [LDAXR] [DMB_ISHLD; STR])); vm_compute; reflexivity. Qed.
Theorem poll_before_DMB_ISHST : ~ armv8_right (lists_with [LDAXR; STLXR] [LDR; DMB_ISHST] [STLR]) 2 1.
Proof. apply (armv8_stale _ (choice_with [LDAXR; STLXR] [LDR; DMB_ISHST] [STLR])); vm_compute; reflexivity. Qed.

(** What makes the first two right with the other polls, or with STLR: these executions are none of Arm. *)
Example lent_by_L_po_A :
  (let ch := choice_with [LDXR; STLXR] [LDAXR] [STLR] in let parts := chosen ch old_runs in
   armv8_check (N := 2) aarch64_lob (lists_with [LDXR; STLXR] [LDAXR] [STLR]) 1 old_runs parts (lift_sources parts
     old_sources)
     (lift_chains parts old_chains) (goes_through old_programs)) = false /\
  (let ch := choice_with [LDAXR; STXR] [LDAXR] [STLR] in let parts := chosen ch old_runs in
   armv8_check (N := 2) aarch64_lob (lists_with [LDAXR;
     STXR] [LDAXR] [STLR]) 1 old_runs parts (lift_sources parts old_sources)
     (lift_chains parts old_chains) (goes_through old_programs)) = false.
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
  runs_threads right 1 stale_clients h seen last /\
  exists a b c d, model.sb g a b /\ model.fr g b c /\ model.sb g c d /\ model.fr g d a /\ kept g b = false /\
    kept g d = false.
Proof.
  intros h lob.
  destruct (armv8_checked (N := 2) named_lob armv8_lists 1 stale_runs stale_parts (lift_sources stale_parts
    stale_sources)
              (lift_chains stale_parts stale_chains) stale_clients) as (Well & Is & Made & Con & seen & last & Runs).
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
