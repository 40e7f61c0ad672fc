(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 4: what a record says, place by place

    The text looks at places; the specification speaks of the list of held locks.
    Here the two are connected: what each place has, what some place has, the order
    ([passes_iff]), and the record after a lock is added ([represents_added]) or
    removed ([represents_removed]).  Read next: checked.v. *)
From Coq Require Import ZArith List Bool String Lia Permutation.
From hlock.clight Require Import options integers values.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import text checks_text record.
Import ListNotations.
Local Open Scope Z_scope.

(** ** Lists *)
Lemma in_entries r e : In e (entries r) <-> exists j, 0 <= j < size r /\ place r j = e.
Proof.
  unfold entries; rewrite in_map_iff; split.
  - intros (k & <- & K); apply in_seq in K; exists (Z.of_nat k); split; [lia|reflexivity].
  - intros (j & J & <-); exists (Z.to_nat j); rewrite in_seq, Z2Nat.id by lia; split; [reflexivity|lia].
Qed.

Lemma filter_removes l held : NoDup held -> In l held ->
  Permutation held (l :: filter (fun h => negb (h =? l)) held).
Proof.
  induction 1 as [|h held Fresh Once IH]; [intros []|]; cbn [filter]; intros [->|Is].
  - rewrite Z.eqb_refl; cbn; apply perm_skip; clear IH Once.
    induction held as [|h held IH]; [constructor|]; cbn [filter].
    destruct (Z.eqb_spec h l) as [->|]; [destruct Fresh; now left|]; cbn; apply perm_skip, IH.
    intros Is; apply Fresh; now right.
  - destruct (Z.eqb_spec h l) as [->|]; [contradiction|]; cbn [negb].
    eapply perm_trans; [apply perm_skip, IH, Is|apply perm_swap].
Qed.

(** Place [k] is taken out of the places up to [n], and the last put there. *)
Lemma moved_places {A} (p q : nat -> A) n k : (k <= n)%nat ->
  (forall j, (j < n)%nat -> q j = if Nat.eqb j k then p n else p j) ->
  Permutation (map p (seq 0 (S n))) (p k :: map q (seq 0 n)).
Proof.
  intros K Is; rewrite seq_S, map_app; cbn [Nat.add map].
  destruct (Nat.eq_dec k n) as [->|Not].
  - rewrite Permutation_app_comm; cbn; apply perm_skip.
    apply Permutation_refl'; apply map_ext_in; intros j J; apply in_seq in J; rewrite Is by lia.
    now rewrite (proj2 (Nat.eqb_neq j n)) by lia.
  - assert (seq 0 n = seq 0 k ++ k :: seq (S k) (n - S k)) as ->.
    { replace n with (k + S (n - S k))%nat at 1 by lia; rewrite seq_app; reflexivity. }
    rewrite !map_app; cbn [map]; rewrite (Is k), Nat.eqb_refl by lia.
    rewrite (map_ext_in q p (seq 0 k)), (map_ext_in q p (seq (S k) (n - S k))).
    2, 3: intros j J; apply in_seq in J; rewrite Is by lia; now rewrite (proj2 (Nat.eqb_neq j k)) by lia.
    rewrite <- app_assoc; cbn [app]; symmetry.
    eapply perm_trans; [|apply Permutation_middle]; apply perm_skip, Permutation_app_head.
    apply Permutation_cons_append.
Qed.

