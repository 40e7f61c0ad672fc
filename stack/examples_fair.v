(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Fair others, and others that are safe but not fair

    The client and the two CPUs of examples.v.  There CPU 1 lets go while CPU 0
    waits: it is fair with F = 3, and [stack_terminates] applies.  Here CPU 1 goes
    in and does nothing more: all that it does is in order, but the same client never
    gets beyond its second operation, so [env_fair] cannot be dropped. *)
From Coq Require Import ZArith String List Bool Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec facts.
From hlock.layers.L0_machine Require Import spec facts.
From hlock.layers.L1_ticket Require Import spec refine ends skipped.
From hlock.layers.L3_atomic Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text code contract sample examples.
From hlock.stack Require Import stack setting stack_floors stack_refine stack_total stack_ends correct executable
  visits.
From hlock.stack Require Import kept examples.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope list_scope.
Local Ltac each_width := intros [<-|[<-|[<-|[]]]].

(** ** What does not depend on the others *)

(** CPU 0 at the start, whatever the others will do. *)
Definition at_start (w : Z) (bs : list (log two words_verb)) : RData (words two w) := start (words two w) 0%nat bs.
Definition copies_at_start : HData two := mkHData (start (atomic two) 0%nat []) [].

Example both_locks_keeps_on : keeps_contract both_locks [] copies_at_start.
Proof.
  apply (text_keeps_contract (G := of_two 32 ltac:(lia))); [repeat constructor|exact both_locks_of_table|]; intros n.
  do 10 (destruct n as [|n]; [exact I|cbn; try (split; [reflexivity|intros ?])]); exact I.
Qed.

Lemma premises_at_start w bs :
  invariant (at_start w bs) /\ settled two w (at_start w bs) /\ stands_for two w (at_start w bs) copies_at_start.
Proof.
  split; [apply invariant_init; repeat constructor|split; [intros l; left; reflexivity|]].
  destruct (stands_for_start two w 0%nat) as (d1 & d2 & d3 & [Cpu Log _ Legal] & Rest).
  exists d1, d2, d3; split; [now constructor|exact Rest].
Qed.

(** ** Fair others *)

(** Every hypothesis of [stack_terminates] holds of the contended instance: of any
    three polls of CPU 0 one comes after CPU 1 has moved the number. *)
Theorem fair_premises w : List.In w widths -> forall (mem : Type) (m : mem),
  (1 <= w <= 32 /\ Z.of_nat 2 <= 2 ^ w) /\
  (forall history o, both_locks history = Some o -> of_table sample o) /\
  (invariant (before w) /\ settled two w (before w) /\ stands_for two w (before w) copies_at_start) /\
  keeps_contract both_locks [] copies_at_start /\
  env_safe_throughout sample_text two w m both_locks [] (before w) /\
  env_fair sample_text two w m 3 both_locks [] (before w).
Proof.
  intros Is mem m; destruct (contended_premises w Is) as ((Width & Fits) & Table & (Foreign & _) & _).
  split; [auto|split; [exact Table|split; [apply premises_at_start|split; [exact both_locks_keeps_on|]]]].
  apply (well_behaved_sound (G := of_two w Width) m 20 3 both_locks 10); [|exact Foreign].
  revert Is; each_width; vm_cast_no_check (eq_refl true).
Qed.

(** CPU 0 after the first [k] events, with [j] batches gone. *)
Definition moment (w : Z) (k j : nat) : RData (words two w) :=
  mkRData (F := words two w) 0%nat (rev (firstn k (story w))) (skipn j (batches w)).

Lemma polling_pt3 w : List.In w widths -> forall (mem : Type) (m : mem) d',
  polls_in_vain pt3 (ticket w 1) (moment w 6 3) d' ->
  polling sample_text two w m both_locks [] (before w) pt3 (ticket w 1) d'.
Proof.
  intros Is mem m d' Vain; exists 1%nat, [None], (moment w 4 2), (moment w 6 3), pt_family, 3.
  split; [|repeat split; [..|exact Vain]]; revert Is; clear Vain; each_width; try reflexivity.
  all: apply (run_client_sound sample_text two _ m 20); reflexivity.
Qed.

(** It is no idle hypothesis: CPU 0 stands there, has polled in vain once, it is
    not its turn and CPU 1 is inside; and F = 2 is too little. *)
Theorem fair_waits w : List.In w widths -> forall (mem : Type) (m : mem),
  (polling sample_text two w m both_locks [] (before w) pt3 (ticket w 1) (moment w 8 4) /\
   serving two w pt3 (events (moment w 8 4)) <> ticket w 1 /\
   words_phase two 1 pt3 (events (moment w 8 4)) = In) /\
  ~ env_fair sample_text two w m 2 both_locks [] (before w).
