(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: executions of instructions

    One execution in which a lock is handed over, made of loads, stores and fences: which events are
    related in it, and which are not.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Lia.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events.
From hlock.machine.cases Require Import small few.
Import ListNotations.
Local Open Scope list_scope.

#[local] Existing Instance two_sorts.
Local Notation act := (action small words_verb).
Local Notation h := handover.

Example does_what : map (action_of h) [(0, 0, 0); (0, 0, 2); (1, 1, 0); (1, 3, 0); (0, 3, 0)] =
  [Some (took 0); Some (took 0); Some (Lock 0 (Polled 1)); Some Halted; None].
Proof. reflexivity. Qed.
Example is_what : is_a h Load (0, 0, 1) /\ is_a h Fence (0, 2, 0) /\ ~ is_a h Load (0, 0, 2) /\ ~ is_a h Load (1, 3, 0).
Proof. repeat apply conj; try solve [yes]; no. Qed.
Example reads_where : reads_at h (0, 0, 0) (Next 0) /\ reads_at h (1, 1, 0) (Now 0) /\
  reads_at h (1, 2, 0) (Object 0 7) /\ ~ reads_at h (0, 0, 2) (Next 0) /\ ~ reads_at h (1, 1, 1) (Now 0) /\
  ~ reads_at h (1, 2, 0) (Object 0 6) /\
  ~ reads_at h (0, 1, 0) (Object 0 7).
Proof. repeat apply conj; try solve [yes]; no. Qed.
Example writes_where : writes_at h (0, 0, 2) (Next 0) /\ writes_at h (0, 2, 1) (Now 0) /\
  writes_at h (0, 1, 0) (Object 0 7) /\ ~ writes_at h (0, 0, 1) (Next 0) /\ ~ writes_at h (0, 2, 0) (Now 0) /\
  ~ writes_at h (0, 2, 1) (Now 4) /\ ~ writes_at h (1, 2, 0) (Object 0 7).
Proof. repeat apply conj; try solve [yes]; no. Qed.
Example sorts : R h (1, 0, 0) /\ ~ R h (1, 0, 1) /\ W h (1, 0, 1) /\ ~ W h (1, 0, 0) /\ M h (1, 0, 0) /\
  M h (1, 0, 1) /\ ~ M h (1, 1, 1).
Proof. repeat apply conj; try solve [yes]; no. Qed.
Example locations : same_location h (0, 0, 0) (1, 0, 0) /\ same_location h (0, 0, 2) (1, 0, 0) /\
  same_location h (0, 0, 0) (1, 0, 1) /\ same_location h (0, 0, 2) (1, 0, 1) /\ ~ same_location h (0, 1, 0) (0, 2, 1) /\
  ~ same_location h (0, 2, 0) (0, 2, 1).
Proof. repeat apply conj; try solve [yes]; no. Qed.
Example program_order_of_events : po (0, 0, 0) (0, 0, 1) /\ po (0, 0, 2) (0, 1, 0) /\ po (0, 0, 0) (0, 2, 1) /\
  ~ po (0, 0, 1) (0, 0, 1) /\ ~ po (0, 0, 1) (0, 0, 0) /\ ~ po (0, 0, 0) (1, 0, 1) /\ ~ po (0, 0, 0) (1, 1, 1) /\
  ~ po (0, 1, 0) (0, 0, 2).
Proof. repeat apply conj; try solve [yes]; no. Qed.
Example program_order_of_one_location : po_loc h (0, 0, 0) (0, 0, 2) /\ po_loc alone_h (0, 0, 0) (0, 1, 0) /\
  ~ po_loc h (0, 0, 2) (0, 1, 0) /\ ~ po_loc h (0, 0, 2) (1, 0, 0).
Proof. repeat apply conj; try solve [yes]; no. Qed.
Example reads_of_writes : rf h (0, 0, 2) (1, 0, 0) /\ rf h (0, 2, 1) (1, 1, 0) /\ rf alone_h (0, 0, 0) (0, 1, 0) /\
  ~ rf h (0, 0, 2) (1, 1, 0) /\ ~ rf h (1, 0, 0) (0, 0, 2) /\
  ~ rf (given [[wrote; wrote]] [[[Store]; [Store]]] [((0, 1, 0), (0, 0, 0))] []) (0, 0, 0) (0, 1, 0).
Proof. repeat apply conj; try solve [yes]; no. Qed.
Example reads_before_writes : fr h (0, 0, 0) (0, 0, 2) /\ fr h (0, 0, 1) (1, 0, 1) /\ fr h (1, 0, 0) (1, 0, 1) /\
  fr alone_h (0, 1, 0) (0, 2, 0) /\ ~ fr h (1, 0, 0) (0, 0, 2) /\ ~ fr h (0, 0, 2) (1, 0, 1) /\
  ~ fr h (0, 0, 0) (0, 2, 1) /\ ~ fr alone_h (0, 1, 0) (0, 0, 0).
Proof. repeat apply conj; try solve [yes]; no. Qed.
Example externals : external (0, 0, 2) (1, 0, 0) /\ external (1, 0, 0) (0, 0, 2) /\ ~ external (0, 0, 2) (0, 1, 0) /\
  rfe h (0, 0, 2) (1, 0, 0) /\ ~ rfe alone_h (0, 0, 0) (0, 1, 0) /\ coe h (0, 0, 2) (1, 0, 1) /\
  ~ coe alone_h (0, 0, 0) (0, 2, 0) /\ fre h (0, 0, 1) (1, 0, 1) /\ ~ fre h (0, 0, 0) (0, 0, 2) /\
  ~ rfe h (0, 0, 2) (1, 1, 0) /\ ~ coe h (1, 0, 1) (0, 0, 2) /\ ~ fre h (1, 0, 0) (0, 0, 2).
Proof. repeat apply conj; try solve [yes]; no. Qed.
Example halves_of_one : rmw h (0, 0, 1) (0, 0, 2) /\ rmw h (1, 0, 0) (1, 0, 1) /\ ~ rmw h (0, 0, 0) (0, 0, 2) /\
  ~ rmw h (0, 2, 0) (0, 2, 1) /\ ~ rmw alone_h (0, 1, 0) (0, 2, 0) /\ ~ rmw h (0, 0, 0) (0, 0, 1) /\
  ~ rmw (given [[wrote; reads_it]] [[[Store]; [Load; Store]]] [] []) (0, 1, 0) (0, 1, 1) /\
  ~ rmw (given [[reads_it; wrote]] [[[Load]; [Load; Store]]] [] []) (0, 0, 0) (0, 1, 1).
Proof. repeat apply conj; try solve [yes]; no. Qed.
Example last_loads : load_half h (0, 0, 1) /\ load_half h (1, 0, 0) /\ load_half h (1, 1, 0) /\
  ~ load_half h (0, 0, 0) /\ ~ load_half h (0, 0, 2) /\ ~ load_half h (1, 1, 1).
Proof.
  assert (Last : forall c n k, R h (c, n, k) -> (forall j, R h (c, n, j) -> (j <= k)%nat) -> load_half h (c, n, k)).
  { intros c n k Is Most; split; [exact Is|]; cbn [fst snd]; intros j Later Is'; apply Most in Is'; lia. }
  split; [|split; [|split; [|split; [|split]]]].
  1-3: apply Last; [yes|]; intros j Is; each_event.
  - intros (_ & None_); apply (None_ 1%nat); [cbn; lia|yes].
  - intros (Is & _); revert Is; no.
  - intros (Is & _); revert Is; no.
Qed.
