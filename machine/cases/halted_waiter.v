(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * A CPU that halts while it waits stops all behind it

    Why [calm_step] asks more than that no CPU halts while it holds a lock.  CPU 1
    takes a ticket for core while CPU 0 is inside, and halts: it holds nothing.  CPU 0
    releases and acquires again, behind that ticket, and polls for ever; schedules
    in which it does so exist ([halted_waiter]).  Both clients keep the contract and
    all other rules. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text sample examples.
From hlock.stack Require Import setting stack_refine.
From hlock.stack Require Import examples.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import place invariant no_breach.
From hlock.machine.cases Require Import examples.
From hlock.machine.live Require Import live progress waiting.
From hlock.machine.live Require Import crossed.
From hlock.machine.cases Require Import live_examples.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

(** ** Alone with a ticket that does not come up *)
Section Stranded.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Local Notation S := (the_system).
  Local Notation M := (sc_memory S width).
  Local Notation machine := (machine M).
  Local Notation calm := (calm_step text width M clients).

  (** All but CPU [c] have halted; it polls for a number that is not served. *)
  Record stranded (c : cpu) f i history (x : machine) : Prop := {
    all_there : length (threads x) = N;
    all_halted : forall c' t, c' <> c -> nth_error (threads x) c' = Some t -> t = Stopped;
    not_served : exists s u, nth_error (threads x) c = Some (Calling (Op_acquire f i) history s) /\
      at_place s (Polling (lock_id f i) u) /\ serving S width (lock_id f i) (contents x) <> u
  }.

  Lemma stranded_step c f i history c' x v x' : stranded c f i history x -> calm c' x v x' -> stranded c f i history x'.
  Proof.
    intros [There Halted_all (s & u & At & Place & Not)] Step; pose proof Step as (Step' & Calm).
    destruct (step_thread c' x x' v Step') as (t & t' & At_c' & Is & At'' & How).
    assert (Same : length (threads x') = N) by (rewrite Is, length_put; exact There).
    destruct (Nat.eq_dec c' c) as [->|Other].
    - constructor; [exact Same| |].
      { intros c' t1 Other; rewrite (step_others c c' x x' v Step' Other); now apply Halted_all. }
      rewrite At in At_c'; injection At_c' as <-; cbn [next_move] in How.
      assert (Runs : v <> Some Did_halt).
      { intros ->; destruct (Calm eq_refl) as (history' & Idle_at & _); congruence. }
      destruct (next_at (Op_acquire f i : op S) history s _ Place) as [(s' & Local & Place')|(go & Asks & Goes)].
      + rewrite Local in How;
          destruct How as [(Keeps & [[= <-]|[(o & [=])|(o & [=])]])|(a & _ & _ & [[]|(_ & _ & Halts)])];
          [|contradiction].
        exists s', u; rewrite Keeps; auto.
      + rewrite Asks in How; destruct How as [(_ & [[=]
          |[(o & [=])|(o & [=])]])|(a & Grows & Value & [Ans|(_ & _ & Halts)])];
          [|contradiction].
        destruct Ans as (w & -> & ->); cbn in Value; subst w.
        specialize (Goes (serving S width (lock_id f i) (contents x)) ltac:(apply now_in_word; lia)).
        rewrite (proj2 (Z.eqb_neq _ _) Not) in Goes; exists (go (serving S width (lock_id f i) (contents x))), u.
        rewrite Grows; auto.
    - (* it has halted already *)
      rewrite (Halted_all c' t Other At_c') in How; cbn [next_move answered] in How.
      destruct How as [(_ & [[=]|[(o & [=])|(o & [=])]])|(a & Grows & _ & [[]|(-> & -> & _)])].
      constructor; [exact Same| |].
      + intros c2 t2 Other2; destruct (Nat.eq_dec c2 c') as [->|Else]; [congruence|].
        rewrite (step_others c' c2 x x' v Step' Else); now apply Halted_all.
      + rewrite (step_others c' c x x' v Step' (not_eq_sym Other)), Grows; exists s, u; auto.
  Qed.

  Lemma stranded_rounds c f i history n : forall x x',
    stranded c f i history x -> rounds text width M clients n x x' -> stranded c f i history x'.
  Proof.
    induction n as [|n IH]; intros x x' Here; cbn; [now intros ->|].
    intros (x1 & (cs & Run & _) & Rest); apply (IH x1); [|exact Rest].
    clear Rest; induction Run; eauto using stranded_step.
  Qed.

  (** It goes on polling. *)
  Lemma stranded_polls c f i history n : forall x, stranded c f i history x ->
    exists x', rounds text width M clients n x x'.
  Proof.
    induction n as [|n IH]; intros x Here; [now exists x|].
    assert (exists v x1, calm c x v x1) as (v & x1 & Step).
    { destruct Here as [_ _ (s & u & At & Place & _)]; destruct x as [ts g]; cbn [threads contents] in At.
      destruct (next_at (Op_acquire f i : op S) history s _ Place) as [(s' & Local & _)|(go & Asks & _)];
        exists None; eexists; (split; [|discriminate]).
      - exact (step_local text width M clients c ts g _ _ At Local).
      - apply (step_memory text width M clients c ts g _ (Lock (lock_id f i) (Polled (serving S width (lock_id f i) g)))
                 (Calling (Op_acquire f i) history (go (serving S width (lock_id f i) g)))
                 ((c, Lock (lock_id f i) (Polled (serving S width (lock_id f i) g))) :: g) At); [|split; reflexivity].
        cbn [next_move]; rewrite Asks; cbn; eauto. }
    pose proof (stranded_step c f i history c x v x1 Here Step) as Here1.
    destruct (IH x1 Here1) as (x' & Rest); exists x', x1; split; [|exact Rest].
    exists [c]; split; [apply one_step with v x1; [exact Step|constructor]|].
    intros c' Cpu; destruct (Nat.eq_dec c' c) as [->|Other]; [left; now left|right].
    destruct Here1 as [There Halted_all _]; unfold finished; cbn in Cpu.
    destruct (nth_error (threads x1) c') as [t|] eqn:At; [now rewrite (Halted_all c' t Other At)|].
    apply nth_error_None in At; lia.
  Qed.
End Stranded.

(** ** It comes to that *)

(** Each CPU is inside twice. *)
Definition twice : cpu -> client two := fun _ history =>
  nth_error [Op_acquire core_family 0; Op_release core_family 0; Op_acquire core_family 0; Op_release core_family 0]
            (length history).

Lemma twice_table c history o : twice c history = Some o -> of_table sample o.
Proof.
  intros Next; apply nth_error_In in Next; revert o Next; apply Forall_forall.
  repeat apply Forall_cons; try apply Forall_nil; cbn [of_table]; unfold sample; cbn [List.In]; auto.
Qed.
Theorem twice_contract : contract twice.
Proof.
  intros c n; do 4 (destruct n as [|n]; [exact I|split; [reflexivity|intros ?; cbn [ends]]]).
  now destruct n.
Qed.
Lemma twice_never : never_breaches twice sample.
Proof. exact (contract_suffices _ _ (conj twice_table twice_contract)). Qed.
Theorem twice_orderly : forall c, orderly (is_told twice c) (twice c) (rank_levels sample) 0 1.
Proof.
  apply orderly_text; intros c; constructor.
  - intros history f i l Past; each_past history Past; try discriminate; intros _ [].
  - intros history Past; each_past history Past; intros Held; try (now destruct Held); eexists; split; reflexivity.
  - intros history l Past; each_past history Past; try contradiction; intros [<-|[]]; cbn; lia.
  - intros history f i l Past; each_past history Past; try discriminate; intros _ [].
Qed.

(** CPU 0 gets in; CPU 1 takes its ticket and polls in vain. *)
Definition first_in : list cpu := repeat 0%nat 31 ++ repeat 1%nat 19.
(** CPU 0 releases, takes a ticket and polls in vain. *)
Definition behind : list cpu := repeat 0%nat 16 ++ repeat 0%nat 19.

Lemma twice_run w : List.In w widths ->
  exists x1 x2, run sample_text w twice first_in (first_state _) = Some x1 /\
    run sample_text w twice behind (halt_of 1 x1) = Some x2 /\
    acquiring x1 1%nat = Some (core_family, 0, []) /\ acquiring x2 0%nat = Some (core_family, 0, [None; None]) /\
    words_phase two 0 0 (contents x2) = Waiting (2 mod modulus w) /\ serving two w 0 (contents x2) = 1 mod modulus w.
Proof.
  intros Is.
  assert (All : match run sample_text w twice first_in (first_state _) with
                | Some x1 => option_map (fun x2 =>
                    (acquiring x1 1%nat, acquiring x2 0%nat,
                     (words_phase two 0 0 (contents x2),
                       serving two w 0 (contents x2)))) (run sample_text w twice behind (halt_of 1 x1))
                | None => None
                end = Some (Some (core_family, 0, []), Some (core_family, 0, [None; None]),
                            (Waiting (2 mod modulus w), 1 mod modulus w)))
    by (revert Is; intros [<-|[<-|[<-|[]]]]; by_kernel).
  destruct (run sample_text w twice first_in (first_state _)) as [x1|]; [|discriminate].
  destruct (run sample_text w twice behind (halt_of 1 x1)) as [x2|] eqn:Run; [|discriminate].
  injection All as Acquires1 Acquires2 Waits Now; exists x1, x2; auto 6.
Qed.

(** CPU 1 halts with a ticket and with no lock ([x1] to [x1']); all else is calm.  CPU
    0's second acquire never returns, though any number of rounds can follow. *)
Theorem halted_waiter w : List.In w widths ->
  exists x1 x1' x2,
    segment sample_text w (sc_memory two w) twice (first_state _) first_in x1 /\
    acquiring x1 1%nat = Some (core_family, 0, []) /\ held (twice 1%nat) [] = [] /\
    machine_step sample_text w (sc_memory two w) twice 1 x1 (Some Did_halt) x1' /\
    segment sample_text w (sc_memory two w) twice x1' behind x2 /\
    acquiring x2 0%nat = Some (core_family, 0, [None; None]) /\
    forall n,
      (exists x', rounds sample_text w (sc_memory two w) twice n x2 x') /\
      (forall x', rounds sample_text w (sc_memory two w) twice n x2 x' -> ~ over 0 [None; None] x').
Proof.
  intros Is; destruct (turns_premises w Is) as ((Width & _) & _).
  destruct (twice_run w Is) as (x1 & x2 & Run1 & Run2 & At1 & At2 & Waits & Now).
  destruct (acquiring_sound w x1 _ _ _ _ At1) as (s1 & T1), (acquiring_sound w x2 _ _ _ _ At2) as (s2 & T2).
  pose proof (halt_of_sound w twice 1 x1 _ T1 ltac:(discriminate)) as Halts.
  exists x1, (halt_of 1 x1), x2.
  split; [exact (run_calm sample_text w twice _ _ _ Run1)|].
  split; [exact At1|split; [reflexivity|split; [exact Halts|]]].
  split; [exact (run_calm sample_text w twice _ _ _ Run2)|split; [exact At2|]].
  enough (Here : stranded (G := of_clients w Width twice) 0 core_family 0 [None; None] x2).
  { intros n; split; [exact (stranded_polls (G := of_clients w Width twice) 0 core_family 0 _ n x2 Here)|].
    intros x' Rounds (t & At & Beyond).
    destruct (stranded_rounds (G := of_clients w Width twice) 0 core_family 0 _ n x2 x' Here Rounds)
      as [_ _ (s & u & At' & _)].
    pose proof (eq_trans (eq_sym At') At) as E; injection E as <-; cbn in Beyond; lia. }
  destruct (run_sound sample_text w twice first_in [] _ x1 (execution_start sample_text w (sc_memory two w) twice) Run1)
    as (tr1 & Exec1).
  destruct (run_sound sample_text w twice behind _ _ x2 (execution_step sample_text w
    (sc_memory two w) twice tr1 x1 1 _ _ Exec1 Halts) Run2) as (tr2 & Exec2).
  destruct (machine_correct (G := of_clients w Width twice) twice_never tr2 x2 Exec2) as (y & _ & Rel).
  destruct (waiting_polls (G := of_clients w Width twice) x2 y 0 core_family 0 [None;
    None] s2 (2 mod modulus w) Rel T2 Waits)
    as (s & u & At & Place & Phase).
  constructor; [exact (rel_threads _ _ Rel)| |].
  - intros c' t Other At'.
    assert (Cpu : (c' < 2)%nat).
    { refine (eq_rect _ (fun n => (c' < n)%nat) _ _ (rel_threads _ _ Rel)); apply nth_error_Some.
      intros None_there; pose proof (eq_trans (eq_sym At') None_there); discriminate. }
    destruct c' as [|[|]]; [contradiction| |lia].
    assert (Stays : forall x cs x', segment sample_text w (sc_memory two w) twice x cs x' -> ~ List.In 1%nat cs ->
              nth_error (threads x') 1 = nth_error (threads x) 1).
    { intros x cs x' Run; induction Run as [|x c v x' cs x'' (Step & _) Rest IH]; intros Not; [reflexivity|].
      rewrite IH by (intros Bad; apply Not; now right).
      apply (step_others (G := of_clients w Width twice) c 1 x x' v Step); intros <-; apply Not; now left. }
    assert (Not : ~ List.In 1%nat behind)
      by (intros Bad; apply in_app_iff in Bad as [Bad|Bad]; apply repeat_spec in Bad; discriminate).
    assert (Stop : nth_error (threads (halt_of 1 x1)) 1 = Some Stopped)
      by (cbn [halt_of threads]; rewrite nth_put; cbn [Nat.eqb]; now rewrite T1).
    pose proof (eq_trans (eq_sym At') (eq_trans (Stays _ _ _ (run_calm sample_text w twice _ _ _ Run2) Not) Stop)) as E;
      now injection E.
  - exists s, u; split; [exact At|split; [exact Place|]].
    pose proof (eq_trans (eq_sym Phase) Waits) as E; injection E as ->.
    refine (eq_ind_r (fun z => z <> _) _ Now); revert Is; clear; intros [<-|[<-|[<-|[]]]]; vm_compute; discriminate.
Qed.
