(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: what the statements say of a graph

    Polls in vain, the log that a list of actions is, orders of actions, where a CPU enters and leaves a lock,
    and whose clients are good: on the graphs of sharp_relaxed.v, and others of a few actions.  What
    sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract.
From hlock.machine.model Require Import thread machine atomic.
From hlock.machine.relaxed Require Import model claims.
From hlock.machine.cases Require Import small sharp_relaxed.
Import ListNotations.
Local Open Scope list_scope.
Local Notation act := (action small words_verb).
Local Notation g := handover.

(** ** Logs *)
Example one_log : own_log small 3 [wrote; reads_it] = [(3, wrote); (3, reads_it)].
Proof. reflexivity. Qed.
Example parts_of_a_log : part_of 1 [(1, wrote); (0, reads_it); (1, Halted)] = [wrote; Halted].
Proof. reflexivity. Qed.
(** It has a ticket, and polls; whose ticket it is not, of which lock, and at what time. *)
Definition ticket (c : cpu) (l : Z) : log small words_verb := [(c, Lock l (Took 1%Z))].
Example polls_in_vain : map (fun ag => in_vain small 1 (fst ag) (snd ag))
    [(Lock 0 (Polled 0%Z), ticket 1 0); (Lock 0 (Polled 1%Z), ticket 1 0); (Lock 0 (Polled 0%Z), []);
     (Lock 0 (Polled 0%Z), ticket 0 0); (Lock 0 (Polled 0%Z), ticket 1 4); (Lock 0 (Loaded 0%Z), ticket 1 0);
     (Lock 0 (Polled 0%Z), (1, Lock 0 (Polled 1%Z)) :: ticket 1 0)] =
  [true; false; false; false; false; false; false].
Proof. reflexivity. Qed.
Example what_was_before : (before g (1, 2), before g (0, 0)) = ([Lock 0 (Polled 0); Lock 0 (Took 1)]%Z, []).
Proof. reflexivity. Qed.
Example what_is_kept : map (kept g) [(0, 0); (0, 1); (0, 4); (0, 5); (1, 0); (1, 1); (1, 2); (1, 4); (2, 0)] =
  [true; true; true; false; true; false; true; true; false].
Proof. reflexivity. Qed.
Example logs_of_lists : log_of g [(1, 3); (0, 5); (0, 2)] = [(1, reads_it); (0, wrote)].
Proof. reflexivity. Qed.

(** ** Orders *)
Local Ltac is_earlier b r := exists b, r; split; [reflexivity|cbn; tauto].
Example which_is_earlier : earlier [(2, 0); (1, 0); (0, 0)] (0, 0) (1, 0) /\
  earlier [(2, 0); (1, 0); (0, 0)] (0, 0) (2, 0) /\ ~ earlier [(2, 0); (1, 0); (0, 0)] (1, 0) (0, 0) /\
  ~ earlier [(1, 0)] (1, 0) (1, 0) /\ ~ earlier [(1, 0)] (0, 0) (1, 0).
Proof.
  split; [is_earlier [(2, 0)] [(0, 0)]|split; [is_earlier (@nil id) [(1, 0); (0, 0)]|]].
  repeat split; intros (b & r & Is & Mem); destruct b as [|? [|? [|? [|? b]]]]; cbn in Is; try discriminate Is;
    injection Is; intros; subst; cbn in Mem; intuition discriminate.
Qed.
(** CPU 1 polls in vain, and then its turn has come. *)
Definition turn : graph small := made
  [[Lock 0 (Stored 0); Lock 0 (Stored 1)]; [Lock 0 (Took 1); Lock 0 (Polled 0); Lock 0 (Polled 1)]]%Z
  [((1, 1), (0, 0)); ((1, 2), (0, 1))] [((0, 0), (0, 1))].
Definition in_turn : list id := [(1, 2); (0, 1); (0, 0); (1, 0)].
Definition rank (x : id) : nat := nth (snd x) (nth (fst x) [[1; 3]; [0; 2; 4]] []) 9.
(** Each by an order that breaks one thing. *)
Local Notation out_of_order h ids := (~ consistent_order h ids).
Definition two (a b : act) sources orders : graph small := made [[a]; [b]] sources orders.
Example twice_in_order : out_of_order (made [[wrote]] [] []) [(0, 0); (0, 0)].
Proof. intros [Once _ _ _ _ _]; inversion Once as [|? ? Not _]; apply Not; now left. Qed.
Example left_out_of_order : out_of_order (made [[wrote]] [] []) [].
Proof.
  intros [_ All _ _ _ _]; first [destruct (proj2 (All (0, 0)) eq_refl)|destruct (All (0, 0) eq_refl)].
Qed.
Example vain_in_order : out_of_order turn [(1, 2); (0, 1); (1, 1); (0, 0); (1, 0)].
Proof. intros [_ All _ _ _ _]; discriminate (proj1 (All (1, 1)) ltac:(cbn; auto)). Qed.
Local Ltac not_first Is := destruct Is as (b & r & Is & Mem); destruct b as [|? [|? [|? b]]]; cbn in Is;
  try discriminate Is; injection Is; intros; subst; cbn in Mem; intuition discriminate.
Example own_order : out_of_order (made [[wrote; Wrote 4 7 (value 4 5)]] [] []) [(0, 0); (0, 1)].
Proof.
  intros [_ _ Hb _ _ _]; assert (Is : earlier [(0, 0); (0, 1)] (0, 0) (0, 1)) by (apply Hb; [reflexivity..|];
    apply hb_sb; found).
  not_first Is.
Qed.
Example reads_too_early : out_of_order (two wrote reads_it [((1, 0), (0, 0))] []) [(0, 0); (1, 0)].
Proof.
  intros [_ _ _ Rf _ _]; assert (Is : earlier [(0, 0); (1, 0)] (0, 0) (1, 0)) by (apply Rf; found); not_first Is.
Qed.
Example overwritten_too_early : out_of_order (two wrote wrote [] [((0, 0), (1, 0))]) [(0, 0); (1, 0)].
Proof.
  intros [_ _ _ _ Co _]; assert (Is : earlier [(0, 0); (1, 0)] (0, 0) (1, 0)) by (apply (Co _ _ (Object 0 7)); found).
  not_first Is.
Qed.
Example reads_too_late : out_of_order (two wrote (Read 0 7 (value 0 107)) [] []) [(1, 0); (0, 0)].
Proof.
  intros [_ _ _ _ _ Fr]; assert (Is : earlier [(1, 0); (0, 0)] (1, 0) (0, 0)).
  { apply Fr; [reflexivity..|]; split; [discriminate|exists (Object 0 7); found]. }
  not_first Is.
Qed.

(** All that is asked is true of that order, and no more is asked. *)
Local Ltac each_of x := destruct x as [[|[|[|?]]] [|[|[|[|?]]]]]; cbn in *; try discriminate; try contradiction.
Local Ltac unpack := unfold sync, reads_from, fr, loads_at, stores_at, does, pairs in *; cbn in *;
  repeat match goal with
  | H : exists _, _ |- _ => destruct H
  | H : _ /\ _ |- _ => destruct H
  | H : _ \/ _ |- _ => destruct H
  | H : Some _ = Some _ |- _ => injection H; clear H; intros
  | H : (_, _) = (_, _) |- _ => injection H; clear H; intros
  end; subst; cbn in *; try discriminate; try contradiction.
Lemma goes_up x y : hb shipped_orders turn x y -> rank x < rank y.
Proof.
  induction 1 as [x y (Same & Less & There)|x y ((_ & Rf) & _)|]; [| |lia].
  - unfold does in There; destruct x as [c n], y as [d k]; cbn in Same, Less; subst d.
    destruct c as [|[|[|c]]]; [destruct k as [|[|k]]|destruct k as [|[|[|k]]]| |]; cbn in There;
      try (destruct k; cbn in There); try contradiction; try lia; destruct n as [|[|n]]; cbn; lia.
  - cbn in Rf; each_of y; unpack; cbn; lia.
Qed.
Lemma kept_of_turn x : kept turn x = true -> List.In x in_turn.
Proof. intros Is; unfold kept, does in Is; each_of x; tauto. Qed.
Lemma ranked x y : List.In x in_turn -> List.In y in_turn -> rank x < rank y -> earlier in_turn x y.
Proof.
  intros [<-|[<-|[<-|[<-|[]]]]] [<-|[<-|[<-|[<-|[]]]]]; cbn; try lia; intros _;
    first [is_earlier (@nil id) [(0, 1); (0, 0); (1, 0)]|is_earlier [(1, 2)] [(0, 0); (1, 0)]
      |is_earlier [(1, 2); (0, 1)] [(1, 0)]].
Qed.
Example is_in_order : consistent_order turn in_turn.
Proof.
  constructor.
  - repeat constructor; cbn; intuition discriminate.
  - intros x; split; [|apply kept_of_turn]; intros [<-|[<-|[<-|[<-|[]]]]]; reflexivity.
  - intros x y X Y Before; apply ranked; auto using kept_of_turn, goes_up.
  - intros x y Y (_ & Rf); cbn in Rf; each_of y; unpack; apply ranked; cbn; auto 6.
  - intros x y m _ _ _ Co; unpack; apply ranked; cbn; auto 6.
  - intros x y X Fr; unpack; each_of x; each_of y; unpack; apply ranked; cbn; auto 6; try lia.
Qed.

(** ** Sections *)
Example where_it_enters : enters_at g 0 (0, 1) /\ enters_at g 0 (1, 2) /\ ~ enters_at g 0 (1, 1) /\
  ~ enters_at g 4 (0, 1) /\ ~ enters_at g 0 (0, 0) /\ ~ enters_at g 0 (0, 5).
Proof. split; [found|split; [found|repeat split; intros (Kept & v & Is); cbn in Kept, Is; discriminate]]. Qed.
(** Three stores: of another lock; with which it leaves; and one more. *)
Definition stores_on : graph small := made
  [[Lock 0 (Polled 0); Lock 4 (Stored 1); Lock 0 (Stored 1); Lock 0 (Stored 0)]; [Lock 0 (Stored 1)]]%Z [] [].
Example where_it_leaves : leaves_at stores_on 0 (0, 0) (0, 2) /\ ~ leaves_at stores_on 0 (0, 0) (0, 1) /\
  ~ leaves_at stores_on 0 (0, 0) (0, 3) /\ ~ leaves_at stores_on 0 (0, 0) (1, 0) /\
    ~ leaves_at stores_on 0 (0, 2) (0, 2).
Proof.
  split; [split; [found|split; [found|]]|].
  - intros [c n] (Same & Less & _) (_ & Less' & _) (a & Is & St); cbn in *; subst c; destruct n as [|[|[|n]]]; try lia.
    injection Is as <-; discriminate.
  - split; [|split; [|split]]; intros ((Same & Less & _) & (a & Is & St) & First_); cbn in Is, St, Same, Less; try lia.
    + injection Is as <-; discriminate.
    + apply (First_ (0, 2)); found.
Qed.
(** Tickets of another lock; an old one; and that with which it enters. *)
Definition tickets_of : graph small := made
  [[Lock 4 (Took 0); Lock 0 (Took 0); Lock 0 (Took 1); Lock 4 (Took 1); Lock 0 (Polled 1)]; [Lock 0 (Took 1)]]%Z [] [].
Example with_which_ticket : ticket_at tickets_of 0 (0, 2) (0, 4) /\ ~ ticket_at tickets_of 0 (0, 0) (0, 4) /\
  ~ ticket_at tickets_of 0 (0, 1) (0, 4) /\ ~ ticket_at tickets_of 0 (1, 0) (0, 4) /\
    ~ ticket_at tickets_of 0 (0, 4) (0, 4).
Proof.
  split; [split; [found|split; [found|]]|].
  - intros [c n] (Same & Less & _) (_ & Less' & _) (a & Is & St); cbn in *; subst c.
    destruct n as [|[|[|[|n]]]]; try lia; injection Is as <-; discriminate.
  - split; [|split; [|split]]; intros ((Same & Less & _) & (a & Is & St) & Last); cbn in Is, St, Same, Less; try lia.
    + injection Is as <-; discriminate.
    + apply (Last (0, 2)); found.
Qed.
Example what_it_accesses : accesses_at g 0 7 (0, 2) /\ accesses_at g 0 7 (1, 3) /\ ~ accesses_at g 0 7 (0, 1) /\
  ~ accesses_at g 0 6 (1, 3) /\ ~ accesses_at g 0 6 (0, 2) /\ ~ accesses_at g 4 7 (0, 2).
Proof.
  split; [found|split; [found|repeat split; intros [(a & Is & At)|(a & Is & At)]; cbn in Is; injection Is as <-;
    discriminate At]].
Qed.

(** ** Sequentially consistent *)
Example edges : edge g (0, 0) (0, 4) /\ edge g (0, 4) (1, 2) /\ edge g (0, 0) (1, 0) /\ edge g (1, 1) (0, 4) /\
  edge (two wrote wrote [] [((1, 0), (0, 0))]) (1, 0) (0, 0).
Proof. repeat apply conj; found. Qed.
Example no_edges : ~ edge g (0, 4) (1, 1) /\ ~ edge g (0, 2) (0, 1) /\ ~ edge g (1, 3) (0, 2).
Proof.
  repeat split; intros [(Same & Less & _)|[(_ & Rf)|[[Is|[]]|(_ & m & (a & Is & Ld) & _ & Co)]]];
    cbn in *; try lia; try discriminate; try (injection Is as <-; discriminate Ld).
  destruct Co as [Co|[]]; discriminate Co.
Qed.
Definition buffers : graph small :=
  made [[wrote; Read 4 7 (value 4 107)]; [Wrote 4 7 (value 4 5); Read 0 7 (value 0 107)]] [] [].
Lemma stand_apart ids x y : earlier ids x y ->
  exists n k, nth_error ids n = Some y /\ nth_error ids k = Some x /\ n < k.
Proof.
  intros (b & r & -> & Mem); apply In_nth_error in Mem as (j & At); exists (length b), (S (length b + j)).
  split; [now rewrite nth_error_app2, Nat.sub_diag by lia|split; [|lia]].
  rewrite nth_error_app2 by lia; replace (S (length b + j) - length b) with (S j) by lia; exact At.
Qed.
Example buffers_are_not : ~ sequentially_consistent buffers.
Proof.
  intros (ids & Once & Is).
  assert (Same : forall n k x, nth_error ids n = Some x -> nth_error ids k = Some x -> n = k).
  { intros n k x N K; apply (proj1 (NoDup_nth_error ids) Once); [apply nth_error_Some; congruence|congruence]. }
  assert (E1 : earlier ids (0, 0) (0, 1)) by (apply Is; left; found).
  assert (E2 : earlier ids (0, 1) (1, 0)) by (apply Is; do 3 right; found).
  assert (E3 : earlier ids (1, 0) (1, 1)) by (apply Is; left; found).
  assert (E4 : earlier ids (1, 1) (0, 0)) by (apply Is; do 3 right; found).
  apply stand_apart in E1 as (n1 & k1 & N1 & K1 & L1), E2 as (n2 & k2 & N2 & K2 & L2),
    E3 as (n3 & k3 & N3 & K3 & L3), E4 as (n4 & k4 & N4 & K4 & L4).
  pose proof (Same _ _ _ N1 K2); pose proof (Same _ _ _ N2 K3); pose proof (Same _ _ _ N3 K4);
    pose proof (Same _ _ _ N4 K1); lia.
Qed.
(** A poll in vain, too, stands in that order. *)
Example vain_stands_in_order : sequentially_consistent (made [[Lock 0 (Took 1); Lock 0 (Polled 0); wrote]]%Z [] []).
Proof.
  exists [(0, 2); (0, 1); (0, 0)]; split; [repeat constructor; cbn; intuition discriminate|].
  intros [c n] [d k] [(Same & Less & There)|[(_ & Rf)|[[]|(Apart & m & (a & Is & Ld) & (b & Is' & St) & _)]]].
  - unfold does in There; cbn in Same, Less, There; subst d; destruct c as [|c]; [|destruct c, k; now destruct There].
    destruct k as [|[|[|k]]]; [lia| | |destruct k; now destruct There]; destruct n as [|[|n]]; try lia;
      first [is_earlier (@nil id) [(0, 1); (0, 0)]|is_earlier [(0, 2)] [(0, 0)]].
  - discriminate Rf.
  - exfalso; unfold does in *; destruct c as [|[|c]], d as [|[|d]]; cbn in Is, Is';
      try (destruct n; discriminate Is); try (destruct k; discriminate Is').
    destruct n as [|[|[|n]]]; cbn in Is; try (destruct n; discriminate Is); injection Is as <-; try discriminate Ld;
      injection Ld as <-; destruct k as [|[|[|k]]]; cbn in Is'; try (destruct k; discriminate Is');
      injection Is' as <-; try discriminate St; now destruct Apart.
Qed.
Example handed_on_is : sequentially_consistent (two wrote reads_it [((1, 0), (0, 0))] []).
Proof.
  exists [(1, 0); (0, 0)]; split; [repeat constructor; cbn; intuition discriminate|].
  assert (Mine : forall x, does (two wrote reads_it [((1, 0), (0, 0))] []) x <> None -> x = (0, 0) \/ x = (1, 0)).
  { intros x There; unfold does in There; destruct x as [[|[|[|?]]] [|[|?]]]; cbn in There; try (now destruct There);
    auto. }
  intros x y [(Same & Less & There)|[(_ & Rf)|[[]|(_ & m & (a & Is & Ld) & _ & Co)]]].
  - apply Mine in There as [-> | ->]; cbn in Less; lia.
  - cbn in Rf; destruct y as [[|[|?]] [|?]]; cbn in Rf; try discriminate; injection Rf as <-;
    is_earlier (@nil id) [(0, 0)].
  - exfalso; assert (X : x = (0, 0) \/ x = (1, 0)) by (apply Mine; congruence).
    destruct X as [-> | ->]; cbn in Is; injection Is as <-; [discriminate Ld|exact Co].
Qed.

(** ** Good clients *)

(** It halts, and would release what it does not hold: on the machine of atomic locks it never comes to that. *)
Definition halting : client small := fun history => match history with [] => Some Op_halt | _ => Some (release core
  0) end.
Definition both_halt : cpu -> client small := fun _ => halting.
Example halting_is_no_text : ~ keep_contract small_table both_halt.
Proof. intros (_ & Keeps); destruct (Keeps 0 2) as (_ & Not); discriminate (Not None). Qed.
Lemma only_halt tr x : atomic_execution both_halt tr x ->
  forall c q, nth_error (positions x) c = Some q -> q = At_rest [] \/ q = Dead.
Proof.
  assert (Put : forall c (q : position small) ps, (forall d p, nth_error ps d = Some p -> p = At_rest [] \/ p = Dead) ->
    q = At_rest [] \/ q = Dead -> forall d p, nth_error (put_at c q ps) d = Some p -> p = At_rest [] \/ p = Dead).
  { intros c q ps All Is; revert c All; induction ps as [|p0 ps IH]; intros [|c] All [|d] p At; cbn in At;
      try discriminate; try (injection At as <-; exact Is); try exact (All 0 _ At); try exact (All (S d) _ At).
    exact (IH c (fun k => All (S k)) d p At). }
  induction 1 as [|tr x c v x' _ IH Step].
  - intros c q At; apply nth_error_In, repeat_spec in At as ->; now left.
  - destruct Step as [ps g0 history o At Next Eff|ps g0 history o a At Eff Can|ps g0 history o At
      |ps g0 history fam i k l u At Next Can|ps g0 history fam i k l u At Next Can|ps g0 q At Lives];
      cbn [positions] in *; destruct (IH c _ At) as [Is|Is]; try discriminate Is; try (injection Is as ->);
      try (injection Next as <-; now destruct Eff); try discriminate Next.
    all: apply Put; auto.
Qed.
Lemma never_halting : never_breaches both_halt small_table.
Proof.
  intros tr x Run (c & history & o & At & Next & Forbidden); destruct (only_halt tr x Run c _ At) as [[= ->]|[=]].
  injection Next as <-; exact Forbidden.
Qed.
(** Its text breaks it at once. *)
Definition strangers : cpu -> client small := go_through [[release core 0]].
Example good : good_clients small_table both_halt g /\ good_clients small_table (go_through []) dream.
Proof.
  split.
  - first [right; split; [exact never_halting|exact handover_feeds_nothing]|right; exact never_halting
      |right; exact handover_feeds_nothing].
  - left; split; [|intros c [|n]; [exact I|]]; [intros c history o Next|]; destruct c as [|c]; cbn in *;
      try (destruct history; discriminate Next); exact I.
Qed.
Example not_good : ~ good_clients small_table both_halt dream /\ ~ good_clients small_table strangers g.
Proof.
  split.
  - intros [Keeps|(_ & Air)]; [exact (halting_is_no_text Keeps)|exact (feeds_itself Air)].
  - intros [(_ & Keeps)|(Never & _)].
    + destruct (Keeps 0 1) as (Not & _); discriminate Not.
    + apply (Never [] atomic_start (atomic_execution_start _)); exists 0, [], (release core 0).
      split; [reflexivity|split; [reflexivity|]]; right; right; cbn; discriminate.
Qed.
