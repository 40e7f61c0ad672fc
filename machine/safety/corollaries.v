(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What a kernel programmer wants of the locks

    N threads run the exported C, in any interleaving, any of them may halt at any
    step; no client ever breaks the contract.  Then: two CPUs are never
    inside of one lock ([mutual_exclusion]); critical sections run in the order of
    the tickets ([ticket_order], [fifo]); while a CPU is inside, the object is its
    own ([object_owned], [nobody_else_touches]); the load and the store of a release
    are as one ([incr_now_is_one]).  None of it needs fairness.

    Inside is a position in the thread's C, and no ghost field.  Read next:
    examples.v, where the contract is broken and two are inside. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values semantics smallstep.
From hlock.layers.view Require Import spec facts.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text code contract contract_facts.
From hlock.stack Require Import stack setting stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import position place invariant simulation correct no_breach.
From hlock.machine.safety Require Import history.
From hlock.machine.safety Require Export guaranteed.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Section Corollaries.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := (the_system).
  Local Notation W := (words S width).
  Local Notation M := (sc_memory S width).
  Local Notation log := (log S words_verb).
  Context (Never : never_breaches clients the_table).
  Local Notation executes := (execution text width M clients).

  Local Notation inside := (inside text clients).
  Local Notation only_to_return := (only_to_return text).

  Lemma before_load_not_done s l : at_place s (Before_load l) -> ~ only_to_return s.
  Proof.
    intros (i & le & k & _ & _ & Quiet) (n & Only).
    destruct (quietly_meet _ _ _ _ _ Quiet Only) as (m & [Back|Back]);
      inversion Back as [|? ? ? ? Step|]; discriminate.
  Qed.

  Lemma reached tr x : executes tr x ->
    legal W (contents x) /\ forall c t, nth_error (threads x) c = Some t ->
      exists q, match_thread c (contents x) t q /\ holding_at (lawful the_table) clients c (up S width (contents x)) q.
  Proof.
    intros Run; destruct (machine_holdings Never tr x Run)
      as (y & Rel & Holdings); split; [apply Rel|]; intros c t At.
    destruct (match_at x y c t Rel At) as (q & At' & Stands & _); exists q; split; [exact Stands|].
    rewrite <- (rel_log _ _ Rel); exact (Holdings c q At').
  Qed.

  (** The position in the C and the history of memory agree: who is inside saw its
      turn and has not stored since. *)
  Lemma inside_between tr x c l : executes tr x -> inside x c l -> between S c l (contents x).
  Proof.
    intros Run Inside; destruct (reached tr x Run) as (Legal & All); unfold inside in Inside.
    apply (between_holds S width Width Fits _ c l Legal).
    destruct (nth_error (threads x) c) as [t|] eqn:At; [|contradiction].
    destruct (All c t At) as (q & Stands & Holding); destruct Stands; cbn [holding_at] in Holding.
    - apply Holding, Inside.
    - apply Holding, Inside.
    - apply Holding, Inside.
    - apply Holding, Inside.
    - apply Holding, Inside.
    - destruct Inside as (Has & Not), Holding as (_ & _ & _ & Exactly); apply Exactly, held_after_in.
      destruct o as [f i|f i|f i k|f i k v|]; auto; split; [|exact Has].
      intros ->; apply Not; split; [reflexivity|eexists; eassumption].
    - contradiction.
  Qed.

  (** And the other way round, but for who halted and who is still to return from
      its acquire. *)
  Theorem inside_iff tr x c l t :
    executes tr x -> nth_error (threads x) c = Some t -> t <> Stopped ->
    (forall f i history s, t = Calling (Op_acquire f i) history s -> lock_id f i <> l) ->
    inside x c l <-> between S c l (contents x).
  Proof.
    intros Run At Runs Not; split; [exact (inside_between tr x c l Run)|].
    destruct (reached tr x Run) as (Legal & All); intros Between.
    apply (between_holds S width Width Fits _ c l Legal) in Between; unfold inside; rewrite At.
    destruct (All c t At) as (q & Stands & Holding);
      destruct Stands as [history _|f i history s _ _ _ _ _|f i history s w _ _ _ _ _
        |f i history s _ _ Place _ _|f i history w k _ _ _ _ _|o history s Place _|]; cbn [holding_at] in Holding.
    - now apply Holding.
    - split; [now apply Holding|intros ([] & _)].
    - split; [now apply Holding|intros ([] & _)].
    - split; [now apply Holding|intros (_ & Only)]; exact (before_load_not_done s _ Place Only).
    - now apply Holding.
    - destruct Holding as (_ & _ & _ & Exactly); apply Exactly, held_after_in in Between.
      destruct o as [f i|f i|f i k|f i k v|].
      + destruct Between as [->|Has]; [now destruct (Not f i history s eq_refl)|]; split; [exact Has|intros ([] & _)].
      + destruct Between as (Other & Has); split; [exact Has|]; intros (Same & _); cbn in Same; congruence.
      + split; [exact Between|intros ([] & _)].
      + split; [exact Between|intros ([] & _)].
      + split; [exact Between|intros ([] & _)].
    - congruence.
  Qed.

  (** ** Mutual exclusion: two CPUs are never inside of one lock *)
  Theorem mutual_exclusion tr x c c' l : executes tr x -> inside x c l -> inside x c' l -> c = c'.
  Proof.
    intros Run Is Is'; destruct (reached tr x Run) as (Legal & _).
    apply (one_inside S width Width Fits (contents x) c c' l Legal);
      [exact (inside_between tr x c l Run Is)|exact (inside_between tr x c' l Run Is')].
  Qed.

  (** ** incr_now is as one: a CPU between the load and the store of a release finds
      [now] as it loaded it; since the load nobody else has loaded or stored it in
      order to release, but only taken tickets and polled *)
  Theorem incr_now_is_one tr x c o history l v k :
    executes tr x -> nth_error (threads x) c = Some (Storing o history l v k) ->
    serving S width l (contents x) = v /\
    exists b g, contents x = b ++ (c, Lock l (Loaded v)) :: g /\
      forall c' k', List.In (c', Lock l k') b -> c' <> c /\ (exists w, k' = Took w \/ k' = Polled w).
  Proof.
    intros Run At; destruct (reached tr x Run) as (Legal & All); destruct (All c _ At) as (q & Stands & _).
    inversion Stands; subst; apply (leaving_alone S width Width Fits); assumption.
  Qed.

  (** ** First come, first served *)

  (** The critical sections of a lock run in ticket order: those who have entered
      are, in this order, the first of those who have taken a ticket. *)
  Theorem ticket_order tr x l : executes tr x ->
    exists later, takers S l (contents x) = entered S l (contents x) [] ++ later.
  Proof. intros Run; apply (entered_in_order S width Width Fits), (reached tr x Run). Qed.

  (** After CPU [c] has its ticket and until it has entered, each other CPU enters at
      most once, and only if it took its own ticket before. *)
  Theorem fifo tr x c l t b g c' :
    executes tr x -> contents x = b ++ (c, Lock l (Took t)) :: g ->
    let since := entered S l b ((c, Lock l (Took t)) :: g) in
    ~ List.In c since -> c' <> c ->
    (count_occ Nat.eq_dec since c' <= 1)%nat /\ (List.In c' since -> words_phase S c' l g <> Out).
  Proof.
    intros Run Is since; destruct (reached tr x Run) as (Legal & _); rewrite Is in Legal.
    now apply (first_come_first_served S width Width Fits).
  Qed.

  (** ** The object of a lock is its holder's *)

  (** Event [a] of CPU [c] is its entering of lock [l], and [b] is what has happened
      since, in which it has not left.  Then nobody else has touched the object, and
      each of its reads told it what it had written to that part itself, or if it had not,
      what the part was before it entered, as the last holder had left it. *)
  Theorem object_owned tr x c l a b g :
    executes tr x -> contents x = b ++ (c, a) :: g -> enters S l (c, a) g = true -> stays S c l b ->
    (forall c' k v, List.In (c', Read l k v) b \/ List.In (c', Wrote l k v) b -> c' = c) /\
    (forall b2 b1 k v, b = b2 ++ (c, Read l k v) :: b1 -> v = object l k (own S c b1 ++ g)).
  Proof.
    intros Run Is Enters Stays; destruct (reached tr x Run) as (Legal & _); rewrite Is in Legal.
    split; [exact (proj1 (owned S width Width Fits b c l a g Legal Enters Stays))|].
    intros b2 b1 k v ->; rewrite <- app_assoc in Legal; apply legal_app in Legal.
    pose proof (proj1 (proj1 (legal_cons W _ _) Legal)) as Before.
    assert (Stays' : stays S c l b1) by (intros w Mem; apply (Stays w), in_or_app; right; now right).
    destruct (owned S width Width Fits b1 c l a g Before Enters Stays') as (_ & Same).
    rewrite <- Same; refine (proj2 (access_in_order S width c l _ _ Legal _) k v eq_refl); eauto.
  Qed.

  (** Who is inside entered and has not left since, so this speaks of it. *)
  Theorem inside_entered tr x c l : executes tr x -> inside x c l ->
    exists b a g, contents x = b ++ (c, a) :: g /\ enters S l (c, a) g = true /\ stays S c l b.
  Proof.
    intros Run Inside; apply (between_since S width); [apply (reached tr x Run)|].
    exact (inside_between tr x c l Run Inside).
  Qed.

  (** While CPU [c] is inside of a lock, no step of another CPU touches a part of its object. *)
  Theorem nobody_else_touches tr x c l c' v x' :
    executes tr x -> inside x c l -> machine_step text width M clients c' x v x' -> touches l v -> c' = c.
  Proof.
    intros Run Inside Step (k & w & Touch).
    pose proof (execution_step text width M clients tr x c' v x' Run Step) as Run'.
    destruct (reached _ _ Run) as (Legal & _), (reached _ _ Run') as (Legal' & _).
    apply (one_inside S width Width Fits (contents x) c' c l Legal); [left|exact (inside_between tr x c l Run Inside)].
    destruct Step as [ts g t t' At Next|ts g t t' o At Next|ts g t t' o At Next|ts g t a t' g' At Ans (Value & ->)
                     |ts g t g' At Goes (_ & ->)]; try (destruct Touch; discriminate).
    apply (access_in_order S width c' l a g Legal').
    destruct a as [l' verb|l' j u|l' j u|]; cbn in Touch; destruct Touch as [Is|Is]; try discriminate;
      injection Is as -> _ _; exists j, u; auto.
  Qed.
End Corollaries.