Proof.
  intros Is mem m; split.
  - split; [|revert Is; each_width;
      split; [discriminate|reflexivity| discriminate|reflexivity|discriminate|reflexivity]].
    apply (polling_pt3 w Is); apply one_more with (v := 0) (d1 := moment w 8 4); [| |apply none_yet];
      revert Is; each_width; first [reflexivity|discriminate].
  - intros Fair; destruct (Fair _ _ _ (polling_pt3 w Is mem m _ (none_yet _ _ _))) as [Turn|Moves].
    + revert Is Turn; each_width; discriminate.
    + destruct (contended_premises w Is) as ((Width & _) & _).
      apply (moves_within_iff (G := of_two w Width)) in Moves; revert Is Moves; each_width; discriminate.
Qed.

(** So every run of this client ends, in one way and within the bound: each of its
    operations takes at most 2 + 3 * (2 - 1) own events. *)
Theorem fair_conclusion w : List.In w widths -> forall (mem : Type) (m : mem) n,
  exists responses d', c_run sample_text two w m both_locks n [] (before w) responses d' /\
    (forall answers2 d2, c_run sample_text two w m both_locks n [] (before w) answers2 d2 ->
      answers2 = responses /\ d2 = d') /\
    (own (me d') (events d') <= n * 5)%nat.
Proof.
  intros Is mem m n; destruct (fair_premises w Is mem m)
    as ((Width & Fits) & Table & (Inv & Settled & Stands) & Keeps & Safe & Fair).
  exact (stack_terminates (G := of_two w Width) m both_locks Table n 3 (before w) copies_at_start
           Inv Settled Stands Keeps Safe Fair).
Qed.

(** Its nine operations end as those of [contended_run], with 15 own events. *)
Example fair_told w : List.In w widths -> forall (mem : Type) (m : mem) responses d',
  c_run sample_text two w m both_locks 9 [] (before w) responses d' ->
  responses = told /\ d' = after w /\ own (me d') (events d') = 15%nat.
Proof.
  intros Is mem m responses d' Run; destruct (contended_premises w Is) as ((Width & _) & _).
  destruct (c_run_deterministic (G := of_two w Width) m _ _ _ _ _ _ _ _ Run (contended_run w Is mem m))
    as (-> & ->); auto.
Qed.

(** ** Others that are safe but not fair *)

Lemma own_in_order S w c a (g : log S words_verb) : others_in_order S w c g -> others_in_order S w c ((c, a) :: g).
Proof. intros Order [|e' b] e g' [= <- ->] Other; [now destruct Other|exact (Order b e g' eq_refl Other)]. Qed.

(** Among quiet others no poll changes what is in order. *)
Lemma quiet_vain S w l t (d d' : RData (words S w)) :
  polls_in_vain l t d d' -> Forall (eq []) (env d) -> others_in_order S w (me d) (events d) ->
  others_in_order S w (me d) (seen d').
Proof.
  induction 1 as [d|d v d1 d' Get _ _ IH]; intros Quiet Order;
    destruct (quiet_seen S w d Quiet) as (Same & Later); [now rewrite Same|].
  apply get_now_act in Get as (_ & _ & ->); apply IH; [exact Later|].
  apply own_in_order; fold (seen d); change (others_in_order S w (me d) (seen d)); now rewrite Same.
Qed.

(** CPU 1 goes in, and does nothing more for ever. *)
Definition goes_in : log two words_verb := [other (Polled 0); other (Took 0)].
Definition held_for_ever (w : Z) : RData (words two w) := at_start w [goes_in].
(** CPU 0 has got the lock of core and calls for that of pt 3. *)
Definition waits_for_ever (w : Z) : RData (words two w) :=
  mkRData (F := words two w) 0%nat (core (Polled 0) :: core (Took 0) :: goes_in) [].

Section Unfair.
  Context (w : Z) (Width : 1 <= w <= 32) {mem : Type} (m : mem).

  Lemma fits : 2 <= 2 ^ w.
  Proof. change 2 with (2 ^ 1) at 1; apply Z.pow_le_mono_r; lia. Qed.

  (** The ticket that CPU 0 draws. *)
  Lemma ticket_drawn : incr_ticket_spec two w pt3 (waits_for_ever w) =
    Done (1, act two w (Lock pt3 (Took 1)) (waits_for_ever w)).
  Proof.
    assert (Small : (0 + 1) mod modulus w = 1) by (pose proof fits; apply Z.mod_small; unfold modulus; lia).
    unfold incr_ticket_spec; change (next two w pt3 (events (arrive two w (waits_for_ever w))))
      with ((0 + 1) mod modulus w).
    rewrite Small; reflexivity.
  Qed.

  Lemma gets_core : c_do sample_text two w m (Op_acquire core_family 0) (held_for_ever w) None (waits_for_ever w).
  Proof.
    split; [reflexivity|].
    apply (stack_runs (G := of_two w Width) m Acquire core_family 0); [cbn; auto 10|reflexivity|].
    exists 0; eexists; split; [reflexivity|]; now apply my_turn.
  Qed.
  Lemma never_gets_pt a d' : ~ c_do sample_text two w m (Op_acquire pt_family 3) (waits_for_ever w) a d'.
  Proof.
    intros (_ & Call).
    apply (stack_exact (G := of_two w Width) m Acquire pt_family 3) in Call as (d2 & _ & _ & t & d1 & Take & Polls);
      [|cbn; auto 10|reflexivity].
    change (incr_ticket_spec two w pt3 (waits_for_ever w) = Done (t, d1)) in Take.
    rewrite ticket_drawn in Take; injection Take as <- <-; revert Polls.
    now apply quiet_polls_undefined; [constructor|].
  Qed.

  Lemma unfair_reached k history d' : c_run sample_text two w m both_locks k [] (held_for_ever w) history d' ->
    history = [] /\ d' = held_for_ever w \/ history = [None] /\ d' = waits_for_ever w.
  Proof.
    destruct k as [|k]; [intros (-> & ->); auto|]; intros (a & d1 & Did & Run).
    destruct (c_do_deterministic (G := of_two w Width) m _ _ _ _ _ _ Did gets_core) as (-> & ->).
    destruct k as [|k]; [destruct Run as (-> & ->); auto|exfalso].
    destruct Run as (a & d1 & Did2 & _); exact (never_gets_pt a d1 Did2).
  Qed.

  (** No run of this client has more than one operation. *)
  Theorem unfair_never_ends n : (2 <= n)%nat ->
    ~ exists responses d', c_run sample_text two w m both_locks n [] (held_for_ever w) responses d'.
  Proof.
    destruct n as [|[|n]]; [lia|lia|]; intros _ (responses & d' & a & d1 & Did & Run).
    destruct (c_do_deterministic (G := of_two w Width) m _ _ _ _ _ _ Did gets_core) as (-> & ->).
    destruct Run as (a & d1 & Did2 & _); exact (never_gets_pt a d1 Did2).
  Qed.

  (** And yet every hypothesis of [stack_terminates] but [env_fair] holds. *)
  Theorem unfair_premises :
    Z.of_nat 2 <= 2 ^ w /\ (forall history o, both_locks history = Some o -> of_table sample o) /\
    (invariant (held_for_ever w) /\ settled two w (held_for_ever w) /\
     stands_for two w (held_for_ever w) copies_at_start) /\
    keeps_contract both_locks [] copies_at_start /\
    env_safe_throughout sample_text two w m both_locks [] (held_for_ever w).
  Proof.
    split; [exact fits|split; [exact both_locks_of_table|
      split; [apply premises_at_start|split; [exact both_locks_keeps_on|]]]].
    assert (Before : others_in_order two w 0 goes_in) by (apply legal_in_order; reflexivity).
    assert (Order : forall (history : list (response two)) (d : RData (words two w)),
              history = [] /\ d = held_for_ever w \/ history = [None] /\ d = waits_for_ever w ->
              me d = 0%nat /\ tl (env d) = [] /\ others_in_order two w 0 (seen d)).
    { intros history d [(_ & ->)|(_ & ->)]; repeat split; [exact Before|].
      do 2 apply (own_in_order two w 0); exact Before. }
    intros d' Came; split; [repeat constructor; discriminate|]; change (others_in_order two w 0 (seen d')).
    destruct Came as [(k & history & Run)|(l & t & k & history & d0 & d1 & f & i & Run & _ & _ & -> & Take & Vain)].
    - exact (proj2 (proj2 (Order _ _ (unfair_reached _ _ _ Run)))).
    - destruct (Order _ _ (unfair_reached _ _ _ Run)) as (Me & Quiet & Seen).
      apply incr_ticket_act in Take as (_ & _ & ->); rewrite <- Me in Seen |- *.
      refine (quiet_vain two w _ _ _ _ Vain _ (own_in_order two w _ _ _ Seen)).
      change (Forall (eq []) (tl (env d0))); rewrite Quiet; constructor.
  Qed.

  (** The C is not stuck: CPU 0 polls, in vain, as often as one likes. *)
  Theorem unfair_polls_for_ever k : exists d',
    polling sample_text two w m both_locks [] (held_for_ever w) pt3 1 d' /\ (own 0 (events d') = 3 + k)%nat.
  Proof.
    set (step := fun d : RData (words two w) => act two w (Lock pt3 (Polled 0)) d).
    set (first := act two w (Lock pt3 (Took 1)) (waits_for_ever w)).
    assert (Vain : forall n (d : RData (words two w)), env d = [] -> me d = 0%nat -> serving two w pt3 (events d) = 0 ->
              exists d', polls_in_vain pt3 1 d d' /\ own 0 (events d') = (n + own 0 (events d))%nat).
    { induction n as [|n IH]; intros d Quiet Me Now; [exists d; split; [constructor|reflexivity]|].
      assert (Seen : seen d = events d) by (unfold seen, arrivals; now rewrite Quiet).
      destruct (IH (step d)) as (d' & Vain & Count).
      - change (tl (env d) = []); now rewrite Quiet.
      - exact Me.
      - change (serving two w pt3 (seen d) = 0); now rewrite Seen.
      - exists d'; split.
        + apply one_more with (v := 0) (d1 := step d); [|discriminate|exact Vain].
          change (Done (serving two w pt3 (seen d), act two w (Lock pt3 (Polled (serving two w pt3 (seen d)))) d) =
                  Done (0, step d)); now rewrite Seen, Now.
        + rewrite Count; change (events (step d)) with ((me d, Lock pt3 (Polled 0) : action two words_verb) :: seen d).
          rewrite Me, Seen, (own_mine (S := two)); lia. }
    destruct (Vain k first eq_refl eq_refl eq_refl) as (d' & Polls & Count).
    exists d'; split; [|rewrite Count; change (own 0 (events first)) with 3%nat; lia].
    exists 1%nat, [None], (waits_for_ever w), first, pt_family, 3; repeat split; [|exact ticket_drawn|exact Polls].
    exists None, (waits_for_ever w); split; [exact gets_core|split; reflexivity].
  Qed.

  Theorem unfair_not_fair F : ~ env_fair sample_text two w m F both_locks [] (held_for_ever w).
  Proof.
    intros Fair; destruct unfair_premises as (Fits & Table & (Inv & Settled & Stands) & Keeps & Safe).
    destruct (stack_terminates (G := of_two w Width) m both_locks Table 2 F _ _ Inv Settled Stands Keeps Safe Fair)
      as (responses & d' & Run & _).
    apply (unfair_never_ends 2); [apply Nat.le_refl|eauto].
  Qed.
End Unfair.

(** ** [stack_terminates] without [env_fair] *)

(** What it says, if of the others, beside safety, [others] is asked. *)
Definition ends_among
    (others : program -> forall S width (mem : Type), mem -> nat -> client S -> RData (words S width) -> Prop) : Prop :=
  forall prefix T N O width, table_ok T = true -> 1 <= width <= 32 -> Z.of_nat N <= 2 ^ width ->
  let S := table_system T N O in let text := stack prefix T in
  forall (mem : Type) (m : mem) (p : client S) n F d h,
  (forall history o, p history = Some o -> of_table T o) ->
  invariant d -> settled S width d -> stands_for S width d h -> keeps_contract p [] h ->
  env_safe_throughout text S width m p [] d -> others text S width mem m F p d ->
  exists responses d', c_run text S width m p n [] d responses d'.

Example ends_among_fair : ends_among (fun text S width mem m F p d => env_fair text S width m F p [] d).
Proof.
  intros prefix T N O width Ok Width Fits S text mem m p n F d h Table Inv Settled Stands Keeps Safe Fair.
  destruct (stack_terminates (G := mkSetting prefix T Ok N O width Width Fits) m p Table n F d h
              Inv Settled Stands Keeps Safe Fair) as (responses & d' & Run & _); eauto.
Qed.
Theorem ends_among_safe_refuted : ~ ends_among (fun _ _ _ _ _ _ _ _ => True).
Proof.
  assert (Width : 1 <= 32 <= 32) by lia; intros Ends.
  destruct (unfair_premises 32 Width tt) as (Fits & Table & (Inv & Settled & Stands) & Keeps & Safe).
  apply (unfair_never_ends 32 Width tt 2); [apply Nat.le_refl|].
  exact (Ends EmptyString sample 2%nat numbers 32 eq_refl Width Fits unit tt both_locks 2%nat 0%nat _ _ Table Inv
    Settled Stands Keeps Safe I).
Qed.
