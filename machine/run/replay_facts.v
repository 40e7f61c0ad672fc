(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * One CPU of the replay is a thread of the machine

    A step of the replay is some steps of the machine of machine.v, for any client that
    chooses the operation at hand ([go_works], [return_works]); its store has what
    memory has ([store_agrees]); and the ticket that a seat holds is the one that the
    thread took.  Read next: replay_sound.v. *)
From Coq Require Import ZArith List Bool Lia FMapPositive.
From hlock.clight Require Import options syntax semantics smallstep.
From hlock.layers.view Require Import spec facts judge.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.refine Require Import invariant simulation correct.
From hlock.machine.run Require Import explore explore_facts replay.
Import ListNotations.
Local Open Scope Z_scope.

Section Facts.
  Context {S : system} (text : program) (width : Z).
  Local Notation log := (log S words_verb).
  Local Notation M := (sc_memory S width).
  Local Notation here := (mkMachine (M := M)).
  Local Notation next_of := (next_move text width).

  (** ** Threads *)

  (** How many operations a thread has begun. *)
  Definition begun (t : thread S) : nat := (length (history_of t) + (if idle t then 0 else 1))%nat.
  Definition after_move (P : thread S -> Prop) (m : thread_move S) : Prop :=
    match m with
    | Local t | Call _ t | Return _ t | Store _ _ t | Put _ _ _ t => P t
    | Take _ k | Poll _ k | Load _ k => forall v, P (k v)
    | Get _ _ k => forall v, P (k v)
    | Halt | Finished | Stuck => True
    end.

  Lemma begun_after p (t : thread S) :
    after_move (fun t' => begun t' = begun t + (if idle t then 1 else 0))%nat (next_of p t).
  Proof.
    destruct t as [history|o history s|o history l v k|]; cbn [next_move idle]; try exact I.
    - destruct (p history) as [[]|]; unfold begun; cbn; intros; lia.
    - assert (Own : after_move (fun t' => begun t' = begun (Calling o history s) + 0)%nat
          match smallstep.step (functions text) s with Some s' => Local (Calling o history s') | None => Stuck end)
        by (destruct (smallstep.step (functions text) s); [unfold begun; cbn; lia|exact I]).
      unfold in_call, primitive; destruct s as [le s k|le out k|f [fn|ef targs tres cc] vs k|v []]; auto.
      2: unfold begun; cbn; lia.
      destruct vs as [|[|n] [|]]; repeat lazymatch goal with |- context [if ?b then _ else _] => destruct b end;
        cbn; try exact I; intros; unfold begun; cbn; lia.
    - unfold begun; cbn; lia.
  Qed.

  Lemma local_in_call p (t t' : thread S) : next_of p t = Local t' -> idle t = false /\ idle t' = false.
  Proof.
    destruct t as [history|o history s|o history l v k|]; cbn; try discriminate.
    - destruct (p history) as [[]|]; discriminate.
    - assert (Own :
        match smallstep.step (functions text) s with Some s2 => Local (Calling o history s2) | None => Stuck end =
        Local t' ->
                false = false /\ idle t' = false)
        by (destruct (smallstep.step (functions text) s); [intros [= <-]; auto|discriminate]).
      unfold in_call, primitive; destruct s as [le s k|le out k|f [fn|ef targs tres cc] vs k|v []]; auto;
        try discriminate.
      destruct vs as [|[|n] [|]]; repeat lazymatch goal with |- context [if ?b then _ else _] => destruct b end;
        try discriminate; intros [= <-]; auto.
  Qed.

  (** Client [p] is told what CPU [c]'s client says, where [t] asks it. *)
  Definition at_hand (clients : cpu -> client S) (p : client S) (c : cpu) (t : thread S) : Prop :=
    forall history, t = Idle history -> clients c history = p history.

  Lemma same_move clients p c t : at_hand clients p c t -> next_of (clients c) t = next_of p t.
  Proof. intros Same; destruct t as [history| | |]; auto; cbn; now rewrite (Same history eq_refl). Qed.

  Lemma settle_own clients p c n : forall t t1, at_hand clients p c t ->
    settle text width (fun _ => p) n c t = Some t1 ->
    own text width clients c t t1 /\ next_of (clients c) t1 = next_of p t1 /\
    begun t1 = begun t /\ idle t1 = idle t.
  Proof.
    induction n as [|n IH]; intros t t1 Same; pose proof (same_move _ _ _ _ Same) as Move; cbn;
      destruct (next_of p t) as [t2| | | | | | | | | | |] eqn:Next; intros Settle; try discriminate Settle.
    all: lazymatch type of Next with
         | _ = Local _ => idtac
         | _ => injection Settle as <-; rewrite Next; repeat split; auto; constructor
         end.
    destruct (local_in_call _ _ _ Next) as (Not & Not2).
    destruct (IH t2 t1) as (Own & Is & Begun & Idle); [|exact Settle|].
    - intros history ->; discriminate.
    - pose proof (begun_after p t) as After; rewrite Next, Not in After; cbn in After.
      repeat split; [now apply own_step with t2|exact Is|lia|congruence].
  Qed.

  (** ** Memory *)
  Definition agrees (m : store) (g : log) : Prop := forall l,
    same_words width l g (short_of l m) /\ forall k, object l k g = object l k (part_of l k m).

  Lemma turn_here m g want : agrees m g ->
    turn_of width (log_to_ask want m) want = turn_of width g want.
  Proof.
    intros Agrees; destruct want as [t|o t|o t|l t|l t|l t|l v t|l k t|l k v t| | |]; auto; cbn.
    all: destruct (Agrees l) as ((Next & Now) & Obj); now rewrite ?Next, ?Now, ?Obj.
  Qed.

  Context (Width : 0 <= width).

  Lemma store_agrees c a m g : agrees m g -> agrees (store_after width c a m) ((c, a) :: g).
  Proof.
    intros Agrees; destruct a as [l verb|l k v|l k v|]; cbn [store_after]; try exact Agrees.
    all: intros l'; destruct (Agrees l') as ((Next & Now) & Obj); destruct (Z.eq_dec l' l) as [->|Other].
    - split; [|exact Obj]; unfold short_of at 1; cbn [lock_words]; rewrite PositiveMap.gss.
      refine (proj1 (same_after width Width [l] [] c (Lock l verb) g (short_of l m) _ l _)); [|now left].
      intros l' [->|[]]; split; [now split|intros k []].
    - split; [|exact Obj]; unfold short_of; cbn [lock_words].
      rewrite PositiveMap.gso by (intros Same; now apply key_inj in Same).
      assert (l =? l' = false) as Not by (apply Z.eqb_neq; congruence).
      split; [refine (eq_trans _ Next)|refine (eq_trans _ Now)]; destruct verb; cbn; now rewrite ?Not.
    - split; [now split|]; intros k'; unfold part_of, parts_of at 1; cbn [lock_parts]; rewrite PositiveMap.gss.
      destruct (Z.eq_dec k' k) as [->|Diff].
      + rewrite PositiveMap.gss; etransitivity; [apply object_wrote|symmetry; apply object_wrote].
      + rewrite PositiveMap.gso by (intros Same; now apply key_inj in Same).
        etransitivity; [apply object_wrote_other; auto|apply Obj].
    - split; [now split|]; intros k'; unfold part_of, parts_of; cbn [lock_parts].
      rewrite PositiveMap.gso by (intros Same; now apply key_inj in Same).
      etransitivity; [apply object_wrote_other; auto|apply Obj].
  Qed.

  (** ** Tickets *)

  (** The tickets that CPU [c] took, with their locks, newest first. *)
  Definition tickets_taken (c : cpu) (g : log) : list (Z * Z) :=
    flat_map (fun e => match e with
                       | (c', Lock l (Took t)) => if Nat.eqb c' c then [(l, t)] else []
                       | _ => []
                       end) g.

  Definition held (s : seat (S := S)) : list (Z * Z) :=
    match ticket s with Some x => [x] | None => [] end.

  Lemma taken_note c a g (h h' : option (Z * Z)) r : take_note a h = Some h' ->
    tickets_taken c g = match h with Some x => [x] | None => [] end ++ r ->
    tickets_taken c ((c, a) :: g) = match h' with Some x => [x] | None => [] end ++ r.
  Proof.
    unfold tickets_taken; intros Note Taken; destruct a as [l []|l j v|l j v|], h; try discriminate Note;
      injection Note as <-; try exact Taken.
    cbn [flat_map] in *; rewrite Nat.eqb_refl; cbn; now rewrite Taken.
  Qed.
  Lemma taken_other c c' a (g : log) : c' <> c -> tickets_taken c' ((c, a) :: g) = tickets_taken c' g.
  Proof.
    intros Other; destruct a as [l []|l j v|l j v|]; auto; cbn.
    now rewrite (proj2 (Nat.eqb_neq c c')) by congruence.
  Qed.

  (** ** One CPU at work: the others stay *)
  Section Work.
    Context (clients : cpu -> client S) (seats : list (seat (S := S))) (c : cpu) (recorded : list (Z * Z)) (g0 : log).
    Local Notation run := (execution text width M clients).

    Record works (x : seat (S := S) * store) (tr : visible_trace S) (g : log) : Prop := {
      works_run : run tr (here (put_at c (runs (fst x)) (map runs seats)) g);
      works_memory : agrees (snd x) g;
      works_tickets : tickets_taken c g = held (fst x) ++ recorded;
      works_others : forall c', c' <> c -> tickets_taken c' g = tickets_taken c' g0
    }.
    Definition seen_in (w : label (S := S)) : option (visible S) :=
      match w with Seen v => Some v | Done_to_memory a => seen_of a | Half_done _ _ => None end.

    Lemma go_works p x tr g w x' : (c < length seats)%nat -> works x tr g -> at_hand clients p c (runs (fst x)) ->
      go text width p c x = Some (w, x') ->
      exists g', works x' (see c (seen_in w) tr) g' /\
      begun (runs (fst x')) = (begun (runs (fst x)) + (if idle (runs (fst x)) then 1 else 0))%nat.
    Proof.
      destruct x as [s m]; intros In [Run Memory Tickets Others] Hand Go; cbn [fst snd] in *; unfold go in Go.
      destruct (settle text width (fun _ => p) fuel c (runs s)) as [t|] eqn:Settle; [|discriminate].
      destruct (settle_own clients p c fuel _ _ Hand Settle) as (Own & Same & Begun & Idle).
      rewrite (turn_here m g _ Memory) in Go.
      assert (At : nth_error (put_at c (runs s) (map runs seats)) c = Some (runs s)).
      { rewrite nth_put, Nat.eqb_refl, nth_error_map; apply nth_error_Some in In.
        now destruct (nth_error seats c). }
      destruct (own_runs text width clients c _ _ tr g Own _ At Run) as (ts1 & Run1 & At1 & _ & Put).
      pose proof (turn_steps text width clients c ts1 g t At1) as Step; rewrite Same in Step.
      pose proof (begun_after p t) as After; rewrite Begun, Idle in After.
      destruct (turn_of width g (next_of p t)) as [|v t'|a t'| | |] eqn:Turn; try discriminate Go.
      - injection Go as <- <-; exists g; split; [constructor; cbn [fst snd runs ticket]; auto|].
        + rewrite <- (put_put c t' (runs s)), <- Put; exact (execution_step _ _ _ _ _ _ _ _ _ Run1 Step).
        + cbn; destruct (next_of p t); try discriminate Turn; injection Turn as <- <-; exact After.
      - destruct (take_note a (ticket s)) as [h|] eqn:Note; [|discriminate]; injection Go as <- <-.
        exists ((c, a) :: g); split; [constructor; cbn [fst snd runs ticket]|].
        + rewrite <- (put_put c t' (runs s)), <- Put; exact (execution_step _ _ _ _ _ _ _ _ _ Run1 Step).
        + now apply store_agrees.
        + exact (taken_note c a g _ _ _ Note Tickets).
        + intros c' Other; rewrite taken_other; auto.
        + cbn; destruct (next_of p t); try discriminate Turn; injection Turn as <- <-; apply After.
    Qed.

    Lemma nothing_idle (x : seat (S := S) * store) w x' :
      go text width nothing c x = Some (w, x') -> idle (runs (fst x)) = false.
    Proof.
      destruct x as [[t h] m]; cbn [fst runs]; destruct t as [history| | |]; auto; unfold go, fuel; discriminate.
    Qed.

    Lemma nothing_works (x : seat (S := S) * store) tr g w x' : (c < length seats)%nat -> works x tr g ->
      go text width nothing c x = Some (w, x') ->
      idle (runs (fst x)) = false /\
      exists g', works x' (see c (seen_in w) tr) g' /\ begun (runs (fst x')) = begun (runs (fst x)).
    Proof.
      intros In Works Go; pose proof (nothing_idle _ _ _ Go) as Not.
      destruct (go_works nothing x tr g w x' In Works) as (g' & Works' & Begun); [|exact Go|].
      - intros history Is; rewrite Is in Not; discriminate.
      - split; [exact Not|]; exists g'; split; [exact Works'|]; rewrite Begun, Not; lia.
    Qed.

    Lemma return_works n : forall (x : seat (S := S) * store) tr g x' v, (c < length seats)%nat -> works x tr g ->
      go_to_return text width n c x = (x', Some v) ->
      exists g', works x' ((c, v) :: tr) g' /\ begun (runs (fst x')) = begun (runs (fst x)).
    Proof.
      induction n as [|n IH]; intros x tr g x' v In Works Return; cbn in Return;
        destruct (go text width nothing c x) as [[[v1|[l k|l j v1|l j v1|]|] x1]|] eqn:Go; try discriminate Return.
      all: destruct (nothing_works x tr g _ x1 In Works Go) as (_ & g1 & Works1 & Begun);
        cbn [seen_in seen_of see] in Works1.
      1, 2: injection Return as <- <-; now exists g1.
      destruct (IH x1 tr g1 x' v In Works1 Return) as (g2 & Works2 & Begun2).
      exists g2; split; [exact Works2|congruence].
    Qed.
  End Work.
End Facts.
