(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: well formed executions

    Executions that are, and others that break one thing each.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events.
From hlock.machine.cases Require Import small few.
Import ListNotations.
Local Open Scope list_scope.
#[local] Existing Instance two_sorts.
Local Notation act := (action small words_verb).

Local Ltac well := constructor; intros; unfold load_half in *; each_event; yes.
Example is_well_formed : well_formed (two_tickets 1) 1 /\ well_formed alone_h 1.
Proof. split; well. Qed.
(** The value is that of the last load; those of tries that failed have none. *)
Example tries_have_no_value :
  well_formed (given [[took 0]] [[[Load; Load; Store]]] [((0, 0, 0), (0, 0, 2))] []) 1.
Proof.
  constructor; intros; [each_event; yes| |each_event; yes..].
  destruct H0 as (Rd & Last); cbn [fst snd] in Last.
  assert (f <> (0, 0, 0)) by (intros ->; apply (Last 1%nat); [cbn; lia|yes]); clear Last; each_event; yes.
Qed.
(** A read of a write of another location; a value that was not written there, or not there at first. *)
Definition reads_only (a b : act) (sources : list (event * event)) : execution small access :=
  given [[a]; [b]] [[[Store]]; [[Load]]] sources [].
Example reads_right_places : ~ well_formed (reads_only wrote (Lock 0 (Polled 0)) [((1, 0, 0), (0, 0, 0))]) 1.
Proof. intros [Writes _ _ _ _ _]; revert Writes; intros Writes; specialize (Writes (0, 0, 0) (1, 0, 0)).
  destruct Writes as (m & Is); [yes|]; revert Is; no. Qed.
Lemma half_alone a b sources : loads b <> None -> load_half (reads_only a b sources) (1, 0, 0).
Proof.
  intros Loads; destruct (loads b) as [m|] eqn:Is; [|contradiction]; split; [exists m, b, Load; now cbn|].
  cbn [fst snd]; intros [|k] Less; [lia|]; no.
  destruct k; discriminate.
Qed.
Example reads_right_values : ~ well_formed (two_tickets 0) 1 /\
  ~ well_formed (reads_only wrote (Read 0 7 (value 0 6)) [((1, 0, 0), (0, 0, 0))]) 1 /\
  ~ well_formed (reads_only wrote (Read 0 7 (value 0 5)) []) 1 /\
  well_formed (reads_only wrote (Read 0 7 (value 0 107)) []) 1.
Proof.
  split; [|split; [|split; [|well]]]; intros [_ Values _ _ _ _].
  - specialize (Values (1, 0, 0) (took 0) eq_refl); destruct Values as (b & At & Is); [|revert Is; refuted].
    split; [yes|]; cbn [fst snd]; intros k Less; each_event.
  - specialize (Values (1, 0, 0) (Read 0 7 (value 0 6)) eq_refl
      (half_alone wrote (Read 0 7 (value 0 6)) _ ltac:(discriminate))); refuted.
  - specialize (Values (1, 0, 0) (Read 0 7 (value 0 5)) eq_refl
      (half_alone wrote (Read 0 7 (value 0 5)) _ ltac:(discriminate))); refuted.
Qed.
(** Writes: in no order; in a circle; in an order that leaves one out; of different locations. *)
Definition writes_only (os : list (event * event)) : execution small access :=
  given [[wrote; wrote; wrote; Wrote 0 6 (value 0 5)]] [[[Store]; [Store]; [Store]; [Store]]] [] os.
Definition one_order : list (event * event) := [((0, 0, 0), (0, 1, 0)); ((0, 1, 0), (0, 2, 0)); ((0, 0, 0), (0, 2, 0))].
Example writes_in_one_order : well_formed (writes_only one_order) 1.
Proof. well. Qed.
Example writes_of_one_location : ~ well_formed (writes_only (((0, 2, 0), (0, 3, 0)) :: one_order)) 1.
Proof. intros [_ _ Same _ _ _]; destruct (Same (0, 2, 0) (0, 3, 0)) as (m & Is); [yes|revert Is; no]. Qed.
Example writes_not_before_themselves : ~ well_formed (writes_only (((0, 0, 0), (0, 0, 0)) :: one_order)) 1.
Proof. intros [_ _ _ Irreflexive _ _]; apply (Irreflexive (0, 0, 0)); yes. Qed.
Example writes_transitive :
  ~ well_formed (writes_only [((0, 0, 0), (0, 1, 0)); ((0, 1, 0), (0, 2, 0)); ((0, 2, 0), (0, 0, 0))]) 1.
Proof. intros [_ _ _ _ Trans _]; specialize (Trans (0, 0, 0) (0, 1, 0) (0, 2, 0) ltac:(yes) ltac:(yes)); refuted. Qed.
Example writes_all : ~ well_formed (writes_only [((0, 0, 0), (0, 1, 0)); ((0, 0, 0), (0, 2, 0))]) 1.
Proof.
  intros [_ _ _ _ _ Total]; destruct (Total (0, 1, 0) (0, 2, 0) (Object 0 7)) as [Is|Is];
    [discriminate|yes|yes|revert Is; no..].
Qed.
