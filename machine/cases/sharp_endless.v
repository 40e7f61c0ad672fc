(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: infinite executions

    Who keeps the order; whose sections end; what an infinite execution is, and a fair
    one; who is at work, and when somebody goes on.  What sharp_*.v files are for:
    sharp_table.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import values smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.live Require Import orderly endless.
From hlock.machine.cases Require Import small sharp_table sharp_live.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.
Local Notation nothing n := (repeat (None : response small) n).
Local Notation threads_ ts g := (mkMachine (M := M) ts g).

(** What is true is shown from what is known, whatever the shape in which a definition says it. *)
Local Ltac so := cbn; solve
  [assumption | exact I | reflexivity | discriminate | lia | eexists; eassumption | split; so | left; so | right; so
  | eexists; reflexivity | eexists; eexists; reflexivity | intro; so].

(** ** Clients *)
(** Told anything else it acquires again and again, and ends while it holds. *)
Example order_is_kept : keeps_order only_nothing trusting by_rank.
Proof. split; unfold climbs; each_history; found. Qed.
(** It acquires against the levels; it ends, or halts, while it holds. *)
Example order_is_not_kept : ~ keeps_order everything (goes_through [acquire pt 1; acquire core 0; release core 0;
    release pt 1]) by_rank /\
  ~ keeps_order everything (goes_through [acquire core 0]) by_rank /\
  ~ keeps_order everything (goes_through [acquire core 0; Op_halt]) by_rank.
Proof.
  split; [|split].
  - intros [Climbs _]; specialize (Climbs (nothing 1) core 0 5 I eq_refl (or_introl eq_refl)); cbn in Climbs; lia.
  - intros [_ Goes]; destruct (Goes (nothing 1) I ltac:(discriminate)) as (o & Is & _); discriminate Is.
  - intros [_ Goes]; destruct (Goes (nothing 1) I ltac:(discriminate)) as (o & Is & Not);
      injection Is as <-; discriminate Not.
Qed.

(** It reads under the lock until it is told nothing. *)
Definition until_nothing : client small := fun history =>
  match history with
  | [] => Some (acquire core 0)
  | Some _ :: _ => Some (read core 0 7)
  | None :: [] => Some (read core 0 7)
  | None :: _ :: _ => Some (release core 0)
  end.
(** Under a lock it acquires and releases another, for ever. *)
Definition again_inside : client small := fun history =>
  match history with
  | [] => Some (acquire core 0)
  | _ => Some (if Nat.even (List.length history) then release pt 1 else acquire pt 1)
  end.
(** However a definition says it. *)
Local Ltac told_on IH Holds a n := first
  [exact (IH Holds a I (Datatypes.S n) eq_refl)|exact (IH (or_introl Holds) a I (Datatypes.S n) eq_refl)
  |exact (IH Holds a (or_introl I) (Datatypes.S n) eq_refl)].
Local Ltac from_there Ends Never := first
  [exact (Never [None] (Ends [None] 0 I) O eq_refl)|exact (Ends [None] 0 I (or_introl eq_refl))].
(** It may be told something for ever; a lock may be held again and again, and not without end. *)
Example sections_without_end : ~ sections_end everything until_nothing /\ ~ sections_end everything again_inside.
Proof.
  split; intros Ends.
  - assert (Holds : forall n, List.In 0 (held until_nothing (repeat answer n ++ [None]))).
    { intros n; induction n as [|[|n] IH]; [left; reflexivity|left; reflexivity|exact IH]. }
    assert (Never : forall history, lets_go_of everything until_nothing 0 history ->
              forall n, history = repeat answer n ++ [None] -> False).
    { intros history Lets; induction Lets as [history _ IH]; intros n ->.
      told_on IH (Holds n) answer n. }
    from_there Ends Never.
  - assert (Holds : forall n, List.In 0 (held again_inside (nothing (Datatypes.S n)))).
    { intros n; induction n as [|n IH]; [left; reflexivity|].
      change (List.In 0 (held_after (if Nat.even (List.length (nothing (Datatypes.S n))) then release pt 1
        else acquire pt 1) (held again_inside (nothing (Datatypes.S n))))).
      destruct (Nat.even _); [apply filter_In; split; [exact IH|reflexivity]|right; exact IH]. }
    assert (Never : forall history, lets_go_of everything again_inside 0 history ->
              forall n, history = nothing (Datatypes.S n) -> False).
    { intros history Lets; induction Lets as [history _ IH]; intros n ->.
      told_on IH (Holds n) (None : response small) n. }
    from_there Ends Never.
Qed.
(** After its last operation it holds nothing; and if it is told nothing else and no more, it need not. *)
Example sections_that_end : sections_end everything (goes_through nested) /\ sections_end only_nothing trusting.
Proof.
  split.
  - assert (Done : forall history, (5 <= List.length history)%nat -> held (goes_through nested) history = []).
    { induction history as [|a history IH]; cbn [List.length]; intros Long; [lia|].
      destruct (Nat.eq_dec (List.length history) 4) as [Is|].
      - destruct history as [|? [|? [|? [|? [|]]]]]; try discriminate Is; reflexivity.
      - cbn [held]; unfold goes_through at 1; rewrite (proj2 (nth_error_None nested (List.length history))); cbn; auto;
          try (apply IH); lia. }
    assert (Lets : forall l k history, (5 <= k + List.length history)%nat ->
              lets_go_of everything (goes_through nested) l history).
    { intros l k; induction k as [|k IH]; intros history Long; constructor; intros In a _.
      - rewrite Done in In by exact Long; destruct In.
      - apply IH; cbn; lia. }
    intros history l _; apply (Lets l 5%nat); lia.
  - assert (Lets : forall l k history, (6 <= k + List.length history)%nat ->
              lets_go_of only_nothing trusting l history).
    { intros l k; induction k as [|k IH]; intros history Long; constructor; intros _ a Told; [|apply IH; cbn; lia].
      apply in_map_iff in Told as (n & Is & Short); apply in_seq in Short.
      apply (f_equal (@List.length _)) in Is; rewrite repeat_length in Is; cbn in Is, Long; lia. }
    intros history l _; apply (Lets l 6%nat); lia.
Qed.

(** ** Executions *)
Definition ended : cpu -> client small := fun _ _ => None.
(** CPU 0 halts, at once or as it waits; CPU 1 does nothing. *)
Definition halts : cpu -> client small := go_through [[Op_halt]; []].
Definition waits : cpu -> client small := go_through [[acquire core 0]; []].
Definition zero : nat -> cpu := fun _ => 0%nat.
Definition always_one : nat -> cpu := fun _ => 1%nat.
Definition still : nat -> machine M := fun _ => first_state M.
Definition halts_at_once : nat -> machine M := fun n => match n with O => first_state M | _ => halted end.
Local Notation infinite := (infinite_execution text 1 M).
(** All have finished; one halts, and then has finished. *)
Example infinite_are : infinite ended still zero /\ infinite halts halts_at_once zero.
Proof.
  assert (Halts : machine_step text 1 M halts 0%nat (first_state M) (Some Did_halt) halted).
  { apply (step_halt text 1 M halts 0%nat [Idle []; Idle []] [] (Idle [])); [reflexivity|discriminate|].
    split; [exact I|reflexivity]. }
  assert (Calm : calm_step text 1 M halts 0%nat (first_state M) (Some Did_halt) halted).
  { split; [exact Halts|intros _; exists (@nil (response small)); found]. }
  assert (Some_step : exists v, calm_step text 1 M halts 0%nat (first_state M) v halted) by eauto.
  split; unfold infinite_execution;
    match goal with |- _ /\ _ => split; [reflexivity|] | |- _ => idtac end;
    match goal with |- forall n, _ => intros [|n] | |- exists n, _ => exists O end; so.
Qed.
(** It starts elsewhere; it goes on from its end; a CPU that reads, again and again,
    stands still, at once or later; a CPU halts as it waits. *)
Definition goes_on_from_the_end : nat -> machine M := fun n =>
  match n with O => first_state M | _ => threads_ [Idle [None]; Idle [None]] [] end.
Definition stops_reading : nat -> machine M := fun n => match n with O => first_state M | _ => x1 end.
Definition halts_waiting : nat -> machine M := fun n =>
  match n with O => first_state M | 1%nat => threads_ [calling []; Idle []] [] | _ => halted end.
Lemma stands_not x : at_rest x -> ~ exists v, calm_step text 1 M readers 0%nat x v x.
Proof.
  intros Rest (v & Step & _); destruct (step_shows _ _ _ _ Step Rest) as (_ & _ & a & Is).
  apply (f_equal (fun g : log small words_verb => List.length g)) in Is; cbn in Is; lia.
Qed.
Example infinite_are_not : ~ infinite ended (fun _ => threads_ [Idle [None]; Idle [None]] []) zero /\
  ~ infinite ended goes_on_from_the_end zero /\ ~ infinite readers still zero /\
  ~ infinite readers stops_reading zero /\ ~ infinite waits halts_waiting zero.
Proof.
  split; [|split; [|split; [|split]]].
  - intros (First & _); discriminate First.
  - intros (_ & Goes); destruct (Goes O) as [(v & Step & _)|(_ & Same)]; [|discriminate Same].
    inversion Step; subst; cbn in *;
      repeat match goal with H : Some (Idle []) = Some _ |- _ => injection H as <- end; cbn in *;
      first [discriminate|contradiction].
  - intros (_ & Goes); destruct (Goes O) as [Step|(Ends & _)]; [|discriminate Ends].
    exact (stands_not _ x0_at_rest Step).
  - intros (_ & Goes); destruct (Goes 1%nat) as [Step|(Ends & _)]; [|discriminate Ends].
    refine (stands_not x1 _ Step).
    intros [|[|[|c]]] t; try discriminate; intros [= <-]; left; eexists; reflexivity.
  - intros (_ & Goes); destruct (Goes 1%nat) as [(v & Step & Halts)|(Ends & _)]; [|destruct Ends].
    inversion Step; subst; cbn in *; try discriminate;
      match goal with H : Some (calling _) = Some _ |- _ => injection H as <- end; cbn in *; try contradiction;
      destruct (Halts eq_refl) as (history & At & _); discriminate At.
Qed.

(** ** Fair ones *)
Definition only_one_reads : cpu -> client small := fun c _ => match c with O => None | _ => Some (read core 0 7) end.
Example fair_are : fair M only_one_reads still always_one.
Proof.
  intros n; match goal with
  | |- exists c, _ => exists O, n; so
  | |- _ => intros c Cpu; exists n; destruct c as [|[|c]]; [so|so|cbn in Cpu; lia]
  | |- _ => intros c; exists n; destruct c as [|[|c]]; so
  end.
Qed.
(** CPU 0 never has a turn; it has one, and then none. *)
Example fair_are_not : ~ fair M readers still always_one /\ ~ fair M readers still (fun n => Nat.min n 1).
Proof.
  split; intros Fair; destruct (Fair 1%nat O ltac:(cbn; lia)) as (m & Later & [Is|Ends]); try discriminate.
  destruct m as [|[|m]]; [lia|discriminate Is..].
Qed.

(** ** At work *)
Definition nesting : cpu -> client small := fun _ => goes_through nested.
Local Notation works t := (at_work M nesting 1%nat (one t)).
Example at_work_are : works (Idle (nothing 1)) /\ works (Calling (release pt 1) (nothing 3) (Give Vundef Kstop)) /\
  works (Storing (release core 0) (nothing 4) 0 1 Kstop).
Proof.
  split; [|split]; [exists (Idle (nothing 1)), (nothing 1)
    |exists (Calling (release pt 1) (nothing 3) (Give Vundef Kstop)), (nothing 3)
    |exists (Storing (release core 0) (nothing 4) 0 1 Kstop), (nothing 4)]; so.
Qed.
(** It holds nothing; it waits, holding a lock; it has halted; there is no such CPU. *)
Example at_work_are_not : ~ works (Idle []) /\ ~ works (Calling (acquire pt 1) (nothing 1) (Give Vundef Kstop)) /\
  ~ works Stopped /\ ~ at_work M nesting 2%nat (one (Idle (nothing 1))).
Proof.
  repeat split; intros (t & history & At & Is & Holds & Not); try discriminate At; injection At as <-;
    try discriminate Is; injection Is as <-; first [now apply Holds|exact (Not _ _ _ eq_refl)].
Qed.

(** ** Somebody goes on: CPU 0 holds nothing, CPU 1 holds core (sharp_live.v) *)
Definition first_then (x x' : machine M) : nat -> machine M := fun n => match n with O => x | _ => x' end.
Local Notation goes_on run who := (goes_on_at text 1 M clients run who O).
Definition returning (o : op small) : thread small := Calling o [] (Give Vundef Kstop).
Definition returned (o : op small) :=
  first_then (threads_ [returning o; Idle [None]] []) (threads_ [Idle [None]; Idle [None]] []).
Definition reading_outside :=
  first_then (threads_ [Idle []; Idle [None]] []) (threads_ [Idle [answer]; Idle [None]] [reads 0]).
Definition reading_inside :=
  first_then (threads_ [Idle []; Idle [None]] []) (threads_ [Idle []; Idle [answer; None]] [reads 1]).
Definition leaving : thread small := Calling (release core 0) [answer; None] (Give Vundef Kstop).
Definition leaves :=
  first_then (threads_ [Idle []; leaving] []) (threads_ [Idle []; Idle [None; answer; None]] []).
(** An acquire returns; who holds a lock reads, or its release returns. *)
Example goes_on_if : goes_on (returned (acquire core 0)) zero /\ goes_on reading_inside always_one /\
  goes_on leaves always_one.
Proof.
  assert (Returns : machine_step text 1 M clients 0%nat (returned (acquire core 0) 0) (Some (Returned (acquire core 0)))
    (returned (acquire core 0) 1))
    by exact (step_return text 1 M clients 0%nat [returning (acquire core 0); Idle [None]] [] _ _ _ eq_refl eq_refl).
  assert (Reads : machine_step text 1 M clients 1%nat (reading_inside 0) (Some (Did_read 0 7 there))
    (reading_inside 1)).
  { apply (step_memory text 1 M clients 1%nat [Idle []; Idle [None]] [] (Idle [None]) a_read (Idle [answer; None]));
      [reflexivity|exists there; split; reflexivity|split; reflexivity]. }
  assert (Leaves : machine_step text 1 M clients 1%nat (leaves 0) (Some (Returned (release core 0))) (leaves 1))
    by exact (step_return text 1 M clients 1%nat [Idle []; leaving] [] _ _ _ eq_refl eq_refl).
  assert (Calm : forall c x v x', machine_step text 1 M clients c x (Some v) x' -> v <> Did_halt ->
    calm_step text 1 M clients c x (Some v) x') by (intros c x v x' Step Not; split; [exact Step|congruence]).
  apply Calm in Returns as Returns1; [|discriminate]; apply Calm in Reads as Reads1; [|discriminate].
  apply Calm in Leaves as Leaves1; [|discriminate].
  assert (Reader : at_work M clients 1%nat (reading_inside 0)) by (exists (Idle [None]), [None]; so).
  assert (Leaver : at_work M clients 1%nat (leaves 0)) by (exists leaving, [answer; None]; so).
  split; [exists (Some (Returned (acquire core 0)))|split; [exists (Some (Did_read 0 7 there))
    |exists (Some (Returned (release core 0)))]]; so.
Qed.
(** A release returns, to who holds nothing; who holds nothing reads; who holds a lock does nothing. *)
Example goes_on_unless : ~ goes_on (returned (release core 0)) zero /\ ~ goes_on reading_outside zero /\
  ~ goes_on (first_then (threads_ [Idle []; Idle [None]] []) (threads_ [Idle []; Idle [None]] [])) always_one.
Proof.
  split; [|split].
  - intros (v & (Step & _) & [(f & i & ->)|(t & history & At & Is & Holds & _)]).
    + inversion Step; subst; cbn in *;
        match goal with H : Some (returning _) = Some _ |- _ => injection H as <- end;
        first [discriminate|contradiction|match goal with H : seen_of ?a = _ |- _ => destruct a; discriminate end].
    + injection At as <-; injection Is as <-; now apply Holds.
  - intros (v & (Step & _) & [(f & i & ->)|(t & history & At & Is & Holds & _)]).
    + inversion Step; subst; cbn in *;
        match goal with H : Some (Idle _) = Some _ |- _ => injection H as <- end;
        first [discriminate|contradiction|match goal with H : seen_of ?a = _ |- _ => destruct a; discriminate end].
    + injection At as <-; injection Is as <-; now apply Holds.
  - intros (v & (Step & _) & _); inversion Step; subst; cbn in *;
      match goal with H : Some (Idle _) = Some _ |- _ => injection H as <- end; cbn in *;
      try discriminate; try contradiction;
      repeat match goal with H : exists _, _ |- _ => destruct H | H : _ /\ _ |- _ => destruct H end; discriminate.
Qed.
