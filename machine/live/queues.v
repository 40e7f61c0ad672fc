(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Who is in a queue is in no queue above

    A CPU that waits stands in one queue, and what it holds is on lower levels
    ([polls_alone]).  So while the numbers that some locks serve stand still, the CPUs
    behind the heads of their queues ([frozen]) are in no queue of a higher lock
    ([frozen_free], [frozen_room]): they are no rivals there.
    Read next: section.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.facts.
From hlock.layers Require Import L3_atomic.spec.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec contract.
From hlock.stack Require Import setting stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import place invariant simulation correct no_breach.
From hlock.machine.live Require Import live progress waiting.
Import ListNotations.
Local Open Scope Z_scope.

Section Queues.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := (the_system).
  Local Notation M := (sc_memory S width).
  Let Fits' : Z.of_nat (cpus S) <= modulus width := Fits.
  Local Notation machine := (machine M).
  Local Notation calm := (calm_step text width M clients).

  (** Who waits with a number polls. *)
  Lemma head_polls x c l n : good x -> (c < N)%nat -> number c l x = Waiting n ->
    exists history f i, List.In f the_table /\ in_family f i = true /\ lock_id f i = l /\
      polls_with c history f i n poll_steps x.
  Proof.
    intros Good Cpu Waits; pose proof Good as (y & [Rel _ Dead_out _]).
    pose proof (phase_ticket S width Width Fits' (contents x) c l (legal_here x Good)) as Same.
    change (L1_ticket.spec.ticket_phase S c l (as_tickets S width (contents x))) with (number c l x) in Same.
    rewrite Waits in Same.
    destruct (nth_error (threads x) c) as [t|] eqn:At.
    2: { apply nth_error_None in At; rewrite (rel_threads _ _ Rel) in At; cbn in At; lia. }
    destruct (match_at _ _ _ _ Rel At) as (q & At_y & _).
    destruct (rel_stands _ _ Rel c _ q At At_y) as (Stands & _).
    assert (Settled_not : forall but, settled_but but c (contents x) -> but l).
    { intros but Settled; destruct (Settled l) as [|[Is|Is]]; [auto|rewrite Is in Same; contradiction..]. }
    destruct Stands as [history Settled|f2 i2 history s Member Range Place Phase Settled
                       |f2 i2 history s w Member Range Place Phase Settled
                       |f2 i2 history s Member Range Place Phase Settled
                         |f2 i2 history w k Member Range Ret Phase Settled
                       |o history s Place Settled|]; try (destruct (Settled_not _ Settled); fail).
    - pose proof (Settled_not _ Settled) as Is; cbn in Is; exists history, f2, i2; split; [exact Member|split;
        [exact Range|split; [exact Is|]]].
      exists s, w; rewrite Is in *; auto.
    - pose proof (Settled_not _ Settled) as Is; cbn in Is; rewrite Is in Phase; rewrite Phase in Same; contradiction.
    - rewrite (Dead_out c _ At) in Same; contradiction.
  Qed.

  (** Who polls for a lock is in the queue of no other; the rest it holds. *)
  Lemma polls_alone x c history f i n k l : good x -> polls_with c history f i n k x -> number c l x <> Out ->
    l = lock_id f i \/ List.In l (held (clients c) history).
  Proof.
    intros Good (s & w & At & _ & Phase & _) Here; pose proof Good as (y & [Rel All _ _]).
    destruct (match_at _ _ _ _ Rel At) as (q & At_y & _).
    destruct (rel_stands _ _ Rel c _ q At At_y) as (Stands & _); pose proof (All c q At_y) as Holds.
    pose proof (phase_ticket S width Width Fits' (contents x) c l (legal_here x Good)) as Same.
    change (L1_ticket.spec.ticket_phase S c l (as_tickets S width (contents x))) with (number c l x) in Same.
    inversion Stands as [|f' i' history' s' _ _ _ Out _|f' i' history' s' t _ _ _ _ Settled|
      | |o history' s' _ Settled|]; subst; [congruence| |].
    - destruct (Settled l) as [<-|[Is|Is]]; [now left|exfalso|right].
      + rewrite Is in Same; destruct (number c l x); tauto.
      + destruct Holds as (_ & _ & _ & Exactly); apply Exactly; rewrite (rel_log _ _ Rel).
        pose proof (holder_up S width Width Fits' (contents x) c l (rel_legal _ _ Rel)) as Holder.
        now rewrite Is in Holder.
    - destruct (Settled (lock_id f i)) as [[]|[Is|Is]]; congruence.
  Qed.

  (** Until its number is served it polls with it. *)
  Lemma polls_lasts c history f i n :
    lasting (fun x => polls_with c history f i n poll_steps x \/ n <= serves (lock_id f i) x).
  Proof.
    intros x c' v x' Good Step [Polls|Less].
    2: { right; pose proof (serves_step (lock_id f i) c' x v x' Step); lia. }
    destruct (Nat.eq_dec c' c) as [->|Other]; [|left; now apply (polls_others c' c) with x v; auto].
    destruct (polls_step c history f i n poll_steps x v x' Good Step Polls)
      as [(<- & _)|[(k & Is & Polls')|(_ & Polls')]]; [right|left|now left].
    - exact (serves_step (lock_id f i) c x v x' Step).
    - apply polls_more with k; [exact Polls'|lia].
  Qed.

  (** ** While numbers stand still *)

  (** [F]: what some locks served.  One of them serves more by now. *)
  Definition moved (F : list (Z * Z)) (x : machine) : Prop := exists l n, List.In (l, n) F /\ n < serves l x.
  (** CPU [c] waits for one of them, and its number is not yet served. *)
  Definition stuck (F : list (Z * Z)) (c : cpu) (x : machine) : Prop := exists history f i n s,
    polls_with c history f i n poll_steps x /\ List.In (lock_id f i, s) F /\ s < n.
  Definition frozen (F : list (Z * Z)) (W : list cpu) (x : machine) : Prop :=
    NoDup W /\ Forall (fun c => (c < N)%nat /\ stuck F c x) W.

  Lemma moved_lasts F : lasting (moved F).
  Proof.
    intros x c v x' _ Step (l & n & Is & Less); exists l, n; split; [exact Is|].
    pose proof (serves_step l c x v x' Step); lia.
  Qed.
  Lemma frozen_lasts F W : lasting (fun x => frozen F W x \/ moved F x).
  Proof.
    intros x c v x' Good Step [(Once & All)|Moved]; [|right; exact (moved_lasts F x c v x' Good Step Moved)].
    enough (Forall (fun c => (c < N)%nat /\ stuck F c x') W \/ moved F x') as [|] by (unfold frozen; auto).
    clear Once; induction All as [|c0 W (Cpu & history & f & i & n & s & Polls & Is & Less) _ [All|Moved]]; auto.
    destruct (polls_lasts c0 history f i n x c v x' Good Step (or_introl Polls)) as [Polls'|Served].
    - left; constructor; [|exact All]; split; [exact Cpu|exists history, f, i, n, s; auto].
    - right; exists (lock_id f i), s; split; [exact Is|lia].
  Qed.

  (** ** The queue of a lock *)
  Definition queue (l : Z) (x : machine) : list cpu := L1_ticket.facts.line S l (tickets_of x).

  Lemma queue_facts l x : good x -> NoDup (queue l x) /\ (forall c, List.In c (queue l x) -> (c < N)%nat) /\
    Z.of_nat (length (queue l x)) = given l x - serves l x /\
    forall k c, nth_error (queue l x) k = Some c -> number c l x = Waiting (serves l x + Z.of_nat k) \/
      (k = 0%nat /\ number c l x = In).
  Proof.
    intros Good; pose proof (tickets_legal S width Width Fits' (contents x) (legal_here x Good)) as Legal.
    destruct (L1_ticket.facts.ticket_line S _ l Legal) as (Line & Below).
    split; [exact (L1_ticket.facts.line_once _ _ _ _ _ Line)|split; [exact Below|split]].
    - pose proof (L1_ticket.facts.line_count _ _ _ _ _ Line); unfold given, serves, queue, tickets_of; lia.
    - intros k c At; pose proof (L1_ticket.facts.line_waits _ _ _ _ _ Line k c At) as Waits.
      change (number c l x = if Nat.eqb k 0 && L1_ticket.facts.busy S l (tickets_of x) then In
                             else Waiting (serves l x + Z.of_nat k)) in Waits.
      rewrite Waits; destruct k; [|now left].
      cbn [Nat.eqb andb]; destruct (L1_ticket.facts.busy S l (tickets_of x)); [now right|now left].
  Qed.
  Lemma in_queue l x c : good x -> List.In c (queue l x) -> number c l x <> Out.
  Proof.
    intros Good Is; destruct (queue_facts l x Good) as (_ & _ & _ & Where).
    apply In_nth_error in Is as (k & At); destruct (Where k c At) as [Is|(_ & Is)]; rewrite Is; discriminate.
  Qed.
  (** Where who polls stands. *)
  Lemma polls_place x c history f i n k : good x -> polls_with c history f i n k x -> exists j,
    nth_error (queue (lock_id f i) x) j = Some c /\ n = serves (lock_id f i) x + Z.of_nat j.
  Proof.
    intros Good (s & w & _ & _ & _ & Number).
    pose proof (tickets_legal S width Width Fits' (contents x) (legal_here x Good)) as Legal.
    destruct (L1_ticket.facts.ticket_line S _ (lock_id f i) Legal) as (Line & _).
    destruct (L1_ticket.facts.line_waiting _ _ _ _ _ Line c n Number) as (j & At & Is & _); eauto.
  Qed.

  (** ** For clients that climb *)
  Context (above : Z -> nat) (Climbs : forall c, climbs (is_told clients c) (clients c) above).

  (** What a CPU that polls holds is below the lock that it polls for. *)
  Lemma polls_climbs x c history f i n k l : good x -> polls_with c history f i n k x ->
    List.In l (held (clients c) history) -> (above (lock_id f i) < above l)%nat.
  Proof.
    intros Good (s & w & At & _) Held; pose proof Good as (y & With); pose proof With as [Rel All _ _].
    destruct (match_at _ _ _ _ Rel At) as (q & At_y & _).
    destruct (rel_stands _ _ Rel c _ q At At_y) as (Stands & _).
    pose proof (told_here x y c q history With At_y) as Past.
    apply (Climbs c history f i l); [|exact (good_call c x _ history s Good At)|exact Held].
    inversion Stands; subst; exact (Past eq_refl).
  Qed.

  (** Lock [l] is above those of [F]. *)
  Definition higher (l : Z) (F : list (Z * Z)) : Prop := forall l' n, List.In (l', n) F -> (above l < above l')%nat.

  (** Then who is frozen is not in its queue. *)
  Lemma frozen_free F c l x : good x -> stuck F c x -> higher l F -> number c l x = Out.
  Proof.
    intros Good (history & f & i & n & s & Polls & Is & _) Higher; specialize (Higher _ _ Is).
    destruct (number c l x) eqn:Number; try reflexivity; exfalso;
      (destruct (polls_alone x c history f i n poll_steps l Good Polls) as [->|Held]; [congruence|lia|]);
      pose proof (polls_climbs x c history f i n poll_steps l Good Polls Held); lia.
  Qed.

  (** So the queue and the frozen are different CPUs. *)
  Lemma frozen_queue F W l x : good x -> frozen F W x -> higher l F -> NoDup (queue l x ++ W) /\
    (length (queue l x) + length W <= N)%nat.
  Proof.
    intros Good (Once & All) Higher; destruct (queue_facts l x Good) as (Once_q & Below & _).
    rewrite Forall_forall in All.
    assert (Both : NoDup (queue l x ++ W)).
    { assert (Apart : forall c, List.In c (queue l x) -> ~ List.In c W).
      { intros c Here Is; apply (in_queue l x c Good Here);
        exact (frozen_free F c l x Good (proj2 (All c Is)) Higher). }
      revert Once_q Apart; generalize (queue l x) as q; clear - Once.
      induction q as [|c q IH]; cbn [app]; intros Once_q Apart; [exact Once|].
      inversion Once_q as [|c' q' Not Once_q' E]; subst; constructor;
        [|apply IH; [exact Once_q'|intros c' Is; apply Apart; now right]].
      intros Is; apply in_app_iff in Is as [Is|Is]; [contradiction|now apply (Apart c (or_introl eq_refl))]. }
    split; [exact Both|rewrite <- app_length].
    apply (L1_ticket.facts.pigeonhole N); [exact Both|].
    intros c Is; apply in_app_iff in Is as [Is|Is]; [now apply Below|apply (All c Is)].
  Qed.

  (** While a lock serves the same number, all behind the head of its queue are frozen too. *)
  Lemma frozen_more F W l h q x : good x -> frozen F W x -> higher l F -> queue l x = h :: q ->
    frozen ((l, serves l x) :: F) (q ++ W) x.
  Proof.
    intros Good Frozen Higher Queue; destruct (frozen_queue F W l x Good Frozen Higher) as (Both & _).
    destruct Frozen as (_ & All), (queue_facts l x Good) as (_ & Below & _ & Where).
    rewrite Queue in Both, Below, Where; split; [now inversion Both|].
    apply Forall_app; split; [|revert All; apply Forall_impl].
    2: { intros c (Cpu & history & f & i & n & s & Polls & Is & Less); split; [exact Cpu|].
         exists history, f, i, n, s; split; [exact Polls|split; [now right|exact Less]]. }
    apply Forall_forall; intros c Is; pose proof (Below c (or_intror Is)) as Cpu; split; [exact Cpu|].
    apply In_nth_error in Is as (k & At).
    destruct (Where (Datatypes.S k) c At) as [Waits|([=] & _)].
    destruct (head_polls x c l _ Good Cpu Waits) as (history & f & i & _ & _ & <- & Polls).
    exists history, f, i, (serves (lock_id f i) x + Z.of_nat (Datatypes.S k)), (serves (lock_id f i) x).
    split; [exact Polls|split; [now left|lia]].
  Qed.
End Queues.
