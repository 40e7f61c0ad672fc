(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * The machine refines the atomic machine (T5)

    Each step of the machine is a step of the atomic machine with the same visible
    event, or none; as long as no client has broken the contract there
    ([related_step]).  So every execution's visible trace is one of the atomic
    machine, or its beginning leads there to a breach ([machine_refines]).  Read
    next: contract.v, for clients that keep the contract; unstuck.v, nobody is
    stuck. *)
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

Lemma nth_repeat {A} (x y : A) n c : nth_error (repeat x n) c = Some y -> y = x.
Proof. intros Is; apply nth_error_In, repeat_spec in Is; exact Is. Qed.
Lemma put_same {A} (xs : list A) c x : nth_error xs c = Some x -> put_at c x xs = xs.
Proof. revert c; induction xs as [|y xs IH]; intros [|c]; cbn; try discriminate; [congruence|intros Is; now rewrite IH]. Qed.
Lemma nth_same_length {A B} (xs : list A) (ys : list B) c x :
  length xs = length ys -> nth_error xs c = Some x -> exists y, nth_error ys c = Some y.
Proof.
  intros Same Is; assert (c < length ys)%nat by (rewrite <- Same; apply nth_error_Some; congruence).
  destruct (nth_error ys c) eqn:E; [eauto|apply nth_error_None in E; lia].
Qed.

