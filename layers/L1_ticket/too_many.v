(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 1: the side condition of T2 is the weakest

    Two CPUs are never inside one lock if at most 2^w CPUs exist, and for that
    to hold at most 2^w may exist ([exclusion_iff]).  With one more, CPU 0 is
    inside with ticket 0, each CPU after it takes a ticket, and the last ticket
    is 0 again: every event is in order and two are inside ([too_many_cpus]).
    For every width and every system with a lock. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts map.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers.L1_ticket Require Import spec facts refine.
Import ListNotations.
Local Open Scope Z_scope.

Section Too_many.
  Context (S : system) (width : Z).
  Local Notation M := (modulus width).
  Local Notation F := (words S width).

  (** ** Not too many *)

  (** In every legal log of words two CPUs are never inside the same lock. *)
  Definition exclusion : Prop :=
    forall g l c c', legal F g ->
    words_inside S c l g = true -> words_inside S c' l g = true -> c = c'.

  Lemma ticket_inside_phase c l g : ticket_inside S c l g = true -> ticket_phase S c l g = In.
  Proof. unfold ticket_inside; now destruct (ticket_phase S c l g). Qed.

  Theorem words_exclusion : 1 <= width -> Z.of_nat (cpus S) <= M -> exclusion.
  Proof.
    intros Width Fits g l c c' Legal Inside Inside'.
    pose proof (tickets_simulation S width Width Fits) as Sim.
    destruct (image_legal F (tickets S) (show S) _ Sim g Legal) as (Above & Corr).
    apply (ticket_exclusion S _ l c c' Above); apply ticket_inside_phase.
    - exact (corr_inside _ _ _ _ Sim c l g Legal Above Corr Inside).
    - exact (corr_inside _ _ _ _ Sim c' l g Legal Above Corr Inside').
  Qed.

  (** ** Too many *)
  Context (l : Z) (Exists : lock_exists (S := S) l = true) (Width : 0 <= width).

  (** CPUs 0 .. n - 1 take a ticket, in this order.  Newest first. *)
  Fixpoint takers (n : nat) : log S words_verb :=
    match n with
    | O => []
    | Datatypes.S n => (n, Lock l (Took (Z.of_nat n mod M))) :: takers n
    end.
  (** The CPU whose ticket looks like that of CPU 0. *)
  Definition twin : cpu := Z.to_nat M.
  Definition crowd : log S words_verb :=
    (twin, Lock l (Polled 0)) :: (0%nat, Lock l (Polled 0)) :: takers (Datatypes.S twin).

  Lemma twin_number : Z.of_nat twin = M.
  Proof. apply Z2Nat.id; unfold modulus; apply Z.pow_nonneg; lia. Qed.
  Lemma positive : 0 < M.
  Proof. unfold modulus; apply Z.pow_pos_nonneg; lia. Qed.

  Lemma takers_next n : next S width l (takers n) = Z.of_nat n mod M.
  Proof.
    destruct n as [|n]; [symmetry; apply Z.mod_0_l; pose proof positive; lia|].
    cbn [takers next]; rewrite Z.eqb_refl, Zplus_mod_idemp_l; f_equal; lia.
  Qed.
  Lemma takers_now n : serving S width l (takers n) = 0.
  Proof. induction n; [reflexivity|exact IHn]. Qed.
  Lemma takers_halted c n : halted c (takers n) = false.
  Proof. induction n; [reflexivity|exact IHn]. Qed.
  Lemma takers_phase c n :
    words_phase S c l (takers n) = if Nat.ltb c n then Waiting (Z.of_nat c mod M) else Out.
  Proof.
    induction n as [|n IH]; [reflexivity|]; cbn [takers words_phase]; rewrite Z.eqb_refl, andb_true_r, IH.
    destruct (Nat.eqb_spec n c), (Nat.ltb_spec c n), (Nat.ltb_spec c (Datatypes.S n)); try lia;
      subst; reflexivity.
  Qed.
  Lemma takers_legal n : (n <= cpus S)%nat -> legal F (takers n).
  Proof.
    induction n as [|n IH]; [reflexivity|]; intros Enough; cbn [takers].
    apply legal_cons; split; [apply IH; lia|]; apply event_fault_none.
    split; [lia|split; [apply takers_halted|]].
    cbn; rewrite Exists; unfold words_fault, reads; rewrite takers_phase, Nat.ltb_irrefl, takers_next.
    now rewrite Z.eqb_refl.
  Qed.

  (** Whoever waits for 0 when 0 is served may poll and is inside. *)
  Lemma enters c g :
    legal F g -> (c < cpus S)%nat -> halted c g = false -> words_phase S c l g = Waiting 0 ->
    serving S width l g = 0 ->
    legal F ((c, Lock l (Polled 0)) :: g) /\ words_inside S c l ((c, Lock l (Polled 0)) :: g) = true.
  Proof.
    intros Legal Cpu Runs Waits Now; split.
    - apply legal_cons; split; [exact Legal|]; apply event_fault_none.
      split; [exact Cpu|split; [exact Runs|]].
      cbn; rewrite Exists; unfold words_fault, reads; now rewrite Waits, Now.
    - unfold words_inside; now rewrite words_same, Waits.
  Qed.

  (** With more than 2^w CPUs there is a log of the protocol in which two are inside. *)
  Theorem too_many_cpus :
    M < Z.of_nat (cpus S) ->
    legal F crowd /\ words_inside S 0 l crowd = true /\ words_inside S twin l crowd = true /\
    twin <> 0%nat.
  Proof.
    intros Many; pose proof positive as Pos; pose proof twin_number as Twin.
    assert (Differ : twin <> 0%nat) by lia.
    set (g := takers (Datatypes.S twin)).
    assert (Phase : forall c, (c <= twin)%nat -> words_phase S c l g = Waiting (Z.of_nat c mod M)).
    { intros c Le; unfold g; rewrite takers_phase; now destruct (Nat.ltb_spec c (Datatypes.S twin)); [|lia]. }
    destruct (enters 0%nat g) as (Legal & Inside); try apply takers_halted; try apply takers_now.
    { apply takers_legal; lia. }
    { lia. }
    { rewrite Phase by lia; now rewrite Z.mod_0_l by lia. }
    destruct (enters twin ((0%nat, Lock l (Polled 0)) :: g)) as (Legal2 & Inside2); auto.
    { lia. }
    { apply takers_halted. }
    { rewrite words_other by auto; rewrite Phase by lia.
      rewrite Twin, Z.mod_same by lia; reflexivity. }
    { apply takers_now. }
    split; [exact Legal2|split; [|split; [exact Inside2|exact Differ]]].
    unfold words_inside, crowd in *; rewrite words_other by auto; exact Inside.
  Qed.
End Too_many.

(** The condition is the weakest: for a system with a lock, two CPUs are never
    inside one lock exactly if at most 2^w CPUs exist. *)
Theorem exclusion_iff S width :
  1 <= width -> 0 < locks S -> exclusion S width <-> Z.of_nat (cpus S) <= 2 ^ width.
Proof.
  intros Width Locks; split; [|exact (words_exclusion S width Width)].
  intros Alone; apply Z.nlt_ge; intros Many.
  assert (Exists : lock_exists (S := S) 0 = true) by (now apply Z.ltb_lt in Locks).
  destruct (too_many_cpus S width 0 Exists) as (Legal & One & Other & Differ); auto; [lia|].
  exact (Differ (Alone _ _ _ _ Legal Other One)).
Qed.

(** ** The smallest case, in full: three CPUs and words of one bit *)

(** Newest first.  CPU 0 is inside with ticket 0; 1 waits with ticket 1; CPU 2
    takes ticket 2, which looks like 0, and sees it served. *)
Definition three_in_a_bit : log (one_lock 3) words_verb :=
  [(2%nat, Lock 0 (Polled 0)); (2%nat, Lock 0 (Took 0)); (1%nat, Lock 0 (Took 1));
   (0%nat, Lock 0 (Polled 0)); (0%nat, Lock 0 (Took 0))].
Theorem one_cpu_too_many :
  legal (words (one_lock 3) 1) three_in_a_bit /\
  words_inside (one_lock 3) 0 0 three_in_a_bit = true /\
  words_inside (one_lock 3) 2 0 three_in_a_bit = true.
Proof. repeat split. Qed.
