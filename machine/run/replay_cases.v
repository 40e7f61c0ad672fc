(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Traces that are replayed, and traces that no execution explains

    Two CPUs at the lock of VM 3's page table, with words of one bit and of 32.  One
    polls in vain and is let in ([contended_replayed]); a lost ticket, an entry beside
    another CPU, a value that is not there are refused, with both numbers.  A release by
    a stranger is accepted, and two enter: that is an execution, of clients that break
    the contract. *)
From Coq Require Import ZArith String List Bool.
From hlock.layers.view Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text sample examples.
From hlock.stack Require Import stack examples.
From hlock.machine.model Require Import thread memory machine.
From hlock.machine.run Require Import replay replay_sound.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.

Definition widths_replayed : list Z := [1; 32].

(** What the replay says, without objects: how many items it did, and both numbers. *)
Inductive said := Accepted | Refused_after (n : nat) (numbers : option (Z * Z)).
Definition says_of (w : Z) (is : list (item two)) : said :=
  match replay sample_text sample w is with
  | None => Accepted
  | Some (why, n) =>
      Refused_after n match why with
                      | Other_ticket found expected | Not_served found expected => Some (found, expected)
                      | _ => None
                      end
  end.

Definition five : Obj two pt3 := 5.
Definition six : Obj two pt3 := 6.
Definition visit (c : cpu) (t : Z) : list (item two) :=
  [Line c (Calls pt3); Line c (Enters pt3 t); Line c (Leaves pt3)].

(** CPU 1 has its ticket and has polled once when CPU 0 leaves. *)
Definition contended : list (item two) :=
  [Line 0%nat (Calls pt3); Hint 0%nat Takes; Line 0%nat (Enters pt3 0); Line 1%nat (Calls pt3); Hint 1%nat Takes;
    Hint 1%nat Waits;
   Line 0%nat (Writes pt3 1 five); Line 0%nat (Writes pt3 0 six); Line 0%nat (Leaves pt3);
   Line 1%nat (Enters pt3 1); Line 1%nat (Reads pt3 1 five); Line 1%nat (Reads pt3 0 six);
   Line 1%nat (Leaves pt3)].

Lemma each_said (P : Z -> said) is : Forall (fun w => says_of w is = P w) widths_replayed ->
  forall w, List.In w widths_replayed -> says_of w is = P w.
Proof. rewrite Forall_forall; auto. Qed.
Ltac computed := apply (each_said (fun _ => _)); repeat constructor; vm_compute; reflexivity.

Theorem contended_replayed w : List.In w widths_replayed ->
  exists tr x, execution sample_text w (sc_memory two w) (scripts sample (lines_of contended)) tr x /\
               explains w (lines_of contended) tr x.
Proof.
  intros Is; apply replay_sound; [destruct Is as [<-|[<-|[]]]; discriminate|].
  assert (Said : says_of w contended = Accepted) by (revert w Is; computed).
  unfold says_of in Said; destruct (replay sample_text sample w contended) as [[]|]; [discriminate|reflexivity].
Qed.

(** Numbers of one bit, around. *)
Theorem replay_wraps : says_of 1 (visit 0 0 ++ visit 1 1 ++ visit 1 0 ++ visit 0 1) = Accepted.
Proof. vm_compute; reflexivity. Qed.

Theorem lost_ticket_refused w : List.In w widths_replayed ->
  says_of w (visit 0 0 ++ visit 1 0) = Refused_after 4 (Some (0, 1)).
Proof. revert w; computed. Qed.

(** CPU 1 enters while CPU 0 is inside: its number is not the one in service. *)
Theorem entry_beside_refused w : List.In w widths_replayed ->
  says_of w (firstn 2 (visit 0 0) ++ firstn 2 (visit 1 1)) = Refused_after 3 (Some (1, 0)).
Proof. revert w; computed. Qed.

Theorem stale_value_refused w : List.In w widths_replayed ->
  says_of w (visit 0 0 ++ [Line 1%nat (Reads pt3 1 five)]) = Refused_after 3 None.
Proof. revert w; computed. Qed.

(** What was written to part 0, read from part 1. *)
Theorem other_part_refused w : List.In w widths_replayed ->
  says_of w [Line 0%nat (Writes pt3 0 five); Line 0%nat (Reads pt3 1 five)] = Refused_after 1 None /\
  says_of w [Line 0%nat (Writes pt3 0 five); Line 0%nat (Reads pt3 0 five)] = Accepted.
Proof. intros Is; repeat split; revert w Is; computed. Qed.

(** A hint for a CPU that is in no call, a poll that is not in vain, and a ticket that
    is for no entry. *)
Theorem bad_hints_refused w : List.In w widths_replayed ->
  says_of w (Hint 0%nat Takes :: visit 0 0) = Refused_after 0 None /\
  says_of w [Line 0%nat (Calls pt3); Hint 0%nat Takes; Hint 0%nat Waits] = Refused_after 2 None /\
  says_of w [Line 0%nat (Calls pt3); Hint 0%nat Takes] = Refused_after 2 None.
Proof. intros Is; repeat split; revert w Is; computed. Qed.

(** CPU 1 releases what CPU 0 holds, and enters beside it. *)
Theorem stranger_replayed w : List.In w widths_replayed ->
  says_of w (firstn 2 (visit 0 0) ++ Line 1%nat (Leaves pt3) :: firstn 2 (visit 1 1)) = Accepted.
Proof. revert w; computed. Qed.
