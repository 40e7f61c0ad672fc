(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Relations as in the cat files, and executions that are written down

    An expression of the cat language is a relation between the events of an execution
    (expression.v).  For an execution that is written down ([written]) whether two events are
    related is computed ([decide_sound]), and so is all that a model asks of it ([given_well_formed],
    [given_acyclic], [given_contracts]): that there is no cycle, by an order of all events.
    Read next: ../cases/armv8_cases.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.model Require Import memory.
From hlock.machine.relaxed Require Import model finite.
From hlock.machine.hardware Require Import events.
From hlock.machine.hardware Require Export expression decide.
Import ListNotations.
Local Open Scope Z_scope.

(** ** Expressions *)
Section Sem.
  Context {S : system} {I : Type} {K : accesses I} (h : execution S I).
  Local Notation sem := (sem h).
  Local Notation present := (present h).
  Lemma sem_present c : forall e f, sem c e f -> present e /\ present f.
  Proof.
    induction c as [| | | | | | | | |p|a IHa b IHb|a IHa b IHb|a IHa b IHb]; cbn; intros e f Is; try tauto.
    - destruct Is as (<- & Is & _); auto.
    - destruct Is as (d & A & B); split; [exact (proj1 (IHa e d A))|exact (proj2 (IHb d f B))].
    - destruct Is; auto.
    - destruct Is; auto.
  Qed.
  (** The relations of events.v, as expressions: present are all that they relate. *)
  Lemma present_R e m : reads_at h e m -> present e.
  Proof. intros (a & i & At & Is & _); unfold present, is_a in *; split; congruence. Qed.
  Lemma present_W e m : writes_at h e m -> present e.
  Proof. intros (a & i & At & Is & _); unfold present, is_a in *; split; congruence. Qed.
  Lemma sem_po_loc e f : po_loc h e f -> sem (And Po Loc) e f.
  Proof.
    intros (Po & m & E & F); assert (present e) by (destruct E; eauto using present_R, present_W).
    assert (present f) by (destruct F; eauto using present_R, present_W); cbn.
    assert (same_location h e f) by (exists m; auto); auto.
  Qed.
  Lemma sem_fr e f : fr h e f -> sem Fr e f.
  Proof. intros Is; pose proof Is as (m & Rd & Wr & _); cbn; eauto using present_R, present_W. Qed.
  Lemma sem_rmw e f : rmw h e f -> sem Rmw e f.
  Proof. intros Is; pose proof Is as (_ & _ & (m & Rd) & (m' & Wr) & _); cbn; eauto using present_R, present_W. Qed.
  Section Well.
    Context (width : Z) (Well : well_formed h width).
    Lemma sem_rf e f : rf h e f -> sem Rf e f.
    Proof. intros Is; destruct (rf_writes h width Well e f Is) as (m & Wr & Rd); cbn;
      eauto using present_R, present_W. Qed.
    Lemma sem_co e f : co h e f -> sem Co e f.
    Proof. intros Is; destruct (co_writes h width Well e f Is) as (m & Wr & Rd); cbn; eauto using present_W. Qed.
    Lemma sem_ext c e f : sem c e f -> external e f -> sem (And c Ext) e f.
    Proof. intros Is Out; destruct (sem_present c e f Is); cbn; auto. Qed.
    Lemma sem_atomic : (forall e f, ~ sem (And Rmw (Then (And Fr Ext) (And Co Ext))) e f) -> atomic h.
    Proof.
      intros None_ e f k Pair (Is & Out) (Co & Out'); apply (None_ e f); split; [now apply sem_rmw|]; exists k.
      split; apply sem_ext; auto using sem_fr, sem_co.
    Qed.
  End Well.
  Lemma present_M e : M h e -> present e.
  Proof. intros [(m & a & i & At & Is & _)|(m & a & i & At & Is & _)]; unfold present, is_a in *; split;
    congruence. Qed.
End Sem.

Lemma event_eqb_eq e f : event_eqb e f = true <-> e = f.
Proof.
  unfold event_eqb; rewrite andb_true_iff, id_eqb_eq, Nat.eqb_eq; destruct e, f; cbn; split;
    [now intros (-> & ->)|now intros [= -> ->]].
Qed.

Section Written.
  Context {S : system} {I : Type} {K : accesses I}.
  Local Notation act := (action S words_verb).
  (** What each CPU does; the events of each action; what reads read; the writes of each location, oldest first. *)
  Context (runs : list (list act)) (parts : id -> list I) (sources : list (event * event)) (chains : list (list event)).

  Local Notation written := (decide.written runs parts sources chains).
  Local Notation events_of := (decide.events_of runs parts).
  Local Notation act_at := (decide.act_at runs).
  Local Notation part_at := (decide.part_at parts).
  Local Notation loc_read := (decide.loc_read runs parts).
  Local Notation loc_written := (decide.loc_written runs parts).
  Local Notation same_loc_b := (decide.same_loc_b runs parts).
  Local Notation rf_b := (decide.rf_b runs parts sources).
  Local Notation co_b := (decide.co_b chains).
  Local Notation fr_b := (decide.fr_b runs parts sources chains).
  Local Notation rmw_b := (decide.rmw_b runs parts).
  Local Notation data_b := (decide.data_b runs).
  Local Notation ctrl_b := (decide.ctrl_b runs).
  Local Notation sort_b := (decide.sort_b parts).
  Local Notation decides := (decide.decides runs parts sources chains).
  Local Notation h := written.
  Lemma present_in e : present h e <-> List.In e events_of.
  Proof.
    destruct e as [[c n] k]; unfold present, action_of, decide.events_of, decide.written; cbn [acts part fst snd].
    rewrite !nth_error_Some, in_flat_map; split.
    - intros (Ln & Lk); exists c; rewrite in_seq, in_flat_map.
      assert (c < length runs)%nat.
      { destruct (Nat.lt_ge_cases c (length runs)) as [|Over]; [assumption|].
        rewrite (nth_overflow runs [] Over) in Ln; cbn in Ln; lia. }
      split; [lia|]; exists n; rewrite in_seq, in_map_iff; split; [lia|]; exists k; rewrite in_seq; split;
        [reflexivity|lia].
    - intros (c' & _ & Mem); rewrite in_flat_map in Mem; destruct Mem as (n' & Ln & Mem); rewrite in_map_iff in Mem.
      destruct Mem as (k' & [= -> -> ->] & Lk); rewrite in_seq in Ln, Lk; lia.
  Qed.

  Lemma loc_read_iff e m : loc_read e = Some m <-> reads_at h e m.
  Proof.
    unfold decide.loc_read, reads_at, is_a, action_of; cbn; fold (act_at e) (part_at e).
    destruct (act_at e) as [a|], (part_at e) as [i|]; try (split; [discriminate|intros (? & ? & ? & ? & _);
      discriminate]).
    destruct (is_read i) eqn:Rd; [|split; [discriminate|intros (? & ? & _ & [= <-] & ? & _); congruence]].
    split; [intros; exists a, i; auto|intros (? & ? & [= <-] & [= <-] & _ & ?); assumption].
  Qed.
  Lemma loc_written_iff e m : loc_written e = Some m <-> writes_at h e m.
  Proof.
    unfold decide.loc_written, writes_at, is_a, action_of; cbn; fold (act_at e) (part_at e).
    destruct (act_at e) as [a|], (part_at e) as [i|]; try (split; [discriminate|intros (? & ? & ? & ? & _);
      discriminate]).
    destruct (is_write i) eqn:Wr; [|split; [discriminate|intros (? & ? & _ & [= <-] & ? & _); congruence]].
    split; [intros; exists a, i; auto|intros (? & ? & [= <-] & [= <-] & _ & ?); assumption].
  Qed.
  Lemma po_iff e f : po_b e f = true <-> po e f.
  Proof.
    unfold po_b, po; destruct (Nat.eqb_spec (fst (fst e)) (fst (fst f))) as [Own|Other]; [|split; [discriminate|tauto]].
    rewrite orb_true_iff, andb_true_iff, Nat.eqb_eq, !Nat.ltb_lt; tauto.
  Qed.
  Lemma ext_iff e f : ext_b e f = true <-> external e f.
  Proof. unfold ext_b, external; rewrite negb_true_iff, Nat.eqb_neq; tauto. Qed.
  Lemma same_loc_b_complete e f : same_location h e f -> same_loc_b e f = true.
  Proof.
    intros (m & E & F); unfold decide.same_loc_b; rewrite !orb_true_iff, !location_is_iff.
    destruct E as [E|E], F as [F|F]; first [apply loc_read_iff in E|apply loc_written_iff in E];
      first [apply loc_read_iff in F|apply loc_written_iff in F];
      [left; left; left|left; left; right|left; right|right]; exists m; auto.
  Qed.
  Lemma rf_iff e f : rf_b e f = true <-> rf h e f.
  Proof.
    unfold decide.rf_b, rf, R; cbn [source decide.written]; split.
    - destruct (source_in sources f) as [d|]; [|discriminate]; destruct (event_eqb d e) eqn:Is; [|discriminate].
      apply event_eqb_eq in Is as ->; intros Rd; apply some_iff in Rd; destruct (loc_read f) as [m|] eqn:L;
        [|congruence].
      split; [exists m; now apply loc_read_iff|reflexivity].
    - intros ((m & Rd) & ->); apply loc_read_iff in Rd; rewrite (proj2 (event_eqb_eq e e) eq_refl), Rd; reflexivity.
  Qed.
  Lemma fr_iff e f : fr_b e f = true <-> fr h e f.
  Proof.
    unfold decide.fr_b, fr; cbn [source co decide.written];
      destruct (location_is (loc_read e) (loc_written f)) eqn:Same.
    - apply location_is_iff in Same as (m & Rd & Wr); split.
      + intros Is; exists m; split; [now apply loc_read_iff|split; [now apply loc_written_iff|]].
        destruct (source_in sources e); auto.
      + intros (_ & _ & _ & Is); destruct (source_in sources e); auto.
    - split; [discriminate|]; intros (m & Rd & Wr & _); apply loc_read_iff in Rd; apply loc_written_iff in Wr.
      rewrite <- Same; apply location_is_iff; eauto.
  Qed.
  Lemma rmw_complete e f : rmw h e f -> rmw_b e f = true.
  Proof.
    intros (Own & Next & (m & Rd) & (m' & Wr) & i & j & E & F & Pair); unfold decide.rmw_b.
    rewrite (proj2 (id_eqb_eq _ _) Own), (proj2 (Nat.eqb_eq _ _) Next); cbn [andb]; unfold is_a in E, F; cbn in E, F.
    unfold decide.part_at; rewrite E, F, Pair; apply loc_read_iff in Rd; apply loc_written_iff in Wr;
      now rewrite Rd, Wr.
  Qed.

  Theorem decide_sound c : forall e f, sem h c e f -> decides c e f = true.
  Proof.
    induction c as [| | | | | | | | |p|a IHa b IHb|a IHa b IHb|a IHa b IHb]; intros e f Is.
    - apply po_iff, Is.
    - apply same_loc_b_complete, Is.
    - apply ext_iff, Is.
    - apply rf_iff, Is.
    - exact (proj2 (proj2 Is)).
    - apply fr_iff, Is.
    - apply rmw_complete, Is.
    - destruct Is as (_ & _ & Po & l & v & v' & At & At'); cbn [decide.decides]; unfold decide.data_b;
      rewrite (proj2 (po_iff e f) Po).
      unfold action_of in At, At'; cbn in At, At'; unfold decide.act_at; rewrite At, At'; apply Z.eqb_refl.
    - destruct Is as (_ & _ & Po & l & v & At); cbn [decide.decides]; unfold decide.ctrl_b;
      rewrite (proj2 (po_iff e f) Po).
      unfold action_of in At; cbn in At; unfold decide.act_at; now rewrite At.
    - destruct Is as (<- & _ & i & At & Is); cbn [decide.decides]; rewrite (proj2 (event_eqb_eq e e) eq_refl).
      unfold is_a in At; cbn in At; unfold decide.sort_b, decide.part_at; now rewrite At.
    - destruct Is as (d & A & B); cbn [decide.decides].
      assert (Sort : forall c p d d', set_of c = Some p -> sem h c d d' -> d = d' /\ sort_b p d = true).
      { intros c q d1 d2 Sc Is; destruct c; try discriminate; injection Sc as ->;
        destruct Is as (<- & _ & i & At & Is); split; [reflexivity|].
        unfold is_a in At; cbn in At; unfold decide.sort_b, decide.part_at; now rewrite At. }
      destruct (set_of a) as [p|] eqn:Sa; [|destruct (set_of b) as [p|] eqn:Sb].
      + destruct (Sort a p e d Sa A) as (<- & Is); rewrite Is; exact (IHb e f B).
      + destruct (Sort b p d f Sb B) as (<- & Is); rewrite Is; exact (IHa e d A).
      + apply existsb_exists; exists d; split; [apply present_in, (sem_present h a e d A)|].
        now rewrite (IHa e d A), (IHb d f B).
    - cbn [decide.decides]; destruct Is as [Is|Is]; [now rewrite (IHa e f Is)|]; destruct (decides a e f);
        [reflexivity|exact (IHb e f Is)].
    - cbn [decide.decides]; now rewrite (IHa e f (proj1 Is)), (IHb e f (proj2 Is)).
  Qed.
End Written.
