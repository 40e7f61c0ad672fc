(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Judging a recorded run, one event at a time

    [log_fault] of spec.v reads the whole log for every event.  The judge keeps what
    the rule of the floor reads, and makes of it, for each event, a log of a few events
    ([view_of]) on which the rule itself, [action_fault], answers as on the whole log.
    What is kept is the floor's choice: [keeps] says when that is right.  An event
    costs the logarithms of the numbers of CPUs, locks and parts, however long the run is;
    CPUs have binary numbers.  [judge_correct]: the judge accepts a run exactly if the
    log function does, and names the oldest fault.  What runs on the traces of real runs
    (tools/judge) is [step].  Read next: judge.v of floor 3, then of floor 0. *)
From Coq Require Import ZArith NArith List Bool FMapPositive Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers.view Require Export stream.
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

(** ** Keys: an injective one for every lock number, and for every CPU *)
Definition key (l : Z) : positive :=
  match l with Z0 => xH | Zpos p => xO p | Zneg p => xI p end.
Lemma key_inj l l' : key l = key l' -> l = l'.
Proof. destruct l, l'; cbn; congruence. Qed.

Definition cpu_key : N -> positive := N.succ_pos.
Lemma cpu_key_inj c c' : cpu_key c = cpu_key c' -> c = c'.
Proof. unfold cpu_key; destruct c, c'; cbn; lia. Qed.

