(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The stack: from the words to the private copies

    The four relations of the floors, one upon the other ([stands_for]).  Each
    operation of a client on words, in order and among others who keep to the
    protocol, is the same operation on private copies, or the client broke the
    contract. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics vcgen.
From hlock.layers.view Require Import spec facts map.
From hlock.layers Require L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.facts L1_ticket.refine.
From hlock.layers Require L2_queue.spec L2_queue.refine.
From hlock.layers Require L3_atomic.spec L3_atomic.facts L3_atomic.refine.
From hlock.layers.L4_locks Require Import table table_facts spec invariant refine code.
From hlock.generated Require Import lock_table.
From hlock.main Require Import stack.
Import L0_machine.spec L0_machine.facts L3_atomic.spec L3_atomic.facts.
Import ListNotations.
Local Open Scope Z_scope.

Section Refine.
  Context (S : system) (width : Z).
  Context (Width : 1 <= width) (Fits : Z.of_nat (cpus S) <= modulus width).
  Local Notation W := (words S width).
  Local Notation T := (L1_ticket.spec.tickets S).
  Local Notation Q := (L2_queue.spec.queues S).
  Local Notation A := (atomic S).
  Local Notation related01 := (map.related W T (L1_ticket.refine.show S)).
  Local Notation related12 := (map.related T Q (L2_queue.refine.show S)).
  Local Notation related23 := (map.related Q A (L3_atomic.refine.show S)).

  (** Where this CPU stands between operations: outside or inside, not in between. *)
  Definition settled (d : RData W) : Prop :=
    forall l, words_phase S (me d) l (events d) = Out \/ words_phase S (me d) l (events d) = In.

  (** Words [d], seen through the four floors, are the private copies [h]. *)
  Definition stands_for (d : RData W) (h : HData S) : Prop :=
    exists d1 d2 d3, related01 d d1 /\ related12 d1 d2 /\ related23 d2 d3 /\ refine.related S d3 h.

  Theorem stands_for_start c : stands_for (start W c []) (mkHData (start A c []) []).
  Proof.
    exists (start T c []), (start Q c []), (start A c []).
    split; [apply map.related_start|split; [apply map.related_start|split; [apply map.related_start|]]].
    apply refine.related_start.
  Qed.

  (** *** Who holds, on words and above *)
  Lemma holder_stands d h l :
    stands_for d h -> invariant d ->
    (words_phase S (me d) l (events d) = In -> holder S l (events (base h)) = Some (me d)) /\
    (words_phase S (me d) l (events d) = Out -> holder S l (events (base h)) <> Some (me d)).
  Proof.
    intros (d1 & d2 & d3 & R1 & R2 & R3 & R4) Inv.
    destruct R1 as [Cpu1 Log1 _ Legal0], R2 as [Cpu2 Log2 _ Legal1], R3 as [Cpu3 Log3 _ Legal2].
    destruct R4 as [Cpu4 Log4 _]; cbn [app] in *.
    destruct (image_legal _ _ _ _ (L1_ticket.refine.tickets_simulation S width Width Fits) _ Legal0)
      as (_ & Wraps).
    destruct (image_legal _ _ _ _ (L2_queue.refine.queue_simulation S) _ Legal1) as (_ & Lines).
    destruct (image_legal _ _ _ _ (L3_atomic.refine.atomic_simulation S) _ Legal2) as (_ & Holds).
    pose proof (L1_ticket.refine.phase_wraps _ _ _ Wraps (me d) l) as Phase.
    rewrite Log1 in Phase.
    destruct (L1_ticket.facts.ticket_line S _ l Legal1) as (Line & _).
    specialize (Lines l); specialize (Holds l).
    rewrite Log4, holder_published, <- Log3, Holds.
    rewrite <- Log2; destruct Lines as (-> & ->).
    split; intros Is; rewrite Is in Phase; cbn in Phase.
    - destruct (L1_ticket.spec.ticket_phase S (me d) l (events d1)) eqn:Ph; try (now destruct Phase).
      destruct (L1_ticket.facts.line_in _ _ _ _ _ Line (me d) Ph) as (-> & q & ->); reflexivity.
    - destruct (L1_ticket.spec.ticket_phase S (me d) l (events d1)) eqn:Ph; try (now destruct Phase).
      destruct (L1_ticket.facts.busy S l (events d1)) eqn:Busy; [|discriminate].
      intros Head; pose proof (L1_ticket.facts.line_waits _ _ _ _ _ Line 0%nat (me d)) as At.
      destruct (L1_ticket.facts.line S l (events d1)) as [|c q]; [discriminate|].
      injection Head as ->; specialize (At eq_refl).
      cbn [Nat.eqb andb] in At; cbv beta in At; rewrite Ph in At; discriminate.
  Qed.

  (** ** An operation, floor by floor *)

  (** Words, tickets, queue and atomic lock. *)
  Definition climbs (d : RData W) (d3 : RData A) : Prop :=
    exists d1 d2, related01 d d1 /\ related12 d1 d2 /\ related23 d2 d3.

  Lemma wait_climbs l (d d' : RData W) :
    L1_ticket.spec.wait_lock_spec_low l d d' ->
    in_order S width d -> others_in_order S width (me d) (events d') ->
    words_phase S (me d) l (events d) = Out ->
    words_phase S (me d) l (events d') = In /\ in_order S width d' /\
    forall d3, climbs d d3 -> exists b d3',
      wait_hlock_spec S l (map.with_env A [b] d3) = Done d3' /\ climbs d' d3'.
  Proof.
    intros Wait Order After Outside.
    destruct (L1_ticket.refine.wait_lock_refines S width Width Fits l d d' Wait Order After Outside)
      as (Inside & Order' & bs1 & Steps1).
    split; [exact Inside|split; [exact Order'|]]; intros d3 (d1 & d2 & R1 & R2 & R3).
    destruct (Steps1 d1 [] R1) as (d1' & Wait1 & R1' & _).
    destruct R2 as [Cpu2 Log2 For2 Legal2], R3 as [Cpu3 Log3 For3 Legal3].
    destruct (L2_queue.refine.wait_qlock_refines S l _ _ Wait1 Legal2) as (bs2 & Steps2).
    destruct (Steps2 d2 []) as (d2' & Wait2 & R2' & _); [now constructor|].
    destruct (L3_atomic.refine.wait_hlock_refines S l _ _ Wait2) as (b & Steps3).
    destruct (Steps3 d3 []) as (d3' & Wait3 & R3' & _); [now constructor|].
    exists b, d3'; split; [exact Wait3|]; exists d1', d2'; auto.
  Qed.

  Lemma pass_climbs l (d d' : RData W) :
    L1_ticket.spec.pass_lock_spec_low l d = Done d' ->
    in_order S width d -> others_in_order S width (me d) (events d') ->
    words_phase S (me d) l (events d) = In ->
    words_phase S (me d) l (events d') = Out /\ in_order S width d' /\
    forall d3, climbs d d3 -> exists b d3',
      pass_hlock_spec S l (map.with_env A [b] d3) = Done d3' /\ climbs d' d3'.
  Proof.
    intros Pass Order After Inside.
    destruct (L1_ticket.refine.pass_lock_refines S width Width Fits l d d' Pass Order After Inside)
      as (Outside & Order' & b1 & Steps1).
    split; [exact Outside|split; [exact Order'|]]; intros d3 (d1 & d2 & R1 & R2 & R3).
    destruct (Steps1 d1 [] R1) as (d1' & Pass1 & R1' & _).
    destruct R2 as [Cpu2 Log2 For2 Legal2], R3 as [Cpu3 Log3 For3 Legal3].
    destruct (L2_queue.refine.pass_qlock_refines S l _ _ Pass1) as (b2 & Steps2).
    destruct (Steps2 d2 []) as (d2' & Pass2 & R2' & _); [now constructor|].
    destruct (L3_atomic.refine.pass_hlock_refines S l _ _ Pass2) as (b & Steps3).
    destruct (Steps3 d3 []) as (d3' & Pass3 & R3' & _); [now constructor|].
    exists b, d3'; split; [exact Pass3|]; exists d1', d2'; auto.
  Qed.

  (** What passes through a floor passes through all. *)
  Local Notation Sim01 := (L1_ticket.refine.tickets_simulation S width Width Fits).
  Local Notation Sim12 := (L2_queue.refine.queue_simulation S).
  Local Notation Sim23 := (L3_atomic.refine.atomic_simulation S).

  Lemma read_climbs l v (d d' : RData W) d3 :
    obj_read_spec W l d = Done (v, d') -> climbs d d3 -> exists b d3',
      obj_read_spec A l (map.with_env A [b] d3) = Done (v, d3') /\ climbs d' d3'.
  Proof.
    intros Op (d1 & d2 & R1 & R2 & R3).
    destruct (read_passes _ _ _ _ Sim01 _ _ _ _ Op) as (b1 & Steps1).
    destruct (Steps1 d1 [] R1) as (d1' & Op1 & R1' & _).
    destruct (read_passes _ _ _ _ Sim12 _ _ _ _ Op1) as (b2 & Steps2).
    destruct R2 as [Cpu2 Log2 For2 Legal2], R3 as [Cpu3 Log3 For3 Legal3].
    destruct (Steps2 d2 []) as (d2' & Op2 & R2' & _); [now constructor|].
    destruct (read_passes _ _ _ _ Sim23 _ _ _ _ Op2) as (b & Steps3).
    destruct (Steps3 d3 []) as (d3' & Op3 & R3' & _); [now constructor|].
    exists b, d3'; split; [exact Op3|]; exists d1', d2'; auto.
  Qed.
  Lemma write_climbs l v (d d' : RData W) d3 :
    obj_write_spec W l v d = Done d' -> climbs d d3 -> exists b d3',
      obj_write_spec A l v (map.with_env A [b] d3) = Done d3' /\ climbs d' d3'.
  Proof.
    intros Op (d1 & d2 & R1 & R2 & R3).
    destruct (write_passes _ _ _ _ Sim01 _ _ _ _ Op) as (b1 & Steps1).
    destruct (Steps1 d1 [] R1) as (d1' & Op1 & R1' & _).
    destruct (write_passes _ _ _ _ Sim12 _ _ _ _ Op1) as (b2 & Steps2).
    destruct R2 as [Cpu2 Log2 For2 Legal2], R3 as [Cpu3 Log3 For3 Legal3].
    destruct (Steps2 d2 []) as (d2' & Op2 & R2' & _); [now constructor|].
    destruct (write_passes _ _ _ _ Sim23 _ _ _ _ Op2) as (b & Steps3).
    destruct (Steps3 d3 []) as (d3' & Op3 & R3' & _); [now constructor|].
    exists b, d3'; split; [exact Op3|]; exists d1', d2'; auto.
  Qed.
  Lemma halt_climbs (d d' : RData W) d3 :
    halt_spec W d = Done d' -> climbs d d3 -> exists b d3',
      halt_spec A (map.with_env A [b] d3) = Done d3' /\ climbs d' d3'.
  Proof.
    intros Op (d1 & d2 & R1 & R2 & R3).
    destruct (halt_passes _ _ _ _ Sim01 _ _ Op) as (b1 & Steps1).
    destruct (Steps1 d1 [] R1) as (d1' & Op1 & R1' & _).
    destruct (halt_passes _ _ _ _ Sim12 _ _ Op1) as (b2 & Steps2).
    destruct R2 as [Cpu2 Log2 For2 Legal2], R3 as [Cpu3 Log3 For3 Legal3].
    destruct (Steps2 d2 []) as (d2' & Op2 & R2' & _); [now constructor|].
    destruct (halt_passes _ _ _ _ Sim23 _ _ Op2) as (b & Steps3).
    destruct (Steps3 d3 []) as (d3' & Op3 & R3' & _); [now constructor|].
    exists b, d3'; split; [exact Op3|]; exists d1', d2'; auto.
  Qed.

  (** ** To the private copies *)

  (** The atomic state that words [d] stand for. *)
  Definition atomic_view (d : RData W) : RData A :=
    mkRData (F := A) (me d)
      (map.image Q A (L3_atomic.refine.show S) (map.image T Q (L2_queue.refine.show S)
        (map.image W T (L1_ticket.refine.show S) (events d)))) [].

  Lemma atomic_view_climbs d : legal W (events d) -> climbs d (atomic_view d).
  Proof.
    intros Legal; set (g1 := map.image W T (L1_ticket.refine.show S) (events d)).
    assert (Legal1 : legal T g1) by exact (proj1 (image_legal _ _ _ _ Sim01 _ Legal)).
    assert (Legal2 : legal Q (map.image T Q (L2_queue.refine.show S) g1))
      by exact (proj1 (image_legal _ _ _ _ Sim12 _ Legal1)).
    exists (mkRData (F := T) (me d) g1 []),
           (mkRData (F := Q) (me d) (map.image T Q (L2_queue.refine.show S) g1) []).
    repeat split; auto; constructor.
  Qed.

  Lemma atomic_view_related d h : stands_for d h -> refine.related S (atomic_view d) h.
  Proof.
    intros (d1 & d2 & d3 & [Cpu1 Log1 _ _] & [Cpu2 Log2 _ _] & [Cpu3 Log3 _ _] & [Cpu4 Log4 Exact]).
    cbn [app] in *; assert (Same : events (atomic_view d) = events d3)
      by (unfold atomic_view; cbn [events]; now rewrite Log1, Log2, Log3).
    assert (Me : me (atomic_view d) = me d3) by (cbn; congruence).
    constructor; rewrite ?Same, ?Me; auto.
  Qed.

  (** A floor-3 operation of a client is the same operation on private copies. *)
  Lemma copies_follow o d3 b a d3' :
    legal A (events d3) -> low_do o (map.with_env A [b] d3) = Done (a, d3') ->
    exists bh, forall h rest, refine.related S d3 h -> exists h',
      high_do o (refine.with_env S (bh :: rest) h) = Done (a, h') /\ refine.related S d3' h' /\
      env (base h') = rest.
  Proof.
    intros Legal Done_low; eexists; intros h rest [Cpu Log Exact].
    pose proof (locks_simulates S o (map.with_env A [b] d3) h rest Legal) as Sim.
    rewrite Done_low in Sim; apply Sim; now constructor.
  Qed.

  (** ** What an operation leaves alone: this CPU's phase on other locks *)
  Lemma arrive_phase (d : RData W) l :
    Forall (Forall (fun e => fst e <> me d)) (env d) ->
    words_phase S (me d) l (seen d) = words_phase S (me d) l (events d).
  Proof. intros Env; apply L1_ticket.refine.phase_seen; now apply head_foreign in Env. Qed.

  Lemma act_phase a (d : RData W) l :
    Forall (Forall (fun e => fst e <> me d)) (env d) ->
    (forall l' k, a = Lock l' k -> l' <> l) ->
    words_phase S (me d) l (events (act S width a d)) = words_phase S (me d) l (events d) /\
    Forall (Forall (fun e => fst e <> me d)) (env (act S width a d)).
  Proof.
    intros Env Other; split; [|now apply head_foreign in Env].
    rewrite <- (arrive_phase d l Env).
    destruct a as [l' k|l' v|l' v|]; try reflexivity.
    apply L1_ticket.refine.words_other; right; intros ->; now apply (Other l' k).
  Qed.

  Lemma polls_phase l t (d d' : RData W) l' :
    L1_ticket.spec.polls l t d d' -> l' <> l -> Forall (Forall (fun e => fst e <> me d)) (env d) ->
    words_phase S (me d) l' (events d') = words_phase S (me d) l' (events d).
  Proof.
    induction 1 as [d d' Get|d v d1 d' Get Not Polls IH]; intros Diff Env;
      apply L1_ticket.refine.get_now_act in Get as (_ & _ & ->).
    - apply (act_phase (Lock l (Polled t)) d l' Env); intros ? ? [= <- _]; auto.
    - destruct (act_phase (Lock l (Polled v)) d l' Env) as (Same & Env');
        [intros ? ? [= <- _]; auto|].
      exact (eq_trans (IH Diff Env') Same).
  Qed.
  Lemma wait_phase l (d d' : RData W) l' :
    L1_ticket.spec.wait_lock_spec_low l d d' -> l' <> l ->
    Forall (Forall (fun e => fst e <> me d)) (env d) ->
    words_phase S (me d) l' (events d') = words_phase S (me d) l' (events d).
  Proof.
    intros (t & d1 & Take & Polls) Diff Env; apply L1_ticket.refine.incr_ticket_act in Take as (_ & _ & ->).
    destruct (act_phase (Lock l (Took t)) d l' Env) as (Same & Env'); [intros ? ? [= <- _]; auto|].
    exact (eq_trans (polls_phase l t _ _ l' Polls Diff Env') Same).
  Qed.
  Lemma pass_phase l (d d' : RData W) l' :
    L1_ticket.spec.pass_lock_spec_low l d = Done d' -> l' <> l ->
    Forall (Forall (fun e => fst e <> me d)) (env d) ->
    words_phase S (me d) l' (events d') = words_phase S (me d) l' (events d).
  Proof.
    unfold L1_ticket.spec.pass_lock_spec_low, incr_now_spec, on_existing.
    destruct (lock_exists l); [|discriminate]; intros [= <-] Diff Env.
    set (v := now S width l (events (arrive S width d))).
    destruct (act_phase (Lock l (Loaded v)) d l' Env) as (Same & Env'); [intros ? ? [= <- _]; auto|].
    destruct (act_phase (Lock l (Stored ((v + 1) mod modulus width))) (act S width (Lock l (Loaded v)) d) l' Env')
      as (Same' & _); [intros ? ? [= <- _]; auto|].
    exact (eq_trans Same' Same).
  Qed.
  Lemma wait_me l (d d' : RData W) : L1_ticket.spec.wait_lock_spec_low l d d' -> me d' = me d.
  Proof.
    intros (t & d1 & Take & Polls); apply L1_ticket.refine.incr_ticket_act in Take as (_ & _ & ->).
    now destruct (L1_ticket.refine.polls_events S width l t _ _ Polls) as (_ & _ & ->).
  Qed.
  Lemma pass_me l (d d' : RData W) : L1_ticket.spec.pass_lock_spec_low l d = Done d' -> me d' = me d.
  Proof.
    unfold L1_ticket.spec.pass_lock_spec_low, incr_now_spec, on_existing.
    destruct (lock_exists l); [|discriminate]; now intros [= <-].
  Qed.

  Lemma settled_after l (d d' : RData W) :
    me d' = me d -> settled d ->
    (words_phase S (me d) l (events d') = Out \/ words_phase S (me d) l (events d') = In) ->
    (forall l', l' <> l -> words_phase S (me d) l' (events d') = words_phase S (me d) l' (events d)) ->
    settled d'.
  Proof.
    intros Me Settled Here There l'; rewrite Me.
    destruct (Z.eq_dec l' l) as [->|Diff]; [exact Here|rewrite There by auto; apply Settled].
  Qed.
End Refine.

(** ** One operation of the linked C *)
Section Step.
  Context (N : nat) (O : objects) (width : Z) (Width : 1 <= width <= 32).
  Context (Fits : Z.of_nat N <= modulus width).
  Let S := table_system lock_table N O.
  Local Notation W := (words S width).
  Local Notation A := (atomic S).
  Context {mem : Type} (m : mem).

  Let Low : 1 <= width := proj1 Width.
  Let Fits' : Z.of_nat (cpus S) <= modulus width := Fits.

  (** The operations of a client that knows the table. *)
  Definition of_table (o : op S) : Prop :=
    match o with
    | Op_acquire f _ | Op_release f _ | Op_read f _ | Op_write f _ _ => List.In f lock_table
    | Op_halt => True
    end.

  (** Operation [o] of a client, which took words [d] to [d1] and answered [a]:
      either the client broke the contract, or it is the same operation above. *)
  Definition follows (o : op S) (d : RData W) (a : answer S) (d1 : RData W) : Prop :=
    (exists b, forall h rest, stands_for S width d h ->
       exists e, high_do o (refine.with_env S (b :: rest) h) = Breach e) \/
    (ends o = false -> in_order S width d1 /\ settled S width d1) /\
    (exists b, forall h rest, stands_for S width d h -> exists h',
       high_do o (refine.with_env S (b :: rest) h) = Done (a, h') /\
       stands_for S width d1 h' /\ env (base h') = rest).

  Lemma quiet_await (h : HData S) rest :
    await A (base (refine.with_env S ([] :: rest) h)) = Done (mkRData (me (base h)) (events (base h)) rest).
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
    stands_for S width d h -> invariant d -> List.In f lock_table -> in_family f i = true ->
    words_phase S (me d) (lock_id f i) (events d) = In ->
    high_do (Op_acquire f i) (refine.with_env S ([] :: rest) h) = Breach Entered_twice.
  Proof.
    intros Stands Inv Member Range Inside.
    pose proof (proj1 (holder_stands S width Low Fits' d h _ Stands Inv) Inside) as Mine.
    destruct (stands_same d h Stands) as (Same & Halts); destruct Inv as [_ Cpu Runs].
    cbn [high_do]; unfold acquire, on_lock; rewrite Range.
    unfold acquire_high, wait_hlock_spec, view.spec.operation; rewrite quiet_await; cbn [bind].
    replace (emit A (Lock (lock_id f i) Entered) _) with (@Breach (RData A) Entered_twice); [reflexivity|].
    symmetry; apply emit_breach; split; [|reflexivity]; cbn [me events].
    unfold event_fault; rewrite Same, Halts, Runs, (proj2 (Nat.ltb_lt _ _) Cpu); cbn [negb].
    cbn [action_fault]; unfold S; rewrite table_lock_exists by (auto; reflexivity).
    cbn [verb_fault atomic atomic_fault]; fold S; rewrite Mine; now rewrite Nat.eqb_refl.
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

  Theorem step_follows o d a d1 :
    of_table o -> c_do S width m o d a d1 ->
    in_order S width d -> settled S width d -> others_in_order S width (me d) (events d1) ->
    follows o d a d1.
  Proof.
    intros Of_table Did Order Settled After.
    pose proof (order_invariant _ _ _ Order) as Inv; pose proof (order_env _ _ _ Order) as Env.
    pose proof (inv_legal _ _ Inv) as Legal.
    pose proof (atomic_view_climbs S width Low Fits' d Legal) as Climbs.
    set (d3 := atomic_view S width d) in *.
    destruct o as [f i|f i|f i|f i v|]; cbn [c_do of_table ends] in *.
    - destruct Did as (-> & Call).
      destruct (in_family f i) eqn:Range;
        [|left; exists []; intros h rest Stands; cbn; unfold acquire, on_lock; rewrite Range; eexists; reflexivity].
      destruct (call_floor_4 S width Width m Acquire f i d _ _ Of_table Range Call) as (d' & [= <-] & Wait).
      destruct (Settled (lock_id f i)) as [Outside|Inside];
        [|left; exists []; intros h rest Stands; eexists; apply acquire_breaks with d; auto].
      destruct (wait_climbs S width Low Fits' _ d d1 Wait Order After Outside) as (In1 & Order1 & Up).
      destruct (Up d3 Climbs) as (b & d3' & Waits & Climbs').
      apply (follow_up (Op_acquire f i) d d1 b None d3' Legal); auto.
      + cbn [low_do]; unfold acquire_low, on_lock; rewrite Range.
        unfold silent; apply bind_done; eexists; split; [exact Waits|reflexivity].
      + intros _; split; [exact Order1|].
        apply (settled_after S width (lock_id f i) d d1 (wait_me S width _ _ _ Wait) Settled); auto.
        intros l' Diff; exact (wait_phase S width _ _ _ _ Wait Diff Env).
    - destruct Did as (-> & Call).
      destruct (in_family f i) eqn:Range;
        [|left; exists []; intros h rest Stands; cbn; unfold release, on_lock; rewrite Range; eexists; reflexivity].
      destruct (call_floor_4 S width Width m Release f i d _ _ Of_table Range Call) as (d' & [= <-] & Pass).
      destruct (Settled (lock_id f i)) as [Outside|Inside].
      { left; exists []; intros h rest Stands; cbn [high_do]; unfold release, on_lock; rewrite Range.
        unfold release_high; rewrite quiet_await; cbn [bind copies refine.with_env].
        pose proof (no_copy d h _ Stands Inv Outside) as None_held; rewrite None_held; eexists; reflexivity. }
      destruct (pass_climbs S width Low Fits' _ d d1 Pass Order After Inside) as (Out1 & Order1 & Up).
      destruct (Up d3 Climbs) as (b & d3' & Passes & Climbs').
      apply (follow_up (Op_release f i) d d1 b None d3' Legal); auto.
      + cbn [low_do]; unfold release_low, on_lock; rewrite Range.
        unfold silent; apply bind_done; eexists; split; [exact Passes|reflexivity].
      + intros _; split; [exact Order1|].
        apply (settled_after S width (lock_id f i) d d1 (pass_me S width _ _ _ Pass) Settled); auto.
        intros l' Diff; exact (pass_phase S width _ _ _ _ Pass Diff Env).
    - destruct Did as (v & -> & Reads).
      destruct (in_family f i) eqn:Range;
        [|left; exists []; intros h rest Stands; cbn; unfold read, on_lock; rewrite Range; eexists; reflexivity].
      destruct (Settled (lock_id f i)) as [Outside|Inside].
      { left; exists []; intros h rest Stands; cbn [high_do]; unfold read, on_lock; rewrite Range.
        unfold read_high; rewrite quiet_await; cbn [bind copies refine.with_env].
        rewrite (no_copy d h _ Stands Inv Outside); eexists; reflexivity. }
      assert (After0 : others_in_order S width (me d) (seen d)).
      { apply others_app with (b := [(me d, Read (lock_id f i) v)]); injection Reads as <- <-; exact After. }
      destruct (read_allowed S width (lock_id f i) d Order After0) as (Op & Order1).
      { unfold words_inside; now rewrite (arrive_phase S width d _ Env), Inside. }
      rewrite Reads in Op, Order1; cbn [snd] in Order1.
      destruct (read_climbs S width Low Fits' _ v d d1 d3 Op Climbs) as (b & d3' & Op3 & Climbs').
      apply (follow_up (Op_read f i) d d1 b _ d3' Legal); auto.
      + cbn [low_do]; unfold on_lock, telling; rewrite Range.
        apply bind_done; eexists; split; [exact Op3|reflexivity].
      + intros _; split; [exact Order1|]; injection Reads as <- <-; intros l.
        destruct (act_phase S width (Read (lock_id f i) (object (lock_id f i) (events (arrive S width d)))) d l Env)
          as (Same & _); [discriminate|].
        change (words_phase S (me d) l (events (act S width (Read (lock_id f i)
                 (object (lock_id f i) (events (arrive S width d)))) d)) = Out \/
                words_phase S (me d) l (events (act S width (Read (lock_id f i)
                 (object (lock_id f i) (events (arrive S width d)))) d)) = In).
        rewrite Same; apply Settled.
    - destruct Did as (-> & ->).
      destruct (in_family f i) eqn:Range;
        [|left; exists []; intros h rest Stands; cbn; unfold write, on_lock; rewrite Range; eexists; reflexivity].
      destruct (Settled (lock_id f i)) as [Outside|Inside].
      { left; exists []; intros h rest Stands; cbn [high_do]; unfold write, on_lock; rewrite Range.
        unfold write_high; rewrite quiet_await; cbn [bind copies refine.with_env].
        rewrite (no_copy d h _ Stands Inv Outside); eexists; reflexivity. }
      assert (After0 : others_in_order S width (me d) (seen d))
        by (apply others_app with (b := [(me d, Wrote (lock_id f i) v)]); exact After).
      destruct (write_allowed S width (lock_id f i) v d Order After0) as (Op & Order1).
      { unfold words_inside; now rewrite (arrive_phase S width d _ Env), Inside. }
      destruct (write_climbs S width Low Fits' _ v d _ d3 Op Climbs) as (b & d3' & Op3 & Climbs').
      apply (follow_up (Op_write f i v) d _ b None d3' Legal); auto.
      + cbn [low_do]; unfold on_lock, silent; rewrite Range.
        apply bind_done; eexists; split; [exact Op3|reflexivity].
      + intros _; split; [exact Order1|]; intros l.
        destruct (act_phase S width (Wrote (lock_id f i) v) d l Env) as (Same & _); [discriminate|].
        change (words_phase S (me d) l (events (act S width (Wrote (lock_id f i) v) d)) = Out \/
                words_phase S (me d) l (events (act S width (Wrote (lock_id f i) v) d)) = In).
        rewrite Same; apply Settled.
    - destruct Did as (-> & ->).
      assert (After0 : others_in_order S width (me d) (seen d))
        by (apply others_app with (b := [(me d, Halted)]); exact After).
      pose proof (halt_allowed S width d Order After0) as Op.
      destruct (halt_climbs S width Low Fits' d _ d3 Op Climbs) as (b & d3' & Op3 & Climbs').
      apply (follow_up Op_halt d _ b None d3' Legal); auto.
      + cbn [low_do]; unfold silent; apply bind_done; eexists; split; [exact Op3|reflexivity].
      + discriminate.
  Qed.

  (** ** Any client *)

  (** The log only grows. *)
  Definition grows (d d' : RData W) : Prop := (exists g, events d' = g ++ events d) /\ me d' = me d.
  Lemma grows_refl d : grows d d.
  Proof. split; [now exists []|reflexivity]. Qed.
  Lemma grows_trans d1 d2 d3 : grows d1 d2 -> grows d2 d3 -> grows d1 d3.
  Proof.
    intros ((g & E) & M) ((g' & E') & M'); split; [|congruence].
    exists (g' ++ g); now rewrite E', E, app_assoc.
  Qed.
  Lemma grows_act a (d : RData W) : grows d (act S width a d).
  Proof. split; [exists ((me d, a) :: arrivals d); reflexivity|reflexivity]. Qed.

  Lemma words_layer_grows id p vs d v d' :
    L1_ticket.code.words_layer S width id = Some p -> p vs d v d' -> grows d d'.
  Proof.
    unfold L1_ticket.code.words_layer; repeat (destruct (Pos.eqb _ _)); intros [= <-].
    - intros (n & r & _ & _ & Take); apply (L1_ticket.refine.incr_ticket_act S width) in Take as (_ & _ & ->).
      apply grows_act.
    - intros (n & r & _ & _ & Get); apply (L1_ticket.refine.get_now_act S width) in Get as (_ & _ & ->).
      apply grows_act.
    - intros (n & _ & _ & Pass); unfold incr_now_spec, on_existing in Pass.
      destruct (lock_exists _); [|discriminate]; injection Pass as <-.
      eapply grows_trans; apply grows_act.
    - intros (_ & _ & ->); apply grows_refl.
    - intros [].
  Qed.

  Lemma c_do_grows o d a d1 : c_do S width m o d a d1 -> grows d d1.
  Proof.
    assert (Calls : forall f vs d d1,
      call_function (stack_genv S width) f vs (m, d) (m, d1) Vundef -> grows d d1).
    { intros f vs d0 d2 (fd & _ & Call).
      exact (proj2 (run_respects (stack_genv S width) grows grows_refl grows_trans
                      words_layer_grows) _ _ _ _ _ _ _ Call). }
    destruct o as [f i|f i|f i|f i v|]; cbn [c_do].
    - intros (_ & Call); eauto.
    - intros (_ & Call); eauto.
    - intros (v & _ & Reads); injection Reads as <- <-; exact (grows_act (Read _ _) d).
    - intros (_ & ->); exact (grows_act (Wrote _ v) d).
    - intros (_ & ->); exact (grows_act Halted d).
  Qed.
  Lemma c_run_grows p n : forall past d answers d', c_run S width m p n past d answers d' -> grows d d'.
  Proof.
    induction n as [|n IH]; intros past d answers d'; cbn; [intros (_ & ->); apply grows_refl|].
    destruct (p past) as [o|]; [|intros (_ & ->); apply grows_refl].
    intros (a & d1 & Did & Rest); apply c_do_grows in Did.
    destruct (ends o); [now destruct Rest as (_ & ->)|].
    eapply grows_trans; eauto.
  Qed.

  Lemma stands_env d h bs : stands_for S width d h -> stands_for S width d (refine.with_env S bs h).
  Proof.
    intros (d1 & d2 & d3 & R1 & R2 & R3 & []); exists d1, d2, d3.
    split; [exact R1|split; [exact R2|split; [exact R3|now constructor]]].
  Qed.

  Theorem client_follows (p : client S) n :
    (forall past o, p past = Some o -> of_table o) -> forall past d answers d',
    c_run S width m p n past d answers d' ->
    in_order S width d -> settled S width d -> others_in_order S width (me d) (events d') ->
    exists bs, forall h rest, stands_for S width d h ->
      match run high_do p n past (refine.with_env S (bs ++ rest) h) with
      | Done (answers', h') =>
          answers' = answers /\ stands_for S width d' h' /\ env (base h') = rest
      | Breach _ => True
      | Impossible _ => False
      end.
  Proof.
    intros Table; induction n as [|n IH]; intros past d answers d' Run Order Settled After; cbn in Run |- *.
    { destruct Run as (-> & ->); exists []; intros h rest Stands; auto using stands_env. }
    destruct (p past) as [o|] eqn:Next.
    2: { destruct Run as (-> & ->); exists []; intros h rest Stands; auto using stands_env. }
    destruct Run as (a & d1 & Did & Rest); pose proof (c_do_grows _ _ _ _ Did) as (_ & Me).
    assert (After1 : others_in_order S width (me d) (events d1)).
    { destruct (ends o); [now destruct Rest as (_ & <-)|].
      apply c_run_grows in Rest as ((g & E) & _); rewrite E in After; now apply others_app in After. }
    destruct (step_follows o d a d1 (Table _ _ Next) Did Order Settled After1)
      as [(bh & Breaks)|(Then & bh & Step)].
    { exists [bh]; intros h rest Stands; cbn [app].
      destruct (Breaks h rest Stands) as (e & ->); exact I. }
    destruct (ends o).
    - destruct Rest as (-> & ->); exists [bh]; intros h rest Stands; cbn [app].
      destruct (Step h rest Stands) as (h' & -> & Stands' & Env'); cbn [bind fst snd]; auto.
    - destruct (Then eq_refl) as (Order1 & Settled1); rewrite <- Me in After.
      destruct (IH (a :: past) d1 answers d' Rest Order1 Settled1 After) as (bs & Later).
      exists (bh :: bs); intros h rest Stands; cbn [app].
      destruct (Step h (bs ++ rest) Stands) as (h1 & -> & Stands1 & Env1); cbn [bind fst snd].
      specialize (Later h1 rest Stands1).
      replace h1 with (refine.with_env S (bs ++ rest) h1); [exact Later|].
      destruct h1 as [[]]; cbn in *; unfold refine.with_env; cbn; now rewrite <- Env1.
  Qed.
End Step.
