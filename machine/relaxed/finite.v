(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Relaxed executions that are written down, and checked

    A graph is given by a list of actions a CPU, the write that each read reads, and the
    writes of each location in order.  Whether it is consistent is computed
    ([check_sound]): the closures of program order, communication and
    happens-before are tables that contain the steps and are transitive.  Whether a thread
    does such actions alone is computed, too ([performs_sound]).  Read next:
    machine/cases/relaxed_examples.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.relaxed Require Export equal.
From hlock.machine.relaxed Require Import model order reading lock_words embedding.
Import ListNotations.
Local Open Scope Z_scope.

Lemma id_eqb_eq x y : id_eqb x y = true <-> x = y.
Proof.
  unfold id_eqb; rewrite andb_true_iff, !Nat.eqb_eq; destruct x, y; cbn; split;
    [now intros (-> & ->)|now intros [= -> ->]].
Qed.

(** ** Tables of pairs *)
Section Table.
  Definition table : Type := list (id * list id).
  Definition has_id (x : id) (xs : list id) : bool := existsb (id_eqb x) xs.
  Fixpoint row (t : table) (x : id) : list id :=
    match t with [] => [] | (y, r) :: t => if id_eqb y x then r else row t x end.
  Definition related (t : table) (x y : id) : bool := has_id y (row t x).

  Context (ids : list id) (step : id -> id -> bool).
  Definition add (r s : list id) : list id := fold_right (fun y r => if has_id y r then r else y :: r) r s.
  Definition steps : table := map (fun x => (x, filter (step x) ids)) ids.
  Definition by_way_of (t : table) (z : id) : table :=
    let rz := row t z in map (fun xr : id * list id => let (x, r) := xr in (x, if has_id z r then add r rz else r)) t.
  Definition closure : table := fold_left by_way_of ids steps.

  (** It contains the steps and is transitive. *)
  Definition closed_table (t : table) : bool :=
    forallb (fun x => forallb (fun y => implb (step x y) (related t x y)) ids &&
      forallb (fun y => forallb (fun z => has_id z (row t x)) (row t y)) (row t x)) ids &&
    forallb (fun xr : id * list id => has_id (fst xr) ids) t.

  Lemma has_id_in x xs : has_id x xs = true <-> List.In x xs.
  Proof.
    unfold has_id; rewrite existsb_exists; split; [intros (y & Mem & Is); apply id_eqb_eq in Is; congruence|].
    intros Mem; exists x; split; [exact Mem|now apply id_eqb_eq].
  Qed.
  Lemma row_in t x y : related t x y = true -> exists r, List.In (x, r) t.
  Proof.
    unfold related; induction t as [|[z r] t IH]; cbn [row]; [discriminate|].
    destruct (id_eqb z x) eqn:Is; [apply id_eqb_eq in Is as ->; exists r; now left|].
    intros Rel; destruct (IH Rel) as (r' & Mem); exists r'; now right.
  Qed.

  Lemma closed_steps t x y : closed_table t = true -> List.In x ids -> List.In y ids -> step x y = true ->
    related t x y = true.
  Proof.
    intros Closed X Y Step; apply andb_prop in Closed as (Closed & _); rewrite forallb_forall in Closed.
    specialize (Closed x X); apply andb_prop in Closed as (Steps & _); rewrite forallb_forall in Steps.
    specialize (Steps y Y); now rewrite Step in Steps.
  Qed.
  Lemma closed_trans t x y z : closed_table t = true -> related t x y = true -> related t y z = true ->
    related t x z = true.
  Proof.
    intros Closed XY YZ; apply andb_prop in Closed as (Closed & Rows); rewrite forallb_forall in Closed, Rows.
    destruct (row_in t x y XY) as (r & Mem); specialize (Rows _ Mem); apply has_id_in in Rows; cbn [fst] in Rows.
    specialize (Closed x Rows); apply andb_prop in Closed as (_ & Trans); rewrite forallb_forall in Trans.
    unfold related in XY, YZ; apply has_id_in in XY, YZ; specialize (Trans y XY); rewrite forallb_forall in Trans.
    exact (Trans z YZ).
  Qed.
End Table.

(** ** What is asked of a graph, one by one *)
Inductive axiom := Rf_right | Co_total | No_thin_air | Coherence | Atomicity.
Definition axioms : list axiom := [Rf_right; Co_total; No_thin_air; Coherence; Atomicity].
Definition satisfies {S : system} (o : orders) (g : graph S) (width : Z) (a : axiom) : Prop :=
  match a with
  | Rf_right => forall y a, does g y = Some a -> loads a <> None -> reads_right g width y a
  | Co_total => forall x y m, x <> y -> stores_at g x m -> stores_at g y m -> co g x y \/ co g y x
  | No_thin_air => forall x, ~ causes g x x
  | Coherence => forall x y, hb o g x y -> ~ eco g y x
  | Atomicity => ticket_is_one o = true -> forall x y, fr g x y -> ~ co g y x
  end.
Lemma satisfies_all {S : system} o (g : graph S) width :
  consistent_graph o g width <-> forall a, satisfies o g width a.
Proof.
  split; [intros [] []; assumption|intros All; constructor].
  - exact (All Rf_right).
  - exact (All Co_total).
  - exact (All No_thin_air).
  - exact (All Coherence).
  - exact (All Atomicity).
Qed.

Section Finite.
  Context {S : system} (o : orders) (width : Z).
  Local Notation act := (action S words_verb).
  (** What each CPU does, oldest first; what reads read; the writes of each location, oldest first. *)
  Context (runs : list (list act)) (sources : list (id * id)) (chains : list (list id)).

  Fixpoint source (ss : list (id * id)) (y : id) : option id :=
    match ss with [] => None | (x, y') :: ss => if id_eqb y' y then Some x else source ss y end.
  Fixpoint in_chain (xs : list id) (x y : id) : bool :=
    match xs with [] => false | z :: xs => id_eqb z x && has_id y xs || in_chain xs x y end.
  Definition co_given (x y : id) : bool := existsb (fun xs => in_chain xs x y) chains.
  Definition given : graph S :=
    mkGraph (fun c => nth c runs []) (source sources) (fun x y => co_given x y = true).
  Local Notation g := given.
  Definition given_ids : list id := all_ids S g.

  Definition loads_of (x : id) : option location := match does g x with Some a => loads a | None => None end.
  Definition stores_of (x : id) : option location := match does g x with Some a => stores a | None => None end.

  Definition sb_step (x y : id) : bool := Nat.eqb (fst x) (fst y) && Nat.ltb (snd x) (snd y) && some (does g y).
  Definition rf_step (x y : id) : bool :=
    some (loads_of y) && match source sources y with Some w => id_eqb w x | None => false end.
  Definition acquires_b (x : id) : bool :=
    match does g x with
    | Some (Lock _ (Took _)) => ticket_acquires o
    | Some (Lock _ (Polled _)) => poll_acquires o
    | _ => false
    end.
  Definition releases_b (x : id) : bool :=
    match does g x with
    | Some (Lock _ (Took _)) => ticket_releases o
    | Some (Lock _ (Stored _)) => store_releases o
    | _ => false
    end.
  Definition on_words_b (x : id) : bool := match does g x with Some (Lock _ _) => true | _ => false end.
  Definition hb_step (x y : id) : bool := sb_step x y || rf_step x y && releases_b x && acquires_b y.
  Definition causes_step (x y : id) : bool := sb_step x y || rf_step x y && on_words_b y.
  Definition fr_step (x y : id) : bool :=
    negb (id_eqb x y) && location_is (loads_of x) (stores_of y) &&
    match source sources x with Some w => co_given w y | None => true end.
  Definition eco_step (x y : id) : bool := rf_step x y || co_given x y || fr_step x y.

  Definition value_is (h : log S words_verb) (a : act) : bool :=
    match a with
    | Lock l (Took t) => t =? next S width l h
    | Lock l (Polled v) | Lock l (Loaded v) => v =? serving S width l h
    | Read l k v => if obj_eq_dec S l v (object l k h) then true else false
    | _ => true
    end.
  Definition right_read (y : id) : bool :=
    match does g y with
    | Some a =>
        match loads a, source sources y with
        | None, _ => true
        | Some m, Some x =>
            match does g x with Some b => location_is (stores b) (Some m) && value_is [(fst x, b)] a | None => false end
        | Some m, None => value_is [] a
        end
    | None => true
    end.

  Definition total : bool :=
    forallb (fun x => forallb (fun y => implb (negb (id_eqb x y) && location_is (stores_of x) (stores_of y))
      (co_given x y || co_given y x)) given_ids) given_ids.
  Definition well_formed : bool :=
    closed_table given_ids hb_step (closure given_ids hb_step) &&
    closed_table given_ids eco_step (closure given_ids eco_step) &&
    closed_table given_ids causes_step (closure given_ids causes_step) &&
    Nat.leb (length runs) (cpus S) && forallb (forallb (fun x => has_id x given_ids)) chains &&
    forallb (fun e : id * id => has_id (fst e) given_ids) sources.
  Definition checked (a : axiom) : bool :=
    match a with
    | Rf_right => forallb right_read given_ids
    | Co_total => total
    | No_thin_air => let t := closure given_ids causes_step in forallb (fun x => negb (related t x x)) given_ids
    | Coherence =>
        let hbs := closure given_ids hb_step in let ecos := closure given_ids eco_step in
        forallb (fun x => forallb (fun y => negb (related ecos y x)) (row hbs x)) given_ids
    | Atomicity => negb (ticket_is_one o) ||
        forallb (fun x => forallb (fun y => negb (fr_step x y && co_given y x)) given_ids) given_ids
    end.
  Definition check : bool := well_formed && forallb checked axioms.

  (** Nothing comes out of thin air. *)
  Definition feeds_step (x y : id) : bool := sb_step x y || rf_step x y.
  Definition check_air : bool :=
    let t := closure given_ids feeds_step in
    closed_table given_ids feeds_step t && forallb (fun x => negb (related t x x)) given_ids.

  Lemma location_is_iff m m' : location_is m m' = true <-> exists l, m = Some l /\ m' = Some l.
  Proof.
    unfold location_is; destruct m as [l|], m' as [l'|]; try (split; [discriminate|intros (? & ? & ?); discriminate]).
    destruct (location_eq_dec l l') as [->|Not]; split; eauto;
      [discriminate|intros (? & [= ->] & [= ->]); now destruct Not].
  Qed.
  Lemma loads_of_iff x m : loads_of x = Some m <-> loads_at g x m.
  Proof.
    unfold loads_of, loads_at; destruct (does g x) as [a|]; [|split; [discriminate|intros (? & ? & _); discriminate]].
    split; [eauto|intros (? & [= <-] & ?); assumption].
  Qed.
  Lemma stores_of_iff x m : stores_of x = Some m <-> stores_at g x m.
  Proof.
    unfold stores_of, stores_at; destruct (does g x) as [a|]; [|split; [discriminate|intros (? & ? & _); discriminate]].
    split; [eauto|intros (? & [= <-] & ?); assumption].
  Qed.
  Lemma some_iff {A} (m : option A) : some m = true <-> m <> None.
  Proof. destruct m; cbn; split; congruence. Qed.
  Lemma sb_step_iff x y : sb_step x y = true <-> sb g x y.
  Proof. unfold sb_step, sb; rewrite !andb_true_iff, Nat.eqb_eq, Nat.ltb_lt, some_iff; tauto. Qed.
  Lemma rf_step_iff x y : rf_step x y = true <-> reads_from g x y.
  Proof.
    unfold rf_step, reads_from; rewrite andb_true_iff, some_iff; cbn [rf given]; split.
    - intros (Loads & Is); destruct (loads_of y) as [m|] eqn:L; [|congruence]; split;
        [exists m; now apply loads_of_iff|].
      destruct (source sources y) as [w|]; [|discriminate]; apply id_eqb_eq in Is; congruence.
    - intros ((m & Loads) & ->); apply loads_of_iff in Loads; split; [congruence|now apply id_eqb_eq].
  Qed.
  Lemma fr_step_iff x y : fr_step x y = true <-> fr g x y.
  Proof.
    unfold fr_step, fr; rewrite !andb_true_iff, negb_true_iff, <- not_true_iff_false, id_eqb_eq, location_is_iff.
    cbn [rf co given]; split.
    - intros ((Apart & m & Loads & Stores) & Co); split; [exact Apart|]; exists m.
      split; [now apply loads_of_iff|split; [now apply stores_of_iff|]]; destruct (source sources x); auto.
    - intros (Apart & m & Loads & Stores & Co); split; [split; [exact Apart|exists m]|].
      + split; [now apply loads_of_iff|now apply stores_of_iff].
      + destruct (source sources x); auto.
  Qed.
  Lemma value_is_iff h a : value_is h a = true -> value_there S width h a.
  Proof.
    destruct a as [l [t|v|v|v]|l k v|l k v|]; cbn; try (now intros; apply Z.eqb_eq); auto.
    destruct (obj_eq_dec S l v _); [auto|discriminate].
  Qed.

  (** ** What is in the tables of a well-formed one *)
  Section Formed.
    Context (Formed : well_formed = true).
    Local Notation known x := (List.In x given_ids).
    Local Notation hbs := (closure given_ids hb_step).
    Local Notation ecos := (closure given_ids eco_step).
    Local Notation causing := (closure given_ids causes_step).

    Lemma formed : (closed_table given_ids hb_step hbs = true /\ closed_table given_ids eco_step ecos = true /\
        closed_table given_ids causes_step causing = true) /\ (forall c, (cpus S <= c)%nat -> run given c = []) /\
      (forall xs x, List.In xs chains -> List.In x xs -> known x) /\
      forall x y, List.In (x, y) sources -> known x.
    Proof.
      pose proof Formed as All; unfold well_formed in All; rewrite !andb_true_iff in All.
      destruct All as (((((Hbs & Ecos) & Causes) & Few) & Chains) & Sources).
      rewrite forallb_forall in Chains, Sources; split; [auto|split; [|split]].
      - intros c Over; cbn; apply nth_overflow; apply Nat.leb_le in Few; lia.
      - intros xs x Mem Mem'; specialize (Chains xs Mem); rewrite forallb_forall in Chains.
        now apply has_id_in, Chains.
      - intros x y Mem; exact (proj1 (has_id_in _ _) (Sources _ Mem)).
    Qed.
    Lemma formed_few c : (cpus S <= c)%nat -> run given c = [].
    Proof. apply formed. Qed.
    Lemma does_known x : does g x <> None -> known x.
    Proof. apply all_ids_in, formed_few. Qed.
    Lemma at_known x a : does g x = Some a -> known x.
    Proof. intros At; apply does_known; congruence. Qed.
    Lemma sb_known x y : sb g x y -> known x /\ known y.
    Proof.
      intros (Own & Less & Here); split; apply does_known; [|exact Here]; unfold does in *; rewrite Own.
      apply nth_error_Some; apply nth_error_Some in Here; lia.
    Qed.
    Lemma rf_known x y : reads_from g x y -> known x /\ known y.
    Proof.
      intros ((m & a & At & _) & Is); split; [|exact (at_known y a At)].
      assert (Mem : exists y', List.In (x, y') sources); [|destruct Mem as (y' & Mem); now apply formed in Mem].
      revert Is; cbn [rf given]; generalize sources as ss; clear; induction ss as [|[w z] ss IH]; cbn; [discriminate|].
      destruct (id_eqb z y); [intros [= ->]; eauto|intros Is; destruct (IH Is); eauto].
    Qed.
    Lemma co_known x y : co g x y -> known x /\ known y.
    Proof.
      intros Is; apply existsb_exists in Is as (xs & Mem & Is).
      assert (Both : List.In x xs /\ List.In y xs).
      { revert Is; clear; induction xs as [|z xs IH]; cbn; [discriminate|]; rewrite orb_true_iff, andb_true_iff.
        intros [(Z & Y)|Is]; [apply id_eqb_eq in Z; apply has_id_in in Y; auto|destruct (IH Is); auto]. }
      split; apply (proj1 (proj2 (proj2 formed)) xs); tauto.
    Qed.

    Lemma hb_related x y : hb o g x y -> related hbs x y = true.
    Proof.
      destruct formed as ((Closed & _) & _).
      induction 1 as [x y Is|x y (Reads & (a & At & Rel) & (b & At' & Acq))|x y z _ IH _ IH'].
      - destruct (sb_known x y Is); apply (closed_steps given_ids hb_step); auto; unfold hb_step.
        now rewrite (proj2 (sb_step_iff x y) Is).
      - destruct (rf_known x y Reads); apply (closed_steps given_ids hb_step); auto; unfold hb_step.
        rewrite (proj2 (rf_step_iff x y) Reads); unfold releases_b, acquires_b; rewrite At, At', orb_true_iff; right.
        destruct a as [l []| | |], b as [l' []| | |]; cbn in *; try contradiction; now rewrite Rel, Acq.
      - exact (closed_trans _ _ _ x y z Closed IH IH').
    Qed.
    Lemma eco_related x y : eco g x y -> related ecos x y = true.
    Proof.
      destruct formed as ((_ & Closed & _) & _).
      induction 1 as [x y Is|x y Is|x y Is|x y z _ IH _ IH'].
      - destruct (rf_known x y Is); apply (closed_steps given_ids eco_step); auto; unfold eco_step.
        now rewrite (proj2 (rf_step_iff x y) Is).
      - destruct (co_known x y Is); apply (closed_steps given_ids eco_step); auto; unfold eco_step.
        cbn [co given] in Is; now rewrite Is, orb_true_r.
      - pose proof Is as (_ & m & (a & At & _) & (b & At' & _) & _).
        apply (closed_steps given_ids eco_step); eauto using at_known; unfold eco_step.
        now rewrite (proj2 (fr_step_iff x y) Is), orb_true_r.
      - exact (closed_trans _ _ _ x y z Closed IH IH').
    Qed.
    Lemma causes_related x y : causes g x y -> related causing x y = true.
    Proof.
      destruct formed as ((_ & _ & Closed) & _).
      induction 1 as [x y Is|x y Is (a & At & Word)|x y z _ IH _ IH'].
      - destruct (sb_known x y Is); apply (closed_steps given_ids causes_step); auto; unfold causes_step.
        now rewrite (proj2 (sb_step_iff x y) Is).
      - destruct (rf_known x y Is); apply (closed_steps given_ids causes_step); auto; unfold causes_step.
        rewrite (proj2 (rf_step_iff x y) Is); unfold on_words_b; rewrite At; destruct a; try contradiction.
        now rewrite orb_true_r.
      - exact (closed_trans _ _ _ x y z Closed IH IH').
    Qed.
    Lemma related_known step t x y : closed_table given_ids step t = true -> related t x y = true -> known x.
    Proof.
      intros Closed Rel; destruct (row_in _ x y Rel) as (r & Mem); apply andb_prop in Closed as (_ & Rows).
      rewrite forallb_forall in Rows; exact (proj1 (has_id_in _ _) (Rows _ Mem)).
    Qed.

    Theorem checked_sound a : checked a = true -> satisfies o given width a.
    Proof.
      destruct formed as ((Hbs & _ & Causes) & _).
      destruct a; intros Holds; unfold checked in Holds; cbn [satisfies].
      - intros y a At Loads; rewrite forallb_forall in Holds; pose proof (Holds y (at_known y a At)) as Reads.
        unfold right_read in Reads; rewrite At in Reads; unfold reads_right; cbn [rf given].
        destruct (loads a) as [m|]; [|congruence]; destruct (source sources y) as [x|]; [|now apply value_is_iff].
        destruct (does g x) as [b|]; [|discriminate]; apply andb_prop in Reads as (Same & Value).
        apply location_is_iff in Same as (m' & Stores & [= <-]); exists b; split;
          [reflexivity|split; [exact Stores|now apply value_is_iff]].
      - intros x y m Apart X Y; pose proof Holds as Total; unfold total in Total; rewrite forallb_forall in Total.
        pose proof X as (a & At & _); pose proof Y as (b & At' & _); specialize (Total x (at_known x a At)).
        rewrite forallb_forall in Total; specialize (Total y (at_known y b At')).
        apply stores_of_iff in X, Y; rewrite X, Y in Total.
        assert (Same : location_is (Some m) (Some m) = true) by (apply location_is_iff; eauto); rewrite Same in Total.
        destruct (id_eqb x y) eqn:Is; [apply id_eqb_eq in Is; congruence|]; now apply orb_prop in Total.
      - intros x Is; apply causes_related in Is; rewrite forallb_forall in Holds.
        specialize (Holds x (related_known _ _ x x Causes Is)); now rewrite Is in Holds.
      - intros x y Is Back; apply hb_related in Is; apply eco_related in Back; rewrite forallb_forall in Holds.
        pose proof (Holds x (related_known _ _ x y Hbs Is)) as Coherent.
        rewrite forallb_forall in Coherent; specialize (Coherent y); unfold related in Is; apply has_id_in in Is.
        specialize (Coherent Is); now rewrite Back in Coherent.
      - intros One x y Is Back; destruct (co_known y x Back) as (My & Mx); cbn [co given] in Back.
        pose proof Holds as Atomic; rewrite One in Atomic; cbn [negb orb] in Atomic; rewrite forallb_forall in Atomic.
        specialize (Atomic x Mx); rewrite forallb_forall in Atomic; specialize (Atomic y My).
        now rewrite (proj2 (fr_step_iff x y) Is), Back in Atomic.
    Qed.
  End Formed.

  Theorem check_sound : check = true -> consistent_graph o given width /\
    (forall c, (cpus S <= c)%nat -> run given c = []) /\
    forall x y, hb o given x y -> related (closure given_ids hb_step) x y = true.
  Proof.
    intros Check; apply andb_prop in Check as (Formed & Each_holds).
    split; [|split; [exact (formed_few Formed)|exact (hb_related Formed)]].
    apply satisfies_all; intros a; apply (checked_sound Formed); rewrite forallb_forall in Each_holds.
    apply Each_holds; destruct a; cbn; auto 10.
  Qed.

  Lemma check_air_sound : check = true -> check_air = true -> nothing_from_thin_air g.
  Proof.
    intros Check Air x Is; apply andb_prop in Air as (Closed & Air); rewrite forallb_forall in Air.
    pose proof (proj1 (andb_prop _ _ Check)) as Formed.
    assert (Here : forall x y, feeds g x y -> related (closure given_ids feeds_step) x y = true).
    { induction 1 as [y z Sb|y z Reads|y z u _ IH _ IH'].
      - destruct (sb_known Formed y z Sb); apply (closed_steps given_ids feeds_step); auto; unfold feeds_step.
        now rewrite (proj2 (sb_step_iff y z) Sb).
      - destruct (rf_known Formed y z Reads); apply (closed_steps given_ids feeds_step); auto; unfold feeds_step.
        now rewrite (proj2 (rf_step_iff y z) Reads), orb_true_r.
      - exact (closed_trans _ _ _ y z u Closed IH IH'). }
    specialize (Here x x Is); specialize (Air x (related_known _ _ x x Closed Here)); now rewrite Here in Air.
  Qed.
End Finite.

(** ** A thread that is answered what is written down *)
Section Performs.
  Context {S : system} (text : program) (width : Z).
  Local Notation act := (action S words_verb).

  (** How a thread that asks [m] goes on, if what happens is [a]. *)
  Definition answer (m : thread_move S) (a : act) : option (thread S) :=
    match m, a with
    | Take l k, Lock l' (Took v) | Poll l k, Lock l' (Polled v) | Load l k, Lock l' (Loaded v) =>
        if l =? l' then Some (k v) else None
    | Store l v t, Lock l' (Stored v') => if (l =? l') && (v =? v') then Some t else None
    | Get l k go, Read l' k' v =>
        if k =? k' then option_map go (value_for (A := Obj S) l l' v) else None
    | Put l k v t, Wrote l' k' v' =>
        match value_for (A := Obj S) l l' v' with
        | Some v' => if (k =? k') && (if obj_eq_dec S l v v' then true else false) then Some t else None
        | None => None
        end
    | _, _ => None
    end.
  Lemma answer_sound m a t : answer m a = Some t -> answered m a t.
  Proof.
    destruct m as [| | |l k|l k|l k|l v u|l p k|l p v u| | |], a as [l' [w|w|w|w]|l' p' w|l' p' w|]; cbn;
      try discriminate.
    1, 2, 3: destruct (Z.eqb_spec l l') as [<-|]; [intros [= <-]; eauto|discriminate].
    - destruct (Z.eqb_spec l l') as [<-|], (Z.eqb_spec v w) as [<-|]; try discriminate; intros [= <-]; auto.
    - destruct (Z.eqb_spec p p') as [<-|]; [|discriminate]; destruct (Z.eq_dec l' l) as [->|Not].
      + rewrite value_for_same; intros [= <-]; eauto.
      + rewrite value_for_other by exact Not; discriminate.
    - destruct (Z.eq_dec l' l) as [->|Not]; [|rewrite value_for_other by exact Not; discriminate].
      rewrite value_for_same; destruct (Z.eqb_spec p p') as [<-|], (obj_eq_dec S l v w) as [<-|]; try discriminate.
      intros [= <-]; auto.
  Qed.

  (** A thread with client [p] does the actions of [script]. *)
  Fixpoint performs (p : client S) (fuel : nat) (script acts : list act) (vis : list (visible S)) (t : thread S)
      : option (list (visible S) * thread S) :=
    match fuel with
    | O => None
    | Datatypes.S fuel =>
        match next_move text width p t with
        | Local t' => performs p fuel script acts vis t'
        | Call o t' => performs p fuel script acts (Called o :: vis) t'
        | Return o t' => performs p fuel script acts (Returned o :: vis) t'
        | m =>
            match script with
            | [] => Some (vis, t)
            | a :: script =>
                match answer m a with
                | Some t' => performs p fuel script (a :: acts)
                  (match seen_of a with Some v => v :: vis | None => vis end) t'
                | None => None
                end
            end
        end
    end.
  Lemma performs_sound p fuel : forall script acts vis t vis' t',
    alone text width p acts vis t -> performs p fuel script acts vis t = Some (vis', t') ->
    alone text width p (rev script ++ acts) vis' t'.
  Proof.
    induction fuel as [|fuel IH]; [discriminate|]; intros script acts vis t vis' t' Run; cbn [performs].
    destruct (next_move text width p t) eqn:Next;
      try (intros Goes; eapply IH; [|exact Goes]; eauto using alone_local, alone_call, alone_return);
      (destruct script as [|a script]; [intros [= <- <-]; exact Run|]);
      (destruct (answer _ a) as [t1|] eqn:Ans; [|discriminate]); intros Goes; cbn [rev]; rewrite <- app_assoc;
      (eapply IH; [|exact Goes]); apply alone_memory with t; auto; rewrite Next; now apply answer_sound.
  Qed.

  (** All of them. *)
  Definition performed (clients : cpu -> client S) (runs : list (list act)) (c : cpu) :
    option (list (visible S) * thread S) :=
    performs (clients c) 1000 (nth c runs []) [] [] (Idle []).
  Lemma performed_sound clients runs c vis t :
    performed clients runs c = Some (vis, t) -> alone text width (clients c) (rev (nth c runs [])) vis t.
  Proof.
    unfold performed; generalize 1000%nat; intros fuel Is; rewrite <- (app_nil_r (rev _)).
    exact (performs_sound _ _ _ _ _ _ _ _ (alone_start _ _ _) Is).
  Qed.
  Definition all_performed clients runs : bool := forallb (fun c => some (performed clients runs c)) (seq 0 (cpus S)).

  Theorem given_relaxed o clients runs sources chains :
    check o width runs sources chains && all_performed clients runs = true ->
    relaxed_execution o text width clients (given runs sources chains)
      (fun c => match performed clients runs c with Some (vis, _) => vis | None => [] end)
      (fun c => match performed clients runs c with Some (_, t) => t | None => Stopped end).
  Proof.
    intros Both; apply andb_prop in Both as (Check & All);
      destruct (check_sound o width runs sources chains Check) as (Cons & Few & _).
    constructor; [|exact Few|exact Cons]; intros c Less; cbn [run given].
    unfold all_performed in All; rewrite forallb_forall in All; specialize (All c); rewrite in_seq in All.
    specialize (All ltac:(lia)); destruct (performed clients runs c) as [[vis t]|] eqn:Is; [|discriminate].
    exact (performed_sound clients runs c vis t Is).
  Qed.
End Performs.