Lemma eqb_cpus c c' : Nat.eqb (N.to_nat c) (N.to_nat c') = N.eqb c c'.
Proof. destruct (Nat.eqb_spec (N.to_nat c) (N.to_nat c')), (N.eqb_spec c c'); auto; lia. Qed.
Lemma ltb_cpus c n : Nat.ltb (N.to_nat c) (N.to_nat n) = N.ltb c n.
Proof. destruct (Nat.ltb_spec (N.to_nat c) (N.to_nat n)), (N.ltb_spec c n); auto; lia. Qed.

(** ** What a floor keeps of the verbs of one lock *)
Section Keeper.
  Context {S : system} (F : floor S).
  Local Notation log := (log S (verb F)).
  Local Notation event := (event S (verb F)).

  Definition verb_of (l : Z) (e : event) : Prop := exists k, snd e = Lock l k.

  Record keeper := mkKeeper {
    kept : Type;
    nothing_kept : kept;
    keep : N -> verb F -> kept -> kept;
    view_of : N -> Z -> kept -> log   (* what lock [l] is to one CPU: it is CPU 0 here, all others are CPU 1 *)
  }.

  (** No write of a part of the object of lock [l], or one. *)
  Definition last_write (l : Z) (w : log) : Prop := w = [] \/ exists k v, w = [(0%nat, Wrote l k v)].

  (** [tells l x g]: what is kept of log [g] for lock [l] is [x].  That is kept from
      event to event, and the rule answers on the view as on the log. *)
  Record keeps (K : keeper) (tells : Z -> kept K -> log -> Prop) : Prop := {
    tells_start : forall l, tells l (nothing_kept K) [];
    tells_verb : forall l x g c k, tells l x g -> tells l (keep K c k x) ((N.to_nat c, Lock l k) :: g);
    tells_other : forall l x g e, tells l x g -> ~ verb_of l e -> tells l x (e :: g);
    view_verbs : forall l x c, Forall (verb_of l) (view_of K c l x);
    view_inside : forall l x g c w, tells l x g -> last_write l w ->
      inside F 0 l (view_of K c l x ++ w) = inside F (N.to_nat c) l g;
    view_fault : forall l x g c w k, tells l x g -> last_write l w ->
      verb_fault F 0 l k (view_of K c l x ++ w) = verb_fault F (N.to_nat c) l k g
  }.
End Keeper.
Arguments kept {S F} _.
Arguments nothing_kept {S F} _.
Arguments keep {S F} _.
Arguments view_of {S F} _.
Arguments mkKeeper {S F} _ _ _ _.

(** ** The judge *)
Section Judge.
  Context {S : system} (F : floor S) (K : keeper F) (n : N). (* n: how many CPUs *)
  Local Notation log := (log S (verb F)).
  Local Notation action := (action S (verb F)).

  (** An event with the binary number of its CPU. *)
  Definition numbered : Type := N * action.
  Definition event_of (e : numbered) : event S (verb F) := (N.to_nat (fst e), snd e).

  (** What is kept of one lock: of its verbs, and of each part its last [Wrote]. *)
  Record cell := mkCell { verbs : kept K; writes : PositiveMap.t log }.
  Record state := mkState { cells : PositiveMap.t cell; halts : PositiveMap.t unit }.
  Definition initial_state := mkState (PositiveMap.empty cell) (PositiveMap.empty unit).

  Definition cell_of (l : Z) (s : state) : cell :=
    match PositiveMap.find (key l) (cells s) with
    | Some x => x
    | None => mkCell (nothing_kept K) (PositiveMap.empty log)
    end.
  (** The last write of part [k], which is kept in [x]; no event if none is. *)
  Definition write (k : Z) (x : cell) : log :=
    match PositiveMap.find (key k) (writes x) with Some w => w | None => [] end.
  Definition halted_now (c : N) (s : state) : bool := PositiveMap.mem (cpu_key c) (halts s).

  (** The log on which action [a] of CPU [c], which is CPU 0 in it, is judged. *)
  Definition log_for (c : N) (a : action) (s : state) : log :=
    match a with
    | Lock l _ | Wrote l _ _ => view_of K c l (verbs (cell_of l s))
    | Read l k _ => view_of K c l (verbs (cell_of l s)) ++ write k (cell_of l s)
    | Halted => []
    end.
  Definition fault_now (s : state) (e : numbered) : option fault :=
    let (c, a) := e in
    if negb (N.ltb c n) then Some No_such_cpu
    else if halted_now c s then Some After_halt
    else action_fault F 0 a (log_for c a s).

  Definition put (l : Z) (x : cell) (s : state) : state :=
    mkState (PositiveMap.add (key l) x (cells s)) (halts s).
  Definition record (e : numbered) (s : state) : state :=
    match snd e with
    | Lock l k => put l (mkCell (keep K (fst e) k (verbs (cell_of l s))) (writes (cell_of l s))) s
    | Wrote l k v =>
        put l (mkCell (verbs (cell_of l s))
                      (PositiveMap.add (key k) [(0%nat, Wrote l k v)] (writes (cell_of l s)))) s
    | Read _ _ _ => s
    | Halted => mkState (cells s) (PositiveMap.add (cpu_key (fst e)) tt (halts s))
    end.

  (** One event: the fault that it is, or the state after it. *)
  Definition step (s : state) (e : numbered) : fault + state :=
    match fault_now s e with
    | Some f => inl f
    | None => inr (record e s)
    end.

  (** A run, oldest event first: its first fault and how many events came before. *)
  Definition judge : list numbered -> option (fault * nat) := verdict step (fun _ => None) initial_state 0.

  (** ** Agreement with the log function *)
  Context (tells : Z -> kept K -> log -> Prop) (Keeps : keeps F K tells) (Cpus : cpus S = N.to_nat n).

  Record agrees (s : state) (g : log) : Prop := {
    same_verbs : forall l, tells l (verbs (cell_of l s)) g;
    same_object : forall l k, object l k (write k (cell_of l s)) = object l k g;
    same_halted : forall c, halted_now c s = halted (N.to_nat c) g;
    only_write : forall l k, last_write F l (write k (cell_of l s))
  }.

  Lemma object_skip l k (b g : log) : Forall (verb_of F l) b -> object l k (b ++ g) = object l k g.
  Proof. induction 1 as [|[c a] b [verb Is] _ IH]; [auto|]; cbn in Is; subst a; exact IH. Qed.

  Lemma agrees_fault s g e : agrees s g -> fault_now s e = event_fault F (event_of e) g.
  Proof.
    intros [Verbs Object Halt Only]; destruct e as [c a]; unfold event_fault, fault_now; cbn [event_of fst snd].
    rewrite Cpus, ltb_cpus, Halt.
    enough (action_fault F 0 a (log_for c a s) = action_fault F (N.to_nat c) a g) as -> by reflexivity.
    pose proof (fun l c w => view_inside _ _ _ Keeps l _ g c w (Verbs l)) as Inside.
    unfold log_for; destruct a as [l k|l k v|l k v|]; cbn [action_fault]; [..|reflexivity].
    - rewrite <- (app_nil_r (view_of K c l _)).
      now rewrite (view_fault _ _ _ Keeps l _ g c _ k (Verbs l) (or_introl eq_refl)).
    - rewrite (Inside l c _ (Only l k)), object_skip by apply Keeps.
      now rewrite Object.
    - rewrite <- (app_nil_r (view_of K c l _)).
      now rewrite (Inside l c _ (or_introl eq_refl)).
  Qed.

  Lemma cell_put l l' x s : cell_of l (put l' x s) = if l =? l' then x else cell_of l s.
  Proof.
    unfold cell_of, put; cbn [cells]; destruct (Z.eqb_spec l l') as [->|Diff].
    - now rewrite PositiveMap.gss.
    - rewrite PositiveMap.gso; [auto|intros E; now apply key_inj in E].
  Qed.

  Lemma write_put k k' w vs ws :
    write k (mkCell vs (PositiveMap.add (key k') w ws)) = if k =? k' then w else write k (mkCell vs ws).
  Proof.
    unfold write; cbn [writes]; destruct (Z.eqb_spec k k') as [->|Diff].
    - now rewrite PositiveMap.gss.
    - rewrite PositiveMap.gso; [auto|intros E; now apply key_inj in E].
  Qed.

  Lemma halted_put c c' s :
    halted_now c (mkState (cells s) (PositiveMap.add (cpu_key c') tt (halts s))) = N.eqb c' c || halted_now c s.
  Proof.
    unfold halted_now; cbn [halts]; rewrite !PositiveMap.mem_find; destruct (N.eqb_spec c' c) as [->|Diff].
    - now rewrite PositiveMap.gss.
    - rewrite PositiveMap.gso; [auto|]; intros E; apply cpu_key_inj in E; congruence.
  Qed.

  Lemma record_agrees s g e : agrees s g -> agrees (record e s) (event_of e :: g).
  Proof.
    intros [Verbs Object Halt Only]; destruct e as [c a]; unfold record, event_of; cbn [fst snd].
    assert (Other : forall l, ~ verb_of F l (N.to_nat c, a) -> tells l (verbs (cell_of l s)) ((N.to_nat c, a) :: g))
      by (intros l; now apply Keeps).
    assert (Not_verb : forall l, (forall k, a <> Lock l k) -> tells l (verbs (cell_of l s)) ((N.to_nat c, a) :: g))
      by (intros l Not; apply Other; intros [k E]; exact (Not k E)).
    destruct a as [l k|l k v|l k v|]; (constructor; [intros l'|intros l' k'|intros c'|intros l' k']);
      rewrite ?cell_put; try exact (Halt c').
    - destruct (Z.eqb_spec l' l) as [->|Diff]; [now apply Keeps|apply Other; intros [k1 E]; cbn in E; congruence].
    - destruct (Z.eqb_spec l' l) as [->|_]; apply Object.
    - destruct (Z.eqb_spec l' l) as [->|_]; apply Only.
    - now apply Not_verb.
    - apply Object.
    - apply Only.
    - destruct (Z.eqb_spec l' l) as [->|_]; now apply Not_verb.
    - destruct (Z.eqb_spec l' l) as [->|Diff]; [rewrite write_put; destruct (Z.eqb_spec k' k) as [->|Diff]|].
      + transitivity v; [apply object_wrote|symmetry; apply object_wrote].
      + etransitivity; [apply (Object l k')|symmetry; apply object_wrote_other; auto].
      + etransitivity; [apply Object|symmetry; apply object_wrote_other; auto].
    - destruct (Z.eqb_spec l' l) as [->|_]; [rewrite write_put; destruct (Z.eqb_spec k' k) as [->|_]|].
      + right; now exists k, v.
      + apply (Only l k').
      + apply Only.
    - now apply Not_verb.
    - apply Object.
    - cbn; now rewrite halted_put, eqb_cpus, Halt.
    - apply Only.
  Qed.

  Lemma start_agrees : agrees initial_state [].
  Proof.
    assert (Empty : forall l, cell_of l initial_state = mkCell (nothing_kept K) (PositiveMap.empty log))
      by (intros l; unfold cell_of; cbn; now rewrite PositiveMap.gempty).
    constructor; intros l; intros; rewrite ?Empty; unfold write, halted_now; cbn [writes halts initial_state].
    - apply Keeps.
    - now rewrite PositiveMap.gempty.
    - now rewrite PositiveMap.mem_find, PositiveMap.gempty.
    - rewrite PositiveMap.gempty; now left.
  Qed.

  (** The state after some events has what their log has. *)
  Lemma after_agrees es : forall s g s', agrees s g -> after step s es = Some s' ->
    agrees s' (rev (map event_of es) ++ g).
  Proof.
    induction es as [|e es IH]; intros s g s' Agrees After; cbn [after] in After.
    - now injection After as <-.
    - unfold step in After; destruct (fault_now s e); [discriminate|].
      cbn [map rev]; rewrite <- app_assoc; exact (IH _ _ _ (record_agrees s g e Agrees) After).
  Qed.

  Lemma judge_log es : forall s g m,
    agrees s g -> legal F g ->
    match verdict step (fun _ => None) s m es with
    | None => legal F (rev (map event_of es) ++ g)
    | Some (f, k) => exists before e after,
        map event_of es = before ++ e :: after /\ k = (m + length before)%nat /\
        legal F (rev before ++ g) /\ event_fault F e (rev before ++ g) = Some f
    end.
  Proof.
    induction es as [|e es IH]; intros s g m Agrees Legal; cbn [verdict]; [auto|].
    unfold step; rewrite (agrees_fault s g e Agrees).
    destruct (event_fault F (event_of e) g) as [f|] eqn:Fault.
    - exists [], (event_of e), (map event_of es); cbn; repeat split; auto; lia.
    - specialize (IH (record e s) (event_of e :: g) (Datatypes.S m) (record_agrees _ _ _ Agrees)
                    (proj2 (legal_cons F (event_of e) g) (conj Legal Fault))).
      cbn [map]; destruct (verdict _ _ _ _ es) as [[f k]|].
      + destruct IH as (before & e' & after & -> & -> & Before & At).
        exists (event_of e :: before), e', after; cbn [app rev length].
        rewrite <- !app_assoc; cbn [app]; repeat split; auto; lia.
      + cbn [rev]; now rewrite <- app_assoc.
  Qed.

  Theorem judge_correct es : oldest_fault F (map event_of es) (judge es).
  Proof.
    pose proof (judge_log es initial_state [] 0%nat start_agrees eq_refl) as Judge.
    unfold oldest_fault, judge; destruct (verdict _ _ _ _ es) as [[f k]|].
    - destruct Judge as (before & e & after & -> & -> & Before & At).
      exists before, e, after; rewrite app_nil_r in *; auto.
    - now rewrite app_nil_r in Judge.
  Qed.

  Corollary judge_log_fault es : judge es = None <-> log_fault F (rev (map event_of es)) = None.
  Proof.
    pose proof (judge_correct es) as Judge; unfold oldest_fault in Judge; destruct (judge es) as [[f k]|];
      [|split; auto].
    destruct Judge as (before & e & after & -> & _ & Before & At); split; [discriminate|].
    rewrite rev_app_distr; cbn [rev]; rewrite <- app_assoc; cbn [app]; intros Legal; exfalso.
    apply legal_app, legal_cons in Legal as [_ Fault]; congruence.
  Qed.
End Judge.
