(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * What is wrong is stopped

    A thread that leads somewhere gets there by itself ([calling_runs], [asserting_runs]);
    so a CPU that is about to do a wrong thing comes to a stop by steps of its own,
    whatever the others do ([wrong_stops_alone]).  Read next: release.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text checks_text record checked.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant.
From hlock.machine.debug Require Import model stopping found leads calls lockstep relation stands.
Import ListNotations.
Local Open Scope Z_scope.

Section Reaches.
  Context {G : running} (B : build) (M : memory_system the_system).
  Context (asserts : cpu -> list (response the_system) -> list asserted) (c : cpu).
  Local Notation S := the_system.
  Local Notation self := (this_cpu B c).
  Local Notation text := (debug_stack prefix the_table).
  Local Notation leads := (leads prefix the_table B c).
  Local Notation debug_move := (debug_move text width B M clients asserts c).
  Local Notation represents := (represents the_table (depth B)).
  Local Notation own_held := (own_held c).
  Local Notation is_wrong := (is_wrong B c).
  Local Notation right_asserts := (right_asserts B c).
  Local Notation stands := (stands B asserts c).

  (** Steps of which nothing is seen, and that leave memory and the other records. *)
  Inductive by_itself (m : memory M) : records -> debug_thread S -> records -> debug_thread S -> Prop :=
  | itself_done R d : by_itself m R d R d
  | itself_step R d R1 d1 R2 d2 : debug_move R m d None d1 R1 m -> others_same self R R1 ->
      by_itself m R1 d1 R2 d2 -> by_itself m R d R2 d2.
  Lemma itself_trans m R d R1 d1 R2 d2 : by_itself m R d R1 d1 -> by_itself m R1 d1 R2 d2 -> by_itself m R d R2 d2.
  Proof. induction 1; [auto|]; intros Rest; eapply itself_step; eauto. Qed.
  Lemma itself_one m R d R1 d1 : debug_move R m d None d1 R1 m -> others_same self R R1 -> by_itself m R d R1 d1.
  Proof. intros Move Others; eapply itself_step; [exact Move|exact Others|apply itself_done]. Qed.
  Lemma itself_others m R d R2 d2 : by_itself m R d R2 d2 -> others_same self R R2.
  Proof. induction 1 as [|R d R1 d1 R2 d2 _ Others _ IH]; intros c' Not; [reflexivity|]; now rewrite IH, Others. Qed.

  Lemma calling_runs m o h s r s2 r2 : leads s r s2 r2 -> forall R, R self = r ->
    exists R2, by_itself m R (Running (Calling o h s) []) R2 (Running (Calling o h s2) []) /\ R2 self = r2.
  Proof.
    induction 1 as [s r|s s1 r s2 r2 Step _ IH|g ef ts tr cc vs v k r r1 s2 r2 Does _ IH]; intros R Is.
    - exists R; split; [constructor|exact Is].
    - destruct (IH R Is) as (R2 & Run & Is2); exists R2; split; [|exact Is2].
      eapply itself_step; [|now intros ? _|exact Run].
      apply (debug_moves text width B M clients asserts c R m _ None (Calling o h s1)), moves_local.
      exact (step_in_call text o h s s1 Step).
    - destruct (Does R Is) as (R1 & Step & Is1 & Others); destruct (IH R1 Is1) as (R2 & Run & Is2).
      exists R2; split; [|exact Is2]; eapply itself_step; [apply debug_records, Step|exact Others|exact Run].
  Qed.
  Lemma asserting_runs m h due s r s2 r2 : leads s r s2 r2 -> forall R, R self = r ->
    exists R2, by_itself m R (Asserting h s due) R2 (Asserting h s2 due) /\ R2 self = r2.
  Proof.
    induction 1 as [s r|s s1 r s2 r2 Step _ IH|g ef ts tr cc vs v k r r1 s2 r2 Does _ IH]; intros R Is.
    - exists R; split; [constructor|exact Is].
    - destruct (IH R Is) as (R2 & Run & Is2); exists R2; split; [|exact Is2].
      eapply itself_step; [|now intros ? _|exact Run]; now apply debug_asserting.
    - destruct (Does R Is) as (R1 & Step & Is1 & Others); destruct (IH R1 Is1) as (R2 & Run & Is2).
      exists R2; split; [|exact Is2]; eapply itself_step; [apply debug_asserting_records, Step|exact Others|exact Run].
  Qed.

  (** It comes to a stop by itself. *)
  Definition stops_itself (m : memory M) (R : records) (d : debug_thread S) : Prop :=
    exists R2 d2 g ws, by_itself m R d R2 d2 /\ about_to_stop d2 = Some (g, ws).
  Lemma stops_after m R d R1 d1 : by_itself m R d R1 d1 -> stops_itself m R1 d1 -> stops_itself m R d.
  Proof. intros Run (R2 & d2 & g & ws & Rest & Is); exists R2, d2, g, ws; eauto using itself_trans. Qed.

  Context (Recordable : recordable the_table = true) (Self : 0 <= self < limit B) (Limit : limit B <= 2 ^ 32).
  Context (Depth : 0 <= depth B < 2 ^ 32) (Calls : calls_exist the_table clients asserts).

  (** The assertions that are still to make: all are made, or the first false one stops. *)
  Lemma assertions_run m h : forall due did R, asserts c h = (did ++ due)%list -> represents (R self) (own_held h) ->
    (right_asserts h due /\ exists R2, by_itself m R (Running (Idle h) due) R2 (Running (Idle h) []) /\
       represents (R2 self) (own_held h)) \/
    (~ right_asserts h due /\ stops_itself m R (Running (Idle h) due)).
  Proof.
    induction due as [|a due IH]; intros did R Due Says.
    - left; split; [constructor|]; exists R; split; [constructor|exact Says].
    - assert (Of : call_of_table the_table (assert_call a)).
      { apply (proj2 Calls c h); rewrite Due; apply in_app_iff; right; now left. }
      assert (Enters : by_itself m R (Running (Idle h) (a :: due)) R (Asserting h (assertion_state text a) due)).
      { apply itself_one; [apply debug_asserts|now intros ? _]. }
      destruct (is_wrong (assert_call a) h) eqn:Wrong.
      + right; split; [intros All; inversion All; congruence|].
        destruct (wrong_call prefix the_table table_accepted Recordable B c Self Limit Depth _ (R self) (own_held h)
                    Of Says Wrong) as (g & ws & ef & ts & tr & cc & k & Tells & Stop & Leads).
        destruct (asserting_runs m h due _ _ _ _ Leads R eq_refl) as (R2 & Run & _).
        exists R2, (Asserting h (Enter g (External ef ts tr cc) ws k) due), g, ws.
        split; [exact (itself_trans m _ _ _ _ _ _ Enters Run)|]; cbn; now rewrite Stop.
      + destruct (right_assertion prefix the_table table_accepted Recordable B c Self Limit Depth a (R self)
                    (own_held h) Of Says Wrong) as (r2 & Leads & Then).
        destruct (asserting_runs m h due _ _ _ _ Leads R eq_refl) as (R1 & Run & Is1).
        pose proof (itself_trans m _ _ _ _ _ _ Enters (itself_trans m _ _ _ _ _ _ Run (itself_one m _ _ _ _
          (debug_asserted text width B M clients asserts c R1 m h Vundef due) (fun _ _ => eq_refl)))) as Made.
        rewrite <- Is1 in Then.
        destruct (IH (did ++ [a])%list R1) as [(Rights & R2 & Run2 & Says2)|(Not & Stops)];
          [now rewrite <- app_assoc|exact Then|left|right].
        * split; [now constructor|]; exists R2; split; [exact (itself_trans m _ _ _ _ _ _ Made Run2)|exact Says2].
        * split; [intros All; inversion All; contradiction|exact (stops_after m _ _ _ _ Made Stops)].
  Qed.

  Lemma doomed_calling m R o h call s : doomed B c call h s (R self) -> stops_itself m R (Running (Calling o h s) []).
  Proof.
    intros (_ & g & ws & ef & ts & tr & cc & k & r2 & _ & Stop & Leads).
    destruct (calling_runs m o h _ _ _ _ Leads R eq_refl) as (R2 & Run & _).
    exists R2, (Running (Calling o h (Enter g (External ef ts tr cc) ws k)) []), g, ws; split; [exact Run|].
    cbn; now rewrite Stop.
  Qed.
  Lemma doomed_asserting m R h call s due : doomed B c call h s (R self) -> stops_itself m R (Asserting h s due).
  Proof.
    intros (_ & g & ws & ef & ts & tr & cc & k & r2 & _ & Stop & Leads).
    destruct (asserting_runs m h due _ _ _ _ Leads R eq_refl) as (R2 & Run & _).
    exists R2, (Asserting h (Enter g (External ef ts tr cc) ws k) due), g, ws; split; [exact Run|].
    cbn; now rewrite Stop.
  Qed.

  (** A thread beside one between two operations has called what is wrong, or makes its
      assertions, all of them, or until it stops. *)
  Theorem idle_runs m R d h : stands (R self) d (Idle h) -> not_stopped d ->
    stops_itself m R d /\ (ahead d (Idle h) = None -> ~ right_asserts h (asserts c h)) \/
    ahead d (Idle h) = None /\ right_asserts h (asserts c h) /\
      exists R2, by_itself m R d R2 (Running (Idle h) []) /\ represents (R2 self) (own_held h).
  Proof.
    intros Stands Lives; inversion Stands as [h1 did due Due Rights Says|h1 did a due s r2 Due Rights Right Leads Says
      |h1 did a due s Due Rights Once Doomed|o h1 call s Next Is Rights Once Doomed| |o h1 kd kr t t' _ _ Within
      | | |]; subst; try contradiction.
    - destruct (assertions_run m h due did R Due Says) as [(All & Run)|(Not & Stops)]; [right|left].
      + split; [reflexivity|split; [rewrite Due; now apply Forall_app|exact Run]].
      + split; [exact Stops|intros _ All; rewrite Due in All; now apply Forall_app in All].
    - destruct (asserting_runs m h due _ _ _ _ Leads R eq_refl) as (R1 & Run & Is1); rewrite <- Is1 in Says.
      pose proof (itself_trans m _ _ _ _ _ _ Run (itself_one m _ _ _ _
        (debug_asserted text width B M clients asserts c R1 m h Vundef due) (fun _ _ => eq_refl))) as Made.
      destruct (assertions_run m h due (did ++ [a]) R1) as [(All & R2 & Run2 & Says2)|(Not & Stops)];
        [now rewrite <- app_assoc|exact Says|right|left].
      + split; [reflexivity|split; [rewrite Due; apply Forall_app; split; [exact Rights|now constructor]|]].
        exists R2; split; [exact (itself_trans m _ _ _ _ _ _ Made Run2)|exact Says2].
      + split; [exact (stops_after m _ _ _ _ Made Stops)|intros _ All; rewrite Due in All].
        apply Forall_app in All as (_ & All); inversion All; contradiction.
    - left; split; [now apply doomed_asserting with (assert_call a)|intros _ All; rewrite Due in All].
      apply Forall_app in All as (_ & All); inversion All as [|a1 due1 Right _]; rewrite (proj1 Doomed) in Right.
      discriminate.
    - left; split; [now apply doomed_calling with call|discriminate].
    - inversion Within.
  Qed.
End Reaches.
