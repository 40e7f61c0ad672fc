(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Executions on consistent memory are relaxed ones

    Of an execution on sequentially consistent memory the log gives a graph: each read reads
    the last write before it, and the writes of a location come as they are in the log.  It is
    consistent, whatever is an acquire or a release ([consistent_is_relaxed]).  So the
    relaxed executions are not fewer, and what is false of some execution on
    consistent memory is false of a relaxed one.  Not all are such: machine/cases/relaxed_cases.v.
    Read next: machine/cases/relaxed_cases.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.refine Require Import invariant.
From hlock.machine.relaxed Require Import model order turns reading interleave embedding.
Import ListNotations.
Local Open Scope Z_scope.

(** From [x] by way of [xs] to [y].  In such an order no way goes round. *)
Fixpoint way {S : system} (g : graph S) (x : id) (xs : list id) (y : id) : Prop :=
  match xs with [] => edge g x y | z :: xs => edge g x z /\ way g z xs y end.
Lemma not_round {S : system} (g : graph S) x xs : way g x xs x -> ~ sequentially_consistent g.
Proof.
  intros Round (ids & Once & Edges).
  assert (Way : forall xs x y, way g x xs y -> earlier ids x y).
  { clear x xs Round; induction xs as [|z xs IH]; intros x y; [apply Edges|intros (Edge & Rest)].
    apply earlier_trans with z; auto. }
  apply Way in Round; exact (earlier_one_way ids x x Once Round Round).
Qed.

Section Graph_of_log.
  Context (S : system) (width : Z) (Width : 1 <= width <= 32).
  Local Notation log := (log S words_verb).
  Context (whole : log).

  (** The actions of a log as actions of a graph, newest first. *)
  Fixpoint ids_of (h : log) : list id :=
    match h with
    | [] => []
    | (c, _) :: h => (c, length (part_of c h)) :: ids_of h
    end.
  Definition runs_of (c : cpu) : list (action S words_verb) := rev (part_of c whole).
  Definition no_edges : graph S := mkGraph runs_of (fun _ => None) (fun _ _ => False).
  (** What comes before [x] in a list. *)
  Fixpoint before_in (ids : list id) (x : id) : list id :=
    match ids with
    | [] => []
    | y :: ids => if id_eq_dec y x then ids else before_in ids x
    end.
  Definition last_write (x : id) : option id :=
    match does no_edges x with
    | Some a => match loads a with Some m => find (writer S no_edges m) (before_in (ids_of whole) x) | None => None end
    | None => None
    end.
  Definition graph_of : graph S :=
    mkGraph runs_of last_write
      (fun x y => earlier (ids_of whole) x y /\ exists m, stores_at no_edges x m /\ stores_at no_edges y m).
  Local Notation g := graph_of.
  Local Notation ids := (ids_of whole).

  Lemma part_app c (h1 h2 : log) : part_of c (h1 ++ h2) = part_of c h1 ++ part_of c h2.
  Proof. apply flat_map_app. Qed.
  Lemma part_cons c a (h : log) : part_of c ((c, a) :: h) = a :: part_of c h.
  Proof. unfold part_of; cbn [flat_map]; now rewrite Nat.eqb_refl. Qed.

  Lemma does_log h' c a h : whole = h' ++ (c, a) :: h -> does g (c, length (part_of c h)) = Some a.
  Proof.
    intros Is; unfold does; cbn [run fst snd graph_of]; unfold runs_of; rewrite Is, part_app, part_cons, rev_app_distr.
    cbn [rev]; rewrite <- app_assoc, nth_error_app2 by (rewrite rev_length; lia).
    now rewrite rev_length, Nat.sub_diag.
  Qed.
  Lemma log_of_ids h' h : whole = h' ++ h -> log_of g (ids_of h) = h.
  Proof.
    revert h'; induction h as [|[c a] h IH]; intros h' Is; [reflexivity|].
    cbn [ids_of]; unfold log_of; cbn [flat_map]; unfold event_of at 1; rewrite (does_log h' c a h Is); cbn [fst app];
      f_equal.
    apply (IH (h' ++ [(c, a)])); now rewrite <- app_assoc.
  Qed.

  Lemma ids_in h x : List.In x (ids_of h) <-> (snd x < length (part_of (fst x) h))%nat.
  Proof.
    induction h as [|[c a] h IH]; [cbn; lia|]; destruct x as (c' & i); cbn [ids_of List.In fst snd] in *.
    unfold part_of in *; cbn [flat_map]; fold (@part_of S c' h) in *; fold (@part_of S c h) in *.
    destruct (Nat.eqb_spec c c') as [<-|Other].
    - rewrite IH; cbn [app length]; split; [intros [[= <-]|]; lia|].
      intros Less; destruct (Nat.eq_dec i (length (part_of c h))) as [->|]; [now left|right; lia].
    - rewrite IH; cbn [app]; split; [intros [[= E _]|]; [congruence|assumption]|auto].
  Qed.
  Lemma ids_once h : NoDup (ids_of h).
  Proof.
    induction h as [|[c a] h IH]; constructor; auto; rewrite ids_in; cbn [fst snd]; lia.
  Qed.
  Lemma does_in x : does g x <> None <-> List.In x ids.
  Proof.
    rewrite ids_in; unfold does; cbn [run graph_of]; unfold runs_of; rewrite nth_error_Some, rev_length; reflexivity.
  Qed.

  Lemma before_app x b r : ~ List.In x b -> before_in (b ++ x :: r) x = r.
  Proof.
    induction b as [|y b IH]; cbn [app before_in List.In]; intros Not; [now destruct (id_eq_dec x x)|].
    destruct (id_eq_dec y x); [tauto|auto].
  Qed.
  Lemma ids_split h x : List.In x (ids_of h) -> exists b h1 a h2, h = h1 ++ (fst x, a) :: h2 /\
    ids_of h = b ++ x :: ids_of h2 /\ snd x = length (part_of (fst x) h2).
  Proof.
    induction h as [|[c a] h IH]; [contradiction|]; cbn [ids_of List.In]; intros [<-|Mem].
    - exists [], [], a, h; auto.
    - destruct (IH Mem) as (b & h1 & a' & h2 & -> & -> & Is).
      exists ((c, length (part_of c (h1 ++ (fst x, a') :: h2))) :: b), ((c, a) :: h1), a', h2; auto.
  Qed.
  Lemma ids_at x : List.In x ids -> exists b h1 a h2, whole = h1 ++ (fst x, a) :: h2 /\ does g x = Some a /\
    ids = b ++ x :: ids_of h2 /\ before_in ids x = ids_of h2.
  Proof.
    intros Mem; destruct (ids_split whole x Mem) as (b & h1 & a & h2 & Is & Ids & Number); exists b, h1, a, h2.
    split; [exact Is|split; [|split; [exact Ids|]]].
    - destruct x as (c & i); cbn in *; subst i; exact (does_log h1 c a h2 Is).
    - pose proof (ids_once whole) as Once; rewrite Ids in Once |- *; apply before_app.
      apply NoDup_remove_2 in Once; rewrite in_app_iff in Once; tauto.
  Qed.

  Lemma sb_earlier x y : sb g x y -> earlier ids x y.
  Proof.
    intros (Own & Less & Here); apply does_in in Here; destruct (ids_split whole y Here)
      as (b & _ & _ & h & _ & Is & Number).
    exists b, (ids_of h); split; [exact Is|]; apply ids_in; rewrite Own; lia.
  Qed.
  Lemma last_write_is x a m : does g x = Some a -> loads a = Some m ->
    last_write x = find (writer S g m) (before_in ids x).
  Proof. intros At Loads; unfold last_write; change (does no_edges x) with (does g x); now rewrite At, Loads. Qed.
  Lemma rf_earlier x y : reads_from g x y -> earlier ids x y.
  Proof.
    intros ((m & a & At & Loads) & Reads); cbn [rf graph_of] in Reads; rewrite (last_write_is y a m At Loads) in Reads.
    destruct (ids_at y) as (b & _ & _ & h & _ & _ & Is & Before); [apply does_in; congruence|].
    rewrite Before in Reads; apply find_some in Reads as (Mem & _); exists b, (ids_of h); auto.
  Qed.
  Lemma co_earlier x y : co g x y -> earlier ids x y.
  Proof. intros (Early & _); exact Early. Qed.
  Lemma fr_earlier x y : fr g x y -> earlier ids x y.
  Proof.
    intros (Apart & m & (a & At & Loads) & Stores & Co); cbn [rf graph_of] in Co;
      rewrite (last_write_is x a m At Loads) in Co.
    assert (X : List.In x ids) by (apply does_in; congruence).
    assert (Y : List.In y ids) by (destruct Stores as (b & At' & _); apply does_in; congruence).
    destruct (earlier_or ids x y X Y Apart) as [|(b & r & Is & Mem)]; [assumption|exfalso].
    destruct (ids_at x X) as (b' & _ & _ & h & _ & _ & Is' & Before); rewrite Before in Co.
    pose proof (ids_once whole) as Once; rewrite Is' in Is, Once; rewrite <- (split_once _ _ _ _ _ Once Is) in Mem.
    apply writer_iff in Stores; destruct (find (writer S g m) (ids_of h)) as [w|] eqn:Found.
    - destruct (find_first _ _ _ Found) as (b2 & r2 & Is2 & _ & None_); apply co_earlier in Co.
      assert (Back : earlier ids y w \/ y = w).
      { rewrite Is2, in_app_iff in Mem; destruct Mem as [Mem|[->|Mem]];
          [rewrite None_ in Stores by exact Mem; discriminate|auto|].
        left; exists (b' ++ x :: b2), r2; rewrite Is', Is2, <- app_assoc; auto. }
      destruct Back as [Back| ->]; [exact (earlier_one_way ids y w (ids_once whole) Back Co)|].
      exact (earlier_one_way ids w w (ids_once whole) Co Co).
    - apply find_none with (x := y) in Found; [congruence|exact Mem].
  Qed.
  Let earlier_trans x y z : earlier ids x y -> earlier ids y z -> earlier ids x z :=
    earlier_trans ids x y z (ids_once whole).
  Lemma earlier_not x : ~ earlier ids x x.
  Proof. intros Early; exact (earlier_one_way ids x x (ids_once whole) Early Early). Qed.

  Theorem graph_consistent o : values_there width whole -> consistent_graph o g width /\ sequentially_consistent g.
  Proof.
    intros Values.
    assert (Hb : forall x y, hb o g x y -> earlier ids x y).
    { induction 1 as [x y Sb|x y (Reads & _)|]; eauto using sb_earlier, rf_earlier, earlier_trans. }
    assert (Causes : forall x y, causes g x y -> earlier ids x y).
    { induction 1 as [x y Sb|x y Reads _|]; eauto using sb_earlier, rf_earlier, earlier_trans. }
    assert (Eco : forall x y, eco g x y -> earlier ids x y).
    { induction 1; eauto using rf_earlier, co_earlier, fr_earlier, earlier_trans. }
    split; [constructor|].
    - intros y a At Loads; destruct (loads a) as [m|] eqn:Is; [|contradiction].
      destruct (ids_at y) as (b & h1 & a' & h & Whole & At' & _ & Before); [apply does_in; congruence|].
      rewrite At in At'; injection At' as <-; unfold reads_right; cbn [rf graph_of].
      rewrite (last_write_is y a m At Is), Before; apply (value_found a m (ids_of h) Is).
      rewrite (log_of_ids (h1 ++ [(fst y, a)]) h) by (rewrite <- app_assoc; exact Whole).
      rewrite Whole in Values; clear - Values; induction h1 as [|[c b] h1 IH]; cbn in Values;
        [apply Values|apply IH, Values].
    - intros x y m Apart X Y; cbn [co graph_of].
      assert (Mx : List.In x ids) by (destruct X as (b & At & _); apply does_in; congruence).
      assert (My : List.In y ids) by (destruct Y as (b & At & _); apply does_in; congruence).
      destruct (earlier_or ids x y Mx My Apart); [left|right]; eauto.
    - intros x C; exact (earlier_not x (Causes x x C)).
    - intros x y H E; exact (earlier_not x (earlier_trans x y x (Hb x y H) (Eco y x E))).
    - intros _ x y F C; exact (earlier_not x (earlier_trans x y x (fr_earlier x y F) (co_earlier y x C))).
    - exists ids; split; [apply ids_once|]; intros x y [Sb|[Rf|[Co|Fr]]];
        auto using sb_earlier, rf_earlier, co_earlier, fr_earlier.
  Qed.
End Graph_of_log.

Section Executions.
  Context {S : system} (text : program) (width : Z) (clients : cpu -> client S).
  Local Notation M := (sc_memory S width).

  (** In an execution on consistent memory each thread goes alone. *)
  Lemma execution_alone tr x : execution text width M clients tr x ->
    length (threads x) = cpus S /\ values_there width (contents x) /\
    forall c t, nth_error (threads x) c = Some t ->
      alone text width (clients c) (part_of c (contents x)) (seen_by c tr) t.
  Proof.
    induction 1 as [|tr x c v x' Run (Length & Values & Alone) Step].
    { split; [apply repeat_length|split; [exact I|]]; intros c t At; apply nth_repeat in At as ->; constructor. }
    assert (Goes : forall ts m t t' v m', length ts = cpus S -> nth_error ts c = Some t ->
      (forall c' t', nth_error ts c' = Some t' -> alone text width (clients c') (part_of c' m) (seen_by c' tr) t') ->
      (m' = m \/ exists a, m' = (c, a) :: m) ->
      alone text width (clients c) (part_of c m')
        (match v with Some v => v :: seen_by c tr | None => seen_by c tr end) t' ->
      forall c' t'', nth_error (put_at c t' ts) c' = Some t'' ->
      alone text width (clients c') (part_of c' m') (seen_by c' (see c v tr)) t'').
    { clear; intros ts m t t' v m' _ At Alone Log Mine c' t''; rewrite nth_put, seen_by_see, At.
      destruct (Nat.eqb_spec c' c) as [->|Other]; [intros [= <-]; now rewrite Nat.eqb_refl|].
      rewrite (proj2 (Nat.eqb_neq c c')) by auto; intros At'; apply Alone in At'; destruct Log as [->|(a & ->)];
        [exact At'|].
      unfold part_of; cbn [flat_map]; rewrite (proj2 (Nat.eqb_neq c c')) by auto; exact At'. }
    assert (Known : forall t, nth_error (threads x) c = Some t -> (c < cpus S)%nat).
    { intros t At; rewrite <- Length; apply nth_error_Some; congruence. }
    destruct Step as [ts m t t' At Next|ts m t t' o At Next|ts m t t' o At Next|ts m t a t' m' At Ans (There & ->)
      |ts m t m' At Goes_on (There & ->)]; cbn [threads contents] in *; rewrite length_put;
      (split; [exact Length|split; [cbn; eauto|]]).
    - apply (Goes ts m t t' None m); auto; apply alone_local with t; auto.
    - apply (Goes ts m t t' (Some (Called o)) m); auto; apply alone_call with t; auto.
    - apply (Goes ts m t t' (Some (Returned o)) m); auto; apply alone_return with t; auto.
    - apply (Goes ts m t t' (seen_of a) ((c, a) :: m)); eauto; rewrite part_cons; apply alone_memory with t; auto.
    - apply (Goes ts m t Stopped (Some Did_halt) ((c, Halted) :: m)); eauto; rewrite part_cons; apply alone_halt with t;
        auto.
  Qed.

  (** Every execution of the machine is a relaxed one, and its graph is sequentially consistent. *)
  Theorem consistent_is_relaxed o : 1 <= width <= 32 -> forall tr x, execution text width M clients tr x ->
    exists g last, relaxed_execution o text width clients g (fun c => seen_by c tr) last /\
      sequentially_consistent g /\
      forall c, (c < cpus S)%nat -> nth_error (threads x) c = Some (last c) /\ run g c = rev (part_of c (contents x)).
  Proof.
    intros Width tr x Run; destruct (execution_alone tr x Run) as (Length & Values & Alone).
    destruct (graph_consistent S width Width (contents x) o Values) as (Cons & Sc).
    exists (graph_of S (contents x)), (fun c => nth c (threads x) Stopped).
    assert (Here : forall c, (c < cpus S)%nat -> nth_error (threads x) c = Some (nth c (threads x) Stopped))
      by (intros c Less; apply nth_error_nth'; lia).
    split; [constructor|split; [exact Sc|]].
    - intros c Less; cbn [run graph_of]; unfold runs_of; rewrite rev_involutive; apply Alone, Here, Less.
    - intros c Over; cbn [run graph_of]; unfold runs_of; clear - Values Over.
      destruct (part_of c (contents x)) as [|a l] eqn:Part; [reflexivity|exfalso].
      revert Part; induction (contents x) as [|[c' b] h IH]; [discriminate|]; cbn in Values;
        destruct Values as (Less & _ & Values).
      unfold part_of; cbn [flat_map]; destruct (Nat.eqb_spec c' c) as [->|]; [lia|exact (IH Values)].
    - exact Cons.
    - intros c Less; split; [exact (Here c Less)|reflexivity].
  Qed.
End Executions.
