(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The stack: from the linked C to the private copies

    Each operation of a client on words, in order and among others who keep to
    the protocol, is the same operation on private copies, or the client broke the
    contract ([step_follows]); so is a whole run ([client_follows]).  The statement
    that people read is [stack_correct] in parts.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics vcgen.
From hlock.layers.view Require Import spec facts map.
From hlock.layers Require L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.facts L1_ticket.refine.
From hlock.layers Require L2_queue.spec L2_queue.refine.
From hlock.layers Require L3_atomic.spec L3_atomic.facts L3_atomic.refine.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec contract invariant refine text code.
From hlock.stack Require Import stack setting acts stack_total stack_floors.
Import L0_machine.spec L0_machine.facts L3_atomic.spec L3_atomic.facts.
Import ListNotations.
Local Open Scope Z_scope.

(** ** One operation of the linked C *)
Section Step.
  Context {G : setting}.
  Local Notation N := processors.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := the_system.
  Local Notation text := the_text.
  Local Notation W := (words S width).
  Local Notation A := (atomic S).
  Context {mem : Type} (m : mem).

  Let Low : 1 <= width := proj1 Width.
  Let Fits' : Z.of_nat (cpus S) <= modulus width := Fits.

  (** Operation [o] of a client, which took words [d] to [d1] and answered [a]:
      either the client broke the contract, or it is the same operation above. *)
  Definition follows (o : op S) (d : RData W) (a : response S) (d1 : RData W) : Prop :=
    (forall h, stands_for S width d h -> breaks o h) \/
    (ends o = false -> in_order S width d1 /\ settled S width d1) /\
    (exists b, forall h rest, stands_for S width d h -> exists h',
       high_do o (published.with_env S (b :: rest) h) = Done (a, h') /\
       stands_for S width d1 h' /\ env (base h') = rest).

  Lemma quiet_await (h : HData S) rest :
    await A (base (published.with_env S ([] :: rest) h)) = Done (mkRData (me (base h)) (events (base h)) rest).
  Proof. reflexivity. Qed.

  Lemma stands_same d h : stands_for S width d h ->
    me (base h) = me d /\ (forall c, halted c (events (base h)) = halted c (events d)).
  Proof.
    intros (d1 & d2 & d3 & [Cpu1 Log1 _ _] & [Cpu2 Log2 _ _] & [Cpu3 Log3 _ _] & [Cpu4 Log4 _]).
    cbn [app] in *; split; [congruence|]; intros c.
    assert (H1 : halted c (events d1) = halted c (events d)) by (rewrite <- Log1; exact (halted_image _ _ _ c _)).
    assert (H2 : halted c (events d2) = halted c (events d1)) by (rewrite <- Log2; exact (halted_image _ _ _ c _)).
    assert (H3 : halted c (events d3) = halted c (events d2)) by (rewrite <- Log3; exact (halted_image _ _ _ c _)).
    rewrite Log4; exact (eq_trans (halted_published S c _) (eq_trans H3 (eq_trans H2 H1))).
  Qed.

  Lemma no_copy d h l : stands_for S width d h -> invariant d ->
    words_phase S (me d) l (events d) = Out -> find_copy l (copies h) = None.
  Proof.
    intros Stands Inv Outside.
    pose proof (proj2 (holder_stands S width Low Fits' d h l Stands Inv) Outside) as Not.
    destruct (stands_same d h Stands) as (Same & _).
    destruct Stands as (d1 & d2 & d3 & _ & _ & _ & Rel).
    apply (copies_none S d3 h l Rel); destruct Rel as [Cpu4 Log4 _].
    rewrite Log4, holder_published in Not; congruence.
  Qed.

  (** A second acquire of a lock that I hold is a breach above. *)
  Lemma acquire_breaks d h f i rest :
    stands_for S width d h -> invariant d -> List.In f the_table -> in_family f i = true ->
    words_phase S (me d) (lock_id f i) (events d) = In ->
    high_do (Op_acquire f i) (published.with_env S ([] :: rest) h) = Breach Entered_twice.
  Proof.
    intros Stands Inv Member Range Inside.
    pose proof (proj1 (holder_stands S width Low Fits' d h _ Stands Inv) Inside) as Mine.
    destruct (stands_same d h Stands) as (Same & Halts); destruct Inv as [_ Cpu Runs].
    cbn [high_do]; unfold acquire, on_lock; rewrite Range.
    unfold acquire_high, wait_hlock_spec, view.spec.operation; rewrite quiet_await; cbn [bind].
    replace (emit A (Lock (lock_id f i) Entered) _) with (@Breach (RData A) Entered_twice); [reflexivity|].
    symmetry; apply emit_breach; split; [|reflexivity]; cbn [me events].
    unfold event_fault; rewrite Same, Halts, Runs, (proj2 (Nat.ltb_lt _ _) Cpu); cbn [negb].
    cbn [action_fault]; rewrite table_lock_exists by (auto; reflexivity).
    cbn [verb_fault atomic atomic_fault]; rewrite Mine; now rewrite Nat.eqb_refl.
  Qed.

  Lemma follow_up o d d1 b a d3' :
    legal W (events d) ->
    low_do o (map.with_env A [b] (atomic_view S width d)) = Done (a, d3') -> climbs S width d1 d3' ->
    (ends o = false -> in_order S width d1 /\ settled S width d1) ->
    follows o d a d1.
  Proof.
    intros Legal Done_low Climbs' Then; right; split; [exact Then|].
    assert (Legal3 : legal A (events (atomic_view S width d))).
    { pose proof (atomic_view_climbs S width Low Fits' d Legal) as (d1' & d2' & _ & _ & [_ Log _ Legal2]).
      cbn [app] in Log; rewrite <- Log.
      exact (proj1 (image_legal _ _ _ _ (L3_atomic.refine.atomic_simulation S) _ Legal2)). }
    destruct (copies_follow S o _ b a d3' Legal3 Done_low) as (bh & High).
    exists bh; intros h rest Stands.
    destruct (High h rest (atomic_view_related S width d h Stands)) as (h' & Is & Rel' & Env').
    destruct Climbs' as (d1' & d2' & R1 & R2 & R3).
    exists h'; split; [exact Is|split; [exists d1', d2', d3'; auto|exact Env']].
  Qed.

  (** By operation. *)
  Section Operations.
    Context (d : RData W) (a : response S) (d1 : RData W).
    Context (Order : in_order S width d) (Settled : settled S width d).
    Context (After : others_in_order S width (me d) (events d1)).
    Let Inv := order_invariant _ _ _ Order.
    Let Env := order_env _ _ _ Order.
    Let Legal := inv_legal _ _ Inv.
    Let d3 := atomic_view S width d.
    Let Climbs : climbs S width d d3 := atomic_view_climbs S width Low Fits' d Legal.

    Lemma acquire_follows f i : of_table (S := S) the_table (Op_acquire f i) ->
      c_do text S width m (Op_acquire f i) d a d1 -> follows (Op_acquire f i) d a d1.
    Proof.
      cbn [c_do of_table ends]; intros Of_table Did.
      destruct Did as (-> & Call).
      destruct (in_family f i) eqn:Range;
        [|left; intros h Stands; eexists; intros rest; cbn; unfold acquire, on_lock; rewrite Range; reflexivity].
      apply (stack_exact m Acquire f i d _ _ Of_table Range) in Call as (d' & [= <-] & _ & Wait).
      destruct (Settled (lock_id f i)) as [Outside|Inside];
        [|left; intros h Stands; eexists; intros rest; apply acquire_breaks with d; auto].
      destruct (wait_climbs S width Low Fits' _ d d1 Wait Order After Outside) as (In1 & Order1 & Up).
      destruct (Up d3 Climbs) as (b & d3' & Waits & Climbs').
      apply (follow_up (Op_acquire f i) d d1 b None d3' Legal); auto.
      + cbn [low_do]; unfold acquire_low, on_lock; rewrite Range.
        unfold silent; apply bind_done; eexists; split; [exact Waits|reflexivity].
      + intros _; split; [exact Order1|].
        apply (settled_after S width (lock_id f i) d d1 (wait_me S width _ _ _ Wait) Settled); auto.
        intros l' Diff; exact (wait_phase S width _ _ _ _ Wait Diff Env).
    Qed.
    Lemma release_follows f i : of_table (S := S) the_table (Op_release f i) ->
      c_do text S width m (Op_release f i) d a d1 -> follows (Op_release f i) d a d1.
    Proof.
      cbn [c_do of_table ends]; intros Of_table Did.
      destruct Did as (-> & Call).
      destruct (in_family f i) eqn:Range;
        [|left; intros h Stands; eexists; intros rest; cbn; unfold release, on_lock; rewrite Range; reflexivity].
      apply (stack_exact m Release f i d _ _ Of_table Range) in Call as (d' & [= <-] & _ & Pass).
      destruct (Settled (lock_id f i)) as [Outside|Inside].
      { left; intros h Stands; eexists; intros rest; cbn [high_do]; unfold release, on_lock; rewrite Range.
        unfold release_high; rewrite quiet_await; cbn [bind copies published.with_env].
        pose proof (no_copy d h _ Stands Inv Outside) as None_held; rewrite None_held; reflexivity. }
      destruct (pass_climbs S width Low Fits' _ d d1 Pass Order After Inside) as (Out1 & Order1 & Up).
      destruct (Up d3 Climbs) as (b & d3' & Passes & Climbs').
      apply (follow_up (Op_release f i) d d1 b None d3' Legal); auto.
      + cbn [low_do]; unfold release_low, on_lock; rewrite Range.
        unfold silent; apply bind_done; eexists; split; [exact Passes|reflexivity].
      + intros _; split; [exact Order1|].
        apply (settled_after S width (lock_id f i) d d1 (pass_me S width _ _ _ Pass) Settled); auto.
        intros l' Diff; exact (pass_phase S width _ _ _ _ Pass Diff Env).
    Qed.
    Lemma read_follows f i k : of_table (S := S) the_table (Op_read f i k) ->
      c_do text S width m (Op_read f i k) d a d1 -> follows (Op_read f i k) d a d1.
    Proof.
      cbn [c_do of_table ends]; intros Of_table Did.
      destruct Did as (v & -> & Reads).
      destruct (in_family f i) eqn:Range;
        [|left; intros h Stands; eexists; intros rest; cbn; unfold read, on_lock; rewrite Range; reflexivity].
      destruct (Settled (lock_id f i)) as [Outside|Inside].
      { left; intros h Stands; eexists; intros rest; cbn [high_do]; unfold read, on_lock; rewrite Range.
        unfold read_high; rewrite quiet_await; cbn [bind copies published.with_env].
        rewrite (no_copy d h _ Stands Inv Outside); reflexivity. }
      assert (After0 : others_in_order S width (me d) (seen d)).
      { apply others_app with (b := [(me d, Read (lock_id f i) k v)]); injection Reads as <- <-; exact After. }
      destruct (read_allowed S width (lock_id f i) k d Order After0) as (Op & Order1).
      { unfold words_inside; now rewrite (arrive_phase S width d _ Env), Inside. }
      rewrite Reads in Op, Order1; cbn [snd] in Order1.
      destruct (read_climbs S width Low Fits' _ k v d d1 d3 Op Climbs) as (b & d3' & Op3 & Climbs').
      apply (follow_up (Op_read f i k) d d1 b _ d3' Legal); auto.
      + cbn [low_do]; unfold on_lock, telling; rewrite Range.
        apply bind_done; eexists; split; [exact Op3|reflexivity].
      + intros _; split; [exact Order1|]; injection Reads as <- <-; intros l.
        destruct (act_phase S width (Read (lock_id f i) k (object (lock_id f i) k (events (arrive S width d)))) d l Env)
          as (Same & _); [discriminate|].
        change (words_phase S (me d) l (events (act S width (Read (lock_id f i) k
                 (object (lock_id f i) k (events (arrive S width d)))) d)) = Out \/
                words_phase S (me d) l (events (act S width (Read (lock_id f i) k
                 (object (lock_id f i) k (events (arrive S width d)))) d)) = In).
        rewrite Same; apply Settled.
    Qed.
    Lemma write_follows f i k v : of_table (S := S) the_table (Op_write f i k v) ->
      c_do text S width m (Op_write f i k v) d a d1 -> follows (Op_write f i k v) d a d1.
    Proof.
      cbn [c_do of_table ends]; intros Of_table Did.
      destruct Did as (-> & ->).
      destruct (in_family f i) eqn:Range;
        [|left; intros h Stands; eexists; intros rest; cbn; unfold write, on_lock; rewrite Range; reflexivity].
      destruct (Settled (lock_id f i)) as [Outside|Inside].
      { left; intros h Stands; eexists; intros rest; cbn [high_do]; unfold write, on_lock; rewrite Range.
        unfold write_high; rewrite quiet_await; cbn [bind copies published.with_env].
        rewrite (no_copy d h _ Stands Inv Outside); reflexivity. }
      assert (After0 : others_in_order S width (me d) (seen d))
        by (apply others_app with (b := [(me d, Wrote (lock_id f i) k v)]); exact After).
      destruct (write_allowed S width (lock_id f i) k v d Order After0) as (Op & Order1).
      { unfold words_inside; now rewrite (arrive_phase S width d _ Env), Inside. }
      destruct (write_climbs S width Low Fits' _ k v d _ d3 Op Climbs) as (b & d3' & Op3 & Climbs').
      apply (follow_up (Op_write f i k v) d _ b None d3' Legal); auto.
      + cbn [low_do]; unfold on_lock, silent; rewrite Range.
        apply bind_done; eexists; split; [exact Op3|reflexivity].
      + intros _; split; [exact Order1|]; intros l.
        destruct (act_phase S width (Wrote (lock_id f i) k v) d l Env) as (Same & _); [discriminate|].
        change (words_phase S (me d) l (events (act S width (Wrote (lock_id f i) k v) d)) = Out \/
                words_phase S (me d) l (events (act S width (Wrote (lock_id f i) k v) d)) = In).
        rewrite Same; apply Settled.
    Qed.
    Lemma halt_follows : c_do text S width m Op_halt d a d1 -> follows Op_halt d a d1.
    Proof.
      cbn [c_do of_table ends]; intros Did.
      destruct Did as (-> & ->).
      assert (After0 : others_in_order S width (me d) (seen d))
        by (apply others_app with (b := [(me d, Halted)]); exact After).
      pose proof (halt_allowed S width d Order After0) as Op.
      destruct (halt_climbs S width Low Fits' d _ d3 Op Climbs) as (b & d3' & Op3 & Climbs').
      apply (follow_up Op_halt d _ b None d3' Legal); auto.
      + cbn [low_do]; unfold silent; apply bind_done; eexists; split; [exact Op3|reflexivity].
      + discriminate.
    Qed.
  End Operations.

  Theorem step_follows o d a d1 :
    of_table the_table o -> c_do text S width m o d a d1 ->
    in_order S width d -> settled S width d -> others_in_order S width (me d) (events d1) ->
    follows o d a d1.
  Proof.
    destruct o; eauto using acquire_follows, release_follows, read_follows, write_follows, halt_follows.
  Qed.

  (** ** Any client *)

  Lemma c_do_grows o d a d1 : c_do text S width m o d a d1 -> (exists g, events d1 = g ++ events d) /\ me d1 = me d.
  Proof. intros Did; exact (acts_grow S width d d1 (c_do_acts S width text m o d a d1 Did)). Qed.
  Lemma c_run_grows p n history d responses d' :
    c_run text S width m p n history d responses d' -> (exists g, events d' = g ++ events d) /\ me d' = me d.
  Proof. intros Run; exact (acts_grow S width d d' (c_run_acts S width text m p n history d responses d' Run)). Qed.

  Lemma stands_env d h bs : stands_for S width d h -> stands_for S width d (published.with_env S bs h).
  Proof.
    intros (d1 & d2 & d3 & R1 & R2 & R3 & []); exists d1, d2, d3.
    split; [exact R1|split; [exact R2|split; [exact R3|now constructor]]].
  Qed.

  (** Answers only come on top of those before. *)
  Lemma c_run_answers p n : forall history d responses d',
    c_run text S width m p n history d responses d' -> exists later, responses = later ++ history.
  Proof.
    induction n as [|n IH]; intros history d responses d'; cbn; [intros (-> & _); now exists []|].
    destruct (p history) as [o|]; [|intros (-> & _); now exists []].
    intros (a & d1 & _ & Rest); destruct (ends o); [destruct Rest as (-> & _); now exists [a]|].
    destruct (IH _ _ _ _ Rest) as (later & ->); exists (later ++ [a]); now rewrite <- app_assoc.
  Qed.

  (** The private copies, after the first [k] of the client's [n] operations: they
      answered the same; if that is not all of them, the next breaks the contract. *)
  Definition same_up_to_breach (p : client S) (n k : nat) (responses : list (response S)) (d' : RData W)
      (sofar : list (response S)) (h' : HData S) : Prop :=
    (k = n /\ sofar = responses /\ stands_for S width d' h') \/
    ((k < n)%nat /\ (exists later, responses = later ++ sofar) /\ exists o, p sofar = Some o /\ breaks o h').

  Theorem client_follows (p : client S) n :
    (forall history o, p history = Some o -> of_table the_table o) -> forall history d responses d',
    c_run text S width m p n history d responses d' ->
    in_order S width d -> settled S width d -> others_in_order S width (me d) (events d') ->
    exists k bs, forall h rest, stands_for S width d h -> exists sofar h',
      run high_do p k history (published.with_env S (bs ++ rest) h) = Done (sofar, h') /\
      env (base h') = rest /\ same_up_to_breach p n k responses d' sofar h'.
  Proof.
    intros Table; induction n as [|n IH]; intros history d responses d' Run Order Settled After.
    { destruct Run as (-> & ->); exists 0%nat, []; intros h rest Stands; exists history; eexists.
      split; [reflexivity|split; [reflexivity|left; auto using stands_env]]. }
    pose proof (c_run_answers _ _ _ _ _ _ Run) as Answers; cbn in Run.
    destruct (p history) as [o|] eqn:Next.
    2: { destruct Run as (-> & ->); exists (Datatypes.S n), []; intros h rest Stands; exists history.
         cbn [run app]; rewrite Next; eexists.
         split; [reflexivity|split; [reflexivity|left; auto using stands_env]]. }
    destruct Run as (a & d1 & Did & Rest); pose proof (c_do_grows _ _ _ _ Did) as (_ & Me).
    assert (After1 : others_in_order S width (me d) (events d1)).
    { destruct (ends o); [now destruct Rest as (_ & <-)|].
      apply c_run_grows in Rest as ((g & E) & _); rewrite E in After; now apply others_app in After. }
    destruct (step_follows o d a d1 (Table _ _ Next) Did Order Settled After1)
      as [Breaks|(Then & bh & Step)].
    { exists 0%nat, []; intros h rest Stands; exists history; eexists.
      split; [reflexivity|split; [reflexivity|right]].
      split; [lia|split; [exact Answers|exists o; split; [exact Next|]]]; auto using stands_env. }
    destruct (ends o) eqn:Ends.
    - destruct Rest as (-> & ->); exists (Datatypes.S n), [bh]; intros h rest Stands; cbn [run app].
      destruct (Step h rest Stands) as (h' & Is & Stands' & Env').
      exists (a :: history), h'; rewrite Next, Is; cbn [bind fst snd]; rewrite Ends.
      split; [reflexivity|split; [exact Env'|left; auto]].
    - destruct (Then eq_refl) as (Order1 & Settled1); rewrite <- Me in After.
      destruct (IH (a :: history) d1 responses d' Rest Order1 Settled1 After) as (k & bs & Later).
      exists (Datatypes.S k), (bh :: bs); intros h rest Stands; cbn [run app].
      destruct (Step h (bs ++ rest) Stands) as (h1 & Is & Stands1 & Env1).
      destruct (Later h1 rest Stands1) as (sofar & h' & Runs & Env' & Same).
      exists sofar, h'; rewrite Next, Is; cbn [bind fst snd]; rewrite Ends.
      replace h1 with (published.with_env S (bs ++ rest) h1)
        by (destruct h1 as [[]]; cbn in *; unfold published.with_env; cbn; now rewrite <- Env1).
      split; [exact Runs|split; [exact Env'|]].
      destruct Same as [(-> & Same)|(Fewer & Same)]; [left; auto|right; split; [lia|exact Same]].
  Qed.
End Step.
