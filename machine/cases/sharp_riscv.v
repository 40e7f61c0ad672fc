(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: RISC-V

    As sharp_armv8.v; the wrong lists are those of riscv_cases.v.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events expression decide riscv_model.
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
Definition amos (i : bool -> bool -> riscv) : list riscv := [i false false; i true false; i false true; i true true].
Definition fences : list riscv := [FENCE true false true false; FENCE true false false true;
  FENCE false true true false; FENCE false true false true; FENCE_R_RW; FENCE_RW_W; FENCE_RW_RW; FENCE_W_O].
Definition all : list riscv := LW :: SW :: AMOSWAP_store :: amos AMOADD_load ++ amos AMOADD_store ++ fences.
Example sorts_of_riscv :
  (filter is_read all, filter is_write all) = (LW :: amos AMOADD_load, SW :: AMOSWAP_store :: amos AMOADD_store) /\
  filter is_AQ all = [AMOADD_load true false; AMOADD_AQRL_load; AMOADD_store true false; AMOADD_AQRL_store] /\
  filter is_RL all = [AMOADD_load false true; AMOADD_AQRL_load; AMOADD_store false true; AMOADD_AQRL_store] /\
  filter is_M all = firstn 11 all /\ filter is_AMO all = firstn 9 (skipn 2 all) /\
  filter is_RCsc all = filter (fun i => is_AQ i || is_RL i) all.
Proof. repeat split. Qed.
Example fences_of_riscv : (map fence_rr fences, map fence_rw fences, map fence_wr fences, map fence_ww fences) =
  ([true; false; false; false; true; false; true; false], [false; true; false; false; true; true; true; false],
   [false; false; true; false; false; false; true; false], [false; false; false; true; false; true; true; false]).
Proof. reflexivity. Qed.
Example rmw_of_riscv : map (fun i => filter (is_rmw i) all) [LW; AMOADD_load true false; AMOADD_AQRL_load; SW] =
  [[]; [AMOADD_store true false]; [AMOADD_AQRL_store]; []].
Proof. reflexivity. Qed.

(** ** What the lock may be made of *)
Definition may_be (a : act) (is : list riscv) : Prop := list_for riscv_lists a is.
Definition aqrl : list riscv := [AMOADD_AQRL_load; AMOADD_AQRL_store].
Definition aq : list riscv := [AMOADD_load true false; AMOADD_store true false].
Local Ltac listed := cbn; intuition.
Example lists_of_riscv : may_be took aqrl /\ may_be took (FENCE_RW_W :: aq) /\
  Forall (may_be polled) [[LW; FENCE_R_RW]; [LW; FENCE_RW_RW]] /\ may_be loaded [LW] /\
  Forall (may_be stored) [[FENCE_RW_W; SW]; [FENCE_RW_W; SW; FENCE_W_O]; [FENCE_RW_W; AMOSWAP_store]] /\
  may_be (r 0) [LW] /\ may_be (w 0) [SW].
Proof.
  split; [exists [], aqrl; repeat split; [intros i []|listed]|].
  split; [exists [], (FENCE_RW_W :: aq); repeat split; [intros i []|listed]|].
  repeat split; repeat apply Forall_cons; try apply Forall_nil; listed.
Qed.
Local Ltac no_ticket := intros (tries & l & Tries & Mem & Is); destruct tries as [|i tries];
  [cbn in Mem, Is; take_apart; discriminate|destruct (Tries i (or_introl eq_refl))].
Example wrong_tickets_of_riscv : Forall (fun is => ~ may_be took is)
  [aq; [AMOADD_load false true; AMOADD_store false true]; [AMOADD_load false false; AMOADD_store false false];
   [LW; FENCE_R_RW; FENCE_RW_W; SW]; aqrl ++ aqrl; LW :: aqrl; []].
Proof. repeat apply Forall_cons; try apply Forall_nil; cbv beta; no_ticket. Qed.
Example wrong_lists_of_riscv : Forall (fun is => ~ may_be polled is) [[LW]; [LW; FENCE true false false true]; []] /\
  Forall (fun is => ~ may_be stored is) [[SW]; [FENCE true false false true; SW]; [FENCE false true false true; SW];
    [SW; FENCE_RW_W]; [AMOSWAP_store]] /\
  Forall (fun is => ~ may_be loaded is) [[LW; FENCE_R_RW]; []] /\
  Forall (fun is => ~ may_be (r 0) is) [[LW; FENCE_R_RW]; []] /\
  Forall (fun is => ~ may_be (w 0) is) [[FENCE_RW_W; SW]; []].
Proof. repeat split; repeat apply Forall_cons; try apply Forall_nil; cbv beta; intros Is; refuted. Qed.

(** ** What a CPU keeps in order: the rules of the model in full *)
Local Notation keeps l n k := (on_one riscv_ppo l n k).
Local Notation refuses l n k := (negb (on_one riscv_ppo l n k)).
Local Notation fence i := (Halted : act, [i]).
Example riscv_r1 : keeps [(r 0, [LW]); (w 0, [SW])] 0 1 && keeps [(w 0, [SW]); (w 0, [SW])] 0 1 &&
  refuses [(r 0, [LW]); (w 4, [SW])] 0 1 && refuses [(w 0, [SW]); (r 0, [LW])] 0 1 = true.
Proof. reflexivity. Qed.
Example riscv_r2 : keeps [(r 0, [LW]); (r 0, [LW])] 0 1 && refuses [(r 0, [LW]); (r 4, [LW])] 0 1 = true.
Proof. reflexivity. Qed.
Example riscv_r3 : let amo := [AMOADD_load false false; AMOADD_store false false] in
  decided [[(took, amo); (took, amo)]] [((0, 0, 1), (0, 1, 0))] [] riscv_ppo (0, 0, 1) (0, 1, 0) &&
  negb (decided [[(took, amo); (took, amo)]] [] [] riscv_ppo (0, 0, 1) (0, 1, 0)) &&
  negb (decided [[(w 0, [SW]); (r 0, [LW])]] [((0, 0, 0), (0, 1, 0))] [] riscv_ppo (0, 0, 0) (0, 1, 0)) = true.
Proof. reflexivity. Qed.
Example riscv_r4 :
  let rr i := keeps [(r 0, [LW]); fence i; (r 4, [LW])] 0 2 in
  let rw i := keeps [(r 0, [LW]); fence i; (w 4, [SW])] 0 2 in
  let wr i := keeps [(w 0, [SW]); fence i; (r 4, [LW])] 0 2 in
  let ww i := keeps [(w 0, [SW]); fence i; (w 4, [SW])] 0 2 in
  (map rr fences, map rw fences, map wr fences, map ww fences) =
  ([true; false; false; false; true; false; true; false], [false; true; false; false; true; true; true; false],
   [false; false; true; false; false; false; true; false], [false; false; false; true; false; true; true; false]).
Proof. reflexivity. Qed.
Definition halves (aq rl : bool) : list riscv := [AMOADD_load aq rl; AMOADD_store aq rl].
Definition other_took : act := Lock 4 (Took 0).
Definition from_store (l : list (act * list riscv)) (k : nat) : bool := decided [l] [] [] riscv_ppo (0, 0, 1) (0, k, 0).
Example riscv_r5 : from_store [(took, halves true false); (r 4, [LW])] 1 &&
  from_store [(took, halves true false); (w 4, [SW])] 1 &&
  negb (from_store [(took, halves false true); (r 4, [LW])] 1) &&
  negb (from_store [(took, halves true false); fence FENCE_W_O] 1) = true.
Proof. reflexivity. Qed.
Example riscv_r6 : let before is := keeps [(r 4, [LW]); (took, is)] 0 1 in
  before (halves false true) && keeps [(w 4, [SW]); (took, halves false true)] 0 1 &&
  negb (before (halves true false)) &&
  refuses [fence FENCE_W_O; (took, halves false true)] 0 1 = true.
Proof. reflexivity. Qed.
Example riscv_r7 : from_store [(took, halves false true); (other_took, halves true false)] 1 &&
  negb (from_store [(took, halves false false); (other_took, halves true false)] 1) &&
  negb (from_store [(took, halves false true); (other_took, halves false false)] 1) = true.
Proof. reflexivity. Qed.
Example riscv_dependencies : keeps [(polled, [LW]); (w 0, [SW])] 0 1 && refuses [(polled, [LW]); (r 0, [LW])] 0 1 &&
  decided [[(loaded, [LW]); (stored, [SW]); (Lock 0 (Took 1), [LW])]] [((0, 1, 0), (0, 2, 0))] [] riscv_ppo
    (0, 0, 0) (0, 1, 0) &&
  negb (on_one riscv_ppo [(stored, [SW]); (polled, [LW])] 0 1) = true.
Proof. reflexivity. Qed.
Example riscv_full_ppo : full_ppo (given [[r 0; w 0]] [[[LW]; [SW]]] [] []) (0, 0, 0) (0, 1, 0).
Proof. do 13 left; exists (0, 0, 0); split; [|exists (0, 1, 0); split]; cbn; unfold present; yes. Qed.
