(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * One CPU's actions in turn, and lists of actions of a graph

    Each CPU's actions are in the order of the protocol ([in_turns]); of values nothing is
    said but what it stores.  A poll in vain changes nothing of where a CPU stands, and is
    left out ([kept]).  A list of kept actions in which everything comes after what
    causes it ([closed]) is a log; where a CPU stands in it is where it stands by itself
    ([closed_stands]).  Read next: lock_words.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.machine.model Require Import memory.
From hlock.machine.relaxed Require Import model.
From hlock.machine.relaxed Require Export claims.
Import ListNotations.
Local Open Scope Z_scope.

Section Turns.
  Context (S : system) (width : Z).
  Local Notation act := (action S words_verb).
  Local Notation log := (log S words_verb).
  Local Notation own_log := (own_log S).
  Local Notation in_vain := (in_vain S).

  (** Action [a] of CPU [c] is the turn of the lock code and of the contract, after log [g]. *)
  Definition in_turn (c : cpu) (a : act) (g : log) : Prop :=
    halted c g = false /\
    match a with
    | Lock l k => lock_exists (S := S) l = true /\
        match k, words_phase S c l g with
        | Took _, Out | Polled _, Waiting _ | Loaded _, In => True
        | Stored v, Leaving u => v = (u + 1) mod modulus width
        | _, _ => False
        end
    | Read l _ _ | Wrote l _ _ => words_phase S c l g = In
    | Halted => True
    end.
  Fixpoint in_turns (c : cpu) (acts : list act) : Prop :=
    match acts with
    | [] => True
    | a :: acts => in_turn c a (own_log c acts) /\ in_turns c acts
    end.

  (** What a read of a word returns is a word. *)
  Definition word_answer (a : act) : Prop :=
    match a with Lock _ (Took v) | Lock _ (Polled v) | Lock _ (Loaded v) => in_word width v | _ => True end.

  (** All of a CPU's actions but the polls in vain. *)
  Fixpoint without_vain (c : cpu) (acts : list act) : list act :=
    match acts with
    | [] => []
    | a :: acts => if in_vain c a (own_log c acts) then without_vain c acts else a :: without_vain c acts
    end.

  (** Two logs in which CPU [c] stands at the same. *)
  Definition stands_alike (c : cpu) (g g' : log) : Prop :=
    halted c g = halted c g' /\ forall l, words_phase S c l g = words_phase S c l g'.
  Lemma alike_cons c a g g' : stands_alike c g g' -> stands_alike c ((c, a) :: g) ((c, a) :: g').
  Proof.
    intros (Halt & Phase); split; [destruct a; cbn; now rewrite ?Halt|].
    intros l; destruct a as [l' k| | |]; cbn; rewrite ?Phase; auto.
  Qed.
  Lemma alike_vain c a g : in_vain c a g = true -> stands_alike c ((c, a) :: g) g.
  Proof.
    destruct a as [l [|v| |]| | |]; try discriminate; cbn; intros Vain; split; [reflexivity|]; intros l'; cbn.
    destruct (Z.eqb_spec l l') as [<-|]; rewrite ?andb_false_r; [|reflexivity].
    rewrite Nat.eqb_refl; cbn; destruct (words_phase S c l g); try discriminate.
    cbn; destruct (v =? t); [discriminate|reflexivity].
  Qed.
  Lemma alike_trans c g1 g2 g3 : stands_alike c g1 g2 -> stands_alike c g2 g3 -> stands_alike c g1 g3.
  Proof. intros (H1 & P1) (H2 & P2); split; [congruence|]; intros l; now rewrite P1, P2. Qed.
  Lemma alike_turn c a g g' : stands_alike c g g' -> in_turn c a g -> in_turn c a g'.
  Proof. intros (Halt & Phase); unfold in_turn; rewrite Halt; destruct a; rewrite <- ?Phase; auto. Qed.
  Lemma alike_in_vain c a g g' : stands_alike c g g' -> in_vain c a g = in_vain c a g'.
  Proof. intros (_ & Phase); destruct a as [l []| | |]; cbn; rewrite ?Phase; reflexivity. Qed.

  (** What another CPU does changes nothing of that. *)
  Lemma alike_other c c' a (g : log) : c' <> c -> stands_alike c ((c', a) :: g) g.
  Proof.
    intros Other; split.
    - destruct a; cbn; auto; now rewrite (proj2 (Nat.eqb_neq c' c) Other).
    - intros l; destruct a; cbn; auto; now rewrite (proj2 (Nat.eqb_neq c' c) Other).
  Qed.

  (** In turn and with the value that is there: in order. *)
  Lemma turn_in_order c a g : in_turn c a g -> value_there S width g a -> action_fault (words S width) c a g = None.
  Proof.
    intros (_ & Turn) Value; destruct a as [l k|l k v|l k v|]; cbn in Turn, Value |- *; auto.
    - destruct Turn as (-> & Turn); unfold words_fault, reads.
      destruct k; destruct (words_phase S c l g); try contradiction; subst; now rewrite Z.eqb_refl.
    - unfold words_inside; rewrite Turn; destruct (obj_eq_dec S l v _) as [|Not]; [reflexivity|now destruct Not].
    - unfold words_inside; now rewrite Turn.
  Qed.
End Turns.

Section Lists.
  Context {S : system} (width : Z) (g : graph S).
  Context (Turns : forall c, in_turns S width c (rev (run g c))).
  Local Notation act := (action S words_verb).
  Local Notation log := (log S words_verb).
  Local Notation before := (before g).
  Local Notation kept := (kept g).
  Local Notation event_of := (event_of g).
  Local Notation log_of := (log_of g).

  Lemma kept_does x : kept x = true -> exists a, does g x = Some a.
  Proof. unfold kept; destruct (does g x); [eauto|discriminate]. Qed.

  Lemma before_next c i a : does g (c, i) = Some a -> before (c, Datatypes.S i) = a :: before (c, i).
  Proof.
    unfold does, before; cbn [fst snd]; intros At; rewrite <- rev_unit; f_equal.
    revert i At; induction (run g c) as [|b acts IH]; intros [|i] At; try discriminate.
    - injection At as ->; reflexivity.
    - cbn [nth_error] in At; now rewrite !firstn_cons, (IH i At).
  Qed.
  Lemma own_turn x a : does g x = Some a -> in_turn S width (fst x) a (own_log S (fst x) (before x)).
  Proof.
    destruct x as (c & i); intros At; pose proof (before_next c i a At) as Next; cbn [fst].
    specialize (Turns c); rewrite <- (firstn_skipn (Datatypes.S i) (run g c)), rev_app_distr in Turns.
    change (rev (firstn (Datatypes.S i) (run g c))) with (before (c, Datatypes.S i)) in Turns; rewrite Next in Turns.
    induction (rev (skipn _ _)) as [|b acts IH]; cbn in Turns; [apply Turns|apply IH, Turns].
  Qed.

  (** Everything in the list is kept, comes once and comes after what causes it. *)
  Fixpoint closed (ids : list id) : Prop :=
    match ids with
    | [] => True
    | x :: ids => kept x = true /\ ~ List.In x ids /\
                  (forall y, kept y = true -> causes g y x -> List.In y ids) /\ closed ids
    end.
  Lemma closed_kept ids x : closed ids -> List.In x ids -> kept x = true.
  Proof. induction ids as [|y ids IH]; [contradiction|]; cbn; intros (Kept & _ & _ & Closed) [<-|]; auto. Qed.
  Lemma closed_app l1 l2 : closed (l1 ++ l2) -> closed l2.
  Proof. induction l1 as [|x l1 IH]; [auto|]; cbn; intros (_ & _ & _ & Closed); auto. Qed.
  Lemma closed_nodup ids : closed ids -> NoDup ids.
  Proof. induction ids as [|x ids IH]; constructor; cbn in *; [apply H|apply IH, H]. Qed.
  Lemma closed_down ids x y : closed ids -> List.In y ids -> kept x = true -> causes g x y -> List.In x ids.
  Proof.
    induction ids as [|z ids IH]; [contradiction|]; cbn; intros (_ & _ & Down & Closed) [<-|Mem] Kept Causes; auto.
  Qed.

  (** The kept ones of the first [m] actions of CPU [c]. *)
  Fixpoint first_kept (c : cpu) (m : nat) : list id :=
    match m with
    | O => []
    | Datatypes.S m => if kept (c, m) then (c, m) :: first_kept c m else first_kept c m
    end.
  Lemma first_kept_in c m x : List.In x (first_kept c m) <-> fst x = c /\ (snd x < m)%nat /\ kept x = true.
  Proof.
    induction m as [|m IH]; cbn; [split; [contradiction|lia]|].
    assert (Split : x = (c, m) <-> fst x = c /\ snd x = m)
      by (destruct x; cbn; split; [now intros [= -> ->]|now intros (-> & ->)]).
    destruct (kept (c, m)) eqn:Kept; cbn; rewrite IH.
    - split; [intros [<-|]; cbn; intuition lia|intros (Is & Less & K)].
      destruct (Nat.eq_dec (snd x) m); [left; symmetry; tauto|right; repeat split; auto; lia].
    - split; [intuition lia|intros (Is & Less & K)]; repeat split; auto.
      destruct (Nat.eq_dec (snd x) m); [|lia]; rewrite (proj2 Split (conj Is e)) in K; congruence.
  Qed.

  Lemma first_kept_head c m i ids : (c, i) :: ids = first_kept c m -> ids = first_kept c i /\ (i < m)%nat.
  Proof.
    induction m as [|m IH]; [discriminate|]; cbn [first_kept]; destruct (kept (c, m)).
    - intros Is; injection Is as -> ->; auto.
    - intros Is; destruct (IH Is); auto.
  Qed.

  Lemma first_kept_alike c m : (m <= length (run g c))%nat ->
    stands_alike S c (log_of (first_kept c m)) (own_log S c (before (c, m))).
  Proof.
    induction m as [|m IH]; intros Less; [split; reflexivity|].
    destruct (does g (c, m)) as [a|] eqn:At; [|apply nth_error_None in At; cbn in At; lia].
    rewrite (before_next c m a At); specialize (IH ltac:(lia)); cbn [first_kept own_log map].
    unfold kept; rewrite At; cbn [fst]; destruct (in_vain S c a _) eqn:Vain; cbn [negb].
    - apply alike_trans with (own_log S c (before (c, m))); [exact IH|].
      destruct (alike_vain S c a _ Vain) as (Halt & Phase); split; [symmetry; exact Halt|]; intros l; symmetry;
        apply Phase.
    - unfold log_of; cbn [flat_map]; unfold event_of at 1; rewrite At; cbn [fst app]; now apply alike_cons.
  Qed.

  Definition of_cpu (c : cpu) : list id -> list id := filter (fun x : id => let (c', _) := x in Nat.eqb c' c).
  Lemma of_cpu_alike c ids : stands_alike S c (log_of ids) (log_of (of_cpu c ids)).
  Proof.
    induction ids as [|x ids IH]; [split; reflexivity|]; destruct x as (c' & i).
    assert (Cons : forall ids, log_of ((c', i) :: ids) = event_of (c', i) ++ log_of ids) by reflexivity.
    assert (Either : event_of (c', i) = [] \/ exists a, event_of (c', i) = [(c', a)])
      by (unfold event_of; destruct (does g (c', i)); eauto).
    rewrite Cons; cbn [of_cpu filter]; fold (of_cpu c ids); destruct (Nat.eqb_spec c' c) as [->|Not]; rewrite ?Cons;
      destruct Either as [->|(a & ->)]; cbn [app]; try exact IH.
    - apply alike_cons, IH.
    - eapply alike_trans; [now apply alike_other|exact IH].
  Qed.

  (** What a closed list has of one CPU. *)
  Lemma closed_own c ids : closed ids -> exists m, (m <= length (run g c))%nat /\ of_cpu c ids = first_kept c m.
  Proof.
    induction ids as [|[c' i] ids IH]; [exists 0%nat; split; [lia|reflexivity]|].
    intros (Kept & New & Down & Closed); destruct (IH Closed) as (m & Less & Is); cbn [of_cpu filter].
    destruct (Nat.eqb_spec c' c) as [->|Other]; [|exists m; split; [exact Less|exact Is]].
    assert (Here : (i < length (run g c))%nat).
    { destruct (kept_does _ Kept) as (a & At); apply nth_error_Some; unfold does in At; cbn in At; congruence. }
    assert (Mine : forall x, List.In x (of_cpu c ids) <-> List.In x ids /\ fst x = c).
    { intros (c' & i'); unfold of_cpu; rewrite filter_In, Nat.eqb_eq; reflexivity. }
    assert (Past : (m <= i)%nat).
    { destruct (Nat.le_gt_cases m i); [assumption|destruct New].
      apply (Mine (c, i)); rewrite Is; apply first_kept_in; auto. }
    exists (Datatypes.S i); split; [lia|]; cbn [first_kept]; rewrite Kept; f_equal; refine (eq_trans Is _).
    assert (None_between : forall k, (k <= i - m)%nat -> first_kept c m = first_kept c (m + k)).
    { induction k as [|k IHk]; intros Most; [f_equal; lia|]; rewrite IHk by lia.
      replace (m + Datatypes.S k)%nat with (Datatypes.S (m + k)) by lia; cbn [first_kept].
      destruct (kept (c, (m + k)%nat)) eqn:K; [|reflexivity]; exfalso.
      assert (Mem : List.In (c, (m + k)%nat) ids).
      { apply Down; [exact K|apply causes_sb]; split; [reflexivity|split; [cbn; lia|]].
        destruct (kept_does _ Kept) as (a & ->); discriminate. }
      assert (Old : List.In (c, (m + k)%nat) (first_kept c m)) by (rewrite <- Is; now apply Mine).
      apply first_kept_in in Old; cbn in Old; lia. }
    rewrite (None_between (i - m)%nat) by lia; f_equal; lia.
  Qed.

  (** An action stands in a closed list where it stands by itself. *)
  Theorem closed_stands x ids : closed (x :: ids) ->
    stands_alike S (fst x) (own_log S (fst x) (before x)) (log_of ids).
  Proof.
    destruct x as (c & i); intros All; pose proof All as (Kept & New & Down & Closed); cbn [fst].
    destruct (closed_own c _ All) as (m & Less & Is); cbn [of_cpu filter] in Is; rewrite Nat.eqb_refl in Is.
    destruct (first_kept_head _ _ _ _ Is) as (Same & Most); assert (Enough : (i <= length (run g c))%nat) by lia.
    pose proof (of_cpu_alike c ids) as (H1 & P1).
    rewrite Same in H1, P1; destruct (first_kept_alike c i Enough) as (H2 & P2).
    split; [congruence|]; intros l; now rewrite P1, P2.
  Qed.
  Corollary closed_turn x ids a : closed (x :: ids) -> does g x = Some a -> in_turn S width (fst x) a (log_of ids).
  Proof. intros Closed At; apply (alike_turn _ _ _ _ _ _ (closed_stands x ids Closed)), own_turn, At. Qed.
  Corollary closed_not_in_vain x ids a :
    closed (x :: ids) -> does g x = Some a -> in_vain S (fst x) a (log_of ids) = false.
  Proof.
    intros Closed At; rewrite <- (alike_in_vain _ _ _ _ _ (closed_stands x ids Closed)).
    destruct Closed as (Kept & _); unfold kept in Kept; rewrite At in Kept; now apply negb_true_iff in Kept.
  Qed.
End Lists.
