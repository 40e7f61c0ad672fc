(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The stack: four floors, one upon the other

    The relations of the floors composed ([stands_for]), and each operation of
    floor 1 carried up through them.  Read next: stack_refine.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics vcgen.
From hlock.layers.view Require Import spec facts map.
From hlock.layers Require L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.facts L1_ticket.refine.
From hlock.layers Require L2_queue.spec L2_queue.refine.
From hlock.layers Require L3_atomic.spec L3_atomic.facts L3_atomic.refine.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec invariant refine text code.
From hlock.stack Require Export runs.
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
  Local Notation related01 := (image.related W T (L1_ticket.show.show S)).
  Local Notation related12 := (image.related T Q (L2_queue.show.show S)).
  Local Notation related23 := (image.related Q A (L3_atomic.show.show S)).

  Local Notation settled := (settled S width).
  Local Notation stands_for := (stands_for S width).

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

  (** What passes through a floor passes through all: an operation that every floor
      has, and that each simulation carries up. *)
  Local Notation Sim01 := (L1_ticket.refine.tickets_simulation S width Width Fits).
  Local Notation Sim12 := (L2_queue.refine.queue_simulation S).
  Local Notation Sim23 := (L3_atomic.refine.atomic_simulation S).

  Definition passes (does : forall F : floor S, RData F -> RData F -> Prop) : Prop :=
    forall (Low High : floor S) show corr, simulation Low High show corr -> forall d d1, does Low d d1 ->
    exists b, forall h rest, image.related Low High show d h -> exists h',
      does High (map.with_env High (b :: rest) h) h' /\ image.related Low High show d1 h' /\ env h' = rest.

  Lemma passes_climbs does (d d' : RData W) d3 :
    passes does -> does W d d' -> climbs d d3 ->
    exists b d3', does A (map.with_env A [b] d3) d3' /\ climbs d' d3'.
  Proof.
    intros Passes Op (d1 & d2 & R1 & R2 & R3).
    destruct (Passes _ _ _ _ Sim01 _ _ Op) as (b1 & Steps1); destruct (Steps1 d1 [] R1) as (d1' & Op1 & R1' & _).
    destruct (Passes _ _ _ _ Sim12 _ _ Op1) as (b2 & Steps2).
    destruct R2 as [Cpu2 Log2 For2 Legal2], R3 as [Cpu3 Log3 For3 Legal3].
    destruct (Steps2 d2 []) as (d2' & Op2 & R2' & _); [now constructor|].
    destruct (Passes _ _ _ _ Sim23 _ _ Op2) as (b & Steps3).
    destruct (Steps3 d3 []) as (d3' & Op3 & R3' & _); [now constructor|].
    exists b, d3'; split; [exact Op3|]; exists d1', d2'; auto.
  Qed.

  Lemma read_climbs l k v (d d' : RData W) d3 :
    obj_read_spec W l k d = Done (v, d') -> climbs d d3 -> exists b d3',
      obj_read_spec A l k (map.with_env A [b] d3) = Done (v, d3') /\ climbs d' d3'.
  Proof.
    apply (passes_climbs (fun F d d' => obj_read_spec F l k d = Done (v, d'))).
    intros Low High show corr Sim d0 d1; apply (read_passes Low High show corr Sim).
  Qed.
  Lemma write_climbs l k v (d d' : RData W) d3 :
    obj_write_spec W l k v d = Done d' -> climbs d d3 -> exists b d3',
      obj_write_spec A l k v (map.with_env A [b] d3) = Done d3' /\ climbs d' d3'.
  Proof.
    apply (passes_climbs (fun F d d' => obj_write_spec F l k v d = Done d')).
    intros Low High show corr Sim d0 d1; apply (write_passes Low High show corr Sim).
  Qed.
  Lemma halt_climbs (d d' : RData W) d3 :
    halt_spec W d = Done d' -> climbs d d3 -> exists b d3',
      halt_spec A (map.with_env A [b] d3) = Done d3' /\ climbs d' d3'.
  Proof.
    apply (passes_climbs (fun F d d' => halt_spec F d = Done d')).
    intros Low High show corr Sim d0 d1; apply (halt_passes Low High show corr Sim).
  Qed.

  (** ** To the private copies *)

  (** The atomic state that words [d] stand for. *)
  Definition atomic_view (d : RData W) : RData A :=
    mkRData (F := A) (me d)
      (image.image Q A (L3_atomic.show.show S) (image.image T Q (L2_queue.show.show S)
        (image.image W T (L1_ticket.show.show S) (events d)))) [].

  Lemma atomic_view_climbs d : legal W (events d) -> climbs d (atomic_view d).
  Proof.
    intros Legal; set (g1 := image.image W T (L1_ticket.show.show S) (events d)).
    assert (Legal1 : legal T g1) by exact (proj1 (image_legal _ _ _ _ Sim01 _ Legal)).
    assert (Legal2 : legal Q (image.image T Q (L2_queue.show.show S) g1))
      by exact (proj1 (image_legal _ _ _ _ Sim12 _ Legal1)).
    exists (mkRData (F := T) (me d) g1 []),
           (mkRData (F := Q) (me d) (image.image T Q (L2_queue.show.show S) g1) []).
    repeat split; auto; constructor.
  Qed.

  Lemma atomic_view_related d h : stands_for d h -> published.related S (atomic_view d) h.
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
    exists bh, forall h rest, published.related S d3 h -> exists h',
      high_do o (published.with_env S (bh :: rest) h) = Done (a, h') /\ published.related S d3' h' /\
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
  Proof. intros Env; apply words_phase_seen; now apply head_foreign in Env. Qed.

  Lemma act_phase a (d : RData W) l :
    Forall (Forall (fun e => fst e <> me d)) (env d) ->
    (forall l' k, a = Lock l' k -> l' <> l) ->
    words_phase S (me d) l (events (act S width a d)) = words_phase S (me d) l (events d) /\
    Forall (Forall (fun e => fst e <> me d)) (env (act S width a d)).
  Proof.
    intros Env Other; split; [|now apply head_foreign in Env].
    rewrite <- (arrive_phase d l Env).
    destruct a as [l' k|l' j v|l' j v|]; try reflexivity.
    apply words_other; right; intros ->; now apply (Other l' k).
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
    set (v := serving S width l (events (arrive S width d))).
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
