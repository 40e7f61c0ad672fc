(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What a lock is for, said of the actions alone

    The cases of the four models refute these statements, or have examples of them.  They know no
    happens-before, so they are the same of every model: two are not inside ([keeps_apart]); who
    sees the lock words that a writer left sees what it wrote ([reads_last]), and nobody reads what is
    written in a later section ([reads_no_later]).  All are true of relaxed executions with the
    orders that ship ([relaxed_keeps]).  Read next: armv8_cases.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec contract sample.
From hlock.stack Require Import stack setting examples.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.relaxed Require Import model turns reading sections finite.
From hlock.machine.cases Require Import examples wrong relaxed_cases.
From hlock.machine.hardware Require Import events cat given.
Import ListNotations.
Local Open Scope Z_scope.

(** Of two that enter one lock, one leaves it. *)
Definition keeps_apart {S : system} (g : graph S) : Prop :=
  forall l x y, enters_at g l x -> enters_at g l y -> x <> y -> exists s, leaves_at g l x s \/ leaves_at g l y s.
(** A read that comes after a write, in program order and by what the lock words were seen to hold, does not
    read what was there before it. *)
Definition reads_last {S : system} (g : graph S) : Prop :=
  forall l k r w, loads_at g r (Object l k) -> stores_at g w (Object l k) -> causes g w r -> ~ model.fr g r w.

(** Nor does a read that comes before a write read it. *)
Definition reads_no_later {S : system} (g : graph S) : Prop :=
  forall l k r w, loads_at g r (Object l k) -> stores_at g w (Object l k) -> causes g r w -> ~ reads_from g w r.
Definition keeps {S : system} (g : graph S) : Prop := keeps_apart g /\ reads_last g /\ reads_no_later g.

Theorem relaxed_keeps N w : 1 <= w <= 32 -> Z.of_nat N <= modulus w ->
  forall clients : cpu -> client (of_cpus N), keep_contract sample clients ->
  forall g seen last, relaxed_execution shipped_orders right w clients g seen last -> keeps g.
Proof.
  intros Width Fits clients Contract g seen last Relaxed; destruct (shipped_apart N w Width Fits) as (Apart & Races).
  pose proof (consistent _ _ _ _ _ _ _ Relaxed) as Consistent; split; [|split].
  - intros l x y X Y Other.
    destruct (Apart clients Contract g seen last Relaxed l x y X Y Other) as [(s & Is & _)|(s & Is & _)]; eauto.
  - intros l k r v Ld St Causes Fr; pose proof (proj1 Fr) as Other.
    destruct (Races clients Contract g seen last Relaxed l k r v Other (or_introl Ld) (or_intror St)) as [Hb|Hb].
    + apply (no_thin_air _ _ _ Consistent r), (causes_trans _ r v r); [|exact Causes].
      exact (reading.hb_causes (of_cpus N) g r v Hb).
    + apply (coherence _ _ _ Consistent v r Hb); now apply eco_fr.
  - intros l k r v Ld St Causes Rf; assert (Other : r <> v).
    { intros <-; exact (no_thin_air _ _ _ Consistent r Causes). }
    destruct (Races clients Contract g seen last Relaxed l k r v Other (or_introl Ld) (or_intror St)) as [Hb|Hb].
    + apply (coherence _ _ _ Consistent r v Hb); now apply eco_rf.
    + apply (no_thin_air _ _ _ Consistent r), (causes_trans _ r v r); [exact Causes|].
      exact (reading.hb_causes (of_cpus N) g v r Hb).
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
  Lemma run_does c n : does g (c, n) = nth_error (nth c runs []) n.
  Proof. unfold does; now rewrite Run. Qed.
  (** All that CPU 0 did before its store comes before all that CPU 1 does after its poll. *)
  Lemma passed_causes n k : (n < 4)%nat -> (1 < k)%nat -> nth_error (nth 0 runs []) 4 <> None ->
    nth_error (nth 1 runs []) k <> None ->
    causes g (0, n)%nat (1, k)%nat.
  Proof.
    assert (Sb : forall c n k, (n < k)%nat -> nth_error (nth c runs []) k <> None -> causes g (c, n) (c, k)).
    { intros c i j Less Here; apply causes_sb; split; [reflexivity|split; [exact Less|now rewrite run_does]]. }
    intros Before After Stores Here; apply (causes_trans _ _ (0, 4)%nat); [now apply Sb|].
    apply (causes_trans _ _ (1, 1)%nat); [|now apply Sb].
    apply causes_rf; [split; [|exact Poll]; exists (Now l)|]; exists (Lock l (Polled v)); rewrite run_does; auto;
      split; [exact Polls|exact Logic.I].
  Qed.
End Passed.

(** CPU 0 writes 5, and CPU 1 reads what was there at first. *)
Lemma race_stale (g : graph (of_cpus 2)) : (forall c, model.run g c = nth c race_runs []) ->
  model.rf g (1, 1)%nat = Some (0, 4)%nat -> model.rf g (1, 2)%nat = None -> ~ keeps g.
Proof.
  intros Run Poll Old (_ & Last & _); apply (Last A 0 (1, 2)%nat (0, 2)%nat).
  - eexists; rewrite (run_does g race_runs Run); split; reflexivity.
  - eexists; rewrite (run_does g race_runs Run); split; reflexivity.
  - apply (passed_causes g race_runs Run Poll A 1 eq_refl); [lia|lia|discriminate|discriminate].
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
  - apply (passed_causes g early_runs Run Poll A 1 eq_refl); [lia|lia|discriminate|discriminate].
  - split; [|exact Early]; exists (Object A 0); eexists; rewrite (run_does g early_runs Run); split; reflexivity.
Qed.
