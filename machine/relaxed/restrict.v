(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Graphs cut short

    The first actions of each CPU alone.  If what reads read is left, what is left of a consistent graph is
    consistent ([restrict_consistent]).  Read next: careful.v. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.machine.relaxed Require Import model.
Import ListNotations.

Section Restrict.
  Context {S : system} (o : orders) (g : graph S) (n : cpu -> nat).

  (** The first [n] actions of each CPU. *)
  Definition restrict : graph S := mkGraph (fun c => firstn (n c) (run g c)) (rf g) (co g).

  Lemma nth_firstn {A} (l : list A) : forall m i, nth_error (firstn m l) i = if Nat.ltb i m then nth_error l i else
    None.
  Proof.
    induction l as [|a l IH]; intros [|m] [|i]; cbn [firstn nth_error]; auto.
    - now destruct (Nat.ltb _ _).
    - exact (IH m i).
  Qed.
  Lemma restrict_does x : does restrict x = if Nat.ltb (snd x) (n (fst x)) then does g x else None.
  Proof. apply nth_firstn. Qed.
  Lemma restrict_some x a : does restrict x = Some a -> does g x = Some a.
  Proof. rewrite restrict_does; destruct (Nat.ltb _ _); [auto|discriminate]. Qed.
  Lemma restrict_loads x m : loads_at restrict x m -> loads_at g x m.
  Proof. intros (a & At & Is); apply restrict_some in At; now exists a. Qed.
  Lemma restrict_stores x m : stores_at restrict x m -> stores_at g x m.
  Proof. intros (a & At & Is); apply restrict_some in At; now exists a. Qed.
  Lemma restrict_reads x y : reads_from restrict x y -> reads_from g x y.
  Proof. intros ((m & Loads) & Reads); split; [exists m; now apply restrict_loads|exact Reads]. Qed.
  Lemma restrict_sb x y : sb restrict x y -> sb g x y.
  Proof.
    intros (Own & Less & Here); split; [exact Own|split; [exact Less|]].
    destruct (does restrict y) as [a|] eqn:At; [|contradiction]; apply restrict_some in At; congruence.
  Qed.
  Lemma restrict_hb x y : hb o restrict x y -> hb o g x y.
  Proof.
    induction 1 as [x y Sb|x y (Reads & (a & At & Rel) & (b & At' & Acq))|].
    - now apply hb_sb, restrict_sb.
    - apply hb_sync; split; [now apply restrict_reads|split; [exists a|exists b]; split; auto using restrict_some].
    - eauto using hb_trans.
  Qed.
  Lemma restrict_causes x y : causes restrict x y -> causes g x y.
  Proof.
    induction 1 as [x y Sb|x y Reads (a & At & Word)|].
    - now apply causes_sb, restrict_sb.
    - apply causes_rf; [now apply restrict_reads|exists a; split; auto using restrict_some].
    - eauto using causes_trans.
  Qed.
  Lemma restrict_fr x y : fr restrict x y -> fr g x y.
  Proof.
    intros (Apart & m & Loads & Stores & Co); split; [exact Apart|exists m].
    split; [now apply restrict_loads|split; [now apply restrict_stores|exact Co]].
  Qed.
  Lemma restrict_eco x y : eco restrict x y -> eco g x y.
  Proof. induction 1; eauto using eco_rf, eco_co, eco_fr, eco_trans, restrict_reads, restrict_fr. Qed.

  (** If reads read what is left, what is left of a consistent graph is consistent. *)
  Theorem restrict_consistent width :
    (forall x y, does restrict y <> None -> reads_from g x y -> (snd x < n (fst x))%nat) ->
    consistent_graph o g width -> consistent_graph o restrict width.
  Proof.
    intros Closed Consistent; constructor.
    - intros y a At Loads; pose proof (rf_right _ _ _ Consistent y a (restrict_some _ _ At) Loads) as Right.
      unfold reads_right in *; cbn [rf restrict]; destruct (rf g y) as [x|] eqn:Reads; [|exact Right].
      destruct Right as (b & At' & Both); exists b; split; [|exact Both]; rewrite restrict_does, At'.
      assert (Less : (snd x < n (fst x))%nat); [|now rewrite (proj2 (Nat.ltb_lt _ _) Less)].
      apply (Closed x y); [congruence|split; [|exact Reads]]; destruct (loads a) as [m|] eqn:Is; [|contradiction].
      exists m, a; split; [exact (restrict_some _ _ At)|exact Is].
    - intros x y m Apart X Y; exact (co_total _ _ _ Consistent x y m Apart (restrict_stores _ _ X) (restrict_stores _ _
      Y)).
    - intros x C; exact (no_thin_air _ _ _ Consistent x (restrict_causes _ _ C)).
    - intros x y H E; exact (coherence _ _ _ Consistent x y (restrict_hb _ _ H) (restrict_eco _ _ E)).
    - intros One x y F C; exact (atomicity _ _ _ Consistent One x y (restrict_fr _ _ F) C).
  Qed.
End Restrict.
