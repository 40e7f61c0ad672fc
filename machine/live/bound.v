(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The bound, as a formula and in numbers

    For how many critical sections a CPU waits at most ([sections]) is a sum of binomial
    coefficients ([sections_sum]), and with as many levels as rivals a power
    ([sections_full]): it no longer grows with the levels then.  The order of a table makes
    levels ([order_climbs]), and ranks alone fewer ([ranks_climb]).  A table of values is at the end. *)
From Coq Require Import ZArith NArith List Bool Lia Arith FinFun.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec.
From hlock.machine.live Require Import live.
Import ListNotations.

(** ** The formula *)
Section Formula.
  Context (A : nat).

  Lemma sections_step d m : sections A (S d) (S m) = sections A (S d) m + (1 + A * sections A d m).
  Proof. reflexivity. Qed.

  (** With as many levels as rivals or more: ((1+A)^m - 1) / A. *)
  Theorem sections_full m : forall d, m <= d -> A * sections A d m + 1 = (1 + A) ^ m.
  Proof.
    induction m as [|m IH]; intros d Less; [destruct d; cbn; lia|].
    destruct d as [|d]; [lia|]; rewrite sections_step, Nat.pow_succ_r'.
    pose proof (IH (S d)) as One; pose proof (IH d) as Two; nia.
  Qed.
  (** How many sets of [k] among [m]. *)
  Fixpoint choose (m k : nat) : nat :=
    match m, k with
    | _, O => 1
    | O, S _ => 0
    | S m, S k => choose m k + choose m (S k)
    end.
  Lemma all_zero f (js : list nat) : (forall j, f j = 0) -> list_sum (map f js) = 0.
  Proof. intros Zero; induction js as [|j js IH]; [reflexivity|]; change (f j + list_sum (map f js) = 0);
    rewrite Zero, IH; reflexivity. Qed.
  Lemma sum_split f g h (js : list nat) : (forall j, f j = g j + h j) ->
    list_sum (map f js) = list_sum (map g js) + list_sum (map h js).
  Proof.
    intros Is; induction js as [|j js IH]; [reflexivity|].
    change (f j + list_sum (map f js) = g j + list_sum (map g js) + (h j + list_sum (map h js))); rewrite Is, IH; lia.
  Qed.
  Lemma sum_scale a f (js : list nat) : a * list_sum (map f js) = list_sum (map (fun j => a * f j) js).
  Proof.
    induction js as [|j js IH]; [cbn; lia|].
    change (a * (f j + list_sum (map f js)) = a * f j + list_sum (map (fun j => a * f j) js)); rewrite <- IH; lia.
  Qed.
  (** In general: for each number [j] of rivals up to [d], A^(j-1) times the ways to choose them. *)
  Theorem sections_sum d : forall m, sections A d m = list_sum (map (fun j => A ^ j * choose m (S j)) (seq 0 d)).
  Proof.
    induction d as [|d IHd]; intros m; [reflexivity|].
    induction m as [|m IHm].
    { change (sections A (S d) 0) with 0; symmetry; apply all_zero; intros j; cbn [choose]; lia. }
    rewrite sections_step, IHm, IHd.
    rewrite (sum_split (fun j => A ^ j * choose (S m) (S j)) (fun j => A ^ j * choose m (S j)) (fun j => A ^ j *
      choose m j))
      by (intros j; change (choose (S m) (S j)) with (choose m j + choose m (S j)); ring).
    f_equal; cbn [seq map]; rewrite <- seq_shift, map_map.
    change (list_sum (?x :: ?xs)) with (x + list_sum xs); replace (choose m 0) with 1 by now destruct m.
    f_equal; rewrite sum_scale; f_equal; apply map_ext; intros j; cbn [Nat.pow]; ring.
  Qed.

  (** More levels, or rivals, never make it less. *)
  Lemma sections_more d : forall d' m m', d <= d' -> m <= m' -> sections A d m <= sections A d' m'.
  Proof.
    induction d as [|d IH]; intros d' m m' D Less; [cbn; lia|]; destruct d' as [|d']; [lia|].
    assert (Long : sections A (S d) m <= sections A (S d) m')
      by (clear - Less; induction Less as [|m' _ IH]; [lia|rewrite sections_step; lia]).
    enough (sections A (S d) m' <= sections A (S d') m') by lia.
    clear - IH D; induction m' as [|m' IHm]; [cbn; lia|rewrite !sections_step].
    pose proof (IH d' m' m' ltac:(lia) (le_n _)); nia.
  Qed.
End Formula.

(** If sections acquire nothing nobody waits in them: [m]. *)
Theorem sections_flat d m : sections 0 (S d) m = m.
Proof. induction m as [|m IH]; [reflexivity|rewrite sections_step, IH; lia]. Qed.

(** ** Clients in the order of the table climb *)

Section Climb.
  Context (T : table) (Ok : table_ok T = true).
  Local Open Scope Z_scope.

  Lemma rank_of_lock f i : List.In f T -> in_family f i = true -> rank_of T (lock_id f i) = rank f.
  Proof. intros Member Range; unfold rank_of; now rewrite (find_family_lock_id T f i Ok Member Range). Qed.

  Lemma fewer_above (r r' : Z) ranks : List.In r' ranks -> r < r' ->
    (length (nodup Z.eq_dec (filter (Z.ltb r') ranks)) < length (nodup Z.eq_dec (filter (Z.ltb r) ranks)))%nat.
  Proof.
    intros Member Less.
    apply (NoDup_incl_length (l := r' :: nodup Z.eq_dec (filter (Z.ltb r') ranks))).
    - constructor; [|apply NoDup_nodup]; rewrite nodup_In, filter_In; intros (_ & Above); lia.
    - intros r2 [<-|Is]; rewrite nodup_In, filter_In in *; [split; [exact Member|lia]|].
      split; [apply Is|destruct Is; lia].
  Qed.
  (** There are no more levels than ranks, and than locks. *)
  Theorem rank_levels_most f i : List.In f T -> in_family f i = true ->
    (rank_levels T (lock_id f i) < length (nodup Z.eq_dec (map rank T)))%nat.
  Proof.
    intros Member Range; unfold rank_levels; rewrite (rank_of_lock f i Member Range).
    apply (NoDup_incl_length (l := rank f :: nodup Z.eq_dec (filter (Z.ltb (rank f)) (map rank T)))).
    - constructor; [|apply NoDup_nodup]; rewrite nodup_In, filter_In; intros (_ & Above); lia.
    - intros r [<-|Is]; rewrite nodup_In in *; [now apply in_map|now apply filter_In in Is].
  Qed.
  Lemma fewer_after l l' : comes_before T l l' = true -> 0 <= l' < table_size T ->
    (lock_levels T l' < lock_levels T l)%nat.
  Proof.
    intros Less Range; unfold lock_levels.
    set (locks := map Z.of_nat (seq 0 (Z.to_nat (table_size T)))).
    assert (Once : NoDup locks) by (apply Injective_map_NoDup; [exact Nat2Z.inj|apply seq_NoDup]).
    apply (NoDup_incl_length (l := l' :: filter (comes_before T l') locks)).
    - constructor; [|now apply NoDup_filter]; rewrite filter_In; intros (_ & Is).
      rewrite comes_before_not in Is; discriminate.
    - intros l2 [<-|Is]; rewrite filter_In in *.
      + split; [|exact Less]; apply in_map_iff; exists (Z.to_nat l'); split; [lia|apply in_seq; lia].
      + destruct Is as (Is & More); split; [exact Is|exact (comes_before_trans T Ok l l' l2 Less More)].
  Qed.
  Theorem lock_levels_most f i : List.In f T -> in_family f i = true ->
    (lock_levels T (lock_id f i) < Z.to_nat (table_size T))%nat.
  Proof.
    intros Member Range; pose proof (lock_id_bound T f i Ok Member Range) as Bound; unfold lock_levels.
    set (locks := map Z.of_nat (seq 0 (Z.to_nat (table_size T)))).
    assert (Once : NoDup locks) by (apply Injective_map_NoDup; [exact Nat2Z.inj|apply seq_NoDup]).
    replace (Z.to_nat (table_size T)) with (length locks) by (unfold locks; now rewrite map_length, seq_length).
    apply (NoDup_incl_length (l := lock_id f i :: filter (comes_before T (lock_id f i)) locks)).
    - constructor; [|now apply NoDup_filter]; rewrite filter_In; intros (_ & Is).
      rewrite comes_before_not in Is; discriminate.
    - intros l [<-|Is]; [|now apply filter_In in Is].
      apply in_map_iff; exists (Z.to_nat (lock_id f i)); split; [lia|apply in_seq; lia].
  Qed.

  Context {S : system} (told : list (response S) -> Prop) (p : client S).

  (** Who acquires in the order of the table climbs. *)
  Theorem order_climbs : follows_order T told p -> climbs told p (lock_levels T).
  Proof.
    intros Follows history f i l Past Choice Held; specialize (Follows history f i l Past Choice Held).
    apply fewer_after; [exact Follows|]; unfold comes_before in Follows.
    destruct (find_family T l); [|discriminate].
    destruct (find_family T (lock_id f i)) as [g|] eqn:Is; [|discriminate].
    apply find_family_some in Is as (Member & Range); pose proof (lock_id_bound T g _ Ok Member Range) as Bound.
    unfold lock_id in *; lia.
  Qed.
  (** Increasing ranks are a special case. *)
  Theorem ranks_follow : follows_ranks T told p -> follows_order T told p.
  Proof.
    intros Follows history f i l Past Choice Held; specialize (Follows history f i l Past Choice Held).
    unfold lower_rank, comes_before in *; destruct (find_family T l), (find_family T (lock_id f i)); try discriminate.
    now rewrite Follows.
  Qed.
  (** They have fewer levels. *)
  Theorem ranks_climb : follows_ranks T told p -> climbs told p (rank_levels T).
  Proof.
    intros Follows history f i l Past Choice Held; specialize (Follows history f i l Past Choice Held).
    unfold lower_rank, rank_levels, rank_of in *; destruct (find_family T l) as [g|]; [|discriminate].
    destruct (find_family T (lock_id f i)) as [h|] eqn:Is; [|discriminate];
      apply find_family_some in Is as (Member & _).
    apply fewer_above; [now apply in_map|now apply Z.ltb_lt].
  Qed.
End Climb.

(** ** In numbers *)

(** [sections] of up to [m] rivals, in binary. *)
Fixpoint sums (a before : N) (row : list N) : list N :=
  before :: match row with [] => [] | n :: row => sums a (before + (1 + a * n)) row end.
Fixpoint row (A d m : nat) : list N :=
  match d with O => repeat 0%N (S m) | S d => sums (N.of_nat A) 0 (row A d m) end.
Lemma sums_nth A r : forall before k m,
  (forall j, j < k -> nth j r 0%N = N.of_nat (sections A m j)) -> k <= length r ->
  nth k (sums (N.of_nat A) before r) 0%N = (before + N.of_nat (sections A (S m) k))%N.
Proof.
  intros before k m; revert before.
  enough (All : forall j before, (forall i, i < k -> nth i r 0%N = N.of_nat (sections A m (j + i))) -> k <= length r ->
            (nth k (sums (N.of_nat A) before r) 0 + N.of_nat (sections A (S m) j) =
             before + N.of_nat (sections A (S m) (j + k)))%N).
  { intros before Is Long; pose proof (All 0 before Is Long) as Sum; change (sections A (S m) 0) with 0 in Sum.
    cbn [N.of_nat Nat.add] in Sum; lia. }
  revert k; induction r as [|n r IH]; intros [|k] j before Is Long; cbn [sums nth length] in *.
  1, 3: now rewrite Nat.add_0_r.
  - lia.
  - assert (First : n = N.of_nat (sections A m j)) by (rewrite <- (Nat.add_0_r j); apply (Is 0); lia); subst n.
    specialize (IH k (S j) (before + (1 + N.of_nat A * N.of_nat (sections A m j)))%N).
    replace (j + S k) with (S j + k) by lia; rewrite sections_step in IH.
    enough (forall i, i < k -> nth i r 0%N = N.of_nat (sections A m (S j + i))) as Rest.
    { specialize (IH Rest ltac:(lia)); lia. }
    intros i Less; replace (S j + i) with (j + S i) by lia; apply (Is (S i)); lia.
Qed.
Lemma row_is A d m : length (row A d m) = S m + d /\
  forall k, k <= m -> nth k (row A d m) 0%N = N.of_nat (sections A d k).
Proof.
  induction d as [|d (Long & Is)]; cbn [row].
  - split; [rewrite repeat_length; lia|]; intros k _; cbn [sections N.of_nat].
    destruct (Nat.lt_ge_cases k (S m)); [now apply nth_repeat|].
    apply nth_overflow; rewrite repeat_length; lia.
  - split.
    + replace (S m + S d) with (S (S m + d)) by lia; rewrite <- Long; generalize 0%N; clear.
      induction (row A d m) as [|n r IH]; intros b; [reflexivity|exact (f_equal S (IH _))].
    + intros k Less; rewrite (sums_nth A _ 0 k d); [reflexivity| |lia]; intros j J; apply Is; lia.
Qed.
Definition whole_rounds_N (A B N d : nat) : BinNums.N :=
  (N.of_nat acquire_rounds + nth (N - 1) (row A d (N - 1)) 0 * N.of_nat (section_rounds A B))%N.
Lemma whole_rounds_is A B N d : N.of_nat (whole_rounds A B N d) = whole_rounds_N A B N d.
Proof.
  unfold whole_rounds, whole_rounds_N; rewrite Nat2N.inj_add, Nat2N.inj_mul; f_equal; f_equal.
  symmetry; now apply row_is.
Qed.

(** Counted on the text: an acquire takes 38 rounds at most but for waiting (31 steps, if
    it sees its turn at its first poll), any other operation 16; a critical section
    of four operations 114 if one of them acquires, 158 if three do. *)
Example in_rounds : (acquire_rounds, release_rounds, section_rounds 1 4, section_rounds 3 4) = (38, 16, 114, 158).
Proof. reflexivity. Qed.

(** CPUs, levels, acquires in a section and operations in it; the bound in rounds. *)
Definition values : list (nat * nat * nat * nat * N) := [
  (2, 1, 0, 1, 82%N); (2, 2, 1, 4, 152%N); (2, 6, 3, 4, 196%N); (3, 2, 1, 4, 380%N); (3, 3, 1, 4, 380%N);
  (3, 6, 3, 4, 828%N); (4, 6, 1, 4, 836%N); (4, 6, 3, 4, 3356%N); (4, 64, 3, 4, 3356%N);
  (8, 6, 1, 4, 14402%N); (8, 6, 3, 4, 747694%N); (64, 1, 0, 1, 2810%N); (64, 2, 1, 4, 229862%N);
  (64, 6, 1, 4, 8619740678%N); (64, 6, 3, 4, 2701254028826%N); (64, 64, 1, 4, 1051464412201444442036%N)].
Example values_right :
  forallb (fun v => match v with (n, levels, A, B,
    rounds) => (whole_rounds_N A B n levels =? rounds)%N end) values = true.
Proof. vm_compute; reflexivity. Qed.
