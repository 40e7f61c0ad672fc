(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Fair schedules exist

    Round robin: from every state that an execution without a halt inside reaches
    there is a round ([round_possible]), and so any number of them.  So what
    starvation.v says of all that follows is said of something, and an acquire that
    has been called does return ([acquire_can_return]).
    Read next: live_examples.v, clients that satisfy all of it. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract.
From hlock.stack Require Import setting stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant no_breach.
From hlock.machine.safety Require Import unstuck.
From hlock.machine.live Require Import live progress waiting starvation.
Import ListNotations.
Local Open Scope Z_scope.

Section Round_robin.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := (the_system).
  Local Notation M := (sc_memory S width).
  Local Notation machine := (machine M).
  Local Notation calm := (calm_step text width M clients).
  Local Notation segment := (segment text width M clients).
  Local Notation rounds := (rounds text width M clients).
  Local Notation finished := (finished M clients).

  (** ** Who has finished stays so *)
  Lemma finished_lasts c c' x v x' : calm c' x v x' -> finished c x -> finished c x'.
  Proof.
    intros Step Fin; destruct (Nat.eq_dec c c') as [<-|Other]; unfold orderly.finished in *.
    2: { destruct Step as (Step & _); now rewrite (step_others c' c x x' v Step Other). }
    destruct (own_at c x v x' Step) as (t' & At').
    destruct (nth_error (threads x) c) as [[history|o history s|o history l u k|]|] eqn:At; try contradiction;
      rewrite At'.
    all: destruct (own_goes c x v x' _ t' Step At At') as [Goes| ->]; [|exact I].
    all: cbn [next_move] in Goes; try rewrite Fin in Goes; contradiction.
  Qed.

  (** ** Each CPU can step *)
  Section Goes_on.
    (** Clients go on while they hold: part of [orderly]. *)
    Context (Goes_on : forall c history, is_told clients c history -> held (clients c) history <> [] ->
               exists o, clients c history = Some o /\ ends o = false).

    Lemma calm_possible c x : good x -> (c < N)%nat -> finished c x \/ exists v x', calm c x v x'.
    Proof.
      intros Good Cpu; pose proof Good as (y & [Rel All _ _]).
      destruct (nth_error (threads x) c) as [t|] eqn:At.
      2: { apply nth_error_None in At; rewrite (rel_threads _ _ Rel) in At; cbn in At; lia. }
      unfold orderly.finished; rewrite At.
      destruct (related_moves x y c t Rel At) as [Ended|(v & x' & Step & Not)].
      2: { right; exists v, x'; split; [exact Step|contradiction]. }
      destruct t as [history|o history s|o history l u k|]; try contradiction; [|now left].
      destruct Ended as [None|Halts]; [now left|right].
      destruct (good_at_rest c x history Good At) as (_ & Past & _).
      destruct x as [ts g]; cbn [threads contents] in *.
      exists (Some Did_halt), (mkMachine (M := M) (put_at c Stopped ts) ((c, Halted) :: g)); split.
      - apply (step_halt text width M clients c ts g (Idle history)); [exact At|discriminate|split;
          [exact I|reflexivity]].
      - intros _; exists history; split; [exact At|].
        destruct (held (clients c) history) as [|l locks] eqn:Held; [reflexivity|exfalso].
        destruct (Goes_on c history Past) as (o & Is & Goes); [congruence|].
        rewrite Halts in Is; injection Is as <-; discriminate.
    Qed.

    (** Those of [cs], in their order, one step each, but for who has finished. *)
    Lemma in_turn cs : forall x, good x -> Forall (fun c => (c < N)%nat) cs ->
      exists stepped x', segment x stepped x' /\ forall c, List.In c cs -> List.In c stepped \/ finished c x'.
    Proof.
      induction cs as [|c cs IH]; intros x Good Cpus; [exists [], x; split; [constructor|contradiction]|].
      inversion Cpus as [|c' cs' Cpu Cpus' E]; subst.
      destruct (calm_possible c x Good Cpu) as [Fin|(v & x1 & Step)].
      - destruct (IH x Good Cpus') as (stepped & x' & Run & All); exists stepped, x'; split; [exact Run|].
        intros c' [<-|Is]; [right|auto].
        clear - Run Fin; induction Run; eauto using finished_lasts.
      - destruct (IH x1 (good_step _ _ _ _ Good Step) Cpus')
          as (stepped & x' & Run & All).
        exists (c :: stepped), x'; split; [now apply one_step with v x1|].
        intros c' [<-|Is]; [left; now left|destruct (All c' Is); [left; now right|auto]].
    Qed.

    Theorem round_possible x : good x -> exists x', round text width M clients x x'.
    Proof.
      intros Good; destruct (in_turn (seq 0 N) x Good) as (stepped & x' & Run & All).
      - apply Forall_forall; intros c Is; apply in_seq in Is; lia.
      - exists x', stepped; split; [exact Run|]; intros c Cpu; apply All, in_seq; cbn in Cpu; lia.
    Qed.

    (** Fair schedules exist, of any length. *)
    Theorem rounds_possible n : forall x, good x -> exists x', rounds n x x'.
    Proof.
      induction n as [|n IH]; intros x Good; [now exists x|].
      destruct (round_possible x Good) as (x1 & Round).
      assert (Good1 : good x1)
        by (destruct Round as (cs & Run & _); exact (good_segment x cs x1 Good Run)).
      destruct (IH x1 Good1) as (x' & Rest); exists x', x1; auto.
    Qed.
  End Goes_on.

  (** So what starvation_freedom promises comes about. *)
  Theorem acquire_can_return above A B cs x c f i history s :
    never_breaches clients the_table -> (forall c, orderly (is_told clients c) (clients c) above A B) ->
    segment (first_state M) cs x -> (c < N)%nat ->
    nth_error (threads x) c = Some (Calling (Op_acquire f i) history s) ->
    exists x', rounds (whole_rounds A B N (Datatypes.S (above (lock_id f i)))) x x' /\ over c history x'.
  Proof.
    intros Never Orderly Reached Cpu At.
    pose proof (good_reached Never cs x Reached) as Good.
    destruct (rounds_possible (fun c => goes_on _ (clients c) above A B (Orderly c)) (whole_rounds A B N (Datatypes.S
      (above (lock_id f i)))) x Good) as (x' & Rounds).
    exists x'; split; [exact Rounds|].
    exact (starvation_freedom above A B Orderly Never cs x c f i history s x' Reached Cpu At Rounds).
  Qed.
End Round_robin.
