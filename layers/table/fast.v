(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * [table_ok] and membership, for large tables

    [table_ok] compares each two families, which is what a reader wants to see.
    [table_ok_fast] is equal to it ([table_ok_fast_is]) and costs n log n for n
    families, whatever their counts: names are looked up in a map, numbers are
    sorted and neighbours compared.  [lines_of] finds a family by its line. *)
From Coq Require Import ZArith List Bool String Lia FMapPositive Mergesort Orders Permutation Sorted.
From hlock.clight Require Import options values.
From hlock.layers.table Require Import table facts.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope clight_scope.

(** ** Names *)

(** No two families have one name, and none has a name of [seen]. *)
Fixpoint new_names (seen : PositiveMap.t unit) (T : table) : bool :=
  match T with
  | [] => true
  | f :: T =>
      match PositiveMap.find ($(name f)) seen with
      | Some _ => false
      | None => new_names (PositiveMap.add ($(name f)) tt seen) T
      end
  end.

Lemma new_names_iff T : forall seen,
  new_names seen T = true <->
  ForallOrdPairs (fun f g => name f <> name g) T /\
  Forall (fun f => PositiveMap.find ($(name f)) seen = None) T.
Proof.
  induction T as [|f T IH]; intros seen; cbn [new_names]; [split; auto; repeat constructor|].
  destruct (PositiveMap.find ($(name f)) seen) eqn:Seen.
  - split; [discriminate|intros (_ & New); inversion New; congruence].
  - rewrite IH, !Forall_forall; split; intros (Apart & New).
    + split; [constructor; [apply Forall_forall|exact Apart]|]; intros g Member.
      * intros Same; specialize (New g Member); now rewrite Same, PositiveMap.gss in New.
      * destruct Member as [<-|Member]; [exact Seen|specialize (New g Member)].
        destruct (Pos.eq_dec ($(name g)) ($(name f))) as [->|Differ]; [exact Seen|].
        now rewrite PositiveMap.gso in New.
    + inversion Apart as [|? ? First Rest]; subst; split; [exact Rest|]; intros g Member.
      rewrite Forall_forall in First; rewrite PositiveMap.gso; [now apply New; right|].
      intros Same; apply ident_of_string_inj in Same; now apply (First g Member).
Qed.

(** ** Numbers *)
Module By_first <: TotalLeBool.
  Definition t := family.
  Definition leb (f g : t) := first f <=? first g.
  Lemma leb_total f g : leb f g = true \/ leb g f = true.
  Proof. unfold leb; rewrite !Z.leb_le; lia. Qed.
End By_first.
Module Sorting := Sort By_first.

(** Each ends before the next begins. *)
Fixpoint follow (T : table) : bool :=
  match T with
  | f :: (g :: _) as T => (first f + count f <=? first g) && follow T
  | _ => true
  end.

Lemma pairs_permuted {A} (R : A -> A -> Prop) l l' : (forall a b, R a b -> R b a) ->
  Permutation l l' -> ForallOrdPairs R l -> ForallOrdPairs R l'.
