(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Related machines step together

    A step of a thread, for each kind of step and each place of the thread, is one step
    of the atomic machine or none, and the machines stay related ([match_step]): a
    forward simulation.  Read next: correct.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options integers values semantics smallstep.
From hlock.layers.view Require Import spec facts.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.refine.
From hlock.layers Require Import L3_atomic.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text code.
From hlock.stack Require Import stack setting stack_refine.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import position place invariant.
Import ListNotations.
Local Open Scope Z_scope.

Section Simulation.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := (the_system).
  Let Fits' : Z.of_nat (cpus S) <= modulus width := Fits.
  Local Notation W := (words S width).
  Local Notation A := (L3_atomic.spec.atomic S).
  Local Notation M := (sc_memory S width).
  Local Notation step := (machine_step text width M clients).

  (** An action that is in order where it happens. *)
  Lemma in_order_here x y c a t :
    match_machine x y -> nth_error (threads x) c = Some t -> halted c (contents x) = false ->
    action_fault W c a (contents x) = None ->
    legal W ((c, a) :: contents x).
  Proof.
    intros Rel At Runs Fault; apply legal_cons; split; [apply Rel|]; apply event_fault_none.
    split; [|auto].
    refine (eq_ind _ (fun n => (c < n)%nat) _ _ (rel_threads _ _ Rel)); apply nth_error_Some; congruence.
  Qed.
  (** Then it is possible on the atomic machine, if it is seen there. *)
  Lemma possible_above c a a' g :
    legal W ((c, a) :: g) -> up S width ((c, a) :: g) = (c, a') :: up S width g -> possible c a' (up S width g).
  Proof.
    intros Legal Is; apply (up_legal S width Width Fits') in Legal; rewrite Is in Legal.
    now apply legal_cons in Legal as (_ & Fault).
  Qed.

  Lemma exists_in f i : List.In f the_table -> in_family f i = true -> lock_exists (S := S) (lock_id f i) = true.
  Proof. intros; apply table_lock_exists; auto; reflexivity. Qed.

  (** The step [v] of CPU [c] from [y] is one of the atomic machine, or nothing. *)
  Definition follows (c : cpu) (y : atomic_machine S) (v : option (visible S)) (y' : atomic_machine S) : Prop :=
    atomic_step clients c y v y' \/ (v = None /\ y' = y).

  Definition contract_kept (c : cpu) (y : atomic_machine S) : Prop :=
    forall history o, nth_error (positions y) c = Some (At_rest history) -> clients c history = Some o ->
    ~ forbidden the_table c o (happened y).

  Section Step.
    Context (x : machine M) (y : atomic_machine S) (c : cpu) (t : thread S) (q : position S).
    Context (Rel : match_machine x y) (At : nth_error (threads x) c = Some t) (At' : nth_error
      (positions y) c = Some q).
    Local Notation g := (contents x).

    Lemma mine_iff l : words_phase S c l g = Out \/ words_phase S c l g = In ->
      words_phase S c l g = In <-> holder S l (happened y) = Some c.
    Proof.
      intros Settled; pose proof (holder_up S width Width Fits' g c l (rel_legal _ _ Rel)) as Holder.
      rewrite (rel_log _ _ Rel); destruct Settled as [Is|Is]; rewrite Is in Holder |- *; split; auto; congruence.
    Qed.

    (** The log and the atomic machine's, if this CPU's action does not show. *)
    Lemma hidden_step a t' q' :
      t <> Stopped -> action_fault W c a g = None -> halted c g = false ->
      up S width ((c, a) :: g) = up S width g ->
      (q' = q) -> match_thread c ((c, a) :: g) t' q' -> alive c ((c, a) :: g) t' ->
      match_machine (mkMachine (M := M) (put_at c t' (threads x)) ((c, a) :: g)) y.
    Proof.
      intros Moves Fault Runs Hidden -> Stands Alive.
      pose proof (in_order_here x y c a t Rel At Runs Fault) as Legal.
      pose proof (match_update x y c t q t' q ((c, a) :: g) _ eq_refl Rel At At' (or_intror (ex_intro _ a eq_refl))
                    Legal Stands Alive) as Rel'.
      rewrite (put_same _ _ _ At'), Hidden in Rel'.
      rewrite <- (rel_log _ _ Rel) in Rel'; now destruct y.
    Qed.

    (** Words are words. *)
    Lemma now_word l : in_word width (serving S width l g).
    Proof. apply now_in_word; lia. Qed.
    Lemma next_word l : in_word width (next S width l g).
    Proof. apply next_in_word; lia. Qed.

    Lemma alive_lock l k t' : halted c g = false -> t' <> Stopped -> alive c ((c, Lock l k) :: g) t'.
    Proof. intros Runs Goes; unfold alive; cbn; rewrite Runs; split; [discriminate|contradiction]. Qed.
    Lemma alive_still t' : halted c g = false -> t' <> Stopped -> alive c g t'.
    Proof. intros Runs Goes; unfold alive; rewrite Runs; split; [discriminate|contradiction]. Qed.
  End Step.

  (** *** By kind of step *)
  Lemma halt_follows x y c t :
    match_machine x y -> nth_error (threads x) c = Some t -> t <> Stopped ->
    exists y', atomic_step clients c y (Some Did_halt) y' /\
               match_machine (mkMachine (M := M) (put_at c Stopped (threads x)) ((c, Halted) :: contents x)) y'.
  Proof.
    intros Rel At Goes.
    destruct (match_at x y c t Rel At) as (q & At' & Stands & Alive).
    assert (Runs : halted c (contents x) = false)
      by (destruct (halted c (contents x)) eqn:H; [destruct Goes; now apply Alive|reflexivity]).
    pose proof (in_order_here x y c Halted t Rel At Runs eq_refl) as Legal.
    exists (mkAtomic (put_at c Dead (positions y)) ((c, Halted) :: happened y)); split.
    - destruct y as [ps h]; cbn in *; apply atomic_halt with q; [exact At'|].
      intros ->; inversion Stands; congruence.
    - apply (match_update x y c t q); auto;
        [now rewrite (rel_log _ _ Rel)|right; now exists Halted|apply match_dead|].
      unfold alive; cbn; rewrite Nat.eqb_refl; split; auto.
  Qed.

  Lemma call_follows x y c history o :
    match_machine x y -> nth_error (threads x) c = Some (Idle history) ->
    nth_error (positions y) c = Some (At_rest history) -> clients c history = Some o ->
    settled_but (fun _ => False) c (contents x) -> alive c (contents x) (Idle history) ->
    ~ forbidden the_table c o (happened y) ->
    forall s, begin text o history = Call o (Calling o history s) -> exists y',
      atomic_step clients c y (Some (Called o)) y' /\
      match_machine (mkMachine (M := M) (put_at c (Calling o history s) (threads x)) (contents x)) y'.
  Proof.
    intros Rel At At' Next Settled Alive Kept s Begins.
    assert (Runs : halted c (contents x) = false)
      by (destruct (halted c (contents x)) eqn:H; [now apply Alive in H|reflexivity]).
    assert (Either : forall l, words_phase S c l (contents x) = Out \/ words_phase S c l (contents x) = In)
      by (intros l; destruct (Settled l) as [[]|]; auto).
    pose proof (fun l => mine_iff x y c Rel l (Either l)) as Mine.
    apply forbidden_not in Kept as (Known & Kept).
    exists (mkAtomic (put_at c (Pending o history) (positions y)) (happened y)); split.
    - destruct y as [ps h]; cbn in *; apply atomic_call; auto.
      destruct o; cbn in *; discriminate.
    - apply (match_update x y c (Idle history) (At_rest history)); auto; [apply Rel|apply Rel| |now apply alive_still].
      destruct o as [f i|f i|f i k|f i k v|]; try discriminate; cbn in Begins; injection Begins as <-;
        cbn in Kept, Known.
      + destruct Kept as (Range & Not); apply match_before_ticket; auto; [apply place_of_acquire; auto|].
        destruct (Either (lock_id f i)) as [|Inside]; [auto|]; apply Mine in Inside; tauto.
      + destruct Kept as (Range & Holds); apply match_before_load; auto; [apply place_of_release; auto|].
        now apply Mine.
  Qed.

  (** An access of who holds the lock. *)
  Lemma access_follows x y c history o (a : action S words_verb) v (history' : list (response S)) :
    match_machine x y -> nth_error (threads x) c = Some (Idle history) ->
    nth_error (positions y) c = Some (At_rest history) -> clients c history = Some o ->
    settled_but (fun _ => False) c (contents x) -> alive c (contents x) (Idle history) ->
    ~ forbidden the_table c o (happened y) ->
    (exists f i k, o = Op_read f i k /\ a = Read (lock_id f i) k (object (lock_id f i) k (contents x)) /\
       v = Did_read (lock_id f i) k (object (lock_id f i) k (contents x)) /\
       history' = Some (existT _ (lock_id f i) (object (lock_id f i) k (contents x))) :: history) \/
    (exists f i k w, o = Op_write f i k w /\ a = Wrote (lock_id f i) k w /\ v = Did_write (lock_id f i) k w /\
       history' = None :: history) ->
    exists y', atomic_step clients c y (Some v) y' /\
      match_machine (mkMachine (M := M) (put_at c (Idle history') (threads x)) ((c, a) :: contents x)) y'.
  Proof.
    intros Rel At At' Next Settled Alive Kept Access.
    assert (Runs : halted c (contents x) = false)
      by (destruct (halted c (contents x)) eqn:H; [now apply Alive in H|reflexivity]).
    assert (Either : forall l, words_phase S c l (contents x) = Out \/ words_phase S c l (contents x) = In)
      by (intros l; destruct (Settled l) as [[]|]; auto).
    pose proof (fun l => mine_iff x y c Rel l (Either l)) as Mine.
    apply forbidden_not in Kept as (Known & Kept).
    assert (Inside : exists f i k, List.In f the_table /\ in_family f i = true /\
              words_phase S c (lock_id f i) (contents x) = In /\
              (a = Read (lock_id f i) k (object (lock_id f i) k (contents x)) \/
               exists w, a = Wrote (lock_id f i) k w)).
    { destruct Access as [(f & i & k & -> & -> & _)|(f & i & k & w & -> & -> & _)]; destruct Kept as (Range & Holds);
        exists f, i, k; (split; [exact Known|split; [exact Range|split; [now apply Mine|eauto]]]). }
    assert (Fault : action_fault W c a (contents x) = None).
    { destruct Inside as (f & i & k & _ & _ & Is & [->|(w & ->)]); cbn; unfold words_inside; rewrite Is; [|reflexivity].
      match goal with |- context [if ?dec then _ else _] => destruct dec as [|Not] end;
        [reflexivity|now destruct Not]. }
    pose proof (in_order_here x y c a (Idle history) Rel At Runs Fault) as Legal.
    assert (Stays : forall but, settled_but but c (contents x) -> settled_but but c ((c, a) :: contents x)).
    { intros but H l; destruct Inside as (f & i & k & _ & _ & _ & [->|(w & ->)]); exact (H l). }
    assert (Live : alive c ((c, a) :: contents x) (Idle history')).
    { unfold alive; destruct Inside as (f & i & k & _ & _ & _ & [->|(w & ->)]); cbn; rewrite Runs; split;
        discriminate. }
    destruct Access as [(f & i & k & -> & -> & -> & ->)|(f & i & k & w & -> & -> & -> & ->)].
    - set (w := object (lock_id f i) k (contents x)) in *.
      assert (Up : up S width ((c, Read (lock_id f i) k w) :: contents x) =
                   (c, Read (lock_id f i) k w) :: up S width (contents x)) by reflexivity.
      assert (Same : w = object (lock_id f i) k (happened y)).
      { rewrite (rel_log _ _ Rel); symmetry; exact (object_up S width (contents x) _ _). }
      exists (mkAtomic (put_at c (At_rest (S := S) (Some (existT _ (lock_id f i) w) :: history)) (positions y))
                       ((c, Read (lock_id f i) k w) :: happened y)); split.
      + pose proof (possible_above _ _ _ _ Legal Up) as Can; rewrite <- (rel_log _ _ Rel) in Can.
        rewrite Same in Can |- *; destruct y as [ps h]; cbn [positions happened] in *; now apply atomic_read.
      + apply (match_update x y c (Idle history) (At_rest history)); auto;
          [now rewrite (rel_log _ _ Rel)|right; eauto|].
        apply match_idle; auto.
    - assert (Up : up S width ((c, Wrote (lock_id f i) k w) :: contents x) =
                   (c, Wrote (lock_id f i) k w) :: up S width (contents x)) by reflexivity.
      exists (mkAtomic (put_at c (At_rest (S := S) (None :: history)) (positions y))
                       ((c, Wrote (lock_id f i) k w) :: happened y)); split.
      + pose proof (possible_above _ _ _ _ Legal Up) as Can; rewrite <- (rel_log _ _ Rel) in Can.
        destruct y as [ps h]; cbn [positions happened] in *; now apply atomic_write.
      + apply (match_update x y c (Idle history) (At_rest history)); auto;
          [now rewrite (rel_log _ _ Rel)|right; eauto|].
        apply match_idle; auto.
  Qed.

  (** The step of a call that shows: the atomic machine's operation takes effect. *)
  Lemma effect_follows x y c o history t a a' t' :
    match_machine x y -> nth_error (threads x) c = Some t -> nth_error (positions y) c = Some (Pending o history) ->
    halted c (contents x) = false -> action_fault W c a (contents x) = None ->
    up S width ((c, a) :: contents x) = (c, a') :: up S width (contents x) -> effect o = Some a' ->
    match_thread c ((c, a) :: contents x) t' (Effected o history) -> alive c ((c, a) :: contents x) t' ->
    exists y', atomic_step clients c y None y' /\
      match_machine (mkMachine (M := M) (put_at c t' (threads x)) ((c, a) :: contents x)) y'.
  Proof.
    intros Rel At At' Runs Fault Up Effect Stands Alive.
    pose proof (in_order_here x y c a t Rel At Runs Fault) as Legal.
    exists (mkAtomic (put_at c (Effected o history) (positions y)) ((c, a') :: happened y)); split.
    - pose proof (possible_above _ _ _ _ Legal Up) as Can; rewrite <- (rel_log _ _ Rel) in Can.
      destruct y as [ps h]; cbn [positions happened] in *; now apply atomic_effect.
    - apply (match_update x y c t (Pending o history)); auto;
        [now rewrite (rel_log _ _ Rel), Up|right; eauto].
  Qed.

  Lemma in_call_only (o : op S) history s p : at_place s p ->
    match in_call text o history s with
    | Call _ _ | Get _ _ _ | Put _ _ _ _ | Halt => False
    | Return _ _ => p = Through
    | _ => True
    end.
  Proof.
    intros At; destruct (next_at o history s p At) as [(s' & -> & _)|Asks]; [exact I|].
    destruct p; cbn in Asks; [destruct Asks as (go & -> & _)..|rewrite Asks]; auto.
  Qed.

  (** ** One step of a thread, by its kind

      The two machines go together:

<<
        x ---- stands, related ---- y              Each place of a thread is a position
        |                           |              of the atomic machine.  A step that
      c | step, v                   | c, v         the atomic machine does not make
        v                           v or nothing   leaves y alone (stuttering); the poll
        x' --- stands, related ---- y'             that succeeds and the store of a
                                                   release are the linearization points.
>> *)
  Definition matched (c : cpu) (y : atomic_machine S) (v : option (visible S)) (x' : machine M) : Prop :=
    exists y', follows c y v y' /\ match_machine x' y'.

  Section Kinds.
    Context (ts : list (thread S)) (g : log S words_verb) (y : atomic_machine S) (c : cpu).
    Local Notation x := (mkMachine (M := M) ts g).
    Context (Rel : match_machine x y).
    Local Notation thread_is t := (nth_error ts c = Some t).
    Local Notation position_is q := (nth_error (positions y) c = Some q).
    Local Notation goes_on t g' := (mkMachine (M := M) (put_at c t ts) g').

    Lemma runs_on t q : thread_is t -> position_is q -> t <> Stopped -> halted c g = false.
    Proof.
      intros At At' Goes; destruct (rel_stands _ _ Rel c t q At At') as (_ & Alive); cbn [contents] in Alive.
      destruct (halted c g) eqn:H; [now destruct Goes; apply Alive|reflexivity].
    Qed.

    (** A step of its own: it stays where it is. *)
    Lemma own_step t q t' : thread_is t -> position_is q -> match_thread c g t q ->
      next_move text width (clients c) t = Local t' -> matched c y None (goes_on t' g).
    Proof.
      intros At At' Stands Next; pose proof (runs_on t q At At') as Runs; pose proof (rel_legal _ _ Rel) as Legal.
      assert (Same : forall t2, t <> Stopped -> t2 <> Stopped -> match_thread c g t2 q ->
        match_machine (goes_on t2 g) y).
      { intros t2 Goes Goes2 Stands2.
        pose proof (match_update x y c t q t2 q g (happened y) (rel_log _ _ Rel)
                      Rel At At' (or_introl eq_refl) Legal Stands2 (alive_still x c t2 (Runs Goes) Goes2)) as Rel'.
        rewrite (put_same _ _ _ At') in Rel'; now destruct y. }
      exists y; split; [now right|]; destruct Stands as [history Settled|f i history s Member Range Place Phase Settled
        |f i history s w Member Range Place Phase Settled|f i history s Member Range Place Phase Settled
        |f i history w k Member Range Ret Phase Settled|o history s Place Settled|]; cbn [next_move] in Next;
          try discriminate Next.
      - destruct (clients c history) as [[]|]; discriminate.
      - destruct (next_at (Op_acquire f i : op S) history s _ Place) as [(s' & Is & At2)|(go & Is & _)];
          rewrite Is in Next; [injection Next as <-|discriminate].
        apply Same; [discriminate|discriminate|now apply match_before_ticket].
      - destruct (next_at (Op_acquire f i : op S) history s _ Place) as [(s' & Is & At2)|(go & Is & _)];
          rewrite Is in Next; [injection Next as <-|discriminate].
        apply Same; [discriminate|discriminate|now apply match_polling with w].
      - destruct (next_at (Op_release f i : op S) history s _ Place) as [(s' & Is & At2)|(k & Is & _)];
          rewrite Is in Next; [injection Next as <-|discriminate].
        apply Same; [discriminate|discriminate|now apply match_before_load].
      - destruct (next_at o history s _ Place) as [(s' & Is & At2)|Is];
          cbn in Is; rewrite Is in Next; [injection Next as <-|discriminate].
        apply Same; [discriminate|discriminate|now apply match_through].
    Qed.

    Lemma call_step t q o t' : thread_is t -> position_is q -> match_thread c g t q -> contract_kept c y ->
      next_move text width (clients c) t = Call o t' -> matched c y (Some (Called o)) (goes_on t' g).
    Proof.
      intros At At' Stands Kept Next; destruct (rel_stands _ _ Rel c t q At At') as (_ & Alive).
      destruct Stands as [history Settled|f i history s _ _ Place _ _|f i history s w _ _ Place _ _
        |f i history s _ _ Place _ _
        |f i history w k _ _ _ _ _|o2 history s Place _|]; cbn [next_move] in Next; try discriminate Next.
      2, 3, 4, 5: lazymatch type of Next with in_call _ ?o ?history ?s = _ =>
                    pose proof (in_call_only o history s _ Place) as Only; rewrite Next in Only; now destruct Only end.
      destruct (clients c history) as [o2|] eqn:Choice; [|discriminate].
      assert (exists s, t' = Calling o history s /\ o2 = o) as (s & -> & ->)
        by (destruct o2; cbn in Next; try discriminate; injection Next as <- <-; eauto).
      destruct (call_follows x y c history o Rel At At' Choice Settled Alive (Kept history o At' Choice) s Next)
        as (y' & Step & Rel').
      exists y'; split; [now left|exact Rel'].
    Qed.

    Lemma return_step t q o t' : thread_is t -> position_is q -> match_thread c g t q ->
      next_move text width (clients c) t = Return o t' -> matched c y (Some (Returned o)) (goes_on t' g).
    Proof.
      intros At At' Stands Next; pose proof (runs_on t q At At') as Runs.
      destruct Stands as [history Settled|f i history s _ _ Place _ _|f i history s w _ _ Place _ _
        |f i history s _ _ Place _ _
        |f i history w k _ _ _ _ _|o2 history s Place Settled|]; cbn [next_move] in Next; try discriminate Next.
      { destruct (clients c history) as [[]|]; discriminate. }
      1, 2, 3: lazymatch type of Next with in_call _ ?o ?history ?s = _ =>
                 pose proof (in_call_only o history s _ Place) as Only; rewrite Next in Only; discriminate Only end.
      destruct (next_at o2 history s _ Place) as [(s' & Is & _)|Is]; [rewrite Is in Next; discriminate|].
      cbn in Is; rewrite Is in Next; injection Next as <- <-.
      exists (mkAtomic (put_at c (At_rest (S := S) (None :: history)) (positions y)) (happened y)); split.
      - left; destruct y as [ps h]; cbn [positions happened] in *; now apply atomic_return.
      - apply (match_update x y c (Calling o2 history s) (Effected o2 history)); auto.
        + apply Rel.
        + apply Rel.
        + now apply match_idle.
        + apply (alive_still x); [apply Runs; discriminate|discriminate].
    Qed.

    (** An access to an object. *)
    Lemma access_step history a t' : thread_is (Idle history) -> position_is (At_rest history) ->
      match_thread c g (Idle history) (At_rest history) ->
      contract_kept c y -> answered (next_move text width (clients c) (Idle history)) a t' -> value_there S width g a ->
      matched c y (seen_of a) (goes_on t' ((c, a) :: g)).
    Proof.
      intros At At' Stands Kept Ans Value; destruct (rel_stands _ _ Rel c _ _ At At') as (_ & Alive).
      inversion Stands as [? Settled| | | | | |]; subst; cbn [next_move] in Ans.
      destruct (clients c history) as [[f i|f i|f i k|f i k w|]|] eqn:Choice; cbn in Ans; try contradiction.
      - destruct Ans as (w & -> & ->); cbn in Value; subst w.
        edestruct (access_follows x y c history (Op_read f i k)) as (y' & Step & Rel');
          [eassumption..|exact (Kept _ _ At' Choice)|left; exists f, i, k; repeat split|].
        exists y'; split; [left; exact Step|exact Rel'].
      - destruct Ans as (-> & ->).
        edestruct (access_follows x y c history (Op_write f i k w)) as (y' & Step & Rel');
          [eassumption..|exact (Kept _ _ At' Choice)|right; exists f, i, k, w; repeat split|].
        exists y'; split; [left; exact Step|exact Rel'].
    Qed.

    Section Call.
      Context (f : family) (i : Z) (history : list (response S)) (Member : List.In f the_table)
        (Range : in_family f i = true).
      Local Notation l := (lock_id f i).

      Lemma ticket_step s a t' : let t := Calling (Op_acquire f i) history s in
        thread_is t -> position_is (Pending (Op_acquire f i) history) -> at_place s (Before_ticket l) ->
        words_phase S c l g = Out -> settled_but (fun _ => False) c g ->
        answered (in_call text (Op_acquire f i) history s) a t' -> value_there S width g a ->
        matched c y (seen_of a) (goes_on t' ((c, a) :: g)).
      Proof.
        intros t At At' Place Phase Settled Ans Value; pose proof (runs_on t _ At At' ltac:(discriminate)) as Runs.
        destruct (next_at (Op_acquire f i : op S) history s _ Place) as [(s' & Is & _)|(go & Is & Goes)];
          rewrite Is in Ans; [contradiction|]; destruct Ans as (w & -> & ->); cbn in Value; subst w.
        exists y; split; [now right|].
        apply (hidden_step x y c _ _ Rel At At' (Lock l (Took _)) _ (Pending (Op_acquire f i) history)); auto;
          [discriminate| | |].
        - cbn; rewrite (exists_in f i Member Range); unfold words_fault, reads; now rewrite Phase, Z.eqb_refl.
        - apply match_polling with (next S width l g); auto.
          + apply Goes; apply (next_word x).
          + cbn [contents]; rewrite words_same, Phase; reflexivity.
          + apply settled_verb with (fun _ => False); auto; contradiction.
        - apply (alive_lock x); [exact Runs|discriminate].
      Qed.

      Lemma poll_step s w a t' : let t := Calling (Op_acquire f i) history s in
        thread_is t -> position_is (Pending (Op_acquire f i) history) -> at_place s (Polling l w) ->
        words_phase S c l g = Waiting w -> settled_but (eq l) c g ->
        answered (in_call text (Op_acquire f i) history s) a t' -> value_there S width g a ->
        matched c y (seen_of a) (goes_on t' ((c, a) :: g)).
      Proof.
        intros t At At' Place Phase Settled Ans Value; pose proof (runs_on t _ At At' ltac:(discriminate)) as Runs.
        pose proof (rel_legal _ _ Rel) as Legal; cbn [contents] in Legal.
        destruct (next_at (Op_acquire f i : op S) history s _ Place) as [(s' & Is & _)|(go & Is & Goes)];
          rewrite Is in Ans; [contradiction|]; destruct Ans as (u & -> & ->); cbn in Value; subst u.
        assert (Fault : action_fault W c (Lock l (Polled (serving S width l g))) g = None).
        { cbn; rewrite (exists_in f i Member Range); unfold words_fault, reads; now rewrite Phase, Z.eqb_refl. }
        specialize (Goes _ (now_word x l)); cbn [contents] in Goes.
        pose proof (up_polled S width Width Fits' g c l w Legal Phase) as Up.
        destruct (Z.eqb_spec (serving S width l g) w) as [Turn|Not].
        - destruct (effect_follows x y c (Op_acquire f i) history _ (Lock l (Polled (serving S width l g)))
            (Lock l Entered)
                      (Calling (Op_acquire f i) history (go (serving S width l g))) Rel At At') as (y' & Step & Rel');
            auto; [| |exists y'; split; [left; exact Step|exact Rel']].
          + apply match_through; [exact Goes|].
            apply settled_verb with (eq l); [exact Settled|congruence|right; right].
            cbn [contents]; rewrite Phase; cbn [words_step]; now rewrite (proj2 (Z.eqb_eq _ _) Turn).
          + apply (alive_lock x); [exact Runs|discriminate].
        - exists y; split; [now right|].
          apply (hidden_step x y c _ _ Rel At At' (Lock l (Polled _)) _ (Pending (Op_acquire f i) history)); auto;
            [discriminate| |].
          + apply match_polling with w; auto; [|now apply settled_verb with (eq l); auto].
            cbn [contents]; rewrite words_same, Phase; cbn [words_step]; now rewrite (proj2 (Z.eqb_neq _ _) Not).
          + apply (alive_lock x); [exact Runs|discriminate].
      Qed.

      Lemma load_step s a t' : let t := Calling (Op_release f i) history s in
        thread_is t -> position_is (Pending (Op_release f i) history) -> at_place s (Before_load l) ->
        words_phase S c l g = In -> settled_but (fun _ => False) c g ->
        answered (in_call text (Op_release f i) history s) a t' -> value_there S width g a ->
        matched c y (seen_of a) (goes_on t' ((c, a) :: g)).
      Proof.
        intros t At At' Place Phase Settled Ans Value; pose proof (runs_on t _ At At' ltac:(discriminate)) as Runs.
        destruct (next_at (Op_release f i : op S) history s _ Place) as [(s' & Is & _)|(k & Is & Ret%back_through)];
          rewrite Is in Ans; [contradiction|]; destruct Ans as (u & -> & ->); cbn in Value; subst u.
        exists y; split; [now right|].
        apply (hidden_step x y c _ _ Rel At At' (Lock l (Loaded _)) _ (Pending (Op_release f i) history)); auto;
          [discriminate| | |].
        - cbn; rewrite (exists_in f i Member Range); unfold words_fault, reads; now rewrite Phase, Z.eqb_refl.
        - apply match_storing; auto.
          + cbn [contents]; rewrite words_same, Phase; reflexivity.
          + apply settled_verb with (fun _ => False); auto; contradiction.
        - apply (alive_lock x); [exact Runs|discriminate].
      Qed.

      Lemma store_step w k a t' : let t := Storing (Op_release f i) history l w k in
        thread_is t -> position_is (Pending (Op_release f i) history) -> at_place (Give Vundef k) Through ->
        words_phase S c l g = Leaving w -> settled_but (eq l) c g ->
        answered (next_move text width (clients c) t) a t' -> matched c y (seen_of a) (goes_on t' ((c, a) :: g)).
      Proof.
        intros t At At' Ret Phase Settled (-> & ->); pose proof (runs_on t _ At At' ltac:(discriminate)) as Runs.
        destruct (effect_follows x y c (Op_release f i) history _ (Lock l (Stored ((w + 1) mod modulus width)))
          (Lock l Left)
                    (Calling (Op_release f i) history (Give Vundef k)) Rel At At') as (y' & Step & Rel');
          auto; [| | |exists y'; split; [left; exact Step|exact Rel']].
        - cbn; rewrite (exists_in f i Member Range); unfold words_fault; now rewrite Phase, Z.eqb_refl.
        - apply match_through; [exact Ret|].
          apply settled_verb with (eq l); [exact Settled|congruence|right; left; reflexivity].
        - apply (alive_lock x); [exact Runs|discriminate].
      Qed.
    End Call.

    (** A request to memory. *)
    Lemma memory_step t q a t' : thread_is t -> position_is q -> match_thread c g t q -> contract_kept c y ->
      answered (next_move text width (clients c) t) a t' -> value_there S width g a ->
      matched c y (seen_of a) (goes_on t' ((c, a) :: g)).
    Proof.
      intros At At' Stands Kept Ans Value;
        destruct Stands as [history Settled|f i history s Member Range Place Phase Settled
        |f i history s w Member Range Place Phase Settled|f i history s Member Range Place Phase Settled
        |f i history w k Member Range Ret Phase Settled|o history s Place Settled|].
      - exact (access_step history a t' At At' (match_idle c g history Settled) Kept Ans Value).
      - exact (ticket_step f i history Member Range s a t' At At' Place Phase Settled Ans Value).
      - exact (poll_step f i history Member Range s w a t' At At' Place Phase Settled Ans Value).
      - exact (load_step f i history Member Range s a t' At At' Place Phase Settled Ans Value).
      - exact (store_step f i history Member Range w k a t' At At' Ret Phase Settled Ans).
      - cbn [next_move] in Ans; destruct (next_at o history s _ Place) as [(s' & Is & _)|Is]; cbn in Is;
          rewrite Is in Ans; contradiction.
      - contradiction.
    Qed.
  End Kinds.

  Theorem match_step x y c v x' : match_machine x y -> step c x v x' -> contract_kept c y -> matched c y v x'.
  Proof.
    intros Rel Step Kept; destruct Step as [ts g t t' At Next|ts g t t' o At Next|ts g t t' o At Next
      |ts g t a t' g' At Ans (Value & ->)|ts g t g' At Goes (_ & ->)].
    5: { destruct (halt_follows _ y c t Rel At Goes) as (y' & Step & Rel'); exists y'; split; [left;
           exact Step|exact Rel']. }
    all: destruct (match_at _ y c t Rel At) as (q & At' & Stands & _).
    - exact (own_step ts g y c Rel t q t' At At' Stands Next).
    - exact (call_step ts g y c Rel t q o t' At At' Stands Kept Next).
    - exact (return_step ts g y c Rel t q o t' At At' Stands Next).
    - exact (memory_step ts g y c Rel t q a t' At At' Stands Kept Ans Value).
  Qed.
End Simulation.
