(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What holds in every state of the machine, until a breach

    Memory's history is a legal log of words, so what all floors say of it is true
    ([up]: its image on floor 3); each thread stands where its events in the log
    say ([match_thread]), and so does it on the atomic machine.  Read next: correct.v. *)
From Coq Require Import ZArith List Bool Lia.
From hlock.clight Require Import options integers values semantics smallstep.
From hlock.layers.view Require Import spec facts map.
From hlock.layers Require Import L0_machine.spec L0_machine.facts.
From hlock.layers Require L1_ticket.spec L1_ticket.facts L1_ticket.refine.
From hlock.layers Require L2_queue.spec L2_queue.refine.
From hlock.layers Require Import L3_atomic.spec L3_atomic.facts.
From hlock.layers Require L3_atomic.refine.
From hlock.layers.table Require Import table facts.
From hlock.layers.L4_locks Require Import spec contract text code.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import position place.
Import ListNotations.
Local Open Scope Z_scope.

Section Up.
  Context (S : system) (width : Z) (Width : 1 <= width <= 32).
  Context (Fits : Z.of_nat (cpus S) <= modulus width).
  Local Notation W := (words S width).
  Local Notation T := (L1_ticket.spec.tickets S).
  Local Notation Q := (L2_queue.spec.queues S).
  Local Notation A := (L3_atomic.spec.atomic S).
  Local Notation log := (log S words_verb).
  Let Low : 1 <= width := proj1 Width.

  (** The log of words as floors 1, 2 and 3 see it. *)
  Definition as_tickets (g : log) := image W T (L1_ticket.show.show S) g.
  Definition as_queue (g : log) := image T Q (L2_queue.show.show S) (as_tickets g).
  Definition up (g : log) := image Q A (L3_atomic.show.show S) (as_queue g).

  Local Notation Sim01 := (L1_ticket.refine.tickets_simulation S width Low Fits).
  Local Notation Sim12 := (L2_queue.refine.queue_simulation S).
  Local Notation Sim23 := (L3_atomic.refine.atomic_simulation S).

  Lemma tickets_legal g : legal W g -> legal T (as_tickets g).
  Proof. intros Legal; exact (proj1 (image_legal _ _ _ _ Sim01 _ Legal)). Qed.
  Lemma queue_legal g : legal W g -> legal Q (as_queue g).
  Proof. intros Legal; exact (proj1 (image_legal _ _ _ _ Sim12 _ (tickets_legal g Legal))). Qed.
  Lemma up_legal g : legal W g -> legal A (up g).
  Proof. intros Legal; exact (proj1 (image_legal _ _ _ _ Sim23 _ (queue_legal g Legal))). Qed.

  (** Who is inside, or on the way out, holds on floor 3; who is out does not. *)
  Lemma phase_ticket g c l : legal W g ->
    match words_phase S c l g, L1_ticket.spec.ticket_phase S c l (as_tickets g) with
    | Out, Out | In, In | Leaving _, In => True
    | Waiting t, Waiting n =>
        t = n mod modulus width /\ 0 <= n - L1_ticket.spec.served S l (as_tickets g) < modulus width
    | _, _ => False
    end.
  Proof.
    intros Legal; destruct (image_legal _ _ _ _ Sim01 _ Legal) as (Above & Wraps).
    pose proof (L1_ticket.refine.phase_wraps _ _ _ Wraps c l) as Same; unfold as_tickets.
    destruct (words_phase S c l g), (L1_ticket.spec.ticket_phase S c l _) eqn:Ph; cbn in Same; auto.
    split; [exact Same|].
    pose proof (L1_ticket.facts.ticket_distance S _ l c t0 Above Ph); lia.
  Qed.

  Lemma holder_up g c l : legal W g ->
    match words_phase S c l g with
    | In | Leaving _ => holder S l (up g) = Some c
    | Out | Waiting _ => holder S l (up g) <> Some c
    end.
  Proof.
    intros Legal; pose proof (phase_ticket g c l Legal) as Phase.
    pose proof (tickets_legal g Legal) as Legal1; pose proof (queue_legal g Legal) as Legal2.
    destruct (image_legal _ _ _ _ Sim12 _ Legal1) as (_ & Lines).
    destruct (image_legal _ _ _ _ Sim23 _ Legal2) as (_ & Holds).
    destruct (L1_ticket.facts.ticket_line S _ l Legal1) as (Line & _).
    specialize (Lines l); specialize (Holds l).
    fold (as_queue g) in Lines; fold (up g) in Holds; destruct Lines as (Queue & Held).
    rewrite Queue, Held in Holds.
    destruct (words_phase S c l g), (L1_ticket.spec.ticket_phase S c l (as_tickets g)) eqn:Ph;
      try (now destruct Phase); rewrite Holds.
    1, 2: destruct (L1_ticket.facts.busy S l (as_tickets g)) eqn:Busy; [|discriminate]; intros Head;
      pose proof (L1_ticket.facts.line_waits _ _ _ _ _ Line 0%nat c) as At;
      destruct (L1_ticket.facts.line S l (as_tickets g)) as [|c' q]; [discriminate|];
      injection Head as ->; specialize (At eq_refl); cbn in At; rewrite Ph in At; discriminate.
    all: destruct (L1_ticket.facts.line_in _ _ _ _ _ Line c Ph) as (-> & q & ->); reflexivity.
  Qed.

  Lemma up_polled g c l t : legal W g -> words_phase S c l g = Waiting t ->
    up ((c, Lock l (Polled (serving S width l g))) :: g) =
    if serving S width l g =? t then (c, Lock l Entered) :: up g else up g.
  Proof.
    intros Legal Wait; pose proof (phase_ticket g c l Legal) as Phase; rewrite Wait in Phase.
    destruct (L1_ticket.spec.ticket_phase S c l (as_tickets g)) as [|n| |] eqn:Ph; try (now destruct Phase).
    destruct Phase as (-> & Near).
    destruct (image_legal _ _ _ _ Sim01 _ Legal) as (_ & Wraps).
    rewrite (L1_ticket.refine.now_wraps _ _ _ Wraps l); fold (as_tickets g).
    rewrite (L1_ticket.refine.wrap_exact S width Low) by exact Near.
    assert (Show : as_tickets ((c, Lock l (Polled (L1_ticket.spec.served S l (as_tickets g) mod modulus width))) :: g)
                   = (c, Lock l (L1_ticket.spec.Saw (L1_ticket.spec.served S l (as_tickets g)))) :: as_tickets g)
      by reflexivity.
    unfold up, as_queue; rewrite Show; cbn [image shown L2_queue.show.show].
    unfold L1_ticket.spec.success; rewrite Ph.
    destruct (L1_ticket.spec.served S l (as_tickets g) =? n); reflexivity.
  Qed.

  Lemma object_up g l k : object l k (up g) = object l k g.
  Proof.
    unfold up, as_queue, as_tickets.
    exact (eq_trans (object_image _ _ _ _ _ _) (eq_trans (object_image _ _ _ _ _ _) (object_image _ _ _ _ _ _))).
  Qed.
End Up.

(** ** Lists of threads *)
Lemma nth_put {A} (xs : list A) c c' x :
  nth_error (put_at c x xs) c' =
  if Nat.eqb c' c then (match nth_error xs c with Some _ => Some x | None => None end) else nth_error xs c'.
Proof.
  revert c c'; induction xs as [|y xs IH]; intros [|c] [|c']; cbn; auto.
  now destruct (Nat.eqb c' c).
Qed.
Lemma length_put {A} (xs : list A) c x : length (put_at c x xs) = length xs.
Proof. revert c; induction xs as [|y xs IH]; intros [|c]; cbn; auto. Qed.

Lemma nth_repeat {A} (x y : A) n c : nth_error (repeat x n) c = Some y -> y = x.
Proof. intros Is; apply nth_error_In, repeat_spec in Is; exact Is. Qed.
Lemma put_same {A} (xs : list A) c x : nth_error xs c = Some x -> put_at c x xs = xs.
Proof. revert c; induction xs as [|y xs IH]; intros [|c]; cbn; try discriminate; [congruence|intros Is;
  now rewrite IH]. Qed.
Lemma nth_same_length {A B} (xs : list A) (ys : list B) c x :
  length xs = length ys -> nth_error xs c = Some x -> exists y, nth_error ys c = Some y.
Proof.
  intros Same Is; assert (c < length ys)%nat by (rewrite <- Same; apply nth_error_Some; congruence).
  destruct (nth_error ys c) eqn:E; [eauto|apply nth_error_None in E; lia].
Qed.

(** ** What the contract forbids *)
Section Forbidden.
  Context {S : system} (T : table).

  Lemma forbidden_decided c (o : op S) g : forbidden T c o g \/ ~ forbidden T c o g.
  Proof.
    assert (Dec : forall l, holder S l g = Some c \/ holder S l g <> Some c).
    { intros l; destruct (holder S l g) as [c'|]; [destruct (Nat.eq_dec c' c); [left|right]; congruence|now right]. }
    destruct o as [f i|f i|f i|f i v|]; cbn; [..|tauto].
    all: destruct (in_dec same_family_dec f T), (in_family f i), (Dec (lock_id f i)); intuition discriminate.
  Qed.
  (** What is not forbidden, said positively. *)
  Lemma forbidden_not c (o : op S) g : ~ forbidden T c o g <-> of_table T o /\
    match o with
    | Op_acquire f i => in_family f i = true /\ holder S (lock_id f i) g <> Some c
    | Op_release f i | Op_read f i _ | Op_write f i _ _ => in_family f i = true /\ holder S (lock_id f i) g = Some c
    | Op_halt => True
    end.
  Proof.
    assert (Dec : forall l, holder S l g = Some c \/ holder S l g <> Some c).
    { intros l; destruct (holder S l g) as [c'|]; [destruct (Nat.eq_dec c' c); [left|right]; congruence|now right]. }
    destruct o as [f i|f i|f i|f i v|]; cbn; [..|tauto].
    all: destruct (in_dec same_family_dec f T), (in_family f i), (Dec (lock_id f i)); intuition discriminate.
  Qed.