Proof.
  intros Symmetric Same; induction Same as [|a l l' Same IH|a b l|]; intros Pairs; auto.
  - inversion Pairs as [|? ? First Rest]; subst; constructor; [now rewrite <- Same|auto].
  - inversion Pairs as [|? ? First Rest]; inversion Rest as [|? ? First' Rest']; inversion First; subst.
    repeat constructor; auto.
Qed.

Lemma follow_iff T : Forall (fun f => line_ok f = true) T -> Sorted (fun f g => By_first.leb f g = true) T ->
  follow T = true <-> ForallOrdPairs (fun f g => disjoint f g = true) T.
Proof.
  intros Ok Sorts; induction T as [|f [|g T] IH]; [split; auto; constructor|split; auto; repeat constructor|].
  inversion Ok as [|? ? Good Rest]; inversion Sorts as [|? ? Sorts' Before]; subst; specialize (IH Rest Sorts').
  change (follow (f :: g :: T)) with ((first f + count f <=? first g) && follow (g :: T)).
  rewrite andb_true_iff, Z.leb_le, IH; apply line_ok_range in Good.
  apply Sorted_StronglySorted in Sorts; [|intros ? ? ?; unfold By_first.leb; rewrite !Z.leb_le; lia].
  apply StronglySorted_inv in Sorts as (Tail & _); apply StronglySorted_inv in Tail as (_ & After).
  rewrite Forall_forall in After; inversion Rest as [|? ? Next _]; subst; apply line_ok_range in Next.
  inversion Before as [|? ? Le]; subst; unfold By_first.leb in *; rewrite Z.leb_le in Le; split.
  - intros (Ends & Pairs); constructor; [|exact Pairs].
    apply Forall_forall; intros h [<-|Member]; apply disjoint_iff; [lia|].
    specialize (After h Member); rewrite Z.leb_le in After; lia.
  - intros Pairs; inversion Pairs as [|? ? First Rest']; subst; split; [|exact Rest'].
    inversion First as [|? ? Apart _]; subst; apply disjoint_iff in Apart; lia.
Qed.

(** ** The two together *)
Definition table_ok_fast (T : table) : bool :=
  forallb line_ok T && new_names (PositiveMap.empty unit) T && follow (Sorting.sort T).

Lemma table_ok_iff T :
  table_ok T = true <->
  Forall (fun f => line_ok f = true) T /\ ForallOrdPairs (fun f g => name f <> name g) T /\
  ForallOrdPairs (fun f g => disjoint f g = true) T.
Proof.
  induction T as [|f T IH]; [cbn; repeat split; auto; constructor|].
  rewrite table_ok_cons, IH; split.
  - intros (Ok & (Oks & Names & Numbers) & Apart).
    repeat split; constructor; auto; apply Forall_forall; intros g Member; now destruct (Apart g Member).
  - intros (Ok & Names & Numbers); inversion Ok; inversion Names as [|? ? Named]; inversion Numbers as [|? ? Numbered].
    subst; rewrite Forall_forall in Named, Numbered; repeat split; auto.
Qed.

Theorem table_ok_fast_is T : table_ok_fast T = table_ok T.
Proof.
  apply eq_true_iff_eq; unfold table_ok_fast; rewrite table_ok_iff, !andb_true_iff, forallb_forall, <- Forall_forall,
    new_names_iff.
  assert (Symmetric : forall f g, disjoint f g = true -> disjoint g f = true)
    by (intros f g; rewrite !disjoint_iff; tauto).
  pose proof (Sorting.Permuted_sort T) as Same.
  assert (Numbers : Forall (fun f => line_ok f = true) T ->
    follow (Sorting.sort T) = true <-> ForallOrdPairs (fun f g => disjoint f g = true) T).
  { intros Ok; rewrite follow_iff; [|now rewrite <- Same|apply Sorting.Sorted_sort].
    split; apply pairs_permuted; auto; now symmetry. }
  assert (Unseen : Forall (fun f => PositiveMap.find ($(name f)) (PositiveMap.empty unit) = None) T)
    by (apply Forall_forall; intros; apply PositiveMap.gempty).
  intuition.
Qed.

Corollary accepted_fast T : table_ok_fast T = true -> table_ok T = true.
Proof. now rewrite table_ok_fast_is. Qed.

(** ** Families by their lines, counted from 1 *)
Fixpoint lines_from (n : positive) (T : table) : PositiveMap.t family :=
  match T with
  | [] => PositiveMap.empty family
  | f :: T => PositiveMap.add n f (lines_from (Pos.succ n) T)
  end.
Definition lines_of : table -> PositiveMap.t family := lines_from 1.

Lemma line_member T lines n f : lines_of T = lines -> PositiveMap.find n lines = Some f -> In f T.
Proof.
  intros <-; unfold lines_of; generalize 1%positive as from.
  induction T as [|g T IH]; cbn [lines_from]; intros from Found.
  - now rewrite PositiveMap.gempty in Found.
  - destruct (Pos.eq_dec n from) as [->|Other].
    + rewrite PositiveMap.gss in Found; injection Found as ->; now left.
    + rewrite PositiveMap.gso in Found by exact Other; right; eauto.
Qed.
