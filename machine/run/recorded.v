(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What the judge of recorded runs computes

    The system is a lock table with an integer (a digest of the real one)
    for each part of the object of each lock.  Four functions judge a run, each one item at a time
    ([verdict] of layers/view/stream.v is its fold): floor 3, who holds each lock and what
    is read; floor 0, the numbers of the lock words; the machine, whether the run is an
    execution of the table's C; and the order in which CPUs may acquire.  Here is what each
    verdict means, for any number of CPUs.
    Read next: tools/judge, which folds these over the lines of a file. *)
From Coq Require Import ZArith NArith List String.
From hlock.layers.L0_machine Require Import spec judge.
From hlock.layers.L3_atomic Require Import spec judge.
From hlock.layers.view Require Import spec judge.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text.
From hlock.stack Require Import stack.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.run Require Import order replay replay_sound replay_stream.
Import ListNotations.
Local Open Scope Z_scope.

(** Digests, first zero: each part of the object of every family in a trace. *)
Definition digests : objects := {|
  otype := fun _ => Z;
  ofirst := fun _ _ => 0;
  oeq := fun _ => Z.eq_dec
|}.

(** The number of CPUs in unary, once for a run; as a loop, which needs no stack. *)
Definition unary (n : N) : nat := N.iter n Datatypes.S O.
Lemma unary_is n : unary n = N.to_nat n.
Proof.
  unfold unary; induction n as [|n IH] using N.peano_ind; [reflexivity|].
  now rewrite N.iter_succ, N2Nat.inj_succ, IH.
Qed.

Definition recorded (T : table) (n : N) : system := table_system T (unary n) digests.
Lemma recorded_cpus T n : cpus (recorded T n) = N.to_nat n.
Proof. exact (unary_is n). Qed.

Definition digest {T n} (l : Z) (v : Z) : Obj (recorded T n) l :=
  match owner_name T l as s return lock_obj digests s with
  | Some _ => v
  | None => tt
  end.
Definition undigest {T n} (l : Z) : Obj (recorded T n) l -> Z :=
  match owner_name T l as s return lock_obj digests s -> Z with
  | Some _ => fun v => v
  | None => fun _ => 0
  end.

(** The words of the locks in C have 32 bits. *)
Definition width : Z := 32.

Section Recorded.
  Context (T : table) (n : N). (* how many CPUs *)
  Local Notation S := (recorded T n).
  Local Notation text := (stack EmptyString T).
  Local Notation holders_floor := (atomic S).
  Local Notation tickets_floor := (words S width).
  Definition holders_state : Type := view.judge.state holders_floor (last_holder S).
  Definition tickets_state : Type := view.judge.state tickets_floor (words_keeper S width).
  Definition machine_state : Type := streamed_state (S := S).

  (** What is folded over the items of a run, and how its events become items of floor 0. *)
  Record judges := mkJudges {
    holders_start : holders_state;
    holders_step : holders_state -> numbered holders_floor -> fault + holders_state;
    tickets_start : tickets_state;
    tickets_step : tickets_state -> numbered tickets_floor -> fault + tickets_state;
    machine_start : machine_state;
    machine_step : machine_state -> said (S := S) -> reason S + machine_state;
    machine_end : machine_state -> option (reason S);
    ev_acquired : N -> Z -> Z -> list (numbered tickets_floor);
    ev_released : N -> Z -> Z -> list (numbered tickets_floor)
  }.

  (** They share one system, so that [unary] is computed once. *)
  Definition the_judges : judges :=
    let S := recorded T n in
    mkJudges (initial_state (atomic S) (last_holder S)) (step (atomic S) (last_holder S) n)
      (initial_state (words S width) (words_keeper S width)) (step (words S width) (words_keeper S width) n)
      (streamed_start (S := S)) (streamed_step (S := S) (stack EmptyString T) T width n) (streamed_end (S := S))
      (acquired S width) (released S width).

  (** Floor 3. *)
  Theorem recorded_holders_judged es : oldest_fault holders_floor (map (event_of _) es)
    (verdict (holders_step the_judges) (fun _ => None) (holders_start the_judges) 0 es).
  Proof. exact (atomic_judge_correct S n es (recorded_cpus T n)). Qed.

  (** Floor 0, and the numbers: that in an event, and that in memory before it. *)
  Theorem recorded_tickets_judged es : oldest_fault tickets_floor (map (event_of _) es)
    (verdict (tickets_step the_judges) (fun _ => None) (tickets_start the_judges) 0 es).
  Proof. exact (words_judge_correct S width n es (recorded_cpus T n)). Qed.

  Definition numbers_of (s : tickets_state) (e : numbered tickets_floor) : option (Z * Z) :=
    match snd e with
    | Lock l k => numbers_now S width l k s
    | _ => None
    end.
  Theorem recorded_numbers before s c l k :
    after (tickets_step the_judges) (tickets_start the_judges) before = Some s ->
    numbers_of s (c, Lock l k) = found_expected S width l k (rev (map (event_of _) before)).
  Proof. exact (numbers_now_correct S width n before s l k (recorded_cpus T n)). Qed.

  (** The machine. *)
  Theorem recorded_run_executed is :
    verdict (machine_step the_judges) (machine_end the_judges) (machine_start the_judges) 0 is = None ->
    let lines := lines_of (map item_of is) in
    exists tr x, execution text width (sc_memory S width) (scripts T lines) tr x /\
                 explains width lines tr x.
  Proof.
    intros Said; apply (streamed_replay_sound text T width n (recorded_cpus T n) is); [discriminate|exact Said].
  Qed.
End Recorded.

(** The order: each acquire comes after all that its CPU holds, by rank, and in one
    family by index. *)
Theorem recorded_order_judged T es : table_ok T = true ->
  verdict (order_step T) (fun _ => None) order_start 0 es = None <-> in_order T es.
Proof. intros Ok; exact (order_accepted T Ok es). Qed.
