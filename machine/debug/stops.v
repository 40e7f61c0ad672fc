(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * No missed breach

    A CPU that on the machine that stops is about to do a wrong thing, comes to a stop of
    the debug text by steps of its own ([wrong_is_stopped]).  Read next: release.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import options integers values syntax semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec text checks_text record checked.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import invariant no_breach.
From hlock.machine.debug Require Import model stopping leads calls lockstep relation stands held simulate correct
  reaches.
Import ListNotations.
Local Open Scope Z_scope.

Section Stops.
  Context {G : running} (B : build) (asserts : cpu -> list (response the_system) -> list asserted).
  Context (Recordable : recordable the_table = true) (Build : build_ok processors B).
  Context (Calls : calls_exist the_table clients asserts).
  Local Notation S := the_system.
  Local Notation M := (sc_memory S width).
  Local Notation text := (debug_stack prefix the_table).
  Local Notation debug_step := (debug_step text width B M clients asserts).
  Local Notation debug_execution := (debug_execution text width B M clients asserts).
  Local Notation alone := (alone text width B M clients asserts).
  Local Notation stops_alone := (stops_alone text width B M clients asserts).

  Lemma alone_lifts c m R d R2 d2 : by_itself B M asserts c m R d R2 d2 -> forall ts, nth_error ts c = Some d ->
    alone c (mkDebug (M := M) ts R m) (mkDebug (M := M) (put_at c d2 ts) R2 m).
  Proof.
    induction 1 as [R d|R d R1 d1 R2 d2 Move _ _ IH]; intros ts At; [rewrite (put_same _ c d At); constructor|].
    eapply alone_step; [exact (debug_steps _ _ _ _ _ _ c ts R m d None d1 R1 m At Move)|].
    rewrite <- (put_put c ts d2 d1); apply IH; now rewrite nth_put, Nat.eqb_refl, At.
  Qed.
  Lemma alone_execution c tr x x1 : debug_execution tr x -> alone c x x1 -> debug_execution tr x1.
  Proof.
    induction 2 as [x|x x1 x2 Step _ IH]; [assumption|]; apply IH.
    exact (debug_execution_step _ _ _ _ _ _ _ _ _ _ _ H Step).
  Qed.

  Lemma stops_lift c ts R m d : nth_error ts c = Some d -> stops_itself B M asserts c m R d ->
    stops_alone c (mkDebug (M := M) ts R m).
  Proof.
    intros At (R2 & d2 & g & ws & Run & Is).
    exists (mkDebug (M := M) (put_at c d2 ts) R2 m), (mkDebug (M := M) (put_at c At_stop (put_at c d2 ts)) R2 m), g, ws.
    split; [exact (alone_lifts c m R d R2 d2 Run ts At)|].
    apply (debug_steps _ _ _ _ _ _ c (put_at c d2 ts) R2 m d2 (Some (Did_stop g ws)) At_stop R2 m).
    - now rewrite nth_put, Nat.eqb_refl, At.
    - now apply debug_stops.
  Qed.

  Lemma op_going_on c r d t o h : stands B asserts c r d t -> in_op t = Some (o, h) -> going_on B asserts c o h.
  Proof.
    intros Stands Is; destruct Stands; try discriminate; try (injection Is as <- <-; assumption).
    match goal with W : within _ _ _ _ _ _ |- _ => destruct W end; injection Is as <- <-; assumption.
  Qed.

  Lemma known_range c : (c < processors)%nat -> 0 <= this_cpu B c < limit B.
  Proof. apply (this_cpu_range _ _ Build). Qed.

  Theorem wrong_is_stopped x x0 y0 y c call : simulated B asserts x x0 y0 y ->
    wrong_next the_table B asserts c y = Some call -> stops_alone c x.
  Proof.
    intros Sim Is; unfold wrong_next in Is; pose proof (sim_beside _ _ _ _ _ _ Sim) as Beside.
    pose proof (sim_match _ _ _ _ _ _ Sim) as Match; pose proof (sim_above _ _ _ _ _ _ Sim) as Above.
    destruct (nth_error (positions y) c) as [qy|] eqn:At'; [|discriminate].
    assert (In : (c < processors)%nat).
    { change processors with (cpus S); rewrite <- (above_length _ _ _ Above); apply nth_error_Some; congruence. }
    destruct (nth_same_length _ (debug_threads x) c qy (eq_trans (above_length _ _ _ Above)
      (eq_sym (beside_debug _ _ _ _ Beside))) At') as (d & At).
    destruct (nth_same_length _ (threads x0) c d (eq_trans (beside_debug _ _ _ _ Beside)
      (eq_sym (beside_threads _ _ _ _ Beside))) At) as (t & At0).
    destruct (match_at x0 y0 c t Match At0) as (q & At1 & Place & _).
    pose proof (above_shown _ _ _ Above c d q At At1) as Shown; rewrite At' in Shown; injection Shown as ->.
    pose proof (beside_stands _ _ _ _ Beside c d t At At0) as Stands.
    assert (Lives : not_stopped d) by (destruct d; try exact I; discriminate Is).
    pose proof (above_happened _ _ _ Above) as Same; pose proof (sim_holdings _ _ _ _ _ _ Sim c q At1) as Mine.
    destruct (in_op t) as [(o & h)|] eqn:Op.
    - exfalso; destruct (op_going_on c _ d t o h Stands Op) as (Next & Right & Once & _).
      assert (shown d q = q) as E by (destruct Place; try discriminate; destruct d as [[]| |];
        reflexivity || contradiction).
      rewrite E in Is; destruct q as [h1|o1 h1|o1 h1|]; try discriminate; [inversion Place; subst; discriminate|].
      assert (o1 = o /\ h1 = h) as (-> & ->) by (inversion Place; subst; injection Op as <- <-; auto).
      cbn [wrong_at] in Is; destruct (lock_call o) as [call1|] eqn:Call; [|discriminate].
      rewrite Same, (same_wrong B c x0 y0 h call1 Match (proj2 (proj2 (proj2 Mine))) Once), (Right call1 Call) in Is.
      discriminate.
    - destruct t as [h|o h s|o h l v k|]; try discriminate Op.
      2: { inversion Place; subst; destruct d as [[]| |]; discriminate Is. }
      assert (q = At_rest h) as -> by now inversion Place.
      destruct (idle_runs B M asserts c Recordable (known_range c In) (limit_range _ _ Build) (depth_range _ _ Build)
        Calls
                  (debug_contents x) (its_records x) d h Stands Lives) as [(Stops & _)|(Ahead & Rights & R2 & Run &
                    Says)].
      + destruct x as [ts R m]; exact (stops_lift c ts R m d At Stops).
      + exfalso; assert (shown d (At_rest h) = At_rest h) as E by (destruct d as [[]| |];
          reflexivity || contradiction || discriminate Ahead).
        rewrite E in Is; cbn [wrong_at] in Is; rewrite Same in Is.
        rewrite (nothing_wrong B c x0 y0 h _ Match (proj2 Mine) (represents_once _ _ _ _ Says) Rights) in Is.
        discriminate.
  Qed.
End Stops.
