(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The explorer loses no execution of the machine, and adds none

    A state of the explorer represents those states of the machine whose threads
    come to it by steps of their own, with the same words and objects ([represents]).
    If a set of the explorer's states is closed under its steps, each execution of
    the machine ends in a state that one of them represents ([explored_all]); and
    what the explorer comes to represents the end of an execution ([explored_real]).
    Read next: explore_cases.v, explore_inside.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import syntax semantics smallstep.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text contract contract_facts.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.refine Require Import invariant simulation correct.
From hlock.machine.run Require Import explore.
Import ListNotations.
Local Open Scope Z_scope.

Section Facts.
  Context {S : system} (text : program) (width : Z) (Width : 0 <= width).
  Context (clients : cpu -> client S) (explored parts : list Z).
  Local Notation log := (log S words_verb).
  Local Notation next_of := (next_move text width).
  Local Notation M := (sc_memory S width).
  Local Notation here := (mkMachine (M := M)).
  Local Notation shipped := (shipped_model width explored parts).

  (** What [keep] keeps of a past is enough for the client, now and later. *)
  Context (keep : cpu -> list (response S) -> list (response S)).
  Context (Enough : forall c history, clients c (keep c history) = clients c history).
  Context (Later : forall c a history, keep c (a :: keep c history) = keep c (a :: history)).
  Context (Twice : forall c history, keep c (keep c history) = keep c history).
  Local Notation trim := (trim keep).
  Local Notation state := (state (S := S) shipped).
  Local Notation run := (execution text width M clients).
  Local Notation step := (machine_step text width M clients).
  Local Notation halt_of := (halt_of (S := S) shipped).
  Local Notation step_of := (step_of text width clients keep shipped).

  (** ** Threads that differ in what [keep] drops *)
  Definition alike_turns (c : cpu) (x y : turn (S := S)) : Prop :=
    match x, y with
    | Alone t, Alone u => trim c t = trim c u
    | Shown v t, Shown w u => v = w /\ trim c t = trim c u
    | Acts a t, Acts b u => a = b /\ trim c t = trim c u
    | Ends, Ends | Undefined, Undefined => True
    | _, _ => False
    end.

  (** The same words, and the same in the parts of the object. *)
  Definition same_words (l : Z) (g h : log) : Prop :=
    next S width l g = next S width l h /\ serving S width l g = serving S width l h.
  Definition agree (l : Z) (g h : log) : Prop :=
    same_words l g h /\ forall k, List.In k parts -> object l k g = object l k h.
  (** The same for an action, if memory determines its value. *)
  Definition same_for (x : turn (S := S)) (g h : log) : Prop :=
    match x with
    | Acts (Lock l _) _ => same_words l g h
    | Acts (Read l k _) _ => object l k g = object l k h
    | _ => True
    end.

  Lemma keep_cons c a history history' : keep c history = keep c history' ->
    keep c (a :: history) = keep c (a :: history').
  Proof. intros Same; now rewrite <- Later, Same, Later. Qed.

  Lemma alike_turn c t u g h :
    trim c t = trim c u ->
    same_for (turn_of width h (next_of (clients c) u)) g h ->
    alike_turns c (turn_of width g (next_of (clients c) t)) (turn_of width h (next_of (clients c) u)).
  Proof.
    intros Same Agree; destruct t as [history|o history s|o history l v k|], u
      as [history'|o' history' s'|o' history' l' v' k'|];
      try discriminate Same; cbn [next_move] in *.
    - injection Same as Same.
      assert (Choice : clients c history = clients c history') by (rewrite <- (Enough c history), Same; apply Enough).
      rewrite Choice; clear Choice.
      destruct (clients c history') as [[f i|f i|f i k|f i k v|]|]; cbn in *; auto.
      1, 2: split; [reflexivity|now rewrite Same].
      + rewrite Agree; split; [reflexivity|].
        now rewrite (keep_cons c _ _ _ Same).
      + split; [reflexivity|]; now rewrite (keep_cons c _ _ _ Same).
    - injection Same as -> Same ->.
      assert (Own : alike_turns c
                (turn_of width g match smallstep.step (functions text) s' with
                                  Some s2 => Local (Calling o' history s2) | None => Stuck end)
                (turn_of width h match smallstep.step (functions text) s' with
                                  Some s2 => Local (Calling o' history' s2) | None => Stuck end))
        by (destruct (smallstep.step (functions text) s'); cbn; rewrite ?Same; auto).
      unfold in_call in *; destruct s' as [le s k|le out k|f [fn|ef targs tres cc] vs k|v k]; auto.
      + unfold primitive in *; destruct vs as [|[|n] [|]];
          repeat lazymatch goal with |- context [if ?b then _ else _] => destruct b end; cbn in *; auto;
          rewrite ?Same; auto; destruct Agree as (Next & Now); rewrite ?Next, ?Now, ?Same; auto.
      + destruct k; auto; cbn; split; [reflexivity|]; now rewrite (keep_cons c _ _ _ Same).
    - injection Same as -> Same -> -> ->; cbn; now rewrite Same.
    - exact I.
  Qed.

  Lemma alike_here c t u g : trim c t = trim c u ->
    alike_turns c (turn_of width g (next_of (clients c) t)) (turn_of width g (next_of (clients c) u)).
  Proof. intros Same; apply alike_turn; [exact Same|]; now destruct (turn_of _ _ _) as [| |[]| | |]. Qed.

  Lemma trim_twice c t : trim c (trim c t) = trim c t.
  Proof. destruct t; cbn; now rewrite ?Twice. Qed.

  (** ** Steps that nobody else sees *)
  Inductive own (c : cpu) : thread S -> thread S -> Prop :=
  | own_done t : own c t t
  | own_step t t1 t2 : next_of (clients c) t = Local t1 -> own c t1 t2 -> own c t t2.
  Definition settled (c : cpu) (t : thread S) : Prop :=
    forall t', next_of (clients c) t <> Local t'.

  Lemma settled_alike c t u : trim c t = trim c u -> settled c u -> settled c t.
  Proof.
    intros Same Settled t' Is; pose proof (alike_here c t u [] Same) as Alike; rewrite Is in Alike.
    destruct (next_of (clients c) u) as [u'| | | | | | | | | | |] eqn:Next; try contradiction; now apply (Settled u').
  Qed.
  Lemma local_calling (c : cpu) t t' : next_of (clients c) t = Local t' -> t' <> Stopped.
  Proof.
    destruct t as [history|o history s|o history l v k|]; cbn; try discriminate.
    - destruct (clients c history) as [[]|]; discriminate.
    - assert (Own :
        match smallstep.step (functions text) s with Some s2 => Local (Calling o history s2) | None => Stuck end =
        Local t' ->
                    t' <> Stopped)
        by (destruct (smallstep.step (functions text) s); [intros [= <-]|]; discriminate).
      unfold in_call, primitive; destruct s as [le s k|le out k|f [fn|ef targs tres cc] vs k|v []]; auto;
        try discriminate.
      destruct vs as [|[|n] [|]]; repeat lazymatch goal with |- context [if ?b then _ else _] => destruct b end;
        now (discriminate || intros [= <-]).
  Qed.

  (** Thread [t] comes to what [u] is, by steps of its own. *)
  Definition comes_to (c : cpu) (t u : thread S) : Prop :=
    exists t1, own c t t1 /\ trim c t1 = trim c u /\ settled c u.

  Lemma settle_comes n c t t2 u :
    trim c t = trim c t2 -> settle text width clients n c t2 = Some u -> comes_to c t (trim c u).
  Proof.
    revert t t2; induction n as [|n IH]; intros t t2 Same Settle; cbn in Settle;
      destruct (next_of (clients c) t2) as [t3| | | | | | | | | | |] eqn:Next; try discriminate Settle.
    all: lazymatch type of Next with
         | _ = Local _ => idtac
         | _ => injection Settle as <-; exists t; split; [constructor|split; [now rewrite trim_twice|]];
                apply settled_alike with t2; [apply trim_twice|]; intros t' Is; congruence
         end.
    pose proof (alike_here c t t2 [] Same) as Alike; rewrite Next in Alike.
    destruct (next_of (clients c) t) as [t4| | | | | | | | | | |] eqn:Is; try contradiction.
    destruct (IH t4 t3 Alike Settle) as (t1 & Own & Rest); exists t1; split; [|exact Rest].
    now apply own_step with t4.
  Qed.

  (** ** Memory *)
  Lemma words_written l l' v ks (h : log) : same_words l (writes 0 l' v ks ++ h) h.
  Proof. induction ks as [|k ks IH]; [now split|exact IH]. Qed.
  Lemma compact_agrees l g : List.In l explored -> agree l (compact width explored parts g) g.
  Proof.
    pose proof (next_in_word S width l g Width) as Next; pose proof (now_in_word S width l g Width) as Now.
    unfold in_word in Next, Now; unfold agree, same_words, compact; induction explored as [|l' ls IH]; [intros []|].
    intros Is; cbn [flat_map]; rewrite <- app_assoc.
    match goal with |- context [writes _ _ ?v _ ++ ?h] => destruct (words_written l l' v parts h) as (-> & ->) end.
    destruct (Z.eqb_spec l' l) as [->|Other]; cbn [app next serving].
    - rewrite Z.eqb_refl; split; [split; [now rewrite Z.sub_add, Z.mod_small|now rewrite Z.mod_small]|].
      intros k Part; etransitivity; [apply object_writes|]; now destruct (in_dec Z.eq_dec k parts).
    - rewrite (proj2 (Z.eqb_neq l' l) Other).
      destruct Is as [->|Is]; [congruence|]; destruct (IH Is) as (Same & Obj); split; [exact Same|].
      intros k Part; etransitivity; [now apply object_writes_other|exact (Obj k Part)].
  Qed.

  Definition same_memory (g h : log) : Prop := forall l, List.In l explored -> agree l g h.

  Lemma same_after c a g h : same_memory g h -> same_memory ((c, a) :: g) (compact width explored parts ((c, a) :: h)).
  Proof.
    intros Same l Is; destruct (Same l Is) as ((Next & Now) & Obj).
    destruct (compact_agrees l ((c, a) :: h) Is) as ((Next' & Now') & Obj').
    split; [split; [rewrite Next'|rewrite Now']|intros k Part; rewrite (Obj' k Part); specialize (Obj k Part)].
    1, 2: destruct a as [l' [t|v|v|v]|l' j v|l' j v|]; cbn; now rewrite ?Next, ?Now.
    destruct a as [l' verb|l' j v|l' j v|]; cbn [object]; auto.
    now destruct (if j =? k then value_for l l' v else None).
  Qed.

  (** The step of thread [t] from log [g], by the relation of machine.v. *)
  Lemma turn_steps c ts g t :
    nth_error ts c = Some t ->
    match turn_of width g (next_of (clients c) t) with
    | Alone t' => step c (here ts g) None (here (put_at c t' ts) g)
    | Shown v t' => step c (here ts g) (Some v) (here (put_at c t' ts) g)
    | Acts a t' => step c (here ts g) (seen_of a)
                                (here (put_at c t' ts) ((c, a) :: g))
    | _ => True
    end.
  Proof.
    intros At; destruct (next_of (clients c) t) eqn:Next; cbn [turn_of]; auto.
    1: now apply step_local with t.
    1: now apply step_call with t.
    1: now apply step_return with t.
    all: apply step_memory with (t := t); auto; [rewrite Next; cbn; eauto|cbn; auto].
  Qed.
  Lemma step_turn c ts g v (x : machine M) :
    step c (here ts g) v x -> exists t, nth_error ts c = Some t /\
    match turn_of width g (next_of (clients c) t) with
    | Alone t' => v = None /\ x = here (put_at c t' ts) g
    | Shown w t' => v = Some w /\ x = here (put_at c t' ts) g
    | Acts a t' => v = seen_of a /\ x = here (put_at c t' ts) ((c, a) :: g)
    | _ => False
    end \/ nth_error ts c = Some t /\ t <> Stopped /\ v = Some Did_halt /\
      x = here (put_at c Stopped ts) ((c, Halted) :: g).
  Proof.
    intros Step; inversion Step as
      [ts' m t t' At Next|ts' m t t' o At Next|ts' m t t' o At Next|ts' m t a t' m' At Ans Happens
                                   |ts' m t m' At Goes Happens]; subst; exists t.
    1, 2, 3: left; rewrite Next; cbn; auto.
    - left; destruct Happens as (Value & ->); split; [exact At|].
      destruct (next_of (clients c) t); cbn in *; try contradiction;
        [destruct Ans as (w & -> & ->)|destruct Ans as (w & -> & ->)|destruct Ans as (w & -> & ->)|
         destruct Ans as (-> & ->)
        |destruct Ans as (w & -> & ->)|destruct Ans as (-> & ->)]; cbn in Value; subst; auto.
    - right; destruct Happens as (_ & ->); auto.
  Qed.

  (** ** States *)
  (** State [y] of the explorer represents [x]. *)
  Record represents (x : machine M) (y : state) : Prop := {
    represents_length : length (threads x) = length (fst y);
    represents_threads : forall c t u, nth_error (threads x) c = Some t -> nth_error (fst y) c = Some u ->
      comes_to c t u;
    represents_memory : same_memory (contents x) (snd y)
  }.

  Lemma represents_put ts g (us : list (thread S)) h c t' u' g' h' :
    represents (here ts g) (us, h) -> comes_to c t' u' -> same_memory g' h' ->
    represents (here (put_at c t' ts) g') (put_at c u' us, h').
  Proof.
    intros [Length Threads _] For Same; constructor; cbn in *; [now rewrite !length_put| |exact Same].
    intros c2 t2 u2; rewrite !nth_put; destruct (Nat.eqb_spec c2 c) as [->|_]; [|apply Threads].
    destruct (nth_error ts c); [|discriminate]; destruct (nth_error us c); [|discriminate].
    now intros [= <-] [= <-].
  Qed.

  Lemma represents_start : represents (first_state M) (start shipped).
  Proof.
    constructor; cbn; [reflexivity| |].
    - intros c t u T U; apply nth_error_In, repeat_spec in T, U; subst t u.
      exists (Idle []); split; [constructor|split; [reflexivity|]]; intros t'; cbn.
      destruct (clients c []) as [[]|]; discriminate.
    - intros l Is; destruct (compact_agrees l [] Is) as ((Next & Now) & Obj); repeat split; auto.
      intros k Part; symmetry; auto.
  Qed.

  Lemma represents_halted ts g (us : list (thread S)) h c :
    represents (here ts g) (us, h) ->
    represents (here (put_at c Stopped ts) ((c, Halted) :: g)) (put_at c Stopped us, h).
  Proof.
    intros Rep; apply represents_put with g h; [exact Rep| |apply (represents_memory _ _ Rep)].
    exists Stopped; split; [constructor|split; [reflexivity|]]; intros t'; discriminate.
  Qed.

  Lemma own_stopped c t u : own c t u -> (t = Stopped <-> u = Stopped).
  Proof.
    induction 1 as [t|t t1 t2 Next Own IH]; [tauto|].
    apply local_calling in Next as Not; split; [now intros ->|]; intros Is; now apply IH in Is.
  Qed.
  Lemma trim_stopped c t u : trim c t = trim c u -> (t = Stopped <-> u = Stopped).
  Proof. destruct t, u; try discriminate; split; auto; discriminate. Qed.
  Lemma comes_stopped c t u : comes_to c t u -> (t = Stopped <-> u = Stopped).
  Proof. intros (t1 & Own & Same & _); rewrite (own_stopped c t t1 Own); now apply (trim_stopped c). Qed.

  (** What a thread and its like do, once their own steps are done. *)
  Lemma same_turn g h c u t1 :
    same_memory g h -> trim c t1 = trim c u ->
    match ask_words width explored parts h c (next_of (clients c) u) with
    | Some (x, _) => alike_turns c (turn_of width g (next_of (clients c) t1)) x
    | None => True
    end.
  Proof.
    intros Memory Same.
    pose proof (alike_turn c t1 u g h Same) as Alike; unfold ask_words.
    destruct (turn_of width h (next_of (clients c) u)) as [| |a| | |]; cbn in *; auto.
    destruct (is_explored explored parts a) eqn:Is; [|exact I]; apply Alike.
    destruct a as [l verb|l k v|l k v|]; cbn in Is |- *; auto.
    - apply (Memory l), has_in, Is.
    - apply andb_prop in Is as (Here & Part); apply (Memory l); now apply has_in.
  Qed.

  Lemma ask_memory (h : log) c m x h' : ask_words width explored parts h c m = Some (x, h') ->
    match x with Acts a _ => h' = compact width explored parts ((c, a) :: h) | _ => h' = h end.
  Proof.
    unfold ask_words; destruct (turn_of width h m) as [| |a| | |]; try (now intros [= <- <-]).
    destruct (is_explored explored parts a); [now intros [= <- <-]|discriminate].
  Qed.

  (** The machine steps: the explorer stays, follows, or says that it cannot. *)
  Lemma step_forward c x v x' y : represents x y -> step c x v x' ->
    represents x' y \/ step_of c y = Lost \/ (exists w y', step_of c y = Next w y' /\ represents x' y') \/
    (v = Some Did_halt /\ exists y', halt_of c y = Some y' /\ represents x' y').
  Proof.
    destruct x as [ts g], y as [us h]; intros Rep Step.
    destruct (step_turn _ _ _ _ _ Step) as (t & Turn).
    assert (At : nth_error ts c = Some t) by tauto.
    destruct (nth_same_length ts us c t (represents_length _ _ Rep) At) as (u & At').
    pose proof (represents_threads _ _ Rep c t u At At') as For.
    destruct Turn as [(_ & Turn)|(_ & Goes & -> & ->)].
    - unfold step_of; cbn; rewrite At'; destruct For as (t1 & Own & Same & Settled).
      destruct Own as [t|t t2 t1 Next Own].
      + pose proof (same_turn g h c u t (represents_memory _ _ Rep) Same) as Alike.
        destruct (ask_words _ _ _ _ _) as [[z h']|] eqn:Ask; [|auto]; apply ask_memory in Ask.
        destruct (turn_of width g _) as [|v1 t'|a t'| | |], z as [|v2 u'|b u'| | |]; cbn in Alike; try tauto; subst h'.
        all: destruct Alike as (-> & Alike), Turn as (-> & ->); unfold goes_on.
        all: destruct (settle text width clients fuel c u') as [u2|] eqn:Settle; [|auto].
        all: right; right; left; do 2 eexists; split; [reflexivity|].
        all: apply represents_put with g h; [exact Rep|exact (settle_comes _ _ _ _ _ Alike Settle)|].
        * apply Rep.
        * apply same_after, Rep.
      + left; rewrite Next in Turn; destruct Turn as (-> & ->); rewrite <- (put_same us c u At').
        apply represents_put with g h; [exact Rep|exists t1; auto|apply Rep].
    - right; right; right; split; [reflexivity|].
      exists (put_at c Stopped us, h); split; [|now apply represents_halted].
      unfold halt_of; cbn; rewrite At'; apply comes_stopped in For; destruct u; auto; tauto.
  Qed.

  (** The explorer steps: so does the machine, after steps of its own. *)
  Lemma put_put {A} (c : cpu) (x y : A) xs : put_at c x (put_at c y xs) = put_at c x xs.
  Proof. revert c; induction xs as [|z xs IH]; intros [|c]; cbn; auto; now rewrite IH. Qed.
  Lemma own_runs c t t1 tr g : own c t t1 -> forall ts, nth_error ts c = Some t -> run tr (here ts g) ->
    exists ts1, run tr (here ts1 g) /\ nth_error ts1 c = Some t1 /\ length ts1 = length ts /\
    forall t2, put_at c t2 ts1 = put_at c t2 ts.
  Proof.
    induction 1 as [t|t t2 t1 Next Own IH]; intros ts At Run; [now exists ts|].
    destruct (IH (put_at c t2 ts)) as (ts1 & Run1 & At1 & Length & Put).
    - now rewrite nth_put, Nat.eqb_refl, At.
    - exact (execution_step text width M clients tr _ c None _ Run
        (step_local text width M clients c ts g t t2 At Next)).
    - exists ts1; rewrite Length, length_put; repeat split; auto; intros t3; now rewrite Put, put_put.
  Qed.

  Lemma step_back c tr x y w y' : run tr x -> represents x y -> step_of c y = Next w y' ->
    exists tr' x', run tr' x' /\ represents x' y'.
  Proof.
    destruct x as [ts g], y as [us h]; intros Run Rep; unfold step_of; cbn.
    destruct (nth_error us c) as [u|] eqn:At'; [|discriminate].
    destruct (nth_same_length us ts c u (eq_sym (represents_length _ _ Rep)) At') as (t & At).
    destruct (represents_threads _ _ Rep c t u At At') as (t1 & Own & Same & Settled).
    destruct (own_runs c t t1 tr g Own ts At Run) as (ts1 & Run1 & At1 & _ & Put).
    pose proof (same_turn g h c u t1 (represents_memory _ _ Rep) Same) as Alike.
    pose proof (turn_steps c ts1 g t1 At1) as Step.
    destruct (ask_words _ _ _ _ _) as [[z h']|] eqn:Ask; [|discriminate]; apply ask_memory in Ask.
    destruct (turn_of width g _) as [|v1 t'|a t'| | |], z as [|v2 u'|b u'| | |]; cbn in Alike; try tauto;
      try discriminate; subst h'.
    all: destruct Alike as (-> & Alike); unfold goes_on.
    all: destruct (settle text width clients fuel c u') as [u2|] eqn:Settle; [|discriminate].
    all: intros [= <- <-]; do 2 eexists; split; [exact (execution_step text width M clients tr _ c _ _ Run1 Step)|].
    all: rewrite Put; apply represents_put with g h; [exact Rep|exact (settle_comes _ _ _ _ _ Alike Settle)|].
    - apply Rep.
    - apply same_after, Rep.
  Qed.

  (** ** All executions *)

  (** A set of states from which no step leads out, nor, with [halts], a halt. *)
  Record closed (halts : bool) (X : state -> Prop) : Prop := {
    closed_start : X (start shipped);
    closed_step : forall c y, X y ->
      match step_of c y with Next _ y' => X y' | No_step => True | Lost => False end;
    closed_halt : halts = true -> forall c y y', X y -> halt_of c y = Some y' -> X y'
  }.

  Theorem explored_all halts X : closed halts X -> forall tr x, run tr x ->
    halts = true \/ (forall c, ~ List.In (c, Did_halt) tr) -> exists y, X y /\ represents x y.
  Proof.
    intros Closed tr x Run; induction Run as [|tr x c v x' Run IH Step]; intros Halts.
    - exists (start shipped); split; [apply Closed|apply represents_start].
    - destruct IH as (y & Is & Rep).
      { destruct Halts as [|None]; [now left|right]; intros c' In; apply (None c'); destruct v; cbn; auto. }
      pose proof (closed_step _ _ Closed c y Is) as Closes.
      destruct (step_forward c x v x' y Rep Step) as [Same|[Lost|[(w & y' & Next & To)|(-> & y' & Next & To)]]].
      + now exists y.
      + now rewrite Lost in Closes.
      + rewrite Next in Closes; now exists y'.
      + exists y'; split; [|exact To]; destruct Halts as [->|None]; [|destruct (None c); now left].
        now apply (closed_halt _ _ Closed eq_refl c y).
  Qed.

  (** What the explorer comes to. *)
  Inductive walked : state -> Prop :=
  | walked_start : walked (start shipped)
  | walked_step c y w y' : walked y -> step_of c y = Next w y' -> walked y'
  | walked_halt c y y' : walked y -> halt_of c y = Some y' -> walked y'.

  Theorem explored_real y : walked y -> exists tr x, run tr x /\ represents x y.
  Proof.
    induction 1 as [|c y w y' _ (tr & x & Run & Rep) Next|c y y' _ (tr & x & Run & Rep) Next].
    - exists [], (first_state M); split; [constructor|apply represents_start].
    - exact (step_back c tr x y w y' Run Rep Next).
    - destruct x as [ts g], y as [us h]; unfold halt_of in Next; cbn in Next.
      destruct (nth_error us c) as [u|] eqn:At'; [|discriminate].
      destruct (nth_same_length us ts c u (eq_sym (represents_length _ _ Rep)) At') as (t & At).
      pose proof (comes_stopped c t u (represents_threads _ _ Rep c t u At At')) as Stopped_iff.
      exists (see c (Some Did_halt) tr), (here (put_at c Stopped ts) ((c, Halted) :: g)); split.
      + apply execution_step with (here ts g); [exact Run|].
        apply step_halt with t; [exact At| |now cbn]; intros Is; apply Stopped_iff in Is; subst; discriminate.
      + destruct u; try discriminate; injection Next as <-; now apply represents_halted.
  Qed.
End Facts.
