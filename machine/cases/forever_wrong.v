(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Infinite executions of clients that do not satisfy what forever.v asks

    [stays_in]: the sections do not end, and somebody starves ([stays_starve]); that is
    no deadlock ([stays_never_deadlock]).  [abba]: no order of the locks is that of
    both, and that somebody goes on is false ([abba_deadlocks]).  In each case all other premises
    hold, of an infinite execution that is fair.
    Read first: forever_cases.v; abba.v, the same in rounds. *)
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
From hlock.machine.live Require Import live progress waiting starvation round_robin crossed infinite forever.
From hlock.machine.cases Require Import examples live_examples abba forever_cases.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

Local Opaque run_on.

(** ** A section that does not end *)

(** Inside core, each CPU reads for ever. *)
Definition stays_in : cpu -> client two := fun _ history =>
  Some (match history with [] => Op_acquire core_family 0 | _ => Op_read core_family 0 0 end).

Lemma stays_table c history o : stays_in c history = Some o -> of_table sample o.
Proof. intros [= <-]; destruct history; cbn [of_table]; unfold sample; cbn [List.In]; auto. Qed.
Lemma stays_held c a history : held (stays_in c) (a :: history) = [0].
Proof. revert a; induction history as [|b history IH]; intros a; [reflexivity|]; exact (IH b). Qed.
Theorem stays_contract : contract stays_in.
Proof.
  intros c [|n]; [exact I|]; split; [reflexivity|]; intros a.
  change (keeps (stays_in c) n [a] [0]); generalize (@nil (response two)); revert a.
  induction n as [|n IH]; intros a history; [exact I|split; [reflexivity|]]; intros b; exact (IH b (a :: history)).
Qed.
Lemma stays_never_breach : never_breaches stays_in sample.
Proof. exact (contract_suffices _ _ (conj stays_table stays_contract)). Qed.
Theorem stays_keep_order above : forall c, keeps_order (is_told stays_in c) (stays_in c) above.
Proof.
  apply keeps_order_text; intros c; constructor; intros [|a history]; try discriminate.
  - contradiction.
  - now intros _ [].
  - intros _ _; eexists; split; reflexivity.
Qed.
(** While a CPU holds a lock and is between two operations, nobody else is inside. *)
Lemma holder_alone {G : running} x c c' l history : good x -> nth_error (threads x) c = Some (Idle history) ->
  List.In l (held (clients c) history) -> c' <> c -> number c' l x <> In.
