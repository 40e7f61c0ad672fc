(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Threads that go alone go together

    A log in which each action takes the value that is there, and of which each CPU's part is
    what its thread does alone, is an execution on consistent memory ([interleaved]):
    each CPU was seen to do the same and stands at the same.  Read next: embedding.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.refine Require Import invariant.
From hlock.machine.relaxed Require Import model claims.
Import ListNotations.
Local Open Scope Z_scope.

Section Interleave.
  Context {S : system} (text : program) (width : Z) (clients : cpu -> client S).
  Local Notation M := (sc_memory S width).
  Local Notation log := (log S words_verb).
  Local Notation act := (action S words_verb).
  Local Notation execution := (execution text width M clients).

  Definition seen_too (a : act) (vis : list (visible S)) : list (visible S) :=
    match seen_of a with Some v => v :: vis | None => vis end.

  (** Steps of which memory knows nothing. *)
  Inductive quiet (p : client S) (t : thread S) : list (visible S) -> thread S -> Prop :=
  | quiet_none : quiet p t [] t
  | quiet_local vis t1 t2 : quiet p t vis t1 -> next_move text width p t1 = Local t2 -> quiet p t vis t2
  | quiet_call vis t1 t2 o : quiet p t vis t1 -> next_move text width p t1 = Call o t2 -> quiet p t (Called o :: vis) t2
  | quiet_return vis t1 t2 o :
      quiet p t vis t1 -> next_move text width p t1 = Return o t2 -> quiet p t (Returned o :: vis) t2.

  (** A thread does the last of its actions, and then such steps. *)
  Lemma alone_last p acts vis t : alone text width p acts vis t ->
    match acts with
    | [] => quiet p (Idle []) vis t
    | a :: acts => exists vis1 t1 t2 vis2, alone text width p acts vis1 t1 /\
        (answered (next_move text width p t1) a t2 \/ a = Halted /\ t1 <> Stopped /\ t2 = Stopped) /\
        quiet p t2 vis2 t /\ vis = vis2 ++ seen_too a vis1
    end.
  Proof.
    induction 1 as [|acts vis t t1 Run IH Next|acts vis t t1 o Run IH Next|acts vis t t1 o Run IH Next
      |acts vis t a t1 Run IH Ans|acts vis t Run IH Goes]; [constructor|..].
    - destruct acts as [|a acts]; [now apply quiet_local with t|].
      destruct IH as (v1 & ta & tb & v2 & Before & Does & After & ->); exists v1, ta, tb, v2.
      split; [exact Before|split; [exact Does|split; [now apply quiet_local with t|reflexivity]]].
    - destruct acts as [|a acts]; [now apply quiet_call with t|].
      destruct IH as (v1 & ta & tb & v2 & Before & Does & After & ->); exists v1, ta, tb, (Called o :: v2).
      split; [exact Before|split; [exact Does|split; [now apply quiet_call with t|reflexivity]]].
    - destruct acts as [|a acts]; [now apply quiet_return with t|].
      destruct IH as (v1 & ta & tb & v2 & Before & Does & After & ->); exists v1, ta, tb, (Returned o :: v2).
      split; [exact Before|split; [exact Does|split; [now apply quiet_return with t|reflexivity]]].
    - exists vis, t, t1, []; split; [exact Run|split; [now left|split; [constructor|reflexivity]]].
    - exists vis, t, Stopped, []; split; [exact Run|split; [right; auto|split; [constructor|reflexivity]]].
  Qed.

  Lemma put_put (ts : list (thread S)) c t1 t2 : put_at c t2 (put_at c t1 ts) = put_at c t2 ts.
  Proof. revert c; induction ts as [|t ts IH]; intros [|c]; cbn; [auto..|now rewrite IH]. Qed.
  Lemma seen_by_see c c' v tr : seen_by (S := S) c' (see c v tr) =
    if Nat.eqb c c' then match v with Some v => v :: seen_by c' tr | None => seen_by c' tr end else seen_by c' tr.
  Proof. destruct v as [v|]; unfold seen_by; cbn; destruct (Nat.eqb c c'); reflexivity. Qed.

  (** CPU [c] goes on by itself. *)
  Lemma quiet_execution tr x c t vis t' : execution tr x -> nth_error (threads x) c = Some t ->
    quiet (clients c) t vis t' -> exists tr',
    execution tr' (mkMachine (M := M) (put_at c t' (threads x)) (contents x)) /\
    forall c', seen_by c' tr' = if Nat.eqb c c' then vis ++ seen_by c' tr else seen_by c' tr.
  Proof.
    intros Run At Quiet.
    assert (Step : forall vis t1 t2 v, (exists tr', execution tr' (mkMachine (M :=
      M) (put_at c t1 (threads x)) (contents x)) /\
        forall c', seen_by c' tr' = if Nat.eqb c c' then vis ++ seen_by c' tr else seen_by c' tr) ->
      (forall ts m, nth_error ts c = Some t1 ->
        machine_step text width M clients c (mkMachine (M := M) ts m) v (mkMachine (M := M) (put_at c t2 ts) m)) ->
      exists tr', execution tr' (mkMachine (M := M) (put_at c t2 (threads x)) (contents x)) /\
        forall c', seen_by c' tr' =
          if Nat.eqb c c' then match v with Some v => v :: vis | None => vis end ++ seen_by c' tr else seen_by c' tr).
    { clear vis Quiet; intros vis t1 t2 v (tr1 & Run1 & Seen) Steps; exists (see c v tr1); split.
      - rewrite <- (put_put _ c t1 t2); eapply execution_step; [exact Run1|]; apply Steps.
        rewrite nth_put, Nat.eqb_refl, At; reflexivity.
      - intros c'; rewrite seen_by_see, Seen; destruct (Nat.eqb c c'), v; reflexivity. }
    induction Quiet as [|vis t1 t2 Quiet IH Next|vis t1 t2 o Quiet IH Next|vis t1 t2 o Quiet IH Next].
    - exists tr; split; [rewrite (put_same _ _ _ At); now destruct x|intros c'; now destruct (Nat.eqb c c')].
    - apply (Step vis t1 t2 None IH); intros ts m At'; now apply step_local with t1.
    - apply (Step vis t1 t2 (Some (Called o)) IH); intros ts m At'; now apply step_call with t1.
    - apply (Step vis t1 t2 (Some (Returned o)) IH); intros ts m At'; now apply step_return with t1.
  Qed.

  (** Where everybody is, and what was seen of him. *)
  Definition everybody (vis : cpu -> list (visible S)) (last : cpu -> thread S) (tr : visible_trace S) (x : machine M) :
    Prop :=
    forall c, (c < cpus S)%nat -> nth_error (threads x) c = Some (last c) /\ seen_by c tr = vis c.

  Lemma all_quiet vis last : (forall c, (c < cpus S)%nat -> quiet (clients c) (Idle []) (vis c) (last c)) ->
    exists tr x, execution tr x /\ contents x = [] /\ everybody vis last tr x.
  Proof.
    intros Quiet.
    assert (Some_ : forall n, exists tr x, execution tr x /\ contents x = [] /\
      everybody (fun c => if Nat.ltb c n then vis c else []) (fun c => if Nat.ltb c n then last c else Idle []) tr x).
    { induction n as [|n (tr & x & Run & Empty & All)].
      - exists [], (first_state M); split; [constructor|split; [reflexivity|]]; intros c Less; split; [|reflexivity].
        cbn [threads first_state]; now apply nth_error_repeat.
      - destruct (Nat.lt_ge_cases n (cpus S)) as [Less|Over].
        + destruct (All n Less) as (At & Seen_n); rewrite Nat.ltb_irrefl in At, Seen_n.
          destruct (quiet_execution tr x n _ (vis n) (last n) Run At (Quiet n Less)) as (tr' & Run' & Seen).
          exists tr', (mkMachine (M := M) (put_at n (last n) (threads x)) (contents x)).
          split; [exact Run'|split; [exact Empty|]]; intros c Less'; destruct (All c Less') as (At' & Seen_c).
          cbn [threads]; rewrite nth_put, Seen, At; destruct (Nat.eqb_spec n c) as [->|Diff].
          * rewrite Nat.eqb_refl, Seen_n, app_nil_r, (proj2 (Nat.ltb_lt c _)) by lia; auto.
          * rewrite (proj2 (Nat.eqb_neq c n)) by auto; rewrite At', Seen_c.
            destruct (Nat.ltb_spec c n), (Nat.ltb_spec c (Datatypes.S n)); try lia; auto.
        + exists tr, x; split; [exact Run|split; [exact Empty|]]; intros c Less; destruct (All c Less) as (At & Seen).
          rewrite At, Seen; destruct (Nat.ltb_spec c n), (Nat.ltb_spec c (Datatypes.S n)); try lia; auto. }
    destruct (Some_ (cpus S)) as (tr & x & Run & Empty & All); exists tr, x; split; [exact Run|split; [exact Empty|]].
    intros c Less; destruct (All c Less) as (At & Seen); now rewrite (proj2 (Nat.ltb_lt c _) Less) in At, Seen.
  Qed.

  Fixpoint values_there (g : log) : Prop :=
    match g with
    | [] => True
    | (c, a) :: g => (c < cpus S)%nat /\ value_there S width g a /\ values_there g
    end.

  Theorem interleaved g : values_there g -> forall vis last,
    (forall c, (c < cpus S)%nat -> alone text width (clients c) (part_of c g) (vis c) (last c)) ->
    exists tr x, execution tr x /\ contents x = g /\ everybody vis last tr x.
  Proof.
    induction g as [|[c a] g IH]; cbn [values_there]; [intros _|intros (Less & Value & Values)]; intros vis last All.
    { apply all_quiet; intros c Less; exact (alone_last _ _ _ _ (All c Less)). }
    pose proof (All c Less) as Mine; unfold part_of in Mine; cbn [flat_map] in Mine; rewrite Nat.eqb_refl in Mine.
    destruct (alone_last _ _ _ _ Mine) as (vis1 & t1 & t2 & vis2 & Before & Does & After & Vis).
    destruct (IH Values (fun c' => if Nat.eqb c c' then vis1 else vis c')
      (fun c' => if Nat.eqb c c' then t1 else last c'))
      as (tr & x & Run & <- & Here).
    { intros c' Less'; destruct (Nat.eqb_spec c c') as [<-|Other]; [exact Before|].
      specialize (All c' Less'); unfold part_of in All; cbn [flat_map] in All.
      now rewrite (proj2 (Nat.eqb_neq c c') Other) in All. }
    destruct (Here c Less) as (At & Seen_c); rewrite Nat.eqb_refl in At, Seen_c.
    assert (Run2 : execution (see c (seen_of a) tr) (mkMachine (M :=
      M) (put_at c t2 (threads x)) ((c, a) :: contents x))).
    { destruct x as [ts m]; eapply execution_step; [exact Run|].
      destruct Does as [Ans|(-> & Goes & ->)]; [apply step_memory with t1|apply step_halt with t1]; auto; split; auto. }
    destruct (quiet_execution _ _ c t2 vis2 (last c) Run2) as (tr' & Run' & Seen); [|exact After|].
    { cbn [threads]; now rewrite nth_put, Nat.eqb_refl, At. }
    cbn [threads contents] in Run'; rewrite put_put in Run'; eexists tr', _; split; [exact Run'|split; [reflexivity|]].
    intros c' Less'; destruct (Here c' Less') as (At' & Seen'); cbn [threads]; rewrite nth_put, Seen, seen_by_see, At.
    destruct (Nat.eqb_spec c c') as [<-|Other].
    - rewrite Nat.eqb_refl, Seen_c, Vis; split; [reflexivity|]; unfold seen_too; now destruct (seen_of a).
    - rewrite (proj2 (Nat.eqb_neq c' c)) by auto; auto.
  Qed.
End Interleave.
