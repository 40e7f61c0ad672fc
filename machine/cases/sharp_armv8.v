(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: Armv8

    What each instruction is; which lists of instructions the lock may be made of, and which of the wrong
    ones of armv8_cases.v it may not; each line of what a CPU keeps in order, by accesses to which no
    other line applies.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events expression decide armv8_model.
From hlock.machine.cases Require Import small few.
Import ListNotations.
Local Open Scope list_scope.
Local Notation act := (action small words_verb).

(** ** Instructions *)
Definition all : list a64 :=
  [LDR; LDAR; LDAPR; STR; STLR; LDXR; LDAXR; STXR; STLXR; LDADD_load false false; LDADD_load true false;
   LDADD_load false true; LDADDAL_load; LDADD_store false false; LDADD_store true false; LDADD_store false true;
   LDADDAL_store; DMB_ISH; DMB_ISHLD; DMB_ISHST].
Example sorts_of_a64 :
  (filter is_read all, filter is_write all) =
    ([LDR; LDAR; LDAPR; LDXR; LDAXR; LDADD_load false false; LDADD_load true false; LDADD_load false true;
      LDADDAL_load],
     [STR; STLR; STXR; STLXR; LDADD_store false false; LDADD_store true false; LDADD_store false true;
      LDADDAL_store]) /\
  (filter is_A all, filter is_Q all, filter is_AQ all) =
    ([LDAR; LDAXR; LDADD_load true false; LDADDAL_load], [LDAPR],
     [LDAR; LDAPR; LDAXR; LDADD_load true false; LDADDAL_load]) /\
  filter is_L all = [STLR; STLXR; LDADD_store false true; LDADDAL_store] /\
  filter is_M all = firstn 17 all /\ filter is_LDADD all = firstn 8 (skipn 9 all) /\
  (filter dmb_full all, filter dmb_ld all, filter dmb_st all) = ([DMB_ISH], [DMB_ISHLD], [DMB_ISHST]).
Proof. repeat split. Qed.
Definition pairs_of (i : a64) : list a64 := filter (is_rmw i) all.
Example rmw_of_a64 : map pairs_of [LDR; LDXR; LDAXR; LDAR; LDADD_load true false; LDADDAL_load; STXR] =
  [[]; [STXR; STLXR]; [STXR; STLXR]; []; [LDADD_store true false]; [LDADDAL_store]; []].
Proof. reflexivity. Qed.

(** ** What the lock may be made of *)
Definition may_be (a : act) (is : list a64) : Prop := list_for armv8_lists a is.
Local Notation took := (took 0).
Definition polled : act := Lock 0 (Polled 0).
Definition stored : act := Lock 0 (Stored 1).
Definition read_ : act := Read 0 7 (value 0 5).
Definition wrote : act := Wrote 0 7 (value 0 5).
Local Ltac listed := cbn; intuition.
Example lists_of_armv8 : may_be took [LDAXR; STLXR] /\ may_be took [LDAXR; LDAXR; STLXR] /\
  may_be took [LDADDAL_load; LDADDAL_store] /\ Forall (may_be polled) [[LDAXR]; [LDAR]; [LDAPR]] /\
  may_be (Lock 0 (Loaded 0)) [LDR] /\ may_be stored [STLR] /\ may_be read_ [LDR] /\ may_be wrote [STR].
Proof.
  split; [exists [], [LDAXR; STLXR]; repeat split; [intros i []|listed]|].
  split; [exists [LDAXR], [LDAXR; STLXR]; repeat split; [intros i Mem; cbn in *; intuition|listed]|].
  split; [exists [], [LDADDAL_load; LDADDAL_store]; repeat split; [intros i []|listed]|].
  repeat split; repeat apply Forall_cons; try apply Forall_nil; listed.
Qed.
(** Not the wrong locks of armv8_cases.v, and no access of an object that orders others. *)
Local Ltac no_ticket := intros (tries & l & Tries & Mem & Is); cbn in Mem, Tries; unfold incl in Tries;
  destruct tries as [|i [|j [|k tries]]];
  cbn in Is; take_apart; try discriminate; injection Is; intros; subst; try discriminate;
  destruct (Tries _ (or_introl eq_refl)) as [Is'|[]]; discriminate Is'.
Example wrong_tickets_of_armv8 : Forall (fun is => ~ may_be took is)
  [[LDXR; STLXR]; [LDAXR; STXR]; [LDXR; STXR]; [LDAR; STLR]; [LDADD_load false true; LDADD_store false true];
   [LDADD_load false false; LDADD_store false false]; [LDADD_load true false; LDADD_store true false];
   [LDXR; LDAXR; STLXR]; []; [LDAXR]].
Proof. repeat apply Forall_cons; try apply Forall_nil; cbv beta; no_ticket. Qed.
Example wrong_lists_of_armv8 : Forall (fun is => ~ may_be polled is) [[LDR]; [LDXR]; [LDR; DMB_ISHST]] /\
  Forall (fun is => ~ may_be stored is) [[STR]; [STXR]; [DMB_ISHLD; STR]; [DMB_ISHST; STR]] /\
  Forall (fun is => ~ may_be (Lock 0 (Loaded 0)) is) [[LDAR]; []] /\
  Forall (fun is => ~ may_be read_ is) [[LDAR]; []] /\ Forall (fun is => ~ may_be wrote is) [[STLR]; []].
Proof. repeat split; repeat apply Forall_cons; try apply Forall_nil; cbv beta; intros Is; refuted. Qed.

(** ** What a CPU keeps in order: each line of the model in full *)
Local Notation keeps l n k := (on_one aarch64_lob l n k).
Local Notation refuses l n k := (negb (on_one aarch64_lob l n k)).
Local Notation r l := (reading l 107 : act).
Local Notation w l := (writing l 5 : act).
Local Notation fence i := (Halted : act, [i]).
(** lws *)
Example armv8_same_location :
  keeps [(r 0, [LDR]); (w 0, [STR])] 0 1 && keeps [(w 0, [STR]); (w 0, [STR])] 0 1 &&
  refuses [(r 0, [LDR]); (w 4, [STR])] 0 1 && refuses [(w 0, [STR]); (r 0, [LDR])] 0 1 &&
  refuses [(r 0, [LDR]); (r 0, [LDR])] 0 1 && refuses [(r 0, [LDR]); (w 0, [STR])] 1 0 = true.
Proof. reflexivity. Qed.
(** dob *)
Definition loaded : act := Lock 0 (Loaded 0).
Example armv8_dependencies :
  keeps [(loaded, [LDR]); (stored, [STR])] 0 1 && keeps [(polled, [LDR]); (w 0, [STR])] 0 1 &&
  refuses [(polled, [LDR]); (r 0, [LDR])] 0 1 && refuses [(loaded, [LDR]); (r 0, [LDR])] 0 1 &&
  decided [[(loaded, [LDR]); (stored, [STR]); (Lock 0 (Polled 1), [LDR])]] [((0, 1, 0), (0, 2, 0))] [] aarch64_lob
    (0, 0, 0) (0, 2, 0) &&
  refuses [(loaded, [LDR]); (stored, [STR]); (Lock 0 (Polled 1), [LDR])] 0 2 = true.
Proof. reflexivity. Qed.
(** aob *)
Example armv8_exclusives : let two i := [[(took, [LDXR; STXR]); (took, [i; STXR])]] in
  decided (two LDXR) [] [] aarch64_lob (0, 0, 0) (0, 0, 1) &&
  decided (two LDAXR) [] [] aarch64_lob (0, 0, 0) (0, 1, 0) &&
  negb (decided (two LDXR) [] [] aarch64_lob (0, 0, 0) (0, 1, 0)) = true.
Proof. reflexivity. Qed.
(** bob *)
Example armv8_fences :
  keeps [(w 0, [STR]); fence DMB_ISH; (r 4, [LDR])] 0 2 && refuses [(w 0, [STR]); fence DMB_ISHLD; (r 4, [LDR])] 0 2 &&
  refuses [(w 0, [STR]); fence DMB_ISHST; (r 4, [LDR])] 0 2 &&
  keeps [(r 0, [LDR]); fence DMB_ISHLD; (r 4, [LDR])] 0 2 && keeps [(r 0, [LDR]); fence DMB_ISHLD; (w 4, [STR])] 0 2 &&
  refuses [(w 0, [STR]); fence DMB_ISHLD; (w 4, [STR])] 0 2 &&
  keeps [(w 0, [STR]); fence DMB_ISHST; (w 4, [STR])] 0 2 &&
  refuses [(r 0, [LDR]); fence DMB_ISHST; (w 4, [STR])] 0 2 &&
  refuses [(r 0, [LDR]); fence DMB_ISHST; (r 4, [LDR])] 0 2 = true.
Proof. reflexivity. Qed.
Example armv8_LDADDAL : let around is := [(w 0, [STR]); (took, is); (r 4, [LDR])] in
  keeps (around [LDADDAL_load; LDADDAL_store]) 0 2 &&
  refuses (around [LDADD_load true false; LDADD_store true false]) 0 2 && refuses (around [LDAXR; STLXR]) 0 2 &&
  refuses (around [LDADD_load false true; LDADD_store false true]) 0 2 = true.
Proof. reflexivity. Qed.
Example armv8_L_A :
  keeps [(w 0, [STLR]); (r 4, [LDAR])] 0 1 && refuses [(w 0, [STLR]); (r 4, [LDAPR])] 0 1 &&
  refuses [(w 0, [STR]); (r 4, [LDAR])] 0 1 && refuses [(w 0, [STLR]); (r 4, [LDR])] 0 1 = true.
Proof. reflexivity. Qed.
Example armv8_acquire :
  keeps [(r 0, [LDAPR]); (r 4, [LDR])] 0 1 && keeps [(r 0, [LDAR]); (w 4, [STR])] 0 1 &&
  refuses [(r 0, [LDR]); (r 4, [LDR])] 0 1 && refuses [(r 0, [LDR]); (r 4, [LDAR])] 0 1 = true.
Proof. reflexivity. Qed.
Example armv8_release : let three is := [[(r 4, [LDR]); (w 0, is); (w 0, [STR])]] in
  let behind is := decided (three is) [] [[(0, 1, 0); (0, 2, 0)]] aarch64_lob (0, 0, 0) (0, 2, 0) in
  keeps [(r 0, [LDR]); (w 4, [STLR])] 0 1 && keeps [(w 0, [STR]); (w 4, [STLR])] 0 1 &&
  refuses [(r 0, [LDR]); (w 4, [STR])] 0 1 && refuses [(w 0, [STLR]); (r 4, [LDR])] 0 1 &&
  behind [STLR] && negb (behind [STR]) &&
  refuses [(r 4, [LDR]); (w 0, [STLR]); (w 0, [STR])] 0 2 = true.
Proof. reflexivity. Qed.
(** haz *)
Example armv8_two_reads : let two l := decided [[(r 0, [LDR]); (r l, [LDR])]; [(w 0, [STR]); (w 4, [STR])]] [] []
    aarch64_lob (0, 0, 0) in
  two 0%Z (1, 0, 0) && negb (two 4%Z (1, 1, 0)) = true.
Proof. reflexivity. Qed.
Example armv8_lob_goes_on : let h := given [[r 0; r 4; w 0]] [[[LDAR]; [LDAR]; [STR]]] [] [] in
  lob_of h ([is_A] ;; Po ;; [is_A] || [is_A] ;; Po ;; [is_write])%cat (0, 0, 0) (0, 2, 0) /\
  full_lob h (0, 0, 0) (0, 1, 0).
Proof.
  split; [constructor 1; right|constructor 1; unfold aarch64_lob; cbn [sem]; do 3 left; right].
  all: cbn [sem]; exists (0, 0, 0); split; [unfold present; yes|]; try (unfold present; yes).
  exists (0, 2, 0); unfold present; split; yes.
Qed.
