(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: the atomic machine on which wrong calls stop

    What a CPU holds, which call of it is wrong next, the steps that there are and no
    others, an execution in which a CPU stops at what another holds, and who is about to
    touch an object outside of its lock.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax.
From hlock.layers.view Require Import spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text checks_text record.
From hlock.machine.model Require Import machine atomic.
From hlock.machine.debug Require Import model stopping.
From hlock.machine.cases Require Import small.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Local Notation log := (log small atomic_verb).
Definition two_cpus : build := {| limit := 2; depth := 2; this_cpu := fun c => 1 - Z.of_nat c |}.
(** CPU 0 holds core and pt 2, CPU 1 pt 1. *)
Definition some_held : log := [(0%nat, Lock 6 Entered); (1%nat, Lock 5 Entered); (0%nat, Lock 0 Entered)].
Example held_by_each : map (fun c => held_by (S := small) c some_held) [0; 1; 2]%nat = [[0; 6]; [5]; []] /\
  held_by (S := small) 0 ((0%nat, Lock 0 Left) :: some_held) = [6].
Proof. split; reflexivity. Qed.

(** ** What is wrong next *)
Definition claims (c : cpu) (h : list (response small)) : list asserted :=
  match c, h with
  | 1%nat, [] => [Assert_none; Assert_lock Not_held pt 1; Assert_lock Held core 0]
  | _, _ => []
  end.
Local Notation wrong_at := (wrong_at small_table two_cpus claims).
(** Between two operations: the first assertion that is false. *)
Example wrong_assertions : map (wrong_at 1 (At_rest [])) [[]; [0]; [5]; [5; 0]] =
  [Some (Asserts Held core 0); Some Asserts_none; Some Asserts_none; Some Asserts_none] /\
  wrong_at 1 (At_rest [None]) [] = None /\ wrong_at 0 (At_rest []) [0] = None.
Proof. repeat split; reflexivity. Qed.
(** In an operation: its call, until it has taken effect. *)
Example wrong_calls : map (fun qh => wrong_at 1 (fst qh) (snd qh))
  [(Pending (acquire core 0) [], [0]); (Pending (release pt 1) [None], [0]); (Pending (acquire pt 2) [], [4; 5]);
   (Pending (acquire core 0) [], []); (Pending (release pt 1) [], [5; 0]); (Effected (acquire core 0) [], [0]);
   (Dead, [0]); (Pending (read core 0 7) [], [])] =
  [Some (Lock_call Acquire core 0); Some (Lock_call Release pt 1); Some (Lock_call Acquire pt 2);
   None; None; None; None; None].
Proof. reflexivity. Qed.
Local Notation wrong_next := (wrong_next small_table two_cpus claims).
Example wrong_are_next : map (fun c => wrong_next c (mkAtomic [Pending (release pt 1) []; At_rest []] some_held))
    [0; 1; 2]%nat = [Some (Lock_call Release pt 1); Some Asserts_none; None] /\
  map (fun c => wrong_next c (mkAtomic [Pending (release core 0) []; Pending (release core 0) []; Dead] some_held))
    [0; 1; 2; 3]%nat = [None; Some (Lock_call Release core 0); None; None].
Proof. split; reflexivity. Qed.

(** ** The steps that there are *)
Definition clients : cpu -> client small := go_through [[acquire core 0; write core 0 7 1]; [release core 0]].
Definition nothing (c : cpu) (h : list (response small)) : list asserted := [].
Local Notation step := (stopping_step small_table two_cpus clients nothing).
Section There.
  Context (c : cpu) (y : atomic_machine small).
  Local Notation next_is := (stopping.wrong_next small_table two_cpus nothing c y).
  Lemma stopping_steps_on v y' : atomic_step clients c y v y' -> next_is = None -> step c y (option_map Seen v) y'.
  Proof. intros; eapply stopping_goes_on; eauto. Qed.
  Lemma stopping_steps_halt y' : atomic_step clients c y (Some Did_halt) y' -> step c y (Some (Seen Did_halt)) y'.
  Proof. intros; apply (stopping_goes_on _ _ _ _ c y (Some Did_halt)); eauto. Qed.
  Lemma stopping_steps_stop call g ws : next_is = Some call ->
    tells small_table 2 (1 - Z.of_nat c) call (held_by c (happened y)) g ws ->
    step c y (Some (Did_stop g ws)) (mkAtomic (put_at c Dead (positions y)) (happened y)).
  Proof. intros; eapply stopping_stops; eauto. Qed.
End There.

(** ** The steps that there are not *)
(** CPU 1 is in its release: it goes on if it holds the lock, and stops if not, or halts. *)
Definition releasing (g : log) : atomic_machine small := mkAtomic [Dead; Pending (release core 0) []] g.
Local Ltac known H := first [discriminate H|injection H; clear H; intros; subst].
Local Ltac all_steps := intros v y' Step; inversion Step; subst; clear Step;
  try match goal with H : atomic_step _ _ _ _ _ |- _ => inversion H; subst; clear H end;
  repeat match goal with x := _ |- _ => subst x end;
  repeat match goal with
         | H : nth_error _ _ = Some _ |- _ => cbn in H; known H
         | H : effect _ = Some _ |- _ => cbn in H; known H
         | H : stopping.wrong_next _ _ _ _ _ = Some _ |- _ => cbn in H; known H
         | H : _ \/ _ |- _ => destruct H
         end; try discriminate.
Example only_stops_it v y' : step 1 (releasing [(0%nat, Lock 0 Entered)]) v y' ->
  (exists g ws, v = Some (Did_stop g ws) /\ y' = mkAtomic [Dead; Dead] [(0%nat, Lock 0 Entered)] /\
     tells small_table 2 0 (Lock_call Release core 0) [] g ws) \/ v = Some (Seen Did_halt).
Proof.
  revert v y'; all_steps; first [right; reflexivity|left; eexists; eexists; split; [reflexivity|split; [reflexivity|]]].
  match goal with H : tells _ _ _ _ _ _ _ |- _ => exact H end.
Qed.
Example goes_on_if_right v y' : step 1 (releasing [(1%nat, Lock 0 Entered)]) v y' ->
  v = None /\ y' = mkAtomic [Dead; Effected (release core 0) []] [(1%nat, Lock 0 Left); (1%nat, Lock 0 Entered)] \/
  v = Some (Seen Did_halt).
Proof. revert v y'; all_steps; first [right; reflexivity|left; split; reflexivity]. Qed.
(** What would be possible, but is against the order, is not done. *)
Example stops_out_of_order y : ~ step 1 (mkAtomic [Dead; Pending (acquire core 0) []] [(1%nat, Lock 4 Entered)]) None y.
Proof.
  intros Step; inversion Step as [[v|] y' Does Right|]; subst; try discriminate.
  destruct Right as [Right|Right]; discriminate Right.
Qed.
Example only_is_dead v y' : ~ step 0 (releasing [(0%nat, Lock 0 Entered)]) v y' /\ ~ step 2 (releasing []) v y'.
Proof.
  split; revert v y'; all_steps;
    match goal with H : Dead <> Dead |- _ => now destruct H | H : context [nth_error] |- _ => discriminate H end.
Qed.

(** ** Executions: CPU 0 is inside; CPU 1 releases what that holds, and is stopped *)
Local Notation execution := (stopping_execution small_table two_cpus clients nothing).
Lemma stopping_put_length {A} c (a : A) l : List.length (put_at c a l) = List.length l.
Proof. revert c; induction l as [|b l IH]; intros [|c]; cbn; auto. Qed.
Example two_stopping tr y : execution tr y -> List.length (positions y) = 2%nat.
Proof.
  induction 1 as [|tr y c v y' _ IH Step]; [reflexivity|].
  rewrite <- IH; destruct Step as [v y' Step|]; [destruct Step|]; cbn [positions]; apply stopping_put_length.
Qed.
Definition stop_trace : debug_trace small :=
  [(1%nat, Did_stop ($"hlock_stops") (record.numbers [4; 1; 0; 0; 0])); (1%nat, Seen (Called (release core 0)));
   (0%nat, Seen (Returned (acquire core 0))); (0%nat, Seen (Called (acquire core 0)))].
Definition inside : log := [(0%nat, Lock 0 Entered)].
Lemma goes_first (y : atomic_machine small) : y = mkAtomic [Effected (acquire core 0) []; At_rest []] inside ->
  execution [(0%nat, Seen (Called (acquire core 0)))] y.
Proof.
  intros ->.
  eapply (stopping_execution_step _ _ _ _ _ _ 0%nat None);
    [eapply (stopping_execution_step _ _ _ _ _ _ 0%nat (Some (Seen (Called _)))); [apply stopping_execution_start|]|].
  - apply (stopping_goes_on _ _ _ _ 0%nat atomic_start (Some (Called (acquire core 0)))); try (left; reflexivity).
    now apply (atomic_call clients 0%nat [At_rest []; At_rest []]).
  - apply (stopping_goes_on _ _ _ _ 0%nat _ None); try (left; reflexivity).
    eapply (atomic_effect clients 0%nat [Pending _ _; At_rest []]); reflexivity.
Qed.
Example stopping_trace : execution stop_trace (mkAtomic [At_rest [None]; Dead] inside).
Proof.
  eapply (stopping_execution_step _ _ _ _ _ _ 1%nat (Some (Did_stop _ _)));
    [eapply (stopping_execution_step _ _ _ _ _ _ 1%nat (Some (Seen (Called _))));
      [eapply (stopping_execution_step _ _ _ _ _ _ 0%nat (Some (Seen (Returned _))));
        [apply goes_first; reflexivity|]|]|].
  - apply (stopping_goes_on _ _ _ _ 0%nat _ (Some (Returned _))); try (left; reflexivity).
    apply (atomic_return clients 0%nat [Effected (acquire core 0) []; At_rest []]); reflexivity.
  - apply (stopping_goes_on _ _ _ _ 1%nat _ (Some (Called _))); try (left; reflexivity).
    apply (atomic_call clients 1%nat [At_rest [None]; At_rest []]); (reflexivity || discriminate).
  - eapply (stopping_stops _ _ _ _ 1%nat (mkAtomic [At_rest [None]; Pending (release core 0) []] inside));
      [reflexivity|].
    right; exists 4; repeat split; intros [].
Qed.
(** ** Objects outside of their lock *)
Local Notation touches := (touches_outside small_table two_cpus).
Definition writers : cpu -> client small := go_through [[]; [write core 0 7 1; acquire core 0]].
Example touches_there : touches writers nothing (mkAtomic [At_rest []; At_rest []] inside).
Proof.
  exists 1%nat, [], (write core 0 7 1); repeat apply conj;
    first [reflexivity|right; right; discriminate|left; reflexivity].
Qed.
(** Who holds the lock; who is to call a function first, or has nothing to do; who stops first. *)
Local Ltac no_touch := intros (c & h & o & At & Next & Plain & Not & Right);
  destruct c as [|[|[|c]]]; cbn in At; try discriminate At; try (injection At as <-); try discriminate Next;
  try (injection Next as <-); try discriminate Plain; try discriminate Right;
  cbn in Not; intuition discriminate.
Example touches_not : ~ touches writers nothing (mkAtomic [At_rest []; At_rest []] [(1%nat, Lock 0 Entered)]) /\
  ~ touches writers nothing (mkAtomic [At_rest []; At_rest [None]] inside) /\
  ~ touches writers nothing (mkAtomic [At_rest []; Pending (write core 0 7 1) []] inside) /\
  ~ touches writers nothing (mkAtomic [At_rest []; Dead] inside) /\
  ~ touches writers claims (mkAtomic [At_rest []; At_rest []] inside).
Proof. repeat apply conj; no_touch. Qed.
Example touches_not_calls : ~ touches (go_through [[]; [release core 0]]) nothing
  (mkAtomic [At_rest []; At_rest []] inside).
Proof. no_touch. Qed.
Definition outsiders : cpu -> client small := go_through [[acquire core 0]; [write core 0 7 1]].
Example touched_there : forall tr, touched_outside small_table two_cpus outsiders nothing (tr ++ []).
Proof.
  intros tr; exists [], tr, atomic_start; repeat apply conj;
    first [reflexivity|apply stopping_execution_start|left; apply stopping_execution_start|idtac].
  try left; exists 1%nat, [], (write core 0 7 1); repeat apply conj;
    first [reflexivity|right; right; discriminate|left; reflexivity].
Qed.
(** Clients that touch nothing never come there. *)
Example touched_not tr :
  ~ touched_outside small_table two_cpus (go_through [[acquire core 0]; [release core 0]]) nothing tr.
Proof.
  intros (tr1 & tr2 & y & _ & _ & c & h & o & _ & Next & Plain & _).
  destruct c as [|[|[|c]]]; destruct h as [|a [|b h]]; cbn in Next; try discriminate Next;
    try (injection Next as <-; discriminate Plain); destruct h; discriminate Next.
Qed.
(** Where it comes to that later alone, it has not come to it before. *)
Definition later : cpu -> client small := go_through [[acquire core 0]; [acquire pt 1; write core 0 7 1]].
Lemma first_is_seen c v y : stopping_step small_table two_cpus later nothing c atomic_start v y -> v <> None.
Proof.
  intros [v' y' Step _|call g ws _ _]; [|discriminate].
  inversion Step; subst; try discriminate; destruct c as [|[|[|c]]]; discriminate.
Qed.
Lemma nothing_seen tr y : stopping_execution small_table two_cpus later nothing tr y -> tr = [] -> y = atomic_start.
Proof.
  induction 1 as [|tr y c v y' _ IH Step]; [reflexivity|]; destruct v as [v|]; [discriminate|]; intros Is.
  specialize (IH Is); subst y; now destruct (first_is_seen c None y' Step).
Qed.
Example touched_not_later : ~ touched_outside small_table two_cpus later nothing [].
Proof.
  intros (tr1 & tr2 & y & Is & Run & c & h & o & At & Next & Plain & _).
  symmetry in Is; apply app_eq_nil in Is as (-> & ->); rewrite (nothing_seen _ _ Run eq_refl) in At.
  destruct c as [|[|[|c]]]; try discriminate At; injection At as <-; injection Next as <-; discriminate Plain.
Qed.
