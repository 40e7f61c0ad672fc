(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Of code of which nothing is left open

    It asks for nothing of the kind; the code of a release build is such.  Read next: correct.v. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options.
From hlock.object Require Import micro file target checker machine open objects.
Import ListNotations.
Local Open Scope Z_scope.

Lemma asks_closed {I} (L : library I) base s : closed_library L ->
  match asks base (lib_code L) s with Ask_any _ _ _ _ | Ends_here => False | _ => True end.
Proof.
  intros Closed; unfold asks; destruct (lib_code L (pc s)) as [[ms n]|] eqn:Is; [|exact Logic.I].
  specialize (Closed _ _ _ Is).
  destruct (nth_error ms (part s)) as [m|] eqn:At; [|exact Logic.I]; apply nth_error_In in At.
  assert (Not : open_ended m = false)
    by (destruct (open_ended m) eqn:Open; [|reflexivity]; rewrite (proj2 (existsb_exists _ _)) in Closed; eauto).
  destruct m; try discriminate; cbn [perform]; try exact Logic.I.
  1, 2: destruct (word_of_frame _ _ _); try destruct (Z.testbit _ _); exact Logic.I.
  1, 2: destruct (half_of_frame _ _ _); try destruct (Z.testbit _ _); exact Logic.I.
  - unfold comes_back; now destruct (lib_code L ((eval base (regs s) a - regs s text_at) mod 2 ^ 64)).
  - now destruct (eval base (regs s) a =? eval base (regs s) b).
Qed.
Lemma closed_not_open {I} (L : library I) base s : closed_library L ->
  ~ cut_short L base (asks base (lib_code L) s).
Proof. intros Closed; pose proof (asks_closed L base s Closed); now destruct (asks base (lib_code L) s). Qed.

Lemma object_closed {I R} (arch : target I R) prefix O : closed_library (object_library arch prefix O).
Proof.
  intros at_ ms n; cbn [lib_code object_library library_of]; unfold code_in, losing_below.
  destruct (_ && _); [|discriminate]; destruct (closed_code _ at_) as [[ms0 n0]|] eqn:Is; [|discriminate].
  intros [= <- <-]; unfold closed_code in Is; destruct (code_of arch O at_) as [[ms1 n1]|]; [|discriminate].
  destruct (existsb open_ended ms1) eqn:None_; [discriminate|]; injection Is as <- <-.
  induction ms1 as [|m ms1 IH]; [reflexivity|]; cbn [existsb flat_map] in *.
  apply orb_false_iff in None_ as (Here & None_); rewrite existsb_app, (IH None_), orb_false_r.
  destruct (gives _ m); cbn [existsb open_ended]; rewrite Here; reflexivity.
Qed.
