(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Nobody who runs the bytes waits for ever

    Beside an execution of the bytes in turns there is one of the C ([span]): a turn is steps of the C, or
    nothing.  Nothing it is for at most [step_turns] turns of a CPU ([behind], [not_so_far_behind]): own steps
    are few, a store-exclusive fails [R] times in a row at most, after a load of the tickets comes a
    store-exclusive, and after a wait for an event a poll.  A CPU that sleeps polls in vain, in the C.  So rounds
    of the bytes are rounds of the C ([as_rounds]), of which machine/live speaks.  Read next: ../main/bytes.v. *)
From Coq Require Import ZArith List Bool Arith Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L0_machine Require Import spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text.
From hlock.stack Require Import stack setting.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.refine Require Import position place invariant.
From hlock.machine.live Require Import orderly live progress waiting starvation round_robin.
From hlock.object Require Import micro target checker stages checked_sound machine open_sound refine correct endless.
Import ListNotations.
Local Open Scope Z_scope.

Lemma owns_more {I} (C : code I) base k s0 s s' : owns C base k s0 s ->
  asks base C s = Own s' -> owns C base (S k) s0 s'.
Proof. induction 1; intros Ask; econstructor; eauto; constructor. Qed.

Section Live.
  Context {G : running} (Words : width = 32) (Never : never_breaches clients the_table).
  Context {I Relocation : Type} (arch : target I Relocation) (L : library I) (stride base : Z).
  Context (Right : library_right arch L the_table stride) (Placed : placed L base).
  Context (Closed : closed_library L) (Bounded : bounded_library arch L the_table stride).
  Local Notation text := the_text.
  Local Notation N := processors.
  Local Notation S := (the_system).
  Local Notation M := (sc_memory S width).
  Local Notation machine := (machine M).
  Local Notation c_run := (execution text width M clients).
  Local Notation segment := (segment text width M clients).
  Local Notation c_finished := (finished M clients).
  Local Notation step := (byte_step (S := S) L base clients).
  Local Notation same := (same_machine arch L stride base).
  Local Notation in_bytes := (in_bytes arch L stride base).
  Local Notation finished := (byte_finished clients).

  (** ** The C *)
  Lemma segment_run x cs x' : segment x cs x' -> forall tr, c_run tr x -> exists tr', c_run tr' x'.
  Proof.
    induction 1 as [x|x c v x1 cs x2 (Step & _) _ IH]; intros tr Run; [eauto|].
    exact (IH _ (execution_step text width M clients tr x c v x1 Run Step)).
  Qed.
  Lemma segment_on x cs x1 cs' x2 : segment x cs x1 -> segment x1 cs' x2 -> segment x (cs ++ cs') x2.
  Proof. induction 1; intros Rest; [exact Rest|]; cbn; econstructor; eauto. Qed.
  Lemma finished_on c x cs x' : segment x cs x' -> c_finished c x -> c_finished c x'.
  Proof. induction 1; eauto using finished_lasts. Qed.

  Lemma advances_segment c z v z' : advances c z v z' -> v <> Some Did_halt ->
    exists cs, segment z cs z' /\ List.In c cs /\ forall c', c' <> c -> nth_error (threads z') c' = nth_error (threads
      z) c'.
  Proof.
    induction 1 as [z v z' Step|z z1 v z' Step _ IH]; intros Not.
    - exists [c]; split; [|split; [now left|intros c'; exact (step_others c c' z z' v Step)]].
      econstructor; [split; [exact Step|intros E; now destruct (Not E)]|constructor].
    - destruct (IH Not) as (cs & Run & _ & Others); exists (c :: cs); split; [|split; [now left|]].
      + econstructor; [split; [exact Step|discriminate]|exact Run].
      + intros c' Other; rewrite (Others c' Other); exact (step_others c c' z z1 None Step Other).
  Qed.

  (** ** One turn *)
  Lemma step_kept c c' x v x' : step c x v x' -> c' <> c ->
    nth_error (places x') c' = nth_error (places x) c' /\ kept_for c' (memory x) (memory x').
  Proof.
    intros Step Other.
    assert (Put : forall (b : byte_thread S) ts, nth_error (put_at c b ts) c' = nth_error ts c')
      by (intros b ts; rewrite nth_put; now rewrite (proj2 (Nat.eqb_neq c' c) Other)).
    destruct Step as [| ts m g history o before s s' m' At Access| | | |];
      cbn [places memory]; (split; [apply Put|]); try apply kept_same.
    destruct Access as [is [|] a go|is a w s1|is a w y n _ _|is a w y n _|is a w go _|s1|n a go y _|s1];
      eauto using kept_mark, kept_same, kept_write, kept_unmark, kept_clear.
    exact (kept_trans c' _ _ _ (kept_write c c' _ _ _ Other) (kept_unmark c c' _ Other)).
  Qed.

  Context (run : nat -> byte_machine S) (who : nat -> cpu) (last R : nat).
  Context (Turns : byte_turns L base clients run who last) (Few : fails_at_most L base run who R last).
  Local Notation row := (fails_in_a_row L base run who).

  Lemma run_bytes n : (n <= last)%nat -> exists tr, byte_execution L base clients tr (run n).
  Proof.
    induction n as [|n IH]; intros Less; [rewrite (proj1 Turns); eexists; constructor|].
    destruct (IH ltac:(lia)) as (tr & Run).
    destruct (proj2 Turns n ltac:(lia)) as [(v & Step & _)|(_ & ->)]; [|eauto].
    eexists; eapply byte_execution_step; eassumption.
  Qed.

  (** What a turn is in the C: steps of this CPU, or it has finished. *)
  Definition goes_on (c : cpu) (z : machine) (x' : byte_machine S) : Prop := exists cs z', segment z cs z' /\ same x'
    z' /\
    (List.In c cs \/ c_finished c z') /\ forall c', c' <> c -> nth_error (threads z') c' = nth_error (threads z) c'.
  Lemma advance_goes_on c z v z' x' : advances c z v z' -> v <> Some Did_halt -> same x' z' -> goes_on c z x'.
  Proof.
    intros Goes Not Same; destruct (advances_segment c z v z' Goes Not) as (cs & Run & In_cs & Others).
    exists cs, z'; auto.
  Qed.
  (** Or it is nothing, in a call. *)
  Definition stays_behind (c : cpu) (z : machine) (x' : byte_machine S) o history before s g t : Prop :=
    same x' z /\ exists s' g', nth_error (places x') c = Some (Running o history before s') /\
      lingers (asks base (lib_code L) s) s' g g' /\ in_bytes c (memory x') o history before s' g' t.

  Lemma same_finished x z c : same x z -> finished c x -> c_finished c z.
  Proof.
    intros Same Fin; unfold endless.byte_finished in Fin; destruct (nth_error (places x) c) as [b|] eqn:At;
      [|contradiction].
    destruct (thread_at arch L stride base x z c b Same At) as (t & At' & Thread); unfold orderly.finished; rewrite At'.
    destruct Thread; try contradiction; exact Fin.
  Qed.

  Lemma turn_in_call n tr z o history before s g t : (n < last)%nat -> c_run tr z -> same (run n) z ->
    nth_error (places (run n)) (who n) = Some (Running o history before s) -> nth_error (threads z) (who n) = Some t ->
    in_bytes (who n) (memory (run n)) o history before s g t ->
    goes_on (who n) z (run (Datatypes.S n)) \/ stays_behind (who n) z (run (Datatypes.S n)) o history before s g t.
  Proof.
    intros Less Run Same At At' In.
    destruct (proj2 Turns n Less) as [(v & Step & Calm)|([Fin|(Clear & s' & Asks)] & E)].
    - destruct v as [v|].
      + left; destruct (step_same Words Never arch L stride base Right Placed tr _ z _ _ _ Run Same Step)
          as [(z' & Goes & Same')|([=] & _)].
        apply (advance_goes_on _ z _ z' _ Goes); [|exact Same'].
        intros Halts; destruct (Calm Halts) as (h & Rests & _); rewrite At in Rests; discriminate.
      + inversion Step as [|ts m w history' o' before' s' s2 m' At_ts Access| | | |]; subst.
        match goal with H : mkBytes _ _ _ = run n |- _ => rewrite <- H in *; cbn [places memory touched] in * end.
        rewrite At in At_ts; injection At_ts as <- <- <- <-.
        destruct (access_in_bytes Words arch L stride base Right Placed (mkBytes ts m w) z _ o history before s g t
          m' s2
          Same At At' In Access) as [(z' & Goes & Same')|(Same' & g' & Lingers & In')].
        * left; now apply (advance_goes_on _ z None z').
        * right; split; [exact Same'|]; exists s2, g'; split; [eapply nth_put_same; exact At|auto].
    - unfold endless.byte_finished in Fin; rewrite At in Fin; contradiction.
    - left; destruct Asks as (o' & h' & b' & s1 & At1 & Ask); rewrite At in At1; injection At1 as <- <- <- <-.
      destruct (sleep_polls Words arch L stride base Right Placed (run n) z _ o history before s g t s' Same At At'
          In Ask
        Clear) as (z' & Goes & Same').
      apply (advance_goes_on _ z None z'); [exact Goes|discriminate|rewrite E; exact Same'].
  Qed.

  Lemma turn_at_rest n tr z b : (n < last)%nat -> c_run tr z -> same (run n) z ->
    nth_error (places (run n)) (who n) = Some b -> (forall o history before s, b <> Running o history before s) ->
    goes_on (who n) z (run (Datatypes.S n)).
  Proof.
    intros Less Run Same At Not.
    destruct (proj2 Turns n Less) as [(v & Step & Calm)|([Fin|(_ & s' & o & h & b' & s & At1 & _)] & E)].
    - destruct (step_same Words Never arch L stride base Right Placed tr _ z _ _ _ Run Same Step)
        as [(z' & Goes & Same')|(-> & _)].
      + assert (Either : v = Some Did_halt \/ v <> Some Did_halt) by (destruct v as [[]|]; auto; right; discriminate).
        destruct Either as [->|]; [|now apply (advance_goes_on _ z v z')].
        destruct (Calm eq_refl) as (history & Rests & Held).
        destruct (thread_at arch L stride base _ z _ _ Same Rests) as (t & At' & Thread); inversion Thread; subst t.
        destruct (run n) as [ts m w] eqn:Is; cbn [places memory] in *.
        destruct (halt_same arch L stride base ts m w z (who n) _ (Idle history) Same Rests At' Thread
          ltac:(discriminate))
          as (z2 & Halts & Same2).
        exists [who n], z2; split; [|split; [|split; [left; now left|intros c'; exact (step_others _ c' z z2 _
          Halts)]]].
        * econstructor; [split; [exact Halts|intros _; eauto]|constructor].
        * inversion Step; subst; exact Same2.
      + inversion Step; subst; match goal with H : mkBytes _ _ _ = run n |- _ => rewrite <- H in *; cbn [places] in *
        end.
        rewrite At in *; match goal with H : Some b = Some (Running _ _ _ _) |- _ => injection H as -> end.
        now destruct (Not _ _ _ _ eq_refl).
    - exists [], z; rewrite E; split; [constructor|split; [exact Same|split; [right|reflexivity]]].
      now apply (same_finished (run n)).
    - rewrite At in At1; injection At1 as ->; now destruct (Not _ _ _ _ eq_refl).
  Qed.

  (** ** Many turns *)
  (** How many turns CPU [c] has had, of [d] from time [n] on. *)
  Fixpoint had (c : cpu) (n d : nat) : nat :=
    match d with O => 0 | Datatypes.S d => had c n d + (if Nat.eqb (who (n + d)) c then 1 else 0) end.
  Definition own_and_one : nat := own_bound + 1.
  (** What a stage may cost before. *)
  Definition level (g : stage) : nat :=
    match g with S_taking None | S_waiting _ (Some _) | S_polled _ _ _ => 0 | _ => own_and_one end.
  (** In the C CPU [c] has made no step since time [n]: it has had few turns. *)
  Definition behind (c : cpu) (n d : nat) (z : machine) : Prop := exists o history before s g t s0 m0 k j,
    nth_error (places (run (n + d))) c = Some (Running o history before s) /\ nth_error (threads z) c = Some t /\
    in_bytes c (memory (run (n + d))) o history before s g t /\
    (m0 <= n + d)%nat /\ nth_error (places (run m0)) c = Some (Running o history before s0) /\
    owns (lib_code L) base k s0 s /\ row c n (n + d) j /\ (had c n d <= j * (2 * own_and_one) + level g + k)%nat.

  Lemma idle_row c n d : had c n d = 0%nat -> row c n (n + d) 0.
  Proof.
    induction d as [|d IH]; cbn [had]; [intros _; rewrite Nat.add_0_r; constructor|intros None_].
    rewrite Nat.add_succ_r; apply row_goes_on; [apply IH; lia|]; intros (Mine & _).
    rewrite Mine, Nat.eqb_refl in None_; lia.
  Qed.
  Lemma few_own c m0 o history before s0 k s : (m0 <= last)%nat ->
    nth_error (places (run m0)) c = Some (Running o history before s0) -> owns (lib_code L) base k s0 s ->
    (k <= own_bound)%nat.
  Proof.
    intros Less At Owns; destruct (run_bytes m0 Less) as (tr & Run).
    eapply (bytes_bounded Words Never arch L stride base Right Placed tr); eassumption.
  Qed.
  Lemma not_so_far_behind c n d z : (n + d <= last)%nat -> behind c n d z -> (had c n d < step_turns R)%nat.
  Proof.
    intros Less (o & history & before & s & g & t & s0 & m0 & k & j & _ & _ & _ & Before & At0 & Owns & Row & Most).
    assert (k <= own_bound)%nat by (eapply few_own; [|exact At0|exact Owns]; lia).
    assert (j <= R)%nat by exact (Few c n (n + d)%nat j Less Row).
    assert (level g <= own_and_one)%nat by (destruct g as [[|]|? [|]|? ? ?| | |]; cbn; lia).
    assert (j * (2 * own_and_one) <= R * (2 * own_and_one))%nat by now apply Nat.mul_le_mono_r.
    unfold step_turns; fold own_and_one; rewrite Nat.mul_add_distr_r; unfold own_and_one in *; lia.
  Qed.

  (** One turn more of a CPU that stays behind. *)
  Lemma behind_more c n d z o history before s g t s0 m0 k j : (n + d < last)%nat -> who (n + d) = c ->
    nth_error (places (run (n + d))) c = Some (Running o history before s) -> nth_error (threads z) c = Some t ->
    (m0 <= n + d)%nat -> nth_error (places (run m0)) c = Some (Running o history before s0) ->
    owns (lib_code L) base k s0 s -> row c n (n + d) j -> (had c n d <= j * (2 * own_and_one) + level g + k)%nat ->
    stays_behind c z (run (Datatypes.S (n + d))) o history before s g t -> behind c n (Datatypes.S d) z.
  Proof.
    intros Less Mine At At' Before At0 Owns Row Most (_ & s' & g' & At2 & Lingers & In').
    assert (k <= own_bound)%nat by (eapply few_own; [|exact At0|exact Owns]; lia).
    assert (Quiet : (forall is a v done failed, asks base (lib_code L) s <> Ask_store_x is a v done failed) ->
      row c n (Datatypes.S (n + d)) j).
    { intros No; apply row_goes_on; [exact Row|]; intros (_ & is & a & v & done & failed & o1 & h1 & b1 & s1 & At1 &
      Ask).
      rewrite At in At1; injection At1 as <- <- <- <-; exact (No _ _ _ _ _ Ask). }
    unfold behind; cbn [had]; rewrite Mine, Nat.eqb_refl, Nat.add_succ_r; unfold own_and_one in *.
    remember (asks base (lib_code L) s) as r eqn:Ask; symmetry in Ask.
    pose proof (asks_closed L base s Closed) as Not_open.
    destruct Lingers as [s2 g g' Settles|is excl a go v|is a w done failed v|n_ a off go x g|s2 t0 v];
      [| | |rewrite Ask in Not_open; contradiction|].
    - exists o, history, before, s2, g', t, s0, m0, (Datatypes.S k), j.
      do 3 (split; [assumption|]); split; [lia|split; [exact At0|split; [exact (owns_more _ _ _ _ _ _ Owns Ask)|]]].
      split; [apply Quiet; discriminate|].
      assert (level g <= level g')%nat; [|lia].
      destruct Settles as [->|(t0 & v0 & ex & -> & ->)]; [lia|cbn; lia].
    - exists o, history, before, (go v), (S_taking (Some v)), t, (go v), (Datatypes.S (n + d)), 0%nat, j.
      do 3 (split; [assumption|]); split; [lia|split; [exact At2|split; [constructor|]]].
      split; [apply Quiet; discriminate|cbn [level] in *; unfold own_and_one; lia].
    - exists o, history, before, failed, (S_taking None), t, failed, (Datatypes.S (n + d)), 0%nat, (Datatypes.S j).
      do 3 (split; [assumption|]); split; [lia|split; [exact At2|split; [constructor|]]].
      split; [|cbn [level] in *; unfold own_and_one in *; lia].
      apply row_fails; [exact Row|]; split; [exact Mine|exists o, history, before, s, is, a, w, done, failed; auto].
    - exists o, history, before, s2, (S_waiting t0 None), t, s2, (Datatypes.S (n + d)), 0%nat, j.
      do 3 (split; [assumption|]); split; [lia|split; [exact At2|split; [constructor|]]].
      split; [apply Quiet; discriminate|cbn [level] in *; unfold own_and_one; lia].
  Qed.

  (** What the turn of one CPU leaves to another. *)
  Lemma turn_others n c : (n < last)%nat -> c <> who n ->
    nth_error (places (run (Datatypes.S n))) c = nth_error (places (run n)) c /\
    kept_for c (memory (run n)) (memory (run (Datatypes.S n))).
  Proof.
    intros Less Other; destruct (proj2 Turns n Less) as [(v & Step & _)|(_ & ->)]; [now apply (step_kept _ _ _ _ _
      Step)|].
    split; [reflexivity|apply kept_same].
  Qed.
  Lemma behind_other c n d z z' : (n + d < last)%nat -> c <> who (n + d) ->
    nth_error (threads z') c = nth_error (threads z) c -> behind c n d z -> behind c n (Datatypes.S d) z'.
  Proof.
    intros Less Other Thread (o & history & before & s & g & t & s0 & m0 & k & j & At & At' & In & Before & At0 & Owns
      & Row & Most).
    destruct (turn_others _ c Less Other) as (Place & Kept); rewrite <- Place in At.
    exists o, history, before, s, g, t, s0, m0, k, j; cbn [had]; rewrite Nat.add_succ_r.
    rewrite (proj2 (Nat.eqb_neq _ _) (not_eq_sym Other)), Nat.add_0_r.
    split; [exact At|split; [now rewrite Thread|split; [|split; [lia|split; [exact At0|split; [exact Owns|split; [|exact
      Most]]]]]]].
    - destruct In as (k' & f & i & at_ & Calls & Member & Range & Entry & Ok & Stands & In_c & Mon).
      exists k', f, i, at_; do 7 (split; [assumption|]); exact (kept_monitored _ _ _ _ _ _ _ Kept Mon).
    - apply row_goes_on; [exact Row|]; intros (Mine & _); now destruct Other.
  Qed.

  (** Where CPU [c] is at the end of [d] turns, of which the C has made the steps [cs]. *)
  Definition keeps_up (c : cpu) (n d : nat) (cs : list cpu) (z : machine) : Prop :=
    had c n d = 0%nat \/ List.In c cs \/ c_finished c z \/ behind c n d z.

  Lemma turn_of_one n d tr cs z : (n + d < last)%nat -> c_run tr z -> same (run (n + d)) z ->
    keeps_up (who (n + d)) n d cs z ->
    exists cs' z', segment z cs' z' /\ same (run (Datatypes.S (n + d))) z' /\
      keeps_up (who (n + d)) n (Datatypes.S d) (cs ++ cs') z' /\
      forall c', c' <> who (n + d) -> nth_error (threads z') c' = nth_error (threads z) c'.
  Proof.
    intros Less Run Same Keeps; set (c := who (n + d)) in *.
    assert (Goes_on : goes_on c z (run (Datatypes.S (n + d))) -> exists cs' z', segment z cs' z' /\
      same (run (Datatypes.S (n + d))) z' /\ keeps_up c n (Datatypes.S d) (cs ++ cs') z' /\
      forall c', c' <> c -> nth_error (threads z') c' = nth_error (threads z) c').
    { intros (cs' & z' & Seg & Same' & [Is|Fin] & Others); exists cs', z';
        (split; [exact Seg|split; [exact Same'|split; [right|exact Others]]]).
      - left; apply in_or_app; now right.
      - right; now left. }
    destruct (nth_error (places (run (n + d))) c) as [b|] eqn:At.
    2: { exfalso; destruct (proj2 Turns _ Less) as [(v & Step & _)|([Fin|(_ & s' & o & h & b' & s & At1 & _)] & _)].
         - fold c in Step; inversion Step; subst; match goal with H : _ = run _ |- _ => rewrite <- H in At end; cbn in
           At;
             congruence.
         - fold c in Fin; unfold endless.byte_finished in Fin; rewrite At in Fin; exact Fin.
         - fold c in At1; congruence. }
    destruct b as [h|o history before s|];
      [apply Goes_on, (turn_at_rest _ tr z _ Less Run Same At); discriminate| |
       apply Goes_on, (turn_at_rest _ tr z _ Less Run Same At); discriminate].
    assert (Stays : forall g t, stays_behind c z (run (Datatypes.S (n + d))) o history before s g t ->
      (List.In c cs \/ c_finished c z \/ behind c n (Datatypes.S d) z) -> exists cs' z', segment z cs' z' /\
      same (run (Datatypes.S (n + d))) z' /\ keeps_up c n (Datatypes.S d) (cs ++ cs') z' /\
      forall c', c' <> c -> nth_error (threads z') c' = nth_error (threads z) c').
    { intros g t (Same' & _) Or; exists [], z; rewrite app_nil_r; split; [constructor|].
      split; [exact Same'|split; [now right|reflexivity]]. }
    destruct Keeps as [None_|[Is|[Fin|Behind]]].
    4: { destruct Behind as (o1 & h1 & b1 & s1 & g & t & s0 & m0 & k & j & At1 & At' & In & Before & At0 & Owns & Row
      & Most).
         fold c in At1; rewrite At in At1; injection At1 as <- <- <- <-.
         destruct (turn_in_call _ tr z o history before s g t Less Run Same At At' In) as [Goes|Stay]; [auto|].
         apply (Stays g t Stay); right; right.
         now apply (behind_more c n d z o history before s g t s0 m0 k j). }
    all: destruct (thread_at arch L stride base _ z _ _ Same At) as (t & At' & Thread);
      destruct (same_in_bytes arch L stride base c _ o history before s t Thread) as (g & In);
      destruct (turn_in_call _ tr z o history before s g t Less Run Same At At' In) as [Goes|Stay];
      [now apply Goes_on|apply (Stays g t Stay)].
    2: now left.
    2: right; now left.
    right; right.
    apply (behind_more c n d z o history before s g t s (n + d)%nat 0 0); auto using idle_row; [constructor|lia].
  Qed.

  (** The C beside [d] turns of the bytes. *)
  Theorem span n z tr : c_run tr z -> same (run n) z -> forall d, (n + d <= last)%nat ->
    exists cs z', segment z cs z' /\ same (run (n + d)) z' /\ forall c, keeps_up c n d cs z'.
  Proof.
    intros Run Same d; induction d as [|d IH]; intros Less.
    - exists [], z; rewrite Nat.add_0_r; split; [constructor|split; [exact Same|intros c; now left]].
    - destruct (IH ltac:(lia)) as (cs & z1 & Seg & Same1 & Keeps); rewrite Nat.add_succ_r in *.
      destruct (segment_run _ _ _ Seg tr Run) as (tr1 & Run1).
      destruct (turn_of_one n d tr1 cs z1 Less Run1 Same1 (Keeps _)) as (cs' & z2 & Seg' & Same2 & Mine & Others).
      exists (cs ++ cs'), z2; split; [exact (segment_on _ _ _ _ _ Seg Seg')|split; [exact Same2|intros c]].
      destruct (Nat.eq_dec c (who (n + d))) as [->|Other]; [exact Mine|].
      destruct (Keeps c) as [None_|[Is|[Fin|Behind]]].
      + left; cbn [had]; now rewrite (proj2 (Nat.eqb_neq _ _) (not_eq_sym Other)), Nat.add_0_r.
      + right; left; apply in_or_app; now left.
      + right; right; left; exact (finished_on c _ _ _ Seg' Fin).
      + right; right; right; apply (behind_other c n d z1); auto.
  Qed.

  (** ** Rounds *)
  Lemma finished_stays c n m : (n <= m)%nat -> (m <= last)%nat -> finished c (run n) -> finished c (run m).
  Proof.
    induction 1 as [|m More IH]; intros Less Fin; [exact Fin|]; specialize (IH ltac:(lia) Fin).
    destruct (Nat.eq_dec c (who m)) as [->|Other].
    2: { unfold endless.byte_finished in *; now rewrite (proj1 (turn_others m c Less Other)). }
    destruct (proj2 Turns m Less) as [(v & Step & _)|(_ & ->)]; [|exact IH].
    unfold endless.byte_finished in *; destruct Step; cbn [places] in *; rewrite H in IH;
      rewrite nth_put, Nat.eqb_refl, H; try exact Logic.I; try congruence; contradiction.
  Qed.
  Lemma had_more c n d d' : had c n (d + d') = (had c n d + had c (n + d) d')%nat.
  Proof.
    induction d' as [|d' IH]; cbn [had]; [now rewrite !Nat.add_0_r|].
    rewrite Nat.add_succ_r; cbn [had]; rewrite IH, Nat.add_assoc; lia.
  Qed.
  Lemma had_one c n d k : (n <= k < n + d)%nat -> who k = c -> (1 <= had c n d)%nat.
  Proof.
    induction d as [|d IH]; intros Within Mine; [lia|cbn [had]].
    destruct (Nat.eq_dec k (n + d)) as [->|]; [rewrite Mine, Nat.eqb_refl; lia|].
    specialize (IH ltac:(lia) Mine); lia.
  Qed.
  Lemma rounds_had k : forall n m, byte_rounds clients run who k n m -> (m <= last)%nat -> (n <= m)%nat /\
    forall c, (c < N)%nat -> (k <= had c n (m - n))%nat \/ finished c (run m).
  Proof.
    induction k as [|k IH]; intros n m; cbn [byte_rounds]; [intros -> _; split; [lia|intros; left; lia]|].
    intros (n1 & (More & Each) & Rest) Less; destruct (IH n1 m Rest Less) as (More1 & Had).
    split; [lia|intros c Cpu]; destruct (Each c Cpu) as [(j & Within & Mine)|Fin].
    - destruct (Had c Cpu) as [Enough|Fin]; [left|now right].
      replace (m - n)%nat with (n1 - n + (m - n1))%nat by lia; rewrite had_more.
      replace (n + (n1 - n))%nat with n1 by lia.
      pose proof (had_one c n (n1 - n) j ltac:(lia) Mine); lia.
    - right; exact (finished_stays c n1 m More1 Less Fin).
  Qed.
  Lemma rounds_apart a : forall b n m, byte_rounds clients run who (a + b) n m ->
    exists n1, byte_rounds clients run who a n n1 /\ byte_rounds clients run who b n1 m.
  Proof.
    induction a as [|a IH]; intros b n m; cbn; [eauto|].
    intros (n1 & Round & Rest); destruct (IH b n1 m Rest) as (n2 & First & Second); eauto.
  Qed.

  Lemma as_round n m z tr : c_run tr z -> same (run n) z -> byte_rounds clients run who (step_turns R) n m ->
    (m <= last)%nat -> exists z', round text width M clients z z' /\ same (run m) z'.
  Proof.
    intros Run Same Rounds Less; destruct (rounds_had _ n m Rounds Less) as (More & Had).
    destruct (span n z tr Run Same (m - n) ltac:(lia)) as (cs & z' & Seg & Same' & Keeps).
    replace (n + (m - n))%nat with m in Same' by lia.
    exists z'; split; [|exact Same']; exists cs; split; [exact Seg|intros c Cpu].
    destruct (Had c Cpu) as [Enough|Fin]; [|right; now apply (same_finished (run m))].
    destruct (Keeps c) as [None_|[Is|[Fin|Behind]]]; auto; exfalso.
    - unfold step_turns in Enough; nia.
    - pose proof (not_so_far_behind c n (m - n) z' ltac:(lia) Behind); lia.
  Qed.
  (** Rounds of the bytes are rounds of the C. *)
  Theorem as_rounds W : forall n m z tr, c_run tr z -> same (run n) z ->
    byte_rounds clients run who (W * step_turns R) n m -> (m <= last)%nat ->
    exists z', rounds text width M clients W z z' /\ same (run m) z'.
  Proof.
    induction W as [|W IH]; intros n m z tr Run Same Rounds Less; [cbn in Rounds; subst; exists z; now split|].
    cbn [Nat.mul] in Rounds; destruct (rounds_apart _ _ _ _ Rounds) as (n1 & First & Rest).
    pose proof (proj1 (rounds_had _ _ _ Rest Less)) as More.
    destruct (as_round n n1 z tr Run Same First ltac:(lia)) as (z1 & Round & Same1).
    pose proof Round as (cs & Seg & _); destruct (segment_run _ _ _ Seg tr Run) as (tr1 & Run1).
    destruct (IH n1 m z1 tr1 Run1 Same1 Rest Less) as (z' & Rounds' & Same'); exists z'; split; [|exact Same'].
    exists z1; auto.
  Qed.

  (** ** Nobody waits for ever *)
  Lemma same_over x z c history : same x z -> over c history z -> byte_over c history x.
  Proof.
    intros Same (t & At' & Beyond); unfold byte_over.
    destruct (nth_error (places x) c) as [b|] eqn:At.
    2: { apply nth_error_None in At; rewrite (same_length _ _ _ _ _ _ Same) in At; apply nth_error_None in At;
      congruence. }
    pose proof (same_threads _ _ _ _ _ _ Same c b t At At') as Thread.
    destruct b as [h|o h before s|]; [inversion Thread; subst; exact Beyond| |exact Logic.I].
    destruct (same_running _ _ _ _ _ _ _ _ _ _ _ Thread) as (k & f & i & at_ & g & _ & _ & _ & _ & _ & _ & In_c & _).
    destruct g; destruct In_c as (s1 & In_c); try destruct In_c as (-> & _); exact Beyond.
  Qed.

  Context (above : Z -> nat) (A B : nat) (Orderly : forall c, orderly (is_told clients c) (clients c) above A B).

  (** From a state that the bytes have come to, so many rounds later. *)
  Lemma rounds_beside W n c b : nth_error (places (run n)) c = Some b ->
    byte_rounds clients run who (W * step_turns R) n last -> exists cs z t z',
      segment (first_state M) cs z /\ nth_error (threads z) c = Some t /\
      same_thread arch L stride base c (memory (run n)) b t /\ rounds text width M clients W z z' /\ same (run last) z'.
  Proof.
    intros At Rounds; pose proof (proj1 (rounds_had _ _ _ Rounds (Nat.le_refl _))) as More.
    assert (Start : same (run 0%nat) (first_state M))
      by (rewrite (proj1 Turns); exact (start_same arch L stride base)).
    destruct (span 0 _ [] (execution_start text width M clients) Start n More) as (cs & z & Seg & Same & _).
    destruct (segment_run _ _ _ Seg [] (execution_start text width M clients)) as (tr & Run).
    destruct (as_rounds W n last z tr Run Same Rounds (Nat.le_refl _)) as (z' & Rounds' & Same').
    destruct (thread_at arch L stride base (run n) z c _ Same At) as (t & At' & Thread).
    exists cs, z, t, z'; auto 6.
  Qed.

  Theorem bytes_starvation_freedom n c f i history before s : (c < N)%nat ->
    nth_error (places (run n)) c = Some (Running (Op_acquire f i) history before s) ->
    byte_rounds clients run who (whole_rounds A B N (Datatypes.S (above (lock_id f i))) * step_turns R) n last ->
    byte_over c history (run last).
  Proof.
    intros Cpu At Rounds.
    destruct (rounds_beside _ n c _ At Rounds) as (cs & z & t & z' & Seg & At' & Thread & Rounds' & Same').
    apply (same_over (run last) z'); [exact Same'|].
    assert (Calls : exists sc, t = Calling (Op_acquire f i) history sc).
    { destruct (same_running _ _ _ _ _ _ _ _ _ _ _ Thread)
        as (k & f1 & i1 & at_ & g & _ & _ & _ & _ & _ & _ & In_c & _).
      destruct g; destruct In_c as (s1 & In_c); try (destruct In_c as (-> & _); eauto; fail).
      exfalso; destruct In_c as (-> & _); destruct (good_reached Never cs z Seg) as (y & [Rel _ _ _]).
      destruct (match_at z y c _ Rel At') as (q & _ & Stands & _); inversion Stands. }
    destruct Calls as (sc & ->).
    exact (starvation.starvation_freedom above A B Orderly Never cs z c f i history sc z' Seg Cpu At' Rounds').
  Qed.

  (** Whatever operation a CPU is at, or is to begin, ends. *)
  Theorem bytes_deadlock_freedom levels n c b history : (c < N)%nat ->
    (forall f i, List.In f the_table -> in_family f i = true -> (above (lock_id f i) < levels)%nat) ->
    nth_error (places (run n)) c = Some b -> machine.history_of b = Some history -> clients c history <> None ->
    byte_rounds clients run who (whole_rounds A B N levels * step_turns R) n last -> byte_over c history (run last).
  Proof.
    intros Cpu Levels At Told Works Rounds.
    destruct (rounds_beside _ n c b At Rounds) as (cs & z & t & z' & Seg & At' & Thread & Rounds' & Same').
    apply (same_over (run last) z'); [exact Same'|].
    refine (starvation.deadlock_freedom above A B Orderly Never levels cs z c t history z' Levels Seg Cpu At' _ Works
      Rounds').
    destruct b as [h|o h before s|]; cbn in Told; [injection Told as ->| |discriminate]; [now inversion Thread|].
    injection Told as ->.
    destruct (same_running _ _ _ _ _ _ _ _ _ _ _ Thread) as (k & f1 & i1 & at_ & g & _ & _ & _ & _ & _ & _ & In_c & _).
    destruct g; destruct In_c as (s1 & In_c); try destruct In_c as (-> & _); reflexivity.
  Qed.
End Live.

(** ** For ever *)
Section Forever.
  Context {G : running} {I : Type} (L : library I) (base : Z) (run : nat -> byte_machine the_system) (who : nat -> cpu).
  Context (Turns : byte_infinite L base clients run who) (Fair : byte_fair clients run who).

  (** A fair execution is rounds, from any time on, as many as one likes. *)
  Lemma byte_round_comes n : exists m, byte_round clients run who n m.
  Proof.
    assert (All : forall j, (j <= processors)%nat -> exists m, (n <= m)%nat /\ forall c, (c < j)%nat ->
      (exists k, (n <= k < m)%nat /\ who k = c) \/ byte_finished clients c (run m)).
    { induction j as [|j IH]; intros Few; [exists n; split; [lia|intros c Is; lia]|].
      destruct (IH ltac:(lia)) as (m & Later & Had), (Fair n j ltac:(cbn; lia)) as (k & After & Is).
      assert (Lasts : forall c a b, (a <= b)%nat -> byte_finished clients c (run a) -> byte_finished clients c (run b))
        by (intros c a b Less; exact (finished_stays L base run who b (Turns b) c a b Less (Nat.le_refl b))).
      exists (Nat.max m (S k)); split; [lia|]; intros c Below; destruct (Nat.eq_dec c j) as [->|].
      - destruct Is as [Mine|Fin]; [left; exists k; split; [lia|exact Mine]|right].
        apply (Lasts j k); [lia|exact Fin].
      - destruct (Had c ltac:(lia)) as [(k' & Within & Mine)|Fin]; [left; exists k'; split; [lia|exact Mine]|right].
        apply (Lasts c m); [lia|exact Fin]. }
    destruct (All processors (Nat.le_refl _)) as (m & Later & Had); exists m; split; assumption.
  Qed.
  Theorem byte_rounds_come k : forall n, exists m, (n <= m)%nat /\ byte_rounds clients run who k n m.
  Proof.
    induction k as [|k IH]; intros n; [exists n; split; [lia|reflexivity]|].
    destruct (byte_round_comes n) as (m1 & Round), (IH m1) as (m & Later & Rest); pose proof (proj1 Round).
    exists m; split; [lia|exists m1; auto].
  Qed.
End Forever.
