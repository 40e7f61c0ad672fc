(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Wrong locks on relaxed memory

    The statements of main/relaxed.v, with the orders of the lock words, the number of CPUs and the clients
    left open, are true of what ships ([shipped_apart]) and false of all else, each by a graph that
    is consistent and whose CPUs run the exported C:

    - if the ticket does not acquire, or not release, or is a load and a store, two CPUs are inside
      ([ticket_must_acquire], [ticket_must_release], [ticket_must_be_one]), and not in the order
      of their tickets;
    - if the poll does not acquire or the store not release, a writer and a reader race for
      an object, and the reader, inside after the writer, reads what was there at first
      ([poll_must_acquire], [store_must_release]);
    - a client that touches the object after it has passed the lock races ([late_access_races]);
    - one CPU more than 2^w is inside with another, for every w ([apart_iff]).

    Clients that are good on the atomic machine alone: thin_air.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers.L1_ticket Require Import too_many.
From hlock.layers.L4_locks Require Import spec contract sample examples.
From hlock.layers.table Require Import table.
From hlock.stack Require Import stack setting examples.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.refine Require Import place.
From hlock.machine.cases Require Import examples wrong too_many.
From hlock.machine.relaxed Require Import model turns interleave reading lock_words embedding sections finite
  consistent.
From hlock.machine.cases Require Import relaxed_cases.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

(** ** The statements of main/relaxed.v, for the small table, with orders and numbers left open *)

Section Statements.
  Context (N : nat) (o : orders) (w : Z).

  (** [relaxed_exclusion] *)
  Definition apart (clients : cpu -> client (of_cpus N)) : Prop :=
    forall g seen last, relaxed_execution o sample_text w clients g seen last ->
    forall l x y, enters_at g l x -> enters_at g l y -> x <> y ->
    (exists s, leaves_at g l x s /\ hb o g s y) \/ (exists s, leaves_at g l y s /\ hb o g s x).
  (** [relaxed_fifo] *)
  Definition in_ticket_order (clients : cpu -> client (of_cpus N)) : Prop :=
    forall g seen last, relaxed_execution o sample_text w clients g seen last ->
    forall l x y k m, enters_at g l x -> enters_at g l y -> x <> y -> ticket_at g l k x -> ticket_at g l m y ->
    hb o g x y <-> co g k m.
  (** [no_data_race] *)
  Definition without_race (clients : cpu -> client (of_cpus N)) : Prop :=
    forall g seen last, relaxed_execution o sample_text w clients g seen last ->
    forall l k x y, x <> y -> accesses_at g l k x -> accesses_at g l k y -> hb o g x y \/ hb o g y x.

  Definition sections_are_apart : Prop := forall clients, keep_contract sample clients -> apart clients.
  Definition sections_are_in_order : Prop := forall clients, keep_contract sample clients -> in_ticket_order clients.
  Definition races_for_nothing : Prop := forall clients, keep_contract sample clients -> without_race clients.
End Statements.

(** True of what ships. *)
Theorem shipped_apart N w : 1 <= w <= 32 -> Z.of_nat N <= modulus w ->
  sections_are_apart N shipped_orders w /\ sections_are_in_order N shipped_orders w /\
  races_for_nothing N shipped_orders w.
Proof.
  intros Width Fits.
  assert (Here : forall clients : cpu -> client (of_cpus N), keep_contract sample clients -> forall g seen last,
    relaxed_execution shipped_orders sample_text w clients g seen last ->
    forall c, in_turns (of_cpus N) w c (rev (model.run g c))).
  { intros clients Contract g seen last Relaxed.
    set (G := mkSetting String.EmptyString sample sample_accepted N numbers w Width Fits).
    exact (all_in_turn (G := mkRunning G clients) Contract g seen last Relaxed). }
  split; [|split]; intros clients Contract g seen last Relaxed.
  - exact (sections_apart (of_cpus N) w Width Fits g (consistent _ _ _ _ _ _ _ Relaxed)
             (Here _ Contract _ _ _ Relaxed) (no_others _ _ _ _ _ _ _ Relaxed)).
  - exact (sections_in_ticket_order (of_cpus N) w Width Fits g (consistent _ _ _ _ _ _ _ Relaxed)
             (Here _ Contract _ _ _ Relaxed) (no_others _ _ _ _ _ _ _ Relaxed)).
  - exact (accesses_ordered (of_cpus N) w Width Fits g (consistent _ _ _ _ _ _ _ Relaxed)
             (Here _ Contract _ _ _ Relaxed) (no_others _ _ _ _ _ _ _ Relaxed)).
Qed.

(** ** Two inside *)

(** CPUs that are inside to the end, [x] and [y] their polls, [k] and [m] their tickets. *)
Lemma two_inside N (o : orders) w programs runs sources chains x y k m :
  keep_contract sample (goes_through programs) ->
  check (S := of_cpus N) o w runs sources chains && all_performed sample_text w (goes_through programs) runs = true ->
  let g := given runs sources chains in let ids := given_ids runs sources chains in
  let sb_step := sb_step runs sources chains in
  let last_ticket k x := sb_step k x && location_is (stores_of runs sources chains k) (Some (Next A)) &&
    forallb (fun z => negb (sb_step k z && sb_step z x &&
      location_is (stores_of runs sources chains z) (Some (Next A)))) ids in
  enters_at g A x -> enters_at g A y -> x <> y ->
  forallb (fun z => negb (sb_step x z) && negb (sb_step y z)) ids && last_ticket k x && last_ticket m y &&
    co_given chains k m && negb (related (closure ids (hb_step o runs sources chains)) x y) = true ->
  ~ sections_are_apart N o w /\ ~ sections_are_in_order N o w.
Proof.
  intros Contract All g ids sb_step last_ticket In_x In_y Apart Facts; pose proof All as Check.
  apply andb_prop in Check as (Check & _); rewrite !andb_true_iff in Facts.
  destruct Facts as ((((Last & Ticket_x) & Ticket_y) & Co) & Not); apply negb_true_iff in Not.
  destruct (check_sound o w runs sources chains Check) as (_ & Few & _).
  assert (Known : forall z, does g z <> None -> List.In z ids) by (intros z; now apply all_ids_in).
  rewrite forallb_forall in Last.
  assert (Stays : forall z s, z = x \/ z = y -> ~ leaves_at g A z s).
  { intros z s Z (Sb & _); assert (Mem : List.In s ids) by (apply Known, Sb).
    specialize (Last s Mem); apply (sb_step_iff runs sources chains) in Sb; fold sb_step in Sb.
    destruct Z as [->| ->]; rewrite Sb in Last; cbn in Last; [discriminate|].
    rewrite andb_false_r in Last; discriminate. }
  assert (Ticket : forall k x, last_ticket k x = true -> ticket_at g A k x).
  { intros k' x' Is; unfold last_ticket in Is; rewrite !andb_true_iff in Is; destruct Is as ((Sb & Stores) & None_).
    apply (sb_step_iff runs sources chains) in Sb; apply location_is_iff in Stores as (l & Stores & [= <-]).
    apply stores_of_iff in Stores; split; [exact Sb|split; [exact Stores|]]; intros z Sb1 Sb2 Stores_z.
    rewrite forallb_forall in None_; assert (Mem : List.In z ids) by (apply Known, Sb1); specialize (None_ z Mem).
    apply (sb_step_iff runs sources chains) in Sb1, Sb2; fold sb_step in Sb1, Sb2; apply stores_of_iff in Stores_z.
    rewrite Sb1, Sb2, Stores_z in None_; cbn in None_; now destruct (location_eq_dec (Next A) (Next A)). }
  pose proof (given_relaxed sample_text w o _ runs sources chains All) as Relaxed; split; intros Holds.
  - destruct (Holds _ Contract g _ _ Relaxed A x y In_x In_y Apart) as [(s & Is & _)|(s & Is & _)].
    + exact (Stays x s (or_introl eq_refl) Is).
    + exact (Stays y s (or_intror eq_refl) Is).
  - apply (not_before o w runs sources chains Check x y Not).
    apply (Holds _ Contract g _ _ Relaxed A x y k m In_x In_y Apart (Ticket k x Ticket_x) (Ticket m y Ticket_y)).
    exact Co.
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
Theorem ticket_must_acquire : let o := mkOrders false true true true true in
  ~ sections_are_apart 2 o 1 /\ ~ sections_are_in_order 2 o 1.
Proof.
  apply (two_inside 2 _ 1 old_programs old_runs old_sources old_chains
    (0, 5)%nat (1, 1)%nat (0, 4)%nat (1, 0)%nat).
  all: inside.
Qed.
(** A ticket that does not release. *)
Theorem ticket_must_release : let o := mkOrders true false true true true in
  ~ sections_are_apart 2 o 1 /\ ~ sections_are_in_order 2 o 1.
Proof.
  apply (two_inside 2 _ 1 old_programs old_runs old_sources old_chains
    (0, 5)%nat (1, 1)%nat (0, 4)%nat (1, 0)%nat).
  all: inside.
Qed.

(** A ticket that is a load and a store: both take the same. *)
Theorem ticket_must_be_one : let o := mkOrders true true true true false in
  ~ sections_are_apart 2 o 1 /\ ~ sections_are_in_order 2 o 1.
Proof.
  apply (two_inside 2 _ 1 [[take lock_a]; [take lock_a]]
    [[Lock A (Took 0); Lock A (Polled 0)]; [Lock A (Took 0); Lock A (Polled 0)]] [] [[(0, 0); (1, 0)]]%nat
    (0, 1)%nat (1, 1)%nat (0, 0)%nat (1, 0)%nat).
  all: inside.
Qed.

(** ** One CPU too many *)

(** For words of any width: CPUs 0 to 2^w each take a ticket, the last the same as CPU 0; both see it served. *)
Theorem more_not_apart N w : 1 <= w <= 32 -> 2 ^ w < Z.of_nat N -> ~ sections_are_apart N shipped_orders w.
Proof.
  intros Width Many Holds; set (each := acquires_once (S := of_cpus N) core_family 0).
  pose proof (positive w ltac:(lia)) as Positive; pose proof (twin_number w) as Twin.
  set (c := twin w) in *; assert (Other : c <> 0%nat) by lia.
  assert (Enough : (Datatypes.S c <= N)%nat) by (unfold modulus in *; lia).
  assert (Member : List.In core_family sample) by now left.
  destruct (crowd_waits String.EmptyString sample N numbers w core_family 0 sample_accepted Width Member eq_refl
    (Datatypes.S c) Enough) as (tr & ts & Run & _ & Wait & _).
  set (G := mkSetting String.EmptyString sample sample_accepted 1 numbers w Width (one_fits w Width)) in *.
  set (h := takers (of_cpus N) w A (Datatypes.S c)) in *.
  assert (Now : serving (of_cpus N) w A h = 0) by apply takers_now.
  destruct (Wait 0%nat) as (s0 & At0 & Place0); [lia|]; destruct (Wait c) as (s & At & Place); [lia|].
  rewrite Z.mod_0_l in Place0 by lia; rewrite Twin, Z.mod_same in Place by lia.
  change (lock_id core_family 0) with A in Place0, Place; rewrite <- Now in Place0, Place.
  pose proof (enters (G := G) each core_family 0 0%nat tr ts h s0 Run At0 Place0) as Run0.
  assert (At' : nth_error (put_at 0%nat (Idle [None]) ts) c = Some (Calling (Op_acquire core_family 0) [] s))
    by (rewrite invariant.nth_put; now destruct (Nat.eqb_spec c 0)).
  pose proof (enters (G := G) each core_family 0 c _ _ _ s Run0 At' Place) as Run1.
  match type of Run1 with execution _ _ _ _ _ ?x => set (x1 := x) in Run1 end.
  assert (Log : contents x1 = (c, Lock A (Polled (serving _ w A h))) :: (0%nat, Lock A (Polled (serving _ w A h))) :: h)
    by reflexivity.
  rewrite Now in Log; destruct (consistent_is_relaxed sample_text w each shipped_orders Width _ _ Run1) as (g & last &
    Relaxed & _ & Runs).
  assert (Part : forall i n, part_of i (takers (of_cpus N) w A n) =
    if Nat.ltb i n then [Lock A (Took (Z.of_nat i mod modulus w))] else []).
  { intros i n; induction n as [|n IH]; [reflexivity|]; unfold part_of in *; cbn [takers flat_map]; rewrite IH.
    destruct (Nat.eqb_spec n i), (Nat.ltb_spec i n), (Nat.ltb_spec i (Datatypes.S n)); try lia; subst; reflexivity. }
  assert (Does : forall i, i = 0%nat \/ i = c -> model.run g i = [Lock A (Took 0); Lock A (Polled 0)]).
  { intros i Is; destruct (Runs i) as (_ & Does); [cbn; destruct Is; lia|]; refine (eq_trans Does _).
    refine (eq_trans (f_equal (fun h => rev (part_of i h)) Log) _); cbn beta.
    pose proof (Part i (Datatypes.S c)) as Mine; unfold part_of in Mine |- *; cbn [flat_map]; unfold h; rewrite Mine.
    destruct (Nat.ltb_spec i (Datatypes.S c)); [|destruct Is; lia].
    destruct Is as [->| ->]; rewrite ?Nat.eqb_refl, ?Twin, ?Z.mod_0_l, ?Z.mod_same by lia.
    - destruct (Nat.eqb_spec c 0); [lia|reflexivity].
    - destruct (Nat.eqb_spec 0 c); [lia|reflexivity]. }
  assert (Enters : forall i, i = 0%nat \/ i = c -> enters_at g A (i, 1%nat)).
  { intros i Is; split; [|exists 0; unfold does; cbn [fst snd]; now rewrite (Does i Is)].
    unfold kept, does, before; cbn [fst snd]; rewrite (Does i Is); cbn; now rewrite Nat.eqb_refl. }
  assert (Stays : forall i x, i = 0%nat \/ i = c -> ~ leaves_at g A (i, 1%nat) x).
  { intros i (i' & j) Is ((Own & Less & There) & _); cbn in Own, Less; subst i'; apply There; unfold does;
    cbn [fst snd].
    rewrite (Does i Is); now do 2 (destruct j as [|j]; [lia|]); destruct j. }
  assert (Apart : (0, 1)%nat <> (c, 1)%nat) by congruence.
  pose proof (acquires_once_keep (S := of_cpus N) sample core_family 0 Member eq_refl) as Keep.
  destruct (Holds each Keep g _ last Relaxed A (0, 1)%nat (c, 1)%nat (Enters _ (or_introl eq_refl))
    (Enters _ (or_intror eq_refl)) Apart) as [(x & Is & _)|(x & Is & _)].
  - exact (Stays _ x (or_introl eq_refl) Is).
  - exact (Stays _ x (or_intror eq_refl) Is).
Qed.

(** So sections are apart, of whatever clients that keep the contract, exactly if there are at most 2^w CPUs. *)
Theorem apart_iff N w : 1 <= w <= 32 -> sections_are_apart N shipped_orders w <-> Z.of_nat N <= 2 ^ w.
Proof.
  intros Width; split; [|intros Fits; now apply shipped_apart].
  intros Holds; apply Z.nlt_ge; intros Many; exact (more_not_apart N w Width Many Holds).
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

Lemma a_race o programs runs sources chains :
  let ids := given_ids runs sources chains in
  check o 1 runs sources chains && all_performed sample_text 1 (goes_through programs) runs = true ->
  (let t := closure ids (hb_step o runs sources chains) in
   existsb (fun x => existsb (fun y => negb (id_eqb x y) && negb (related t x y || related t y x) &&
     location_is (stores_of runs sources chains x) (Some (Object A 0)) &&
     location_is (loads_of runs sources chains y) (Some (Object A 0))) ids) ids) = true ->
  ~ without_race 2 o 1 (goes_through programs).
Proof.
  intros ids All Some_ Holds; pose proof All as Check; apply andb_prop in Check as (Check & _).
  apply existsb_exists in Some_ as (x & _ & Some_); apply existsb_exists in Some_ as (y & _ & Some_).
  rewrite !andb_true_iff, !negb_true_iff, orb_false_iff in Some_.
  destruct Some_ as (((Apart & Not & Not') & Stores) & Loads).
  apply location_is_iff in Stores as (l & Stores & [= <-]); apply location_is_iff in Loads as (l & Loads & [= <-]).
  apply stores_of_iff in Stores; apply loads_of_iff in Loads.
  destruct (Holds _ _ _ (given_relaxed sample_text 1 o _ runs sources chains All) A 0 x y) as [Hb|Hb].
  - intros ->; rewrite (proj2 (id_eqb_eq y y) eq_refl) in Apart; discriminate.
  - now right.
  - now left.
  - exact (not_before o 1 runs sources chains Check _ _ Not Hb).
  - exact (not_before o 1 runs sources chains Check _ _ Not' Hb).
Qed.
Ltac races programs runs := apply (a_race _ programs runs race_sources race_chains); vm_compute; reflexivity.

(** A poll that does not acquire; a store that does not release. *)
Theorem poll_must_acquire : ~ races_for_nothing 2 (mkOrders true true false true true) 1.
Proof.
  intros Holds; specialize (Holds (goes_through race_programs) ltac:(contract)); revert Holds;
    races race_programs race_runs.
Qed.
Theorem store_must_release : ~ races_for_nothing 2 (mkOrders true true true false true) 1.
Proof.
  intros Holds; specialize (Holds (goes_through race_programs) ltac:(contract)); revert Holds;
    races race_programs race_runs.
Qed.

(** CPU 0 passes the lock before its last access. *)
Definition late_programs : list (list (op (of_cpus 2))) :=
  [[take lock_a; pass lock_a; Op_write core_family 0 0 five]; [take lock_a; Op_read core_family 0 0]].
Definition late_runs : list (list (action (of_cpus 2) words_verb)) :=
  [[Lock A (Took 0); Lock A (Polled 0); Lock A (Loaded 0); Lock A (Stored 1); Wrote A 0 five];
   [Lock A (Took 1); Lock A (Polled 1); Read A 0 zero]].
Definition late_sources : list (id * id) := [((0, 0), (1, 0)); ((0, 3), (1, 1))]%nat.
Definition late_chains : list (list id) := [[(0, 0); (1, 0)]; [(0, 3)]; [(0, 4)]]%nat.

Theorem late_access_races : ~ without_race 2 shipped_orders 1 (goes_through late_programs).
Proof. apply (a_race _ late_programs late_runs late_sources late_chains); vm_compute; reflexivity. Qed.
