(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: logs

    On the atomic floor: events that are in order, and what is wrong with others; who
    holds a lock.  On floor 0: the words of a lock, and where a CPU stands with it.
    What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.L4_locks Require Import spec.
From hlock.machine.cases Require Import small.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

(** Locks are numbered below 7. *)
Example locks_exist : map (lock_exists (S := small)) [-1; 0; 4; 6; 7] = [false; true; true; true; false].
Proof. reflexivity. Qed.

(** ** The atomic floor *)
Definition enter (c : cpu) (l : Z) : event small atomic_verb := (c, Lock l Entered).
Definition leave (c : cpu) (l : Z) : event small atomic_verb := (c, Lock l Left).
Definition stop (c : cpu) : event small atomic_verb := (c, Halted).
Definition fault_of (eg : event small atomic_verb * log small atomic_verb) : option fault :=
  event_fault (atomic small) (fst eg) (snd eg).

Example in_order : map fault_of
  [(enter 0 0, []); (enter 1 6, []); (enter 1 5, [enter 0 4; enter 0 0]); (enter 1 0, [enter 1 4]);
   (leave 0 0, [enter 0 0]); (leave 0 0, [enter 1 4; enter 0 0]); (enter 1 0, [leave 0 0; enter 0 0]);
   (enter 0 0, [leave 0 0; enter 0 0]); (stop 0, []); (stop 1, [enter 1 0]); (enter 1 4, [enter 0 0; stop 0]);
   (enter 1 4, [stop 0])] =
  [None; None; None; None; None; None; None; None; None; None; None; None].
Proof. reflexivity. Qed.
Example no_such_thing : map fault_of [(enter 0 (-1), []); (enter 0 7, []); (leave 0 7, []); (enter 2 0, []); (stop 2,
  [])] =
  [Some No_such_lock; Some No_such_lock; Some No_such_lock; Some No_such_cpu; Some No_such_cpu].
Proof. reflexivity. Qed.
Example halted_acts : map fault_of
  [(enter 0 0, [stop 0]); (stop 1, [stop 1]); (leave 0 0, [enter 1 4; stop 0; enter 0 0]); (stop 0, [stop 1; stop 0])] =
  [Some After_halt; Some After_halt; Some After_halt; Some After_halt].
Proof. reflexivity. Qed.
Example enters_a_held_lock : map fault_of
  [(enter 0 0, [enter 0 0]); (enter 1 0, [enter 0 0]); (enter 0 0, [enter 1 0]); (enter 1 0, [stop 0; enter 0 0]);
   (enter 1 0, [leave 0 4; enter 0 0])] =
  [Some Entered_twice; Some Lock_is_held; Some Lock_is_held; Some Lock_is_held; Some Lock_is_held].
Proof. reflexivity. Qed.
Example leaves_what_it_does_not_hold : map fault_of
  [(leave 0 0, []); (leave 1 0, [enter 0 0]); (leave 0 0, [enter 1 0]); (leave 0 0, [leave 0 0; enter 0 0]);
   (leave 0 4, [enter 0 0])] =
  [Some Not_holder; Some Not_holder; Some Not_holder; Some Not_holder; Some Not_holder].
Proof. reflexivity. Qed.
Example holders_are : map (holder small 0)
  [[]; [enter 0 0]; [enter 1 4; enter 0 0]; [leave 1 4; enter 0 0]; [leave 0 0; enter 0 0];
   [enter 1 0; leave 0 0; enter 0 0]; [stop 0; enter 0 0]; [enter 0 4]] =
  [None; Some 0%nat; Some 0%nat; Some 0%nat; None; Some 1%nat; Some 0%nat; None].
Proof. reflexivity. Qed.
Example who_holds : map (fun cg => holds small (fst cg) 0 (snd cg))
  [(0%nat, [enter 0 0]); (1%nat, [enter 0 0]); (0%nat, []); (1%nat, [enter 1 0])] = [true; false; false; true].
Proof. reflexivity. Qed.
(** To touch an object is its holder's; what it reads is what was written last to that part. *)
Definition wrote (c : cpu) (l k z : Z) : event small atomic_verb := (c, Wrote l k (value l z)).
Definition reads (c : cpu) (l k z : Z) : event small atomic_verb := (c, Read l k (value l z)).
Definition written : log small atomic_verb :=
  [reads 0 0 3 8; wrote 0 4 3 9; wrote 0 0 4 6; wrote 0 0 3 8; wrote 0 0 3 7; enter 0 4; enter 0 0].
Example objects_contain : map (fun lk => number (object (fst lk) (snd lk) written))
  [(0, 3); (0, 4); (0, 5); (4, 3); (4, 4); (5, 3)] = [8; 6; 105; 9; 104; 103].
Proof. reflexivity. Qed.
Example touched_in_order : map fault_of
  [(reads 0 0 3 8, written); (reads 0 0 4 6, written); (reads 0 4 4 104, written); (wrote 0 0 3 5, written);
   (wrote 0 4 9 5, written)] = [None; None; None; None; None].
Proof. reflexivity. Qed.
Example touched_by_others : map fault_of
  [(reads 1 0 3 8, written); (wrote 1 0 3 8, written); (reads 0 5 3 103, written); (wrote 0 5 3 103, written);
   (wrote 0 0 3 8, []); (wrote 0 0 3 8, [leave 0 0; enter 0 0])] =
  [Some Not_holder; Some Not_holder; Some Not_holder; Some Not_holder; Some Not_holder; Some Not_holder].
Proof. reflexivity. Qed.
Example reads_another_value : map fault_of
  [(reads 0 0 3 7, written); (reads 0 0 3 103, written); (reads 0 0 4 8, written); (reads 0 4 3 8, written)] =
  [Some Wrong_value; Some Wrong_value; Some Wrong_value; Some Wrong_value].
Proof. reflexivity. Qed.
Example systems_are : (cpus small, locks small, map (fun l => number (initial small l 5)) [0; 1; 4; 6; 7]) =
  (2%nat, 7, [105; -1; 105; 105; -1]).
Proof. reflexivity. Qed.
Example who_has_halted : map (fun g => (halted 0 g, halted 1 g)) [[]; [stop 0]; [stop 1]; [enter 1 0; stop 0];
  [stop 1; stop 0]] =
  [(false, false); (true, false); (false, true); (true, false); (true, true)].
Proof. reflexivity. Qed.

(** ** The words of a lock, of one, two and 32 bits *)
Definition did (c : cpu) (l : Z) (k : words_verb) : event small words_verb := (c, Lock l k).
Example moduli : map modulus [1; 2; 32] = [2; 4; 4294967296].
Proof. reflexivity. Qed.
Example tickets_count : map (fun w => map (next small w 0)
    [[]; [did 0 0 (Took 0)]; [did 1 0 (Took 1); did 0 0 (Took 0)]; [did 0 4 (Took 0); did 0 0 (Took 0)];
      [did 0 4 (Took 0)];
     [did 0 0 (Stored 1); did 0 0 (Took 0)]; [did 0 0 (Took 3)]]) [1; 2] =
  [[0; 1; 0; 1; 0; 1; 0]; [0; 1; 2; 1; 0; 1; 0]].
Proof. reflexivity. Qed.
Example served_number : map (fun w => map (serving small w 0)
    [[]; [did 0 0 (Stored 1)]; [did 0 0 (Took 1); did 0 0 (Stored 1)]; [did 0 4 (Stored 1)];
     [did 0 4 (Stored 0); did 0 0 (Stored 1)]; [did 0 0 (Stored 6)]; [did 0 0 (Loaded 1); did 0 0 (Stored 3)]]) [1; 2] =
  [[0; 1; 1; 0; 1; 0; 1]; [0; 1; 1; 0; 1; 2; 3]].
Proof. reflexivity. Qed.
Example where_a_cpu_stands : map (words_phase small 0 0)
  [[]; [did 0 0 (Took 1)]; [did 0 0 (Polled 0); did 0 0 (Took 1)]; [did 0 0 (Polled 1); did 0 0 (Took 1)];
   [did 0 0 (Loaded 1); did 0 0 (Polled 1); did 0 0 (Took 1)];
   [did 0 0 (Stored 2); did 0 0 (Loaded 1); did 0 0 (Polled 1); did 0 0 (Took 1)];
   [did 1 0 (Polled 1); did 0 0 (Took 1)]; [did 0 4 (Polled 1); did 0 0 (Took 1)]; [did 1 0 (Took 1)];
     [did 0 4 (Took 1)];
   [did 0 0 (Polled 2); did 0 0 (Polled 1); did 0 0 (Took 1)]; [did 0 0 (Polled 2)]] =
  [Out; Waiting 1; Waiting 1; In; Leaving 1; Out; Waiting 1; Waiting 1; Out; Out; In; Out].
Proof. reflexivity. Qed.
