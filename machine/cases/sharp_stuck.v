(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Sharp: the statements are false of an acquire that spins, and of one that does nothing

    The C of one turns in a loop, that of the other returns at once; the clients are good,
    memory is consistent.  Under the first nobody ever gets in.  Under the second a CPU
    writes what it does not hold, so what another is told of the others is out of order.
    What sharp_*.v files are for: sharp_table.v. *)
From Coq Require Import ZArith List Bool String Lia.
From hlock.clight Require Import values syntax semantics smallstep.
From hlock.layers.view Require Import spec.
From hlock.layers Require Import L0_machine.spec.
From hlock.layers.table Require Import table.
From hlock.layers.L4_locks Require Import spec contract text.
From hlock.machine.model Require Import thread memory machine atomic.
From hlock.machine.bridge Require Import explained.
From hlock.machine.live Require Import live endless.
From hlock.machine.cases Require Import small statements_live sharp_good.
Import ListNotations.
Local Open Scope Z_scope.
Local Open Scope string_scope.
Local Open Scope clight_scope.
Local Open Scope list_scope.

Definition acquires_by (body : statement) : program := {|
  functions := [($"acquire_lock_core", Gfun (Internal {| fn_return := tvoid; fn_callconv := cc_default;
    fn_params := []; fn_vars := []; fn_temps := []; fn_body := body |}))];
  prefix_of := "" |}.
Definition M : memory_system small := sc_memory small 1.

(** ** What is asked of the clients *)
Lemma good_held c history : held (good c) history =
  if Nat.ltb c 2 && Nat.leb 1 (List.length history) && Nat.leb (List.length history) 3 then [0] else [].
Proof.
  induction history as [|a history IH]; [now rewrite andb_false_r|]; cbn [held]; rewrite IH; clear IH.
  destruct c as [|[|c]].
  3: { unfold good, go_through, goes_through; replace (nth _ _ _) with (@nil (op small)) by (now destruct c).
    now destruct (List.length history). }
  all: unfold good, go_through, goes_through, nth; cbn [List.length].
  all: destruct (List.length history) as [|[|[|[|[|n]]]]]; reflexivity.
Qed.
Lemma good_goes_on c history : held (good c) history <> [] -> exists o, good c history = Some o /\ ends o = false.
Proof.
  rewrite good_held; destruct c as [|[|c]]; [| |intros Held; now contradiction Held].
  all: unfold good, go_through, goes_through, nth; destruct (List.length history) as [|[|[|[|[|n]]]]]; cbn;
    intros Held; try (now destruct Held); eexists; split; reflexivity.
Qed.
Lemma good_acquires c history f i : good c history = Some (Op_acquire f i) -> history = [].
Proof.
  intros Is; apply good_does in Is.
  destruct history as [|a1 [|a2 [|a3 [|a4 [|a5 history]]]]]; [reflexivity|discriminate..].
Qed.
Definition level (l : Z) : nat := 0.
Lemma good_climbs told c : climbs told (good c) level.
Proof. intros history f i l _ Is Held; apply good_acquires in Is as ->; destruct Held. Qed.
Lemma good_since l history : List.In l (held (good 0) history) -> (since (good 0) l history < 3)%nat.
Proof.
  rewrite good_held; cbn [Nat.ltb Nat.leb andb].
  destruct history as [|a1 [|a2 [|a3 [|a4 history]]]]; cbn; intros Held; try contradiction; destruct Held as [<-|[]];
    cbn; lia.
Qed.
Lemma good_orderly told c : orderly told (good c) level 0 3.
Proof.
  split; [apply good_climbs|intros history _; apply good_goes_on| |].
  - intros history l _ Held; destruct c as [|[|c]]; [exact (good_since l history Held)..|].
    rewrite good_held in Held; destruct Held.
  - intros history f i l _ Is Held; apply good_acquires in Is as ->; destruct Held.
