(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Floor 1: its invariant, and when its operations are defined

    The invariant is the line of each lock ([tickets_invariant]).  _Low_, on
    words, nothing is asked but that the lock exists and, for a wait, that my
    ticket comes up.  _High_, on numbers, a wait is defined exactly when the lock
    exists, I am [Out], and the others keep to the protocol until my ticket is
    served; a pass when the lock exists, I am [In], and the others keep to it.
    Read next: refine.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts operations.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.L1_ticket Require Import spec facts.
Import ListNotations.
Local Open Scope Z_scope.

(** ** Low *)
Section Low.
  Context (S : system) (width : Z).
  Local Notation data := (RData (words S width)).

  Lemma get_now_defined l (d : data) :
    lock_exists (S := S) l = true ->
    get_now_spec S width l d =
    Done (serving S width l (seen d),
          mkRData (F := words S width) (me d) ((me d, Lock l (Polled (serving S width l (seen d)))) :: seen d)
            (tl (env d))).
  Proof. unfold get_now_spec, on_existing; now intros ->. Qed.

  (** Only a store changes the word [now]. *)
  Lemma now_not_stored l c l' k (b g : log S words_verb) :
    (forall v, k <> Stored v) -> serving S width l (b ++ (c, Lock l' k) :: g) = serving S width l (b ++ g).
  Proof.
    intros Not; induction b as [|[c1 [l1 k1|l1 j v1|l1 j v1|]] b IH]; cbn; auto.
    - destruct k; auto; now destruct (Not v).
    - now rewrite IH.
  Qed.

  Lemma polls_defined_iff l t (d : data) :
    lock_exists (S := S) l = true ->
    (exists d', polls l t d d') <->
    exists k, serving S width l (batches (Datatypes.S k) (env d) ++ events d) = t.
  Proof.
    intros Exists; split.
    - intros (d' & Polls); induction Polls as [d d' Get|d v d1 d' Get Not Polls (k & IH)];
        rewrite get_now_defined in Get by auto; injection Get as <- <-.
      + now exists 0%nat.
      + exists (Datatypes.S k); cbn [env events] in IH; rewrite now_not_stored in IH by (intros ?; discriminate).
        rewrite <- IH; unfold seen; rewrite app_assoc; reflexivity.
    - intros (k & Comes); revert d Comes; induction k as [|k IH]; intros d Comes;
        pose proof (get_now_defined l d Exists) as Get.
      + change (serving S width l (seen d) = t) in Comes; rewrite Comes in Get; eexists; exact (my_turn l t d _ Get).
      + destruct (Z.eq_dec (serving S width l (seen d)) t) as [Same|Later].
        * rewrite Same in Get; eexists; exact (my_turn l t d _ Get).
        * edestruct IH as (d' & Polls); [|exists d'; exact (not_yet l t d _ _ d' Get Later Polls)].
          cbn [env events]; rewrite now_not_stored by (intros ?; discriminate).
          rewrite <- Comes; unfold seen; rewrite app_assoc; reflexivity.
  Qed.

  (** The wait on words is defined exactly when the lock exists and the word
      [now] becomes the ticket that I take, some batches after I took it. *)
  Theorem wait_lock_low_defined_iff l (d : data) :
    (exists d', wait_lock_spec_low l d d') <->
    lock_exists (S := S) l = true /\
    exists k, serving S width l (batches (Datatypes.S k) (tl (env d)) ++ seen d) = next S width l (seen d).
  Proof.
    destruct (lock_exists (S := S) l) eqn:Exists.
    - set (t := next S width l (seen d)).
      transitivity (exists d', polls l t
        (mkRData (F := words S width) (me d) ((me d, Lock l (Took t)) :: seen d) (tl (env d))) d').
      { unfold wait_lock_spec_low, incr_ticket_spec, on_existing; rewrite Exists; split.
        - intros (d' & t' & d1 & [= <- <-] & Polls); exists d'; exact Polls.
        - intros (d' & Polls); exists d'; do 2 eexists; split; [reflexivity|exact Polls]. }
      rewrite polls_defined_iff by exact Exists; cbn [env events].
      split; [intros (k & Comes); split; [reflexivity|]|intros (_ & k & Comes)]; exists k; rewrite <- Comes.
      + symmetry; apply now_not_stored; intros ?; discriminate.
      + apply now_not_stored; intros ?; discriminate.
    - split; [|intros ([=] & _)]; intros (d' & t & d1 & Take & _).
      unfold incr_ticket_spec, on_existing in Take; rewrite Exists in Take; discriminate.
  Qed.

  (** The pass on words asks nothing of the caller but a lock that exists. *)
  Theorem pass_lock_low_defined_iff l (d : data) :
    (exists d', pass_lock_spec_low l d = Done d') <-> lock_exists (S := S) l = true.
  Proof.
    unfold pass_lock_spec_low, incr_now_spec, on_existing; destruct (lock_exists l).
    - split; eauto.
    - split; [intros (d' & [=])|discriminate].
  Qed.
End Low.

(** ** High *)
Section High.
  Context (S : system).
  Local Notation F := (tickets S).
  Local Notation log := (log S ticket_verb).
  Local Notation data := (RData F).

  (** A look that does not see its ticket changes nothing. *)
  Lemma look_unnoticed c l n v (b g : log) :
    ticket_phase S c l g = Waiting n -> v <> n ->
    (forall c' l', ticket_phase S c' l' (b ++ (c, Lock l (Saw v)) :: g) = ticket_phase S c' l' (b ++ g)) /\
    (forall l', taken S l' (b ++ (c, Lock l (Saw v)) :: g) = taken S l' (b ++ g)) /\
    (forall l', served S l' (b ++ (c, Lock l (Saw v)) :: g) = served S l' (b ++ g)).
  Proof.
    intros Wait Not; induction b as [|[c1 [l1 k1|l1 j v1|l1 j v1|]] b (Phase & Taken & Served)]; cbn [app]; auto.
    - split; [|split]; auto; intros c' l'; cbn.
      destruct (Nat.eqb_spec c c') as [<-|]; [|reflexivity]; destruct (Z.eqb_spec l l') as [<-|]; [|reflexivity].
      cbn; rewrite Wait; cbn; now rewrite (proj2 (Z.eqb_neq v n) Not).
    - split; [|split]; intros; cbn [ticket_phase taken served].
      + now rewrite Phase.
      + now rewrite Taken.
      + now rewrite Served.
  Qed.

  Definition looks_again (l n : Z) (a : action S ticket_verb) : Prop := exists v, v <> n /\ a = Lock l (Saw v).

  Lemma ticket_waits c l n :
    lock_exists (S := S) l = true ->
    waits F c (looks_again l n) (fun a => a = Lock l (Saw n)) (fun g => served S l g =? n)
      (fun g => ticket_phase S c l g = Waiting n).
  Proof.
    intros Exists; constructor.
    - intros b g Legal Wait Batch; apply (batch_legal_iff F _ _ _ Legal) in Batch as (_ & Foreign).
      now rewrite ticket_phase_seen.
    - intros g Wait Not; exists (Lock l (Saw (served S l g))); apply Z.eqb_neq in Not; split.
      + exists (served S l g); auto.
      + cbn; rewrite Exists; unfold ticket_fault, reads; now rewrite Wait, Z.eqb_refl.
    - intros a (v & _ & ->); discriminate.
    - intros a g Wait (v & Not & ->) Fault; cbn in Fault; rewrite Exists in Fault.
      unfold ticket_fault, reads in Fault; rewrite Wait in Fault.
      destruct (Z.eqb_spec v (served S l g)) as [->|]; [|discriminate].
      split; [now apply Z.eqb_neq|split; [|split]].
      + exact (eq_trans (proj1 (look_unnoticed c l n _ [] g Wait Not) c l) Wait).
      + apply alike_verb; intros b c' l' k'.
        destruct (look_unnoticed c l n (served S l g) b g Wait Not) as (Phase & Taken & Served).
        cbn; unfold ticket_inside, ticket_fault; now rewrite Phase, Taken, Served.
      + intros b; now rewrite (proj2 (proj2 (look_unnoticed c l n (served S l g) b g Wait Not))).
    - intros g Wait; split.
      + intros (a & -> & Fault); cbn in Fault; rewrite Exists in Fault.
        unfold ticket_fault, reads in Fault; rewrite Wait in Fault.
        rewrite Z.eqb_sym; destruct (n =? served S l g); [reflexivity|discriminate].
      + intros Turn; eexists; split; [reflexivity|]; cbn; rewrite Exists.
        unfold ticket_fault, reads; rewrite Wait, Z.eqb_sym, Turn; reflexivity.
  Qed.

  Lemma phase_seen l (d : data) :
    invariant d -> env_legal d -> ticket_phase S (me d) l (seen d) = ticket_phase S (me d) l (events d).
  Proof.
    intros Inv Env; apply (batch_legal_iff F _ _ _ (inv_legal _ _ Inv)) in Env as (_ & Foreign).
    exact (ticket_phase_seen S _ l _ _ Foreign).
  Qed.

  (** A wait is defined exactly when the lock exists, I have nothing to do with
      it, and the others keep to the protocol: when I take my ticket, and from
      then on, until it is served. *)
  Theorem wait_lock_defined_iff l (d : data) :
    invariant d ->
    let n := taken S l (seen d) in
    let g := (me d, Lock l (Drew n)) :: seen d in
    (exists d', wait_lock_spec S l d d') <->
    lock_exists (S := S) l = true /\ ticket_phase S (me d) l (events d) = Out /\ env_legal d /\
    exists k, let b := batches (Datatypes.S k) (tl (env d)) in
      batch_fault F (me d) b g = None /\ served S l (b ++ g) = n.
  Proof.
    intros Inv n g.
    pose proof (phase_seen l d Inv) as Seen.
    set (d1 := mkRData (F := F) (me d) g (tl (env d))).
    assert (Then : lock_exists (S := S) l = true -> operation F (Lock l (Drew n)) d = Done d1 ->
      (exists d', until (F := F) (looks_again l n) (fun a => a = Lock l (Saw n)) d1 d') <->
      exists k, let b := batches (Datatypes.S k) (tl (env d)) in
        batch_fault F (me d) b g = None /\ (served S l (b ++ g) =? n) = true).
    { intros Exists Op; refine (until_defined_iff F _ _ _ _ d1 (ticket_waits (me d) l n Exists) _ _).
      - exact (operation_invariant F (Lock l (Drew n)) d d1 ltac:(discriminate) Inv Op).
      - exact (phase_same S (me d) l (Drew n) (seen d)). }
    split.
    - intros (d' & m & d2 & Op & Until).
      destruct (proj1 (operation_defined_iff F _ d Inv) (ex_intro _ _ Op)) as (Env & Fault); cbn in Fault.
      destruct (lock_exists l) eqn:Exists; [|discriminate].
      unfold ticket_fault, reads in Fault; destruct (ticket_phase S (me d) l (seen d)) eqn:Phase; try discriminate.
      destruct (Z.eqb_spec m (taken S l (seen d))) as [->|]; [|discriminate].
      destruct (operation_log F _ _ _ (inv_legal _ _ Inv) Op) as (_ & _ & _ & ->).
      split; [reflexivity|split; [now rewrite <- Seen|split; [exact Env|]]].
      destruct (proj1 (Then eq_refl Op) (ex_intro _ d' Until)) as (k & Fine & Turn).
      exists k; split; [exact Fine|now apply Z.eqb_eq].
    - intros (Exists & Outside & Env & k & Fine & Turn).
      assert (Fault : action_fault F (me d) (Lock l (Drew n)) (seen d) = None).
      { cbn; rewrite Exists; unfold ticket_fault, reads; rewrite Seen, Outside by exact Env.
        now rewrite Z.eqb_refl. }
      destruct (proj2 (operation_defined_iff F _ d Inv) (conj Env Fault)) as (d2 & Op).
      destruct (operation_log F _ _ _ (inv_legal _ _ Inv) Op) as (_ & _ & _ & ->).
      destruct (proj2 (Then Exists Op)) as (d' & Until); [exists k; split; [exact Fine|now apply Z.eqb_eq]|].
      exists d', n, d1; auto.
  Qed.

  (** A pass is defined exactly when the lock exists, I am inside, and the others
      keep to the protocol. *)
  Theorem pass_lock_defined_iff l (d : data) :
    invariant d ->
    (exists d', pass_lock_spec S l d = Done d') <->
    lock_exists (S := S) l = true /\ ticket_phase S (me d) l (events d) = In /\ env_legal d.
  Proof.
    intros Inv; unfold pass_lock_spec; rewrite operation_defined_iff by auto.
    pose proof (phase_seen l d Inv) as Seen.
    cbn; unfold ticket_fault; destruct (lock_exists l); [|split; [now intros []|now intros []]].
    split; [intros (Env & Fault)|intros (_ & Inside & Env)]; rewrite Seen in * by exact Env.
    - destruct (ticket_phase S (me d) l (events d)); auto; discriminate.
    - now rewrite Inside.
  Qed.

  (** ** The invariant: each lock has its line *)
  Definition lines_up (g : log) : Prop := forall l,
    in_line (line S l g) (busy S l g) (served S l g) (taken S l g) (fun c => ticket_phase S c l g) /\
    forall c, List.In c (line S l g) -> (c < cpus S)%nat.
  Definition tickets_invariant : data -> Prop := floor_invariant (F := F) lines_up.

  Lemma legal_lines_up g : legal F g -> lines_up g.
  Proof. intros Legal l; exact (ticket_line S g l Legal). Qed.

  Theorem tickets_init c bs : (c < cpus S)%nat -> tickets_invariant (start F c bs).
  Proof. exact (floor_init F lines_up c bs legal_lines_up). Qed.

  Lemma wait_lock_works l (d d' : data) : wait_lock_spec S l d d' -> works d d'.
  Proof.
    intros (n & d1 & Op & Until); eapply works_on; [|exact Op|]; [discriminate|].
    eapply until_works; [|exact Until]; intros a [(v & _ & ->)| ->]; discriminate.
  Qed.
  Lemma pass_lock_works l (d d' : data) : pass_lock_spec S l d = Done d' -> works d d'.
  Proof. now apply works_one. Qed.

  Theorem tickets_preserved d d' :
    tickets_invariant d ->
    does (wait_lock_spec S) (fun l d d' => pass_lock_spec S l d = Done d') d d' -> tickets_invariant d'.
  Proof. exact (floor_preserved F lines_up _ _ legal_lines_up wait_lock_works pass_lock_works d d'). Qed.
End High.
