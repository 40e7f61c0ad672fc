(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What a lock is for, said of the actions alone

    The cases of the four models refute these statements, or have examples of them.  They know no
    happens-before, so they are the same of every model: two are not inside ([keeps_apart]); who
    sees the lock words that a writer left sees what it wrote ([reads_last]), and nobody reads what is
    written in a later section ([reads_no_later]).  All are true of relaxed executions with the
    orders that ship ([relaxed_keeps]), and follow from what main/hardware.v says ([order_keeps]).
    It exports what the cases of the models import.  Read next: armv8_cases.v. *)
From Coq Require Export ZArith List Bool Lia Relations.
From hlock.clight Require Export options.
From hlock.layers.view Require Export spec.
From hlock.layers.L0_machine Require Export spec.
From hlock.layers.L4_locks Require Export spec contract sample examples.
From hlock.stack Require Export stack setting examples.
From hlock.machine.model Require Export thread memory machine.
From hlock.machine.relaxed Require Export model turns reading embedding sections finite.
From hlock.machine.cases Require Export examples wrong relaxed_cases relaxed_wrong.
From hlock.machine.hardware Require Export events halves lists cat given.
Export ListNotations.
Local Open Scope Z_scope.

(** Each of a list of edges is computed. *)
Ltac edge := first [apply rf_step_iff | apply sb_step_iff | apply fr_step_iff | idtac]; vm_compute; reflexivity.
Ltac edges := repeat (split; [edge|]); edge.

(** Of two that enter one lock, one leaves it. *)
Definition keeps_apart {S : system} (g : graph S) : Prop :=
  forall l x y, enters_at g l x -> enters_at g l y -> x <> y -> exists s, leaves_at g l x s \/ leaves_at g l y s.
(** Program order, and what the lock words were seen to hold, but by polls in vain. *)
Inductive shown {S : system} (g : graph S) : id -> id -> Prop :=
| shown_sb x y : model.sb g x y -> shown g x y
| shown_rf x y : reads_from g x y -> kept g y = true -> (exists a, does g y = Some a /\ on_words a) -> shown g x y
| shown_trans x y z : shown g x y -> shown g y z -> shown g x z.
Lemma shown_causes {S : system} (g : graph S) x y : shown g x y -> causes g x y.
Proof. induction 1; [now apply causes_sb|now apply causes_rf|eapply causes_trans; eauto]. Qed.

(** A read that comes after a write, in this sense, does not read what was there before it. *)
Definition reads_last {S : system} (g : graph S) : Prop :=
  forall l k r w, loads_at g r (Object l k) -> stores_at g w (Object l k) -> shown g w r -> ~ model.fr g r w.

(** Nor does a read that comes before a write read it. *)
Definition reads_no_later {S : system} (g : graph S) : Prop :=
  forall l k r w, loads_at g r (Object l k) -> stores_at g w (Object l k) -> shown g r w -> ~ reads_from g w r.
Definition keeps {S : system} (g : graph S) : Prop := keeps_apart g /\ reads_last g /\ reads_no_later g.

