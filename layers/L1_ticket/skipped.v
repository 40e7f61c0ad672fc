(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 1: what a pass by two costs

    A machine whose CPUs all pass by [step] and else keep to the protocol
    ([words_by]).  By two, only even numbers are served, because 2^w is even: who
    has an odd ticket waits for ever ([odd_ticket_waits]), and the exported
    [wait_lock] that drew one has no run that ends ([skipped_never_returns],
    [skipped_polls_for_ever]). *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers.L1_ticket Require Import spec refine too_many wrong wrong_code.
From hlock.generated Require L1_ticket.
Import ListNotations.
Local Open Scope Z_scope.

Section Skipped.
  Context (S : system) (width : Z) (Width : 1 <= width).
  Local Notation data := (RData (words S width)).

  Definition fault_by (step : Z) (c : cpu) (l : Z) (k : words_verb) (g : log S words_verb) : option fault :=
    match k, words_phase S c l g with
    | Stored v, Leaving u => if v =? (u + step) mod modulus width then None else Some Out_of_order
    | _, _ => words_fault S width c l k g
    end.
  Definition words_by (step : Z) : floor S := mkFloor words_verb (words_inside S) (fault_by step).
  Example fault_by_shipped c l k g : fault_by 1 c l k g = words_fault S width c l k g.
  Proof. unfold fault_by, words_fault; destruct k; auto; now destruct (words_phase S c l g). Qed.

  (** Only even numbers are served. *)
  Definition serves_even (l : Z) (g : log S words_verb) : Prop :=
    Z.odd (serving S width l g) = false /\ forall c u, words_phase S c l g = Leaving u -> Z.odd u = false.

  Lemma odd_mod z : Z.odd (z mod modulus width) = Z.odd z.
  Proof.
    rewrite (Z.div_mod z (modulus width)) at 2 by (apply Z.pow_nonzero; lia).
    rewrite Z.odd_add, Z.odd_mul; unfold modulus; rewrite Z.odd_pow by lia.
    symmetry; apply xorb_false_l.
  Qed.

  (** Who only takes tickets and polls leaves it so, and so does every event in order. *)
  Lemma even_other l c a g :
    match a with Lock _ (Loaded _) | Lock _ (Stored _) => False | _ => True end ->
    serves_even l g -> serves_even l ((c, a) :: g).
  Proof.
    intros Kind (Now & Leaves); destruct a as [l' k| | |]; try (split; assumption).
    assert (Same : serving S width l ((c, Lock l' k) :: g) = serving S width l g) by now destruct k.
    split; [now rewrite Same|]; intros c' u; cbn [words_phase].
    destruct (Nat.eqb c c' && (l' =? l)); [|apply Leaves].
    destruct k; cbn [words_step]; try discriminate; try contradiction.
    destruct (words_phase S c' l g) eqn:Phase; try discriminate.
    - destruct (v =? t); discriminate.
    - rewrite <- Phase; apply Leaves.
  Qed.
  Lemma even_step l e g :
    event_fault (words_by 2) e g = None -> serves_even l g -> serves_even l (e :: g).
  Proof.
    destruct e as [c a]; intros Fault Even.
    destruct a as [l' [t|v|v|v]| | |]; try (now apply even_other).
    all: apply event_fault_none in Fault as (_ & _ & Fault); cbn in Fault.
    all: destruct (lock_exists l'); [|discriminate].
    all: destruct Even as (Now & Leaves).
    all: unfold fault_by, words_fault, reads in Fault.
    all: destruct (Z.eqb_spec l' l) as [->|Diff];
      [|split; [cbn; now rewrite ?(proj2 (Z.eqb_neq l' l) Diff)
               |intros c' u; rewrite words_other by auto; apply Leaves]].
    - destruct (words_phase S c l g); try discriminate.
      destruct (Z.eqb_spec v (serving S width l g)) as [->|]; [|discriminate].
      split; [exact Now|]; intros c' u; destruct (Nat.eq_dec c' c) as [->|].
      + rewrite words_same; cbn; now intros [= <-].
      + rewrite words_other by auto; apply Leaves.
    - destruct (words_phase S c l g) as [| | |u] eqn:Phase; try discriminate.
      destruct (Z.eqb_spec v ((u + 2) mod modulus width)) as [->|]; [|discriminate].
      split; [|intros c' u'; destruct (Nat.eq_dec c' c) as [->|]].
      + cbn; rewrite Z.eqb_refl, !odd_mod, Z.odd_add, (Leaves c u Phase); reflexivity.
      + rewrite words_same; discriminate.
      + rewrite words_other by auto; apply Leaves.
  Qed.
  Lemma legal_even l g : legal (words_by 2) g -> serves_even l g.
  Proof.
    induction g as [|e g IH]; [split; [reflexivity|discriminate]|].
    intros Legal; apply legal_cons in Legal as (Legal & Fault); now apply even_step, IH.
  Qed.

  (** Who waits with an odd ticket waits for ever: whatever happens, in order, he
      still waits. *)
  Theorem odd_ticket_waits c l t g b :
    words_phase S c l g = Waiting t -> Z.odd t = true -> legal (words_by 2) (b ++ g) ->
    words_phase S c l (b ++ g) = Waiting t.
  Proof.
    intros Waits Odd; induction b as [|[c' a] b IH]; [auto|]; cbn [app]; intros Legal.
    apply legal_cons in Legal as (Legal & Fault); specialize (IH Legal).
    apply event_fault_none in Fault as (_ & _ & Fault).
    destruct a as [l' k| | |]; try exact IH.
    destruct (Nat.eq_dec c c') as [<-|]; [destruct (Z.eq_dec l l') as [<-|]|].
    2, 3: rewrite words_other by auto; exact IH.
    rewrite words_same, IH; cbn in Fault; destruct (lock_exists l); [|discriminate].
    unfold fault_by, words_fault, reads in Fault; rewrite IH in Fault.
    destruct k as [|v| |]; try discriminate; cbn.
    destruct (Z.eqb_spec v (serving S width l (b ++ g))) as [->|]; [|discriminate].
    destruct (Z.eqb_spec (serving S width l (b ++ g)) t) as [<-|]; [|reflexivity].
    now destruct (legal_even l (b ++ g) Legal) as [Even _]; rewrite Even in Odd.
  Qed.

  (** Each event of another CPU is in order on that machine. *)
  Definition others_by (step : Z) (c : cpu) (g : log S words_verb) : Prop :=
    forall b e g', g = b ++ e :: g' -> fst e <> c -> event_fault (words_by step) e g' = None.

  Lemma batch_even c l b g :
    others_by 2 c (b ++ g) -> Forall (fun e => fst e <> c) b -> serves_even l g ->
    serves_even l (b ++ g).
  Proof.
    induction b as [|e b IH]; [auto|]; cbn [app]; rewrite Forall_cons_iff.
    intros Order (Other & Others) Even; apply even_step; [now apply (Order [])|].
    apply IH; auto; intros b' e' g' Is; apply (Order (e :: b')); cbn; now rewrite Is.
  Qed.
  Lemma others_by_app step c b g : others_by step c (b ++ g) -> others_by step c g.
  Proof. intros Order b' e g' ->; apply (Order (b ++ b')); now rewrite <- app_assoc. Qed.

  (** The specification of the polls is never defined, however many there are. *)
  Theorem odd_polls_undefined l t (d d' : data) :
    Z.odd t = true -> serves_even l (events d) -> Forall (Forall (fun e => fst e <> me d)) (env d) ->
    others_by 2 (me d) (events d') -> ~ polls l t d d'.
  Proof.
    intros Odd Even Env Order Polls; revert Even Env Order.
    induction Polls as [d d' Get|d v d1 d' Get Not Polls IH]; intros Even Env Order.
    all: apply get_now_act in Get as (_ & Is & ->).
    all: destruct (head_foreign _ _ _ Env) as (Here & Later); fold (arrivals d) in Here.
    - apply (others_by_app _ _ [_]) in Order; fold (seen d) in Order.
      destruct (batch_even _ l _ _ Order Here Even) as [Now _].
      rewrite Is in Odd; exact (eq_true_false_abs _ Odd Now).
    - destruct (polls_events _ _ _ _ _ _ Polls) as (g & Events & _).
      apply IH; auto; apply even_other; [exact I|].
      apply (batch_even (me d)); auto; rewrite Events in Order.
      unfold seen at 1 in Order; rewrite app_assoc in Order.
      now apply others_by_app, (others_by_app _ _ [_]) in Order.
  Qed.
End Skipped.

(** The premises hold of CPU 1 above, that CPU 0 skipped; the shipped pass lets
    it in with its next poll. *)
Example skipped_is_legal :
  legal (words_by (one_lock 2) 32 2) (events one_skipped) /\
  words_phase (one_lock 2) 1 0 (events one_skipped) = Waiting 1.
Proof. split; reflexivity. Qed.
Example shipped_lets_in :
  let g := [(1%nat, Lock 0 (Polled 1)); (0%nat, Lock 0 (Stored 1)); (0%nat, Lock 0 (Loaded 0))] ++
           events one_waits in
  legal (words_by (one_lock 2) 32 1) g /\ words_phase (one_lock 2) 1 0 g = In.
Proof. split; reflexivity. Qed.

(** The exported [wait_lock], unchanged, with an odd ticket, on a machine whose CPUs
    all pass by two ([words_by]): it has no run that ends, whatever the others do
    in order, for any number of CPUs and every width. *)
Theorem skipped_never_returns S width l (d d' : RData (words S width)) :
  1 <= width <= 32 ->
  legal (words_by S width 2) (events d) -> Forall (Forall (fun e => fst e <> me d)) (env d) ->
  others_by S width 2 (me d) (events d') -> Z.odd (next S width l (seen d)) = true ->
  ~ runs S width L1_ticket.f_wait_lock l d d'.
Proof.
  intros Width Legal Env Order Odd Run.
  apply shipped_text_waits in Run as (t & d1 & Take & Polls); [|exact Width].
  apply incr_ticket_act in Take as (_ & -> & ->).
  destruct (head_foreign _ _ _ Env) as (Here & Later); fold (arrivals d) in Here.
  refine (odd_polls_undefined S width (proj1 Width) _ _ (act S width _ d) _ Odd _ Later Order Polls).
  apply even_other; [exact I|]; apply (batch_even S width (proj1 Width) (me d)); auto.
  - destruct (polls_events _ _ _ _ _ _ Polls) as (g & Events & _); rewrite Events in Order.
    unfold seen at 1 in Order; rewrite app_assoc in Order.
    now apply others_by_app, (others_by_app _ _ _ _ [_]) in Order.
  - now apply legal_even.
Qed.

(** ** In full: two CPUs, 32 bits, [n] more batches in which nobody acts *)

(** CPU 1 is inside when CPU 0 takes ticket 1; it passes to [v] while CPU 0 waits. *)
Definition passed_to (v : Z) (n : nat) : RData (words (one_lock 2) 32) :=
  start (words (one_lock 2) 32) 0%nat
    ([[(1%nat, Lock 0 (Polled 0)); (1%nat, Lock 0 (Took 0))];
      [(1%nat, Lock 0 (Stored v)); (1%nat, Lock 0 (Loaded 0))]] ++ repeat [] n).

(** Passed to 1, the wait is defined: one poll is enough. *)
Example passed_to_one n : exists d', wait_lock_spec_low 0 (passed_to 1 n) d'.
Proof. eexists _, _, _; split; [reflexivity|now apply my_turn]. Qed.

(** Without the others [now] stays what it is. *)
Lemma quiet_seen S width (d : RData (words S width)) :
  Forall (eq []) (env d) -> seen d = events d /\ Forall (eq []) (tl (env d)).
Proof. unfold seen, arrivals; intros [|b bs <-]; split; cbn; auto. Qed.
Lemma quiet_polls_undefined S width l t (d d' : RData (words S width)) :
  Forall (eq []) (env d) -> serving S width l (events d) <> t -> ~ polls l t d d'.
Proof.
  intros Quiet Not Polls; revert Quiet Not.
  induction Polls as [d d' Get|d v d1 d' Get _ _ IH]; intros Quiet Not.
  all: apply get_now_act in Get as (_ & Is & ->).
  all: destruct (quiet_seen S width d Quiet) as (Same & Later).
  - apply Not; now rewrite Is, Same.
  - apply IH; [exact Later|]; change (serving S width l (seen d) <> t); now rewrite Same.
Qed.

(** Passed to 2, the number skipped: however long CPU 0 polls, its wait is not
    defined, and the exported [wait_lock] has no run that ends. *)
Theorem skipped_polls_for_ever n :
  (~ exists d', wait_lock_spec_low 0 (passed_to 2 n) d') /\
  ~ exists d', runs (one_lock 2) 32 L1_ticket.f_wait_lock 0 (passed_to 2 n) d'.
Proof.
  assert (Undefined : ~ exists d', wait_lock_spec_low 0 (passed_to 2 n) d').
  { intros (d' & t & d1 & Take & Polls); apply incr_ticket_act in Take as (_ & -> & ->).
    inversion Polls as [? ? Get|? v d2 ? Get Not Rest]; subst; clear Polls.
    all: apply get_now_act in Get as (_ & Is & ->).
    1: discriminate Is.
    revert Rest; apply quiet_polls_undefined; [|discriminate].
    apply Forall_forall; intros b Here; symmetry; exact (repeat_spec n [] b Here). }
  split; [exact Undefined|]; intros (d' & Run); apply Undefined; exists d'.
  apply shipped_text_waits in Run; [exact Run|lia].
Qed.
