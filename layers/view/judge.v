(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Judging a recorded run, one event at a time

    [log_fault] of spec.v reads the whole log for every event.  The judge keeps,
    for each lock, a short log of its verbs and its last write, on which
    [event_fault], the rule of the floor itself, answers as on the whole log.
    How verbs are shortened is the floor's: [compresses] says when that is right.
    [judge_correct]: the judge accepts a run exactly if the log function does, and
    names the oldest fault.  Extracted to OCaml (tools/judge) it reads the traces
    of real runs.  Read next: judge.v of floor 3, then of floor 0. *)
From Coq Require Import ZArith List Bool FMapPositive Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
Import ListNotations.
Local Open Scope Z_scope.

(** What a judge is to say of run [es], oldest event first: nothing exactly if its
    log is legal; else the oldest fault, with how many events came before it.  They
    are legal, and it is one after them. *)
Definition oldest_fault {S : system} (F : floor S) (es : log S (verb F)) (said : option (fault * nat)) : Prop :=
  match said with
  | None => legal F (rev es)
  | Some (f, k) => exists before e after,
      es = before ++ e :: after /\ k = length before /\
      legal F (rev before) /\ event_fault F e (rev before) = Some f
  end.

(** ** What a floor says of its verbs *)
Section Short.
  Context {S : system} (F : floor S).
  Local Notation log := (log S (verb F)).
  Local Notation event := (event S (verb F)).

  Definition verb_of (l : Z) (e : event) : Prop := exists k, snd e = Lock l k.

  (** Whatever happens next, the rule for lock [l] answers alike after both logs. *)
  Definition same (l : Z) (g g' : log) : Prop := forall b c,
    inside F c l (b ++ g) = inside F c l (b ++ g') /\
    forall k, verb_fault F c l k (b ++ g) = verb_fault F c l k (b ++ g').

  (** [short] may stand for the verbs of one lock, and other events do not matter. *)
  Record compresses (short : log -> log) : Prop := {
    short_same : forall l h, Forall (verb_of l) h -> same l (short h) h;
    short_verbs : forall l h, Forall (verb_of l) h -> Forall (verb_of l) (short h);
    others_ignored : forall l e g, ~ verb_of l e -> same l (e :: g) g
  }.

  Lemma same_trans l g g' g'' : same l g g' -> same l g' g'' -> same l g g''.
  Proof.
    intros One Two b c; destruct (One b c) as [In1 Fault1], (Two b c) as [In2 Fault2].
    split; [congruence|]; intros k; now rewrite Fault1.
  Qed.
  Lemma same_sym l g g' : same l g g' -> same l g' g.
  Proof. intros Same b c; destruct (Same b c); auto. Qed.
  Lemma same_app l b g g' : same l g g' -> same l (b ++ g) (b ++ g').
  Proof. intros Same b' c; rewrite !app_assoc; apply Same. Qed.
End Short.

Section Judge.
  Context {S : system} (F : floor S) (short : log S (verb F) -> log S (verb F)).
  Local Notation log := (log S (verb F)).
  Local Notation event := (event S (verb F)).

  (** An injective key for every lock number. *)
  Definition key (l : Z) : positive :=
    match l with Z0 => xH | Zpos p => xO p | Zneg p => xI p end.
  Lemma key_inj l l' : key l = key l' -> l = l'.
  Proof. destruct l, l'; cbn; congruence. Qed.

  (** What is kept of one lock: its verbs, shortened, and its last [Wrote]. *)
  Record cell := mkCell { verbs : log; write : log }.
  Definition no_cell := mkCell [] [].
  Record state := mkState { cells : PositiveMap.t cell; halts : log }.
  Definition initial_state := mkState (PositiveMap.empty cell) [].

  Definition cell_of (l : Z) (s : state) : cell :=
    match PositiveMap.find (key l) (cells s) with Some x => x | None => no_cell end.

  Definition lock_of (a : action S (verb F)) : option Z :=
    match a with
    | Lock l _ | Read l _ | Wrote l _ => Some l
    | Halted => None
    end.

  (** The short log on which event [e] is judged. *)
  Definition log_for (e : event) (s : state) : log :=
    match lock_of (snd e) with
    | Some l => halts s ++ verbs (cell_of l s) ++ write (cell_of l s)
    | None => halts s
    end.

  Definition put (l : Z) (x : cell) (s : state) : state :=
    mkState (PositiveMap.add (key l) x (cells s)) (halts s).

  Definition record (e : event) (s : state) : state :=
    match snd e with
    | Lock l _ => put l (mkCell (short (e :: verbs (cell_of l s))) (write (cell_of l s))) s
    | Wrote l _ => put l (mkCell (verbs (cell_of l s)) [e]) s
    | Read _ _ => s
    | Halted => mkState (cells s) (e :: halts s)
    end.

  (** One event: the fault that it is, or the state after it. *)
  Definition step (s : state) (e : event) : fault + state :=
    match event_fault F e (log_for e s) with
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
  Context (Short : compresses F short).

  Record agrees (s : state) (g : log) : Prop := {
    same_verbs : forall l, same F l (verbs (cell_of l s)) g;
    same_object : forall l, object l (write (cell_of l s)) = object l g;
    same_halted : forall c, halted c (halts s) = halted c g;
    only_halts : Forall (fun e => snd e = Halted) (halts s);
    only_verbs : forall l, Forall (verb_of F l) (verbs (cell_of l s));
    only_writes : forall l, Forall (fun e => exists v, snd e = Wrote l v) (write (cell_of l s))
  }.

  (** Each of the three questions is answered by its own part of a log. *)
  Lemma same_skip l (b g : log) :
    Forall (fun e => ~ verb_of F l e) b -> same F l (b ++ g) g.
  Proof.
    induction 1 as [|e b Other _ IH]; [intros b c; auto|].
    exact (same_trans F _ _ _ _ (others_ignored _ _ Short l e _ Other) IH).
  Qed.
  Lemma object_skip l (b g : log) :
    Forall (fun e => forall v, snd e <> Wrote l v) b -> object l (b ++ g) = object l g.
  Proof.
    induction 1 as [|[c a] b Other _ IH]; [auto|]; cbn in *.
    destruct a as [l' k|l' v|l' v|]; auto; destruct (Z.eq_dec l' l) as [->|Diff].
    - now destruct (Other v).
    - now rewrite value_for_other.
  Qed.
  Lemma halted_skip c (hs g : log) :
    Forall (fun e => snd e <> Halted) g -> halted c (hs ++ g) = halted c hs.
  Proof.
    intros Never; induction hs as [|[c' a] hs IH]; cbn [app].
    - induction Never as [|[c' a] g Not _ IH]; [auto|]; destruct a; cbn in *; auto; congruence.
    - destruct a; cbn; now rewrite IH.
  Qed.

  (** The rule looks at the verbs of one lock, one object, one CPU. *)
  Lemma event_fault_local c a (g g' : log) :
    halted c g = halted c g' ->
    (forall l, lock_of a = Some l -> same F l g g' /\ object l g = object l g') ->
    event_fault F (c, a) g = event_fault F (c, a) g'.
  Proof.
    intros Halt Local; unfold event_fault; rewrite Halt.
    destruct a as [l k|l v|l v|]; [..|reflexivity].
    all: destruct (Local l eq_refl) as [Same Object]; destruct (Same [] c) as [Inside Fault].
    all: cbn [app action_fault] in *; now rewrite ?Fault, ?Inside, ?Object.
  Qed.

  Lemma step_fault s g e :
    agrees s g -> event_fault F e (log_for e s) = event_fault F e g.
  Proof.
    intros [Verbs Object Halt Halts Only Writes]; destruct e as [c a]; unfold log_for; cbn [snd].
    apply event_fault_local.
    - rewrite <- Halt; destruct (lock_of a) as [l|]; [|auto].
      apply halted_skip, Forall_app; split; [generalize (Only l)|generalize (Writes l)];
        apply Forall_impl; intros e [x E]; congruence.
    - intros l ->; split.
      + apply (same_trans F _ _ (verbs (cell_of l s) ++ write (cell_of l s))).
        { apply same_skip; revert Halts; apply Forall_impl; intros e E [k K]; congruence. }
        eapply same_trans; [apply same_app|rewrite app_nil_r; apply Verbs].
        rewrite <- (app_nil_r (write _)); apply same_skip.
        generalize (Writes l); apply Forall_impl; intros e [v E] [k K]; congruence.
      + rewrite <- Object, !object_skip; auto.
        * generalize (Only l); apply Forall_impl; intros e [k E] v; congruence.
        * revert Halts; apply Forall_impl; intros e E v; congruence.
  Qed.

  Lemma cell_put l l' x s : cell_of l (put l' x s) = if l =? l' then x else cell_of l s.
  Proof.
    unfold cell_of, put; cbn [cells]; destruct (Z.eqb_spec l l') as [->|Diff].
    - now rewrite PositiveMap.gss.
    - rewrite PositiveMap.gso; [auto|intros E; now apply key_inj in E].
  Qed.

  (** Replacing the cell of lock [l] by [x] for an event of lock [l] that is no halt. *)
  Lemma put_agrees s g c a l x :
    agrees s g -> lock_of a = Some l ->
    same F l (verbs x) ((c, a) :: g) -> object l (write x) = object l ((c, a) :: g) ->
    Forall (verb_of F l) (verbs x) -> Forall (fun e => exists v, snd e = Wrote l v) (write x) ->
    agrees (put l x s) ((c, a) :: g).
  Proof.
    intros [Verbs Object Halt Halts Only Writes] Lock New_verbs New_object Vs Ws.
    constructor; cbn [halts put]; auto.
    3: intros c'; rewrite Halt; destruct a; try discriminate; reflexivity.
    all: intros l'; rewrite cell_put; destruct (Z.eqb_spec l' l) as [->|Diff]; auto.
    - apply (same_trans F _ _ g); [auto|]; apply same_sym, (others_ignored _ _ Short).
      intros [k E]; cbn in E; subst a; cbn in Lock; congruence.
    - rewrite Object; symmetry; apply (object_skip l' [_]); constructor; auto.
      intros v E; cbn in E; subst a; cbn in Lock; congruence.
  Qed.

  Lemma record_agrees s g e : agrees s g -> agrees (record e s) (e :: g).
  Proof.
    intros Agrees; pose proof Agrees as [Verbs Object Halt Halts Only Writes].
    assert (Ignored : forall c a l, (forall k, a <> Lock l k) -> same F l (verbs (cell_of l s)) ((c, a) :: g)).
    { intros c a l Other; apply (same_trans F _ _ g); [auto|]; apply same_sym, (others_ignored _ _ Short).
      intros [k E]; now apply (Other k). }
    destruct e as [c a]; destruct a as [l k|l v|l v|]; unfold record; cbn [snd].
    - assert (More : Forall (verb_of F l) ((c, Lock l k) :: verbs (cell_of l s)))
        by (constructor; [now exists k|auto]).
      apply put_agrees; cbn [verbs write]; auto.
      + eapply same_trans; [apply (short_same _ _ Short), More|].
        exact (same_app F l [_] _ _ (Verbs l)).
      + apply Object.
      + now apply (short_verbs _ _ Short).
    - constructor; auto; intros l'; apply Ignored; discriminate.
    - apply put_agrees; cbn [verbs write]; auto.
      + apply Ignored; discriminate.
      + cbn; now rewrite value_for_same.
      + constructor; [now exists v|constructor].
    - constructor; auto.
      + intros l; apply Ignored; discriminate.
      + intros c'; cbn; now rewrite Halt.
      + now constructor.
  Qed.

  Lemma judge_log (es : list event) : forall s g n,
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

  Theorem judge_correct es : oldest_fault F es (judge initial_state 0 es).
  Proof.
    unfold oldest_fault.
    assert (Empty : forall l, cell_of l initial_state = no_cell)
      by (intros l; unfold cell_of; cbn; now rewrite PositiveMap.gempty).
    assert (Start : agrees initial_state []).
    { constructor; intros; rewrite ?Empty; try reflexivity; try constructor; auto. }
    pose proof (judge_log es initial_state [] 0%nat Start eq_refl) as Judge.
    destruct (judge _ _ es) as [[f k]|].
    - destruct Judge as (before & e & after & -> & -> & Before & At).
      exists before, e, after; rewrite app_nil_r in *; auto.
    - now rewrite app_nil_r in Judge.
  Qed.

  Corollary judge_log_fault es :
    judge initial_state 0 es = None <-> log_fault F (rev es) = None.
  Proof.
    pose proof (judge_correct es) as Judge; unfold oldest_fault in Judge; destruct (judge _ _ es) as [[f k]|];
      [|split; auto].
    destruct Judge as (before & e & after & -> & _ & Before & At); split; [discriminate|].
    rewrite rev_app_distr; cbn [rev]; rewrite <- app_assoc; cbn [app]; intros Legal; exfalso.
    apply legal_app, legal_cons in Legal as [_ Fault]; congruence.
  Qed.
End Judge.
