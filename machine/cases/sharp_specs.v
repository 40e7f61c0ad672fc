(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: what one CPU sees, and the operations of floors 0 to 3

    Batches of the others, one event of mine, and what they break; the queue, the
    tickets and the words of a lock; each operation, done, a breach, or impossible.
    Words have one bit.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers Require L1_ticket.spec L2_queue.spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.L4_locks Require Import spec.
From hlock.machine.cases Require Import small.
Import L1_ticket.spec L2_queue.spec.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

Local Notation W := (words small 1).
Local Notation T := (tickets small).
Local Notation Q := (queues small).
Local Notation A := (atomic small).
Local Notation by_ c l k := (c%nat, Lock l k) (only parsing).
Local Notation enter c l := (by_ c l Entered).
Local Notation leave c l := (by_ c l Left).
Local Notation sees F c g bs := (mkRData (F := F) c%nat g bs).

(** ** Faults, results, logs *)
Example values_read : [reads 3 3; reads 3 2; reads 2 3] = [None; Some Wrong_value; Some Wrong_value].
Proof. computed. Qed.
Example whose_fault : map callers_fault [No_such_lock; No_such_index; Entered_twice; Not_holder; Lock_is_held;
    Wrong_value; Out_of_order; After_halt; No_such_cpu; Forged] =
  [true; true; true; true; false; false; false; false; false; false].
Proof. computed. Qed.
Example goes_on_if_done : map (fun r => bind r (fun n => Done (n + 1))) 
    [Done 1; Breach No_such_lock; Impossible Forged] = [Done 2; Breach No_such_lock; Impossible Forged].
Proof. computed. Qed.
Example oldest_fault : map (log_fault A) [[]; [enter 0 0]; [enter 1 0; enter 0 0]; [leave 1 4; enter 1 0; enter 0 0];
    [leave 1 4; enter 0 0]] = [None; None; Some Lock_is_held; Some Lock_is_held; Some Not_holder].
Proof. computed. Qed.
Example legal_logs : legal A [enter 0 0] /\ ~ legal A [enter 1 0; enter 0 0].
Proof. split; [reflexivity|intros Is; discriminate Is]. Qed.
Definition five : Z -> Obj small 0 := fun k => value 0 (k + 5).
Example writes_made : writes (S := small) (verb := atomic_verb) 1 0 five [3; 4] =
  [(1%nat, Wrote 0 3 (value 0 8)); (1%nat, Wrote 0 4 (value 0 9))].
Proof. computed. Qed.
Example own_events : map (fun c => own (S := small) c [enter 1 4; enter 0 0; leave 1 4; enter 1 4]) [0; 1; 2]%nat =
  [1; 3; 0]%nat.
Proof. computed. Qed.

(** ** What arrives, and what is wrong with it *)
Definition before : log small atomic_verb := [enter 0 0].
Definition between : RData A := sees A 0 before [[enter 1 4]; [leave 1 4]].
Example what_arrives : (arrivals between, seen between, start A 1 [[enter 0 4]; []]) =
  ([enter 1 4], [enter 1 4; enter 0 0], sees A 1 [] [[enter 0 4]; []]).
Proof. computed. Qed.
(** My own event is forged; each is judged after those before it, in the batch too; the oldest fault counts. *)
Example batches : map (fun b => batch_fault A 0 b before)
  [[]; [enter 1 4]; [leave 1 4; enter 1 4]; [enter 0 4]; [leave 1 4]; [enter 1 0]; [enter 0 4; enter 1 0];
   [enter 1 4; enter 1 4]] =
  [None; None; None; Some Forged; Some Not_holder; Some Lock_is_held; Some Lock_is_held; Some Entered_twice].
Proof. computed. Qed.
Example awaited : map (await A) [between; sees A 0 before []; sees A 0 before [[enter 1 0]; []]] =
  [Done (sees A 0 [enter 1 4; enter 0 0] [[leave 1 4]]); Done (sees A 0 before []); Impossible Lock_is_held].
Proof. computed. Qed.
Example emitted : map (fun a => emit A a between) [Lock 0 Left; Lock 4 Left; Lock 0 Entered; Read 0 3 (value 0 5)] =
  [Done (sees A 0 [leave 0 0; enter 0 0] [[enter 1 4]; [leave 1 4]]); Breach Not_holder; Breach Entered_twice;
   Impossible Wrong_value].
Proof. computed. Qed.
Example operations : map (fun ad => operation A (fst ad) (snd ad))
  [(Lock 0 Left, between); (Lock 4 Entered, between); (Lock 0 Left, sees A 0 before [[enter 1 0]])] =
  [Done (sees A 0 [leave 0 0; enter 1 4; enter 0 0] [[leave 1 4]]); Impossible Lock_is_held; Impossible Lock_is_held].
Proof. computed. Qed.
Definition in_it : RData A := sees A 0 [(0%nat, Wrote 0 3 (value 0 8)); enter 0 0] [[enter 1 4]].
Example object_read : [obj_read_spec A 0 3 in_it; obj_read_spec A 0 4 in_it] =
  [Done (value 0 8, sees A 0 [(0%nat, Read 0 3 (value 0 8)); enter 1 4; (0%nat, Wrote 0 3 (value 0 8)); enter 0 0] []);
   Done (value 0 104,
     sees A 0 [(0%nat, Read 0 4 (value 0 104)); enter 1 4; (0%nat, Wrote 0 3 (value 0 8)); enter 0 0] [])] /\
  obj_read_spec A 4 3 in_it = Breach Not_holder.
Proof. split; computed. Qed.
Example object_written : obj_write_spec A 0 4 (value 0 6) (sees A 0 before [[enter 1 4]]) =
  Done (sees A 0 [(0%nat, Wrote 0 4 (value 0 6)); enter 1 4; enter 0 0] []).
Proof. computed. Qed.
Example stops_for_good : halt_spec A between = Done (sees A 0 [(0%nat, Halted); enter 1 4; enter 0 0] [[leave 1 4]]).
Proof. computed. Qed.
Example invariants : invariant between /\ ~ invariant (sees A 0 [enter 1 0; enter 0 0] []) /\
  ~ invariant (sees A 2 before []) /\ ~ invariant (sees A 0 [(0%nat, Halted)] []) /\
  invariant (sees A 1 [(0%nat, Halted)] []).
Proof.
  repeat apply conj; try (split; [reflexivity|cbn; auto|reflexivity]); intros [Legal Cpu Runs];
    first [discriminate Legal|discriminate Runs|exact (Nat.lt_irrefl _ Cpu)].
Qed.
Example others_legal : env_legal between /\ ~ env_legal (sees A 0 before [[enter 1 0]]).
Proof. split; [reflexivity|intros Is; discriminate Is]. Qed.

(** ** Floor 3 *)
Example atomic_operations : wait_hlock_spec small 4 (sees A 0 before [[enter 1 5]]) =
    Done (sees A 0 [enter 0 4; enter 1 5; enter 0 0] []) /\
  pass_hlock_spec small 0 (sees A 0 before [[enter 1 5]]) = Done (sees A 0 [leave 0 0; enter 1 5; enter 0 0] []).
Proof. split; computed. Qed.

(** ** Floor 2: CPU 0 is in lock 0, CPU 1 stands behind it; CPU 1 alone is at lock 4 *)
Definition line : log small queue_verb := [by_ 1 4 Joined; by_ 1 0 Joined; by_ 0 0 Began; by_ 0 0 Joined].
Definition passed : log small queue_verb := by_ 0 0 Ended :: line.
Example queues_are : [queue small 0 line; queue small 4 line; queue small 0 passed; queue small 4 passed] =
  [[0; 1]; [1]; [1]; [1]]%nat.
Proof. computed. Qed.
Example is_held : [held small 0 line; held small 4 line; held small 0 passed;
    held small 0 (by_ 1 4 Began :: passed); held small 0 (by_ 1 4 Ended :: by_ 1 4 Began :: line)] =
  [true; false; false; false; true].
Proof. computed. Qed.
Example who_is_first : map (fun c => at_head small c 0 line) [0; 1; 2]%nat = [true; false; false] /\
  at_head small 0 5 line = false.
Proof. split; computed. Qed.
Example who_stands : map (fun c => stands small c 0 line) [0; 1; 2]%nat = [true; true; false].
Proof. computed. Qed.
Example who_is_inside : [queue_inside small 0 0 line; queue_inside small 1 0 line; queue_inside small 1 4 line] =
  [true; false; false].
Proof. computed. Qed.
Example queue_faults : map (fun ck => queue_fault small (fst ck) 0 (snd ck) line)
    [(2%nat, Joined); (1%nat, Joined); (1%nat, Looked); (0%nat, Looked); (2%nat, Looked); (0%nat, Began);
     (1%nat, Began); (0%nat, Ended); (1%nat, Ended)] =
  [None; Some Entered_twice; None; Some Out_of_order; Some Out_of_order; Some Lock_is_held; Some Lock_is_held; None;
   Some Not_holder] /\
  [queue_fault small 1 4 Began line; queue_fault small 1 0 Began passed; queue_fault small 1 0 Ended passed;
    queue_fault small 1 0 Began [by_ 1 0 Joined; by_ 0 0 Joined]] = [None; None; Some Not_holder; Some Lock_is_held].
Proof. split; computed. Qed.
(** CPU 1 joins, looks in vain while CPU 0 ends, and begins. *)
Definition alone_in : log small queue_verb := [by_ 0 0 Began; by_ 0 0 Joined].
Definition has_begun : log small queue_verb :=
  [by_ 1 0 Began; by_ 0 0 Ended; by_ 1 0 Looked; by_ 1 0 Joined] ++ alone_in.
Definition waits_for : RData Q := sees Q 1 alone_in [[]; []; [by_ 0 0 Ended]].
Example queue_never_waits : ~ until (F := Q) (fun _ => False) (fun _ => False) (sees Q 1 alone_in [])
  (sees Q 1 (by_ 1 0 Joined :: alone_in) []).
Proof. intros Ends; induction Ends; cbn in *; tauto. Qed.
Example queue_waits_once : ~ until (F := Q) (fun _ => False) (fun a => a = Lock 0 Began)
    (sees Q 1 (by_ 1 0 Joined :: alone_in) [[]; [by_ 0 0 Ended]]) (sees Q 1 has_begun []).
Proof.
  intros Ends; inversion Ends as [a d d' Is Does|a d d1 d' Is Does Rest]; subst; [|destruct Is].
  apply (f_equal (fun r => match r with Done d => List.length (events d) | _ => O end)) in Does.
  vm_compute in Does; discriminate Does.
Qed.
Example queue_waits : wait_qlock_spec small 0 waits_for (sees Q 1 has_begun []).
Proof.
  eexists; split; [reflexivity|]; eapply until_again; [reflexivity|reflexivity|].
  eapply until_last; [reflexivity|reflexivity].
Qed.
Example queue_passes : pass_qlock_spec small 0 (sees Q 0 line [[]]) = Done (sees Q 0 passed []).
Proof. computed. Qed.

(** ** Floor 1: CPU 0 has ticket 0 and is in, CPU 1 waits with ticket 1 *)
Definition numbers_drawn : log small ticket_verb :=
  [by_ 1 0 (Saw 0); by_ 1 0 (Drew 1); by_ 0 0 (Saw 0); by_ 0 0 (Drew 0)].
Example ticket_steps : map (fun kp => ticket_step (fst kp) (snd kp))
    [(Drew 3, Out); (Saw 3, Waiting 3); (Saw 2, Waiting 3); (Saw 4, Waiting 3); (Saw 3, In); (Saw 3, Out); (Bumped, In);
     (Bumped, Waiting 3)] =
  [Waiting 3; In; Waiting 3; Waiting 3; In; Out; Out; Out].
Proof. computed. Qed.
Example ticket_phases : map (fun cl => ticket_phase small (fst cl) (snd cl) numbers_drawn)
  [(0%nat, 0); (1%nat, 0); (0%nat, 4); (2%nat, 0)] = [In; Waiting 1; Out; Out].
Proof. computed. Qed.
Example ticket_faults : map (fun ck => ticket_fault small (fst ck) 0 (snd ck) numbers_drawn)
    [(2%nat, Drew 2); (2%nat, Drew 1); (1%nat, Drew 2); (0%nat, Drew 2); (1%nat, Saw 0); (1%nat, Saw 1); (0%nat, Saw 0);
     (2%nat, Saw 0); (0%nat, Bumped); (1%nat, Bumped); (2%nat, Bumped)] =
  [None; Some Wrong_value; Some Entered_twice; Some Entered_twice; None; Some Wrong_value; Some Out_of_order;
   Some Out_of_order; None; Some Not_holder; Some Not_holder].
Proof. computed. Qed.
Example ticket_insides : map (fun c => ticket_inside small c 0 numbers_drawn) [0; 1; 2]%nat = [true; false; false].
Proof. computed. Qed.
Definition others_pass : RData T := sees T 1 [by_ 0 0 (Saw 0); by_ 0 0 (Drew 0)] [[]; []; [by_ 0 0 Bumped]].
Example ticket_waits : wait_lock_spec small 0 others_pass
  (sees T 1 [by_ 1 0 (Saw 1); by_ 0 0 Bumped; by_ 1 0 (Saw 0); by_ 1 0 (Drew 1); by_ 0 0 (Saw 0); by_ 0 0 (Drew 0)] []).
Proof.
  exists 1; eexists; split; [reflexivity|]; eapply until_again;
    [exists 0; split; [discriminate|reflexivity]|reflexivity|].
  eapply until_last; [reflexivity|reflexivity].
Qed.
Example ticket_passes : pass_lock_spec small 0 (sees T 0 numbers_drawn [[]]) =
  Done (sees T 0 (by_ 0 0 Bumped :: numbers_drawn) []).
Proof. computed. Qed.

(** ** Floor 0: the same on words of one bit *)
Definition words_read_off : log small words_verb :=
  [by_ 1 0 (Polled 0); by_ 1 0 (Took 1); by_ 0 0 (Polled 0); by_ 0 0 (Took 0)].
Definition loaded : log small words_verb := by_ 0 0 (Loaded 0) :: words_read_off.
Example words_faults : map (fun ck => words_fault small 1 (fst ck) 0 (snd ck) words_read_off)
    [(2%nat, Took 0); (2%nat, Took 2); (1%nat, Took 0); (1%nat, Polled 0); (1%nat, Polled 1); (0%nat, Polled 0);
     (0%nat, Loaded 0); (0%nat, Loaded 1); (1%nat, Loaded 0); (0%nat, Stored 1)] =
  [None; Some Wrong_value; Some Entered_twice; None; Some Wrong_value; Some Out_of_order; None; Some Wrong_value;
   Some Not_holder; Some Out_of_order] /\
  map (fun v => words_fault small 1 0 0 (Stored v) loaded) [1; 0; 2] = [None; Some Out_of_order; Some Out_of_order] /\
  words_fault small 1 0 0 (Stored 0) [by_ 0 0 (Loaded 1)] = None.
Proof. repeat apply conj; computed. Qed.
Example words_insides : map (fun c => words_inside small c 0 words_read_off) [0; 1; 2]%nat = [true; false; false] /\
  words_inside small 0 0 loaded = false.
Proof. split; computed. Qed.
Definition polled_by_1 : RData W := sees W 0 words_read_off [[by_ 1 0 (Polled 0)]; [by_ 1 4 (Took 0)]].
Example word_steps :
  arrive small 1 polled_by_1 = sees W 0 (by_ 1 0 (Polled 0) :: words_read_off) [[by_ 1 4 (Took 0)]] /\
  record small 1 Halted polled_by_1 =
    sees W 0 ((0%nat, Halted) :: words_read_off) [[by_ 1 0 (Polled 0)]; [by_ 1 4 (Took 0)]] /\
  act small 1 Halted polled_by_1 =
    sees W 0 ((0%nat, Halted) :: by_ 1 0 (Polled 0) :: words_read_off) [[by_ 1 4 (Took 0)]].
Proof. repeat apply conj; computed. Qed.
Example existing : [on_existing small 6 1; on_existing small 7 1] = [Done 1; Breach No_such_lock].
Proof. computed. Qed.
(** Another CPU acts first; what is returned is what was there. *)
Example word_operations :
  incr_ticket_spec small 1 0 (sees W 0 [] [[by_ 1 0 (Took 0)]]) =
    Done (1, sees W 0 [by_ 0 0 (Took 1); by_ 1 0 (Took 0)] []) /\
  get_now_spec small 1 0 (sees W 0 [] [[by_ 1 0 (Stored 1)]]) =
    Done (1, sees W 0 [by_ 0 0 (Polled 1); by_ 1 0 (Stored 1)] []) /\
  incr_now_spec small 1 0 polled_by_1 = Done (sees W 0
    ([by_ 0 0 (Stored 1); by_ 1 4 (Took 0); by_ 0 0 (Loaded 0); by_ 1 0 (Polled 0)] ++ words_read_off) []) /\
  incr_now_spec small 1 0 (sees W 0 [by_ 1 0 (Stored 1)] []) =
    Done (sees W 0 [by_ 0 0 (Stored 0); by_ 0 0 (Loaded 1); by_ 1 0 (Stored 1)] []).
Proof. repeat apply conj; computed. Qed.
Example word_objects :
  words_read small 1 0 3 (sees W 0 [] [[(1%nat, Wrote 0 3 (value 0 8))]]) =
    (value 0 8, sees W 0 [(0%nat, Read 0 3 (value 0 8)); (1%nat, Wrote 0 3 (value 0 8))] []) /\
  words_write small 1 0 3 (value 0 9) (sees W 0 [] [[(1%nat, Halted)]]) =
    sees W 0 [(0%nat, Wrote 0 3 (value 0 9)); (1%nat, Halted)] [] /\
  words_halt small 1 (sees W 0 [] [[(1%nat, Halted)]]) = sees W 0 [(0%nat, Halted); (1%nat, Halted)] [].
Proof. repeat apply conj; computed. Qed.
(** Polls until one reads the ticket; in vain; and that [now] moves before the second. *)
Definition served_later : RData W := sees W 1 [] [[]; [by_ 0 0 (Stored 1)]].
Definition polled_1 : RData W := sees W 1 [by_ 1 0 (Polled 0)] [[by_ 0 0 (Stored 1)]].
Definition polled_2 : RData W := sees W 1 [by_ 1 0 (Polled 1); by_ 0 0 (Stored 1); by_ 1 0 (Polled 0)] [].
Example polls_until : polls 0 1 served_later polled_2.
Proof. eapply not_yet; [reflexivity|discriminate|]; eapply my_turn; reflexivity. Qed.
Example vain_polls : polls_in_vain 0 1 served_later polled_1.
Proof. eapply one_more; [reflexivity|discriminate|apply none_yet]. Qed.
Example moves_by_then : moves 0 2 served_later /\ ~ moves 0 1 served_later /\ ~ moves 0 0 polled_1 /\
  moves 0 1 polled_1.
Proof.
  repeat apply conj.
  - eapply moves_later; [reflexivity|]; apply moves_at_once; discriminate.
  - intros Is; inversion Is as [F d Moves|F d v d1 Does Rest]; subst; [exact (Moves eq_refl)|inversion Rest].
  - intros Is; inversion Is.
  - apply moves_at_once; discriminate.
Qed.
Example words_wait : wait_lock_spec_low (S := small) (width := 1) 0
  (sees W 1 [by_ 0 0 (Took 0)] [[]; []; [by_ 0 0 (Stored 1)]])
  (sees W 1 [by_ 1 0 (Polled 1); by_ 0 0 (Stored 1); by_ 1 0 (Polled 0); by_ 1 0 (Took 1); by_ 0 0 (Took 0)] []).
Proof.
  exists 1; eexists; split; [reflexivity|]; eapply not_yet; [reflexivity|discriminate|]; eapply my_turn; reflexivity.
Qed.
Example words_pass : pass_lock_spec_low (S := small) (width := 1) 0 polled_by_1 = incr_now_spec small 1 0 polled_by_1.
Proof. computed. Qed.
(** What others do is in order, and no event of theirs is in my name. *)
Definition mine_twice : log small words_verb := [by_ 0 0 (Took 5); by_ 1 0 (Took 0)].
Example orderly_others : others_in_order small 1 0 mine_twice /\ ~ others_in_order small 1 1 mine_twice.
Proof.
  split.
  - intros b e g' Same Other; destruct b as [|e1 [|e2 b]]; injection Same; clear Same; intros; subst.
    + destruct (Other eq_refl).
    + reflexivity.
    + destruct b; discriminate.
  - intros All; specialize (All [] (by_ 0 0 (Took 5)) [by_ 1 0 (Took 0)] eq_refl ltac:(discriminate)); discriminate All.
Qed.
Example safe_others : env_safe small 1 (sees W 0 [] [[by_ 1 0 (Took 0)]]) (sees W 0 [by_ 1 0 (Took 0)] []) /\
  ~ env_safe small 1 (sees W 0 [] [[]; [by_ 0 0 (Took 0)]]) (sees W 0 [] []) /\
  ~ env_safe small 1 (sees W 0 [] []) (sees W 0 [by_ 1 0 (Took 5)] []).
Proof.
  split; [|split].
  - split; [repeat constructor; discriminate|].
    intros b e g' Same Other; destruct b as [|e1 b]; injection Same; clear Same; intros; subst;
      [reflexivity|destruct b; discriminate].
  - intros (All & _); inversion All as [|? ? _ Rest]; inversion Rest as [|? ? One _]; inversion One as [|? ? Not _].
    exact (Not eq_refl).
  - intros (_ & All); specialize (All [] (by_ 1 0 (Took 5)) [] eq_refl ltac:(discriminate)); discriminate All.
Qed.
