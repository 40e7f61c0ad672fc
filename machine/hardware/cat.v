(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Relations as in the cat files, and executions that are written down

    An expression of the cat language, [cat], is a relation between the events of an execution
    ([sem]).  So what an official model says in full of the order that a CPU keeps can be written as
    its file has it.  For an execution that is written down ([written]) whether two events are
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
Import ListNotations.
Local Open Scope Z_scope.

(** ** Expressions *)
Inductive cat (I : Type) :=
| Po | Loc | Ext (* program order; of one location; of two CPUs *)
| Rf | Co | Fr | Rmw
| Data (* from the load of now in a release to its store *)
| Ctrl (* from a poll to what comes after it: each poll ends in a branch *)
| In (p : I -> bool) (* [p] *)
| Then (a b : cat I) (* a; b *)
| Or (a b : cat I) (* a | b *)
| And (a b : cat I). (* a & b *)
Arguments Po {I}.
Arguments Loc {I}.
Arguments Ext {I}.
Arguments Rf {I}.
Arguments Co {I}.
Arguments Fr {I}.
Arguments Rmw {I}.
Arguments Data {I}.
Arguments Ctrl {I}.
Arguments In {I} _.
Arguments Then {I} _ _.
Arguments Or {I} _ _.
Arguments And {I} _ _.

Declare Scope cat_scope.
Delimit Scope cat_scope with cat.
Bind Scope cat_scope with cat.
Notation "[ p ]" := (In p) : cat_scope.
Notation "a ;; b" := (Then a b) (at level 45, right associativity) : cat_scope.
Notation "a || b" := (Or a b) : cat_scope.
Notation "a && b" := (And a b) : cat_scope.

Section Sem.
  Context {S : system} {I : Type} {K : accesses I} (h : execution S I).
  Definition present (e : event) : Prop := action_of h e <> None /\ part h (fst e) (snd e) <> None.
  Fixpoint sem (c : cat I) (e f : event) : Prop :=
    match c with
    | Po => present e /\ present f /\ po e f
    | Loc => present e /\ present f /\ same_location h e f
    | Ext => present e /\ present f /\ external e f
    | Rf => present e /\ present f /\ rf h e f
    | Co => present e /\ present f /\ co h e f
    | Fr => present e /\ present f /\ fr h e f
    | Rmw => present e /\ present f /\ rmw h e f
    | Data => present e /\ present f /\ po e f /\
        exists l v v', action_of h e = Some (Lock l (Loaded v)) /\ action_of h f = Some (Lock l (Stored v'))
    | Ctrl => present e /\ present f /\ po e f /\ exists l v, action_of h e = Some (Lock l (Polled v))
    | In p => e = f /\ present e /\ exists i, is_a h i e /\ p i = true
    | Then a b => exists d, sem a e d /\ sem b d f
    | Or a b => sem a e f \/ sem b e f
    | And a b => sem a e f /\ sem b e f
    end.
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

