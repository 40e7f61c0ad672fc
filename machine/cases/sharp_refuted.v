(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: the statements are false of a memory that answers anything

    Clients that never come to a breach, on the right text; a memory on which every
    ticket and every poll may be 0, and every read what the object was at first.  Two
    CPUs are inside, their steps touch one object, their reads are not what was written
    last.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool String.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text contract.
From hlock.stack Require Import linked.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.safety Require Import guaranteed.
From hlock.machine.cases Require Import small statements sharp_good.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope list_scope.

Definition text : program := stack "" small_table.
Definition anything (g : log small words_verb) (c : cpu) (a : action small words_verb) (g' : log small words_verb) :
  Prop :=
  g' = (c, a) :: g.
Definition M : memory_system small := mkMemory (log small words_verb) [] anything.

(** A step of CPU [c] with these answers. *)
Definition step_by (c : cpu) (x : machine M) : option (option (visible small) * machine M) :=
  let (ts, m) := x in
  let goes a t' := Some (seen_of a, mkMachine (M := M) (put_at c t' ts) ((c, a) :: m)) in
  match nth_error ts c with
  | None => None
  | Some t =>
      match next_move text 1 (good c) t with
      | Local t' => Some (None, mkMachine (put_at c t' ts) m)
      | Call o t' => Some (Some (Called o), mkMachine (put_at c t' ts) m)
      | Return o t' => Some (Some (Returned o), mkMachine (put_at c t' ts) m)
      | Take l k => goes (Lock l (Took 0)) (k 0)
      | Poll l k => goes (Lock l (Polled 0)) (k 0)
      | Load l k => goes (Lock l (Loaded 0)) (k 0)
      | Store l v t' => goes (Lock l (Stored v)) t'
      | Get l k f => goes (Read l k (initial small l k)) (f (initial small l k))
      | Put l k v t' => goes (Wrote l k v) t'
      | Halt | Finished | Stuck => None
      end
  end.
