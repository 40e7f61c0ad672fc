(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What holds of the local view on every floor

    Legal logs stay legal under legal batches; an operation is its two steps;
    every operation keeps the invariant. *)
From Coq Require Import ZArith List Bool Eqdep_dec Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.

Lemma bind_done {A B} (r : result A) (k : A -> result B) b :
  bind r k = Done b <-> exists a, r = Done a /\ k a = Done b.
Proof.
  destruct r; cbn; split; try discriminate; try (intros (? & ? & ?); discriminate).
  - eauto.
  - intros (? & [= ->] & ?); auto.
Qed.

(** ** Objects by lock and part *)
Section Objects.
  Context {S : system} {K : Type}.

  Lemma value_for_same {A : Z -> Type} l (v : A l) : value_for l l v = Some v.
  Proof.
    unfold value_for; destruct (Z.eq_dec l l) as [E|]; [|congruence].
    now rewrite (UIP_dec Z.eq_dec E eq_refl).
  Qed.
  Lemma value_for_other {A : Z -> Type} l l' (v : A l') : l' <> l -> value_for l l' v = None.
  Proof. intros N; unfold value_for; now destruct (Z.eq_dec l' l). Qed.

  (** A write changes its own part of its own object, and nothing else. *)
  Lemma object_wrote c l k v (g : log S K) : object l k (((c, Wrote l k v) : event S K) :: g) = v.
  Proof. cbn; now rewrite Z.eqb_refl, value_for_same. Qed.
  Lemma object_wrote_other c l l' k k' v (g : log S K) :
    l' <> l \/ k' <> k -> object l k (((c, Wrote l' k' v) : event S K) :: g) = object l k g.
  Proof.
    intros Other; cbn; destruct (Z.eqb_spec k' k) as [->|]; [|auto].
    rewrite value_for_other by tauto; auto.
  Qed.

  Lemma object_writes c l v ks (g : log S K) k :
    object l k (writes c l v ks ++ g) = if in_dec Z.eq_dec k ks then v k else object l k g.
  Proof.
    induction ks as [|k' ks IH]; [auto|].
    change (writes c l v (k' :: ks) ++ g) with (((c, Wrote l k' (v k')) : event S K) :: writes c l v ks ++ g).
    destruct (Z.eq_dec k' k) as [<-|Diff].
    - rewrite object_wrote; destruct (in_dec Z.eq_dec k' (k' :: ks)) as [|Not]; [auto|now destruct Not; left].
    - rewrite object_wrote_other, IH by auto.
      destruct (in_dec Z.eq_dec k ks), (in_dec Z.eq_dec k (k' :: ks)); cbn in *; tauto.
  Qed.
  Lemma object_writes_other c l l' v ks (g : log S K) k : l' <> l -> object l k (writes c l' v ks ++ g) = object l k g.
  Proof.
    intros Diff; induction ks as [|k' ks IH]; [auto|].
    change (writes c l' v (k' :: ks) ++ g) with (((c, Wrote l' k' (v k')) : event S K) :: writes c l' v ks ++ g).
    rewrite object_wrote_other; auto.
  Qed.
End Objects.

Section Facts.
  Context {S : system} (F : floor S).
  Local Notation log := (log S (verb F)).
  Local Notation event := (event S (verb F)).

  (** ** Legal logs *)
  Lemma legal_cons e g : legal F (e :: g) <-> legal F g /\ event_fault F e g = None.
  Proof. unfold legal; cbn; destruct (log_fault F g); intuition discriminate. Qed.

  Lemma legal_app b g : legal F (b ++ g) -> legal F g.
  Proof. induction b as [|e b IH]; [auto|]; cbn; rewrite legal_cons; tauto. Qed.

  Lemma event_fault_none c a g :
    event_fault F (c, a) g = None <->
    (c < cpus S)%nat /\ halted c g = false /\ action_fault F c a g = None.
  Proof.
    unfold event_fault; destruct (Nat.ltb_spec c (cpus S)); cbn.
    - destruct (halted c g); intuition discriminate.
    - split; [discriminate|lia].
  Qed.

  Lemma batch_fault_cons c e b g :
    batch_fault F c (e :: b) g = None <->
    batch_fault F c b g = None /\ fst e <> c /\ event_fault F e (b ++ g) = None.
  Proof.
    cbn; destruct (batch_fault F c b g); [intuition discriminate|].
    destruct (Nat.eqb_spec (fst e) c); intuition discriminate.
  Qed.

  (** A batch is one that other CPUs can make: no event is mine, all are in order. *)
  Lemma batch_legal_iff c b g :
    legal F g -> batch_fault F c b g = None <-> legal F (b ++ g) /\ Forall (fun e => fst e <> c) b.
  Proof.
    intros Legal; induction b as [|e b IH]; [intuition|].
    rewrite batch_fault_cons, IH; cbn [app]; rewrite legal_cons, Forall_cons_iff; tauto.
  Qed.

  Lemma batch_legal c b g : legal F g -> batch_fault F c b g = None -> legal F (b ++ g).
  Proof. intros Legal Batch; now apply (batch_legal_iff c b g Legal) in Batch. Qed.

  Lemma batch_halted c b g : batch_fault F c b g = None -> halted c (b ++ g) = halted c g.
  Proof.
    induction b as [|[c' a] b IH]; [auto|].
    rewrite batch_fault_cons; cbn; intros (Fault & Other & _).
    destruct a; auto.
    now rewrite (proj2 (Nat.eqb_neq c' c)) by (cbn in Other; auto); auto.
  Qed.

  (** ** The steps of which operations are made *)
  Lemma await_done d d' :
    await F d = Done d' <-> env_legal d /\ d' = mkRData (me d) (seen d) (tl (env d)).
  Proof.
    unfold await, env_legal; destruct (batch_fault _ _ _ _); split; try discriminate.
    - intros [? _]; discriminate.
    - intros [= <-]; auto.
    - intros [_ ->]; auto.
  Qed.

  Lemma emit_done a d d' :
    emit F a d = Done d' <->
    event_fault F (me d, a) (events d) = None /\
    d' = mkRData (me d) ((me d, a) :: events d) (env d).
  Proof.
    unfold emit; destruct (event_fault _ _ _) as [f|]; split; try discriminate.
    - destruct (callers_fault f); discriminate.
    - intros [? _]; discriminate.
    - intros [= <-]; auto.
    - intros [_ ->]; auto.
  Qed.

  Lemma emit_breach a d f :
    emit F a d = Breach f <->
    event_fault F (me d, a) (events d) = Some f /\ callers_fault f = true.
  Proof.
    unfold emit; destruct (event_fault F (me d, a) (events d)) as [f'|].
    - destruct (callers_fault f') eqn:E; split; try discriminate; intuition congruence.
    - intuition discriminate.
  Qed.

  (** ** The invariant: initial, and kept by every operation *)
  Theorem invariant_init c bs : (c < cpus S)%nat -> invariant (start F c bs).
  Proof. now constructor. Qed.

  Lemma await_legal d d' : legal F (events d) -> await F d = Done d' -> legal F (events d').
  Proof. rewrite await_done; intros Legal (Env & ->); eapply batch_legal; eauto. Qed.
  Lemma emit_legal a d d' : legal F (events d) -> emit F a d = Done d' -> legal F (events d').
  Proof. rewrite emit_done; intros Legal (Fault & ->); now apply legal_cons. Qed.

  Lemma await_invariant d d' : invariant d -> await F d = Done d' -> invariant d'.
  Proof.
    intros [Legal Cpu Runs] Await; constructor.
    - eapply await_legal; eauto.
    - now apply await_done in Await as (_ & ->).
    - apply await_done in Await as (Env & ->); cbn; unfold seen; now rewrite batch_halted.
  Qed.

  Lemma emit_invariant a d d' :
    a <> Halted -> invariant d -> emit F a d = Done d' -> invariant d'.
  Proof.
    intros Stays [Legal Cpu Runs]; rewrite emit_done; intros (Fault & ->).
    constructor; cbn; auto.
    - apply legal_cons; auto.
    - destruct a; auto; congruence.
  Qed.

  Theorem operation_invariant a d d' :
    a <> Halted -> invariant d -> operation F a d = Done d' -> invariant d'.
  Proof.
    intros Stays Inv; unfold operation; rewrite bind_done; intros (d1 & Await & Emit).
    eauto using emit_invariant, await_invariant.
  Qed.

  (** What an operation was: a batch of the others, then my event. *)
  Lemma operation_log a d d' :
    legal F (events d) -> operation F a d = Done d' ->
    Forall (fun e => fst e <> me d) (arrivals d) /\ legal F (seen d) /\
    action_fault F (me d) a (seen d) = None /\
    d' = mkRData (me d) ((me d, a) :: seen d) (tl (env d)).
  Proof.
    intros Legal Op; apply bind_done in Op as (d1 & Await & Emit).
    apply await_done in Await as (Env & ->); apply (batch_legal_iff _ _ _ Legal) in Env as (Legal1 & Others).
    apply emit_done in Emit as (Fault & ->); apply event_fault_none in Fault as (_ & _ & Fault); auto.
  Qed.

  Theorem obj_write_invariant l k v d d' :
    invariant d -> obj_write_spec F l k v d = Done d' -> invariant d'.
  Proof. now apply operation_invariant. Qed.
  Theorem obj_read_invariant l k d v d' :
    invariant d -> obj_read_spec F l k d = Done (v, d') -> invariant d'.
  Proof.
    intros Inv; unfold obj_read_spec; rewrite bind_done; intros (d1 & Await & Read).
    apply bind_done in Read as (d2 & Emit & [= <- <-]).
    apply emit_invariant in Emit; [auto|discriminate|eauto using await_invariant].
  Qed.
  (** Halting ends the CPU: of its state only the legal log is left to keep. *)
  Theorem halt_legal d d' : invariant d -> halt_spec F d = Done d' -> legal F (events d').
  Proof.
    intros Inv; unfold halt_spec, operation; rewrite bind_done; intros (d1 & Await & Emit).
    eapply emit_legal; [|eassumption]; eapply await_legal; [|eassumption]; apply Inv.
  Qed.

  (** ** When operations are defined *)
  Lemma operation_defined_iff a d :
    invariant d ->
    (exists d', operation F a d = Done d') <->
    env_legal d /\ action_fault F (me d) a (seen d) = None.
  Proof.
    intros [Legal Cpu Runs]; split.
    - intros (d' & Op); apply bind_done in Op as (d1 & Await & Emit).
      apply await_done in Await as (Env & ->); apply emit_done in Emit as (Fault & _).
      apply event_fault_none in Fault; cbn in Fault; tauto.
    - intros (Env & Fault); eexists; apply bind_done; eexists; split.
      + apply await_done; eauto.
      + apply emit_done; split; [|reflexivity].
        apply event_fault_none; cbn; repeat split; auto.
        unfold seen; rewrite batch_halted; auto.
  Qed.

  (** A write and a read are defined exactly when, after the others have acted,
      I am inside. *)
  Lemma write_defined_iff l k v d :
    invariant d ->
    (exists d', obj_write_spec F l k v d = Done d') <->
    env_legal d /\ inside F (me d) l (seen d) = true.
  Proof.
    intros Inv; unfold obj_write_spec; rewrite operation_defined_iff by auto; cbn.
    destruct (inside F (me d) l (seen d)); intuition discriminate.
  Qed.
  Lemma read_defined_iff l k d :
    invariant d ->
    (exists v d', obj_read_spec F l k d = Done (v, d')) <->
    env_legal d /\ inside F (me d) l (seen d) = true.
  Proof.
    intros Inv; pose proof (operation_defined_iff (Read l k (object l k (seen d))) d Inv) as Iff.
    cbn in Iff; destruct (obj_eq_dec S l _ _) as [_|]; [|congruence].
    assert (Same : (exists v d', obj_read_spec F l k d = Done (v, d')) <->
                   (exists d', operation F (Read l k (object l k (seen d))) d = Done d')).
    { unfold obj_read_spec, operation; split.
      - intros (v & d' & Op); apply bind_done in Op as (d1 & Await & Op).
        apply bind_done in Op as (d2 & Emit & _); exists d2; apply bind_done; exists d1.
        split; auto; now apply await_done in Await as (_ & ->).
      - intros (d' & Op); apply bind_done in Op as (d1 & Await & Emit).
        exists (object l k (seen d)), d'; apply bind_done; exists d1; split; auto.
        apply await_done in Await as (_ & ->); cbn in *; now rewrite Emit. }
    rewrite Same, Iff; destruct (inside F (me d) l (seen d)); intuition discriminate.
  Qed.
End Facts.
