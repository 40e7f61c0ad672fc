(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: executions of the bytes in turns

    As the files sharp_*.v of machine/cases, of what main/bytes.v says of liveness: what a turn is and what none, who
    has finished, who sleeps, what rounds are, and how often in a row a store-exclusive fails.  Rests on
    definitions alone.  What sharp_*.v files are for: ../machine/cases/sharp_table.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import machine.
From hlock.machine.hardware Require Import armv8_model.
From hlock.machine.cases Require Import small.
From hlock.object Require Import micro machine endless.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope Z_scope.

Example step_turns_are : map step_turns [0; 1; 4]%nat = [66; 132; 330]%nat.
Proof. computed. Qed.

(** A library of three instructions in one; CPU 0 acquires, reads and releases, CPU 1 has nothing to do. *)
Definition code_here : code a64 := fun at_ =>
  if at_ =? 0 then Some ([Store_x [STLXR] 3 (Const 4096) (Const 9); Wait_event; Return (Reg 30)], 4) else None.
Definition L : library a64 := mkLibrary code_here (fun _ _ => Some 0) [] 30 31 16.
Definition clients : cpu -> client small := go_through [[acquire core 0; read core 0 7; release core 0]; []].
Definition rs : registers := fun r => Z.of_nat r.
Definition stores : state := mkState 0 0 rs false.
Definition stored (status : Z) : state := mkState 0 1 (set_reg 3 status rs) false.
Definition waits : state := stored 0.
Definition in_call (s : state) : byte_thread small := Running (acquire core 0) [] rs s.
Definition mem (set_ : bool) : store := mkStore (fun _ => 0) (fun _ => None) (fun _ => set_).
Definition with_ (p : byte_thread small) (set_ : bool) : byte_machine small := mkBytes [p; Resting []] (mem set_) [].
Definition start : byte_machine small := first_bytes.
Definition has_read : list (response small) := [Some (existT _ 0 (value 0 107)); None].
Definition over_now : byte_thread small := Resting [None; None; None].

Local Ltac taken := repeat match goal with
  | H : _ /\ _ |- _ => destruct H
  | H : exists _, _ |- _ => destruct H
  | H : asks_for _ _ _ _ _ |- _ => unfold asks_for in H
  | H : byte_step _ _ _ _ _ _ _ |- _ => inversion H; clear H; subst
  | H : _ = Some _ |- _ => cbn in H; first [discriminate H|injection H; clear H; intros; subst]
  | H : asks _ _ _ = _ |- _ => cbn in H; first [discriminate H|injection H; clear H; intros; subst]
  end.

Local Ltac opened := repeat match goal with
  | H : _ \/ _ |- _ => destruct H
  | H : _ /\ _ |- _ => destruct H
  | H : exists _, _ |- _ => destruct H
  | H : False |- _ => destruct H
  end.

(** ** A step that is no halt, or one between operations with no lock held *)
Local Notation calm := (byte_calm L 4096 clients).
Example byte_calm_are_not x : ~ calm 0%nat (with_ (Resting [None]) true) (Some Did_halt) x /\
  ~ calm 0%nat (with_ (in_call stores) true) (Some Did_halt) x /\ ~ calm 0%nat (with_ (Resting []) true) None x.
Proof.
  split; [|split]; intros (Step & Calm); [destruct (Calm eq_refl) as (h & At & Held)..|taken].
  - try discriminate At; injection At as <-; taken; discriminate.
  - discriminate At.
Qed.
Example byte_calm_are : calm 0%nat (with_ (Resting []) true) (Some Did_halt) (with_ Off true) /\
  calm 0%nat (with_ (Resting [None]) true) (Some (Did_read 0 7 (value 0 107)))
    (with_ (Resting has_read) true).
Proof.
  split; (split; [|intros H]); try discriminate H.
  - refine (byte_halt L 4096 clients 0 [Resting []; Resting []] (mem true) [] (Resting []) _ _);
    [reflexivity|discriminate].
  - exists []; split; reflexivity.
  - refine (byte_read L 4096 clients 0 [Resting [None]; Resting []] (mem true) [] [None] core 0 7 _ _); reflexivity.
Qed.

Example byte_finished_are_not : Forall (fun p => ~ byte_finished clients 0 (with_ p true)) [Resting []; in_call
  stores] /\
  ~ byte_finished clients 2 start.
Proof.
  split; [repeat apply Forall_cons; try apply Forall_nil|]; intros Fin; cbn in Fin; opened; discriminate.
Qed.
(** ** Who has finished, who sleeps, who is over *)
Example byte_finished_are : Forall (fun p => byte_finished clients 0 (with_ p true)) [over_now; Off] /\
  byte_finished clients 1 start.
Proof. repeat split; repeat apply Forall_cons; try apply Forall_nil; cbn; auto. Qed.
Example asleep_are_not : ~ asleep L 4096 0 (with_ (in_call waits) true) /\
  Forall (fun p => ~ asleep L 4096 0 (with_ p false)) [in_call stores; Resting []; Off].
Proof.
  split; [intros (Clear & _); discriminate Clear|].
  repeat apply Forall_cons; try apply Forall_nil; intros (_ & s & o & h & b & s1 & At & Ask); cbn in At;
    try discriminate At; injection At as <- <- <- <-; discriminate Ask.
Qed.
Example asleep_are : asleep L 4096 0 (with_ (in_call waits) false).
Proof. split; [reflexivity|]; exists (mkState 0 2 (set_reg 3 0 rs) false); repeat eexists. Qed.
Local Notation called h := (Running (acquire core 0) h rs stores).
Example byte_over_are_not : Forall (fun p => ~ byte_over 0 [None] (with_ p true)) [Resting [None]; called [None]] /\
  ~ byte_over 2 [None] start.
Proof. split; [repeat apply Forall_cons; try apply Forall_nil|]; cbn; auto; lia. Qed.
Example byte_over_are : Forall (fun p => byte_over 0 [None] (with_ p true)) [Resting [None; None]; called [None;
  None]; Off].
Proof. repeat apply Forall_cons; try apply Forall_nil; cbn; auto; lia. Qed.

(** ** Turns *)
Local Notation turn := (byte_turn L 4096 clients).
Local Notation turns := (byte_turns L 4096 clients).
Definition still (x : byte_machine small) (n : nat) : byte_machine small := x.
Definition then_ (x y : byte_machine small) (n : nat) : byte_machine small := match n with O => x | S _ => y end.
Definition just (c : cpu) (n : nat) : cpu := c.
Example byte_turns_are_not : ~ turn (still (with_ (Resting []) true)) (just 0) 0 /\
  ~ turn (then_ start (with_ (Resting [None]) true)) (just 1) 0 /\
  ~ turn (then_ (with_ (Resting [None]) true) (with_ Off true)) (just 0) 0 /\
  ~ turns (still (with_ Off true)) (just 1) 0 /\ ~ turns (still start) (just 0) 1 /\
  ~ byte_infinite L 4096 clients (still start) (fun n => if Nat.eqb n 3 then 0 else 1)%nat.
Proof.
  assert (Moves : forall x v x', places x = [Resting []; Resting []] -> byte_step L 4096 clients 0 x v x' ->
    places x' <> [Resting []; Resting []]).
  { intros x v x' Is Step; destruct Step; cbn [places] in *; subst ts; cbn in *; try discriminate;
      match goal with H : Some _ = Some _ |- _ => injection H; intros; subst end; discriminate. }
  assert (No : forall x who n, places x = [Resting []; Resting []] -> who n = 0%nat -> ~ turn (still x) who n).
  { intros x who n Is Mine; unfold byte_turn; rewrite Mine; unfold still.
    unfold byte_calm, byte_finished, asleep, asks_for; rewrite Is; cbn [nth_error]; intros Turn; opened;
      try discriminate; match goal with H : byte_step _ _ _ _ _ ?v _ |- _ => exact (Moves x v x Is H Is) end. }
  split; [apply No; reflexivity|split; [|split; [|split; [|split]]]].
  - intros Turn; unfold byte_turn, byte_calm in Turn; opened; try discriminate; taken; discriminate.
  - intros Turn; unfold byte_turn in Turn; opened; try discriminate;
      match goal with H : byte_calm _ _ _ _ _ ?v _ |- _ => rename H into Calm; pose proof Calm as (Step & _) end;
      inversion Step; subst; taken; try discriminate; exact (proj1 (byte_calm_are_not _) Calm).
  - intros (First & _); discriminate First.
  - intros (_ & Each); exact (No start (just 0) 0%nat eq_refl eq_refl (Each 0%nat ltac:(lia))).
  - intros Runs; pose proof (No start (fun n => if Nat.eqb n 3 then 0 else 1)%nat 3%nat eq_refl eq_refl) as Not.
    pose proof (Runs 4%nat) as Each; apply Not; first [apply Each; lia|apply (proj1 Each); lia].
Qed.
(** A step; nothing, of one that has finished, or sleeps.  Up to a time, or for ever. *)
Example byte_turns_are : turn (then_ (with_ (Resting []) true) (with_ Off true)) (just 0) 0 /\
  turn (still start) (just 1) 0 /\ turn (still (with_ (in_call waits) false)) (just 0) 0 /\
  turns (still start) (just 0) 0 /\ turns (then_ start (with_ Off true)) (just 1) 0 /\
  byte_infinite L 4096 clients (still start) (just 1).
Proof.
  assert (Idle : forall n, turn (still start) (just 1) n) by (intros n; right; split; [left|]; reflexivity).
  split; [left; exists (Some Did_halt); exact (proj1 byte_calm_are)|].
  split; [exact (Idle O)|split; [right; split; [right; exact asleep_are|reflexivity]|]].
  split; [split; [reflexivity|intros n Less; lia]|split; [split; [reflexivity|intros n Less; lia]|]].
  intros last; split; [reflexivity|intros n _; exact (Idle n)].
Qed.

Example byte_fair_are_not : ~ byte_fair clients (still start) (just 1) /\
  ~ byte_fair clients (still start) (fun n => if Nat.eqb n 0 then 0 else 1)%nat.
Proof.
  split; intros Fair; specialize (Fair 1%nat 0%nat); try specialize (Fair ltac:(cbn; lia)); opened; try discriminate;
    match goal with H : (1 <= ?m)%nat |- _ => destruct m; [lia|discriminate] end.
Qed.
(** ** The scheduler *)
Example byte_fair_are : byte_fair clients (still start) (just 0) /\ byte_fair clients (still (with_ Off true)) (just 5).
Proof.
  split; intros n [|[|c]] Cpu; cbn in Cpu; try lia; exists n; (split; [apply Nat.le_refl|]); cbn; auto.
Qed.
Local Notation rounds := (byte_rounds clients).
Example byte_rounds_are_not : ~ rounds (still start) (just 0) 2 0 1 /\ ~ rounds (still start) (just 1) 1 0 9 /\
  ~ rounds (still (with_ Off true)) (just 5) 1 1 0 /\ ~ rounds (still start) (just 0) 0 0 1.
Proof.
  assert (Mine : forall who n m, byte_round clients (still start) who n m -> exists k, (n <= k < m)%nat /\ who k =
    0%nat).
  { intros who n m (_ & Each); pose proof (Each 0%nat ltac:(cbn; lia)) as Is;
      try destruct Is as [Is|Fin]; first [exact Is|cbn in Fin; opened; discriminate]. }
  split; [|split; [|split]].
  - intros Rounds; cbn [byte_rounds] in Rounds; opened;
      repeat match goal with H : byte_round _ _ _ _ _ |- _ => destruct (Mine _ _ _ H) as (? & ? & _); clear H end; lia.
  - intros Rounds; cbn [byte_rounds] in Rounds; opened;
      match goal with H : byte_round _ _ _ _ _ |- _ => destruct (Mine _ _ _ H) as (k & _ & Is); discriminate Is end.
  - intros Rounds; cbn [byte_rounds] in Rounds; opened;
      match goal with H : byte_round _ _ _ _ _ |- _ => destruct H as (More & _); lia end.
  - intros Rounds; cbn [byte_rounds] in Rounds; opened; discriminate.
Qed.
Example byte_rounds_are : rounds (still start) (just 0) 2 0 7 /\ rounds (still start) (just 0) 0 3 3 /\
  rounds (still (with_ Off true)) (just 5) 2 1 1.
Proof.
  assert (Round : forall n m, (n < m)%nat -> byte_round clients (still start) (just 0) n m).
  { intros n m Less; split; [lia|]; intros [|[|c]] Cpu; cbn in Cpu; try lia; [left; exists n; split;
    [lia|reflexivity]|].
    right; reflexivity. }
  assert (Off_ : forall n, byte_round clients (still (with_ Off true)) (just 5) n n).
  { intros n; split; [lia|]; intros [|[|c]] Cpu; cbn in Cpu; try lia; right; cbn; auto. }
  split; [exists 3%nat; split; [apply Round; lia|exists 7%nat; split; [apply Round; lia|reflexivity]]|].
  split; [reflexivity|exists 1%nat; split; [apply Off_|exists 1%nat; split; [apply Off_|reflexivity]]].
Qed.

(** ** Store-exclusives that fail *)
Local Notation tries := (tries L 4096).
Local Notation fails := (fails L 4096).
Local Notation row := (fails_in_a_row L 4096).
Definition failing (n : nat) : byte_machine small := with_ (in_call (if Nat.even n then stores else stored 1)) true.
Definition done (n : nat) : byte_machine small := with_ (in_call (if Nat.even n then stores else stored 0)) true.
Example tries_are_not : ~ tries failing (just 0) 0 1 /\ ~ tries failing (just 1) 0 0 /\ ~ tries (still start) (just 0)
  0 0 /\
  ~ fails done (just 0) 0 0 /\ ~ fails failing (just 1) 0 0 /\ ~ fails failing (just 0) 0 1.
Proof.
  repeat apply conj; intros Try; unfold endless.tries, endless.fails, asks_for in Try; taken; try discriminate.
  match goal with H : set_reg _ _ _ = _ |- _ => apply (f_equal (fun h => h 3%nat)) in H; discriminate H end.
Qed.
Lemma failed_at n : Nat.even n = true -> fails failing (just 0) 0 n.
Proof.
  intros Even; unfold endless.fails, failing; rewrite Nat.even_succ, <- Nat.negb_even, Even.
  split; [reflexivity|]; repeat eexists.
Qed.
Example tries_are : tries failing (just 0) 0 0 /\ tries done (just 0) 0 2 /\ fails failing (just 0) 0 2.
Proof. split; [split; [reflexivity|]; repeat eexists|split; [split; [reflexivity|]; repeat eexists|now apply
  failed_at]]. Qed.
(** A success, and a store-exclusive that is not counted, end it. *)
Example rows_are_not k : ~ row done (just 0) 0 0 1 k /\ (row failing (just 0) 0 0 1 k -> k = 1%nat) /\
  (row failing (just 0) 0 1 2 k -> k = 0%nat).
Proof.
  assert (None_ : forall (run : nat -> byte_machine small) n k, row run (just 0) 0 n n k -> k = 0%nat).
  { intros run n k0 Row; assert (Ge : forall m k, row run (just 0) 0 n m k -> (n <= m)%nat /\ (m = n -> k = 0%nat))
      by (induction 1; split; lia).
    exact (proj2 (Ge n k0 Row) eq_refl). }
  split; [|split]; intros Row; inversion Row as [|m j Row1 Fails|m j Row1 Not]; subst; try contradiction;
    first [now rewrite (None_ _ _ _ Row1)|exfalso; first
      [exact (proj1 (proj2 (proj2 (proj2 tries_are_not))) Fails)
      |exact (proj2 (proj2 (proj2 (proj2 (proj2 tries_are_not)))) Fails)
      |apply Not; split; [reflexivity|]; repeat eexists]].
Qed.
Example rows_are : row failing (just 0) 0 0 3 2 /\ row failing (just 0) 0 1 1 0 /\ row (still start) (just 0) 0 0 1 0.
Proof.
  split; [|split; [constructor|apply row_goes_on; [constructor|exact (proj1 (proj2 (proj2 tries_are_not)))]]].
  apply row_fails; [apply row_goes_on; [apply row_fails; [constructor|now apply failed_at]|]|now apply failed_at].
  exact (proj1 tries_are_not).
Qed.
Example at_most_are : fails_at_most L 4096 failing (just 0) 0 0 /\ fails_at_most L 4096 failing (just 1) 0 9 /\
  ~ fails_at_most L 4096 failing (just 0) 1 3.
Proof.
  split; [|split].
  - intros c n m k Early Row; destruct Row as [|m k Row Fails|m k Row Not]; lia.
  - intros c n m k _ Row; induction Row as [|m k Row IH Fails|m k Row IH Not]; try lia; exfalso.
    destruct Fails as (Mine & o & h & b & s & rel & a & v & d & f & At & Ask & _).
    subst c; discriminate At.
  - intros Most; specialize (Most 0%nat 0%nat 3%nat 2%nat (Nat.le_refl _) (proj1 rows_are)); lia.
Qed.
