(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 3: what follows from the protocol

    Other CPUs cannot take or change what I hold; a halted holder keeps its
    lock for good; each operation is defined exactly when the contract says. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts operations.
From hlock.layers.L3_atomic Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.

Section Facts.
  Context {S : system}.
  Local Notation log := (log S atomic_verb).
  Local Notation F := (atomic S).
  Local Notation data := (RData (atomic S)).

  Lemma holds_iff c l g : holds S c l g = true <-> holder S l g = Some c.
  Proof.
    unfold holds; destruct (holder S l g) as [c'|]; [rewrite Nat.eqb_eq|]; split; congruence.
  Qed.

  (** ** Other CPUs cannot take or change what I hold *)
  Lemma foreign_event_keeps c c' a l g :
    c' <> c -> event_fault F (c', a) g = None -> holder S l g = Some c ->
    holder S l ((c', a) :: g) = Some c /\ forall k, object l k ((c', a) :: g) = object l k g.
  Proof.
    intros Other Fault Mine; apply event_fault_none in Fault as (_ & _ & Fault).
    destruct a as [l' k|l' j v|l' j v|]; cbn in *; auto.
    all: destruct (Z.eqb_spec l' l) as [->|Diff].
    2: destruct k; auto.
    - destruct (lock_exists l); [|discriminate].
      destruct k; cbn in Fault; unfold holds in Fault; rewrite Mine in Fault; [discriminate|].
      rewrite (proj2 (Nat.eqb_neq c c')) in Fault; [discriminate|auto].
    - unfold holds in Fault; rewrite Mine in Fault.
      rewrite (proj2 (Nat.eqb_neq c c')) in Fault; [discriminate|auto].
    - split; [exact Mine|intros k; apply (object_wrote_other c'); auto].
  Qed.

  Theorem batch_keeps c b g l :
    batch_fault F c b g = None -> holder S l g = Some c ->
    holder S l (b ++ g) = Some c /\ forall k, object l k (b ++ g) = object l k g.
  Proof.
    induction b as [|[c' a] b IH]; [auto|].
    rewrite batch_fault_cons; intros (Fault & Other & Event) Mine.
    destruct (IH Fault Mine) as [Held Same].
    destruct (foreign_event_keeps c c' a l (b ++ g)) as [Held' Same']; auto.
    split; [exact Held'|intros k; now rewrite <- Same].
  Qed.

  (** ** A CPU that halts inside a critical section: its lock stays held *)
  Theorem halted_keeps_lock c b g l :
    legal F (b ++ g) -> halted c g = true -> holder S l g = Some c ->
    holder S l (b ++ g) = Some c /\ forall k, object l k (b ++ g) = object l k g.
  Proof.
    intros Legal Halt Held.
    enough (E : halted c (b ++ g) = true /\ holder S l (b ++ g) = Some c /\
                forall k, object l k (b ++ g) = object l k g) by tauto.
    revert Legal; induction b as [|[c' a] b IH]; cbn [app]; [auto|].
    rewrite legal_cons; intros (Legal & Event); destruct (IH Legal) as (Halt' & Held' & Same).
    assert (Other : c' <> c).
    { intros ->; apply event_fault_none in Event as (_ & ? & _); congruence. }
    split.
    - destruct a; auto; apply orb_true_iff; auto.
    - destruct (foreign_event_keeps c c' a l (b ++ g)) as [Held2 Same2]; auto.
      split; [exact Held2|intros k; now rewrite <- Same].
  Qed.

  (** ** When the operations are defined *)

  (** A CPU gets and loses a lock only by its own events: no batch does it. *)
  Lemma holds_seen_iff l (d : data) : env_legal d ->
    (holds S (me d) l (seen d) = true <-> holder S l (events d) = Some (me d)).
  Proof.
    intros Env; rewrite holds_iff; split; [|intros Held; now apply batch_keeps].
    revert Env; unfold env_legal, seen; induction (arrivals d) as [|[c a] b IH]; [auto|].
    rewrite batch_fault_cons; intros (Fault & Other & Event); specialize (IH Fault).
    cbn [app holder]; destruct a as [l' k|l' j v|l' j v|]; auto.
    destruct k, (Z.eqb_spec l' l); auto; try discriminate.
    intros [= ->]; cbn in Other; congruence.
  Qed.

  (** A wait is defined exactly when the lock exists, the environment is legal
      and, when I enter, nobody holds the lock. *)
  Theorem wait_hlock_defined_iff l (d : data) :
    invariant d ->
    (exists d', wait_hlock_spec S l d = Done d') <->
    lock_exists (S := S) l = true /\ env_legal d /\ holder S l (seen d) = None.
  Proof.
    intros Inv; unfold wait_hlock_spec; rewrite operation_defined_iff by auto; cbn.
    destruct (lock_exists l); cbn; [|split; [now intros []|now intros []]].
    destruct (holder S l (seen d)); intuition congruence.
  Qed.

  (** In particular I do not hold it already. *)
  Corollary wait_hlock_not_held l (d d' : data) :
    wait_hlock_spec S l d = Done d' -> holder S l (events d) <> Some (me d).
  Proof.
    unfold wait_hlock_spec, operation; rewrite bind_done; intros (d1 & Await & Emit) Held.
    apply await_done in Await as (Env & ->).
    apply emit_done in Emit as (Fault & _); apply event_fault_none in Fault as (_ & _ & Fault).
    apply (holds_seen_iff l d Env), holds_iff in Held.
    cbn in Fault; destruct (lock_exists l); [|discriminate]; now rewrite Held in Fault.
  Qed.

  (** Only locks that exist are held. *)
  Lemma held_exists l c g : legal F g -> holder S l g = Some c -> lock_exists (S := S) l = true.
  Proof.
    induction g as [|[c' a] g IH]; [discriminate|].
    rewrite legal_cons, event_fault_none; intros (Legal & _ & _ & Fault); cbn.
    destruct a as [l' k|l' j v|l' j v|]; auto.
    destruct k, (Z.eqb_spec l' l) as [->|]; auto; try discriminate.
    intros _; cbn in Fault; now destruct (lock_exists l).
  Qed.

  (** A pass is defined exactly when I hold the lock and the environment is legal. *)
  Theorem pass_hlock_defined_iff l (d : data) :
    invariant d ->
    (exists d', pass_hlock_spec S l d = Done d') <->
    holder S l (events d) = Some (me d) /\ env_legal d.
  Proof.
    intros Inv; unfold pass_hlock_spec; rewrite operation_defined_iff by auto; cbn.
    pose proof (held_exists l (me d) (events d) (inv_legal _ _ Inv)) as Exists.
    destruct (lock_exists l); [|split; intros []; [discriminate|intuition discriminate]].
    split; intros H; assert (Env : env_legal d) by tauto;
      pose proof (holds_seen_iff l d Env); destruct (holds S (me d) l (seen d)); intuition discriminate.
  Qed.

  (** So are a write and a read. *)
  Theorem obj_write_defined_iff l k v (d : data) :
    invariant d ->
    (exists d', obj_write_spec F l k v d = Done d') <->
    holder S l (events d) = Some (me d) /\ env_legal d.
  Proof.
    intros Inv; rewrite write_defined_iff by auto; split; intros H;
      assert (Env : env_legal d) by tauto; pose proof (holds_seen_iff l d Env); cbn in *; tauto.
  Qed.
  Theorem obj_read_defined_iff l k (d : data) :
    invariant d ->
    (exists v d', obj_read_spec F l k d = Done (v, d')) <->
    holder S l (events d) = Some (me d) /\ env_legal d.
  Proof.
    intros Inv; rewrite read_defined_iff by auto; split; intros H;
      assert (Env : env_legal d) by tauto; pose proof (holds_seen_iff l d Env); cbn in *; tauto.
  Qed.

  (** ** The invariant: who holds a lock exists, and so does the lock *)
  Definition holders_exist (g : log) : Prop :=
    forall l c, holder S l g = Some c -> (c < cpus S)%nat /\ lock_exists (S := S) l = true.
  Definition atomic_invariant : data -> Prop := floor_invariant (F := F) holders_exist.

  Lemma legal_holders_exist g : legal F g -> holders_exist g.
  Proof.
    intros Legal l c Held; split; [|exact (held_exists l c g Legal Held)].
    revert Legal Held; induction g as [|[c' a] g IH]; [discriminate|].
    rewrite legal_cons, event_fault_none; intros (Legal & Cpu & _); specialize (IH Legal); cbn.
    destruct a as [l' k|l' j v|l' j v|]; auto; destruct k, (l' =? l); auto; congruence.
  Qed.

  Theorem atomic_init c bs : (c < cpus S)%nat -> atomic_invariant (start F c bs).
  Proof. exact (floor_init F holders_exist c bs legal_holders_exist). Qed.

  Theorem atomic_preserved (d d' : data) :
    atomic_invariant d ->
    does (fun l d d' => wait_hlock_spec S l d = Done d') (fun l d d' => pass_hlock_spec S l d = Done d') d d' ->
    atomic_invariant d'.
  Proof.
    apply (floor_preserved F holders_exist); [exact legal_holders_exist|..];
      intros l d1 d2 Op; eapply works_one; try exact Op; discriminate.
  Qed.
End Facts.
