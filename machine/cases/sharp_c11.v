(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: C11

    As sharp_armv8.v; the wrong lists are those of c11_cases.v.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events expression decide.
From hlock.machine.cases Require Import small few.
From hlock.machine.hardware Require Import c11_model.
Import ListNotations.
Local Open Scope list_scope.
Local Notation act := (action small words_verb).
Local Notation took := (took 0).
Definition polled : act := Lock 0 (Polled 0).
Definition loaded : act := Lock 0 (Loaded 0).
Definition stored : act := Lock 0 (Stored 1).
Local Notation r l := (reading l 107 : act).
Local Notation w l := (writing l 5 : act).

(** ** Accesses and their orders *)
Definition all_orders : list memory_order := [NA; RLX; ACQ; REL; ACQ_REL; SC].
Example orders_of_c11 :
  (filter at_least_acquire all_orders, filter at_least_release all_orders, filter is_atomic all_orders) =
    ([ACQ; ACQ_REL; SC], [REL; ACQ_REL; SC], [RLX; ACQ; REL; ACQ_REL; SC]).
Proof. reflexivity. Qed.
Definition all : list c11 := map Load all_orders ++ map Store all_orders ++ map Update_load all_orders ++
  map Update_store all_orders.
Example sorts_of_c11 :
  filter is_read all = map Load all_orders ++ map Update_load all_orders /\
  filter is_write all = map Store all_orders ++ map Update_store all_orders /\
  map order_of all = all_orders ++ all_orders ++ all_orders ++ all_orders /\
  filter is_release all = filter (fun i => at_least_release (order_of i)) all /\
  filter is_acquire all = filter (fun i => at_least_acquire (order_of i)) all /\
  filter atomic_write all = map Store (tl all_orders) ++ map Update_store (tl all_orders) /\
  filter acquire_read all = map Load [ACQ; ACQ_REL; SC] ++ map Update_load [ACQ; ACQ_REL; SC] /\
  map (fun i => List.length (filter (is_rmw i) all)) [Load ACQ; Store REL; Update_load RLX; Update_store RLX] =
    [0; 0; 6; 0].
Proof. repeat split. Qed.

(** ** What the lock may be made of *)
Definition may_be (a : act) (is : list c11) : Prop := list_for c11_lists a is.
Definition update (o : memory_order) : list c11 := [Update_load o; Update_store o].
Local Ltac listed := cbn; intuition.
Example lists_of_c11 : may_be took (update ACQ_REL) /\ may_be polled [Load ACQ] /\ may_be loaded [Load RLX] /\
  may_be stored [Store REL] /\ may_be (r 0) [Load NA] /\ may_be (w 0) [Store NA].
Proof.
  split; [exists [], (update ACQ_REL); repeat split; [intros i []|listed]|].
  repeat split; listed.
Qed.
Local Ltac no_ticket := intros (tries & l & Tries & Mem & Is); destruct tries as [|i tries];
  [cbn in Mem, Is; take_apart; discriminate|destruct (Tries i (or_introl eq_refl))].
Example wrong_lists_of_c11 :
  Forall (fun is => ~ may_be took is) [update REL; update ACQ; update RLX; [Load ACQ; Store REL]; []] /\
  Forall (fun is => ~ may_be polled is) [[Load RLX]; []] /\ Forall (fun is => ~ may_be loaded is) [[Load ACQ]; []] /\
  Forall (fun is => ~ may_be stored is) [[Store RLX]; []] /\ Forall (fun is => ~ may_be (r 0) is) [[Load ACQ]; []] /\
  Forall (fun is => ~ may_be (w 0) is) [[Store REL]; []].
Proof.
  split; [repeat apply Forall_cons; try apply Forall_nil; cbv beta; no_ticket|].
  repeat split; repeat apply Forall_cons; try apply Forall_nil; cbv beta; intros Is; refuted.
Qed.

(** ** Synchronizes-with in full *)
Definition hands_over (s l : c11) : bool :=
  decided [[(w 0, [s])]; [(r 0, [l])]] [((0, 0, 0), (1, 0, 0))] [] c11_sw (0, 0, 0) (1, 0, 0).
Example c11_synchronizes : hands_over (Store REL) (Load ACQ) && hands_over (Store SC) (Load SC) &&
  negb (hands_over (Store RLX) (Load ACQ)) && negb (hands_over (Store REL) (Load RLX)) &&
  negb (decided [[(w 0, [Store REL])]; [(r 0, [Load ACQ])]] [] [] c11_sw (0, 0, 0) (1, 0, 0)) = true.
Proof. reflexivity. Qed.
(** A later write of that CPU is read; an update of another CPU's, or two in a row; an update of a later write. *)
Definition later (o : memory_order) (l : Z) : bool :=
  decided [[(w 0, [Store REL]); (w l, [Store o])]; [(r 0, [Load ACQ])]] [((0, 1, 0), (1, 0, 0))] [] c11_sw
    (0, 0, 0) (1, 0, 0).
Definition updated (updates : list (list c11)) (first : event) : bool :=
  decided ([(took, [Store REL]); (took, [Store RLX])] :: map (fun is => [(took, is)]) (updates ++ [[Load ACQ]]))
    ((first, (1, 0, 0)) :: [((1, 0, 1), (2, 0, 0)); ((2, 0, 1), (3, 0, 0))]) [] c11_sw (0, 0, 0)
    (S (List.length updates), 0, 0).
Example release_sequences : later RLX 0 && negb (later NA 0) && negb (later RLX 4) &&
  updated [update RLX] (0, 0, 0) && updated [update RLX; update RLX] (0, 0, 0) && updated [update RLX] (0, 1, 0) &&
  negb (updated [[Load RLX; Store RLX]] (0, 0, 0)) && negb (updated [[Load RLX; Store RLX]] (0, 1, 0)) &&
  negb (updated [update RLX; [Load RLX; Store RLX]] (0, 0, 0)) = true.
Proof. reflexivity. Qed.
Example c11_full_sw :
  full_sw (given [[w 0]; [reading 0 5]] [[[Store REL]]; [[Load ACQ]]] [((1, 0, 0), (0, 0, 0))] [])
    (0, 0, 0) (1, 0, 0).
Proof.
  exists (0, 0, 0); split; [cbn; unfold present; yes|exists (1, 0, 0); split; [|cbn; unfold present; yes]].
  do 4 left; exists (0, 0, 0); split; cbn; unfold present; yes.
Qed.
