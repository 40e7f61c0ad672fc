(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Relaxed executions: some that are, and wrong locks

    The theorems on relaxed memory speak of something: two clients that contend for one
    lock, one of which polls in vain ([contended_relaxed]); and an execution that is
    relaxed and not sequentially consistent, in the polls in vain alone
    ([stale_polls], [stale_polls_of_four]): the lock is no full barrier.

    Each of the orders is needed: if the ticket does not acquire, or not release, or is not one
    step, two CPUs are inside; if the poll does not acquire or the store not release, an
    object is raced for, and a holder reads what was there before the last one wrote; and one
    CPU too many is inside with another.  Each by a graph that is consistent and whose CPUs
    run the exported C. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec contract sample examples.
From hlock.layers.table Require Import table.
From hlock.stack Require Import stack setting examples.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.relaxed Require Import model turns reading lock_words embedding sections finite.
From hlock.machine.cases Require Import examples wrong.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

Section Given.
  Context {N : nat} (o : orders) (w : Z).
  Local Notation S := (of_cpus N).
  Context (runs : list (list (action S words_verb))) (sources : list (id * id)) (chains : list (list id)).
  Context (Check : check o w runs sources chains = true).
  Local Notation g := (given runs sources chains).

  (** What does not happen before is read off the table. *)
  Lemma not_before x y :
    related (closure (given_ids runs sources chains) (hb_step o runs sources chains)) x y = false -> ~ hb o g x y.
  Proof. intros Not Hb; destruct (check_sound o w runs sources chains Check) as (_ & _ & Table); rewrite Table in Not; congruence. Qed.
  (** Who does nothing more does not leave. *)
  Lemma last_of_all l x s :
    forallb (fun y => negb (sb_step runs sources chains x y)) (given_ids runs sources chains) = true -> ~ leaves_at g l x s.
  Proof.
    intros None_ (Sb & _); rewrite forallb_forall in None_; destruct (check_sound o w runs sources chains Check) as (_ & Few & _).
    assert (Mem : List.In s (given_ids runs sources chains)) by (apply all_ids_in; [exact Few|apply Sb]).
    specialize (None_ s Mem); apply sb_step_iff in Sb; rewrite Sb in None_; discriminate.
  Qed.
End Given.

(** ** Clients that contend, on the exported C *)

Definition nine (v : Z) : Obj two pt3 := v.
Definition contended_runs : list (list (action two words_verb)) :=
  [[Lock pt3 (Took 0); Lock pt3 (Polled 0); Read pt3 0 (nine 0); Wrote pt3 0 (nine 1); Read pt3 1 (nine 0);
    Wrote pt3 1 (nine 2); Lock pt3 (Loaded 0); Lock pt3 (Stored 1)];
   [Lock pt3 (Took 1); Lock pt3 (Polled 0); Lock pt3 (Polled 1); Read pt3 0 (nine 1); Wrote pt3 0 (nine 2); Read pt3 1 (nine 2);
    Wrote pt3 1 (nine 4); Lock pt3 (Loaded 1); Lock pt3 (Stored 0)]].
Definition contended_sources : list (id * id) :=
  [((0, 0), (1, 0)); ((0, 7), (1, 2)); ((0, 3), (1, 3)); ((0, 5), (1, 5)); ((0, 7), (1, 7))]%nat.
Definition contended_chains : list (list id) :=
  [[(0, 0); (1, 0)]; [(0, 7); (1, 8)]; [(0, 3); (1, 4)]; [(0, 5); (1, 6)]]%nat.

(** CPU 1 polls while CPU 0 is inside, in vain; then it enters and reads what CPU 0 left. *)
Example contended_relaxed : exists g seen last, relaxed_execution shipped_orders right 1 both g seen last /\
  does g (1, 1)%nat = Some (Lock pt3 (Polled 0)) /\ kept g (1, 1)%nat = false /\
  enters_at g pt3 (0, 1)%nat /\ enters_at g pt3 (1, 2)%nat /\ does g (1, 3)%nat = Some (Read pt3 0 (nine 1)).
Proof.
  eexists _, _, _; split; [apply (given_relaxed right 1 shipped_orders both contended_runs contended_sources contended_chains)|].
  - vm_compute; reflexivity.
  - unfold enters_at; repeat split; try (vm_compute; reflexivity); eexists; reflexivity.
Qed.

(** ** Not sequentially consistent *)

(** Store buffering: each CPU passes one lock on, and then polls the other, in vain, and reads what was
    there before the other CPU passed it on.  No order of all actions has program order and
    lets each poll read the last store. *)
Definition lock_a : family * Z := (core_family, 0).
Definition A : Z := 0.
Definition take {N} (fi : family * Z) : op (of_cpus N) := Op_acquire (fst fi) (snd fi).
Definition pass {N} (fi : family * Z) : op (of_cpus N) := Op_release (fst fi) (snd fi).
Definition lock_b : family * Z := (pt_family, 3).
Definition B : Z := pt3.

Definition stale_clients : cpu -> client (of_cpus 2) :=
  goes_through [[take lock_a; pass lock_a; take lock_b]; [take lock_b; pass lock_b; take lock_a]].
Definition stale_runs : list (list (action (of_cpus 2) words_verb)) :=
  [[Lock A (Took 0); Lock A (Polled 0); Lock A (Loaded 0); Lock A (Stored 1); Lock B (Took 1); Lock B (Polled 0)];
   [Lock B (Took 0); Lock B (Polled 0); Lock B (Loaded 0); Lock B (Stored 1); Lock A (Took 1); Lock A (Polled 0)]].
Definition stale_sources : list (id * id) := [((0, 0), (1, 4)); ((1, 0), (0, 4))]%nat.
Definition stale_chains : list (list id) := [[(0, 0); (1, 4)]; [(1, 0); (0, 4)]; [(0, 3)]; [(1, 3)]]%nat.

Lemma listed_contract N (programs : list (list (op (of_cpus N)))) :
  forallb (fun ops => list_keeps ops []) programs = true ->
  (forall ops, List.In ops programs -> Forall (of_table sample) ops) -> keep_contract sample (goes_through programs).
Proof. intros Keep Of; split; [exact (programs_table programs Of)|exact (programs_contract programs Keep)]. Qed.
Ltac contract := apply listed_contract; [reflexivity|]; intros ops Mem; cbn in Mem;
  repeat (destruct Mem as [<-|Mem]; [repeat constructor; cbn; unfold sample; cbn; tauto|]); contradiction.

(** Each of a list of edges is computed. *)
Ltac edge := first [apply rf_step_iff | apply sb_step_iff | apply fr_step_iff | idtac]; vm_compute; reflexivity.
Ltac edges := repeat (split; [edge|]); edge.

Example stale_polls : keep_contract sample stale_clients /\
  exists g seen last, relaxed_execution shipped_orders right 1 stale_clients g seen last /\
  exists a b c d, sb g a b /\ fr g b c /\ sb g c d /\ fr g d a /\ kept g b = false /\ kept g d = false.
Proof.
  split; [contract|]; exists (given stale_runs stale_sources stale_chains); eexists _, _; split.
  - apply (given_relaxed right 1 shipped_orders stale_clients stale_runs stale_sources stale_chains); vm_compute; reflexivity.
  - exists (0, 3)%nat, (0, 5)%nat, (1, 3)%nat, (1, 5)%nat.
    edges.
Qed.

(** Independent reads of independent writes: CPUs 0 and 1 pass a lock on; CPU 2 sees it of the first lock and not
    of the second, CPU 3 the other way round.  The two see the releases in different orders. *)
Definition four_clients : cpu -> client (of_cpus 4) :=
  goes_through [[take lock_a; pass lock_a]; [take lock_b; pass lock_b]; [take lock_a; take lock_b]; [take lock_b; take lock_a]].
Definition four_runs : list (list (action (of_cpus 4) words_verb)) :=
  [[Lock A (Took 0); Lock A (Polled 0); Lock A (Loaded 0); Lock A (Stored 1)];
   [Lock B (Took 0); Lock B (Polled 0); Lock B (Loaded 0); Lock B (Stored 1)];
   [Lock A (Took 1); Lock A (Polled 1); Lock B (Took 2); Lock B (Polled 0)];
   [Lock B (Took 1); Lock B (Polled 1); Lock A (Took 2); Lock A (Polled 0)]].
Definition four_sources : list (id * id) :=
  [((0, 0), (2, 0)); ((0, 3), (2, 1)); ((3, 0), (2, 2)); ((1, 0), (3, 0)); ((1, 3), (3, 1)); ((2, 0), (3, 2))]%nat.
Definition four_chains : list (list id) :=
  [[(0, 0); (2, 0); (3, 2)]; [(1, 0); (3, 0); (2, 2)]; [(0, 3)]; [(1, 3)]]%nat.

Example stale_polls_of_four : keep_contract sample four_clients /\
  exists g seen last, relaxed_execution shipped_orders right 2 four_clients g seen last /\
  exists a b c d e f, reads_from g a b /\ sb g b c /\ fr g c d /\ reads_from g d e /\ sb g e f /\ fr g f a /\
    kept g c = false /\ kept g f = false.
Proof.
  split; [contract|]; exists (given four_runs four_sources four_chains); eexists _, _; split.
  - apply (given_relaxed right 2 shipped_orders four_clients four_runs four_sources four_chains); vm_compute; reflexivity.
  - exists (0, 3)%nat, (2, 1)%nat, (2, 3)%nat, (1, 3)%nat, (3, 1)%nat, (3, 3)%nat.
    edges.
Qed.

(** ** The statements of main/relaxed.v, for this table, with orders and numbers left open *)

Definition sections_are_apart (N : nat) (o : orders) (w : Z) : Prop :=
  forall clients : cpu -> client (of_cpus N), keep_contract sample clients ->
  forall g seen last, relaxed_execution o right w clients g seen last ->
  forall l x y, enters_at g l x -> enters_at g l y -> x <> y ->
  (exists s, leaves_at g l x s /\ hb o g s y) \/ (exists s, leaves_at g l y s /\ hb o g s x).
Definition races_for_nothing (N : nat) (o : orders) (w : Z) : Prop :=
  forall clients : cpu -> client (of_cpus N), keep_contract sample clients ->
  forall g seen last, relaxed_execution o right w clients g seen last ->
  forall l k x y, x <> y -> accesses_at g l k x -> accesses_at g l k y -> hb o g x y \/ hb o g y x.

(** True of those that ship. *)
Theorem shipped_apart N w : 1 <= w <= 32 -> Z.of_nat N <= modulus w ->
  sections_are_apart N shipped_orders w /\ races_for_nothing N shipped_orders w.
Proof.
  intros Width Fits.
  assert (Here : forall clients : cpu -> client (of_cpus N), keep_contract sample clients -> forall g seen last,
    relaxed_execution shipped_orders right w clients g seen last -> forall c, in_turns (of_cpus N) w c (rev (model.run g c))).
  { intros clients Contract g seen last Relaxed.
    exact (all_in_turn (G := mkRunning (mkSetting String.EmptyString sample sample_accepted N numbers w Width Fits) clients)
             Contract g seen last Relaxed). }
  split; intros clients Contract g seen last Relaxed.
  - exact (sections_apart (of_cpus N) w Width Fits g (consistent _ _ _ _ _ _ _ Relaxed) (Here _ Contract _ _ _ Relaxed)
             (no_others _ _ _ _ _ _ _ Relaxed)).
  - exact (accesses_ordered (of_cpus N) w Width Fits g (consistent _ _ _ _ _ _ _ Relaxed) (Here _ Contract _ _ _ Relaxed)
             (no_others _ _ _ _ _ _ _ Relaxed)).
Qed.

(** ** Two inside *)
Lemma two_inside N (o : orders) w programs runs sources chains x y :
  keep_contract sample (goes_through programs) ->
  check (S := of_cpus N) o w runs sources chains && all_performed right w (goes_through programs) runs = true ->
  let g := given runs sources chains in
  enters_at g A x -> enters_at g A y -> x <> y ->
  forallb (fun z => forallb (fun y => negb (sb_step runs sources chains z y)) (given_ids runs sources chains)) [x; y] = true ->
  ~ sections_are_apart N o w.
Proof.
  intros Contract All g X Y Apart Last Holds; pose proof All as Check; apply andb_prop in Check as (Check & _).
  cbn [forallb] in Last; apply andb_prop in Last as (Last_x & Last); apply andb_prop in Last as (Last_y & _).
  destruct (Holds _ Contract g _ _ (given_relaxed right w o _ runs sources chains All) A x y X Y Apart) as [(s & Is & _)|(s & Is & _)].
  - exact (last_of_all o w runs sources chains Check A x s Last_x Is).
  - exact (last_of_all o w runs sources chains Check A y s Last_y Is).
Qed.
Ltac inside := [> contract | vm_compute; reflexivity | split; [reflexivity|eexists; reflexivity]
  | split; [reflexivity|eexists; reflexivity] | discriminate | vm_compute; reflexivity].

(** With words of one bit: CPU 0 is inside with its second ticket, 1; CPU 1 takes the next, 0, and its
    poll returns the 0 that was there at first. *)
Definition old_programs : list (list (op (of_cpus 2))) :=
  [[take lock_a; pass lock_a; take lock_a]; [take lock_a]].
Definition old_runs : list (list (action (of_cpus 2) words_verb)) :=
  [[Lock A (Took 0); Lock A (Polled 0); Lock A (Loaded 0); Lock A (Stored 1); Lock A (Took 1); Lock A (Polled 1)];
   [Lock A (Took 0); Lock A (Polled 0)]].
Definition old_sources : list (id * id) := [((0, 0), (0, 4)); ((0, 3), (0, 5)); ((0, 4), (1, 0))]%nat.
Definition old_chains : list (list id) := [[(0, 0); (0, 4); (1, 0)]; [(0, 3)]]%nat.

(** A ticket that does not acquire. *)
Theorem ticket_must_acquire : ~ sections_are_apart 2 (mkOrders false true true true true) 1.
Proof.
  apply (two_inside 2 _ 1 old_programs old_runs old_sources old_chains (0, 5)%nat (1, 1)%nat). all: inside.
Qed.
(** A ticket that does not release. *)
Theorem ticket_must_release : ~ sections_are_apart 2 (mkOrders true false true true true) 1.
Proof.
  apply (two_inside 2 _ 1 old_programs old_runs old_sources old_chains (0, 5)%nat (1, 1)%nat). all: inside.
Qed.

(** A ticket that is a load and a store: both take the same. *)
Theorem ticket_must_be_one : ~ sections_are_apart 2 (mkOrders true true true true false) 1.
Proof.
  apply (two_inside 2 _ 1 [[take lock_a]; [take lock_a]]
    [[Lock A (Took 0); Lock A (Polled 0)]; [Lock A (Took 0); Lock A (Polled 0)]] [] [[(0, 0); (1, 0)]]%nat (0, 1)%nat (1, 1)%nat).
  all: inside.
Qed.

(** One CPU too many for words of one bit. *)
Theorem not_too_many : ~ sections_are_apart 3 shipped_orders 1.
Proof.
  apply (two_inside 3 _ 1 [[take lock_a]; [take lock_a]; [take lock_a]]
    [[Lock A (Took 0); Lock A (Polled 0)]; [Lock A (Took 1)]; [Lock A (Took 0); Lock A (Polled 0)]]
    [((0, 0), (1, 0)); ((1, 0), (2, 0))]%nat [[(0, 0); (1, 0); (2, 0)]]%nat (0, 1)%nat (2, 1)%nat).
  all: inside.
Qed.

(** ** A race *)

(** CPU 0 writes 5; CPU 1 enters after it and reads what was there at first. *)
Definition zero : Obj (of_cpus 2) A := 0.
Definition five : Obj (of_cpus 2) A := 5.
Definition race_programs : list (list (op (of_cpus 2))) :=
  [[take lock_a; Op_write core_family 0 0 five; pass lock_a]; [take lock_a; Op_read core_family 0 0]].
Definition race_runs : list (list (action (of_cpus 2) words_verb)) :=
  [[Lock A (Took 0); Lock A (Polled 0); Wrote A 0 five; Lock A (Loaded 0); Lock A (Stored 1)];
   [Lock A (Took 1); Lock A (Polled 1); Read A 0 zero]].
Definition race_sources : list (id * id) := [((0, 0), (1, 0)); ((0, 4), (1, 1))]%nat.
Definition race_chains : list (list id) := [[(0, 0); (1, 0)]; [(0, 4)]; [(0, 2)]]%nat.

Lemma a_race o :
  check o 1 race_runs race_sources race_chains && all_performed right 1 (goes_through race_programs) race_runs = true ->
  (let t := closure (given_ids race_runs race_sources race_chains) (hb_step o race_runs race_sources race_chains) in
   related t (0, 2)%nat (1, 2)%nat || related t (1, 2)%nat (0, 2)%nat) = false ->
  ~ races_for_nothing 2 o 1.
Proof.
  intros All Not Holds; pose proof All as Check; apply andb_prop in Check as (Check & _); apply orb_false_iff in Not as (Not & Not').
  assert (Contract : keep_contract sample (goes_through race_programs)) by contract.
  destruct (Holds _ Contract _ _ _ (given_relaxed right 1 o _ race_runs race_sources race_chains All) A 0 (0, 2)%nat (1, 2)%nat)
    as [Hb|Hb].
  - discriminate.
  - right; eexists; split; reflexivity.
  - left; eexists; split; reflexivity.
  - exact (not_before o 1 race_runs race_sources race_chains Check _ _ Not Hb).
  - exact (not_before o 1 race_runs race_sources race_chains Check _ _ Not' Hb).
Qed.

(** A poll that does not acquire; a store that does not release. *)
Theorem poll_must_acquire : ~ races_for_nothing 2 (mkOrders true true false true true) 1.
Proof. apply a_race; vm_compute; reflexivity. Qed.
Theorem store_must_release : ~ races_for_nothing 2 (mkOrders true true true false true) 1.
Proof. apply a_race; vm_compute; reflexivity. Qed.
