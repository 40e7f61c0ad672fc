(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The stack: the linked C of all floors, down to the words (T4)

    A client calls the C functions of a table (text.v); they are linked with floors 3
    and 1 and run on floor 0's memory, where other CPUs do what they do.  Each
    operation of floor 0 is carried up through the floors: tickets, queue, atomic
    lock, private copies.  The statement is in parts.v. *)
From Coq Require Import ZArith List Bool String Lia FMapPositive.
From hlock.clight Require Import options integers values syntax operators semantics vcgen functions link.
From hlock.layers.view Require Import spec facts map.
From hlock.layers Require L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.facts L1_ticket.refine L1_ticket.code.
From hlock.layers Require L2_queue.spec L2_queue.refine.
From hlock.layers Require L3_atomic.spec L3_atomic.facts L3_atomic.refine.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec refine text text_facts code.
From hlock.generated Require L1_ticket L3_atomic.
From hlock.stack Require Export linked runs.
Import L0_machine.spec L0_machine.facts.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

(** ** What is where in it *)
Section Linked.
  Context (prefix : string) (T : table).

  Lemma functions_defined : filter defined (functions_of false prefix T) = functions_of false prefix T.
  Proof. induction T as [|f T' IH]; [reflexivity|]; exact (f_equal (fun fs => _ :: _ :: fs) IH). Qed.
  Lemma functions_not_called : filter (fun e => negb (defined e)) (functions_of false prefix T) = [].
  Proof. induction T as [|f T' IH]; [reflexivity|exact IH]. Qed.
  Lemma calls_defined : filter defined (calls_of false T) = [].
  Proof. unfold calls_of; destruct T as [|f T']; [reflexivity|]; cbn [andb]; now destruct (existsb _ T'). Qed.

  (** First the functions of floors 1 and 3, then those of the table, then what they call. *)
  Lemma stack_is : exists called,
    functions (stack prefix T) =
    [($"wait_lock", Gfun (Internal L1_ticket.f_wait_lock)); ($"pass_lock", Gfun (Internal L1_ticket.f_pass_lock));
     ($"wait_hlock", Gfun (Internal L3_atomic.f_wait_hlock));
     ($"pass_hlock", Gfun (Internal L3_atomic.f_pass_hlock))] ++
    functions_of false prefix T ++
    filter (fun e => negb (defined e)) L1_ticket.global_definitions ++ called.
  Proof.
    eexists; unfold stack, link, locks_text, text_of; cbv zeta; cbn [functions List.concat];
      rewrite app_nil_r, !filter_app.
    rewrite functions_defined, functions_not_called, calls_defined; cbn [app]; rewrite <- !app_assoc; reflexivity.
  Qed.

  Lemma stack_finds_defined s fd : (String.length s < 13)%nat ->
    find_function ([($"wait_lock", Gfun (Internal L1_ticket.f_wait_lock));
     ($"pass_lock", Gfun (Internal L1_ticket.f_pass_lock));
     ($"wait_hlock", Gfun (Internal L3_atomic.f_wait_hlock));
     ($"pass_hlock", Gfun (Internal L3_atomic.f_pass_hlock))] ++
     filter (fun e => negb (defined e)) L1_ticket.global_definitions) ($s) = Some fd ->
    find_function (functions (stack prefix T)) ($s) = Some fd.
  Proof.
    destruct stack_is as (called & ->); intros Short; rewrite !find_function_app.
    destruct (find_function _ ($s)) as [fd'|]; [auto|].
    rewrite (find_function_none (functions_of false prefix T)); [|].
    - now intros ->.
    - intros Is; apply acquire_release_names in Is as (o & f & _ & Same); symmetry in Same.
      exact (acquire_release_name_other prefix o f s Short Same).
  Qed.

  Lemma stack_function o f : table_ok T = true -> List.In f T ->
    find_function (functions (stack prefix T)) ($(function_name prefix o f)) =
      Some (Internal (function_text false o f)).
  Proof.
    destruct stack_is as (called & ->); intros Ok Member.
    rewrite !find_function_app, (find_function_none [_; _; _; _]), find_acquire_release_in; auto.
    intros Is; cbn [map fst] in Is.
    repeat destruct Is as [Same|Is]; [..|destruct Is].
    all: symmetry in Same; revert Same; apply acquire_release_name_other; cbn; lia.
  Qed.
End Linked.
