(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: x86

    As sharp_armv8.v; the one wrong list is that of x86_cases.v.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events expression decide x86_model.
From hlock.machine.cases Require Import small few.
Import ListNotations.
Local Open Scope list_scope.
Local Notation act := (action small words_verb).
Local Notation took := (took 0).
Definition polled : act := Lock 0 (Polled 0).
Definition loaded : act := Lock 0 (Loaded 0).
Definition stored : act := Lock 0 (Stored 1).
Local Notation r l := (reading l 107 : act).
Local Notation w l := (writing l 5 : act).

(** ** Instructions *)
Definition all : list x86 := [MOV_load; MOV_store; LOCK_XADD_load; LOCK_XADD_store; INC_load; INC_store; MFENCE].
Example sorts_of_x86 : (filter is_read all, filter is_write all, filter is_locked all) =
    ([MOV_load; LOCK_XADD_load; INC_load], [MOV_store; LOCK_XADD_store; INC_store],
     [LOCK_XADD_load; LOCK_XADD_store]) /\
  filter is_M all = firstn 6 all /\ filter is_mfence all = [MFENCE] /\
  map (fun i => filter (is_rmw i) all) all = [[]; []; [LOCK_XADD_store]; []; []; []; []].
Proof. repeat split. Qed.

(** ** What the lock may be made of *)
Definition may_be (a : act) (is : list x86) : Prop := list_for x86_lists a is.
Local Ltac listed := cbn; intuition.
Example lists_of_x86 : may_be took [LOCK_XADD_load; LOCK_XADD_store] /\ may_be polled [MOV_load] /\
  Forall (may_be loaded) [[INC_load]; [MOV_load]] /\ Forall (may_be stored) [[INC_store]; [MOV_store]] /\
  may_be (r 0) [MOV_load] /\ may_be (w 0) [MOV_store].
Proof.
  split; [exists [], [LOCK_XADD_load; LOCK_XADD_store]; repeat split; [intros i []|listed]|].
  repeat split; repeat apply Forall_cons; try apply Forall_nil; listed.
Qed.
Local Ltac no_ticket := intros (tries & l & Tries & Mem & Is); destruct tries as [|i tries];
  [cbn in Mem, Is; take_apart; discriminate|destruct (Tries i (or_introl eq_refl))].
Example wrong_lists_of_x86 :
  Forall (fun is => ~ may_be took is) [[MOV_load; MOV_store]; [INC_load; INC_store]; []; [LOCK_XADD_load];
    [MOV_load; LOCK_XADD_load; LOCK_XADD_store]] /\
  Forall (fun is => ~ may_be polled is) [[LOCK_XADD_load]; []] /\
  Forall (fun is => ~ may_be loaded is) [[LOCK_XADD_load]; []] /\
  Forall (fun is => ~ may_be stored is) [[LOCK_XADD_store]; []] /\
  Forall (fun is => ~ may_be (r 0) is) [[LOCK_XADD_load]; []] /\
  Forall (fun is => ~ may_be (w 0) is) [[MOV_store; MFENCE]; []].
Proof.
  split; [repeat apply Forall_cons; try apply Forall_nil; cbv beta; no_ticket|].
  repeat split; repeat apply Forall_cons; try apply Forall_nil; cbv beta; intros Is; refuted.
Qed.

(** ** What a CPU keeps in order: each line of the model in full *)
Local Notation keeps l n k := (on_one x86_ppo l n k).
Local Notation refuses l n k := (negb (on_one x86_ppo l n k)).
Example x86_po_ghb : keeps [(w 0, [MOV_store]); (w 4, [MOV_store])] 0 1 &&
  keeps [(r 0, [MOV_load]); (w 4, [MOV_store])] 0 1 &&
  keeps [(r 0, [MOV_load]); (r 4, [MOV_load])] 0 1 && refuses [(w 0, [MOV_store]); (r 4, [MOV_load])] 0 1 = true.
Proof. reflexivity. Qed.
Example x86_implied :
  let from ld st := decided [[(took, [ld; st]); (r 4, [MOV_load])]] [] [] x86_ppo (0, 0, 1) (0, 1, 0) in
  from LOCK_XADD_load LOCK_XADD_store && negb (from INC_load INC_store) &&
  keeps [(w 4, [MOV_store]); (took, [LOCK_XADD_load; LOCK_XADD_store])] 0 1 &&
  refuses [(w 4, [MOV_store]); (took, [INC_load; INC_store])] 0 1 = true.
Proof. reflexivity. Qed.
Example x86_MFENCE : let between i := [(w 0, [MOV_store]); (Halted : act, [i]); (r 4, [MOV_load])] in
  keeps (between MFENCE) 0 2 && refuses (between INC_load) 0 2 = true.
Proof. reflexivity. Qed.
Example x86_full_ppo : full_ppo (given [[w 0; w 4]] [[[MOV_store]; [MOV_store]]] [] []) (0, 0, 0) (0, 1, 0).
Proof. do 4 left; exists (0, 0, 0); split; [|exists (0, 1, 0); split]; cbn; unfold present; yes. Qed.
