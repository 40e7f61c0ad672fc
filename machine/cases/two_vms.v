(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Two VMs, the lower index first

    Each of two CPUs acquires the lock of VM 0, and inside it that of VM 1: two locks of
    one rank, in the order of the table.  They satisfy all that liveness asks
    ([vms_premises]); in a computed execution CPU 1 waits, and its acquire returns
    within 136 rounds under every fair schedule, of which there are some
    ([vms_return]).  The other way they deadlock: abba.v ([vms_deadlock]). *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text sample examples.
From hlock.stack Require Import setting stack_refine.
From hlock.stack Require Import examples.
From hlock.machine.refine Require Import no_breach.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.live Require Import live progress bound starvation round_robin.
From hlock.machine.cases Require Import examples live_examples scripts.
Import ListNotations.
Local Open Scope Z_scope.

Definition both_vms : list (op two) :=
  [Op_acquire vm_family 0; Op_acquire vm_family 1; Op_release vm_family 1; Op_release vm_family 0].
Definition vms : cpu -> client two := fun _ => script both_vms.

Lemma vms_table : forall c history o, vms c history = Some o -> of_table sample o.
Proof.
  apply (script_table sample (fun _ => both_vms)); intros _; unfold both_vms.
  repeat (apply Forall_cons || apply Forall_nil); cbn; tauto.
Qed.
Lemma vms_contract : contract vms.
Proof. apply (script_kept (fun _ => both_vms)); reflexivity. Qed.

(** They follow the order of the table, and not ranks alone. *)
Theorem vms_follow c : follows_order sample (chosen (vms c)) (vms c) /\ ~ follows_ranks sample (chosen (vms c)) (vms c).
Proof.
  split.
  - intros history f i l Past; each_past history Past; try discriminate; intros [= <- <-]; [contradiction|].
    intros [<-|[]]; reflexivity.
  - intros Follows; assert (Past : chosen (vms c) [None]) by (split; [exact I|eexists; split; reflexivity]).
    discriminate (Follows [None] vm_family 1 21 Past eq_refl (or_introl eq_refl)).
Qed.
Lemma vms_orderly : forall c, orderly (is_told vms c) (vms c) (lock_levels sample) 1 3.
Proof.
  apply orderly_text; intros c; constructor.
  - apply (order_climbs sample sample_accepted), vms_follow.
  - intros history Past; each_past history Past; intros Held; try (now destruct Held); eexists; split; reflexivity.
  - intros history l Past; each_past history Past; try contradiction.
    + intros [<-|[]]; cbn; lia.
    + intros [<-|[<-|[]]]; cbn; lia.
    + intros [<-|[]]; cbn; lia.
  - intros history f i l Past; each_past history Past; try discriminate; intros [= <- <-]; [contradiction|].
    intros [<-|[]]; cbn; lia.
Qed.
Theorem vms_premises :
  never_breaches vms sample /\ forall c, orderly (is_told vms c) (vms c) (lock_levels sample) 1 3.
Proof. exact (conj (contract_suffices _ _ (conj vms_table vms_contract)) vms_orderly). Qed.

(** CPU 0 acquires both; CPU 1 takes its ticket for VM 0 and polls in vain. *)
Definition one_behind : list cpu := repeat 0%nat 62 ++ repeat 1%nat 19.
Definition vm_rounds : nat := whole_rounds 1 3 2 (Datatypes.S (lock_levels sample 21)).
Example vm_rounds_are : lock_levels sample 21 = 35%nat /\ vm_rounds = 136%nat.
Proof. split; by_kernel. Qed.

Theorem vms_return w : List.In w widths ->
  exists x, segment sample_text w (sc_memory two w) vms (first_state _) one_behind x /\
    acquiring x 1%nat = Some (vm_family, 0, []) /\
    (forall x', rounds sample_text w (sc_memory two w) vms vm_rounds x x' -> over 1 [] x') /\
    exists x', rounds sample_text w (sc_memory two w) vms vm_rounds x x' /\ over 1 [] x'.
Proof.
  intros Is; destruct (turns_premises w Is) as ((Width & _) & _).
  destruct (computed_calm sample_text w vms (fun x : machine (sc_memory two w) => acquiring x 1%nat) one_behind
              (Some (vm_family, 0, []))) as (x & Run & Acquires).
  { revert Is; intros [<-|[<-|[<-|[]]]]; by_kernel. }
  exists x; split; [exact Run|split; [exact Acquires|]].
  destruct (acquiring_sound w x 1%nat vm_family 0 [] Acquires) as (s & At); split.
  - intros x' Rounds.
    exact (starvation_freedom (G := of_clients w Width vms) (lock_levels sample) 1 3 vms_orderly (proj1 vms_premises)
             one_behind x 1 vm_family 0 [] s x' Run (Nat.lt_succ_diag_r 1) At Rounds).
  - exact (acquire_can_return (G := of_clients w Width vms) (lock_levels sample) 1 3 one_behind x 1
    vm_family 0
             [] s (proj1 vms_premises) vms_orderly Run (Nat.lt_succ_diag_r 1) At).
Qed.
