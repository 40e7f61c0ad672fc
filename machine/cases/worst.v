(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * How near to the bound a wait can come

    Two schedules, built by hand, in which each CPU makes at least one step a round, of
    clients whose sections have four operations, one of which acquires.  With two
    CPUs an acquire takes 130 rounds ([two_wait]), where [whole_rounds] is 152; with
    three, 330, where it is 380 ([three_wait]).

    All sections that [sections] counts are waited for: with three CPUs, that of CPU
    0, that of CPU 1, and one more of CPU 0's at the lock that CPU 1 acquires in its
    section, whose ticket CPU 0 takes in the same round just before it.  What is not
    attained is in what a CPU does itself, 22 rounds of 152 and 50 of 380.  A CPU is
    charged 16 rounds to see its turn, which is what it takes after a poll just before
    its number came up; who finds the lock free sees it in 9.  So it loses 7 as the
    first in a queue, and 7 at an acquire inside that finds the lock free.  The last
    release of a section is charged to its return (16), of which the lock needs 9: 7
    more.  And a call is charged that has been made: 1.  That is 7 + 7 + 7 + 1 with
    two CPUs; with three, 21 for each of CPU 0's sections, 7 for CPU 1's, and 1. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text sample examples.
From hlock.stack Require Import examples.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.live Require Import live progress.
From hlock.machine.cases Require Import examples live_examples scripts.
Import ListNotations.
Local Open Scope list_scope.

(** A CPU that lets go of its VM inside core, then acquires and releases one more. *)
Definition section_of {S : system} (vm : Z) (outer inner : family) : list (op S) :=
  [Op_acquire vm_family vm; Op_acquire outer 0; Op_release vm_family vm; Op_acquire inner 0; Op_release inner 0;
   Op_release outer 0].
(** Outside: as often as there is time. *)
Definition idle {S : system} (vm : Z) (n : nat) : list (op S) :=
  concat (repeat [Op_acquire vm_family vm; Op_release vm_family vm] n).
Definition waiter {S : system} : list (op S) := [Op_acquire core_family 0; Op_release core_family 0].

(** CPU 1 takes its ticket in the round in which CPU 0 does, behind it, and polls just
    before CPU 0 lets it in. *)
Definition two_work (c : cpu) : list (op two) :=
  match c with O => section_of 0 core_family s2page_family ++ idle 0 1 | _ => waiter end.

Definition two_before : list cpu := repeat 0 32 ++ [1].
Definition two_rounds : list (list cpu) :=
  repeat [0; 1] 9 ++ [repeat 1 13 ++ [0]] ++ repeat [1; 0] 119.

(** CPU 2 behind both; while CPU 1 is inside, CPU 0 comes back for what CPU 1 acquires. *)
Definition three : system := table_system sample 3 numbers.
Definition three_work (c : cpu) : list (op three) :=
  match c with
  | 0 => section_of 0 core_family s2page_family ++ idle 0 1 ++ section_of 0 s2page_family pt_family ++ idle 0 3
  | 1 => section_of 1 core_family s2page_family ++ idle 1 1
  | _ => waiter
  end.
Definition three_before : list cpu := repeat 0 32 ++ repeat 1 32 ++ [2].
Definition three_rounds : list (list cpu) :=
  repeat [0; 1; 2] 9 ++ [repeat 2 5 ++ repeat 1 13 ++ [0]] ++ repeat [2; 1; 0] 99 ++ [[2; 1] ++ repeat 0 42] ++
  repeat [2; 1; 0] 45 ++ [[0; 1; 2]] ++ [[2] ++ repeat 1 13 ++ [0]] ++ repeat [2; 1; 0] 172.

(** ** They satisfy all that liveness asks *)
Definition two_clients (c : cpu) : client two := script (two_work c).
Definition three_clients (c : cpu) : client three := script (three_work c).

Example two_orderly : forall c, orderly (is_told two_clients c) (two_clients c) (rank_levels sample) 1 4.
Proof. apply orderly_text; intros c; apply script_orderly; destruct c; by_kernel. Qed.
Example three_orderly : forall c, orderly (is_told three_clients c) (three_clients c) (rank_levels sample) 1 4.
Proof. apply orderly_text; intros c; apply script_orderly; destruct c as [|[|c]]; by_kernel. Qed.
Example two_kept : keep_contract sample two_clients.
Proof.
  split; [apply script_table; intros [|c]|apply script_kept; intros [|c]; reflexivity];
    repeat (apply Forall_cons || apply Forall_nil); unfold sample; cbn [of_table List.In]; auto.
Qed.
Example three_kept : keep_contract sample three_clients.
Proof.
  split; [apply script_table; intros [|[|c]]|apply script_kept; intros [|[|c]]; reflexivity];
    repeat (apply Forall_cons || apply Forall_nil); unfold sample; cbn [of_table List.In]; auto.
Qed.

(** ** How long the last of them waits *)
Section Waits.
  Context {S : system} (clients : cpu -> client S).
  Local Notation M := (sc_memory S 16).

  (** From a state in which CPU [c] is in its first acquire, it is still there after so
      many rounds. *)
  Definition waits_for (c : cpu) (n : nat) : Prop := exists before x x',
    segment sample_text 16 M clients (first_state M) before x /\ calls_after 16 0 c x = true /\
    rounds sample_text 16 M clients n x x' /\ ~ over c [] x'.

  Lemma waits_computed c before schedule :
    match run sample_text 16 clients before (first_state M) with
    | Some x => calls_after 16 0 c x &&
        match run_rounds sample_text 16 clients schedule x with Some x' => calls_after 16 0 c x' | None => false end
    | None => false
    end = true -> waits_for c (length schedule).
  Proof.
    destruct (run sample_text 16 clients before (first_state M)) as [x|] eqn:Before; [|discriminate].
    intros Is; apply andb_prop in Is as (Calls & Is).
    destruct (run_rounds sample_text 16 clients schedule x) as [x'|] eqn:Rounds; [|discriminate].
    exists before, x, x'; split; [exact (run_calm sample_text 16 clients before _ x Before)|split; [exact Calls|split]].
    - exact (run_rounds_sound sample_text 16 clients schedule x x' Rounds).
    - exact (calls_not_over 16 0 c x' [] Is eq_refl).
  Qed.
End Waits.

(** After 129 rounds the acquire of core has not returned; the bound is 152. *)
Theorem two_wait : whole_rounds 1 4 2 (S (rank_levels sample 0)) = 152 /\ waits_for two_clients 1 129.
Proof. split; [reflexivity|apply (waits_computed two_clients 1 two_before two_rounds); by_kernel]. Qed.
(** After 329 rounds the acquire of core has not returned; the bound is 380. *)
Theorem three_wait : whole_rounds 1 4 3 (S (rank_levels sample 0)) = 380 /\ waits_for three_clients 2 329.
Proof. split; [reflexivity|apply (waits_computed three_clients 2 three_before three_rounds); vm_compute;
  reflexivity]. Qed.
