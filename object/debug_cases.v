(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Examples and refutations, of the code of a debug build

    Two CPUs that contend on what a compiler made ([contended_debug]), and a CPU that stops; pieces of wrong code that
    are refused, and two of which what main/debug_bytes.v says is false.  What the code asks for that is left open is
    given 7 or 0 here: as number of a CPU, as how many locks it holds, as a lock that it holds, as an address. *)
From Coq Require Import ZArith List Bool String.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text sample examples.
From hlock.machine.model Require Import machine atomic.
From hlock.machine.cases Require Import examples.
From hlock.object Require Import micro file armv8_decode target checker machine open objects targets samples
  debug_samples steps cases.
Import ListNotations.
Local Open Scope Z_scope.

Example lse_debug_right : debug_object_ok aarch64 "" sample lse_debug = true.
Proof. vm_cast_no_check (eq_refl true). Qed.
(** It is none of a release build; one of that is a right one, too, that does no more than lock. *)
Example lse_debug_open : object_ok aarch64 "" sample lse_debug = false.
Proof. vm_compute; reflexivity. Qed.
Example lse_as_debug : debug_object_ok aarch64 "" sample lse = true.
Proof. vm_compute; reflexivity. Qed.
Lemma debug_placed O : array_size O = 2432 -> placed (debug_library aarch64 "" sample O) here.
Proof.
  intros Is; unfold placed; cbn [lib_array debug_library library_of]; rewrite Is; repeat split; discriminate.
Qed.

(** Into an acquire and a release, up to where the record has been asked how many locks the CPU holds: none, or 7. *)
Definition enters (c : cpu) : list (cpu * bool) :=
  moves 17 c ++ unlucky 2 c ++ moves 6 c ++ unlucky 2 c ++ moves 12 c ++ unlucky 2 c.
Definition leaves (c : cpu) : list (cpu * bool) := unlucky 2 c ++ moves 6 c ++ unlucky 2 c ++ moves 97 c.
Example contended_debug : exists tr x,
  byte_execution (debug_library aarch64 "" sample lse_debug) here both tr x /\ in_short tr x = contended_short.
Proof.
  refine (computed_bytes (debug_library aarch64 "" sample lse_debug) here both in_short
    (enters 0 ++ moves 51 0 ++ enters 1 ++ moves 21 1 ++ moves 20 0 ++ leaves 0 ++ moves 59 1 ++ leaves 1) _ _).
  vm_compute; reflexivity.
Qed.
(** CPU 0 is told that it holds 7 locks, of which this is the first: it stops. *)
Definition ends_at (x : byte_machine two) : option Z :=
  match nth_error (places x) 0 with
  | Some (Running _ _ _ s) =>
      match asks here (debug_code aarch64 "" sample lse_debug) s with Ends_here => Some (pc s) | _ => None end
  | _ => None
  end.
Example debug_stops : exists tr x,
  byte_execution (debug_library aarch64 "" sample lse_debug) here both tr x /\ ends_at x = Some 6132.
Proof.
  refine (computed_bytes (debug_library aarch64 "" sample lse_debug) here both (fun _ => ends_at)
    (moves 17 0 ++ unlucky 2 0 ++ moves 6 0 ++ unlucky 2 0 ++ moves 50 0) _ _).
  vm_compute; reflexivity.
Qed.

(** ** Wrong code *)
Definition debug_included (O : object_file armv8_relocation) : Prop := included_by (debug_library aarch64 "" sample O).
Definition debug_unstuck (O : object_file armv8_relocation) : Prop :=
  let L := debug_library aarch64 "" sample O in
  unstuck_by L (fun base b => exists o history before s,
    b = Running o history before s /\ cut_short L base (asks base (lib_code L) s)).

Local Notation refused_debug O f o :=
  (function_of_code_ok aarch64 "" false (debug_code aarch64 "" sample O) sample O f o = false).
(** It does not compare; X19 and X20 are not loaded again: these are run, below.  It takes for its index what
    hlock_this_cpu answers. *)
Definition debug_no_comparison : object_file armv8_relocation := patched 1592 [0x14000004] lse_debug.
Example debug_no_comparison_refused : refused_debug debug_no_comparison pt_family Acquire.
Proof. vm_cast_no_check (eq_refl false). Qed.
Definition debug_clobbers : object_file armv8_relocation := patched 2156 [nop] lse_debug.
Example debug_clobbers_refused : refused_debug debug_clobbers pt_family Release.
Proof. vm_cast_no_check (eq_refl false). Qed.
Example debug_other_index : refused_debug (patched 1464 [0x1100100b] lse_debug) pt_family Acquire.
Proof. vm_cast_no_check (eq_refl false). Qed.
(** A store to the record whose address is not made of the record's; the frame is loaded again from
    where the record is; the count of locks is stored to the lock. *)
Example debug_record_lost : refused_debug (patched 1652 [0xb900018c] lse_debug) pt_family Acquire.
Proof. vm_cast_no_check (eq_refl false). Qed.
Example debug_frame_lost : refused_debug (patched 1632 [0xa9414d14] lse_debug) pt_family Acquire.
Proof. vm_cast_no_check (eq_refl false). Qed.
Example debug_count_to_lock : refused_debug (patched 2128 [0xb9000d4d] lse_debug) pt_family Release.
Proof. vm_cast_no_check (eq_refl false). Qed.

(** CPU 1 comes in while CPU 0 is inside. *)
Theorem debug_no_comparison_refuted : ~ debug_included debug_no_comparison.
Proof.
  apply (not_included_by _ (enters 0 ++ moves 51 0 ++ enters 1 ++ moves 51 1));
    [now apply debug_placed|vm_compute; reflexivity].
Qed.
(** CPU 0 is at the end of its release, and cannot return. *)
Theorem debug_clobbers_refuted : ~ debug_unstuck debug_clobbers.
Proof.
  apply (not_unstuck_by _ _ (fun s => (pc s, part s)) (enters 0 ++ moves 71 0 ++
      unlucky 2 0 ++ moves 6 0 ++ unlucky 2 0 ++ moves 94 0) (2164, 0%nat));
    [now apply debug_placed|vm_compute; reflexivity|].
  intros o history before s At (o' & history' & before' & s' & Is & Cut); injection Is as <- <- <- <-.
  revert Cut; unfold asks; injection At as -> ->.
  replace (lib_code (debug_library aarch64 "" sample debug_clobbers) 2164) with
    (Some ([Return (Reg 30)] : list (micro armv8_model.a64), 4)) by (vm_compute; reflexivity).
  cbn [nth_error perform]; unfold comes_back; now destruct (lib_code _ _).
Qed.