Lemma any_step_by_steps c x v x' : step_by c x = Some (v, x') -> machine_step text 1 M good c x v x'.
Proof.
  destruct x as [ts m]; unfold step_by; destruct (nth_error ts c) as [t|] eqn:At; [|discriminate].
  assert (Acts : forall a t', answered (next_move text 1 (good c) t) a t' ->
    machine_step text 1 M good c (mkMachine ts m) (seen_of a) (mkMachine (M := M) (put_at c t' ts) ((c, a) :: m)))
    by (intros a t' Answer; eapply step_memory; eauto; reflexivity).
  destruct (next_move text 1 (good c) t) as [t1|o t1|o t1|l k|l k|l k|l u t1|l p k|l p u t1| | |] eqn:Does;
    try discriminate; intros [= <- <-]; first [now apply step_local with (1 := At)|now apply step_call with (1 := At)
      |now apply step_return with (1 := At)|apply (Acts (Lock l _)); cbn; eauto|apply (Acts (Read l p _)); cbn; eauto
      |apply (Acts (Wrote l p _)); cbn; eauto].
Qed.
Fixpoint run (cs : list cpu) (tr : visible_trace small) (x : machine M) : option (visible_trace small * machine M) :=
  match cs with
  | [] => Some (tr, x)
  | c :: cs => match step_by c x with Some (v, x') => run cs (see c v tr) x' | None => None end
  end.
Lemma any_run_executes cs : forall tr x tr' x', execution text 1 M good tr x -> run cs tr x = Some (tr', x') ->
  execution text 1 M good tr' x'.
Proof.
  induction cs as [|c cs IH]; cbn [run]; intros tr x tr' x' Run Is; [now injection Is as <- <-|].
  destruct (step_by c x) as [[v x1]|] eqn:Step; [|discriminate]; apply any_step_by_steps in Step.
  exact (IH _ _ _ _ (execution_step text 1 M good tr x c v x1 Run Step) Is).
Qed.
Definition told (t : thread small) : option (list (response small)) :=
  match t with Idle history => Some history | _ => None end.
Definition left_by (at_ : visible_trace small * machine M) :=
  (fst at_, contents (snd at_), map told (threads (snd at_))).
(** CPU 0 enters, writes and reads; CPU 1 enters. *)
Definition schedule : list cpu := repeat 0%nat 33 ++ repeat 1%nat 31.
Definition entries (c : cpu) : log small words_verb := [(c, Lock 0 (Polled 0)); (c, Lock 0 (Took 0))].
Lemma both_inside : exists tr x, execution text 1 M good tr x /\ left_by (tr, x) =
  ([(1%nat, Returned (acquire core 0)); (1%nat, Called (acquire core 0)); (0%nat, Did_read 0 7 (value 0 107));
    (0%nat, Did_write 0 7 (value 0 1)); (0%nat, Returned (acquire core 0)); (0%nat, Called (acquire core 0))],
   entries 1 ++ (0%nat, Read 0 7 (value 0 107)) :: (0%nat, Wrote 0 7 (value 0 1)) :: entries 0,
   [Some [Some (existT _ 0 (value 0 107)); None; None]; Some [None]]).
Proof.
  assert (Is : option_map left_by (run schedule [] (first_state M)) = Some
    ([(1%nat, Returned (acquire core 0)); (1%nat, Called (acquire core 0)); (0%nat, Did_read 0 7 (value 0 107));
      (0%nat, Did_write 0 7 (value 0 1)); (0%nat, Returned (acquire core 0)); (0%nat, Called (acquire core 0))],
     entries 1 ++ (0%nat, Read 0 7 (value 0 107)) :: (0%nat, Wrote 0 7 (value 0 1)) :: entries 0,
     [Some [Some (existT _ 0 (value 0 107)); None; None]; Some [None : response small]])) by computed.
  destruct (run schedule [] (first_state M)) as [[tr x]|] eqn:Run; [|discriminate]; injection Is as Seen Left Told.
  exists tr, x; split; [exact (any_run_executes schedule [] _ tr x (execution_start text 1 M good) Run)|].
  unfold left_by; cbn [fst snd]; now rewrite Seen, Left, Told.
Qed.

Lemma inside_both x : map told (threads x) = [Some [Some (existT _ 0 (value 0 107)); None; None]; Some [None]] ->
  inside text (M := M) good x 0 0 /\ inside text (M := M) good x 1 0.
Proof.
  unfold inside; destruct (threads x) as [|t0 [|t1 ts]]; try discriminate; intros [= Told0 Told1 _].
  destruct t0; try discriminate Told0; destruct t1; try discriminate Told1; injection Told0 as ->;
    injection Told1 as ->.
  cbn; auto.
Qed.
Example exclusive_refuted : ~ exclusive small_table text 1 anything good.
Proof.
  intros All; destruct both_inside as (tr & x & Run & Is); injection Is as _ _ Told.
  destruct (inside_both x Told) as (In0 & In1).
  discriminate (All good_never_breach tr x 0%nat 1%nat 0 Run In0 In1).
Qed.
Example seen_exclusive_refuted : ~ seen_exclusive small_table text 1 anything good.
Proof.
  intros All; destruct both_inside as (tr & x & Run & Is); injection Is as Seen _ _; cbn [fst] in Seen.
  specialize (All good_never_breach tr x 0%nat 1%nat 0 Run); rewrite Seen in All; discriminate (All eq_refl eq_refl).
Qed.
(** What CPU 0 reads is not what it wrote: that is not seen on the atomic machine. *)
Example included_refuted : ~ included small_table text 1 anything good.
Proof.
  intros All; destruct both_inside as (tr & x & Run & Is); injection Is as Seen _ _; cbn [fst] in Seen.
  destruct (All good_never_breach tr x Run) as (y & Above & _).
  apply atomic_reads_right in Above as (Right & _); rewrite Seen in Right; cbn in Right; destruct Right; discriminate.
Qed.
Example owned_refuted : ~ owned small_table text 1 anything good.
Proof.
  intros All; destruct both_inside as (tr & x & Run & Is); injection Is as _ Left _; cbn [snd] in Left.
  destruct (All good_never_breach tr x 0%nat 0 (Lock 0 (Polled 0))
    (entries 1 ++ (0%nat, Read 0 7 (value 0 107)) :: [(0%nat, Wrote 0 7 (value 0 1))]) [(0%nat,
      Lock 0 (Took 0))] Run Left
    eq_refl) as (_ & Reads); [intros v; cbn; intuition discriminate|].
  discriminate (Reads (entries 1) [(0%nat, Wrote 0 7 (value 0 1))] 7 (value 0 107) eq_refl).
Qed.
(** CPU 1 is inside, too, when it is to write. *)
Example untouched_refuted : ~ untouched small_table text 1 anything good.
Proof.
  intros All; destruct both_inside as (tr & x & Run & Is); injection Is as _ _ Told.
  destruct (inside_both x Told) as (In0 & _); destruct x as [ts m]; cbn [threads snd] in Told.
  destruct ts as [|t0 [|t1 ts]]; try discriminate Told; injection Told as _ Told1 _.
  destruct t1; try discriminate Told1; injection Told1 as ->.
  discriminate (All good_never_breach tr _ 0%nat 0 1%nat _ _ Run In0
    (any_step_by_steps 1%nat (mkMachine (M := M) (t0 :: Idle [None] :: ts) m) _ _ eq_refl)
    (ex_intro _ 7 (ex_intro _ (value 0 1) (or_intror eq_refl)))).
Qed.
(** CPU 0 takes the first ticket, CPU 1 enters first. *)
Definition overtaken : list cpu := repeat 0%nat 17 ++ repeat 1%nat 31.
Example ordered_refuted : ~ ordered small_table text 1 anything good.
Proof.
  intros All.
  assert (Is : option_map (fun at_ => contents (snd at_)) (run overtaken [] (first_state M)) =
    Some (entries 1 ++ [(0%nat, Lock 0 (Took 0))])) by computed.
  destruct (run overtaken [] (first_state M)) as [[tr x]|] eqn:Run; [|discriminate]; injection Is as Left;
    cbn [snd] in Left.
  apply any_run_executes in Run; [|constructor].
  destruct (All good_never_breach tr x 0 Run) as (later & Order); destruct x as [ts m]; cbn [contents] in *.
  rewrite Left in Order; discriminate Order.
Qed.
(** It comes in before CPU 0, whose ticket was there when it took its own. *)
Example in_turn_refuted : ~ in_turn small_table text 1 anything good.
Proof.
  intros All.
  assert (Is : option_map (fun at_ => contents (snd at_)) (run overtaken [] (first_state M)) =
    Some (entries 1 ++ [(0%nat, Lock 0 (Took 0))])) by computed.
  destruct (run overtaken [] (first_state M)) as [[tr x]|] eqn:Run; [|discriminate]; injection Is as Left;
    cbn [snd] in Left.
  apply any_run_executes in Run; [|constructor].
  destruct (All good_never_breach tr x 0%nat 0 0 (entries 1) [] 1%nat Run Left) as (_ & Before);
    [cbn; intuition discriminate|discriminate|].
  apply Before; [left|]; reflexivity.
Qed.
(** Both are inside, and release at the same time. *)
Definition crossed : list cpu := repeat 0%nat 41 ++ repeat 1%nat 41.
Definition store_of (t : thread small) : option (Z * Z) :=
  match t with Storing _ _ l v _ => Some (l, v) | _ => None end.
Definition locks_of (g : log small words_verb) : log small words_verb :=
  filter (fun e => match snd e with Lock _ _ => true | _ => false end) g.
Definition loads_left (at_ : visible_trace small * machine M) :=
  (map store_of (threads (snd at_)), locks_of (contents (snd at_))).
Example as_one_refuted : ~ as_one small_table text 1 anything good.
Proof.
  intros All.
  assert (Is : option_map loads_left (run crossed [] (first_state M)) =
    Some ([Some (0, 0); Some (0, 0)],
      (1%nat, Lock 0 (Loaded 0)) :: entries 1 ++ (0%nat, Lock 0 (Loaded 0)) :: entries 0))
    by computed.
  destruct (run crossed [] (first_state M)) as [[tr x]|] eqn:Run; [|discriminate]; injection Is as Store Left;
    cbn [snd] in Store, Left.
  apply any_run_executes in Run; [|constructor].
  destruct (threads x) as [|t ts] eqn:At; [discriminate|]; injection Store as Store _.
  destruct t as [| |o told l v k|]; try discriminate Store; injection Store as -> ->.
  destruct (All good_never_breach tr x 0%nat o told 0 0 k Run) as (_ & b & g & Log & Alone);
    [exact (f_equal (fun ts => nth_error ts 0) At)|].
  assert (In : List.In (1%nat, Lock 0 (Loaded 0)) b).
  { pose proof (eq_trans (eq_sym (f_equal locks_of Log)) Left) as Is; clear Left; rename Is into Left.
    unfold locks_of in Left; rewrite filter_app in Left; cbn [filter snd] in Left.
    destruct (filter _ b) as [|e b'] eqn:Is; [discriminate Left|injection Left as -> _].
    eapply proj1, filter_In; rewrite Is; now left. }
  destruct (Alone _ _ In) as (_ & w & [Not|Not]); discriminate Not.
Qed.
