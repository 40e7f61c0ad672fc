(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: the machine of threads and its memory

    One execution, each of its steps by the rule that it is of, with all that is seen of
    it and left by it; and of states of all kinds the only steps that there are.  Words
    have one bit.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options integers values syntax semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.stack Require Import linked.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.cases Require Import small.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Definition text : program := stack "" small_table.
Definition M : memory_system small := sc_memory small 1.
Definition event := event small words_verb.
Definition did (c : cpu) (l : Z) (k : words_verb) : event := (c, Lock l k).

(** ** Memory *)
Definition allows (g : log small words_verb) (e : event) : Prop := mem_step M g (fst e) (snd e) (e :: g).
Definition two_waiting : log small words_verb := [did 1 0 (Took 1); did 0 0 (Took 0)].
Definition long : log small words_verb := repeat (did 1 0 (Polled 0)) 40 ++ two_waiting.
Definition touched : log small words_verb := [(0%nat, Wrote 0 7 (value 0 2)); (0%nat, Wrote 0 7 (value 0 1))].
Example memory_starts : fresh M = [].
Proof. reflexivity. Qed.
Example memory_allows : Forall (allows long)
  [did 0 0 (Took 0); did 0 4 (Took 0); did 1 0 (Polled 0); did 1 0 (Loaded 0); did 1 0 (Stored 1); did 0 0 (Stored 0);
   (0%nat, Halted); (0%nat, Read 0 7 (value 0 107)); (1%nat, Wrote 0 7 (value 0 1))] /\
  Forall (allows []) [(0%nat, Halted); (0%nat, Wrote 0 7 (value 0 1))] /\
  Forall (allows touched) [(1%nat, Read 0 7 (value 0 2)); (1%nat, Read 0 6 (value 0 106)); (1%nat,
    Read 4 7 (value 4 107))] /\
  Forall (allows [did 0 0 (Took 0)]) [did 0 0 (Polled 0); did 1 0 (Polled 0); did 0 0 (Loaded 0)] /\
  Forall (allows (did 0 0 (Stored 1) :: [did 0 0 (Took 0)]))
  [did 1 0 (Took 1); did 1 0 (Polled 1); did 1 0 (Loaded 1); did 1 4 (Polled 0); did 1 4 (Loaded 0)].
Proof. repeat apply conj; repeat apply Forall_cons; try apply Forall_nil; found. Qed.
Local Ltac refused := intros Allows; cbn in Allows; intuition discriminate.
(** A value that is not there; an action that leaves no trace, or that of another CPU. *)
Example memory_refuses : Forall (fun e => ~ allows two_waiting e)
    [did 0 0 (Took 1); did 0 4 (Took 1); did 1 0 (Polled 1); did 1 0 (Loaded 1)] /\
  Forall (fun e => ~ allows touched e)
    [(0%nat, Read 0 7 (value 0 1)); (1%nat, Read 0 7 (value 0 107)); (1%nat, Read 0 6 (value 0 2)); (1%nat,
      Read 0 0 (value 0 2))] /\
  Forall (fun e => ~ mem_step M two_waiting 0%nat (snd e) (e :: two_waiting)) [did 1 0 (Took 0); did 1 0 (Stored 1)] /\
  Forall (fun e => ~ mem_step M two_waiting (fst e) (snd e) two_waiting) [did 0 0 (Took 0); did 1 0 (Stored 1);
    (1%nat, Halted)].
Proof. repeat split; repeat apply Forall_cons; try apply Forall_nil; refused. Qed.

(** ** What is seen, and lists *)
Example seen_of_actions : map (seen_of (S := small)) [Lock 0 (Took 0); Lock 0 (Polled 0); Lock 0 (Loaded 0);
  Lock 0 (Stored 0); Halted;
    Read 4 7 (value 4 3); Wrote 4 7 (value 4 3)] =
  [None; None; None; None; Some Did_halt; Some (Did_read 4 7 (value 4 3)); Some (Did_write 4 7 (value 4 3))].
Proof. reflexivity. Qed.
Example traces_grow : (see 1 (Some (Did_halt (S := small))) [(0%nat, Did_halt)], see 1 None [(0%nat,
  Did_halt (S := small))]) =
  ([(1%nat, Did_halt (S := small)); (0%nat, Did_halt)], [(0%nat, Did_halt)]).
Proof. reflexivity. Qed.
Example lists_change : map (fun c => put_at c 9 [1; 2; 3]) [0; 1; 2; 3]%nat = [[9; 2; 3]; [1; 9; 3]; [1; 2; 9]; [1; 2;
  3]].
Proof. reflexivity. Qed.

(** ** The steps that there are: one rule each, whatever the state *)
Definition clients : cpu -> client small :=
  go_through [[acquire core 0; write core 0 7 1; release core 0]; [acquire core 0; read core 0 7; release core 0;
    Op_halt]].
Local Notation step := (machine_step text 1 M clients).
Local Notation does t c := (next_move text 1 (clients c) t).

Local Ltac found_here := cbn; solve [assumption|reflexivity|exact I|split; found_here|left; found_here|right; found_here
  |eexists; found_here].
Lemma steps_alone c ts m t t' : nth_error ts c = Some t -> does t c = Local t' ->
  step c (mkMachine ts m) None (mkMachine (put_at c t' ts) m).
Proof. intros At Does; eapply step_local; eauto. Qed.
Lemma steps_to_call c ts m t t' o : nth_error ts c = Some t -> does t c = Call o t' ->
  step c (mkMachine ts m) (Some (Called o)) (mkMachine (put_at c t' ts) m).
Proof. intros At Does; eapply step_call; eauto. Qed.
Lemma steps_to_return c ts m t t' o : nth_error ts c = Some t -> does t c = Return o t' ->
  step c (mkMachine ts m) (Some (Returned o)) (mkMachine (put_at c t' ts) m).
Proof. intros At Does; eapply step_return; eauto. Qed.
Lemma steps_on_memory c ts (m : log small words_verb) t a t' : nth_error ts c = Some t -> answered (does t c) a t' ->
  value_there small 1 m a ->
  step c (mkMachine (M := M) ts m) (seen_of a) (mkMachine (M := M) (put_at c t' ts) ((c, a) :: m)).
Proof. intros At Does There; eapply step_memory; eauto; found_here. Qed.
Lemma steps_to_halt c ts (m : log small words_verb) t : nth_error ts c = Some t -> t <> Stopped ->
  step c (mkMachine (M := M) ts m) (Some Did_halt) (mkMachine (M := M) (put_at c Stopped ts) ((c, Halted) :: m)).
Proof. intros At Lives; eapply step_halt; eauto; found_here. Qed.

(** ** The steps that there are not *)

(** All steps of CPU [c] from [x], but for a halt. *)
Definition only_steps (c : cpu) (x : machine M) (outs : list (option (visible small) * machine M)) : Prop :=
  forall v x', step c x v x' ->
  List.In (v, x') outs \/
  v = Some Did_halt /\ x' = mkMachine (M := M) (put_at c Stopped (threads x)) ((c, Halted) :: contents x).
(** Rule by rule, of a thread that stands [At] and does what [Does] says. *)
Local Ltac all_steps At Does := intros v x' Step; inversion Step; subst; clear Step;
  repeat match goal with
         | H : nth_error _ _ = Some _ |- _ => lazymatch H with At => fail | _ => rewrite At in H; injection H as <- end
         end;
  try rewrite Does in *; cbn [answered] in *;
  repeat match goal with
         | H : @eq (thread_move small) _ _ |- _ =>
           lazymatch H with Does => fail | _ => first [discriminate H|injection H; clear H; intros; subst] end
         | H : False |- _ => destruct H
         | H : exists _, _ |- _ => destruct H
         | H : _ /\ _ |- _ => destruct H
         | H : mem_step _ _ _ _ _ |- _ => destruct H
         | H : value_there _ _ _ _ |- _ => red in H
         end; subst; try contradiction;
  first [left; left; reflexivity|right; split; reflexivity].

Section Only.
  Context (c : cpu) (ts : list (thread small)) (m : log small words_verb) (t : thread small) (At : nth_error ts c =
    Some t).
  Local Notation here := (mkMachine (M := M) ts m).
  Local Notation then_ t' es := (mkMachine (M := M) (put_at c t' ts) (es ++ m)).

  Lemma only_goes_on t' : does t c = Local t' -> only_steps c here [(None, then_ t' [])].
  Proof. intros Does; all_steps At Does. Qed.
  Lemma only_calls t' o : does t c = Call o t' -> only_steps c here [(Some (Called o), then_ t' [])].
  Proof. intros Does; all_steps At Does. Qed.
  Lemma only_returns t' o : does t c = Return o t' -> only_steps c here [(Some (Returned o), then_ t' [])].
  Proof. intros Does; all_steps At Does. Qed.
  Lemma only_takes l k : does t c = Take l k ->
    only_steps c here [(None, then_ (k (next small 1 l m)) [did c l (Took (next small 1 l m))])].
  Proof. intros Does; all_steps At Does. Qed.
  Lemma only_polls l k : does t c = Poll l k ->
    only_steps c here [(None, then_ (k (serving small 1 l m)) [did c l (Polled (serving small 1 l m))])].
  Proof. intros Does; all_steps At Does. Qed.
  Lemma only_loads l k : does t c = Load l k ->
    only_steps c here [(None, then_ (k (serving small 1 l m)) [did c l (Loaded (serving small 1 l m))])].
  Proof. intros Does; all_steps At Does. Qed.
  Lemma only_stores l u t' : does t c = Store l u t' -> only_steps c here [(None, then_ t' [did c l (Stored u)])].
  Proof. intros Does; all_steps At Does. Qed.
  Lemma only_reads l p k : does t c = Get l p k ->
    only_steps c here [(Some (Did_read l p (object l p m)), then_ (k (object l p m)) [(c, Read l p (object l p m))])].
  Proof. intros Does; all_steps At Does. Qed.
  Lemma only_writes l p u t' : does t c = Put l p u t' -> only_steps c here [(Some (Did_write l p u), then_ t' [(c,
    Wrote l p u)])].
  Proof. intros Does; all_steps At Does. Qed.
  (** A client that has ended, or is to halt; code that is undefined. *)
  Lemma only_halts : List.In (does t c) [Halt; Finished; Stuck] -> only_steps c here [].
  Proof. intros [Does|[Does|[Does|[]]]]; symmetry in Does; all_steps At Does. Qed.
End Only.

(** Not even a halt: a CPU that has halted, and one that is not there. *)
Example nobody_steps ts m v x' : ~ step 1%nat (mkMachine (M := M) (Idle [] :: Stopped :: ts) m) v x' /\
  ~ step 1%nat (mkMachine (M := M) [Idle []] m) v x'.
Proof.
  split; intros Step; inversion Step; subst;
    repeat match goal with H : nth_error _ _ = Some _ |- _ => cbn in H; first [discriminate H|injection H as <-] end;
    first [contradiction|match goal with H : next_move _ _ _ _ = _ |- _ => discriminate H end|
           match goal with H : answered _ _ _ |- _ => destruct H end].
Qed.

(** ** Executions start from the first state *)
Example starts : (threads (first_state M), contents (first_state M)) = ([Idle []; Idle []], []).
Proof. reflexivity. Qed.
Lemma put_length {A} c (a : A) l : List.length (put_at c a l) = List.length l.
Proof. revert c; induction l as [|b l IH]; intros [|c]; cbn; auto. Qed.
Example two_threads tr x : execution text 1 M clients tr x -> List.length (threads x) = 2%nat.
Proof.
  induction 1 as [|tr x c v x' _ IH Step]; [reflexivity|].
  rewrite <- IH; destruct Step; cbn [threads]; apply put_length.
Qed.
