(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Clients that satisfy all that liveness asks

    Two CPUs go round for ever: core, then the lock of VM 3's page table inside, read,
    write, release both.  They keep the contract and are [orderly] ([turns_orderly]).
    In a computed execution CPU 1 polls in vain while CPU 0 is inside both; there
    are fair schedules from there, and in each of them CPU 1's acquire returns within
    [core_rounds] ([turns_returns]), which is 168.
    Read next: abba.v, clients that are not orderly. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec L3_atomic.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text sample examples.
From hlock.stack Require Import setting stack_refine.
From hlock.stack Require Import examples.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant no_breach.
From hlock.machine.safety Require Import corollaries.
From hlock.machine.cases Require Import examples.
From hlock.machine.live Require Import live progress waiting starvation bound round_robin.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

(** ** Computed executions are calm *)
Section Calm.
  Context {S : system} (text : program) (width : Z) (clients : cpu -> client S).
  Local Notation M := (sc_memory S width).

  Lemma performed_goes ticket c g (m : thread_move S) a t' :
    performed width ticket c g m = Some (a, t') -> goes_to m t'.
  Proof. destruct m; cbn [performed goes_to]; try discriminate; intros [= _ <-]; eauto. Qed.
  (** Who halts is stopped, and [run] stops nobody. *)
  Lemma halts_stopped c (x x' : machine M) : machine_step text width M clients c x (Some Did_halt) x' ->
    nth_error (threads x') c = Some Stopped.
  Proof.
    intros Step; remember (Some Did_halt) as v eqn:Halts;
      destruct Step as [| | |ts g t a t' g' At Ans Happens|ts g t g' At Lives Happens];
      try discriminate; cbn [threads].
    - destruct a as [l k| | |]; try discriminate; destruct (next_move text width (clients c) t); cbn [answered] in Ans;
        try contradiction; try (destruct Ans as (? & [=] & _)); destruct Ans as ([=] & _).
    - now rewrite invariant.nth_put, Nat.eqb_refl, At.
  Qed.
  Lemma step_of_calm c x x' : step_of text width clients c x = Some x' ->
    exists v, calm_step text width M clients c x v x'.
  Proof.
    intros Is; destruct (step_of_sound text width clients c x x' Is) as (v & Step); exists v; split; [exact Step|].
    intros ->; exfalso; pose proof (halts_stopped c x x' Step) as Stops; clear Step.
    destruct x as [ts g]; unfold step_of, step_by in Is; cbn [threads contents] in Is.
    destruct (nth_error ts c) as [t|] eqn:At; [|discriminate].
    destruct (performed width _ c g (next_move text width (clients c) t)) as [[a t']|] eqn:Done; [|discriminate].
    injection Is as <-; cbn [threads] in Stops; rewrite invariant.nth_put, Nat.eqb_refl, At in Stops;
      injection Stops as ->.
    exact (never_stopped text width (clients c) t Stopped (performed_goes _ _ _ _ _ _ Done) eq_refl).
  Qed.
  Lemma run_calm schedule : forall x x', run text width clients schedule x = Some x' ->
    segment text width M clients x schedule x'.
  Proof.
    induction schedule as [|c schedule IH]; cbn; intros x x' Is; [injection Is as <-; constructor|].
    destruct (step_of text width clients c x) as [x1|] eqn:Step; [|discriminate].
    apply step_of_calm in Step as (v & Step); apply one_step with v x1; auto.
  Qed.

  (** What is computed of the state that a schedule leads to holds of a segment. *)
  Lemma computed_calm {A} (f : machine M -> A) schedule a :
    option_map f (run text width clients schedule (first_state M)) = Some a ->
    exists x, segment text width M clients (first_state M) schedule x /\ f x = a.
  Proof.
    destruct (run text width clients schedule (first_state M)) as [x|] eqn:Run; [|discriminate]; intros [= <-].
    exists x; split; [exact (run_calm schedule _ x Run)|reflexivity].
  Qed.
End Calm.

(** What CPU [c] acquires, and after which answers. *)
Definition acquiring {w} (x : machine (sc_memory two w)) (c : cpu) : option (family * Z * list (response two)) :=
  match nth_error (threads x) c with Some (Calling (Op_acquire f i) history _) => Some (f, i, history) | _ => None end.
Lemma acquiring_sound w (x : machine (sc_memory two w)) c f i history : acquiring x c = Some (f, i, history) ->
  exists s, nth_error (threads x) c = Some (Calling (Op_acquire f i) history s).
Proof.
  unfold acquiring; destruct (nth_error (threads x) c) as [[|[] history' s| |]|]; try discriminate.
  intros [= -> -> ->]; eauto.
Qed.

(** Who acquires a lock first of all may be told that it has it. *)
Lemma told_first {S : system} (clients : cpu -> client S) c f i : (c < cpus S)%nat ->
  clients c [] = Some (Op_acquire f i) -> lock_exists (S := S) (lock_id f i) = true -> is_told clients c [None].
Proof.
  intros Cpu First Exists.
  set (ps := repeat (At_rest (S := S) []) (cpus S)); assert (At : nth_error ps c = Some (At_rest []))
    by now apply nth_error_repeat.
  assert (Put : forall qs (q : position S), nth_error qs c <> None -> nth_error (put_at c q qs) c = Some q)
    by (intros qs q Some_q; rewrite nth_put, Nat.eqb_refl; now destruct (nth_error qs c)).
  set (o := Op_acquire f i) in *; set (ps1 := put_at c (Pending o []) ps); set (ps2 := put_at c (Effected o []) ps1).
  set (entry := [(c, Lock (lock_id f i) Entered)] : log S atomic_verb).
  assert (At1 : nth_error ps1 c = Some (Pending o [])) by (apply Put; congruence).
  assert (At2 : nth_error ps2 c = Some (Effected o [])) by (apply Put; congruence).
  exists [(c, Returned o); (c, Called o)], (mkAtomic (put_at c (At_rest [None]) ps2) entry), (At_rest [None]).
  split; [|split; [apply Put; congruence|reflexivity]].
  apply (atomic_execution_step clients [(c, Called o)] (mkAtomic ps2 entry) c (Some (Returned o))).
  - apply (atomic_execution_step clients [(c, Called o)] (mkAtomic ps1 []) c None).
    + apply (atomic_execution_step clients [] (mkAtomic ps []) c (Some (Called o))); [apply atomic_execution_start|].
      now apply atomic_call.
    + apply (atomic_effect clients c ps1 [] [] o _ At1 eq_refl); unfold possible, event_fault, action_fault.
      rewrite (proj2 (Nat.ltb_lt _ _) Cpu), Exists; reflexivity.
  - exact (atomic_return clients c ps2 entry [] o At2).
Qed.

(** A client that goes through a list of operations has ended after them. *)
Lemma list_chosen (ops : list (op two)) history :
  chosen (fun history => nth_error ops (length history)) history -> (length history <= length ops)%nat.
Proof.
  destruct history as [|a history]; cbn [chosen length]; [lia|]; intros (_ & o & Next & _).
  apply nth_error_Some; rewrite Next; discriminate.
Qed.
(** So for one of four operations there are five pasts. *)
Ltac each_past history Past :=
  apply (list_chosen _ history) in Past;
  destruct history as [|? [|? [|? [|? [|]]]]]; [| | | | |exfalso; cbn in Past; lia].

(** ** The clients *)

(** One turn; what is written is one more than what was read. *)
Definition one_turn (told : Z) : list (op two) :=
  [Op_acquire core_family 0; Op_acquire pt_family 3; Op_read pt_family 3 0;
   Op_write pt_family 3 0 (told + 1 : Obj two (lock_id pt_family 3)); Op_release pt_family 3; Op_release core_family 0].
(** How far into its turn a client is. *)
Fixpoint into_turn (history : list (response two)) : nat :=
  match history with [] => 0
    | _ :: history => if (into_turn history <? 5)%nat then Datatypes.S (into_turn history) else 0 end.
Definition turns : cpu -> client two := fun _ history => nth_error (one_turn (last_told history)) (into_turn history).

(** What it holds there; and how long ago it acquired that. *)
Definition turn_holds (n : nat) : list Z := nth n [[]; [0]; [pt3; 0]; [pt3; 0]; [pt3; 0]; [0]] [].

Lemma into_turn_less history : (into_turn history < 6)%nat.
Proof. destruct history as [|a history]; cbn [into_turn]; [lia|]; destruct (Nat.ltb_spec (into_turn history) 5);
  lia. Qed.
Local Ltac six history :=
  pose proof (into_turn_less history);
  destruct (into_turn history) as [|[|[|[|[|[|]]]]]]; [..|exfalso; lia];
  cbn [one_turn nth_error turn_holds nth List.In Nat.ltb Nat.leb].

Lemma turns_table c history o : turns c history = Some o -> of_table sample o.
Proof.
  intros Next; apply nth_error_In in Next; revert o Next; apply Forall_forall.
  repeat apply Forall_cons; try apply Forall_nil; cbn [of_table]; unfold sample; cbn [List.In]; auto 10.
Qed.

Lemma turns_held c history : held (turns c) history = turn_holds (into_turn history).
Proof.
  induction history as [|a history IH]; [reflexivity|].
  cbn [held into_turn]; rewrite IH; unfold turns; six history; reflexivity.
Qed.

Lemma turns_contract : contract turns.
Proof.
  intros c n; change (keeps (turns c) n [] (turn_holds (into_turn []))).
  generalize (@nil (response two)); induction n as [|n IH]; intros history; [exact I|].
  cbn [keeps]; unfold turns at 1.
  assert (Next : forall a, keeps (turns c) n (a :: history) (turn_holds (into_turn (a :: history)))) by (intros a;
    apply IH).
  cbn [into_turn] in Next; revert Next; six history; intros Next; (split; [reflexivity|exact Next]).
Qed.

(** Nothing is held for more than five operations. *)
Lemma turns_since c history l : List.In l (turn_holds (into_turn history)) ->
  (since (turns c) l history < into_turn history)%nat.
Proof.
  induction history as [|a history IH]; [contradiction|].
  cbn [since into_turn]; unfold turns at 1; revert IH; six history; intros IH.
  - intros [<-|[]]; cbn; lia.
  - destruct (Z.eqb_spec (lock_id pt_family 3) l); [lia|]; intros [<-|[<-|[]]];
      [contradiction|specialize (IH (or_introl eq_refl)); lia].
  - intros Is; specialize (IH Is); lia.
  - intros Is; specialize (IH Is); lia.
  - intros [<-|[]]; specialize (IH (or_intror (or_introl eq_refl))); lia.
  - contradiction.
Qed.

(** It acquires one lock more, inside the first. *)
Lemma turns_acquires c history l : List.In l (turn_holds (into_turn history)) ->
  into_turn history = 1%nat -> acquires_since (turns c) l history = 0%nat.
Proof.
  destruct history as [|a history]; [contradiction|].
  cbn [acquires_since into_turn]; unfold turns; six history; try discriminate; intros [<-|[]]; reflexivity.
Qed.

Theorem turns_orderly : forall c, orderly (is_told turns c) (turns c) (rank_levels sample) 1 5.
Proof.
  apply orderly_text; intros c; constructor.
  - intros history f i l _ Next; rewrite turns_held; revert Next; unfold turns.
    six history; try discriminate; intros [= <- <-]; [contradiction|intros [<-|[]]; vm_compute; lia].
  - intros history _ _; unfold turns; six history; eauto.
  - intros history l _ Held; rewrite turns_held in Held; pose proof (turns_since c history l Held);
      pose proof (into_turn_less history); lia.
  - intros history f i l _ Next Held; rewrite turns_held in Held.
    rewrite (turns_acquires c history l Held); [lia|].
    revert Next Held; unfold turns; six history; try discriminate; [contradiction|reflexivity].
Qed.

(** Every premise of starvation.v holds of them. *)
Theorem turns_premises w : List.In w widths ->
  (1 <= w <= 32 /\ Z.of_nat 2 <= modulus w) /\
  never_breaches turns sample /\ forall c, orderly (is_told turns c) (turns c) (rank_levels sample) 1 5.
Proof.
  intros [<-|[<-|[<-|[]]]]; (split; [repeat split; discriminate|]);
    exact (conj (contract_suffices _ _ (conj turns_table turns_contract)) turns_orderly).
Qed.

(** ** One waits for the other *)

(** CPU 0 acquires both locks; CPU 1 takes its ticket for core and polls in vain. *)
Definition one_waits : list cpu := repeat 0%nat 62 ++ repeat 1%nat 19.

Example turns_waits w : List.In w widths ->
  exists x, segment sample_text w (sc_memory two w) turns (first_state _) one_waits x /\
    inside sample_text turns x 0%nat 0 /\ inside sample_text turns x 0%nat pt3 /\
    acquiring x 1%nat = Some (core_family, 0, []) /\
    verbs 0 (contents x) = [(0%nat, Took 0); (0%nat, Polled 0); (1%nat, Took 1); (1%nat, Polled 0)].
Proof.
  intros Is; destruct (computed_calm sample_text w turns (fun x : machine (sc_memory two w) =>
      (rests_inside turns x 0%nat 0, rests_inside turns x 0%nat pt3, acquiring x 1%nat, verbs 0 (contents x))) one_waits
      (true, true, Some (core_family, 0, []),
       [(0%nat, Took 0); (0%nat, Polled 0); (1%nat, Took 1); (1%nat, Polled 0)])) as (x & Run & Found).
  - revert Is; intros [<-|[<-|[<-|[]]]]; vm_compute; reflexivity.
  - injection Found as In_core In_pt Acquires Verbs; exists x; auto 6 using rests_inside_sound.
Qed.

(** An acquire of core, by two CPUs whose sections have at most five operations, of
    which at most one acquires: in this table two ranks are above it. *)
Definition core_rounds : nat := whole_rounds 1 5 2 (Datatypes.S (rank_levels sample 0)).
Example core_rounds_are : rank_levels sample 0 = 2%nat /\ core_rounds = 168%nat.
Proof. split; reflexivity. Qed.

(** From there on fair schedules exist, and in each of them the acquire that waits
    returns within so many rounds. *)
Theorem turns_returns w : List.In w widths ->
  exists x, segment sample_text w (sc_memory two w) turns (first_state _) one_waits x /\
    acquiring x 1%nat = Some (core_family, 0, []) /\
    (forall x', rounds sample_text w (sc_memory two w) turns core_rounds x x' -> over 1 [] x') /\
    exists x', rounds sample_text w (sc_memory two w) turns core_rounds x x' /\ over 1 [] x'.
Proof.
  intros Is; destruct (turns_premises w Is) as ((Width & _) & Never & Orderly).
  destruct (turns_waits w Is) as (x & Run & _ & _ & Acquires & _); exists x; split; [exact Run|split;
    [exact Acquires|]].
  destruct (acquiring_sound w x 1%nat core_family 0 [] Acquires) as (s & At).
  split.
  - intros x' Rounds.
    exact (starvation_freedom (G :=
      of_clients w Width turns) (rank_levels sample) 1 5 Orderly Never one_waits x 1 core_family 0 [] s x'
             Run (Nat.lt_succ_diag_r 1) At Rounds).
  - exact (acquire_can_return (G := of_clients w Width turns) (rank_levels sample) 1 5 one_waits x 1
    core_family 0 [] s Never Orderly
             Run (Nat.lt_succ_diag_r 1) At).
Qed.

(** ** Clients that are orderly, though their text is not *)

(** What [trusting] is told is 0, and three answers at most. *)
Lemma trusting_told c history : is_told trusting c history -> last_told history = 0 /\ (length history <= 3)%nat.
Proof.
  intros (tr & y & q & Run & At & Is); destruct (trusting_reads tr y Run) as (Reads & _ & Told).
  assert (Same : told_at q = history) by (destruct q; try discriminate; now injection Is).
  specialize (Told c q At); rewrite Same in Told; split; [exact Told|].
  apply (list_chosen [Op_acquire pt_family 3; Op_read pt_family 3 0; Op_release pt_family 3]).
  apply (told_chosen reading c); exists tr, y, q; auto.
Qed.
Lemma trusting_past c history : is_told trusting c history ->
  trusting c history = reading c history /\ held (trusting c) history = held (reading c) history /\
  forall l, since (trusting c) l history = since (reading c) l history.
Proof.
  induction history as [|a history IH]; intros Told; pose proof (trusting_told c _ Told) as (Zero & _);
    (split; [exact (trusting_reading c _ Zero)|]); [split; reflexivity|].
  destruct (IH (told_before trusting c a history Told)) as (Next & Held & Since).
  cbn [held since]; rewrite Next, Held; split; [reflexivity|intros l; now rewrite Since].
Qed.

Theorem trusting_orderly : forall c, orderly (is_told trusting c) (trusting c) (rank_levels sample) 0 2.
Proof.
  intros c; constructor.
  1, 4: intros history f i l Told Next; pose proof (trusting_past c _ Told) as (Same & -> & _);
    destruct (trusting_told c _ Told) as (_ & Short); rewrite Same in Next;
    destruct history as [|? [|? [|? [|]]]]; try discriminate; intros [].
  - intros history Told; pose proof (trusting_past c _ Told) as (-> & -> & _).
    destruct (trusting_told c _ Told) as (_ & Short).
    destruct history as [|? [|? [|? [|]]]]; [| | | |exfalso; cbn in Short; lia]; intros Holds;
      try (now destruct Holds); eexists; split; reflexivity.
  - intros history l Told; pose proof (trusting_past c _ Told) as (_ & -> & ->).
    destruct (trusting_told c _ Told) as (_ & Short).
    destruct history as [|? [|? [|? [|]]]]; [| | | |exfalso; cbn in Short; lia]; try (intros []; fail);
      (intros [<-|[]]; cbn; lia).
Qed.
(** Told something else, it would end with its lock. *)
Example trusting_text_goes_on above A B : ~ orderly (chosen (trusting 0%nat)) (trusting 0%nat) above A B.
Proof.
  intros [_ Goes _ _]; destruct (Goes [None; Some (existT _ pt3 (1 : Obj two pt3)); None]) as (o & Is & _).
  - repeat split; eexists; split; reflexivity.
  - discriminate.
  - discriminate Is.
Qed.