Section Facts.
  Context (T : table) (Ok : table_ok T = true) (Recordable : recordable T = true) (depth : Z).

  Lemma recordable_in f : In f T -> 0 <= rank f < 2 ^ 32 /\ index f <> Some "hlock_cpu"%string.
  Proof.
    intros F; unfold recordable in Recordable; rewrite forallb_forall in Recordable.
    specialize (Recordable f F); rewrite !andb_true_iff, Z.leb_le, Z.ltb_lt in Recordable.
    destruct Recordable as (Range & Name); split; [exact Range|]; intros Is; rewrite Is in Name.
    now rewrite String.eqb_refl in Name.
  Qed.
  Lemma rank_of_lock f i : In f T -> in_family f i = true -> rank_of T (lock_id f i) = rank f.
  Proof. intros F I; unfold rank_of; now rewrite (find_family_lock_id T f i Ok F I). Qed.

  Section Record.
    Context (r : record) (held : list Z) (Says : represents T depth r held).

    Lemma held_entries e : In e (entries r) <-> exists l, In l held /\ e = (l, rank_of T l).
    Proof.
      pose proof (represents_entries _ _ _ _ Says) as Same; split.
      - intros Is; apply (Permutation_in _ Same), in_map_iff in Is as (l & <- & Is); eauto.
      - intros (l & Is & ->); apply (Permutation_in _ (Permutation_sym Same)), in_map_iff; eauto.
    Qed.
    Lemma each_place (P : Z * Z -> Prop) :
      (forall j, 0 <= j < size r -> P (place r j)) <-> (forall l, In l held -> P (l, rank_of T l)).
    Proof.
      split.
      - intros All l Is; assert (In (l, rank_of T l) (entries r)) as Here by (apply held_entries; eauto).
        apply in_entries in Here as (j & J & <-); auto.
      - intros All j J; assert (In (place r j) (entries r)) as Here by (apply in_entries; eauto).
        apply held_entries in Here as (l & Is & ->); auto.
    Qed.
    Lemma some_place (P : Z * Z -> Prop) :
      (exists j, 0 <= j < size r /\ P (place r j)) <-> (exists l, In l held /\ P (l, rank_of T l)).
    Proof.
      split.
      - intros (j & J & Here); assert (In (place r j) (entries r)) as Is by (apply in_entries; eauto).
        apply held_entries in Is as (l & Is & E); rewrite E in Here; eauto.
      - intros (l & Is & Here); assert (In (l, rank_of T l) (entries r)) as There by (apply held_entries; eauto).
        apply in_entries in There as (j & J & E); rewrite <- E in Here; eauto.
    Qed.
    Lemma size_is : size r = Z.of_nat (List.length held).
    Proof.
      pose proof (Permutation_length (represents_entries _ _ _ _ Says)) as Same.
      pose proof (represents_size _ _ _ _ Says); unfold entries in Same.
      rewrite !map_length, seq_length in Same; lia.
    Qed.
    Lemma held_lock l : In l held -> lock_of T l.
    Proof. pose proof (represents_locks _ _ _ _ Says) as All; rewrite Forall_forall in All; auto. Qed.
    Lemma lock_numbers l : lock_of T l -> 0 <= l < 2 ^ 32 /\ 0 <= rank_of T l < 2 ^ 32.
    Proof.
      intros (f & i & F & I & ->); split; [exact (lock_id_range T f i Ok F I)|].
      rewrite rank_of_lock by auto; apply recordable_in, F.
    Qed.
    Lemma place_numbers j : 0 <= j < size r ->
      0 <= fst (place r j) < 2 ^ 32 /\ 0 <= snd (place r j) < 2 ^ 32.
    Proof.
      apply (proj2 (each_place (fun e => 0 <= fst e < 2 ^ 32 /\ 0 <= snd e < 2 ^ 32))).
      intros l Is; apply lock_numbers, held_lock, Is.
    Qed.

    (** ** The record after a lock is added, or removed *)
    Lemma represents_added r' l : lock_of T l -> ~ In l held -> size r < depth ->
      size r' = size r + 1 -> (forall k, place r' k = set_at (size r) (l, rank_of T l) (place r) k) ->
      represents T depth r' (l :: held).
    Proof.
      intros Lock Fresh Room Size Places; destruct Says as [Same Bounds Once Locks]; split.
      - unfold entries; rewrite Size, Z2Nat.inj_add by lia; change (Z.to_nat 1) with 1%nat.
        rewrite Nat.add_1_r, seq_S, map_app; cbn [Nat.add map].
        rewrite Permutation_app_comm; cbn [app]; rewrite Places, Z2Nat.id by lia.
        unfold set_at at 1; rewrite Z.eqb_refl; apply perm_skip.
        eapply perm_trans; [|exact Same]; apply Permutation_refl'; apply map_ext_in; intros j J.
        apply in_seq in J; rewrite Places; unfold set_at.
        now rewrite (proj2 (Z.eqb_neq (Z.of_nat j) (size r))) by lia.
      - lia.
      - now constructor.
      - now constructor.
    Qed.

    Lemma represents_removed r' l k : 0 <= k < size r -> fst (place r k) = l -> size r' = size r - 1 ->
      (forall j, place r' j = set_at k (place r (size r - 1)) (place r) j) ->
      represents T depth r' (filter (fun h => negb (h =? l)) held).
    Proof.
      intros K Here Size Places; destruct Says as [Same Bounds Once Locks].
      assert (In (place r k) (entries r)) as Is by (apply in_entries; eauto).
      apply held_entries in Is as (l' & Is & E); rewrite E in Here; cbn in Here; subst l'.
      split.
      - apply (Permutation_cons_inv (a := (l, rank_of T l))).
        change ((l, rank_of T l) :: map (fun l => (l, rank_of T l)) (filter (fun h => negb (h =? l)) held))
          with (map (fun l => (l, rank_of T l)) (l :: filter (fun h => negb (h =? l)) held)).
        rewrite <- (Permutation_map _ (filter_removes l held Once Is)), <- Same; symmetry.
        unfold entries; rewrite Size; replace (Z.to_nat (size r)) with (S (Z.to_nat (size r - 1))) by lia.
        rewrite <- E; replace k with (Z.of_nat (Z.to_nat k)) at 1 by lia.
        apply (moved_places (fun j => place r (Z.of_nat j)) (fun j => place r' (Z.of_nat j))); [lia|].
        intros j J; rewrite Places; unfold set_at; rewrite Z2Nat.id by lia.
        destruct (Z.eqb_spec (Z.of_nat j) k), (Nat.eqb_spec j (Z.to_nat k)); auto; lia.
      - lia.
      - now apply NoDup_filter.
      - rewrite Forall_forall in *; intros h H; apply filter_In in H; apply Locks, H.
    Qed.
  End Record.

  (** ** The order: places of other families and of this one *)
  Lemma comes_before_place f i h : In f T -> in_family f i = true -> lock_of T h ->
    comes_before T h (lock_id f i) = true <->
    h <> lock_id f i /\ (rank_of T h < rank f \/ first f <= h <= lock_id f i).
  Proof.
    intros F I (g & j & G & J & ->); rewrite rank_of_lock by auto.
    rewrite (comes_before_iff T Ok g j f i G F J I); split.
    - intros [Less|(-> & Less)].
      + split; [|now left]; intros Same.
        destruct (lock_id_injective T g j f i Ok G F J I Same) as (-> & _); lia.
      + apply in_family_iff in J; unfold lock_id; split; [|right]; lia.
    - intros (Other & [Less|Between]); [now left|right].
      assert (in_family f (lock_id g j - first f) = true) as K.
      { apply in_family_iff; apply in_family_iff in I; unfold lock_id in *; lia. }
      destruct (lock_id_injective T g j f (lock_id g j - first f) Ok G F J K) as (-> & _); [unfold lock_id; lia|].
      split; [reflexivity|]; unfold lock_id in *; lia.
  Qed.
End Facts.
