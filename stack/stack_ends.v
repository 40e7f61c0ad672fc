(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The stack: the run ends (T4, [stack_terminates])

    With fair others each wait ends (layers/L1_ticket/ends.v), so each operation
    of a client that keeps the contract does, and so does a client of n
    operations.  Counted in own events, that is in primitives and accesses. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics determinism.
From hlock.layers.view Require Import spec facts map.
From hlock.layers Require L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.facts L1_ticket.refine L1_ticket.code L1_ticket.ends.
From hlock.layers Require L3_atomic.spec L3_atomic.facts.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec contract refine text code.
From hlock.stack Require Import stack setting stack_total stack_floors stack_refine.
Import L0_machine.spec L0_machine.facts L3_atomic.spec L1_ticket.ends.
Import ListNotations.
Local Open Scope Z_scope.

Section Ends.
  Context {G : setting}.
  Local Notation N := processors.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := the_system.
  Local Notation text := the_text.
  Local Notation W := (words S width).
  Context {mem : Type} (m : mem).
  Let Low : 1 <= width := proj1 Width.
  Let Fits' : Z.of_nat (cpus S) <= modulus width := Fits.
  Local Notation mine d := (own (me d) (events d)).

  (** The most own events that one operation takes. *)
  Definition op_bound (F : nat) : nat := 2 + F * (N - 1).
  Lemma at_least_two F : (2 <= op_bound F)%nat.
  Proof. apply Nat.le_add_r. Qed.

  (** What is needed of the others during one operation [o] that starts in [d]. *)
  Definition fair_for (F : nat) (o : op S) (d : RData W) : Prop :=
    match o with
    | Op_acquire f i => forall t d1 d',
        incr_ticket_spec S width (lock_id f i) d = Done (t, d1) ->
        L1_ticket.spec.polls_in_vain (lock_id f i) t d1 d' ->
        others_in_order S width (me d) (seen d') /\
        (serving S width (lock_id f i) (events d') = t \/ L1_ticket.spec.moves (lock_id f i) F d')
    | _ => True
    end.

  Lemma wait_ends F f i (d : RData W) :
    List.In f the_table -> in_family f i = true ->
    in_order S width d -> others_in_order S width (me d) (seen d) ->
    words_phase S (me d) (lock_id f i) (events d) = Out -> fair_for F (Op_acquire f i) d ->
    exists d', L1_ticket.spec.wait_lock_spec_low (lock_id f i) d d' /\ (mine d' <= mine d + op_bound F)%nat /\
      me d' = me d.
  Proof.
    intros Member Range Order After Outside Fair; set (l := lock_id f i) in *.
    assert (Exists : lock_exists (S := S) l = true) by (apply table_lock_exists; auto; reflexivity).
    set (t := next S width l (seen d)); set (d1 := act S width (Lock l (Took t)) d).
    assert (Take : incr_ticket_spec S width l d = Done (t, d1))
      by (unfold incr_ticket_spec, on_existing; now rewrite Exists).
    destruct (L1_ticket.refine.phases_seen S width l d Order) as (Word & Number).
    destruct (act_allowed S width (Lock l (Took t)) d Order After) as (_ & Order1).
    { discriminate. }
    { cbn; rewrite Exists; unfold words_fault, reads; rewrite Word, Outside; subst t; now rewrite Z.eqb_refl. }
    fold d1 in Order1.
    set (n := L1_ticket.spec.taken S l (image.image W (L1_ticket.spec.tickets S) (L1_ticket.show.show S) (seen d))).
    assert (Waits : waiting S width l t n d1).
    { constructor; [exact Order1| |].
      - refine (eq_trans (words_same S (me d) l _ (seen d)) _); now rewrite Word, Outside.
      - exact (L1_ticket.facts.phase_same S (me d) l (L1_ticket.spec.Drew n) _). }
    pose proof (ahead_bounds S width Low Fits' l t n d1 Waits) as Near; change (cpus S) with N in Near.
    destruct (polls_end S width Low Fits' l t n Exists F (N - 1) d1 Waits) as (d' & Polls & Count).
    - lia.
    - intros d2 Vain; exact (proj1 (Fair t d1 d2 Take Vain)).
    - intros d2 Vain; exact (proj2 (Fair t d1 d2 Take Vain)).
    - assert (Me : me d' = me d)
        by (destruct (L1_ticket.refine.polls_events S width l t _ _ Polls) as (_ & _ & ->); reflexivity).
      exists d'; split; [exists t, d1; auto|split; [|exact Me]].
      rewrite Me; change (me d1) with (me d) in Count.
      pose proof (own_act S width (Lock l (Took t)) d (order_env _ _ _ Order)) as Own; fold d1 in Own.
      unfold op_bound; lia.
  Qed.

  (** What the contract asks before operation [o]. *)
  Definition ready (o : op S) (d : RData W) : Prop :=
    match o with
    | Op_acquire f i => in_family f i = true /\ words_phase S (me d) (lock_id f i) (events d) = Out
    | Op_release f i => in_family f i = true
    | _ => True
    end.

  Lemma op_ends F o (d : RData W) :
    of_table the_table o -> in_order S width d -> others_in_order S width (me d) (seen d) ->
    ready o d -> fair_for F o d ->
    exists a d1, c_do text S width m o d a d1 /\ (mine d1 <= mine d + op_bound F)%nat.
  Proof.
    intros Of_table Order After Ready Fair; pose proof (order_env _ _ _ Order) as Env.
    pose proof (fun a => own_act S width a d Env) as Own; pose proof (at_least_two F) as Two.
    destruct o as [f i|f i|f i k|f i k v|]; cbn [of_table ready c_do] in *.
    - destruct Ready as (Range & Outside).
      destruct (wait_ends F f i d Of_table Range Order After Outside Fair) as (d' & Wait & Count & _).
      exists None, d'; split; [split; [reflexivity|]|exact Count].
      exact (stack_runs m Acquire f i d d' Of_table Range Wait).
    - set (l := lock_id f i).
      assert (Exists : lock_exists (S := S) l = true) by (apply table_lock_exists; auto; reflexivity).
      set (v := serving S width l (seen d)); set (d1 := act S width (Lock l (Loaded v)) d).
      exists None, (act S width (Lock l (Stored ((v + 1) mod modulus width))) d1).
      split; [split; [reflexivity|]|].
      + apply stack_runs; auto; cbn [on_words].
        unfold L1_ticket.spec.pass_lock_spec_low, incr_now_spec, on_existing.
        fold l; rewrite Exists; reflexivity.
      + assert (Env1 : Forall (Forall (fun e => fst e <> me d1)) (env d1)) by now apply head_foreign in Env.
        pose proof (own_act S width (Lock l (Stored ((v + 1) mod modulus width))) d1 Env1) as Own1.
        pose proof (Own (Lock l (Loaded v))) as Own0; fold d1 in Own0.
        refine (Nat.le_trans _ _ _ (Nat.eq_le_incl _ _ (eq_trans Own1 (f_equal Datatypes.S Own0))) _).
        lia.
    - set (l := lock_id f i); exists (Some (existT _ l (object l k (seen d)))); eexists.
      split; [exists (object l k (seen d)); split; reflexivity|].
      refine (Nat.le_trans _ _ _ (Nat.eq_le_incl _ _ (Own (Read l k (object l k (seen d))))) _); lia.
    - eexists None, _; split; [split; reflexivity|].
      refine (Nat.le_trans _ _ _ (Nat.eq_le_incl _ _ (Own (Wrote (lock_id f i) k v))) _); lia.
    - eexists None, _; split; [split; reflexivity|].
      refine (Nat.le_trans _ _ _ (Nat.eq_le_incl _ _ (Own Halted)) _); lia.
  Qed.

  (** ** Any client *)
  (** Words [d] stand for copies, among others as one likes, on which [p] keeps the contract. *)
  Definition keeps_on (p : client S) history (d : RData W) : Prop :=
    forall bs, exists h, stands_for S width d h /\ env (base h) = bs /\
      forall n f, run high_do p n history h <> Breach f.

  Lemma with_own_env (h : HData S) bs : env (base h) = bs -> published.with_env S bs h = h.
  Proof. destruct h as [[] ?]; cbn; now intros ->. Qed.

  Lemma keeps_contract_on p history d h :
    stands_for S width d h -> keeps_contract p history h -> keeps_on p history d.
  Proof.
    intros Stands Keeps bs; exists (published.with_env S bs h).
    split; [exact (stands_env d h bs Stands)|split; [reflexivity|intros n f; apply Keeps]].
  Qed.

  Lemma not_breaks p history d o :
    keeps_on p history d -> p history = Some o ->
    exists h, stands_for S width d h /\ ~ breaks o h.
  Proof.
    intros Keeps Next; destruct (Keeps [[]]) as (h & Stands & Env & Never).
    exists h; split; [exact Stands|]; intros (e & Breaks); apply (Never 1%nat e); cbn [run]; rewrite Next.
    assert (Is : high_do o h = Breach e) by (rewrite <- (with_own_env h _ Env); exact (Breaks [])).
    now rewrite Is.
  Qed.

  Lemma one_op (p : client S) history o a d d1 :
    p history = Some o -> c_do text S width m o d a d1 -> c_run text S width m p 1 history d (a :: history) d1.
  Proof.
    intros Next Did; cbn; rewrite Next; exists a, d1; split; [exact Did|now destruct (ends o)].
  Qed.
  Lemma op_then (p : client S) history o a d d1 k history' d' :
    p history = Some o -> ends o = false -> c_do text S width m o d a d1 ->
    c_run text S width m p k (a :: history) d1 history' d' ->
      c_run text S width m p (Datatypes.S k) history d history' d'.
  Proof. intros Next Goes Did Run; cbn; rewrite Next; exists a, d1; now rewrite Goes. Qed.

  Theorem client_ends F (p : client S) n :
    (forall history o, p history = Some o -> of_table the_table o) -> forall history d,
    in_order S width d -> settled S width d -> keeps_on p history d ->
    env_safe_throughout text S width m p history d -> env_fair text S width m F p history d ->
    exists responses d', c_run text S width m p n history d responses d' /\ (mine d' <= mine d + n * op_bound F)%nat.
  Proof.
    intros Table; induction n as [|n IH]; intros history d Order Settled Keeps Safe Fair.
    { exists history, d; split; [split; reflexivity|apply Nat.le_add_r]. }
    destruct (p history) as [o|] eqn:Next.
    2: { exists history, d; split; [cbn; rewrite Next; auto|apply Nat.le_add_r]. }
    assert (Here : forall d', (exists k history', c_run text S width m p k history d history' d') ->
              others_in_order S width (me d) (seen d'))
      by (intros d' Came; exact (proj2 (Safe d' (or_introl Came)))).
    pose proof (Here d (ex_intro _ 0%nat (ex_intro _ history (conj eq_refl eq_refl)))) as After.
    destruct (not_breaks p history d o Keeps Next) as (h & Stands & Not).
    destruct (op_ends F o d (Table _ _ Next) Order After) as (a & d1 & Did & Count).
    - destruct o as [f i|f i|f i k|f i k v|]; cbn [ready]; auto.
      + destruct (in_family f i) eqn:Range.
        2: { destruct Not; eexists; intros rest; cbn; unfold acquire, on_lock; rewrite Range; reflexivity. }
        split; [reflexivity|]; destruct (Settled (lock_id f i)) as [|Inside]; [auto|].
        destruct Not; eexists; intros rest.
        apply (acquire_breaks d h f i rest); auto; [apply Order|exact (Table _ _ Next)].
      + destruct (in_family f i) eqn:Range; [reflexivity|].
        destruct Not; eexists; intros rest; cbn; unfold release, on_lock; rewrite Range; reflexivity.
    - destruct o as [f i|f i|f i k|f i k v|]; cbn [fair_for]; auto; intros t d1 d' Take Vain.
      assert (Polling : polling text S width m p history d (lock_id f i) t d').
      { exists 0%nat, history, d, d1, f, i; repeat split; auto; apply Order. }
      split; [|exact (Fair _ _ _ Polling)].
      refine (proj2 (Safe d' (or_intror _))); eauto.
    - assert (After1 : others_in_order S width (me d) (events d1)).
      { apply (others_app S width (me d) (arrivals d1)), Here; exists 1%nat, (a :: history).
        now apply one_op with o. }
      destruct (step_follows m o d a d1 (Table _ _ Next) Did Order Settled After1)
        as [Breaks|(Then & bh & Step)]; [now destruct (Not (Breaks h Stands))|].
      destruct (c_do_grows m o d a d1 Did) as (_ & Me).
      destruct (ends o) eqn:Ends.
      { exists (a :: history), d1; split; [cbn; rewrite Next; exists a, d1; now rewrite Ends|].
        refine (Nat.le_trans _ _ _ Count _); cbn [Nat.mul]; rewrite Nat.add_assoc; apply Nat.le_add_r. }
      destruct (Then eq_refl) as (Order1 & Settled1).
      destruct (IH (a :: history) d1 Order1 Settled1) as (responses & d' & Run & Count').
      + intros bs; destruct (Keeps (bh :: bs)) as (h0 & Stands0 & Env0 & Never).
        destruct (Step h0 bs Stands0) as (h1 & Does & Stands1 & Env1).
        assert (Is : high_do o h0 = Done (a, h1)) by (rewrite <- (with_own_env h0 _ Env0); exact Does).
        exists h1; split; [exact Stands1|split; [exact Env1|]]; intros k f Breach.
        apply (Never (Datatypes.S k) f); cbn [run]; rewrite Next, Is; cbn [bind fst snd]; now rewrite Ends.
      + intros d' Came.
        assert (Earlier : (exists k history', c_run text S width m p k history d history' d') \/
                          (exists l t, polling text S width m p history d l t d')).
        { destruct Came as [(k & history' & Run)|(l & t & k & history' & d0 & d2 & f & i & Run & Runs)].
          - left; exists (Datatypes.S k), history'; eapply op_then; eauto.
          - right; exists l, t, (Datatypes.S k), history', d0, d2, f, i; split; [eapply op_then; eauto|exact Runs]. }
        destruct (Safe d' Earlier) as (_ & Ok); split; [apply Order1|].
        exact (eq_ind_r (fun c => others_in_order S width c (events (arrive S width d'))) Ok Me).
      + intros l t d' (k & history' & d0 & d2 & f & i & Run & Runs).
        apply Fair; exists (Datatypes.S k), history', d0, d2, f, i; split; [eapply op_then; eauto|exact Runs].
      + exists responses, d'; split; [eapply op_then; eauto|].
        cbn [Nat.mul]; lia.
  Qed.

  (** A run ends in one way at most. *)
  Lemma c_do_deterministic o (d : RData W) a1 d1 a2 d2 :
    c_do text S width m o d a1 d1 -> c_do text S width m o d a2 d2 -> a1 = a2 /\ d1 = d2.
  Proof.
    assert (Calls : forall f vs d1 d2,
      call_function (stack_genv text S width) f vs (m, d) (m, d1) Vundef ->
      call_function (stack_genv text S width) f vs (m, d) (m, d2) Vundef -> d1 = d2).
    { intros f vs d1' d2' Call1 Call2.
      now destruct (call_function_deterministic (stack_genv text S width)
        (L1_ticket.code.words_layer_det S width Width) _ _ _ _ _ _ _ Call1 Call2)
        as ([= ->] & _). }
    destruct o as [f i|f i|f i k|f i k v|]; cbn [c_do].
    - intros (-> & Call1) (-> & Call2); eauto.
    - intros (-> & Call1) (-> & Call2); eauto.
    - intros (v1 & -> & Read1) (v2 & -> & Read2); rewrite Read1 in Read2; injection Read2 as <- <-; auto.
    - intros (-> & ->) (-> & ->); auto.
    - intros (-> & ->) (-> & ->); auto.
  Qed.
  Lemma c_run_deterministic (p : client S) n : forall history d a1 d1 a2 d2,
    c_run text S width m p n history d a1 d1 -> c_run text S width m p n history d a2 d2 -> a1 = a2 /\ d1 = d2.
  Proof.
    induction n as [|n IH]; intros history d a1 d1 a2 d2; cbn; [intros (-> & ->) (-> & ->); auto|].
    destruct (p history) as [o|]; [|intros (-> & ->) (-> & ->); auto].
    intros (a & d3 & Did & Rest) (a' & d3' & Did' & Rest').
    destruct (c_do_deterministic o d a d3 a' d3' Did Did') as (<- & <-).
    destruct (ends o); [destruct Rest as (-> & ->), Rest' as (-> & ->); auto|eauto].
  Qed.
End Ends.
