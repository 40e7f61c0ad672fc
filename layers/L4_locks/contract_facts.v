(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Facts about the contract of a client's text

    About the definitions of contract.v.  Read next: stack/kept.v. *)
From Coq Require Import ZArith List Bool.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract.
Import ListNotations.
Local Open Scope Z_scope.

Section Contract.
  Context {S : system}.

  Lemma has_in l held : has l held = true <-> List.In l held.
  Proof.
    unfold has; rewrite existsb_exists; split; [intros (x & Is & Same)|intros Is; exists l].
    - now apply Z.eqb_eq in Same as ->.
    - split; [exact Is|apply Z.eqb_refl].
  Qed.

  Lemma keeps_next (p : client S) history o :
    keeps_on p history -> p history = Some o ->
    allowed o (held p history) = true /\ (ends o = false -> forall a, keeps_on p (a :: history)).
  Proof.
    intros Keeps Next; split.
    - specialize (Keeps 1%nat); cbn in Keeps; rewrite Next in Keeps; apply Keeps.
    - intros Goes_on a n; specialize (Keeps (Datatypes.S n)); cbn in Keeps; rewrite Next, Goes_on in Keeps.
      cbn [held]; rewrite Next; apply Keeps.
  Qed.

  Lemma held_after_in (o : op S) held l : List.In l (held_after o held) <->
    match o with
    | Op_acquire f i => l = lock_id f i \/ List.In l held
    | Op_release f i => l <> lock_id f i /\ List.In l held
    | _ => List.In l held
    end.
  Proof.
    destruct o as [f i|f i|f i k|f i k v|]; cbn [held_after List.In]; [intuition auto| |tauto..].
    rewrite filter_In; destruct (Z.eqb_spec l (lock_id f i)); cbn; intuition discriminate.
  Qed.
End Contract.
