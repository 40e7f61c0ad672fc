(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: an execution of the machine of threads

    Computed step by step, each by a rule of sharp_machine.v: all that is seen of it, and
    all that it leaves.  Words have one bit.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options integers values syntax semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.stack Require Import linked.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.cases Require Import small sharp_machine.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Local Notation step := (machine_step text 1 M clients).
Local Notation does t c := (next_move text 1 (clients c) t).

Definition step_by (c : cpu) (x : machine M) : option (option (visible small) * machine M) :=
  let (ts, m) := x in
  let goes a t' := Some (seen_of a, mkMachine (M := M) (put_at c t' ts) ((c, a) :: m)) in
  match nth_error ts c with
  | None | Some Stopped => None
  | Some t =>
      match does t c with
      | Local t' => Some (None, mkMachine (put_at c t' ts) m)
      | Call o t' => Some (Some (Called o), mkMachine (put_at c t' ts) m)
      | Return o t' => Some (Some (Returned o), mkMachine (put_at c t' ts) m)
      | Take l k => let v := next small 1 l m in goes (Lock l (Took v)) (k v)
      | Poll l k => let v := serving small 1 l m in goes (Lock l (Polled v)) (k v)
      | Load l k => let v := serving small 1 l m in goes (Lock l (Loaded v)) (k v)
      | Store l v t' => goes (Lock l (Stored v)) t'
      | Get l k f => let v := object l k m in goes (Read l k v) (f v)
      | Put l k v t' => goes (Wrote l k v) t'
      | Stuck => None
      | Halt | Finished => goes Halted Stopped
      end
  end.
Lemma step_by_steps c x v x' : step_by c x = Some (v, x') -> step c x v x'.
Proof.
  destruct x as [ts m]; unfold step_by; destruct (nth_error ts c) as [t|] eqn:At; [|discriminate].
  assert (Acts : forall a t', answered (does t c) a t' -> value_there small 1 m a ->
    step c (mkMachine ts m) (seen_of a) (mkMachine (M := M) (put_at c t' ts) ((c, a) :: m)))
    by (intros a t'; now apply steps_on_memory).
  destruct (does t c) as [t1|o t1|o t1|l k|l k|l k|l u t1|l p k|l p u t1| | |] eqn:Does; destruct t; try discriminate;
    intros [= <- <-]; first [now apply steps_alone with (1 := At)|now apply steps_to_call with (1 := At)
      |now apply steps_to_return with (1 := At)|now apply steps_to_halt with (1 := At)
      |apply (Acts (Lock l (Took _))); cbn; eauto|apply (Acts (Lock l (Polled _))); cbn; eauto
      |apply (Acts (Lock l (Loaded _))); cbn; eauto|apply (Acts (Lock l (Stored _))); cbn; eauto
      |apply (Acts (Read l p _)); cbn; eauto|apply (Acts (Wrote l p _)); cbn; eauto].
Qed.
Fixpoint run (cs : list cpu) (tr : visible_trace small) (x : machine M) : option (visible_trace small * machine M) :=
  match cs with
  | [] => Some (tr, x)
  | c :: cs => match step_by c x with Some (v, x') => run cs (see c v tr) x' | None => None end
  end.
Lemma run_executes cs : forall tr x tr' x', execution text 1 M clients tr x -> run cs tr x = Some (tr', x') ->
  execution text 1 M clients tr' x'.
Proof.
  induction cs as [|c cs IH]; cbn [run]; intros tr x tr' x' Run Is; [now injection Is as <- <-|].
  destruct (step_by c x) as [[v x1]|] eqn:Step; [|discriminate]; apply step_by_steps in Step.
  exact (IH _ _ _ _ (execution_step text 1 M clients tr x c v x1 Run Step) Is).
Qed.
(** What is computed of where a schedule leads is true of an execution. *)
Lemma led_to {A} (f : visible_trace small * machine M -> A) cs a :
  option_map f (run cs [] (first_state M)) = Some a -> exists tr x, execution text 1 M clients tr x /\ f (tr, x) = a.
Proof.
  destruct (run cs [] (first_state M)) as [[tr x]|] eqn:Is; [|discriminate]; intros [= <-]; exists tr, x.
  split; [|reflexivity]; exact (run_executes cs [] _ tr x (execution_start text 1 M clients) Is).
Qed.
Definition told (t : thread small) : option (list (response small)) :=
  match t with Idle history => Some history | _ => None end.

(** CPU 0 enters; CPU 1 polls in vain; CPU 0 leaves; CPU 1 polls again, enters, leaves and
    halts.  The words wrap. *)
Definition schedule : list cpu :=
  repeat 0%nat 32 ++ repeat 1%nat 19 ++ repeat 0%nat 16 ++ repeat 1%nat 46.
Definition left_by (at_ : visible_trace small * machine M) :=
  (fst at_, contents (snd at_), map told (threads (snd at_))).
Example contended_trace : exists tr x, execution text 1 M clients tr x /\ left_by (tr, x) =
  ([(1%nat, Did_halt); (1%nat, Returned (release core 0)); (1%nat, Called (release core 0));
    (1%nat, Did_read 0 7 (value 0 1)); (1%nat, Returned (acquire core 0)); (0%nat, Returned (release core 0));
    (0%nat, Called (release core 0)); (1%nat, Called (acquire core 0)); (0%nat, Did_write 0 7 (value 0 1)); (0%nat,
      Returned (acquire core 0)); (0%nat, Called (acquire core 0))],
   [(1%nat, Halted); did 1 0 (Stored 0); did 1 0 (Loaded 1); (1%nat, Read 0 7 (value 0 1)); did 1 0 (Polled 1);
    did 0 0 (Stored 1); did 0 0 (Loaded 0); did 1 0 (Polled 0); did 1 0 (Took 1); (0%nat, Wrote 0 7 (value 0 1));
      did 0 0 (Polled 0); did 0 0 (Took 0)],
   [Some [None; None; None]; None]).
Proof.
  apply (led_to left_by schedule); computed.
Qed.
