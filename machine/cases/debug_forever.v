(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Infinite executions of the debug text, computed

    Two CPUs, the small table.  The beginning of an execution is computed; if it then comes to what it was, but
    for polls and reads, it goes on so for ever ([goes_round]).  Two that contend for core, twice, meet each
    premise of [debug_starvation_freedom] and [debug_deadlock_freedom] ([again_runs], [again_never_starve],
    [again_never_deadlock]).  Read next: debug_forever_wrong.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text checks_text record sample examples.
From hlock.layers.L4_locks Require contract.
From hlock.stack Require Import linked setting.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.live Require Import orderly computed.
From hlock.machine.live Require endless infinite.
From hlock.machine.debug Require Import model endless as_release unstopped.
From hlock.machine.cases Require Import examples scripts forever_cases debug_cases.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.
Local Notation M := (sc_memory two 1).

Section Walk.
  Context (text : program) (B : build) (clients : cpu -> client two) (who : nat -> cpu).
  Local Notation by_turn := (debug_by text B clients).

  (** CPU [c] makes a step, if it can. *)
  Definition debug_turn (c : cpu) (x : debug_machine M) : debug_machine M :=
    match by_turn c x with Some (_, x') => x' | None => x end.
  Fixpoint debug_on (n : nat) : debug_machine M :=
    match n with O => debug_first M nothing_asserted | Datatypes.S n => debug_turn (who n) (debug_on n) end.

  (** It can, or it has finished; and nobody has stopped. *)
  Definition turn_ok (c : cpu) (x : debug_machine M) : bool :=
    match by_turn c x with Some _ => true | None => idles clients c x end &&
    forallb (fun d => match d with At_stop => false | _ => true end) (debug_threads x).
  Fixpoint walk (good : debug_machine M -> bool) (k n : nat) (x : debug_machine M) : bool :=
    match k with
    | O => true
    | Datatypes.S k => turn_ok (who n) x && good x && walk good k (Datatypes.S n) (debug_turn (who n) x)
    end.
  Lemma walk_sound good k : forall n, walk good k n (debug_on n) = true -> forall j, (j < k)%nat ->
    turn_ok (who (n + j)) (debug_on (n + j)) = true /\ good (debug_on (n + j)) = true.
  Proof.
    induction k as [|k IH]; intros n Walk j Less; [lia|]; cbn [walk] in Walk.
    apply andb_prop in Walk as (Here & Walk); apply andb_prop in Here; destruct j as [|j]; [now rewrite Nat.add_0_r|].
    replace (n + Datatypes.S j)%nat with (Datatypes.S n + j)%nat by lia; apply IH; [exact Walk|lia].
  Qed.

  Lemma by_turn_calm c x v x' : by_turn c x = Some (v, x') -> debug_calm text 1 B M clients nothing_asserted c x v x'.
  Proof.
    intros By; split; [exact (debug_by_sound text B clients c x v x' By)|intros ->; exfalso; revert By].
    unfold debug_by; destruct (nth_error _ c) as [[t [|]| |]|]; try discriminate.
    assert (Not : match performed 1 (fun _ => next two 1) c (debug_contents x) (next_move text 1 (clients c) t) with
      | Some (a, t') => Some (option_map Seen (seen_of_move (next_move text 1 (clients c) t) a),
          mkDebug (M := M) (put_at c (goes_on nothing_asserted c t') (debug_threads x)) (its_records x)
            (match a with Some a => (c, a) :: debug_contents x | None => debug_contents x end))
      | None => None end <> Some (Some (Seen Did_halt), x')).
    { destruct (next_move text 1 (clients c) t); cbn [performed seen_of_move seen_of option_map]; discriminate. }
    destruct t as [|o h [| |f [|ef tys tr cc] vs k|]| |]; try exact Not.
    destruct (stops f); [discriminate|]; destruct (record_run B c f); [|exact Not].
    destruct (o0 vs _) as [[w [u R']]|]; discriminate.
  Qed.

  (** ** Coming to what was *)

  (** Of who only reads for ever, what it has read does not matter. *)
  Context (rests : list (response two) -> bool).
  Context (Reads : forall c h, rests h = true -> exists f i k, clients c h = Some (Op_read f i k)).
  Context (Rests : forall h a, rests h = true -> rests (a :: h) = true).
  Definition resting (d : debug_thread two) : bool :=
    match d with Running (Idle h) [] => rests h | _ => false end.
  Definition place (d : debug_thread two) : option (debug_thread two) := if resting d then None else Some d.
  Record alike (x y : debug_machine M) : Prop := {
    alike_places : map place (debug_threads x) = map place (debug_threads y);
    alike_records : its_records x = its_records y;
    alike_next : forall l, next two 1 l (debug_contents x) = next two 1 l (debug_contents y);
    alike_now : forall l, serving two 1 l (debug_contents x) = serving two 1 l (debug_contents y);
    alike_objects : forall l k, object l k (debug_contents x) = object l k (debug_contents y)
  }.

  Lemma place_nth c ts ts' : map place ts = map place ts' ->
    option_map place (nth_error ts c) = option_map place (nth_error ts' c).
  Proof. intros Same; now rewrite <- !nth_error_map, Same. Qed.
  Lemma place_put c d d' : forall ts ts', map place ts = map place ts' -> place d = place d' ->
    map place (put_at c d ts) = map place (put_at c d' ts').
  Proof.
    induction c as [|c IH]; intros [|t ts] [|t' ts']; cbn [map put_at]; try discriminate; auto;
      intros [= One Rest] Same;
      f_equal; auto.
  Qed.
  Lemma alike_event x y d d' c a : alike x y -> place d = place d' ->
    alike (mkDebug (M := M) (put_at c d (debug_threads x)) (its_records x) ((c, a) :: debug_contents x))
          (mkDebug (M := M) (put_at c d' (debug_threads y)) (its_records y) ((c, a) :: debug_contents y)).
  Proof.
    intros [Places Records Next Now Objects] Same; constructor; cbn [debug_threads its_records debug_contents]; auto.
    - now apply place_put.
    - intros l; destruct a as [l' [| | |]| | |]; cbn; now rewrite ?Next.
    - intros l; destruct a as [l' [| | |]| | |]; cbn; now rewrite ?Now.
    - intros l k; destruct a as [| |l' k' v|]; cbn [object]; try apply Objects.
      destruct (if k' =? k then _ else _); [reflexivity|apply Objects].
  Qed.
  Lemma alike_own x y d d' c R : alike x y -> place d = place d' ->
    alike (mkDebug (M := M) (put_at c d (debug_threads x)) R (debug_contents x))
          (mkDebug (M := M) (put_at c d' (debug_threads y)) R (debug_contents y)).
  Proof. intros [Places Records Next Now Objects] Same; constructor; cbn; auto; now apply place_put. Qed.
  Lemma alike_read x y d d' c l k v l' k' v' : alike x y -> place d = place d' ->
    alike (mkDebug (M := M) (put_at c d (debug_threads x)) (its_records x) ((c, Read l k v) :: debug_contents x))
          (mkDebug (M := M) (put_at c d' (debug_threads y)) (its_records y) ((c, Read l' k' v') :: debug_contents y)).
  Proof. intros [Places Records Next Now Objects] Same; constructor; cbn; auto; now apply place_put. Qed.
  Lemma place_same d d' : place d = place d' -> d = d' \/ exists h h', rests h = true /\ rests h' = true /\
    d = Running (Idle h) [] /\ d' = Running (Idle h') [].
  Proof.
    unfold place; destruct (resting d) eqn:One, (resting d') eqn:Two; intros Same; try discriminate; [right|left;
      congruence].
    destruct d as [[h| | |] [|]| |], d' as [[h'| | |] [|]| |]; try discriminate; cbn in One, Two; exists h, h'; auto.
  Qed.

  Theorem alike_step c x y : alike x y ->
    match by_turn c x, by_turn c y with
    | Some (_, x'), Some (_, y') => alike x' y'
    | None, None => True
    | _, _ => False
    end.
  Proof.
    intros Alike; pose proof Alike as [Places Records Next Now Objects]; pose proof (place_nth c _ _ Places) as Mine.
    unfold debug_by; destruct (nth_error (debug_threads x) c) as [d|], (nth_error (debug_threads y) c) as [d'|];
      try discriminate; [|exact I]; injection Mine as Mine.
    destruct (place_same d d' Mine) as [<-|(h & h' & One & Two & -> & ->)].
    2: { destruct (Reads c h One) as (f & i & k & Op), (Reads c h' Two) as (f' & i' & k' & Op'); cbn [next_move].
         rewrite Op, Op'; cbn [begin performed goes_on nothing_asserted]; apply alike_read; [exact Alike|].
         unfold place; cbn; now rewrite !Rests. }
    destruct d as [t [|]| |]; try exact I.
    assert (Plain : forall d1, match performed 1 (fun _ => next two 1) c (debug_contents x) d1,
        performed 1 (fun _ => next two 1) c (debug_contents y) d1 with
      | Some (a, t1), Some (a', t2) => t1 = t2 /\ a = a'
      | None, None => True | _, _ => False end).
    { intros d1; destruct d1; cbn [performed]; rewrite ?Next, ?Now, ?Objects; auto. }
    specialize (Plain (next_move text 1 (clients c) t)).
    assert (Same : match (match performed 1 (fun _ => next two 1) c (debug_contents x) (next_move text 1 (clients c)
      t) with
        | Some (a, t') => Some (option_map Seen (seen_of_move (next_move text 1 (clients c) t) a),
            mkDebug (M := M) (put_at c (goes_on nothing_asserted c t') (debug_threads x)) (its_records x)
              (match a with Some a => (c, a) :: debug_contents x | None => debug_contents x end))
        | None => None end),
      (match performed 1 (fun _ => next two 1) c (debug_contents y) (next_move text 1 (clients c) t) with
        | Some (a, t') => Some (option_map Seen (seen_of_move (next_move text 1 (clients c) t) a),
            mkDebug (M := M) (put_at c (goes_on nothing_asserted c t') (debug_threads y)) (its_records y)
              (match a with Some a => (c, a) :: debug_contents y | None => debug_contents y end))
        | None => None end) with
      | Some (_, x'), Some (_, y') => alike x' y' | None, None => True | _, _ => False end).
    { destruct (performed _ _ c (debug_contents x) _) as [[a t1]|], (performed _ _ c (debug_contents y) _) as [[a'
      t2]|];
        try contradiction; [|exact I]; destruct Plain as (<- & <-); destruct a as [a|]; [now apply alike_event|].
      rewrite Records; now apply alike_own. }
    destruct t as [|o h [| |f [|ef tys tr cc] vs k|]| |]; try exact Same.
    destruct (stops f); [rewrite Records; now apply alike_own|]; rewrite Records.
    destruct (record_run B c f) as [does|]; [|rewrite Records in Same; exact Same].
    destruct (does vs (tt, its_records y)) as [[w [u R']]|]; [|exact I]; now apply alike_own.
  Qed.
  Lemma alike_turn c x y : alike x y -> alike (debug_turn c x) (debug_turn c y).
  Proof.
    intros Alike; pose proof (alike_step c x y Alike) as Step; unfold debug_turn.
    destruct (by_turn c x) as [[v x']|], (by_turn c y) as [[v' y']|]; try contradiction; assumption.
  Qed.
  Lemma alike_ok c x y : alike x y -> turn_ok c x = true -> turn_ok c y = true.
  Proof.
    intros Alike; pose proof (alike_step c x y Alike) as Step; pose proof (alike_places _ _ Alike) as Places.
    unfold turn_ok; rewrite !andb_true_iff; intros (Can & Lives); split.
    - destruct (by_turn c x) as [[v x']|], (by_turn c y) as [[v' y']|]; try contradiction; auto.
      pose proof (place_nth c _ _ Places) as Mine; unfold idles in *.
      destruct (nth_error (debug_threads x) c) as [d|], (nth_error (debug_threads y) c) as [d'|]; try discriminate.
      injection Mine as Mine; destruct (place_same d d' Mine) as [<-|(h & h' & One & Two & -> & ->)]; [exact Can|].
      destruct (Reads c h One) as (f & i & k & Op); rewrite Op in Can; discriminate.
    - rewrite forallb_forall in *; intros d Is; apply In_nth_error in Is as (n & At).
      pose proof (place_nth n _ _ Places) as Mine; rewrite At in Mine.
      destruct (nth_error (debug_threads x) n) as [d0|] eqn:At0; [|discriminate]; injection Mine as Mine.
      destruct (place_same d0 d Mine) as [->|(h & h' & _ & _ & _ & ->)]; [|reflexivity].
      exact (Lives d (nth_error_In _ _ At0)).
  Qed.

  (** As far as all is right. *)
  Fixpoint walk_to (k n : nat) (x : debug_machine M) : option (debug_machine M) :=
    match k with
    | O => Some x
    | Datatypes.S k => if turn_ok (who n) x then walk_to k (Datatypes.S n) (debug_turn (who n) x) else None
    end.
  Fixpoint turns_from (k n : nat) (x : debug_machine M) : debug_machine M :=
    match k with O => x | Datatypes.S k => turns_from k (Datatypes.S n) (debug_turn (who n) x) end.
  Lemma turns_from_on k : forall n, turns_from k n (debug_on n) = debug_on (n + k).
  Proof.
    induction k as [|k IH]; intros n; cbn [turns_from]; [now rewrite Nat.add_0_r|].
    rewrite Nat.add_succ_r; exact (IH (Datatypes.S n)).
  Qed.
  Lemma walk_to_on k : forall n x, walk_to k n (debug_on n) = Some x -> x = debug_on (n + k) /\
    forall j, (j < k)%nat -> turn_ok (who (n + j)) (debug_on (n + j)) = true.
  Proof.
    induction k as [|k IH]; intros n x; cbn [walk_to]; [intros [= <-]; rewrite Nat.add_0_r; split; [reflexivity|lia]|].
    destruct (turn_ok (who n) (debug_on n)) eqn:Ok; [|discriminate]; intros Walk.
    destruct (IH (Datatypes.S n) x Walk) as (Is & All); rewrite Nat.add_succ_r; split; [exact Is|].
    intros [|j] Less; [now rewrite Nat.add_0_r|]; rewrite Nat.add_succ_r; apply (All j); lia.
  Qed.

  (** From time [L] on it goes round, in [P] turns. *)
  Context (L P : nat) (good : debug_machine M -> bool).
  Context (Some_turns : (0 < P)%nat) (Same_turns : forall n, (L <= n)%nat -> who (n + P)%nat = who n).
  Context (Good_alike : forall x y, alike x y -> good x = true -> good y = true).
  Context (Back : alike (debug_on L) (debug_on (L + P))).
  Context (Begins : forall n, (n < L)%nat -> turn_ok (who n) (debug_on n) = true).
  Context (Rounds : walk good P L (debug_on L) = true).

  Lemma back_again n : (L <= n)%nat -> alike (debug_on n) (debug_on (n + P)).
  Proof.
    induction 1 as [|n Late IH]; [exact Back|]; cbn [Nat.add debug_on]; rewrite Same_turns by exact Late.
    now apply alike_turn.
  Qed.
  Lemma round_ok n : (L <= n)%nat -> turn_ok (who n) (debug_on n) = true /\ good (debug_on n) = true.
  Proof.
    induction n as [n IH] using lt_wf_ind; intros Late; destruct (le_lt_dec (L + P) n) as [Far|Near].
    - destruct (IH (n - P)%nat ltac:(lia) ltac:(lia)) as (Ok & Good).
      pose proof (back_again (n - P)%nat ltac:(lia)) as Alike; pose proof (Same_turns (n - P)%nat ltac:(lia)) as Same.
      replace (n - P + P)%nat with n in * by lia; rewrite Same.
      split; [exact (alike_ok _ _ _ Alike Ok)|exact (Good_alike _ _ Alike Good)].
    - pose proof (walk_sound good P L Rounds (n - L)%nat ltac:(lia)) as Is; now replace (L + (n - L))%nat with n in
        Is by lia.
  Qed.
  Lemma all_ok n : turn_ok (who n) (debug_on n) = true.
  Proof.
    destruct (le_lt_dec L n) as [Late|Early]; [exact (proj1 (round_ok n Late))|].
    exact (Begins n Early).
  Qed.
  Theorem goes_round : debug_infinite text 1 B M clients nothing_asserted debug_on who /\ nobody_stops M debug_on /\
    forall n, (L <= n)%nat -> good (debug_on n) = true.
  Proof.
    split; [split; [reflexivity|]|split; [|intros n Late; exact (proj2 (round_ok n Late))]]; intros n.
    - pose proof (all_ok n) as Ok; apply andb_prop in Ok as (Ok & _); cbn [debug_on]; unfold debug_turn.
      destruct (by_turn (who n) (debug_on n)) as [[v x']|] eqn:By; [left; eexists;
        exact (by_turn_calm _ _ _ _ By)|right].
      split; [now apply idles_done|reflexivity].
    - intros c At; pose proof (all_ok n) as Ok; apply andb_prop in Ok as (_ & Lives); rewrite forallb_forall in Lives.
      discriminate (Lives _ (nth_error_In _ _ At)).
  Qed.
End Walk.

(** What is computed of two machines makes them alike. *)
Definition seen_only (e : cpu * action two words_verb) : bool :=
  match snd e with Lock _ (Polled _) | Read _ _ _ => true | _ => false end.
Lemma seen_only_same new g : forallb seen_only new = true ->
  (forall l, next two 1 l (new ++ g) = next two 1 l g) /\ (forall l, serving two 1 l (new ++ g) = serving two 1 l g) /\
  forall l k, object l k (new ++ g) = object l k g.
Proof.
  induction new as [|[c a] new IH]; [auto|]; cbn [forallb app]; intros Only; apply andb_prop in Only as (Here & Only).
  destruct (IH Only) as (Next & Now & Objects); destruct a as [l' [| | |]| | |]; try discriminate; auto.
Qed.
Lemma alike_computed rests (x y : debug_machine M) k :
  map (place rests) (debug_threads x) = map (place rests) (debug_threads y) -> its_records x = its_records y ->
  forallb seen_only (firstn k (debug_contents y)) = true -> skipn k (debug_contents y) = debug_contents x ->
  alike rests x y.
Proof.
  intros Places Records Only Rest; pose proof (firstn_skipn k (debug_contents y)) as Split; rewrite Rest in Split.
  destruct (seen_only_same _ (debug_contents x) Only) as (Next & Now & Objects).
  constructor; auto; intros; rewrite <- Split; symmetry; auto.
Qed.

(** What is computed: [X] is the state at time [L], [k] how much longer the log has become [P] turns later. *)
Theorem goes_round_computed text B clients who rests L P good k (X : debug_machine M) :
  (forall c h, rests h = true -> exists f i j, clients c h = Some (Op_read f i j)) ->
  (forall h a, rests h = true -> rests (a :: h) = true) ->
  (0 < P)%nat -> (forall n, (L <= n)%nat -> who (n + P)%nat = who n) ->
  (forall x y, alike rests x y -> good x = true -> good y = true) ->
  walk_to text B clients who L 0 (debug_first M nothing_asserted) = Some X ->
  walk text B clients who good P L X = true ->
  map (place rests) (debug_threads (turns_from text B clients who P L X)) = map (place rests) (debug_threads X) ->
  its_records (turns_from text B clients who P L X) = its_records X ->
  forallb seen_only (firstn k (debug_contents (turns_from text B clients who P L X))) = true ->
  skipn k (debug_contents (turns_from text B clients who P L X)) = debug_contents X ->
  debug_infinite text 1 B M clients nothing_asserted (debug_on text B clients who) who /\
  nobody_stops M (debug_on text B clients who) /\ forall n, (L <= n)%nat -> good (debug_on text B clients who n) = true.
Proof.
  intros Reads Rests Some_turns Same_turns Good_alike Walk Rounds Places Records Only Rest.
  destruct (walk_to_on text B clients who L 0 X Walk) as (Is & Begins); cbn [Nat.add] in Is, Begins; subst X.
  rewrite turns_from_on in *.
  exact (goes_round text B clients who rests Reads Rests L P good Some_turns Same_turns Good_alike
           (alike_computed rests _ _ k (eq_sym Places) (eq_sym Records) Only Rest) Begins Rounds).
Qed.

(** What is computed is the same. *)
Ltac the_same := match goal with |- _ = ?t => vm_cast_no_check (eq_refl t) end.

(** Both in turn, from the start. *)
Definition each_in_turn : nat -> cpu := then_both [].
Lemma each_in_turn_is n : each_in_turn n = Nat.modulo n 2.
Proof. now destruct n. Qed.
Lemma each_in_turn_fair (clients : cpu -> client two) run : debug_fair M clients run each_in_turn.
Proof.
  intros n c In; exists (c + n * 2)%nat; split; [lia|left]; rewrite each_in_turn_is, Nat.mod_add by discriminate.
  now apply Nat.mod_small.
Qed.
Lemma each_in_turn_round n k : each_in_turn (n + k * 2) = each_in_turn n.
Proof. rewrite !each_in_turn_is; now apply Nat.mod_add. Qed.

(** ** What main/debug.v says, of any text on this table *)
Section Statements.
  Context (text : program) (clients : cpu -> client two).
  Definition debug_never_starves : Prop := forall run who,
    debug_infinite text 1 apart M clients nothing_asserted run who -> debug_fair M clients run who ->
    nobody_stops M run -> touches_inside M clients run sample -> forall n c f i h s due, (c < 2)%nat ->
    nth_error (debug_threads (run n)) c = Some (Running (Calling (Op_acquire f i) h s) due) ->
    exists m, (n <= m)%nat /\ debug_over c h (run m).
  Definition debug_never_deadlocks : Prop := forall run who,
    debug_infinite text 1 apart M clients nothing_asserted run who -> debug_fair M clients run who ->
    nobody_stops M run -> touches_inside M clients run sample -> forall n c f i h s due, (c < 2)%nat ->
    nth_error (debug_threads (run n)) c = Some (Running (Calling (Op_acquire f i) h s) due) ->
    exists m, (n <= m)%nat /\ debug_goes_on_at text 1 apart M clients nothing_asserted run who m.
End Statements.
Definition right_text : program := debug_stack "" sample.
(** It, computed: so that what runs it need not link it again at each step. *)
Definition right_computed : program := Eval vm_compute in right_text.
Lemma right_is : right_text = right_computed.
Proof. vm_cast_no_check (eq_refl right_computed). Qed.
Lemma one_bit : 1 <= 1 <= 32.
Proof. lia. Qed.
Section Right.
  Context (clients : cpu -> client two) (Calls : calls_exist sample clients nothing_asserted).
  Context (Goes : forall c, goes_on_holding (chosen (clients c)) (clients c)).
  Theorem right_never_starves : (forall c, endless.sections_end (chosen (clients c)) (clients c)) ->
    debug_never_starves right_text clients.
  Proof.
    intros Ends run who Runs Fair Never Inside.
    exact (acquires_return_unstopped (G := of_clients 1 one_bit clients) apart nothing_asserted eq_refl apart_ok Calls
             run who Runs Fair Never Goes Inside Ends).
  Qed.
  Theorem right_never_deadlocks : debug_never_deadlocks right_text clients.
  Proof.
    intros run who Runs Fair Never Inside.
    exact (somebody_goes_on_unstopped (G := of_clients 1 one_bit clients) apart nothing_asserted eq_refl apart_ok Calls
             run who Runs Fair Never Goes Inside).
  Qed.
End Right.
Lemma untouched_inside (clients : cpu -> client two) run :
  (forall c h o, clients c h = Some o -> lock_call o <> None) -> touches_inside M clients run sample.
Proof. intros Calls n c h o _ Next No; now destruct (Calls c h o Next). Qed.

(** ** Two that contend for core, and again *)
Definition again : cpu -> client two := fun _ => script [core_in; core_out; core_in; core_out].
Lemma again_ops c h o : again c h = Some o -> o = core_in \/ o = core_out.
Proof. intros Next; apply nth_error_In in Next; cbn in Next; intuition. Qed.
Lemma again_orderly c : orderly (chosen (again c)) (again c) (rank_levels sample) 1 5.
Proof. apply script_orderly; vm_compute; reflexivity. Qed.
Theorem again_never_starves : debug_never_starves right_text again.
Proof.
  apply right_never_starves; [exact (core_exists again again_ops)| |]; intros c.
  - exact (endless.carries_on _ _ _ (infinite.orderly_keeps_order _ _ _ 1 5 (again_orderly c))).
  - exact (infinite.orderly_sections_end _ _ _ 1 5 (again_orderly c)).
Qed.
Theorem again_never_deadlocks : debug_never_deadlocks right_text again.
Proof.
  apply right_never_deadlocks; [exact (core_exists again again_ops)|]; intros c.
  exact (endless.carries_on _ _ _ (infinite.orderly_keeps_order _ _ _ 1 5 (again_orderly c))).
Qed.

(** There is such an execution, and each waits while the other is inside. *)
Definition again_run : nat -> debug_machine M := debug_on right_text apart again each_in_turn.
Definition waits (c c' : cpu) (x : debug_machine M) : Prop :=
  words_phase two c' 0 (debug_contents x) = In /\ (exists k, words_phase two c 0 (debug_contents x) = Waiting k) /\
  exists f i h s, nth_error (debug_threads x) c = Some (Running (Calling (Op_acquire f i) h s) []) /\ lock_id f i = 0.
Definition waits_now (c c' : cpu) (x : debug_machine M) : bool :=
  match words_phase two c' 0 (debug_contents x), words_phase two c 0 (debug_contents x),
        nth_error (debug_threads x) c with
  | In, Waiting _, Some (Running (Calling (Op_acquire f i) _ _) []) => lock_id f i =? 0
  | _, _, _ => false
  end.
Lemma waits_computed c c' x : waits_now c c' x = true -> waits c c' x.
Proof.
  unfold waits_now, waits; destruct (words_phase two c' 0 _); try discriminate.
  destruct (words_phase two c 0 _) as [|k| |]; try discriminate.
  destruct (nth_error _ c) as [[[|[f i| | | |] h s| |] [|]| |]|]; try discriminate.
  intros Is; apply Z.eqb_eq in Is; split; [reflexivity|split; [eauto|exists f, i, h, s; auto]].
Qed.
Definition again_later : debug_machine M := Eval vm_compute in debug_on right_computed apart again each_in_turn 1600.
Theorem again_runs : debug_infinite right_text 1 apart M again nothing_asserted again_run each_in_turn /\
  debug_fair M again again_run each_in_turn /\ nobody_stops M again_run /\ touches_inside M again again_run sample /\
  waits 1 0 (again_run 300) /\ waits 0 1 (again_run 600) /\ waits 1 0 (again_run 1000).
Proof.
  destruct (goes_round_computed right_text apart again each_in_turn (fun _ => false) 1600 2 (fun _ => true) 0
    again_later)
    as (Runs & Never & _).
  - discriminate.
  - discriminate.
  - lia.
  - intros n _; exact (each_in_turn_round n 1).
  - reflexivity.
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - rewrite right_is; the_same.
  - split; [exact Runs|split; [apply each_in_turn_fair|split; [exact Never|split]]].
    { apply untouched_inside; intros c h o Next; destruct (again_ops c h o Next) as [-> | ->]; discriminate. }
    split; [|split]; apply waits_computed; unfold again_run; rewrite right_is; vm_cast_no_check (eq_refl true).
Qed.