(** What stands in one order that happens-before and communication agree with keeps the last two. *)
Theorem order_keeps {S : system} (g : graph S) ids : consistent_order g ids -> keeps_apart g -> keeps g.
Proof.
  intros Order Apart.
  set (hb := model.hb shipped_orders g); pose proof (order_once g ids Order) as Once.
  assert (Way : forall x y, shown g x y -> hb x y \/ exists u v, (x = u \/ hb x u) /\ kept g u = true /\
    kept g v = true /\ earlier ids u v /\ (v = y \/ hb v y)).
  { induction 1 as [x y Sb|x y Rf Kept _|x y z _ IH _ IH'].
    - left; now apply hb_sb.
    - right; exists x, y; pose proof (order_rf g ids Order x y Kept Rf) as Early.
      repeat split; auto; apply (order_all g ids Order); destruct Early as (b & r & -> & Mem).
      rewrite in_app_iff; cbn; auto.
    - destruct IH as [XY|(u & v & XU & U & V & UV & VY)], IH' as [YZ|(u' & v' & YU & U' & V' & UV' & VZ)].
      + left; now apply hb_trans with y.
      + right; exists u', v'; repeat split; auto; right; destruct YU as [<-|YU]; [exact XY|now apply hb_trans with y].
      + right; exists u, v; repeat split; auto; right; destruct VY as [->|VY]; [exact YZ|now apply hb_trans with y].
      + right; exists u, v'; repeat split; auto; apply (earlier_trans ids u v v' Once UV).
        assert (Between : v = u' \/ hb v u').
        { destruct VY as [->|VY], YU as [<-|YU]; auto; right; now apply hb_trans with y. }
        destruct Between as [->|Between]; [exact UV'|].
        exact (earlier_trans ids v u' v' Once (order_hb g ids Order v u' V U' Between) UV'). }
  assert (Early : forall x y, kept g x = true -> kept g y = true -> shown g x y -> earlier ids x y).
  { intros x y X Y Is; pose proof (order_hb g ids Order) as Hb.
    destruct (Way x y Is) as [XY|(u & v & XU & U & V & UV & VY)]; [now apply Hb|].
    assert (XV : earlier ids x v).
    { destruct XU as [->|XU]; [exact UV|exact (earlier_trans ids x u v Once (Hb x u X U XU) UV)]. }
    destruct VY as [->|VY]; [exact XV|exact (earlier_trans ids x v y Once XV (Hb v y V Y VY))]. }
  assert (Reads : forall r l k, loads_at g r (Object l k) -> kept g r = true).
  { intros r l k (a & At & Is); unfold kept; rewrite At; destruct a as [? []| | |]; try discriminate; reflexivity. }
  assert (Writes : forall r l k, stores_at g r (Object l k) -> kept g r = true).
  { intros r l k (a & At & Is); unfold kept; rewrite At; destruct a as [? []| | |]; try discriminate; reflexivity. }
  split; [|split].
  - exact Apart.
  - intros l k r w Ld St Is Fr; apply (earlier_one_way ids w r Once); [apply Early; eauto|].
    exact (order_fr g ids Order r w (Reads r l k Ld) Fr).
  - intros l k r w Ld St Is Rf; apply (earlier_one_way ids r w Once); [apply Early; eauto|].
    exact (order_rf g ids Order w r (Reads r l k Ld) Rf).
Qed.

Theorem relaxed_keeps N w : 1 <= w <= 32 -> Z.of_nat N <= modulus w ->
  forall clients : cpu -> client (of_cpus N), keep_contract sample clients ->
  forall g seen last, relaxed_execution shipped_orders sample_text w clients g seen last -> keeps g.
Proof.
  intros Width Fits clients Contract g seen last Relaxed;
  destruct (shipped_apart N w Width Fits) as (Apart & _ & Races).
  pose proof (consistent _ _ _ _ _ _ _ Relaxed) as Consistent; split; [|split].
  - intros l x y X Y Other.
    destruct (Apart clients Contract g seen last Relaxed l x y X Y Other) as [(s & Is & _)|(s & Is & _)]; eauto.
  - intros l k r v Ld St Shown Fr; pose proof (proj1 Fr) as Other; apply shown_causes in Shown as Causes.
    destruct (Races clients Contract g seen last Relaxed l k r v Other (or_introl Ld) (or_intror St)) as [Hb|Hb].
    + apply (no_thin_air _ _ _ Consistent r), (causes_trans _ r v r); [|exact Causes].
      exact (reading.hb_causes (of_cpus N) g r v Hb).
    + apply (coherence _ _ _ Consistent v r Hb); now apply eco_fr.
  - intros l k r v Ld St Shown Rf; apply shown_causes in Shown as Causes; assert (Other : r <> v).
    { intros <-; exact (no_thin_air _ _ _ Consistent r Causes). }
    destruct (Races clients Contract g seen last Relaxed l k r v Other (or_introl Ld) (or_intror St)) as [Hb|Hb].
    + apply (coherence _ _ _ Consistent r v Hb); now apply eco_rf.
    + apply (no_thin_air _ _ _ Consistent r), (causes_trans _ r v r); [exact Causes|].
      exact (reading.hb_causes (of_cpus N) g v r Hb).
Qed.

(** What the lock is for, of all executions of N CPUs by some axioms, whose primitives are made of these lists. *)
Definition lock_right {I : Type} {K : accesses I} (axioms : forall S, execution S I -> Prop)
    (lists : instruction_lists I) (N : nat) (w : Z) : Prop :=
  forall clients : cpu -> client (of_cpus N), keep_contract sample clients ->
  forall (h : execution (of_cpus N) I) g seen last, well_formed h w -> axioms (of_cpus N) h ->
  made_of h lists -> contracts h g -> runs_threads sample_text w clients h seen last -> keeps g.
Theorem shipped_lock_right {I : Type} {K : accesses I} (axioms : forall S, execution S I -> Prop) lists :
  (forall S (h : execution S I) w g, well_formed h w -> axioms S h -> made_of h lists -> contracts h g ->
     consistent_graph shipped_orders g w) ->
  forall N w, 1 <= w <= 32 -> Z.of_nat N <= modulus w -> lock_right axioms lists N w.
Proof.
  intros Is N w Width Fits clients Contract h g seen last Well Allowed Made Contracts Runs.
  apply (relaxed_keeps N w Width Fits clients Contract g seen last), (relaxed_of _ _ _ _ h); auto.
  exact (Is _ h w g Well Allowed Made Contracts).
Qed.

(** Two that enter and do nothing more are both inside. *)
Lemma last_stays {S : system} (g : graph S) l x s : nth_error (model.run g (fst x)) (Datatypes.S (snd x)) = None ->
  ~ leaves_at g l x s.
Proof.
  intros End ((Own & Less & Here) & _); apply Here; unfold does; rewrite <- Own; apply nth_error_None in End.
  apply nth_error_None; lia.
Qed.
Lemma both_inside {S : system} (g : graph S) l x y : enters_at g l x -> enters_at g l y -> x <> y ->
  nth_error (model.run g (fst x)) (Datatypes.S (snd x)) = None ->
    nth_error (model.run g (fst y)) (Datatypes.S (snd y)) = None ->
  ~ keeps g.
Proof.
  intros X Y Other End End' (Apart & _); destruct (Apart l x y X Y Other) as (s & [Is|Is]);
    [exact (last_stays g l x s End Is)|exact (last_stays g l y s End' Is)].
Qed.

(** ** CPU 0 passes a lock on; CPU 1 sees that it did *)
Section Passed.
  Context (g : graph (of_cpus 2)) (runs : list (list (action (of_cpus 2) words_verb))).
  Context (Run : forall c, model.run g c = nth c runs []) (Poll : model.rf g (1, 1)%nat = Some (0, 4)%nat).
  Context (l v : Z) (Polls : nth_error (nth 1 runs []) 1 = Some (Lock l (Polled v))).
  Context (Enters : kept g (1, 1)%nat = true).
  Lemma run_does c n : does g (c, n) = nth_error (nth c runs []) n.
  Proof. unfold does; now rewrite Run. Qed.
  (** All that CPU 0 did before its store comes before all that CPU 1 does after its poll. *)
  Lemma passed_shown n k : (n < 4)%nat -> (1 < k)%nat -> nth_error (nth 0 runs []) 4 <> None ->
    nth_error (nth 1 runs []) k <> None ->
    shown g (0, n)%nat (1, k)%nat.
  Proof.
    assert (Sb : forall c n k, (n < k)%nat -> nth_error (nth c runs []) k <> None -> shown g (c, n) (c, k)).
    { intros c i j Less Here; apply shown_sb; split; [reflexivity|split; [exact Less|now rewrite run_does]]. }
    intros Before After Stores Here; apply (shown_trans _ _ (0, 4)%nat); [now apply Sb|].
    apply (shown_trans _ _ (1, 1)%nat); [|now apply Sb].
    apply shown_rf; [split; [|exact Poll]; exists (Now l)|exact Enters|]; exists (Lock l (Polled v)); rewrite run_does;
      auto; split; [exact Polls|exact Logic.I].
  Qed.
End Passed.

Ltac enters Run := unfold kept, claims.before, does; rewrite !Run; reflexivity.

(** CPU 0 writes 5, and CPU 1 reads what was there at first. *)
Lemma race_stale (g : graph (of_cpus 2)) : (forall c, model.run g c = nth c race_runs []) ->
  model.rf g (1, 1)%nat = Some (0, 4)%nat -> model.rf g (1, 2)%nat = None -> ~ keeps g.
Proof.
  intros Run Poll Old (_ & Last & _); apply (Last A 0 (1, 2)%nat (0, 2)%nat).
  - eexists; rewrite (run_does g race_runs Run); split; reflexivity.
  - eexists; rewrite (run_does g race_runs Run); split; reflexivity.
  - apply (passed_shown g race_runs Run Poll A 1 eq_refl); [enters Run|lia|lia|discriminate|discriminate].
  - split; [discriminate|]; exists (Object A 0); split; [|split; [|now rewrite Old]];
      eexists; rewrite (run_does g race_runs Run); split; reflexivity.
Qed.

(** CPU 0 reads, and CPU 1 writes 5 afterwards; CPU 0 has read 5. *)
Definition early_programs : list (list (op (of_cpus 2))) :=
  [[take lock_a; Op_read core_family 0 0; pass lock_a]; [take lock_a; Op_write core_family 0 0 five]].
Definition early_runs : list (list (action (of_cpus 2) words_verb)) :=
  [[Lock A (Took 0); Lock A (Polled 0); Read A 0 five; Lock A (Loaded 0); Lock A (Stored 1)];
   [Lock A (Took 1); Lock A (Polled 1); Wrote A 0 five]].
Definition early_sources : list (id * id) := [((0, 0), (1, 0)); ((0, 4), (1, 1)); ((1, 2), (0, 2))]%nat.
Definition early_chains : list (list id) := [[(0, 0); (1, 0)]; [(0, 4)]; [(1, 2)]]%nat.
Lemma read_early (g : graph (of_cpus 2)) : (forall c, model.run g c = nth c early_runs []) ->
  model.rf g (1, 1)%nat = Some (0, 4)%nat -> model.rf g (0, 2)%nat = Some (1, 2)%nat -> ~ keeps g.
Proof.
  intros Run Poll Early (_ & _ & Later); apply (Later A 0 (0, 2)%nat (1, 2)%nat).
  - eexists; rewrite (run_does g early_runs Run); split; reflexivity.
  - eexists; rewrite (run_does g early_runs Run); split; reflexivity.
  - apply (passed_shown g early_runs Run Poll A 1 eq_refl); [enters Run|lia|lia|discriminate|discriminate].
  - split; [|exact Early]; exists (Object A 0); eexists; rewrite (run_does g early_runs Run); split; reflexivity.
Qed.

(** ** Executions that are written down, by axioms on relations of cat *)
Section Machine.
  Context {I : Type} {K : accesses I} (eq_dec : forall i j : I, {i = j} + {i <> j}).
  Context (axioms : forall S, execution S I -> Prop) (no_cycle : list (cat I)) (none : cat I).
  Context (Allowed : forall S (h : execution S I) w, well_formed h w -> Forall (fun c => acyclic (sem h c)) no_cycle ->
    (forall e f, ~ sem h none e f) -> axioms S h).

  Section Check.
    Context {N : nat} (lists : instruction_lists I) (w : Z).
    Context (runs : list (list (action (of_cpus N) words_verb))) (parts : id -> list I).
    Context (sources : list (event * event)) (chains : list (list event)).
    Local Notation h := (written runs parts sources chains).
    Definition machine_check (clients : cpu -> client (of_cpus N)) : bool :=
      well_formed_b runs parts sources chains w && contracts_b runs parts sources chains &&
      made_of_b eq_dec runs parts lists &&
      forallb (fun c => goes_forward runs parts (decides runs parts sources chains c)) no_cycle &&
      nothing runs parts sources chains none && (Nat.leb (length runs) N && all_performed sample_text w clients runs).
    Theorem machine_checked clients : machine_check clients = true ->
      well_formed h w /\ axioms (of_cpus N) h /\ made_of h lists /\ contracts h (contracted runs sources chains) /\
      exists seen last, runs_threads sample_text w clients h seen last.
    Proof.
      unfold machine_check; rewrite !andb_true_iff; intros (((((Well & Con) & Made) & Forward) & None_) & Few & All).
      apply given_well_formed in Well; split; [exact Well|split; [|split; [|split]]].
      - apply (Allowed _ h w Well); [|now apply given_nothing]; rewrite forallb_forall in Forward; apply Forall_forall.
        intros c Mem; now apply given_no_cycle, Forward.
      - exact (given_made_of eq_dec runs parts sources chains lists Made).
      - exact (given_contracts runs parts sources chains Con).
      - eexists _, _.
        exact (given_threads runs parts sources chains sample_text w clients (andb_true_intro (conj Few All))).
    Qed.
  End Check.

  (** The two clients of relaxed_cases.v that contend: CPU 1 polls in vain, enters, and reads what CPU 0 left. *)
  Theorem contended (lists : instruction_lists I) parts sources chains :
    machine_check (N := 2) lists 1 contended_runs parts sources chains both = true ->
    exists (h : execution two I) g seen last, well_formed h 1 /\ axioms _ h /\ made_of h lists /\ contracts h g /\
    runs_threads sample_text 1 both h seen last /\
    does g (1, 1)%nat = Some (Lock pt3 (Polled 0)) /\ kept g (1, 1)%nat = false /\
    enters_at g pt3 (0, 1)%nat /\ enters_at g pt3 (1, 2)%nat /\ does g (1, 3)%nat = Some (Read pt3 0 (nine 1)).
  Proof.
    intros Check; destruct (machine_checked _ _ _ _ _ _ _ Check) as (Well & Is & Made & Con & seen & last & Runs).
    exists (written contended_runs parts sources chains), (contracted contended_runs sources chains), seen, last.
    do 5 (split; [assumption|]); unfold enters_at; repeat split; try (vm_compute; reflexivity); eexists; reflexivity.
  Qed.

  (** Wrong locks, by two CPUs and words of one bit. *)
  Definition lists_of (ch : choice I) : instruction_lists I :=
    mkLists [] [a_ticket ch] [a_poll ch] [a_load ch] [a_store ch] [a_read ch] [a_write ch].
  Section Refuted.
    Context (ch : choice I).
    Definition wrong_check programs runs (sources : list (id * id)) chains : bool :=
      machine_check (N := 2) (lists_of ch) 1 runs (chosen ch runs) (lift_sources (chosen ch runs) sources)
        (lift_chains (chosen ch runs) chains) (goes_through programs).
    Lemma lock_wrong programs runs sources chains : keep_contract sample (goes_through programs) ->
      wrong_check programs runs sources chains = true ->
      ~ keeps (contracted runs (lift_sources (chosen ch runs) sources) (lift_chains (chosen ch runs) chains)) ->
      ~ lock_right axioms (lists_of ch) 2 1.
    Proof.
      intros Contract Check Not Holds.
      destruct (machine_checked _ _ _ _ _ _ _ Check) as (Well & Is & Made & Con & seen & last & Runs).
      exact (Not (Holds _ Contract _ _ seen last Well Is Made Con Runs)).
    Qed.
    (** CPU 1 takes the second ticket 0 and reads the first [now]: both are inside. *)
    Lemma old_inside : wrong_check old_programs old_runs old_sources old_chains = true ->
      ~ lock_right axioms (lists_of ch) 2 1.
    Proof.
      intros Check; apply (lock_wrong old_programs old_runs old_sources old_chains); [contract|exact Check|].
      apply (both_inside _ A (0, 5)%nat (1, 1)%nat); [split; [reflexivity|eexists;
        reflexivity]..|discriminate|reflexivity|reflexivity].
    Qed.
    (** Both take ticket 0. *)
    Lemma same_ticket : wrong_check [[take lock_a]; [take lock_a]]
        [[Lock A (Took 0); Lock A (Polled 0)]; [Lock A (Took 0); Lock A (Polled 0)]] [] [[(0, 0); (1, 0)]]%nat = true ->
      ~ lock_right axioms (lists_of ch) 2 1.
    Proof.
      intros Check; eapply lock_wrong; [|exact Check|]; [contract|].
      apply (both_inside _ A (0, 1)%nat (1, 1)%nat); [split; [reflexivity|eexists;
        reflexivity]..|discriminate|reflexivity|reflexivity].
    Qed.
    Lemma stale_read : wrong_check race_programs race_runs race_sources race_chains = true ->
      ~ lock_right axioms (lists_of ch) 2 1.
    Proof.
      intros Check; apply (lock_wrong race_programs race_runs race_sources race_chains); [contract|exact Check|].
      apply race_stale; [intros c|..]; reflexivity.
    Qed.
    Lemma early_read : wrong_check early_programs early_runs early_sources early_chains = true ->
      ~ lock_right axioms (lists_of ch) 2 1.
    Proof.
      intros Check; apply (lock_wrong early_programs early_runs early_sources early_chains); [contract|exact Check|].
      apply read_early; [intros c|..]; reflexivity.
    Qed.
  End Refuted.
End Machine.
