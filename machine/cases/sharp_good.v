(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: what is true of the atomic machine

    Clients that never come to a breach; and what is read, whatever the clients.  What
    sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool.
From hlock.layers.view Require Import spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec.
From hlock.machine.model Require Import machine atomic.
From hlock.machine.cases Require Import small.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

(** ** Clients that never come to a breach: each enters, writes, reads and leaves *)
Definition section : list (op small) := [acquire core 0; write core 0 7 1; read core 0 7; release core 0].
Definition good : cpu -> client small := go_through [section; section].
(** Whether a CPU that stands at [q] holds the lock; [None]: it does not matter. *)
Definition has_it (q : position small) : option bool :=
  match q with
  | At_rest [] | Pending _ [] => Some false
  | Effected _ [] | At_rest [_] | At_rest [_; _] | At_rest [_; _; _] | Pending _ [_; _; _] => Some true
  | _ => None
  end.
Definition fits (x : atomic_machine small) : Prop := forall c q, nth_error (positions x) c = Some q ->
  (forall o history, q = Pending o history \/ q = Effected o history -> good c history = Some o /\ effect o <> None) /\
  (has_it q = Some true -> holder small 0 (happened x) = Some c) /\
  (has_it q = Some false -> holder small 0 (happened x) <> Some c).
Lemma nth_put {A} c (a : A) l c' : nth_error (put_at c a l) c' =
  if Nat.eqb c' c then match nth_error l c with Some _ => Some a | None => None end else nth_error l c'.
Proof. revert c c'; induction l as [|b l IH]; intros [|c] [|c']; cbn; auto; now destruct (Nat.eqb c' c). Qed.
Lemma good_does c history o : good c history = Some o -> nth_error section (List.length history) = Some o.
Proof. destruct c as [|[|[|c]]]; intros Next; try exact Next; destruct history; discriminate Next. Qed.
Local Ltac each_place history Next := destruct history as [|? [|? [|? [|? history]]]]; cbn in Next;
  try (destruct history; discriminate Next); injection Next as <-.
(** What another CPU does to the lock leaves mine as it was. *)
Lemma holder_other c c' a g : c' <> c -> possible c a g -> holder small 0 ((c,
  a) :: g) = Some c' <-> holder small 0 g = Some c'.
Proof.
  intros Other Can; destruct a as [l k|l k v|l k v|]; try reflexivity; cbn [holder].
  unfold atomic.possible in Can; cbn [event_fault fst snd] in Can.
  destruct (negb _); [discriminate Can|]; destruct (halted _ _); [discriminate Can|]; cbn [action_fault] in Can.
  destruct (lock_exists _); [|discriminate Can]; cbn [verb_fault atomic] in Can.
  destruct k; destruct (Z.eqb_spec l 0) as [->|]; try reflexivity; cbn [spec.atomic_fault] in Can; unfold holds in Can.
  - destruct (holder small 0 g); [discriminate|]; split; [intros [= ->]; now destruct Other|discriminate].
  - destruct (holder small 0 g) as [c1|]; [|discriminate]; destruct (Nat.eqb_spec c1 c) as [Same|]; [|discriminate Can].
    split; [discriminate|congruence].
Qed.
Lemma good_fits tr x : atomic_execution good tr x -> fits x.
Proof.
  induction 1 as [|tr x c v x' _ IH Step].
  - intros c q At; cbn [atomic_start positions happened] in *; apply nth_error_In, repeat_spec in At as ->.
    repeat split; try discriminate; destruct H; discriminate.
  - assert (Put : forall ps g q g', fits (mkAtomic ps g) ->
        (forall c', c' <> c -> holder small 0 g' = Some c' <-> holder small 0 g = Some c') ->
        ((forall o history, q = Pending o history \/ q = Effected o history -> good c history = Some o /\
          effect o <> None) /\
         (has_it q = Some true -> holder small 0 g' = Some c) /\ (has_it q = Some false ->
           holder small 0 g' <> Some c)) ->
        fits (mkAtomic (put_at c q ps) g')).
    { intros ps g q g' Was Others Mine c' q'; cbn [positions happened]; rewrite nth_put.
      destruct (Nat.eqb_spec c' c) as [->|Other]; [destruct (nth_error ps c); [intros [= <-];
        exact Mine|discriminate]|].
      intros At; specialize (Was c' q' At); cbn [happened] in Was; pose proof (Others c' Other); tauto. }
    destruct Step as [ps g history o At Next Has|ps g history o a At Is Can|ps g history o At|ps g history f i k l v
      At Next Can
      |ps g history f i k v l At Next Can|ps g q At Lives]; pose proof (IH c _ At) as (Next' & Yes & No);
        cbn [happened] in *.
    + apply (Put _ g); [exact IH|tauto|]; split.
      * intros o' history' [[= <- <-]|]; [auto|discriminate].
      * apply good_does in Next; each_place history Next; try (now destruct Has); exact (conj Yes No).
    + destruct (Next' o history (or_introl eq_refl)) as (Next & Has).
      apply (Put _ g); [exact IH|intros c' Other; now apply holder_other|].
      split; [intros o' history' [|[= <- <-]]; [discriminate|auto]|].
      apply good_does in Next; each_place history Next; try (now destruct Has); injection Is as <-; cbn; split;
        try discriminate; auto.
    + destruct (Next' o history (or_intror eq_refl)) as (Next & Has).
      apply (Put _ g); [exact IH|tauto|]; split; [intros o' history' [|]; discriminate|].
      apply good_does in Next; each_place history Next; try (now destruct Has); cbn in *; split; auto; discriminate.
    + apply (Put _ g); [exact IH|intros c' Other; now apply holder_other|]; split; [intros o' history' [|];
      discriminate|].
      apply good_does in Next; destruct history as [|? [|? [|? [|? history]]]]; cbn in Next; try discriminate Next;
        try (destruct history; discriminate Next); cbn in *; split; auto; discriminate.
    + apply (Put _ g); [exact IH|intros c' Other; now apply holder_other|]; split; [intros o' history' [|];
      discriminate|].
      apply good_does in Next; destruct history as [|? [|? [|? [|? history]]]]; cbn in Next; try discriminate Next;
        try (destruct history; discriminate Next); cbn in *; split; auto; discriminate.
    + apply (Put _ g); [exact IH|intros c' _; reflexivity|]; split; [intros o history [|]; discriminate|split;
      discriminate].
Qed.
Example good_never_breach : never_breaches good small_table.
Proof.
  intros tr x Run (c & history & o & At & Next & Not); destruct (good_fits tr x Run c _ At) as (_ & Yes & No).
  apply good_does in Next; each_place history Next; cbn in Not; destruct Not as [Not|[Not|Not]];
    try discriminate; try (apply Not; auto; fail); try (now apply Not, Yes); now apply No.
Qed.

(** ** What is read on it is what was written last, as it was seen; whatever the clients *)
Fixpoint seen_object (l k : Z) (tr : visible_trace small) : Obj small l :=
  match tr with
  | [] => initial small l k
  | (_, Did_write l' k' v) :: tr =>
      match (if k' =? k then value_for (A := Obj small) l l' v else None) with Some v => v | None => seen_object l k
        tr end
  | _ :: tr => seen_object l k tr
  end.
Fixpoint reads_right (tr : visible_trace small) : Prop :=
  match tr with
  | [] => True
  | (_, Did_read l k v) :: tr => v = seen_object l k tr /\ reads_right tr
  | _ :: tr => reads_right tr
  end.
Lemma atomic_reads_right some tr x : atomic_execution some tr x ->
  reads_right tr /\ forall l k, object l k (happened x) = seen_object l k tr.
Proof.
  induction 1 as [|tr x c v x' _ (Right & Same) Step]; [split; reflexivity|].
  destruct Step; cbn [see reads_right happened] in *; try (split; [exact Right|exact Same]).
  - split; [exact Right|]; intros l1 k1; destruct o; try discriminate; injection H0 as <-; exact (Same l1 k1).
  - split; [|exact Same]; split; [|exact Right]; exact (Same l k).
  - split; [exact Right|]; intros l1 k1; cbn [object seen_object].
    destruct (k =? k1); [|apply Same]; destruct (value_for l1 l v); [reflexivity|apply Same].
Qed.