Qed.
Lemma good_sections told c : sections_end told (good c).
Proof.
  intros history l _; enough (All : forall n h, (n + List.length h = 4)%nat \/ (4 <= List.length h)%nat ->
    lets_go_of told (good c) l h).
  { destruct (Nat.le_gt_cases 4 (List.length history)); [apply (All 0%nat); now right|].
    apply (All (4 - List.length history)%nat); left; lia. }
  induction n as [|n IH]; intros h Long; constructor; intros Held a _.
  - rewrite good_held in Held; exfalso.
    replace (Nat.leb (List.length h) 3) with false in Held by (symmetry; apply Nat.leb_gt; lia).
    rewrite andb_false_r in Held; destruct Held.
  - apply IH; cbn [List.length]; lia.
Qed.

(** ** An acquire that spins *)
Definition spins : program := acquires_by (Sloop Sskip Sskip).
Definition o : op small := acquire core 0.
Definition next_state (s : state) : state := match step (functions spins) s with Some s => s | None => s end.
Definition turning : list state := map (fun n => Nat.iter n next_state (name_of spins Acquire core 0)) (seq 0 7).
Definition tick (t : thread small) : thread small :=
  match t with
  | Calling o history s => Calling o history (next_state s)
  | _ => Calling o [] (name_of spins Acquire core 0)
  end.
(** Before its acquire, or in it. *)
Definition waits (t : thread small) : Prop := t = Idle [] \/ exists s, t = Calling o [] s /\ List.In s turning.
Lemma waits_on c t : (c < 2)%nat -> waits t -> waits (tick t) /\
  (next_move spins 1 (good c) t = Local (tick t) \/ next_move spins 1 (good c) t = Call o (tick t)).
Proof.
  intros Cpu [->|(s & -> & In)].
  - split; [right; eexists; split; [reflexivity|now left]|right]; destruct c as [|[|c]]; [reflexivity|reflexivity|lia].
  - unfold turning in In; cbn [map seq List.In] in In.
    repeat (destruct In as [<-|In];
      [split; [right; eexists; split; [reflexivity|vm_compute; repeat (first [left; reflexivity|right])]|
        left; reflexivity]|]).
    destruct In.
Qed.
Lemma waits_step c ts t g : nth_error ts c = Some t -> (c < 2)%nat -> waits t -> exists v,
  calm_step spins 1 M good c (mkMachine (M := M) ts g) v (mkMachine (M := M) (put_at c (tick t) ts) g).
Proof.
  intros At Cpu Waits; destruct (waits_on c t Cpu Waits) as (_ & [Does|Does]).
  - exists None; split; [now apply step_local with t|discriminate].
  - exists (Some (Called o)); split; [now apply step_call with t|discriminate].
