(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Relaxed executions of the exported C

    The theorems on relaxed memory speak of something: two clients that contend for one
    lock, one of which polls in vain ([contended_relaxed]).  Some are relaxed and not
    sequentially consistent: if clients keep the contract, in the polls in vain alone
    ([stale_polls], [stale_polls_of_four]); and what a client reads without a lock a lock
    does not order, which it takes and passes on between: it is no full barrier
    ([store_buffering], [independent_reads]).  Wrong orders of the lock words, wrong numbers of CPUs
    and wrong clients: relaxed_wrong.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec contract sample examples.
From hlock.layers.table Require Import table.
From hlock.stack Require Import stack setting examples.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.relaxed Require Import model turns reading lock_words embedding sections finite consistent.
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
  Proof.
    intros Not Hb; destruct (check_sound o w runs sources chains Check) as (_ & _ & Table).
    rewrite (Table x y Hb) in Not; discriminate.
  Qed.
  (** A way that goes round. *)
  Definition edge_step (x y : id) : bool := sb_step runs sources chains x y || eco_step runs sources chains x y.
  Fixpoint goes_to (x : id) (xs : list id) (y : id) : bool :=
    match xs with [] => edge_step x y | z :: xs => edge_step x z && goes_to z xs y end.
  Lemma round_refutes x xs : goes_to x xs x = true -> ~ sequentially_consistent g.
  Proof.
    intros Round; apply (not_round g x xs); revert Round; generalize x at 1 3 as y; intros y; revert y.
    assert (Step : forall y z, edge_step y z = true -> edge g y z).
    { intros y z; unfold edge_step, eco_step, edge; rewrite !orb_true_iff.
      rewrite (sb_step_iff runs sources chains), (rf_step_iff runs sources chains), (fr_step_iff runs sources chains).
      cbn [co given]; tauto. }
    induction xs as [|z xs IH]; intros y; cbn; [apply Step|rewrite andb_true_iff; intros (Edge & Rest); auto].
  Qed.
End Given.

(** ** Clients that contend, on the exported C *)

Definition nine (v : Z) : Obj two pt3 := v.
Definition contended_runs : list (list (action two words_verb)) :=
  [[Lock pt3 (Took 0); Lock pt3 (Polled 0); Read pt3 0 (nine 0); Wrote pt3 0 (nine 1); Read pt3 1 (nine 0);
    Wrote pt3 1 (nine 2); Lock pt3 (Loaded 0); Lock pt3 (Stored 1)];
   [Lock pt3 (Took 1); Lock pt3 (Polled 0); Lock pt3 (Polled 1); Read pt3 0 (nine 1); Wrote pt3 0 (nine 2);
     Read pt3 1 (nine 2);
    Wrote pt3 1 (nine 4); Lock pt3 (Loaded 1); Lock pt3 (Stored 0)]].
Definition contended_sources : list (id * id) :=
  [((0, 0), (1, 0)); ((0, 7), (1, 2)); ((0, 3), (1, 3)); ((0, 5), (1, 5)); ((0, 7), (1, 7))]%nat.
Definition contended_chains : list (list id) :=
  [[(0, 0); (1, 0)]; [(0, 7); (1, 8)]; [(0, 3); (1, 4)]; [(0, 5); (1, 6)]]%nat.

(** CPU 1 polls while CPU 0 is inside, in vain; then it enters and reads what CPU 0 left. *)
Example contended_relaxed : exists g seen last, relaxed_execution shipped_orders sample_text 1 both g seen last /\
  does g (1, 1)%nat = Some (Lock pt3 (Polled 0)) /\ kept g (1, 1)%nat = false /\
  enters_at g pt3 (0, 1)%nat /\ enters_at g pt3 (1, 2)%nat /\ does g (1, 3)%nat = Some (Read pt3 0 (nine 1)).
Proof.
  eexists _, _, _; split.
  - apply (given_relaxed sample_text 1 shipped_orders both contended_runs contended_sources contended_chains).
    vm_compute; reflexivity.
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

(** The one relaxed execution that is written down. *)
Ltac this clients runs sources chains := exists (given runs sources chains); do 2 eexists; split;
  [apply (given_relaxed sample_text _ shipped_orders clients runs sources chains); vm_compute; reflexivity|].

Example stale_polls : keep_contract sample stale_clients /\
  exists g seen last, relaxed_execution shipped_orders sample_text 1 stale_clients g seen last /\
    ~ sequentially_consistent g /\
    kept g (0, 5)%nat = false /\ kept g (1, 5)%nat = false.
Proof.
  split; [contract|]; this stale_clients stale_runs stale_sources stale_chains; split; [|split; vm_compute;
    reflexivity].
  apply (round_refutes stale_runs stale_sources stale_chains (0, 3)%nat [(0, 5); (1, 3); (1, 5)]%nat).
  vm_compute; reflexivity.
Qed.

(** Independent reads of independent writes: CPUs 0 and 1 pass a lock on; CPU 2 sees it of the first lock and not
    of the second, CPU 3 the other way round.  The two see the releases in different orders. *)
Definition four_clients : cpu -> client (of_cpus 4) :=
  goes_through [[take lock_a; pass lock_a]; [take lock_b; pass lock_b];
    [take lock_a; take lock_b]; [take lock_b; take lock_a]].
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
  exists g seen last, relaxed_execution shipped_orders sample_text 2 four_clients g seen last /\
    ~ sequentially_consistent g /\
    kept g (2, 3)%nat = false /\ kept g (3, 3)%nat = false.
Proof.
  split; [contract|]; this four_clients four_runs four_sources four_chains; split; [|split; vm_compute; reflexivity].
  apply (round_refutes four_runs four_sources four_chains (0, 3)%nat [(2, 1); (2, 3); (1, 3); (3, 1); (3, 3)]%nat).
  vm_compute; reflexivity.
Qed.

(** ** What the lock does not give *)

(** Clients that touch objects whose locks they do not hold.  X and Y are the objects of two locks that nobody
    takes. *)
Definition object_x : family * Z := (vm_family, 0).
Definition object_y : family * Z := (vm_family, 1).
Definition X : Z := lock_id (fst object_x) (snd object_x).
Definition Y : Z := lock_id (fst object_y) (snd object_y).
Definition value {N} (l v : Z) : Obj (of_cpus N) l :=
  match owner_name sample l as n return lock_obj numbers n with Some _ => v | None => tt end.
Definition get {N} (fi : family * Z) : op (of_cpus N) := Op_read (fst fi) (snd fi) 0.
Definition put {N} (fi : family * Z) (v : Z) : op (of_cpus N) :=
  Op_write (fst fi) (snd fi) 0 (value (lock_id (fst fi) (snd fi)) v).
(** What a CPU does that takes and passes a lock that nobody else takes. *)
Definition section {N} (l : Z) : list (action (of_cpus N) words_verb) :=
  [Lock l (Took 0); Lock l (Polled 0); Lock l (Loaded 0); Lock l (Stored 1)].

(** Store buffering: each CPU writes, takes and passes a lock, and reads what the other writes: both read
    what was there at first. *)
Definition buffering_clients : cpu -> client (of_cpus 2) :=
  goes_through [[put object_x 1; take lock_a; pass lock_a; get object_y];
    [put object_y 1; take lock_b; pass lock_b; get object_x]].
Definition buffering_runs : list (list (action (of_cpus 2) words_verb)) :=
  [Wrote X 0 (value X 1) :: section A ++ [Read Y 0 (value Y 0)];
    Wrote Y 0 (value Y 1) :: section B ++ [Read X 0 (value X 0)]].
Definition buffering_chains : list (list id) := [[(0, 0)]; [(1, 0)]]%nat.

Example store_buffering :
  exists g seen last, relaxed_execution shipped_orders sample_text 1 buffering_clients g seen last /\
    ~ sequentially_consistent g /\
    does g (0, 5)%nat = Some (Read Y 0 (value Y 0)) /\ does g (1, 5)%nat = Some (Read X 0 (value X 0)).
Proof.
  this buffering_clients buffering_runs (@nil (id * id)) buffering_chains; split; [|split; reflexivity].
  apply (round_refutes buffering_runs [] buffering_chains (0, 0)%nat [(0, 5); (1, 0); (1, 5)]%nat).
  vm_compute; reflexivity.
Qed.

(** Independent reads of independent writes: two CPUs see two writes in different orders, though each takes and passes
    a lock between its reads. *)
Definition independent_clients : cpu -> client (of_cpus 4) :=
  goes_through [[put object_x 1]; [put object_y 1]; [get object_x; take lock_a; pass lock_a; get object_y];
    [get object_y; take lock_b; pass lock_b; get object_x]].
Definition independent_runs : list (list (action (of_cpus 4) words_verb)) :=
  [[Wrote X 0 (value X 1)]; [Wrote Y 0 (value Y 1)]; Read X 0 (value X 1) :: section A ++ [Read Y 0 (value Y 0)];
    Read Y 0 (value Y 1) :: section B ++ [Read X 0 (value X 0)]].
Definition independent_sources : list (id * id) := [((0, 0), (2, 0)); ((1, 0), (3, 0))]%nat.

Example independent_reads :
  exists g seen last, relaxed_execution shipped_orders sample_text 2 independent_clients g seen last /\
    ~ sequentially_consistent g /\
    does g (2, 5)%nat = Some (Read Y 0 (value Y 0)) /\ does g (3, 5)%nat = Some (Read X 0 (value X 0)).
Proof.
  this independent_clients independent_runs independent_sources buffering_chains; split; [|split; reflexivity].
  apply (round_refutes independent_runs independent_sources buffering_chains (0, 0)%nat
    [(2, 0); (2, 5); (1, 0); (3, 0); (3, 5)]%nat).
  vm_compute; reflexivity.
Qed.
