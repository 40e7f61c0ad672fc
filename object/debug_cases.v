(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Examples and refutations, of the code of a debug build

    Two CPUs that contend on what a compiler made ([contended_debug]), and a CPU that stops; two pieces of wrong code of
    which what main/debug_bytes.v says is false.  What the code asks for that is left open is
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

(** What is marked in it, computed once. *)
Definition lse_marks : list place := Eval vm_compute in
  own_data aarch64 (open_code aarch64 lse_debug) sample (stride_of sample lse_debug) (entry_of "" lse_debug).
Lemma lse_own_data : own_data aarch64 (open_code aarch64 lse_debug) sample (stride_of sample lse_debug)
  (entry_of "" lse_debug) = lse_marks.
Proof. by_kernel. Qed.
(** It is a right one. *)
Example lse_debug_right : debug_object_ok aarch64 "" sample lse_debug = true.
Proof. unfold debug_object_ok, debug_code; rewrite lse_own_data; by_kernel. Qed.
Lemma marked_library_is O marks :
  own_data aarch64 (open_code aarch64 O) sample (stride_of sample O) (entry_of "" O) = marks ->
  debug_library aarch64 "" sample O = library_of aarch64 "" (marked marks (open_code aarch64 O)) O.
Proof. intros <-; reflexivity. Qed.
Lemma lse_debug_is : debug_library aarch64 "" sample lse_debug =
  library_of aarch64 "" (marked lse_marks (open_code aarch64 lse_debug)) lse_debug.
Proof. exact (marked_library_is lse_debug lse_marks lse_own_data). Qed.
Lemma debug_placed C O : array_size O = 2432 -> placed (library_of aarch64 "" C O) here.
Proof. intros Is; unfold placed; cbn [lib_array library_of]; rewrite Is; repeat split; discriminate. Qed.

(** Into an acquire and a release, up to where the record has been asked how many locks the CPU holds: none, or 7. *)
Definition enters (c : cpu) : list (cpu * bool) :=
  moves 17 c ++ unlucky 2 c ++ moves 6 c ++ unlucky 2 c ++ moves 12 c ++ unlucky 2 c.
Definition leaves (c : cpu) : list (cpu * bool) := unlucky 2 c ++ moves 6 c ++ unlucky 2 c ++ moves 97 c.
Example contended_debug : exists tr x,
  byte_execution (debug_library aarch64 "" sample lse_debug) here both tr x /\ in_short tr x = contended_short.
Proof.
  rewrite lse_debug_is; refine (computed_bytes _ here both in_short
    (enters 0 ++ moves 51 0 ++ enters 1 ++ moves 21 1 ++ moves 20 0 ++ leaves 0 ++ moves 59 1 ++ leaves 1) _ _).
  by_kernel.
Qed.
(** CPU 0 is told that it holds 7 locks, of which this is the first: it stops. *)
Definition ends_at (L : library armv8_model.a64) (x : byte_machine two) : option Z :=
  match nth_error (places x) 0 with
  | Some (Running _ _ _ s) => match asks here (lib_code L) s with Ends_here => Some (pc s) | _ => None end
  | _ => None
  end.
Example debug_stops : let L := debug_library aarch64 "" sample lse_debug in
  exists tr x, byte_execution L here both tr x /\ ends_at L x = Some 6132.
Proof.
  cbv zeta; rewrite lse_debug_is; refine (computed_bytes _ here both (fun _ => ends_at _)
    (moves 17 0 ++ unlucky 2 0 ++ moves 6 0 ++ unlucky 2 0 ++ moves 50 0) _ _).
  by_kernel.
Qed.

(** ** Wrong code *)
Definition debug_included (O : object_file armv8_relocation) : Prop := included_by (debug_library aarch64 "" sample O).
Definition debug_unstuck (O : object_file armv8_relocation) : Prop :=
  let L := debug_library aarch64 "" sample O in
  unstuck_by L (fun base b => exists o history before s,
    b = Running o history before s /\ cut_short L base (asks base (lib_code L) s)).

(** It does not compare; X19 and X20 are not loaded again.  The checker refuses both, and more
    (test/debug_object.bats). *)
Definition debug_no_comparison : object_file armv8_relocation := patched 1592 [0x14000004] lse_debug.
Definition debug_clobbers : object_file armv8_relocation := patched 2156 [nop] lse_debug.
Definition clobbers_marks : list place := Eval vm_compute in
  own_data aarch64 (open_code aarch64 debug_clobbers) sample (stride_of sample debug_clobbers)
    (entry_of "" debug_clobbers).
Example debug_clobbers_refused :
  function_of_code_ok aarch64 "" false (debug_code aarch64 "" sample debug_clobbers) sample debug_clobbers pt_family
    Release = false.
Proof. vm_cast_no_check (eq_refl false). Qed.

(** CPU 1 comes in while CPU 0 is inside. *)
Theorem debug_no_comparison_refuted : ~ debug_included debug_no_comparison.
Proof.
  apply (not_included_by _ (enters 0 ++ moves 51 0 ++ enters 1 ++ moves 51 1));
    [now apply debug_placed|by_kernel].
Qed.
(** CPU 0 is at the end of its release, and cannot return. *)
Theorem debug_clobbers_refuted : ~ debug_unstuck debug_clobbers.
Proof.
  unfold debug_unstuck; cbv zeta; rewrite (marked_library_is debug_clobbers clobbers_marks) by by_kernel.
  apply (not_unstuck_by _ _ (fun s => (pc s, part s)) (enters 0 ++ moves 71 0 ++
      unlucky 2 0 ++ moves 6 0 ++ unlucky 2 0 ++ moves 94 0) (2164, 0%nat));
    [now apply debug_placed|by_kernel|].
  intros o history before s At (o' & history' & before' & s' & Is & Cut); injection Is as <- <- <- <-.
  revert Cut; unfold asks; injection At as -> ->.
  replace (lib_code (library_of aarch64 "" (marked clobbers_marks (open_code aarch64 debug_clobbers)) debug_clobbers)
    2164) with
    (Some ([Return (Reg 30)] : list (micro armv8_model.a64), 4)) by (by_kernel).
  cbn [nth_error perform]; unfold comes_back; now destruct (lib_code _ _).
Qed.
