(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 1: the line of CPUs in a ticket log

    The one relation on which mutual exclusion, FIFO and the comparison of
    wrapping tickets rest ([in_line]): tickets taken = served + length of the
    line; no CPU stands in it twice; the i-th waits for ticket served + i; the
    first is inside exactly if the lock is busy; who is not in the line has
    nothing to do with the lock.  It holds of every legal log ([ticket_line]). *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L1_ticket Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.

Record in_line (q : list cpu) (busy : bool) (n t : Z) (ph : cpu -> phase) : Prop := {
  line_count : t = n + Z.of_nat (length q);
  line_once : NoDup q;
  line_waits : forall i c, nth_error q i = Some c ->
    ph c = if Nat.eqb i 0 && busy then In else Waiting (n + Z.of_nat i);
  line_out : forall c, ~ List.In c q -> ph c = Out;
  line_busy : busy = true -> q <> []
}.

Section In_line.
  Context (q : list cpu) (busy : bool) (n t : Z) (ph : cpu -> phase).
  Hypothesis Line : in_line q busy n t ph.

  Lemma line_member c : ph c <> Out -> exists i, nth_error q i = Some c.
  Proof.
    intros Here; apply In_nth_error.
    destruct (in_dec Nat.eq_dec c q) as [|Not]; [auto|destruct Here; now apply Line].
  Qed.

  (** Only the first is inside. *)
  Lemma line_in c : ph c = In -> busy = true /\ exists q', q = c :: q'.
  Proof.
    intros Inside; destruct (line_member c) as (i & At); [congruence|].
    pose proof (line_waits _ _ _ _ _ Line i c At) as Waits; rewrite Inside in Waits.
    destruct i; cbn in Waits; [|discriminate].
    destruct busy; [|discriminate]; split; [auto|].
    destruct q as [|c' q']; [discriminate|]; cbn in At; injection At as ->; eauto.
  Qed.
  Lemma line_exclusive c c' : ph c = In -> ph c' = In -> c = c'.
  Proof.
    intros I I'; destruct (line_in c I) as (_ & q1 & E), (line_in c' I') as (_ & q2 & E'); congruence.
  Qed.
  (** Who waits for the ticket served is first, and nobody is inside. *)
  Lemma line_waiting c m :
    ph c = Waiting m -> exists i, nth_error q i = Some c /\ m = n + Z.of_nat i /\
                                  (i = 0%nat -> busy = false).
  Proof.
    intros W; destruct (line_member c) as (i & At); [congruence|].
    pose proof (line_waits _ _ _ _ _ Line i c At) as Waits; rewrite W in Waits; exists i.
    destruct i, busy; cbn in *; try discriminate; injection Waits as ->; auto.
    repeat split; auto; discriminate.
  Qed.

  Lemma line_take c ph' :
    ph c = Out -> ph' c = Waiting t -> (forall c', c' <> c -> ph' c' = ph c') ->
    in_line (q ++ [c]) busy n (t + 1) ph'.
  Proof.
    intros Was Is Same; destruct Line as [Count Once Waits Outs Busy].
    assert (New : ~ List.In c q).
    { intros Mem; apply In_nth_error in Mem as (i & At); specialize (Waits i c At).
      rewrite Was in Waits; destruct (_ && _); discriminate. }
    constructor.
    - rewrite app_length; cbn; lia.
    - apply NoDup_Add with (a := c) (l := q); [|split; auto].
      rewrite <- (app_nil_r q) at 1; apply Add_app.
    - intros i c' At; destruct (Nat.lt_ge_cases i (length q)) as [Old|Last].
      + rewrite nth_error_app1 in At by auto.
        rewrite Same; [auto|intros ->; now apply nth_error_In in At].
      + rewrite nth_error_app2 in At by auto.
        destruct (i - length q)%nat eqn:E; cbn in At; [|now destruct n0].
        injection At as <-; assert (i = length q) as -> by lia; rewrite Is, Count.
        destruct (Nat.eqb_spec (length q) 0) as [Nil|]; [|reflexivity].
        destruct busy; [|reflexivity].
        destruct q; [now destruct (Busy eq_refl)|discriminate].
    - intros c' Not; rewrite in_app_iff in Not; cbn in Not; rewrite Same by intuition.
      apply Outs; tauto.
    - intros _ Nil; now destruct q.
  Qed.

  Lemma line_begin c ph' :
    ph c = Waiting n -> ph' c = In -> (forall c', c' <> c -> ph' c' = ph c') ->
    in_line q true n t ph'.
  Proof.
    intros Was Is Same; destruct (line_waiting c n Was) as (i & At & E & Free).
    assert (i = 0%nat) as -> by lia; rewrite (Free eq_refl) in *.
    destruct Line as [Count Once Waits Outs Busy].
    destruct q as [|c0 q']; [discriminate|]; cbn in At; injection At as ->.
    constructor; auto; [|intros c' Not|discriminate].
    - intros [|i] c' At; cbn in *; [congruence|].
      rewrite Same; [exact (Waits (S i) c' At)|].
      intros ->; inversion Once as [|? ? Not]; now apply nth_error_In in At.
    - rewrite Same; [auto|]; intros ->; now destruct Not; left.
  Qed.

  Lemma line_end c ph' :
    ph c = In -> ph' c = Out -> (forall c', c' <> c -> ph' c' = ph c') ->
    in_line (tl q) false (n + 1) t ph'.
  Proof.
    intros Was Is Same; destruct (line_in c Was) as (_ & q' & ->).
    destruct Line as [Count Once Waits Outs Busy]; inversion Once as [|? ? Not Once']; subst.
    constructor; cbn [tl length] in *; auto; [lia| | |discriminate].
    - intros i c' At; rewrite andb_false_r.
      rewrite Same by (intros ->; now apply nth_error_In in At).
      specialize (Waits (S i) c' At); cbn [Nat.eqb andb] in Waits.
      rewrite Waits; f_equal; lia.
    - intros c' Not'; destruct (Nat.eq_dec c' c) as [->|Diff]; [auto|].
      rewrite Same by auto; apply Outs; cbn; intuition.
  Qed.
End In_line.

(** Distinct numbers below [n] are at most [n]. *)
Lemma pigeonhole n q : NoDup q -> (forall c, List.In c q -> (c < n)%nat) -> (length q <= n)%nat.
Proof.
  intros Once Below; rewrite <- (seq_length n 0); apply NoDup_incl_length; auto.
  intros c Mem; apply in_seq; apply Below in Mem; lia.
Qed.

(** ** The line, read off a ticket log *)
Section Ticket_line.
  Context (S : system).
  Local Notation log := (log S ticket_verb).
  Local Notation F := (tickets S).
  Local Notation success := (success S).

  Fixpoint line (l : Z) (g : log) : list cpu :=
    match g with
    | [] => []
    | (c, Lock l' (Drew _)) :: g => if l' =? l then line l g ++ [c] else line l g
    | (_, Lock l' Bumped) :: g => if l' =? l then tl (line l g) else line l g
    | _ :: g => line l g
    end.
  Fixpoint busy (l : Z) (g : log) : bool :=
    match g with
    | [] => false
    | (c, Lock l' (Saw n)) :: g => if (l' =? l) && success c l n g then true else busy l g
    | (_, Lock l' Bumped) :: g => if l' =? l then false else busy l g
    | _ :: g => busy l g
    end.

  (** A verb of one CPU on one lock changes no other phase. *)
  Lemma phase_other c c' l l' k (g : log) :
    c' <> c \/ l' <> l -> ticket_phase S c' l' ((c, Lock l k) :: g) = ticket_phase S c' l' g.
  Proof.
    cbn; destruct (Nat.eqb_spec c c'), (Z.eqb_spec l l'); cbn; intuition congruence.
  Qed.
  Lemma phase_same c l k (g : log) :
    ticket_phase S c l ((c, Lock l k) :: g) = ticket_step k (ticket_phase S c l g).
  Proof. cbn; now rewrite Nat.eqb_refl, Z.eqb_refl. Qed.

  (** Nobody else changes my phase. *)
  Lemma ticket_phase_seen c l b (g : log) :
    Forall (fun e => fst e <> c) b -> ticket_phase S c l (b ++ g) = ticket_phase S c l g.
  Proof.
    induction b as [|[c' a] b IH]; [auto|]; rewrite Forall_cons_iff; cbn [fst app]; intros (E & B).
    rewrite <- (IH B); destruct a as [l' k| | |]; try reflexivity; apply phase_other; auto.
  Qed.

  Lemma in_line_phase q b n t ph ph' :
    (forall c, ph c = ph' c) -> in_line q b n t ph -> in_line q b n t ph'.
  Proof.
    intros Same [Count Once Waits Outs Busy]; constructor; auto; intros; rewrite <- Same; auto.
  Qed.

  Theorem ticket_line g l : legal F g ->
    in_line (line l g) (busy l g) (served S l g) (taken S l g) (fun c => ticket_phase S c l g) /\
    (forall c, List.In c (line l g) -> (c < cpus S)%nat).
  Proof.
    induction g as [|[c a] g IH].
    { intros _; split; [|easy]; constructor; cbn; auto; [constructor|now intros []|discriminate]. }
    rewrite legal_cons, event_fault_none; intros (Legal & Cpu & _ & Fault).
    destruct (IH Legal) as (Line & Below); clear IH.
    destruct a as [l' k|l' j v|l' j v|]; [|exact (conj Line Below)..].
    destruct (Z.eq_dec l' l) as [->|Diff].
    2: { assert (Same : forall c', ticket_phase S c' l g = ticket_phase S c' l ((c, Lock l' k) :: g))
           by (intros c'; symmetry; apply phase_other; auto).
         pose proof (in_line_phase _ _ _ _ _ _ Same Line) as Line'.
         destruct k; cbn [line busy served taken]; rewrite (proj2 (Z.eqb_neq l' l) Diff);
           exact (conj Line' Below). }
    cbn in Fault; destruct (lock_exists l); [|discriminate].
    assert (Others : forall c', c' <> c -> ticket_phase S c' l ((c, Lock l k) :: g) = ticket_phase S c' l g)
      by (intros c' D; apply phase_other; auto).
    pose proof (phase_same c l k g) as Mine.
    unfold ticket_fault, reads in Fault.
    destruct k as [n|n|]; cbn [line busy served taken]; rewrite Z.eqb_refl; cbn [andb].
    - destruct (ticket_phase S c l g) eqn:Ph; try discriminate.
      destruct (Z.eqb_spec n (taken S l g)) as [->|]; [|discriminate].
      split.
      + apply (line_take _ _ _ _ _ Line c); [exact Ph|exact Mine|exact Others].
      + intros c'; rewrite in_app_iff; cbn; intros [|[<-|[]]]; auto.
    - unfold success; destruct (ticket_phase S c l g) as [|t| |] eqn:Ph; try discriminate.
      destruct (Z.eqb_spec n (served S l g)) as [->|]; [|discriminate].
      cbn [ticket_step] in Mine; destruct (Z.eqb_spec (served S l g) t) as [<-|Later].
      + split; [apply (line_begin _ _ _ _ _ Line c); [exact Ph|exact Mine|exact Others]|auto].
      + split; [|auto]; eapply in_line_phase; [|exact Line].
        intros c'; destruct (Nat.eq_dec c' c) as [->|D].
        * exact (eq_trans Ph (eq_sym Mine)).
        * symmetry; now apply Others.
    - destruct (ticket_phase S c l g) eqn:Ph; try discriminate.
      split; [apply (line_end _ _ _ _ _ Line c); [exact Ph|exact Mine|exact Others]|].
      intros c' Mem; apply Below; destruct (line l g); cbn in *; auto.
  Qed.

  (** *** What follows: in words, for every legal ticket log *)

  (** Two CPUs are never inside the same lock. *)
  Theorem ticket_exclusion g l c c' :
    legal F g -> ticket_phase S c l g = In -> ticket_phase S c' l g = In -> c = c'.
  Proof.
    intros Legal I I'; destruct (ticket_line g l Legal) as (Line & _).
    exact (line_exclusive _ _ _ _ _ Line c c' I I').
  Qed.

  (** The line is at most as long as there are CPUs. *)
  Theorem line_bound g l : legal F g -> (length (line l g) <= cpus S)%nat.
  Proof.
    intros Legal; destruct (ticket_line g l Legal) as (Line & Below).
    apply pigeonhole; [apply Line|exact Below].
  Qed.

  (** A ticket that somebody waits with is at most N - 1 ahead of the one served. *)
  Theorem ticket_distance g l c n :
    legal F g -> ticket_phase S c l g = Waiting n ->
    0 <= n - served S l g < Z.of_nat (cpus S).
  Proof.
    intros Legal W; pose proof (line_bound g l Legal) as Bound.
    destruct (ticket_line g l Legal) as (Line & _).
    destruct (line_waiting _ _ _ _ _ Line c n W) as (i & At & -> & _).
    assert (i < length (line l g))%nat by (apply nth_error_Some; congruence); lia.
  Qed.
End Ticket_line.
