(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Each CPU goes on

    In a fair infinite execution of the debug text in which nobody stops, checks and
    assertions come to their end ([calling_comes], [asserting_comes]), nobody ever makes a wrong call
    ([never_ahead]), and each CPU comes to a step that is more than one of its own
    ([change_comes]), if its release thread does.  Read next: retimed.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text checks_text record checked.
From hlock.layers.L4_locks Require contract.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.refine Require Import invariant.
From hlock.machine.debug Require Import model found leads calls lockstep relation stands simulate correct endless.
Import ListNotations.
Local Open Scope Z_scope.

(** ** What a step changes that is seen from outside: what a thread is in *)
Definition shape {S : system} (t : thread S) : nat * nat :=
  match t with
  | Idle h => (List.length h, 0%nat)
  | Calling _ h _ | Storing _ h _ _ _ => (List.length h, 1%nat)
  | Stopped => (0%nat, 2%nat)
  end.
Definition debug_shape {S : system} (d : debug_thread S) : nat * nat :=
  match d with Running t _ => shape t | Asserting h _ _ => (List.length h, 0%nat) | At_stop => (0%nat, 3%nat) end.

Section Moves.
  Context {S : system} (text : program) (width : Z) (clients : cpu -> client S) (c : cpu).
  Local Notation M := (sc_memory S width).

  Lemma local_calling (p : client S) (t t1 : thread S) : next_move text width p t = Local t1 -> exists o h s s1,
    t = Calling o h s /\ t1 = Calling o h s1.
  Proof.
    destruct t as [h|o h s|o h l w k|]; cbn [next_move]; try discriminate.
    - destruct (p h) as [[]|]; discriminate.
    - intros Is; exists o, h, s; unfold in_call in Is; destruct s as [le s k|le out k|g [f|ef ts tr cc] vs k|u k].
      4: { unfold primitive in Is; destruct vs as [|[|n] [|]];
           repeat match type of Is with context [if ?b then _ else _] => destruct b end; try discriminate Is.
           injection Is as <-; eauto. }
      all: repeat match type of Is with
           | match ?o with _ => _ end = Local _ => destruct o; try discriminate Is end; injection Is as <-; eauto.
  Qed.
  Lemma local_any (p p' : client S) (t t1 : thread S) : next_move text width p t = Local t1 -> next_move text width
    p' t = Local t1.
  Proof. intros Is; destruct (local_calling p t t1 Is) as (o & h & s & s1 & -> & _); exact Is. Qed.

  (** A step of a thread is one of its own, or changes its shape or the memory. *)
  Lemma moves_change t (m : memory M) v t2 m2 : moves text width M clients c t m v t2 m2 ->
    next_move text width (clients c) t = Local t2 /\ v = None /\ m2 = m /\ shape t2 = shape t \/
    (forall t3, next_move text width (clients c) t <> Local t3) /\ (List.length m2, shape t2) <> (List.length m,
      shape t).
  Proof.
    intros [t' Is|o t' Is|o t' Is|a t' m' Is Does].
    - left; destruct (local_calling _ _ _ Is) as (o & h & s & s1 & -> & ->); auto.
    - right; split; [now intros t3; rewrite Is|].
      destruct t as [h|o1 h s|o1 h l w k|]; cbn [next_move] in Is; try discriminate.
      + destruct (clients c h) as [[]|]; try discriminate; injection Is as _ <-; intros [= Same].
      + unfold in_call, primitive in Is.
        repeat match type of Is with match ?o with _ => _ end = Call _ _ => destruct o; try discriminate Is end.
    - right; split; [now intros t3; rewrite Is|].
      destruct t as [h|o1 h s|o1 h l w k|]; cbn [next_move] in Is; try discriminate.
      + destruct (clients c h) as [[]|]; discriminate.
      + unfold in_call, primitive in Is.
        repeat match type of Is with match ?o with _ => _ end = Return _ _ => destruct o; try discriminate Is end.
        injection Is as _ <-; intros [= Same _].
    - right; destruct Does as (_ & ->); split; [intros t3 Bad; rewrite Bad in Is; exact Is|].
      intros [= Same _]; cbn [List.length] in Same; lia.
  Qed.
End Moves.

Section Turns.
  Context {G : running} (B : build) (asserts : cpu -> list (response the_system) -> list asserted).
  Context (Recordable : recordable the_table = true) (Build : build_ok processors B).
  Context (Calls : calls_exist the_table clients asserts).
  Local Notation S := the_system.
  Local Notation M := (sc_memory S width).
  Local Notation text := (debug_stack prefix the_table).
  Local Notation leads c := (leads prefix the_table B c).
  Local Notation debug_move := (debug_move text width B M clients asserts).
  Local Notation stands := (stands B asserts).
  Local Notation beside := (beside B asserts).
  Local Notation calm := (debug_calm text width B M clients asserts).
  Local Notation finished := (debug_finished M clients).

  Lemma quiet_either c t a b : quiet c t a -> quiet c t b -> quiet c a b \/ quiet c b a.
  Proof.
    induction 1 as [t|t t1 a Next Rest IH]; [auto|]; intros Other; inversion Other as [|t0 t2 b0 Next' Rest']; subst.
    - right; eapply quiet_one; eauto.
    - rewrite Next in Next'; injection Next' as <-; auto.
  Qed.

  Lemma stands_shape c r d t : stands c r d t -> not_stopped d -> ahead d t = None -> debug_shape d = shape t.
  Proof.
    intros Stands Lives Ahead; destruct Stands; try reflexivity; try contradiction; try discriminate.
    match goal with W : lockstep.within _ _ _ _ _ _ |- _ => now destruct W end.
  Qed.
  Lemma own_shape c r d r' d' t : stands c r d t -> stands c r' d' t -> ahead d' t = ahead d t -> not_stopped d ->
    not_stopped d' -> debug_shape d' = debug_shape d.
  Proof.
    intros One Two Same Lives Lives'; destruct (ahead d t) as [o|] eqn:Is.
    2: { rewrite (stands_shape c r d t), (stands_shape c r' d' t); auto. }
    destruct d as [[| | |] due| |], t; try discriminate; destruct d' as [[| | |] due'| |]; try discriminate.
    apply calling_beside_idle in One, Two; now subst.
  Qed.

  Lemma step_of c x v x' : debug_step text width B M clients asserts c x v x' -> exists d d' R' m',
    nth_error (debug_threads x) c = Some d /\
    debug_move c (its_records x) (debug_contents x) d v d' R' m' /\
    x' = mkDebug (M := M) (put_at c d' (debug_threads x)) R' m'.
  Proof. destruct 1; eauto 8. Qed.

  (** ** The execution *)
  Context (run : nat -> debug_machine M) (who : nat -> cpu).
  Context (Runs : debug_infinite text width B M clients asserts run who) (Fair : debug_fair M clients run who).
  Context (Never : nobody_stops M run).
  Local Notation at_run c n := (nth_error (debug_threads (run n)) c).
  Local Notation records_at c n := (its_records (run n) (this_cpu B c)).

  (** A turn, as a step of the CPU's thread. *)
  Lemma turn n d : at_run (who n) n = Some d ->
    (finished (who n) (run n) /\ run (Datatypes.S n) = run n) \/
    exists v d' R' m', debug_move (who n) (its_records (run n)) (debug_contents (run n)) d v d' R' m' /\
      run (Datatypes.S n) = mkDebug (M := M) (put_at (who n) d' (debug_threads (run n))) R' m' /\ d' <> At_stop /\
      (v = Some (Seen Did_halt) -> exists h, rests_at d = Some h /\ contract.held (clients (who n)) h = []) /\
      calm (who n) (run n) v (run (Datatypes.S n)).
  Proof.
    intros At; destruct (proj2 Runs n) as [(v & Step & Calm)|Fin]; [right|now left].
    destruct (step_of _ _ _ _ Step) as (d0 & d' & R' & m' & At0 & Move & Is); rewrite At in At0; injection At0 as <-.
    exists v, d', R', m'; split; [exact Move|split; [exact Is|split; [|split; [|split; [exact Step|exact Calm]]]]].
    - intros ->; apply (Never (Datatypes.S n) (who n)); rewrite Is; cbn; now rewrite nth_put, Nat.eqb_refl, At.
    - intros Halts; destruct (Calm Halts) as (d1 & h & At1 & Rests & Held); rewrite At in At1; injection At1 as <-.
      eauto.
  Qed.

  Lemma beside_all n : exists x0, beside (run n) x0.
  Proof.
    induction n as [|n (x0 & Beside)].
    { rewrite (proj1 Runs); exists (first_state M); exact (sim_beside _ _ _ _ _ _ (first_simulated B asserts Build)).
      }
    destruct (at_run (who n) n) as [d|] eqn:At.
    2: { destruct (proj2 Runs n) as [(v & Step & _)|(Fin & ->)]; [|eauto].
         destruct (step_of _ _ _ _ Step) as (d & d' & R' & m' & At0 & _); congruence. }
    destruct (turn n d At) as [(_ & ->)|(v & d' & R' & m' & Move & -> & Goes & _)]; [eauto|].
    set (c := who n) in *; destruct (nth_same_length _ (threads x0) c d (eq_trans (beside_debug _ _ _ _ Beside)
      (eq_sym (beside_threads _ _ _ _ Beside))) At) as (t & At0).
    pose proof (beside_stands _ _ _ _ Beside c d t At At0) as Stands.
    assert (In : (c < processors)%nat) by (change processors with (cpus S); rewrite <- (beside_debug _ _ _ _ Beside);
      apply nth_error_Some; congruence).
    pose proof (fun R2 t2 m2 Others Here => beside_update B asserts Build _ x0 c d t d' R2 t2 m2 Beside At At0
                  Others Here) as Now.
    pose proof (beside_contents _ _ _ _ Beside) as Same.
    destruct (stands_step B M asserts c Recordable (this_cpu_range _ _ Build c In) (limit_range _ _ Build)
                (depth_range _ _ Build) Calls _ _ d t v d' R' m' Stands Move); eauto.
    all: try (eexists; apply Now; [now intros ? _|eassumption]).
    - now destruct Goes.
    - eexists; apply Now; [now intros ? _|apply stands_dead].
  Qed.
  Lemma run_length n : List.length (debug_threads (run n)) = processors.
  Proof. destruct (beside_all n) as (x0 & Beside); exact (beside_debug _ _ _ _ Beside). Qed.
  Lemma run_thread c n : (c < processors)%nat -> exists d, at_run c n = Some d.
  Proof.
    intros In; destruct (at_run c n) eqn:At; [eauto|]; apply nth_error_None in At; rewrite run_length in At; lia.
  Qed.
  Lemma run_stands c n d : at_run c n = Some d -> exists t, stands c (records_at c n) d t.
  Proof.
    intros At; destruct (beside_all n) as (x0 & Beside).
    destruct (nth_same_length _ (threads x0) c d (eq_trans (beside_debug _ _ _ _ Beside)
      (eq_sym (beside_threads _ _ _ _ Beside))) At) as (t & At0).
    exists t; exact (beside_stands _ _ _ _ Beside c d t At At0).
  Qed.

  (** A turn of another CPU leaves this one's thread and record. *)
  Lemma turn_others n c : who n <> c -> (c < processors)%nat ->
    at_run c (Datatypes.S n) = at_run c n /\ records_at c (Datatypes.S n) = records_at c n.
  Proof.
    intros Other In; destruct (at_run (who n) n) as [d|] eqn:At.
    2: { destruct (proj2 Runs n) as [(v & Step & _)|(Fin & ->)]; [|auto].
         destruct (step_of _ _ _ _ Step) as (d & d' & R' & m' & At0 & _); congruence. }
    assert (In' : (who n < processors)%nat) by (rewrite <- (run_length n); apply nth_error_Some; congruence).
    destruct (turn n d At) as [(_ & ->)|(v & d' & R' & m' & Move & -> & _)]; [auto|].
    cbn [debug_threads its_records]; rewrite nth_put, (proj2 (Nat.eqb_neq c (who n)) (not_eq_sym Other)).
    split; [reflexivity|]; destruct (run_stands (who n) n d At) as (t & Stands).
    assert (Number : this_cpu B c <> this_cpu B (who n))
      by (intros Is; apply (this_cpu_own _ _ Build c (who n)) in Is; auto).
    destruct (stands_step B M asserts (who n) Recordable (this_cpu_range _ _ Build _ In') (limit_range _ _ Build)
                (depth_range _ _ Build) Calls _ _ d t v d' R' m' Stands Move); auto.
  Qed.

  (** ** What comes to CPU [c] *)
  Section Of.
    Context (c : cpu) (In : (c < processors)%nat).
    Local Notation self := (this_cpu B c).

    (** A thread with something to do has a turn, and until then nothing changes of it. *)
    Lemma next_turn n d : at_run c n = Some d -> ~ finished c (run n) -> exists m, (n <= m)%nat /\ who m = c /\
      at_run c m = Some d /\ records_at c m = records_at c n /\ ~ finished c (run m).
    Proof.
      intros At Works; assert (Later : forall k n, at_run c n = Some d -> ~ finished c (run n) ->
        who (n + k)%nat = c \/ finished c (run (n + k)) -> exists m, (n <= m)%nat /\ who m = c /\
        at_run c m = Some d /\ records_at c m = records_at c n /\ ~ finished c (run m)).
      { clear n At Works; induction k as [|k IH]; intros n At Works Turn; destruct (Nat.eq_dec (who n) c) as
        [Is|Other];
          try (exists n; auto; fail); rewrite ?Nat.add_0_r in Turn.
        - destruct Turn as [|Fin]; contradiction.
        - destruct (turn_others n c Other In) as (Same & Same').
          destruct (IH (Datatypes.S n)) as (m & More & Is & At' & R' & Works').
          + congruence.
          + unfold debug_finished in *; now rewrite Same.
          + now replace (Datatypes.S n + k)%nat with (n + Datatypes.S k)%nat by lia.
          + exists m; split; [lia|split; [exact Is|split; [exact At'|split; [congruence|exact Works']]]]. }
      destruct (Fair n c In) as (m & More & Turn); apply (Later (m - n)%nat n At Works).
      now replace (n + (m - n))%nat with m by lia.
    Qed.
    (** Then it makes a step. *)
    Lemma next_step n d : at_run c n = Some d -> ~ finished c (run n) -> exists m v d' R' m', (n <= m)%nat /\ who m =
      c /\
      at_run c m = Some d /\ records_at c m = records_at c n /\
      debug_move c (its_records (run m)) (debug_contents (run m)) d v d' R' m' /\
      at_run c (Datatypes.S m) = Some d' /\ its_records (run (Datatypes.S m)) = R' /\
      debug_contents (run (Datatypes.S m)) = m' /\ d' <> At_stop /\
      (v = Some (Seen Did_halt) -> rests_at d <> None).
    Proof.
      intros At Works; destruct (next_turn n d At Works) as (m & More & Who & At' & R & Works').
      pose proof (turn m d) as Turn; rewrite Who in Turn.
      destruct (Turn At') as [(Fin & _)|(v & d' & R' & m' & Move & Is & Goes & Halts & _)]; [contradiction|].
      exists m, v, d', R', m'; rewrite Is; cbn [debug_threads its_records debug_contents].
      rewrite nth_put, Nat.eqb_refl, At'; repeat (split; [first [exact More|exact Who|exact R|exact
        Move|reflexivity]|]).
      split; [exact Goes|]; intros V; destruct (Halts V) as (h & -> & _); discriminate.
    Qed.

    (** A turn of it that is more than a step of its own. *)
    Definition changes (m : nat) : Prop := who m = c /\ exists d d', at_run c m = Some d /\
      at_run c (Datatypes.S m) = Some d' /\
      (List.length (debug_contents (run (Datatypes.S m))), debug_shape d') <>
      (List.length (debug_contents (run m)), debug_shape d).
    Definition comes (n : nat) : Prop := exists m, (n <= m)%nat /\ (changes m \/ finished c (run m)).
    Lemma comes_later n m : (n <= m)%nat -> comes m -> comes n.
    Proof. intros Less (k & More & Is); exists k; split; [lia|exact Is]. Qed.

    (** Code in a call comes to where it leads. *)
    Lemma calling_comes o h s r s2 r2 (P : nat -> Prop) : (forall n m, (n <= m)%nat -> P m -> P n) ->
      leads c s r s2 r2 ->
      (forall n, at_run c n = Some (Running (Calling o h s2) []) -> records_at c n = r2 -> P n) ->
      forall n, at_run c n = Some (Running (Calling o h s) []) -> records_at c n = r -> P n.
    Proof.
      intros Back; induction 1 as [s r|s s1 r s2 r2 Step _ IH|g ef targs tres cc vs v k r r1 s2 r2 Does _ IH];
        intros Then n At Is; [exact (Then n At Is)|..].
      all: destruct (next_step n _ At) as (m & u & d' & R' & m' & More & Who & At' & Same & Move & At2 & R2 & M2 &
        Goes &
        Halts); [unfold debug_finished; now rewrite At|].
      - apply (Back n (Datatypes.S m)); [lia|]; apply (IH Then); destruct (running_code B M asserts c o h s s1 _ _ u
        d' R'
          m' Step Move) as [(-> & _)|(_ & _ & -> & ->)]; try (now destruct (Halts eq_refl)); [exact At2|].
        rewrite R2; congruence.
      - destruct (Does (its_records (run m))) as (R1 & Called & Is1 & _); [congruence|].
        apply (Back n (Datatypes.S m)); [lia|]; apply (IH Then); destruct (running_record B M asserts c o h _ _ R1 _
          _ u
          d' R' m' Called Move) as [(-> & _)|(_ & _ & -> & ->)]; try (now destruct (Halts eq_refl)); [exact At2|].
        rewrite R2; exact Is1.
    Qed.
    Lemma halt_comes n m d d' : (n <= m)%nat -> who m = c -> at_run c m = Some d ->
      at_run c (Datatypes.S m) = Some d' ->
      mem_step M (debug_contents (run m)) c Halted (debug_contents (run (Datatypes.S m))) -> comes n.
    Proof.
      intros More Who At At2 (_ & Is); exists m; split; [exact More|left]; split; [exact Who|].
      exists d, d'; split; [exact At|split; [exact At2|]]; rewrite Is; intros [= Same _]; cbn in Same; lia.
    Qed.
    Lemma asserting_comes h due s r s2 r2 : leads c s r s2 r2 ->
      (forall n, at_run c n = Some (Asserting h s2 due) -> records_at c n = r2 -> comes n) ->
      forall n, at_run c n = Some (Asserting h s due) -> records_at c n = r -> comes n.
    Proof.
      induction 1 as [s r|s s1 r s2 r2 Step _ IH|g ef targs tres cc vs v k r r1 s2 r2 Does _ IH];
        intros Then n At Is; [exact (Then n At Is)|..].
      all: destruct (next_step n _ At) as (m & u & d' & R' & m' & More & Who & At' & Same & Move & At2 & R2 & M2 &
        Goes &
        Halts); [unfold debug_finished; now rewrite At|].
      - destruct (asserting_code B M asserts c h s s1 due _ _ u d' R' m' Step Move) as [H|(_ & _ & -> & ->)].
        + destruct H as (_ & _ & _ & Does_halt); rewrite <- M2 in Does_halt; eapply halt_comes; eauto.
        + apply (comes_later n (Datatypes.S m)); [lia|]; apply (IH Then); [exact At2|rewrite R2; congruence].
      - destruct (Does (its_records (run m))) as (R1 & Called & Is1 & _); [congruence|].
        destruct (asserting_record B M asserts c h _ _ due R1 _ _ u d' R' m' Called Move) as [H|(_ & _ & -> & ->)].
        + destruct H as (_ & _ & _ & Does_halt); rewrite <- M2 in Does_halt; eapply halt_comes; eauto.
        + apply (comes_later n (Datatypes.S m)); [lia|]; apply (IH Then); [exact At2|rewrite R2; exact Is1].
    Qed.

    (** Nobody has made a wrong call. *)
    Lemma never_doomed o h call s n : at_run c n = Some (Running (Calling o h s) []) ->
      ~ doomed B c call h s (records_at c n).
    Proof.
      intros At (_ & g & ws & ef & ts & tr & cc & k & r2 & _ & Stop & Leads).
      apply (calling_comes o h s _ _ r2 (fun _ => False) (fun _ _ _ => False_ind _) Leads) with (n := n);
        [|exact At|reflexivity].
      intros m At' _; destruct (next_step m _ At') as (m2 & u & d' & R' & m' & _ & _ & _ & _ & Move & _ & _ & _ &
        Goes &
        Halts); [unfold debug_finished; now rewrite At'|].
      destruct (stop_told B M asserts c (this_cpu_range _ _ Build c In)
          (depth_range _ _ Build) g ef ts tr cc k ws (Running (Calling o h _) []) u _ _ d' R' m' eq_refl Stop Move)
        as [(-> & _)|(_ & -> & _)]; [now destruct (Halts eq_refl)|now destruct Goes].
    Qed.
    Theorem never_ahead n d t : at_run c n = Some d -> stands c (records_at c n) d t -> ahead d t = None.
    Proof.
      intros At Stands; destruct Stands; try reflexivity.
      - exfalso; eapply never_doomed; eauto.
      - match goal with W : lockstep.within _ _ _ _ _ _ |- _ => now destruct W end.
    Qed.

    (** ** The next change *)
    Lemma change_now n m t due u t2 m' : (n <= m)%nat -> who m = c -> at_run c m = Some (Running t due) ->
      at_run c (Datatypes.S m) = Some (goes_on asserts c t2) -> debug_contents (run (Datatypes.S m)) = m' ->
      moves text width M clients c t (debug_contents (run m)) u t2 m' ->
      (forall t3, next_move text width (clients c) t <> Local t3) -> comes n.
    Proof.
      intros More Who At At2 M2 Moves Not.
      destruct (moves_change text width clients c t _ u t2 m' Moves) as [(Is & _)|(_ & Differs)]; [now destruct (Not
        t2)|].
      exists m; split; [exact More|left]; split; [exact Who|].
      exists (Running t due), (goes_on asserts c t2); split; [exact At|split; [exact At2|]]; rewrite M2; exact
        Differs.
    Qed.

    Lemma asserting_over h due : (forall n, at_run c n = Some (Running (Idle h) due) -> comes n) ->
      forall n s, at_run c n = Some (Asserting h s due) -> comes n.
    Proof.
      intros Then n s At; destruct (run_stands c n _ At) as (t & Stands); inversion Stands; subst.
      - match goal with L : leads c s _ (Give Vundef Kstop) _ |- _ => rename L into Leads end.
        apply (asserting_comes h due s _ _ _ Leads) with (n := n); [|exact At|reflexivity]; clear Stands Leads At;
          clear n;
          intros n At _; destruct (next_step n _ At) as (m & u & d' & R' & m' & More & Who & At' & _ & Move & At2 & _
            & M2
          & Goes & Halts); [unfold debug_finished; now rewrite At|].
        inversion Move as [| | |h1 s0 s3 due1 Step'|h1 s0 s3 due1 R2 Does|h1 w due1|t1 g ws Stop|]; subst;
          try discriminate.
        + inversion Does.
        + apply (comes_later n (Datatypes.S m)); [lia|exact (Then _ At2)].
        + eapply halt_comes; eauto.
      - match goal with D : doomed _ _ _ _ _ _ |- _ => destruct D as (_ & g & ws & ef & ts & tr & cc & k & r2 & _ &
        Stop
          & Leads) end.
        apply (asserting_comes h due s _ _ _ Leads) with (n := n); [|exact At|reflexivity]; clear Stands Leads At;
          clear n;
          intros n At _; destruct (next_step n _ At) as (m & u & d' & R' & m' & More & Who & At' & _ & Move & At2 & _
            & M2
          & Goes & Halts); [unfold debug_finished; now rewrite At|].
        destruct (stop_told B M asserts c (this_cpu_range _ _ Build c In)
          (depth_range _ _ Build) g ef ts tr cc k ws (Asserting h _ due) u _ _ d'
          R' m' eq_refl Stop Move) as [H|(_ & -> & _)]; [|now destruct Goes].
        destruct H as (_ & _ & _ & Does_halt); rewrite <- M2 in Does_halt; eapply halt_comes; eauto.
    Qed.
    Lemma rest_comes h due : forall n, at_run c n = Some (Running (Idle h) due) -> comes n.
    Proof.
      induction due as [|a due IH]; intros n At.
      - destruct (clients c h) as [o|] eqn:Next.
        2: { exists n; split; [lia|right]; unfold debug_finished; rewrite At; exact Next. }
        destruct (next_step n _ At) as (m & u & d' & R' & m' & More & Who & At' & _ & Move & At2 & _ & M2 & Goes &
          Halts); [unfold debug_finished; rewrite At; congruence|].
        inversion Move as [t1 u1 t2 m2 Moves| | | | | |t1 g ws Stop|]; subst; try discriminate.
        + eapply change_now; eauto; intros t3 Is; apply local_calling in Is as (? & ? & ? & ? & [=] & _).
        + eapply halt_comes; eauto.
      - destruct (next_step n _ At) as (m & u & d' & R' & m' & More & Who & At' & _ & Move & At2 & _ & M2 & Goes &
          Halts); [unfold debug_finished; now rewrite At|].
        inversion Move as [|h1 s0 s3 R2 Does|h1 a1 due1| | | |t1 g ws Stop|]; subst; try discriminate.
        + apply (comes_later n (Datatypes.S m)); [lia|exact (asserting_over h due IH _ _ At2)].
        + eapply halt_comes; eauto.
    Qed.

    Lemma after_comes o h s r2 n : leads c s (records_at c n) (Give Vundef Kstop) r2 ->
      at_run c n = Some (Running (Calling o h s) []) -> comes n.
    Proof.
      intros Leads At; apply (calling_comes o h s _ _ r2 comes comes_later Leads) with (n := n); [|exact
        At|reflexivity].
      clear At Leads; clear n; intros n At _; destruct (next_step n _ At) as (m & u & d' & R' & m' & More & Who & At'
        & _ & Move &
        At2 & _ & M2 & Goes & Halts); [unfold debug_finished; now rewrite At|].
      inversion Move as [t1 u1 t2 m2 Moves|o1 h1 s0 s3 R2 Does| | | | |t1 g ws Stop|]; subst; try discriminate.
      - eapply change_now; eauto; discriminate.
      - inversion Does.
      - now destruct (Halts eq_refl).
    Qed.

    (** Below floor 4: where the release thread comes to a step that is not its own. *)
    Lemma within_comes o h kd kr t' tn : quiet c t' tn -> (forall t3, next_move the_text width (clients c) tn <>
      Local t3)
      -> forall t n, lockstep.within kd kr o h t t' -> tails B c kd kr (records_at c n) h ->
      at_run c n = Some (Running t []) -> comes n.
    Proof.
      intros Quiet Not; induction Quiet as [tn|t' t1' tn Next Quiet IH]; intros t n Within Tails At.
      all: destruct (next_step n _ At) as (m & u & d' & R' & m' & More & Who & At' & Same & Move & At2 & R2 & M2 &
        Goes &
        Halts); [unfold debug_finished; rewrite At; now destruct Within|].
      all: destruct (within_only B M asserts c kd kr _ _ o h t _ u d' R' m' Within Move) as [(-> & _)|(u1 & t2 &
        Moves & -> &
        -> & Same_R)]; [exfalso; apply (Halts eq_refl); now destruct Within|].
      - apply (change_now n m t [] u1 t2 m' More Who At' At2 M2 Moves).
        intros t3 Is; destruct (within_moves text the_text debug_agrees kd kr width M clients c o
          h t tn (debug_contents (run m)) None t3 _ Within (moves_local _ _ _ _ _ _ _ _ Is)) as (t3' & Moves' & _).
        destruct (moves_change the_text width clients c tn _ None t3' _ Moves') as [(Is' & _)|(Is' & _)].
        + exact (Not t3' Is').
        + inversion Moves' as [t4 N| | |a t4 m4 N Does Seen_a]; [exact (Not _ N)|].
          destruct Does as (_ & Longer); apply (f_equal (@List.length _)) in Longer; cbn in Longer; lia.
      - destruct (moves_change text width clients c t _ u1 t2 _ Moves) as [(Is & -> & Is_m & _)|(Not2 & _)];
          [|eapply change_now; eauto].
        destruct (within_moves text the_text debug_agrees kd kr width M clients c o h t t' _ None t2 _ Within Moves)
          as (t2' & Moves' & Both).
        assert (t2' = t1') as ->.
        { inversion Moves' as [t4 N| | |a t4 m4 N Does Seen_a]; [rewrite Next in N; now injection N as <-|].
          rewrite Next in N; destruct N. }
        destruct Both as [W|(-> & ->)].
        + apply (comes_later n (Datatypes.S m)); [lia|]; apply (IH Not t2); [exact W| |].
          * rewrite R2, Same_R, Same; exact Tails.
          * rewrite At2; now destruct W.
        + apply (comes_later n (Datatypes.S m)); [lia|]; destruct Tails as ((r2 & Leads & _) & _).
          apply (after_comes o h (Give Vundef kd) r2); [rewrite R2, Same_R, Same; exact Leads|exact At2].
    Qed.

    Theorem change_comes n d t tn : at_run c n = Some d -> stands c (records_at c n) d t -> quiet c t tn ->
      (forall t3, next_move the_text width (clients c) tn <> Local t3) -> comes n.
    Proof.
      intros At Stands Quiet Not; pose proof (never_ahead n d t At Stands) as Ahead.
      inversion Stands as [h did due Due Rights Says|h did a due s r2 Due Rights Right Leads Says
        |h did a due s Due Rights Once Doomed|o h call s Next Is Rights Once Doomed
        |o h w l s s' kd kr r1 Going Tails Leads Runs'|o h kd kr t1 t' Going Tails Within|o h s s' r2 Going Leads
          Then Back
        |h|]; subst; try discriminate.
      - exact (rest_comes h due n At).
      - exact (asserting_over h due (rest_comes h due) n s At).
      - exact (asserting_over h due (rest_comes h due) n s At).
      - apply (calling_comes o h s _ _ r1 comes comes_later Leads) with (n := n); [|exact At|reflexivity].
        intros m At' Is.
        destruct (quiet_either c _ _ _ Quiet (runs_quiet c o h _ _ Runs')) as [Before|After].
        + inversion Before; subst; [|edestruct Not; eassumption].
          refine (within_comes o h kd kr _ _ (quiet_none c _) Not _ m _ _ At'); [|exact Tails].
          destruct (floor_3_start w) as (Void & Below); constructor; now constructor.
        + refine (within_comes o h kd kr _ tn After Not _ m _ _ At'); [|now rewrite Is].
          destruct (floor_3_start w) as (Void & Below); constructor; now constructor.
      - exact (within_comes o h kd kr _ tn Quiet Not _ n Within Tails At).
      - exact (after_comes o h s r2 n Leads At).
      - destruct (Never n c At).
      - exists n; split; [lia|right]; unfold debug_finished; now rewrite At.
    Qed.
  End Of.
End Turns.
