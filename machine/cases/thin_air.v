(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Values out of thin air

    Two clients, each of which reads an object under its lock, and writes the other's object, whose lock
    it does not hold, if it was told another number than 0.  On the atomic machine nobody is ever told
    another: they never break the contract ([dreaming_never]).  Of a consistent graph each
    can read the 1 that the other writes because it has read a 1 ([dreaming_breaks]): C11 and
    x86 forbid that, and so do Armv8 and RISC-V of what depends on what was read; the abstract
    model does not.  So good clients of the second kind need that nothing comes out of
    thin air ([good_clients]).  An instance in which nothing does: [trusting_relaxed]. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract sample examples.
From hlock.stack Require Import stack examples.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import no_breach.
From hlock.machine.relaxed Require Import model turns embedding sections finite careful.
From hlock.machine.cases Require Import examples wrong relaxed_cases.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

(** ** Clients that could break the contract, and do not, but out of thin air *)
Definition own_lock (c : cpu) : family * Z := match c with O => lock_a | _ => lock_b end.
Definition other_lock (c : cpu) : family * Z := match c with O => lock_b | _ => lock_a end.

Definition dreaming : cpu -> client two := fun c history =>
  nth_error [take (N := 2) (own_lock c); get (own_lock c);
             if last_told history =? 0 then pass (own_lock c) else put (other_lock c) 1] (length history).
(** The same, whatever they are told. *)
Definition awake : cpu -> client two := fun c history =>
  nth_error [take (N := 2) (own_lock c); get (own_lock c); pass (own_lock c)] (length history).

Theorem dreaming_never : never_breaches dreaming sample.
Proof.
  apply (told_zero_never dreaming awake).
  - intros c history Zero; unfold dreaming; now rewrite Zero.
  - intros c history f i k v; do 3 (destruct history as [|? history]; [discriminate|]); now destruct history.
  - apply contract_suffices; split.
    + intros c history o Next; apply nth_error_In in Next; revert o Next; apply Forall_forall.
      destruct c; repeat apply Forall_cons; try apply Forall_nil; cbn; unfold sample; cbn [List.In]; auto 10.
    + intros c n; destruct c; (do 3 (destruct n as [|n]; [exact I|split; [reflexivity|intros ?; cbn [ends]]]));
        now destruct n.
Qed.

Definition dreaming_runs : list (list (action two words_verb)) :=
  [[Lock A (Took 0); Lock A (Polled 0); Read A 0 (value (N := 2) A 1); Wrote B 0 (value (N := 2) B 1)];
   [Lock B (Took 0); Lock B (Polled 0); Read B 0 (value (N := 2) B 1); Wrote A 0 (value (N := 2) A 1)]].
Definition dreaming_sources : list (id * id) := [((1, 3), (0, 2)); ((0, 3), (1, 2))]%nat.
Definition dreaming_chains : list (list id) := [[(0, 0)]; [(1, 0)]; [(0, 3)]; [(1, 3)]]%nat.

(** No data race: false of clients that never break the contract on the atomic machine, if values may
    come out of thin air. *)
Theorem dreaming_breaks : exists g seen last, relaxed_execution shipped_orders sample_text 1 dreaming g seen last /\
  ~ nothing_from_thin_air g /\ exists x y, x <> y /\ accesses_at g A 0 x /\ accesses_at g A 0 y /\
    ~ hb shipped_orders g x y /\ ~ hb shipped_orders g y x.
Proof.
  exists (given dreaming_runs dreaming_sources dreaming_chains); do 2 eexists; split; [|split].
  - apply (given_relaxed sample_text 1 shipped_orders dreaming dreaming_runs dreaming_sources dreaming_chains).
    vm_compute; reflexivity.
  - intros Air; apply (Air (0, 2)%nat), feeds_trans with (0, 3)%nat.
    + apply feeds_sb, sb_step_iff; reflexivity.
    + apply feeds_trans with (1, 2)%nat; [apply feeds_rf, rf_step_iff; reflexivity|].
      apply feeds_trans with (1, 3)%nat; [apply feeds_sb, sb_step_iff; reflexivity|apply feeds_rf, rf_step_iff;
        reflexivity].
  - exists (0, 2)%nat, (1, 3)%nat; split; [discriminate|split; [left; eexists; split; reflexivity|]].
    split; [right; eexists; split; reflexivity|].
    split; apply (not_before (N := 2) shipped_orders 1 dreaming_runs dreaming_sources dreaming_chains);
      vm_compute; reflexivity.
Qed.

(** ** The clients whose text does not keep the contract *)
Definition zero3 : Obj two pt3 := 0.
Definition trusting_runs : list (list (action two words_verb)) :=
  [[Lock pt3 (Took 0); Lock pt3 (Polled 0); Read pt3 0 zero3; Lock pt3 (Loaded 0); Lock pt3 (Stored 1)];
   [Lock pt3 (Took 1); Lock pt3 (Polled 0); Lock pt3 (Polled 1); Read pt3 0 zero3; Lock pt3 (Loaded 1);
     Lock pt3 (Stored 0)]].
Definition trusting_sources : list (id * id) := [((0, 0), (1, 0)); ((0, 4), (1, 2)); ((0, 4), (1, 4))]%nat.
Definition trusting_chains : list (list id) := [[(0, 0); (1, 0)]; [(0, 4); (1, 5)]]%nat.

(** They contend, CPU 1 polls in vain, and nothing comes out of thin air: they are good. *)
Example trusting_relaxed : ~ keep_contract sample trusting /\
  exists g seen last, relaxed_execution shipped_orders sample_text 1 trusting g seen last /\
    good_clients sample trusting g /\ kept g (1, 1)%nat = false.
Proof.
  split; [exact trusting_text|].
  assert (All : check shipped_orders 1 trusting_runs trusting_sources trusting_chains &&
    all_performed sample_text 1 trusting trusting_runs = true) by (vm_compute; reflexivity).
  exists (given trusting_runs trusting_sources trusting_chains); do 2 eexists; split;
    [exact (given_relaxed _ _ _ _ _ _ _ All)|].
  apply andb_prop in All as (Check & _); split; [right; split; [exact trusting_never|]|vm_compute; reflexivity].
  apply (check_air_sound shipped_orders 1 _ _ _ Check); vm_compute; reflexivity.
Qed.