(** ** Executions that are written down *)
Definition event_eqb (e f : event) : bool := id_eqb (fst e) (fst f) && Nat.eqb (snd e) (snd f).
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

  Fixpoint source_in (ss : list (event * event)) (f : event) : option event :=
    match ss with [] => None | (e, f') :: ss => if event_eqb f' f then Some e else source_in ss f end.
  Fixpoint in_order (es : list event) (e f : event) : bool :=
    match es with [] => false | d :: es => event_eqb d e && existsb (event_eqb f) es || in_order es e f end.
  Definition written : execution S I :=
    mkExecution (fun c => nth c runs []) (fun x k => nth_error (parts x) k) (source_in sources)
                (fun e f => existsb (fun es => in_order es e f) chains = true).
  Local Notation h := written.
  Definition events_of : list event :=
    flat_map (fun c => flat_map (fun n => map (fun k => ((c, n), k)) (seq 0 (length (parts (c, n)))))
                                (seq 0 (length (nth c runs [])))) (seq 0 (length runs)).
  Lemma present_in e : present h e <-> List.In e events_of.
  Proof.
    destruct e as [[c n] k]; unfold present, action_of, events_of, written; cbn [acts part fst snd].
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

  Definition act_at (e : event) : option act := nth_error (nth (fst (fst e)) runs []) (snd (fst e)).
  Definition part_at (e : event) : option I := nth_error (parts (fst e)) (snd e).
  Definition loc_read (e : event) : option location :=
    match act_at e, part_at e with Some a, Some i => if is_read i then loads a else None | _, _ => None end.
  Definition loc_written (e : event) : option location :=
    match act_at e, part_at e with Some a, Some i => if is_write i then stores a else None | _, _ => None end.
  Lemma loc_read_iff e m : loc_read e = Some m <-> reads_at h e m.
  Proof.
    unfold loc_read, reads_at, is_a, action_of; cbn; fold (act_at e) (part_at e).
    destruct (act_at e) as [a|], (part_at e) as [i|]; try (split; [discriminate|intros (? & ? & ? & ? & _);
      discriminate]).
    destruct (is_read i) eqn:Rd; [|split; [discriminate|intros (? & ? & _ & [= <-] & ? & _); congruence]].
    split; [intros; exists a, i; auto|intros (? & ? & [= <-] & [= <-] & _ & ?); assumption].
  Qed.
  Lemma loc_written_iff e m : loc_written e = Some m <-> writes_at h e m.
  Proof.
    unfold loc_written, writes_at, is_a, action_of; cbn; fold (act_at e) (part_at e).
    destruct (act_at e) as [a|], (part_at e) as [i|]; try (split; [discriminate|intros (? & ? & ? & ? & _);
      discriminate]).
    destruct (is_write i) eqn:Wr; [|split; [discriminate|intros (? & ? & _ & [= <-] & ? & _); congruence]].
    split; [intros; exists a, i; auto|intros (? & ? & [= <-] & [= <-] & _ & ?); assumption].
  Qed.
  Definition po_b (e f : event) : bool :=
    if Nat.eqb (fst (fst e)) (fst (fst f)) then
      Nat.ltb (snd (fst e)) (snd (fst f)) || Nat.eqb (snd (fst e)) (snd (fst f)) && Nat.ltb (snd e) (snd f)
    else false.
  Definition one_of (m m' : option location) : bool := location_is m m'.
  Definition same_loc_b (e f : event) : bool :=
    one_of (loc_read e) (loc_read f) || one_of (loc_read e) (loc_written f) ||
    one_of (loc_written e) (loc_read f) || one_of (loc_written e) (loc_written f).
  Definition ext_b (e f : event) : bool := negb (Nat.eqb (fst (fst e)) (fst (fst f))).
  Definition rf_b (e f : event) : bool :=
    match source_in sources f with Some d => if event_eqb d e then some (loc_read f) else false | None => false end.
  Definition co_b (e f : event) : bool := existsb (fun es => in_order es e f) chains.
  Definition fr_b (e f : event) : bool :=
    if one_of (loc_read e) (loc_written f) then match source_in sources e with Some w => co_b w f | None => true end
      else false.
  Definition rmw_b (e f : event) : bool :=
    if id_eqb (fst e) (fst f) && Nat.eqb (snd f) (Datatypes.S (snd e)) then
      match part_at e, part_at f with Some i, Some j => is_rmw i j && some (loc_read e) && some (loc_written f) | _,
        _ => false end
    else false.
  Definition data_b (e f : event) : bool :=
    if po_b e f then
      match act_at e, act_at f with Some (Lock l (Loaded _)), Some (Lock l' (Stored _)) => l =? l' | _, _ => false end
    else false.
  Definition ctrl_b (e f : event) : bool := if po_b e f then match act_at e with Some (Lock _ (Polled _)) => true | _
    => false end else false.
  Definition sort_b (p : I -> bool) (e : event) : bool := match part_at e with Some i => p i | None => false end.

  Definition set_of (c : cat I) : option (I -> bool) := match c with In p => Some p | _ => None end.
  (** Computed: of events that are there. *)
  Fixpoint decide (c : cat I) (e f : event) : bool :=
    match c with
    | Po => po_b e f | Loc => same_loc_b e f | Ext => ext_b e f
    | Rf => rf_b e f | Co => co_b e f | Fr => fr_b e f | Rmw => rmw_b e f
    | Data => data_b e f | Ctrl => ctrl_b e f
    | In p => if event_eqb e f then sort_b p e else false
    | Then a b =>
        match set_of a, set_of b with
        | Some p, _ => if sort_b p e then decide b e f else false
        | None, Some p => if sort_b p f then decide a e f else false
        | None, None => existsb (fun d => if decide a e d then decide b d f else false) events_of
        end
    | Or a b => if decide a e f then true else decide b e f
    | And a b => if decide a e f then decide b e f else false
    end.

  Lemma po_iff e f : po_b e f = true <-> po e f.
  Proof.
    unfold po_b, po; destruct (Nat.eqb_spec (fst (fst e)) (fst (fst f))) as [Own|Other]; [|split; [discriminate|tauto]].
    rewrite orb_true_iff, andb_true_iff, Nat.eqb_eq, !Nat.ltb_lt; tauto.
  Qed.
  Lemma ext_iff e f : ext_b e f = true <-> external e f.
  Proof. unfold ext_b, external; rewrite negb_true_iff, Nat.eqb_neq; tauto. Qed.
  Lemma same_loc_b_complete e f : same_location h e f -> same_loc_b e f = true.
  Proof.
    intros (m & E & F); unfold same_loc_b, one_of; rewrite !orb_true_iff, !location_is_iff.
    destruct E as [E|E], F as [F|F]; first [apply loc_read_iff in E|apply loc_written_iff in E];
      first [apply loc_read_iff in F|apply loc_written_iff in F];
      [left; left; left|left; left; right|left; right|right]; exists m; auto.
  Qed.
  Lemma rf_iff e f : rf_b e f = true <-> rf h e f.
  Proof.
    unfold rf_b, rf, R; cbn [source written]; split.
    - destruct (source_in sources f) as [d|]; [|discriminate]; destruct (event_eqb d e) eqn:Is; [|discriminate].
      apply event_eqb_eq in Is as ->; intros Rd; apply some_iff in Rd; destruct (loc_read f) as [m|] eqn:L;
        [|congruence].
      split; [exists m; now apply loc_read_iff|reflexivity].
    - intros ((m & Rd) & ->); apply loc_read_iff in Rd; rewrite (proj2 (event_eqb_eq e e) eq_refl), Rd; reflexivity.
  Qed.
  Lemma fr_iff e f : fr_b e f = true <-> fr h e f.
  Proof.
    unfold fr_b, fr, one_of; cbn [source co written]; destruct (location_is (loc_read e) (loc_written f)) eqn:Same.
    - apply location_is_iff in Same as (m & Rd & Wr); split.
      + intros Is; exists m; split; [now apply loc_read_iff|split; [now apply loc_written_iff|]].
        destruct (source_in sources e); auto.
      + intros (_ & _ & _ & Is); destruct (source_in sources e); auto.
    - split; [discriminate|]; intros (m & Rd & Wr & _); apply loc_read_iff in Rd; apply loc_written_iff in Wr.
      rewrite <- Same; apply location_is_iff; eauto.
  Qed.
  Lemma rmw_complete e f : rmw h e f -> rmw_b e f = true.
  Proof.
    intros (Own & Next & (m & Rd) & (m' & Wr) & i & j & E & F & Pair); unfold rmw_b.
    rewrite (proj2 (id_eqb_eq _ _) Own), (proj2 (Nat.eqb_eq _ _) Next); cbn [andb]; unfold is_a in E, F; cbn in E, F.
    unfold part_at; rewrite E, F, Pair; apply loc_read_iff in Rd; apply loc_written_iff in Wr; now rewrite Rd, Wr.
  Qed.
  Lemma rmw_b_sound e f : rmw_b e f = true -> rmw h e f.
  Proof.
    unfold rmw_b; destruct (id_eqb (fst e) (fst f) && Nat.eqb (snd f) (Datatypes.S (snd e))) eqn:Next; [|discriminate].
    apply andb_prop in Next as (Own & Next); apply id_eqb_eq in Own; apply Nat.eqb_eq in Next.
    destruct (part_at e) as [i|] eqn:E, (part_at f) as [j|] eqn:F; try discriminate; rewrite !andb_true_iff, !some_iff.
    intros ((Pair & Rd) & Wr); destruct (loc_read e) as [m|] eqn:Lr; [|congruence];
      destruct (loc_written f) as [m'|] eqn:Lw; [|congruence].
    apply loc_read_iff in Lr; apply loc_written_iff in Lw; split; [exact Own|split; [exact Next|]].
    split; [now exists m|split; [now exists m'|]]; exists i, j; auto.
  Qed.

  Theorem decide_sound c : forall e f, sem h c e f -> decide c e f = true.
  Proof.
    induction c as [| | | | | | | | |p|a IHa b IHb|a IHa b IHb|a IHa b IHb]; intros e f Is.
    - apply po_iff, Is.
    - apply same_loc_b_complete, Is.
    - apply ext_iff, Is.
    - apply rf_iff, Is.
    - exact (proj2 (proj2 Is)).
    - apply fr_iff, Is.
    - apply rmw_complete, Is.
    - destruct Is as (_ & _ & Po & l & v & v' & At & At'); cbn [decide]; unfold data_b; rewrite (proj2 (po_iff e f) Po).
      unfold action_of in At, At'; cbn in At, At'; unfold act_at; rewrite At, At'; apply Z.eqb_refl.
    - destruct Is as (_ & _ & Po & l & v & At); cbn [decide]; unfold ctrl_b; rewrite (proj2 (po_iff e f) Po).
      unfold action_of in At; cbn in At; unfold act_at; now rewrite At.
    - destruct Is as (<- & _ & i & At & Is); cbn [decide]; rewrite (proj2 (event_eqb_eq e e) eq_refl).
      unfold is_a in At; cbn in At; unfold sort_b, part_at; now rewrite At.
    - destruct Is as (d & A & B); cbn [decide].
      assert (Sort : forall c p d d', set_of c = Some p -> sem h c d d' -> d = d' /\ sort_b p d = true).
      { intros c q d1 d2 Sc Is; destruct c; try discriminate; injection Sc as ->;
        destruct Is as (<- & _ & i & At & Is); split; [reflexivity|].
        unfold is_a in At; cbn in At; unfold sort_b, part_at; now rewrite At. }
      destruct (set_of a) as [p|] eqn:Sa; [|destruct (set_of b) as [p|] eqn:Sb].
      + destruct (Sort a p e d Sa A) as (<- & Is); rewrite Is; exact (IHb e f B).
      + destruct (Sort b p d f Sb B) as (<- & Is); rewrite Is; exact (IHa e d A).
      + apply existsb_exists; exists d; split; [apply present_in, (sem_present h a e d A)|].
        now rewrite (IHa e d A), (IHb d f B).
    - cbn [decide]; destruct Is as [Is|Is]; [now rewrite (IHa e f Is)|]; destruct (decide a e f);
        [reflexivity|exact (IHb e f Is)].
    - cbn [decide]; now rewrite (IHa e f (proj1 Is)), (IHb e f (proj2 Is)).
  Qed.
End Written.
