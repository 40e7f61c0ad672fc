(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The stack is private copies, and ends (T4)

    What parts.v (main/) restates with each premise written out.  Read next: kept.v. *)
From Coq Require Import ZArith List.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.L4_locks Require Import spec contract refine.
From hlock.stack Require Import stack setting stack_floors stack_refine stack_ends.
Import ListNotations.
Local Open Scope Z_scope.

Section Correct.
  Context {G : setting} {mem : Type} (m : mem) (p : client the_system).
  Context (Table : forall history o, p history = Some o -> of_table the_table o).
  Local Notation S := the_system.
  Local Notation runs := (c_run the_text S width m p).

  Theorem stack_correct n d responses d' :
    runs n [] d responses d' -> env_safe S width d d' -> invariant d -> settled S width d ->
    exists k bs, forall h rest, stands_for S width d h -> exists sofar h',
      run high_do p k [] (with_env S (bs ++ rest) h) = Done (sofar, h') /\ env (base h') = rest /\
      same_up_to_breach p n k responses d' sofar h'.
  Proof.
    intros Run (Foreign & Others) Inv Settled.
    apply (client_follows m p n Table [] d responses d' Run); auto; now constructor.
  Qed.

  Theorem stack_terminates n F d h :
    invariant d -> settled S width d -> stands_for S width d h -> keeps_contract p [] h ->
    env_safe_throughout the_text S width m p [] d -> env_fair the_text S width m F p [] d ->
    exists responses d', runs n [] d responses d' /\
      (forall answers2 d2, runs n [] d answers2 d2 -> answers2 = responses /\ d2 = d') /\
      (own (me d') (events d') <= own (me d) (events d) + n * op_bound F)%nat.
  Proof.
    intros Inv Settled Stands Keeps Safe Fair.
    assert (Order : in_order S width d).
    { constructor; [exact Inv|].
      apply (Safe d (or_introl (ex_intro _ 0%nat (ex_intro _ [] (conj eq_refl eq_refl))))). }
    destruct (client_ends m F p n Table [] d Order Settled (keeps_contract_on p [] d h Stands Keeps) Safe Fair)
      as (responses & d' & Run & Bound).
    exists responses, d'; split; [exact Run|split; [|exact Bound]]; intros answers2 d2 Run2.
    exact (c_run_deterministic m p n _ _ _ _ _ _ Run2 Run).
  Qed.
End Correct.

Theorem stack_start S width c : (c < cpus S)%nat ->
  invariant (start (words S width) c []) /\ settled S width (start (words S width) c []) /\
  stands_for S width (start (words S width) c []) (mkHData (start (atomic S) c []) []).
Proof.
  intros Cpu; split; [now constructor|split; [intros l; left; reflexivity|]]; apply stands_for_start.
Qed.
