(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: what is asked of executions of instructions

    That they are made of lists of instructions, are the actions of a graph, and that CPUs go through
    their threads: executions for which it is so, and others that break one thing each.  What sharp_*.v
    files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool String Lia Relations.
From hlock.clight Require Import syntax.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.stack Require Import linked.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events.
From hlock.machine.cases Require Import small few.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope list_scope.
#[local] Existing Instance two_sorts.
Local Notation act := (action small words_verb).
Local Notation h := handover.

(** ** One step, lists, actions *)
(** Both tickets read what was there at first. *)
Definition torn : execution small access :=
  given [[took 0]; [took 0]] [[[Load; Store]]; [[Load; Store]]] [] [((0, 0, 1), (1, 0, 1))].
Example one_step : atomic (two_tickets 1) /\ ~ atomic torn.
Proof.
  split.
  - intros e f k Pair Fr (Co & Out); cbn in Co; destruct Co as [Co|[]]; injection Co as <- <-; each_event.
  - intros Atomic; apply (Atomic (1, 0, 0) (1, 0, 1) (0, 0, 1)); yes.
Qed.
Example cycles : acyclic po /\ ~ acyclic (fun e f : event => po e f \/ rf torn e f \/ po f e).
Proof.
  split.
  - assert (Way : forall e f, clos_trans event po e f -> po e f) by (induction 1; [assumption|unfold po in *; lia]).
    intros e Is; apply Way in Is; unfold po in Is; lia.
  - intros Acyclic; apply (Acyclic (0, 0, 0)); apply t_trans with (0, 0, 1); apply t_step; yes.
Qed.

Definition its_lists : instruction_lists access :=
  {| failed_tries := [Load]; tickets := [[Load; Store]]; polls := [[Load; Fence]]; loads_now := [[Load; Load]];
     stores_now := [[Fence; Store]]; reads := [[Load]]; writes := [[Store]] |}.
Definition all_sorts : list act :=
  [took 0; Lock 4 (Polled 1); Lock 4 (Loaded 1); Lock 4 (Stored 1); reads_it; wrote; Halted].
Definition its_list (a : act) (is : list access) : Prop := list_for its_lists a is.
Local Ltac listed := cbn; solve [reflexivity | left; reflexivity | repeat split; auto].
Example lists_of_actions :
  Forall (fun p => its_list (fst p) (snd p)) (combine (tl all_sorts)
    [[Load; Fence]; [Load; Load]; [Fence; Store]; [Load]; [Store]; []]) /\
  Forall (fun p => ~ its_list (fst p) (snd p)) (combine (tl all_sorts)
    [[Load]; [Load]; [Store]; [Store]; [Load]; [Load]]).
Proof. split; repeat apply Forall_cons; try apply Forall_nil; cbn; try solve [listed]; intros Is; refuted. Qed.
Example lists_of_tickets : Forall (its_list (took 0)) [[Load; Store]; [Load; Load; Store]; [Load; Load; Load; Store]] /\
  Forall (fun is => ~ its_list (took 0) is) [[]; [Load]; [Load; Load]; [Store; Load; Store]; [Fence; Load; Store]].
Proof.
  split; repeat apply Forall_cons; try apply Forall_nil; cbv beta.
  1-3: cbn; first [exists []; exists [Load; Store]; repeat split; auto; intros i Mem; cbn in Mem |- *; intuition; fail
    |exists [Load]; exists [Load; Store]; repeat split; auto; intros i Mem; cbn in Mem |- *; intuition; fail
    |exists [Load; Load]; exists [Load; Store]; repeat split; auto; intros i Mem; cbn in Mem |- *; intuition; fail].
  all: intros (tries & l & Tries & [<-|[]] & Is); destruct tries as [|i [|j [|k tries]]]; try discriminate Is;
    injection Is; intros; subst; try (destruct tries; discriminate);
    first [destruct (Tries Store ltac:(cbn; auto)) as [Is'|[]]; discriminate Is'
          |destruct (Tries Fence ltac:(cbn; auto)) as [Is'|[]]; discriminate Is'].
Qed.
Example is_made_of : made_of h its_lists /\ ~ made_of (given [[took 0]; [took 0]] [[[Load; Store]]; [[Load]]] [] [])
  its_lists /\ ~ made_of (given [[took 0; Halted]] [[[Load; Store]; [Fence]]] [] []) its_lists.
Proof.
  split; [|split].
  - intros [|[|c]] n a At; [destruct n as [|[|[|n]]]|destruct n as [|[|[|[|n]]]]|destruct c, n; discriminate];
      cbn in At; try discriminate; try (destruct n; discriminate); injection At as <-;
      eexists; (split; [|intros k; cbn; reflexivity]); try solve [listed].
    + exists [Load], [Load; Store]; split; [intros i Mem; exact Mem|split; [now left|reflexivity]].
    + exists [], [Load; Store]; split; [intros i []|split; [now left|reflexivity]].
  - intros Made; destruct (Made 1 0 (took 0) eq_refl) as (is & (tries & l & _ & [<-|[]] & ->) & Part).
    specialize (Part (List.length tries + 1)); rewrite nth_error_app2, Nat.add_comm in Part by lia.
    rewrite Nat.add_sub in Part; cbn in Part; destruct (List.length tries) as [|[|]]; discriminate.
  - intros Made; destruct (Made 0 1 Halted eq_refl) as (is & -> & Part); discriminate (Part 0).
Qed.

(** The graph of its actions. *)
Definition acts_of (runs : list (list act)) (rf : id -> option id) (co : list (id * id)) : graph small :=
  mkGraph (fun c => nth c runs []) rf (fun x y => List.In (x, y) co).
Definition its_rf (x : id) : option id :=
  match x with (1, 0) => Some (0, 0) | _ => None end.
Example not_its_graph : ~ contracts (two_tickets 1) (acts_of [[took 0]; [took 0]] its_rf [((0, 0), (1, 0))]) /\
  ~ contracts (two_tickets 1) (acts_of [[took 0]; [took 1]] (fun _ => None) [((0, 0), (1, 0))]) /\
  ~ contracts (two_tickets 1) (acts_of [[took 0]; [took 1]] its_rf []) /\
  ~ contracts (two_tickets 1) (acts_of [[took 0]; [took 1]] its_rf [((0, 0), (1, 0)); ((1, 0), (0, 0))]).
Proof.
  split; [|split; [|split]]; intros (Run & Rf & Co).
  - discriminate (Run 1).
  - assert (Half : load_half (two_tickets 1) (1, 0, 0)) by (split; [yes|intros k Less; cbn [fst]; each_event]).
    assert (Is : None = Some (0, 0)) by first [exact (Rf (1, 0, 0) Half)|exact (Rf (1, 0, 0))].
    discriminate Is.
  - destruct (proj2 (Co (0, 0) (1, 0))); exists 1, 1; left; reflexivity.
  - destruct (proj1 (Co (1, 0) (0, 0)) ltac:(cbn; auto)) as (k & n & Is); refuted.
Qed.
Example its_graph : contracts (two_tickets 1) (acts_of [[took 0]; [took 1]] its_rf [((0, 0), (1, 0))]).
Proof.
  split; [reflexivity|split].
  - intros f (Is & Last); each_event; reflexivity.
  - intros x y; cbn; split.
    + intros [Is|[]]; injection Is as <- <-; exists 1, 1; auto.
    + intros (k & n & [Is|[]]); injection Is; intros; subst; auto.
Qed.

(** ** Threads *)
Definition text : program := stack "" small_table.
Definition idle (acts : list (list act)) : execution small access := given acts [] [] [].
Definition nothing_seen : cpu -> list (visible small) := fun _ => [].
Definition goes_nowhere : cpu -> thread small := fun _ => Idle [].
Local Notation runs_idle acts seen last := (runs_threads text 1 (go_through []) (idle acts) seen last).
Definition halts (c : cpu) (seen : cpu -> list (visible small)) : cpu -> list (visible small) :=
  fun d => if Nat.eqb d c then [Did_halt] else seen d.
Definition is_stopped (c : cpu) : cpu -> thread small := fun d => if Nat.eqb d c then Stopped else Idle [].
Example threads_run : runs_idle [] nothing_seen goes_nowhere /\
  runs_idle [[]; [Halted]] (halts 1 nothing_seen) (is_stopped 1).
Proof.
  split; constructor.
  - intros [|[|c]] Less; [apply alone_start..|cbn in Less; lia].
  - intros [|[|c]] Less; [reflexivity..|reflexivity].
  - intros [|[|c]] Less; [apply alone_start| |cbn in Less; lia].
    cbn; apply alone_halt with (t := Idle []); [apply alone_start|discriminate].
  - intros [|[|[|c]]] Less; cbn in *; try lia; reflexivity.
Qed.
Lemma nothing_alone c vis t : alone (S := small) text 1 (go_through [] c) [] vis t -> vis = [] /\ t = Idle [].
Proof.
  assert (All : forall did seen u, alone (S := small) text 1 (go_through [] c) did seen u -> did = [] ->
    seen = [] /\ u = Idle []).
  { induction 1 as [|d v t1 t2 Run IH Next|d v t1 t2 o Run IH Next|d v t1 t2 o Run IH Next|d v t1 a t2 Run IH Next
      |d v t1 Run IH Lives]; intros None_; auto; try discriminate; destruct (IH None_) as (-> & ->);
      destruct c as [|[|c]]; discriminate Next. }
  intros Run; exact (All [] vis t Run eq_refl).
Qed.
Example threads_do_not_run : ~ runs_idle [] (halts 1 nothing_seen) goes_nowhere /\
  ~ runs_idle [] nothing_seen (is_stopped 1) /\
  ~ runs_idle [[]; []; [Halted]] nothing_seen goes_nowhere /\
  ~ runs_idle [[]; []; []; [Halted]] nothing_seen goes_nowhere.
Proof.
  split; [|split; [|split]]; intros [Each Others].
  - destruct (nothing_alone 1 _ _ (Each 1 ltac:(cbn; lia))); discriminate.
  - destruct (nothing_alone 1 _ _ (Each 1 ltac:(cbn; lia))); discriminate.
  - discriminate (Others 2 ltac:(cbn; lia)).
  - discriminate (Others 3 ltac:(cbn; lia)).
Qed.
