(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The judge of the order in which locks are acquired

    Of each CPU it keeps the locks that it holds.  What it acquires has to come after
    all of them, in the order of the table ([comes_before]: by rank, and in one family
    by index).  They are kept newest first, and in a run that is in order the newest is
    the last of them: so one comparison an acquire is enough.  [order_judged]: a run
    is accepted exactly if it is in order; else the first acquire that is not is named,
    and a lock that its CPU holds then.
    Read next: recorded.v. *)
From Coq Require Import ZArith NArith List Bool FMapPositive Sorted Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import judge.
From hlock.layers.table Require Import table facts.
Import ListNotations.
Local Open Scope Z_scope.

(** What the order is about: a CPU calls acquire, or release. *)
Inductive use :=
| Acquires (l : Z)
| Releases (l : Z).
Definition used : Type := N * use.

Definition without (l : Z) (held : list Z) : list Z := filter (fun l' => negb (l' =? l)) held.

(** What CPU [c] holds, or waits for, after [past], newest first. *)
Fixpoint holds (c : N) (past : list used) : list Z :=
  match past with
  | [] => []
  | (c', u) :: past =>
      if N.eqb c' c then match u with Acquires l => l :: holds c past | Releases l => without l (holds c past) end
      else holds c past
  end.

Section Order.
  Context (T : table).

  (** In run [es], oldest first, what is acquired comes after all that its CPU holds. *)
  Definition in_order (es : list used) : Prop := forall before c l after,
    es = before ++ (c, Acquires l) :: after ->
    forall l', List.In l' (holds c (rev before)) -> comes_before T l' l = true.

  (** The locks of each CPU. *)
  Definition order_state : Type := PositiveMap.t (list Z).
  Definition order_start : order_state := PositiveMap.empty (list Z).
  Definition locks_of (c : N) (s : order_state) : list Z :=
    match PositiveMap.find (cpu_key c) s with Some held => held | None => [] end.

  (** One call: the lock that is held and the one that should have come before it, or
      the state after it. *)
  Definition order_step (s : order_state) (e : used) : (Z * Z) + order_state :=
    let (c, u) := e in
    let held := locks_of c s in
    match u with
    | Acquires l =>
        match held with
        | l' :: _ => if comes_before T l' l then inr (PositiveMap.add (cpu_key c) (l :: held) s) else inl (l', l)
        | [] => inr (PositiveMap.add (cpu_key c) [l] s)
        end
    | Releases l => inr (PositiveMap.add (cpu_key c) (without l held) s)
    end.
  Definition judge_order : list used -> option ((Z * Z) * nat) := verdict order_step (fun _ => None) order_start 0.

  (** ** It is right *)
  Context (Ok : table_ok T = true).

  Definition sorted (held : list Z) : Prop := StronglySorted (fun l l' => comes_before T l' l = true) held.
  Record kept (s : order_state) (past : list used) : Prop := {
    kept_locks : forall c, locks_of c s = holds c past;
    kept_sorted : forall c, sorted (holds c past)
  }.

  Lemma sorted_without l held : sorted held -> sorted (without l held).
  Proof.
    induction 1 as [|l1 held Sorted IH All]; cbn; [constructor|]; destruct (negb (l1 =? l)); [|exact IH].
    constructor; [exact IH|]; rewrite Forall_forall in *; intros l2 Is; apply filter_In in Is as (Is & _); auto.
  Qed.
  Lemma sorted_more l held : sorted held ->
    match held with l' :: _ => comes_before T l' l = true | [] => True end ->
    Forall (fun l' => comes_before T l' l = true) held.
  Proof.
    intros Sorted Newest; destruct Sorted as [|l1 held _ All]; constructor; [exact Newest|].
    revert All; apply Forall_impl; intros l2 Less; exact (comes_before_trans T Ok l2 l1 l Less Newest).
  Qed.
  Lemma locks_add c c' held s :
    locks_of c (PositiveMap.add (cpu_key c') held s) = if N.eqb c' c then held else locks_of c s.
  Proof.
    unfold locks_of; destruct (N.eqb_spec c' c) as [->|Other]; [now rewrite PositiveMap.gss|].
    rewrite PositiveMap.gso; [reflexivity|intros Same; apply Other; now apply cpu_key_inj in Same].
  Qed.

  Lemma step_kept s past e : kept s past ->
    match order_step s e with
    | inr s' => kept s' (e :: past) /\ forall l, snd e = Acquires l ->
        forall l', List.In l' (holds (fst e) past) -> comes_before T l' l = true
    | inl (l', l) => snd e = Acquires l /\ List.In l' (holds (fst e) past) /\ comes_before T l' l = false
    end.
  Proof.
    intros [Locks Sorted]; destruct e as [c [l|l]]; cbn [order_step fst snd]; rewrite ?Locks.
    - pose proof (sorted_more l (holds c past) (Sorted c)) as More.
      enough (Good : Forall (fun l' => comes_before T l' l = true) (holds c past) ->
        kept (PositiveMap.add (cpu_key c) (l :: holds c past) s) ((c, Acquires l) :: past) /\
        forall l0, Acquires l = Acquires l0 -> forall l', List.In l' (holds c past) -> comes_before T l' l0 = true).
      { destruct (holds c past) as [|l' held] eqn:Held; [now apply Good|].
        destruct (comes_before T l' l) eqn:Less; [now apply Good, More|].
        split; [reflexivity|split; [now left|exact Less]]. }
      intros All; split; [constructor; intros c'; cbn [holds]|].
      + rewrite locks_add; destruct (N.eqb_spec c c') as [<-|]; [reflexivity|apply Locks].
      + destruct (N.eqb_spec c c') as [<-|]; [constructor; [apply Sorted|exact All]|apply Sorted].
      + intros l0 [= <-]; now apply Forall_forall.
    - split; [constructor; intros c'; cbn [holds]|discriminate].
      + rewrite locks_add; destruct (N.eqb_spec c c') as [<-|]; [reflexivity|apply Locks].
      + destruct (N.eqb_spec c c') as [<-|]; [now apply sorted_without|apply Sorted].
  Qed.

  Lemma in_order_more past e : in_order (rev past) ->
    (forall l, snd e = Acquires l -> forall l', List.In l' (holds (fst e) past) -> comes_before T l' l = true) ->
    in_order (rev (e :: past)).
  Proof.
    intros Order Next before c l after Is; cbn [rev] in Is.
    destruct after as [|e' after'] using rev_ind.
    - apply app_inj_tail in Is as (<- & ->); rewrite rev_involutive; now apply Next.
    - rewrite app_comm_cons, app_assoc in Is; apply app_inj_tail in Is as (Is & _); exact (Order _ _ _ _ Is).
  Qed.

  Lemma judged es : forall s past n, kept s past -> in_order (rev past) ->
    match verdict order_step (fun _ => None) s n es with
    | None => in_order (rev past ++ es)
    | Some ((l', l), k) => exists before c after, es = before ++ (c, Acquires l) :: after /\
        k = (n + length before)%nat /\ in_order (rev past ++ before) /\
        List.In l' (holds c (rev (rev past ++ before))) /\ comes_before T l' l = false
    end.
  Proof.
    induction es as [|e es IH]; intros s past n Kept Order; cbn [verdict]; [now rewrite app_nil_r|].
    pose proof (step_kept s past e Kept) as Step; destruct (order_step s e) as [[l' l]|s'].
    - destruct Step as (Is & Held & Not); destruct e as [c u]; cbn in Is; subst u.
      exists [], c, es; rewrite app_nil_r, rev_involutive; cbn; repeat split; auto; lia.
    - destruct Step as (Kept' & Next); specialize (IH s' (e :: past) (Datatypes.S n) Kept' (in_order_more past e
      Order Next)).
      cbn [rev] in IH; destruct (verdict order_step _ s' _ es) as [[[l' l] k]|]; [|now rewrite <- app_assoc in IH].
      destruct IH as (before & c & after & -> & -> & Before & Held & Not); exists (e :: before), c, after.
      rewrite <- app_assoc in Before, Held; cbn [app length] in *; repeat split; auto; lia.
  Qed.

  (** None: the run is in order.  Else the lock that is held, the one that is acquired
      though it does not come after it, and how many calls came before, which are in order. *)
  Theorem order_judged es :
    match judge_order es with
    | None => in_order es
    | Some ((l', l), k) => exists before c after, es = before ++ (c, Acquires l) :: after /\ k = length before /\
        in_order before /\ List.In l' (holds c (rev before)) /\ comes_before T l' l = false
    end.
  Proof.
    apply (judged es order_start [] 0%nat).
    - constructor; intros c; [unfold locks_of, order_start; now rewrite PositiveMap.gempty|constructor].
    - intros before c l after Is; destruct before; discriminate.
  Qed.
  Corollary order_accepted es : judge_order es = None <-> in_order es.
  Proof.
    pose proof (order_judged es) as Judged; split; destruct (judge_order es) as [[[l' l] k]|]; auto; try discriminate.
    destruct Judged as (before & c & after & Is & _ & _ & Held & Not); intros Order.
    rewrite (Order before c l after Is l' Held) in Not; discriminate.
  Qed.
End Order.