Qed.
Definition turned (n : nat) : thread small := Nat.iter n tick (Idle []).
Lemma turned_waits n : waits (turned n).
Proof. induction n as [|n IH]; [now left|exact (proj1 (waits_on 0 _ ltac:(lia) IH))]. Qed.
Definition both (n m : nat) : machine M := mkMachine (M := M) [turned n; turned m] [].
Lemma first_steps n m : exists v, calm_step spins 1 M good 0 (both n m) v (both (Datatypes.S n) m).
Proof. exact (waits_step 0 [turned n; turned m] (turned n) [] eq_refl ltac:(lia) (turned_waits n)). Qed.
Lemma second_steps n m : exists v, calm_step spins 1 M good 1 (both n m) v (both n (Datatypes.S m)).
Proof. exact (waits_step 1 [turned n; turned m] (turned m) [] eq_refl ltac:(lia) (turned_waits m)). Qed.
Lemma both_step n : segment spins 1 M good (both n n) [0; 1]%nat (both (Datatypes.S n) (Datatypes.S n)).
Proof.
  destruct (first_steps n n) as (v & First), (second_steps (Datatypes.S n) n) as (v' & Second).
  exact (one_step _ _ _ _ _ _ _ _ _ _ First (one_step _ _ _ _ _ _ _ _ _ _ Second (no_step _ _ _ _ _))).
Qed.
Lemma both_rounds k : forall n, rounds spins 1 M good k (both n n) (both (k + n) (k + n)).
Proof.
  induction k as [|k IH]; intros n; [reflexivity|]; exists (both (Datatypes.S n) (Datatypes.S n)); split.
  - exists [0; 1]%nat; split; [apply both_step|intros [|[|c]] Less; cbn in *; [tauto|tauto|lia]].
  - pose proof (IH (Datatypes.S n)) as Rest; rewrite Nat.add_succ_r in Rest; exact Rest.
Qed.
Lemma never_over n m c : ~ over c [] (both n m).
Proof.
  intros (t & At & Beyond).
  assert (Waits : waits t).
  { destruct c as [|[|c]]; cbn in At; [injection At as <-|injection At as <-|destruct c; discriminate At];
      apply turned_waits. }
  destruct Waits as [->|(s & -> & _)]; cbn in Beyond; lia.
Qed.
Example acquires_end_refuted : ~ acquires_end small_table spins 1 good level 0 3.
Proof.
  intros All.
  exact (never_over _ _ 0 (All good_never_breach (fun c => good_orderly _ c) [0; 1]%nat (both 1 1) 0%nat core 0 [] _ _
    (both_step 0) (Nat.lt_0_succ 1) eq_refl (both_rounds _ 1))).
Qed.
Example operations_end_refuted : ~ operations_end small_table spins 1 good level 0 3 1.
Proof.
  intros All.
  refine (never_over _ _ 0 (All good_never_breach (fun c => good_orderly _ c) _ [0; 1]%nat (both 1 1) 0%nat _ [] _
    (both_step 0) (Nat.lt_0_succ 1) eq_refl eq_refl _ (both_rounds _ 1))); [intros; unfold level; lia|discriminate].
Qed.

(** In turn, for ever. *)
Definition who (n : nat) : cpu := Nat.modulo n 2.
Definition run (n : nat) : machine M := both (Nat.div2 (Datatypes.S n)) (Nat.div2 n).
Lemma runs : infinite_execution spins 1 M good run who.
Proof.
  split; [reflexivity|]; intros n; left; unfold run, who.
  destruct (Nat.Even_or_Odd n) as [(k & ->)|(k & ->)].
  - replace (Nat.modulo (2 * k) 2) with 0%nat by (rewrite Nat.mul_comm; symmetry; apply Nat.mod_mul; lia).
    change (Nat.div2 (Datatypes.S (Datatypes.S (2 * k)))) with (Datatypes.S (Nat.div2 (2 * k))).
    rewrite Nat.div2_succ_double, Nat.div2_double; apply first_steps.
  - replace (Nat.modulo (2 * k + 1) 2) with 1%nat
      by (rewrite Nat.add_comm, Nat.mul_comm, Nat.mod_add by lia; reflexivity).
    rewrite Nat.add_1_r.
    change (Nat.div2 (Datatypes.S (Datatypes.S (2 * k)))) with (Datatypes.S (Nat.div2 (2 * k))).
    change (Nat.div2 (Datatypes.S (Datatypes.S (Datatypes.S (2 * k)))))
      with (Datatypes.S (Nat.div2 (Datatypes.S (2 * k)))).
    rewrite Nat.div2_succ_double, Nat.div2_double; apply second_steps.
Qed.
Lemma runs_fair : fair M good run who.
Proof.
  intros n c Cpu; exists (c + n * 2)%nat; split; [lia|left]; unfold who; rewrite Nat.mod_add by lia.
  apply Nat.mod_small; exact Cpu.
Qed.
Lemma good_keeps_order told c : keeps_order told (good c) level.
Proof. split; [apply good_climbs|intros history _; apply good_goes_on]. Qed.
Example acquires_end_forever_refuted : ~ acquires_end_forever small_table spins 1 good level.
Proof.
  intros All; destruct (All good_never_breach (fun c => good_keeps_order _ c) (fun c => good_sections _ c) run who runs
    runs_fair 1%nat 0%nat core 0 [] _ (Nat.lt_0_succ 1) eq_refl) as (m & _ & Over).
  exact (never_over _ _ _ Over).
Qed.
Example somebody_goes_on_refuted : ~ somebody_goes_on small_table spins 1 good level.
Proof.
  intros All; destruct (All good_never_breach (fun c => good_keeps_order _ c) run who runs runs_fair 1%nat 0%nat core 0
    [] _ (Nat.lt_0_succ 1) eq_refl) as (m & _ & v & (Step & _) & Goes).
  assert (At : forall t, nth_error (threads (run m)) (who m) = Some t -> waits t).
  { intros t Is; unfold run in Is; destruct (who m) as [|[|c]]; cbn in Is;
      [injection Is as <-|injection Is as <-|destruct c; discriminate Is]; apply turned_waits. }
  assert (Cpu : (who m < 2)%nat) by (apply Nat.mod_upper_bound; lia).
  destruct Goes as [(f & i & ->)|(t & history & Is & Past & Held & _)].
  - remember (run m) as x eqn:Same; remember (Some (Returned (Op_acquire f i))) as v eqn:Seen.
    destruct Step as [| |ts g t t' o' Is Does|ts g t a t' g'|]; try discriminate Seen; [|destruct a; discriminate Seen].
    destruct (waits_on _ t Cpu (At t Is)) as (_ & [Not|Not]); rewrite Not in Does; discriminate Does.
  - destruct (At t Is) as [->|(s & -> & _)]; injection Past as <-; now apply Held.
Qed.

(** ** An acquire that does nothing *)
Definition leaps : program := acquires_by Sskip.
Definition wrote : log small words_verb := [(1%nat, Wrote 0 7 (value 0 1))].
Definition alone (t : thread small) (g : log small words_verb) : machine M := mkMachine (M := M) [Idle []; t] g.
(** CPU 1, after that many steps. *)
Definition after_it (n : nat) : thread small := Nat.iter n (fun t =>
  match next_move leaps 1 (good 1) t with Local t | Call _ t | Return _ t | Put _ _ _ t => t | _ => t end) (Idle []).
Lemma leaps_on n o' : List.In (next_move leaps 1 (good 1) (after_it n))
    [Local (after_it (Datatypes.S n)); Call o' (after_it (Datatypes.S n)); Return o' (after_it (Datatypes.S n))] ->
  exists v, machine_step leaps 1 M good 1 (alone (after_it n) []) v (alone (after_it (Datatypes.S n)) []).
Proof.
  intros [Does|[Does|[Does|[]]]]; eexists; symmetry in Does;
    [eapply (step_local leaps 1 M good 1%nat [Idle []; after_it n])|eapply (step_call leaps 1 M good 1%nat [Idle [];
      after_it n])|eapply (step_return leaps 1 M good 1%nat [Idle []; after_it n])]; first [exact Does|reflexivity].
Qed.
Lemma leaps_to n : (n <= 5)%nat -> exists tr, execution leaps 1 M good tr (alone (after_it n) []).
Proof.
  induction n as [|n IH]; intros Less; [exists []; exact (execution_start leaps 1 M good)|].
  destruct IH as (tr & Run); [lia|].
  enough (Step : exists v, machine_step leaps 1 M good 1 (alone (after_it n) []) v
      (alone (after_it (Datatypes.S n)) []))
    by (destruct Step as (v & Step); eexists; exact (execution_step _ _ _ _ _ _ _ _ _ Run Step)).
  apply (leaps_on n o).
  do 5 (destruct n as [|n]; [first [left; reflexivity|right; left; reflexivity|right; right; left; reflexivity]|]); lia.
Qed.
Lemma leaps_in : exists tr t, execution leaps 1 M good tr (alone t wrote).
Proof.
  destruct (leaps_to 5 (le_n 5)) as (tr & Run); eexists; exists (after_it 6); eapply execution_step; [exact Run|].
  apply (step_memory leaps 1 M good 1%nat [Idle []; after_it 5] [] (after_it 5) (Wrote 0 7 (value 0 1)));
    [reflexivity|split; reflexivity|split; [exact I|reflexivity]].
Qed.
Example bridged_refuted : ~ bridged small_table leaps 1 good.
Proof.
  intros All; destruct leaps_in as (tr & t & Run).
  destruct (All good_never_breach tr _ Run unit tt 0%nat (Idle []) eq_refl) as [Safe _ _ _ _].
  destruct (Safe (among 1 0 wrote)) as (_ & Others); [left; exists 0%nat, []; split; reflexivity|].
  specialize (Others [] (1%nat, Wrote 0 7 (value 0 1)) [] eq_refl); cbn [fst] in Others; discriminate Others.
  discriminate.
Qed.
