(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What one CPU sees of memory's history, and what it did there

    The events of the others between those of CPU [c] are read off the log, as
    batches: its environment ([environment]).  Then its own view ([view]) is the
    state of layers/view/spec.v, and an action of [c] in the log is the operation
    [act] of floor 0 there ([act_view]).  [told]: the client, on the linked C in such
    a view, has come so far within the contract; it is a run as main/parts.v
    speaks of ([told_run]), so the private copies tell it the same ([told_high]).
    Read next: bridge.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts map.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.refine.
From hlock.layers Require L2_queue.spec L2_queue.refine.
From hlock.layers Require Import L3_atomic.spec.
From hlock.layers Require L3_atomic.refine.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract contract_facts invariant refine text code.
From hlock.stack Require Import stack setting stack_floors stack_refine stack_ends kept.
From hlock.machine.bridge Require Export explained.
Import ListNotations.
Local Open Scope Z_scope.

(** ** Batches *)
Section View.
  Context {S : system} (width : Z) (c : cpu).
  Local Notation W := (words S width).
  Local Notation log := (log S words_verb).
  Local Notation foreign := (Forall (fun e : event S words_verb => fst e <> c)).
  Local Notation after := (after (S := S) c).
  Local Notation batches := (batches (S := S) c).
  Local Notation environment := (environment (S := S) c).

  (** The log up to the last event of CPU [c] *)
  Fixpoint upto (g : log) : log :=
    match g with
    | [] => []
    | e :: before => if Nat.eqb (fst e) c then g else upto before
    end.
  (** The view of [c] after its last event; [bs] is what the others do next. *)
  Definition view (g : log) (bs : list log) : RData W := mkRData (F := W) c (upto g) bs.

  Lemma after_upto g : after g ++ upto g = g.
  Proof. induction g as [|e g IH]; cbn; [auto|]; destruct (Nat.eqb (fst e) c); cbn; now rewrite ?IH. Qed.
  Lemma after_foreign g : foreign (after g).
  Proof.
    induction g as [|e g IH]; cbn; [constructor|].
    destruct (Nat.eqb_spec (fst e) c); constructor; auto.
  Qed.
  Lemma environment_foreign g : Forall foreign (environment g).
  Proof.
    unfold explained.environment; apply Forall_app; split; [|repeat constructor; apply after_foreign].
    induction g as [|e g IH]; cbn; [constructor|]; destruct (Nat.eqb (fst e) c); [|exact IH].
    apply Forall_app; split; [exact IH|repeat constructor; apply after_foreign].
  Qed.

  Lemma seen_view g bs : seen (view g (after g :: bs)) = g.
  Proof. exact (after_upto g). Qed.
  Lemma act_view a g bs : act S width a (view g (after g :: bs)) = view ((c, a) :: g) bs.
  Proof.
    unfold view at 2; cbn [upto fst]; rewrite Nat.eqb_refl.
    unfold act, record, arrive; now rewrite seen_view.
  Qed.
  Lemma batches_mine a g bs : batches ((c, a) :: g) ++ bs = batches g ++ after g :: bs.
  Proof. cbn [explained.batches fst]; now rewrite Nat.eqb_refl, <- app_assoc. Qed.

  Lemma upto_other c' a g : c' <> c -> upto ((c', a) :: g) = upto g.
  Proof. intros Other; cbn; now rewrite (proj2 (Nat.eqb_neq c' c) Other). Qed.
  Lemma batches_other c' a g : c' <> c -> batches ((c', a) :: g) = batches g.
  Proof. intros Other; cbn; now rewrite (proj2 (Nat.eqb_neq c' c) Other). Qed.

  Lemma phase_upto l g : words_phase S c l (upto g) = words_phase S c l g.
  Proof.
    rewrite <- (after_upto g) at 2; symmetry; apply words_phase_seen, after_foreign.
  Qed.

End View.

(** ** What a client has been told *)
Section Told.
  Context {G : setting}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := (the_system).
  Let Fits' : Z.of_nat (cpus S) <= modulus width := Fits.
  Let Low : 1 <= width := proj1 Width.
  Local Notation W := (words S width).
  Local Notation A := (L3_atomic.spec.atomic S).
  Context {mem : Type} (m : mem).

  (** Operation [o] keeps the contract in [d], by where this CPU stands. *)
  Definition within (o : op S) (d : RData W) : Prop :=
    let at_phase f i ph := in_family f i = true /\ words_phase S (me d) (lock_id f i) (events d) = ph in
    match o with
    | Op_acquire f i => at_phase f i Out
    | Op_release f i | Op_read f i _ | Op_write f i _ _ => at_phase f i In
    | Op_halt => True
    end.

  (** Client [p], started in [d], has been told [history], and stands in the last state. *)
  Inductive told (p : client S) (d : RData W) : list (response S) -> RData W -> Prop :=
  | told_nothing : told p d [] d
  | told_more history d1 o a d2 :
      told p d history d1 -> p history = Some o -> of_table the_table o -> within o d1 -> ends o = false ->
      c_do text S width m o d1 a d2 -> told p d (a :: history) d2.

  (** Then it goes on with [o]. *)
  Definition called (p : client S) (d : RData W) (o : op S) history (d1 : RData W) : Prop :=
    told p d history d1 /\ p history = Some o /\ of_table the_table o /\ within o d1.
  Lemma called_done p d o history d1 a d2 :
    called p d o history d1 -> ends o = false -> c_do text S width m o d1 a d2 -> told p d (a :: history) d2.
  Proof. intros (Told & Next & Known & Within); eauto using told_more. Qed.

  Lemma told_then p d history d1 : told p d history d1 -> forall k responses d',
    c_run text S width m p k history d1 responses d' -> c_run text S width m p (length history + k) [] d responses d'.
  Proof.
    induction 1 as [|history d1 o a d2 _ IH Next _ _ Goes Did]; intros k responses d' Run; [exact Run|].
    cbn [length Nat.add]; rewrite <- Nat.add_succ_r; apply IH.
    cbn [c_run]; rewrite Next; exists a, d2; rewrite Goes; auto.
  Qed.
  Theorem told_run p d history d' : told p d history d' -> c_run text S width m p (length history) [] d history d'.
  Proof.
    intros Told; rewrite <- (Nat.add_0_r (length history)).
    apply (told_then p d history d' Told 0); split; reflexivity.
  Qed.

  (** *** Above *)
  Lemma published_legal (g : log S atomic_verb) : legal A g -> legal A (published S g).
  Proof.
    intros Legal.
    assert (Outsider : Forall (fun e => fst e <> N) g).
    { induction g as [|[c a] g IH]; constructor.
      - apply legal_cons in Legal as (_ & Fault); apply event_fault_none in Fault as (Cpu & _); cbn in *; lia.
      - apply IH; now apply legal_cons in Legal. }
    assert (Batch : batch_fault A N g [] = None)
      by (apply (batch_legal_iff A N g []); [reflexivity|now rewrite app_nil_r]).
    apply (batch_image S) in Batch; apply batch_legal in Batch; [|reflexivity].
    rewrite <- published_app, app_nil_r in Batch; exact Batch.
  Qed.

  Lemma stands_invariant (d : RData W) h :
    stands_for S width d h -> invariant d -> high_invariant h.
  Proof.
    intros Stands [Legal Cpu Runs]; destruct (stands_same d h Stands) as (Same & Halts).
    destruct Stands as (d1 & d2 & d3 & R1 & R2 & R3 & R4).
    destruct R3 as [_ Log3 _ Legal2].
    destruct (image_legal _ _ _ _ (L3_atomic.refine.atomic_simulation S) _ Legal2) as (Legal3 & _).
    cbn [app] in Log3; rewrite Log3 in Legal3.
    destruct R4 as [Cpu4 Log4 Exact]; constructor; [constructor|].
    - rewrite Log4; now apply published_legal.
    - rewrite Same; exact Cpu.
    - rewrite Same, Halts; exact Runs.
    - intros l; rewrite Log4, holder_published, Cpu4; specialize (Exact l).
      destruct (find_copy l (copies h)) as [x|]; [split; [discriminate|intros _; apply Exact]|tauto].
  Qed.

  Lemma within_unbroken o (d : RData W) h :
    of_table the_table o -> invariant d -> within o d -> stands_for S width d h -> ~ breaks o h.
  Proof.
    intros Known Inv Within Stands.
    pose proof (stands_invariant d h Stands Inv) as High.
    set (held := List.map (@projT1 _ _) (copies h)).
    assert (Held : forall l, find_copy l (copies h) <> None <-> List.In l held).
    { subst held; intros l; clear; induction (copies h) as [|[l' v] cs IH]; [now split|].
      rewrite find_cons_defined, IH; reflexivity. }
    assert (Mine : forall l, words_phase S (me d) l (events d) = In -> has l held = true).
    { intros l Inside; apply has_in, Held, (high_copies _ High).
      rewrite (proj1 (stands_same d h Stands)).
      now apply (holder_stands S width Low Fits' d h l Stands Inv). }
    apply (allowed_unbroken o h held Known); [now split|].
    destruct o as [f i|f i|f i k|f i k v|]; [..|reflexivity]; destruct Within as (Range & Phase); cbn [allowed];
      rewrite Range; cbn [andb]; auto.
    apply negb_true_iff; destruct (has (lock_id f i) held) eqn:Has; [|reflexivity].
    apply has_in, Held in Has; destruct Has; exact (no_copy d h _ Stands Inv Phase).
  Qed.

  (** The private copies tell it the same. *)
  Theorem told_high p d history d' h0 :
    told p d history d' -> stands_for S width d h0 -> in_order S width d -> settled S width d ->
    others_in_order S width (me d) (events d') ->
    me d' = me d /\ in_order S width d' /\ settled S width d' /\
    exists bs, forall h rest, stands_for S width d h -> exists h',
      (forall k, run high_do p (length history + k) [] (published.with_env S
        (bs ++ rest) h) = run high_do p k history h') /\
      stands_for S width d' h' /\ env (base h') = rest.
  Proof.
    intros Told Stands0 Order Settled; induction Told as [|history d1 o a d2 Told IH Next Known Within Goes Did];
      intros Others.
    { split; [reflexivity|split; [exact Order|split; [exact Settled|]]]; exists []; intros h rest Stands.
      exists (published.with_env S rest h); split; [reflexivity|split; [now apply stands_env|reflexivity]]. }
    destruct (c_do_grows m o d1 a d2 Did) as ((more & Grown) & Me2).
    destruct IH as (Me & Order1 & Settled1 & bs & Same); [rewrite Grown in Others; now apply others_app in Others|].
    rewrite <- Me in Others |- *.
    destruct (step_follows m o d1 a d2 Known Did Order1 Settled1 Others)
      as [Breaks|(Then & b & Step)].
    - exfalso; destruct (Same h0 [] Stands0) as (h1 & _ & Stands1 & _).
      exact (within_unbroken o d1 h1 Known (order_invariant _ _ _ Order1) Within Stands1 (Breaks h1 Stands1)).
    - destruct (Then Goes) as (Order2 & Settled2).
      split; [exact Me2|split; [exact Order2|split; [exact Settled2|]]].
      exists (bs ++ [b]); intros h rest Stands.
      destruct (Same h (b :: rest) Stands) as (h1 & Runs & Stands1 & Env1).
      destruct (Step h1 rest Stands1) as (h2 & Does & Stands2 & Env2).
      rewrite (with_own_env h1 (b :: rest) Env1) in Does.
      exists h2; split; [|auto]; intros k; rewrite <- app_assoc; cbn [app length Nat.add].
      rewrite <- Nat.add_succ_r, Runs; cbn [run]; rewrite Next, Does; cbn [bind fst snd]; now rewrite Goes.
  Qed.
End Told.
