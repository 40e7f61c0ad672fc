(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * An accepted table gives each lock its own number

    [lock_id] is injective and in range for every table that [table_ok]
    accepts, and [find_family] finds the family back. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options.
From hlock.layers.table Require Import table.
Import ListNotations.
Local Open Scope Z_scope.

Definition same_family_dec (f g : family) : {f = g} + {f <> g}.
Proof. decide equality; (apply string_dec || apply Z.eq_dec || (decide equality; apply string_dec)). Defined.

Lemma in_family_iff f i : in_family f i = true <-> 0 <= i < count f.
Proof. unfold in_family; rewrite andb_true_iff, Z.leb_le, Z.ltb_lt; tauto. Qed.

Lemma disjoint_iff f g :
  disjoint f g = true <-> first f + count f <= first g \/ first g + count g <= first f.
Proof. unfold disjoint; rewrite orb_true_iff, !Z.leb_le; tauto. Qed.

Lemma line_ok_range f :
  line_ok f = true -> 0 <= first f /\ 1 <= count f /\ first f + count f < 2 ^ 32.
Proof. unfold line_ok; rewrite !andb_true_iff, !Z.leb_le, Z.ltb_lt; tauto. Qed.

Lemma table_ok_cons f T :
  table_ok (f :: T) = true <->
  line_ok f = true /\ table_ok T = true /\
  (forall g, In g T -> name f <> name g /\ disjoint f g = true).
Proof.
  cbn; rewrite !andb_true_iff, forallb_forall; split.
  - intros ((Ok & Apart) & Rest); repeat split; auto; apply Apart in H;
      apply andb_prop in H as [N D]; auto.
    intros E; rewrite E, String.eqb_refl in N; discriminate.
  - intros (Ok & Rest & Apart); repeat split; auto; intros g In; apply Apart in In as [N D].
    rewrite D, andb_true_r, negb_true_iff; now apply String.eqb_neq.
Qed.

Lemma table_ok_in T f : table_ok T = true -> In f T -> line_ok f = true.
Proof.
  induction T as [|g T IH]; [easy|rewrite table_ok_cons; intros (Ok & Rest & _) [<-|H]; auto].
Qed.

Lemma lock_id_bound T f i :
  table_ok T = true -> In f T -> in_family f i = true ->
  0 <= lock_id f i < table_size T.
Proof.
  intros Ok In; pose proof (line_ok_range f (table_ok_in T f Ok In)) as Range; clear Ok.
  rewrite in_family_iff; unfold lock_id; intros I.
  enough (first f + count f <= table_size T) by lia.
  induction T as [|g T IH]; [easy|]; destruct In as [->|In]; cbn [table_size].
  - lia.
  - specialize (IH In); lia.
Qed.

(** Two families of an accepted table with a common number are one family. *)
Lemma families_apart T f g :
  table_ok T = true -> In f T -> In g T -> f <> g -> disjoint f g = true.
Proof.
  induction T as [|h T IH]; [easy|].
  rewrite table_ok_cons; intros (_ & Rest & Apart) [<-|F] [<-|G] Diff.
  - congruence.
  - now apply Apart.
  - apply Apart in F as [_ D]; apply disjoint_iff; apply disjoint_iff in D; tauto.
  - auto.
Qed.

Definition eq_family_dec (f g : family) : {f = g} + {f <> g}.
Proof. repeat decide equality. Defined.

(** Different locks have different numbers. *)
Theorem lock_id_injective T f i g j :
  table_ok T = true -> In f T -> In g T ->
  in_family f i = true -> in_family g j = true ->
  lock_id f i = lock_id g j -> f = g /\ i = j.
Proof.
  intros Ok F G; rewrite !in_family_iff; unfold lock_id; intros I J Same.
  destruct (eq_family_dec f g) as [->|Diff]; [split; [auto|lia]|].
  pose proof (families_apart T f g Ok F G Diff) as Apart; apply disjoint_iff in Apart; lia.
Qed.

(** Every number is that of a C [uint32_t]. *)
Theorem lock_id_range T f i :
  table_ok T = true -> In f T -> in_family f i = true -> 0 <= lock_id f i < 2 ^ 32.
Proof.
  intros Ok In; pose proof (line_ok_range f (table_ok_in T f Ok In)).
  rewrite in_family_iff; unfold lock_id; lia.
Qed.

(** [find_family] finds the family of a number back. *)
Theorem find_family_lock_id T f i :
  table_ok T = true -> In f T -> in_family f i = true -> find_family T (lock_id f i) = Some f.
Proof.
  induction T as [|g T IH]; [easy|].
  rewrite table_ok_cons; cbn [find_family]; intros (Ok & Rest & Apart) [->|F] I.
  - unfold lock_id; replace (first f + i - first f) with i by lia; now rewrite I.
  - destruct (in_family g (lock_id f i - first g)) eqn:E; [|auto].
    apply Apart in F as [_ D]; apply disjoint_iff in D.
    rewrite in_family_iff in *; unfold lock_id in *; lia.
Qed.

(** ** The order *)
Section Order.
  Context (T : table) (Ok : table_ok T = true).

  Lemma find_family_some l f : find_family T l = Some f -> In f T /\ in_family f (l - first f) = true.
  Proof.
    clear Ok; induction T as [|g T' IH]; cbn; [discriminate|].
    destruct (in_family g (l - first g)) eqn:E; [intros [= ->]; auto|intros Is; apply IH in Is; tauto].
  Qed.
  Lemma first_same f g : In f T -> In g T -> first f = first g -> f = g.
  Proof.
    intros F G Same; destruct (line_ok_range f (table_ok_in T f Ok F)) as (_ & One_f & _),
      (line_ok_range g (table_ok_in T g Ok G)) as (_ & One_g & _).
    apply (lock_id_injective T f 0 g 0 Ok F G); [apply in_family_iff; lia..|unfold lock_id; lia].
  Qed.

  (** What it says of locks of the table: it is that of pairs of rank and index. *)
  Theorem comes_before_iff f i g j : In f T -> In g T -> in_family f i = true -> in_family g j = true ->
    comes_before T (lock_id f i) (lock_id g j) = true <-> rank f < rank g \/ (f = g /\ i < j).
  Proof.
    intros F G I J; unfold comes_before.
    rewrite (find_family_lock_id T f i Ok F I), (find_family_lock_id T g j Ok G J).
    rewrite orb_true_iff, andb_true_iff, Z.eqb_eq, !Z.ltb_lt; unfold lock_id; split; (intros [Less|(Same & Less)];
      [now left|right]).
    - pose proof (first_same f g F G Same) as ->; split; [reflexivity|lia].
    - subst g; split; [reflexivity|lia].
  Qed.
  Lemma comes_before_not l : comes_before T l l = false.
  Proof. unfold comes_before; destruct (find_family T l); [|reflexivity]; rewrite !Z.ltb_irrefl, andb_false_r;
    auto. Qed.
  Lemma comes_before_trans l1 l2 l3 : comes_before T l1 l2 = true -> comes_before T l2 l3 = true ->
    comes_before T l1 l3 = true.
  Proof.
    unfold comes_before; destruct (find_family T l1) as [f|] eqn:F, (find_family T l2) as [g|] eqn:G,
      (find_family T l3) as [h|] eqn:H; try discriminate.
    apply find_family_some in F as (F & _), G as (G & _), H as (H & _).
    rewrite !orb_true_iff, !andb_true_iff, !Z.eqb_eq, !Z.ltb_lt.
    intros [One|(One & Less)] [Two|(Two & Less')].
    - left; lia.
    - rewrite <- (first_same g h G H Two); now left.
    - rewrite (first_same f g F G One); now left.
    - right; split; congruence || lia.
  Qed.
End Order.
