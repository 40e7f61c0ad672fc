(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: the bound of a wait, in rounds

    How many steps of its own a call makes, counted on the text; what they add up to;
    how many critical sections come before mine.  What sharp_*.v files are for:
    sharp_table.v. *)
From Coq Require Import ZArith List String.
From hlock.clight Require Import options integers values syntax smallstep.
From hlock.layers.L4_locks Require Import text sample.
From hlock.stack Require Import linked.
From hlock.machine.model Require Import thread.
From hlock.machine.refine Require Import stretches.
From hlock.machine.live Require Import live.
From hlock.machine.cases Require Import small.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope nat_scope.
Local Open Scope list_scope.

(** ** Steps of its own *)
Local Notation M := (functions (stack "" sample)).
Local Notation begins o := (name_of (stack "" sample) o core_family 0%Z).
Definition outside : fundef := External (EF_external "" (mksignature [] AST.Tvoid cc_default)) Tnil tvoid cc_default.
(** What C asks for, if anything. *)
Definition asks (s : state) : option (ident * list val) :=
  match s with Enter f (External _ _ _ _) vs _ => Some (f, vs) | _ => None end.
Local Notation goes n s := (fst (stretch M n s), asks (snd (stretch M n s))).
(** An acquire goes to where it asks for its ticket; with less fuel, not so far; on from there
    it does not go, but it goes past a pause. *)
Example stretch_goes :
  [goes 100 (begins Acquire); goes 8 (begins Acquire); goes 7 (begins Acquire); goes 0 (begins Acquire);
   goes 9 (Enter ($"get_now") outside [] Kstop); goes 9 (Enter ($"cpu_relax") outside [Vundef] Kstop);
   goes 9 (Enter ($"cpu_relax") outside [] Kstop);
   goes 9 (Enter ($"cpu_relax") outside [] (Kseq Sskip (Kseq Sskip Kstop))); goes 9 (Give Vundef Kstop)] =
  [(8, Some ($"incr_ticket", [Vint Int.zero])); (8, Some ($"incr_ticket", [Vint Int.zero])); (7, None); (0, None);
   (0, Some ($"get_now", [])); (0, Some ($"cpu_relax", [Vundef])); (1, None); (1, None); (0, None)].
Proof. computed. Qed.
(** Without an answer it asks and waits; a poll in vain, its pause and what leads to the
    next poll are a stretch; it ends after the poll that reads its ticket. *)
Example stretches_follow :
  map (stretches M (begins Acquire)) [[]; [0%Z]; [0; 1]%Z; [0; 0]%Z; [0; 1; 1; 0]%Z; [3; 0; 3]%Z] =
  [[8]; [8; 8]; [8; 8; 15]; [8; 8; 11]; [8; 8; 15; 15; 11]; [8; 8; 15; 11]] /\
  map (stretches M (begins Release)) [[]; [0%Z]; [0; 0]%Z] = [[6]; [6; 6]; [6; 6]].
Proof. split; computed. Qed.
Example stretches_counted : (acquire_stretches, release_stretches) = ([8; 8; 15; 11], [6; 6]).
Proof. computed. Qed.
Example steps_between :
  (map quiet_steps [Before_ticket 0; Polling 0 0; Before_load 0; Through], back_steps) = ([8; 15; 6; 11], 6).
Proof. computed. Qed.

(** ** What they add up to *)
Example rounds_of_an_operation :
  [poll_steps; ticket_rounds; seen_rounds; return_rounds; acquire_rounds; release_rounds] = [15; 10; 16; 12; 38; 16].
Proof. computed. Qed.
(** Acquires in it, operations in it. *)
Example rounds_of_a_section :
  [section_rounds 0 0; section_rounds 0 1; section_rounds 1 1; section_rounds 1 4; section_rounds 2 4] =
  [28; 44; 66; 114; 136].
Proof. computed. Qed.

(** ** Sections before mine: levels, rivals *)
(** If nothing is acquired in a section: all rivals, once. *)
Example sections_in_turn : [sections 0 0 5; sections 0 1 5; sections 0 2 5; sections 0 3 0] = [0; 5; 5; 0].
Proof. computed. Qed.
Example sections_before :
  [sections 2 0 2; sections 2 1 0; sections 2 1 3; sections 2 2 1; sections 2 2 2; sections 2 2 3; sections 2 3 3;
   sections 2 4 3; sections 1 2 3; sections 3 2 3] = [0; 0; 3; 1; 4; 9; 13; 13; 6; 12].
Proof. computed. Qed.
(** Acquires and operations in a section, CPUs, levels: alone, an operation of its own; two
    and three CPUs. *)
Example rounds_of_a_wait :
  [whole_rounds 1 4 1 2; whole_rounds 1 4 2 0; whole_rounds 1 4 2 1; whole_rounds 1 4 2 2; whole_rounds 1 4 3 1;
   whole_rounds 1 4 3 2; whole_rounds 3 4 3 2] = [38; 38; 152; 152; 266; 380; 828].
Proof. computed. Qed.