End Forbidden.

(** ** No move but a halt stops a thread *)
Lemma move_goes {S : system} text width (p : client S) t :
  match next_move text width p t with
  | Local t' | Call _ t' | Return _ t' | Store _ _ t' | Put _ _ _ t' => t' <> Stopped
  | Take _ k | Poll _ k | Load _ k => forall v, k v <> Stopped
  | Get _ _ k => forall v, k v <> Stopped
  | Halt | Finished | Stuck => True
  end.
Proof.
  destruct t as [history|o history s|o history l v k|]; cbn [next_move]; try discriminate; [|..|exact I].
  - destruct (p history) as [[]|]; cbn; auto; discriminate.
  - destruct s as [le s k|le out k|f [fn|ef targs tres cc] vs k|v k]; cbn [in_call].
    4: { unfold primitive; destruct vs as [|[|n] [|]]; auto; repeat (destruct (Pos.eqb _ _)); auto; discriminate. }
    4: destruct k; [discriminate|..].
    all: destruct (step _ _); auto; discriminate.
Qed.

(** ** Where a CPU stands *)
Section Stands.
  Context {G : setting}.
  Local Notation N := processors.
  Local Notation text := the_text.
  Let Width : 1 <= width <= 32 := width_range.
  Local Notation S := (the_system).
  Local Notation W := (words S width).
  Local Notation log := (log S words_verb).
  Local Notation M := (sc_memory S width).

  (** CPU [c] is outside or inside of each lock but those in [but]. *)
  Definition settled_but (but : Z -> Prop) (c : cpu) (g : log) : Prop :=
    forall l, but l \/ words_phase S c l g = Out \/ words_phase S c l g = In.

  (** A thread, where it stands on the atomic machine, and its events in the log. *)
  Inductive match_thread (c : cpu) (g : log) : thread S -> position S -> Prop :=
  | match_idle history :
      settled_but (fun _ => False) c g -> match_thread c g (Idle history) (At_rest history)
  | match_before_ticket f i history s :
      List.In f the_table -> in_family f i = true -> at_place s (Before_ticket (lock_id f i)) ->
      words_phase S c (lock_id f i) g = Out -> settled_but (fun _ => False) c g ->
      match_thread c g (Calling (Op_acquire f i) history s) (Pending (Op_acquire f i) history)
  | match_polling f i history s t :
      List.In f the_table -> in_family f i = true -> at_place s (Polling (lock_id f i) t) ->
      words_phase S c (lock_id f i) g = Waiting t -> settled_but (eq (lock_id f i)) c g ->
      match_thread c g (Calling (Op_acquire f i) history s) (Pending (Op_acquire f i) history)
  | match_before_load f i history s :
      List.In f the_table -> in_family f i = true -> at_place s (Before_load (lock_id f i)) ->
      words_phase S c (lock_id f i) g = In -> settled_but (fun _ => False) c g ->
      match_thread c g (Calling (Op_release f i) history s) (Pending (Op_release f i) history)
  | match_storing f i history v k :
      List.In f the_table -> in_family f i = true -> at_place (Give Vundef k) Through ->
      words_phase S c (lock_id f i) g = Leaving v -> settled_but (eq (lock_id f i)) c g ->
      match_thread c g (Storing (Op_release f i) history (lock_id f i) v k) (Pending (Op_release f i) history)
  | match_through o history s :
      at_place s Through -> settled_but (fun _ => False) c g ->
      match_thread c g (Calling o history s) (Effected o history)
  | match_dead : match_thread c g Stopped Dead.

  (** A thread is stopped exactly if its CPU has halted. *)
  Definition alive (c : cpu) (g : log) (t : thread S) : Prop := halted c g = true <-> t = Stopped.

  Record match_machine (x : machine (sc_memory S width)) (y : atomic_machine S) : Prop := {
    rel_threads : length (threads x) = cpus S;
    rel_positions : length (positions y) = cpus S;
    rel_legal : legal W (contents x);
    rel_log : happened y = up S width (contents x);
    rel_stands : forall c t q, nth_error (threads x) c = Some t -> nth_error (positions y) c = Some q ->
      match_thread c (contents x) t q /\ alive c (contents x) t
  }.

  (** What another CPU does changes nothing of where I stand. *)
  Lemma match_other c c' a g t q : c' <> c -> match_thread c g t q -> match_thread c ((c', a) :: g) t q.
  Proof.
    intros Other Stands.
    assert (Same : forall l, words_phase S c l ((c', a) :: g) = words_phase S c l g).
    { intros l; destruct a as [l' k| | |]; try reflexivity; apply words_other; auto. }
    assert (Settled : forall but, settled_but but c g -> settled_but but c ((c', a) :: g))
      by (intros but H l; rewrite Same; apply H).
    destruct Stands;
      [eapply match_idle|eapply match_before_ticket|eapply match_polling|eapply match_before_load|
       eapply match_storing|eapply match_through|eapply match_dead]; rewrite ?Same; eauto.
  Qed.
  Lemma alive_other c c' a g t : c' <> c -> alive c g t -> alive c ((c', a) :: g) t.
  Proof.
    intros Other; unfold alive; destruct a; cbn; auto.
    now rewrite (proj2 (Nat.eqb_neq c' c) Other).
  Qed.

  (** A verb of mine leaves me settled, but for its lock. *)
  Lemma settled_verb (but but' : Z -> Prop) c l k g :
    settled_but but c g -> (forall l', but l' -> l' <> l -> but' l') ->
    (but' l \/ words_step k (words_phase S c l g) = Out \/ words_step k (words_phase S c l g) = In) ->
    settled_but but' c ((c, Lock l k) :: g).
  Proof.
    intros Settled Else Here l'; destruct (Z.eq_dec l' l) as [->|Diff].
    - destruct Here as [|Here]; [auto|right]; now rewrite words_same.
    - rewrite words_other by auto.
      destruct (Settled l') as [But|]; auto.
  Qed.
  Lemma match_start : match_machine (first_state M) (atomic_start (S := S)).
  Proof.
    constructor; try apply repeat_length; try reflexivity.
    intros c t q T Q; apply nth_repeat in T, Q; subst; split.
    - apply match_idle; right; left; reflexivity.
    - unfold alive; cbn; split; discriminate.
  Qed.

  (** Where a thread of related machines stands. *)
  Lemma match_at x y c t : match_machine x y -> nth_error (threads x) c = Some t ->
    exists q, nth_error (positions y) c = Some q /\ match_thread c (contents x) t q /\ alive c (contents x) t.
  Proof.
    intros Rel At; destruct (nth_same_length _ (positions y) _ _
      (eq_trans (rel_threads _ _ Rel) (eq_sym (rel_positions _ _ Rel))) At) as (q & At').
    exists q; split; [exact At'|exact (rel_stands _ _ Rel c t q At At')].
  Qed.

  (** CPU [c] has moved, in the log too or not. *)
  Lemma match_update x y c t q t' q' g' h' :
    h' = up S width g' -> match_machine x y -> nth_error (threads x) c = Some t -> nth_error (positions y) c = Some q ->
    (g' = contents x \/ exists a, g' = (c, a) :: contents x) ->
    legal W g' -> match_thread c g' t' q' -> alive c g' t' ->
    match_machine (mkMachine (M := M) (put_at c t' (threads x)) g') (mkAtomic (put_at c q' (positions y)) h').
  Proof.
    intros -> [Threads Positions Legal Log Stand] At At' New Legal' Here Alive.
    constructor; cbn [threads contents positions happened]; rewrite ?length_put; auto.
    intros c' t2 q2; rewrite !nth_put, At, At'; destruct (Nat.eqb_spec c' c) as [->|Other].
    - intros [= <-] [= <-]; auto.
    - intros T Q; destruct (Stand c' t2 q2 T Q) as (Stands & Live).
      destruct New as [->|(a & ->)]; [auto|split; [apply match_other|apply alive_other]; auto].
  Qed.
End Stands.
