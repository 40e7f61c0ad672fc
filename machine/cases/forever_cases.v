(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Infinite executions of clients that satisfy all that forever.v asks

    An infinite execution is computed: a function of time, in which CPUs have turns first
    as a list says and then one after the other ([run_on], [then_both]).  In all fair
    infinite executions of two CPUs nobody starves, if both are
    - [turns], which go round for ever ([turns_never_starve]), or
    - [ever_longer], whose sections end ([longer_never_starve]), though no number of
      operations is enough for all of them ([longer_unbounded]).
    A scheduler that is not fair is [neglected_waits].
    Read first: live_examples.v, the same in rounds.  Then forever_wrong.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text sample examples.
From hlock.stack Require Import stack setting stack_refine examples.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import place invariant simulation no_breach.
From hlock.machine.safety Require Import unstuck.
From hlock.machine.live Require Import live progress waiting section starvation round_robin crossed infinite forever.
From hlock.machine.cases Require Import examples live_examples.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

(** ** Infinite executions, as functions *)
Section Run.
  Context (w : Z) (clients : cpu -> client two).
  Local Notation M := (sc_memory two w).
  Local Notation machine := (machine M).

  (** CPU [c] makes a step, if it can. *)
  Definition turn (c : cpu) (x : machine) : machine :=
    match step_of sample_text w clients c x with Some x' => x' | None => x end.
  Fixpoint run_on (who : nat -> cpu) (n : nat) : machine :=
    match n with O => first_state M | Datatypes.S n => turn (who n) (run_on who n) end.

  (** First [schedule], then both in turn. *)
  Definition then_both (schedule : list cpu) (n : nat) : cpu := nth n schedule (Nat.modulo n 2).

  Lemma then_both_two schedule n : Forall (fun c => (c < 2)%nat) schedule -> (then_both schedule n < 2)%nat.
  Proof.
    intros Two; unfold then_both; destruct (nth_in_or_default n schedule (Nat.modulo n 2)) as [Is|Is].
    - rewrite Forall_forall in Two; auto.
    - pose proof (Nat.mod_upper_bound n 2 ltac:(discriminate)); unfold cpu in *; lia.
  Qed.
  Lemma then_both_fair schedule : fair M clients (run_on (then_both schedule)) (then_both schedule).
  Proof.
    intros n c Cpu; exists (2 * (n + length schedule) + c)%nat; split; [lia|left].
    unfold then_both; rewrite nth_overflow by lia.
    rewrite Nat.mul_comm, Nat.add_comm, Nat.mod_add by lia; now apply Nat.mod_small.
  Qed.

  (** What is computed of a schedule is so far the beginning. *)
  Lemma run_run schedule : forall n x, run sample_text w clients (firstn n schedule) (first_state M) = Some x ->
    (n <= length schedule)%nat -> run_on (then_both schedule) n = x.
  Proof.
    induction n as [|n IH]; intros x Run Short; [now injection Run as <-|].
    assert (Split : forall s1 s2 x0, run sample_text w clients (s1 ++ s2) x0 =
              match run sample_text w clients s1 x0 with Some x1 => run sample_text w clients s2 x1 | None => None end).
    { intros s1 s2; induction s1 as [|c s1 IH1]; intros x0; [reflexivity|cbn].
      destruct (step_of sample_text w clients c x0); auto. }
    destruct (nth_error schedule n) as [c|] eqn:At; [|apply nth_error_None in At; lia].
    assert (Cut : firstn (Datatypes.S n) schedule = firstn n schedule ++ [c]).
    { clear - At; revert n At; induction schedule as [|c' schedule IH]; intros [|n] At; try discriminate; cbn in *.
      - now injection At as ->.
      - now rewrite (IH n At). }
    rewrite Cut, Split in Run.
    destruct (run sample_text w clients (firstn n schedule) (first_state M)) as [x1|]; [|discriminate].
    cbn [run_on]; rewrite (IH x1 eq_refl) by lia; unfold then_both; rewrite (nth_error_nth _ _ _ At).
    cbn [run] in Run; unfold turn.
    destruct (step_of sample_text w clients c x1); [now injection Run as <-|discriminate].
  Qed.

  (** Nobody halts. *)
  Lemma run_on_lives who n c : nth_error (threads (run_on who n)) c <> Some Stopped.
  Proof.
    revert c; induction n as [|n IH]; [intros c At; apply nth_error_In, repeat_spec in At; discriminate|].
    cbn [run_on]; revert IH; generalize (run_on who n), (who n); intros [ts g] c' IH c.
    unfold turn, step_of, step_by; cbn [threads contents] in *.
    destruct (nth_error ts c') as [t|] eqn:Mine; [|exact (IH c)].
    destruct (performed w _ _ _ _) as [[a t']|] eqn:Done; [|exact (IH c)].
    cbn; rewrite nth_put; destruct (Nat.eqb_spec c c') as [->|]; [|exact (IH c)]; rewrite Mine; intros [= ->].
    exact (never_stopped sample_text w (clients c') t Stopped (performed_goes _ _ _ _ _ _ _ Done) eq_refl).
  Qed.

  (** A step that is no halt can be computed. *)
  Lemma step_computed c (x x' : machine) v : machine_step sample_text w M clients c x v x' -> v <> Some Did_halt ->
    step_of sample_text w clients c x <> None.
  Proof.
    intros Step Lives; unfold step_of, step_by.
    destruct Step as [ts g t t' At Next|ts g t t' o At Next|ts g t t' o At Next|ts g t a t' g' At Ans Happens
                     |ts g t g' At Not Happens]; [..|now destruct Lives]; cbn [threads contents]; rewrite At.
    1-3: rewrite Next; discriminate.
    destruct (next_move sample_text w (clients c) t); try contradiction; discriminate.
  Qed.
End Run.

Section Executions.
  Context (w : Z) (Width : 1 <= w <= 32) (clients : cpu -> client two).
  Context (Never : never_breaches clients sample).
  Context (Runs_on : forall c history, clients c history <> Some Op_halt).
  Local Notation M := (sc_memory two w).
  Local Notation machine := (machine M).
  Let G : running := of_clients w Width clients.

  (** Who cannot step has finished. *)
  Lemma step_or_finished c (x : machine) : good (G := G) x -> (c < 2)%nat -> step_of sample_text w clients c x = None ->
    finished M clients c x.
  Proof.
    intros Good Cpu None_comes; pose proof Good as (y & [Rel _ _ _]).
    destruct (nth_error (threads x) c) as [t|] eqn:At.
    2: { apply nth_error_None in At; pose proof (rel_threads _ _ Rel) as There; cbn in There.
         assert (length (threads x) = 2%nat) by exact There; lia. }
    unfold finished; rewrite At.
    destruct (related_moves (G := G) x y c t Rel At) as [Ended|(v & x' & Step & Lives)].
    - destruct t as [history| | |]; try contradiction; [|exact I].
      destruct Ended as [|Halts]; [assumption|now destruct (Runs_on c history)].
    - destruct (step_computed w clients c x x' v Step Lives None_comes).
  Qed.

  Theorem run_on_infinite who : (forall n, (who n < 2)%nat) ->
    infinite_execution sample_text w M clients (run_on w clients who) who.
  Proof.
    intros Two; split; [reflexivity|].
    assert (Both : forall n, good (G := G) (run_on w clients who n) /\
      ((exists v, calm_step sample_text w M clients (who n) (run_on w clients who n) v
                    (run_on w clients who (Datatypes.S n))) \/
       (finished M clients (who n) (run_on w clients who n) /\
        run_on w clients who (Datatypes.S n) = run_on w clients who n))).
    { intros n; enough (Good : good (G := G) (run_on w clients who n)).
      { split; [exact Good|]; cbn [run_on]; unfold turn.
        destruct (step_of sample_text w clients (who n) (run_on w clients who n)) as [x'|] eqn:Step;
          [left; exact (step_of_calm sample_text w clients _ _ _ Step)|right; split; [|reflexivity]].
        exact (step_or_finished _ _ Good (Two n) Step). }
      induction n as [|n IH]; [exact (good_start (G := G) Never)|]; cbn [run_on]; unfold turn.
      destruct (step_of sample_text w clients (who n) (run_on w clients who n)) as [x'|] eqn:Step; [|exact IH].
      destruct (step_of_calm sample_text w clients _ _ _ Step) as (v & Calm).
      exact (good_step (G := G) _ _ v _ IH Calm). }
    intros n; apply Both.
  Qed.
End Executions.

(** ** The statements *)
Section Statements.
  Context (w : Z) (clients : cpu -> client two).
  Local Notation M := (sc_memory two w).

  (** Of all fair infinite executions: every acquire that is called returns. *)
  Definition never_starves : Prop := forall run who,
    infinite_execution sample_text w M clients run who -> fair M clients run who ->
    forall n c f i history s, (c < 2)%nat ->
    nth_error (threads (run n)) c = Some (Calling (Op_acquire f i) history s) ->
    exists m, (n <= m)%nat /\ over c history (run m).
  (** While a CPU is in an acquire, some acquire returns later, or a CPU that is at work
      makes a step. *)
  Definition never_deadlocks : Prop := forall run who,
    infinite_execution sample_text w M clients run who -> fair M clients run who ->
    forall n c f i history s, (c < 2)%nat ->
    nth_error (threads (run n)) c = Some (Calling (Op_acquire f i) history s) ->
    exists m, (n <= m)%nat /\ goes_on_at sample_text w M clients run who m.

  Context (Width : 1 <= w <= 32).
  Context (Never : never_breaches clients sample).
  Context (above : Z -> nat) (Order : forall c, keeps_order (is_told clients c) (clients c) above).

  Theorem order_never_deadlocks : never_deadlocks.
  Proof.
    intros run who Runs Fair.
    exact (deadlock_freedom_forever (G := of_clients w Width clients) Never above Order run who Runs Fair).
  Qed.
  Theorem ending_never_starves : (forall c, sections_end (is_told clients c) (clients c)) -> never_starves.
  Proof.
    intros Ends run who Runs Fair.
    exact (starvation_freedom_forever (G := of_clients w Width clients) Never above Order run who Runs Fair Ends).
  Qed.
End Statements.

Lemma widths_range w : List.In w widths -> 1 <= w <= 32.
Proof. intros [<-|[<-|[<-|[]]]]; split; discriminate. Qed.

(** What is computed of the beginning. *)
Lemma computed_on w clients {A} (f : machine (sc_memory two w) -> A) schedule a :
  option_map f (run sample_text w clients schedule (first_state _)) = Some a ->
  f (run_on w clients (then_both schedule) (length schedule)) = a.
Proof.
  destruct (run sample_text w clients schedule (first_state _)) as [x|] eqn:Run; [|discriminate]; intros [= <-].
  rewrite <- (firstn_all schedule) in Run; now rewrite (run_run w clients schedule _ x Run (Nat.le_refl _)).
Qed.

(** ** Two that go round for ever *)

Theorem turns_keep_order c : keeps_order (is_told turns c) (turns c) (rank_levels sample).
Proof. exact (orderly_keeps_order _ _ _ 1 5 (turns_orderly c)). Qed.
Theorem turns_sections_end c : sections_end (is_told turns c) (turns c).
Proof. exact (orderly_sections_end _ _ _ 1 5 (turns_orderly c)). Qed.
Lemma turns_never_breach : never_breaches turns sample.
Proof. exact (contract_suffices _ _ (conj turns_table turns_contract)). Qed.
Lemma turns_run_on c history : turns c history <> Some Op_halt.
Proof.
  unfold turns; pose proof (into_turn_less history).
  destruct (into_turn history) as [|[|[|[|[|[|]]]]]]; [discriminate..|exfalso; lia].
Qed.

(** In every fair infinite execution of theirs nobody starves, and there is one. *)
Theorem turns_never_starve w : List.In w widths -> never_starves w turns.
Proof.
  intros Is; exact (ending_never_starves w turns (widths_range w Is) turns_never_breach _ turns_keep_order
                      turns_sections_end).
Qed.
Theorem turns_for_ever w schedule : List.In w widths -> Forall (fun c => (c < 2)%nat) schedule ->
  let who := then_both schedule in
  infinite_execution sample_text w (sc_memory two w) turns (run_on w turns who) who /\
  fair (sc_memory two w) turns (run_on w turns who) who.
Proof.
  intros Is Two; split; [|apply then_both_fair].
  apply (run_on_infinite w (widths_range w Is) turns turns_never_breach turns_run_on).
  intros n; now apply then_both_two.
Qed.

(** ** A scheduler that is not fair *)

(** CPU 1 calls its acquire, and has no turn after that. *)
Definition neglects (n : nat) : cpu := match n with O => 1%nat | _ => 0%nat end.
Theorem neglected_waits w : List.In w widths ->
  infinite_execution sample_text w (sc_memory two w) turns (run_on w turns neglects) neglects /\
  forall n, acquiring (run_on w turns neglects (Datatypes.S n)) 1 = Some (core_family, 0, []).
Proof.
  intros Is; split.
  - apply (run_on_infinite w (widths_range w Is) turns turns_never_breach turns_run_on).
    intros [|n]; cbn; lia.
  - intros n; induction n as [|n IH]; [revert Is; intros [<-|[<-|[<-|[]]]]; by_kernel|].
    rewrite <- IH; change (run_on w turns neglects (Datatypes.S (Datatypes.S n)))
      with (turn w turns 0 (run_on w turns neglects (Datatypes.S n))); unfold turn.
    destruct (step_of sample_text w turns 0 _) as [x'|] eqn:Step; [|reflexivity].
    apply step_of_calm in Step as (v & Step & _); unfold acquiring.
    pose proof (step_others (G := of_clients w (widths_range w Is) turns) 0 1 _ _ v Step
                  ltac:(discriminate)) as Same.
    exact (f_equal (fun t : option (thread two) => match t with
      | Some (Calling (Op_acquire f i) history _) => Some (f, i, history) | _ => None end) Same).
Qed.

(** ** Sections that end, with no bound *)

(** A client is outside, or it has been inside [j] times before, and has [k] reads to go
    before it releases. *)
Inductive stage := Outside (j : nat) | Inside (j k : nat).
Fixpoint stage_after (n : nat) : stage :=
  match n with
  | O => Outside 0
  | Datatypes.S n =>
      match stage_after n with
      | Outside j => Inside j j
      | Inside j (Datatypes.S k) => Inside j k
      | Inside j O => Outside (Datatypes.S j)
      end
  end.
(** Each reads once more in each section than in the one before. *)
Definition ever_longer : cpu -> client two := fun _ history =>
  Some (match stage_after (length history) with
        | Outside _ => Op_acquire core_family 0
        | Inside _ (Datatypes.S _) => Op_read core_family 0 0
        | Inside _ O => Op_release core_family 0
        end).

Lemma longer_table c history o : ever_longer c history = Some o -> of_table sample o.
Proof.
  intros [= <-]; destruct (stage_after (length history)) as [j|j [|k]]; cbn [of_table]; unfold sample; cbn [List.In];
    auto.
Qed.
Lemma longer_held c history :
  held (ever_longer c) history = match stage_after (length history) with Outside _ => [] | Inside _ _ => [0] end.
Proof.
  induction history as [|a history IH]; [reflexivity|]; cbn [held length stage_after]; rewrite IH; unfold ever_longer.
  destruct (stage_after (length history)) as [j|j [|k]]; reflexivity.
Qed.
Theorem longer_contract : contract ever_longer.
Proof.
  intros c n; change (keeps (ever_longer c) n [] (match stage_after (length (@nil (response two))) with
    Outside _ => [] | Inside _ _ => [0] end)).
  generalize (@nil (response two)); induction n as [|n IH]; intros history; [exact I|].
  pose proof (fun a => IH (a :: history)) as Next; cbn [length stage_after] in Next.
  cbn [keeps]; unfold ever_longer at 1; destruct (stage_after (length history)) as [j|j [|k]];
    (split; [reflexivity|]); exact Next.
Qed.
Lemma longer_never_breach : never_breaches ever_longer sample.
Proof. exact (contract_suffices _ _ (conj longer_table longer_contract)). Qed.
Theorem longer_keep_order above : forall c, keeps_order (is_told ever_longer c) (ever_longer c) above.
Proof.
  apply keeps_order_text; intros c; constructor; intros history.
  - intros f i l _ Choice; rewrite longer_held; revert Choice; unfold ever_longer.
    destruct (stage_after (length history)) as [j|j [|k]]; try discriminate; contradiction.
  - intros _ _; eexists; split; [reflexivity|]; destruct (stage_after (length history)) as [j|j [|k]]; reflexivity.
Qed.
Theorem longer_sections_end : forall c, sections_end (is_told ever_longer c) (ever_longer c).
Proof.
  apply sections_end_text; intros c history l _.
  assert (Out : forall j h, stage_after (length h) = Outside j ->
            lets_go_of (chosen (ever_longer c)) (ever_longer c) l h)
    by (intros j h Is; constructor; rewrite longer_held, Is; contradiction).
  assert (Few : forall k j h, stage_after (length h) = Inside j k ->
            lets_go_of (chosen (ever_longer c)) (ever_longer c) l h).
  { induction k as [|k IH]; intros j h Is; constructor; intros _ a _; [eapply Out|eapply IH]; cbn [length stage_after];
      now rewrite Is. }
  destruct (stage_after (length history)) as [j|j k] eqn:Is; eauto.
Qed.
Lemma longer_run_on c history : ever_longer c history <> Some Op_halt.
Proof. unfold ever_longer; destruct (stage_after (length history)) as [j|j [|k]]; discriminate. Qed.

(** In every fair infinite execution of theirs nobody starves, and there is one. *)
Theorem longer_never_starve w : List.In w widths -> never_starves w ever_longer.
Proof.
  intros Is; exact (ending_never_starves w ever_longer (widths_range w Is) longer_never_breach (fun _ => O)
                      (longer_keep_order _) longer_sections_end).
Qed.
Theorem longer_for_ever w schedule : List.In w widths -> Forall (fun c => (c < 2)%nat) schedule ->
  let who := then_both schedule in
  infinite_execution sample_text w (sc_memory two w) ever_longer (run_on w ever_longer who) who /\
  fair (sc_memory two w) ever_longer (run_on w ever_longer who) who.
Proof.
  intros Is Two; split; [|apply then_both_fair].
  apply (run_on_infinite w (widths_range w Is) ever_longer longer_never_breach longer_run_on).
  intros n; now apply then_both_two.
Qed.

(** So there is a past of each length. *)
Lemma longer_told c k : (c < 2)%nat -> exists history, length history = k /\ is_told ever_longer c history.
Proof.
  intros Cpu; enough (exists history, (k <= length history)%nat /\ is_told ever_longer c history)
    as (history & Long & Told).
  { induction history as [|a history IH]; [exists []; cbn in *; split; [lia|exact Told]|].
    destruct (Nat.eq_dec k (length (a :: history))) as [Is|]; [exists (a :: history); auto|].
    apply IH; [cbn in *; lia|exact (told_before ever_longer c a history Told)]. }
  destruct (longer_for_ever 1 [] (or_introl eq_refl) (Forall_nil _)) as (Runs & Fair).
  pose (G := of_clients 1 (widths_range 1 (or_introl eq_refl)) ever_longer).
  pose proof (run_good (G := G) longer_never_breach _ _ Runs) as Good.
  enough (exists n t history, (k <= length history)%nat /\
            nth_error (threads (run_on 1 ever_longer (then_both []) n)) c = Some t /\ history_of t = Some history)
    as (n & t & history & Long & At & Past).
  { exists history; split; [exact Long|]; now destruct (good_past (G := G) _ c t history (Good n) At Past). }
  induction k as [|k (n & t & history & Long & At & Past)].
  - exists 0%nat, (Idle []), []; split; [apply Nat.le_0_l|split; [|reflexivity]]; now apply nth_error_repeat.
  - destruct (operations_end (G := G) longer_never_breach _ (longer_keep_order (fun _ => O)) _ _ Runs Fair
                longer_sections_end n c t history Cpu At Past ltac:(discriminate)) as (m & _ & t' & At' & Beyond).
    destruct (history_of t') as [h|] eqn:Past'.
    + assert (More : (length history < length h)%nat)
        by (destruct t'; try discriminate; injection Past' as <-; exact Beyond).
      exists m, t', h; split; [exact (Nat.le_trans _ _ _ (le_n_S _ _ Long) More)|auto].
    + destruct t'; try discriminate; now destruct (run_on_lives 1 ever_longer (then_both []) m c).
Qed.

(** They are not orderly, with any bound and any levels: in each section a client has
    been inside for as long as it has read, and it reads as often as one likes. *)
Theorem longer_unbounded c above A B : (c < 2)%nat -> ~ orderly (is_told ever_longer c) (ever_longer c) above A B.
Proof.
  intros Cpu Orderly.
  assert (Since : forall history j k, stage_after (length history) = Inside j k ->
            (j <= k + since (ever_longer c) 0 history)%nat).
  { induction history as [|a history IH]; intros j k; [discriminate|].
    cbn [length stage_after since]; unfold ever_longer at 1.
    destruct (stage_after (length history)) as [j'|j' [|k']]; intros [= <- <-]; [lia|].
    specialize (IH j' (Datatypes.S k') eq_refl); lia. }
  assert (Comes : forall j, exists n, stage_after n = Inside j 0).
  { assert (Down : forall k j n, stage_after n = Inside j k -> exists n, stage_after n = Inside j 0).
    { induction k as [|k IH]; intros j n Is; [eauto|].
      apply (IH j (Datatypes.S n)); cbn [stage_after]; now rewrite Is. }
    induction j as [|j (n & Is)]; [exists 1%nat; reflexivity|].
    apply (Down (Datatypes.S j) _ (Datatypes.S (Datatypes.S n))); cbn [stage_after]; now rewrite Is. }
  destruct (Comes B) as (n & Is), (longer_told c n Cpu) as (history & <- & Told).
  pose proof (lets_go _ _ _ A B Orderly history 0 Told) as Short; rewrite longer_held, Is in Short.
  specialize (Short (or_introl eq_refl)); pose proof (Since history B 0%nat Is); lia.
Qed.
