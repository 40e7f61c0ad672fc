(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Lists of actions of a graph: what they read, and what happens before what

    In a list of kept actions, newest first, each action may read the last write before it,
    and may come after all that waited in its queue before ([sound]).  Then the list is a
    legal log of the words ([legal_words]), and what causes an action of it happens before it
    ([causes_hb]).  Read next: lock_words.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts map.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers Require L1_ticket.spec L1_ticket.facts L1_ticket.refine.
From hlock.machine.model Require Import memory.
From hlock.machine.refine Require Import invariant.
From hlock.machine.safety Require Import history.
From hlock.machine.relaxed Require Export equal.
From hlock.machine.relaxed Require Import model turns.
Import ListNotations.
Local Open Scope Z_scope.

(** ** Lists *)
Section Find.
  Context {A : Type} (f : A -> bool).

  Lemma find_skip b r : (forall y, List.In y b -> f y = false) -> find f (b ++ r) = find f r.
  Proof. induction b as [|y b IH]; cbn; intros None_; [auto|]; rewrite None_ by auto; auto. Qed.
  Lemma find_first l s : find f l = Some s ->
    exists b r, l = b ++ s :: r /\ f s = true /\ forall y, List.In y b -> f y = false.
  Proof.
    induction l as [|y l IH]; cbn; [discriminate|]; destruct (f y) eqn:Is.
    - intros [= <-]; exists [], l; split; [reflexivity|split; [exact Is|intros ? []]].
    - intros Found; destruct (IH Found) as (b & r & -> & Here & None_); exists (y :: b), r.
      split; [reflexivity|split; [exact Here|]]; intros z [<-|]; auto.
  Qed.
  (** The last of those that are in a list. *)
  Lemma oldest b : (forall y, List.In y b -> f y = false) \/
    exists b2 w b1, b = b2 ++ w :: b1 /\ f w = true /\ forall y, List.In y b1 -> f y = false.
  Proof.
    induction b as [|y b [None_|(b2 & w & b1 & -> & Is & None_)]]; [left; contradiction| |].
    - destruct (f y) eqn:Is; [right; exists [], y, b; split; [reflexivity|split; auto]|left; intros z [<-|]; auto].
    - right; exists (y :: b2), w, b1; auto.
  Qed.
  Lemma filter_within (h : A -> bool) l :
    (forall y, List.In y l -> f y = true -> h y = true) -> filter f (filter h l) = filter f l.
  Proof.
    induction l as [|y l IH]; [auto|]; intros Within; cbn; rewrite <- IH by (intros z Mem; apply Within; now right).
    destruct (h y) eqn:Is; [reflexivity|]; destruct (f y) eqn:Is'; [|reflexivity].
    rewrite (Within y) in Is; [discriminate|now left|exact Is'].
  Qed.
  Lemma filter_shorter l : (length (filter f l) <= length l)%nat.
  Proof. induction l as [|y l IH]; [auto|]; cbn; destruct (f y); cbn; lia. Qed.
  Lemma filter_none l : length (filter f l) = 0%nat -> forall y, List.In y l -> f y = false.
  Proof.
    induction l as [|y l IH]; [contradiction|]; cbn; destruct (f y) eqn:Is; [discriminate|].
    intros None_ z [<-|]; auto.
  Qed.
End Find.

(** ** What was done to the words, and who stopped *)
Section Lock_part.
  Context (S : system) (width : Z).
  Local Notation log := (log S words_verb).

  Definition lock_part : log -> log :=
    filter (fun e => match snd e with Lock _ _ | Halted => true | _ => false end).
  Lemma lock_part_alike c (g : log) : stands_alike S c g (lock_part g).
  Proof.
    induction g as [|[c' a] g (Halt & Phase)]; [split; reflexivity|].
    split; [|intros l; specialize (Phase l)]; destruct a; cbn; rewrite <- ?Halt, <- ?Phase; auto.
  Qed.
  Lemma lock_part_value a (g : log) : on_words a -> value_there S width (lock_part g) a <-> value_there S width g a.
  Proof.
    assert (Same : forall l, next S width l (lock_part g) = next S width l g /\
                             serving S width l (lock_part g) = serving S width l g).
    { intros l; induction g as [|[c' [l' []| | |]] g (Next & Now)]; cbn; rewrite ?Next, ?Now; auto. }
    destruct a as [l k| | |]; try contradiction; intros _; destruct (Same l) as (Next & Now).
    destruct k; cbn; rewrite ?Next, ?Now; reflexivity.
  Qed.
End Lock_part.

(** ** Words, queues, order *)
Section Queues.
  Context (S : system) (g : graph S).
  Local Notation does := (does g).
  Local Notation hb := (hb shipped_orders g).
  Definition words_log (ids : list id) : log S words_verb := lock_part S (log_of g ids).

  (** The last write to a location. *)
  Definition writer (m : location) (x : id) : bool :=
    match does x with
    | Some a => match stores a with Some m' => if location_eq_dec m' m then true else false | None => false end
    | None => false
    end.

  (** The queue in which an action waits: tickets of a lock, or all that is done inside. *)
  Definition queue_of (a : action S words_verb) : option location :=
    match a with
    | Lock l (Took _) => Some (Next l)
    | Lock l _ | Read l _ _ | Wrote l _ _ => Some (Now l)
    | Halted => None
    end.
  Definition in_queue (x : id) (m : location) : Prop := exists a, does x = Some a /\ queue_of a = Some m.

  (** Each action on a word reads the last write; and comes after those before it in its queue. *)
  Definition reads_last (x : id) (ids : list id) : Prop :=
    forall a m, does x = Some a -> on_words a -> loads a = Some m -> rf g x = find (writer m) ids.
  Fixpoint sound (ids : list id) : Prop :=
    match ids with
    | [] => True
    | x :: ids => reads_last x ids /\ (forall y m, List.In y ids -> in_queue y m -> in_queue x m -> hb y x) /\ sound ids
    end.

  Lemma hb_causes x y : hb x y -> causes g x y.
  Proof.
    induction 1 as [x y Sb|x y (Reads & _ & a & At & Acq)|x y z _ XY _ YZ].
    - now apply causes_sb.
    - apply causes_rf; [exact Reads|]; exists a; split; [exact At|now destruct a].
    - now apply causes_trans with y.
  Qed.
End Queues.

Section Graph.
  Context {S : system} {width : Z} {g : graph S}.
  Local Notation does := (does g).
  Local Notation hb := (hb shipped_orders g).
  Local Notation log_of := (log_of g).
  Local Notation closed := (closed g).
  Local Notation writer := (writer S g).
  Local Notation queue_of := (queue_of S).
  Local Notation in_queue := (in_queue S g).
  Local Notation reads_last := (reads_last S g).
  Local Notation sound := (sound S g).
  Local Notation words_log := (words_log S g).

  Lemma writer_iff m x : writer m x = true <-> stores_at g x m.
  Proof.
    unfold writer, stores_at; destruct (does x) as [a|]; [|split; [discriminate|now intros (? & ? & _)]].
    split.
    - intros Is; exists a; split; [reflexivity|]; destruct (stores a); [|discriminate].
      destruct (location_eq_dec _ _); [congruence|discriminate].
    - intros (a' & [= <-] & ->); now destruct (location_eq_dec m m).
  Qed.
  Lemma stores_queue x m : stores_at g x m -> exists m', forall y, stores_at g y m -> in_queue y m'.
  Proof.
    intros (a & _ & Is).
    exists (match m with Object l _ => Now l | m => m end); intros y (b & At & Is'); exists b; split; [exact At|].
    destruct b as [l []| | |]; cbn in *; try discriminate; injection Is' as <-; reflexivity.
  Qed.
  Lemma sound_app l1 l2 : sound (l1 ++ l2) -> sound l2.
  Proof. induction l1 as [|x l1 IH]; [auto|]; cbn; intros (_ & _ & Sound); auto. Qed.
  Lemma sound_ordered b x r y m : sound (b ++ x :: r) -> List.In y r -> in_queue y m -> in_queue x m -> hb y x.
  Proof. intros Sound; apply sound_app in Sound as (_ & Order & _); eauto. Qed.

  Lemma stores_kept x m : stores_at g x m -> kept g x = true.
  Proof. intros (a & At & Is); unfold kept; rewrite At; now destruct a as [l []| | |]. Qed.
  Lemma words_cons x ids a : does x = Some a ->
    words_log (x :: ids) = match a with Lock _ _ | Halted => (fst x, a) :: words_log ids | _ => words_log ids end.
  Proof.
    intros At; unfold words_log; change (log_of (x :: ids)) with (event_of g x ++ log_of ids).
    unfold event_of; rewrite At; now destruct a.
  Qed.

  (** ** Values *)
  Lemma value_written c b G a : stores b = loads a -> loads a <> None ->
    value_there S width ((c, b) :: G) a <-> value_there S width [(c, b)] a.
  Proof.
    destruct a as [l []|l p v|l p v|], b as [l' []|l' p' v'|l' p' v'|]; cbn; try discriminate; try contradiction;
      intros E _; injection E; intros; subst; rewrite ?Z.eqb_refl, ?value_for_same; reflexivity.
  Qed.
  Lemma value_kept c b G a : stores b <> loads a -> loads a <> None ->
    value_there S width ((c, b) :: G) a <-> value_there S width G a.
  Proof.
    destruct a as [l k|l p v|l p v|]; [destruct k|..]; cbn [loads]; try contradiction;
      (destruct b as [l' k'|l' p' v'|l' p' v'|]; [destruct k'|..]); cbn; try reflexivity; intros Not _;
      try (destruct (Z.eqb_spec p' p) as [->|]; [|reflexivity]);
      rewrite ?value_for_other, ?(proj2 (Z.eqb_neq l' l)) by congruence; reflexivity.
  Qed.
  Lemma value_found a m ids : loads a = Some m ->
    match find (writer m) ids with
    | Some x => exists b, does x = Some b /\ stores b = loads a /\ value_there S width [(fst x, b)] a
    | None => value_there S width [] a
    end <-> value_there S width (log_of ids) a.
  Proof.
    intros Loads; assert (Has : loads a <> None) by congruence.
    induction ids as [|y ids IH]; [reflexivity|]; cbn [find].
    change (log_of (y :: ids)) with (event_of g y ++ log_of ids); unfold event_of.
    destruct (writer m y) eqn:Is.
    - apply writer_iff in Is as (b & At & Is); rewrite At; cbn [app].
      assert (Same : stores b = loads a) by congruence; rewrite (value_written _ _ _ _ Same Has).
      split; [intros (b' & [= <-] & _ & Value); exact Value|exists b; auto].
    - rewrite IH; destruct (does y) as [b|] eqn:At'; [|reflexivity]; cbn [app]; symmetry.
      apply value_kept; auto; intros Same; rewrite <- not_true_iff_false in Is; apply Is, writer_iff.
      exists b; split; [exact At'|congruence].
  Qed.

  (** ** In a consistent graph *)
  Context (Consistent : consistent_graph shipped_orders g width).
  Lemma value_last x a m ids : does x = Some a -> loads a = Some m -> rf g x = find (writer m) ids ->
    value_there S width (log_of ids) a.
  Proof.
    intros At Loads Reads; assert (Has : loads a <> None) by congruence.
    pose proof (rf_right _ _ _ Consistent x a At Has) as Right; unfold reads_right in Right; rewrite Reads in Right.
    exact (proj1 (value_found a m ids Loads) Right).
  Qed.
  Lemma hb_irreflexive x : ~ hb x x.
  Proof. intros Hb; apply hb_causes in Hb; exact (no_thin_air _ _ _ Consistent x Hb). Qed.
  Lemma rf_writes x y m : rf g y = Some x -> loads_at g y m -> stores_at g x m.
  Proof.
    intros Reads (a & At & Loads); assert (Has : loads a <> None) by congruence.
    pose proof (rf_right _ _ _ Consistent y a At Has) as Right; unfold reads_right in Right; rewrite Reads in Right.
    destruct Right as (b & At' & Same & _); exists b; split; congruence.
  Qed.
  (** A ticket or a poll synchronizes with what it reads. *)
  Lemma reads_sync x y a m : rf g y = Some x -> does y = Some a -> loads a = Some m -> acquires shipped_orders a ->
    hb x y.
  Proof.
    intros Reads At Loads Acq; assert (Loads_y : loads_at g y m) by (now exists a).
    apply hb_sync; split; [split; eauto|split; [|eauto]].
    destruct (rf_writes x y m Reads Loads_y) as (b & At' & Is); exists b; split; [exact At'|].
    destruct a as [l []| | |]; try contradiction; injection Loads as <-; destruct b as [l' []| | |]; cbn in Is |- *;
      try discriminate; reflexivity.
  Qed.

  (** What a list of kept actions leaves out is polls in vain, which acquire: it loses no happens-before. *)
  Lemma causes_hb ids y z : closed ids -> sound ids ->
    (exists z', List.In z' ids /\ (z = z' \/ causes g z z')) -> causes g y z -> hb y z.
  Proof.
    intros Closed Sound Below Causes; revert Below.
    induction Causes as [y z Sb|y z Reads (a & At & Word)|y u z YU IHu UZ IHz]; intros Below.
    - now apply hb_sb.
    - assert (Either : acquires shipped_orders a \/ exists l v, a = Lock l (Loaded v)).
      { destruct Reads as ((m & a' & At' & Loads) & _); rewrite At in At'; injection At' as <-.
        destruct a as [l []| | |]; cbn in *; try contradiction; try discriminate; eauto. }
      destruct Either as [Acq|(l & v & ->)]; [destruct Reads as ((m & a' & At' & Loads) & Reads);
        exact (reads_sync y z a' m Reads At' Loads ltac:(congruence))|].
      assert (Mem : List.In z ids).
      { destruct Below as (z' & Mem & [->|Before]); [exact Mem|]; apply (closed_down g ids z z' Closed Mem);
          [|exact Before].
        unfold kept; now rewrite At. }
      apply in_split in Mem as (b & r & ->); pose proof (sound_app _ _ Sound) as (Last & Order & _).
      destruct Reads as (Has & Reads); pose proof (Last _ (Now l) At I eq_refl) as Is; rewrite Reads in Is.
      symmetry in Is; apply find_some in Is as (Mem & Writes); apply writer_iff in Writes.
      apply (Order y (Now l) Mem); [|now exists (Lock l (Loaded v))].
      destruct (stores_queue _ _ Writes) as (m' & In_queue).
      destruct Writes as (b' & At' & Stores); exists b'; split; [exact At'|].
      destruct b' as [l' []| | |]; cbn in *; try discriminate; now injection Stores as <-.
    - apply hb_trans with u; [apply IHu|exact (IHz Below)].
      destruct Below as (z' & Mem & [->|Before]); exists z'; eauto using causes_trans.
  Qed.
End Graph.

(** ** CPUs that keep the protocol

    The setting of the proofs about a graph, as that of stack/setting.v: words are wide enough,
    the graph is consistent, each CPU's actions are in turn, and there are no other CPUs. *)
Class protocol_graph {S : system} (width : Z) (g : graph S) : Prop := {
  protocol_width : 1 <= width <= 32;
  protocol_fits : Z.of_nat (cpus S) <= modulus width;
  protocol_consistent : consistent_graph shipped_orders g width;
  protocol_turns : forall c, in_turns S width c (rev (run g c));
  protocol_few : forall c, (cpus S <= c)%nat -> run g c = []
}.

Section Legal.
  Context {S : system} {width : Z} {g : graph S} {Protocol : protocol_graph width g}.
  Local Notation W := (words S width).
  Local Notation closed := (closed g).
  Local Notation words_log := (words_log S g).
  Local Notation log_of := (log_of g).
  Local Notation reads_last := (reads_last S g).
  Local Notation sound := (sound S g).

  Lemma legal_next x ids : closed (x :: ids) -> reads_last x ids -> legal W (words_log ids) ->
    legal W (words_log (x :: ids)).
  Proof.
    intros Closed Last Legal; pose proof Closed as (Kept & _); destruct (kept_does _ _ Kept) as (a & At).
    pose proof (closed_turn width g protocol_turns x ids a Closed At) as Turn; rewrite (words_cons x ids a At).
    assert (Order : action_fault W (fst x) a (words_log ids) = None -> legal W ((fst x, a) :: words_log ids)).
    { intros Fault; apply legal_cons; split; [exact Legal|]; apply event_fault_none; split; [|split; [|exact Fault]].
      - destruct (Nat.lt_ge_cases (fst x) (cpus S)) as [|Over]; [assumption|].
        unfold model.does in At; rewrite (protocol_few _ Over) in At; destruct (snd x); discriminate.
      - refine (eq_trans (eq_sym (proj1 (lock_part_alike S (fst x) (log_of ids)))) _); apply Turn. }
    destruct a as [l k| | |]; [|exact Legal..|now apply Order]; apply Order.
    apply turn_in_order; [apply (alike_turn S width _ _ _ _ (lock_part_alike S (fst x) (log_of ids)) Turn)|].
    apply lock_part_value; [exact I|]; destruct k; try exact I;
      (eapply (value_last protocol_consistent); [exact At|reflexivity|exact (Last _ _ At I eq_refl)]).
  Qed.
  Lemma legal_words ids : closed ids -> sound ids -> legal W (words_log ids).
  Proof.
    induction ids as [|x ids IH]; [reflexivity|]; intros Closed (Last & _ & Sound).
    apply legal_next; auto; apply IH; [apply Closed|exact Sound].
  Qed.
End Legal.
