(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Judging a recorded run, one event at a time

    [log_fault] of spec.v reads the whole log for every event.  The judge keeps,
    for each lock, only its last change of holder and its last write: a log of
    at most two events on which [event_fault], the specification's own rule,
    answers as on the whole log.  [judge_correct]: the judge accepts a run
    exactly if the log function does, and names the oldest fault.  Extracted to
    OCaml (tools/judge) it reads the traces of real runs. *)
From Coq Require Import ZArith List Bool FMapPositive Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L3_atomic Require Import spec facts.
Import ListNotations.
Local Open Scope Z_scope.

Section Judge.
  Context (S : system).
  Local Notation F := (atomic S).
  Local Notation log := (log S atomic_verb).
  Local Notation event := (event S atomic_verb).

  (** An injective key for every lock number. *)
  Definition key (l : Z) : positive :=
    match l with Z0 => xH | Zpos p => xO p | Zneg p => xI p end.
  Lemma key_inj l l' : key l = key l' -> l = l'.
  Proof. destruct l, l'; cbn; congruence. Qed.

  (** What is kept of one lock: its last change of holder, its last [Wrote]. *)
  Record cell := mkCell { change : log; write : log }.
  Definition no_cell := mkCell [] [].
  Record state := mkState { cells : PositiveMap.t cell; halts : log }.
  Definition initial_state := mkState (PositiveMap.empty cell) [].

  Definition cell_of (l : Z) (s : state) : cell :=
    match PositiveMap.find (key l) (cells s) with Some x => x | None => no_cell end.
  (** The short log on which an event of lock [l] is judged. *)
  Definition short (l : Z) (s : state) : log :=
    halts s ++ change (cell_of l s) ++ write (cell_of l s).

  Definition lock_of (a : action S atomic_verb) : option Z :=
    match a with
    | Lock l _ | Read l _ | Wrote l _ => Some l
    | Halted => None
    end.

  Definition short_for (e : event) (s : state) : log :=
    match lock_of (snd e) with Some l => short l s | None => halts s end.

  Definition put (l : Z) (x : cell) (s : state) : state :=
    mkState (PositiveMap.add (key l) x (cells s)) (halts s).

  Definition record (e : event) (s : state) : state :=
    match snd e with
    | Lock l _ => put l (mkCell [e] (write (cell_of l s))) s
    | Wrote l _ => put l (mkCell (change (cell_of l s)) [e]) s
    | Read _ _ => s
    | Halted => mkState (cells s) (e :: halts s)
    end.

  (** One event: the fault that it is, or the state after it. *)
  Definition step (s : state) (e : event) : fault + state :=
    match event_fault F e (short_for e s) with
    | Some f => inl f
    | None => inr (record e s)
    end.

  (** A run, oldest event first: its first fault and how many events came before. *)
  Fixpoint judge (s : state) (n : nat) (es : list event) : option (fault * nat) :=
    match es with
    | [] => None
    | e :: es =>
        match step s e with
        | inl f => Some (f, n)
        | inr s => judge s (Datatypes.S n) es
        end
    end.

  (** ** Agreement with the log function *)
  Record agrees (s : state) (g : log) : Prop := {
    same_holder : forall l, holder S l (change (cell_of l s) ++ write (cell_of l s)) = holder S l g;
    same_object : forall l, object l (change (cell_of l s) ++ write (cell_of l s)) = object l g;
    same_halted : forall c, halted c (halts s) = halted c g;
    only_halts : forall e, In e (halts s) -> snd e = Halted;
    never_halts : forall l e, In e (change (cell_of l s) ++ write (cell_of l s)) -> snd e <> Halted;
    only_changes : forall l e, In e (change (cell_of l s)) -> exists k, snd e = Lock l k;
    only_writes : forall l e, In e (write (cell_of l s)) -> exists v, snd e = Wrote l v
  }.

  Lemma halts_ignored (hs g : log) l :
    (forall e, In e hs -> snd e = Halted) ->
    holder S l (hs ++ g) = holder S l g /\ object l (hs ++ g) = object l g.
  Proof.
    induction hs as [|[c a] hs IH]; [auto|]; intros Only.
    assert (a = Halted) as -> by (apply (Only (c, a)); left; auto).
    apply IH; intros e In; apply Only; now right.
  Qed.
  Lemma halted_app c (hs g : log) :
    (forall e, In e g -> snd e <> Halted) -> halted c (hs ++ g) = halted c hs.
  Proof.
    intros Never; induction hs as [|[c' a] hs IH]; cbn [app].
    - induction g as [|[c' a] g IH]; [auto|].
      assert (a <> Halted) by (apply (Never (c', a)); left; auto).
      destruct a; cbn; try congruence; apply IH; intros e In; apply Never; now right.
    - destruct a; cbn; now rewrite IH.
  Qed.

  (** The rule looks at one holder, one object, one CPU. *)
  Lemma event_fault_local c a (g g' : log) :
    halted c g = halted c g' ->
    (forall l, lock_of a = Some l -> holder S l g = holder S l g' /\ object l g = object l g') ->
    event_fault F (c, a) g = event_fault F (c, a) g'.
  Proof.
    intros Halt Local; unfold event_fault; cbn [verb atomic]; rewrite Halt.
    destruct a as [l k|l v|l v|]; [..|reflexivity].
    all: destruct (Local l eq_refl) as [Holder Object]; cbn; unfold atomic_fault, holds.
    - now rewrite Holder.
    - now rewrite Holder, Object.
    - now rewrite Holder.
  Qed.

  Lemma step_fault s g e :
    agrees s g ->
    event_fault F e (short_for e s) = event_fault F e g.
  Proof.
    intros [Holder Object Halt Only Never _ _]; destruct e as [c a].
    unfold short_for; cbn [snd]; apply event_fault_local.
    - rewrite <- Halt; destruct (lock_of a); [|auto].
      unfold short; apply halted_app, Never.
    - intros l ->; unfold short.
      rewrite <- Holder, <- Object; now apply halts_ignored.
  Qed.

  Lemma cell_put l l' x s : cell_of l (put l' x s) = if l =? l' then x else cell_of l s.
  Proof.
    unfold cell_of, put; cbn [cells]; destruct (Z.eqb_spec l l') as [->|Diff].
    - now rewrite PositiveMap.gss.
    - rewrite PositiveMap.gso; [auto|intros E; now apply key_inj in E].
  Qed.

  Lemma object_changes l (ch w : log) :
    (forall e, In e ch -> exists k, snd e = Lock l k) ->
    object l (ch ++ w) = object l w.
  Proof.
    induction ch as [|[c a] ch IH]; [auto|]; intros Only; cbn [app].
    destruct (Only (c, a)) as (k & E); [left; auto|]; cbn in E; subst a; cbn.
    apply IH; intros e In; apply Only; now right.
  Qed.
  Lemma holder_writes l (w : log) :
    (forall e, In e w -> exists v, snd e = Wrote l v) -> holder S l w = None.
  Proof.
    induction w as [|[c a] w IH]; [auto|]; intros Only.
    destruct (Only (c, a)) as (v & E); [left; auto|]; cbn in E; subst a; cbn.
    apply IH; intros e In; apply Only; now right.
  Qed.
  Lemma holder_app l (ch w w' : log) :
    holder S l w = None -> holder S l w' = None -> holder S l (ch ++ w) = holder S l (ch ++ w').
  Proof.
    intros W W'; induction ch as [|[c [l' []|l' v|l' v|]] ch IH]; cbn; [congruence|..]; auto.
    all: now destruct (l' =? l).
  Qed.

  (** Replacing the cell of lock [l] by [x] for an event of lock [l] that is no halt. *)
  Lemma put_agrees s g c a l x :
    agrees s g -> lock_of a = Some l ->
    holder S l (change x ++ write x) = holder S l ((c, a) :: g) ->
    object l (change x ++ write x) = object l ((c, a) :: g) ->
    (forall e, In e (change x) -> exists k, snd e = Lock l k) ->
    (forall e, In e (write x) -> exists v, snd e = Wrote l v) ->
    agrees (put l x s) ((c, a) :: g).
  Proof.
    intros [Holder Object Halt Only Never Changes Writes] Lock New_holder New_object Ch Wr.
    assert (Never_here : forall e, In e (change x ++ write x) -> snd e <> Halted).
    { intros e In; apply in_app_or in In as [In|In].
      - destruct (Ch e In) as (k & ->); discriminate.
      - destruct (Wr e In) as (v & ->); discriminate. }
    constructor; cbn [halts put]; auto.
    3: intros c'; rewrite Halt; destruct a; try discriminate; reflexivity.
    all: intros l'; rewrite cell_put; destruct (Z.eqb_spec l' l) as [->|Diff]; auto.
    - rewrite Holder; destruct a as [k j|k v|k v|]; cbn in *; try discriminate Lock;
        injection Lock as ->; auto; destruct j;
        now rewrite (proj2 (Z.eqb_neq l l')) by auto.
    - rewrite Object; destruct a as [k j|k v|k v|]; cbn in *; try discriminate Lock;
        injection Lock as ->; auto;
        now rewrite value_for_other by auto.
    - exact (Never l').
  Qed.

  Lemma record_agrees s g e : agrees s g -> agrees (record e s) (e :: g).
  Proof.
    intros Agrees; pose proof Agrees as [Holder Object Halt Only Never Changes Writes].
    assert (Objects : forall l, object l (write (cell_of l s)) = object l g)
      by (intros l; rewrite <- Object; symmetry; apply object_changes, Changes).
    destruct e as [c a]; destruct a as [l k|l v|l v|]; unfold record; cbn [snd].
    - apply put_agrees; auto; cbn; [destruct k; now rewrite Z.eqb_refl|auto|].
      intros e [<-|[]]; cbn; eauto.
    - now constructor.
    - apply put_agrees; auto; cbn [change write].
      + cbn; rewrite <- Holder; apply holder_app; [reflexivity|apply holder_writes; auto].
      + rewrite object_changes by apply Changes; cbn; now rewrite value_for_same.
      + intros e [<-|[]]; cbn; eauto.
    - constructor; auto.
      + intros c'; cbn; now rewrite Halt.
      + intros e [<-|In]; auto.
  Qed.

  Lemma judge_log es : forall s g n,
    agrees s g -> legal F g ->
    match judge s n es with
    | None => legal F (rev es ++ g)
    | Some (f, k) => exists before e after,
        es = before ++ e :: after /\ k = (n + length before)%nat /\
        legal F (rev before ++ g) /\ event_fault F e (rev before ++ g) = Some f
    end.
  Proof.
    induction es as [|e es IH]; intros s g n Agrees Legal; cbn [judge]; [auto|].
    unfold step; rewrite (step_fault s g e Agrees).
    destruct (event_fault F e g) as [f|] eqn:Fault.
    - exists [], e, es; cbn; repeat split; auto; lia.
    - specialize (IH (record e s) (e :: g) (Datatypes.S n) (record_agrees _ _ _ Agrees)
                    (proj2 (legal_cons F e g) (conj Legal Fault))).
      destruct (judge _ _ es) as [[f k]|].
      + destruct IH as (before & e' & after & -> & -> & Before & At).
        exists (e :: before), e', after; cbn [app rev length].
        rewrite <- !app_assoc; cbn [app]; repeat split; auto; lia.
      + cbn [rev]; now rewrite <- app_assoc.
  Qed.

  (** The judge accepts exactly the legal logs; else it names the oldest fault:
      the events before it are legal, and it is one after them. *)
  Theorem judge_correct es :
    match judge initial_state 0 es with
    | None => legal F (rev es)
    | Some (f, k) => exists before e after,
        es = before ++ e :: after /\ k = length before /\
        legal F (rev before) /\ event_fault F e (rev before) = Some f
    end.
  Proof.
    assert (Start : agrees initial_state []).
    { constructor; auto; unfold cell_of; cbn; intros; try rewrite PositiveMap.gempty in *; cbn in *;
        tauto. }
    pose proof (judge_log es initial_state [] 0%nat Start eq_refl) as Judge.
    destruct (judge _ _ es) as [[f k]|].
    - destruct Judge as (before & e & after & -> & -> & Before & At).
      exists before, e, after; rewrite app_nil_r in *; auto.
    - now rewrite app_nil_r in Judge.
  Qed.

  Corollary judge_log_fault es :
    judge initial_state 0 es = None <-> log_fault F (rev es) = None.
  Proof.
    pose proof (judge_correct es) as Judge; destruct (judge _ _ es) as [[f k]|];
      [|split; auto].
    destruct Judge as (before & e & after & -> & _ & Before & At); split; [discriminate|].
    rewrite rev_app_distr; cbn [rev]; rewrite <- app_assoc; cbn [app]; intros Legal; exfalso.
    induction (rev after) as [|x xs IH]; cbn [app] in Legal.
    - apply (legal_cons F e (rev before)) in Legal as [_ Fault]; congruence.
    - apply (legal_cons F x) in Legal as [Legal _]; auto.
  Qed.
End Judge.
