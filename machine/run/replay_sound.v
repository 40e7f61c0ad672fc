(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What the replay accepts is an execution

    If [replay] accepts a trace, N threads on the exported C, each of which does the
    operations recorded of it in their order, have an execution over consistent memory
    that shows the lines of the trace in the order of the trace, with the values read
    and written, and in which each CPU takes the tickets recorded of it ([replay_sound]).
    Hints need no trust.  Read next: replay_cases.v, then tools/judge. *)
From Coq Require Import ZArith List Bool Lia FMapPositive.
From hlock.clight Require Import options syntax semantics smallstep.
From hlock.layers.view Require Import spec judge.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.refine Require Import invariant simulation correct.
From hlock.machine.run Require Import replay replay_facts.
Import ListNotations.
Local Open Scope Z_scope.

Section Sound.
  Context {S : system} (text : program) (T : table) (width : Z).
  Local Notation log := (log S words_verb).
  Local Notation M := (sc_memory S width).
  Local Notation here := (mkMachine (M := M)).
  Local Notation lines := (list (cpu * line S)).

  (** ** The claim *)

  (** The operations that a trace records of CPU [c], and clients that do them. *)
  Definition operations_of (c : cpu) (es : lines) : list (op S) :=
    flat_map (fun e => if Nat.eqb (fst e) c
                       then match operation_of T (snd e) with Some o => [o] | None => [] end
                       else []) es.
  Definition scripts (es : lines) : cpu -> client S :=
    fun c history => nth_error (operations_of c es) (length history).

  (** What an execution shows, but for the return of a release, which is not recorded. *)
  Definition noted (tr : visible_trace S) : visible_trace S :=
    filter (fun e => negb (gave_back (snd e))) tr.
  Definition shows (e : cpu * line S) (v : cpu * visible S) : Prop :=
    fst e = fst v /\ says (snd e) (snd v) = true.

  (** The tickets recorded of CPU [c], with their locks, oldest first. *)
  Definition tickets_recorded (c : cpu) (es : lines) : list (Z * Z) :=
    flat_map (fun e => match e with
                       | (c', Enters l t) => if Nat.eqb c' c then [(l, t)] else []
                       | _ => []
                       end) es.

  Definition explains (es : lines) (tr : visible_trace S) (x : machine M) : Prop :=
    Forall2 shows (rev es) (noted tr) /\
    forall c, (c < cpus S)%nat -> tickets_taken c (contents x) = rev (tickets_recorded c es).

  (** ** The proof: line by line *)
  Context (Width : 0 <= width).

  Section Trace.
    Context (es : lines).
    Local Notation clients := (scripts es).
    Local Notation run := (execution text width M clients).
    Local Notation work done c g0 seats := (works text width clients seats c (rev (tickets_recorded c done)) g0).

    (** After the lines [done] of the trace. *)
    Definition seat_after (done : lines) (g : log) (c : cpu) (s : seat (S := S)) : Prop :=
      tickets_taken c g = held s ++ rev (tickets_recorded c done) /\
      begun (runs s) = length (operations_of c done).
    Record replayed (done : lines) (x : state (S := S)) (tr : visible_trace S) (g : log) : Prop := {
      replayed_run : run tr (here (map runs (fst x)) g);
      replayed_memory : agrees width (snd x) g;
      replayed_length : length (fst x) = cpus S;
      replayed_shown : Forall2 shows (rev done) (noted tr);
      replayed_seats : forall c s, nth_error (fst x) c = Some s -> seat_after done g c s
    }.

    Lemma map_put c (s : seat (S := S)) seats : map runs (put_at c s seats) = put_at c (runs s) (map runs seats).
    Proof. revert c; induction seats as [|s' seats IH]; intros [|c]; cbn; auto; now rewrite IH. Qed.
    Lemma operations_app c done more : operations_of c (done ++ more) = operations_of c done ++ operations_of c more.
    Proof. apply flat_map_app. Qed.
    Lemma recorded_app c done more :
      tickets_recorded c (done ++ more) = tickets_recorded c done ++ tickets_recorded c more.
    Proof. apply flat_map_app. Qed.

    Lemma works_start done x tr g c s : replayed done x tr g -> nth_error (fst x) c = Some s ->
      work done c g (fst x) (s, snd x) tr g.
    Proof.
      intros [Run Memory _ _ Seats] At; constructor; auto.
      - cbn [fst]; rewrite put_same; [exact Run|]; now rewrite nth_error_map, At.
      - apply (Seats c s At).
    Qed.

    (** The lines [more], of CPU [c], are done. *)
    Lemma works_end done more x tr g c s' m' tr' g' :
      replayed done x tr g -> Forall (fun e => fst e = c) more ->
      work (done ++ more) c g (fst x) (s', m') tr' g' ->
      Forall2 shows (rev (done ++ more)) (noted tr') ->
      begun (runs s') = length (operations_of c (done ++ more)) ->
      exists tr g, replayed (done ++ more) (put_at c s' (fst x), m') tr g.
    Proof.
      intros [_ _ Length _ Seats] Mine [Run Memory Tickets Others] Shown Begun; exists tr', g'.
      constructor; cbn [fst snd] in *; auto.
      - now rewrite map_put.
      - now rewrite length_put.
      - intros c1 s1; rewrite nth_put; destruct (Nat.eqb_spec c1 c) as [->|Other].
        + destruct (nth_error (fst x) c); [intros [= <-]; now split|discriminate].
        + intros At; destruct (Seats c1 s1 At) as (Taken & Had); unfold seat_after.
          rewrite (Others c1 Other), recorded_app, operations_app.
          enough (tickets_recorded c1 more = [] /\ operations_of c1 more = []) as (-> & ->)
            by (rewrite !app_nil_r; now split).
          clear - Mine Other; induction Mine as [|[c2 e] more Is _ (IH & IH')]; [now split|].
          unfold tickets_recorded, operations_of in *; cbn [flat_map fst snd] in *; subst c2; rewrite IH, IH'.
          rewrite (proj2 (Nat.eqb_neq c c1)) by congruence; now destruct e.
    Qed.

    Lemma shown_more done c e v tr : Forall2 shows (rev done) (noted tr) -> says e v = true ->
      Forall2 shows (rev (done ++ [(c, e)])) (noted ((c, v) :: tr)).
    Proof.
      intros Shown Says; rewrite rev_app_distr; cbn.
      assert (gave_back v = false) as -> by (destruct e, v as [[]|[]| | |]; auto; discriminate).
      constructor; [now split|exact Shown].
    Qed.

    Lemma begins_works done rest x tr g c s e x' :
      es = done ++ (c, e) :: rest -> replayed done x tr g -> nth_error (fst x) c = Some s ->
      begins text T width c e (s, snd x) = inr x' ->
      (forall l t, e <> Enters l t) /\ exists v g',
      work (done ++ [(c, e)]) c g (fst x) x' ((c, v) :: tr) g' /\
      Forall2 shows (rev (done ++ [(c, e)])) (noted ((c, v) :: tr)) /\
      begun (runs (fst x')) = length (operations_of c (done ++ [(c, e)])).
    Proof.
      intros Es Replayed At Begins; pose proof (works_start done x tr g c s Replayed At) as Works.
      unfold begins in Begins; destruct (operation_of T e) as [o|] eqn:Op; [|discriminate].
      cbn [fst] in Begins; destruct (idle (runs s)) eqn:Idle; [|discriminate]; cbn [negb] in Begins.
      destruct (go text width (fun _ => Some o) c (s, snd x)) as [[w x1]|] eqn:Go; [|discriminate].
      destruct (replayed_seats _ _ _ _ Replayed c s At) as (_ & Begun).
      assert (In : (c < length (fst x))%nat) by (apply nth_error_Some; congruence).
      assert (Ops : operations_of c (done ++ [(c, e)]) = operations_of c done ++ [o])
        by (rewrite operations_app; cbn; now rewrite Nat.eqb_refl, Op).
      destruct (go_works _ _ Width _ _ _ _ _ (fun _ => Some o) _ _ _ w x1 In Works)
        as (g' & Works' & More); [|exact Go|].
      { cbn; intros history Is; unfold scripts; rewrite Is in Begun; unfold begun in Begun; cbn in Begun.
        rewrite Es, operations_app, nth_error_app2 by lia; cbn; rewrite Nat.eqb_refl, Op; cbn.
        now replace (length history - length (operations_of c done))%nat with 0%nat by lia. }
      assert (Not : forall l t, e <> Enters l t) by (intros l t ->; discriminate).
      split; [exact Not|]; cbn [fst] in More; rewrite Idle, Begun in More.
      enough (exists v, seen_in w = Some v /\ says e v = true /\ x1 = x') as (v & Seen_v & Says & <-).
      { rewrite Seen_v in Works'; exists v, g'; split; [|split].
        - rewrite recorded_app; replace (tickets_recorded c [(c, e)]) with (@nil (Z * Z)); [now rewrite app_nil_r|].
          destruct e; try reflexivity; now destruct (Not l t).
        - apply shown_more; [apply Replayed|exact Says].
        - rewrite More, Ops, app_length; reflexivity. }
      destruct w as [v|a|]; [|destruct (seen_of a) as [v|] eqn:Seen_v|]; try discriminate Begins.
      all: exists v; destruct (says e v) eqn:Says; [|discriminate Begins]; injection Begins as <-; now split.
    Qed.

    Lemma step_replayed i rest done x x' tr g :
      es = done ++ lines_of [i] ++ rest -> replayed done x tr g ->
      replay_step text T width x i = inr x' ->
      exists tr g, replayed (done ++ lines_of [i]) x' tr g.
    Proof.
      intros Es Replayed Step; unfold replay_step in Step.
      destruct (nth_error (fst x) (cpu_of i)) as [s|] eqn:At; [|discriminate].
      destruct (item_done text T width i (s, snd x)) as [|[s' m']] eqn:Done; [discriminate|injection Step as <-].
      pose proof (works_start _ _ _ _ _ s Replayed At) as Works.
      assert (In : (cpu_of i < length (fst x))%nat) by (apply nth_error_Some; congruence).
      destruct (replayed_seats _ _ _ _ Replayed _ s At) as (_ & Begun).
      destruct i as [c e|c h]; cbn [cpu_of item_done lines_of flat_map app] in *.
      - assert (Mine : Forall (fun e' => fst e' = c) [(c, e)]) by now constructor.
        destruct e as [l|l t|l v|l v|l]; cbn [line_done] in Done.
        2: { unfold enter in Done; destruct (go_to_return text width steps_of_call c (s, snd x))
               as [[s1 m1] v] eqn:Return.
          destruct (ticket s1) as [[l' t']|] eqn:Ticket, v as [v|]; try discriminate Done.
          destruct (says (Enters l t) v) eqn:Says, (Z.eqb_spec l' l) as [->|]; cbn in Done; try discriminate Done.
          destruct (Z.eqb_spec t' t) as [->|]; [injection Done as <- <-|discriminate].
          destruct (return_works _ _ Width _ _ _ _ _ _ _ _ _ _ _ In Works Return)
            as (g' & [Run Memory Tickets Others] & Same).
          assert (Ops : operations_of c (done ++ [(c, Enters l t)]) = operations_of c done)
            by (rewrite operations_app; cbn; rewrite Nat.eqb_refl; apply app_nil_r).
          apply works_end with tr g ((c, v) :: tr) g'; auto.
          - constructor; auto; rewrite Tickets, recorded_app, rev_app_distr; unfold held; cbn [fst ticket].
            rewrite Ticket; cbn; now rewrite Nat.eqb_refl.
          - apply shown_more; [apply Replayed|exact Says].
          - rewrite Ops, <- Begun; exact Same. }
        4: destruct (begins text T width c (Leaves l) (s, snd x)) as [|x1] eqn:Begins; [discriminate|].
        4: destruct (begins_works _ _ _ _ _ _ _ _ _ Es Replayed At Begins) as (_ & v & g' & Works' & Shown & Begun').
        4: { unfold leave in Done; destruct (go_to_return text width steps_of_call c x1)
               as [x2 [v2|]] eqn:Return; [|discriminate].
          destruct (gave_back v2) eqn:Back; [injection Done as ->|discriminate].
          destruct (return_works _ _ Width _ _ _ _ _ _ _ _ _ _ _ In Works' Return) as (g2 & Works2 & Same).
          apply works_end with tr g ((c, v2) :: (c, v) :: tr) g2; auto.
          - unfold noted in *; cbn [filter snd] in *; now rewrite Back.
          - cbn [fst] in Same; congruence. }
        all: destruct (begins_works _ _ _ _ _ _ _ _ _ Es Replayed At Done) as (_ & v' & g' & Works' & Shown & Begun').
        all: now apply works_end with tr g ((c, v') :: tr) g'.
      - unfold go_on in Done; destruct (go text width nothing c (s, snd x)) as [[[v|[l k| | |]|] x1]|] eqn:Go;
          try discriminate Done.
        destruct (fits h k _); [injection Done as ->|discriminate];
          destruct (nothing_works _ _ Width _ _ _ _ _ _ _ _ _ _ In Works Go) as (_ & g' & Works' & Same).
        apply works_end with tr g tr g'; rewrite ?app_nil_r; auto; [apply Replayed|exact (eq_trans Same Begun)].
    Qed.

    Lemma all_replayed is : forall done x n tr g,
      es = done ++ lines_of is -> replayed done x tr g ->
      verdict (replay_step text T width) replay_end x n is = None ->
      exists tr x, run tr x /\ explains es tr x.
    Proof.
      induction is as [|i is IH]; intros done x n tr g Es Replayed From; cbn [verdict] in From.
      - unfold replay_end in From; destruct (forallb entered (fst x)) eqn:Entered; [|discriminate].
        cbn in Es; rewrite app_nil_r in Es; subst done.
        exists tr, (here (map runs (fst x)) g); split; [apply Replayed|split; [apply Replayed|]].
        intros c In; rewrite <- (replayed_length _ _ _ _ Replayed) in In; apply nth_error_Some in In.
        destruct (nth_error (fst x) c) as [s|] eqn:At; [|congruence].
        destruct (replayed_seats _ _ _ _ Replayed c s At) as (Taken & _); cbn [contents]; rewrite Taken.
        rewrite forallb_forall in Entered.
        specialize (Entered s (nth_error_In _ _ At)); unfold entered, held in *; now destruct (ticket s).
      - destruct (replay_step text T width x i) as [|x1] eqn:Step; [discriminate|].
        assert (Split : es = done ++ lines_of [i] ++ lines_of is)
          by (rewrite Es; f_equal; unfold lines_of; cbn; now rewrite app_nil_r).
        destruct (step_replayed i _ _ _ _ _ _ Split Replayed Step) as (tr1 & g1 & Replayed1).
        apply (IH (done ++ lines_of [i]) x1 (Datatypes.S n) tr1 g1); [|exact Replayed1|exact From].
        now rewrite Split, app_assoc.
    Qed.
  End Trace.

  Theorem replay_sound is : replay text T width is = None ->
    exists tr x, execution text width M (scripts (lines_of is)) tr x /\ explains (lines_of is) tr x.
  Proof.
    apply (all_replayed (lines_of is) is []) with (tr := []) (g := []); [reflexivity|].
    assert (Seats : forall n, map runs (repeat (mkSeat (S := S) (Idle []) None) n) = repeat (Idle []) n)
      by (induction n as [|n IH]; cbn; [|rewrite IH]; reflexivity).
    constructor; cbn.
    - rewrite Seats; constructor.
    - intros l; unfold short_of, part_of, parts_of; cbn [lock_words lock_parts].
      rewrite !PositiveMap.gempty; repeat split; intros k; now rewrite PositiveMap.gempty.
    - apply repeat_length.
    - constructor.
    - intros c s At; apply nth_error_In, repeat_spec in At; subst s; now split.
  Qed.
End Sound.
