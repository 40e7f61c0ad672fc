(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floors 0 and 1: wrong locks, refuted

    Concrete logs of machine words.  One CPU too many for the width: every CPU
    keeps to the protocol and two are inside, so the side condition of T2 is
    sharp (here for w = 1).  A ticket that two CPUs took, an [incr_now] whose
    halves interleave, and a pass by a stranger are not in order, and are named. *)
From Coq Require Import ZArith List.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.

(** [n] CPUs, one lock, an object that does not matter, words of one bit. *)
Definition one_bit (n : nat) : system :=
  mkSystem n 1 (fun _ => unit) (fun _ => tt) (fun _ v w => left (match v, w with tt, tt => eq_refl end)).
Definition run := log (one_bit 3) words_verb.
Definition inside_at (c : cpu) (g : run) : bool := words_inside (one_bit 3) c 0 g.

(** Newest first.  CPU 0 is inside with ticket 0; 1 waits with ticket 1; CPU 2
    takes ticket 2, which looks like 0, and sees it served. *)
Definition three_in_a_bit : run :=
  [(2%nat, Lock 0 (Polled 0)); (2%nat, Lock 0 (Took 0)); (1%nat, Lock 0 (Took 1));
   (0%nat, Lock 0 (Polled 0)); (0%nat, Lock 0 (Took 0))].
Theorem one_cpu_too_many :
  legal (words (one_bit 3) 1) three_in_a_bit /\
  inside_at 0 three_in_a_bit = true /\ inside_at 2 three_in_a_bit = true.
Proof. repeat split. Qed.

(** A ticket taken by load, then store: two CPUs load 0 and both enter. *)
Definition lost_ticket : run :=
  [(1%nat, Lock 0 (Polled 0)); (0%nat, Lock 0 (Polled 0)); (1%nat, Lock 0 (Took 0)); (0%nat, Lock 0 (Took 0))].
Theorem lost_ticket_refuted :
  log_fault (words (one_bit 3) 1) lost_ticket = Some Wrong_value /\
  inside_at 0 lost_ticket = true /\ inside_at 1 lost_ticket = true.
Proof. repeat split. Qed.

(** CPU 1 passes a lock that CPU 0 holds. *)
Definition passed_by_stranger : run :=
  [(1%nat, Lock 0 (Loaded 0)); (0%nat, Lock 0 (Polled 0)); (0%nat, Lock 0 (Took 0))].
Theorem pass_by_stranger_refuted :
  log_fault (words (one_bit 3) 1) passed_by_stranger = Some Not_holder.
Proof. reflexivity. Qed.
