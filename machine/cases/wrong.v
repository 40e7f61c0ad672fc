(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Wrong locks on the machine: trace inclusion is false of them

    What main/theorem.v says of traces, for objects that are numbers, with its text,
    its memory and its side condition left open ([traces_included]).  It is true of
    the text of a small table, and false of that
    text with another comparison in its loop or without the loop, of one
    CPU too many for the words, and of a ticket that is taken by a load and then a
    store: in each case two CPUs that keep the contract are seen inside of one lock,
    in an execution that is computed here.  And it is false, by the values, of a memory
    whose reads may be late (data.v), and of one that confuses the parts of an
    object.  (A wait with [<=] and an [incr_now] by
    two let nobody in: layers/L1_ticket/wrong_code.v, wrong.v and `make explore`.)
    Read first: exclusion.v. *)
From Coq Require Import ZArith String List Bool Lia.
From hlock.clight Require Import options syntax.
From hlock.layers.view Require Import spec facts.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.L1_ticket Require Import wrong_code.
From hlock.layers.L4_locks Require Import spec contract text sample examples.
From hlock.layers.table Require Import table.
From hlock.stack Require Import stack setting stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import no_breach.
From hlock.stack Require Import examples.
From hlock.machine.cases Require Import examples data.
From hlock.machine.safety Require Import exclusion.
From hlock.machine.run Require Import explore_cases.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

Definition of_cpus (N : nat) : system := table_system sample N numbers.

Definition traces_included (N : nat) (text : program) (width : Z) (M : memory_system (of_cpus N)) : Prop :=
  forall clients : cpu -> client (of_cpus N), never_breaches clients sample ->
  forall tr x, execution text width M clients tr x -> exists y, atomic_execution clients tr y.

(** The right text. *)
Theorem right_traces_included N width : 1 <= width <= 32 -> Z.of_nat N <= modulus width ->
  traces_included N sample_text width (sc_memory _ width).
Proof.
  intros Width Fits clients Never tr x Run.
  destruct (machine_correct (G :=
    mkRunning (mkSetting EmptyString sample sample_accepted N numbers width Width Fits) clients) Never tr x Run)
    as (y & Above & _); eauto.
Qed.

(** ** A ticket by load and store

    The load gives what [next] was at some time after the last action of that CPU;
    the store makes it one more than that.  Actions of others can be between. *)
