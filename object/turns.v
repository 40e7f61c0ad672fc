(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Infinite executions of the bytes, computed

    Who has a turn at each time, and whether a store-exclusive is lucky, is a function of time; so are then
    the states ([run_on]).  That each turn is one ([able]) and how often a store-exclusive is tried
    ([attempts]) is computed.  Read next: live_cases.v. *)
From Coq Require Import ZArith List Bool Arith Lia.
From hlock.clight Require Import options.
From hlock.layers.view Require Import spec.
From hlock.layers.L4_locks Require Import spec text.
From hlock.machine.model Require Import machine.
From hlock.object Require Import micro machine steps endless.
Import ListNotations.
Local Open Scope Z_scope.

Section Turns.
  Context {I : Type} {S : system} (L : library I) (base : Z) (clients : cpu -> client S).
  Local Notation machine := (byte_machine S).
  Local Notation next_step := (next_step L base clients).

  Definition request_of (c : cpu) (x : machine) : option (request I) :=
    match nth_error (places x) c with
    | Some (Running _ _ _ s) => Some (asks base (lib_code L) s)
    | _ => None
    end.
  Lemma request_sound c x r : request_of c x = Some r <-> asks_for L base c x r.
  Proof.
    unfold request_of, asks_for; split; [|intros (o & h & b & s & -> & ->); reflexivity].
    destruct (nth_error (places x) c) as [[|o h b s|]|] eqn:At; try discriminate; intros [= <-]; eauto 7.
  Qed.
  Definition asleep_now (c : cpu) (x : machine) : bool :=
    negb (event (memory x) c) && match request_of c x with Some (Rest _) => true | _ => false end.
  Lemma asleep_sound c x : asleep_now c x = true -> asleep L base c x.
  Proof.
    unfold asleep_now; destruct (request_of c x) as [[]|] eqn:Is; rewrite ?andb_false_r; try discriminate.
    intros Asleep; split; [now destruct (event (memory x) c)|]; exists s; now apply request_sound.
  Qed.
  Definition tries_now (c : cpu) (x : machine) : bool :=
    match request_of c x with Some (Ask_store_x _ _ _ _ _) => true | _ => false end.
  Definition done_now (c : cpu) (x : machine) : bool :=
    match nth_error (places x) c with
    | Some (Resting history) => match clients c history with None => true | Some _ => false end
    | Some Off => true
    | _ => false
    end.

  (** A turn of a CPU: it sleeps, or has finished, or makes a step. *)
  Definition turn (move : cpu * bool) (x : machine) : machine :=
    if asleep_now (fst move) x then x
    else match next_step (fst move) (snd move) x with Some (_, x') => x' | None => x end.
  Definition able (move : cpu * bool) (x : machine) : bool :=
    asleep_now (fst move) x || done_now (fst move) x ||
    match next_step (fst move) (snd move) x with Some _ => true | None => false end.

  Lemma next_step_calm c lucky x v x' : next_step c lucky x = Some (v, x') -> v <> Some Did_halt.
  Proof.
    unfold steps.next_step, begins; destruct (nth_error (places x) c) as [[h|o h b s|]|]; try discriminate.
    - destruct (clients c h) as [[f i|f i|f i k|f i k w|]|]; try discriminate;
        try (destruct (lib_entry L _ f); [|discriminate]); try (destruct (called_with_now _ _ _); [|discriminate]);
        intros [= <- _]; discriminate.
    - destruct (asks base (lib_code L) s) eqn:Ask; try (destruct (goes_back_now L b a rs); [|discriminate]);
        try (destruct (accesses L base c lucky (memory x) _) as [[? ?]|]; [|discriminate]);
        intros [= <- _]; discriminate.
  Qed.
  Lemma done_finished c x : done_now c x = true -> byte_finished clients c x.
  Proof.
    unfold done_now, byte_finished; destruct (nth_error (places x) c) as [[h| |]|]; try discriminate; [|auto].
    now destruct (clients c h).
  Qed.
  Lemma done_stays move x : done_now (fst move) x = true -> turn move x = x.
  Proof.
    unfold done_now, turn, asleep_now, request_of, steps.next_step.
    destruct (nth_error (places x) (fst move)) as [[h| |]|]; try discriminate; rewrite andb_false_r; [|reflexivity].
    now destruct (clients (fst move) h).
  Qed.

  Context (moves : nat -> cpu * bool).
  Fixpoint run_on (n : nat) : machine :=
    match n with O => first_bytes | Datatypes.S n => turn (moves n) (run_on n) end.
  Definition who (n : nat) : cpu := fst (moves n).

  Lemma able_turn n : able (moves n) (run_on n) = true -> byte_turn L base clients run_on who n.
  Proof.
    unfold able, byte_turn; cbn [run_on]; unfold turn, who.
    destruct (asleep_now (fst (moves n)) (run_on n)) eqn:Asleep.
    { intros _; right; split; [right; now apply asleep_sound|reflexivity]. }
    destruct (done_now (fst (moves n)) (run_on n)) eqn:Done.
    { intros _; right; split; [left; now apply done_finished|].
      pose proof (done_stays _ _ Done) as Stays; unfold turn in Stays; now rewrite Asleep in Stays. }
    destruct (next_step _ _ _) as [[v x']|] eqn:Next; [|discriminate]; intros _; left; exists v; split.
    - exact (next_step_sound L base clients _ _ _ _ _ Next).
    - intros E; now destruct (next_step_calm _ _ _ _ _ Next).
  Qed.
  Theorem able_infinite : (forall n, able (moves n) (run_on n) = true) -> byte_infinite L base clients run_on who.
  Proof. intros Able last; split; [reflexivity|intros n _; apply able_turn, Able]. Qed.

  (** An unlucky store-exclusive fails. *)
  Lemma unlucky_fails n : tries_now (who n) (run_on n) = true -> able (moves n) (run_on n) = true ->
    snd (moves n) = false -> fails L base run_on who (who n) n.
  Proof.
    unfold tries_now, able, fails, done_now, asleep_now, request_of; cbn [run_on]; fold (who n); intros Tries Able
      Unlucky.
    split; [reflexivity|]; destruct (nth_error (places (run_on n)) (who n)) as [[|o h b s|]|] eqn:At; try discriminate.
    destruct (asks base (lib_code L) s) as [| | |is a v done failed| | | | | |] eqn:Ask; try discriminate.
    exists o, h, b, s, is, a, v, done, failed; split; [reflexivity|split; [exact Ask|]].
    unfold turn, asleep_now, request_of, steps.next_step in *; fold (who n).
    rewrite andb_false_r in Able; cbn [orb] in Able; rewrite At, Ask, andb_false_r, Unlucky in *; cbn [accesses] in *.
    destruct (is_in_array L base a); [|discriminate]; cbn [andb places].
    clear - At; revert At; generalize (places (run_on n)), (who n) as c; intros bs c; revert bs.
    induction c as [|c IH]; intros [|b' bs]; cbn; try discriminate; auto.
  Qed.

  (** How many store-exclusives have been tried, by any CPU, before time [n]. *)
  Fixpoint attempts (n : nat) : nat :=
    match n with
    | O => 0
    | Datatypes.S n => (if tries_now (who n) (run_on n) then 1 else 0) + attempts n
    end.
  Lemma attempts_more n m : (n <= m)%nat -> (attempts n <= attempts m)%nat.
  Proof. induction 1; cbn [attempts]; lia. Qed.
  (** The same of the turns from time [n] on, when the state is [x]. *)
  Fixpoint all_able (k n : nat) (x : machine) : bool :=
    match k with
    | O => true
    | Datatypes.S k => able (moves n) x && all_able k (Datatypes.S n) (turn (moves n) x)
    end.
  Fixpoint more_attempts (k n : nat) (x : machine) : nat :=
    match k with
    | O => 0
    | Datatypes.S k =>
        (if tries_now (who n) x then 1 else 0) + more_attempts k (Datatypes.S n) (turn (moves n) x)
    end.
  Lemma all_able_sound k : forall n, all_able k n (run_on n) = true ->
    forall j, (n <= j < n + k)%nat -> able (moves j) (run_on j) = true.
  Proof.
    induction k as [|k IH]; intros n; cbn [all_able]; [lia|]; rewrite andb_true_iff; intros (Here & Rest) j Within.
    destruct (Nat.eq_dec j n) as [->|]; [exact Here|apply (IH (Datatypes.S n) Rest); lia].
  Qed.
  Lemma more_attempts_sound k : forall n, attempts (n + k) = (more_attempts k n (run_on n) + attempts n)%nat.
  Proof.
    induction k as [|k IH]; intros n; cbn [more_attempts]; [now rewrite Nat.add_0_r|].
    rewrite Nat.add_succ_r; change (Datatypes.S (n + k)) with (Datatypes.S n + k)%nat; rewrite IH.
    cbn [attempts]; fold (run_on (Datatypes.S n)); change (turn (moves n) (run_on n)) with (run_on (Datatypes.S n));
      lia.
  Qed.

  (** Who have finished do nothing. *)
  Lemma finished_for_ever n : (forall k, (n <= k)%nat -> done_now (who k) (run_on n) = true) ->
    forall m, (n <= m)%nat -> run_on m = run_on n /\ attempts m = attempts n.
  Proof.
    intros Done m; induction 1 as [|m Later (Same & Few)]; [split; reflexivity|]; specialize (Done m Later).
    cbn [run_on attempts]; rewrite Same, Few; split; [exact (done_stays (moves m) _ Done)|].
    unfold tries_now, request_of, done_now in *; now destruct (nth_error (places (run_on n)) (who m)) as [[| |]|].
  Qed.
  Theorem few_attempts R : (forall n, (attempts n <= R)%nat) -> forall last, fails_at_most L base run_on who R last.
  Proof.
    intros Few last c n m k _ Row.
    assert (k + attempts n <= attempts m)%nat; [|specialize (Few m); lia].
    induction Row as [|m k Row IH (Mine & o & h & b & s & is & a & v & done & failed & At & Ask & _)|m k Row IH _];
      cbn [attempts]; try lia.
    unfold tries_now, request_of; rewrite Mine, At, Ask; lia.
  Qed.
End Turns.

(** Two CPUs: a script first, then one after the other, luckily or not. *)
Definition then_both (script : list (cpu * bool)) (lucky : bool) (n : nat) : cpu * bool :=
  nth n script (Nat.modulo n 2, lucky).
Lemma then_both_fair {S : system} (clients : cpu -> client S) run script lucky : cpus S = 2%nat ->
  byte_fair clients run (who (then_both script lucky)).
Proof.
  intros Two n c Cpu; rewrite Two in Cpu; exists (2 * (n + List.length script) + c)%nat; split; [lia|left].
  unfold who, then_both; rewrite nth_overflow by lia; cbn [fst].
  rewrite Nat.mul_comm, Nat.add_comm, Nat.mod_add by lia; now apply Nat.mod_small.
Qed.
Lemma then_both_later script lucky n : (List.length script <= n)%nat ->
  then_both script lucky n = (Nat.modulo n 2, lucky).
Proof. intros Later; unfold then_both; now rewrite nth_overflow. Qed.
