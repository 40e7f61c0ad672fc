(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: one CPU on the bytes, told anything

    As sharp_bytes.v, of what main/bytes.v says of the memory of Armv8: which answers a request can have, and which
    action of what instructions that completes; requests that have no name; clients that do not call
    functions of the table alone.  Rests on definitions alone. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import machine.
From hlock.machine.hardware Require Import events armv8_model.
From hlock.machine.cases Require Import small few.
From hlock.object Require Import micro machine alone.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope Z_scope.

(** ** Answers, of locks that lie 8 bytes apart, from 4096 on *)
Definition LDADD (acq rel : bool) : list a64 := [LDADD_load acq rel; LDADD_store acq rel].
Definition to (v : Z) : state := mkState v 0 (fun _ => 0) false.
Definition tried : pending a64 := mkPending [LDXR; LDAXR] (Some (2, 5)).
(** Its array has eight words. *)
Definition bare : library a64 := mkLibrary (fun _ => None) (fun _ _ => None) [] 30 31 32.
Local Notation answered := (answered_by (S := small) bare 8 4096).
Local Notation act := (action small words_verb).

(** The first and the last word, of lock 2: next lies at 4112, now at 4116. *)
Example answers_are : answered Acquire tried (Own (to 1)) None tried (to 1) /\
  answered Acquire tried (Rest (to 1)) None tried (to 1) /\
  answered Acquire tried (Ask_load [LDXR] true 4112 to) None (mkPending [LDXR; LDXR; LDAXR] (Some (2, 0))) (to 0) /\
  answered Acquire tried (Ask_load [LDAXR] true 4112 to) None
    (mkPending [LDAXR; LDXR; LDAXR] (Some (2, 2 ^ 32 - 1))) (to (2 ^ 32 - 1)) /\
  answered Acquire nothing_pending (Ask_load [LDAXR] true 4116 to) (Some (Lock 2 (Polled 0) : act, [LDAXR]))
    nothing_pending (to 0) /\
  answered Release nothing_pending (Ask_load [LDR] false 4116 to) (Some (Lock 2 (Loaded (2 ^ 32 - 1)) : act, [LDR]))
    nothing_pending (to (2 ^ 32 - 1)) /\
  answered Release nothing_pending (Ask_store [STR] 4116 7 (to 1)) (Some (Lock 2 (Stored 7) : act, [STR]))
    nothing_pending (to 1).
Proof.
  split; [|split; [|split; [|split; [|split; [|split]]]]]; try (constructor; lia).
  - apply (by_link bare 8 4096 Acquire tried [LDXR] 2 0 to); lia.
  - apply (by_link bare 8 4096 Acquire tried [LDAXR] 2 (2 ^ 32 - 1) to); lia.
  - apply (by_load bare 8 4096 Acquire nothing_pending [LDAXR] true 2 0 to); lia.
  - apply (by_load bare 8 4096 Release nothing_pending [LDR] false 2 (2 ^ 32 - 1) to); lia.
  - exact (by_store bare 8 4096 Release nothing_pending [STR] 2 7 (to 1)).
Qed.
(** Of an access of several events all are remembered, the last one first. *)
Example links_are : answered Acquire tried (Ask_load [LDAR; LDXR] true 4112 to) None
  (mkPending [LDXR; LDAR; LDXR; LDAXR] (Some (2, 0))) (to 0).
Proof. apply (by_link bare 8 4096 Acquire tried [LDAR; LDXR] 2 0 to); lia. Qed.
(** A ticket: a pair, of which the tries before are part; one that wraps; a pair that fails; LDADD. *)
Example tickets_are :
  answered Acquire tried (Ask_store_x [STXR] 4112 6 (to 1) (to 2))
    (Some (Lock 2 (Took 5) : act, [LDAXR; LDXR; STXR])) nothing_pending (to 1) /\
  answered Acquire (mkPending [LDAXR] (Some (0, 2 ^ 32 - 1))) (Ask_store_x [STLXR] 4096 0 (to 1) (to 2))
    (Some (Lock 0 (Took (2 ^ 32 - 1)) : act, [LDAXR; STLXR])) nothing_pending (to 1) /\
  answered Acquire tried (Ask_store_x [STLXR] 1 1 (to 1) (to 2)) None (mkPending [LDXR; LDAXR] None) (to 2) /\
  answered Acquire tried (Ask_add (LDADD true true) 4112 1 to)
    (Some (Lock 2 (Took 0) : act, [LDAXR; LDXR; LDADD_load true true; LDADD_store true true])) nothing_pending (to 0).
Proof.
  split; [|split; [|split]].
  - apply (by_store_x bare 8 4096 Acquire tried [STXR] 2 5 (to 1) (to 2)); reflexivity.
  - apply (by_store_x bare 8 4096 Acquire (mkPending [LDAXR] (Some (0, 2 ^ 32 - 1))) [STLXR] 0 (2 ^ 32 - 1)
      (to 1) (to 2)); reflexivity.
  - exact (by_failure bare 8 4096 Acquire tried [STLXR] 1 1 (to 1) (to 2)).
  - apply (by_add bare 8 4096 Acquire tried (LDADD true true) 2 0 to); lia.
Qed.

Lemma next_is l : next_word 8 4096 l = 4096 + 8 * l.
Proof. reflexivity. Qed.
Lemma now_is l : now_word 8 4096 l = 4096 + 8 * l + 4.
Proof. reflexivity. Qed.
Opaque next_word now_word.
Local Ltac refused := intros Answer; inversion Answer; subst; rewrite ?next_is, ?now_is in *; try lia;
  try discriminate.
(** A load of next that is not exclusive has no answer; nor has one of another word, or any store to next. *)
Example no_answers a q s : ~ answered Acquire tried (Ask_load [LDAR] false (next_word 8 4096 2) to) a q s /\
  ~ answered Acquire tried (Ask_load [LDAXR] true (next_word 8 4096 2 + 1) to) a q s /\
  ~ answered Acquire tried (Ask_store [STLR] (next_word 8 4096 2) 6 (to 1)) a q s /\
  ~ answered Acquire tried (Ask_add (LDADD true true) (next_word 8 4096 2) 2 to) a q s /\
  ~ answered Acquire tried (Ask_add (LDADD true true) (now_word 8 4096 2) 1 to) a q s.
Proof. repeat split; refused. Qed.
(** A load gives a word, and the code goes on with it; one of next is remembered. *)
Example loads_give a q s :
  (answered Acquire tried (Ask_load [LDAXR] true (next_word 8 4096 2) to) a q s -> a = None /\ 0 <= pc s < 2 ^ 32 /\
     loaded q = [LDAXR; LDXR; LDAXR] /\ linked q = Some (2, pc s)) /\
  (answered Acquire nothing_pending (Ask_load [LDAXR] true (now_word 8 4096 2) to) a q s -> 0 <= pc s < 2 ^ 32 /\
     a = Some (Lock 2 (Polled (pc s)) : act, [LDAXR]) /\ q = nothing_pending) /\
  (answered Acquire nothing_pending (Ask_add (LDADD true true) (next_word 8 4096 2) 1 to) a q s -> 0 <= pc s < 2 ^ 32 /\
     a = Some (Lock 2 (Took (pc s)) : act, [LDADD_load true true; LDADD_store true true])).
Proof.
  split; [|split]; refused; assert (l = 2) by lia; subst l; repeat split; cbn; auto; lia.
Qed.
(** A store-exclusive succeeds if the last exclusive load was of the same word, and stores one more than that gave;
    after one that failed there is none. *)
Example pairs_succeed a q :
  (answered Acquire tried (Ask_store_x [STLXR] (next_word 8 4096 2) 6 (to 1) (to 2)) a q (to 1) ->
     a = Some (Lock 2 (Took 5) : act, [LDAXR; LDXR; STLXR])) /\
  ~ answered Acquire tried (Ask_store_x [STLXR] (next_word 8 4096 2) 7 (to 1) (to 2)) a q (to 1) /\
  ~ answered Acquire tried (Ask_store_x [STLXR] (next_word 8 4096 1) 6 (to 1) (to 2)) a q (to 1) /\
  ~ answered Acquire (mkPending [LDAXR] None) (Ask_store_x [STLXR] (next_word 8 4096 2) 6 (to 1) (to 2)) a q (to 1) /\
  (answered Acquire tried (Ask_store_x [STLXR] (next_word 8 4096 2) 6 (to 1) (to 2)) a q (to 2) ->
     a = None /\ linked q = None).
Proof.
  split; [|split; [|split; [|split]]]; refused; auto;
    repeat match goal with H : linked _ = Some _ |- _ => injection H; clear H; intros; subst end;
    try discriminate; try lia; auto.
Qed.

Transparent next_word now_word.

(** ** One CPU *)
Definition code_here : code a64 := fun at_ => if at_ =? 0 then Some ([Return (Reg 30)], 4) else None.
Definition L : library a64 := mkLibrary code_here (fun _ _ => Some 0) [19]%nat 30 31 16.
Definition once_in : client small := fun history => match history with [] => Some (acquire core 0) | _ => None end.
Local Notation goes := (byte_alone (S := small) armv8_lists L 8 4096 once_in).
Definition framed : registers := fun r => if Nat.eqb r 31 then 160 else if Nat.eqb r 32 then 160
  else if Nat.eqb r 49 then 0 else if Nat.eqb r 50 then 64 else 7.
(** It returns with register 19 as it was; who has halted halts no more. *)
Example has_come_back : goes [] [Called (acquire core 0)] (Running (acquire core 0) [] framed (mkState 0 0 framed true))
    nothing_pending /\
  goes [] [Returned (acquire core 0); Called (acquire core 0)] (Resting [None]) nothing_pending.
Proof.
  assert (Calls : goes [] [Called (acquire core 0)] (Running (acquire core 0) [] framed (mkState 0 0 framed true))
    nothing_pending).
  { eapply (bytes_call armv8_lists L 8 4096 once_in); [constructor|reflexivity|reflexivity|reflexivity|].
    split; [intros Index; now contradiction Index|split; [reflexivity|
      split; [split; [intros [=]|reflexivity]|split; [reflexivity|split; reflexivity]]]]. }
  split; [exact Calls|].
  eapply (bytes_return armv8_lists L 8 4096 once_in); [exact Calls|reflexivity|
    split; [reflexivity|intros r _; reflexivity]].
Qed.
(** A read and a write of an object are made of a list of the target; where it has none, there is neither. *)
Definition of_one : client small := goes_through [read core 0 7; write core 0 7 5].
Definition has_it : list (response small) := [Some (existT _ 0 (value 0 3))].
Example accesses_are_plain : byte_alone armv8_lists L 8 4096 of_one
  [(Wrote 0 7 (value 0 5), [STR]); (Read 0 7 (value 0 3), [LDR])]
  [Did_write 0 7 (value 0 5); Did_read 0 7 (value 0 3)] (Resting (None :: has_it)) nothing_pending.
Proof.
  apply (bytes_write armv8_lists L 8 4096 of_one [(Read 0 7 (value 0 3), [LDR])] [Did_read 0 7 (value 0 3)] has_it
    nothing_pending core 0 7 (value 0 5) [STR]); [|reflexivity|now left].
  apply (bytes_read armv8_lists L 8 4096 of_one [] [] [] nothing_pending core 0 7 (value 0 3) [LDR]);
    [constructor|reflexivity|now left].
Qed.
Definition no_read : instruction_lists a64 := mkLists [] [] [] [] [] [] [[STR]].
Definition no_write : instruction_lists a64 := mkLists [] [] [] [] [] [[LDR]] [].
Example reads_are_plain did vis b q : byte_alone no_read L 8 4096 of_one did vis b q ->
  Forall (fun v => match v with Did_read _ _ _ => False | _ => True end) vis.
Proof. induction 1; repeat apply Forall_cons; auto; contradiction. Qed.
Example writes_are_plain did vis b q : byte_alone no_write L 8 4096 of_one did vis b q ->
  Forall (fun v => match v with Did_write _ _ _ => False | _ => True end) vis.
Proof. induction 1; repeat apply Forall_cons; auto; contradiction. Qed.
Definition halts (vis : list (visible small)) : nat :=
  List.length (filter (fun v => match v with Did_halt => true | _ => false end) vis).
Example halts_once did vis b q : goes did vis b q -> (halts vis <= 1)%nat /\ (b <> Off -> halts vis = O).
Proof.
  intros Goes; induction Goes as [| | | | | |did vis b q _ (Most & None_) Alive]; unfold halts in *;
    try (destruct IHGoes as (A & B); split; [exact A|intros _; apply B; discriminate]).
  - split; [cbn; lia|reflexivity].
  - cbn; rewrite (None_ Alive); split; [lia|intros Off_; now contradiction Off_].
Qed.

(** What it was told. *)
Example told_on_bytes rs : map (history_of (S := small))
  [Resting [None]; Running (acquire core 0) [None; None] rs (to 0); Off] = [Some [None]; Some [None; None]; None].
Proof. reflexivity. Qed.

(** ** All CPUs: CPU 0 reads an object, CPU 1 halts *)
Definition readers : cpu -> client small := fun c => match c with O => goes_through [read core 0 7] | _ => once_in end.
Definition reads_it (z : Z) : action small words_verb := Read 0 7 (value 0 z).
Definition seen_each (c : cpu) : list (visible small) :=
  match c with O => [Did_read 0 7 (value 0 5)] | _ => [Did_halt] end.
Definition last_each (c : cpu) : byte_thread small :=
  match c with O => Resting (S := small) [Some (existT _ 0 (value 0 5))] | _ => Off end.
Local Notation runs := (runs_bytes armv8_lists L 8 4096).
Definition does_so (others : list (list act)) (parts : list (list (list a64))) : execution small a64 :=
  given ([reads_it 5] :: others) parts [] [].
Example bytes_of_two : runs readers (does_so [[Halted]] [[[LDR]]; [[]]]) seen_each last_each.
Proof.
  constructor; intros c Is.
  - destruct c as [|[|c]]; [|cbn in Is|exfalso; cbn in Is; lia].
    + exists [(reads_it 5, [LDR])], nothing_pending; split; [|split; [first [reflexivity|left; reflexivity]|]].
      * try left; apply (bytes_read armv8_lists L 8 4096 (readers 0) [] [] [] nothing_pending core 0 7 (value 0 5)
          [LDR]); [constructor|reflexivity|now left].
      * intros [|[|n]] a is; cbn; try discriminate; intros [= <- <-] m; first [reflexivity|left; reflexivity].
    + exists [(Halted, [])], nothing_pending; split; [|split; [first [reflexivity|left; reflexivity]|]].
      * try left; apply (bytes_halt armv8_lists L 8 4096 (readers 1) [] [] (Resting []) nothing_pending);
          [constructor|discriminate].
      * intros [|[|n]] a is; cbn; try discriminate; intros [= <- <-] m; first [reflexivity|left; reflexivity].
  - destruct c as [|[|[|c]]]; cbn in Is; try lia; reflexivity.
Qed.
(** CPU 1 comes to where no run does; does what no run does; by other instructions; and a third CPU does something. *)
Example bytes_not_of_two :
  ~ runs readers (does_so [] [[[LDR]]]) (fun c => match c with O => seen_each 0 | _ => [] end)
      (fun c => match c with O => last_each 0 | _ => Resting [None] end) /\
  ~ runs readers (does_so [[Halted]] [[[LDR]]; [[]]]) (fun c => match c with O => seen_each 0 | _ => [] end)
      (fun c => match c with O => last_each 0 | _ => Resting [] end) /\
  ~ runs readers (does_so [[Halted]] [[[LDR]]; [[STR]]]) seen_each last_each /\
  ~ runs readers (does_so [[Halted]; [Halted]] [[[LDR]]; [[]]; [[]]]) seen_each last_each.
Proof.
  repeat split; intros [Each Others]; [| | |discriminate (Others 2%nat (le_n 2))];
    destruct (Each 1%nat (le_n 2)) as (did & q & Goes & Acts & Parts).
  - inversion Goes.
  - inversion Goes; subst; discriminate Acts.
  - inversion Goes as [| | | | | |acts vis t q' Before Alive]; subst.
    cbn in Acts; assert (acts = []) as ->
      by (apply (f_equal (@List.length _)) in Acts; rewrite map_length, app_length, rev_length in Acts; cbn in Acts;
          destruct acts; [reflexivity|cbn in Acts; lia]).
    discriminate (Parts 0%nat _ _ eq_refl 0%nat).
Qed.

(** ** Names of requests *)
Local Notation has_name := (named L 8 4096 Z.of_nat).
Example requests_have : Forall (fun r => has_name (mkPending [LDAXR] (Some (1, 5))) r)
  [Own (to 1); Rest (to 1); Ask_load [LDXR] true 4096 to; Ask_load [LDR] false 4100 to; Ask_store [STR] 4100 9 (to 1);
   Ask_store_x [STXR] 4104 6 (to 1) (to 2); Ask_add (LDADD false false) 4104 1 to; Back 30 Z.of_nat].
Proof.
  repeat apply Forall_cons; try apply Forall_nil; cbn; auto; try (split; [reflexivity|solve [auto]]).
  - split; [repeat split; cbn; lia|exists 0; left; split; reflexivity].
  - split; [repeat split; cbn; lia|exists 0; right; reflexivity].
  - split; [repeat split; cbn; lia|exists 0; reflexivity].
  - split; [repeat split; cbn; lia|exists 1, 5; repeat split].
  - split; [repeat split; cbn; lia|exists 1; split; reflexivity].
Qed.
(** Outside of the array; next by a load that is not exclusive, or by a store; one of a pair with the wrong value,
    of another lock, or with no load before; an addition of two; back to elsewhere; nothing. *)
Example names_are_not : Forall (fun r => ~ has_name (mkPending [LDAXR] (Some (1, 5))) r)
  [Ask_load [LDAXR] true 4112 to; Ask_load [LDAR] false 4096 to; Ask_store [STLR] 4096 9 (to 1);
   Ask_store [STLR] 4116 9 (to 1); Ask_store_x [STLXR] 4104 7 (to 1) (to 2); Ask_store_x [STLXR] 4096 6 (to 1) (to 2);
   Ask_add (LDADD true true) 4104 2 to; Ask_add (LDADD true true) 4112 1 to; Ask_add (LDADD true true) 4100 1 to;
   Back 31 Z.of_nat; Undefined] /\
  ~ has_name nothing_pending (Ask_store_x [STLXR] 4104 6 (to 1) (to 2)).
Proof.
  assert (Outside : forall a, 4109 <= a -> ~ in_array L 4096 a) by (intros a Far (_ & High & _); cbn in High; lia).
  split; [repeat apply Forall_cons; try apply Forall_nil|].
  - intros (In_array & _); revert In_array; apply Outside; lia.
  - intros (_ & l & [(_ & No)|Is]); [discriminate No|unfold now_word in Is; lia].
  - intros (_ & l & Is); unfold now_word in Is; lia.
  - intros (In_array & _); revert In_array; apply Outside; lia.
  - intros (_ & l & v & Link & _ & Is); injection Link as <- <-; discriminate Is.
  - intros (_ & l & v & Link & Is & _); injection Link as <- <-; discriminate Is.
  - intros (_ & l & _ & No); discriminate No.
  - intros (In_array & _); revert In_array; apply Outside; lia.
  - intros (_ & l & Is & _); unfold next_word in Is; lia.
  - intros (No & _); discriminate No.
  - intros [].
  - intros (_ & l & v & Link & _); discriminate Link.
Qed.

(** ** Clients *)
Example calls_in_table : calls_of_table (S := small) small_table
    (fun _ => goes_through [acquire core 0; release core 0; read core 0 7; acquire pt 2; Op_halt]) /\
  ~ calls_of_table (S := small) small_table (fun _ => goes_through [acquire core 0; acquire stray 0]) /\
  ~ calls_of_table (S := small) small_table (fun _ => goes_through [release pt 100]).
Proof.
  split; [|split].
  - intros c history o k f i Next Called.
    do 6 (destruct history as [|? history];
      [cbn in Next; first [discriminate Next|injection Next; intros; subst; first [discriminate Called|
        injection Called; intros; subst; (split; [vm_compute; tauto|reflexivity])]]|]); discriminate Next.
  - intros All; destruct (All 0%nat [None] _ Acquire stray 0 eq_refl eq_refl) as (Is & _); vm_compute in Is.
    repeat destruct Is as [Is|Is]; discriminate Is || exact Is.
  - intros All; destruct (All 0%nat [] _ Release pt 100 eq_refl eq_refl) as (_ & Is); discriminate Is.
Qed.
