(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: what is asked of executions of C11

    As sharp_armv8_asked.v.  What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool Lia Relations.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.machine.relaxed Require Import model.
From hlock.machine.hardware Require Import events.
From hlock.machine.cases Require Import small few few_accesses.
From hlock.machine.hardware Require Import c11_model.
Import ListNotations.
Local Open Scope list_scope.
Local Notation r l := (reading l 107).
Local Notation w l := (writing l 5).

Local Notation ld := (Load RLX).
Local Notation st := (Store RLX).
(** A release of which an acquire reads. *)
Definition over : execution small c11 :=
  given [[w 0]; [reading 0 5]] [[[Store REL]]; [[Load ACQ]]] [((1, 0, 0), (0, 0, 0))] [].
Definition handed : event -> event -> Prop := pairs [((0, 0, 0), (1, 0, 0))].
Local Ltac hb_step := unfold happens_before; first [apply t_step|idtac];
  unfold sb, handed, in_order_of_each, back, pairs;
  yes.
Local Ltac eco_step := unfold extended_co; first [apply t_step|idtac]; yes.
(** By [hb] from [e] to [f], and by [eco] back: whatever more an axiom says of it. *)
Local Ltac incoherent e f hb eco := let All := fresh in let Is := fresh in let Before := fresh in
  intros [All _ _]; pose proof (All e f) as Is;
  match type of Is with ?A -> _ => assert (Before : A) by hb end; specialize (Is Before);
  first [refine (proj1 (proj2 Is) _); solve [eco]|refine (proj2 Is _); solve [eco]|refine (Is _); solve [eco]].
Example rc11_coherence_is_asked : ~ rc11_consistent (writes_back st) nothing /\
  ~ rc11_consistent (reads_old ld st) nothing /\
  ~ rc11_consistent (given [[reading 0 5]; [w 0]] [[[ld]]; [[st]]] [((0, 0, 0), (1, 0, 0))] []) handed.
Proof.
  split; [|split].
  - incoherent (0, 0, 0) (0, 1, 0) hb_step eco_step.
  - incoherent (0, 0, 0) (0, 1, 0) hb_step eco_step.
  - incoherent (0, 0, 0) (1, 0, 0) hb_step eco_step.
Qed.
(** Happens-before is transitive, and so is communication. *)
Example rc11_happens_before_goes_on : ~ rc11_consistent (stale ld st) (pairs [((0, 1, 0), (1, 0, 0))]).
Proof.
  incoherent (0, 0, 0) (1, 1, 0)
    ltac:(apply t_trans with (0, 1, 0); [hb_step|apply t_trans with (1, 0, 0); hb_step]) eco_step.
Qed.
(** Of two reads the later one reads the older write. *)
Example rc11_communication_goes_on : ~ rc11_consistent (given [[reading 0 6; reading 0 5]; [w 0; writing 0 6]]
  [[[ld]; [ld]]; [[st]; [st]]] [((0, 0, 0), (1, 1, 0)); ((0, 1, 0), (1, 0, 0))] [((1, 0, 0), (1, 1, 0))]) nothing.
Proof.
  incoherent (0, 0, 0) (0, 1, 0) hb_step ltac:(apply t_trans with (1, 1, 0); eco_step).
Qed.
(** No event happens before itself. *)
Example rc11_coherence_of_circles : ~ rc11_consistent (given [[w 0; w 4]] [[[st]; [st]]] [] []) back.
Proof.
  intros [Coherence _ _]; destruct (Coherence (0, 0, 0) (0, 0, 0)) as (Apart & _); [|auto].
  first [apply t_trans with (0, 1, 0); hb_step|hb_step].
Qed.
Example rc11_atomicity_is_asked : ~ rc11_consistent (both_first (Update_load ACQ_REL) (Update_store ACQ_REL)) nothing.
Proof. intros [_ Atomic _]; apply (Atomic (1, 0, 0) (1, 0, 1) (0, 0, 1)); yes. Qed.
Example rc11_no_thin_air_is_asked : ~ rc11_consistent (circle ld st) nothing.
Proof.
  intros [_ _ Air]; revert Air; apply (goes_round _ (0, 0, 0) [(0, 1, 0); (1, 0, 0); (1, 1, 0)]); unfold sb; yes.
Qed.
(** Store buffering: each CPU writes one location, and reads of the other what was there at first. *)
Definition buffering : execution small c11 := given [[w 0; r 4]; [w 4; r 0]] [[[st]; [ld]]; [[st]; [ld]]] [] [].
Example rc11_allows_buffering : rc11_consistent buffering nothing.
Proof.
  assert (Sb : forall e f, sb buffering e f -> snd (fst e) = 0 /\ snd (fst f) = 1 /\ fst (fst e) = fst (fst f)).
  { intros e f Is; unfold sb in Is; each_event; auto. }
  constructor.
  - pose (place := fun e : event => Nat.even (snd (fst e) + fst (fst e))).
    assert (Hb : forall e f, happens_before buffering nothing e f -> snd (fst e) = 0 /\ snd (fst f) = 1 /\
      fst (fst e) = fst (fst f)).
    { intros e f Is; induction Is as [e f [Is|[]]|e k f _ (A & B & C) _ (A' & B' & C')]; [auto|].
      rewrite B in A'; discriminate A'. }
    assert (Eco : forall e f, extended_co buffering e f -> place e = place f).
    { intros e f Is; induction Is as [e f Is|e k f _ IH _ IH']; [each_event|congruence]; try reflexivity. }
    intros e f Is; destruct (Hb e f Is) as (A & B & C); split; [congruence|]; repeat apply conj;
      (intros Back; apply Eco in Back; unfold place in Back;
       rewrite A, B, C, Nat.even_succ, <- Nat.negb_even in Back;
       cbn [Nat.add] in Back; now destruct (Nat.even (fst (fst f)))).
  - intros e f k Pair; each_event.
  - apply (has_no_cycle _ (fun e => snd (fst e))); intros e f [Is|Is]; [apply Sb in Is; lia|each_event].
Qed.
(** What goes forward is coherent. *)
Lemma in_one_order (h : execution small c11) sw place :
  (forall e f, sb h e f \/ sw e f -> (place e < place f)%nat) ->
  (forall e f, rf h e f \/ co h e f \/ fr h e f -> (place e < place f)%nat) ->
  forall e f, happens_before h sw e f -> e <> f /\ ~ extended_co h f e.
Proof.
  intros Hb Eco.
  assert (Way : forall (step : event -> event -> Prop), (forall e f, step e f -> (place e < place f)%nat) ->
    forall e f, clos_trans event step e f -> (place e < place f)%nat).
  { intros step Forward e f Is; induction Is; [auto|lia]. }
  intros e f Is; apply (Way _ Hb) in Is; split; [intros ->; lia|].
  intros Is'; apply (Way _ Eco) in Is'; lia.
Qed.
Example rc11_allows : rc11_consistent (writes_on st) nothing.
Proof.
  pose proof (writes_on_goes st eq_refl eq_refl) as On.
  assert (Sb : forall e f, sb (writes_on st) e f -> e = (0, 0, 0) /\ f = (0, 1, 0)).
  { intros e f (E & Po & F); destruct (two_in_order st st wrote wrote e f E Po F) as [[= <- <-]|[]]; auto. }
  constructor.
  - apply (in_one_order _ _ (place_in [(0, 0, 0); (0, 1, 0)])); [|forward_by On].
    intros e f [Is|[]]; destruct (Sb e f Is) as (-> & ->); cbn; lia.
  - intros e f k Pair; destruct (On e f) as (-> & ->); [tauto|]; revert Pair; no.
  - apply (has_no_cycle _ (place_in [(0, 0, 0); (0, 1, 0)])); intros e f [Is|Is];
      [apply Sb in Is|assert (e = (0, 0, 0) /\ f = (0, 1, 0)) by (apply On; tauto)];
      take_apart; cbn; lia.
Qed.
Example rc11_allows_release : rc11_consistent over handed.
Proof.
  constructor.
  - apply (in_one_order _ _ (place_in [(0, 0, 0); (1, 0, 0)]));
      (intros e f Is; unfold sb, handed, pairs in Is; each_event; cbn; lia).
  - intros e f k Pair; each_event.
  - apply (has_no_cycle _ (place_in [(0, 0, 0); (1, 0, 0)])); unfold sb; intros e f Is; each_event; cbn; lia.
Qed.
(** Two updates, of which the second reads what the first left: a write comes after what an update read. *)
Definition update : list c11 := [Update_load ACQ_REL; Update_store ACQ_REL].
Definition updates : execution small c11 :=
  given [[took 0]; [took 1]] [[update]; [update]] [((1, 0, 0), (0, 0, 1))] [((0, 0, 1), (1, 0, 1))].
Definition in_turn : event -> event -> Prop := pairs [((0, 0, 1), (1, 0, 0))].
Example rc11_allows_updates : rc11_consistent updates in_turn /\ rmw updates (0, 0, 0) (0, 0, 1) /\
  fr updates (0, 0, 0) (1, 0, 1).
Proof.
  split; [constructor|split; yes].
  - apply (in_one_order _ _ (place_in [(0, 0, 0); (0, 0, 1); (1, 0, 0); (1, 0, 1)]));
      (intros e f Is; unfold sb, in_turn, pairs in Is; each_event; cbn; lia).
  - intros [x n] f k (Same & Next & _) Rb [Mo|[]]; injection Mo as <- <-; cbn in Same, Next; subst x.
    injection Next as <-; revert Rb; no.
  - apply (has_no_cycle _ (place_in [(0, 0, 0); (0, 0, 1); (1, 0, 0); (1, 0, 1)])); unfold sb; intros e f Is;
      each_event; cbn; lia.
Qed.
