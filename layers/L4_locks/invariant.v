(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 4: the invariant of the high side, and when it is defined

    The log is legal and the private copies are those of the locks that I hold:
    true at the start, kept by every operation.  Under it each operation is
    defined exactly when the contract says. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L3_atomic Require Import spec facts.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.

(** ** Private copies by lock *)
Section Copies.
  Context {S : system}.

  Lemma find_copy_cons l l' (x : private S l') cs :
    find_copy l (existT _ l' x :: cs) =
    match value_for l l' x with Some x => Some x | None => find_copy l cs end.
  Proof. reflexivity. Qed.

  Lemma find_cons_defined l l' (x : private S l') cs :
    find_copy l (existT _ l' x :: cs) <> None <-> l' = l \/ find_copy l cs <> None.
  Proof.
    rewrite find_copy_cons; destruct (Z.eq_dec l' l) as [->|Diff].
    - rewrite value_for_same; intuition discriminate.
    - rewrite value_for_other by auto; intuition.
  Qed.

  Lemma find_drop l l' (cs : list (copy S)) :
    find_copy l (drop_copy l' cs) = if l =? l' then None else find_copy l cs.
  Proof.
    unfold drop_copy; induction cs as [|[k v] cs IH]; cbn; [now destruct (l =? l')|].
    destruct (Z.eqb_spec k l') as [->|Diff]; cbn.
    - rewrite IH; destruct (Z.eqb_spec l l') as [|Diff]; auto.
      now rewrite value_for_other by auto.
    - rewrite IH; destruct (Z.eqb_spec l l') as [->|]; [|auto].
      now rewrite value_for_other.
  Qed.
End Copies.

(** ** Writes of parts, in the log of one who holds the lock *)
Section Writes.
  Context {S : system}.
  Local Notation log := (log S atomic_verb).

  Lemma holder_writes l c l' v ks (g : log) : holder S l (writes c l' v ks ++ g) = holder S l g.
  Proof. induction ks; auto. Qed.
  Lemma halted_writes c c' l v ks (g : log) : halted c (writes c' l v ks ++ g) = halted c g.
  Proof. induction ks; auto. Qed.
  Lemma holds_writes c l c' l' v ks (g : log) : holds S c l (writes c' l' v ks ++ g) = holds S c l g.
  Proof. unfold holds; now rewrite holder_writes. Qed.

  Lemma write_in_order c l k v (g : log) :
    (c < cpus S)%nat -> halted c g = false -> holds S c l g = true -> event_fault (atomic S) (c, Wrote l k v) g = None.
  Proof. intros Cpu Runs Held; apply event_fault_none; cbn; now rewrite Held. Qed.

  (** Who holds a lock can write any parts of its object. *)
  Lemma batch_writes c c' l v ks (g : log) :
    c' <> c -> (c' < cpus S)%nat -> halted c' g = false -> holds S c' l g = true ->
    batch_fault (atomic S) c (writes c' l v ks) g = None.
  Proof.
    intros Other Cpu Runs Held; induction ks as [|k ks IH]; [auto|].
    apply batch_fault_cons; split; [exact IH|split; [exact Other|]].
    apply write_in_order; [exact Cpu|rewrite <- Runs; apply halted_writes|rewrite <- Held; apply holds_writes].
  Qed.
  Lemma publish_done l v ks (d : RData (atomic S)) :
    (me d < cpus S)%nat -> halted (me d) (events d) = false -> holds S (me d) l (events d) = true ->
    publish l v ks d = Done (mkRData (F := atomic S) (me d) (writes (me d) l v ks ++ events d) (env d)).
  Proof.
    intros Cpu Runs Held; induction ks as [|k ks IH]; cbn [publish]; [now destruct d|].
    rewrite IH; apply emit_done; split; [|reflexivity].
    apply write_in_order; [exact Cpu|rewrite <- Runs; apply halted_writes|rewrite <- Held; apply holds_writes].
  Qed.

  (** Publishing says only that. *)
  Lemma publish_log l v ks (d d' : RData (atomic S)) :
    publish l v ks d = Done d' -> d' = mkRData (F := atomic S) (me d) (writes (me d) l v ks ++ events d) (env d).
  Proof.
    revert d'; induction ks as [|k ks IH]; cbn [publish]; intros d' Does; [injection Does as <-; now destruct d|].
    apply bind_done in Does as (d1 & Does & Emit); apply IH in Does as ->.
    now apply emit_done in Emit as (_ & ->).
  Qed.
  Lemma publish_invariant l v ks (d d' : RData (atomic S)) :
    invariant d -> publish l v ks d = Done d' -> invariant d'.
  Proof.
    intros Inv; revert d'; induction ks as [|k ks IH]; cbn [publish]; intros d' Does; [now injection Does as <-|].
    apply bind_done in Does as (d1 & Does & Emit).
    apply emit_invariant in Emit; [exact Emit|discriminate|auto].
  Qed.
End Writes.

Section Invariant.
  Context {S : system}.

  Theorem high_init c bs : (c < cpus S)%nat -> high_invariant (mkHData (start (atomic S) c bs) []).
  Proof. intros Cpu; constructor; [now apply invariant_init|cbn; intuition discriminate]. Qed.

  (** Letting others act changes neither what I hold nor my copies. *)
  Lemma high_await (h : HData S) b :
    high_invariant h -> await (atomic S) (base h) = Done b -> high_invariant (mkHData b (copies h)).
  Proof.
    intros [Inv Mine] Await; constructor; cbn [base copies].
    - eapply await_invariant; eassumption.
    - intros l; apply await_done in Await as (Env & ->); cbn [events me].
      rewrite <- Mine, <- (holds_iff _ l (seen (base h))).
      now apply holds_seen_iff.
  Qed.

  Theorem acquire_high_keeps l (h h' : HData S) :
    high_invariant h -> acquire_high l h = Done h' -> high_invariant h'.
  Proof.
    intros Inv Op; unfold acquire_high in Op; apply bind_done in Op as (b & Wait & [= <-]).
    constructor; [eapply operation_invariant; [|apply Inv|eassumption]; discriminate|].
    cbn [base copies]; unfold wait_hlock_spec, operation in Wait; apply bind_done in Wait as (b1 & Await & Emit).
    pose proof (high_copies _ (high_await _ _ Inv Await)) as Mine; cbn [base copies] in Mine.
    apply emit_done in Emit as (Fault & ->); intros l'; cbn [events me spec.holder].
    rewrite find_cons_defined, <- Mine; destruct (Z.eqb_spec l l'); intuition congruence.
  Qed.

  Theorem release_high_keeps l (h h' : HData S) :
    high_invariant h -> release_high l h = Done h' -> high_invariant h'.
  Proof.
    intros Inv Op; unfold release_high in Op; apply bind_done in Op as (b1 & Await & Op).
    destruct (find_copy l (copies h)) eqn:Copy; [|discriminate].
    apply bind_done in Op as (b2 & Wrote & Op); apply bind_done in Op as (b3 & Left & [= <-]).
    pose proof (high_await _ _ Inv Await) as [Inv1 Mine]; cbn [base copies] in *.
    constructor; cbn [base copies].
    - apply publish_invariant in Wrote; [|exact Inv1].
      apply emit_invariant in Left; [exact Left|discriminate|exact Wrote].
    - apply publish_log in Wrote as ->; apply emit_done in Left as (_ & ->).
      intros l'; cbn; rewrite holder_writes, find_drop, Z.eqb_sym; destruct (l' =? l); [|apply Mine].
      intuition discriminate.
  Qed.

  Theorem read_high_keeps l k (h h' : HData S) v :
    high_invariant h -> read_high l k h = Done (v, h') -> high_invariant h'.
  Proof.
    intros Inv Op; unfold read_high in Op; apply bind_done in Op as (b1 & Await & Op).
    destruct (find_copy l (copies h)); [injection Op as <- <-|discriminate].
    now apply high_await.
  Qed.

  Theorem write_high_keeps l k v (h h' : HData S) :
    high_invariant h -> write_high l k v h = Done h' -> high_invariant h'.
  Proof.
    intros Inv Op; unfold write_high in Op; apply bind_done in Op as (b1 & Await & Op).
    destruct (find_copy l (copies h)) eqn:Copy; [injection Op as <-|discriminate].
    pose proof (high_await _ _ Inv Await) as [Inv1 Mine]; constructor; [exact Inv1|].
    cbn [base copies] in *; intros l'; rewrite find_cons_defined, find_drop, Mine.
    destruct (Z.eqb_spec l' l) as [->|Diff].
    - rewrite Copy; intuition discriminate.
    - split; [auto|intros [->|]; auto; now destruct Diff].
  Qed.

  (** ** When the high operations are defined *)
  Theorem acquire_high_defined_iff l (h : HData S) :
    high_invariant h ->
    (exists h', acquire_high l h = Done h') <->
    lock_exists (S := S) l = true /\ env_legal (base h) /\ holder S l (seen (base h)) = None.
  Proof.
    intros [Inv _]; rewrite <- wait_hlock_defined_iff by exact Inv; unfold acquire_high; split.
    - intros (h' & Op); apply bind_done in Op as (b & Wait & _); eauto.
    - intros (b & ->); cbn; eauto.
  Qed.

  Lemma mine_defined (h : HData S) l :
    high_invariant h ->
    find_copy l (copies h) <> None <-> holder S l (events (base h)) = Some (me (base h)).
  Proof. intros [_ Mine]; symmetry; apply Mine. Qed.

  Theorem release_high_defined_iff l (h : HData S) :
    high_invariant h ->
    (exists h', release_high l h = Done h') <->
    holder S l (events (base h)) = Some (me (base h)) /\ env_legal (base h).
  Proof.
    intros Inv; rewrite <- (mine_defined h l Inv); unfold release_high; split.
    - intros (h' & Op); apply bind_done in Op as (b1 & Await & Op).
      apply await_done in Await as (Env & _); split; [|exact Env].
      destruct (find_copy l (copies h)); [discriminate|discriminate Op].
    - intros (Copy & Env).
      assert (Await : await (atomic S) (base h) = Done (mkRData (me (base h)) (seen (base h)) (tl (env (base h)))))
        by (apply await_done; auto).
      pose proof (high_await _ _ Inv Await) as [[Legal Cpu Runs] Mine]; cbn [base copies] in *.
      rewrite Await; cbn [bind]; destruct (find_copy l (copies h)) as [v|] eqn:Found; [|easy].
      assert (Held : holder S l (seen (base h)) = Some (me (base h)))
        by (apply Mine; congruence).
      pose proof (held_exists l _ _ Legal Held) as Exists; apply holds_iff in Held.
      set (d1 := mkRData (me (base h)) (seen (base h)) (tl (env (base h)))) in *.
      rewrite publish_done by (cbn; auto); cbn [bind].
      match goal with |- context [emit _ _ ?d2] => set (d3 := d2) end.
      assert (Leaves : event_fault (atomic S) (me d3, Lock l Left) (events d3) = None).
      { apply event_fault_none; cbn [action_fault verb_fault atomic atomic_fault me events d3 d1].
        rewrite (halted_writes _ _ l), (holds_writes _ l _ l), Exists, Held; auto. }
      rewrite (proj2 (emit_done (atomic S) (Lock l Left) d3 _) (conj Leaves eq_refl)); cbn; eauto.
  Qed.

  Theorem read_high_defined_iff l k (h : HData S) :
    high_invariant h ->
    (exists v h', read_high l k h = Done (v, h')) <->
    holder S l (events (base h)) = Some (me (base h)) /\ env_legal (base h).
  Proof.
    intros Inv; rewrite <- (mine_defined h l Inv); unfold read_high; split.
    - intros (v & h' & Op); apply bind_done in Op as (b1 & Await & Op).
      apply await_done in Await as (Env & _); split; [|exact Env].
      destruct (find_copy l (copies h)); [discriminate|discriminate Op].
    - intros (Copy & Env); rewrite (proj2 (await_done (atomic S) _ _) (conj Env eq_refl)); cbn [bind].
      destruct (find_copy l (copies h)); [eauto|easy].
  Qed.

  Theorem write_high_defined_iff l k v (h : HData S) :
    high_invariant h ->
    (exists h', write_high l k v h = Done h') <->
    holder S l (events (base h)) = Some (me (base h)) /\ env_legal (base h).
  Proof.
    intros Inv; rewrite <- (mine_defined h l Inv); unfold write_high; split.
    - intros (h' & Op); apply bind_done in Op as (b1 & Await & Op).
      apply await_done in Await as (Env & _); split; [|exact Env].
      destruct (find_copy l (copies h)); [discriminate|discriminate Op].
    - intros (Copy & Env); rewrite (proj2 (await_done (atomic S) _ _) (conj Env eq_refl)); cbn [bind].
      destruct (find_copy l (copies h)); [eauto|easy].
  Qed.
End Invariant.
