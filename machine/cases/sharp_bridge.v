(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: what it is for a CPU of an execution to be explained

    The others between its own events; where its client comes among them, and calls; when
    its thread is explained, and that of a CPU that has halted.  Words have one bit.  What
    sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import values syntax semantics smallstep.
From hlock.layers.view Require Import spec image.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.stack Require Import runs.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.bridge Require Import explained.
From hlock.machine.cases Require Import small sharp_one.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.
Local Notation W := (words small 1).
Local Notation A := (atomic small).
Local Notation M := (sc_memory small 1).
Local Notation at_ g bs := (mkRData (F := W) 0%nat g bs).

(** ** The others *)
Definition mixed : log small words_verb :=
  [did 1 4 (Took 0); did 0 0 (Polled 1)] ++ goes ++ did 0 0 (Took 1) :: comes.
Definition no_events : log small words_verb := [].
Example others_between : (after 0 mixed, batches 0 mixed, environment 0 mixed, environment 0 no_events) =
  ([did 1 4 (Took 0)], [comes; goes], [comes; goes; [did 1 4 (Took 0)]], [[]]).
Proof. computed. Qed.
Example others_of_another : (after 1 mixed, batches 1 mixed) =
  ([], [[]; []; [did 0 0 (Took 1)]; []; [did 0 0 (Polled 1)]]).
Proof. computed. Qed.
Example among_them : among 1 0 mixed = at_ [] [comes; goes; [did 1 4 (Took 0)]].
Proof. computed. Qed.
Example among_another : among 1 1 comes = mkRData (F := W) 1%nat [] [[]; []; []].
Proof. computed. Qed.

(** ** Where a client comes: one that has ended, one that halts, one that reads what it does not hold *)
Definition all_do (p : client small) : cpu -> client small := fun _ => p.
Definition ended : client small := fun _ => None.
Definition reads : client small := goes_through [read core 0 7].
Local Notation comes_there p g h d := (comes_to none 1 (all_do p) tt 0 g h d).
Definition halted_low : log small words_verb := [(0%nat, Halted)].
Local Notation answer := (Some (existT _ 0 here)).
(** Elsewhere; told more; private copies do not let it read. *)
Example comes_are_not : ~ comes_there ended comes [] (at_ [] []) /\ ~ comes_there ended comes [None] (at_ [] [comes]) /\
  ~ comes_there reads [(0%nat, Read 0 7 here)] [answer] (at_ [(0%nat, Read 0 7 here)] [[]]).
Proof.
  split; [|split]; intros (Run & bs & High).
  - destruct Run as (_ & Not); discriminate Not.
  - destruct Run as (Not & _); discriminate Not.
  - destruct (High []) as (h & Runs & _); cbn in Runs; unfold read_high in Runs.
    destruct (await A _) as [d|f|f]; discriminate Runs.
Qed.
Local Ltac floor_by_floor := constructor; unfold legal; lazymatch goal with
  | |- _ = _ => computed
  | _ => repeat constructor; discriminate
  end.
Example comes_are : comes_there ended comes [] (at_ [] [comes]) /\
  comes_there halts halted_low [None] (at_ halted_low [[]]).
Proof.
  split; (split; [|]).
  - split; reflexivity.
  - exists []; intros rest; eexists; split; [reflexivity|split; [|reflexivity]].
    exists (mkRData (F := L1_ticket.spec.tickets small) 0%nat [] []),
      (mkRData (F := L2_queue.spec.queues small) 0%nat [] []), (mkRData (F := A) 0%nat [] []).
    split; [floor_by_floor|split; [floor_by_floor|split; [floor_by_floor|]]].
    constructor; [reflexivity|reflexivity|intros l; cbn; discriminate].
  - exists None; eexists; split; split; reflexivity.
  - exists [[]]; intros rest; eexists; split; [reflexivity|split; [|reflexivity]].
    exists (mkRData (F := L1_ticket.spec.tickets small) 0%nat [(0%nat, Halted)] []),
      (mkRData (F := L2_queue.spec.queues small) 0%nat [(0%nat, Halted)] []),
      (mkRData (F := A) 0%nat [(0%nat, Halted)] []).
    split; [floor_by_floor|split; [floor_by_floor|split; [floor_by_floor|]]].
    constructor; [reflexivity|reflexivity|intros l; cbn; discriminate].
Qed.

(** ** Calls, of a function that is not there *)
Local Notation calls p g o h s d := (calls_to none 1 (all_do p) tt 0 g o h s d).
Definition stuck : state := Give Vundef (Kseq Sskip Kstop).
(** Another operation; no call; a state to which no step leads; among others. *)
Example calls_are_not : ~ calls acquirer comes (release core 0) [] stuck (at_ [] [comes]) /\
  ~ calls ended comes (acquire core 0) [] stuck (at_ [] [comes]) /\
  ~ calls acquirer comes (acquire core 0) [] (Give Vundef Kstop) (at_ [] [comes]) /\
  ~ calls acquirer comes (acquire core 0) [] stuck (at_ comes []).
Proof.
  repeat split; intros (s0 & d0 & Comes & Calls & Way); try discriminate Calls; injection Calls as <-;
    inversion Way; subst; try discriminate.
  destruct Comes as ((_ & Not) & _); discriminate Not.
Qed.
Lemma starts_there p g : comes_there p g [] (at_ [] (environment 0 g)).
Proof.
  split; [split; reflexivity|exists []; intros rest; eexists; split; [reflexivity|split; [|reflexivity]]].
  exists (mkRData (F := L1_ticket.spec.tickets small) 0%nat [] []),
    (mkRData (F := L2_queue.spec.queues small) 0%nat [] []), (mkRData (F := A) 0%nat [] []).
  split; [floor_by_floor|split; [floor_by_floor|split; [floor_by_floor|]]].
  constructor; [reflexivity|reflexivity|intros l; cbn; discriminate].
Qed.
Example calls_are : calls acquirer comes (acquire core 0) [] stuck (at_ [] [comes]).
Proof.
  exists stuck, (at_ [] [comes]); split; [exact (starts_there acquirer comes)|split; [reflexivity|constructor]].
Qed.

(** ** A thread *)
Local Notation is_explained p g t := (explained none 1 (all_do p) tt 0 g t).
Lemma ended_safe bs : others_in_order small 1 0 (hd [] bs) -> Forall (Forall (fun e => fst e <> 0%nat)) bs ->
  env_safe_throughout none small 1 tt ended [] (at_ [] bs).
Proof.
  intros Others Foreign d' [(k & history & Run)|(l & t & Polls)].
  - assert (d' = at_ [] bs) as -> by (destruct k; apply Run); split; [exact Foreign|].
    unfold arrive, seen, arrivals; cbn [events env]; rewrite app_nil_r; exact Others.
  - now apply polling_nowhere in Polls.
Qed.
Local Ltac in_order := intros b e g' Is Other;
  repeat (destruct b as [|? b]; [injection Is as <- <-; first [reflexivity|now destruct Other]|injection Is as _ Is]);
  destruct b; discriminate Is.
Local Ltac foreign := repeat constructor; discriminate.
(** What another did is out of order; it has done something itself; it is in a call. *)
Example explained_are_not : ~ is_explained ended [did 1 0 (Stored 1)] (Idle []) /\
  ~ is_explained ended [did 0 0 (Took 0)] (Idle []) /\ ~ is_explained ended comes (Idle [None]) /\
  ~ is_explained ended comes (Calling (release core 0) [] stuck).
Proof.
  repeat split; intros [Safe Rest Call _ _];
    try match type of Safe with _ /\ _ => destruct Safe as (Safe & _) end.
  - destruct (Safe (at_ [] [[did 1 0 (Stored 1)]])) as (_ & Others); [left; exists O, []; split; reflexivity|].
    specialize (Others [] (did 1 0 (Stored 1)) [] eq_refl ltac:(discriminate)); discriminate Others.
  - destruct (Rest [] eq_refl) as (d & ((_ & ->) & _) & Seen); discriminate Seen.
  - destruct (Rest [None] eq_refl) as (d & ((Not & _) & _) & _); discriminate Not.
  - destruct (Call _ _ _ eq_refl) as (d & Calls).
    try match type of Calls with _ /\ _ => destruct Calls as (Calls & _) end.
    destruct Calls as (s0 & d0 & _ & Not & _); discriminate Not.
Qed.
Lemma rests_explained : is_explained ended comes (Idle []).
Proof.
  constructor; try discriminate.
  - apply ended_safe; [in_order|foreign].
  - intros history [= <-]; exists (at_ [] [comes]); split; [exact (starts_there ended comes)|reflexivity].
Qed.
Example explained_are : is_explained ended comes (Idle []).
Proof. exact rests_explained. Qed.

(** ** In an execution *)
Local Ltac each := repeat match goal with |- _ /\ _ => split end.
Local Notation goes_on := (continues none 1 (all_do ended)).
Local Notation so_far tr x t := (explained_so_far none 1 (all_do ended) tt tr x 0 t).
Definition first_halts : machine M := mkMachine (M := M) [Stopped; Idle []] halted_low.
Definition both_halt : machine M := mkMachine (M := M) [Stopped; Stopped] ((1%nat, Halted) :: halted_low).
Lemma halts_first : machine_step none 1 M (all_do ended) 0 (first_state M) (Some Did_halt) first_halts.
Proof.
  apply (step_halt none 1 M (all_do ended) 0 [Idle []; Idle []] [] (Idle [])); [reflexivity|discriminate|].
  split; [exact I|reflexivity].
Qed.
Lemma halts_then : machine_step none 1 M (all_do ended) 1 first_halts (Some Did_halt) both_halt.
Proof.
  apply (step_halt none 1 M (all_do ended) 1 [Stopped; Idle []] halted_low (Idle [])); [reflexivity|discriminate|].
  split; [exact I|reflexivity].
Qed.
(** Without a step nothing changes, and what is seen is of the steps. *)
Lemma unseen x tr x' : goes_on x tr x' -> tr = [] -> forall t, nth_error (threads x) 1 = Some (Idle t) ->
  nth_error (threads x') 1 = Some (Idle t).
Proof.
  induction 1 as [|tr x1 c v x2 _ IH Step]; [auto|]; intros Empty t At.
  assert (tr = []) as -> by (destruct v; [discriminate Empty|exact Empty]); specialize (IH eq_refl t At).
  destruct Step as [ts g t1 t' Is Does|ts g t1 t' o Is Does|ts g t1 t' o Is Does|ts g t1 a t' g' Is Ans Mem
    |ts g t1 g' Is Goes Mem]; try discriminate Empty; cbn [threads] in *.
  - destruct c as [|[|c]]; destruct ts as [|u1 [|u2 ts]]; try discriminate; cbn in *; try exact IH;
      injection Is as ->; injection IH as ->; discriminate Does.
  - destruct c as [|[|c]]; destruct ts as [|u1 [|u2 ts]]; try discriminate; cbn in *; try exact IH;
      injection Is as ->; injection IH as ->; destruct Ans.
Qed.
Example continues_are_not : ~ goes_on first_halts [] both_halt.
Proof. intros Goes; discriminate (unseen _ _ _ Goes eq_refl [] eq_refl). Qed.
Example continues_are : goes_on first_halts [] first_halts /\ goes_on first_halts [(1%nat, Did_halt)] both_halt.
Proof.
  split; [apply continues_not|].
  exact (continues_step _ _ _ _ _ _ _ _ _ (continues_not _ _ _ _) halts_then).
Qed.
Lemma start_explained : is_explained ended [] (Idle []).
Proof.
  constructor; try discriminate.
  - apply ended_safe; [intros [|e1 [|e2 b]] e g' Is; discriminate Is|foreign].
  - intros history [= <-]; exists (at_ [] [[]]); split; [exact (starts_there ended [])|reflexivity].
Qed.
(** It is seen to halt. *)
Example so_far_are_not : ~ so_far [] (mkMachine (M := M) [] comes) (Idle [None]) /\ ~ so_far [] first_halts Stopped /\
  ~ so_far [(1%nat, Did_halt)] first_halts Stopped.
Proof.
  split; [exact (proj1 (proj2 (proj2 explained_are_not)))|].
  split; intros (tr1 & x1 & t1 & x2 & tr2 & Halts); destruct tr2 as [|e [|e2 tr2]]; decompose [and] Halts; discriminate.
Qed.
(** Of one that has halted, where it did. *)
Example so_far_are : so_far [] (mkMachine (M := M) [] comes) (Idle []) /\
  so_far [(1%nat, Did_halt); (0%nat, Did_halt)] both_halt Stopped.
Proof.
  split; [exact rests_explained|].
  exists [], (first_state M), (Idle []), first_halts, [(1%nat, Did_halt)].
  each; first [reflexivity|apply execution_start|right; exact I|exact start_explained|exact halts_first
    |exact (proj2 continues_are)].
Qed.
