(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * A client that keeps the contract

    [keeps] (layers/L4_locks/contract.v) speaks of the client's text and not of a
    run.  For such a client the second case of [stack_correct] does not arise: the
    private copies tell it the same to the end ([stack_correct_kept]).
    Read next: examples.v, for a client that keeps it. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers.view Require map.
From hlock.layers Require L0_machine.spec L1_ticket.spec L2_queue.spec.
From hlock.layers.L3_atomic Require Import spec facts.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec contract contract_facts invariant refine text code.
From hlock.stack Require Import stack setting stack_total stack_floors stack_refine stack_ends.
Import L0_machine.spec.
Import ListNotations.
Local Open Scope Z_scope.

Section Contract.
  Context {S : system}.

  (** The copies are those of the locks in [held]. *)
  Definition holding (h : HData S) (held : list Z) : Prop :=
    high_invariant h /\ forall l, find_copy l (copies h) <> None <-> List.In l held.

  Lemma holding_after o a (h h' : HData S) held :
    holding h held -> high_do o h = Done (a, h') -> ends o = false -> holding h' (held_after o held).
  Proof.
    intros (Inv & Copies) Did Goes_on; destruct o as [f i|f i|f i k|f i k v|]; [..|discriminate]; clear Goes_on;
      cbn [high_do held_after] in *; unfold silent, telling, acquire, release, read, write, on_lock in Did;
      apply bind_done in Did as (r & Did & Is); destruct (in_family f i); try discriminate.
    - injection Is as <- <-; split; [now apply acquire_high_keeps in Did|].
      unfold acquire_high in Did; apply bind_done in Did as (d & _ & [= <-]); intros l.
      cbn [copies]; rewrite find_cons_defined, Copies; reflexivity.
    - injection Is as <- <-; split; [now apply release_high_keeps in Did|].
      unfold release_high in Did; apply bind_done in Did as (d & _ & Did); intros l.
      destruct (find_copy (lock_id f i) (copies h)); [|discriminate].
      apply bind_done in Did as (d1 & _ & Did); apply bind_done in Did as (d2 & _ & [= <-]).
      cbn [copies]; rewrite find_drop, filter_In, <- Copies; destruct (l =? lock_id f i); cbn; intuition discriminate.
    - destruct r as [v h1]; injection Is as <- <-; split; [now apply read_high_keeps in Did|].
      unfold read_high in Did; apply bind_done in Did as (d & _ & Did).
      destruct (find_copy (lock_id f i) (copies h)); [|discriminate]; injection Did as <- <-; exact Copies.
    - injection Is as <- <-; split; [now apply write_high_keeps in Did|].
      unfold write_high in Did; apply bind_done in Did as (d & _ & Did); intros l.
      destruct (find_copy (lock_id f i) (copies h)) eqn:Mine; [|discriminate]; injection Did as <-.
      cbn [copies]; rewrite find_cons_defined, find_drop, <- Copies.
      destruct (Z.eqb_spec l (lock_id f i)) as [->|Diff].
      + rewrite Mine; split; [discriminate|auto].
      + clear Mine; intuition congruence.
  Qed.
End Contract.

Section Kept.
  Context {G : setting}.
  Local Notation N := processors.
  Local Notation S := the_system.
  Local Notation text := the_text.

  (** An operation within the contract breaches nothing, whatever the others do. *)
  Theorem allowed_never_breaches o (h : HData S) held e :
    of_table the_table o -> holding h held -> allowed o held = true -> high_do o h <> Breach e.
  Proof.
    intros Table (Inv & Copies) Allowed; change (high_do (S := S) o h <> Breach e).
    assert (Mine : forall l, has l held = true -> holder S l (events (base h)) = Some (me (base h)))
      by (intros l Has; apply (high_copies _ Inv), Copies, has_in, Has).
    destruct (await (atomic S) (base h)) as [d|f|f] eqn:Await.
    2: { unfold await in Await; destruct (batch_fault _ _ _ _); discriminate. }
    2: { destruct o as [f' i|f' i|f' i k|f' i k v|]; cbn [high_do];
           unfold silent, telling, acquire, release, read, write, on_lock, halt_high, halt_spec,
             acquire_high, release_high, read_high, write_high, wait_hlock_spec, view.spec.operation;
           rewrite Await; try discriminate;
           cbn [allowed] in Allowed; apply andb_prop in Allowed as (-> & _); discriminate. }
    destruct (proj1 (await_done _ _ _) Await) as (Quiet & Is).
    pose proof (await_invariant _ _ _ (high_base _ Inv) Await) as [_ Cpu Runs].
    assert (Same : me d = me (base h) /\ events d = seen (base h)) by now rewrite Is.
    destruct Same as (Me & Seen).
    destruct o as [f i|f i|f i k|f i k v|]; cbn [high_do allowed of_table] in *;
      unfold silent, telling, acquire, release, read, write, on_lock;
      try (apply andb_prop in Allowed as (Range & Has); rewrite Range).
    - apply negb_true_iff in Has; unfold acquire_high, wait_hlock_spec, view.spec.operation.
      rewrite Await; cbn [bind].
      destruct (emit (atomic S) _ _) as [|fault|] eqn:Emit; try discriminate; intros _.
      apply emit_breach in Emit as (Fault & Own); revert Fault.
      unfold event_fault; rewrite Runs, (proj2 (Nat.ltb_lt _ _) Cpu); cbn [negb action_fault].
      rewrite table_lock_exists by auto.
      cbn [verb_fault atomic atomic_fault].
      destruct (holder S (lock_id f i) (events d)) as [c|] eqn:Held; [|discriminate].
      destruct (Nat.eqb_spec c (me d)) as [->|]; [|now intros [= <-]].
      rewrite Seen, Me in Held; apply holds_iff, holds_seen_iff in Held; [|exact Quiet].
      apply (high_copies _ Inv), Copies, has_in in Held; congruence.
    - destruct (proj2 (release_high_defined_iff _ _ Inv) (conj (Mine _ Has) Quiet)) as (h' & ->); discriminate.
    - destruct (proj2 (read_high_defined_iff _ k _ Inv) (conj (Mine _ Has) Quiet)) as (v & h' & ->); discriminate.
    - destruct (proj2 (write_high_defined_iff _ k v _ Inv) (conj (Mine _ Has) Quiet)) as (h' & Does).
      unfold S in *; rewrite Does; discriminate.
    - unfold halt_high, halt_spec, view.spec.operation; rewrite Await; cbn [bind].
      destruct (emit (atomic S) _ _) as [|fault|] eqn:Emit; try discriminate; intros _.
      apply emit_breach in Emit as (Fault & _); revert Fault.
      unfold event_fault; now rewrite Runs, (proj2 (Nat.ltb_lt _ _) Cpu).
  Qed.

  Lemma holding_with_env (h : HData S) held bs : holding h held -> holding (published.with_env S bs h) held.
  Proof.
    intros ([[Legal Cpu Runs] Exact] & Copies); split; [now repeat constructor; auto; apply Exact|exact Copies].
  Qed.

  Theorem allowed_unbroken o (h : HData S) held :
    of_table the_table o -> holding h held -> allowed o held = true -> ~ breaks o h.
  Proof.
    intros Table Holding Allowed (e & Breaks).
    exact (allowed_never_breaches o _ held e Table (holding_with_env h held [[]] Holding) Allowed (Breaks [])).
  Qed.

  (** So a client whose text keeps the contract keeps it among any others. *)
  Theorem text_keeps_contract (p : client S) c :
    (c < N)%nat -> (forall history o, p history = Some o -> of_table the_table o) -> (forall n, keeps p n [] []) ->
    keeps_contract p [] (mkHData (start (atomic S) c []) []).
  Proof.
    intros Cpu Table Keeps n bs e.
    assert (Held : holding (published.with_env S bs (mkHData (start (atomic S) c []) [])) [])
      by (apply holding_with_env; split; [now apply high_init|cbn; intuition]).
    revert Held; generalize (published.with_env S bs (mkHData (start (atomic S) c []) [])).
    generalize (Keeps n); clear Keeps; generalize (@nil Z); generalize (@nil (response S)).
    induction n as [|n IH]; intros history held Keeps h Holding; cbn in Keeps |- *; [discriminate|].
    destruct (p history) as [o|] eqn:Next; [|discriminate]; destruct Keeps as (Allowed & Later).
    destruct (high_do o h) as [[a h1]|f|f] eqn:Did; cbn [bind fst snd]; [|intros _|discriminate].
    - specialize (Later a); destruct (ends o) eqn:Ends; [discriminate|].
      exact (IH _ _ Later h1 (holding_after o a h h1 held Holding Did Ends)).
    - exact (allowed_never_breaches o h held f (Table _ _ Next) Holding Allowed Did).
  Qed.

  (** After each run on private copies of such a client, its next operation is
      within the contract. *)
  Lemma keeps_unbroken (p : client S) :
    (forall history o, p history = Some o -> of_table the_table o) ->
    forall k n history held h sofar h' o,
    keeps p n history held -> holding h held -> (k < n)%nat ->
    run high_do p k history h = Done (sofar, h') -> p sofar = Some o -> ~ breaks o h'.
  Proof.
    intros Table; induction k as [|k IH]; intros [|n] history held h sofar h' o Keeps Holding Fewer Run Next;
      try lia; cbn in Keeps, Run.
    - injection Run as <- <-; rewrite Next in Keeps; destruct Keeps as (Allowed & _).
      exact (allowed_unbroken o h held (Table _ _ Next) Holding Allowed).
    - destruct (p history) as [o1|] eqn:Now; [|congruence].
      apply bind_done in Run as ([a h1] & Did & Run); destruct Keeps as (_ & Later); specialize (Later a).
      cbn [fst snd] in Run; destruct (ends o1) eqn:Ends; [congruence|].
      apply (IH n (a :: history) (held_after o1 held) h1 sofar h' o Later); auto with arith.
      exact (holding_after o1 a h h1 held Holding Did Ends).
  Qed.

  (** T4 for a client that keeps the contract, from the start: the linked C on
      words tells it what the private copies tell it, to the end. *)
  Theorem stack_correct_kept :
    forall (mem : Type) (m : mem) (p : client S) n c batches responses d',
    let d := start (words S width) c batches in
    (c < N)%nat -> (forall history o, p history = Some o -> of_table the_table o) -> keeps p n [] [] ->
    c_run text S width m p n [] d responses d' -> env_safe S width d d' ->
    exists bs, forall rest, exists h',
      run high_do p n [] (mkHData (start (atomic S) c (bs ++ rest)) []) = Done (responses, h') /\
      stands_for S width d' h' /\ env (base h') = rest.
  Proof.
    intros mem m p n c batches responses d' d Cpu Table Keeps Run (Foreign & Others).
    set (h := mkHData (start (atomic S) c []) []).
    assert (Stands : stands_for S width d h).
    { exists (start (L1_ticket.spec.tickets S) c []), (start (L2_queue.spec.queues S) c []), (start (atomic S) c []).
      split; [now repeat constructor|split; [apply map.related_start|split; [apply map.related_start|]]].
      apply refine.related_start. }
    destruct (client_follows m p n Table [] d responses d' Run)
      as (k & bs & Same); [constructor; [now apply invariant_init|exact Foreign]|
        intros l; left; reflexivity|exact Others|].
    exists bs; intros rest; destruct (Same h rest Stands) as (sofar & h' & High & Env & Case).
    exists h'; destruct Case as [(-> & -> & Stands')|(Fewer & _ & o & Next & Breaks)]; [auto|exfalso].
    refine (keeps_unbroken p Table k n [] [] _ sofar h' o Keeps _ Fewer High Next Breaks).
    split; [now apply high_init|cbn; intuition].
  Qed.
End Kept.
