(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Executions that are written down are checked

    That one is well formed ([given_well_formed]), what its actions are ([given_contracts]), of which
    lists it is made ([given_made_of]), that CPUs go through their threads ([given_threads]), and
    that a relation has no cycle: all events stand in an order in which it goes forward
    ([given_acyclic]).  Read next: ../cases/armv8_cases.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.relaxed Require Import model finite.
From hlock.machine.hardware Require Import events cat.
Import ListNotations.
Local Open Scope Z_scope.

Section Given.
  Context {S : system} {I : Type} {K : accesses I} (I_eq_dec : forall i j : I, {i = j} + {i <> j}).
  Local Notation act := (action S words_verb).
  Context (runs : list (list act)) (parts : id -> list I) (sources : list (event * event)) (chains : list (list event)).
  Local Notation h := (written runs parts sources chains).
  Local Notation all := (events_of runs parts).
  Local Notation co_b := (decide.co_b chains).
  Local Notation loc_read := (loc_read runs parts).
  Local Notation loc_written := (loc_written runs parts).

  Local Notation loc_read_iff := (cat.loc_read_iff runs parts sources chains).
  Local Notation loc_written_iff := (cat.loc_written_iff runs parts sources chains).

  (** ** Well formed *)
  Definition load_half_b (f : event) : bool :=
    some (loc_read f) && forallb (fun k => negb (some (loc_read (fst f,
      k)))) (seq (Datatypes.S (snd f)) (length (parts (fst f)))).
  Lemma load_half_complete f : load_half h f -> load_half_b f = true.
  Proof.
    intros ((m & Rd) & Last); unfold load_half_b; apply loc_read_iff in Rd; rewrite Rd; cbn [some andb];
      apply forallb_forall.
    intros k Mem; apply in_seq in Mem; apply negb_true_iff; destruct (loc_read (fst f, k)) as [m'|] eqn:Rd';
      [|reflexivity].
    destruct (Last k); [lia|]; exists m'; now apply loc_read_iff.
  Qed.
  Definition right_value (width : Z) (f : event) : bool :=
    match act_at runs f with
    | Some a =>
        match source_in sources f with
        | Some e => match act_at runs e with Some b => value_is width [(fst (fst e), b)] a | None => false end
        | None => value_is width [] a
        end
    | None => true
    end.
  Definition well_formed_b (width : Z) : bool :=
    let ces := concat chains in
    forallb (fun f => match loc_read f, source_in sources f with Some m,
      Some e => location_is (loc_written e) (Some m) | _, _ => true end) all &&
    forallb (fun f => if load_half_b f then right_value width f else true) all &&
    forallb (fun e => forallb (fun f => if co_b e f then location_is (loc_written e) (loc_written f) && negb (event_eqb
      e f) else true) ces) ces &&
    forallb (fun e => forallb (fun f => if co_b e f then forallb (fun k => implb (co_b f k) (co_b e k)) ces else true)
      ces) ces &&
    forallb (fun e => forallb (fun f => if location_is (loc_written e) (loc_written f) then event_eqb e f || co_b e f
      || co_b f e else true) all) all.

  Lemma in_order_in es e f : in_order es e f = true -> List.In e es /\ List.In f es.
  Proof.
    induction es as [|d es IH]; cbn; [discriminate|]; rewrite orb_true_iff, andb_true_iff, existsb_exists.
    intros [(D & f' & Mem & F)|Is]; [apply event_eqb_eq in D, F; subst; auto|destruct (IH Is); auto].
  Qed.
  Lemma co_in e f : co_b e f = true -> List.In e (concat chains) /\ List.In f (concat chains).
  Proof.
    unfold decide.co_b; rewrite existsb_exists; intros (es & Mem & Is); apply in_order_in in Is as (E & F).
    split; apply in_concat; eauto.
  Qed.
  Lemma reads_in e m : reads_at h e m -> List.In e all.
  Proof. intros Rd; apply (present_in runs parts sources chains), (present_M h); left; now exists m. Qed.
  Lemma writes_in e m : writes_at h e m -> List.In e all.
  Proof. intros Wr; apply (present_in runs parts sources chains), (present_M h); right; now exists m. Qed.

  Theorem given_well_formed width : well_formed_b width = true -> well_formed h width.
  Proof.
    unfold well_formed_b; rewrite !andb_true_iff, !forallb_forall;
      intros ((((Reads & Values) & Order) & Trans) & Total); constructor.
    - intros e f ((m & Rd) & Is); specialize (Reads f (reads_in f m Rd)); cbn [source written] in Is.
      pose proof Rd as Rd'; apply loc_read_iff in Rd'; rewrite Rd', Is in Reads;
        apply location_is_iff in Reads as (m' & Wr & [= <-]).
      exists m; split; [now apply loc_written_iff|exact Rd].
    - intros f a At Half; pose proof Half as ((m & Rd) & _); specialize (Values f (reads_in f m Rd)).
      rewrite (load_half_complete f Half) in Values; unfold right_value in Values; unfold action_of in At;
        cbn [acts written] in At.
      unfold act_at in Values; rewrite At in Values; cbn [source written].
      destruct (source_in sources f) as [e|]; [|now apply value_is_iff].
      destruct (nth_error (nth (fst (fst e)) runs []) (snd (fst e))) as [b|] eqn:B; [|discriminate].
      exists b; split; [exact B|now apply value_is_iff].
    - intros e f Co; cbn [events.co written] in Co; fold (co_b e f) in Co; destruct (co_in e f Co) as (E & F);
        specialize (Order e E).
      rewrite forallb_forall in Order; specialize (Order f F); rewrite Co in Order;
        apply andb_prop in Order as (Same & _).
      apply location_is_iff in Same as (m & We & Wf); exists m; split; now apply loc_written_iff.
    - intros e Co; cbn [events.co written] in Co; fold (co_b e e) in Co; destruct (co_in e e Co) as (E & _);
        specialize (Order e E).
      rewrite forallb_forall in Order; specialize (Order e E);
        rewrite Co, (proj2 (event_eqb_eq e e) eq_refl), andb_false_r in Order.
      discriminate.
    - intros e f k Co Co'; cbn [events.co written] in *; fold (co_b e f) (co_b f k) (co_b e k) in *.
      destruct (co_in e f Co) as (E & F), (co_in f k Co') as (_ & G); specialize (Trans e E);
        rewrite forallb_forall in Trans.
      specialize (Trans f F); rewrite Co, forallb_forall in Trans; specialize (Trans k G); now rewrite Co' in Trans.
    - intros e f m Apart We Wf; specialize (Total e (writes_in e m We)); rewrite forallb_forall in Total.
      specialize (Total f (writes_in f m Wf)); apply loc_written_iff in We, Wf; rewrite We, Wf in Total.
      rewrite (proj2 (location_is_iff (Some m) (Some m))) in Total by eauto.
      apply orb_prop in Total as [Total|]; [|now right]; apply orb_prop in Total as [Same|]; [|now left].
      apply event_eqb_eq in Same; contradiction.
  Qed.

  (** ** No cycle *)
  Section Acyclic.
    Context (step : event -> event -> bool).
    Fixpoint place (es : list event) (e : event) : nat :=
      match es with [] => 0%nat | d :: es => if event_eqb d e then 0%nat else Datatypes.S (place es e) end.
    (** To what each event leads. *)
    Definition successors : list (event * list event) := map (fun e => (e, filter (step e) all)) all.
    (** Again and again the first event to which no step leads. *)
    Fixpoint sort (fuel : nat) (rest : list (event * list event)) : list event :=
      match fuel with
      | O => []
      | Datatypes.S fuel =>
          let leads f := existsb (fun es : event * list event => existsb (event_eqb f) (snd es)) rest in
          match find (fun fs : event * list event => negb (leads (fst fs))) rest with
          | Some (f, _) => f :: sort fuel (filter (fun es : event * list event => negb (event_eqb f (fst es))) rest)
          | None => []
          end
      end.
    Definition goes_forward : bool :=
      let next := successors in
      let order := sort (length all) next in
      forallb (fun es : event * list event =>
        forallb (fun f => Nat.ltb (place order (fst es)) (place order f)) (snd es)) next.
    Theorem given_acyclic (R : event -> event -> Prop) : goes_forward = true ->
      (forall e f, R e f -> List.In e all /\ List.In f all /\ step e f = true) -> acyclic R.
    Proof.
      unfold goes_forward; generalize (sort (length all) successors) as order; intros order Forward Steps.
      enough (Less : forall e f, clos_trans event R e f -> (place order e < place order f)%nat)
        by (intros e Is; specialize (Less e e Is); lia).
      induction 1 as [e f Is|e f k _ IH _ IH']; [|lia]; destruct (Steps e f Is) as (E & F & St).
      rewrite forallb_forall in Forward; specialize (Forward (e, filter (step e) all)); cbn [fst snd] in Forward.
      rewrite forallb_forall in Forward; apply Nat.ltb_lt, Forward; [|now apply filter_In].
      unfold successors; apply in_map_iff; eauto.
    Qed.
  End Acyclic.
  (** Of expressions of cat. *)
  Theorem given_no_cycle c : goes_forward (decides runs parts sources chains c) = true -> acyclic (sem h c).
  Proof.
    intros Forward; apply (given_acyclic _ _ Forward); intros e f Is; destruct (sem_present h c e f Is) as (E & F).
    split; [now apply (present_in runs parts sources chains)|split;
      [now apply (present_in runs parts sources chains)|now apply decide_sound]].
  Qed.
  Definition nothing (c : cat I) : bool := forallb (fun e => forallb (fun f => negb (decides runs parts sources chains c
    e f)) all) all.
  Theorem given_nothing c : nothing c = true -> forall e f, ~ sem h c e f.
  Proof.
    intros None_ e f Is; destruct (sem_present h c e f Is) as (E & F); unfold nothing in None_;
      rewrite forallb_forall in None_.
    apply (present_in runs parts sources chains) in E, F; specialize (None_ e E); rewrite forallb_forall in None_.
    specialize (None_ f F); now rewrite (decide_sound runs parts sources chains c e f Is) in None_.
  Qed.

  (** ** What is before what, as a table *)
  Section Closed.
    Context (step : event -> event -> bool).
    Definition coded (e : event) : id := (fst (fst e), (8 * snd (fst e) + snd e)%nat).
    Definition decoded (x : id) : event := ((fst x, (snd x / 8)%nat), (snd x mod 8)%nat).
    Definition steps_coded (x y : id) : bool := step (decoded x) (decoded y).
    Definition table_of : table := closure (map coded all) steps_coded.
    Definition table_closed : bool :=
      closed_table (map coded all) steps_coded table_of && forallb (fun e => event_eqb (decoded (coded e)) e) all.
    Definition before_b (e f : event) : bool := related table_of (coded e) (coded f).
    Theorem given_before (R : event -> event -> Prop) : table_closed = true ->
      (forall e f, R e f -> List.In e all /\ List.In f all /\ step e f = true) ->
      forall e f, clos_trans event R e f -> List.In e all /\ List.In f all /\ before_b e f = true.
    Proof.
      unfold table_closed; rewrite andb_true_iff, forallb_forall; intros (Closed & Codes) Steps.
      induction 1 as [e f Is|e f k _ (E & _ & IH) _ (_ & G & IH')].
      - destruct (Steps e f Is) as (E & F & St); split; [exact E|split; [exact F|]].
        apply (closed_steps (map coded all) steps_coded); [exact Closed|now apply in_map|now apply in_map|];
          unfold steps_coded.
        now rewrite (proj1 (event_eqb_eq _ _) (Codes e E)), (proj1 (event_eqb_eq _ _) (Codes f F)).
      - split; [exact E|split; [exact G|]].
        exact (closed_trans (map coded all) steps_coded table_of (coded e) (coded f) (coded k) Closed IH IH').
    Qed.
  End Closed.

  (** ** Its actions *)
  Definition contracted : graph S :=
    given runs (map (fun ef : event * event => (fst (fst ef), fst (snd ef))) sources) (map (map fst) chains).
  Definition contracts_b : bool :=
    forallb (fun f => if load_half_b f then
      match model.rf contracted (fst f), source_in sources f with
      | Some x, Some e => id_eqb x (fst e)
      | None, None => true
      | _, _ => false
      end else true) all.
  Lemma chain_contracted es x y : in_chain (map fst es) x y = true <-> exists k n, in_order es (x, k) (y, n) = true.
  Proof.
    induction es as [|[z j] es IH]; cbn [map in_chain in_order fst]; [split; [discriminate|intros (? & ? & ?);
      discriminate]|].
    rewrite orb_true_iff, andb_true_iff, id_eqb_eq, IH; unfold has_id; rewrite existsb_exists; split.
    - intros [(-> & y' & Mem & Is)|(k & n & Is)].
      + apply id_eqb_eq in Is as <-; rewrite in_map_iff in Mem; destruct Mem as ([y' n] & <- & Mem); exists j, n.
        rewrite orb_true_iff, andb_true_iff, existsb_exists; left; split; [now apply event_eqb_eq|].
        exists (y', n); split; [exact Mem|now apply event_eqb_eq].
      + exists k, n; rewrite Is; apply orb_true_r.
    - intros (k & n & Is); rewrite orb_true_iff, andb_true_iff, existsb_exists in Is;
        destruct Is as [(X & f & Mem & Is)|Is]; [left|right; eauto].
      apply event_eqb_eq in X as [= -> _]; apply event_eqb_eq in Is as <-; split; [reflexivity|].
      exists y; split; [exact (in_map fst es (y, n) Mem)|now apply id_eqb_eq].
  Qed.
  Theorem given_contracts : contracts_b = true -> contracts h contracted.
  Proof.
    unfold contracts_b; rewrite forallb_forall; intros Check; split; [reflexivity|split].
    - intros f Half; pose proof Half as ((m & Rd) & _); specialize (Check f (reads_in f m Rd));
        rewrite (load_half_complete f Half) in Check.
      cbn [source written]; destruct (model.rf contracted (fst f)) as [x|], (source_in sources f) as [e|];
        try discriminate; [|reflexivity].
      apply id_eqb_eq in Check; cbn; congruence.
    - intros x y; cbn [model.co contracted given events.co written]; unfold co_given.
      rewrite existsb_exists; split.
      + intros (xs & Mem & Is); rewrite in_map_iff in Mem; destruct Mem as (es & <- & Mem);
          apply chain_contracted in Is as (k & n & Is).
        exists k, n; rewrite existsb_exists; eauto.
      + intros (k & n & Is); rewrite existsb_exists in Is; destruct Is as (es & Mem & Is); exists (map fst es).
        split; [now apply in_map|apply chain_contracted; eauto].
  Qed.

  (** ** Its lists *)
  Definition list_eqb (is js : list I) : bool := if list_eq_dec I_eq_dec is js then true else false.
  Definition ends_in (tries is l : list I) : bool :=
    let k := (length is - length l)%nat in
    list_eqb (skipn k is) l && forallb (fun i => existsb (fun j => if I_eq_dec j i then true else false) tries) (firstn
      k is).
  Definition list_for_b (lists : instruction_lists I) (a : act) (is : list I) : bool :=
    let one_of := existsb (list_eqb is) in
    match a with
    | Lock _ (Took _) => existsb (ends_in (failed_tries lists) is) (tickets lists)
    | Lock _ (Polled _) => one_of (polls lists)
    | Lock _ (Loaded _) => one_of (loads_now lists)
    | Lock _ (Stored _) => one_of (stores_now lists)
    | Read _ _ _ => one_of (reads lists)
    | Wrote _ _ _ => one_of (writes lists)
    | Halted => list_eqb is []
    end.
  Definition made_of_b (lists : instruction_lists I) : bool :=
    forallb (fun c => forallb (fun n => match nth_error (nth c runs []) n with Some a => list_for_b lists a (parts (c,
      n)) | None => true end)
      (seq 0 (length (nth c runs [])))) (seq 0 (length runs)).
  Lemma list_eqb_eq is js : list_eqb is js = true <-> is = js.
  Proof. unfold list_eqb; destruct (list_eq_dec I_eq_dec is js); split; congruence. Qed.
  Lemma list_for_sound lists a is : list_for_b lists a is = true -> list_for lists a is.
  Proof.
    assert (One : forall ls, existsb (list_eqb is) ls = true -> List.In is ls).
    { intros ls; rewrite existsb_exists; intros (l & Mem & Is); apply list_eqb_eq in Is as ->; exact Mem. }
    destruct a as [l [t|v|v|v]|l k v|l k v|]; cbn [list_for_b list_for]; auto; [|apply list_eqb_eq].
    rewrite existsb_exists; intros (l0 & Mem & Is); unfold ends_in in Is; apply andb_prop in Is as (Is & Tries).
    apply list_eqb_eq in Is; rewrite forallb_forall in Tries; set (k := (length is - length l0)%nat) in *.
    exists (firstn k is), l0; split; [|split; [exact Mem|rewrite <- Is; symmetry; apply firstn_skipn]].
    intros i Here; specialize (Tries i Here); rewrite existsb_exists in Tries; destruct Tries as (j & In_ & Same).
    destruct (I_eq_dec j i) as [<-|]; [exact In_|discriminate].
  Qed.
  Theorem given_made_of lists : made_of_b lists = true -> made_of h lists.
  Proof.
    unfold made_of_b; rewrite forallb_forall; intros Check c n a At; cbn [acts written part] in *.
    assert (Ln : (n < length (nth c runs []))%nat) by (apply nth_error_Some; congruence).
    assert (c < length runs)%nat.
    { destruct (Nat.lt_ge_cases c (length runs)) as [|Over]; [assumption|]; rewrite (nth_overflow runs [] Over) in Ln;
      cbn in Ln; lia. }
    specialize (Check c); rewrite in_seq, forallb_forall in Check; specialize (Check ltac:(lia) n);
      rewrite in_seq, At in Check.
    exists (parts (c, n)); split; [apply list_for_sound, Check; lia|reflexivity].
  Qed.

  (** ** Threads *)
  Theorem given_threads text width clients : Nat.leb (length runs) (cpus S) && all_performed text width clients runs =
    true ->
    runs_threads text width clients h
      (fun c => match performed text width clients runs c with Some (vis, _) => vis | None => [] end)
      (fun c => match performed text width clients runs c with Some (_, t) => t | None => Stopped end).
  Proof.
    intros Check; apply andb_prop in Check as (Few & All); apply Nat.leb_le in Few; constructor; intros c;
      cbn [acts written].
    - intros Less; unfold all_performed in All; rewrite forallb_forall in All; specialize (All c);
        rewrite in_seq in All.
      specialize (All ltac:(lia)); destruct (performed text width clients runs c) as [[vis t]|] eqn:Is; [|discriminate].
      exact (performed_sound text width clients runs c vis t Is).
    - intros Over; apply nth_overflow; lia.
  Qed.
End Given.

(** ** From actions that are written down: one list for each of their sorts *)
Section Lifted.
  Context {S : system} {I : Type} {K : accesses I}.
  Record choice := choose { a_ticket : list I; a_poll : list I; a_load : list I; a_store : list I; a_read : list I;
    a_write : list I }.
  Definition chosen (ch : choice) (runs : list (list (action S words_verb))) (x : id) : list I :=
    match nth_error (nth (fst x) runs []) (snd x) with
    | Some (Lock _ (Took _)) => a_ticket ch
    | Some (Lock _ (Polled _)) => a_poll ch
    | Some (Lock _ (Loaded _)) => a_load ch
    | Some (Lock _ (Stored _)) => a_store ch
    | Some (Read _ _ _) => a_read ch
    | Some (Wrote _ _ _) => a_write ch
    | Some Halted | None => []
    end.
  Fixpoint last_index (f : I -> bool) (is : list I) (k : nat) (found : nat) : nat :=
    match is with [] => found | i :: is => last_index f is (Datatypes.S k) (if f i then k else found) end.
  Context (parts : id -> list I).
  Definition load_event (x : id) : event := (x, last_index is_read (parts x) 0 0).
  Definition store_event (x : id) : event := (x, last_index is_write (parts x) 0 0).
  Definition lift_sources (ss : list (id * id)) : list (event * event) := map (fun xy : id * id => (store_event (fst
    xy), load_event (snd xy))) ss.
  Definition lift_chains (cs : list (list id)) : list (list event) := map (map store_event) cs.
End Lifted.
Arguments choice : clear implicits.
Arguments choose {I} _ _ _ _ _ _.
