(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Whole operations of a floor: what they keep, and when a wait is defined

    An operation of a floor is some operations of the view, one after the other
    ([works]); so a floor's invariant, what its legal logs say, is kept by all
    of them ([floor_preserved]).  A wait looks again and again; it is defined
    exactly when the others, all their batches up to my turn taken as one, keep
    to the protocol and let my turn come ([until_defined_iff]).
    Read next: the facts.v of a floor. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
Import ListNotations.
Local Open Scope Z_scope.

Section Operations.
  Context {S : system} (F : floor S).
  Local Notation log := (log S (verb F)).
  Local Notation action := (action S (verb F)).
  Local Notation data := (RData F).

  (** ** What operations keep *)

  (** Some operations, one after the other, none of them a halt. *)
  Inductive works : data -> data -> Prop :=
  | works_none d : works d d
  | works_on a d d1 d' : a <> Halted -> operation F a d = Done d1 -> works d1 d' -> works d d'.

  Lemma works_one a d d' : a <> Halted -> operation F a d = Done d' -> works d d'.
  Proof. intros Stays Op; eapply works_on; [exact Stays|exact Op|constructor]. Qed.

  Lemma operation_legal a d d' :
    legal F (events d) -> operation F a d = Done d' -> legal F (events d') /\ me d' = me d.
  Proof.
    intros Legal Op; apply bind_done in Op as (d1 & Await & Emit); split.
    - eapply emit_legal; [|exact Emit]; eapply await_legal; eassumption.
    - apply await_done in Await as (_ & ->); apply emit_done in Emit as (_ & ->); reflexivity.
  Qed.
  Lemma works_legal d d' : works d d' -> legal F (events d) -> legal F (events d') /\ me d' = me d.
  Proof.
    induction 1 as [d|a d d1 d' _ Op Works IH]; [auto|]; intros Legal.
    destruct (operation_legal _ _ _ Legal Op) as (Legal1 & <-); auto.
  Qed.

  Lemma until_works (again last : action -> Prop) d d' :
    (forall a, again a \/ last a -> a <> Halted) -> until again last d d' -> works d d'.
  Proof.
    intros Stays; induction 1 as [a d d' Last Op|a d d1 d' Again Op _ IH].
    - eapply works_one; [|exact Op]; auto.
    - eapply works_on; [|exact Op|exact IH]; auto.
  Qed.

  Lemma read_operation l k v d d' :
    obj_read_spec F l k d = Done (v, d') -> operation F (Read l k v) d = Done d'.
  Proof.
    unfold obj_read_spec, operation; rewrite !bind_done; intros (d1 & Await & Op); exists d1.
    apply bind_done in Op as (d2 & Emit & [= <- <-]); auto.
  Qed.

  (** What a client of a floor can do there; [wait] and [pass] are the floor's own. *)
  Inductive does (wait pass : Z -> data -> data -> Prop) : data -> data -> Prop :=
  | does_wait l d d' : wait l d d' -> does wait pass d d'
  | does_pass l d d' : pass l d d' -> does wait pass d d'
  | does_read l k v d d' : obj_read_spec F l k d = Done (v, d') -> does wait pass d d'
  | does_write l k v d d' : obj_write_spec F l k v d = Done d' -> does wait pass d d'
  | does_halt d d' : halt_spec F d = Done d' -> does wait pass d d'.

  (** The invariant of a floor: its log is legal, and [says] what legal logs say. *)
  Record floor_invariant (says : log -> Prop) (d : data) : Prop := {
    floor_legal : legal F (events d);
    floor_cpu : (me d < cpus S)%nat;
    floor_says : says (events d)
  }.

  Theorem floor_init (says : log -> Prop) c bs :
    (forall g, legal F g -> says g) -> (c < cpus S)%nat -> floor_invariant says (start F c bs).
  Proof. intros Says Cpu; constructor; [reflexivity|exact Cpu|now apply Says]. Qed.

  Theorem floor_preserved (says : log -> Prop) (wait pass : Z -> data -> data -> Prop) :
    (forall g, legal F g -> says g) ->
    (forall l d d', wait l d d' -> works d d') -> (forall l d d', pass l d d' -> works d d') ->
    forall d d', floor_invariant says d -> does wait pass d d' -> floor_invariant says d'.
  Proof.
    intros Says Wait Pass d d' [Legal Cpu _] Does.
    assert (Kept : legal F (events d') /\ me d' = me d).
    { destruct Does as [l d d' Op|l d d' Op|l k v d d' Op|l k v d d' Op|d d' Op].
      - apply works_legal; eauto.
      - apply works_legal; eauto.
      - eapply operation_legal; [exact Legal|]; eapply read_operation; exact Op.
      - eapply operation_legal; [exact Legal|exact Op].
      - eapply operation_legal; [exact Legal|exact Op]. }
    destruct Kept as (Legal' & Me); constructor; [exact Legal'|now rewrite Me|now apply Says].
  Qed.

  (** ** Waiting *)

  (** The first [k] batches of the others, as one. *)
  Fixpoint batches (k : nat) (bs : list log) : log :=
    match k with
    | O => []
    | Datatypes.S k => batches k (tl bs) ++ hd [] bs
    end.

  Lemma batches_nil k : batches k [] = [].
  Proof. induction k as [|k IH]; cbn; [auto|now rewrite IH]. Qed.

  Lemma batch_fault_app c b2 b1 g :
    batch_fault F c (b2 ++ b1) g = None <->
    batch_fault F c b1 g = None /\ batch_fault F c b2 (b1 ++ g) = None.
  Proof.
    induction b2 as [|e b2 IH]; cbn [app]; [cbn; tauto|].
    rewrite !batch_fault_cons, IH, app_assoc; tauto.
  Qed.

  (** After the one log and after the other the same is in order, now and later. *)
  Definition alike (g g' : log) : Prop := forall b e, event_fault F e (b ++ g) = event_fault F e (b ++ g').

  Lemma alike_batch c b g g' : alike g g' -> batch_fault F c b g = batch_fault F c b g'.
  Proof. intros Alike; induction b as [|e b IH]; cbn; [auto|]; now rewrite IH, Alike. Qed.

  (** A verb that changes neither who is inside nor what is in order is not noticed. *)
  Lemma alike_verb c l k g :
    (forall (b : log) c' l' k', inside F c' l' (b ++ (c, Lock l k) :: g) = inside F c' l' (b ++ g) /\
                        verb_fault F c' l' k' (b ++ (c, Lock l k) :: g) = verb_fault F c' l' k' (b ++ g)) ->
    alike ((c, Lock l k) :: g) g.
  Proof.
    intros Same b [c' a].
    assert (Halts : halted c' (b ++ (c, Lock l k) :: g) = halted c' (b ++ g))
      by (induction b as [|[c1 []] b IH]; cbn; rewrite ?IH; auto).
    assert (Objects : forall l' j, object l' j (b ++ (c, Lock l k) :: g) = object l' j (b ++ g)).
    { intros l' j'; clear Halts; induction b as [|[c1 [l1 k1|l1 j v1|l1 j v1|]] b IH]; cbn; auto.
      now rewrite IH. }
    unfold event_fault; rewrite Halts; destruct a as [l' k'|l' j v|l' j v|]; cbn [action_fault]; auto.
    - now rewrite (proj2 (Same b c' l' k')).
    - now rewrite (proj1 (Same b c' l' k)), Objects.
    - now rewrite (proj1 (Same b c' l' k)).
  Qed.

  (** What makes a wait of CPU [c]: while [waiting], exactly one of a look that
      nobody notices and the last step is in order, by whose [turn] it is. *)
  Record waits (c : cpu) (again last : action -> Prop) (turn : log -> bool) (waiting : log -> Prop)
      : Prop := {
    waits_still : forall b g,
      legal F g -> waiting g -> batch_fault F c b g = None -> waiting (b ++ g);
    waits_looks : forall g, waiting g -> turn g = false ->
      exists a, again a /\ action_fault F c a g = None;
    waits_stays : forall a, again a -> a <> Halted;
    waits_unnoticed : forall a g, waiting g -> again a -> action_fault F c a g = None ->
      turn g = false /\ waiting ((c, a) :: g) /\ alike ((c, a) :: g) g /\
      forall b : log, turn (b ++ (c, a) :: g) = turn (b ++ g);
    waits_begins : forall g, waiting g ->
      (exists a, last a /\ action_fault F c a g = None) <-> turn g = true
  }.

  Theorem until_defined_iff (again last : action -> Prop) turn waiting d :
    waits (me d) again last turn waiting -> invariant d -> waiting (events d) ->
    (exists d', until again last d d') <->
    exists k, let b := batches (Datatypes.S k) (env d) in
      batch_fault F (me d) b (events d) = None /\ turn (b ++ events d) = true.
  Proof.
    intros Waits Inv Wait; split.
    - intros (d' & Until); revert Waits Inv Wait.
      induction Until as [a d d' Last Op|a d d1 d' Again Op Until IH]; intros Waits Inv Wait.
      + destruct (proj1 (operation_defined_iff F a d Inv) (ex_intro _ _ Op)) as (Env & Fault).
        exists 0%nat; split; [exact Env|].
        apply (waits_begins _ _ _ _ _ Waits); [|eauto].
        now apply (waits_still _ _ _ _ _ Waits); [apply Inv| |].
      + destruct (proj1 (operation_defined_iff F a d Inv) (ex_intro _ _ Op)) as (Env & Fault).
        destruct (operation_log F _ _ _ (inv_legal _ _ Inv) Op) as (_ & _ & _ & Is).
        assert (Wait1 : waiting (seen d)) by (apply (waits_still _ _ _ _ _ Waits); auto; apply Inv).
        destruct (waits_unnoticed _ _ _ _ _ Waits _ _ Wait1 Again Fault) as (Not & Wait2 & Alike & Turn).
        pose proof (operation_invariant F _ _ _ (waits_stays _ _ _ _ _ Waits a Again) Inv Op) as Inv1; subst d1;
          cbn [me env events] in *.
        destruct (IH Waits Inv1 Wait2) as (k & Fault2 & Turn2).
        exists (Datatypes.S k); split.
        * change (batches (Datatypes.S (Datatypes.S k)) (env d)) with
            (batches (Datatypes.S k) (tl (env d)) ++ arrivals d).
          apply batch_fault_app; split; [exact Env|].
          rewrite <- (alike_batch _ _ _ _ Alike); exact Fault2.
        * change (batches (Datatypes.S (Datatypes.S k)) (env d)) with
            (batches (Datatypes.S k) (tl (env d)) ++ arrivals d).
          rewrite <- app_assoc; fold (seen d); rewrite <- Turn; exact Turn2.
    - intros (k & Come); revert d Waits Inv Wait Come; induction k as [|k IH]; intros d Waits Inv Wait.
      + intros (Env & Turn); change (env_legal d) in Env; change (turn (seen d) = true) in Turn.
        assert (Wait1 : waiting (seen d)) by (apply (waits_still _ _ _ _ _ Waits); auto; apply Inv).
        apply (waits_begins _ _ _ _ _ Waits _ Wait1) in Turn as (a & Last & Fault).
        destruct (proj2 (operation_defined_iff F a d Inv) (conj Env Fault)) as (d' & Op).
        exists d'; eapply until_last; eauto.
      + change (batches (Datatypes.S (Datatypes.S k)) (env d)) with
          (batches (Datatypes.S k) (tl (env d)) ++ arrivals d).
        cbv zeta; rewrite batch_fault_app, <- app_assoc; fold (seen d); intros ((Env & Fault2) & Turn2).
        assert (Wait1 : waiting (seen d)) by (apply (waits_still _ _ _ _ _ Waits); auto; apply Inv).
        destruct (turn (seen d)) eqn:Turn.
        * apply (waits_begins _ _ _ _ _ Waits _ Wait1) in Turn as (a & Last & Fault).
          destruct (proj2 (operation_defined_iff F a d Inv) (conj Env Fault)) as (d' & Op).
          exists d'; eapply until_last; eauto.
        * destruct (waits_looks _ _ _ _ _ Waits _ Wait1 Turn) as (a & Again & Fault).
          destruct (waits_unnoticed _ _ _ _ _ Waits _ _ Wait1 Again Fault) as (_ & Wait2 & Alike & Same).
          destruct (proj2 (operation_defined_iff F a d Inv) (conj Env Fault)) as (d1 & Op).
          destruct (operation_log F _ _ _ (inv_legal _ _ Inv) Op) as (_ & _ & _ & Is).
          pose proof (operation_invariant F _ _ _ (waits_stays _ _ _ _ _ Waits a Again) Inv Op) as Inv1; subst d1.
          destruct (IH (mkRData (me d) ((me d, a) :: seen d) (tl (env d))) Waits Inv1 Wait2) as (d' & Until).
          { cbn [me env events]; split; [rewrite (alike_batch _ _ _ _ Alike); exact Fault2|rewrite Same; exact Turn2]. }
          exists d'; eapply until_again; eauto.
  Qed.

  (** A wait has one end, if at each step one action at most is in order. *)
  Theorem until_deterministic (again last : action -> Prop) :
    (forall a a' d d1 d1', again a \/ last a -> again a' \/ last a' ->
       operation F a d = Done d1 -> operation F a' d = Done d1' -> a = a') ->
    (forall a, again a -> last a -> False) ->
    forall d d1, until again last d d1 -> forall d2, until again last d d2 -> d1 = d2.
  Proof.
    intros One Not d d1 U1; induction U1 as [a d d1 Last Op|a d e d1 Again Op _ IH]; intros d2 U2.
    - destruct U2 as [a2 d d2 Last2 Op2|a2 d e2 d2 Again2 Op2 _].
      + rewrite (One a a2 d _ _ (or_intror Last) (or_intror Last2) Op Op2) in Op; congruence.
      + rewrite (One a a2 d _ _ (or_intror Last) (or_introl Again2) Op Op2) in Last.
        destruct (Not _ Again2 Last).
    - destruct U2 as [a2 d d2 Last2 Op2|a2 d e2 d2 Again2 Op2 U2].
      + rewrite (One a a2 d _ _ (or_introl Again) (or_intror Last2) Op Op2) in Again.
        destruct (Not _ Again Last2).
      + rewrite (One a a2 d _ _ (or_introl Again) (or_introl Again2) Op Op2) in Op.
        apply IH; congruence.
  Qed.
End Operations.
Arguments works {S F} _ _.
Arguments does {S F} _ _ _ _.
Arguments floor_invariant {S F} _ _.
Arguments batches {S F} _ _.