Section Split.
  Context (S : system) (width : Z).
  Definition split_ticket : memory_system S :=
    mkMemory (log S words_verb) [] (fun g c a g' =>
      g' = (c, a) :: g /\
      match a with
      | Lock l (Took t) => exists others g0, g = others ++ g0 /\ (forall e, List.In e others ->
        fst e <> c) /\ t = next S width l g0
      | _ => value_there S width g a
      end).

  (** The earliest load. *)
  Fixpoint until_own (c : cpu) (g : log S words_verb) : log S words_verb :=
    match g with
    | e :: before => if Nat.eqb (fst e) c then g else until_own c before
    | [] => []
    end.
  Lemma until_own_is c g : exists others, g = others ++ until_own c g /\ forall e, List.In e others -> fst e <> c.
  Proof.
    induction g as [|e g (others & Is & Other)]; cbn [until_own]; [exists []; split; [reflexivity|contradiction]|].
    destruct (Nat.eqb_spec (fst e) c) as [|Not]; [exists []; split; [reflexivity|contradiction]|].
    exists (e :: others); split; [cbn; now f_equal|intros e' [<-|Mem]; auto].
  Qed.
End Split.

(** ** Clients: a list of operations for each CPU, on one lock *)
Section Clients.
  Context {N : nat}.
  Local Notation S := (of_cpus N).

  Definition acquire : op S := Op_acquire core_family 0.
  Definition release : op S := Op_release core_family 0.
  Definition goes_through (programs : list (list (op S))) : cpu -> client S :=
    fun c history => nth_error (nth c programs []) (length history).

  (** To keep the contract is computed, of such a list. *)
  Fixpoint list_keeps (ops : list (op S)) (held : list Z) : bool :=
    match ops with
    | [] => true
    | o :: ops => allowed o held && negb (ends o) && list_keeps ops (held_after o held)
    end.
  Lemma list_keeps_sound ops : forall before n history held, length history = length before ->
    list_keeps ops held = true ->
    keeps (fun history => nth_error (before ++ ops) (length history)) n history held.
  Proof.
    induction ops as [|o ops IH]; intros before [|n] history held Length Keeps; cbn [keeps]; try exact I.
    - rewrite app_nil_r, Length, (proj2 (nth_error_None before _) (Nat.le_refl _)); exact I.
    - rewrite Length, nth_error_app2, Nat.sub_diag by lia; cbn [nth_error list_keeps] in *.
      apply andb_prop in Keeps as (Keeps & Rest); apply andb_prop in Keeps as (Allowed & Goes_on).
      split; [exact Allowed|intros a]; apply negb_true_iff in Goes_on as ->.
      replace (before ++ o :: ops) with ((before ++ [o]) ++ ops) by now rewrite <- app_assoc.
      apply IH; [rewrite app_length; cbn; lia|exact Rest].
  Qed.
  Lemma programs_contract programs :
    forallb (fun ops => list_keeps ops []) programs = true -> contract (goes_through programs).
  Proof.
    intros Keep c n; apply (list_keeps_sound (nth c programs []) [] n [] []); [reflexivity|].
    destruct (nth_in_or_default c programs []) as [Mem| ->]; [|reflexivity].
    rewrite forallb_forall in Keep; exact (Keep _ Mem).
  Qed.
  Lemma programs_table programs : (forall ops, List.In ops programs -> Forall (of_table sample) ops) ->
    forall c history o, goes_through programs c history = Some o -> of_table sample o.
  Proof.
    intros Of c history o Next; apply (nth_error_In (nth c programs [])) in Next.
    destruct (nth_in_or_default c programs []) as [Mem|Empty]; [|now rewrite Empty in Next].
    exact (proj1 (Forall_forall _ _) (Of _ Mem) o Next).
  Qed.
End Clients.

(** ** Executions, computed *)
Section Run.
  Context {N : nat} {text : program} (width : Z) (clients : cpu -> client (of_cpus N)).
  Local Notation S := (of_cpus N).
  Local Notation log := (log S words_verb).
  Context (mem_step : log -> cpu -> action S words_verb -> log -> Prop).
  Context (ticket : cpu -> Z -> log -> Z).
  Context (Takes : forall g c l, let a := Lock l (Took (ticket c l g)) in mem_step g c a ((c, a) :: g)).
  Context (There : forall g c a, value_there S width g a -> mem_step g c a ((c, a) :: g)).
  Local Notation M := (mkMemory log [] mem_step).

  (** What was seen, and the state. *)
  Definition seen_machine : Type := visible_trace S * machine M.
  Definition one_step (c : cpu) (at_ : seen_machine) : option seen_machine :=
    match step_by text width clients ticket c (snd at_) with
    | Some (v, x) => Some (see c v (fst at_), x)
    | None => None
    end.
  (** One operation of CPU [c] to its end, or fifty steps of it. *)
  Fixpoint one_operation (fuel : nat) (c : cpu) (at_ : seen_machine) : option seen_machine :=
    match fuel with
    | O => Some at_
    | Datatypes.S fuel =>
        match one_step c at_ with
        | None => None
        | Some at_ =>
            match nth_error (threads (snd at_)) c with
            | Some (Idle _) => Some at_
            | _ => one_operation fuel c at_
            end
        end
    end.
  Fixpoint operations (cs : list cpu) (at_ : seen_machine) : option seen_machine :=
    match cs with
    | [] => Some at_
    | c :: cs => match one_operation 50 c at_ with Some at_ => operations cs at_ | None => None end
    end.

  Local Notation runs at_ := (execution text width M clients (fst at_) (snd at_)).
  Lemma one_step_sound c at_ at' : runs at_ -> one_step c at_ = Some at' -> runs at'.
  Proof.
    unfold one_step; destruct (step_by _ _ _ _ _ _) as [[v x]|] eqn:Step; [|discriminate]; intros Run [= <-];
      cbn [fst snd].
    exact (execution_step text width M clients _ _ c v x Run
      (step_by_sound text width clients ticket c _ v x Takes There Step)).
  Qed.
  Lemma one_operation_sound fuel c : forall at_ at', runs at_ -> one_operation fuel c at_ = Some at' -> runs at'.
  Proof.
    induction fuel as [|fuel IH]; cbn [one_operation]; intros at_ at' Run; [now intros [= <-]|].
    destruct (one_step c at_) as [at1|] eqn:Step; [|discriminate]; pose proof (one_step_sound c at_ at1 Run Step).
    destruct (nth_error _ c) as [[]|]; eauto; now intros [= <-].
  Qed.
  Lemma operations_sound cs : forall at_ at', runs at_ -> operations cs at_ = Some at' -> runs at'.
  Proof.
    induction cs as [|c cs IH]; cbn [operations]; intros at_ at' Run; [now intros [= <-]|].
    destruct (one_operation 50 c at_) as [at1|] eqn:One; [|discriminate]; eauto using one_operation_sound.
  Qed.

  (** Two seen inside: the trace is not one of the atomic machine. *)
  Lemma two_inside_refutes cs c c' :
    never_breaches clients sample -> c <> c' ->
    option_map (fun at_ => seen_inside c 0 (fst at_) && seen_inside c' 0 (fst at_))
      (operations cs ([], first_state (S := S) M)) = Some true ->
    ~ traces_included N text width M.
  Proof.
    intros Never Differ Two Included; destruct (operations _ _) as [at_|] eqn:Run; [|discriminate].
    injection Two as Both; apply andb_prop in Both as (Is & Is').
    apply operations_sound in Run; [|constructor].
    destruct (Included clients Never _ _ Run) as (y & Above).
    exact (Differ (atomic_exclusion clients _ y c c' 0 Above Is Is')).
  Qed.
End Run.

(** ** Refuted *)
Section Refuted.
  Context {N : nat} {text : program} {width : Z}.

  (** On consistent memory. *)
  Lemma refuted programs cs c c' :
    (forall ops, List.In ops programs -> Forall (of_table sample) ops) ->
    forallb (fun ops => list_keeps ops []) programs = true -> c <> c' ->
    option_map (fun at_ => seen_inside c 0 (fst at_) && seen_inside c' 0 (fst at_))
      (operations (text := text) width (goes_through programs) (mem_step (sc_memory (of_cpus N) width))
         (fun _ => next (of_cpus N) width) cs ([], first_state (S := of_cpus N) _)) = Some true ->
    ~ traces_included N text width (sc_memory _ width).
  Proof.
    intros Table Keep; apply two_inside_refutes.
    - intros g c0 l; split; reflexivity.
    - intros g c0 a There; split; [exact There|reflexivity].
    - exact (contract_suffices _ _ (conj (programs_table programs Table) (programs_contract programs Keep))).
  Qed.
End Refuted.

Local Ltac of_the_table :=
  intros ops Mem; cbn [List.In] in Mem;
  repeat match goal with M : _ \/ _ |- _ => destruct M as [<-|M] end; try contradiction;
  repeat apply Forall_cons; try apply Forall_nil; cbn [acquire release of_table]; unfold sample; cbn [List.In]; auto 10.

(** [<] for [!=]: after one turn the numbers have wrapped.  CPU 0 acquires and
    releases, CPU 1 acquires, and CPU 0 gets in beside it. *)
Theorem wait_less_not_included : ~ traces_included 2 (with_wait wait_less) 1 (sc_memory _ 1).
Proof.
  apply (refuted [[acquire; release; acquire]; [acquire]] [0; 0; 1; 0]%nat 0 1);
    [of_the_table|reflexivity|discriminate|].
  vm_compute; reflexivity.
Qed.

(** [>] for [!=]: nobody waits. *)
Theorem wait_greater_not_included : ~ traces_included 2 (with_wait wait_greater) 2 (sc_memory _ 2).
Proof.
  apply (refuted [[acquire]; [acquire]] [0; 1]%nat 0 1); [of_the_table|reflexivity|discriminate|].
  vm_compute; reflexivity.
Qed.

(** [>=] and [==] for [!=]: who is first waits, all others do not. *)
Theorem wait_not_less_not_included op : List.In op [Oge; Oeq] ->
  ~ traces_included 3 (with_wait (wait_while op)) 2 (sc_memory _ 2).
Proof.
  intros Is; apply (refuted [[acquire]; [acquire]; [acquire]] [0; 1; 2]%nat 1 2);
    [of_the_table|reflexivity|discriminate|].
  revert Is; intros [<-|[<-|[]]]; vm_compute; reflexivity.
Qed.

(** No loop. *)
Theorem no_wait_not_included : ~ traces_included 2 (with_wait no_wait) 1 (sc_memory _ 1).
Proof.
  apply (refuted [[acquire]; [acquire]] [0; 1]%nat 0 1); [of_the_table|reflexivity|discriminate|].
  vm_compute; reflexivity.
Qed.

(** The right text, one CPU more than words of one bit can tell apart: while CPU 1
    waits, CPU 2 has the ticket of CPU 0, which is inside. *)
Theorem one_cpu_too_many_not_included : ~ traces_included 3 sample_text 1 (sc_memory _ 1).
Proof.
  apply (refuted [[acquire]; [acquire]; [acquire]] [0; 1; 2]%nat 0 2); [of_the_table|reflexivity|discriminate|].
  vm_compute; reflexivity.
Qed.

(** The right text, a ticket by load and store: both loads before both stores. *)
Theorem split_ticket_not_included : ~ traces_included 2 sample_text 2 (split_ticket _ 2).
Proof.
  apply (two_inside_refutes 2 (goes_through [[acquire]; [acquire]]) (mem_step (split_ticket (of_cpus 2) 2))
           (fun c l g => next _ 2 l (until_own _ c g))) with (cs := [0; 1]%nat) (c := 0%nat) (c' := 1%nat).
  - intros g c l; split; [reflexivity|].
    destruct (until_own_is (of_cpus 2) c g) as (others & Is & Other); eauto.
  - intros g c a There; split; [reflexivity|].
    destruct a as [l [t| | |]| | |]; try exact There; exists [], g; split; [reflexivity|split;
      [contradiction|exact There]].
  - apply contract_suffices; split; [apply programs_table; of_the_table|apply programs_contract; reflexivity].
  - discriminate.
  - vm_compute; reflexivity.
Qed.

(** The right text, reads that may give any value that the object had so far: CPU 1,
    inside, reads what was there before CPU 0 wrote. *)
Theorem late_read_not_included w : List.In w widths -> ~ traces_included 2 sample_text w (late_memory _ w).
Proof.
  intros Is Included; destruct (late_read_refuted w Is) as (tr & x & Run & None_above).
  destruct (Included (adders 1) (contract_suffices _ _ (adders_contract 1)) tr x Run) as (y & Above).
  exact (None_above y Above).
Qed.

(** ** Parts of an object, confused *)

(** A read gives what some part of the object contains. *)
Definition any_part (S : system) (width : Z) : memory_system S :=
  mkMemory (log S words_verb) [] (fun g c a g' =>
    g' = (c, a) :: g /\
    match a with Read l _ v => exists k, v = object l k g | _ => value_there S width g a end).

(** CPU 0 acquires, writes 5 to part 0, and reads 5 from part 1: by [atomic_shows]
    (data.v) the atomic machine does not show that. *)
Local Notation S2 := (of_cpus 2).
Definition five : Obj S2 (lock_id core_family 0) := 5.
Definition confused : list (op S2) :=
  [acquire; Op_write core_family 0 0 five; Op_read core_family 0 1; release].

(** What a read showed: lock, part and number. *)
Definition read_seen (v : visible S2) : option (Z * Z * Z) :=
  match v with Did_read l k v => Some (l, k, number v) | _ => None end.

Theorem any_part_not_included : ~ traces_included 2 sample_text 1 (any_part _ 1).
Proof.
  set (l := lock_id core_family 0); set (clients := goes_through [confused]); intros Included.
  assert (Known : option_map (fun at_ : seen_machine (mem_step (any_part S2 1)) =>
      match nth_error (threads (snd at_)) 0 with
      | Some (Idle [None; None]) =>
          (number (object l 0 (contents (snd at_))) =? 5) && (number (last_written l 1 (fst at_)) =? 0)
      | _ => false
      end) (operations (text := sample_text) 1 clients (mem_step (any_part S2 1)) (fun _ => next S2 1) [0; 0]%nat
              ([], first_state (S := S2) _)) = Some true)
    by (vm_compute; reflexivity).
  destruct (operations _ _ _ _ _ _) as [[tr [ts g]]|] eqn:Before; [|discriminate Known].
  apply operations_sound in Before;
    [|intros g0 c l0; split; reflexivity
     |intros g0 c a There; split; [reflexivity|]; destruct a; try exact There; eauto|constructor].
  cbn [option_map fst snd threads contents] in Known, Before.
  destruct (nth_error ts 0) as [[[|[v|] [|[w|] [|u us]]]| | |]|] eqn:At; try discriminate Known.
  injection Known as Known.
  apply andb_prop in Known as (First & Second); apply Z.eqb_eq in First, Second.
  change (object l 0 g = five) in First; change (last_written l 1 tr = (0 : Obj S2 l)) in Second.
  pose (a := @Read S2 words_verb l 1 five).
  pose (told := Some (existT (Obj S2) l five) : response S2).
  assert (Step : machine_step sample_text 1 (any_part S2 1) clients 0%nat (mkMachine ts g) (seen_of a)
    (mkMachine (M := any_part S2 1) (put_at 0%nat (Idle [told; None; None]) ts) ((0%nat, a) :: g))).
  { apply step_memory with (Idle [None; None] : thread S2); [exact At|exact (ex_intro _ five (conj eq_refl eq_refl))|].
    split; [reflexivity|exact (ex_intro _ 0 (eq_sym First))]. }
  pose proof (execution_step _ _ _ _ _ _ _ _ _ Before Step) as Run.
  apply Included in Run as (y & Above).
  - apply atomic_shows in Above as ((o & _ & Is) & _); apply (f_equal read_seen) in Is.
    destruct o as [f i|f i|f i k|f i k v|]; try discriminate Is; injection Is as Same <- Is.
    revert Is; cbn [number]; rewrite <- Same; fold l; rewrite Second; discriminate.
  - apply contract_suffices; split; [|apply programs_contract; reflexivity].
    apply programs_table; intros ops [<-|[]]; unfold confused; repeat apply Forall_cons; try apply Forall_nil;
      cbn [acquire release of_table]; unfold sample; cbn [List.In]; auto 10.
Qed.