Proof.
  intros Good At Held Other Inside; destruct (good_at_rest c x history Good At) as (_ & _ & Rest).
  pose proof (phase_ticket the_system width width_range width_suffices (contents x) c l (legal_here x Good)) as Same.
  rewrite (proj2 (Rest l) Held) in Same.
  pose proof (tickets_legal the_system width width_range width_suffices (contents x) (legal_here x Good)) as Legal.
  apply Other, (L1_ticket.facts.ticket_exclusion the_system _ l c' c Legal Inside).
  now destruct (L1_ticket.spec.ticket_phase the_system c l (as_tickets the_system width (contents x))).
Qed.

(** While CPU 0 is inside, CPU 1 waits, for ever. *)
Definition one_in : list cpu := repeat 0%nat 31 ++ repeat 1%nat 19.

Section Stays.
  Context (w : Z) (Is : List.In w widths).
  Local Notation M := (sc_memory two w).
  Let Width := widths_range w Is.
  Let G : running := of_clients w Width stays_in.
  Let who := then_both one_in.
  Let run := run_on w stays_in who.

  Lemma stays_infinite : infinite_execution sample_text w M stays_in run who /\ fair M stays_in run who.
  Proof.
    split; [|apply then_both_fair].
    apply (run_on_infinite w Width stays_in stays_never_breach); [intros c [|]; discriminate|].
    intros n; apply then_both_two; unfold one_in; apply Forall_app; split; apply Forall_forall; intros c At;
      apply repeat_spec in At; subst; lia.
  Qed.

  Lemma rests_told (x : machine M) : rests_inside stays_in x 0 0 = true ->
    exists a history, nth_error (threads x) 0 = Some (Idle (a :: history)).
  Proof. unfold rests_inside; destruct (nth_error (threads x) 0) as [[[|a h]| | |]|]; try discriminate; eauto. Qed.
  (** CPU 0 rests inside, and CPU 1 polls. *)
  Definition kept_out (x : machine M) : Prop :=
    (exists a history, nth_error (threads x) 0 = Some (Idle (a :: history))) /\
    queued_for (G := G) core_family 0 1 [] x.
  Lemma kept_out_lasts : lasting (G := G) kept_out.
  Proof.
    intros x c v x' Good Step ((a & history & At) & Waits).
    pose proof (good_step (G := G) c x v x' Good Step) as Good'.
    assert (At' : exists a history, nth_error (threads x') 0 = Some (Idle (a :: history))).
    { destruct Step as (Step & Calm); destruct (Nat.eq_dec c 0) as [->|Other].
      - destruct (step_thread (G := G) 0 x x' v Step) as (t & t' & At0 & _ & At' & How).
        pose proof (eq_trans (eq_sym At) At0) as Same; injection Same as <-.
        destruct How as [(_ & [[=]|[(o & [=])|(o & [=])]])|(act & _ & _ & [Ans|(_ & _ & Halts)])].
        + destruct Ans as (u & _ & ->); eauto.
        + destruct (Calm Halts) as (h & At1 & Empty).
          pose proof (eq_trans (eq_sym At) At1) as Same; injection Same as <-.
          change (held (stays_in 0%nat) (a :: history) = []) in Empty; rewrite stays_held in Empty; discriminate.
      - exists a, history; now rewrite (step_others (G := G) c 0 x x' v Step (not_eq_sym Other)). }
    split; [exact At'|].
    destruct (queued_step (G := G) x c v x' 1 core_family 0 [] Good Step Waits) as [|Inside]; [assumption|exfalso].
    destruct At' as (b & h & At').
    apply (holder_alone (G := G) x' 0 1 0 (b :: h) Good' At'); [|discriminate|exact Inside].
    change (List.In 0 (held (stays_in 0%nat) (b :: h))); rewrite stays_held; now left.
  Qed.

  Lemma stays_kept_out n : (length one_in <= n)%nat -> kept_out (run n).
  Proof.
    intros Late; destruct stays_infinite as (Runs & _).
    apply (lasting_run (G := G) stays_never_breach run who Runs kept_out (length one_in) n kept_out_lasts Late).
    pose proof (computed_on w stays_in
      (fun x : machine M => (rests_inside stays_in x 0 0, acquiring x 1, words_phase two 1 0 (contents x))) one_in
      (true, Some (core_family, 0, []), Waiting 1)) as Found.
    specialize (Found ltac:(clear - Is; revert Is; intros [<-|[<-|[<-|[]]]]; by_kernel)).
    cbv beta in Found; apply pair_equal_spec in Found as (Found & Waits).
    apply pair_equal_spec in Found as (Rests & Acquires).
    fold who run in Rests, Acquires, Waits; split.
    - exact (rests_told _ Rests).
    - destruct (run_good (G := G) stays_never_breach run who Runs (length one_in)) as (y & [Rel _ _ _]).
      destruct (acquiring_sound w _ _ _ _ _ Acquires) as (s & At).
      exact (waiting_polls (G := G) _ y 1 core_family 0 [] s 1 Rel At Waits).
  Qed.
End Stays.

(** So without the end of sections somebody starves; all else that
    [starvation_freedom_forever] asks for holds. *)
Theorem stays_starve w : List.In w widths -> ~ never_starves w stays_in.
Proof.
  intros Is Never; destruct (stays_infinite w Is) as (Runs & Fair).
  destruct (stays_kept_out w Is (length one_in) (Nat.le_refl _)) as (_ & s & u & At & _).
  destruct (Never _ _ Runs Fair (length one_in) 1%nat core_family 0 [] s (Nat.lt_succ_diag_r 1) At)
    as (m & Late & t & At2 & Beyond).
  destruct (stays_kept_out w Is m Late) as (_ & s2 & u2 & At3 & _).
  pose proof (eq_trans (eq_sym At3) At2) as Same; injection Same as <-; cbn in Beyond; lia.
Qed.
Theorem stays_do_not_end : ~ forall c, sections_end (is_told stays_in c) (stays_in c).
Proof.
  intros Ends; apply (stays_starve 1 (or_introl eq_refl)).
  exact (ending_never_starves 1 stays_in (widths_range 1 (or_introl eq_refl)) stays_never_breach (fun _ => O)
           (stays_keep_order _) Ends).
Qed.
(** But that is no deadlock. *)
Theorem stays_never_deadlock w : List.In w widths -> never_deadlocks w stays_in.
Proof.
  intros Is; exact (order_never_deadlocks w stays_in (widths_range w Is) stays_never_breach (fun _ => O)
                      (stays_keep_order _)).
Qed.

(** ** Against the order *)

Lemma abba_never_breach : never_breaches abba sample.
Proof.
  refine (contract_suffices _ _ (conj _ abba_contract)); apply crossing_table; unfold sample; cbn [List.In]; auto.
Qed.
(** For no numbering of the locks do both keep the order. *)
Theorem abba_against_order above : ~ forall c, keeps_order (is_told abba c) (abba c) above.
Proof. intros Order; exact (abba_unordered above (fun c => rises _ _ _ (Order c))). Qed.

Section Abba.
  Context (w : Z) (Is : List.In w widths).
  Local Notation M := (sc_memory two w).
  Let Width := widths_range w Is.
  Let G : running := of_clients w Width abba.
  Let who := then_both embrace.
  Let run := run_on w abba who.

  Lemma who_two n : (who n < 2)%nat.
  Proof.
    apply then_both_two; unfold embrace; repeat (apply Forall_app; split); apply Forall_forall; intros c At;
      apply repeat_spec in At; subst; lia.
  Qed.
  Lemma abba_infinite : infinite_execution sample_text w M abba run who /\ fair M abba run who.
  Proof.
    split; [|apply then_both_fair].
    apply (run_on_infinite w Width abba abba_never_breach); [|exact who_two].
    intros [|c] history; unfold abba, crossing; destruct (length history) as [|[|[|[|[|]]]]]; discriminate.
  Qed.
  Lemma abba_crossed n : (length embrace <= n)%nat ->
    crossed (G := G) 0 s2page_family 0 [None] 1 core_family 0 [None] (run n).
  Proof.
    intros Late; destruct abba_infinite as (Runs & _).
    apply (lasting_run (G := G) abba_never_breach run who Runs _ (length embrace) n
             (crossed_lasts (G := G) 0 s2page_family 0 [None] 1 core_family 0 [None] ltac:(discriminate)) Late).
    pose proof (computed_on w abba (fun x : machine M => (acquiring x 0, acquiring x 1,
      (words_phase two 0 1 (contents x), words_phase two 1 0 (contents x)))) embrace
      (Some (s2page_family, 0, [None]), Some (core_family, 0, [None]), (Waiting 1, Waiting 1))) as Found.
    specialize (Found ltac:(clear - Is; revert Is; intros [<-|[<-|[<-|[]]]]; by_kernel)).
    cbv beta in Found; apply pair_equal_spec in Found as (Acquire & Wait).
    apply pair_equal_spec in Acquire as (At0 & At1); apply pair_equal_spec in Wait as (Waits0 & Waits1).
    fold who run in At0, At1, Waits0, Waits1.
    destruct (run_good (G := G) abba_never_breach run who Runs (length embrace)) as (y & [Rel _ _ _]).
    destruct (acquiring_sound w _ _ _ _ _ At0) as (s0 & T0), (acquiring_sound w _ _ _ _ _ At1) as (s1 & T1).
    split; [|split; [|split; [now left|now left]]].
    - exact (waiting_polls (G := G) _ y 0 s2page_family 0 [None] s0 1 Rel T0 Waits0).
    - exact (waiting_polls (G := G) _ y 1 core_family 0 [None] s1 1 Rel T1 Waits1).
  Qed.

  (** Who polls is not at work, and its step is no return. *)
  Lemma polls_idly x c f i history v x' : queued_for (G := G) f i c history x ->
    calm_step sample_text w M abba c x v x' ->
    ~ ((exists f i, v = Some (Returned (Op_acquire f i))) \/ at_work M abba c x).
  Proof.
    intros (s & u & At & Place & _) (Step & _) [(f2 & i2 & ->)|(t & h & At2 & Past & _ & Not)].
    - remember (Some (Returned (Op_acquire f2 i2))) as v eqn:Returns.
      destruct Step as [ts g t t' At2 Next|ts g t t' o At2 Next|ts g t t' o At2 Next|ts g t a t' g' At2 Ans Happens
                       |ts g t g' At2 Not Happens]; try discriminate; [|destruct a; discriminate].
      pose proof (eq_trans (eq_sym At) At2) as Same; injection Same as <-; cbn [next_move] in Next.
      destruct (next_at (Op_acquire f i : op two) history s _ Place) as [(s' & Goes & _)|(go & Goes & _)];
        pose proof (eq_trans (eq_sym Goes) Next); discriminate.
    - pose proof (eq_trans (eq_sym At) At2) as Same; injection Same as <-.
      injection Past as <-; exact (Not f i s eq_refl).
  Qed.
End Abba.

(** What [deadlock_freedom_forever] says is false of these clients. *)
Theorem abba_deadlocks w : List.In w widths -> ~ never_deadlocks w abba.
Proof.
  intros Is Never; destruct (abba_infinite w Is) as (Runs & Fair).
  destruct (abba_crossed w Is (length embrace) (Nat.le_refl _)) as ((s & u & At & _) & _).
  destruct (Never _ _ Runs Fair (length embrace) 0%nat s2page_family 0 [None] s Nat.lt_0_2 At)
    as (m & Late & v & Step & Goes).
  destruct (abba_crossed w Is m Late) as (Waits0 & Waits1 & _); pose proof (who_two m) as Two.
  destruct (then_both embrace m) as [|[|c]] eqn:Who; [..|lia].
  - exact (polls_idly w Is _ _ _ _ _ _ _ Waits0 Step Goes).
  - exact (polls_idly w Is _ _ _ _ _ _ _ Waits1 Step Goes).
Qed.