Section Correct.
  Context {G : running}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Let Fits : Z.of_nat N <= modulus width := width_suffices.
  Local Notation S := (the_system).
  Let Fits' : Z.of_nat (cpus S) <= modulus width := Fits.
  Local Notation W := (words S width).
  Local Notation A := (L3_atomic.spec.atomic S).
  Local Notation M := (consistent S width).
  Let Table : forall c past o, clients c past = Some o -> of_table the_table o := clients_know.
  Local Notation related := (related).
  Local Notation stands := (stands).
  Local Notation step := (machine_step text width M clients).

  Lemma related_start : related (first_state M) (atomic_start (S := S)).
  Proof.
    constructor; try apply repeat_length; try reflexivity.
    intros c t q T Q; apply nth_repeat in T, Q; subst; split.
    - apply stands_idle; right; left; reflexivity.
    - unfold alive; cbn; split; discriminate.
  Qed.

  (** CPU [c] has moved, in the log too or not. *)
  Lemma related_update x y c t q t' q' g' h' :
    h' = up S width g' -> related x y -> nth_error (threads x) c = Some t -> nth_error (positions y) c = Some q ->
    (g' = contents x \/ exists a, g' = (c, a) :: contents x) ->
    legal W g' -> stands c g' t' q' -> alive c g' t' ->
    related (mkMachine (M := M) (put_at c t' (threads x)) g') (mkAtomic (put_at c q' (positions y)) h').
  Proof.
    intros -> [Threads Positions Legal Log Stand] At At' New Legal' Here Alive.
    constructor; cbn [threads contents positions happened]; rewrite ?length_put; auto.
    intros c' t2 q2; rewrite !nth_put, At, At'; destruct (Nat.eqb_spec c' c) as [->|Other].
    - intros [= <-] [= <-]; auto.
    - intros T Q; destruct (Stand c' t2 q2 T Q) as (Stands & Live).
      destruct New as [->|(a & ->)]; [auto|split; [apply stands_other|apply alive_other]; auto].
  Qed.

  (** An action that is in order where it happens. *)
  Lemma in_order_here x y c a t :
    related x y -> nth_error (threads x) c = Some t -> halted c (contents x) = false ->
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
    forall past o, nth_error (positions y) c = Some (At_rest past) -> clients c past = Some o ->
    ~ forbidden c o (happened y).

  Section Step.
    Context (x : machine M) (y : atomic_machine S) (c : cpu) (t : thread S) (q : position S).
    Context (Rel : related x y) (At : nth_error (threads x) c = Some t) (At' : nth_error (positions y) c = Some q).
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
      (q' = q) -> stands c ((c, a) :: g) t' q' -> alive c ((c, a) :: g) t' ->
      related (mkMachine (M := M) (put_at c t' (threads x)) ((c, a) :: g)) y.
    Proof.
      intros Moves Fault Runs Hidden -> Stands Alive.
      pose proof (in_order_here x y c a t Rel At Runs Fault) as Legal.
      pose proof (related_update x y c t q t' q ((c, a) :: g) _ eq_refl Rel At At' (or_intror (ex_intro _ a eq_refl))
                    Legal Stands Alive) as Rel'.
      rewrite (put_same _ _ _ At'), Hidden in Rel'.
      rewrite <- (rel_log _ _ Rel) in Rel'; now destruct y.
    Qed.

    (** Words are words. *)
    Lemma now_word l : in_word width (now S width l g).
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
    related x y -> nth_error (threads x) c = Some t -> t <> Stopped ->
    exists y', atomic_step clients c y (Some Did_halt) y' /\
               related (mkMachine (M := M) (put_at c Stopped (threads x)) ((c, Halted) :: contents x)) y'.
  Proof.
    intros Rel At Goes.
    destruct (nth_same_length _ (positions y) _ _ (eq_trans (rel_threads _ _ Rel) (eq_sym (rel_positions _ _ Rel))) At)
      as (q & At').
    destruct (rel_stands _ _ Rel c t q At At') as (Stands & Alive).
    assert (Runs : halted c (contents x) = false)
      by (destruct (halted c (contents x)) eqn:H; [destruct Goes; now apply Alive|reflexivity]).
    pose proof (in_order_here x y c Halted t Rel At Runs eq_refl) as Legal.
    exists (mkAtomic (put_at c Dead (positions y)) ((c, Halted) :: happened y)); split.
    - destruct y as [ps h]; cbn in *; apply atomic_halt with q; [exact At'|].
      intros ->; inversion Stands; congruence.
    - apply (related_update x y c t q); auto;
        [now rewrite (rel_log _ _ Rel)|right; now exists Halted|apply stands_dead|].
      unfold alive; cbn; rewrite Nat.eqb_refl; split; auto.
  Qed.

  Lemma call_follows x y c past o :
    related x y -> nth_error (threads x) c = Some (Idle past) ->
    nth_error (positions y) c = Some (At_rest past) -> clients c past = Some o ->
    settled_but (fun _ => False) c (contents x) -> alive c (contents x) (Idle past) ->
    ~ forbidden c o (happened y) ->
    forall s, begin text o past = Call o (Calling o past s) -> exists y',
      atomic_step clients c y (Some (Called o)) y' /\
      related (mkMachine (M := M) (put_at c (Calling o past s) (threads x)) (contents x)) y'.
  Proof.
    intros Rel At At' Next Settled Alive Kept s Begins.
    assert (Runs : halted c (contents x) = false)
      by (destruct (halted c (contents x)) eqn:H; [now apply Alive in H|reflexivity]).
    assert (Either : forall l, words_phase S c l (contents x) = Out \/ words_phase S c l (contents x) = In)
      by (intros l; destruct (Settled l) as [[]|]; auto).
    pose proof (fun l => mine_iff x y c Rel l (Either l)) as Mine.
    pose proof (Table c past o Next) as Known.
    exists (mkAtomic (put_at c (Pending o past) (positions y)) (happened y)); split.
    - destruct y as [ps h]; cbn in *; apply atomic_call; auto.
      destruct o; cbn in *; discriminate.
    - apply (related_update x y c (Idle past) (At_rest past)); auto; [apply Rel|apply Rel| |now apply alive_still].
      destruct o as [f i|f i|f i|f i v|]; try discriminate; cbn in Begins; injection Begins as <-; cbn in Kept, Known.
      + destruct (in_family f i) eqn:Range; [|tauto].
        apply stands_before_ticket; auto; [apply place_of_acquire; auto|].
        destruct (Either (lock_id f i)) as [|Inside]; [auto|]; apply Mine in Inside; tauto.
      + destruct (in_family f i) eqn:Range; [|tauto].
        apply stands_before_load; auto; [apply place_of_release; auto|].
        destruct (Either (lock_id f i)) as [Outside|]; [|auto].
        destruct Kept; right; intros Holds; apply Mine in Holds; congruence.
  Qed.

  (** An access of who holds the lock. *)
  Lemma access_follows x y c past o (a : action S words_verb) v (past' : list (answer S)) :
    related x y -> nth_error (threads x) c = Some (Idle past) ->
    nth_error (positions y) c = Some (At_rest past) -> clients c past = Some o ->
    settled_but (fun _ => False) c (contents x) -> alive c (contents x) (Idle past) ->
    ~ forbidden c o (happened y) ->
    (exists f i, o = Op_read f i /\ a = Read (lock_id f i) (object (lock_id f i) (contents x)) /\
       v = Did_read (lock_id f i) (object (lock_id f i) (contents x)) /\
       past' = Some (existT _ (lock_id f i) (object (lock_id f i) (contents x))) :: past) \/
    (exists f i w, o = Op_write f i w /\ a = Wrote (lock_id f i) w /\ v = Did_write (lock_id f i) w /\
       past' = None :: past) ->
    exists y', atomic_step clients c y (Some v) y' /\
      related (mkMachine (M := M) (put_at c (Idle past') (threads x)) ((c, a) :: contents x)) y'.
  Proof.
    intros Rel At At' Next Settled Alive Kept Access.
    assert (Runs : halted c (contents x) = false)
      by (destruct (halted c (contents x)) eqn:H; [now apply Alive in H|reflexivity]).
    assert (Either : forall l, words_phase S c l (contents x) = Out \/ words_phase S c l (contents x) = In)
      by (intros l; destruct (Settled l) as [[]|]; auto).
    pose proof (fun l => mine_iff x y c Rel l (Either l)) as Mine.
    pose proof (Table c past o Next) as Known.
    assert (Inside : exists f i, List.In f the_table /\ in_family f i = true /\
              words_phase S c (lock_id f i) (contents x) = In /\
              (a = Read (lock_id f i) (object (lock_id f i) (contents x)) \/ exists w, a = Wrote (lock_id f i) w)).
    { destruct Access as [(f & i & -> & -> & _)|(f & i & w & -> & -> & _)]; cbn in Kept, Known; exists f, i;
        destruct (in_family f i) eqn:Range; try tauto; (split; [exact Known|split; [reflexivity|split; [|eauto]]]);
        (destruct (Either (lock_id f i)) as [Outside|]; [|auto]);
        destruct Kept; right; intros Holds; apply Mine in Holds; congruence. }
    assert (Fault : action_fault W c a (contents x) = None).
    { destruct Inside as (f & i & _ & _ & Is & [->|(w & ->)]); cbn; unfold words_inside; rewrite Is; [|reflexivity].
      match goal with |- context [if ?dec then _ else _] => destruct dec as [|Not] end; [reflexivity|now destruct Not]. }
    pose proof (in_order_here x y c a (Idle past) Rel At Runs Fault) as Legal.
    assert (Stays : forall but, settled_but but c (contents x) -> settled_but but c ((c, a) :: contents x)).
    { intros but H l; destruct Inside as (f & i & _ & _ & _ & [->|(w & ->)]); exact (H l). }
    assert (Live : alive c ((c, a) :: contents x) (Idle past')).
    { unfold alive; destruct Inside as (f & i & _ & _ & _ & [->|(w & ->)]); cbn; rewrite Runs; split; discriminate. }
    destruct Access as [(f & i & -> & -> & -> & ->)|(f & i & w & -> & -> & -> & ->)].
    - set (w := object (lock_id f i) (contents x)) in *.
      assert (Up : up S width ((c, Read (lock_id f i) w) :: contents x) =
                   (c, Read (lock_id f i) w) :: up S width (contents x)) by reflexivity.
      assert (Same : w = object (lock_id f i) (happened y)).
      { rewrite (rel_log _ _ Rel); symmetry; exact (object_up S width (contents x) _). }
      exists (mkAtomic (put_at c (At_rest (S := S) (Some (existT _ (lock_id f i) w) :: past)) (positions y))
                       ((c, Read (lock_id f i) w) :: happened y)); split.
      + pose proof (possible_above _ _ _ _ Legal Up) as Can; rewrite <- (rel_log _ _ Rel) in Can.
        rewrite Same in Can |- *; destruct y as [ps h]; cbn [positions happened] in *; now apply atomic_read.
      + apply (related_update x y c (Idle past) (At_rest past)); auto;
          [now rewrite (rel_log _ _ Rel)|right; eauto|].
        apply stands_idle; auto.
    - assert (Up : up S width ((c, Wrote (lock_id f i) w) :: contents x) =
                   (c, Wrote (lock_id f i) w) :: up S width (contents x)) by reflexivity.
      exists (mkAtomic (put_at c (At_rest (S := S) (None :: past)) (positions y))
                       ((c, Wrote (lock_id f i) w) :: happened y)); split.
      + pose proof (possible_above _ _ _ _ Legal Up) as Can; rewrite <- (rel_log _ _ Rel) in Can.
        destruct y as [ps h]; cbn [positions happened] in *; now apply atomic_write.
      + apply (related_update x y c (Idle past) (At_rest past)); auto;
          [now rewrite (rel_log _ _ Rel)|right; eauto|].
        apply stands_idle; auto.
  Qed.

  (** The step of a call that shows: the atomic machine's operation takes effect. *)
  Lemma effect_follows x y c o past t a a' t' :
    related x y -> nth_error (threads x) c = Some t -> nth_error (positions y) c = Some (Pending o past) ->
    halted c (contents x) = false -> action_fault W c a (contents x) = None ->
    up S width ((c, a) :: contents x) = (c, a') :: up S width (contents x) -> effect o = Some a' ->
    stands c ((c, a) :: contents x) t' (Effected o past) -> alive c ((c, a) :: contents x) t' ->
    exists y', atomic_step clients c y None y' /\
      related (mkMachine (M := M) (put_at c t' (threads x)) ((c, a) :: contents x)) y'.
  Proof.
    intros Rel At At' Runs Fault Up Effect Stands Alive.
    pose proof (in_order_here x y c a t Rel At Runs Fault) as Legal.
    exists (mkAtomic (put_at c (Effected o past) (positions y)) ((c, a') :: happened y)); split.
    - pose proof (possible_above _ _ _ _ Legal Up) as Can; rewrite <- (rel_log _ _ Rel) in Can.
      destruct y as [ps h]; cbn [positions happened] in *; now apply atomic_effect.
    - apply (related_update x y c t (Pending o past)); auto;
        [now rewrite (rel_log _ _ Rel), Up|right; eauto].
  Qed.

  Lemma in_call_only (o : op S) past s p : at_place s p ->
    match in_call text o past s with
    | Call _ _ | Get _ _ | Put _ _ _ | Halt => False
    | Return _ _ => p = Through
    | _ => True
    end.
  Proof.
    intros At; destruct (next_at o past s p At) as [(s' & -> & _)|Asks]; [exact I|].
    destruct p; cbn in Asks; [destruct Asks as (go & -> & _)..|rewrite Asks]; auto.
  Qed.

  Theorem related_step x y c v x' :
    related x y -> step c x v x' -> contract_kept c y -> exists y', follows c y v y' /\ related x' y'.
  Proof.
    intros Rel Step Kept.
    assert (Pos : forall t, nth_error (threads x) c = Some t -> exists q, nth_error (positions y) c = Some q).
    { intros t At; apply (nth_same_length _ _ _ _ (eq_trans (rel_threads _ _ Rel) (eq_sym (rel_positions _ _ Rel))) At). }
    destruct Step as [ts g t t' At Next|ts g t t' o At Next|ts g t t' o At Next|ts g t a t' g' At Ans (Value & ->)
                     |ts g t g' At Goes (_ & ->)].
    5: { destruct (halt_follows _ y c t Rel At Goes) as (y' & Step & Rel'); exists y'; split; [left; exact Step|exact Rel']. }
    all: destruct (Pos t At) as (q & At'); destruct (rel_stands _ _ Rel c t q At At') as (Stands & Alive);
      cbn [threads contents] in *; pose proof (rel_legal _ _ Rel) as Legal; cbn [contents] in Legal.
    all: assert (Runs : t <> Stopped -> halted c g = false)
      by (intros Goes; destruct (halted c g) eqn:H; [now destruct Goes; apply Alive|reflexivity]).
    - (* a step of its own: it stays where it is *)
      assert (Same : forall t2, t2 <> Stopped -> stands c g t2 q -> halted c g = false ->
                related (mkMachine (M := M) (put_at c t2 ts) g) y).
      { intros t2 Goes Stands2 Runs2.
        pose proof (related_update (mkMachine (M := M) ts g) y c t q t2 q g (happened y) (rel_log _ _ Rel)
                      Rel At At' (or_introl eq_refl) Legal Stands2 (alive_still (mkMachine (M := M) ts g) c t2 Runs2 Goes)) as Rel'.
        rewrite (put_same _ _ _ At') in Rel'; now destruct y. }
      exists y; split; [now right|]; destruct Stands; cbn [next_move] in Next.
      + destruct (clients c past) as [[]|]; discriminate.
      + destruct (next_at (Op_acquire f i : op S) past s _ H1) as [(s' & Is & At2)|(go & Is & _)];
          rewrite Is in Next; [injection Next as <-|discriminate].
        apply Same; [discriminate|now apply stands_before_ticket|apply Runs; discriminate].
      + destruct (next_at (Op_acquire f i : op S) past s _ H1) as [(s' & Is & At2)|(go & Is & _)];
          rewrite Is in Next; [injection Next as <-|discriminate].
        apply Same; [discriminate|now apply stands_polling with t|apply Runs; discriminate].
      + destruct (next_at (Op_release f i : op S) past s _ H1) as [(s' & Is & At2)|(k & Is & _)];
          rewrite Is in Next; [injection Next as <-|discriminate].
        apply Same; [discriminate|now apply stands_before_load|apply Runs; discriminate].
      + discriminate.
      + destruct (next_at o past s _ H) as [(s' & Is & At2)|Is];
          cbn in Is; rewrite Is in Next; [injection Next as <-|discriminate].
        apply Same; [discriminate|now apply stands_through|apply Runs; discriminate].
      + discriminate.
    - (* a call *)
      destruct Stands; cbn [next_move] in Next; try discriminate.
      2, 3, 4, 5: lazymatch goal with At : at_place ?s ?p, N : in_call _ ?o ?past ?s = _ |- _ =>
                    pose proof (in_call_only o past s p At) as Only; rewrite N in Only; now destruct Only end.
      destruct (clients c past) as [o2|] eqn:Choice; [|discriminate].
      assert (exists s, t' = Calling o past s /\ o2 = o) as (s & -> & ->)
        by (destruct o2; cbn in Next; try discriminate; injection Next as <- <-; eauto).
      destruct (call_follows _ y c past o Rel At At' Choice H Alive (Kept past o At' Choice) s Next) as (y' & Step & Rel').
      exists y'; split; [now left|exact Rel'].
    - (* a return *)
      destruct Stands; cbn [next_move] in Next.
      1: destruct (clients c past) as [[]|]; discriminate.
      1, 2, 3: lazymatch goal with At : at_place ?s ?p, N : in_call _ ?o ?past ?s = _ |- _ =>
                 pose proof (in_call_only o past s p At) as Only; rewrite N in Only; discriminate Only end.
      1, 3: discriminate.
      destruct (next_at o0 past s _ H) as [(s' & Is & _)|Is]; [rewrite Is in Next; discriminate|].

      cbn in Is; rewrite Is in Next; injection Next as <- <-.
      exists (mkAtomic (put_at c (At_rest (S := S) (None :: past)) (positions y)) (happened y)); split.
      + left; destruct y as [ps h]; cbn [positions happened] in *; now apply atomic_return.
      + apply (related_update (mkMachine (M := M) ts g) y c (Calling o0 past s) (Effected o0 past)); auto.
        * apply Rel.
        * now apply stands_idle.
        * apply (alive_still (mkMachine (M := M) ts g)); [apply Runs; discriminate|discriminate].
    - (* a request to memory *)
      destruct Stands as [past Settled|f i past s Member Range Place Phase Settled|f i past s w Member Range Place Phase Settled
                         |f i past s Member Range Place Phase Settled|f i past w k Member Range Ret Phase Settled
                         |o past s Place Settled|]; cbn [next_move] in Ans.
      + (* an access *)
        destruct (clients c past) as [[f i|f i|f i|f i w|]|] eqn:Choice; cbn in Ans; try contradiction.
        * destruct Ans as (w & -> & ->); cbn in Value; subst w.
          edestruct (access_follows (mkMachine (M := M) ts g) y c past (Op_read f i)) as (y' & Step & Rel');
            [eassumption..|exact (Kept _ _ At' Choice)|left; exists f, i; repeat split|].
          exists y'; split; [left; exact Step|exact Rel'].
        * destruct Ans as (-> & ->).
          edestruct (access_follows (mkMachine (M := M) ts g) y c past (Op_write f i w)) as (y' & Step & Rel');
            [eassumption..|exact (Kept _ _ At' Choice)|right; exists f, i, w; repeat split|].
          exists y'; split; [left; exact Step|exact Rel'].
      + (* a ticket *)
        destruct (next_at (Op_acquire f i : op S) past s _ Place) as [(s' & Is & _)|(go & Is & Goes)];
          rewrite Is in Ans; [contradiction|]; destruct Ans as (w & -> & ->); cbn in Value; subst w.
        exists y; split; [now right|].
        apply (hidden_step (mkMachine (M := M) ts g) y c _ _ Rel At At' (Lock (lock_id f i) (Took _))
                 _ (Pending (Op_acquire f i) past)); auto; [discriminate| |apply Runs; discriminate| |].
        * cbn; rewrite (exists_in f i Member Range); unfold words_fault, reads; now rewrite Phase, Z.eqb_refl.
        * apply stands_polling with (next S width (lock_id f i) g); auto.
          -- apply Goes; apply (next_word (mkMachine (M := M) ts g)).
          -- cbn [contents]; rewrite words_same, Phase; reflexivity.
          -- apply settled_verb with (fun _ => False); auto; contradiction.
        * apply (alive_lock (mkMachine (M := M) ts g)); [apply Runs|]; discriminate.
      + (* a poll *)
        destruct (next_at (Op_acquire f i : op S) past s _ Place) as [(s' & Is & _)|(go & Is & Goes)];
          rewrite Is in Ans; [contradiction|]; destruct Ans as (u & -> & ->); cbn in Value; subst u.
        assert (Fault : action_fault W c (Lock (lock_id f i) (Polled (now S width (lock_id f i) g))) g = None).
        { cbn; rewrite (exists_in f i Member Range); unfold words_fault, reads; now rewrite Phase, Z.eqb_refl. }
        specialize (Goes _ (now_word (mkMachine (M := M) ts g) (lock_id f i))); cbn [contents] in Goes.
        pose proof (up_polled S width Width Fits' g c (lock_id f i) w Legal Phase) as Up.
        destruct (Z.eqb_spec (now S width (lock_id f i) g) w) as [Turn|Not].
        * destruct (effect_follows (mkMachine (M := M) ts g) y c (Op_acquire f i) past _
                      (Lock (lock_id f i) (Polled (now S width (lock_id f i) g))) (Lock (lock_id f i) Entered)
                      (Calling (Op_acquire f i) past (go (now S width (lock_id f i) g))) Rel At At') as (y' & Step & Rel');
            auto; [apply Runs; discriminate| | |exists y'; split; [left; exact Step|exact Rel']].
          -- apply stands_through; [exact Goes|].
             apply settled_verb with (eq (lock_id f i)); [exact Settled|congruence|right; right].
             cbn [contents]; rewrite Phase; cbn [words_step]; now rewrite (proj2 (Z.eqb_eq _ _) Turn).
          -- apply (alive_lock (mkMachine (M := M) ts g)); [apply Runs|]; discriminate.
        * exists y; split; [now right|].
          apply (hidden_step (mkMachine (M := M) ts g) y c _ _ Rel At At' (Lock (lock_id f i) (Polled _))
                   _ (Pending (Op_acquire f i) past)); auto; [discriminate|apply Runs; discriminate| |].
          -- assert (Still : words_phase S c (lock_id f i)
                       ((c, Lock (lock_id f i) (Polled (now S width (lock_id f i) g))) :: g) = Waiting w).
             { rewrite words_same, Phase; cbn [words_step]; now rewrite (proj2 (Z.eqb_neq _ _) Not). }
             apply stands_polling with w; auto.
             apply settled_verb with (eq (lock_id f i)); auto.
          -- apply (alive_lock (mkMachine (M := M) ts g)); [apply Runs|]; discriminate.
      + (* the load of a release *)
        destruct (next_at (Op_release f i : op S) past s _ Place) as [(s' & Is & _)|(k & Is & Ret)];
          rewrite Is in Ans; [contradiction|]; destruct Ans as (u & -> & ->); cbn in Value; subst u.
        exists y; split; [now right|].
        apply (hidden_step (mkMachine (M := M) ts g) y c _ _ Rel At At' (Lock (lock_id f i) (Loaded _))
                 _ (Pending (Op_release f i) past)); auto; [discriminate| |apply Runs; discriminate| |].
        * cbn; rewrite (exists_in f i Member Range); unfold words_fault, reads; now rewrite Phase, Z.eqb_refl.
        * apply stands_storing; auto.
          -- cbn [contents]; rewrite words_same, Phase; reflexivity.
          -- apply settled_verb with (fun _ => False); auto; contradiction.
        * apply (alive_lock (mkMachine (M := M) ts g)); [apply Runs|]; discriminate.
      + (* its store *)
        destruct Ans as (-> & ->).
        destruct (effect_follows (mkMachine (M := M) ts g) y c (Op_release f i) past _
                    (Lock (lock_id f i) (Stored ((w + 1) mod modulus width))) (Lock (lock_id f i) Left)
                    (Calling (Op_release f i) past (Give Vundef k)) Rel At At') as (y' & Step & Rel');
          auto; [apply Runs; discriminate| | | |exists y'; split; [left; exact Step|exact Rel']].
        * cbn; rewrite (exists_in f i Member Range); unfold words_fault; now rewrite Phase, Z.eqb_refl.
        * apply stands_through; [exact Ret|].
          apply settled_verb with (eq (lock_id f i)); [exact Settled|congruence|right; left; reflexivity].
        * apply (alive_lock (mkMachine (M := M) ts g)); [apply Runs|]; discriminate.
      + destruct (next_at o past s _ Place) as [(s' & Is & _)|Is]; cbn in Is; rewrite Is in Ans; contradiction.
      + contradiction.
  Qed.

  (** ** Executions *)

  (** Nobody breaks the contract in [y]. *)
  Lemma no_breach_kept y c : ~ breach clients y -> contract_kept c y.
  Proof. intros Kept past o At Choice Forbidden; apply Kept; exists c, past, o; auto. Qed.

  Lemma forbidden_dec c y : contract_kept c y \/ breach clients y.
  Proof.
    destruct (nth_error (positions y) c) as [[past|o past|o past|]|] eqn:At;
      try (left; intros past' o'; rewrite At; discriminate).
    destruct (clients c past) as [o|] eqn:Choice;
      [|left; intros past' o'; rewrite At; intros [= <-]; rewrite Choice; discriminate].
    assert (Dec : forall l, holder S l (happened y) = Some c \/ holder S l (happened y) <> Some c)
      by (intros l; destruct (holder S l (happened y)) as [c'|]; [destruct (Nat.eq_dec c' c); [left|right]; congruence|now right]).
    assert (forbidden c o (happened y) \/ ~ forbidden c o (happened y)) as [Bad|Good].
    { destruct o as [f i|f i|f i|f i w|]; cbn; [..|tauto]; destruct (in_family f i); auto;
        destruct (Dec (lock_id f i)); intuition discriminate. }
    - right; exists c, past, o; auto.
    - left; intros past' o'; rewrite At; intros [= <-]; rewrite Choice; now intros [= <-].
  Qed.

  (** Till a breach both machines go together, and keep what their steps together keep. *)
  Theorem machine_refines_with (P : machine M -> atomic_machine S -> Prop) :
    P (first_state M) (atomic_start (S := S)) ->
    (forall x y c v x' y', related x y -> step c x v x' -> contract_kept c y -> follows c y v y' -> related x' y' ->
       P x y -> P x' y') ->
    forall tr x, execution text width M clients tr x ->
    (exists y, atomic_execution clients tr y /\ related x y /\ P x y) \/ breached clients tr.
  Proof.
    intros First Keeps tr x.
    induction 1 as [|tr x c v x' Run [(y & Above & Rel & Holds)|(tr1 & tr2 & y & -> & Above & Breach)] Step].
    - left; exists (atomic_start (S := S)); split; [constructor|split; [apply related_start|exact First]].
    - destruct (forbidden_dec c y) as [Kept|Breach].
      + destruct (related_step x y c v x' Rel Step Kept) as (y' & Follows & Rel').
        pose proof (Keeps x y c v x' y' Rel Step Kept Follows Rel' Holds) as Holds'.
        left; destruct Follows as [Step'|(-> & ->)]; [exists y'|exists y]; (split; [|split; assumption]).
        * now apply atomic_execution_step with y.
        * exact Above.
      + right; exists tr, (match v with Some v => [(c, v)] | None => [] end), y; destruct v; auto.
    - right; exists tr1, (match v with Some v => (c, v) :: tr2 | None => tr2 end), y; destruct v; auto.
  Qed.

  Theorem machine_refines tr x : execution text width M clients tr x ->
    (exists y, atomic_execution clients tr y /\ related x y) \/ breached clients tr.
  Proof.
    intros Run; destruct (machine_refines_with (fun _ _ => True) I (fun _ _ _ _ _ _ _ _ _ _ _ _ => I) tr x Run)
      as [(y & Above & Rel & _)|Breach]; eauto.
  Qed.
End Correct.
